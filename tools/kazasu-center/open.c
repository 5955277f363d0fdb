/* SPDX-License-Identifier: Apache-2.0 */
/* open.c — a transaction begins (K04, K05, K06): the id is made, the nonce is given. */
#include "exchange.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct opening {
	struct center *c;
	struct center_rules *rules;
	const char *terminal;
	const json_t *json;
	char session[33], digest[65];
	int64_t now;
	struct flow_issue_row row;
	struct flow_issue_municipality municipality;
	struct flow_issue_offer offer;
	const char *error;
	bool number_wanted;
};

/* Options that a kind may have; anything else is no request (docs/issuance.md). */
static bool option_allowed(const char *kind, const char *key, const json_t *value)
{
	const char *text = json_string_value(value);
	const bool resident = strcmp(kind, "juminhyo") == 0 || strcmp(kind, "kisai") == 0;

	if (strcmp(key, "scope") == 0)
		return text != NULL &&
		       ((resident &&
			 (strcmp(text, "household") == 0 || strcmp(text, "person") == 0)) ||
			(strcmp(kind, "koseki") == 0 &&
			 (strcmp(text, "full") == 0 || strcmp(text, "person") == 0)));
	if (strcmp(key, "number") == 0 || strcmp(key, "relation") == 0)
		return resident && json_is_boolean(value);
	if (strcmp(key, "domicile") == 0)
		return (resident || strcmp(kind, "fuhyo") == 0) && json_is_boolean(value);
	if (strcmp(key, "tax") == 0)
		return strcmp(kind, "tax") == 0 && text != NULL &&
		       (strcmp(text, "income") == 0 || strcmp(text, "payment") == 0);
	if (strcmp(key, "year") == 0)
		return strcmp(kind, "tax") == 0 && json_is_integer(value) &&
		       json_integer_value(value) >= 1989 && json_integer_value(value) <= 9999;
	return false;
}

