/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dots.h — bytes as a field of black and white dots that survives printing and scanning.
 *
 * The field is DOTS_COLUMNS × DOTS_ROWS cells of DOTS_CELL pixels at 300 dpi. At every corner of a
 * tile of 56 × 56 cells stands a mark of 8 × 8 cells (two black squares on white): with the marks the
 * reader follows rotation, scale and the uneven feed of a scanner. All other cells carry bits:
 * RS(255, 191) blocks, byte k of the field in block k mod DOTS_BLOCKS, so that a stain hits every
 * block a little; hidden under a key stream, so that black and white are in balance and nothing of
 * the content shows to the eye. The stream hides from a glance only: its seed stands on the paper.
 */
#ifndef CARDFLOW_DOTS_H
#define CARDFLOW_DOTS_H

#include <cardflow/grey.h>

#include <card/bytes.h>

#define DOTS_CELL    4u
#define DOTS_TILE    56u
#define DOTS_MARK    8u
#define DOTS_ACROSS  10u
#define DOTS_DOWN    12u
#define DOTS_COLUMNS (DOTS_ACROSS * DOTS_TILE + DOTS_MARK)
#define DOTS_ROWS    (DOTS_DOWN * DOTS_TILE + DOTS_MARK)
#define DOTS_BITS                                                                                  \
	(DOTS_COLUMNS * DOTS_ROWS - (DOTS_ACROSS + 1) * (DOTS_DOWN + 1) * DOTS_MARK * DOTS_MARK)
#define DOTS_BLOCKS   (DOTS_BITS / 8 / 255)
#define DOTS_CAPACITY (DOTS_BLOCKS * 191)
#define DOTS_SEED     32 /* bytes */

/* A map of the page (pixels at 300 dpi) to the scan: x' = a x + b y + c, y' = d x + e y + f. */
struct dots_map {
	double a, b, c, d, e, f;
};

void dots_map_point(const struct dots_map *m, double x, double y, double *u, double *v);

/* The map that fits n pairs of points best (least squares). CARD_ERR_MALFORMED: fewer than three,
 * or all on a line. */
enum card_error dots_map_fit(const double (*from)[2], const double (*to)[2], size_t n,
			     struct dots_map *out);

/* Draw the field with its upper left corner at (left, top) of a page at 300 dpi.
 * CARD_ERR_TOO_LONG: more than DOTS_CAPACITY bytes, or the field does not fit on the page. */
enum card_error dots_draw(struct flow_grey *page, uint32_t left, uint32_t top,
			  struct card_bytes content, const uint8_t seed[DOTS_SEED]);

/*
 * Read the field. guess: from the page to the scan, good to about ten pixels around `near` (page
 * coordinates) where the reading begins. out: DOTS_CAPACITY bytes are appended. *repaired: bytes
 * that were wrong. CARD_ERR_MALFORMED: no field there, or too much of it is unreadable.
 */
enum card_error dots_read(const struct flow_grey *scan, const struct dots_map *guess,
			  const double near[2], uint32_t left, uint32_t top,
			  const uint8_t seed[DOTS_SEED], card_buf_t *out, size_t *repaired);

#endif
