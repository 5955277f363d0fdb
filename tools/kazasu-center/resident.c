/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resident.c — how message 3 names the resident, by method (rules 4.3): 新方式 by the certificate,
 * 変換方式 by the 利用者ID that the municipality's table has for it, 現行方式 by that of the card.
 */
#include "exchange.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum card_error center_user_key(const struct center *c, const char *municipality,
				const char *authority, const char *serial, char out[65])
{
	uint8_t who[32], number[64], key[32];
	card_buf_t a = card_buf_fixed(who, sizeof who), s = card_buf_fixed(number, sizeof number),
		   secret = {0};
	enum card_error err = card_hex_decode(authority, &a);

	if (err == CARD_OK)
		err = card_hex_decode(serial, &s);
	if (err == CARD_OK && a.n != 32)
		err = CARD_ERR_MALFORMED;
	if (err == CARD_OK)
		err = center_secret(&c->config, municipality, "conversion", &secret);
	if (err == CARD_OK)
		err = flow_issue_resident_key(card_buf_bytes(&secret), who, card_buf_bytes(&s),
					      key);
	card_buf_free(&secret);
	if (err == CARD_OK)
		flow_issue_hex_text(key, sizeof key, out);
	OPENSSL_cleanse(key, sizeof key);
	return err;
}

static json_t *name_of(const struct exchange *x, const struct proof *p)
{
	if (strcmp(x->row.method, "new") == 0)
		return json_pack("{s:s,s:s}", "serial", p->serial, "authority", p->authority);
	if (strcmp(x->row.method, "conversion") == 0)
		return json_pack("{s:s}", "key", p->user_key);
	return json_pack("{s:s}", "user_id", p->user_id);
}

enum card_error center_resident_keep(struct exchange *x, const struct proof *p,
				     const uint8_t key[32])
{
	json_t *json = name_of(x, p);
	char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
	card_buf_t sealed = {0};
	enum card_error err =
		text != NULL ? flow_issue_seal(key, x->id, card_bytes(text, strlen(text)), &sealed)
			     : CARD_ERR_NO_MEMORY;
	json_t *base64 = err == CARD_OK ? flow_issue_base64_new(card_buf_bytes(&sealed)) : NULL;

	if (err == CARD_OK &&
	    (base64 == NULL || json_string_length(base64) >= sizeof x->row.resident))
		err = CARD_ERR_NO_MEMORY;
	if (err == CARD_OK)
		snprintf(x->row.resident, sizeof x->row.resident, "%s", json_string_value(base64));
	if (text != NULL)
		OPENSSL_cleanse(text, strlen(text));
	free(text);
	json_decref(json);
	json_decref(base64);
	card_buf_free(&sealed);
	return err;
}

struct lookup {
	const char *municipality, *key;
	char user_id[65];
};

static enum card_error look_up(void *ctx, flow_store_t *db)
{
	struct lookup *l = ctx;

	return flow_issue_user_id_get(db, l->municipality, l->key, l->user_id);
}

/*
 * The table as it is now: a mapping that was taken out after message 2 no longer counts. Who is not
 * in it gets a 利用者ID that nobody has, so that the municipality refuses it as it refuses all others,
 * in its own words and its own time (K20); it is the same one for every repetition of message 3.
 */
static enum card_error convert(struct exchange *x, const uint8_t key[32], const json_t *kept,
			       json_t **out)
{
	struct lookup l = {x->row.municipality, flow_issue_text(kept, "key", 64), ""};
	enum card_error err = l.key != NULL ? flow_issue_store_read(x->c->store, look_up, &l)
					    : CARD_ERR_MALFORMED;

	if (err == CARD_ERR_NOT_FOUND) {
		center_hmac(key, "no user", card_bytes(l.key, strlen(l.key)), l.user_id);
		err = CARD_OK;
	}
	if (err == CARD_OK)
		*out = json_pack("{s:s}", "user_id", l.user_id);
	return err == CARD_OK && *out == NULL ? CARD_ERR_NO_MEMORY : err;
}

enum card_error center_resident(struct exchange *x, json_t **out)
{
	uint8_t key[32];
	card_buf_t sealed = {0}, clear = {0};
	json_t *box = json_pack("{s:s}", "resident", x->row.resident), *kept = NULL;
	enum card_error err = center_key_open(x->c, x->id, x->row.key, key);

	*out = NULL;
	if (err == CARD_OK)
		err = flow_issue_base64(box, "resident", &sealed);
	if (err == CARD_OK)
		err = flow_issue_open(key, x->id, card_buf_bytes(&sealed), &clear);
	if (err == CARD_OK) {
		kept = json_loadb((const char *)clear.p, clear.n, 0, NULL);
		err = kept == NULL ? CARD_ERR_MALFORMED : CARD_OK;
	}
	if (err == CARD_OK && strcmp(x->row.method, "conversion") == 0)
		err = convert(x, key, kept, out);
	else if (err == CARD_OK)
		*out = json_incref(kept);
	OPENSSL_cleanse(key, sizeof key);
	card_buf_free(&clear);
	card_buf_free(&sealed);
	json_decref(kept);
	json_decref(box);
	return err;
}
