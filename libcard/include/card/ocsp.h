/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ocsp.h — asking a responder about one certificate (RFC 6960, RFC 8954).
 *
 * Requests are built and answers are checked here; fetch.h carries them.
 */
#ifndef CARD_OCSP_H
#define CARD_OCSP_H

#include <card/crl.h>
#include <card/fetch.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CARD_OCSP_REQUEST_TYPE "application/ocsp-request"

/* Octets of a nonce (RFC 8954 §2.1: 1 to 32). */
#define CARD_OCSP_NONCE 32u

/* Who signs requests, if the responder wants that: a certificate and its key. */
struct card_ocsp_signer {
	const card_cert_t *cert;
	struct card_sig_alg alg;
	/* Sign the octets (not their hash) and append the signature. */
	enum card_error (*sign)(void *ctx, struct card_bytes tbs, card_buf_t *signature);
	void *ctx;
};

/*
 * Append a request for cert, issued by issuer, to out. nonce.n may be 0 (no
 * nonce) to 32; signer may be NULL. id_hash is the hash of the CertID:
 * CARD_HASH_SHA1 is what most responders know (it only names the issuer).
 * CARD_ERR_UNSUPPORTED: id_hash; errors of the signer.
 */
CARD_API enum card_error card_ocsp_request(const card_cert_t *cert, const card_cert_t *issuer,
					   enum card_hash id_hash, struct card_bytes nonce,
					   const struct card_ocsp_signer *signer, card_buf_t *out);

enum card_ocsp_status { CARD_OCSP_UNKNOWN = 0, CARD_OCSP_GOOD = 1, CARD_OCSP_REVOKED = 2 };

struct card_ocsp_answer {
	enum card_ocsp_status status;
	int64_t revoked_at;
	enum card_crl_reason reason;
	int64_t produced_at, this_update;
	int64_t next_update; /* 0: the answer has none */
	bool nonce;          /* the answer carries the nonce of the request */
};

/*
 * Check an answer to a request for cert and take its statement about it. Checked:
 * form; that it is about this certificate; the signature, by the issuer itself
 * or by a responder whose certificate the issuer signed for OCSP (RFC 6960
 * §4.2.2.2) and that is valid at the instant `at`; algorithms (path.h); the
 * nonce, if one was sent and the answer has one. Dates are given, not judged.
 *
 * CARD_ERR_MALFORMED, CARD_ERR_TRUNCATED: not an answer; CARD_ERR_UNDETERMINED:
 * the responder answered with an error (try later, unauthorized …);
 * CARD_ERR_NOT_FOUND: nothing about this certificate; CARD_ERR_UNTRUSTED: signed
 * by nobody who may; CARD_ERR_SIGNATURE: does not verify; CARD_ERR_EXPIRED: the
 * responder's certificate; CARD_ERR_UNSUPPORTED: algorithms, critical extensions;
 * CARD_ERR_DENIED: another nonce than sent.
 */
CARD_API enum card_error card_ocsp_check(struct card_bytes answer, const card_cert_t *cert,
					 const card_cert_t *issuer, struct card_bytes nonce,
					 int64_t at, struct card_ocsp_answer *out);

#ifdef __cplusplus
}
#endif
#endif
