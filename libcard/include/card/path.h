/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path.h — does a certificate belong to a holder of the JPKI, for this use, at
 * this time? Revocation is a separate question (verify.h).
 *
 * Checked: the issuer is an installed anchor chosen by key identifier and
 * signature; validity of both as UTC instants; the profile of card-spec 7.2 and
 * 7.3 (policy, key usage, extended key usage, kind of the issuer); basic
 * constraints; critical extensions; algorithms (SHA-1, RSA below 2048 bits and
 * EC below 256 are refused; RSA-2048/SHA-256 and ECDSA P-384/SHA-384 are the
 * present and the coming card). Every reason is reported.
 */
#ifndef CARD_PATH_H
#define CARD_PATH_H

#include <card/trust.h>
#include <card/verdict.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the certificate is to be good for. One never passes for the other. */
enum card_use {
	CARD_USE_SIGN = 1, /* 署名用: a signature with the meaning of a registered seal */
	CARD_USE_AUTH = 2  /* 利用者証明用: proof of presence */
};

struct card_path_result {
	enum card_verdict verdict;
	card_reasons_t reasons;
	const card_cert_t *issuer; /* of the trust store; NULL if none was found */
	bool test;                 /* below a test root */
};

/*
 * Check cert for use at the instant `at` (seconds since 1970 UTC). CARD_OK means
 * that *out holds a verdict, whatever it is. CARD_ERR_CRYPTO: libcrypto failed;
 * *out is then undetermined without reasons.
 */
CARD_API enum card_error card_path_check(const card_trust_t *trust, const card_cert_t *cert,
					 enum card_use use, int64_t at,
					 struct card_path_result *out);

#ifdef __cplusplus
}
#endif
#endif
