/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/lifecycle.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULES_MAX 32

struct flow_lifecycle_rules {
	flow_table_t *table;
	struct flow_lifecycle_rule rule[RULES_MAX];
	size_t n;
};

static enum card_error read_number(const flow_table_t *t, size_t row, size_t column, int *out,
				   struct flow_problem *problem)
{
	long value;
	enum card_error err = flow_table_count(t, row, column, &value, problem);

	if (err == CARD_OK && (value < 1 || value > 120))
		err = flow_problem_set(problem, flow_table_name(t), flow_table_line(t, row),
				       "ages and years are 1 to 120");
	*out = err == CARD_OK ? (int)value : 0;
	return err;
}

static enum card_error read_rule(const flow_table_t *t, size_t row, struct flow_lifecycle_rule *r,
				 struct flow_problem *problem)
{
	int *const numbers[] = {&r->sign_age, &r->adult_age, &r->minor_years, &r->adult_years,
				&r->certificate_years};
	enum card_error err = flow_table_date(t, row, 1, &r->from, problem);

	r->name = flow_table_get(t, row, 0);
	if (err == CARD_OK)
		err = flow_table_date(t, row, 2, &r->to, problem);
	for (size_t i = 0; err == CARD_OK && i < 5; i++)
		err = read_number(t, row, 3 + i, numbers[i], problem);
	return err;
}

/* Each set begins on the day after the one before; the ends of time are open. */
static enum card_error check_gaps(const flow_lifecycle_rules_t *r, struct flow_problem *problem)
{
	const char *name = flow_table_name(r->table);

	if (r->n == 0)
		return flow_problem_set(problem, name, 0, "no rule set");
	for (size_t i = 0; i < r->n; i++) {
		const bool first = i == 0, last = i + 1 == r->n;
		const unsigned line = flow_table_line(r->table, i);

		if (first == card_date_valid(r->rule[i].from) ||
		    last == card_date_valid(r->rule[i].to))
			return flow_problem_set(problem, name, line,
						"only the first rule set has no "
						"applied_from and only the last no applied_to");
		if (!first &&
		    card_date_compare(flow_days_add(r->rule[i - 1].to, 1), r->rule[i].from) != 0)
			return flow_problem_set(problem, name, line,
						"begins not on the day after the set before it");
	}
	return CARD_OK;
}

enum card_error flow_lifecycle_rules_read(flow_lifecycle_rules_t **out, const char *path,
					  struct flow_problem *problem)
{
	static const char *const columns[] = {
		"rule_set",  "applied_from", "applied_to",  "sign_age",
		"adult_age", "minor_years",  "adult_years", "certificate_years",
		"note",      "source",       NULL};
	flow_lifecycle_rules_t *r;
	enum card_error err;

	if (out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	r = calloc(1, sizeof *r);
	if (r == NULL)
		return CARD_ERR_NO_MEMORY;
	err = flow_table_read(&r->table, path, columns, problem);
	if (err == CARD_OK && flow_table_rows(r->table) > RULES_MAX)
		err = flow_problem_set(problem, flow_table_name(r->table), 0, "too many rule sets");
	for (size_t i = 0; err == CARD_OK && i < flow_table_rows(r->table); i++)
		err = read_rule(r->table, i, &r->rule[r->n++], problem);
	if (err == CARD_OK)
		err = check_gaps(r, problem);
	if (err != CARD_OK) {
		flow_lifecycle_rules_free(&r);
		return err;
	}
	*out = r;
	return CARD_OK;
}

void flow_lifecycle_rules_free(flow_lifecycle_rules_t **r)
{
	if (r == NULL || *r == NULL)
		return;
	flow_table_free(&(*r)->table);
	free(*r);
	*r = NULL;
}

const struct flow_lifecycle_rule *flow_lifecycle_rule_at(const flow_lifecycle_rules_t *r,
							 struct card_date day)
{
	for (size_t i = 0; r != NULL && i < r->n; i++) {
		if (flow_in_period(day, r->rule[i].from, r->rule[i].to))
			return &r->rule[i];
	}
	return NULL;
}

/* The n-th birthday strictly after a day (PD-07). */
static struct card_date nth_birthday(struct card_date birth, struct card_date after, int n)
{
	const struct card_date same_year = flow_birthday(birth, after.year);
	const int first = after.year + (card_date_compare(same_year, after) <= 0);

