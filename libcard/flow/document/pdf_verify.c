/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pdf_verify.c — the signatures of a PDF (ISO 32000-1 §12.8, EN 319 142-1).
 *
 * A signature speaks of one revision: the bytes from the start of the file to the end of its
 * ByteRange, with exactly its own /Contents left out. That prefix is read as a document of its
 * own, in which the signature must be named by a field of the form; what came later may only be
 * further signatures (pdf_changes.c).
 */
#include <stdlib.h>
#include <string.h>

#include <card/der.h>

#include "cms.h"
#include "pdf.h"
#include "timestamp.h"

struct range {
	size_t gap, behind, end; /* the hole is [gap, behind) */
};

struct verification {
	const flow_file_t *file;
	const struct flow_verify *how;
	struct pdf now; /* the document as it is */
	struct pdf_fields fields;
	struct flow_report *report;
};

static void add(struct flow_signature *s, enum flow_reason r)
{
	flow_reason_add(&s->reasons, r);
}

/* What an error of reading means for the verdict. */
static enum card_error as_reason(enum card_error err, struct flow_reasons *reasons,
				 enum flow_reason broken)
{
	switch (err) {
	case CARD_ERR_MALFORMED:
	case CARD_ERR_TRUNCATED:
		flow_reason_add(reasons, broken);
		return CARD_OK;
	case CARD_ERR_TOO_LONG:
	case CARD_ERR_UNSUPPORTED:
		flow_reason_add(reasons, FLOW_REASON_LIMIT);
		return CARD_OK;
	default:
		return err;
	}
}

/* ---- ByteRange and Contents ---- */

static bool read_range(const struct pdf_obj *value, size_t all, struct range *out)
{
	const struct pdf_obj *o = pdf_get(value, "ByteRange");
	uint64_t v[4];

	if (o == NULL || o->kind != PDF_ARRAY || o->n != 4)
		return false;
	for (size_t i = 0; i < 4; i++) {
		if (o->items[i].kind != PDF_INT || o->items[i].number < 0)
			return false;
		v[i] = (uint64_t)o->items[i].number;
	}
	if (v[0] != 0 || v[1] == 0 || v[2] <= v[1] || v[3] == 0 || v[2] > all || v[3] > all - v[2])
		return false;
	*out = (struct range){(size_t)v[1], (size_t)v[2], (size_t)(v[2] + v[3])};
	return true;
}

/* The hole is the hexadecimal string of /Contents as it is written, digits of one case only:
 * another writing of the same value is another file. */
static bool is_contents(struct card_bytes file, const struct range *r, const struct pdf_obj *value)
{
	const struct pdf_obj *c = pdf_get(value, "Contents");
	bool upper = false, lower = false;

	if (c == NULL || c->kind != PDF_STRING || c->raw.p != file.p + r->gap ||
	    c->raw.n != r->behind - r->gap || c->raw.n < 4 || c->raw.n % 2 != 0 ||
	    c->raw.p[0] != '<')
		return false;
	for (size_t i = 1; i + 1 < c->raw.n; i++) {
		const uint8_t ch = c->raw.p[i];

		if (ch >= 'A' && ch <= 'F')
			upper = true;
		else if (ch >= 'a' && ch <= 'f')
			lower = true;
		else if (ch < '0' || ch > '9')
			return false;
	}
	return !(upper && lower);
}

/* ---- one signature ---- */

static const struct pdf_field *same_field(const struct pdf_fields *list, const struct range *r)
{
	for (size_t i = 0; i < list->n; i++) {
		struct range other;

		if (read_range(&list->field[i].value, SIZE_MAX, &other) && other.gap == r->gap &&
		    other.behind == r->behind && other.end == r->end)
			return &list->field[i];
	}
	return NULL;
}

/* Objects whose number is not below /Size do not exist to some readers and do to others (§7.5.5). */
static bool beyond_size(const struct pdf *p)
{
	const struct pdf_obj *size = pdf_get(&p->trailer, "Size");

	for (size_t i = p->n; i > 0; i--) {
		if (p->entry[i - 1].type == 1 || p->entry[i - 1].type == 2)
			return size == NULL || size->kind != PDF_INT || size->number < 0 ||
			       (uint64_t)size->number < i;
	}
	return false;
}

