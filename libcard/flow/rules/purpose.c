/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/calendar.h>
#include <cardflow/purpose.h>

#include <stdlib.h>
#include <string.h>

#include "rows.h"

struct purpose_catalogue {
	struct rules_rows rows;
};

enum column {
	ID,
	CLASS,
	BASIS,
	LAW,
	TEXT,
	ORGAN,
	DEPARTMENT,
	COUNT,
	EXPECTED,
	ATTRIBUTES,
	ATTR_BASIS,
	NUMBER,
	RIGHT,
	FROM,
	TO,
	STATUS,
	NOTE,
	SOURCE
};

static const char *const columns[] = {"purpose_id",
				      "class",
				      "basis_table",
				      "law",
				      "purpose_text",
				      "organ",
				      "department",
				      "count_r6",
				      "expected_per_year",
				      "allowed_attributes",
				      "attribute_basis",
				      "number_use",
				      "right",
				      "valid_from",
				      "valid_to",
				      "status",
				      "note",
				      "source",
				      NULL};

static enum card_error read_words(const flow_table_t *t, size_t i, struct purpose *p,
				  struct flow_problem *problem)
{
	static const char *const classes[] = {"法定", "条例", NULL};
	static const char *const uses[] = {"no", "yes", "unstated", NULL};
	static const char *const rights[] = {"inquiry", "update", NULL};
	static const char *const bases[] = {"seed", "decision", "mixed", NULL};
	static const char *const states[] = {"active", "planned", "ending", "ended", NULL};
	size_t word;
	enum card_error err = flow_table_word(t, i, CLASS, classes, &word, problem);

	if (err == CARD_OK) {
		p->rank = word == 0 ? PURPOSE_LEGAL : PURPOSE_ORDINANCE;
		err = flow_table_word(t, i, NUMBER, uses, &word, problem);
	}
	if (err == CARD_OK) {
		p->number = (enum purpose_number)word;
		err = flow_table_word(t, i, RIGHT, rights, &word, problem);
	}
	if (err == CARD_OK) {
		p->update = word == 1;
		err = flow_table_word(t, i, ATTR_BASIS, bases, &word, problem);
	}
	if (err == CARD_OK)
		err = flow_table_word(t, i, STATUS, states, &word, problem);
	return err;
}

static enum card_error read_values(const flow_table_t *t, size_t i, struct purpose *p,
				   struct flow_problem *problem)
{
	char wrong[40];
	enum card_error err = flow_table_count(t, i, COUNT, &p->count, problem);

	if (err == CARD_OK)
		err = flow_table_count(t, i, EXPECTED, &p->expected, problem);
	if (err == CARD_OK)
		err = flow_table_date(t, i, FROM, &p->from, problem);
	if (err == CARD_OK)
		err = flow_table_date(t, i, TO, &p->to, problem);
	if (err == CARD_OK &&
	    flow_attributes_parse(flow_table_get(t, i, ATTRIBUTES), FLOW_ATTR_REGISTER,
				  &p->attributes, wrong) != CARD_OK)
		err = flow_problem_set(problem, flow_table_name(t), flow_table_line(t, i),
				       "unknown attribute \"%s\"", wrong);
	return err;
}

static enum card_error check_row(const flow_table_t *t, const struct purpose *p,
				 struct flow_problem *problem)
{
	const char *name = flow_table_name(t);

	if (*p->id == '\0')
		return flow_problem_set(problem, name, p->line, "the purpose has no id");
	if (p->attributes == 0)
		return flow_problem_set(problem, name, p->line, "%s: no attribute is allowed",
					p->id);
	if ((p->attributes & FLOW_ATTR_MY_NUMBER) != 0 && p->number != PURPOSE_NUMBER_YES)
		return flow_problem_set(problem, name, p->line,
					"%s: my_number is allowed, but number_use is not yes",
					p->id);
	return CARD_OK;
}

static enum card_error read_row(const flow_table_t *t, size_t i, void *row,
				struct flow_problem *problem)
{
	struct purpose *p = row;
	enum card_error err;

