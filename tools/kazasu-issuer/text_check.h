/* SPDX-License-Identifier: Apache-2.0 */
/* text_check.h — does a PDF say what was meant to be said? (flows K21) */
#ifndef ISSUER_TEXT_CHECK_H
#define ISSUER_TEXT_CHECK_H

#include <card/bytes.h>

/* Read the document with other eyes than those that made it (poppler): the same number of pages, and
 * exactly the characters of `drawn` (with their variation selectors), blanks and hyphens apart. */
bool text_check(struct card_bytes pdf, size_t pages, struct card_bytes drawn);

#endif
