/* SPDX-License-Identifier: Apache-2.0 */
/* grey_bits.h — pixels as bits, eight at a time. */
#ifndef CARDFLOW_GREY_BITS_H
#define CARDFLOW_GREY_BITS_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t grey_eight __attribute__((vector_size(8)));

/* A bit for each of eight pixels, the first highest: 1 if it is darker than the limit. */
static inline uint8_t grey_bits(const uint8_t *pixels, uint8_t limit)
{
	grey_eight p;
	uint64_t ones;

	memcpy(&p, pixels, sizeof p);
	p = (grey_eight)(p < limit) & 1;
	memcpy(&ones, &p, sizeof ones);
	/* Byte i moves to bit 63 - i; nothing else reaches the highest byte. */
	return (uint8_t)(le64toh(ones) * UINT64_C(0x8040201008040201) >> 56);
}

/* A row of n pixels as (n + 7) / 8 bytes; the bits after the last pixel are 0. */
static inline void grey_row_bits(const uint8_t *pixels, size_t n, uint8_t limit, uint8_t *out)
{
	uint8_t last[8];

	for (size_t i = 0; i < n / 8; i++)
		out[i] = grey_bits(pixels + 8 * i, limit);
	if (n % 8 == 0)
		return;
	memset(last, 255, sizeof last);
	memcpy(last, pixels + n / 8 * 8, n % 8);
	out[n / 8] = grey_bits(last, limit);
}

#endif
