/* SPDX-License-Identifier: Apache-2.0 */
/* pdf_form.c — catalogue, DocMDP, text and dates (ISO 32000-1 §7.7, §7.9, §12.8). */
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

/* ---- certification ---- */

enum card_error pdf_certified(struct pdf *p, unsigned *level, uint32_t *number)
{
	struct pdf_obj catalog, perms, sig, refs, ref, params, l;
	const struct pdf_obj *named;
	enum card_error err = pdf_catalog(p, &catalog);

	*level = 0;
	if (err == CARD_OK)
		err = pdf_get_resolved(p, &catalog, "Perms", &perms);
	named = pdf_get(&perms, "DocMDP");
	if (number != NULL)
		*number = named != NULL && named->kind == PDF_REF ? (uint32_t)named->number : 0;
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
