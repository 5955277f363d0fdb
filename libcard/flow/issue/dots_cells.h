/* SPDX-License-Identifier: Apache-2.0 */
/* dots_cells.h — what the writer and the reader of a field of dots share. */
#ifndef CARDFLOW_DOTS_CELLS_H
#define CARDFLOW_DOTS_CELLS_H

#include "dots.h"

/* Bytes of the whole field, with those at its end that no block uses. */
#define DOTS_FIELD (DOTS_BITS / 8)

/* A cell of a mark, 0 … DOTS_MARK - 1 both ways: a white edge, then two black squares that touch at
 * the middle. Rings would look like the finders of a QR code. */
bool dots_mark_black(uint32_t x, uint32_t y);
bool dots_in_mark(uint32_t column, uint32_t row);

/* Hide the field under the stream of the seed, or show it again. */
enum card_error dots_hide(uint8_t field[DOTS_FIELD], const uint8_t seed[DOTS_SEED]);

#endif
