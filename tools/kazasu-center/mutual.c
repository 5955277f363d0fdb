/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mutual.c — 現行方式 (R1-23): the centre proves itself to the card, and the card to the centre.
 * What the card does is an assumption of this project (docs/issuance.md).
 */
#include "exchange.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#define REFERENCE 8u
#define CHALLENGE 16u

static void hmac(struct card_bytes key, const void *p, size_t n, uint8_t out[32])
{
	unsigned len = 32;

	HMAC(EVP_sha256(), key.p, (int)key.n, p, n, out, &len);
}

bool center_challenge(const struct exchange *x, uint8_t out[32])
{
	uint8_t id[16], session[16], nonce[32];
	card_buf_t a = card_buf_fixed(id, sizeof id), b = card_buf_fixed(session, sizeof session),
		   n = card_buf_fixed(nonce, sizeof nonce);

	return x->row.nonce[0] != '\0' && x->now <= x->row.nonce_until &&
	       card_hex_decode(x->row.id, &a) == CARD_OK &&
	       card_hex_decode(x->session, &b) == CARD_OK &&
	       card_hex_decode(x->row.nonce, &n) == CARD_OK && a.n == 16 && b.n == 16 &&
	       n.n == 32 &&
	       flow_issue_challenge(x->c->config.audience, id, session, nonce, out) == CARD_OK;
}

/* What lets a terminal in, for this card, its challenge and this transaction. */
static enum card_error prove(struct exchange *x, const uint8_t reference[REFERENCE],
			     const uint8_t challenge[CHALLENGE], char hex[65])
{
	uint8_t named[15 + REFERENCE] = "KAZASU-OPEN-v1", said[CHALLENGE + 32], key[32], out[32];
	card_buf_t secret = {0};
	enum card_error err = center_secret(&x->c->config, x->row.municipality, "current", &secret);

	if (err == CARD_OK && !center_challenge(x, said + CHALLENGE))
		err = CARD_ERR_BAD_STATE;
	if (err == CARD_OK) {
		memcpy(named + 15, reference, REFERENCE);
		memcpy(said, challenge, CHALLENGE);
		hmac(card_buf_bytes(&secret), named, sizeof named, key);
		hmac(card_bytes(key, sizeof key), said, sizeof said, out);
		flow_issue_hex_text(out, sizeof out, hex);
	}
	OPENSSL_cleanse(key, sizeof key);
	card_buf_free(&secret);
	return err;
}

static enum card_error mutual(struct exchange *x, flow_store_t *db)
{
	const json_t *card = json_object_get(x->json, "card");
	uint8_t reference[REFERENCE], challenge[CHALLENGE];
	char proof[65];
	enum card_error err;

	(void)db;
	if (strcmp(x->row.method, "current") != 0 ||
	    (x->row.t.state != FLOW_ISSUE_CARD_READ && x->row.t.state != FLOW_ISSUE_PRINT_FAILED))
		return CARD_ERR_BAD_STATE;
	if (flow_issue_hex(card, "reference", reference, sizeof reference) != CARD_OK ||
	    flow_issue_hex(card, "challenge", challenge, sizeof challenge) != CARD_OK)
		return CARD_ERR_MALFORMED;
	err = prove(x, reference, challenge, proof);
	if (err == CARD_OK)
		x->answer = json_pack("{s:s}", "proof", proof);
	return err;
}

void exchange_mutual(struct exchange *x, struct center_reply *reply)
{
	exchange_finish(x, mutual, reply);
}

/* ---- message 2 ---- */

/* 1 to 64 characters ! to ~ (docs/issuance.md). */
bool center_user_id_form(const char *text)
{
	size_t n = 0;

	while (text[n] >= '!' && text[n] <= '~')
		n++;
	return text[n] == '\0' && n >= 1 && n <= 64;
}

/*
 * A 住基カード counts until 2025-12-31 (PD-10), a number card until its last day (R2-26). The
 * terminal has read both from the card; the municipality's own card system is behind it.
 */
static enum card_error in_force(const struct exchange *x, bool *good)
{
	static const struct card_date last_juki = {2025, 12, 31};
	const json_t *card = json_object_get(x->json, "card");
	const char *token = flow_issue_text(card, "token", 8),
		   *expires = flow_issue_text(card, "expires", 10);
	struct card_date last = last_juki;

	*good = false;
	if (token == NULL || (strcmp(token, "card") != 0 && strcmp(token, "juki") != 0))
		return CARD_ERR_MALFORMED;
	if (strcmp(token, "card") == 0 &&
	    (expires == NULL ||
	     card_date_parse(card_bytes(expires, strlen(expires)), &last) != CARD_OK))
		return CARD_ERR_MALFORMED;
	*good = card_date_compare(card_date_in_japan(x->now), last) <= 0;
	return CARD_OK;
}

enum card_error center_by_user_id(struct exchange *x, struct proof *p)
{
	const json_t *given = json_object_get(x->json, "mutual");
	const char *user_id = flow_issue_text(x->json, "user_id", sizeof p->user_id - 1);
	uint8_t digest[32], response[32], key[32], wanted[32];
	card_buf_t secret = {0};
	bool good;

	if (user_id == NULL || !center_user_id_form(user_id) ||
	    flow_issue_hex(given, "response", response, sizeof response) != CARD_OK ||
	    in_force(x, &good) != CARD_OK)
		return CARD_ERR_MALFORMED;
	p->event = FLOW_ISSUE_ON_FORGED;
	if (!center_challenge(x, digest))
		return CARD_OK;
	if (center_secret(&x->c->config, x->row.municipality, "current", &secret) != CARD_OK) {
		p->event = FLOW_ISSUE_ON_STATUS_UNKNOWN;
		return CARD_OK;
	}
	hmac(card_buf_bytes(&secret), user_id, strlen(user_id), key);
	hmac(card_bytes(key, sizeof key), digest, sizeof digest, wanted);
	card_buf_free(&secret);
	OPENSSL_cleanse(key, sizeof key);
	if (CRYPTO_memcmp(wanted, response, sizeof wanted) != 0)
		return CARD_OK;
	p->event = good ? FLOW_ISSUE_ON_VALID : FLOW_ISSUE_ON_CARD_ABOLISHED;
	snprintf(p->user_id, sizeof p->user_id, "%s", user_id);
	return card_buf_append(&p->identity, card_bytes(user_id, strlen(user_id)));
}
