/* SPDX-License-Identifier: Apache-2.0 */
#include "paper_qr.h"

#include "lazy.h"

#include <math.h>
#include <pthread.h>
#include <string.h>
#include <zbar.h>

/* Loaded on first use. */
#define ZBAR(name) static __typeof__(zbar_##name) *name
ZBAR(image_scanner_create);
ZBAR(image_scanner_destroy);
ZBAR(image_scanner_set_config);
ZBAR(image_create);
ZBAR(image_destroy);
ZBAR(image_set_format);
ZBAR(image_set_size);
ZBAR(image_set_data);
ZBAR(image_first_symbol);
ZBAR(scan_image);
ZBAR(symbol_next);
ZBAR(symbol_get_data);
ZBAR(symbol_get_loc_size);
ZBAR(symbol_get_loc_x);
ZBAR(symbol_get_loc_y);

static bool loaded;

static void load(void)
{
#define SYMBOL(name)                                                                               \
	{                                                                                          \
		"zbar_" #name, (void *)&(name)                                                     \
	}
	static const struct lazy_symbol symbols[] = {SYMBOL(image_scanner_create),
						     SYMBOL(image_scanner_destroy),
						     SYMBOL(image_scanner_set_config),
						     SYMBOL(image_create),
						     SYMBOL(image_destroy),
						     SYMBOL(image_set_format),
						     SYMBOL(image_set_size),
						     SYMBOL(image_set_data),
						     SYMBOL(image_first_symbol),
						     SYMBOL(scan_image),
						     SYMBOL(symbol_next),
						     SYMBOL(symbol_get_data),
						     SYMBOL(symbol_get_loc_size),
						     SYMBOL(symbol_get_loc_x),
						     SYMBOL(symbol_get_loc_y)};
#undef SYMBOL

	loaded = lazy_load("libzbar.so.0", symbols, sizeof symbols / sizeof *symbols);
}

/* scale: pixels of the scan per pixel of the picture looked at. */
static bool take(const zbar_symbol_t *symbol, double scale, struct paper_qr *out)
{
	const char *text = symbol_get_data(symbol);

	if (text == NULL || symbol_get_loc_size(symbol) != 4 || strlen(text) > FLOW_PAPER_TOKEN_MAX)
		return false;
	memcpy(out->text, text, strlen(text) + 1);
	for (unsigned i = 0; i < 4; i++) {
		out->corners[i][0] = symbol_get_loc_x(symbol, i) * scale;
		out->corners[i][1] = symbol_get_loc_y(symbol, i) * scale;
	}
	return true;
}

static bool look(const struct flow_grey *picture, double scale, struct paper_qr *out)
{
	zbar_image_scanner_t *scanner = image_scanner_create();
	zbar_image_t *image = image_create();
	bool found = false;

	if (scanner == NULL || image == NULL)
		goto out;
	image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
	image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
	image_set_format(image, 'Y' | '8' << 8 | '0' << 16 | '0' << 24);
	image_set_size(image, picture->width, picture->height);
	image_set_data(image, picture->pixels, (unsigned long)picture->width * picture->height,
		       NULL);
	scan_image(scanner, image);
	for (const zbar_symbol_t *s = image_first_symbol(image); s != NULL && !found;
	     s = symbol_next(s))
		found = take(s, scale, out);
out:
	if (image != NULL)
		image_destroy(image);
	if (scanner != NULL)
		image_scanner_destroy(scanner);
	return found;
}

enum card_error paper_qr_find(const struct flow_grey *scan, struct paper_qr *out)
{
	/* As it is; then smoothed, which a noisy scan needs; then finer, for a coarse one. */
	static const double scales[] = {1, 1.3, 1.6, 2.0, 1.15, 0.7, 0.5};
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	bool found = false;

	pthread_once(&once, load);
	if (!loaded)
		return CARD_ERR_UNSUPPORTED;
	for (size_t i = 0; i < sizeof scales / sizeof *scales && !found; i++) {
		struct flow_grey picture;
		enum card_error e =
			flow_grey_resize(scan, (uint32_t)ceil(scan->width / scales[i]),
					 (uint32_t)ceil(scan->height / scales[i]), &picture);

		if (e == CARD_ERR_NO_MEMORY)
			return e;
		if (e == CARD_OK)
			found = look(&picture, scales[i], out);
		flow_grey_free(&picture);
	}
	return found ? CARD_OK : CARD_ERR_NOT_FOUND;
}
