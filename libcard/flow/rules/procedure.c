/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/procedure.h>

#include <stdlib.h>
#include <string.h>

#include "rows.h"

struct flow_procedures {
	struct rules_rows rows;
};

enum column {
	ID,
	NAME,
	NAME_EN,
	ENTITY,
	ATTRIBUTES,
	NUMBER,
	BASIS,
	LAW,
	PURPOSE,
	POLICY,
	CHECKS,
	DOUBLE,
	YEARS,
	YEARS_FROM,
	KEEP_IMAGE,
	UNREADABLE,
	FROM,
	TO,
	SOURCE
};

static const char *const columns[] = {"id",
				      "name",
				      "name_en",
				      "entity_class",
				      "attributes",
				      "number",
				      "number_basis",
				      "number_law",
				      "purpose",
				      "evidence_policy",
				      "required_checks",
				      "double_check",
				      "retention_years",
				      "retention_from",
				      "keep_image",
				      "unreadable_is_photo",
				      "valid_from",
				      "valid_to",
				      "source",
				      NULL};

static const char *const check_names[] = {
	"card_chain", "record_signature", "card_challenge", "certificate_path",
	"revocation", "in_force",         "consistency",    NULL};
static const char *const basis_names[] = {"",      "schedule", "ordinance-pair", "related-work",
					  "other", NULL};
static const char *const double_names[] = {"none", "same-day", "next-day", NULL};

const char *flow_check_name(enum flow_check c)
{
	return (unsigned)c < FLOW_CHECK_COUNT_ ? check_names[c] : "";
}

const char *flow_basis_name(enum flow_number_basis b)
{
	return (unsigned)b <= FLOW_BASIS_OTHER ? basis_names[b] : "";
}

const char *flow_double_check_name(enum flow_double_check d)
{
	return (unsigned)d <= FLOW_DOUBLE_NEXT_DAY ? double_names[d] : "";
}

static enum card_error read_bool(const flow_table_t *t, size_t i, size_t column, bool *out,
				 struct flow_problem *problem)
{
	static const char *const words[] = {"no", "yes", NULL};
	size_t word = 0;
	enum card_error err = flow_table_word(t, i, column, words, &word, problem);

	*out = word == 1;
	return err;
}

static enum card_error read_checks(const flow_table_t *t, size_t i, unsigned *out,
				   struct flow_problem *problem)
{
	const char *list = flow_table_get(t, i, CHECKS);

	*out = 0;
	while (*list != '\0') {
		struct card_bytes word = flow_list_next(&list);
		size_t c = 0;

		while (c < FLOW_CHECK_COUNT_ && (strlen(check_names[c]) != word.n ||
						 memcmp(check_names[c], word.p, word.n) != 0))
			c++;
		if (c == FLOW_CHECK_COUNT_)
			return flow_problem_set(problem, flow_table_name(t), flow_table_line(t, i),
						"\"%.*s\" is no check", (int)word.n,
						(const char *)word.p);
		*out |= 1u << c;
	}
	return CARD_OK;
}

static enum card_error read_words(const flow_table_t *t, size_t i, struct flow_procedure *p,
				  struct flow_problem *problem)
{
	static const char *const entities[] = {"other", "number-user", NULL};
	static const char *const starts[] = {"decision", "contract-end", "fiscal-year-end", NULL};
	size_t word;
	enum card_error err = flow_table_word(t, i, ENTITY, entities, &word, problem);

	if (err == CARD_OK) {
		p->entity = (enum flow_entity)word;
		err = flow_table_word(t, i, BASIS, basis_names, &word, problem);
	}
	if (err == CARD_OK) {
		p->number_basis = (enum flow_number_basis)word;
		err = flow_table_word(t, i, DOUBLE, double_names, &word, problem);
	}
	if (err == CARD_OK) {
		p->double_check = (enum flow_double_check)word;
		err = flow_table_word(t, i, YEARS_FROM, starts, &word, problem);
	}
	if (err == CARD_OK)
		err = read_bool(t, i, NUMBER, &p->number, problem);
	if (err == CARD_OK)
		err = read_bool(t, i, KEEP_IMAGE, &p->keep_image, problem);
	if (err == CARD_OK)
		err = read_bool(t, i, UNREADABLE, &p->unreadable_is_photo, problem);
	return err;
}

