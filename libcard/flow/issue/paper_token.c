/* SPDX-License-Identifier: Apache-2.0 */
#include "paper_token.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT 1 /* member "v" */

static bool only(const char *text, size_t cap, size_t least, const char *allowed)
{
	size_t n = strnlen(text, cap);

	return n < cap && n >= least && strspn(text, allowed) == n;
}

bool paper_is_copy(const char *text)
{
	if (strlen(text) != 14)
		return false;
	for (size_t i = 0; i < 14; i++) {
		if (i % 5 == 4 ? text[i] != '-'
			       : strchr("0123456789ABCDEFGHJKMNPQRSTVWXYZ", text[i]) == NULL)
			return false;
	}
	return true;
}

static bool in_range(const struct flow_paper_facts *f)
{
	static const char hex[] = "0123456789abcdef";

	return only(f->transaction, sizeof f->transaction, 32, hex) &&
	       only(f->document, sizeof f->document, 64, hex) &&
	       only(f->binding, sizeof f->binding, 64, hex) &&
	       only(f->municipality, sizeof f->municipality, 5, "0123456789") &&
	       only(f->kind, sizeof f->kind, 1, "abcdefghijklmnopqrstuvwxyz0123456789-") &&
	       memchr(f->copy, 0, sizeof f->copy) != NULL && paper_is_copy(f->copy) &&
	       f->page >= 1 && f->page <= f->pages && f->pages <= 999 && card_date_valid(f->made);
}

/* Append the base64url of a JSON text or of bytes. */
static enum card_error append_json(json_t *json, card_buf_t *out)
{
	char *text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
	enum card_error e = CARD_ERR_NO_MEMORY;

	if (text != NULL)
		e = paper_base64url(card_bytes(text, strlen(text)), out);
	free(text);
	json_decref(json);
	return e;
}

/* Hex of 32 bytes as base64url; NULL on failure. */
static json_t *short_digest(const char *hex)
{
	card_buf_t bytes = {0}, text = {0};
	json_t *json = NULL;

	if (card_hex_decode(hex, &bytes) == CARD_OK &&
	    paper_base64url(card_buf_bytes(&bytes), &text) == CARD_OK)
		json = json_stringn((const char *)text.p, text.n);
	card_buf_free(&bytes);
	card_buf_free(&text);
	return json;
}

static json_t *payload(const struct flow_paper_facts *f, const uint8_t front[PAPER_DIGEST])
{
	char made[11], hex[2 * PAPER_DIGEST + 1];

	card_date_format(f->made, made);
	if (card_hex_encode(card_bytes(front, PAPER_DIGEST), hex, sizeof hex) != CARD_OK)
		return NULL;
	return json_pack("{s:i,s:s,s:s,s:i,s:i,s:s,s:s,s:s,s:o,s:o,s:o}", "v", FORMAT, "id",
			 f->transaction, "copy", f->copy, "page", (int)f->page, "pages",
			 (int)f->pages, "kind", f->kind, "place", f->municipality, "made", made,
			 "doc", short_digest(f->document), "bind", short_digest(f->binding),
			 "front", short_digest(hex));
}

enum card_error paper_token_make(const struct flow_paper_facts *facts,
				 const uint8_t front[PAPER_DIGEST], const flow_paper_key_t *key,
				 card_buf_t *out)
{
	uint8_t signature[PAPER_SIGNATURE];
	enum card_error e;

	if (!in_range(facts))
		return CARD_ERR_INVALID_ARGUMENT;
	e = append_json(json_pack("{s:s,s:s}", "alg", "ES256", "kid", paper_key_id(key)), out);
	if (e == CARD_OK)
		e = card_buf_append_byte(out, '.');
	if (e == CARD_OK)
		e = append_json(payload(facts, front), out);
	if (e == CARD_OK)
		e = paper_sign(key, card_buf_bytes(out), signature);
	if (e == CARD_OK)
		e = card_buf_append_byte(out, '.');
	if (e == CARD_OK)
		e = paper_base64url(card_bytes(signature, sizeof signature), out);
	if (e == CARD_OK)
		e = card_buf_append_byte(out, 0);
	if (e == CARD_OK)
		out->n--;
	return e;
}

/* A JSON object behind base64url; NULL if it is none. */
static json_t *part(const char *text, size_t n)
{
	card_buf_t clear = {0};
	json_t *json = NULL;

	if (paper_unbase64url(card_bytes(text, n), &clear) == CARD_OK && clear.n > 0)
		json = json_loadb((const char *)clear.p, clear.n, JSON_REJECT_DUPLICATES, NULL);
	card_buf_free(&clear);
	if (json != NULL && !json_is_object(json)) {
		json_decref(json);
		json = NULL;
	}
	return json;
}

