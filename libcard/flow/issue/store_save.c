/* SPDX-License-Identifier: Apache-2.0 */
/* store_save.c — a transaction into the store, with its copies, its refund and what happened. */
#include "store_internal.h"

#include <stdio.h>
#include <string.h>

#include <cardflow/issue_message.h>

static const char *id_text(const uint8_t id[16], char out[33])
{
	static const uint8_t none[16];

	out[0] = '\0';
	if (memcmp(id, none, sizeof none) != 0)
		flow_issue_hex_text(id, 16, out);
	return out;
}

/* $1…$42, in the order of the columns. */
static enum card_error write_row(flow_store_t *db, struct flow_issue_row *r, const char *sql)
{
	const struct flow_issue_transaction *t = &r->t;
	struct number n[17];
	char payment[33], refund[33], permit[33];
	const char *const params[] = {r->id,
				      r->session,
				      r->terminal,
				      r->application,
				      r->inquiry,
				      r->municipality,
				      r->kind,
				      r->method,
				      r->options,
				      r->language,
				      r->consent,
				      flow_issue_state_name(t->state),
				      t->row,
				      t->code,
				      t->resumed ? "1" : "0",
				      number_text(&n[0], t->copies),
				      number_text(&n[1], t->pages),
				      number_text(&n[2], t->fee),
				      id_text(t->payment, payment),
				      number_text(&n[3], t->money),
				      number_text(&n[4], t->paid),
				      id_text(t->refund, refund),
				      number_text(&n[5], t->refund_state),
				      number_text(&n[6], t->refund_amount),
				      id_text(t->permit, permit),
				      number_text(&n[7], r->seq),
				      r->request,
				      r->answer,
				      r->nonce,
				      number_text(&n[8], r->nonce_until),
				      number_text(&n[9], r->attempt),
				      number_text(&n[10], r->opened),
				      number_text(&n[11], r->received),
				      number_text(&n[12], r->changed),
				      number_text(&n[13], r->deadline),
				      r->day,
				      r->binding,
				      r->card,
				      r->key,
				      r->resident,
				      r->recent,
				      number_text(&n[14], r->events)};

	return flow_store_run(db, sql, params, sizeof params / sizeof params[0], NULL, NULL);
}

static const char insert[] =
	"INSERT INTO issue_transaction (id, session, terminal, application, inquiry, municipality,"
	" kind, method, options, language, consent, state, flow_row, code, resumed, copies, pages,"
	" fee, payment, money, paid, refund, refund_state, refund_amount, permit, seq, request,"
	" answer, nonce, nonce_until, attempt, opened, received, changed, deadline, day, binding,"
	" card, doc_key, resident, recent, events) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,"
	"$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,$27,$28,$29,$30,$31,$32,$33,$34,"
	"$35,$36,$37,$38,$39,$40,$41,$42) ON CONFLICT DO NOTHING";

/* What was chosen at the beginning stays as it is: it is written again only into its own row. The day
 * has an index, which is left alone while the day stays. */
#define UPDATE(DAY)                                                                                \
	"UPDATE issue_transaction SET session = $2, state = $12, flow_row = $13, code = $14,"      \
	" resumed = $15, pages = $17, payment = $19, money = $20, paid = $21, refund = $22,"       \
	" refund_state = $23, refund_amount = $24, permit = $25, seq = $26, request = $27,"        \
	" answer = $28, nonce = $29, nonce_until = $30, attempt = $31, received = $33,"            \
	" changed = $34, deadline = $35," DAY " binding = $37, card = $38, doc_key = $39,"         \
	" resident = $40, recent = $41, events = $42 WHERE id = $1 AND terminal = $3"              \
	" AND application = $4 AND inquiry = $5 AND municipality = $6 AND kind = $7"               \
	" AND method = $8 AND options = $9 AND language = $10 AND consent = $11 AND copies = $16"  \
	" AND fee = $18 AND opened = $32"

static const char update[] = UPDATE("") " AND day = $36";
static const char update_with_day[] = UPDATE(" day = $36,");

static enum card_error save_copies(flow_store_t *db, const struct flow_issue_row *r)
{
	enum card_error err = CARD_OK;

	for (size_t i = 0; i < r->t.numbers && err == CARD_OK; i++) {
		const struct flow_issue_copy *c = &r->t.copy[i];
		struct number n[4];
		const char *const params[] = {c->number,
					      r->id,
					      number_text(&n[0], c->place),
					      number_text(&n[1], c->attempt),
					      number_text(&n[2], c->state),
					      number_text(&n[3], c->sheets)};

		if (i >= r->was.numbers)
			err = flow_store_run(
				db,
				"INSERT INTO issue_copy (number, id, place, attempt, state,"
				" sheets) VALUES ($1,$2,$3,$4,$5,$6)",
				params, 6, NULL, NULL);
		else if (c->state != r->was.copy[i].state || c->sheets != r->was.copy[i].sheets)
			err = flow_store_run(
				db,
				"UPDATE issue_copy SET state = $5, sheets = $6 WHERE"
				" number = $1 AND id = $2 AND place = $3 AND attempt = $4",
				params, 6, NULL, NULL);
	}
	return err;
}

