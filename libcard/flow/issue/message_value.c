/* SPDX-License-Identifier: Apache-2.0 */
/* message_value.c — texts and bytes inside the JSON of a message. */
#include <cardflow/issue_message.h>

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

const char *flow_issue_text(const json_t *json, const char *key, size_t max)
{
	const json_t *value = json_object_get(json, key);

	if (!json_is_string(value) || json_string_length(value) == 0 ||
	    json_string_length(value) > max)
		return NULL;
	return json_string_value(value);
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum card_error flow_issue_hex(const json_t *json, const char *key, uint8_t *out, size_t n)
{
	const char *text = flow_issue_text(json, key, 2 * n);

	if (text == NULL || strlen(text) != 2 * n)
		return CARD_ERR_MALFORMED;
	for (size_t i = 0; i < n; i++) {
		const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return CARD_ERR_MALFORMED;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return CARD_OK;
}

void flow_issue_hex_text(const uint8_t *bytes, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * n] = '\0';
}

static bool base64_form(const char *text, size_t n)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const size_t body = strspn(text, alphabet);

	return n % 4 == 0 && n - body <= 2 && strspn(text + body, "=") == n - body;
}

enum card_error flow_issue_base64(const json_t *json, const char *key, card_buf_t *out)
{
	const char *text = flow_issue_text(json, key, FLOW_ISSUE_JSON_MAX);
	const size_t n = text != NULL ? strlen(text) : 0;
	enum card_error err;
	int decoded;

	if (text == NULL || !base64_form(text, n))
		return CARD_ERR_MALFORMED;
	err = card_buf_reserve(out, n / 4 * 3);
	if (err != CARD_OK)
		return err;
	decoded = EVP_DecodeBlock(out->p + out->n, (const uint8_t *)text, (int)n);
	if (decoded < 0)
		return CARD_ERR_MALFORMED;
	/* EVP_DecodeBlock counts the padding as bytes. */
	out->n += (size_t)decoded - (n - strcspn(text, "="));
	return CARD_OK;
}

json_t *flow_issue_base64_new(struct card_bytes bytes)
{
	char *text = malloc(bytes.n / 3 * 4 + 5);
	json_t *json = NULL;

	if (text != NULL)
		json = json_stringn(
			text, (size_t)EVP_EncodeBlock((uint8_t *)text, bytes.p, (int)bytes.n));
	free(text);
	return json;
}
