/* SPDX-License-Identifier: Apache-2.0 */
/* A friendly face that is nobody's: drawn from a seed, encoded as a JP2 file. */
#include <cairo.h>
#include <math.h>
#include <openjpeg.h>
#include <stdlib.h>
#include <string.h>

#include "picture.h"

#define FACE_W 240
#define FACE_H 320
/* 240 × 320 bytes at 9.5 : 1 are about 8 KB. */
#define FACE_RATE 9.5f

static void grey(cairo_t *cr, double v)
{
	cairo_set_source_rgb(cr, v, v, v);
}

static void oval(cairo_t *cr, double x, double y, double rx, double ry)
{
	cairo_save(cr);
	cairo_translate(cr, x, y);
	cairo_scale(cr, rx, ry);
	cairo_arc(cr, 0, 0, 1, 0, 2 * M_PI);
	cairo_restore(cr);
}

static void background(cairo_t *cr)
{
	cairo_pattern_t *g = cairo_pattern_create_linear(0, 0, 0, FACE_H);

	cairo_pattern_add_color_stop_rgb(g, 0, 0.93, 0.93, 0.93);
	cairo_pattern_add_color_stop_rgb(g, 1, 0.74, 0.74, 0.74);
	cairo_set_source(cr, g);
	cairo_paint(cr);
	cairo_pattern_destroy(g);
}

static void shoulders(cairo_t *cr, double shade)
{
	cairo_move_to(cr, 8, FACE_H);
	cairo_curve_to(cr, 14, 262, 62, 258, 96, 246);
	cairo_line_to(cr, 144, 246);
	cairo_curve_to(cr, 178, 258, 226, 262, 232, FACE_H);
	cairo_close_path(cr);
	grey(cr, shade);
	cairo_fill(cr);
	/* neck and collar */
	grey(cr, 0.70);
	cairo_rectangle(cr, 100, 206, 40, 44);
	cairo_fill(cr);
	cairo_move_to(cr, 96, 246);
	cairo_line_to(cr, 120, 280);
	cairo_line_to(cr, 144, 246);
	cairo_line_to(cr, 152, 254);
	cairo_line_to(cr, 120, 300);
	cairo_line_to(cr, 88, 254);
	cairo_close_path(cr);
	grey(cr, 0.96);
	cairo_fill(cr);
}

static void hair_behind(cairo_t *cr, int style, double shade)
{
	grey(cr, shade);
	oval(cr, 120, style == 1 ? 150 : 126, style == 1 ? 82 : 73, style == 1 ? 104 : 82);
	cairo_fill(cr);
}

static void head(cairo_t *cr, double skin)
{
	cairo_pattern_t *g = cairo_pattern_create_radial(104, 128, 12, 120, 150, 96);

	cairo_pattern_add_color_stop_rgb(g, 0, skin + 0.06, skin + 0.06, skin + 0.06);
	cairo_pattern_add_color_stop_rgb(g, 1, skin - 0.10, skin - 0.10, skin - 0.10);
	cairo_set_source(cr, g);
	oval(cr, 58, 160, 9, 16);
	oval(cr, 182, 160, 9, 16);
	cairo_fill(cr);
	oval(cr, 120, 152, 62, 76);
	cairo_fill(cr);
	cairo_pattern_destroy(g);
}

static void fringe(cairo_t *cr, int style, double shade)
{
	cairo_save(cr);
	oval(cr, 120, 150, 66, 80);
	cairo_clip(cr);
	grey(cr, shade);
	cairo_move_to(cr, 40, 60);
	cairo_line_to(cr, 200, 60);
	cairo_line_to(cr, 200, style == 1 ? 132 : 112);
	if (style == 2)
		cairo_curve_to(cr, 170, 96, 120, 92, 60, 122);
	else
		cairo_curve_to(cr, 160, 108, 140, 118, 40, style == 1 ? 136 : 118);
	cairo_close_path(cr);
	cairo_fill(cr);
	/* strands */
	cairo_set_line_width(cr, 1.2);
	for (int i = 0; i < 22; i++) {
		grey(cr, shade + 0.05 + 0.03 * (i % 3));
		cairo_move_to(cr, 62 + i * 5.5, 70);
		cairo_curve_to(cr, 60 + i * 5.5, 76, 66 + i * 5.2, 84, 60 + i * 5.6, 92);
		cairo_stroke(cr);
	}
	cairo_restore(cr);
}

