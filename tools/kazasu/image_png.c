/* SPDX-License-Identifier: Apache-2.0 */
/* image_png.c — PNG of a card's pictures, by the reader and writer of pages (cardflow/grey.h). */
#include "image.h"

#include <cardflow/grey.h>

enum card_error kz_image_to_png(const struct kz_image *image, card_buf_t *out)
{
	const struct flow_grey g = {image->width, image->height, image->pixels.p};

	return flow_grey_to_png(&g, 0, out);
}

enum card_error kz_png_check(struct card_bytes png, size_t *length, uint32_t *width,
			     uint32_t *height)
{
	struct flow_grey g;
	enum card_error err = flow_grey_from_png(png, KZ_IMAGE_SIDE_MAX, &g, NULL, length);

	if (err != CARD_OK)
		return err;
	*width = g.width;
	*height = g.height;
	flow_grey_free(&g);
	return CARD_OK;
}
