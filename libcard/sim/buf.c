/* SPDX-License-Identifier: Apache-2.0 */
#include "simbuf.h"

#include <stdlib.h>
#include <string.h>

#define SIM_BUF_LIMIT ((size_t)64 * 1024 * 1024)

static bool reserve(struct sim_buf *b, size_t more)
{
	if (b->failed || more > SIM_BUF_LIMIT || b->n > SIM_BUF_LIMIT - more) {
		b->failed = true;
		return false;
	}
	if (b->n + more <= b->cap)
		return true;
	size_t cap = b->cap ? b->cap : 256;
	while (cap < b->n + more)
		cap *= 2;
	uint8_t *p = realloc(b->p, cap);
	if (!p) {
		b->failed = true;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

void sim_put(struct sim_buf *b, const void *p, size_t n)
{
	if (n == 0 || !reserve(b, n))
		return;
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

void sim_put8(struct sim_buf *b, unsigned v)
{
	uint8_t byte = (uint8_t)v;

	sim_put(b, &byte, 1);
}

void sim_put16(struct sim_buf *b, unsigned v)
{
	sim_put8(b, v >> 8);
	sim_put8(b, v & 0xFF);
}

void sim_puts(struct sim_buf *b, const char *text)
{
	sim_put(b, text, strlen(text));
}

void sim_fill(struct sim_buf *b, unsigned v, size_t n)
{
	if (n == 0 || !reserve(b, n))
		return;
	memset(b->p + b->n, (int)(v & 0xFF), n);
	b->n += n;
}

/* Tag and length of a TLV into h[6]; returns their size. */
static size_t header(uint8_t h[6], unsigned tag, size_t n, enum sim_len form)
{
	size_t i = 0;

	if (tag > 0xFF)
		h[i++] = (uint8_t)(tag >> 8);
	h[i++] = (uint8_t)(tag & 0xFF);
	if (form == SIM_LEN_MIN)
		form = n < 0x80 ? SIM_LEN_MIN : n < 0x100 ? SIM_LEN_81 : SIM_LEN_82;
	if (form == SIM_LEN_81) {
		h[i++] = 0x81;
	} else if (form == SIM_LEN_82) {
		h[i++] = 0x82;
		h[i++] = (uint8_t)(n >> 8);
	}
	h[i++] = (uint8_t)(n & 0xFF);
	return i;
}

void sim_tlv_form(struct sim_buf *b, unsigned tag, const void *p, size_t n, enum sim_len form)
{
	uint8_t h[6];

	if (n > 0xFFFF) {
		b->failed = true;
		return;
	}
	sim_put(b, h, header(h, tag, n, form));
	sim_put(b, p, n);
}

void sim_tlv(struct sim_buf *b, unsigned tag, const void *p, size_t n)
{
	sim_tlv_form(b, tag, p, n, SIM_LEN_MIN);
}

void sim_wrap_form(struct sim_buf *b, size_t start, unsigned tag, enum sim_len form)
{
	uint8_t h[8];

	if (b->failed)
		return;
	size_t n = b->n - start;
	size_t hn;
	if (n > 0xFFFF) { /* certificate lists only: one-byte tag, three or four length bytes */
		size_t i = 0;

		h[i++] = (uint8_t)tag;
		h[i++] = n > 0xFFFFFF ? 0x84 : 0x83;
		if (n > 0xFFFFFF)
			h[i++] = (uint8_t)(n >> 24);
		h[i++] = (uint8_t)(n >> 16);
		h[i++] = (uint8_t)(n >> 8);
		h[i++] = (uint8_t)n;
		hn = i;
	} else {
		hn = header(h, tag, n, form);
	}
	if (!reserve(b, hn))
		return;
	memmove(b->p + start + hn, b->p + start, n);
	memcpy(b->p + start, h, hn);
	b->n += hn;
}

void sim_wrap(struct sim_buf *b, size_t start, unsigned tag)
{
	sim_wrap_form(b, start, tag, SIM_LEN_MIN);
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

void sim_put_hex(struct sim_buf *b, const char *hex)
{
	for (; *hex; hex += 2) {
		int hi = nibble(hex[0]);
		int lo = hi < 0 ? -1 : nibble(hex[1]);

		if (lo < 0) {
			b->failed = true;
			return;
		}
		sim_put8(b, (unsigned)(hi * 16 + lo));
	}
}

void sim_buf_free(struct sim_buf *b)
{
	free(b->p);
	memset(b, 0, sizeof *b);
}