static enum card_error save_refund(flow_store_t *db, const struct flow_issue_row *r)
{
	static const char *const states[] = {"none", "prepared", "effective", "cancelled", "paid"};
	const struct flow_issue_transaction *t = &r->t, *was = &r->was;
	char refund[33], payment[33];
	struct number n[2];
	const char *const params[] = {
		id_text(t->refund, refund),   r->id,
		id_text(t->payment, payment), number_text(&n[0], t->refund_amount),
		states[t->refund_state],      number_text(&n[1], r->changed)};

	if (t->refund_state == was->refund_state && t->refund_amount == was->refund_amount &&
	    memcmp(t->refund, was->refund, 16) == 0)
		return CARD_OK;
	if (memcmp(t->refund, was->refund, 16) != 0)
		return flow_store_run(
			db,
			"INSERT INTO issue_refund (refund, id, payment, kind, amount, state,"
			" created, changed) VALUES ($1,$2,$3,'main',$4,$5,$6,$6)",
			params, 6, NULL, NULL);
	return flow_store_run(db,
			      "UPDATE issue_refund SET amount = $4, state = $5, changed = $6"
			      " WHERE refund = $1 AND id = $2 AND payment = $3",
			      params, 6, NULL, NULL);
}

/* What a step is about in money. */
static long amount_of(const struct flow_issue_transaction *t)
{
	switch (t->state) {
	case FLOW_ISSUE_PAYING:
		return t->fee * (long)t->copies;
	case FLOW_ISSUE_PAID:
		return t->paid;
	case FLOW_ISSUE_REFUND_DUE:
	case FLOW_ISSUE_REFUNDED:
		return t->refund_amount;
	default:
		return 0;
	}
}

static enum card_error save_event(flow_store_t *db, struct flow_issue_row *r, const char *event,
				  const char *process)
{
	struct number n[2];
	const char *const params[] = {r->id,
				      number_text(&n[0], ++r->events),
				      number_text(&n[1], r->changed),
				      r->t.row,
				      event,
				      flow_issue_state_name(r->was.state),
				      flow_issue_state_name(r->t.state),
				      r->t.code,
				      r->terminal,
				      process};

	const struct happening h = {.id = r->id,
				    .terminal = r->terminal,
				    .event = event,
				    .code = r->t.code,
				    .municipality = r->municipality,
				    .kind = r->kind,
				    .row = r->t.row,
				    .from = params[5],
				    .to = params[6],
				    .amount = amount_of(&r->t)};
	const enum card_error err = flow_store_run(
		db,
		"INSERT INTO issue_event (id, n, time, flow_row, event, from_state,"
		" to_state, code, terminal, process) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
		params, 10, NULL, NULL);

	return err != CARD_OK ? err : chain_note(db, &h);
}

enum card_error flow_issue_row_add(flow_store_t *db, struct flow_issue_row *row, const char *event,
				   const char *process)
{
	enum card_error err;

	if (event != NULL)
		row->events = 1;
	err = write_row(db, row, insert);
	if (err == CARD_OK && flow_store_changes(db) != 1)
		err = CARD_ERR_DENIED;
	if (err == CARD_OK && event != NULL) {
		row->events = 0;
		err = save_event(db, row, event, process);
	}
	if (err == CARD_OK) {
		row->was = row->t;
		memcpy(row->was_day, row->day, sizeof row->was_day);
	}
	return err;
}

enum card_error flow_issue_row_note(flow_store_t *db, struct flow_issue_row *row, const char *event,
				    const char *process)
{
	const enum card_error err = save_event(db, row, event, process);

	if (err == CARD_OK)
		row->was.state = row->t.state;
	return err;
}

enum card_error flow_issue_row_write(flow_store_t *db, struct flow_issue_row *row)
{
	const bool same_day = strcmp(row->day, row->was_day) == 0;
	enum card_error err = write_row(db, row, same_day ? update : update_with_day);

	if (err == CARD_OK && flow_store_changes(db) != 1)
		err = CARD_ERR_INTERNAL;
	if (err == CARD_OK)
		err = save_copies(db, row);
	if (err == CARD_OK)
		err = save_refund(db, row);
	if (err == CARD_OK) {
		row->was = row->t;
		memcpy(row->was_day, row->day, sizeof row->was_day);
	}
	return err;
}

enum card_error flow_issue_row_save(flow_store_t *db, struct flow_issue_row *row, const char *event,
				    const char *process)
{
	const enum card_error err = flow_issue_row_note(db, row, event, process);

	return err != CARD_OK ? err : flow_issue_row_write(db, row);
}

enum card_error flow_issue_event_add(flow_store_t *db, const char *id, int64_t now,
				     const char *terminal, const char *event, const char *code,
				     const char *process)
{
	struct number n;
	const char *const params[] = {id, number_text(&n, now), event, code, terminal, process};

	const struct happening h = {.id = id, .terminal = terminal, .event = event, .code = code};
	const enum card_error err = flow_store_run(
		db,
		"INSERT INTO issue_event (id, n, time, event, code, terminal, process)"
		" VALUES ($1,0,$2,$3,$4,$5,$6)",
		params, 6, NULL, NULL);

	return err != CARD_OK ? err : chain_note(db, &h);
}
