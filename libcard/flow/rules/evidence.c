/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/evidence.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence_tables.h"

static enum card_error read_table(flow_table_t **out, const char *folder, const char *name,
				  const char *const *columns, struct flow_problem *problem)
{
	char path[4096];
	const int n = snprintf(path, sizeof path, "%s/%s", folder, name);

	if (n < 0 || (size_t)n >= sizeof path)
		return CARD_ERR_TOO_LONG;
	return flow_table_read(out, path, columns, problem);
}

size_t evidence_find_row(const flow_table_t *t, const char *id)
{
	for (size_t i = 0; i < flow_table_rows(t); i++) {
		if (strcmp(flow_table_get(t, i, 0), id) == 0)
			return i;
	}
	return SIZE_MAX;
}

static enum card_error check_kind(const flow_table_t *t, size_t i, struct flow_problem *problem)
{
	static const char *const classes[] = {"official", "other", "number", "never", NULL};
	static const char *const yes_no[] = {"yes", "no", NULL};
	static const char *const expiries[] = {"required", "optional", "none", NULL};
	static const char *const conditions[] = {"", "register", "chip", NULL};
	struct card_date from, to;
	size_t word;
	enum card_error err = flow_table_word(t, i, KIND_CLASS, classes, &word, problem);

	if (err == CARD_OK)
		err = flow_table_word(t, i, KIND_PHOTO, yes_no, &word, problem);
	if (err == CARD_OK)
		err = flow_table_word(t, i, KIND_EXPIRY, expiries, &word, problem);
	if (err == CARD_OK)
		err = flow_table_word(t, i, KIND_CONDITION, conditions, &word, problem);
	if (err == CARD_OK)
		err = flow_table_date(t, i, KIND_FROM, &from, problem);
	if (err == CARD_OK)
		err = flow_table_date(t, i, KIND_TO, &to, problem);
	if (err == CARD_OK && evidence_find_row(t, flow_table_get(t, i, 0)) != i)
		err = flow_problem_set(problem, flow_table_name(t), flow_table_line(t, i),
				       "%s is there twice", flow_table_get(t, i, 0));
	return err;
}

/* One need "what:count"; n = 0 if it is none. */
struct evidence_need evidence_need_parse(const char *p, size_t n)
{
	struct evidence_need need = {.what = {NULL, 0}, .count = 0};
	const char *colon = memchr(p, ':', n);

	if (colon == NULL || colon == p || n - (size_t)(colon - p) != 2 || colon[1] < '1' ||
	    colon[1] > '9')
		return need;
	need.what = card_bytes(p, (size_t)(colon - p));
	need.count = (size_t)(colon[1] - '0');
	return need;
}

bool evidence_need_is(const struct evidence_need *need, const char *word)
{
	return strlen(word) == need->what.n && memcmp(word, need->what.p, need->what.n) == 0;
}

static bool known_need(const flow_evidence_t *e, const struct evidence_need *need)
{
	bool known = evidence_need_is(need, "photo") || evidence_need_is(need, "any");

	for (size_t i = 0; i < flow_table_rows(e->kinds) && !known; i++)
		known = evidence_need_is(need, flow_table_get(e->kinds, i, 0));
	return known && need->count > 0;
}

static enum card_error check_policy(const flow_evidence_t *e, size_t i,
				    struct flow_problem *problem)
{
	const char *at = flow_table_get(e->policies, i, POLICY_NEEDS);

	do {
		const size_t n = strcspn(at, "|+");
		const struct evidence_need need = evidence_need_parse(at, n);

		if (!known_need(e, &need))
			return flow_problem_set(
				problem, flow_table_name(e->policies),
				flow_table_line(e->policies, i),
				"\"%.*s\" is no need (a kind, photo or any, then :1 "
				"to :9)",
				(int)n, at);
		at += n + (at[n] != '\0');
	} while (*at != '\0');
	return CARD_OK;
}

static enum card_error check_agent(const flow_evidence_t *e, size_t i, struct flow_problem *problem)
{
	static const char *const yes_no[] = {"yes", "no", NULL};
	const char *list = flow_table_get(e->agents, i, AGENT_DOCUMENTS);
	size_t word;
	enum card_error err = flow_table_word(e->agents, i, AGENT_ACCEPT, yes_no, &word, problem);

