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

/* What a command that asks for the status offers; the last line of an option table follows. */
#define KZ_POLICY_OPTIONS(p)                                                                               \
	{"ocsp", 0, NULL, NULL, &(p)->ocsp, N_("ask a responder if no list answers")},                     \
		{"ocsp-url", 0,    "URL",                                                                  \
		 &(p)->url,  NULL, N_("the responder, instead of the certificate's own")},                 \
		{"sources",     0,    "crl|ocsp|crl,ocsp|ocsp,crl",                                        \
		 &(p)->sources, NULL, N_("who is asked, in this order")},                                  \
		{"max-age",                                                                                \
		 0,                                                                                        \
		 N_("TIME"),                                                                               \
		 &(p)->max_age,                                                                            \
		 NULL,                                                                                     \
		 N_("an answer counts this long after it was made (30m, 36h, 7d), never beyond its end")}, \
		{"require-nonce",                                                                          \
		 0,                                                                                        \
		 NULL,                                                                                     \
		 NULL,                                                                                     \
		 &(p)->nonce,                                                                              \
		 N_("believe a responder only if its answer carries our nonce")},                          \
		{"ocsp-signer", 0,    N_("FILE"),                                                          \
		 &(p)->signer,  NULL, N_("sign requests as this certificate")},                            \
	{                                                                                                  \
		"ocsp-signer-key", 0, N_("FILE"), &(p)->signer_key, NULL,                                  \
			N_("with this private key (PEM)")                                                  \
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
