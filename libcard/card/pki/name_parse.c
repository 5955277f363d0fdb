/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4514 text to the canonical form. */
#include <string.h>
#include <strings.h>

#include "pki_name.h"

#define TEXT_RDNS_MAX 64u

/* ---- attribute types ---- */

static enum card_error put_base128(card_buf_t *out, uint64_t v)
{
	uint8_t b[10];
	size_t at = sizeof(b);
	b[--at] = (uint8_t)(v & 0x7F);
	while (v >>= 7)
		b[--at] = (uint8_t)(0x80 | (v & 0x7F));
	return card_buf_append(out, card_bytes(b + at, sizeof(b) - at));
}

static enum card_error dotted_oid(struct card_bytes t, card_buf_t *out)
{
	uint64_t arc[2] = {0, 0};
	size_t n = 0, i = 0;
	while (i < t.n) {
		uint64_t v = 0;
		size_t digits = 0;
		for (; i < t.n && t.p[i] >= '0' && t.p[i] <= '9'; i++, digits++)
			v = v * 10 + (uint64_t)(t.p[i] - '0');
		if (digits == 0 || digits > 15)
			return CARD_ERR_MALFORMED;
		if (i < t.n && (t.p[i++] != '.' || i == t.n))
			return CARD_ERR_MALFORMED;
		enum card_error err = CARD_OK;
		if (n < 2)
			arc[n] = v;
		if (n == 1) {
			if (arc[0] > 2 || (arc[0] < 2 && arc[1] > 39))
				return CARD_ERR_MALFORMED;
			err = put_base128(out, arc[0] * 40 + arc[1]);
		} else if (n > 1) {
			err = put_base128(out, v);
		}
		if (err)
			return err;
		n++;
	}
	return n >= 2 ? CARD_OK : CARD_ERR_MALFORMED;
}

static enum card_error attribute_type(struct card_bytes t, card_buf_t *oid)
{
	if (t.n > 0 && t.p[0] >= '0' && t.p[0] <= '9')
		return dotted_oid(t, oid);
	for (size_t i = 0; i < pki_attributes_n; i++) {
		const char *name = pki_attributes[i].name;
		if (strlen(name) == t.n && strncasecmp(name, (const char *)t.p, t.n) == 0)
			return card_buf_append(oid, pki_attributes[i].oid);
	}
	return CARD_ERR_MALFORMED;
}

/* ---- values ---- */

static int hex_digit(uint8_t b)
{
	if (b >= '0' && b <= '9')
		return b - '0';
	b |= 0x20;
	return b >= 'a' && b <= 'f' ? b - 'a' + 10 : -1;
}

/* Two hexadecimal digits at t[i], or -1. */
static int hex_pair(struct card_bytes t, size_t i)
{
	if (t.n - i < 2)
		return -1;
	int hi = hex_digit(t.p[i]), lo = hex_digit(t.p[i + 1]);
	return hi < 0 || lo < 0 ? -1 : hi * 16 + lo;
}

static enum card_error unescape(struct card_bytes t, card_buf_t *out)
{
	for (size_t i = 0; i < t.n; i++) {
		uint8_t b = t.p[i];
		if (b == '\\') {
			i++;
			int v = i < t.n ? hex_pair(t, i) : -1;
			if (v >= 0)
				i++;
			else if (i < t.n && strchr(" \"#+,;<=>\\", t.p[i]) && t.p[i])
				v = t.p[i];
			else
				return CARD_ERR_MALFORMED;
			b = (uint8_t)v;
		} else if (strchr("\";<>", b)) {
			return CARD_ERR_MALFORMED;
		}
		enum card_error err = card_buf_append_byte(out, b);
		if (err)
			return err;
	}
	return card_der_utf8_check(card_buf_bytes(out));
}