	while (err == CARD_OK && *list != '\0') {
		struct card_bytes item = flow_list_next(&list);
		char kind[40];

		snprintf(kind, sizeof kind, "%.*s", (int)item.n, (const char *)item.p);
		if (evidence_find_row(e->papers, kind) == SIZE_MAX)
			err = flow_problem_set(problem, flow_table_name(e->agents),
					       flow_table_line(e->agents, i), "no document \"%s\"",
					       kind);
	}
	return err;
}

enum card_error flow_evidence_read(flow_evidence_t **out, const char *folder,
				   struct flow_problem *problem)
{
	static const char *const kinds[] = {"kind",     "name",   "name_en",   "class",
					    "photo",    "expiry", "condition", "valid_from",
					    "valid_to", "source", NULL};
	static const char *const policies[] = {"policy", "name", "needs", "source", NULL};
	static const char *const agents[] = {"case",       "name",   "who",
					     "agents",     "accept", "documents",
					     "procedures", "source", NULL};
	static const char *const papers[] = {"kind", "name", "name_en", "photo", "original", NULL};
	flow_evidence_t *e;
	enum card_error err;

	if (out == NULL || folder == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	e = calloc(1, sizeof *e);
	if (e == NULL)
		return CARD_ERR_NO_MEMORY;
	err = read_table(&e->kinds, folder, "evidence.csv", kinds, problem);
	if (err == CARD_OK)
		err = read_table(&e->policies, folder, "policies.csv", policies, problem);
	if (err == CARD_OK)
		err = read_table(&e->agents, folder, "agents.csv", agents, problem);
	if (err == CARD_OK)
		err = read_table(&e->papers, folder, "agent-documents.csv", papers, problem);
	for (size_t i = 0; err == CARD_OK && i < flow_table_rows(e->kinds); i++)
		err = check_kind(e->kinds, i, problem);
	for (size_t i = 0; err == CARD_OK && i < flow_table_rows(e->policies); i++)
		err = check_policy(e, i, problem);
	for (size_t i = 0; err == CARD_OK && i < flow_table_rows(e->agents); i++)
		err = check_agent(e, i, problem);
	if (err != CARD_OK) {
		flow_evidence_free(&e);
		return err;
	}
	*out = e;
	return CARD_OK;
}

void flow_evidence_free(flow_evidence_t **e)
{
	if (e == NULL || *e == NULL)
		return;
	flow_table_free(&(*e)->kinds);
	flow_table_free(&(*e)->policies);
	flow_table_free(&(*e)->agents);
	flow_table_free(&(*e)->papers);
	free(*e);
	*e = NULL;
}

size_t flow_evidence_count(const flow_evidence_t *e)
{
	return e != NULL ? flow_table_rows(e->kinds) : 0;
}

struct flow_evidence_kind flow_evidence_at(const flow_evidence_t *e, size_t i)
{
	static const char *const classes[] = {"official", "other", "number", "never", NULL};
	struct flow_evidence_kind k = {.kind = "", .name = "", .name_en = ""};
	size_t class = FLOW_EVIDENCE_NEVER;

	if (i >= flow_evidence_count(e))
		return k;
	k.kind = flow_table_get(e->kinds, i, 0);
	k.name = flow_table_get(e->kinds, i, 1);
	k.name_en = flow_table_get(e->kinds, i, 2);
	flow_table_word(e->kinds, i, KIND_CLASS, classes, &class, NULL);
	k.rank = (enum flow_evidence_class) class;
	k.photo = strcmp(flow_table_get(e->kinds, i, KIND_PHOTO), "yes") == 0;
	k.expiry_required = strcmp(flow_table_get(e->kinds, i, KIND_EXPIRY), "required") == 0;
	k.needs_register = strcmp(flow_table_get(e->kinds, i, KIND_CONDITION), "register") == 0;
	k.needs_chip = strcmp(flow_table_get(e->kinds, i, KIND_CONDITION), "chip") == 0;
	flow_table_date(e->kinds, i, KIND_FROM, &k.from, NULL);
	flow_table_date(e->kinds, i, KIND_TO, &k.to, NULL);
	return k;
}

bool flow_evidence_has_policy(const flow_evidence_t *e, const char *policy)
{
	return e != NULL && policy != NULL && evidence_find_row(e->policies, policy) != SIZE_MAX;
}

const char *flow_evidence_needs(const flow_evidence_t *e, const char *policy)
{
	return flow_evidence_has_policy(e, policy)
		       ? flow_table_get(e->policies, evidence_find_row(e->policies, policy),
					POLICY_NEEDS)
		       : "";
}
