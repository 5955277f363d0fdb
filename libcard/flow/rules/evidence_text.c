/* SPDX-License-Identifier: Apache-2.0 */
/* evidence_text.c — what is needed, in words; and what a record keeps of a reference. */
#include "evidence_tables.h"

#include <stdio.h>
#include <string.h>

/* One need: "運転免許証 1点", "公的な写真付き書類 1点". */
static size_t one(const flow_evidence_t *e, const struct evidence_need *n, bool ja, char *out,
		  size_t room)
{
	char kind[40];
	const char *name = kind;
	size_t row;
	int used;

	snprintf(kind, sizeof kind, "%.*s", (int)n->what.n, (const char *)n->what.p);
	row = evidence_find_row(e->kinds, kind);
	if (evidence_need_is(n, "photo"))
		name = ja ? "官公署発行の写真付き書類" : "official photo document";
	else if (evidence_need_is(n, "any"))
		name = ja ? "本人確認書類" : "document about the person";
	else if (row != SIZE_MAX)
		name = flow_table_get(e->kinds, row, ja ? 1 : 2);
	used = snprintf(out, room, ja ? "%s%zu点" : "%s × %zu", name, n->count);
	return used > 0 && (size_t)used < room ? (size_t)used : 0;
}

void flow_evidence_needs_text(const flow_evidence_t *e, const char *needs, enum card_lang lang,
			      char out[512])
{
	const bool ja = lang == CARD_LANG_JA;
	size_t used = 0;

	out[0] = '\0';
	if (e == NULL || needs == NULL)
		return;
	for (const char *at = needs; *at != '\0' && used < 400;) {
		const size_t n = strcspn(at, "|+");
		const struct evidence_need need = evidence_need_parse(at, n);
		const char *joint = at[n] == '|'   ? (ja ? "、または" : ", or ")
				    : at[n] == '+' ? (ja ? "と" : " and ")
						   : "";

		used += one(e, &need, ja, out + used, 512 - used);
		used += (size_t)snprintf(out + used, 512 - used, "%s", joint);
		at += n + (at[n] != '\0');
	}
}

void flow_reference_mask(const char *reference, char out[FLOW_REFERENCE_TEXT])
{
	const size_t n = reference != NULL ? strlen(reference) : 0;
	const size_t shown = n > 6 ? 3 : 0; /* of a short one the end would be too much */
	const char *end = reference != NULL ? reference + n - shown : "";

	/* Only characters that a list of the record may hold. */
	snprintf(out, FLOW_REFERENCE_TEXT, "%s%s", n > 0 ? "***" : "",
		 strspn(end, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") ==
				 shown
			 ? end
			 : "");
}