	*p = (struct purpose){.id = flow_table_get(t, i, ID),
			      .basis_table = flow_table_get(t, i, BASIS),
			      .law = flow_table_get(t, i, LAW),
			      .text = flow_table_get(t, i, TEXT),
			      .organ = flow_table_get(t, i, ORGAN),
			      .department = flow_table_get(t, i, DEPARTMENT),
			      .status = flow_table_get(t, i, STATUS),
			      .note = flow_table_get(t, i, NOTE),
			      .source = flow_table_get(t, i, SOURCE),
			      .line = flow_table_line(t, i)};
	err = read_words(t, i, p, problem);
	if (err == CARD_OK)
		err = read_values(t, i, p, problem);
	return err == CARD_OK ? check_row(t, p, problem) : err;
}

static struct rules_version version(const void *row)
{
	const struct purpose *p = row;

	return (struct rules_version){p->id, p->from, p->to, p->line};
}

enum card_error purpose_catalogue_read(purpose_catalogue_t **out, const char *path,
				       struct flow_problem *problem)
{
	static const struct rules_reader reader = {columns, sizeof(struct purpose), read_row,
						   version};
	purpose_catalogue_t *c;
	enum card_error err;

	if (out == NULL || path == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	c = calloc(1, sizeof *c);
	if (c == NULL)
		return CARD_ERR_NO_MEMORY;
	err = rules_rows_read(&c->rows, path, &reader, problem);
	if (err != CARD_OK) {
		purpose_catalogue_free(&c);
		return err;
	}
	*out = c;
	return CARD_OK;
}

void purpose_catalogue_free(purpose_catalogue_t **c)
{
	if (c == NULL || *c == NULL)
		return;
	rules_rows_free(&(*c)->rows);
	free(*c);
	*c = NULL;
}

size_t purpose_count(const purpose_catalogue_t *c)
{
	return c != NULL ? c->rows.n : 0;
}

const struct purpose *purpose_at(const purpose_catalogue_t *c, size_t i)
{
	return c != NULL ? rules_rows_at(&c->rows, i) : NULL;
}

long purpose_sum(const purpose_catalogue_t *c, enum purpose_class rank)
{
	long sum = 0;

	for (size_t i = 0; i < purpose_count(c); i++) {
		const struct purpose *p = purpose_at(c, i);

		if (p->rank == rank && p->count > 0)
			sum += p->count;
	}
	return sum;
}

enum purpose_answer purpose_check(const purpose_catalogue_t *c, const char *id,
				  struct card_date day, unsigned attributes,
				  const struct purpose **found)
{
	enum purpose_answer answer = PURPOSE_UNKNOWN;
	const struct purpose *p = NULL;

	if (found != NULL)
		*found = NULL;
	for (size_t i = 0; i < purpose_count(c) && p == NULL; i++) {
		const struct purpose *row = purpose_at(c, i);

		if (id == NULL || strcmp(row->id, id) != 0)
			continue;
		if (flow_in_period(day, row->from, row->to))
			p = row;
		else
			answer = card_date_valid(row->from) && card_date_compare(day, row->from) < 0
					 ? PURPOSE_NOT_YET
					 : PURPOSE_ENDED;
	}
	if (p == NULL)
		return answer;
	if (found != NULL)
		*found = p;
	if ((attributes & FLOW_ATTR_MY_NUMBER) != 0 && p->number != PURPOSE_NUMBER_YES)
		return PURPOSE_NO_NUMBER;
	return (attributes & ~p->attributes) != 0 ? PURPOSE_ATTRIBUTE : PURPOSE_OK;
}

const char *purpose_answer_code(enum purpose_answer a)
{
	static const char *const codes[] = {"ok",
					    "purpose_unknown",
					    "purpose_not_yet",
					    "purpose_ended",
					    "attribute_outside_purpose",
					    "number_outside_purpose"};

	return (size_t)a < sizeof codes / sizeof *codes ? codes[a] : "purpose_unknown";
}
