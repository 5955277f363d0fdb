/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy.h — who is asked whether a certificate is revoked, and what counts as an answer.
 *
 * From kazasu.conf (the machine's policy: revocation-sources, revocation-max-age, ocsp-url,
 * ocsp-nonce; what the machine's file sets, nobody's own file changes) and from the options of a
 * command, which replace it for one run.
 */
#ifndef KAZASU_POLICY_H
#define KAZASU_POLICY_H

#include "config.h"
#include "options.h"

#include <card/verify.h>

struct kz_policy {
	/* Words of the command line; NULL, false: not given. */
	bool ocsp; /* also ask a responder, after the lists */
	const char *sources, *max_age, *url, *signer, *signer_key;
	bool nonce;

	struct kz_config config;
	struct card_ocsp_signer key; /* who signs requests, if --ocsp-signer */
	card_cert_t *cert;
	void *pkey; /* EVP_PKEY */
};

/* What the options are for, in their order. */
extern const char *const kz_policy_help[7];

/* What a command that asks for the status offers; the last line of an option table follows. */
#define KZ_POLICY_OPTIONS(p)                                                                       \
	{"ocsp", 0, NULL, NULL, &(p)->ocsp, kz_policy_help[0]},                                    \
		{"ocsp-url", 0, "URL", &(p)->url, NULL, kz_policy_help[1]},                        \
		{"sources", 0, N_("LIST"), &(p)->sources, NULL, kz_policy_help[2]},                \
		{"max-age", 0, N_("DURATION"), &(p)->max_age, NULL, kz_policy_help[3]},            \
		{"require-nonce", 0, NULL, NULL, &(p)->nonce, kz_policy_help[4]},                  \
		{"ocsp-signer", 0, N_("FILE"), &(p)->signer, NULL, kz_policy_help[5]},             \
	{                                                                                          \
		"ocsp-signer-key", 0, N_("FILE"), &(p)->signer_key, NULL, kz_policy_help[6]        \
	}

/*
 * The configuration of a context over this policy. out->ocsp_signer points into p. A source that
 * is left out is not asked. KZ_GO, or the exit code for words that are wrong, a file that cannot
 * be read.
 */
int kz_policy_apply(struct kz *kz, struct kz_policy *p, const card_trust_t *trust,
		    struct card_verify_config *out);

/* A context over anchors and store by this policy, which must outlive it. */
int kz_policy_open(struct kz *kz, struct kz_policy *p, const card_trust_t *trust,
		   card_verify_t **out);

/* Release what it holds. */
void kz_policy_free(struct kz_policy *p);

#endif
