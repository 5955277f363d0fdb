/* SPDX-License-Identifier: Apache-2.0 */
/* terminal_apply.c — the card, its PIN, message 2, and the document (K05–K22). */
#include "terminal.h"

#include <card/secret.h>
#include <stdio.h>
#include <string.h>

/* The reason of docs/issuance.md for an error of the card before message 2. */
static const char *reason_of(enum card_error err)
{
	switch (err) {
	case CARD_ERR_PIN_LOCKED:
		return "locked"; /* K07 */
	case CARD_ERR_TIMEOUT:
		return "idle"; /* K27 */
	case CARD_ERR_CANCELLED:
	case CARD_ERR_LAST_TRY:
	case CARD_ERR_PIN_WRONG: /* and nobody tries again */
	case CARD_ERR_PIN_FORMAT:
		return "cancelled"; /* K27 */
	default:
		return "card_pulled"; /* K10 */
	}
}

/* The only thing that the key signs is built here, never taken from the centre (decision 4). */
static enum card_error challenge(const struct errand *e, uint8_t digest[32])
{
	json_t *json = json_pack("{s:s}", "nonce", e->nonce);
	uint8_t nonce[FLOW_ISSUE_NONCE];
	enum card_error err = flow_issue_hex(json, "nonce", nonce, sizeof nonce);

	json_decref(json);
	return err == CARD_OK
		       ? flow_issue_challenge(e->t->audience, e->id, e->session, nonce, digest)
		       : err;
}

static enum card_error sign(struct errand *e, const uint8_t digest[32], card_buf_t *signature)
{
	for (;;) {
		int tries = -1;
		enum card_error err = e->t->w.sign(e->t->w.ctx, digest, signature, &tries);

		if (err != CARD_ERR_PIN_WRONG)
			return err;
		if (tries == 0)
			return CARD_ERR_PIN_LOCKED;
		terminal_say(e, FLOW_SCREEN_PIN_WRONG, tries); /* K08 */
		card_buf_clear(signature);
		if (!link_state(
			    e,
			    "card_read")) /* proven once more (K37): the centre has no such row */
			continue;
		err = link_post(e, "cancel", json_pack("{s:s}", "reason", "pin_wrong"));
		if (err != CARD_OK && err != CARD_ERR_BAD_STATE)
			return err;
	}
}

static enum card_error bind_to(struct errand *e, struct card_bytes identity)
{
	uint8_t binding[32];
	enum card_error err = flow_issue_binding(e->id, e->session, identity, binding);

	if (err == CARD_OK)
		flow_issue_hex_text(binding, sizeof binding, e->binding);
	return err;
}

/* 新方式, 変換方式: the certificate and a signature. */
static enum card_error prove_certificate(struct errand *e, json_t *body)
{
	card_buf_t der = {0}, signature = {0};
	uint8_t digest[32];
	enum card_error err = e->t->w.certificate(e->t->w.ctx, &der);

	if (err == CARD_OK)
		err = challenge(e, digest);
	if (err == CARD_OK)
		err = sign(e, digest, &signature);
	if (err == CARD_OK)
		err = bind_to(e, card_buf_bytes(&der));
	if (err == CARD_OK &&
	    (json_object_set_new(body, "certificate",
				 flow_issue_base64_new(card_buf_bytes(&der))) != 0 ||
	     json_object_set_new(body, "signature",
				 flow_issue_base64_new(card_buf_bytes(&signature))) != 0))
		err = CARD_ERR_NO_MEMORY;
	card_buf_free(&der);
	card_buf_free(&signature);
	return err;
}

/* The centre's proof for this card and its challenge. */
static enum card_error ask_proof(struct errand *e, uint8_t proof[32])
{
	char reference[17], said[33];
	enum card_error err;

	flow_issue_hex_text(e->local.reference, sizeof e->local.reference, reference);
	flow_issue_hex_text(e->local.challenge, sizeof e->local.challenge, said);
	err = link_post(
		e, "mutual",
		json_pack("{s:{s:s, s:s}}", "card", "reference", reference, "challenge", said));
	return err == CARD_OK ? flow_issue_hex(e->answer.json, "proof", proof, 32) : err;
}

/* 現行方式: centre and card prove themselves to each other, then the card tells its 利用者ID
 * (R1-23). A challenge of the card is good for one proof. */
static enum card_error prove_local(struct errand *e, json_t *body)
{
	uint8_t digest[32], proof[32], response[32];
	char user_id[65] = "", hex[65];
	enum card_error err = challenge(e, digest);

