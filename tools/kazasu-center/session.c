/* SPDX-License-Identifier: Apache-2.0 */
/* session.c — a terminal starts: what it left open is taken to where it must go (K27, K30, K33, K36, K37,
 * K38, K40). Nothing prints by itself. */
#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_MAX_ROWS 32u

struct opening {
	struct center *c;
	const char *terminal;
	const json_t *json;
	char session[33];
	int64_t now;
	char id[OPEN_MAX_ROWS][33];
	size_t ids;
	json_t *list; /* what is not at an end afterwards */
	bool restarted;
	int64_t apart; /* seconds that the terminal's clock is ahead */
};

static enum card_error collect(void *ctx, const char *const *column, size_t n)
{
	struct opening *o = ctx;

	(void)n;
	if (o->ids < OPEN_MAX_ROWS)
		snprintf(o->id[o->ids++], sizeof o->id[0], "%s", column[0]);
	return CARD_OK;
}

/* What the terminal says about this one, or NULL. */
static const json_t *report_of(const struct opening *o, const char *id)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(o->json, "open"), i, one)
	{
		const char *named = flow_issue_text(one, "transaction", 32);

		if (named != NULL && strcmp(named, id) == 0)
			return one;
	}
	return NULL;
}

static enum flow_issue_event paying(const struct flow_issue_row *row, const json_t *report)
{
	const json_t *payment = json_object_get(report, "payment");
	const char *result = flow_issue_text(payment, "result", 16);
	const char *state = flow_issue_text(report, "state", 16);
	uint8_t id[16];

	/* The unit is not asked for money before the payment id is noted: none was taken. */
	if (json_is_null(payment) && state != NULL && strcmp(state, "delivered") == 0)
		return FLOW_ISSUE_ON_FOUND_NOT_SETTLED;
	if (result == NULL || flow_issue_hex(payment, "id", id, 16) != CARD_OK ||
	    memcmp(id, row->t.payment, 16) != 0)
		return FLOW_ISSUE_ON_PAYMENT_UNKNOWN;
	if (strcmp(result, "settled") == 0)
		return FLOW_ISSUE_ON_SETTLED_AFTER_RESTART;
	return strcmp(result, "not_settled") == 0 || strcmp(result, "declined") == 0
		       ? FLOW_ISSUE_ON_FOUND_NOT_SETTLED
		       : FLOW_ISSUE_ON_PAYMENT_UNKNOWN;
}

/* Job and sheet counter were asked; without their answer nothing is provable (K36). */
static enum flow_issue_event printing(const struct flow_issue_row *row, const json_t *report,
				      struct print_report *out)
{
	const json_t *copies = json_object_get(report, "copies");

	if (!json_is_array(copies) || !json_is_integer(json_object_get(report, "counter")) ||
	    !print_report(&row->t, copies, out))
		return FLOW_ISSUE_ON_NOT_KNOWABLE;
	return out->all ? FLOW_ISSUE_ON_FOUND_COMPLETE : FLOW_ISSUE_ON_FOUND_INCOMPLETE;
}

static enum card_error restart_one(struct opening *o, flow_store_t *db, struct flow_issue_row *row,
				   const char *id)
{
	struct print_report report = {{0}, {false}, false};
	struct flow_issue_facts facts = {.sheets = report.sheets, .complete = report.complete};
	enum flow_issue_event event = FLOW_ISSUE_ON_RESTARTED;
	enum card_error err = flow_issue_row_load(db, id, true, row);

	if (err != CARD_OK || flow_issue_ended(row->t.state))
		return err;
	if (row->t.state == FLOW_ISSUE_PAYING)
		event = paying(row, report_of(o, id));
	else if (row->t.state == FLOW_ISSUE_PRINTING)
		event = printing(row, report_of(o, id), &report);
	if (event == FLOW_ISSUE_ON_NOT_KNOWABLE)
		facts.sheets = NULL, facts.complete = NULL;
	if (o->restarted && row->t.state != FLOW_ISSUE_REFUND_DUE)
		err = center_step(o->c, db, row, event, &facts, o->now);
	if (err == CARD_OK && !flow_issue_ended(row->t.state)) {
		char refund[33];
		json_t *one = json_pack("{s:s,s:s,s:s,s:s?,s:I}", "transaction", row->id, "inquiry",
					row->inquiry, "state", flow_issue_state_name(row->t.state),
					"code", row->t.code, "next", (json_int_t)row->seq + 1);

		if (row->t.state == FLOW_ISSUE_REFUND_DUE) {
			flow_issue_hex_text(row->t.refund, 16, refund);
			json_object_set_new(one, "refund",
					    json_pack("{s:s,s:I}", "id", refund, "amount",
						      (json_int_t)row->t.refund_amount));
		}
		json_array_append_new(o->list, one);
	}
	return err;
}

/* K01: a terminal whose clock is wrong dates its notes and receipts wrongly. */
static bool clock_agrees(const struct opening *o)
{
	const int64_t most = (int64_t)atomic_load(&o->c->clock_seconds);

	return o->apart <= most && -o->apart <= most;
}

static enum card_error note_clock(struct opening *o, flow_store_t *db)
{
	char seconds[24];

