/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entries of a list. Almost all have one of two shapes, which are taken at
 * a glance; the others go through the DER cursor. Both accept the same.
 */
#include <string.h>

#include <card/der.h>

#include "pki_crl.h"
#include "pki_oid.h"

/* RFC 5280 §5.3.1: 7 is not used. */
static bool reason_known(unsigned r)
{
	return r <= 10 && r != 7;
}

static enum card_crl_refusal refusal_of(enum card_error err)
{
	switch (err) {
	case CARD_OK:
		return CARD_CRL_TAKEN;
	case CARD_ERR_AMBIGUOUS:
		return CARD_CRL_REFUSED_DUPLICATE;
	default:
		return CARD_CRL_REFUSED_LIMIT;
	}
}

/* ---- on the way into the table ---- */

static enum card_crl_refusal put_first(struct pki_entry_reader *r)
{
	const struct pki_pending *p = &r->pending[r->first];
	r->first = (r->first + 1) % PKI_PENDING;
	r->waiting--;
	return refusal_of(pki_set_add_short(&r->l->set, p->h, p->date, p->reason));
}

/* A line comes from memory in some hundred nanoseconds: ask for it now, use it
 * some entries later. */
static enum card_crl_refusal push_short(struct pki_entry_reader *r, uint32_t serial, uint32_t date,
					unsigned reason)
{
	struct pki_table *t = &r->l->set.shorts;
	uint32_t h = pki_mix(serial);
	if (t->bucket_n)
		return pki_bucket_add(t, h, date, reason)
			       ? CARD_CRL_TAKEN
			       : refusal_of(pki_set_add_short(&r->l->set, h, date, reason));
	__builtin_prefetch(&t->line[pki_line_of(h, t->lines)], 1);
	enum card_crl_refusal no = CARD_CRL_TAKEN;
	if (r->waiting == PKI_PENDING)
		no = put_first(r);
	r->pending[(r->first + r->waiting++) % PKI_PENDING] = (struct pki_pending){h, date, reason};
	return no;
}

enum card_crl_refusal pki_entries_flush(struct pki_entry_reader *r)
{
	enum card_crl_refusal no = CARD_CRL_TAKEN;
	while (r->waiting > 0 && !no)
		no = put_first(r);
	return no;
}

/* ---- any entry ---- */

static const struct card_bytes oid_reason = PKI_OID(PKI_OID_EXT(21));
static const struct card_bytes oid_hold_instruction = PKI_OID(PKI_OID_EXT(23));
static const struct card_bytes oid_invalidity_date = PKI_OID(PKI_OID_EXT(24));
static const struct card_bytes oid_certificate_issuer = PKI_OID(PKI_OID_EXT(29));

static enum card_crl_refusal entry_extension(struct card_der *ext, unsigned *reason, unsigned *seen)
{
	struct card_bytes oid, flag, value, content;
	bool there, critical = false;
	uint32_t code;
	if (card_der_take(ext, CARD_DER_OID, &oid) || card_der_oid_check(oid) ||
	    card_der_take_optional(ext, CARD_DER_BOOLEAN, &flag, &there))
		return CARD_CRL_REFUSED_ENTRY;
	if (there && (card_der_boolean(flag, &critical) || !critical))
		return CARD_CRL_REFUSED_ENTRY;
	if (card_der_take(ext, CARD_DER_OCTET_STRING, &value) || card_der_finish(ext))
		return CARD_CRL_REFUSED_ENTRY;
	struct card_der v = card_der_over(value);
	if (pki_oid_is(oid, oid_reason)) {
		if (*seen & 1 || card_der_take(&v, CARD_DER_ENUMERATED, &content) ||
		    card_der_finish(&v) || card_der_u32(content, &code) || !reason_known(code))
			return CARD_CRL_REFUSED_ENTRY;
		*seen |= 1;
		*reason = code + 1;
		return CARD_CRL_TAKEN;
	}
	if (pki_oid_is(oid, oid_invalidity_date)) {
		int64_t ignored;
		if (*seen & 2 || card_der_take(&v, CARD_DER_GENERALIZED_TIME, &content) ||
		    card_der_finish(&v) ||
		    card_der_time(CARD_DER_GENERALIZED_TIME, content, &ignored))
			return CARD_CRL_REFUSED_ENTRY;
		*seen |= 2;
		return CARD_CRL_TAKEN;
	}
	if (pki_oid_is(oid, oid_certificate_issuer))
		return CARD_CRL_REFUSED_SCOPE; /* an indirect list */
	if (pki_oid_is(oid, oid_hold_instruction))
		return CARD_CRL_TAKEN;
	return critical ? CARD_CRL_REFUSED_CRITICAL : CARD_CRL_TAKEN;
}

