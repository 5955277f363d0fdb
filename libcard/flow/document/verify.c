/* SPDX-License-Identifier: Apache-2.0 */
/* verify.c — which format a file is of, and one report for all of them. */
#include "cms.h"

#include <stdlib.h>
#include <string.h>

#include "oid.h"

static bool starts_with(struct card_bytes b, const char *text)
{
	const size_t n = strlen(text);

	return b.n >= n && memcmp(b.p, text, n) == 0;
}

enum flow_format flow_format_of(struct card_bytes b)
{
	size_t i = 0;

	if (cms_looks_like(b))
		return FLOW_FORMAT_CMS;
	/* Readers find the header anywhere in the first KiB; only files that begin with it are
	 * taken as PDF to be valid, but all of them are looked at as PDF. */
	if (b.n >= 5 && memmem(b.p, b.n < 1024 ? b.n : 1024, "%PDF-", 5) != NULL)
		return FLOW_FORMAT_PDF;
	if (starts_with(b, "\xEF\xBB\xBF"))
		i = 3;
	while (i < b.n && (b.p[i] == ' ' || b.p[i] == '\t' || b.p[i] == '\r' || b.p[i] == '\n'))
		i++;
	return i < b.n && b.p[i] == '<' ? FLOW_FORMAT_XML : FLOW_FORMAT_UNKNOWN;
}

const char *flow_format_name(enum flow_format format)
{
	static const char *const names[] = {"unknown", "cms", "pades", "xml"};

	return (unsigned)format < 4 ? names[format] : names[0];
}

struct flow_signature *document_add_signature(struct flow_report *r)
{
	struct flow_signature *more;

	if (r->n == FLOW_SIGNATURES_MAX)
		return NULL;
	more = realloc(r->signatures, (r->n + 1) * sizeof(*more));
	if (more == NULL)
		return NULL;
	r->signatures = more;
	memset(&more[r->n], 0, sizeof(*more));
	more[r->n].revision = more[r->n].revisions = 1;
	return &more[r->n++];
}

enum card_error document_verify_cms(const flow_file_t *file, const flow_file_t *content,
				    const struct flow_verify *how, struct flow_report *out)
{
	const struct flow_range all = {0, flow_file_bytes(content).n};
	const struct cms_subject subject = {content, &all, 1};
	struct cms *c = calloc(1, sizeof(*c));
	enum card_error err;

	if (c == NULL)
		return CARD_ERR_NO_MEMORY;
	err = cms_read(flow_file_bytes(file), false, c);
	if (err == CARD_ERR_MALFORMED || err == CARD_ERR_TRUNCATED || err == CARD_ERR_TOO_LONG) {
		flow_reason_add(&out->reasons, err == CARD_ERR_TOO_LONG ? FLOW_REASON_LIMIT
									: FLOW_REASON_MALFORMED);
		err = CARD_OK;
		c->signers = 0;
	} else if (err == CARD_OK) {
		if (c->signers == 0)
			flow_reason_add(&out->reasons, FLOW_REASON_NOT_SIGNED);
		if (!card_bytes_equal(c->content_type, OID_DATA))
			flow_reason_add(&out->reasons, FLOW_REASON_CONTENT_TYPE);
		if (c->attached && content != NULL &&
		    !card_bytes_equal(c->content, flow_file_bytes(content)))
			flow_reason_add(&out->reasons, FLOW_REASON_CONTENT_DIFFERS);
	}
	for (size_t i = 0; err == CARD_OK && i < c->signers; i++) {
		struct flow_signature *s = document_add_signature(out);

		err = s == NULL ? CARD_ERR_NO_MEMORY
				: cms_verify_signer(c, &c->signer[i], &subject, how, s);
		if (err == CARD_OK)
			s->covers_whole_file = c->attached || content != NULL;
	}
	cms_free(c);
	free(c);
	return err;
}

/* The file is as good as its worst signature. */
static void conclude(struct flow_report *r)
{
	r->verdict = flow_verdict_of(&r->reasons);
	if (r->n == 0 && r->verdict == CARD_VERDICT_VALID) {
		flow_reason_add(&r->reasons, FLOW_REASON_NOT_SIGNED);
		r->verdict = CARD_VERDICT_INVALID;
	}
	for (size_t i = 0; i < r->n; i++) {
		const enum card_verdict v = r->signatures[i].verdict;

		if (v == CARD_VERDICT_INVALID ||
		    (v != CARD_VERDICT_VALID && r->verdict == CARD_VERDICT_VALID))
			r->verdict = v;
		r->covers_whole_file = r->covers_whole_file || r->signatures[i].covers_whole_file;
	}
}

enum card_error flow_verify(const flow_file_t *file, const flow_file_t *content,
			    const struct flow_verify *how, struct flow_report *out)
{
	enum card_error err = CARD_OK;

	if (file == NULL || how == NULL || (how->trust == NULL && how->known == NULL) ||
	    out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof(*out));
	out->format = flow_format_of(flow_file_bytes(file));
	if ((how->flags & FLOW_REQUIRE_PADES) != 0 && out->format != FLOW_FORMAT_PDF)
		flow_reason_add(&out->reasons, FLOW_REASON_LEVEL);
	switch (out->format) {
	case FLOW_FORMAT_CMS:
		err = document_verify_cms(file, content, how, out);
		break;
	case FLOW_FORMAT_PDF:
		err = document_verify_pdf(file, how, out);
		break;
	case FLOW_FORMAT_XML:
		err = document_verify_xml(file, content, how, out);
		break;
	default:
		flow_reason_add(&out->reasons, FLOW_REASON_NOT_SIGNED);
	}
	if (err == CARD_OK)
		conclude(out);
	else
		flow_report_free(out);
	return err;
}

void flow_report_free(struct flow_report *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->n; i++)
		card_cert_free(&r->signatures[i].cert);
	free(r->signatures);
	memset(r, 0, sizeof(*r));
}
