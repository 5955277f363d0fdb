/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grey.h — a picture in grey: the pages that are printed, scanned and compared.
 *
 * One byte a pixel, 0 is black and 255 white, row after row without padding. Coordinates are
 * continuous: pixel (i, j) covers [i, i + 1) × [j, j + 1), its middle lies at (i + ½, j + ½).
 */
#ifndef CARDFLOW_GREY_H
#define CARDFLOW_GREY_H

#include <stdint.h>

#include <card/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The longest side accepted, in pixels: A4 at 1200 dpi is 14,032 high. */
#define FLOW_GREY_SIDE_MAX 15000u

/* {0} is empty. The pixels belong to the picture. */
struct flow_grey {
	uint32_t width, height;
	uint8_t *pixels;
};

/* Make a picture filled with one value. *out must be {0} or freed. On error it stays empty.
 * CARD_ERR_TOO_LONG: a side is 0 or above FLOW_GREY_SIDE_MAX; CARD_ERR_NO_MEMORY. */
CARD_API enum card_error flow_grey_make(struct flow_grey *out, uint32_t width, uint32_t height,
					uint8_t value);

/* Wipe (a page holds personal data) and release; leaves {0}. NULL is allowed. */
CARD_API void flow_grey_free(struct flow_grey *g);

/* The value at a point, between the four nearest pixel middles; outside, the page is white. */
CARD_API double flow_grey_at(const struct flow_grey *g, double x, double y);

/* Resize by averaging areas (down) or between pixels (up). Errors as flow_grey_make. */
CARD_API enum card_error flow_grey_resize(const struct flow_grey *in, uint32_t width,
					  uint32_t height, struct flow_grey *out);

/*
 * Read a PNG of any kind, to its end, as grey; what is transparent is white. side_max: the longest
 * side taken, in pixels, at most FLOW_GREY_SIDE_MAX; larger ones are refused before anything is
 * decoded. *dpi: its resolution, 0 if it does not tell; *length: its bytes, without what follows
 * it; either may be NULL. CARD_ERR_MALFORMED, CARD_ERR_TRUNCATED, CARD_ERR_NO_MEMORY.
 */
CARD_API enum card_error flow_grey_from_png(struct card_bytes png, uint32_t side_max,
					    struct flow_grey *out, double *dpi, size_t *length);

/* Write as PNG of 8 bits grey; appended to out. dpi: its resolution, 0 tells none.
 * CARD_ERR_TOO_LONG: the result exceeds a buffer. */
CARD_API enum card_error flow_grey_to_png(const struct flow_grey *g, double dpi, card_buf_t *out);

#ifdef __cplusplus
}
#endif
#endif