static bool copy_text(json_t *json, const char *key, char *out, size_t cap)
{
	const char *text = json_string_value(json_object_get(json, key));

	if (text == NULL || strlen(text) >= cap)
		return false;
	memcpy(out, text, strlen(text) + 1);
	return true;
}

static bool copy_number(json_t *json, const char *key, uint32_t *out)
{
	json_t *v = json_object_get(json, key);
	json_int_t n = json_integer_value(v);

	*out = n > 0 && n < 100000 ? (uint32_t)n : 0;
	return json_is_integer(v);
}

/* The base64url of 32 bytes. */
static bool read_digest(json_t *json, const char *key, uint8_t out[PAPER_DIGEST])
{
	const char *text = json_string_value(json_object_get(json, key));
	card_buf_t bytes = card_buf_fixed(out, PAPER_DIGEST);

	return text != NULL &&
	       paper_unbase64url(card_bytes(text, strlen(text)), &bytes) == CARD_OK &&
	       bytes.n == PAPER_DIGEST;
}

/* The same, as lower-case hex. */
static bool read_hex(json_t *json, const char *key, char out[2 * PAPER_DIGEST + 1])
{
	uint8_t bytes[PAPER_DIGEST];

	if (!read_digest(json, key, bytes))
		return false;
	for (size_t i = 0; i < PAPER_DIGEST; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	return true;
}

static bool read_payload(json_t *json, struct flow_paper_facts *f, uint8_t front[PAPER_DIGEST])
{
	const char *made = json_string_value(json_object_get(json, "made"));
	uint32_t version;

	return made != NULL && copy_number(json, "v", &version) && version == FORMAT &&
	       copy_text(json, "id", f->transaction, sizeof f->transaction) &&
	       copy_text(json, "kind", f->kind, sizeof f->kind) &&
	       copy_text(json, "place", f->municipality, sizeof f->municipality) &&
	       copy_text(json, "copy", f->copy, sizeof f->copy) &&
	       read_hex(json, "doc", f->document) && read_hex(json, "bind", f->binding) &&
	       copy_number(json, "page", &f->page) && copy_number(json, "pages", &f->pages) &&
	       card_date_parse(card_bytes(made, strlen(made)), &f->made) == CARD_OK &&
	       read_digest(json, "front", front) && in_range(f);
}

static bool read_header(json_t *json, char key_id[17])
{
	const char *alg = json_string_value(json_object_get(json, "alg"));

	return alg != NULL && strcmp(alg, "ES256") == 0 && json_object_get(json, "crit") == NULL &&
	       copy_text(json, "kid", key_id, 17);
}

enum card_error paper_token_read(const char *text, const flow_paper_trust_t *trust,
				 struct flow_paper_facts *facts, uint8_t front[PAPER_DIGEST],
				 char key_id[17], enum card_check *signature)
{
	const char *dot = strchr(text, '.'), *last = strrchr(text, '.');
	uint8_t flat[PAPER_SIGNATURE];
	card_buf_t sig = card_buf_fixed(flat, sizeof flat);
	enum card_error e = CARD_ERR_MALFORMED;
	json_t *header, *body;

	if (strnlen(text, FLOW_PAPER_TOKEN_MAX + 1) > FLOW_PAPER_TOKEN_MAX || dot == NULL ||
	    dot == last)
		return CARD_ERR_MALFORMED;
	header = part(text, (size_t)(dot - text));
	body = part(dot + 1, (size_t)(last - dot - 1));
	if (header != NULL && body != NULL && read_header(header, key_id) &&
	    read_payload(body, facts, front) &&
	    paper_unbase64url(card_bytes(last + 1, strlen(last + 1)), &sig) == CARD_OK &&
	    sig.n == PAPER_SIGNATURE) {
		*signature =
			paper_check(trust, key_id, card_bytes(text, (size_t)(last - text)), flat);
		e = CARD_OK;
	}
	json_decref(header);
	json_decref(body);
	return e;
}

enum card_error paper_seed(const struct flow_paper_facts *facts, uint8_t seed[PAPER_DIGEST])
{
	char text[96];
	int n = snprintf(text, sizeof text, "KAZASU-PAPER-v1/%s/%s/%u", facts->transaction,
			 facts->copy, facts->page);

	if (n < 0 || (size_t)n >= sizeof text ||
	    EVP_Digest(text, (size_t)n, seed, NULL, EVP_sha256(), NULL) != 1)
		return CARD_ERR_CRYPTO;
	return CARD_OK;
}
