/* SPDX-License-Identifier: Apache-2.0 */
#include "reed_solomon.h"

#include <stdbool.h>
#include <string.h>

#define FIELD 255 /* order of the multiplicative group */

/* Powers and logarithms of α, made for each block: 255 cheap steps. */
struct field {
	uint8_t exp[2 * FIELD], log[FIELD + 1];
};

static void field_make(struct field *f)
{
	unsigned v = 1;

	memset(f, 0, sizeof *f);
	for (unsigned i = 0; i < FIELD; i++) {
		f->exp[i] = f->exp[i + FIELD] = (uint8_t)v;
		f->log[(uint8_t)v] = (uint8_t)i;
		v = v << 1 ^ (v & 0x80 ? 0x11D : 0);
	}
}

static uint8_t mul(const struct field *f, uint8_t a, uint8_t b)
{
	return a == 0 || b == 0 ? 0 : f->exp[f->log[a] + f->log[b]];
}

static uint8_t inverse(const struct field *f, uint8_t a)
{
	return f->exp[FIELD - f->log[a]];
}

/* α to any power */
static uint8_t power(const struct field *f, int n)
{
	return f->exp[((n % FIELD) + FIELD) % FIELD];
}

void rs_encode(uint8_t block[RS_BLOCK])
{
	uint8_t generator[RS_PARITY + 1] = {1}, *parity = block + RS_DATA;
	struct field f;

	field_make(&f);
	for (int i = 0; i < RS_PARITY; i++) /* times (x − αⁱ); highest power first */
		for (int j = i + 1; j > 0; j--)
			generator[j] ^= mul(&f, generator[j - 1], power(&f, i));
	memset(parity, 0, RS_PARITY);
	for (int i = 0; i < RS_DATA; i++) {
		uint8_t lead = block[i] ^ parity[0];

		memmove(parity, parity + 1, RS_PARITY - 1);
		parity[RS_PARITY - 1] = 0;
		for (int j = 0; j < RS_PARITY; j++)
			parity[j] ^= mul(&f, lead, generator[j + 1]);
	}
}

static bool syndromes(const struct field *f, const uint8_t *block, uint8_t s[RS_PARITY])
{
	bool any = false;

	for (int i = 0; i < RS_PARITY; i++) {
		uint8_t v = 0, root = power(f, i);

		for (int k = 0; k < RS_BLOCK; k++)
			v = mul(f, v, root) ^ block[k];
		s[i] = v;
		any |= v != 0;
	}
	return any;
}

/* Berlekamp and Massey: the shortest recurrence behind the syndromes. Lowest power first.
 * Returns the number of errors it stands for. */
static int locator(const struct field *f, const uint8_t s[RS_PARITY], uint8_t sigma[RS_PARITY + 1])
{
	uint8_t before[RS_PARITY + 1] = {1}, keep[RS_PARITY + 1], last = 1;
	int errors = 0, shift = 1;

	memset(sigma, 0, RS_PARITY + 1);
	sigma[0] = 1;
	for (int n = 0; n < RS_PARITY; n++, shift++) {
		uint8_t gap = s[n], scale;

		for (int i = 1; i <= errors; i++)
			gap ^= mul(f, sigma[i], s[n - i]);
		if (gap == 0)
			continue;
		memcpy(keep, sigma, sizeof keep);
		scale = mul(f, gap, inverse(f, last));
		for (int i = shift; i <= RS_PARITY; i++)
			sigma[i] ^= mul(f, scale, before[i - shift]);
		if (2 * errors > n)
			continue;
		errors = n + 1 - errors;
		memcpy(before, keep, sizeof before);
		last = gap;
		shift = 0;
	}
	return errors;
}

static uint8_t value_at(const struct field *f, const uint8_t *poly, int terms, uint8_t x)
{
	uint8_t v = 0;

	for (int i = terms - 1; i >= 0; i--)
		v = mul(f, v, x) ^ poly[i];
	return v;
}

int rs_decode(uint8_t block[RS_BLOCK])
{
	uint8_t s[RS_PARITY], sigma[RS_PARITY + 1], omega[RS_PARITY] = {0}, fixed[RS_BLOCK];
	int errors, found = 0;
	struct field f;

	field_make(&f);
	if (!syndromes(&f, block, s))
		return 0;
	errors = locator(&f, s, sigma);
	if (errors > RS_PARITY / 2)
		return -1;
	for (int i = 0; i < RS_PARITY; i++) /* S(x) σ(x) mod x⁶⁴ */
		for (int j = 0; j <= i && j <= errors; j++)
			omega[i] ^= mul(&f, sigma[j], s[i - j]);
	memcpy(fixed, block, RS_BLOCK);
	for (int k = 0; k < RS_BLOCK; k++) { /* Chien: which places solve σ; Forney: by how much */
		uint8_t x = power(&f, -(RS_BLOCK - 1 - k)), slope = 0;

		if (value_at(&f, sigma, errors + 1, x) != 0)
			continue;
		for (int i = 1; i <= errors; i += 2)
			slope ^= mul(&f, sigma[i], power(&f, -(RS_BLOCK - 1 - k) * (i - 1)));
		if (slope == 0)
			return -1;
		fixed[k] ^= mul(&f, power(&f, RS_BLOCK - 1 - k),
				mul(&f, value_at(&f, omega, RS_PARITY, x), inverse(&f, slope)));
		found++;
	}
	if (found != errors || syndromes(&f, fixed, s))
		return -1;
	memcpy(block, fixed, RS_BLOCK);
	return errors;
}
