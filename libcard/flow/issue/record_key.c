/* SPDX-License-Identifier: Apache-2.0 */
/* record_key.c — whom a card belongs to is found under a key that says nothing by itself. */
#include <cardflow/issue_record.h>

#include <card/secret.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#define SECRET_MIN 32
#define AUTHORITY  32
#define SERIAL_MAX 20 /* RFC 5280 4.1.2.2 */
#define USER_MAX   128

static enum card_error key(struct card_bytes secret, struct card_bytes text,
			   char out[FLOW_RECORD_KEY])
{
	uint8_t mac[32];
	unsigned n = sizeof mac;

	if (HMAC(EVP_sha256(), secret.p, (int)secret.n, text.p, text.n, mac, &n) == NULL)
		return CARD_ERR_CRYPTO;
	for (size_t i = 0; i < sizeof mac; i++) {
		out[2 * i] = "0123456789abcdef"[mac[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[mac[i] & 15];
	}
	out[FLOW_RECORD_KEY - 1] = '\0';
	return CARD_OK;
}

enum card_error flow_record_certificate_key(struct card_bytes secret, const char *authority,
					    const char *serial, char out[FLOW_RECORD_KEY])
{
	uint8_t memory[AUTHORITY + SERIAL_MAX];
	card_buf_t text = card_buf_fixed(memory, sizeof memory);
	enum card_error err = CARD_ERR_MALFORMED;

	if (secret.n < SECRET_MIN || authority == NULL || serial == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (card_hex_decode(authority, &text) == CARD_OK && text.n == AUTHORITY &&
	    card_hex_decode(serial, &text) == CARD_OK && text.n > AUTHORITY &&
	    memory[AUTHORITY] != 0)
		err = key(secret, card_buf_bytes(&text), out);
	card_buf_free(&text);
	return err;
}

enum card_error flow_record_user_key(struct card_bytes secret, const char *user_id,
				     char out[FLOW_RECORD_KEY])
{
	static const char kind[] = "user-id";
	uint8_t text[sizeof kind + USER_MAX];
	const size_t n = user_id != NULL ? strnlen(user_id, USER_MAX + 1) : 0;
	enum card_error err;

	if (secret.n < SECRET_MIN || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (n == 0 || n > USER_MAX)
		return CARD_ERR_MALFORMED;
	memcpy(text, kind, sizeof kind);
	memcpy(text + sizeof kind, user_id, n);
	err = key(secret, card_bytes(text, sizeof kind + n), out);
	card_wipe(text, sizeof text);
	return err;
}
