/* SPDX-License-Identifier: Apache-2.0 */
/* sign_pdf.h — what `kazasu sign` knows of PDF: where a signature is shown, fields, refusals. */
#ifndef KAZASU_SIGN_PDF_H
#define KAZASU_SIGN_PDF_H

#include <cardflow/sign.h>

#include "kazasu.h"

struct sign_pdf {
	const char *visible; /* the word on the command line; NULL: none */
	const char *field;
	struct flow_pdf_visible place;
};

/* Read --visible into place. KZ_GO, or the exit code. */
int kz_sign_pdf_read(struct kz *kz, struct sign_pdf *o);

struct flow_pdf_options kz_sign_pdf_options(const struct sign_pdf *o);

/* Say why a document is not signed; returns the exit code. */
int kz_sign_pdf_refuse(struct kz *kz, const char *path, const struct flow_pdf_fault *fault);

/* --list-fields: the signature fields of each file. */
int kz_sign_pdf_list(struct kz *kz, const char *const *paths, size_t n);

#endif
