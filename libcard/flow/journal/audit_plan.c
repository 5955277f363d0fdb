/* SPDX-License-Identifier: Apache-2.0 */
/* audit_plan.c — which organ is audited when in a term of three years (rules 7.4, PD-38). */
#include <cardflow/audit.h>

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct organ {
	const char *name;
	bool field;
	int since, first_use; /* fiscal years; first_use 0: none yet */
	/* of the plan that is being checked or made */
	int planned, year, later;
	bool external;
	uint8_t rank[32];
};

struct flow_audit_organs {
	flow_table_t *table; /* owns the names */
	struct organ *list;
	size_t n;
};

static const char *const organ_columns[] = {"organ", "office", "since", "first_use", NULL};
static const char *const plan_columns[] = {"year", "organ", "audit", "reason", NULL};
static const char *const offices[] = {"head", "field", NULL};
static const char *const audits[] = {"internal", "external", "later", NULL};
enum audit { INTERNAL, EXTERNAL, LATER };

static struct organ *find(const flow_audit_organs_t *o, const char *name)
{
	for (size_t i = 0; i < o->n; i++) {
		if (strcmp(o->list[i].name, name) == 0)
			return &o->list[i];
	}
	return NULL;
}

static enum card_error read_organ(flow_audit_organs_t *o, size_t row, struct flow_problem *problem)
{
	struct organ *organ = &o->list[o->n];
	long since, first_use;
	size_t office;
	enum card_error err = flow_table_word(o->table, row, 1, offices, &office, problem);

	if (err == CARD_OK)
		err = flow_table_count(o->table, row, 2, &since, problem);
	if (err == CARD_OK)
		err = flow_table_count(o->table, row, 3, &first_use, problem);
	if (err != CARD_OK)
		return err;
	organ->name = flow_table_get(o->table, row, 0);
	if (*organ->name == '\0' || find(o, organ->name) != NULL || since < 1900 || since > 9999 ||
	    first_use > 9999)
		return flow_problem_set(problem, flow_table_name(o->table),
					flow_table_line(o->table, row),
					"an organ is named once, with the fiscal year it began in");
	organ->field = office == 1;
	organ->since = (int)since;
	organ->first_use = first_use > 0 ? (int)first_use : 0;
	o->n++;
	return CARD_OK;
}

enum card_error flow_audit_organs_read(flow_audit_organs_t **out, const char *path,
				       struct flow_problem *problem)
{
	flow_audit_organs_t *o;
	enum card_error err;

	if (out == NULL || path == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	o = calloc(1, sizeof *o);
	if (o == NULL)
		return CARD_ERR_NO_MEMORY;
	err = flow_table_read(&o->table, path, organ_columns, problem);
	if (err == CARD_OK) {
		o->list = calloc(flow_table_rows(o->table) + 1, sizeof *o->list);
		err = o->list != NULL ? CARD_OK : CARD_ERR_NO_MEMORY;
	}
	for (size_t i = 0; err == CARD_OK && i < flow_table_rows(o->table); i++)
		err = read_organ(o, i, problem);
	if (err == CARD_OK)
		*out = o;
	else
		flow_audit_organs_free(&o);
	return err;
}

void flow_audit_organs_free(flow_audit_organs_t **o)
{
	if (o == NULL || *o == NULL)
		return;
	flow_table_free(&(*o)->table);
	free((*o)->list);
	free(*o);
	*o = NULL;
}

/* R6-29: an organ without use is audited in a later year. */
static bool used_by(const struct organ *o, int year)
{
	return o->first_use != 0 && o->first_use <= year;
}

static void forget_plan(const flow_audit_organs_t *o)
{
	for (size_t i = 0; i < o->n; i++) {
		o->list[i].planned = o->list[i].year = o->list[i].later = 0;
		o->list[i].external = false;
	}
}

/* ---------------------------------------------------------------- checking */

struct checking {
	flow_audit_problem_fn fn;
	void *ctx;
	size_t n;
	enum card_error err;
};

static void tell(struct checking *c, const char *kind, int year, const char *organ)
{
	c->n++;
	if (c->err == CARD_OK && c->fn != NULL)
		c->err = c->fn(c->ctx, kind, year, organ);
}

static enum card_error take_row(const flow_audit_organs_t *o, const flow_table_t *t, size_t row,
				int first, struct checking *c, struct flow_problem *problem)
{
	const char *name = flow_table_get(t, row, 1);
	struct organ *organ = find(o, name);
	long year;
	size_t audit;
	enum card_error err = flow_table_count(t, row, 0, &year, problem);

	if (err == CARD_OK)
		err = flow_table_word(t, row, 2, audits, &audit, problem);
	if (err != CARD_OK)
		return err;
	if (organ == NULL) {
		tell(c, "unknown_organ", (int)year, name);
		return c->err;
	}
	if (year < first || year >= first + FLOW_AUDIT_TERM) {
		tell(c, "outside_term", (int)year, name);
		return c->err;
	}
	if (audit == LATER) {
		organ->later = (int)year;
		if (*flow_table_get(t, row, 3) == '\0')
			tell(c, "later_without_reason", (int)year, name);
		if (used_by(organ, (int)year))
			tell(c, "later_with_use", (int)year, name);
		return c->err;
	}
	if (organ->planned++ > 0)
		tell(c, "doubled", (int)year, name);
	organ->year = (int)year;
	organ->external = audit == EXTERNAL;
	return c->err;
}

static void check_organ(const struct organ *o, int first, struct checking *c)
{
	const bool is_new = o->since >= first && o->since < first + FLOW_AUDIT_TERM;

	if (o->planned == 0 && o->later == 0)
		tell(c, "left_out", 0, o->name);
	/* R6-28: a new organ has its internal audit in its first year. */
	if (is_new && o->planned == 1 && o->later == 0 && (o->year != o->since || o->external))
		tell(c, "new_not_first_year", o->year, o->name);
}

static void check_externals(const flow_audit_organs_t *o, int year, struct checking *c)
{
	size_t head = 0, field = 0;

	for (size_t i = 0; i < o->n; i++) {
		if (o->list[i].external && o->list[i].year == year) {
			head += !o->list[i].field;
			field += o->list[i].field;
		}
	}
	if (head != 1)
		tell(c, "external_head", year, "");
	if (field != 1)
		tell(c, "external_field", year, "");
}

enum card_error flow_audit_plan_check(const flow_audit_organs_t *o, const char *path, int first,
				      flow_audit_problem_fn fn, void *ctx, size_t *problems,
				      struct flow_problem *problem)
{
	struct checking c = {.fn = fn, .ctx = ctx};
	flow_table_t *t = NULL;
	enum card_error err;

