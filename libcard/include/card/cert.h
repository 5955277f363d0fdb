/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cert.h — one X.509 certificate, read by the JPKI profile (card-spec 7).
 *
 * Reading is strict DER and total: a certificate that is not well-formed gives
 * an error and a named fault, never half an object. Whether the certificate may
 * be relied on is another question (path.h, verify.h).
 *
 * Every struct card_bytes and string returned by a getter is a view into the
 * object and lives as long as it.
 */
#ifndef CARD_CERT_H
#define CARD_CERT_H

#include <card/date.h>
#include <card/name.h>
#include <card/sig.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct card_cert card_cert_t;

/* Longest certificate taken, DER bytes. The card's are below 2 KiB. */
#define CARD_CERT_MAX 65536u

/* Where a certificate breaks its format. */
enum card_cert_fault {
	CARD_CERT_FAULT_NONE = 0,
	CARD_CERT_FAULT_LENGTH = 1,    /* ends early, or something follows it */
	CARD_CERT_FAULT_STRUCTURE = 2, /* no Certificate at all */
	CARD_CERT_FAULT_VERSION = 3,   /* not version 3 */
	CARD_CERT_FAULT_SERIAL = 4,    /* negative, zero or above 20 octets (RFC 5280 §4.1.2.2) */
	CARD_CERT_FAULT_ALGORITHM = 5, /* malformed, or the two AlgorithmIdentifiers differ */
	CARD_CERT_FAULT_NAME = 6,      /* issuer or subject; an empty issuer */
	CARD_CERT_FAULT_VALIDITY = 7,  /* a date, or the form RFC 5280 §4.1.2.5 does not allow */
	CARD_CERT_FAULT_KEY = 8,       /* SubjectPublicKeyInfo */
	CARD_CERT_FAULT_SIGNATURE = 9, /* the BIT STRING */
	CARD_CERT_FAULT_EXTENSIONS = 10, /* the list of extensions */
	CARD_CERT_FAULT_DUPLICATE = 11,  /* an extension occurs twice */
	CARD_CERT_FAULT_KEY_USAGE = 12,
	CARD_CERT_FAULT_EXT_KEY_USAGE = 13,
	CARD_CERT_FAULT_BASIC_CONSTRAINTS = 14,
	CARD_CERT_FAULT_POLICIES = 15,
	CARD_CERT_FAULT_KEY_ID = 16,      /* subject or authority key identifier */
	CARD_CERT_FAULT_ALT_NAME = 17,    /* subject or issuer alternative name */
	CARD_CERT_FAULT_DIST_POINT = 18,  /* CRL distribution points */
	CARD_CERT_FAULT_INFO_ACCESS = 19, /* authority information access */
	CARD_CERT_FAULT_ATTRIBUTE = 20,   /* one of the four attributes */
	CARD_CERT_FAULT_LIMIT = 21,       /* longer, or more of something, than taken here */
	CARD_CERT_FAULT_COUNT_
};

/* One sentence for a person, UTF-8, static storage. */
CARD_API const char *card_cert_fault_text(enum card_cert_fault fault, enum card_lang lang);

/*
 * Read exactly one certificate; der is copied.
 * CARD_ERR_TRUNCATED, CARD_ERR_MALFORMED, CARD_ERR_TOO_LONG. fault (may be NULL)
 * receives the reason, CARD_CERT_FAULT_NONE on success.
 */
CARD_API enum card_error card_cert_parse(card_cert_t **out, struct card_bytes der,
					 enum card_cert_fault *fault);

/* The same without the reason. */
CARD_API enum card_error card_cert_new(card_cert_t **out, struct card_bytes der);

/* Release and set *c to NULL. NULL is allowed. */
CARD_API void card_cert_free(card_cert_t **c);

/* Whole length of a certificate of which only the beginning is known: 4 bytes
 * are enough (card-spec 3.2: the rest of the EF is filler).
 * CARD_ERR_MALFORMED: not the beginning of a certificate; CARD_ERR_TRUNCATED:
 * fewer bytes than its header; CARD_ERR_TOO_LONG: above CARD_CERT_MAX. */
CARD_API enum card_error card_cert_der_length(struct card_bytes prefix, size_t *length);

/* Validity out of the first bytes of a certificate; 256 are enough for those of
 * the card. Only what stands before the dates is checked.
 * CARD_ERR_TRUNCATED: the dates are not within prefix; CARD_ERR_MALFORMED. */
CARD_API enum card_error card_cert_dates_from_prefix(struct card_bytes prefix, int64_t *not_before,
						     int64_t *not_after);

/* ---- what it is ---- */

enum card_cert_kind {
	CARD_CERT_OTHER = 0,
	CARD_CERT_SIGN = 1,    /* 署名用電子証明書 */
	CARD_CERT_AUTH = 2,    /* 利用者証明用電子証明書 */
	CARD_CERT_SIGN_CA = 3, /* 署名用 CA, by name and basicConstraints */
	CARD_CERT_AUTH_CA = 4  /* 利用者証明用 CA */
};

