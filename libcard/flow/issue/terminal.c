/* SPDX-License-Identifier: Apache-2.0 */
/* terminal.c — one run of a terminal, and one transaction from begin to end (K01–K40). */
#include "terminal.h"

#include <card/date.h>
#include <card/secret.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool wired(const struct flow_terminal_wires *w)
{
	return w->exchange != NULL && w->certificate != NULL && w->propose != NULL &&
	       w->sign != NULL && w->card_gone != NULL && w->again != NULL && w->confirm != NULL &&
	       w->pay != NULL && w->payment != NULL && w->surplus != NULL && w->give_back != NULL &&
	       w->returned != NULL && w->printer != NULL && w->print != NULL && w->job != NULL &&
	       w->end_job != NULL && w->fault != NULL && w->cleared != NULL && w->taken != NULL &&
	       w->erase != NULL && w->say != NULL && w->wait != NULL && w->now != NULL;
}

static bool keep(char *out, size_t cap, const char *text)
{
	int n = snprintf(out, cap, "%s", text);

	return n > 0 && (size_t)n < cap;
}

enum card_error flow_terminal_open(flow_terminal_t **out, const struct flow_terminal_config *c,
				   const struct flow_terminal_wires *wires)
{
	uint8_t session[FLOW_ISSUE_ID];
	flow_terminal_t *t;
	enum card_error err;

	if (out == NULL || c == NULL || wires == NULL || !wired(wires) || c->audience == NULL ||
	    c->notes == NULL || c->id == NULL || c->message_seconds < 1)
		return CARD_ERR_INVALID_ARGUMENT;
	*out = NULL;
	t = calloc(1, sizeof *t);
	if (t == NULL)
		return CARD_ERR_NO_MEMORY;
	t->w = *wires;
	t->lock = -1;
	t->message_seconds = c->message_seconds;
	t->clock_seconds = c->clock_seconds;
	err = keep(t->audience, sizeof t->audience, c->audience) &&
			      keep(t->notes, sizeof t->notes, c->notes) &&
			      keep(t->id, sizeof t->id, c->id) &&
			      (c->seals == NULL || keep(t->seals, sizeof t->seals, c->seals))
		      ? CARD_OK
		      : CARD_ERR_TOO_LONG;
	if (err == CARD_OK && RAND_bytes(session, sizeof session) != 1)
		err = CARD_ERR_CRYPTO;
	if (err == CARD_OK) {
		flow_issue_hex_text(session, sizeof session, t->session);
		err = notes_lock(t);
	}
	if (err == CARD_OK)
		err = notes_read(t);
	if (err == CARD_OK)
		err = notes_write(t); /* a terminal that cannot note anything does not start */
	if (err == CARD_OK)
		err = restart_begin(t);
	if (err != CARD_OK)
		flow_terminal_close(&t);
	*out = t;
	return err;
}

void flow_terminal_close(flow_terminal_t **t)
{
	if (t == NULL || *t == NULL)
		return;
	if ((*t)->lock >= 0)
		close((*t)->lock);
	json_decref((*t)->note);
	json_decref((*t)->left);
	card_wipe(*t, sizeof **t);
	free(*t);
	*t = NULL;
}

const json_t *flow_terminal_left(const flow_terminal_t *t)
{
	return t->left;
}

void terminal_say(const struct errand *e, enum flow_terminal_screen screen, int64_t number)
{
	const struct flow_terminal_say say = {
		.screen = screen,
		.code = e->out->code[0] != '\0' ? e->out->code : NULL,
		.inquiry = e->out->inquiry,
		.number = number,
		.pages = e->paper.pages,
		.copies = screen == FLOW_SCREEN_RECEIPT ? e->out->valid : e->paper.copies,
		.charged = e->out->charged,
		.kind = e->out->kind};

	e->t->w.say(e->t->w.ctx, &say);
}

enum card_error terminal_cancel(struct errand *e, const char *reason)
{
	enum card_error err = link_post(e, "cancel", json_pack("{s:s}", "reason", reason));

	if (err == CARD_OK && e->out->code[0] == '\0')
		snprintf(e->out->code, sizeof e->out->code, "%s", reason);
	return err;
}

/* Nobody waits for this: what cannot be told now is not told. */
void terminal_event(flow_terminal_t *t, const char *event, const char *code, const char *inquiry)
{
	json_t *answer;
	int status;

	(void)link_plain(t, "POST", "/v1/events",
			 json_pack("{s:s, s:s, s:s, s:s?}", "session", t->session, "event", event,
				   "code", code, "inquiry", inquiry),
			 &answer, &status);
	json_decref(answer);
}

static enum card_error end_without(struct errand *e, const char *state, const char *code)
{
	snprintf(e->out->state, sizeof e->out->state, "%s", state);
	snprintf(e->out->code, sizeof e->out->code, "%s", code);
	return CARD_OK;
}

