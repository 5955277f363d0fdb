/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

static bool before(struct card_date a, struct card_date b)
{
	return card_date_valid(a) && card_date_valid(b) && card_date_compare(a, b) < 0;
}

/* Two periods meet unless one ends before the other begins. */
static bool meet(const struct rules_version *a, const struct rules_version *b)
{
	return strcmp(a->id, b->id) == 0 && !before(a->to, b->from) && !before(b->to, a->from);
}

static enum card_error check(const struct rules_rows *r, const struct rules_reader *reader,
			     size_t i, struct flow_problem *problem)
{
	const char *name = flow_table_name(r->table);
	const struct rules_version v = reader->version(rules_rows_at(r, i));

	if (before(v.to, v.from))
		return flow_problem_set(problem, name, v.line, "%s: ends before it begins", v.id);
	for (size_t k = 0; k < i; k++) {
		const struct rules_version other = reader->version(rules_rows_at(r, k));

		if (meet(&other, &v))
			return flow_problem_set(problem, name, v.line,
						"%s is in force at the same time as in line %u",
						v.id, other.line);
	}
	return CARD_OK;
}

enum card_error rules_rows_read(struct rules_rows *out, const char *path,
				const struct rules_reader *reader, struct flow_problem *problem)
{
	enum card_error err;

	*out = (struct rules_rows){.size = reader->size};
	err = flow_table_read(&out->table, path, reader->columns, problem);
	if (err == CARD_OK) {
		out->row = calloc(flow_table_rows(out->table) + 1, reader->size);
		if (out->row == NULL)
			err = CARD_ERR_NO_MEMORY;
	}
	for (size_t i = 0; err == CARD_OK && i < flow_table_rows(out->table); i++) {
		out->n = i + 1;
		err = reader->read(out->table, i, (char *)out->row + i * out->size, problem);
		if (err == CARD_OK)
			err = check(out, reader, i, problem);
	}
	if (err != CARD_OK)
		rules_rows_free(out);
	return err;
}

void rules_rows_free(struct rules_rows *r)
{
	flow_table_free(&r->table);
	free(r->row);
	*r = (struct rules_rows){.table = NULL};
}

const void *rules_rows_at(const struct rules_rows *r, size_t i)
{
	return i < r->n ? (const char *)r->row + i * r->size : NULL;
}
