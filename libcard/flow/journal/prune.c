/* SPDX-License-Identifier: Apache-2.0 */
/* prune.c — erasing at the end of the retention, and what holds it up (rules 7.3, PD-33, PD-39). */
#include "journal_internal.h"

#include <cardflow/calendar.h>

#include <stdlib.h>
#include <string.h>

#define YEARS_MIN 5 /* PD-33 */

enum card_error journal_hold(journal_t *j, long first, long last, struct card_date until,
			     const char *reason, const char *operator_id)
{
	char range[64], a[24], b[24], record[24], day[11];
	const struct journal_record r = {.event = "legal-hold",
					 .result = JOURNAL_OK,
					 .operator_id = operator_id,
					 .reason = reason,
					 .code = day,
					 .related = range};
	const char *params[] = {j != NULL ? j->terminal : NULL, a, b, day, record};
	long seq;
	enum card_error err;

	if (j == NULL || first < 1 || last < first || !card_date_valid(until) || reason == NULL ||
	    *reason == '\0')
		return CARD_ERR_INVALID_ARGUMENT;
	snprintf(range, sizeof range, "%ld-%ld", first, last);
	snprintf(a, sizeof a, "%ld", first);
	snprintf(b, sizeof b, "%ld", last);
	card_date_format(until, day);
	err = line_check(&r);
	if (err == CARD_OK)
		err = flow_store_begin(j->store);
	if (err != CARD_OK)
		return err;
	err = journal_add(j, &r, 1, &seq);
	snprintf(record, sizeof record, "%ld", seq);
	if (err == CARD_OK)
		err = flow_store_run(j->store,
				     "INSERT INTO journal_hold (terminal, first, last, until,"
				     " record) VALUES ($1, $2, $3, $4, $5)",
				     params, 5, NULL, NULL);
	if (err == CARD_OK)
		err = flow_store_commit(j->store);
	if (err != CARD_OK)
		flow_store_rollback(j->store);
	return err;
}

/* One run of seqs that may go. */
struct range {
	long first, last;
};

struct ranges {
	struct range *list;
	size_t n, cap;
	long rows;
};

static enum card_error take(void *ctx, const char *const *column, size_t n)
{
	struct ranges *r = ctx;
	const long seq = n == 1 && column[0] != NULL ? strtol(column[0], NULL, 10) : 0;

	if (seq < 1)
		return CARD_ERR_MALFORMED;
	r->rows++;
	if (r->n > 0 && r->list[r->n - 1].last + 1 == seq) {
		r->list[r->n - 1].last = seq;
		return CARD_OK;
	}
	if (r->n == r->cap) {
		struct range *more = realloc(r->list, (r->cap * 2 + 16) * sizeof *more);

		if (more == NULL)
			return CARD_ERR_NO_MEMORY;
		r->list = more;
		r->cap = r->cap * 2 + 16;
	}
	r->list[r->n++] = (struct range){seq, seq};
	return CARD_OK;
}

/* The disposal record and what it erases, in one transaction (PD-39). */
static enum card_error erase(journal_t *j, const struct range *range, int years,
			     const char *operator_id)
{
	char first[24], last[24], by[24], both[64] = "", why[64] = "";
	const struct journal_record disposal = {.event = "erase",
						.result = JOURNAL_OK,
						.operator_id = operator_id,
						.reason = why,
						.related = both};
	const char *params[] = {j->terminal, first, last, by};
	long record;
	enum card_error err = line_check(&disposal);

	snprintf(first, sizeof first, "%ld", range->first);
	snprintf(last, sizeof last, "%ld", range->last);
	snprintf(both, sizeof both, "%s-%s", first, last);
	snprintf(why, sizeof why, "retention %d years", years);
	if (err == CARD_OK)
		err = flow_store_begin(j->store);
	if (err != CARD_OK)
		return err;
	err = journal_add(j, &disposal, 1, &record);
	snprintf(by, sizeof by, "%ld", record);
	if (err == CARD_OK)
		err = flow_store_run(j->store,
				     "INSERT INTO journal_erasure (terminal, first, last, record)"
				     " VALUES ($1, $2, $3, $4)",
				     params, 4, NULL, NULL);
	if (err == CARD_OK)
		err = flow_store_run(j->store,
				     "UPDATE journal SET body = NULL, operator = '', organ = '',"
				     " txn = '' WHERE terminal = $1 AND seq BETWEEN $2 AND $3",
				     params, 3, NULL, NULL);
	if (err == CARD_OK)
		err = flow_store_commit(j->store);
	if (err != CARD_OK)
		flow_store_rollback(j->store);
	return err;
}

enum card_error journal_prune(journal_t *j, struct card_date today, int years,
			      const char *operator_id, long *erased)
{
	/* Erasures and holds stay: they explain the gaps. */
	static const char sql[] =
		"SELECT seq FROM journal j WHERE terminal = $1 AND body IS NOT NULL AND time < $2"
		" AND event NOT IN ('erase', 'legal-hold')"
		" AND NOT EXISTS (SELECT 1 FROM journal_hold h WHERE h.terminal = j.terminal"
		"  AND j.seq BETWEEN h.first AND h.last AND h.until >= $3) ORDER BY seq";
	struct ranges r = {.n = 0};
	char before[11], day[11];
	const char *params[] = {j != NULL ? j->terminal : NULL, before, day};
	enum card_error err;

	if (j == NULL || erased == NULL || !card_date_valid(today))
		return CARD_ERR_INVALID_ARGUMENT;
	*erased = 0;
	if (years < YEARS_MIN)
		return CARD_ERR_DENIED;
	/* Erased on the day after the period ends, not on its last day (rules 8.2). */
	card_date_format(flow_months_add(today, -12 * years), before);
	card_date_format(today, day);
	err = flow_store_run(j->store, sql, params, 3, take, &r);
	for (size_t i = 0; i < r.n && err == CARD_OK; i++) {
		err = erase(j, &r.list[i], years, operator_id);
		if (err == CARD_OK)
			*erased += r.list[i].last - r.list[i].first + 1;
	}
	free(r.list);
	return err;
}

#define GAP_DAYS 31 /* without a record: rather the clock is wrong than nobody was there */

static enum card_error take_day(void *ctx, const char *const *column, size_t n)
{
	if (n == 1 && column[0] != NULL && strlen(column[0]) >= 10)
		return card_date_parse(card_bytes(column[0], 10), ctx);
	return CARD_OK;
}

enum card_error journal_prune_daily(journal_t *j, struct card_date today, int years, long *erased)
{
	const char *params[] = {j != NULL ? j->terminal : NULL};
	struct card_date last = {0};
	enum card_error err;

	if (j == NULL || erased == NULL || !card_date_valid(today))
		return CARD_ERR_INVALID_ARGUMENT;
	*erased = 0;
	err = flow_store_run(j->store,
			     "SELECT time FROM journal WHERE terminal = $1 ORDER BY seq DESC"
			     " LIMIT 1",
			     params, 1, take_day, &last);
	if (err != CARD_OK || !card_date_valid(last) || card_date_compare(last, today) >= 0 ||
	    card_date_compare(flow_days_add(last, GAP_DAYS), today) < 0)
		return err;
	return journal_prune(j, today, years, "", erased);
}