static void eye(cairo_t *cr, double x, bool child)
{
	double r = child ? 9 : 7.5;

	grey(cr, 0.98);
	oval(cr, x, 156, r + 5, r);
	cairo_fill(cr);
	grey(cr, 0.12);
	oval(cr, x, 156, r - 1, r - 0.5);
	cairo_fill(cr);
	grey(cr, 1);
	oval(cr, x - 2.5, 153, 2.2, 2.2);
	cairo_fill(cr);
	grey(cr, 0.15);
	cairo_set_line_width(cr, 2.4);
	cairo_move_to(cr, x - r - 6, 152);
	cairo_curve_to(cr, x - 4, 144, x + 4, 144, x + r + 6, 152);
	cairo_stroke(cr);
	cairo_set_line_width(cr, 3.6);
	cairo_move_to(cr, x - 14, 136);
	cairo_curve_to(cr, x - 5, 130, x + 5, 130, x + 14, 135);
	cairo_stroke(cr);
}

static void features(cairo_t *cr, const uint8_t seed[32], bool child)
{
	eye(cr, 94, child);
	eye(cr, 146, child);
	grey(cr, 0.50);
	cairo_set_line_width(cr, 2.2);
	cairo_move_to(cr, 121, 160);
	cairo_curve_to(cr, 116, 176, 112, 182, 124, 184);
	cairo_stroke(cr);
	/* mouth: a smile of one's own width */
	double w = 16 + seed[5] % 10;
	grey(cr, 0.32);
	cairo_set_line_width(cr, 3.2);
	cairo_move_to(cr, 120 - w, 200);
	cairo_curve_to(cr, 112, 210, 128, 210, 120 + w, 200);
	cairo_stroke(cr);
	cairo_set_source_rgba(cr, 0.45, 0.45, 0.45, 0.22);
	oval(cr, 82, 186, 13, 8);
	oval(cr, 158, 186, 13, 8);
	cairo_fill(cr);
	if (!child && seed[6] % 3 == 0) { /* glasses */
		grey(cr, 0.22);
		cairo_set_line_width(cr, 2.6);
		cairo_rectangle(cr, 72, 142, 42, 30);
		cairo_rectangle(cr, 126, 142, 42, 30);
		cairo_move_to(cr, 114, 154);
		cairo_line_to(cr, 126, 154);
		cairo_stroke(cr);
	}
}

/* "見本" must be impossible to overlook: a specimen, not a photograph. */
static void specimen(cairo_t *cr)
{
	cairo_save(cr);
	cairo_set_source_rgba(cr, 0.25, 0.25, 0.25, 0.55);
	cairo_set_line_width(cr, 2);
	cairo_rectangle(cr, 4.5, 4.5, FACE_W - 9, FACE_H - 9);
	cairo_stroke(cr);
	cairo_select_font_face(cr, "IPAexGothic", CAIRO_FONT_SLANT_NORMAL,
			       CAIRO_FONT_WEIGHT_NORMAL);
	cairo_set_font_size(cr, 26);
	cairo_move_to(cr, 12, 34);
	cairo_show_text(cr, "見本");
	cairo_restore(cr);
}

struct sink {
	struct sim_buf *out;
	size_t pos; /* the encoder seeks back to fill in box lengths */
	size_t base;
};