/* Hours and refusals go by the centre's clock; one that is far from it would date our notes wrongly. */
static bool clock_differs(const flow_terminal_t *t, const json_t *answer)
{
	const char *text = flow_issue_text(answer, "time", 25);
	int64_t time, apart;

	if (t->clock_seconds == 0)
		return false;
	if (text == NULL || card_time_parse(text, &time) != CARD_OK)
		return true;
	apart = t->w.now(t->w.ctx) - time;
	return apart > t->clock_seconds || -apart > t->clock_seconds;
}

/* K01, K02: NULL, or why there is no service. */
static enum card_error service(struct errand *e, const char **why)
{
	static const char *const words[] = {"maintenance", "stopped", "closed"};
	json_t *answer;
	int status;
	enum card_error err = link_plain(e->t, "GET", "/v1/service", NULL, &answer, &status);
	const char *word = flow_issue_text(answer, "service", 16);

	*why = "no_service";
	if (err == CARD_OK && status == 200 && word != NULL && strcmp(word, "open") == 0)
		*why = clock_differs(e->t, answer) ? "clock" : NULL;
	for (size_t i = 0; word != NULL && i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i], word) == 0)
			*why = words[i];
	if (*why == NULL && flow_terminal_blocked(e->t) != NULL)
		*why = "blocked";
	json_decref(answer);
	return err;
}

/* The offer of this kind (K03): its fee, or the code why not. */
static enum card_error offer(struct errand *e, bool *offered)
{
	char path[96];
	json_t *answer, *one;
	size_t i;
	int status;
	enum card_error err;

	*offered = false;
	snprintf(path, sizeof path, "/v1/municipalities/%s", e->municipality);
	err = link_plain(e->t, "GET", path, NULL, &answer, &status);
	json_array_foreach(json_object_get(answer, "kinds"), i, one)
	{
		const char *kind = flow_issue_text(one, "kind", 24);

		if (kind == NULL || strcmp(kind, e->choice->kind) != 0)
			continue;
		*offered = json_is_null(json_object_get(one, "code"));
		e->out->fee = json_integer_value(json_object_get(one, "fee"));
	}
	method_offered(e, answer);
	json_decref(answer);
	return err;
}

/* Without a transaction there is no inquiry number: the application's stands for it. */
static void number_of_event(struct errand *e)
{
	if (notes_application(e->t, e->out->inquiry) != CARD_OK)
		e->out->inquiry[0] = '\0';
}

/* No card that fits, before a transaction is opened (K06, K07). */
static enum card_error refuse_card(struct errand *e, enum card_error err)
{
	if (err == CARD_ERR_PIN_LOCKED) {
		number_of_event(e);
		terminal_event(e->t, "locked", "locked", e->out->inquiry);
		return end_without(e, "refused", "locked");
	}
	if (err == CARD_ERR_CANCELLED)
		return end_without(e, "cancelled", "cancelled");
	if (err == CARD_ERR_TIMEOUT || err == CARD_ERR_NO_CARD)
		return end_without(e, "timed_out", "idle");
	number_of_event(e);
	if (err == CARD_ERR_UNTRUSTED) {
		terminal_event(e->t, "not_ready", "seal_unknown", e->out->inquiry);
		return end_without(e, "refused", "seal_unknown");
	}
	terminal_event(e->t, "card_unusable", "card_unusable", e->out->inquiry);
	return end_without(e, "refused", "card_unusable");
}

/* A card that fits a method of the municipality (K05). Nothing secret is needed. */
static enum card_error look_at_card(struct errand *e, bool *fits)
{
	const enum card_error err = method_choose(e);

	*fits = err == CARD_OK;
	return *fits ? CARD_OK : refuse_card(e, err);
}

/* The terminal proposes the municipality from the card; the person decides, and in the end the
 * issuer's mapping. *go: there is one. */
static enum card_error propose(struct errand *e, bool *go)
{
	enum card_error err = method_propose(e, e->municipality);

	*go = false;
	if (err != CARD_OK)
		return refuse_card(e, err);
	if (e->municipality[0] == '\0')
		return end_without(e, "refused", "municipality_unknown");
	err = e->t->w.propose(e->t->w.ctx, e->municipality);
	*go = err == CARD_OK;
	if (err == CARD_ERR_TIMEOUT)
		return end_without(e, "timed_out", "idle");
	return *go ? CARD_OK : end_without(e, "cancelled", "cancelled");
}

static enum card_error open_transaction(struct errand *e)
{
	const struct flow_terminal_choice *c = e->choice;
	json_t *options = c->options != NULL ? json_deep_copy(c->options) : json_object(), *body;
	char application[48];
	const char *audience, *nonce;
	enum card_error err = notes_application(e->t, application);

