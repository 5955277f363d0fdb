/* SPDX-License-Identifier: Apache-2.0 */
/* store_list.c — lists out of the store. */
#include "store_internal.h"

#define LIVE "t.state NOT IN ('closed','refused','cancelled','timed_out','refunded')"

enum card_error flow_issue_due(flow_store_t *db, int64_t now, unsigned limit, flow_row_fn row,
			       void *ctx)
{
	struct number n[2];
	const char *const params[] = {number_text(&n[0], now), number_text(&n[1], limit)};

	return flow_store_run(
		db,
		"SELECT id FROM issue_transaction WHERE deadline > 0 AND deadline <= $1"
		" ORDER BY deadline LIMIT $2",
		params, 2, row, ctx);
}

enum card_error flow_issue_day_over(flow_store_t *db, const char *day, unsigned limit,
				    flow_row_fn row, void *ctx)
{
	struct number n;
	const char *const params[] = {day, number_text(&n, limit)};

	return flow_store_run(
		db,
		"SELECT id FROM issue_transaction t WHERE day <> '' AND day < $1 AND " LIVE
		" AND state NOT IN ('refund_due','printed','collected')"
		" ORDER BY day LIMIT $2",
		params, 2, row, ctx);
}

enum card_error flow_issue_open_of(flow_store_t *db, const char *terminal, flow_row_fn row,
				   void *ctx)
{
	return flow_store_run(db,
			      "SELECT id, inquiry, state, code FROM issue_transaction t"
			      " WHERE terminal = $1 AND " LIVE " ORDER BY opened",
			      &terminal, 1, row, ctx);
}

enum card_error flow_issue_void_list(flow_store_t *db, flow_row_fn row, void *ctx)
{
	return flow_store_run(db, "SELECT number FROM issue_copy WHERE state = 3 ORDER BY number",
			      NULL, 0, row, ctx);
}

enum card_error flow_issue_outbox(flow_store_t *db, int64_t now, unsigned limit, flow_row_fn row,
				  void *ctx)
{
	struct number n[2];
	const char *const params[] = {number_text(&n[0], now), number_text(&n[1], limit)};

	return flow_store_run(db,
			      "SELECT number, id, municipality, body FROM issue_outbox"
			      " WHERE due <= $1 ORDER BY due LIMIT $2",
			      params, 2, row, ctx);
}

enum card_error flow_issue_refunds_open(flow_store_t *db, flow_row_fn row, void *ctx)
{
	return flow_store_run(
		db,
		"SELECT r.refund, t.inquiry, t.terminal, t.municipality, t.kind, r.amount,"
		" r.state, r.created FROM issue_refund r JOIN issue_transaction t"
		" ON t.id = r.id WHERE r.state = 'effective' ORDER BY r.created, r.refund",
		NULL, 0, row, ctx);
}

/* The main payment counts when it was settled; a surplus came in and goes out by its refund. */
enum card_error flow_issue_settlement(flow_store_t *db, const char *day, flow_row_fn row, void *ctx)
{
	return flow_store_run(
		db,
		"SELECT t.day, t.terminal, t.municipality, t.kind, COUNT(*),"
		" SUM(t.paid + COALESCE(s.surplus, 0)), SUM(t.fee * COALESCE(c.valid, 0)),"
		" SUM(COALESCE(f.paid, 0)), SUM(COALESCE(f.open, 0))"
		" FROM issue_transaction t"
		" LEFT JOIN (SELECT id, COUNT(*) AS valid FROM issue_copy WHERE state = 2 GROUP BY id) c"
		" ON c.id = t.id"
		" LEFT JOIN (SELECT id, SUM(amount) AS surplus FROM issue_refund"
		"  WHERE kind = 'surplus' GROUP BY id) s ON s.id = t.id"
		" LEFT JOIN (SELECT id,"
		"  SUM(CASE WHEN state = 'paid' THEN amount ELSE 0 END) AS paid,"
		"  SUM(CASE WHEN state = 'effective' THEN amount ELSE 0 END) AS open"
		"  FROM issue_refund GROUP BY id) f ON f.id = t.id"
		" WHERE t.day = $1 GROUP BY t.day, t.terminal, t.municipality, t.kind"
		" ORDER BY t.terminal, t.municipality, t.kind",
		&day, 1, row, ctx);
}

enum card_error flow_issue_affected(flow_store_t *db, int64_t from, int64_t to, flow_row_fn row,
				    void *ctx)
{
	struct number n[2];
	const char *const params[] = {number_text(&n[0], from), number_text(&n[1], to)};

	return flow_store_run(
		db,
		"SELECT id, inquiry, terminal, municipality, kind, state, flow_row, code,"
		" changed FROM issue_transaction WHERE opened <= $2 AND changed >= $1"
		" ORDER BY opened, id",
		params, 2, row, ctx);
}

enum card_error flow_issue_copies(flow_store_t *db, const char *id, flow_row_fn row, void *ctx)
{
	return flow_store_run(db,
			      "SELECT number, id, place, attempt, state, sheets FROM issue_copy"
			      " WHERE id = $1 ORDER BY attempt, place",
			      &id, 1, row, ctx);
}

enum card_error flow_issue_events(flow_store_t *db, const char *id, flow_row_fn row, void *ctx)
{
	return flow_store_run(
		db,
		"SELECT n, time, flow_row, event, from_state, to_state, code, terminal,"
		" process FROM issue_event WHERE id = $1 ORDER BY n, time",
		&id, 1, row, ctx);
}
