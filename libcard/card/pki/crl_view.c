/* SPDX-License-Identifier: Apache-2.0 */
/* Looking a serial number up. */
#include <string.h>

#include "pki_crl.h"

struct pki_view pki_view_of(const struct pki_crl_set *s)
{
	return (struct pki_view){.short_line = s->shorts.line,
				 .short_lines = s->shorts.lines,
				 .short_over = s->shorts.over,
				 .short_over_n = s->shorts.over_n,
				 .long_line = s->longs.line,
				 .long_lines = s->longs.lines,
				 .long_over = s->longs.over,
				 .long_over_n = s->longs.over_n,
				 .entry = s->entry,
				 .entry_n = s->entry_n};
}

/* Bit i: entry i of the line has these 24 bits. Entries beyond the count are
 * zero, so the count masks them. */
static unsigned matches(const struct pki_line *l, uint32_t h)
{
	unsigned bits = 0;
	uint16_t low = (uint16_t)h;
	uint8_t high = (uint8_t)(h >> 16);
	for (unsigned i = 0; i < PKI_LINE_ENTRIES; i++)
		bits |= (unsigned)((l->low[i] == low) & (l->high[i] == high)) << i;
	return bits & ((1u << (l->head & 15)) - 1);
}

static bool find_short(const struct pki_view *v, uint32_t serial, struct pki_found *out)
{
	uint32_t h = pki_mix(serial);
	size_t k = pki_line_of(h, v->short_lines);
	const struct pki_line *l = &v->short_line[k];
	unsigned hit = matches(l, h);
	if (hit) {
		unsigned i = (unsigned)__builtin_ctz(hit);
		*out = (struct pki_found){l->date[i], pki_line_reason(l, i)};
		return true;
	}
	size_t i = l->head >> 4;
	if (i == 0)
		return false;
	for (i--; i < v->short_over_n && v->short_over[i].h <= h; i++) {
		if (v->short_over[i].h != h)
			continue;
		*out = (struct pki_found){v->short_over[i].date, v->short_over[i].reason};
		return true;
	}
	return false;
}

static bool long_is(const struct pki_view *v, size_t n, const uint8_t serial[20],
		    struct pki_found *out)
{
	if (n >= v->entry_n || memcmp(v->entry[n].serial, serial, 20) != 0)
		return false;
	*out = (struct pki_found){v->entry[n].date, v->entry[n].reason & 15u};
	return true;
}

static bool find_long(const struct pki_view *v, const uint8_t serial[20], struct pki_found *out)
{
	uint32_t h = pki_long_hash(serial);
	size_t k = pki_line_of(h, v->long_lines);
	const struct pki_line *l = &v->long_line[k];
	for (unsigned hit = matches(l, h); hit; hit &= hit - 1)
		if (long_is(v, l->date[__builtin_ctz(hit)], serial, out))
			return true;
	size_t i = l->head >> 4;
	if (i == 0)
		return false;
	for (i--; i < v->long_over_n && v->long_over[i].h <= h; i++)
		if (v->long_over[i].h == h && long_is(v, v->long_over[i].date, serial, out))
			return true;
	return false;
}

bool pki_view_find(const struct pki_view *v, struct card_bytes serial, struct pki_found *out)
{
	while (serial.n > 0 && serial.p[0] == 0)
		serial = card_bytes(serial.p + 1, serial.n - 1);
	if (serial.n <= 4) {
		uint32_t value = 0;
		for (size_t i = 0; i < serial.n; i++)
			value = value << 8 | serial.p[i];
		return v->short_lines && find_short(v, value, out);
	}
	if (serial.n > 20 || !v->long_lines)
		return false;
	uint8_t wide[20] = {0};
	memcpy(wide + 20 - serial.n, serial.p, serial.n);
	return find_long(v, wide, out);
}

/* ---- every entry ---- */

struct each {
	pki_entry_fn *fn;
	void *ctx;
};

static bool each_short(const struct each *e, uint32_t h, uint32_t date, unsigned reason)
{
	uint32_t serial = pki_unmix(h);
	uint8_t b[4] = {(uint8_t)(serial >> 24), (uint8_t)(serial >> 16), (uint8_t)(serial >> 8),
			(uint8_t)serial};
	size_t skip = 0;
	while (skip < 3 && b[skip] == 0)
		skip++;
	struct pki_found f = {date, reason};
	return e->fn(e->ctx, card_bytes(b + skip, 4 - skip), &f);
}

bool pki_view_each(const struct pki_view *v, pki_entry_fn *fn, void *ctx)
{
	struct each e = {fn, ctx};
	for (size_t k = 0; k < v->short_lines; k++) {
		const struct pki_line *l = &v->short_line[k];
		for (unsigned i = 0; i < (l->head & 15) && i < PKI_LINE_ENTRIES; i++) {
			uint32_t low24 = (uint32_t)l->high[i] << 16 | l->low[i];
			if (!each_short(&e, pki_line_h(k, v->short_lines, low24), l->date[i],
					pki_line_reason(l, i)))
				return false;
		}
	}
	for (size_t i = 0; i < v->short_over_n; i++)
		if (!each_short(&e, v->short_over[i].h, v->short_over[i].date,
				v->short_over[i].reason))
			return false;
	for (size_t i = 0; i < v->entry_n; i++) {
		const uint8_t *s = v->entry[i].serial;
		size_t skip = 0;
		while (skip < 19 && s[skip] == 0)
			skip++;
		struct pki_found f = {v->entry[i].date, v->entry[i].reason & 15u};
		if (!fn(ctx, card_bytes(s + skip, 20 - skip), &f))
			return false;
	}
	return true;
}
