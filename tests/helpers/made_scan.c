/* SPDX-License-Identifier: Apache-2.0 */
#include "made_scan.h"

#include "test.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>

static const char *const lines[] = {
	"住民票",
	"氏名　山田　太郎　　　フリガナ　ヤマダ　タロウ　　　旧氏　記載なし",
	"住所　東京都清瀬市中里五丁目８４２番地　コーポ清瀬２０３号室",
	"生年月日　昭和五十五年二月十七日　　性別　男　　続柄　省略",
	"住民となった年月日　平成二十三年四月一日　　届出年月日　平成二十三年四月八日",
	"前住所　埼玉県所沢市並木一丁目一番地の一　　本籍　省略　　筆頭者　省略",
	"備考　この欄は余白です。通称、在留資格その他の記載はありません。",
	"この写しは、世帯全員の住民票の原本と相違ないことを証明する。",
};

void made_page(struct flow_grey *out, const char *words, double size)
{
	cairo_surface_t *s =
		cairo_image_surface_create(CAIRO_FORMAT_A8, FLOW_PAPER_WIDTH, FLOW_PAPER_HEIGHT);
	cairo_t *c = cairo_create(s);
	PangoLayout *layout = pango_cairo_create_layout(c);
	PangoFontDescription *font = pango_font_description_from_string("IPAexMincho");
	const uint8_t *data;
	size_t stride;

	pango_cairo_context_set_resolution(pango_layout_get_context(layout), 300);
	pango_font_description_set_size(font, (int)(size * PANGO_SCALE));
	pango_layout_set_font_description(layout, font);
	for (int i = 0; i < 24; i++) {
		size_t line = (size_t)i % (sizeof lines / sizeof *lines);

		pango_layout_set_text(layout, line == 2 && words != NULL ? words : lines[line], -1);
		cairo_move_to(c, 240, 250 + i * 115);
		pango_cairo_show_layout(c, layout);
		cairo_set_line_width(c, 3);
		cairo_move_to(c, 220, 330.5 + i * 115);
		cairo_line_to(c, 2260, 330.5 + i * 115);
		cairo_stroke(c);
	}
	cairo_set_line_width(c, 10);
	cairo_rectangle(c, 1900, 3050, 240, 240);
	cairo_stroke(c);
	cairo_surface_flush(s);
	data = cairo_image_surface_get_data(s);
	stride = (size_t)cairo_image_surface_get_stride(s);
	assert_int_equal(flow_grey_make(out, FLOW_PAPER_WIDTH, FLOW_PAPER_HEIGHT, 255), CARD_OK);
	for (uint32_t y = 0; y < out->height; y++)
		for (uint32_t x = 0; x < out->width; x++)
			out->pixels[(size_t)y * out->width + x] =
				(uint8_t)(255 - data[y * stride + x]);
	pango_font_description_free(font);
	g_object_unref(layout);
	cairo_destroy(c);
	cairo_surface_destroy(s);
}

struct made_scan made_scan_perfect(void)
{
	return (struct made_scan){.scale = 1, .grey = 255};
}

struct made_scan made_scan_office(double degrees)
{
	return (struct made_scan){.degrees = degrees,
				  .scale = 1.004,
				  .dx = 13.3,
				  .dy = -9.7,
				  .noise = 30,
				  .blur = 0.8,
				  .grey = 238,
				  .ink = 38,
				  .wave = 2.0,
				  .seed = 7};
}

static double noise(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 16 & 0x7FFF) / 16383.5 - 1;
}

void made_scan(const struct flow_grey *page, const struct made_scan *how, struct flow_grey *out)
{
	bool lying = fabs(fabs(how->degrees) - 90) < 45;
	uint32_t width = (uint32_t)lround((lying ? page->height : page->width) * how->scale);
	uint32_t height = (uint32_t)lround((lying ? page->width : page->height) * how->scale);
	double a = -how->degrees * 3.14159265358979 / 180, c = cos(a) / how->scale,
	       s = sin(a) / how->scale;
	unsigned seed = how->seed;

	assert_int_equal(flow_grey_make(out, width, height, 255), CARD_OK);
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < width; x++) {
			double u = x + 0.5 - width / 2.0 - how->dx,
			       v = y + 0.5 - height / 2.0 - how->dy;
			double px, py, sum = 0;

			v += how->wave * sin(y / 700.0 * 6.2831853);
			px = page->width / 2.0 + c * u - s * v;
			py = page->height / 2.0 + s * u + c * v;
			for (int k = 0; k < 4; k++)
				sum += flow_grey_at(page, px + (k & 1 ? how->blur : -how->blur),
						    py + (k & 2 ? how->blur : -how->blur));
			sum = how->ink + (how->grey - how->ink) * sum / 4 / 255 +
			      how->noise * noise(&seed);
			out->pixels[(size_t)y * width + x] =
				(uint8_t)lround(fmin(255, fmax(0, sum)));
		}
}
