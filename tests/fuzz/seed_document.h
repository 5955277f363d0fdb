/* SPDX-License-Identifier: Apache-2.0 */
/* seed_document.h — signed documents and applications for the corpus. */
#ifndef FUZZ_SEED_DOCUMENT_H
#define FUZZ_SEED_DOCUMENT_H

#include <card/bytes.h>

typedef void seed_put_fn(const char *target, const char *name, struct card_bytes b);

/* Hand each to put; ends the program if one cannot be made. */
void seed_documents(seed_put_fn *put);

#endif
