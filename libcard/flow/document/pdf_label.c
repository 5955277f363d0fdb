/* SPDX-License-Identifier: Apache-2.0 */
#include "pdf_label.h"

#include <stdio.h>
#include <string.h>

#include <cairo-pdf.h>
#include <hb.h>
#include <pango/pangocairo.h>

#include <card/date.h>

/* The fonts that are installed with Kazasu first; what they lack may come from any other. */
#define FAMILIES "IPAexMincho, IPAmjMincho, IPAexGothic, serif"

/* Sizes, in quarters of a point. */
#define STEPS    4u
#define LARGEST  (12 * STEPS)
#define READABLE (7 * STEPS) /* lines are not broken down to here */
#define SMALLEST (4 * STEPS)

#define MARGIN      4.0 /* at most this, and this part of the height */
#define MARGIN_PART 0.08
#define LEADING     1.15f
#define NAME        1.6 /* of the name against the rest */
#define SMALL       0.8

#define TEXT_MAX 2048u

/* The lines, and where the name stands among them. */
struct text {
	char utf8[TEXT_MAX];
	size_t n, name, name_end, date_end;
};

static bool add(struct text *t, const char *p, size_t n)
{
	if (n >= sizeof t->utf8 - t->n)
		return false;
	memcpy(t->utf8 + t->n, p, n);
	t->n += n;
	t->utf8[t->n] = '\0';
	return true;
}

static bool add_text(struct text *t, const char *p)
{
	return add(t, p, strlen(p));
}

/* "※橋・邉は代替文字": characters of the name that stand for others (card-spec 7.4). */
static bool add_substitutes(struct text *t, struct card_bytes name, struct card_bytes flags)
{
	bool any = false, fits = true;
	size_t at = 0;

	for (size_t i = 0; fits && i < flags.n && at < name.n; i++) {
		const size_t skip = (size_t)g_utf8_skip[name.p[at]];
		const size_t n = skip < name.n - at ? skip : name.n - at;

		if (flags.p[i] == '1') {
			fits = add_text(t, any ? "・" : "\n※") &&
			       add(t, (const char *)name.p + at, n);
			any = true;
		}
		at += n;
	}
	return fits && (!any || add_text(t, "は代替文字"));
}

/* brief: the name and the time alone. */
static bool compose(const struct pdf_label *l, bool brief, struct text *t)
{
	char when[26], date[64]; /* 2026-01-02T12:04:05+09:00 */
	bool fits;

	card_time_format_japan(l->time, when);
	snprintf(date, sizeof date, "\n%.4s年%d月%d日 %.2s:%.2s:%.2s（日本時間）", when,
		 (when[5] - '0') * 10 + when[6] - '0', (when[8] - '0') * 10 + when[9] - '0',
		 when + 11, when + 14, when + 17);
	t->n = 0;
	t->utf8[0] = '\0';
	fits = brief || add_text(t, "電子署名\n");
	t->name = t->n;
	fits = fits && add(t, (const char *)l->name.p, l->name.n);
	t->name_end = t->n;
	fits = fits && add_text(t, date);
	t->date_end = t->n;
	fits = fits && add_substitutes(t, l->name, l->substitutes);
	if (brief)
		return fits;
	if (fits && l->reason != NULL && *l->reason != '\0')
		fits = add_text(t, "\n理由: ") && add_text(t, l->reason);
	if (fits && l->location != NULL && *l->location != '\0')
		fits = add_text(t, "\n場所: ") && add_text(t, l->location);
	return fits;
}

/* ---- every character has a glyph ---- */

static bool is_variation(gunichar c)
{
	return (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF);
}

static void name_character(struct flow_pdf_fault *fault, const char *at, gunichar selector)
{
	const gunichar c = g_utf8_get_char(at);
	char utf8[16];

	utf8[g_unichar_to_utf8(c, utf8)] = '\0';
	fault->why = FLOW_PDF_GLYPH;
	if (selector != 0)
		snprintf(fault->detail, sizeof fault->detail, "%s (U+%04X U+%04X)", utf8,
			 (unsigned)c, (unsigned)selector);
	else if (g_unichar_isgraph(c) && g_unichar_type(c) != G_UNICODE_PRIVATE_USE)
		snprintf(fault->detail, sizeof fault->detail, "%s (U+%04X)", utf8, (unsigned)c);
	else
		snprintf(fault->detail, sizeof fault->detail, "U+%04X", (unsigned)c);
}

