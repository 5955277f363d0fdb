/* SPDX-License-Identifier: Apache-2.0 */
/* A small DER writer for tests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <card/date.h>

#include "made_pki.h"

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "made_pki: %s failed\n", what);
	abort();
}

void made_tlv(card_buf_t *out, unsigned tag, struct card_bytes content)
{
	uint8_t head[6];
	size_t n = 0;
	head[n++] = (uint8_t)tag;
	if (content.n < 0x80) {
		head[n++] = (uint8_t)content.n;
	} else {
		size_t octets = content.n < 0x100       ? 1
				: content.n < 0x10000   ? 2
				: content.n < 0x1000000 ? 3
							: 4;
		head[n++] = (uint8_t)(0x80 | octets);
		for (size_t i = octets; i-- > 0;)
			head[n++] = (uint8_t)(content.n >> (8 * i));
	}
	must(!card_buf_append(out, card_bytes(head, n)) && !card_buf_append(out, content),
	     "append");
}

void made_wrap(card_buf_t *out, size_t from, unsigned tag)
{
	card_buf_t inner = {0};
	must(!card_buf_append(&inner, card_bytes(out->p + from, out->n - from)), "append");
	out->n = from;
	made_tlv(out, tag, card_buf_bytes(&inner));
	card_buf_free(&inner);
}

void made_hex(card_buf_t *out, const char *hex)
{
	must(!card_hex_decode(hex, out), "hexadecimal");
}

void made_text(card_buf_t *out, unsigned tag, const char *text)
{
	made_tlv(out, tag, card_bytes(text, strlen(text)));
}

void made_oid(card_buf_t *out, const char *dotted)
{
	uint8_t b[64];
	size_t n = 0;
	char *end;
	unsigned long long first = strtoull(dotted, &end, 10);
	unsigned long long v = first * 40 + strtoull(end + 1, &end, 10);
	for (;;) {
		uint8_t digits[10];
		size_t d = 0;
		do {
			digits[d++] = (uint8_t)(v & 0x7F);
		} while (v >>= 7);
		while (d-- > 0)
			b[n++] = (uint8_t)(digits[d] | (d ? 0x80 : 0));
		if (*end != '.')
			break;
		v = strtoull(end + 1, &end, 10);
	}
	made_tlv(out, 0x06, card_bytes(b, n));
}

void made_int(card_buf_t *out, uint64_t v)
{
	uint8_t b[9];
	size_t at = sizeof(b);
	do {
		b[--at] = (uint8_t)v;
	} while (v >>= 8);
	if (b[at] & 0x80)
		b[--at] = 0;
	made_tlv(out, 0x02, card_bytes(b + at, sizeof(b) - at));
}

void made_time(card_buf_t *out, int64_t utc)
{
	char t[21], digits[16];
	card_time_format_utc(utc, t); /* 2026-01-02T03:04:05Z */
	snprintf(digits, sizeof(digits), "%.4s%.2s%.2s%.2s%.2s%.2sZ", t, t + 5, t + 8, t + 11,
		 t + 14, t + 17);
	if (strncmp(digits, "2050", 4) < 0)
		made_text(out, 0x17, digits + 2);
	else
		made_text(out, 0x18, digits);
}

void made_name(card_buf_t *out, const char *slashes)
{
	static const struct {
		const char *key;
		const char *oid;
	} types[] = {{"C=", "2.5.4.6"},
		     {"O=", "2.5.4.10"},
		     {"OU=", "2.5.4.11"},
		     {"CN=", "2.5.4.3"},
		     {"L=", "2.5.4.7"}};
	size_t from = out->n;
	while (*slashes) {
		size_t n = strcspn(slashes, "/");
		for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
			size_t k = strlen(types[i].key);
			if (strncmp(slashes, types[i].key, k) != 0)
				continue;
			size_t rdn = out->n;
			made_oid(out, types[i].oid);
			made_tlv(out, i == 0 ? 0x13 : 0x0C, card_bytes(slashes + k, n - k));
			made_wrap(out, rdn, 0x30);
			made_wrap(out, rdn, 0x31);
		}
		slashes += n;
		if (*slashes)
			slashes++;
	}
	made_wrap(out, from, 0x30);
}
