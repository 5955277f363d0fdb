/* SPDX-License-Identifier: Apache-2.0 */
/* agent.c — may this agent act, with these documents? (rules 3.4, TV-09) */
#include "evidence_tables.h"

#include <stdio.h>
#include <string.h>

static void stop(const flow_evidence_t *e, struct flow_agent_answer *out, const char *code,
		 const char *kind)
{
	const size_t row = evidence_find_row(e->papers, kind);
	struct flow_agent_problem *p;

	if (row == SIZE_MAX || out->problems == FLOW_AGENT_PROBLEMS_MAX)
		return;
	p = &out->problem[out->problems++];
	*p = (struct flow_agent_problem){.kind = flow_table_get(e->papers, row, 0),
					 .name = flow_table_get(e->papers, row, PAPER_NAME),
					 .name_en = flow_table_get(e->papers, row, PAPER_NAME_EN),
					 .code = code};
	if (out->problems > 1)
		return;
	out->code = code;
	snprintf(out->missing, sizeof out->missing, "%s", kind);
	out->name = p->name;
}

static const struct flow_agent_document *brought(const struct flow_agent *a, const char *kind)
{
	for (size_t i = 0; i < a->n; i++) {
		if (a->documents[i].kind != NULL && strcmp(a->documents[i].kind, kind) == 0)
			return &a->documents[i];
	}
	return NULL;
}

/* True if the document is there and good; else it is told. */
static bool check_one(const flow_evidence_t *e, const struct flow_agent *a, const char *kind,
		      struct flow_agent_answer *out)
{
	const struct flow_agent_document *d = brought(a, kind);
	const size_t row = evidence_find_row(e->papers, kind);

	if (d == NULL)
		stop(e, out, "document_missing", kind);
	else if (d->copy && strcmp(flow_table_get(e->papers, row, PAPER_ORIGINAL), "yes") == 0)
		stop(e, out, "document_copy", kind);
	else if (d->no_photo && strcmp(flow_table_get(e->papers, row, PAPER_PHOTO), "yes") == 0)
		stop(e, out, "document_without_photo", kind);
	else
		return true;
	return false;
}

/* R2-39, PD-09: obtained in [visit - 3 months, visit]. */
static void check_seal(const flow_evidence_t *e, const struct flow_agent *a,
		       struct flow_agent_answer *out)
{
	static const char kind[] = "inkan-shomei";
	struct card_date day;

	if (!check_one(e, a, kind, out))
		return;
	day = brought(a, kind)->day;
	if (!card_date_valid(day) || card_date_compare(day, flow_months_add(a->visit, -3)) < 0)
		stop(e, out, "document_too_old", kind);
	else if (card_date_compare(day, a->visit) > 0)
		stop(e, out, "document_from_the_future", kind);
}

enum card_error flow_agent_check(const flow_evidence_t *e, const struct flow_agent *a,
				 struct flow_agent_answer *out)
{
	const char *list;
	size_t row;

	if (e == NULL || a == NULL || out == NULL || a->agent_case == NULL || a->who == NULL ||
	    (a->n > 0 && a->documents == NULL))
		return CARD_ERR_INVALID_ARGUMENT;
	row = evidence_find_row(e->agents, a->agent_case);
	if (row == SIZE_MAX)
		return CARD_ERR_NOT_FOUND;
	*out = (struct flow_agent_answer){
		.code = "agent_case_refused",
		.name = "",
		.legal = strcmp(flow_table_get(e->agents, row, AGENT_LAW), "legal") == 0};
	if (strcmp(flow_table_get(e->agents, row, AGENT_ACCEPT), "yes") != 0)
		return CARD_OK;
	out->code = "agent_other_procedure";
	if (a->procedure != NULL &&
	    !flow_list_has(flow_table_get(e->agents, row, AGENT_PROCEDURES), a->procedure))
		return CARD_OK;
	out->code = "agent_kind_refused";
	if (!flow_list_has(flow_table_get(e->agents, row, AGENT_WHO), a->who))
		return CARD_OK;
	for (list = flow_table_get(e->agents, row, AGENT_DOCUMENTS); *list != '\0';) {
		struct card_bytes item = flow_list_next(&list);
		char kind[40];

		snprintf(kind, sizeof kind, "%.*s", (int)item.n, (const char *)item.p);
		check_one(e, a, kind, out);
	}
	if (a->sign_certificate)
		check_seal(e, a, out);
	out->accepted = out->problems == 0;
	if (out->accepted)
		out->code = "ok";
	return CARD_OK;
}

size_t flow_agent_cases(const flow_evidence_t *e)
{
	return e != NULL ? flow_table_rows(e->agents) : 0;
}

struct flow_agent_case flow_agent_case_at(const flow_evidence_t *e, size_t i)
{
	if (i >= flow_agent_cases(e))
		return (struct flow_agent_case){"", "", "", "", "", false, false};
	return (struct flow_agent_case){
		.id = flow_table_get(e->agents, i, 0),
		.name = flow_table_get(e->agents, i, 1),
		.agents = flow_table_get(e->agents, i, AGENT_WHO),
		.documents = flow_table_get(e->agents, i, AGENT_DOCUMENTS),
		.procedures = flow_table_get(e->agents, i, AGENT_PROCEDURES),
		.legal = strcmp(flow_table_get(e->agents, i, AGENT_LAW), "legal") == 0,
		.accept = strcmp(flow_table_get(e->agents, i, AGENT_ACCEPT), "yes") == 0};
}

const char *flow_agent_document_name(const flow_evidence_t *e, const char *kind,
				     enum card_lang lang)
{
	const size_t row =
		e != NULL && kind != NULL ? evidence_find_row(e->papers, kind) : SIZE_MAX;

	return row == SIZE_MAX ? ""
			       : flow_table_get(e->papers, row,
						lang == CARD_LANG_JA ? PAPER_NAME : PAPER_NAME_EN);
}
