/* SPDX-License-Identifier: Apache-2.0 */
/* pdf_form.c — catalogue, pages, signature fields, DocMDP (ISO 32000-1 §7.7, §12.7, §12.8). */
#include "pdf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <card/date.h>

enum card_error pdf_catalog(struct pdf *p, struct pdf_obj *out)
{
	const enum card_error err = pdf_get_resolved(p, &p->trailer, "Root", out);

	return err == CARD_OK && (out->kind != PDF_DICT || out->twice) ? CARD_ERR_MALFORMED : err;
}

enum card_error pdf_first_page(struct pdf *p, uint32_t *number)
{
	struct pdf_obj node, kids;
	const struct pdf_obj *ref;
	enum card_error err = pdf_catalog(p, &node);

	if (err != CARD_OK)
		return err;
	ref = pdf_get(&node, "Pages");
	for (unsigned depth = 0; depth < PDF_DEPTH_MAX; depth++) {
		if (ref == NULL || ref->kind != PDF_REF || ref->number > PDF_OBJECTS_MAX)
			return CARD_ERR_MALFORMED;
		err = pdf_load(p, (uint32_t)ref->number, &node, NULL);
		if (err != CARD_OK)
			return err;
		if (node.kind != PDF_DICT || node.twice)
			return CARD_ERR_MALFORMED;
		if (pdf_get(&node, "Kids") == NULL) {
			*number = (uint32_t)ref->number;
			return CARD_OK;
		}
		err = pdf_get_resolved(p, &node, "Kids", &kids);
		if (err != CARD_OK)
			return err;
		ref = NULL;
		/* An empty branch (§7.7.3.2 allows /Count 0) has no first page. */
		for (size_t i = 0; kids.kind == PDF_ARRAY && ref == NULL && i < kids.n; i++) {
			struct pdf_obj kid, count;

			err = pdf_resolve(p, &kids.items[i], &kid);
			if (err == CARD_OK)
				err = pdf_get_resolved(p, &kid, "Count", &count);
			if (err != CARD_OK)
				return err;
			if (pdf_get(&kid, "Kids") == NULL || count.number > 0)
				ref = &kids.items[i];
		}
	}
	return CARD_ERR_TOO_LONG;
}

/* ---- fields ---- */

static void join_name(const char *parent, const struct pdf_obj *part, char out[128])
{
	char own[128] = "";

	if (part != NULL && part->kind == PDF_STRING)
		pdf_text(part->text, own, sizeof own);
	if (*parent != '\0' && *own != '\0')
		snprintf(out, 128, "%.100s.%.26s", parent, own);
	else
		snprintf(out, 128, "%s", *own != '\0' ? own : parent);
}

static enum card_error add_field(struct pdf_fields *out, const struct pdf_field *f)
{
	struct pdf_field *more;

	if (out->n == PDF_FIELDS_MAX)
		return CARD_ERR_TOO_LONG;
	more = realloc(out->field, (out->n + 1) * sizeof(*more));
	if (more == NULL)
		return CARD_ERR_NO_MEMORY;
	out->field = more;
	out->field[out->n++] = *f;
	return CARD_OK;
}

static enum card_error walk(struct pdf *p, const struct pdf_obj *list, bool sig, const char *parent,
			    unsigned depth, struct pdf_fields *out);

/* type: the field type that is inherited (§12.7.3.1). */
static enum card_error one_field(struct pdf *p, const struct pdf_obj *ref, bool sig,
				 const char *parent, unsigned depth, struct pdf_fields *out)
{
	struct pdf_field f = {.number = ref->kind == PDF_REF ? (uint32_t)ref->number : 0};
	const struct pdf_obj *type, *value;
	struct pdf_obj kids;
	enum card_error err = pdf_resolve(p, ref, &f.field);

	if (err != CARD_OK || f.field.kind != PDF_DICT)
		return err;
	if (f.field.twice)
		return CARD_ERR_MALFORMED;
	if (out->all++ >= 100000)
		return CARD_ERR_TOO_LONG;
	type = pdf_get(&f.field, "FT");
	if (type != NULL)
		sig = pdf_is_name(type, "Sig");
	join_name(parent, pdf_get(&f.field, "T"), f.name);
	value = pdf_get(&f.field, "V");
	if (sig && value != NULL) {
		f.value_number = value->kind == PDF_REF ? (uint32_t)value->number : 0;
		err = pdf_resolve(p, value, &f.value);
		if (err == CARD_OK && f.value.kind != PDF_NULL)
			err = add_field(out, &f);
	}
	if (err == CARD_OK)
		err = pdf_get_resolved(p, &f.field, "Kids", &kids);
	if (err == CARD_OK && kids.kind == PDF_ARRAY)
		err = walk(p, &kids, sig, f.name, depth - 1, out);
	return err;
}

static enum card_error walk(struct pdf *p, const struct pdf_obj *list, bool sig, const char *parent,
			    unsigned depth, struct pdf_fields *out)
{
	enum card_error err = depth == 0 ? CARD_ERR_TOO_LONG : CARD_OK;

	for (size_t i = 0; err == CARD_OK && i < list->n; i++)
		err = one_field(p, &list->items[i], sig, parent, depth, out);
	return err;
}

