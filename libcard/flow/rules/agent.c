/* SPDX-License-Identifier: Apache-2.0 */
/* agent.c — may this agent act, with these documents? (rules 3.4, TV-09) */
#include "evidence_tables.h"

#include <stdio.h>
#include <string.h>

static void stop(const flow_evidence_t *e, struct flow_agent_answer *out, const char *code,
		 const char *kind)
{
	const size_t row = evidence_find_row(e->papers, kind);

	out->code = code;
	snprintf(out->missing, sizeof out->missing, "%s", kind);
	out->name = row != SIZE_MAX ? flow_table_get(e->papers, row, PAPER_NAME) : "";
}

static const struct flow_agent_document *brought(const struct flow_agent *a, const char *kind)
{
	for (size_t i = 0; i < a->n; i++) {
		if (a->documents[i].kind != NULL && strcmp(a->documents[i].kind, kind) == 0)
			return &a->documents[i];
	}
	return NULL;
}

/* True if the document is there and good. */
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
static bool check_seal(const flow_evidence_t *e, const struct flow_agent *a,
		       struct flow_agent_answer *out)
{
	static const char kind[] = "inkan-shomei";
	struct card_date day;

	if (!check_one(e, a, kind, out))
		return false;
	day = brought(a, kind)->day;
	if (!card_date_valid(day) || card_date_compare(day, flow_months_add(a->visit, -3)) < 0) {
		stop(e, out, "document_too_old", kind);
		return false;
	}
	if (card_date_compare(day, a->visit) > 0) {
		stop(e, out, "document_from_the_future", kind);
		return false;
	}
	return true;
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
	*out = (struct flow_agent_answer){.code = "agent_case_refused", .name = ""};
	if (strcmp(flow_table_get(e->agents, row, AGENT_ACCEPT), "yes") != 0)
		return CARD_OK;
	out->code = "agent_kind_refused";
	if (!flow_list_has(flow_table_get(e->agents, row, AGENT_WHO), a->who))
		return CARD_OK;
	for (list = flow_table_get(e->agents, row, AGENT_DOCUMENTS); *list != '\0';) {
		struct card_bytes item = flow_list_next(&list);
		char kind[40];

		snprintf(kind, sizeof kind, "%.*s", (int)item.n, (const char *)item.p);
		if (!check_one(e, a, kind, out))
			return CARD_OK;
	}
	if (a->sign_certificate && !check_seal(e, a, out))
		return CARD_OK;
	out->accepted = true;
	out->code = "ok";
	return CARD_OK;
}
