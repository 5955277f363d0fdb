/* SPDX-License-Identifier: Apache-2.0 */
/* seed_pdf.h — PDF files of every structure, signed with the test person's key, for the corpus. */
#ifndef SEED_PDF_H
#define SEED_PDF_H

#include <card/bytes.h>

/* Give each file to put, for the targets that read PDF. */
void seed_pdf(void (*put)(const char *target, const char *name, struct card_bytes b));

#endif