	if (err == CARD_OK && !e->local_fresh)
		err = e->t->w.local(e->t->w.ctx, &e->local);
	e->local_fresh = false;
	if (err == CARD_OK)
		err = ask_proof(e, proof);
	if (err == CARD_OK)
		err = e->t->w.local_prove(e->t->w.ctx, digest, proof, user_id, response);
	if (err == CARD_OK)
		err = bind_to(e, card_bytes(user_id, strlen(user_id)));
	if (err == CARD_OK) {
		flow_issue_hex_text(response, sizeof response, hex);
		json_object_set_new(body, "user_id", json_string(user_id));
		json_object_set_new(body, "mutual", json_pack("{s:s}", "response", hex));
		json_object_set_new(
			body, "card",
			json_pack("{s:s, s:s?}", "token", e->local.token, "expires",
				  e->local.expires[0] != '\0' ? e->local.expires : NULL));
	}
	card_wipe(user_id, sizeof user_id);
	return err;
}

enum card_error step_prove(struct errand *e, json_t *body)
{
	return (method_pins(e) & FLOW_TERMINAL_PIN_AUTH) != 0 ? prove_certificate(e, body)
							      : prove_local(e, body);
}

/* The card is no good, or the person does not go on. */
static enum card_error give_up(struct errand *e, enum card_error why)
{
	enum card_error err = terminal_cancel(e, reason_of(why));

	/* Its application answered, but not as one of this municipality: another card, not a new start. */
	if (err == CARD_OK && (why == CARD_ERR_UNTRUSTED || why == CARD_ERR_MALFORMED ||
			       why == CARD_ERR_TRUNCATED || why == CARD_ERR_WRONG_TOKEN))
		snprintf(e->out->code, sizeof e->out->code, "card_unusable");
	return err;
}

/* Message 2, and "again?" (K09, K11–K16). */
static enum card_error apply(struct errand *e)
{
	json_t *body = json_pack("{s:s}", "method", e->method);
	enum card_error err = body == NULL ? CARD_ERR_NO_MEMORY : step_prove(e, body);
	const char *first;
	bool yes;

	if (err != CARD_OK) {
		json_decref(body);
		return err == CARD_ERR_NO_SERVICE ? err : give_up(e, err);
	}
	err = link_post(e, "apply", body);
	if (err != CARD_OK || !link_state(e, "applied") || strcmp(e->out->code, "again") != 0)
		return err;
	first = flow_issue_text(json_object_get(e->answer.json, "first"), "state", 16);
	yes = e->t->w.again(e->t->w.ctx, first != NULL ? first : "");
	return link_post(e, "again", json_pack("{s:s}", "answer", yes ? "yes" : "no"));
}

/* The centre must have understood the same card (docs/issuance.md, binding). */
static bool bound(const struct errand *e)
{
	const char *binding = flow_issue_text(e->answer.json, "binding", 64);

	return binding != NULL && strcmp(binding, e->binding) == 0;
}

/* Messages 3 to 5; the PIN of the kind is asked for until it is right or locked (K17). */
static enum card_error fetch(struct errand *e)
{
	const bool asks = (method_pins(e) & FLOW_TERMINAL_PIN_KIND) != 0;
	int tries = -1;

	for (;;) {
		json_t *body = json_pack("{s:n}", "kind_pin");
		const json_t *left;
		enum card_error err = body == NULL ? CARD_ERR_NO_MEMORY : CARD_OK;

		if (err == CARD_OK && asks)
			err = method_kind_pin(e, tries, body);
		if (err != CARD_OK) {
			json_decref(body);
			return terminal_cancel(e, err == CARD_ERR_TIMEOUT ? "idle" : "cancelled");
		}
		terminal_say(e, FLOW_SCREEN_PREPARING, 0);
		err = link_post(e, "document", body);
		if (err != CARD_OK || !link_state(e, "verified"))
			return err;
		left = json_object_get(e->answer.json, "tries_left");
		/* 新方式 has no such PIN: whoever asks for one is not understood. */
		if (!asks || !json_is_integer(left) || json_integer_value(left) < 1 ||
		    json_integer_value(left) > 99)
			return terminal_cancel(e, "cancelled");
		tries = (int)json_integer_value(left);
		terminal_say(e, FLOW_SCREEN_KIND_PIN_WRONG, tries);
	}
}

enum card_error step_apply(struct errand *e)
{
	enum card_error err = apply(e);

	if (err != CARD_OK || !link_state(e, "verified"))
		return err;
	if (!bound(e))
		return terminal_cancel(e, "document_error");
	terminal_say(e, FLOW_SCREEN_TAKE_CARD, 0);
	err = fetch(e);
	if (err != CARD_OK || !link_state(e, "delivered"))
		return err;
	err = paper_take(e);
	return err == CARD_ERR_MALFORMED ? terminal_cancel(e, "document_error") : err;
}