/* The characters of one run: the font's own variation where one is asked for. */
static bool run_has_variations(const char *text, const PangoItem *item,
			       struct flow_pdf_fault *fault)
{
	hb_font_t *font = pango_font_get_hb_font(item->analysis.font);
	const char *end = text + item->offset + item->length, *before = NULL;
	hb_codepoint_t glyph;

	for (const char *p = text + item->offset; p < end; p += g_utf8_skip[(guchar)*p]) {
		const gunichar c = g_utf8_get_char(p);

		if (is_variation(c)) {
			if (before == NULL || !hb_font_get_variation_glyph(
						      font, g_utf8_get_char(before), c, &glyph)) {
				name_character(fault, before != NULL ? before : p,
					       before != NULL ? c : 0);
				return false;
			}
		} else if (g_unichar_iscntrl(c) && c != '\n') {
			name_character(fault, p, 0);
			return false;
		}
		before = p;
	}
	return true;
}

static bool run_is_drawn(const char *text, const PangoGlyphItem *run, struct flow_pdf_fault *fault)
{
	const PangoGlyphString *g = run->glyphs;

	for (int i = 0; i < g->num_glyphs; i++) {
		if ((g->glyphs[i].glyph & PANGO_GLYPH_UNKNOWN_FLAG) != 0 &&
		    g->glyphs[i].glyph != PANGO_GLYPH_EMPTY) {
			name_character(fault, text + run->item->offset + g->log_clusters[i], 0);
			return false;
		}
	}
	return run_has_variations(text, run->item, fault);
}

static bool all_drawn(PangoLayout *layout, const char *text, struct flow_pdf_fault *fault)
{
	PangoLayoutIter *it = pango_layout_get_iter(layout);
	bool drawn = true;

	do {
		const PangoGlyphItem *run = pango_layout_iter_get_run_readonly(it);

		if (run != NULL)
			drawn = run_is_drawn(text, run, fault);
	} while (drawn && pango_layout_iter_next_run(it));
	pango_layout_iter_free(it);
	return drawn;
}

/* ---- layout ---- */

static double margin(const struct pdf_label *l)
{
	return l->height * MARGIN_PART < MARGIN ? l->height * MARGIN_PART : MARGIN;
}

static void attribute(PangoAttrList *list, PangoAttribute *a, size_t from, size_t to)
{
	a->start_index = (guint)from;
	a->end_index = (guint)to;
	pango_attr_list_insert(list, a);
}

static void style(PangoLayout *layout, const struct text *t)
{
	PangoAttrList *list = pango_attr_list_new();

	attribute(list, pango_attr_scale_new(SMALL), 0, t->name);
	attribute(list, pango_attr_foreground_new(0x5000, 0x5000, 0x5000), 0, t->name);
	attribute(list, pango_attr_scale_new(NAME), t->name, t->name_end);
	attribute(list, pango_attr_scale_new(SMALL), t->date_end, t->n);
	pango_layout_set_attributes(layout, list);
	pango_attr_list_unref(list);
}

/* The largest size at which all lines fit, each as one or broken; false: none. */
static bool fit_as(PangoLayout *layout, const struct pdf_label *l, bool broken, unsigned smallest)
{
	const double width = l->width - 2 * margin(l), height = l->height - 2 * margin(l);
	PangoFontDescription *font = pango_font_description_new();
	bool fits = false;

	pango_font_description_set_family_static(font, FAMILIES);
	pango_layout_set_width(layout, broken ? (int)(width * PANGO_SCALE) : -1);
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_line_spacing(layout, LEADING);
	for (unsigned size = LARGEST; !fits && size >= smallest; size--) {
		PangoRectangle r;

		pango_font_description_set_absolute_size(font, (double)size / STEPS * PANGO_SCALE);
		pango_layout_set_font_description(layout, font);
		pango_layout_get_extents(layout, NULL, &r);
		fits = r.height <= height * PANGO_SCALE && r.width <= width * PANGO_SCALE;
	}
	pango_font_description_free(font);
	return fits;
}

