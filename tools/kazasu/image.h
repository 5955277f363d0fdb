/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image.h — the pictures of a card: PNG as it is, JPEG 2000 decoded.
 *
 * Pictures come from a card that may be hostile: sizes are limited before anything is decoded,
 * and a picture that does not decode to its end is an error.
 */
#ifndef KAZASU_IMAGE_H
#define KAZASU_IMAGE_H

#include <card/bytes.h>

/* The widest and highest picture accepted; real photos are a few hundred pixels. */
#define KZ_IMAGE_SIDE_MAX 4096u

/* An 8-bit greyscale picture; pixels row after row. */
struct kz_image {
	uint32_t width, height;
	card_buf_t pixels;
};

/* Decode JPEG 2000 (JP2 or codestream) to greyscale.
 * CARD_ERR_MALFORMED, CARD_ERR_TRUNCATED, CARD_ERR_TOO_LONG (size limits). */
enum card_error kz_image_from_jp2(struct card_bytes jp2, struct kz_image *out);
void kz_image_free(struct kz_image *image);

/* Encode as PNG, appended to out. */
enum card_error kz_image_to_png(const struct kz_image *image, card_buf_t *out);

/* Decode a PNG to its end to see that it is one. *length: bytes up to the end of the picture;
 * width and height in pixels. Errors as kz_image_from_jp2. */
enum card_error kz_png_check(struct card_bytes png, size_t *length, uint32_t *width,
			     uint32_t *height);

#endif