static enum card_error put_value(struct card_bytes oid, struct card_bytes t, card_buf_t *out)
{
	card_buf_t bytes = {0}, text = {0};
	enum card_error err = CARD_OK;
	if (t.n > 0 && t.p[0] == '#') {
		struct card_der_item item;
		for (size_t i = 1; i < t.n && !err; i += 2) {
			int v = hex_pair(t, i);
			err = v < 0 ? CARD_ERR_MALFORMED : card_buf_append_byte(&bytes, (uint8_t)v);
		}
		struct card_der c = card_der_over(card_buf_bytes(&bytes));
		if (!err)
			err = card_der_next(&c, &item);
		if (!err)
			err = card_der_finish(&c);
		if (!err)
			err = pki_name_utf8(&item, &text);
		if (!err)
			err = pki_canonical_ava(oid, card_buf_bytes(&text), out);
	} else {
		err = unescape(t, &bytes);
		if (!err)
			err = pki_canonical_ava(oid, card_buf_bytes(&bytes), out);
	}
	card_buf_free(&bytes);
	card_buf_free(&text);
	return err;
}

/* ---- structure ---- */

/* Where the piece that begins at i ends: at an unescaped separator or the end. */
static size_t piece_end(struct card_bytes t, size_t i, const char *separators)
{
	for (; i < t.n; i++) {
		if (t.p[i] == '\\')
			i++;
		else if (strchr(separators, t.p[i]))
			return i;
	}
	return t.n;
}

/* Blanks around types and values that are not escaped do not count (RFC 4514 §3
 * does not write them, people do). */
static struct card_bytes trim(struct card_bytes t)
{
	while (t.n > 0 && t.p[0] == ' ')
		t = card_bytes(t.p + 1, t.n - 1);
	while (t.n > 0 && t.p[t.n - 1] == ' ' && !(t.n > 1 && t.p[t.n - 2] == '\\'))
		t.n--;
	return t;
}

static enum card_error parse_ava(struct card_bytes t, card_buf_t *out)
{
	size_t eq = piece_end(t, 0, "=");
	if (eq == t.n)
		return CARD_ERR_MALFORMED;
	card_buf_t oid = {0};
	enum card_error err = attribute_type(trim(card_bytes(t.p, eq)), &oid);
	if (!err)
		err = put_value(card_buf_bytes(&oid), trim(card_bytes(t.p + eq + 1, t.n - eq - 1)),
				out);
	card_buf_free(&oid);
	return err;
}

static enum card_error parse_rdn(struct card_bytes t, card_buf_t *out)
{
	card_buf_t scratch = {0};
	size_t start[PKI_RDN_MAX + 1] = {0}, n = 0, i = 0;
	enum card_error err = CARD_OK;
	for (;;) {
		size_t end = piece_end(t, i, "+");
		if (n == PKI_RDN_MAX)
			err = CARD_ERR_TOO_LONG;
		else
			err = parse_ava(card_bytes(t.p + i, end - i), &scratch);
		if (err)
			break;
		start[++n] = scratch.n;
		if (end == t.n)
			break;
		i = end + 1;
	}
	if (!err) {
		struct card_bytes avas[PKI_RDN_MAX];
		for (size_t k = 0; k < n; k++)
			avas[k] = card_bytes(scratch.p + start[k], start[k + 1] - start[k]);
		err = pki_canonical_rdn(avas, n, out);
	}
	card_buf_free(&scratch);
	return err;
}

enum card_error card_name_canonical_from_text(const char *text, card_buf_t *out)
{
	if (!text || !out)
		return CARD_ERR_INVALID_ARGUMENT;
	struct card_bytes t = card_bytes(text, strlen(text));
	if (t.n > CARD_NAME_MAX)
		return CARD_ERR_TOO_LONG;
	struct card_bytes rdn[TEXT_RDNS_MAX];
	size_t n = 0, i = 0;
	while (t.n > 0) {
		size_t end = piece_end(t, i, ",");
		if (n == TEXT_RDNS_MAX)
			return CARD_ERR_TOO_LONG;
		rdn[n++] = card_bytes(t.p + i, end - i);
		if (end == t.n)
			break;
		i = end + 1;
	}
	size_t before = out->n;
	enum card_error err = CARD_OK;
	while (n-- > 0 && !err)
		err = parse_rdn(rdn[n], out);
	if (err)
		out->n = before;
	return err;
}