	if (o == NULL || path == NULL || problems == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	forget_plan(o);
	err = flow_table_read(&t, path, plan_columns, problem);
	for (size_t i = 0; err == CARD_OK && i < flow_table_rows(t); i++)
		err = take_row(o, t, i, first, &c, problem);
	flow_table_free(&t);
	if (err != CARD_OK)
		return err;
	for (size_t i = 0; i < o->n; i++) {
		if (o->list[i].since < first + FLOW_AUDIT_TERM)
			check_organ(&o->list[i], first, &c);
	}
	for (int year = first; year < first + FLOW_AUDIT_TERM; year++)
		check_externals(o, year, &c);
	*problems = c.n;
	return c.err;
}

/* ---------------------------------------------------------------- making */

static bool rank_all(const flow_audit_organs_t *o, const char *seed)
{
	for (size_t i = 0; i < o->n; i++) {
		EVP_MD_CTX *ctx = EVP_MD_CTX_new();
		const bool good =
			ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
			EVP_DigestUpdate(ctx, seed, strlen(seed)) == 1 &&
			EVP_DigestUpdate(ctx, "\n", 1) == 1 &&
			EVP_DigestUpdate(ctx, o->list[i].name, strlen(o->list[i].name)) == 1 &&
			EVP_DigestFinal_ex(ctx, o->list[i].rank, NULL) == 1;

		EVP_MD_CTX_free(ctx);
		if (!good)
			return false;
	}
	return true;
}

/* The first by rank of those not planned yet; old ones only. */
static struct organ *draw(const flow_audit_organs_t *o, int first, int field)
{
	struct organ *best = NULL;

	for (size_t i = 0; i < o->n; i++) {
		struct organ *one = &o->list[i];

		if (one->planned == 0 && one->later == 0 && one->since < first &&
		    (field < 0 || one->field == (field == 1)) &&
		    (best == NULL || memcmp(one->rank, best->rank, 32) < 0))
			best = one;
	}
	return best;
}

static void put_new(const flow_audit_organs_t *o, int first)
{
	for (size_t i = 0; i < o->n; i++) {
		struct organ *one = &o->list[i];

		if (one->since < first || one->since >= first + FLOW_AUDIT_TERM)
			continue;
		if (used_by(one, one->since)) {
			one->planned = 1;
			one->year = one->since;
			continue;
		}
		one->later = one->since;
		if (one->first_use > one->since && one->first_use < first + FLOW_AUDIT_TERM) {
			one->planned = 1;
			one->year = one->first_use;
		}
	}
}

static bool put_externals(const flow_audit_organs_t *o, int first)
{
	for (int year = first; year < first + FLOW_AUDIT_TERM; year++) {
		for (int field = 0; field < 2; field++) {
			struct organ *one = draw(o, first, field);

			if (one == NULL)
				return false;
			one->planned = 1;
			one->year = year;
			one->external = true;
		}
	}
	return true;
}

/* Whoever is left, where the fewest are. */
static void put_rest(const flow_audit_organs_t *o, int first)
{
	struct organ *one;

	while ((one = draw(o, first, -1)) != NULL) {
		size_t load[FLOW_AUDIT_TERM] = {0};
		int least = 0;

		for (size_t i = 0; i < o->n; i++) {
			if (o->list[i].planned > 0)
				load[o->list[i].year - first]++;
		}
		for (int y = 1; y < FLOW_AUDIT_TERM; y++)
			least = load[y] < load[least] ? y : least;
		one->planned = 1;
		one->year = first + least;
	}
}

enum card_error flow_audit_plan_make(const flow_audit_organs_t *o, int first, const char *seed,
				     FILE *out, struct flow_problem *problem)
{
	if (o == NULL || seed == NULL || out == NULL || first < 1900 || first > 9990)
		return CARD_ERR_INVALID_ARGUMENT;
	forget_plan(o);
	if (!rank_all(o, seed))
		return CARD_ERR_CRYPTO;
	put_new(o, first);
	if (!put_externals(o, first)) {
		flow_problem_set(
			problem, flow_table_name(o->table), 0,
			"external audits need three head-office sections and three field offices");
		return CARD_ERR_DENIED;
	}
	put_rest(o, first);
	fputs("year,organ,audit,reason\n", out);
	for (int year = first; year < first + FLOW_AUDIT_TERM; year++) {
		for (size_t i = 0; i < o->n; i++) {
			const struct organ *one = &o->list[i];

			if (one->later == year)
				fprintf(out, "%d,%s,later,利用実績なし\n", year, one->name);
			if (one->planned > 0 && one->year == year)
				fprintf(out, "%d,%s,%s,\n", year, one->name,
					one->external ? "external" : "internal");
		}
	}
	return fflush(out) == 0 && !ferror(out) ? CARD_OK : CARD_ERR_IO;
}
