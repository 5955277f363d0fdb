/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key.h — RSA-2048 test keys: made once, kept in the fixtures, used by the card.
 */
#ifndef SIM_KEY_H
#define SIM_KEY_H

#include <openssl/evp.h>

#include "home.h"

#define SIM_RSA_BYTES 256u

/*
 * The key called FOLDER/NAME.pem of the fixtures; made and kept if there is none
 * yet (folder "keys": also in home->spare when the fixtures are read-only, or
 * nowhere at all). NULL on failure. Free with EVP_PKEY_free.
 */
EVP_PKEY *sim_key(const struct sim_home *home, const char *folder, const char *name);

/* The same, but never made. */
EVP_PKEY *sim_key_load(const struct sim_home *home, const char *folder, const char *name);

/* Modulus as 256 bytes. */
bool sim_key_modulus(EVP_PKEY *key, uint8_t out[SIM_RSA_BYTES]);

/* "90 03 010001 91 82 0100 modulus" (card-spec 3.1, public key object). */
void sim_put_key_object(struct sim_buf *b, EVP_PKEY *key);

/* Paddings of card-spec 4.2. data: at most 245 bytes for PKCS1, 32 for the others. */
enum sim_pad { SIM_PAD_PKCS1, SIM_PAD_DIGESTINFO, SIM_PAD_PSS };
bool sim_sign(EVP_PKEY *key, enum sim_pad pad, const uint8_t *data, size_t n,
	      uint8_t out[SIM_RSA_BYTES]);

/* PKCS#1 v1.5 with SHA-256 over data of any length. */
bool sim_sign_sha256(EVP_PKEY *key, const uint8_t *data, size_t n, uint8_t out[SIM_RSA_BYTES]);

void sim_sha256(const void *p, size_t n, uint8_t out[32]);

#endif