/* What the certificate claims to be: an end entity by its policy (card-spec 7.2,
 * 7.3), a CA by its name. A claim is proved by its path only. */
CARD_API enum card_cert_kind card_cert_kind(const card_cert_t *c);

/* true if it claims to belong to the test hierarchy: issuer O=JPKI-TEST, or the
 * policy of test certificates. */
CARD_API bool card_cert_is_test(const card_cert_t *c);

/* true if its policy is that of certificates on a smartphone. */
CARD_API bool card_cert_is_smartphone(const card_cert_t *c);

/* ---- fields ---- */

CARD_API struct card_bytes card_cert_der(const card_cert_t *c);
CARD_API struct card_bytes card_cert_tbs(const card_cert_t *c); /* what is signed */
CARD_API struct card_bytes card_cert_serial(
	const card_cert_t *c); /* big-endian, no leading zeros */
CARD_API struct card_bytes card_cert_issuer(const card_cert_t *c);  /* Name, DER */
CARD_API struct card_bytes card_cert_subject(const card_cert_t *c); /* Name, DER */
CARD_API int64_t card_cert_not_before(const card_cert_t *c);        /* seconds since 1970 UTC */
CARD_API int64_t card_cert_not_after(const card_cert_t *c);
CARD_API struct card_bytes card_cert_spki(const card_cert_t *c); /* SubjectPublicKeyInfo, DER */
CARD_API const struct card_key *card_cert_key(const card_cert_t *c);
CARD_API struct card_sig_alg card_cert_sig_alg(const card_cert_t *c);
CARD_API struct card_bytes card_cert_signature(const card_cert_t *c);

/* RFC 4514 text of issuer and subject, UTF-8 with NUL. The subject of a JPKI
 * certificate is an identifier of a person: not for logs.
 * CARD_ERR_BUFFER_TOO_SMALL: out is then "" (if cap > 0). */
CARD_API enum card_error card_cert_issuer_text(const card_cert_t *c, char *out, size_t cap);
CARD_API enum card_error card_cert_subject_text(const card_cert_t *c, char *out, size_t cap);

/* commonName of the subject; empty if there is none. */
CARD_API struct card_bytes card_cert_common_name(const card_cert_t *c);

/* SHA-256 over the whole certificate. */
CARD_API enum card_error card_cert_fingerprint(const card_cert_t *c, uint8_t out[32]);

/* ---- extensions ---- */

/* keyUsage bits (RFC 5280 §4.2.1.3). */
#define CARD_KU_DIGITAL_SIGNATURE 0x0001u
#define CARD_KU_NON_REPUDIATION   0x0002u
#define CARD_KU_KEY_ENCIPHERMENT  0x0004u
#define CARD_KU_DATA_ENCIPHERMENT 0x0008u
#define CARD_KU_KEY_AGREEMENT     0x0010u
#define CARD_KU_KEY_CERT_SIGN     0x0020u
#define CARD_KU_CRL_SIGN          0x0040u
#define CARD_KU_ENCIPHER_ONLY     0x0080u
#define CARD_KU_DECIPHER_ONLY     0x0100u

/* extKeyUsage purposes. */
#define CARD_EKU_CLIENT_AUTH  0x01u
#define CARD_EKU_SERVER_AUTH  0x02u
#define CARD_EKU_OCSP_SIGNING 0x04u
#define CARD_EKU_TIMESTAMPING 0x08u
#define CARD_EKU_ANY          0x10u
#define CARD_EKU_OTHER        0x20u

/* Presence and criticality of the extensions read here. */
enum card_cert_ext {
	CARD_EXT_KEY_USAGE = 0,
	CARD_EXT_EXT_KEY_USAGE,
	CARD_EXT_BASIC_CONSTRAINTS,
	CARD_EXT_POLICIES,
	CARD_EXT_SUBJECT_KEY_ID,
	CARD_EXT_AUTHORITY_KEY_ID,
	CARD_EXT_SUBJECT_ALT_NAME,
	CARD_EXT_ISSUER_ALT_NAME,
	CARD_EXT_CRL_DIST_POINTS,
	CARD_EXT_INFO_ACCESS,
	CARD_EXT_OCSP_NOCHECK,
	CARD_EXT_COUNT_
};
CARD_API bool card_cert_has(const card_cert_t *c, enum card_cert_ext ext);
CARD_API bool card_cert_has_critical(const card_cert_t *c, enum card_cert_ext ext);

/* Content of the OID of the first critical extension not read here, or of a
 * constraint on names, policies or proxies, critical or not; empty if none. */
CARD_API struct card_bytes card_cert_unknown_critical(const card_cert_t *c);