static bool take_options(struct opening *o)
{
	json_t *options = json_object_get(o->json, "options");
	const char *key;
	json_t *value;
	char *text;
	bool good = json_is_object(options);

	json_object_foreach(options, key, value)
	{
		good = good && option_allowed(o->row.kind, key, value);
	}
	o->number_wanted = json_is_true(json_object_get(options, "number"));
	text = good ? json_dumps(options, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	good = text != NULL && strlen(text) < sizeof o->row.options;
	if (good)
		snprintf(o->row.options, sizeof o->row.options, "%s", text);
	free(text);
	return good;
}

static bool take(const json_t *json, const char *key, char *out, size_t cap)
{
	const char *text = flow_issue_text(json, key, cap - 1);

	if (text != NULL)
		snprintf(out, cap, "%s", text);
	return text != NULL;
}

static bool application_form(const struct opening *o)
{
	const size_t n = strlen(o->terminal);
	const char *number = o->row.application + n + 1;

	return strncmp(o->row.application, o->terminal, n) == 0 && o->row.application[n] == '-' &&
	       strlen(number) == 9 && strspn(number, "0123456789") == 9;
}

static bool take_request(struct opening *o)
{
	struct flow_issue_row *r = &o->row;
	bool confirmed;
	int64_t copies;

	if (!take(o->json, "application", r->application, sizeof r->application) ||
	    !take(o->json, "municipality", r->municipality, sizeof r->municipality) ||
	    !take(o->json, "kind", r->kind, sizeof r->kind) ||
	    !take(o->json, "method", r->method, sizeof r->method) ||
	    !take(o->json, "consent", r->consent, sizeof r->consent) ||
	    !take(o->json, "language", r->language, sizeof r->language) ||
	    !exchange_number(o->json, "copies", 1, FLOW_ISSUE_COPIES_MAX, &copies) ||
	    !exchange_bool(o->json, "number_confirmed", &confirmed))
		return false;
	r->t.copies = (unsigned)copies;
	/* 個人番号 on paper is confirmed on a screen of its own (PD-23). */
	return flow_issue_kind_known(r->kind) && flow_issue_method_known(r->method) &&
	       application_form(o) && take_options(o) && confirmed == o->number_wanted;
}

/* What the choice leads to. */
static enum flow_issue_event judge(struct opening *o, bool stopped)
{
	const struct card_date day = card_date_in_japan(o->now);

	flow_issue_catalogue_offer(o->rules->catalogue, o->row.municipality, o->row.kind, o->now,
				   &o->offer);
	o->row.t.fee = o->offer.fee > 0 ? o->offer.fee : 0;
	if (o->offer.code != NULL && strcmp(o->offer.code, "not_participating") == 0)
		return FLOW_ISSUE_ON_NOT_PARTICIPATING;
	(void)flow_issue_catalogue_municipality(o->rules->catalogue, o->row.municipality, day,
						&o->municipality);
	if (!o->offer.enabled || (o->number_wanted && !o->municipality.number))
		return FLOW_ISSUE_ON_KIND_DISABLED;
	if (stopped)
		return FLOW_ISSUE_ON_STOPPED;
	if (o->offer.code != NULL && strcmp(o->offer.code, "outside_hours") == 0)
		return FLOW_ISSUE_ON_OUTSIDE_HOURS;
	if (o->offer.code != NULL)
		return FLOW_ISSUE_ON_FEE_UNKNOWN;
	return flow_list_has(o->municipality.methods, o->row.method) ? FLOW_ISSUE_ON_CARD_FITS
								     : FLOW_ISSUE_ON_CARD_UNUSABLE;
}

static json_t *prompts(const char *method)
{
	if (strcmp(method, "new") == 0)
		return json_pack("[s]", "auth");
	return strcmp(method, "conversion") == 0 ? json_pack("[s,s]", "auth", "kind")
						 : json_pack("[s]", "kind");
}

static enum card_error write_answer(struct opening *o)
{
	json_t *answer = exchange_answer(&o->row, o->row.t.code, o->now);
	char expires[26], *text;

	if (o->row.t.state == FLOW_ISSUE_CARD_READ) {
		card_time_format_japan(o->row.nonce_until, expires);
		json_object_update_new(answer, json_pack("{s:s,s:s,s:s,s:I,s:o}", "nonce",
							 o->row.nonce, "expires", expires,
							 "audience", o->c->config.audience, "fee",
							 (json_int_t)o->row.t.fee, "prompts",
							 prompts(o->row.method)));
	}
	if (o->offer.opens_at > 0) {
		card_time_format_japan(o->offer.opens_at, expires);
		json_object_set_new(answer, "opens_at", json_string(expires));
	}
	text = answer != NULL ? json_dumps(answer, JSON_COMPACT) : NULL;
	json_decref(answer);
	if (text == NULL || strlen(text) >= sizeof o->row.answer) {
		free(text);
		return CARD_ERR_NO_MEMORY;
	}
	snprintf(o->row.answer, sizeof o->row.answer, "%s", text);
	free(text);
	return CARD_OK;
}

static enum card_error begin(struct opening *o, flow_store_t *db)
{
	enum flow_issue_event event;
	bool stopped;
	enum card_error err =
		flow_issue_stopped(db, o->row.municipality, o->row.kind, o->terminal, &stopped);

	if (err == CARD_OK)
		err = flow_issue_random_hex(16, o->row.id);
	if (err == CARD_OK)
		err = flow_issue_number_make(2, o->row.inquiry);
	if (err == CARD_OK)
		err = flow_issue_random_hex(FLOW_ISSUE_NONCE, o->row.nonce);
	if (err != CARD_OK)
		return err;
	o->row.t.state = o->row.was.state = FLOW_ISSUE_CHOOSING;
	event = judge(o, stopped);
	err = flow_issue_step(&o->row.t, event, NULL, NULL);
	o->row.opened = o->row.changed = o->now;
	o->row.nonce_until = o->now + atomic_load(&o->c->idle_seconds);
	o->row.deadline = o->row.t.state == FLOW_ISSUE_CARD_READ
				  ? o->row.nonce_until + atomic_load(&o->c->message_seconds)
				  : 0;
	if (err == CARD_OK)
		err = write_answer(o);
	return err != CARD_OK ? err
			      : flow_issue_row_add(db, &o->row, flow_issue_event_name(event),
						   o->c->config.name);
}

static enum card_error unit(void *ctx, flow_store_t *db)
{
	struct opening *o = ctx;
	char current[33], id[33];
	enum card_error err = flow_issue_session_get(db, o->terminal, current);

	o->error = NULL;
	if (err == CARD_ERR_NOT_FOUND || (err == CARD_OK && strcmp(current, o->session) != 0)) {
		o->error = "SESSION";
		return flow_issue_event_add(db, "", o->now, o->terminal, "security", o->error,
					    o->c->config.name);
	}
	if (err != CARD_OK)
		return err;
	err = flow_issue_row_by_application(db, o->terminal, o->row.application, id);
	if (err == CARD_ERR_NOT_FOUND)
		return begin(o, db);
	if (err == CARD_OK)
		err = flow_issue_row_load(db, id, false, &o->row);
	/* The same application again (PD-19). */
	if (err == CARD_OK && (strcmp(o->row.request, o->digest) != 0 || o->row.seq != 0)) {
		o->error = "CONFLICT";
		err = flow_issue_event_add(db, id, o->now, o->terminal, "security", o->error,
					   o->c->config.name);
	}
	return err;
}

void center_open_transaction(struct center *c, struct center_rules *rules, const char *terminal,
			     const struct flow_issue_message *m, struct card_bytes body,
			     struct center_reply *reply)
{
	struct opening *o = calloc(1, sizeof *o);
	uint8_t raw[32];
	enum card_error err = CARD_ERR_DENIED;

	if (o == NULL) {
		center_reply_store(reply, c);
		return;
	}
	o->c = c;
	o->rules = rules;
	o->terminal = terminal;
	o->json = m->json;
	o->now = center_now(c);
	if (flow_issue_hex(m->json, "session", raw, 16) != CARD_OK) {
		center_reply_error(reply, 400, "MALFORMED", NULL);
		free(o);
		return;
	}
	flow_issue_hex_text(raw, 16, o->session);
	EVP_Digest(body.p, body.n, raw, NULL, EVP_sha256(), NULL);
	flow_issue_hex_text(raw, sizeof raw, o->digest);
	/* A number that is taken is made anew. */
	for (int i = 0; i < 3 && err == CARD_ERR_DENIED; i++) {
		memset(&o->row, 0, sizeof o->row);
		snprintf(o->row.terminal, sizeof o->row.terminal, "%s", terminal);
		memcpy(o->row.session, o->session, sizeof o->session);
		memcpy(o->row.request, o->digest, sizeof o->digest);
		err = take_request(o) ? flow_issue_store_work(c->store, unit, o)
				      : CARD_ERR_MALFORMED;
	}
	if (err == CARD_ERR_MALFORMED)
		center_reply_error(reply, 400, "MALFORMED", NULL);
	else if (err != CARD_OK)
		center_reply_store(reply, c);
	else if (o->error != NULL)
		center_reply_error(reply, 409, o->error, NULL);
	else
		center_reply_text(reply, o->row.answer);
	free(o);
}