/* What the signature in this field permits to come after it. */
static enum card_error read_policy(struct pdf *before, const struct pdf_field *f,
				   struct pdf_policy *out)
{
	uint32_t certifying = 0;
	enum card_error err;

	memset(out, 0, sizeof(*out));
	err = pdf_certified(before, &out->certified, &certifying);
	if (err == CARD_OK)
		err = pdf_lock_of_signature(before, &f->value, &out->lock);
	if (err != CARD_OK)
		return err;
	/* An ordinary signature permits it only where it says itself which fields are left free. */
	if (out->certified >= 2 && certifying != 0 && certifying == f->value_number)
		out->fill = true;
	else
		out->fill = out->certified != 1 && out->lock.p != 1 &&
			    out->lock.action != PDF_LOCK_NONE;
	return CARD_OK;
}

/* The signed revision as a document: it names this signature, and later only signatures came. */
static enum card_error check_revision(struct verification *v, const struct range *r,
				      struct flow_signature *s)
{
	const struct card_bytes all = flow_file_bytes(v->file);
	struct pdf_fields then = {NULL, 0};
	const struct pdf_field *field = NULL;
	struct pdf_policy policy = {.fill = false};
	const struct pdf_stream_cache *cache = v->now.cache;
	const struct pdf_arena kept = v->now.arena;
	struct pdf before;
	enum card_error err = pdf_open(&before, card_bytes(all.p, r->end));

	if (err == CARD_OK)
		err = pdf_signature_fields(&before, false, &then);
	if (err == CARD_OK) {
		field = same_field(&then, r);
		if (field == NULL)
			add(s, FLOW_REASON_UNREACHABLE);
		else if (!is_contents(all, r, &field->value))
			add(s, FLOW_REASON_CONTENTS);
		if (pdf_get(&before.trailer, "Encrypt") != NULL)
			add(s, FLOW_REASON_ENCRYPTED);
		if (beyond_size(&before) || beyond_size(&v->now))
			add(s, FLOW_REASON_XREF);
	}
	if (err == CARD_OK && field != NULL)
		err = read_policy(&before, field, &policy);
	s->certifies = policy.certified;
	if (err == CARD_OK && r->end < all.n)
		err = pdf_changes(&before, &v->now, &policy, &s->reasons, &s->later);
	/* What was looked at in passing is given back, unless a stream was kept with it. */
	if (v->now.cache == cache)
		pdf_arena_trim(&v->now.arena, &kept);
	free(then.field);
	pdf_close(&before);
	return as_reason(err, &s->reasons, FLOW_REASON_XREF);
}

static enum card_error check_cms(struct verification *v, const struct range *r,
				 const struct pdf_obj *value, bool cades, struct flow_signature *s)
{
	const struct flow_range ranges[] = {{0, r->gap}, {r->behind, r->end - r->behind}};
	const struct cms_subject subject = {v->file, ranges, 2};
	struct flow_verify how = *v->how;
	struct cms *c = calloc(1, sizeof(*c));
	enum card_error err;

	if (c == NULL)
		return CARD_ERR_NO_MEMORY;
	if (cades)
		how.flags |= FLOW_REQUIRE_CADES;
	else
		how.flags &= ~FLOW_REQUIRE_PADES;
	err = cms_read(pdf_get(value, "Contents")->text, true, c);
	if (err == CARD_OK && (c->signers != 1 || c->attached)) {
		add(s, FLOW_REASON_FORMAT); /* EN 319 142-1 §4.1: one signer, detached */
		err = document_check_cert(&how, how.at, s);
	} else if (err == CARD_OK) {
		err = cms_verify_signer(c, &c->signer[0], &subject, &how, s);
	} else {
		err = as_reason(err, &s->reasons, FLOW_REASON_MALFORMED);
	}
	cms_free(c);
	free(c);
	return err;
}