static OPJ_SIZE_T sink_write(void *p, OPJ_SIZE_T n, void *ctx)
{
	struct sink *s = ctx;
	size_t end = s->base + s->pos + n;

	if (end > s->out->n)
		sim_fill(s->out, 0, end - s->out->n);
	if (s->out->failed)
		return (OPJ_SIZE_T)-1;
	memcpy(s->out->p + s->base + s->pos, p, n);
	s->pos += n;
	return n;
}

static OPJ_OFF_T sink_skip(OPJ_OFF_T n, void *ctx)
{
	struct sink *s = ctx;

	if (n < 0)
		return -1;
	s->pos += (size_t)n;
	return n;
}

static OPJ_BOOL sink_seek(OPJ_OFF_T n, void *ctx)
{
	struct sink *s = ctx;

	if (n < 0)
		return OPJ_FALSE;
	s->pos = (size_t)n;
	return OPJ_TRUE;
}

static opj_image_t *to_image(cairo_surface_t *surface)
{
	opj_image_cmptparm_t parm;

	memset(&parm, 0, sizeof parm);
	parm.dx = parm.dy = 1;
	parm.w = FACE_W;
	parm.h = FACE_H;
	parm.prec = 8;
	opj_image_t *image = opj_image_create(1, &parm, OPJ_CLRSPC_GRAY);
	if (!image)
		return NULL;
	image->x1 = FACE_W;
	image->y1 = FACE_H;
	const uint8_t *data = cairo_image_surface_get_data(surface);
	int stride = cairo_image_surface_get_stride(surface);
	uint32_t noise = 20261121; /* a little grain, always the same */
	for (int y = 0; y < FACE_H; y++) {
		for (int x = 0; x < FACE_W; x++) {
			noise = noise * 1664525u + 1013904223u;
			int v = data[y * stride + 4 * x + 1] + (int)(noise >> 29) - 4;

			image->comps[0].data[y * FACE_W + x] = v < 0 ? 0 : v > 255 ? 255 : v;
		}
	}
	return image;
}

static bool encode(struct sim_buf *jp2, opj_image_t *image)
{
	struct sink sink = {jp2, 0, jp2->n};
	opj_cparameters_t parm;
	opj_codec_t *codec = opj_create_compress(OPJ_CODEC_JP2);
	opj_stream_t *stream = opj_stream_default_create(OPJ_FALSE);

	opj_set_default_encoder_parameters(&parm);
	parm.tcp_numlayers = 1;
	parm.cp_disto_alloc = 1;
	parm.tcp_rates[0] = FACE_RATE;
	parm.irreversible = 1;
	bool good = codec && stream;
	if (good) {
		opj_stream_set_user_data(stream, &sink, NULL);
		opj_stream_set_write_function(stream, sink_write);
		opj_stream_set_skip_function(stream, sink_skip);
		opj_stream_set_seek_function(stream, sink_seek);
		good = opj_setup_encoder(codec, &parm, image) &&
		       opj_start_compress(codec, image, stream) && opj_encode(codec, stream) &&
		       opj_end_compress(codec, stream);
	}
	if (stream)
		opj_stream_destroy(stream);
	if (codec)
		opj_destroy_codec(codec);
	return good && !jp2->failed;
}

bool sim_draw_face(struct sim_buf *jp2, const uint8_t seed[32], bool woman, bool child)
{
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, FACE_W, FACE_H);
	cairo_t *cr = cairo_create(surface);
	int style = woman ? 1 : seed[2] % 2 * 2; /* long, short, parted */
	double hair = 0.10 + 0.05 * (seed[3] % 4);

	background(cr);
	hair_behind(cr, style, hair);
	shoulders(cr, 0.20 + 0.08 * (seed[4] % 5));
	head(cr, 0.84 - 0.03 * (seed[7] % 3));
	fringe(cr, style, hair);
	features(cr, seed, child);
	specimen(cr);
	cairo_surface_flush(surface);
	opj_image_t *image =
		cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS ? to_image(surface) : NULL;
	bool good = image && encode(jp2, image);
	if (image)
		opj_image_destroy(image);
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
	return good;
}
