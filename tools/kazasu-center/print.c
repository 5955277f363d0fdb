/* SPDX-License-Identifier: Apache-2.0 */
/* print.c — message 7: permits and what the printer did (K32–K36, K38). */
#include "exchange.h"

#include <stdio.h>
#include <string.h>

static enum card_error permit(struct exchange *x, flow_store_t *db)
{
	struct fresh fresh;
	json_t *copies = NULL;
	char id[33], expires[26];
	bool stopped;
	int64_t counter;
	enum card_error err = fresh_make(&fresh, 0);

	if (!exchange_number(x->json, "counter", 0, INT64_MAX, &counter))
		return CARD_ERR_MALFORMED;
	if (err == CARD_OK)
		err = flow_issue_stopped(db, x->row.municipality, x->row.kind, x->terminal,
					 &stopped);
	if (err != CARD_OK)
		return err;
	if (stopped) {
		err = exchange_step(x, db, FLOW_ISSUE_ON_STOPPED, NULL);
		exchange_add_refund(x);
		return err;
	}
	if (x->row.key[0] == '\0' &&
	    (x->row.t.state == FLOW_ISSUE_PAID || x->row.t.state == FLOW_ISSUE_RESUMED))
		return exchange_step(x, db, FLOW_ISSUE_ON_DOCUMENT_GONE, NULL);
	err = exchange_step(x, db, FLOW_ISSUE_ON_PERMIT, &fresh.facts);
	if (err != CARD_OK)
		return err;
	copies = json_array();
	for (size_t i = 0; i < x->row.t.numbers; i++) {
		if (x->row.t.copy[i].state == FLOW_ISSUE_COPY_PLANNED)
			json_array_append_new(copies, json_string(x->row.t.copy[i].number));
	}
	flow_issue_hex_text(x->row.t.permit, 16, id);
	card_time_format_japan(x->now + atomic_load(&x->c->message_seconds), expires);
	x->answer = json_pack("{s:s,s:i,s:o,s:s}", "permit", id, "attempt",
			      x->row.t.resumed ? 2 : 1, "copies", copies, "expires", expires);
	return CARD_OK;
}

void exchange_permit(struct exchange *x, struct center_reply *reply)
{
	exchange_finish(x, permit, reply);
}

/* ---- printed ---- */

bool print_report(const struct flow_issue_transaction *t, const json_t *copies,
		  struct print_report *out)
{
	size_t i;
	const json_t *one;

	memset(out, 0, sizeof *out);
	json_array_foreach(copies, i, one)
	{
		const char *number = flow_issue_text(one, "copy", FLOW_ISSUE_NUMBER);
		int64_t sheets;
		bool complete;
		size_t found = 0;

		if (number == NULL || !exchange_number(one, "sheets", 0, 10000, &sheets) ||
		    !exchange_bool(one, "complete", &complete))
			return false;
		while (found < t->numbers && strcmp(t->copy[found].number, number) != 0)
			found++;
		/* A copy of another attempt or transaction proves nothing here. */
		if (found == t->numbers || t->copy[found].state != FLOW_ISSUE_COPY_PLANNED)
			return false;
		out->sheets[t->copy[found].place - 1] = (unsigned)sheets;
		out->complete[t->copy[found].place - 1] = complete && sheets >= (int64_t)t->pages;
	}
	out->all = true;
	for (unsigned place = 1; place <= t->copies; place++) {
		const struct flow_issue_copy *c = flow_issue_copy_at(t, place);

		if (c == NULL || (c->state == FLOW_ISSUE_COPY_PLANNED && !out->complete[place - 1]))
			out->all = false;
	}
	return true;
}

static json_t *lists(const struct flow_issue_row *row)
{
	json_t *valid = json_array(), *voided = json_array();

	for (size_t i = 0; i < row->t.numbers; i++) {
		const struct flow_issue_copy *c = &row->t.copy[i];

		json_array_append_new(c->state == FLOW_ISSUE_COPY_VALID ? valid : voided,
				      json_string(c->number));
	}
	return json_pack("{s:o,s:o}", "valid", valid, "void", voided);
}

static enum card_error printed(struct exchange *x, flow_store_t *db)
{
	const char *result = flow_issue_text(x->json, "result", 16);
	const json_t *copies = json_object_get(x->json, "copies");
	struct print_report report;
	struct flow_issue_facts facts = {.sheets = report.sheets, .complete = report.complete};
	enum flow_issue_event event;
	uint8_t permitted[16];
	int64_t counter;
	enum card_error err;

	if (result == NULL || !json_is_array(copies) ||
	    flow_issue_hex(x->json, "permit", permitted, 16) != CARD_OK ||
	    !exchange_number(x->json, "counter", 0, INT64_MAX, &counter))
		return CARD_ERR_MALFORMED;
	/* Single use: only the permit that this attempt was given. */
	if (x->row.t.state != FLOW_ISSUE_PRINTING || memcmp(permitted, x->row.t.permit, 16) != 0)
		return CARD_ERR_BAD_STATE;
	if (!print_report(&x->row.t, copies, &report))
		return CARD_ERR_MALFORMED;
	if (strcmp(result, "complete") == 0) {
		if (!report.all)
			return CARD_ERR_MALFORMED;
		event = FLOW_ISSUE_ON_ALL_OUT;
	} else if (strcmp(result, "fault") == 0) {
		event = report.all ? FLOW_ISSUE_ON_FOUND_COMPLETE : FLOW_ISSUE_ON_PRINT_FAULT;
	} else if (strcmp(result, "unknown") == 0) {
		event = FLOW_ISSUE_ON_NOT_KNOWABLE;
		facts.complete = NULL;
	} else {
		return CARD_ERR_MALFORMED;
	}
	err = exchange_step(x, db, event, &facts);
	if (err == CARD_OK)
		x->answer = lists(&x->row);
	if (err == CARD_OK && x->row.t.state == FLOW_ISSUE_REFUND_DUE)
		exchange_add_refund(x);
	return err;
}

void exchange_printed(struct exchange *x, struct center_reply *reply)
{
	exchange_finish(x, printed, reply);
}
