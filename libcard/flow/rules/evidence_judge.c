/* SPDX-License-Identifier: Apache-2.0 */
/* evidence_judge.c — are the documents enough? (rules 3.3, PD-11) */
#include "evidence_tables.h"

#include <stdio.h>
#include <string.h>

const char *flow_document_result_name(enum flow_document_result r)
{
	static const char *const names[] = {
		"accepted",        "unknown_kind",   "not_valid_today",
		"expired",         "no_expiry",      "copy",
		"twice",           "never_evidence", "differs_from_register",
		"chip_not_checked"};

	return (size_t)r < sizeof names / sizeof *names ? names[r] : "unknown_kind";
}

static enum flow_document_result judge_one(const flow_evidence_t *e, struct card_date day,
					   const struct flow_document *all, size_t i, bool chip_ok)
{
	const struct flow_document *d = &all[i];
	const size_t row = evidence_find_row(e->kinds, d->kind != NULL ? d->kind : "");
	struct flow_evidence_kind k;

	if (row == SIZE_MAX)
		return FLOW_DOC_UNKNOWN_KIND;
	k = flow_evidence_at(e, row);
	if (k.rank == FLOW_EVIDENCE_NEVER)
		return FLOW_DOC_NEVER;
	if (!flow_in_period(day, k.from, k.to))
		return FLOW_DOC_NOT_VALID_TODAY;
	for (size_t j = 0; j < i; j++) {
		if (all[j].kind != NULL && strcmp(all[j].kind, d->kind) == 0)
			return FLOW_DOC_TWICE;
	}
	if (d->copy)
		return FLOW_DOC_COPY;
	if (k.expiry_required && !card_date_valid(d->expiry))
		return FLOW_DOC_NO_EXPIRY;
	if (card_date_valid(d->expiry) && card_date_compare(d->expiry, day) < 0)
		return FLOW_DOC_EXPIRED;
	if (k.needs_register && !d->register_equal)
		return FLOW_DOC_REGISTER;
	if (k.needs_chip && !chip_ok)
		return FLOW_DOC_CHIP;
	return FLOW_DOC_ACCEPTED;
}

static size_t have(const struct evidence_need *need, const struct flow_document *documents,
		   size_t n, const struct flow_evidence_answer *a)
{
	if (evidence_need_is(need, "photo"))
		return a->photo;
	if (evidence_need_is(need, "any"))
		return a->any;
	for (size_t i = 0; i < n; i++) {
		if (a->document[i] == FLOW_DOC_ACCEPTED &&
		    evidence_need_is(need, documents[i].kind))
			return 1;
	}
	return 0;
}

/* Are all needs up to the next `|` met? *end: behind it. */
static bool alternative_met(const char *at, const char **end, const struct flow_document *documents,
			    size_t n, const struct flow_evidence_answer *a)
{
	bool met = true;

	for (;;) {
		const size_t len = strcspn(at, "|+");
		const struct evidence_need need = evidence_need_parse(at, len);

		met = met && have(&need, documents, n, a) >= need.count;
		at += len;
		if (*at != '+')
			break;
		at++;
	}
	*end = at + (*at == '|');
	return met;
}

enum card_error flow_evidence_judge(const flow_evidence_t *e, const char *policy,
				    struct card_date day, const struct flow_document *documents,
				    size_t n, bool chip_ok, struct flow_evidence_answer *out)
{
	const char *needs, *at;
	size_t row;
	bool number_paper = false;

	if (e == NULL || policy == NULL || out == NULL || (n > 0 && documents == NULL))
		return CARD_ERR_INVALID_ARGUMENT;
	row = evidence_find_row(e->policies, policy);
	if (row == SIZE_MAX)
		return CARD_ERR_NOT_FOUND;
	if (n > FLOW_DOCUMENTS_MAX)
		return CARD_ERR_TOO_LONG;
	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < n; i++) {
		struct flow_evidence_kind k;

		out->document[i] = judge_one(e, day, documents, i, chip_ok);
		if (out->document[i] != FLOW_DOC_ACCEPTED)
			continue;
		k = flow_evidence_at(e, evidence_find_row(e->kinds, documents[i].kind));
		/* R3-26: what proves the number says nothing about the person. */
		number_paper |= k.rank == FLOW_EVIDENCE_NUMBER;
		out->any += k.rank != FLOW_EVIDENCE_NUMBER;
		out->photo += k.photo && k.rank == FLOW_EVIDENCE_OFFICIAL;
	}
	out->number_proven = number_paper && out->photo > 0;
	needs = flow_table_get(e->policies, row, POLICY_NEEDS);
	for (at = needs; *at != '\0' && !out->fulfilled;)
		out->fulfilled = alternative_met(at, &at, documents, n, out);
	if (!out->fulfilled)
		snprintf(out->missing, sizeof out->missing, "%s", needs);
	return CARD_OK;
}
