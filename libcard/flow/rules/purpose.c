/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/calendar.h>
#include <cardflow/purpose.h>

#include <stdlib.h>
#include <string.h>

struct purpose_catalogue {
	flow_table_t *table;
	struct purpose *row;
	size_t n;
};

enum column { ID, CLASS, BASIS, LAW, TEXT, ORGAN, DEPARTMENT, COUNT, EXPECTED, ATTRIBUTES, ATTR_BASIS,
	      NUMBER, RIGHT, FROM, TO, STATUS, NOTE, SOURCE };

static const char *const columns[] = {
	"purpose_id", "class", "basis_table", "law", "purpose_text", "organ", "department",
	"count_r6", "expected_per_year", "allowed_attributes", "attribute_basis", "number_use",
	"right", "valid_from", "valid_to", "status", "note", "source", NULL};

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
		return flow_problem_set(problem, name, p->line, "%s: no attribute is allowed", p->id);
	if (card_date_valid(p->from) && card_date_valid(p->to) &&
	    card_date_compare(p->to, p->from) < 0)
		return flow_problem_set(problem, name, p->line, "%s: ends before it begins", p->id);
	if ((p->attributes & FLOW_ATTR_MY_NUMBER) != 0 && p->number != PURPOSE_NUMBER_YES)
		return flow_problem_set(problem, name, p->line,
					"%s: my_number is allowed, but number_use is not yes", p->id);
	return CARD_OK;
}

static bool overlap(const struct purpose *a, const struct purpose *b)
{
	if (strcmp(a->id, b->id) != 0)
		return false;
	/* Two periods overlap if one begins inside the other. */
	return (!card_date_valid(a->from) || !card_date_valid(b->to) ||
		card_date_compare(a->from, b->to) <= 0) &&
	       (!card_date_valid(b->from) || !card_date_valid(a->to) ||
		card_date_compare(b->from, a->to) <= 0);
}

static enum card_error read_row(purpose_catalogue_t *c, size_t i, struct flow_problem *problem)
{
	const flow_table_t *t = c->table;
	struct purpose *p = &c->row[i];
	enum card_error err;

	*p = (struct purpose){.id = flow_table_get(t, i, ID),
			      .basis_table = flow_table_get(t, i, BASIS),
			      .law = flow_table_get(t, i, LAW), .text = flow_table_get(t, i, TEXT),
			      .organ = flow_table_get(t, i, ORGAN),
			      .department = flow_table_get(t, i, DEPARTMENT),
			      .status = flow_table_get(t, i, STATUS),
			      .note = flow_table_get(t, i, NOTE),
			      .source = flow_table_get(t, i, SOURCE), .line = flow_table_line(t, i)};
	err = read_words(t, i, p, problem);
	if (err == CARD_OK)
		err = read_values(t, i, p, problem);
	if (err == CARD_OK)
		err = check_row(t, p, problem);
	for (size_t k = 0; err == CARD_OK && k < i; k++) {
		if (overlap(&c->row[k], p))
			err = flow_problem_set(problem, flow_table_name(t), p->line,
					       "%s is in force at the same time as in line %u", p->id,
					       c->row[k].line);
	}
	c->n = i + 1;
	return err;
}

enum card_error purpose_catalogue_read(purpose_catalogue_t **out, const char *path,
				       struct flow_problem *problem)
{
	purpose_catalogue_t *c;
	enum card_error err;

	if (out == NULL || path == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	c = calloc(1, sizeof *c);
	if (c == NULL)
		return CARD_ERR_NO_MEMORY;
	err = flow_table_read(&c->table, path, columns, problem);
	if (err == CARD_OK) {
		c->row = calloc(flow_table_rows(c->table) + 1, sizeof *c->row);
		if (c->row == NULL)
			err = CARD_ERR_NO_MEMORY;
	}
	for (size_t i = 0; err == CARD_OK && i < flow_table_rows(c->table); i++)
		err = read_row(c, i, problem);
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
	flow_table_free(&(*c)->table);
	free((*c)->row);
	free(*c);
	*c = NULL;
}

size_t purpose_count(const purpose_catalogue_t *c)
{
	return c != NULL ? c->n : 0;
}

const struct purpose *purpose_at(const purpose_catalogue_t *c, size_t i)
{
	return c != NULL && i < c->n ? &c->row[i] : NULL;
}

long purpose_sum(const purpose_catalogue_t *c, enum purpose_class rank)
{
	long sum = 0;

	for (size_t i = 0; i < purpose_count(c); i++) {
		if (c->row[i].rank == rank && c->row[i].count > 0)
			sum += c->row[i].count;
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
		if (id == NULL || strcmp(c->row[i].id, id) != 0)
			continue;
		if (flow_in_period(day, c->row[i].from, c->row[i].to))
			p = &c->row[i];
		else
			answer = card_date_valid(c->row[i].from) &&
						 card_date_compare(day, c->row[i].from) < 0
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
	static const char *const codes[] = {"ok", "purpose_unknown", "purpose_not_yet",
					    "purpose_ended", "attribute_outside_purpose",
					    "number_outside_purpose"};

	return (size_t)a < sizeof codes / sizeof *codes ? codes[a] : "purpose_unknown";
}
