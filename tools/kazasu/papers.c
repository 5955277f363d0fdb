/* SPDX-License-Identifier: Apache-2.0 */
#include "papers.h"

#include <string.h>

#include "output.h"

static bool is(const char *p, size_t n, const char *word)
{
	return strlen(word) == n && memcmp(p, word, n) == 0;
}

/* One word behind the kind. */
static bool qualify(struct kz_paper *paper, const char *p, size_t n)
{
	if (is(p, n, "copy"))
		return paper->copy = true;
	if (is(p, n, "no-photo"))
		return paper->no_photo = true;
	if (is(p, n, "equal"))
		return paper->equal = true;
	if (n > 4 && memcmp(p, "ref=", 4) == 0 && n - 4 < sizeof paper->reference) {
		memcpy(paper->reference, p + 4, n - 4);
		return true;
	}
	return !card_date_valid(paper->day) &&
	       card_date_parse(card_bytes(p, n), &paper->day) == CARD_OK;
}

static bool read_one(struct kz_paper *paper, const char *p, size_t n)
{
	const char *end = p + n, *colon = memchr(p, ':', n);
	size_t len = colon != NULL ? (size_t)(colon - p) : n;

	memset(paper, 0, sizeof *paper);
	if (len == 0 || len >= sizeof paper->kind)
		return false;
	memcpy(paper->kind, p, len);
	for (p += len; p < end; p += len) {
		p++; /* the colon */
		colon = memchr(p, ':', (size_t)(end - p));
		len = (size_t)((colon != NULL ? colon : end) - p);
		if (!qualify(paper, p, len))
			return false;
	}
	return true;
}

int kz_papers_read(struct kz *kz, const char *option, const char *list,
		   struct kz_paper out[FLOW_DOCUMENTS_MAX], size_t *n)
{
	for (*n = 0; list != NULL && *list != '\0'; ++*n) {
		const struct card_bytes item = flow_list_next(&list);

		if (*n == FLOW_DOCUMENTS_MAX)
			return kz_fail_usage(kz, _("--%s takes at most %d documents."), option,
					     FLOW_DOCUMENTS_MAX);
		if (!read_one(&out[*n], (const char *)item.p, item.n))
			return kz_fail_usage(
				kz, _("--%s is a list such as menkyo:2027-01-01;gakusei:copy."),
				option);
	}
	return KZ_GO;
}

static const char *reference(const struct kz_paper *p)
{
	return p->reference[0] != '\0' ? p->reference : NULL;
}

void kz_papers_as_evidence(const struct kz_paper *papers, size_t n, struct flow_document *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (struct flow_document){.kind = papers[i].kind,
						.expiry = papers[i].day,
						.copy = papers[i].copy,
						.register_equal = papers[i].equal,
						.reference = reference(&papers[i])};
}

void kz_papers_as_authority(const struct kz_paper *papers, size_t n,
			    struct flow_agent_document *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (struct flow_agent_document){.kind = papers[i].kind,
						      .copy = papers[i].copy,
						      .no_photo = papers[i].no_photo,
						      .day = papers[i].day,
						      .reference = reference(&papers[i])};
}