static bool fit(PangoLayout *layout, const struct pdf_label *l)
{
	if (l->width <= 2 * margin(l) || l->height <= 0)
		return false;
	return fit_as(layout, l, false, READABLE) || fit_as(layout, l, true, SMALLEST) ||
	       fit_as(layout, l, false, SMALLEST);
}

static void paint(cairo_t *cr, PangoLayout *layout, const struct pdf_label *l)
{
	PangoRectangle r;

	cairo_set_source_rgb(cr, 0.35, 0.35, 0.35);
	cairo_set_line_width(cr, 0.6);
	cairo_rectangle(cr, 0.8, 0.8, l->width - 1.6, l->height - 1.6);
	cairo_stroke(cr);
	pango_layout_get_extents(layout, NULL, &r);
	cairo_set_source_rgb(cr, 0, 0, 0);
	cairo_move_to(cr, margin(l), (l->height - (double)r.height / PANGO_SCALE) / 2);
	pango_cairo_show_layout(cr, layout);
	cairo_show_page(cr);
}

static cairo_status_t take(void *to, const unsigned char *p, unsigned n)
{
	return card_buf_append(to, card_bytes(p, n)) == CARD_OK ? CAIRO_STATUS_SUCCESS
								: CAIRO_STATUS_WRITE_ERROR;
}

/* The text into the layout; CARD_ERR_TOO_LONG: it does not fit. */
static enum card_error set(PangoLayout *layout, const struct pdf_label *l, bool brief,
			   struct flow_pdf_fault *fault)
{
	struct text t;
	bool fits;

	if (!compose(l, brief, &t))
		return CARD_ERR_TOO_LONG;
	if (!g_utf8_validate(t.utf8, (gssize)t.n, NULL))
		return CARD_ERR_INVALID_ARGUMENT;
	pango_layout_set_text(layout, t.utf8, (int)t.n);
	style(layout, &t);
	fits = fit(layout, l);
	if (!all_drawn(layout, t.utf8, fault))
		return CARD_ERR_UNSUPPORTED;
	return fits ? CARD_OK : CARD_ERR_TOO_LONG;
}

static enum card_error draw(const struct pdf_label *l, cairo_t *cr, struct flow_pdf_fault *fault)
{
	/* A font map of this call only: the library keeps nothing between calls. */
	PangoFontMap *map = pango_cairo_font_map_new();
	PangoContext *context = pango_font_map_create_context(map);
	PangoLayout *layout = pango_layout_new(context);
	enum card_error err;

	pango_cairo_context_set_resolution(context, 72);
	pango_context_set_language(context, pango_language_from_string("ja"));
	pango_cairo_update_context(cr, context);
	err = set(layout, l, false, fault);
	if (err == CARD_ERR_TOO_LONG)
		err = set(layout, l, true, fault);
	if (err == CARD_ERR_TOO_LONG)
		fault->why = FLOW_PDF_ROOM;
	if (err == CARD_OK)
		paint(cr, layout, l);
	g_object_unref(layout);
	g_object_unref(context);
	g_object_unref(map);
	return err;
}

enum card_error pdf_label_draw(const struct pdf_label *l, card_buf_t *pdf,
			       struct flow_pdf_fault *fault)
{
	cairo_surface_t *surface =
		cairo_pdf_surface_create_for_stream(take, pdf, l->width, l->height);
	cairo_t *cr;
	enum card_error err;

	cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_4);
	cr = cairo_create(surface);
	err = draw(l, cr, fault);
	if (err == CARD_OK && cairo_status(cr) != CAIRO_STATUS_SUCCESS)
		err = CARD_ERR_INTERNAL;
	cairo_destroy(cr);
	cairo_surface_finish(surface);
	if (err == CARD_OK && cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS)
		err = CARD_ERR_INTERNAL;
	cairo_surface_destroy(surface);
	return err;
}
