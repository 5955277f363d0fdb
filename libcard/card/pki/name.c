/* SPDX-License-Identifier: Apache-2.0 */
/* Walking and comparing names. */
#include <string.h>

#include "pki_name.h"
#include "pki_oid.h"

enum card_error pki_name_begin(struct pki_name_walk *w, struct card_bytes name)
{
	if (!name.p && name.n)
		return CARD_ERR_INVALID_ARGUMENT;
	if (name.n > CARD_NAME_MAX)
		return CARD_ERR_TOO_LONG;
	struct card_der c = card_der_over(name);
	enum card_error err = card_der_enter(&c, CARD_DER_SEQUENCE, &w->rdns);
	if (err)
		return err;
	w->avas = card_der_over(card_bytes(NULL, 0));
	return card_der_finish(&c);
}

enum card_error pki_name_next(struct pki_name_walk *w, struct pki_ava *out)
{
	enum card_error err;
	out->first_of_rdn = card_der_at_end(&w->avas);
	if (out->first_of_rdn) {
		if (card_der_at_end(&w->rdns))
			return CARD_ERR_NOT_FOUND;
		err = card_der_enter(&w->rdns, CARD_DER_SET, &w->avas);
		if (err)
			return err;
		if (card_der_at_end(&w->avas))
			return CARD_ERR_MALFORMED;
	}
	struct card_der in;
	err = card_der_enter(&w->avas, CARD_DER_SEQUENCE, &in);
	if (!err)
		err = card_der_take(&in, CARD_DER_OID, &out->oid);
	if (!err)
		err = card_der_oid_check(out->oid);
	if (!err)
		err = card_der_next(&in, &out->value);
	if (!err)
		err = card_der_finish(&in);
	return err;
}

static enum card_error check_ascii(struct card_bytes v)
{
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] == 0 || v.p[i] >= 0x80)
			return CARD_ERR_MALFORMED;
	return CARD_OK;
}

static bool is_character(uint32_t v)
{
	return v != 0 && v <= 0x10FFFF && !(v >= 0xD800 && v <= 0xDFFF);
}

/* The next character of this many octets. */
static uint32_t wide_at(const uint8_t *p, size_t width)
{
	uint32_t v = 0;
	for (size_t k = 0; k < width; k++)
		v = v << 8 | p[k];
	return v;
}

static enum card_error check_wide(struct card_bytes v, size_t width)
{
	if (v.n % width)
		return CARD_ERR_MALFORMED;
	for (size_t i = 0; i < v.n; i += width)
		if (!is_character(wide_at(v.p + i, width)))
			return CARD_ERR_MALFORMED;
	return CARD_OK;
}

/* The character strings that names are made of (RFC 5280 §4.1.2.4, X.520), each
 * readable as what its type says. */
static enum card_error check_value(const struct card_der_item *v)
{
	switch (v->tag) {
	case CARD_DER_UTF8_STRING:
		return card_der_utf8_check(v->value);
	case CARD_DER_PRINTABLE_STRING:
	case CARD_DER_IA5_STRING:
		return check_ascii(v->value);
	case CARD_DER_TELETEX_STRING:
		return check_wide(v->value, 1);
	case CARD_DER_BMP_STRING:
		return check_wide(v->value, 2);
	case CARD_DER_UNIVERSAL_STRING:
		return check_wide(v->value, 4);
	default:
		return CARD_ERR_MALFORMED;
	}
}

enum card_error card_name_check(struct card_bytes name)
{
	struct pki_name_walk w;
	struct pki_ava ava;
	enum card_error err = pki_name_begin(&w, name);
	if (err)
		return err;
	while (!(err = pki_name_next(&w, &ava))) {
		err = check_value(&ava.value);
		if (err)
			return err;
	}
	return err == CARD_ERR_NOT_FOUND ? CARD_OK : err;
}

enum card_error pki_rdn_check(struct card_bytes attributes)
{
	struct pki_name_walk w = {card_der_over(card_bytes(NULL, 0)), card_der_over(attributes)};
	struct pki_ava ava;
	enum card_error err = card_der_at_end(&w.avas) ? CARD_ERR_MALFORMED : CARD_OK;
	while (!err && !(err = pki_name_next(&w, &ava)))
		err = check_value(&ava.value);
	return err == CARD_ERR_NOT_FOUND ? CARD_OK : err;
}

enum card_error card_name_attribute(struct card_bytes name, struct card_bytes oid, unsigned nth,
				    struct card_bytes *value)
{
	if (!value || (!oid.p && oid.n))
		return CARD_ERR_INVALID_ARGUMENT;
	struct pki_name_walk w;
	struct pki_ava ava;
	enum card_error err = pki_name_begin(&w, name);
	if (err)
		return err;
	while (!(err = pki_name_next(&w, &ava))) {
		if (!pki_oid_is(ava.oid, oid) || nth-- > 0)
			continue;
		*value = ava.value.value;
		return CARD_OK;
	}
	return err;
}

/* ---- characters ---- */

static enum card_error put_utf8(card_buf_t *out, uint32_t v)
{
	uint8_t b[4];
	size_t n;
	if (v < 0x80) {
		b[0] = (uint8_t)v;
		n = 1;
	} else if (v < 0x800) {
		b[0] = (uint8_t)(0xC0 | v >> 6);
		n = 2;
	} else if (v < 0x10000) {
		b[0] = (uint8_t)(0xE0 | v >> 12);
		n = 3;
	} else {
		b[0] = (uint8_t)(0xF0 | v >> 18);
		n = 4;
	}
	for (size_t i = 1; i < n; i++)
		b[i] = (uint8_t)(0x80 | (v >> (6 * (n - 1 - i)) & 0x3F));
	return card_buf_append(out, card_bytes(b, n));
}

/* T61, BMP and Universal: octets per character. T61 is read as Latin-1, as
 * everybody does. */
static enum card_error put_wide(struct card_bytes v, size_t width, card_buf_t *out)
{
	enum card_error err = CARD_OK;
	for (size_t i = 0; i < v.n && !err; i += width)
		err = put_utf8(out, wide_at(v.p + i, width));
	return err;
}

enum card_error pki_name_utf8(const struct card_der_item *value, card_buf_t *out)
{
	enum card_error err = check_value(value);
	if (err)
		return err;
	switch (value->tag) {
	case CARD_DER_UTF8_STRING:
	case CARD_DER_PRINTABLE_STRING:
	case CARD_DER_IA5_STRING:
		return card_buf_append(out, value->value);
	case CARD_DER_TELETEX_STRING:
		return put_wide(value->value, 1, out);
	case CARD_DER_BMP_STRING:
		return put_wide(value->value, 2, out);
	case CARD_DER_UNIVERSAL_STRING:
		return put_wide(value->value, 4, out);
	default:
		return CARD_ERR_MALFORMED;
	}
}

bool card_name_equal(struct card_bytes a, struct card_bytes b)
{
	if (card_name_check(a) || card_name_check(b))
		return false;
	if (card_bytes_equal(a, b))
		return true;
	card_buf_t ca = {0}, cb = {0};
	bool same = !card_name_canonical(a, &ca) && !card_name_canonical(b, &cb) &&
		    card_bytes_equal(card_buf_bytes(&ca), card_buf_bytes(&cb));
	card_buf_free(&ca);
	card_buf_free(&cb);
	return same;
}
