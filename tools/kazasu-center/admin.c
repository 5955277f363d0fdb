/* SPDX-License-Identifier: Apache-2.0 */
/* admin.c — 緊急停止 by two persons, lists for an incident, settlement, open refunds, states of cards. */
#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct command {
	struct center *c;
	const char *operator_id, *query;
	const json_t *json;
	int64_t now;
	char request[33];
	json_t *list;
	const char *const *names; /* of the columns */
	card_buf_t certificate;
};

static enum card_error ask(void *ctx, flow_store_t *db)
{
	struct command *a = ctx;
	const char *action = flow_issue_text(a->json, "action", 10);
	const char *scope = flow_issue_text(a->json, "scope", 15);
	const char *value = flow_issue_text(a->json, "value", 40);
	const char *reason = flow_issue_text(a->json, "reason", 300);
	enum card_error err;

	if (action == NULL || scope == NULL || reason == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	err = flow_issue_random_hex(16, a->request);
	if (err == CARD_OK)
		err = flow_issue_admin_ask(db, a->request, action, scope,
					   value != NULL ? value : "", reason, a->operator_id,
					   a->now);
	return err != CARD_OK
		       ? err
		       : flow_issue_event_add(db, "", a->now, a->operator_id,
					      "emergency-stop-asked", scope, a->c->config.name);
}

static enum card_error agree(void *ctx, flow_store_t *db)
{
	struct command *a = ctx;
	uint8_t raw[16];
	enum card_error err;

	if (flow_issue_hex(a->json, "request", raw, 16) != CARD_OK)
		return CARD_ERR_INVALID_ARGUMENT;
	flow_issue_hex_text(raw, 16, a->request);
	err = flow_issue_admin_agree(db, a->request, a->operator_id, a->now);
	return err != CARD_OK ? err
			      : flow_issue_event_add(db, "", a->now, a->operator_id,
						     "emergency-stop", NULL, a->c->config.name);
}

/* State of a card: suspended, abolished, or active again (TV-10, PD-15). */
static enum card_error card(void *ctx, flow_store_t *db)
{
	struct command *a = ctx;
	const char *state = flow_issue_text(a->json, "state", 16);
	char key[65];
	enum card_error err;

	if (state == NULL || (strcmp(state, "suspended") != 0 && strcmp(state, "abolished") != 0 &&
			      strcmp(state, "active") != 0))
		return CARD_ERR_INVALID_ARGUMENT;
	card_buf_clear(&a->certificate);
	if (flow_issue_base64(a->json, "certificate", &a->certificate) != CARD_OK)
		return CARD_ERR_INVALID_ARGUMENT;
	center_hmac(a->c->master, "card", card_buf_bytes(&a->certificate), key);
	err = flow_issue_card_put(db, key, state, a->now);
	return err != CARD_OK ? err
			      : flow_issue_event_add(db, "", a->now, a->operator_id, "card-state",
						     state, a->c->config.name);
}

static enum card_error pay(void *ctx, flow_store_t *db)
{
	struct command *a = ctx;
	const char *inquiry = flow_issue_text(a->json, "inquiry", 9);
	const char *refund = flow_issue_text(a->json, "refund", 32);
	const char *means = flow_issue_text(a->json, "means", 40);
	struct flow_issue_row *row = malloc(sizeof *row);
	char id[33], main[33];
	enum card_error err = CARD_ERR_INVALID_ARGUMENT;

	if (row != NULL && inquiry != NULL && refund != NULL && means != NULL)
		err = flow_issue_row_by_inquiry(db, inquiry, id);
	if (err == CARD_OK)
		err = flow_issue_row_load(db, id, true, row);
	if (err == CARD_OK) {
		flow_issue_hex_text(row->t.refund, 16, main);
		err = strcmp(main, refund) == 0
			      ? center_step(a->c, db, row, FLOW_ISSUE_ON_RETURNED, NULL, a->now)
			      : flow_issue_refund_pay(db, refund, id, means, a->now);
	}
	if (err == CARD_OK)
		err = flow_issue_event_add(db, id, a->now, a->operator_id, "refund-paid", NULL,
					   a->c->config.name);
	free(row);
	return err;
}

static enum card_error add_row(void *ctx, const char *const *column, size_t n)
{
	struct command *a = ctx;
	json_t *one = json_object();

	for (size_t i = 0; i < n && a->names[i] != NULL; i++)
		json_object_set_new(one, a->names[i],
				    column[i] != NULL ? json_string(column[i]) : json_null());
	return json_array_append_new(a->list, one) == 0 ? CARD_OK : CARD_ERR_NO_MEMORY;
}

/* The value of a key of the query, up to & ; false: not there. */
static bool query_value(const char *query, const char *key, char *out, size_t cap)
{
	const size_t n = strlen(key);

	for (const char *at = query; at != NULL && *at != '\0';) {
		const size_t length = strcspn(at, "&");

		if (strncmp(at, key, n) == 0 && at[n] == '=' && length - n - 1 < cap) {
			snprintf(out, cap, "%.*s", (int)(length - n - 1), at + n + 1);
			return true;
		}
		at += length + (at[length] == '&');
	}
	return false;
}

static enum card_error refunds(void *ctx, flow_store_t *db)
{
	static const char *const names[] = {"refund",       "inquiry", "terminal",
					    "municipality", "kind",    "amount",
					    "state",        "created", NULL};
	struct command *a = ctx;