/* /ETSI.RFC3161: a timestamp over the ranges (EN 319 142-1 §5.4.3). */
static enum card_error check_document_timestamp(struct verification *v, const struct range *r,
						const struct pdf_obj *value,
						struct flow_signature *s)
{
	const struct flow_range ranges[] = {{0, r->gap}, {r->behind, r->end - r->behind}};
	const struct timestamp_subject subject = {.file = v->file, .ranges = ranges, .n = 2};
	struct card_bytes token = pdf_get(value, "Contents")->text;
	size_t used;
	enum card_error err;

	s->document_timestamp = true;
	if (card_der_length(token, &used) != CARD_OK || used > token.n) {
		add(s, FLOW_REASON_MALFORMED);
		return CARD_OK;
	}
	for (size_t i = used; i < token.n; i++) {
		if (token.p[i] != 0) {
			add(s, FLOW_REASON_CONTENTS);
			return CARD_OK;
		}
	}
	err = timestamp_check(v->how->tsa_trust, card_bytes(token.p, used), &subject,
			      &s->timestamp);
	if (err == CARD_ERR_UNTRUSTED)
		add(s, FLOW_REASON_TIMESTAMP_UNTRUSTED);
	else if (err == CARD_ERR_SIGNATURE || err == CARD_ERR_MALFORMED)
		add(s, FLOW_REASON_TIMESTAMP);
	else
		return err;
	return CARD_OK;
}

static enum card_error by_kind(struct verification *v, const struct range *r,
			       const struct pdf_obj *value, struct flow_signature *s)
{
	const struct pdf_obj *kind = pdf_get(value, "SubFilter");

	if (pdf_is_name(kind, "ETSI.RFC3161"))
		return check_document_timestamp(v, r, value, s);
	if (pdf_is_name(kind, "ETSI.CAdES.detached"))
		return check_cms(v, r, value, true, s);
	if (!pdf_is_name(kind, "adbe.pkcs7.detached")) {
		add(s, FLOW_REASON_FORMAT);
		return CARD_OK;
	}
	if ((v->how->flags & FLOW_REQUIRE_PADES) != 0)
		add(s, FLOW_REASON_LEVEL);
	return check_cms(v, r, value, false, s);
}

static enum card_error check_signature(struct verification *v, const struct pdf_field *f)
{
	const struct card_bytes all = flow_file_bytes(v->file);
	struct flow_signature *s = document_add_signature(v->report);
	const struct pdf_obj *date = pdf_get(&f->value, "M"), *type = pdf_get(&f->value, "Type");
	struct range r;
	enum card_error err = CARD_OK;

	if (s == NULL)
		return CARD_ERR_NO_MEMORY;
	memcpy(s->field, f->name, sizeof s->field);
	if (f->value.kind != PDF_DICT || f->value.twice ||
	    (type != NULL && !pdf_is_name(type, "Sig") && !pdf_is_name(type, "DocTimeStamp"))) {
		add(s, FLOW_REASON_MALFORMED);
	} else if (!read_range(&f->value, all.n, &r)) {
		add(s, FLOW_REASON_BYTE_RANGE);
	} else if (!is_contents(all, &r, &f->value)) {
		add(s, FLOW_REASON_CONTENTS);
	} else {
		s->covers_whole_file = r.end == all.n;
		err = by_kind(v, &r, &f->value, s);
		if (err == CARD_OK)
			err = check_revision(v, &r, s);
	}
	if (s->claimed_time == 0 && date != NULL && date->kind == PDF_STRING)
		(void)pdf_date(date->text, &s->claimed_time);
	s->verdict = flow_verdict_of(&s->reasons);
	return err;
}

/* ---- the document ---- */

/* Dictionaries that look like signatures but that no field has for its value. */
static enum card_error find_hidden(struct verification *v)
{
	enum card_error err = CARD_OK;

	for (uint32_t i = 1; err == CARD_OK && i < v->now.n; i++) {
		const struct pdf_stream_cache *cache = v->now.cache;
		const struct pdf_arena kept = v->now.arena;
		struct pdf_obj o;
		bool named = false;

		err = pdf_load(&v->now, i, &o, NULL);
		if (err == CARD_ERR_MALFORMED) {
			/* A damaged object that nothing needs is no signature. */
			err = CARD_OK;
		}
		for (size_t k = 0; k < v->fields.n; k++)
			named = named || v->fields.field[k].value_number == i;
		if (err == CARD_OK && !named && pdf_get(&o, "ByteRange") != NULL &&
		    pdf_get(&o, "Contents") != NULL)
			flow_reason_add(&v->report->reasons, FLOW_REASON_UNREACHABLE);
		/* What was looked at in passing is given back, unless a stream was kept with it. */
		if (v->now.cache == cache)
			pdf_arena_trim(&v->now.arena, &kept);
	}
	return err;
}