	snprintf(seconds, sizeof seconds, "%+lld", (long long)o->apart);
	return flow_issue_event_add(db, "", o->now, o->terminal, "clock-differs", seconds,
				    o->c->config.name);
}

static enum card_error unit(void *ctx, flow_store_t *db)
{
	struct opening *o = ctx;
	struct flow_issue_row *row = malloc(sizeof *row);
	char current[33];
	enum card_error err =
		row != NULL ? flow_issue_session_get(db, o->terminal, current) : CARD_ERR_NO_MEMORY;

	o->ids = 0;
	json_array_clear(o->list);
	if (err == CARD_ERR_NOT_FOUND) {
		current[0] = '\0';
		err = CARD_OK;
	}
	if (err == CARD_OK)
		err = flow_issue_open_of(db, o->terminal, collect, o);
	/* Told again that the same session has begun: nothing has been restarted. */
	o->restarted = strcmp(current, o->session) != 0;
	if (err == CARD_OK && o->restarted)
		err = flow_issue_session_set(db, o->terminal, o->session, o->now);
	if (err == CARD_OK && o->restarted && !clock_agrees(o))
		err = note_clock(o, db);
	for (size_t i = 0; i < o->ids && err == CARD_OK; i++)
		err = restart_one(o, db, row, o->id[i]);
	free(row);
	return err;
}

void center_open_session(struct center *c, const char *terminal, const struct flow_issue_message *m,
			 struct center_reply *reply)
{
	struct opening *o = calloc(1, sizeof *o);
	uint8_t raw[16];
	const char *started = flow_issue_text(m->json, "started", 40);
	int64_t its;
	char time[26];

	if (o == NULL || flow_issue_hex(m->json, "session", raw, 16) != CARD_OK ||
	    started == NULL || card_time_parse(started, &its) != CARD_OK ||
	    !json_is_array(json_object_get(m->json, "open"))) {
		center_reply_error(reply, 400, "MALFORMED", NULL);
		free(o);
		return;
	}
	o->c = c;
	o->terminal = terminal;
	o->json = m->json;
	o->now = center_now(c);
	o->apart = its - o->now;
	o->list = json_array();
	flow_issue_hex_text(raw, 16, o->session);
	if (flow_issue_store_work(c->store, unit, o) != CARD_OK) {
		center_reply_store(reply, c);
	} else {
		card_time_format_japan(o->now, time);
		center_reply_json(reply, 200,
				  json_pack("{s:s,s:s,s:{s:I,s:b},s:O}", "session", o->session,
					    "time", time, "clock", "difference",
					    (json_int_t)o->apart, "in_order", clock_agrees(o),
					    "transactions", o->list));
	}
	json_decref(o->list);
	free(o);
}

/* ---- what happens outside a transaction ---- */

struct event {
	struct center *c;
	const char *terminal, *event, *code;
	char id[33];
	int64_t now;
};

static enum card_error add_event(void *ctx, flow_store_t *db)
{
	struct event *e = ctx;

	return flow_issue_event_add(db, e->id, e->now, e->terminal, e->event, e->code,
				    e->c->config.name);
}

void center_event(struct center *c, const char *terminal, const struct flow_issue_message *m,
		  struct center_reply *reply)
{
	static const char *const known[] = {"card_unusable", "locked",   "forgotten_item",
					    "cleared",       "blocked",  "not_ready",
					    "no_service",    "bad_state"};
	struct event e = {c,
			  terminal,
			  flow_issue_text(m->json, "event", 20),
			  flow_issue_text(m->json, "code", 40),
			  "",
			  center_now(c)};
	char time[26];
	bool good = false;

	for (size_t i = 0; e.event != NULL && i < sizeof known / sizeof known[0]; i++)
		good |= strcmp(known[i], e.event) == 0;
	if (!good) {
		center_reply_error(reply, 400, "MALFORMED", NULL);
		return;
	}
	if (flow_issue_store_work(c->store, add_event, &e) != CARD_OK) {
		center_reply_store(reply, c);
		return;
	}
	card_time_format_japan(e.now, time);
	center_reply_json(reply, 200, json_pack("{s:s}", "time", time));
}

struct show {
	struct flow_issue_row row;
	const char *id;
};

static enum card_error show(void *ctx, flow_store_t *db)
{
	struct show *s = ctx;

	return flow_issue_row_load(db, s->id, false, &s->row);
}

void center_show(struct center *c, const char *terminal, const char *id, struct center_reply *reply)
{
	struct show *s = calloc(1, sizeof *s);
	enum card_error err = CARD_ERR_NO_MEMORY;

	if (s != NULL) {
		s->id = id;
		err = flow_issue_store_read(c->store, show, s);
	}
	if (err == CARD_ERR_NOT_FOUND || (err == CARD_OK && strcmp(s->row.terminal, terminal) != 0))
		center_reply_error(reply, 404, "UNKNOWN", NULL);
	else if (err != CARD_OK)
		center_reply_store(reply, c);
	else
		center_reply_json(reply, 200,
				  exchange_answer(&s->row, s->row.t.code, center_now(c)));
	free(s);
}
