/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdict.h — the three values of a verdict and every reason for it.
 *
 * A verdict is computed over the checks that were asked for; it names all the
 * reasons, not the first. Nothing treats CARD_VERDICT_UNDETERMINED as valid
 * (design decision 5, rules PD-24).
 */
#ifndef CARD_VERDICT_H
#define CARD_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <card/error.h>

#ifdef __cplusplus
extern "C" {
#endif

enum card_verdict {
	CARD_VERDICT_UNDETERMINED = 0, /* zeroed memory is not "valid" */
	CARD_VERDICT_VALID = 1,
	CARD_VERDICT_INVALID = 2
};

enum card_reason {
	/* the certificate */
	CARD_REASON_CERT_MALFORMED = 0,
	CARD_REASON_CERT_NOT_YET_VALID,
	CARD_REASON_CERT_EXPIRED,
	CARD_REASON_CERT_SIGNATURE, /* its issuer's key did not sign it */
	CARD_REASON_CERT_TEST,      /* of the test hierarchy, and that is not accepted */
	CARD_REASON_CERT_NOT_JPKI,  /* no policy of a JPKI certificate */
	CARD_REASON_CERT_WRONG_USE, /* 利用者証明用 for a signature, or the reverse */
	CARD_REASON_CERT_IS_CA,     /* a CA certificate in the place of a person's */
	CARD_REASON_CERT_KEY_USAGE, /* its key usage does not allow this use */
	CARD_REASON_CERT_CRITICAL,  /* a critical extension that is not understood */
	CARD_REASON_CERT_WEAK_HASH, /* signed over SHA-1 */
	CARD_REASON_CERT_WEAK_KEY,  /* RSA below 2048 bits, EC below 256 */
	CARD_REASON_CERT_ALGORITHM, /* key or signature of an unknown or unusable kind */
	/* its issuer */
	CARD_REASON_ISSUER_UNKNOWN, /* no installed anchor is its issuer: undetermined */
	CARD_REASON_ISSUER_EXPIRED,
	CARD_REASON_ISSUER_NOT_YET_VALID,
	CARD_REASON_ISSUER_WRONG_USE, /* the other CA: signature and authentication swapped */
	/* revocation */
	CARD_REASON_CERT_REVOKED,
	CARD_REASON_CERT_ON_HOLD,
	CARD_REASON_REVOCATION_MISSING, /* no source has an answer: undetermined */
	CARD_REASON_REVOCATION_STALE,   /* the answer is past its date: undetermined */
	CARD_REASON_REVOCATION_FUTURE, /* the answer is later than the time asked for: undetermined */
	CARD_REASON_REVOCATION_DAMAGED, /* the answer cannot be read or is not authentic: undetermined */
	/* the signature over the challenge or document */
	CARD_REASON_TAMPERED,            /* it does not verify */
	CARD_REASON_SIGNATURE_WEAK_HASH, /* it is over SHA-1, which was not allowed */
	CARD_REASON_SIGNATURE_ALGORITHM, /* it does not fit the key */
	CARD_REASON_COUNT_
};

/* A set of reasons: bit n is the reason with number n. */
typedef uint64_t card_reasons_t;

static inline card_reasons_t card_reason_bit(enum card_reason r)
{
	return (card_reasons_t)1 << (unsigned)r;
}

static inline bool card_reasons_have(card_reasons_t set, enum card_reason r)
{
	return (set & card_reason_bit(r)) != 0;
}

/* The verdict that a set of reasons makes: any that refuses gives INVALID, else
 * any at all gives UNDETERMINED, none gives VALID. */
CARD_API enum card_verdict card_verdict_of(card_reasons_t reasons);

/* true if the reason by itself only leaves the verdict undetermined. */
CARD_API bool card_reason_is_undetermined(enum card_reason r);

/* "valid", "invalid", "undetermined". Static storage, stable. */
CARD_API const char *card_verdict_name(enum card_verdict v);

/* "cert_expired" and so on (rules 5.1 where it has a name). Static, stable. */
CARD_API const char *card_reason_code(enum card_reason r);

/* One sentence for a person, UTF-8, static storage. */
CARD_API const char *card_reason_text(enum card_reason r, enum card_lang lang);

#ifdef __cplusplus
}
#endif
#endif