static enum card_error read_values(const flow_table_t *t, size_t i, struct flow_procedure *p,
				   struct flow_problem *problem)
{
	char wrong[40];
	enum card_error err = read_checks(t, i, &p->required_checks, problem);

	if (err == CARD_OK)
		err = flow_table_count(t, i, YEARS, &p->retention_years, problem);
	if (err == CARD_OK)
		err = flow_table_date(t, i, FROM, &p->from, problem);
	if (err == CARD_OK)
		err = flow_table_date(t, i, TO, &p->to, problem);
	if (err == CARD_OK &&
	    flow_attributes_parse(flow_table_get(t, i, ATTRIBUTES), FLOW_ATTR_CARD, &p->attributes,
				  wrong) != CARD_OK)
		err = flow_problem_set(problem, flow_table_name(t), flow_table_line(t, i),
				       "\"%s\" is no attribute of a card", wrong);
	return err;
}

/* What stands in other tables. */
static enum card_error check_links(const flow_table_t *t, const struct flow_procedure *p,
				   const purpose_catalogue_t *purposes,
				   const flow_evidence_t *evidence, struct flow_problem *problem)
{
	const char *name = flow_table_name(t);
	bool known = *p->purpose == '\0' || purposes == NULL;

	if (evidence != NULL && !flow_evidence_has_policy(evidence, p->evidence_policy))
		return flow_problem_set(problem, name, p->line, "%s: no evidence policy \"%s\"",
					p->id, p->evidence_policy);
	for (size_t i = 0; i < purpose_count(purposes) && !known; i++)
		known = strcmp(purpose_at(purposes, i)->id, p->purpose) == 0;
	if (!known)
		return flow_problem_set(problem, name, p->line, "%s: no purpose \"%s\"", p->id,
					p->purpose);
	return CARD_OK;
}

static enum card_error check_row(const flow_table_t *t, const struct flow_procedure *p,
				 struct flow_problem *problem)
{
	const unsigned least = 1u << FLOW_CHECK_CARD_CHAIN | 1u << FLOW_CHECK_RECORD_SIGNATURE |
			       1u << FLOW_CHECK_IN_FORCE;
	const char *name = flow_table_name(t);

	if (*p->id == '\0' ||
	    strspn(p->id, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(p->id))
		return flow_problem_set(problem, name, p->line,
					"the id \"%.40s\" is not of a-z, 0-9 and -", p->id);
	/* R3-13: every read of the number names its basis. */
	if (p->number != (p->number_basis != FLOW_BASIS_NONE) ||
	    p->number != (*p->number_law != '\0'))
		return flow_problem_set(problem, name, p->line,
					"%s: number, number_basis and number_law belong together",
					p->id);
	if (p->number && p->entity != FLOW_ENTITY_NUMBER_USER)
		return flow_problem_set(problem, name, p->line,
					"%s: only a number-user may read the number (R1-10)",
					p->id);
	/* R6-14: both ordinances. */
	if (p->number_basis == FLOW_BASIS_ORDINANCE && strchr(p->number_law, ';') == NULL)
		return flow_problem_set(problem, name, p->line,
					"%s: an ordinance-pair names two ordinances", p->id);
	if (p->attributes == 0)
		return flow_problem_set(problem, name, p->line, "%s: attributes are missing",
					p->id);
	/* Without these "valid" would say nothing (R3-04, PD-15). */
	if ((p->required_checks & least) != least)
		return flow_problem_set(
			problem, name, p->line,
			"%s: card_chain, record_signature and in_force are always required", p->id);
	if (p->retention_years < 5)
		return flow_problem_set(problem, name, p->line,
					"%s: retention is at least 5 years (PD-33)", p->id);
	return CARD_OK;
}

static enum card_error read_row(const flow_table_t *t, size_t i, void *row,
				struct flow_problem *problem)
{
	struct flow_procedure *p = row;
	enum card_error err;

