/* SPDX-License-Identifier: Apache-2.0 */
/* document.h — what signing and verifying documents share. */
#ifndef KAZASU_DOCUMENT_H
#define KAZASU_DOCUMENT_H

#include "kazasu.h"

#include <card/trust.h>
#include <cardflow/timestamp.h>
#include <cardflow/verify_document.h>

/* Open a file to be signed or verified. KZ_GO, or the exit code. */
int kz_document_open(struct kz *kz, const char *path, flow_file_t **out);

/* The CA certificates of --trust (default /etc/kazasu/trust, if there is one); with --test-roots
 * also those made for this tree. KZ_GO, or the exit code. */
int kz_document_trust(struct kz *kz, card_trust_t **out);

/* The roots of time-stamping authorities in a PEM file; NULL gives NULL. KZ_GO, or the exit code. */
int kz_tsa_trust(struct kz *kz, const char *path, flow_tsa_trust_t **out);

/* POST to a time-stamping authority (flow_fetch_fn): http and https only, no redirections, 1 MiB
 * at most, 30 s. */
enum card_error kz_fetch(void *ctx, const char *url, const char *content_type,
			 struct card_bytes request, card_buf_t *reply);

/* Say what was found in one file; the JSON of it. */
void kz_report_say(const struct kz *kz, const char *path, const struct flow_report *r);
json_t *kz_report_json(const struct kz *kz, const char *path, const struct flow_report *r);

#endif
