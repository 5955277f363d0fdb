/* SPDX-License-Identifier: Apache-2.0 */
/* selfcheck.c — the score of a self-check (rules 7.4, PD-37). */
#include <cardflow/audit.h>

#include <stdlib.h>

#define ITEMS_MAX 10000

static const char *const columns[] = {"item", "score", "reason", "remedy", "date", NULL};

static enum card_error read_low(const flow_table_t *t, size_t row, long item, long score,
				flow_selfcheck_fn low, void *ctx, struct flow_problem *problem)
{
	struct flow_selfcheck_low one = {.item = item,
					 .score = score,
					 .reason = flow_table_get(t, row, 2),
					 .remedy = flow_table_get(t, row, 3)};
	enum card_error err = flow_table_date(t, row, 4, &one.due, problem);

	if (err != CARD_OK)
		return err;
	/* R6-31: an item below 3 needs a remedy and its date. */
	if (*one.reason == '\0' || *one.remedy == '\0' || !card_date_valid(one.due))
		return flow_problem_set(problem, flow_table_name(t), flow_table_line(t, row),
					"an item below 3 needs a reason, a remedy and a date");
	return low != NULL ? low(ctx, &one) : CARD_OK;
}

static enum card_error read_row(const flow_table_t *t, size_t row, long items, bool *there,
				struct flow_selfcheck *out, flow_selfcheck_fn low, void *ctx,
				struct flow_problem *problem)
{
	const char *name = flow_table_name(t);
	const unsigned line = flow_table_line(t, row);
	long item, score;
	enum card_error err = flow_table_count(t, row, 0, &item, problem);

	if (err == CARD_OK)
		err = flow_table_count(t, row, 1, &score, problem);
	if (err != CARD_OK)
		return err;
	if (item < 1 || item > items)
		return flow_problem_set(problem, name, line, "items are 1 to %ld", items);
	if (there[item - 1])
		return flow_problem_set(problem, name, line, "item %ld is there twice", item);
	if (score < 0)
		return flow_problem_set(problem, name, line, "item %ld has no answer", item);
	if (score < 1 || score > 3)
		return flow_problem_set(problem, name, line, "a score is 1, 2 or 3");
	there[item - 1] = true;
	out->sum += score;
	if (score == 3)
		return CARD_OK;
	out->low++;
	return read_low(t, row, item, score, low, ctx, problem);
}

enum card_error flow_selfcheck_read(const char *path, long items, struct flow_selfcheck *out,
				    flow_selfcheck_fn low, void *ctx, struct flow_problem *problem)
{
	flow_table_t *t = NULL;
	bool *there;
	enum card_error err;

	if (path == NULL || out == NULL || items < 1 || items > ITEMS_MAX)
		return CARD_ERR_INVALID_ARGUMENT;
	*out = (struct flow_selfcheck){.items = items};
	there = calloc((size_t)items, sizeof *there);
	if (there == NULL)
		return CARD_ERR_NO_MEMORY;
	err = flow_table_read(&t, path, columns, problem);
	for (size_t i = 0; err == CARD_OK && i < flow_table_rows(t); i++)
		err = read_row(t, i, items, there, out, low, ctx, problem);
	for (long i = 0; err == CARD_OK && i < items; i++) {
		if (!there[i])
			err = flow_problem_set(problem, flow_table_name(t), 0,
					       "item %ld is missing", i + 1);
	}
	/* Half up in whole numbers. */
	out->mean = (int)((out->sum * 200 + items) / (2 * items));
	flow_table_free(&t);
	free(there);
	return err;
}
