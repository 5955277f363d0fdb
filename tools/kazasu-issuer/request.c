/* SPDX-License-Identifier: Apache-2.0 */
/* request.c — reading message 3. */
#include "request.h"

#include <card/date.h>
#include <card/secret.h>

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

bool request_is_hex(const char *text, size_t digits)
{
	return text != NULL && strlen(text) == digits && strspn(text, "0123456789abcdef") == digits;
}

/* A flag that may be absent. */
static bool take_flag(const json_t *o, const char *key, bool *out)
{
	const json_t *v = json_object_get(o, key);

	*out = json_is_true(v);
	return v == NULL || json_is_boolean(v);
}

/* The whole household (住民票) or register (戸籍) unless one person is meant. */
static bool take_scope(const json_t *o, bool *person)
{
	const json_t *v = json_object_get(o, "scope");
	const char *text = json_string_value(v);

	*person = text != NULL && strcmp(text, "person") == 0;
	return v == NULL || (text != NULL && (*person || strcmp(text, "household") == 0 ||
					      strcmp(text, "full") == 0));
}

/* One of two words, the first if absent. */
static bool take_word(const json_t *o, const char *key, const char *first, const char *second,
		      bool *out)
{
	const json_t *v = json_object_get(o, key);
	const char *text = json_string_value(v);

	*out = text != NULL && strcmp(text, second) == 0;
	return v == NULL || (text != NULL && (*out || strcmp(text, first) == 0));
}

static bool take_options(struct request *r, const json_t *o)
{
	const json_t *year = json_object_get(o, "year");
	struct flow_certificate_options *out = &r->options;

	if (!json_is_object(o))
		return false;
	if (!take_scope(o, &out->person) || !take_flag(o, "number", &out->number) ||
	    !take_flag(o, "domicile", &out->domicile) ||
	    !take_flag(o, "relation", &out->relation) ||
	    !take_word(o, "tax", "income", "payment", &out->payment))
		return false;
	if (year != NULL && (!json_is_integer(year) || json_integer_value(year) < 1900 ||
			     json_integer_value(year) > 9999))
		return false;
	out->year = (int)json_integer_value(year);
	r->options_text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);
	return r->options_text != NULL && strlen(r->options_text) < REQUEST_TEXT;
}

static bool take_resident(struct request *r, const json_t *o, struct card_bytes secret)
{
	const char *serial = flow_issue_text(o, "serial", 64);
	const char *authority = flow_issue_text(o, "authority", 64);
	const char *user = flow_issue_text(o, "user_id", 128);

	r->by_certificate = serial != NULL && authority != NULL;
	if (r->by_certificate == (user != NULL))
		return false;
	return (r->by_certificate ? flow_record_certificate_key(secret, authority, serial, r->key)
				  : flow_record_user_key(secret, user, r->key)) == CARD_OK;
}

static bool take_texts(struct request *r, const json_t *j)
{
	const json_t *terminal = json_object_get(j, "terminal"),
		     *pin = json_object_get(j, "kind_pin");
	const json_t *attempt = json_object_get(j, "attempt");
	const char *received = flow_issue_text(j, "received", 40),
		   *only = flow_issue_text(j, "only", 16);

	r->transaction = flow_issue_text(j, "transaction", 32);
	r->session = flow_issue_text(j, "session", 32);
	r->binding = flow_issue_text(j, "binding", 64);
	r->method = flow_issue_text(j, "method", 16);
	r->terminal = flow_issue_text(terminal, "id", 64);
	r->place = flow_issue_text(terminal, "place", REQUEST_TEXT);
	r->kind_pin = json_string_value(pin);
	r->only_pin = only != NULL;
	if (r->only_pin && (strcmp(only, "kind_pin") != 0 || r->kind_pin == NULL))
		return false;
	r->attempt = (int)json_integer_value(attempt);
	return request_is_hex(r->transaction, 32) && request_is_hex(r->session, 32) &&
	       request_is_hex(r->binding, 64) && r->method != NULL && r->terminal != NULL &&
	       (pin == NULL || json_is_null(pin) || r->kind_pin != NULL) &&
	       json_is_integer(attempt) && r->attempt >= 0 && r->attempt < 1000 &&
	       received != NULL && card_time_parse(received, &r->received) == CARD_OK;
}

/* 新方式 knows the resident by the certificate and asks no PIN of the kind; the others know him by
 * the 利用者ID and do (rules 4.3). */
static bool method_fits(const struct request *r)
{
	if (strcmp(r->method, "new") == 0)
		return r->kind_pin == NULL && r->by_certificate;
	return (strcmp(r->method, "conversion") == 0 || strcmp(r->method, "current") == 0) &&
	       r->kind_pin != NULL && !r->by_certificate;
}

static bool take(struct request *r, const char *municipality, struct card_bytes secret)
{
	const json_t *j = r->message.json;
	const char *to = flow_issue_text(j, "municipality", 5);
	const char *kind = flow_issue_text(j, "kind", 16);

	return to != NULL && strcmp(to, municipality) == 0 &&
	       flow_certificate_by_name(kind, &r->kind) && take_texts(r, j) &&
	       take_options(r, json_object_get(j, "options")) &&
	       take_resident(r, json_object_get(j, "resident"), secret) && method_fits(r);
}

bool request_read(struct request *r, struct card_bytes body, const char *municipality,
		  struct card_bytes secret)
{
	uint8_t digest[32];
	unsigned n = sizeof digest;

	*r = (struct request){.attempt = 0};
	if (EVP_Digest(body.p, body.n, digest, &n, EVP_sha256(), NULL) != 1 ||
	    flow_issue_message_read(&r->message, body) != CARD_OK)
		return false;
	flow_issue_hex_text(digest, sizeof digest, r->digest);
	return r->message.parts == 0 && take(r, municipality, secret);
}

void request_free(struct request *r)
{
	if (r->message.json != NULL)
		flow_issue_message_free(&r->message);
	free(r->options_text);
	card_wipe(r, sizeof *r);
}