	a->names = names;
	json_array_clear(a->list);
	return flow_issue_refunds_open(db, add_row, a);
}

static enum card_error settlement(void *ctx, flow_store_t *db)
{
	static const char *const names[] = {"day",          "terminal", "municipality", "kind",
					    "transactions", "paid",     "valid",        "refunded",
					    "open",         NULL};
	struct command *a = ctx;
	char day[11];
	enum card_error err;
	json_t *one;
	size_t i;

	a->names = names;
	json_array_clear(a->list);
	if (!query_value(a->query, "day", day, sizeof day))
		return CARD_ERR_INVALID_ARGUMENT;
	err = flow_issue_settlement(db, day, add_row, a);
	/* paid = valid copies × fee + what went or goes back; every difference is a finding. */
	json_array_foreach(a->list, i, one)
	{
		const long left =
			strtol(json_string_value(json_object_get(one, "paid")), NULL, 10) -
			strtol(json_string_value(json_object_get(one, "valid")), NULL, 10) -
			strtol(json_string_value(json_object_get(one, "refunded")), NULL, 10) -
			strtol(json_string_value(json_object_get(one, "open")), NULL, 10);

		json_object_set_new(one, "difference", json_integer(left));
		json_object_set_new(one, "finding", json_boolean(left != 0));
	}
	return err;
}

/* A `+` of a zone is a blank in a query unless it is written %2B; both are taken. */
static bool query_time(const struct command *a, const char *key, int64_t *out)
{
	char text[40], clean[40];
	size_t n = 0;

	if (!query_value(a->query, key, text, sizeof text))
		return false;
	for (const char *at = text; *at != '\0' && n + 1 < sizeof clean; at++) {
		if (strncmp(at, "%2B", 3) == 0 || strncmp(at, "%3A", 3) == 0) {
			clean[n++] = at[2] == 'B' ? '+' : ':';
			at += 2;
		} else {
			clean[n++] = *at == ' ' ? '+' : *at;
		}
	}
	clean[n] = '\0';
	return card_time_parse(clean, out) == CARD_OK;
}

static enum card_error affected(void *ctx, flow_store_t *db)
{
	static const char *const names[] = {"transaction", "inquiry", "terminal", "municipality",
					    "kind",        "state",   "row",      "code",
					    "changed",     NULL};
	static const char *const copy_names[] = {"copy",  "transaction", "place", "attempt",
						 "state", "sheets",      NULL};
	struct command *a = ctx;
	int64_t from, to;
	enum card_error err;
	json_t *one, *list = a->list;
	size_t i;

	a->names = names;
	json_array_clear(a->list);
	if (!query_time(a, "from", &from) || !query_time(a, "to", &to))
		return CARD_ERR_INVALID_ARGUMENT;
	err = flow_issue_affected(db, from, to, add_row, a);
	json_array_foreach(list, i, one)
	{
		if (err != CARD_OK)
			break;
		a->names = copy_names;
		a->list = json_array();
		err = flow_issue_copies(db, json_string_value(json_object_get(one, "transaction")),
					add_row, a);
		json_object_set_new(one, "copies", a->list);
	}
	a->list = list;
	return err;
}

static const struct {
	const char *name;
	flow_issue_unit_fn run;
	bool writes;
} commands[] = {{"ask", ask, true},           {"agree", agree, true},
		{"card", card, true},         {"refund-paid", pay, true},
		{"refunds", refunds, false},  {"settlement", settlement, false},
		{"affected", affected, false}};

void center_admin(struct center *c, const char *operator_id, const char *what, const char *query,
		  const struct flow_issue_message *m, struct center_reply *reply)
{
	struct command a = {c,    operator_id, query, m != NULL ? m->json : NULL, center_now(c), "",
			    NULL, NULL,        {0}};
	enum card_error err = CARD_ERR_NOT_FOUND;

	a.list = json_array();
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		if (strcmp(commands[i].name, what) == 0 && commands[i].writes == (m != NULL))
			err = commands[i].writes
				      ? flow_issue_store_work(c->store, commands[i].run, &a)
				      : flow_issue_store_read(c->store, commands[i].run, &a);
	}
	if (err == CARD_OK)
		center_reply_json(reply, 200,
				  m != NULL ? json_pack("{s:s}", "request", a.request)
					    : json_pack("{s:O}", what, a.list));
	else if (err == CARD_ERR_INVALID_ARGUMENT || err == CARD_ERR_MALFORMED)
		center_reply_error(reply, 400, "MALFORMED", NULL);
	else if (err == CARD_ERR_NOT_FOUND)
		center_reply_error(reply, 404, "UNKNOWN", NULL);
	else if (err == CARD_ERR_DENIED)
		center_reply_error(reply, 403, "SAME_PERSON", NULL);
	else if (err == CARD_ERR_BAD_STATE)
		center_reply_error(reply, 409, "BAD_STATE", NULL);
	else
		center_reply_store(reply, c);
	card_buf_free(&a.certificate);
	json_decref(a.list);
}