	*p = (struct flow_procedure){.id = flow_table_get(t, i, ID),
				     .name = flow_table_get(t, i, NAME),
				     .name_en = flow_table_get(t, i, NAME_EN),
				     .number_law = flow_table_get(t, i, LAW),
				     .purpose = flow_table_get(t, i, PURPOSE),
				     .evidence_policy = flow_table_get(t, i, POLICY),
				     .retention_from = flow_table_get(t, i, YEARS_FROM),
				     .source = flow_table_get(t, i, SOURCE),
				     .line = flow_table_line(t, i)};
	err = read_words(t, i, p, problem);
	if (err == CARD_OK)
		err = read_values(t, i, p, problem);
	return err == CARD_OK ? check_row(t, p, problem) : err;
}

static struct rules_version version(const void *row)
{
	const struct flow_procedure *p = row;

	return (struct rules_version){p->id, p->from, p->to, p->line};
}

enum card_error flow_procedures_read(flow_procedures_t **out, const char *path,
				     const purpose_catalogue_t *purposes,
				     const flow_evidence_t *evidence, struct flow_problem *problem)
{
	static const struct rules_reader reader = {columns, sizeof(struct flow_procedure), read_row,
						   version};
	flow_procedures_t *all;
	enum card_error err;

	if (out == NULL || path == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	all = calloc(1, sizeof *all);
	if (all == NULL)
		return CARD_ERR_NO_MEMORY;
	err = rules_rows_read(&all->rows, path, &reader, problem);
	for (size_t i = 0; err == CARD_OK && i < flow_procedures_count(all); i++)
		err = check_links(all->rows.table, flow_procedures_at(all, i), purposes, evidence,
				  problem);
	if (err != CARD_OK) {
		flow_procedures_free(&all);
		return err;
	}
	*out = all;
	return CARD_OK;
}

void flow_procedures_free(flow_procedures_t **p)
{
	if (p == NULL || *p == NULL)
		return;
	rules_rows_free(&(*p)->rows);
	free(*p);
	*p = NULL;
}

size_t flow_procedures_count(const flow_procedures_t *p)
{
	return p != NULL ? p->rows.n : 0;
}

const struct flow_procedure *flow_procedures_at(const flow_procedures_t *p, size_t i)
{
	return p != NULL ? rules_rows_at(&p->rows, i) : NULL;
}

const struct flow_procedure *flow_procedure_find(const flow_procedures_t *p, const char *id,
						 struct card_date day)
{
	for (size_t i = 0; id != NULL && i < flow_procedures_count(p); i++) {
		const struct flow_procedure *row = flow_procedures_at(p, i);

		if (strcmp(row->id, id) == 0 && flow_in_period(day, row->from, row->to))
			return row;
	}
	return NULL;
}

enum card_error flow_procedure_grant(const struct flow_procedure *p, bool with_number,
				     card_grant_t **out)
{
	const unsigned text =
		FLOW_ATTR_NAME | FLOW_ATTR_ADDRESS | FLOW_ATTR_BIRTH_DATE | FLOW_ATTR_SEX;
	/* The authentication certificate tells no attribute; its status may be asked for (C09, C18). */
	unsigned objects = CARD_OBJECT_AUTH_CERTIFICATE;

	if (p == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if ((p->attributes & text) != 0)
		objects |= CARD_OBJECT_ATTRIBUTES;
	if ((p->attributes & FLOW_ATTR_PHOTO) != 0)
		objects |= CARD_OBJECT_FACE;
	if (p->number && with_number && p->entity == FLOW_ENTITY_NUMBER_USER)
		objects |= CARD_OBJECT_NUMBER;
	return card_grant_new(out, objects);
}
