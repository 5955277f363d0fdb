/* SPDX-License-Identifier: Apache-2.0 */
/* pki.h — trust anchors, revocation store and verdicts, as the commands on certificates share them. */
#ifndef KAZASU_PKI_H
#define KAZASU_PKI_H

#include "kazasu.h"

#include <card/verify.h>

/* Where anchors and indexes lie unless told otherwise. */
#define KZ_TRUST_DIR "/etc/kazasu/trust"
#define KZ_STORE_DIR "/var/lib/kazasu/crl"
/* The published roots, installed with the program. */
#define KZ_SHIPPED_TRUST KAZASU_DATADIR "/kazasu/trust"

/* The folder of anchors: --trust, else KZ_TRUST_DIR. */
const char *kz_trust_dir(const struct kz *kz);

/* The folder of indexes: --store, else KAZASU_CRL_DIR, else KZ_STORE_DIR. */
const char *kz_store_dir(const struct kz *kz);

/*
 * The anchors of this run: those of --trust, which must be readable, else the published roots that
 * came with the program and those of KZ_TRUST_DIR, either of which may be missing. With --test-roots also the test roots made for this tree. KZ_GO, or the exit code.
 */
int kz_trust_open(struct kz *kz, card_trust_t **out);

/* A context over anchors and store by the machine's policy (policy.h); a store that is not there
 * gives no answers. With ocsp the network is asked after it. KZ_GO, or the exit code. */
int kz_verify_open(struct kz *kz, const card_trust_t *trust, bool ocsp, const char *ocsp_url,
		   card_verify_t **out);

/* First certificate of a file, DER or PEM. KZ_GO, or the exit code. */
int kz_cert_read(struct kz *kz, const char *path, card_cert_t **out);

/* A small file whole. */
bool kz_read_all(const char *path, card_buf_t *out);

/* [{"code":…,"message":…}], the reason to name first at the head. */
json_t *kz_reasons_json(const struct kz *kz, card_reasons_t reasons);
void kz_reasons_say(const struct kz *kz, card_reasons_t reasons);

/* {"status":…,"reason":…,"revoked_at":…,"crl_number":…,"this_update":…,"next_update":…} and the
 * source; NULL members where nothing is known. */
json_t *kz_answer_json(const struct card_revocation_answer *a);

/* Time as RFC 3339 in UTC, or null for 0. */
json_t *kz_time_json(int64_t utc);

/* A verdict as exit code. */
int kz_verdict_exit(enum card_verdict v);

#endif
