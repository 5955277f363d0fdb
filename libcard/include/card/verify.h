/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify.h — one certificate, the signature made with it, and its status.
 *
 * A context holds what is used again from call to call (libcrypto objects,
 * mapped indexes). It is for one thread at a time; threads have one each and
 * share nothing but the trust store, so that no call takes a lock. It keeps
 * nothing of the certificates (rules PD-26).
 */
#ifndef CARD_VERIFY_H
#define CARD_VERIFY_H

#include <card/check.h>
#include <card/ocsp.h>
#include <card/path.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- revocation ---- */

enum card_revocation_status {
	CARD_REVOCATION_UNDETERMINED = 0, /* no fresh answer; reasons say why */
	CARD_REVOCATION_GOOD = 1,
	CARD_REVOCATION_REVOKED = 2,
	CARD_REVOCATION_SKIPPED = 3 /* nobody was asked */
};

enum card_revocation_method {
	CARD_REVOCATION_BY_NONE = 0,
	CARD_REVOCATION_BY_CRL = 1,
	CARD_REVOCATION_BY_OCSP = 2
};

/* The evidence of an answer (rules PD-27): enough to say later why. */
struct card_revocation_answer {
	enum card_revocation_status status;
	card_reasons_t reasons; /* CARD_REASON_REVOCATION_…, CERT_REVOKED, CERT_ON_HOLD */
	enum card_revocation_method method;
	int64_t revoked_at; /* if revoked */
	enum card_crl_reason reason;
	int64_t this_update, next_update; /* next_update 0: none */
	uint8_t number[20];               /* cRLNumber, big-endian */
	size_t number_n;
};

/* What is asked. */
struct card_revocation_query {
	const card_cert_t *cert, *issuer;
	int64_t at;
	struct card_bytes stapled; /* an OCSP answer that came with the certificate, or n = 0 */
};

/*
 * A source of answers. ask fills *out; a source that cannot answer leaves
 * CARD_REVOCATION_UNDETERMINED with its reasons. An error means that it failed
 * for reasons of its own (memory, libcrypto).
 */
struct card_revocation_source {
	enum card_error (*ask)(void *ctx, const struct card_revocation_query *q,
			       struct card_revocation_answer *out);
	void *ctx;
};

/* Sources are asked in their order until one answers "good" or "revoked". */
#define CARD_VERIFY_SOURCES 4u

/* ---- the context ---- */

struct card_verify_config {
	const card_trust_t *trust; /* must outlive the context */
	const char *store;         /* directory of revocation indexes, or NULL */
	unsigned recheck_ms;       /* see crl.h; CARD_CRL_RECHECK_MS is usual */
	card_fetch_fn *fetch;      /* carries OCSP; NULL: OCSP only if stapled */
	void *fetch_ctx;
	const char *ocsp_url; /* instead of the certificate's own; NULL: its own */
	const struct card_ocsp_signer *ocsp_signer; /* or NULL */
	bool ocsp;                /* ask OCSP after the store, or alone if there is none */
	bool ocsp_first;          /* ask it before the store; a list that revokes still wins */
	bool ocsp_nonce_required; /* an answer without the nonce is not believed */
	/* Seconds after thisUpdate that an answer counts as fresh, 0: until its
	 * nextUpdate. Never beyond nextUpdate. */
	int64_t max_age;
	/* More sources, asked after those above. */
	struct card_revocation_source more[CARD_VERIFY_SOURCES];
	size_t more_n;
};

typedef struct card_verify card_verify_t;

/* The strings of config are copied. CARD_ERR_IO: the store cannot be opened. */
CARD_API enum card_error card_verify_new(card_verify_t **out,
					 const struct card_verify_config *config);

/* Release and set *v to NULL. NULL is allowed. */
CARD_API void card_verify_free(card_verify_t **v);

/* ---- the call ---- */

/* Parts of a verification: what is not asked for is skipped and says so. */
#define CARD_VERIFY_PATH       0x1u
#define CARD_VERIFY_SIGNATURE  0x2u
#define CARD_VERIFY_REVOCATION 0x4u
#define CARD_VERIFY_ALL        0x7u

struct card_verify_request {
	unsigned parts;                /* CARD_VERIFY_PATH is always done */
	struct card_bytes certificate; /* DER, exactly one */
	enum card_use use;
	int64_t at; /* time of receipt (rules PD-27), seconds since 1970 UTC */

	/* The signature over the challenge: either message (n > 0 or a pointer that is
	 * not NULL), hashed here, or digest. */
	enum card_hash hash;
	struct card_bytes message, digest, signature;
	unsigned signature_flags; /* CARD_VERIFY_ALLOW_SHA1, CARD_VERIFY_PSS (cert.h) */

	struct card_bytes stapled; /* OCSP answer, or n = 0 */
};

struct card_verify_result {
	enum card_verdict verdict;
	card_reasons_t reasons; /* of all parts */
	enum card_check path, signature, revocation;
	struct card_revocation_answer answer;
	enum card_cert_fault fault; /* if CARD_REASON_CERT_MALFORMED */
	const card_cert_t *issuer;  /* of the trust store, or NULL */
	bool test;                  /* below a test root */
};

/*
 * Verify. CARD_OK means that *out holds a verdict, whatever it is; a certificate
 * that cannot be read is CARD_VERDICT_INVALID, not an error. Errors: those of
 * sources, CARD_ERR_CRYPTO, CARD_ERR_UNSUPPORTED (hash); *out is then
 * undetermined.
 *
 * The status is asked for only if the rest is in order (rules 5.1: no query for
 * a false signature); otherwise revocation says skipped.
 */
CARD_API enum card_error card_verify(card_verify_t *v, const struct card_verify_request *request,
				     struct card_verify_result *out);

/* The status alone, of a certificate whose issuer is known. Errors as card_verify. */
CARD_API enum card_error card_verify_revocation(card_verify_t *v, const card_cert_t *cert,
						const card_cert_t *issuer, int64_t at,
						struct card_bytes stapled,
						struct card_revocation_answer *out);

/* The status by the store alone, of a serial number (big-endian magnitude).
 * issuer_key and scope as in crl.h. */
CARD_API enum card_error card_verify_serial(card_verify_t *v, const uint8_t issuer_key[32],
					    const uint8_t scope[32], struct card_bytes serial,
					    int64_t at, struct card_revocation_answer *out);

/* The reason to name first (rules 5.1): the signature before the issuer, its use,
 * the period, and the status. CARD_REASON_COUNT_ if there is none. */
CARD_API enum card_reason card_reasons_first(card_reasons_t reasons);

#ifdef __cplusplus
}
#endif
#endif
