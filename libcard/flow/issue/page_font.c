/* SPDX-License-Identifier: Apache-2.0 */
/* page_font.c — the fonts, and nothing but them: a configuration of our own without fallback. */
#include "page.h"

#include <fontconfig/fontconfig.h>
#include <pango/pangofc-fontmap.h>
#include <stdlib.h>
#include <string.h>

/* The family of a file that was just added to the configuration. */
static char *add_font(FcConfig *config, const char *path)
{
	FcChar8 *family = NULL;
	FcPattern *pattern;
	char *out = NULL;
	int faces = 0;

	pattern = FcFreeTypeQuery((const FcChar8 *)path, 0, NULL, &faces);
	if (pattern == NULL)
		return NULL;
	if (FcPatternGetString(pattern, FC_FAMILY, 0, &family) == FcResultMatch &&
	    FcConfigAppFontAddFile(config, (const FcChar8 *)path))
		out = strdup((const char *)family);
	FcPatternDestroy(pattern);
	return out;
}

enum card_error flow_fonts_open(flow_fonts_t **out, const char *mincho, const char *gaiji)
{
	cairo_font_options_t *options;
	flow_fonts_t *f;
	FcConfig *config;

	if (out == NULL || mincho == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	/* Pango begins with the default configuration in a thread of its own; it must be there, or
	 * both load it and one copy is lost. None of its fonts is used. */
	FcInit();
	f = calloc(1, sizeof *f);
	config = FcConfigCreate();
	if (f == NULL || config == NULL) {
		free(f);
		return CARD_ERR_NO_MEMORY;
	}
	f->family = add_font(config, mincho);
	f->gaiji = gaiji != NULL ? add_font(config, gaiji) : NULL;
	f->map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
	if (f->family == NULL || (gaiji != NULL && f->gaiji == NULL) || f->map == NULL) {
		FcConfigDestroy(config);
		flow_fonts_free(&f);
		return CARD_ERR_NOT_FOUND;
	}
	pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(f->map), config);
	FcConfigDestroy(config); /* the map holds it */
	pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(f->map), 72);
	f->context = pango_font_map_create_context(f->map);
	pango_context_set_language(f->context, pango_language_from_string("ja"));
	options = cairo_font_options_create();
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	pango_cairo_context_set_font_options(f->context, options);
	cairo_font_options_destroy(options);
	f->layout = pango_layout_new(f->context);
	pango_layout_set_wrap(f->layout, PANGO_WRAP_WORD_CHAR);
	*out = f;
	return CARD_OK;
}

void flow_fonts_free(flow_fonts_t **f)
{
	if (f == NULL || *f == NULL)
		return;
	if ((*f)->layout != NULL)
		g_object_unref((*f)->layout);
	if ((*f)->context != NULL)
		g_object_unref((*f)->context);
	if ((*f)->map != NULL) {
		/* A map that ends with a configuration does not let it go (Pango 1.50). */
		pango_fc_font_map_set_config(PANGO_FC_FONT_MAP((*f)->map), NULL);
		g_object_unref((*f)->map);
	}
	free((*f)->family);
	free((*f)->gaiji);
	free(*f);
	*f = NULL;
}
