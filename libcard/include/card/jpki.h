/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki.h — 公的個人認証AP (card-spec 3.2): certificates and signatures.
 *
 * Calls run inside a transaction of the channel and select what they need. Buffers given for
 * results are appended to.
 */
#ifndef CARD_JPKI_H
#define CARD_JPKI_H

#include <card/cert.h>
#include <card/grant.h>
#include <card/pin.h>

#ifdef __cplusplus
extern "C" {
#endif

enum card_jpki_certificate {
	CARD_JPKI_AUTH = 0, /* 利用者証明用電子証明書, 000A */
	CARD_JPKI_SIGN,     /* 署名用電子証明書, 0001: sign password first */
	CARD_JPKI_AUTH_CA,  /* 000B */
	CARD_JPKI_SIGN_CA   /* 0002 */
};

enum card_jpki_key { CARD_KEY_AUTH = 0 /* 0017 */, CARD_KEY_SIGN /* 001A */ };

/* File 0006: the token's PKCS#11 information. Strings end with NUL, trailing blanks removed. */
struct card_jpki_token {
	char label[33]; /* JPKIAPICCTOKEN2, JPKIAPICCTOKEN, JPKIAPGPSETOKEN, JPKIAPIOSTOKEN */
	char manufacturer[33];
	char model[17];
	char serial[17];
};

/* SELECT only. CARD_ERR_NOT_FOUND: the card has no JPKI application. */
CARD_API enum card_error card_jpki_select(card_channel_t *ch);

/* SELECT + 1. CARD_ERR_TRUNCATED: under 32 bytes. */
CARD_API enum card_error card_jpki_token(card_channel_t *ch, struct card_jpki_token *out);

/* File 0008: SELECT + 1. Which certificates are there. CARD_ERR_TRUNCATED. */
CARD_API enum card_error card_jpki_available(card_channel_t *ch, bool *sign, bool *auth);

/*
 * One certificate, exactly its DER: SELECT + one command per 256 bytes.
 * grant: for CARD_JPKI_SIGN (CARD_OBJECT_SIGN_CERTIFICATE) and CARD_JPKI_AUTH
 * (CARD_OBJECT_AUTH_CERTIFICATE); NULL for the CA certificates.
 * CARD_ERR_DENIED: grant; CARD_ERR_SECURITY_STATUS: a secret is needed first (CARD_PIN_SIGN; on
 * phones CARD_PIN_AUTH); CARD_ERR_NO_CERTIFICATE: absent or empty file; CARD_ERR_MALFORMED: not a
 * DER SEQUENCE; CARD_ERR_TRUNCATED: the file ends inside it; CARD_ERR_TOO_LONG: above 16 KiB.
 */
CARD_API enum card_error card_jpki_certificate(card_channel_t *ch, enum card_jpki_certificate which,
					       const card_grant_t *grant, card_buf_t *out);

/* Its first block (at most 256 bytes) only: SELECT + 1. Errors as above. */
CARD_API enum card_error card_jpki_certificate_start(card_channel_t *ch,
						     enum card_jpki_certificate which,
						     const card_grant_t *grant, card_buf_t *out);

/*
 * The rest of a certificate whose start (all that card_jpki_certificate_start gave, and nothing
 * else) is in out: nothing is read twice. SELECT twice + one command per 256 bytes; none if the
 * start was all. On error out is as before. Errors as card_jpki_certificate.
 */
CARD_API enum card_error card_jpki_certificate_rest(card_channel_t *ch,
						    enum card_jpki_certificate which,
						    const card_grant_t *grant, card_buf_t *out);

#define CARD_SIGN_ALLOW_SHA1 1u /* SHA-1 is refused without it */
#define CARD_SIGN_PSS        2u /* P1 = 04, SHA-256 only; not confirmed on real cards */

/*
 * Sign a digest. The secret of the key must have been presented in this transaction.
 * One command (P1 = 00, DigestInfo; card-spec 4.2, 4.3). The signature is verified with the
 * public key of cert before it is returned; nothing unverified is ever returned.
 * CARD_ERR_UNSUPPORTED: SHA-1 without its flag, PSS with another hash; CARD_ERR_SECURITY_STATUS;
 * CARD_ERR_SIGNATURE: the card's signature does not verify (wrong certificate, broken card);
 * CARD_ERR_OUTCOME_UNKNOWN; channel errors.
 */
CARD_API enum card_error card_jpki_sign(card_channel_t *ch, enum card_jpki_key key,
					enum card_hash hash, struct card_bytes digest,
					unsigned flags, const card_cert_t *cert, card_buf_t *out);

/* Sign bytes as they are with PKCS#1 v1.5 padding: 1–245 bytes that the caller made (PKCS#11
 * CKM_RSA_PKCS). Otherwise as card_jpki_sign. CARD_ERR_TOO_LONG above 245. */
CARD_API enum card_error card_jpki_sign_raw(card_channel_t *ch, enum card_jpki_key key,
					    struct card_bytes data, const card_cert_t *cert,
					    card_buf_t *out);

#ifdef __cplusplus
}
#endif
#endif
