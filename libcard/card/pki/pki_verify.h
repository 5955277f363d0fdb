/* SPDX-License-Identifier: Apache-2.0 */
/* pki_verify.h — the context of card_verify. */
#ifndef PKI_VERIFY_H
#define PKI_VERIFY_H

#include <card/verify.h>

#include "pki_crl.h"
#include "pki_trust.h"

/* Distribution points seen lately, so that their canonical form is not made for
 * every certificate of one municipality. */
#define PKI_SCOPES    256u
#define PKI_SCOPE_DER 256u

struct pki_scope {
	uint16_t n; /* octets of der; 0: free */
	uint8_t der[PKI_SCOPE_DER];
	uint8_t scope[32];
};

struct card_verify {
	struct card_verify_config config;
	card_crl_store_t *store;
	char *ocsp_url;
	struct pki_engine engine;
	struct pki_scope *scope; /* PKI_SCOPES */
};

/* The status by the store, and by OCSP. issuer_key as in crl.h. */
enum card_error pki_ask_store(card_verify_t *v, const struct card_revocation_query *q,
			      const uint8_t issuer_key[32], struct card_revocation_answer *out);
enum card_error pki_ask_ocsp(card_verify_t *v, const struct card_revocation_query *q,
			     struct card_revocation_answer *out);

/* All sources in their order. */
enum card_error pki_ask(card_verify_t *v, const struct card_revocation_query *q,
			const uint8_t issuer_key[32], struct card_revocation_answer *out);

#endif