static enum card_crl_refusal entry_extensions(struct card_der *in, unsigned *reason)
{
	struct card_der list, ext;
	unsigned seen = 0, n = 0;
	if (card_der_enter(in, CARD_DER_SEQUENCE, &list) || card_der_at_end(&list))
		return CARD_CRL_REFUSED_ENTRY;
	while (!card_der_at_end(&list)) {
		if (n++ == 8)
			return CARD_CRL_REFUSED_LIMIT;
		if (card_der_enter(&list, CARD_DER_SEQUENCE, &ext))
			return CARD_CRL_REFUSED_ENTRY;
		enum card_crl_refusal no = entry_extension(&ext, reason, &seen);
		if (no)
			return no;
	}
	return card_der_finish(in) ? CARD_CRL_REFUSED_ENTRY : CARD_CRL_TAKEN;
}

static enum card_crl_refusal entry_date(struct card_der *in, uint32_t *date)
{
	struct card_der_item item;
	int64_t utc;
	const int64_t year_2050 = 2524608000;
	if (card_der_next(in, &item) || card_der_time(item.tag, item.value, &utc) || utc < 0 ||
	    utc > UINT32_MAX)
		return CARD_CRL_REFUSED_ENTRY;
	/* RFC 5280 §5.1.2.6 */
	if (item.tag == CARD_DER_GENERALIZED_TIME && utc < year_2050)
		return CARD_CRL_REFUSED_ENTRY;
	*date = (uint32_t)utc;
	return CARD_CRL_TAKEN;
}

static enum card_crl_refusal entry_serial(struct card_der *in, struct card_bytes *magnitude)
{
	struct card_bytes content;
	bool negative;
	if (card_der_take(in, CARD_DER_INTEGER, &content) ||
	    card_der_integer_check(content, &negative))
		return CARD_CRL_REFUSED_ENTRY;
	if (negative)
		return CARD_CRL_REFUSED_NEGATIVE_SERIAL;
	if (card_der_unsigned(content, magnitude))
		return CARD_CRL_REFUSED_ENTRY;
	return content.n > 20 ? CARD_CRL_REFUSED_LONG_SERIAL : CARD_CRL_TAKEN;
}

static enum card_crl_refusal keep(struct pki_entry_reader *r, struct card_bytes serial,
				  uint32_t date, unsigned reason)
{
	uint32_t value = 0;
	uint8_t wide[20] = {0};
	bool removal = reason == CARD_CRL_REMOVE + 1;
	struct pki_crl_set *s = removal ? &r->l->removed : &r->l->set;
	for (size_t i = 0; i < serial.n; i++)
		value = value << 8 | serial.p[i];
	if (removal && !s->shorts.line) {
		enum card_error err = pki_set_init(s, 0, 0);
		if (err)
			return refusal_of(err);
	}
	if (serial.n <= 4 && !removal)
		return push_short(r, value, date, reason);
	if (serial.n <= 4)
		return refusal_of(pki_set_add_short(s, pki_mix(value), date, reason));
	memcpy(wide + 20 - serial.n, serial.p, serial.n);
	return refusal_of(pki_set_add_long(s, wide, date, reason));
}

static enum card_crl_refusal any_entry(struct pki_entry_reader *r, struct card_bytes entry)
{
	struct card_der c = card_der_over(entry), in;
	struct card_bytes serial;
	uint32_t date = 0;
	unsigned reason = 0;
	if (card_der_enter(&c, CARD_DER_SEQUENCE, &in))
		return CARD_CRL_REFUSED_ENTRY;
	enum card_crl_refusal no = entry_serial(&in, &serial);
	if (!no)
		no = entry_date(&in, &date);
	if (!no && !card_der_at_end(&in))
		no = entry_extensions(&in, &reason);
	return no ? no : keep(r, serial, date, reason);
}

/* ---- the common shapes ---- */

static uint64_t load64(const uint8_t *p)
{
	uint64_t v;
	memcpy(&v, p, 8);
	return v;
}

static uint64_t load64_be(const uint8_t *p)
{
	return __builtin_bswap64(load64(p));
}

/* Extensions { reasonCode: ENUMERATED of one octet }, all but that octet. */
static const uint8_t only_reason[13] = {0x30, 0x0C, 0x30, 0x0A, 0x06, 0x03, 0x55,
					0x1D, 0x15, 0x04, 0x03, 0x0A, 0x01};

