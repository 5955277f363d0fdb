/* SPDX-License-Identifier: Apache-2.0 */
/* paper_back.c — compose the back of one sheet. */
#include "front_code.h"
#include "paper_layout.h"
#include "paper_token.h"

#include <openssl/evp.h>
#include <pango/pangocairo.h>
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>

static void module_fill(struct flow_grey *page, uint32_t x, uint32_t y)
{
	uint32_t left = PAPER_QR_LEFT + x * PAPER_QR_MODULE,
		 top = PAPER_QR_TOP + y * PAPER_QR_MODULE;

	for (uint32_t j = top; j < top + PAPER_QR_MODULE; j++)
		memset(page->pixels + (size_t)j * page->width + left, 0, PAPER_QR_MODULE);
}

static enum card_error draw_qr(struct flow_grey *page, const char *text)
{
	QRcode *code = QRcode_encodeString8bit(text, PAPER_QR_VERSION, QR_ECLEVEL_M);
	bool fits = code != NULL && code->width == (int)PAPER_QR_MODULES;

	for (uint32_t y = 0; fits && y < PAPER_QR_MODULES; y++)
		for (uint32_t x = 0; x < PAPER_QR_MODULES; x++)
			if (code->data[y * PAPER_QR_MODULES + x] & 1)
				module_fill(page, x, y);
	QRcode_free(code);
	return fits ? CARD_OK : CARD_ERR_TOO_LONG;
}

/* Lay the words over the page: the surface holds their cover, 255 is full ink. Black or white, as a
 * printer makes them and as all of a back is: its file is a quarter of one in grey. */
static void blend(struct flow_grey *page, cairo_surface_t *surface)
{
	const uint8_t *data = cairo_image_surface_get_data(surface);
	size_t stride = (size_t)cairo_image_surface_get_stride(surface);
	uint32_t height = (uint32_t)cairo_image_surface_get_height(surface);

	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < PAPER_TEXT_WIDTH; x++)
			page->pixels[(size_t)(PAPER_TEXT_TOP + y) * page->width + PAPER_TEXT_LEFT +
				     x] = data[y * stride + x] < 128 ? 255 : 0;
}

static enum card_error draw_words(struct flow_grey *page, const char *markup)
{
	int height = (int)(PAPER_DOTS_TOP - PAPER_TEXT_TOP - 10);
	cairo_surface_t *surface =
		cairo_image_surface_create(CAIRO_FORMAT_A8, (int)PAPER_TEXT_WIDTH, height);
	cairo_t *c = cairo_create(surface);
	PangoLayout *layout = pango_cairo_create_layout(c);
	PangoFontDescription *font = pango_font_description_from_string("IPAexGothic");
	bool good;

	pango_cairo_context_set_resolution(pango_layout_get_context(layout), FLOW_PAPER_DPI);
	pango_font_description_set_size(font, 8 * PANGO_SCALE);
	pango_layout_set_font_description(layout, font);
	pango_layout_set_width(layout, (int)PAPER_TEXT_WIDTH * PANGO_SCALE);
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_spacing(layout, 10 * PANGO_SCALE);
	pango_layout_set_markup(layout, markup, -1);
	pango_cairo_show_layout(c, layout);
	cairo_surface_flush(surface);
	good = cairo_status(c) == CAIRO_STATUS_SUCCESS;
	if (good)
		blend(page, surface);
	pango_font_description_free(font);
	g_object_unref(layout);
	cairo_destroy(c);
	cairo_surface_destroy(surface);
	return good ? CARD_OK : CARD_ERR_NO_MEMORY;
}

/* What a person needs who holds the sheet. No personal data: a back may lie face up. */
static enum card_error words(struct flow_grey *page, const struct flow_paper_facts *f,
			     const char *key_id)
{
	char made[11], text[2400];
	int n;

	card_date_format(f->made, made);
	n = snprintf(
		text, sizeof text,
		"<span size=\"14pt\" weight=\"bold\">偽造防止情報（うら面）</span>\n"
		"部番号 <b>%s</b>　　%u枚中 %u枚目　　作成日 %s\n取引 %s　　鍵 %s\n"
		"左のQRコードには、この証明書の種類・部番号・おもて面の要約値と、証明書交付センターの"
		"電子署名が入っています。下の模様は、おもて面の画像を符号化したものです。"
		"うら面を読み取り、「kazasu paper verify」で検証すると、発行されたとおりのおもて面が"
		"復元され、手元のおもて面と比べることができます。\n"
		"<span size=\"7pt\">This side proves the other: scan it and run “kazasu paper verify”. "
		"The code is signed by the issuing centre; the pattern is the front as issued.</span>",
		f->copy, f->pages, f->page, made, f->transaction, key_id);
	return n > 0 && (size_t)n < sizeof text ? draw_words(page, text) : CARD_ERR_INTERNAL;
}

static enum card_error compose(const struct flow_paper_facts *facts, const struct flow_grey *front,
			       const flow_paper_key_t *key, struct flow_grey *page)
{
	uint8_t digest[PAPER_DIGEST], seed[PAPER_DIGEST];
	card_buf_t code = {0}, token = {0};
	enum card_error e = front_encode(front, DOTS_CAPACITY, &code);

	if (e == CARD_OK && EVP_Digest(code.p, code.n, digest, NULL, EVP_sha256(), NULL) != 1)
		e = CARD_ERR_CRYPTO;
	if (e == CARD_OK)
		e = paper_token_make(facts, digest, key, &token);
	if (e == CARD_OK)
		e = paper_seed(facts, seed);
	if (e == CARD_OK)
		e = dots_draw(page, PAPER_DOTS_LEFT, PAPER_DOTS_TOP, card_buf_bytes(&code), seed);
	if (e == CARD_OK)
		e = draw_qr(page, (const char *)token.p);
	if (e == CARD_OK)
		e = words(page, facts, paper_key_id(key));
	card_buf_free(&code);
	card_buf_free(&token);
	return e;
}

enum card_error flow_paper_back(const struct flow_paper_facts *facts, const struct flow_grey *front,
				const flow_paper_key_t *key, struct flow_grey *out)
{
	enum card_error e;

	if (facts == NULL || front == NULL || key == NULL || out == NULL ||
	    front->width != FLOW_PAPER_WIDTH || front->height != FLOW_PAPER_HEIGHT)
		return CARD_ERR_INVALID_ARGUMENT;
	e = flow_grey_make(out, FLOW_PAPER_WIDTH, FLOW_PAPER_HEIGHT, 255);
	if (e == CARD_OK)
		e = compose(facts, front, key, out);
	if (e != CARD_OK)
		flow_grey_free(out);
	return e;
}
