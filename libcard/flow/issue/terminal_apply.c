/* SPDX-License-Identifier: Apache-2.0 */
/* terminal_apply.c — the card, its PIN, message 2, and the document (K05–K22). */
#include "terminal.h"

#include <card/secret.h>
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

enum card_error step_prove(struct errand *e, json_t *body)
{
	card_buf_t der = {0}, signature = {0};
	uint8_t digest[32], binding[32];
	enum card_error err = e->t->w.certificate(e->t->w.ctx, &der);

	if (err == CARD_OK)
		err = challenge(e, digest);
	if (err == CARD_OK)
		err = sign(e, digest, &signature);
	if (err == CARD_OK)
		err = flow_issue_binding(e->id, e->session, card_buf_bytes(&der), binding);
	if (err == CARD_OK) {
		flow_issue_hex_text(binding, sizeof binding, e->binding);
		if (json_object_set_new(body, "certificate",
					flow_issue_base64_new(card_buf_bytes(&der))) != 0 ||
		    json_object_set_new(body, "signature",
					flow_issue_base64_new(card_buf_bytes(&signature))) != 0)
			err = CARD_ERR_NO_MEMORY;
	}
	card_buf_free(&der);
	card_buf_free(&signature);
	return err;
}

/* Message 2, and "again?" (K09, K11–K16). */
static enum card_error apply(struct errand *e)
{
	json_t *body = json_pack("{s:s}", "method", "new");
	enum card_error err = body == NULL ? CARD_ERR_NO_MEMORY : step_prove(e, body);
	const char *first;
	bool yes;

	if (err != CARD_OK) {
		json_decref(body);
		return terminal_cancel(e, reason_of(err));
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

enum card_error step_apply(struct errand *e)
{
	enum card_error err = apply(e);

	if (err != CARD_OK || !link_state(e, "verified"))
		return err;
	if (!bound(e))
		return terminal_cancel(e, "document_error");
	terminal_say(e, FLOW_SCREEN_TAKE_CARD, 0);
	terminal_say(e, FLOW_SCREEN_PREPARING, 0);
	err = link_post(e, "document", json_pack("{s:n}", "kind_pin"));
	if (err != CARD_OK)
		return err;
	if (link_state(e, "verified")) /* a PIN per kind is asked for, which 新方式 does not have */
		return terminal_cancel(e, "cancelled");
	if (!link_state(e, "delivered"))
		return CARD_OK;
	err = paper_take(e);
	return err == CARD_ERR_MALFORMED ? terminal_cancel(e, "document_error") : err;
}