static int by_end(const void *a, const void *b)
{
	const struct pdf_obj *x = pdf_get(&((const struct pdf_field *)a)->value, "ByteRange");
	const struct pdf_obj *y = pdf_get(&((const struct pdf_field *)b)->value, "ByteRange");
	const int64_t p = x != NULL && x->n == 4 ? x->items[2].number : 0;
	const int64_t q = y != NULL && y->n == 4 ? y->items[2].number : 0;

	return p < q ? -1 : p > q;
}

/* Behind the last signature there may be a revision with nothing but what it permits; the file
 * ends where that revision does. */
static bool rest_is_explained(const struct verification *v)
{
	const struct card_bytes all = flow_file_bytes(v->file);
	size_t end = all.n;

	while (end > 0 && pdf_is_blank(all.p[end - 1]))
		end--;
	return all.n - end <= 2 && end >= 5 && memcmp(all.p + end - 5, "%%EOF", 5) == 0 &&
	       v->report->signatures[v->fields.n - 1].later != 0;
}

/* Whatever came after the first signature is found by every reader in the same place. */
static enum card_error check_rest(struct verification *v)
{
	struct range first;
	bool named = true;
	enum card_error err = CARD_OK;

	if (v->fields.n > 0 &&
	    read_range(&v->fields.field[0].value, flow_file_bytes(v->file).n, &first))
		err = pdf_rest_is_named(&v->now, first.end, &named);
	if (err == CARD_OK && !named)
		flow_reason_add(&v->report->reasons, FLOW_REASON_XREF);
	return err;
}

static enum card_error all_signatures(struct verification *v)
{
	bool whole = false, twice = false;
	enum card_error err = pdf_signature_fields(&v->now, false, &v->fields);

	if (err == CARD_OK && v->fields.n > FLOW_SIGNATURES_MAX)
		err = CARD_ERR_TOO_LONG;
	if (err == CARD_OK && v->fields.n > 0)
		qsort(v->fields.field, v->fields.n, sizeof v->fields.field[0], by_end);
	for (size_t i = 0; err == CARD_OK && i < v->fields.n; i++) {
		err = check_signature(v, &v->fields.field[i]);
		if (err == CARD_OK) {
			struct flow_signature *s = &v->report->signatures[i];

			s->revision = (unsigned)i + 1;
			s->revisions = (unsigned)v->fields.n;
			whole = whole || s->covers_whole_file;
		}
	}
	if (err == CARD_OK && v->fields.n > 0 && !whole && !rest_is_explained(v))
		flow_reason_add(&v->report->reasons, FLOW_REASON_NOT_WHOLE_FILE);
	if (err == CARD_OK)
		err = check_rest(v);
	if (err == CARD_OK)
		err = find_hidden(v);
	if (err == CARD_OK)
		err = pdf_objects_twice(&v->now, &twice);
	if (twice)
		flow_reason_add(&v->report->reasons, FLOW_REASON_DUPLICATE_OBJECT);
	return err;
}

enum card_error document_verify_pdf(const flow_file_t *file, const struct flow_verify *how,
				    struct flow_report *out)
{
	struct verification v = {.file = file, .how = how, .report = out};
	enum card_error err = pdf_open(&v.now, flow_file_bytes(file));

	if (err == CARD_OK && pdf_get(&v.now.trailer, "Encrypt") != NULL)
		flow_reason_add(&out->reasons, FLOW_REASON_ENCRYPTED);
	if (err == CARD_OK)
		err = all_signatures(&v);
	err = as_reason(err, &out->reasons, FLOW_REASON_MALFORMED);
	free(v.fields.field);
	pdf_close(&v.now);
	return err;
}
