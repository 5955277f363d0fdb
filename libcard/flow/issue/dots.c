/* SPDX-License-Identifier: Apache-2.0 */
#include "dots.h"

#include "dots_cells.h"
#include "reed_solomon.h"

#include <openssl/evp.h>
#include <string.h>

bool dots_mark_black(uint32_t x, uint32_t y)
{
	bool edge = x == 0 || y == 0 || x == DOTS_MARK - 1 || y == DOTS_MARK - 1;

	return !edge && (x < DOTS_MARK / 2) == (y < DOTS_MARK / 2);
}

bool dots_in_mark(uint32_t column, uint32_t row)
{
	return column % DOTS_TILE < DOTS_MARK && row % DOTS_TILE < DOTS_MARK;
}

enum card_error dots_hide(uint8_t field[DOTS_FIELD], const uint8_t seed[DOTS_SEED])
{
	static const uint8_t zero[16];
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n, ok;

	if (c == NULL)
		return CARD_ERR_NO_MEMORY;
	ok = EVP_EncryptInit_ex(c, EVP_aes_256_ctr(), NULL, seed, zero) == 1 &&
	     EVP_EncryptUpdate(c, field, &n, field, DOTS_FIELD) == 1 && n == DOTS_FIELD;
	EVP_CIPHER_CTX_free(c);
	return ok ? CARD_OK : CARD_ERR_CRYPTO;
}

/* The content, padded with zeros, as coded blocks, mixed and hidden. */
static enum card_error encode(struct card_bytes content, const uint8_t seed[DOTS_SEED],
			      uint8_t field[DOTS_FIELD])
{
	for (size_t b = 0; b < DOTS_BLOCKS; b++) {
		uint8_t block[RS_BLOCK] = {0};
		size_t from = b * RS_DATA;

		if (from < content.n)
			memcpy(block, content.p + from,
			       content.n - from < RS_DATA ? content.n - from : RS_DATA);
		rs_encode(block);
		for (size_t i = 0; i < RS_BLOCK; i++)
			field[i * DOTS_BLOCKS + b] = block[i];
	}
	memset(field + DOTS_BLOCKS * RS_BLOCK, 0, DOTS_FIELD - DOTS_BLOCKS * RS_BLOCK);
	return dots_hide(field, seed);
}

static void fill(struct flow_grey *page, uint32_t x, uint32_t y)
{
	for (uint32_t i = 0; i < DOTS_CELL; i++)
		memset(page->pixels + (size_t)(y + i) * page->width + x, 0, DOTS_CELL);
}

enum card_error dots_draw(struct flow_grey *page, uint32_t left, uint32_t top,
			  struct card_bytes content, const uint8_t seed[DOTS_SEED])
{
	static const size_t across = DOTS_COLUMNS * DOTS_CELL, down = DOTS_ROWS * DOTS_CELL;
	uint8_t field[DOTS_FIELD];
	enum card_error e;
	size_t bit = 0;

	if (content.n > DOTS_CAPACITY || left + across > page->width || top + down > page->height)
		return CARD_ERR_TOO_LONG;
	e = encode(content, seed, field);
	if (e != CARD_OK)
		return e;
	for (uint32_t row = 0; row < DOTS_ROWS; row++)
		for (uint32_t column = 0; column < DOTS_COLUMNS; column++) {
			bool black;

			if (dots_in_mark(column, row)) {
				black = dots_mark_black(column % DOTS_TILE, row % DOTS_TILE);
			} else {
				black = (field[bit / 8] >> (7 - bit % 8) & 1) != 0;
				bit++;
			}
			if (black)
				fill(page, left + column * DOTS_CELL, top + row * DOTS_CELL);
		}
	return CARD_OK;
}
