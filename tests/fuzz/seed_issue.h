/* SPDX-License-Identifier: Apache-2.0 */
/* seed_issue.h — messages, papers and tables of convenience-store issuance, for the corpus. */
#ifndef SEED_ISSUE_H
#define SEED_ISSUE_H

#include <card/bytes.h>

void seed_issue(void (*put)(const char *target, const char *name, struct card_bytes b));

#endif
