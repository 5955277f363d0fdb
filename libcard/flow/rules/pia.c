/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/pia.h>

#include <stdlib.h>
#include <string.h>

#define HIGH_RISK_HANDLERS 500 /* R7-25 */

struct flow_pia {
	flow_table_t *table;
};

enum column { RULE, KIND, MIN, MAX, RISK, RESULT, RESULT_JA, COMMENT, REVIEW };

static const char *const results[] = {"out-of-scope", "threshold", "focused", "full", NULL};
static const char *const results_ja[] = {"対象外", "しきい値評価", "重点項目評価", "全項目評価"};

static bool risk_fits(const char *risk, bool high)
{
	return strcmp(risk, "any") == 0 || strcmp(risk, high ? "yes" : "no") == 0;
}

/* The row of a kind of file; SIZE_MAX if none. */
static size_t find(const flow_pia_t *p, const char *kind, long subjects, bool high, size_t from)
{
	for (size_t i = from; i < flow_table_rows(p->table); i++) {
		long min, max;

		if (strcmp(flow_table_get(p->table, i, KIND), kind) != 0 ||
		    !risk_fits(flow_table_get(p->table, i, RISK), high) ||
		    flow_table_count(p->table, i, MIN, &min, NULL) != CARD_OK ||
		    flow_table_count(p->table, i, MAX, &max, NULL) != CARD_OK)
			continue;
		if (subjects >= min && (max < 0 || subjects <= max))
			return i;
	}
	return SIZE_MAX;
}

static enum card_error check_row(const flow_pia_t *p, size_t i, struct flow_problem *problem)
{
	static const char *const risks[] = {"any", "yes", "no", NULL};
	static const char *const needs[] = {"no", "optional", "required", NULL};
	const flow_table_t *t = p->table;
	long min = 0, max = 0;
	size_t word;
	enum card_error err = flow_table_count(t, i, MIN, &min, problem);

	if (err == CARD_OK)
		err = flow_table_count(t, i, MAX, &max, problem);
	if (err == CARD_OK && (min < 0 || (max >= 0 && max < min)))
		err = flow_problem_set(problem, flow_table_name(t), flow_table_line(t, i),
				       "subjects_min and subjects_max are no range");
	if (err == CARD_OK)
		err = flow_table_word(t, i, RISK, risks, &word, problem);
	if (err == CARD_OK)
		err = flow_table_word(t, i, RESULT, results, &word, problem);
	if (err == CARD_OK)
		err = flow_table_word(t, i, COMMENT, needs, &word, problem);
	if (err == CARD_OK)
		err = flow_table_word(t, i, REVIEW, needs, &word, problem);
	return err;
}

/* Just outside its ends a range must be followed, and inside it must stand alone. */
static enum card_error check_ranges(const flow_pia_t *p, size_t i, bool high,
				    struct flow_problem *problem)
{
	const flow_table_t *t = p->table;
	const char *kind = flow_table_get(t, i, KIND);
	long min, max;

	if (!risk_fits(flow_table_get(t, i, RISK), high))
		return CARD_OK;
	flow_table_count(t, i, MIN, &min, NULL);
	flow_table_count(t, i, MAX, &max, NULL);
	if (find(p, kind, min, high, i + 1) != SIZE_MAX || find(p, kind, min, high, 0) != i)
		return flow_problem_set(problem, flow_table_name(t), flow_table_line(t, i),
					"%s: this range overlaps another", kind);
	if ((min > 0 && find(p, kind, min - 1, high, 0) == SIZE_MAX) ||
	    (max >= 0 && find(p, kind, max + 1, high, 0) == SIZE_MAX))
		return flow_problem_set(problem, flow_table_name(t), flow_table_line(t, i),
					"%s: there is a gap beside this range", kind);
	return CARD_OK;
}

enum card_error flow_pia_read(flow_pia_t **out, const char *path, struct flow_problem *problem)
{
	static const char *const columns[] = {
		"rule_id", "file_kind", "subjects_min",   "subjects_max",       "high_risk",
		"result",  "result_ja", "public_comment", "third_party_review", "source",
		NULL};
	flow_pia_t *p;
	enum card_error err;

	if (out == NULL || path == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	p = calloc(1, sizeof *p);
	if (p == NULL)
		return CARD_ERR_NO_MEMORY;
	err = flow_table_read(&p->table, path, columns, problem);
	for (size_t i = 0; err == CARD_OK && i < flow_table_rows(p->table); i++)
		err = check_row(p, i, problem);
	for (size_t i = 0; err == CARD_OK && i < flow_table_rows(p->table); i++) {
		err = check_ranges(p, i, false, problem);
		if (err == CARD_OK)
			err = check_ranges(p, i, true, problem);
	}
	if (err != CARD_OK) {
		flow_pia_free(&p);
		return err;
	}
	*out = p;
	return CARD_OK;
}

void flow_pia_free(flow_pia_t **p)
{
	if (p == NULL || *p == NULL)
		return;
	flow_table_free(&(*p)->table);
	free(*p);
	*p = NULL;
}

/* R7-25: an incident within the past year, that is, not before the same day one year ago. */
static bool high_risk(const struct flow_pia_case *c)
{
	return c->handlers >= HIGH_RISK_HANDLERS ||
	       (card_date_valid(c->incident) && card_date_valid(c->day) &&
		card_date_compare(c->incident, flow_months_add(c->day, -12)) >= 0);
}

enum card_error flow_pia_judge(const flow_pia_t *p, const struct flow_pia_case *c,
			       struct flow_pia_answer *out)
{
	if (p == NULL || c == NULL || out == NULL || (c->n > 0 && c->files == NULL))
		return CARD_ERR_INVALID_ARGUMENT;
	*out = (struct flow_pia_answer){.level_ja = results_ja[0],
					.rule = "",
					.public_comment = "no",
					.third_party_review = "no",
					.high_risk = high_risk(c)};
	/* Files are not added up: the highest class that any gives (R7-35, PD-40). */
	for (size_t i = 0; i < c->n; i++) {
		size_t row, word;

		if (c->files[i].number_hidden)
			continue;
		row = find(p, c->files[i].kind, c->files[i].subjects, out->high_risk, 0);
		if (row == SIZE_MAX)
			return CARD_ERR_NOT_FOUND;
		flow_table_word(p->table, row, RESULT, results, &word, NULL);
		if (word > (size_t)out->level ||
		    (*out->rule == '\0' && word == (size_t)out->level)) {
			out->level = (enum flow_pia_level)word;
			out->level_ja = flow_table_get(p->table, row, RESULT_JA);
			out->rule = flow_table_get(p->table, row, RULE);
			out->public_comment = flow_table_get(p->table, row, COMMENT);
			out->third_party_review = flow_table_get(p->table, row, REVIEW);
		}
	}
	if (c->raised > out->level) {
		out->level = c->raised;
		out->level_ja = results_ja[c->raised];
		out->rule = "";
		out->public_comment = c->raised == FLOW_PIA_FULL ? "required" : "optional";
		out->third_party_review = out->public_comment;
	}
	return CARD_OK;
}