/* Bits; 0 if the extension is absent (see card_cert_has). */
CARD_API unsigned card_cert_key_usage(const card_cert_t *c);
CARD_API unsigned card_cert_ext_key_usage(const card_cert_t *c);

CARD_API bool card_cert_is_ca(const card_cert_t *c);
/* pathLenConstraint, or -1 if there is none. */
CARD_API int card_cert_path_length(const card_cert_t *c);

/* Number of policies; the nth as OID content (empty beyond). */
CARD_API size_t card_cert_policies(const card_cert_t *c);
CARD_API struct card_bytes card_cert_policy(const card_cert_t *c, size_t nth);
/* The first policy as dotted text; "" if there is none. */
CARD_API enum card_error card_cert_policy_text(const card_cert_t *c, char *out, size_t cap);

CARD_API struct card_bytes card_cert_subject_key_id(const card_cert_t *c);   /* empty if none */
CARD_API struct card_bytes card_cert_authority_key_id(const card_cert_t *c); /* empty if none */
CARD_API struct card_bytes card_cert_authority_serial(const card_cert_t *c); /* of the AKI */

/*
 * The CRL distribution point: the first name of the first point that is a
 * directory name (Name, DER), else a URI (its octets). Both empty if there is
 * none, or in a form that revocation data cannot be matched with (relative
 * names, another CRL issuer, some reasons only).
 */
CARD_API struct card_bytes card_cert_dist_point(const card_cert_t *c);
CARD_API struct card_bytes card_cert_dist_point_uri(const card_cert_t *c);
/* Canonical bytes of the directory name, appended to out (name.h).
 * CARD_ERR_NOT_FOUND: there is none. */
CARD_API enum card_error card_cert_dist_point_canonical(const card_cert_t *c, card_buf_t *out);
/* Its RFC 4514 text with NUL. CARD_ERR_NOT_FOUND; CARD_ERR_BUFFER_TOO_SMALL. */
CARD_API enum card_error card_cert_dist_point_text(const card_cert_t *c, char *out, size_t cap);

/* Municipality as the distribution point names it (card-spec 7.2): the last OU
 * ("Tokyo-to") and the CN without " CRLDP" ("Kiyose-shi"); empty if it has not
 * that form. */
CARD_API struct card_bytes card_cert_prefecture(const card_cert_t *c);
CARD_API struct card_bytes card_cert_municipality(const card_cert_t *c);

/* Municipality code of five digits out of the commonName (card-spec 7.2, two
 * samples agree); empty if it has not that form. */
CARD_API struct card_bytes card_cert_municipality_code(const card_cert_t *c);

/* First OCSP responder; the octets of an http or https URI; empty if none. */
CARD_API struct card_bytes card_cert_ocsp_uri(const card_cert_t *c);

/* ---- the four attributes (card-spec 7.4), UTF-8; empty if absent ---- */

enum card_cert_attribute {
	CARD_ATTR_NAME = 1,
	CARD_ATTR_NAME_SUBSTITUTES = 2, /* one '0' or '1' a character of the name */
	CARD_ATTR_SEX = 3,              /* "1" male, "2" female, others occur */
	CARD_ATTR_BIRTH = 4,            /* EYYYYMMDD as written */
	CARD_ATTR_ADDRESS = 5,
	CARD_ATTR_ADDRESS_SUBSTITUTES = 6
};
CARD_API struct card_bytes card_cert_attribute(const card_cert_t *c, enum card_cert_attribute a);

/* Day of birth; {0} if absent or not a day. The year is Gregorian and may be
 * partly unknown on a certificate ("00" for month or day): then {0} too, and the
 * text of CARD_ATTR_BIRTH is all there is. */
CARD_API struct card_date card_cert_birth(const card_cert_t *c);
/* Era digit of the attribute (0 unknown, 1 明治 … 5 令和); -1 if absent. */
CARD_API int card_cert_birth_era(const card_cert_t *c);

/* ---- signatures ---- */

/* The caller allows SHA-1; without it such a digest is CARD_ERR_DENIED. */
#define CARD_VERIFY_ALLOW_SHA1 0x1u
/* RSA: PSS with a salt as long as the digest instead of PKCS#1 v1.5. */
#define CARD_VERIFY_PSS 0x2u

/*
 * Verify a signature over a digest with the certificate's key: PKCS#1 v1.5 or
 * PSS for RSA, ECDSA for EC. Says nothing about trust.
 * CARD_ERR_DENIED; otherwise as card_sig_verify.
 */
CARD_API enum card_error card_cert_verify_signature(const card_cert_t *c, enum card_hash hash,
						    struct card_bytes digest,
						    struct card_bytes signature, unsigned flags);

/* Verify that issuer's key signed c. Names and rights are not looked at.
 * Errors as card_sig_verify. */
CARD_API enum card_error card_cert_verify_issued(const card_cert_t *c, const card_cert_t *issuer);

#ifdef __cplusplus
}
#endif
#endif