enum card_error pdf_signature_fields(struct pdf *p, struct pdf_fields *out)
{
	struct pdf_obj catalog, form, fields;
	enum card_error err = pdf_catalog(p, &catalog);

	memset(out, 0, sizeof(*out));
	if (err == CARD_OK)
		err = pdf_get_resolved(p, &catalog, "AcroForm", &form);
	if (err == CARD_OK)
		err = pdf_get_resolved(p, &form, "Fields", &fields);
	if (err == CARD_OK && fields.kind == PDF_ARRAY)
		err = walk(p, &fields, false, "", 16, out);
	return err;
}

/* ---- certification ---- */

enum card_error pdf_certified(struct pdf *p, unsigned *level)
{
	struct pdf_obj catalog, perms, sig, refs, ref, params, l;
	enum card_error err = pdf_catalog(p, &catalog);

	*level = 0;
	if (err == CARD_OK)
		err = pdf_get_resolved(p, &catalog, "Perms", &perms);
	if (err == CARD_OK)
		err = pdf_get_resolved(p, &perms, "DocMDP", &sig);
	if (err != CARD_OK || sig.kind != PDF_DICT)
		return err;
	*level = 2; /* the default of /P */
	err = pdf_get_resolved(p, &sig, "Reference", &refs);
	for (size_t i = 0; err == CARD_OK && refs.kind == PDF_ARRAY && i < refs.n; i++) {
		err = pdf_resolve(p, &refs.items[i], &ref);
		if (err != CARD_OK || !pdf_is_name(pdf_get(&ref, "TransformMethod"), "DocMDP"))
			continue;
		err = pdf_get_resolved(p, &ref, "TransformParams", &params);
		if (err == CARD_OK)
			err = pdf_get_resolved(p, &params, "P", &l);
		if (err == CARD_OK && l.kind == PDF_INT)
			*level = l.number >= 1 && l.number <= 3 ? (unsigned)l.number : 1;
	}
	return err;
}

/* ---- text and dates ---- */

static size_t put_utf8(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xE0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3F));
		out[2] = (char)(0x80 | (c & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3F));
	out[2] = (char)(0x80 | (c >> 6 & 0x3F));
	out[3] = (char)(0x80 | (c & 0x3F));
	return 4;
}

void pdf_text(struct card_bytes s, char *out, size_t cap)
{
	const bool wide = s.n >= 2 && s.p[0] == 0xFE && s.p[1] == 0xFF;
	size_t n = 0;

	for (size_t i = wide ? 2 : 0; i + (wide ? 1 : 0) < s.n && n + 5 < cap;) {
		uint32_t c = s.p[i];

		if (wide) {
			c = (uint32_t)s.p[i] << 8 | s.p[i + 1];
			i += 2;
			if (c >= 0xD800 && c < 0xDC00 && i + 1 < s.n) {
				const uint32_t low = (uint32_t)s.p[i] << 8 | s.p[i + 1];

				i += 2;
				c = low >= 0xDC00 && low < 0xE000
					    ? 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00)
					    : 0xFFFD;
			} else if (c >= 0xD800 && c < 0xE000) {
				c = 0xFFFD;
			}
		} else {
			i++;
		}
		n += put_utf8(c < 0x20 || c == 0x7F ? 0xFFFD : c, out + n);
	}
	if (cap > 0)
		out[n] = '\0';
}

static bool digits_at(struct card_bytes t, size_t at, size_t n, int *out)
{
	*out = 0;
	if (at + n > t.n)
		return false;
	for (size_t i = at; i < at + n; i++) {
		if (t.p[i] < '0' || t.p[i] > '9')
			return false;
		*out = *out * 10 + (t.p[i] - '0');
	}
	return true;
}

bool pdf_date(struct card_bytes t, int64_t *utc)
{
	int v[6] = {0, 1, 1, 0, 0, 0}, hour = 0, minute = 0;
	size_t at = 2;
	struct card_date d;

	if (t.n < 6 || memcmp(t.p, "D:", 2) != 0 || !digits_at(t, at, 4, &v[0]))
		return false;
	at += 4;
	for (size_t i = 1; i < 6 && at < t.n && t.p[at] >= '0' && t.p[at] <= '9'; i++, at += 2) {
		if (!digits_at(t, at, 2, &v[i]))
			return false;
	}
	d = (struct card_date){(int16_t)v[0], (uint8_t)v[1], (uint8_t)v[2]};
	if (card_time_from_utc(d, v[3], v[4], v[5], utc) != CARD_OK)
		return false;
	if (at < t.n && (t.p[at] == '+' || t.p[at] == '-')) {
		const int sign = t.p[at] == '+' ? 1 : -1;

		if (!digits_at(t, at + 1, 2, &hour) ||
		    (at + 4 < t.n && !digits_at(t, at + 4, 2, &minute)))
			return false;
		*utc -= sign * (hour * 3600 + minute * 60);
	}
	return true;
}