	if (err != CARD_OK) {
		json_decref(options);
		return err;
	}
	snprintf(e->out->inquiry, sizeof e->out->inquiry, "%s", application);
	body = json_pack("{s:s, s:s, s:s, s:s, s:o, s:i, s:s, s:s, s:b, s:I, s:s}", "session",
			 e->t->session, "application", application, "municipality", e->municipality,
			 "kind", c->kind, "options", options, "copies", (int)c->copies, "method",
			 e->method, "consent", "1", "number_confirmed", c->number_confirmed, "fee",
			 (json_int_t)e->out->fee, "language", c->language);
	err = link_open(e, body);
	if (err != CARD_OK || !link_state(e, "card_read"))
		return err;
	nonce = flow_issue_text(e->answer.json, "nonce", 64);
	audience = flow_issue_text(e->answer.json, "audience", 255);
	snprintf(e->nonce, sizeof e->nonce, "%s", nonce != NULL ? nonce : "");
	/* Nothing is signed for a centre that is not ours (decision 4). */
	if (nonce == NULL || audience == NULL || strcmp(audience, e->t->audience) != 0)
		return terminal_cancel(e, "cancelled");
	return CARD_OK;
}

/* From an open transaction to its end. */
static enum card_error run(struct errand *e)
{
	enum card_error err = step_apply(e);

	if (err == CARD_OK && link_state(e, "delivered"))
		err = step_pay(e);
	if (err == CARD_OK && link_state(e, "paid"))
		err = step_print(e);
	if (err == CARD_OK && link_state(e, "refund_due"))
		err = step_refund(e, json_object_get(e->answer.json, "refund"));
	return err;
}

static enum card_error issue(struct errand *e)
{
	const char *why;
	bool offered = false, fits = true;
	enum card_error err = service(e, &why);

	if (err != CARD_OK || why != NULL) {
		end_without(e, "idle", why != NULL ? why : "no_service");
		if (err == CARD_OK)
			terminal_event(e->t, "no_service", why, NULL);
		return err;
	}
	if (e->choice->municipality == NULL) {
		err = propose(e, &fits);
		if (err != CARD_OK || !fits)
			return err;
	}
	err = offer(e, &offered);
	snprintf(e->kind, sizeof e->kind, "%s", e->choice->kind);
	snprintf(e->method, sizeof e->method, "%s",
		 e->choice->method != NULL ? e->choice->method : "new");
	if (err == CARD_OK && offered) /* else the centre refuses, with an inquiry number (K04) */
		err = look_at_card(e, &fits);
	if (err != CARD_OK || !fits)
		return err;
	err = open_transaction(e);
	if (err == CARD_OK && link_state(e, "card_read"))
		err = run(e);
	return err;
}

static bool at_end(const struct errand *e)
{
	static const char *const ends[] = {"closed",    "refused",  "cancelled",
					   "timed_out", "refunded", "idle"};

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (link_state(e, ends[i]))
			return true;
	return false;
}

static enum card_error parse_id(const char *hex, uint8_t out[FLOW_ISSUE_ID])
{
	json_t *json = json_pack("{s:s}", "id", hex);
	enum card_error err = flow_issue_hex(json, "id", out, FLOW_ISSUE_ID);

	json_decref(json);
	return err;
}

enum card_error terminal_finish(struct errand *e, enum card_error err)
{
	flow_terminal_t *t = e->t;
	struct flow_terminal_result *out = e->out;

	paper_wipe(e);
	flow_issue_message_free(&e->answer);
	card_buf_free(&e->raw);
	journal_seal_free(&e->seal);
	if (!out->erased)
		out->erased = t->w.erase(t->w.ctx);
	if (!out->erased)
		(void)notes_block(t, "erasure", out->inquiry);
	if (err != CARD_OK && out->code[0] == '\0')
		snprintf(out->code, sizeof out->code,
			 "link"); /* K27, K30, K33, K36: told at the next start */
	/* What is not at an end stays noted: the next start tells the centre. */
	if (err == CARD_OK && at_end(e) && e->transaction[0] != '\0')
		err = notes_drop(e);
	terminal_say(e, FLOW_SCREEN_END, 0);
	card_wipe(e, sizeof *e);
	return err;
}

enum card_error terminal_begin(struct errand *e)
{
	return parse_id(e->t->session, e->session);
}

enum card_error flow_terminal_issue(flow_terminal_t *t, const struct flow_terminal_choice *choice,
				    struct flow_terminal_result *out)
{
	struct errand e = {.t = t, .choice = choice, .out = out};
	enum card_error err;

	if (t == NULL || choice == NULL || out == NULL || choice->kind == NULL ||
	    choice->language == NULL || choice->copies < 1 ||
	    choice->copies > FLOW_TERMINAL_COPIES ||
	    (choice->municipality != NULL && strlen(choice->municipality) > 5) ||
	    strlen(choice->kind) >= sizeof out->kind)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof *out);
	out->copies = choice->copies;
	snprintf(out->kind, sizeof out->kind, "%s", choice->kind);
	snprintf(e.municipality, sizeof e.municipality, "%.5s",
		 choice->municipality != NULL ? choice->municipality : "");
	err = terminal_begin(&e);
	if (err == CARD_OK)
		err = issue(&e);
	return terminal_finish(&e, err);
}
