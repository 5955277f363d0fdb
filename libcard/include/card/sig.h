/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sig.h — hashes, public keys and the verification of one signature.
 *
 * All arithmetic is libcrypto's. Nothing here decides whether a key may be
 * trusted (path.h) or is strong enough for a verdict (path.h); these are the
 * primitives, bounded in size only.
 */
#ifndef CARD_SIG_H
#define CARD_SIG_H

#include <card/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

enum card_hash {
	CARD_HASH_NONE = 0,
	CARD_HASH_SHA1 = 1,
	CARD_HASH_SHA256 = 2,
	CARD_HASH_SHA384 = 3,
	CARD_HASH_SHA512 = 4
};

/* Longest digest in bytes. */
#define CARD_HASH_MAX 64u

/* Digest length in bytes; 0 for CARD_HASH_NONE and unknown values. */
CARD_API size_t card_hash_size(enum card_hash hash);

/* "SHA-256"; "" for unknown values. */
CARD_API const char *card_hash_name(enum card_hash hash);

/* Digest of in; the first card_hash_size(hash) bytes of out are written.
 * CARD_ERR_UNSUPPORTED: no such hash here. CARD_ERR_CRYPTO. */
CARD_API enum card_error card_hash_digest(enum card_hash hash, struct card_bytes in,
					  uint8_t out[CARD_HASH_MAX]);

enum card_key_kind {
	CARD_KEY_OTHER = 0, /* an algorithm this library does not verify with */
	CARD_KEY_RSA = 1,
	CARD_KEY_EC = 2
};

enum card_curve {
	CARD_CURVE_OTHER = 0,
	CARD_CURVE_P256 = 1,
	CARD_CURVE_P384 = 2,
	CARD_CURVE_P521 = 3
};

/* A public key as views into its encoding. */
struct card_key {
	enum card_key_kind kind;
	struct card_bytes modulus, exponent; /* RSA: big-endian, no leading zeros */
	enum card_curve curve;               /* EC */
	struct card_bytes point;             /* EC: 04 ‖ X ‖ Y */
	unsigned bits;                       /* of the modulus or the field; 0 if unknown */
};

/* Read a SubjectPublicKeyInfo (whole element). A key of another algorithm, a
 * curve without a name or a compressed point gives CARD_KEY_OTHER or
 * CARD_CURVE_OTHER, not an error. CARD_ERR_MALFORMED. */
CARD_API enum card_error card_key_parse(struct card_bytes spki, struct card_key *out);

enum card_sig_scheme {
	CARD_SIG_OTHER = 0,
	CARD_SIG_PKCS1 = 1,
	CARD_SIG_PSS = 2,
	CARD_SIG_ECDSA = 3
};

/* A signature algorithm. salt: PSS only, bytes. */
struct card_sig_alg {
	enum card_sig_scheme scheme;
	enum card_hash hash;
	unsigned salt;
};

/* Read an AlgorithmIdentifier (whole element) of a signature. Unknown ones give
 * CARD_SIG_OTHER, not an error; so does PSS whose two hashes differ.
 * CARD_ERR_MALFORMED: broken encoding, or parameters that must not be there
 * (RFC 4055 §5: NULL or absent for RSA; RFC 5758 §3.2: absent for ECDSA). */
CARD_API enum card_error card_sig_alg_parse(struct card_bytes algorithm, struct card_sig_alg *out);

/* "RSA PKCS#1 v1.5 with SHA-256" and so on; static storage. */
CARD_API const char *card_sig_alg_name(struct card_sig_alg alg);

/* Sizes of RSA keys these functions work with, in bits. What a verdict accepts
 * is narrower (path.h). */
#define CARD_RSA_BITS_MIN 1024u
#define CARD_RSA_BITS_MAX 8192u

/*
 * Verify a signature over a digest. ECDSA signatures are DER (RFC 3279 §2.2.3).
 * CARD_ERR_SIGNATURE     it does not verify, or its length is not the key's;
 * CARD_ERR_UNSUPPORTED   key and scheme do not go together, unknown algorithm,
 *                        or a key outside the sizes above;
 * CARD_ERR_INVALID_ARGUMENT  digest.n is not the hash's length;
 * CARD_ERR_CRYPTO.
 * SHA-1 is an ordinary value here: whether it is allowed is the caller's matter.
 */
CARD_API enum card_error card_sig_verify(const struct card_key *key, struct card_sig_alg alg,
					 struct card_bytes digest, struct card_bytes signature);

/*
 * Verify a PKCS#1 v1.5 signature over the given DigestInfo, whatever it holds
 * (card-spec 3.3 has one with a 96-byte OCTET STRING): the signature is raised
 * to the public exponent and the whole block 00 01 FF… 00 ‖ digest_info is
 * compared. modulus and exponent are big-endian; leading zeros are ignored.
 * Errors as card_sig_verify; CARD_ERR_INVALID_ARGUMENT: digest_info is empty or
 * leaves less than eight octets of padding.
 */
CARD_API enum card_error card_rsa_verify_digest_info(struct card_bytes modulus,
						     struct card_bytes exponent,
						     struct card_bytes digest_info,
						     struct card_bytes signature);

/* The same over a digest: the DigestInfo is built here (RFC 8017 §9.2). */
CARD_API enum card_error card_rsa_verify(struct card_bytes modulus, struct card_bytes exponent,
					 enum card_hash hash, struct card_bytes digest,
					 struct card_bytes signature);

/* Longest DigestInfo that card_digest_info writes. */
#define CARD_DIGEST_INFO_MAX 83u

/* DigestInfo (RFC 8017 §9.2 note 1) of a digest; *n receives its length.
 * CARD_ERR_UNSUPPORTED; CARD_ERR_INVALID_ARGUMENT: digest.n. */
CARD_API enum card_error card_digest_info(enum card_hash hash, struct card_bytes digest,
					  uint8_t out[CARD_DIGEST_INFO_MAX], size_t *n);

#ifdef __cplusplus
}
#endif
#endif
