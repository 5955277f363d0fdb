/* SPDX-License-Identifier: Apache-2.0 */
/*
 * made_pki.h — keys and certificates made for a test, byte by byte, so that a
 * test can make them wrong in one place. The signatures are libcrypto's.
 *
 * Everything here ends the program when libcrypto or memory fails. Buffers are
 * released with card_buf_free.
 */
#ifndef MADE_PKI_H
#define MADE_PKI_H

#include <openssl/evp.h>

#include <card/bytes.h>
#include <card/sig.h>

/* ---- DER ---- */

/* Append an element: tag, minimal length, content. */
void made_tlv(card_buf_t *out, unsigned tag, struct card_bytes content);
/* Put what is in out from `from` to the end into an element of this tag. */
void made_wrap(card_buf_t *out, size_t from, unsigned tag);
/* Hexadecimal to bytes, appended. */
void made_hex(card_buf_t *out, const char *hex);
void made_text(card_buf_t *out, unsigned tag, const char *text);
/* OBJECT IDENTIFIER from dotted text. */
void made_oid(card_buf_t *out, const char *dotted);
/* Non-negative INTEGER. */
void made_int(card_buf_t *out, uint64_t v);
/* UTCTime, or GeneralizedTime from 2050 on. */
void made_time(card_buf_t *out, int64_t utc);
/* Name from "C=JP/O=JPKI/OU=…", in the order of encoding; C is PrintableString. */
void made_name(card_buf_t *out, const char *slashes);

/* ---- keys ---- */

struct made_key {
	EVP_PKEY *pkey;
	card_buf_t spki;
	uint8_t id[20];          /* SHA-1 of the key bits */
	const char *sig_oid_tlv; /* hexadecimal AlgorithmIdentifier it signs with */
	enum card_hash hash;
};

/* RSA of this size signing with SHA-256, or EC ("P-256", "P-384") with SHA-256 or SHA-384. */
void made_rsa(struct made_key *k, unsigned bits);
/* RSA with another public exponent. */
void made_rsa_with(struct made_key *k, unsigned bits, unsigned long exponent);
void made_ec(struct made_key *k, const char *curve);
void made_key_free(struct made_key *k);

/* Sign tbs with the key's algorithm. */
void made_sign(const struct made_key *k, struct card_bytes tbs, card_buf_t *signature);
/* The same over a digest of this hash: PKCS#1 v1.5, PSS (salt = digest) or ECDSA. */
void made_sign_digest(const struct made_key *k, enum card_hash hash, bool pss,
		      struct card_bytes digest, card_buf_t *signature);
/* Wrap a TBS structure, the algorithm and the signature: Certificate, CertificateList. */
void made_signed(const struct made_key *k, struct card_bytes tbs, card_buf_t *out);

/* ---- certificates ---- */

enum made_kind { MADE_SIGN_CA, MADE_AUTH_CA, MADE_SIGN, MADE_AUTH };

/* What goes into a certificate. Strings are hexadecimal of whole elements where
 * they end in _tlv; NULL means the usual of the kind, "" leaves the element out. */
struct made_cert {
	enum made_kind kind;
	bool test; /* O=JPKI-TEST and its policy */
	uint64_t serial;
	int64_t not_before, not_after;
	const struct made_key *key;    /* subject's */
	const struct made_key *issuer; /* who signs; itself for a CA */
	const char *city;              /* of the distribution point, "Kiyose-shi" if NULL */

	const char *version_tlv, *serial_tlv, *inner_alg_tlv, *issuer_tlv, *validity_tlv,
		*subject_tlv, *spki_tlv;
	const char *key_usage_tlv, *eku_tlv, *policies_tlv, *san_tlv, *ian_tlv, *bc_tlv, *cdp_tlv,
		*aia_tlv, *aki_tlv, *ski_tlv; /* whole Extension elements */
	const char *extra_tlv;                /* more Extension elements */
};

/* The TBSCertificate, and the certificate. */
void made_cert_tbs(const struct made_cert *c, card_buf_t *out);
void made_cert(const struct made_cert *c, card_buf_t *out);

/* Append one Extension with this value. */
void made_ext(card_buf_t *out, const char *oid, bool critical, struct card_bytes value);

/* DER Name of the distribution point of a city. */
void made_dist_point(card_buf_t *out, bool sign, bool test, const char *city);

/* PEM of a certificate, written to a file. */
void made_pem_file(const char *path, struct card_bytes der);
void made_file(const char *path, struct card_bytes content);

/* A new empty directory below the temporary folder; and its removal with content. */
void made_dir(char out[64]);
void made_dir_remove(const char *path);

#endif
