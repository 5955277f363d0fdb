/* SPDX-License-Identifier: Apache-2.0 */
/* vault.c — random numbers for people, and documents under a key of their own (flows §1, 2). */
#include <cardflow/issue_store.h>

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include <cardflow/issue_message.h>

#define NONCE 12u
#define TAG   16u

enum card_error flow_issue_number_make(unsigned groups, char *out)
{
	/* Without I, L, O, U: read aloud and typed by people. */
	static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint8_t random[12];

	if (groups < 1 || groups > 3)
		return CARD_ERR_INVALID_ARGUMENT;
	if (RAND_bytes(random, sizeof random) != 1)
		return CARD_ERR_CRYPTO;
	for (unsigned i = 0; i < 4 * groups; i++) {
		if (i > 0 && i % 4 == 0)
			*out++ = '-';
		*out++ = alphabet[random[i] & 31];
	}
	*out = '\0';
	return CARD_OK;
}

enum card_error flow_issue_random_hex(size_t n, char *out)
{
	uint8_t random[64];

	out[0] = '\0';
	if (n > sizeof random)
		return CARD_ERR_INVALID_ARGUMENT;
	if (RAND_bytes(random, (int)n) != 1)
		return CARD_ERR_CRYPTO;
	flow_issue_hex_text(random, n, out);
	return CARD_OK;
}

enum card_error flow_issue_seal(const uint8_t key[32], const char *bound, struct card_bytes clear,
				card_buf_t *out)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	enum card_error err = c != NULL ? CARD_OK : CARD_ERR_NO_MEMORY;
	uint8_t *p;
	int n = 0, last = 0;

	if (err == CARD_OK)
		err = card_buf_reserve(out, NONCE + clear.n + TAG);
	if (err != CARD_OK) {
		EVP_CIPHER_CTX_free(c);
		return err;
	}
	p = out->p + out->n;
	if (RAND_bytes(p, NONCE) != 1 ||
	    EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, p) != 1 ||
	    EVP_EncryptUpdate(c, NULL, &n, (const uint8_t *)bound, (int)strlen(bound)) != 1 ||
	    EVP_EncryptUpdate(c, p + NONCE, &n, clear.p, (int)clear.n) != 1 ||
	    EVP_EncryptFinal_ex(c, p + NONCE + n, &last) != 1 ||
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG, p + NONCE + clear.n) != 1)
		err = CARD_ERR_CRYPTO;
	else
		out->n += NONCE + clear.n + TAG;
	EVP_CIPHER_CTX_free(c);
	return err;
}

enum card_error flow_issue_open(const uint8_t key[32], const char *bound, struct card_bytes sealed,
				card_buf_t *out)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	const size_t length = sealed.n > NONCE + TAG ? sealed.n - NONCE - TAG : 0;
	enum card_error err = c != NULL ? CARD_OK : CARD_ERR_NO_MEMORY;
	uint8_t tag[TAG];
	int n = 0, last = 0;

	if (err == CARD_OK && length == 0)
		err = CARD_ERR_SIGNATURE;
	if (err == CARD_OK)
		err = card_buf_reserve(out, length + 1);
	if (err == CARD_OK) {
		memcpy(tag, sealed.p + NONCE + length, TAG);
		if (EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, sealed.p) != 1 ||
		    EVP_DecryptUpdate(c, NULL, &n, (const uint8_t *)bound, (int)strlen(bound)) !=
			    1 ||
		    EVP_DecryptUpdate(c, out->p + out->n, &n, sealed.p + NONCE, (int)length) != 1 ||
		    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG, tag) != 1 ||
		    EVP_DecryptFinal_ex(c, out->p + out->n + n, &last) != 1)
			err = CARD_ERR_SIGNATURE;
		else
			out->n += length;
	}
	EVP_CIPHER_CTX_free(c);
	return err;
}
