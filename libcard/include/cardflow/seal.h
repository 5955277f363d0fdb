/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seal.h — sealing the subject of a record to the audit key.
 *
 * RFC 5652 / RFC 5083 AuthEnvelopedData with AES-256-GCM, for every certificate of the recipients
 * (the audit key, and a second one in case the first is lost); DER in base64. `openssl cms
 * -decrypt` opens it as well. The terminal has no key that opens what it has written.
 */
#ifndef CARDFLOW_SEAL_H
#define CARDFLOW_SEAL_H

#include <card/secret.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct journal_seal journal_seal_t;

/* Certificates of a PEM file, at least one. CARD_ERR_IO; CARD_ERR_MALFORMED. */
CARD_API enum card_error journal_seal_open(journal_seal_t **out, const char *recipients);
/* To one certificate (an X509 of OpenSSL), which stays the caller's. CARD_ERR_NO_MEMORY. */
struct x509_st;
CARD_API enum card_error journal_seal_to(journal_seal_t **out, struct x509_st *certificate);
CARD_API void journal_seal_free(journal_seal_t **s);

/* Base64 on the heap, to be freed. CARD_ERR_CRYPTO. */
CARD_API enum card_error journal_seal_text(const journal_seal_t *s, const char *clear, char **out);

typedef struct journal_unseal journal_unseal_t;

/* The private key (PEM, encrypted with the passphrase unless that is NULL).
 * CARD_ERR_IO; CARD_ERR_PIN_WRONG: the passphrase does not open it. */
CARD_API enum card_error journal_unseal_open(journal_unseal_t **out, const char *key_file,
					     const card_secret_t *passphrase);
CARD_API void journal_unseal_free(journal_unseal_t **u);

/* CARD_ERR_SIGNATURE: not sealed to this key, or altered. *out on the heap: card_wipe and free. */
CARD_API enum card_error journal_unseal_text(const journal_unseal_t *u, const char *sealed,
					     char **out);

/*
 * Make a P-256 key with a self-signed certificate for sealing: FOLDER/NAME-key.pem (PKCS#8, AES-256
 * under the passphrase, mode 0600) and FOLDER/NAME.pem. Existing files: CARD_ERR_DENIED.
 */
CARD_API enum card_error journal_seal_make(const char *folder, const char *name,
					   const card_secret_t *passphrase);

/* Make an Ed25519 key for checkpoints: FOLDER/NAME-key.pem (0600) and FOLDER/NAME.pub.pem. */
CARD_API enum card_error journal_signing_make(const char *folder, const char *name);

#ifdef __cplusplus
}
#endif
#endif
