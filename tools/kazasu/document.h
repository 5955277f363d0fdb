/* SPDX-License-Identifier: Apache-2.0 */
/* document.h — what signing and verifying documents share. */
#ifndef KAZASU_DOCUMENT_H
#define KAZASU_DOCUMENT_H

#include "kazasu.h"

#include <cardflow/report.h>
#include <cardflow/timestamp.h>
#include <cardflow/verify_document.h>

/* Open a file to be signed or verified, and follow it. KZ_GO, or the exit code. */
int kz_document_open(struct kz *kz, const char *path, flow_file_t **out);

/* Tell how far it is, every 64 MiB, whenever a file of 256 MiB or more is gone through. */
void kz_document_follow(struct kz *kz, flow_file_t *file);

/* The roots of time-stamping authorities in a PEM file; NULL gives NULL. KZ_GO, or the exit code. */
int kz_tsa_trust(struct kz *kz, const char *path, flow_tsa_trust_t **out);

/* flow_revocation_fn over a card_verify_t (pki.h). */
enum card_error kz_revocation(void *ctx, const card_cert_t *cert, const card_cert_t *issuer,
			      int64_t at, struct card_revocation_answer *out);

/* Sign an application, JSON as CMS with its content, XML enveloped (cmd_sign.c); output NULL: beside
 * it. The exit code. */
int kz_sign_application(struct kz *kz, const char *path, const char *output, bool yes,
			bool last_try);

/* One reason of a set; false if there are no more. *i begins at 0. */
struct kz_reason {
	const char *code, *text;
	bool undetermined; /* it alone only leaves the verdict open */
};
bool kz_reason_next(const struct kz *kz, const struct flow_reasons *r, unsigned *i,
		    struct kz_reason *out);

/* Say what was found in one file; the JSON of it. */
void kz_report_say(const struct kz *kz, const char *path, const struct flow_report *r);
json_t *kz_report_json(const struct kz *kz, const char *path, const struct flow_report *r);

/* The same as one page of a report for people (document_sheet.c). content: the name of what a
 * detached signature is over, or NULL. */
void kz_report_sheet(const struct kz *kz, flow_sheet_t *sheet, const char *path,
		     const flow_file_t *file, const char *content, const struct flow_report *r);

/* Write it: PDF or HTML, by the ending of the name. KZ_GO, or the exit code. */
int kz_sheet_write(struct kz *kz, const flow_sheet_t *sheet, const char *path);
/* false: the failure (an ending that is neither) was reported and *rc set. */
bool kz_sheet_check(struct kz *kz, const char *path, int *rc);

#endif