	return flow_birthday(birth, first + n - 1);
}

static struct card_date earlier(struct card_date a, struct card_date b)
{
	return !card_date_valid(b) || card_date_compare(a, b) <= 0 ? a : b;
}

static void name_class(struct flow_lifecycle *out)
{
	const struct flow_lifecycle_rule *r = out->rule;

	if (out->age < r->sign_age)
		snprintf(out->age_class, sizeof out->age_class, "0-%d", r->sign_age - 1);
	else if (out->age < r->adult_age)
		snprintf(out->age_class, sizeof out->age_class, "%d-%d", r->sign_age,
			 r->adult_age - 1);
	else
		snprintf(out->age_class, sizeof out->age_class, "%d+", r->adult_age);
}

/* rules 2.3 step 2. */
static void find_base(const struct flow_lifecycle_case *c, struct card_date applied,
		      struct flow_lifecycle *out)
{
	out->renewal = card_date_valid(c->renewed_from) &&
		       flow_lifecycle_action(c->renewed_from, applied) == FLOW_LIFE_RENEW;
	out->base = out->renewal ? c->renewed_from : c->issued;
}

static void find_window(const struct flow_lifecycle_case *c, struct flow_lifecycle *out)
{
	if (c->object == FLOW_LIFE_SIGN)
		return;
	out->window_end = c->object == FLOW_LIFE_CARD ? out->card_expiry : out->auth_expiry;
	out->window_start = flow_months_add(out->window_end, -3);
}

enum card_error flow_lifecycle_compute(const flow_lifecycle_rules_t *rules,
				       const struct flow_lifecycle_case *c,
				       struct flow_lifecycle *out)
{
	struct card_date applied;
	bool adult;

	if (rules == NULL || c == NULL || out == NULL || !card_date_valid(c->birth) ||
	    !card_date_valid(c->issued) || card_date_compare(c->issued, c->birth) < 0)
		return CARD_ERR_INVALID_ARGUMENT;
	if ((c->object != FLOW_LIFE_CARD && !card_date_valid(c->card_expiry)) ||
	    (c->object == FLOW_LIFE_SIGN && !card_date_valid(c->auth_expiry)))
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof *out);
	applied = card_date_valid(c->applied) ? c->applied : c->issued;
	out->rule =
		flow_lifecycle_rule_at(rules, card_date_valid(c->rules_at) ? c->rules_at : applied);
	if (out->rule == NULL)
		return CARD_ERR_NOT_FOUND;
	out->age = flow_age(c->birth, c->issued);
	adult = out->age >= out->rule->adult_age;
	name_class(out);
	find_base(c, applied, out);
	out->card_expiry =
		c->object != FLOW_LIFE_CARD
			? c->card_expiry
			: nth_birthday(c->birth, out->base,
				       adult ? out->rule->adult_years : out->rule->minor_years);
	out->card_expiry = earlier(out->card_expiry, c->stay_until);
	out->auth_expiry = c->object == FLOW_LIFE_SIGN ? c->auth_expiry
						       : nth_birthday(c->birth, out->base,
								      out->rule->certificate_years);
	out->auth_expiry = earlier(out->auth_expiry, out->card_expiry);
	if ((out->age >= out->rule->sign_age && !c->ward) || c->sign_anyway)
		out->sign_expiry = out->auth_expiry;
	find_window(c, out);
	return card_date_compare(out->auth_expiry, c->issued) < 0 ? CARD_ERR_EXPIRED : CARD_OK;
}

enum flow_lifecycle_action flow_lifecycle_action(struct card_date expiry, struct card_date day)
{
	if (card_date_compare(day, flow_months_add(expiry, -3)) < 0)
		return FLOW_LIFE_TOO_EARLY;
	return card_date_compare(day, expiry) <= 0 ? FLOW_LIFE_RENEW : FLOW_LIFE_REISSUE;
}

enum card_error flow_juki_card_expiry(struct card_date acquired, struct card_date number_card,
				      struct card_date *last_day)
{
	static const struct card_date last_issue = {2015, 12, 31}, last_of_all = {2025, 12, 31};

	if (last_day == NULL || !card_date_valid(acquired) ||
	    card_date_compare(acquired, last_issue) > 0)
		return CARD_ERR_INVALID_ARGUMENT;
	*last_day = earlier(flow_months_add(acquired, 120), last_of_all);
	if (card_date_valid(number_card))
		*last_day = earlier(*last_day, flow_days_add(number_card, -1));
	return CARD_OK;
}