/* Two ASCII digits to a number; *bad collects what is no digit. */
static inline uint32_t two(const uint8_t *t, uint32_t *bad)
{
	uint32_t a = (uint32_t)t[0] - '0', b = (uint32_t)t[1] - '0';
	*bad |= (uint32_t)(a > 9) | (uint32_t)(b > 9);
	return a * 10 + b;
}

/* Content of a UTCTime of 1970 to 2049 without its Z; the others, and what is no
 * time, are left to the cursor. */
static bool fast_date(const uint8_t *t, uint32_t *date)
{
	/* Days before the month, and days in it, of a year that is no leap year. */
	static const uint16_t before[12] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	static const uint8_t days_in[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	uint32_t bad = 0;
	uint32_t year = two(t, &bad), month = two(t + 2, &bad) - 1, day = two(t + 4, &bad) - 1;
	uint32_t hour = two(t + 6, &bad), minute = two(t + 8, &bad), second = two(t + 10, &bad);
	bad |= (uint32_t)(hour > 23) | (uint32_t)(minute > 59) | (uint32_t)(second > 59);
	if (bad || month > 11 || (year >= 50 && year < 70))
		return false;
	/* Years since 1970; every fourth from 1972 on is a leap year until 2100. */
	uint32_t y = year >= 70 ? year - 70 : year + 30;
	uint32_t leap = (y & 3) == 2;
	if (day >= days_in[month] + (leap & (uint32_t)(month == 1)))
		return false;
	uint32_t days =
		y * 365 + (y + 1) / 4 + before[month] + (leap & (uint32_t)(month > 1)) + day;
	*date = ((days * 24 + hour) * 60 + minute) * 60 + second;
	return true;
}

/* Room that the fast path needs behind an entry's first octet. */
#define FAST_ROOM 64u

/* Length of the entry at e if it was taken, 0 if it needs the other way. */
static size_t fast_entry(struct pki_entry_reader *r, const uint8_t *e, enum card_crl_refusal *no)
{
	size_t n = e[3];
	if (e[0] != 0x30 || e[2] != 0x02 || n < 1 || n > 5)
		return 0;
	uint64_t serial = load64_be(e + 4) >> (64 - 8 * n);
	if ((e[4] & 0x80) || (n > 1 && e[4] == 0 && !(e[5] & 0x80)) || serial > UINT32_MAX)
		return 0;
	const uint8_t *t = e + 4 + n;
	size_t plain = 4 + n + 15;
	uint32_t date;
	if (t[0] != CARD_DER_UTC_TIME || t[1] != 13 || t[14] != 'Z' || !fast_date(t + 2, &date))
		return 0;
	if (e[1] == plain - 2) {
		*no = push_short(r, (uint32_t)serial, date, 0);
		return plain;
	}
	if (e[1] != plain + 14 - 2 || load64(t + 15) != load64(only_reason) ||
	    load64(t + 20) != load64(only_reason + 5))
		return 0;
	unsigned reason = t[28];
	if (!reason_known(reason) || reason == CARD_CRL_REMOVE)
		return 0;
	*no = push_short(r, (uint32_t)serial, date, reason + 1);
	return plain + 14;
}

enum card_crl_refusal pki_entries_read(struct pki_entry_reader *r, const uint8_t *p, size_t n,
				       bool last, size_t *used)
{
	size_t i = 0;
	enum card_crl_refusal no = CARD_CRL_TAKEN;
	*used = 0;
	while (i < n && !no) {
		if (n - i >= FAST_ROOM) {
			size_t taken = fast_entry(r, p + i, &no);
			i += taken;
			if (taken)
				continue;
		}
		size_t whole;
		enum card_error err = card_der_length(card_bytes(p + i, n - i), &whole);
		if (!err && whole > PKI_ENTRY_MAX)
			return CARD_CRL_REFUSED_LIMIT;
		if (err == CARD_ERR_TRUNCATED || (!err && whole > n - i)) {
			if (last)
				return CARD_CRL_REFUSED_MALFORMED;
			break;
		}
		if (err)
			return CARD_CRL_REFUSED_MALFORMED;
		no = any_entry(r, card_bytes(p + i, whole));
		i += whole;
	}
	*used = i;
	return no;
}

void pki_entries_count(const uint8_t *p, size_t n, uint64_t *shorts, uint64_t *longs, size_t *used)
{
	size_t i = 0, whole;
	*shorts = *longs = 0;
	while (i + 4 < n && !card_der_length(card_bytes(p + i, n - i), &whole) && whole <= n - i) {
		/* The length of the serial number stands in the fourth octet. */
		if (p[i + 3] <= 4 || (p[i + 3] == 5 && i + 5 < n && p[i + 4] == 0))
			++*shorts;
		else
			++*longs;
		i += whole;
	}
	*used = i;
}
