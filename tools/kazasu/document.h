/* SPDX-License-Identifier: Apache-2.0 */
/* document.h — what signing and verifying documents share. */
#ifndef KAZASU_DOCUMENT_H
#define KAZASU_DOCUMENT_H

#include "kazasu.h"

#include <cardflow/timestamp.h>
#include <cardflow/verify_document.h>

/* Open a file to be signed or verified. KZ_GO, or the exit code. */
int kz_document_open(struct kz *kz, const char *path, flow_file_t **out);

/* The roots of time-stamping authorities in a PEM file; NULL gives NULL. KZ_GO, or the exit code. */
int kz_tsa_trust(struct kz *kz, const char *path, flow_tsa_trust_t **out);

/* flow_revocation_fn over a card_verify_t (pki.h). */
enum card_error kz_revocation(void *ctx, const card_cert_t *cert, const card_cert_t *issuer,
			      int64_t at, struct card_revocation_answer *out);

/* Sign an application as CMS with its content (cmd_sign.c); output NULL: beside it. The exit code. */
int kz_sign_application(struct kz *kz, const char *path, const char *output, bool yes,
			bool last_try);

/* Say what was found in one file; the JSON of it. */
void kz_report_say(const struct kz *kz, const char *path, const struct flow_report *r);
json_t *kz_report_json(const struct kz *kz, const char *path, const struct flow_report *r);

#endif
