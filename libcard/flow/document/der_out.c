/* SPDX-License-Identifier: Apache-2.0 */
#include "der_out.h"

#include <stdio.h>
#include <string.h>

#include <card/date.h>

#include "oid.h"

size_t der_head(unsigned tag, size_t n, uint8_t out[6])
{
	size_t octets = 0, at = 0;

	out[at++] = (uint8_t)tag;
	if (n < 0x80) {
		out[at++] = (uint8_t)n;
		return at;
	}
	for (size_t v = n; v != 0; v >>= 8)
		octets++;
	out[at++] = (uint8_t)(0x80u | octets);
	for (size_t i = octets; i-- > 0;)
		out[at++] = (uint8_t)(n >> (8 * i));
	return at;
}

void der_raw(struct der_out *o, struct card_bytes whole)
{
	if (o->err == CARD_OK)
		o->err = card_buf_append(o->buf, whole);
}

void der_put(struct der_out *o, unsigned tag, struct card_bytes content)
{
	uint8_t head[6];

	if (content.n > CARD_BUF_MAX) {
		o->err = o->err != CARD_OK ? o->err : CARD_ERR_TOO_LONG;
		return;
	}
	der_raw(o, card_bytes(head, der_head(tag, content.n, head)));
	der_raw(o, content);
}

void der_unsigned(struct der_out *o, struct card_bytes m)
{
	static const uint8_t zero = 0;
	const size_t from = o->buf->n;

	while (m.n > 1 && m.p[0] == 0)
		m = card_bytes(m.p + 1, m.n - 1);
	if (m.n == 0 || (m.p[0] & 0x80u) != 0)
		der_raw(o, card_bytes(&zero, 1));
	der_raw(o, m);
	der_wrap(o, from, CARD_DER_INTEGER);
}

void der_number(struct der_out *o, uint32_t v)
{
	const uint8_t b[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8),
			      (uint8_t)v};

	der_unsigned(o, card_bytes(b, sizeof b));
}

void der_time(struct der_out *o, int64_t utc)
{
	char t[21], digits[32];

	card_time_format_utc(utc, t); /* 2026-01-02T03:04:05Z */
	snprintf(digits, sizeof digits, "%.4s%.2s%.2s%.2s%.2s%.2sZ", t, t + 5, t + 8, t + 11,
		 t + 14, t + 17);
	if (strncmp(digits, "1950", 4) >= 0 && strncmp(digits, "2050", 4) < 0)
		der_put(o, CARD_DER_UTC_TIME, card_bytes(digits + 2, strlen(digits) - 2));
	else
		der_put(o, CARD_DER_GENERALIZED_TIME, card_bytes(digits, strlen(digits)));
}

void der_algorithm(struct der_out *o, struct card_bytes oid, bool null_parameters)
{
	const size_t from = o->buf->n;

	der_put(o, CARD_DER_OID, oid);
	if (null_parameters)
		der_put(o, CARD_DER_NULL, card_bytes(NULL, 0));
	der_wrap(o, from, CARD_DER_SEQUENCE);
}

void der_hash_algorithm(struct der_out *o, enum card_hash hash)
{
	der_algorithm(o,
		      hash == CARD_HASH_SHA512   ? OID_SHA512
		      : hash == CARD_HASH_SHA384 ? OID_SHA384
						 : OID_SHA256,
		      false);
}

void der_wrap(struct der_out *o, size_t from, unsigned tag)
{
	uint8_t head[6];
	size_t n, h;

	if (o->err != CARD_OK)
		return;
	n = o->buf->n - from;
	h = der_head(tag, n, head);
	o->err = card_buf_append(o->buf, card_bytes(head, h)); /* room */
	if (o->err != CARD_OK)
		return;
	memmove(o->buf->p + from + h, o->buf->p + from, n);
	memcpy(o->buf->p + from, head, h);
}
