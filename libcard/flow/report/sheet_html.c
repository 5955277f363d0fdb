/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sheet_html.c — a sheet as one HTML file.
 *
 * A policy inside the file forbids scripts, forms and everything from elsewhere, should a text
 * ever escape being text.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "sheet.h"

static const char head[] =
	"<meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta name=\"referrer\" content=\"no-referrer\">\n";

static const char style[] =
	"<style>\n"
	"@page{size:A4;margin:18mm}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0;background:#fff;color:#1f2937;line-height:1.6;overflow-wrap:anywhere;"
	"font-family:\"IPAexGothic\",\"Noto Sans CJK JP\",\"Hiragino Sans\",\"Yu Gothic\",sans-serif}\n"
	"main{max-width:46rem;margin:0 auto;padding:1.5rem}\n"
	"h1{font-size:1.5rem;margin:0 0 1rem}\n"
	"h2{font-size:1.05rem;margin:1.5rem 0 .4rem;padding-bottom:.2rem;"
	"border-bottom:1px solid #9ca3af;break-after:avoid}\n"
	"p,ul,dl{margin:.4rem 0}\n"
	"p,dd,dt,li span{white-space:pre-wrap}\n"
	"dl{display:grid;grid-template-columns:9rem 1fr;gap:.2rem 1rem}\n"
	"dt{color:#4b5563}dd{margin:0}\n"
	"ul{list-style:none;padding:0}li{display:flex;gap:.6rem}\n"
	"section{display:flow-root}section+section{break-before:page;margin-top:2rem}\n"
	".verdict{border-left:.5rem solid;padding:.8rem 1rem;margin:1rem 0;break-inside:avoid}\n"
	".verdict strong{font-size:1.6rem;display:block}\n"
	".sign{font-weight:bold}\n"
	".mark{float:right;border:2px solid #b3261e;color:#b3261e;font-weight:bold;"
	"padding:.1rem .8rem;margin:0}\n"
	"img{float:right;margin:0 0 1rem 1rem;max-width:45%}\n"
	"footer{border-top:1px solid #9ca3af;color:#4b5563;font-size:.85rem;margin-top:2rem;"
	"padding-top:.4rem}\n"
	"@media(max-width:34rem){dl{grid-template-columns:1fr}}\n"
	"@media print{main{padding:0;max-width:none}"
	"*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n"
	"</style>\n";

struct writer {
	card_buf_t *out;
	enum card_error err;
	enum block_kind open; /* BLOCK_ROW or BLOCK_ITEM: a list that is not closed */
	bool section;
};

static void put(struct writer *w, const char *text, size_t n)
{
	if (w->err == CARD_OK)
		w->err = card_buf_append(w->out, card_bytes(text, n));
}

static void say(struct writer *w, const char *markup)
{
	put(w, markup, strlen(markup));
}

/* A text as text. */
static void tell(struct writer *w, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '&':
			say(w, "&amp;");
			break;
		case '<':
			say(w, "&lt;");
			break;
		case '>':
			say(w, "&gt;");
			break;
		case '"':
			say(w, "&quot;");
			break;
		default:
			put(w, text, 1);
		}
	}
}

static void colour(struct writer *w, const char *property, struct ink ink)
{
	char text[64];

	snprintf(text, sizeof text, "%s:#%02x%02x%02x;", property, ink.r, ink.g, ink.b);
	say(w, text);
}

static void sign(struct writer *w, enum flow_tone tone)
{
	static const char *const signs[] = {"・", "✓", "✗", "？"};

	say(w, "<span class=\"sign\" aria-hidden=\"true\" style=\"");
	colour(w, "color", sheet_ink(tone));
	say(w, "\">");
	say(w, signs[tone]);
	say(w, "</span> ");
}

/* Close the list that is open unless it is of this kind; open one of this kind. */
static void list(struct writer *w, enum block_kind kind)
{
	if (w->open == kind)
		return;
	if (w->open == BLOCK_ROW)
		say(w, "</dl>\n");
	if (w->open == BLOCK_ITEM)
		say(w, "</ul>\n");
	w->open = BLOCK_PAGE;
	if (kind == BLOCK_ROW)
		say(w, "<dl>\n");
	if (kind == BLOCK_ITEM)
		say(w, "<ul>\n");
	if (kind == BLOCK_ROW || kind == BLOCK_ITEM)
		w->open = kind;
}

static void element(struct writer *w, const char *name, const char *text)
{
	say(w, "<");
	say(w, name);
	say(w, ">");
	tell(w, text);
	say(w, "</");
	say(w, name);
	say(w, ">\n");
}

static void verdict(struct writer *w, const struct block *b)
{
	say(w, "<div class=\"verdict\" style=\"");
	colour(w, "border-color", sheet_ink(b->tone));
	colour(w, "background", sheet_paper(b->tone));
	say(w, "\"><strong style=\"");
	colour(w, "color", sheet_ink(b->tone));
	say(w, "\">");
	sign(w, b->tone);
	tell(w, b->first);
	say(w, "</strong>");
	tell(w, b->second);
	say(w, "</div>\n");
}

/* As data: URL (RFC 2397), three bytes by three. */
static void picture(struct writer *w, const struct block *b)
{
	const struct card_bytes png = card_buf_bytes(&b->picture);
	char size[64];

	snprintf(size, sizeof size, "<img style=\"width:%.0fmm\" alt=\"", b->width);
	say(w, size);
	tell(w, b->first);
	say(w, "\" src=\"data:image/png;base64,");
	for (size_t i = 0; i < png.n && w->err == CARD_OK; i += 768) {
		uint8_t text[1025];
		const size_t part = png.n - i < 768 ? png.n - i : 768;

		put(w, (const char *)text, (size_t)EVP_EncodeBlock(text, png.p + i, (int)part));
	}
	say(w, "\">\n");
}

static void block(struct writer *w, const struct block *b)
{
	list(w, b->kind);
	switch (b->kind) {
	case BLOCK_VERDICT:
		verdict(w, b);
		break;
	case BLOCK_HEADING:
		element(w, "h2", b->first);
		break;
	case BLOCK_ROW:
		element(w, "dt", b->first);
		element(w, "dd", b->second);
		break;
	case BLOCK_ITEM:
		say(w, "<li>");
		sign(w, b->tone);
		element(w, "span", b->first);
		say(w, "</li>\n");
		break;
	case BLOCK_TEXT:
		element(w, "p", b->first);
		break;
	case BLOCK_PICTURE:
		picture(w, b);
		break;
	case BLOCK_PAGE:
		say(w, "</section>\n<section>\n");
		break;
	}
}

enum card_error sheet_write_html(const struct flow_sheet *s, card_buf_t *out)
{
	struct writer w = {.out = out, .open = BLOCK_PAGE};

	say(&w, "<!DOCTYPE html>\n<html lang=\"");
	say(&w, s->lang == CARD_LANG_JA ? "ja" : "en");
	say(&w, "\">\n<head>\n");
	say(&w, head);
	element(&w, "title", s->title);
	say(&w, style);
	say(&w, "</head>\n<body>\n<main>\n");
	if (*s->mark != '\0') {
		say(&w, "<p class=\"mark\">");
		tell(&w, s->mark);
		say(&w, "</p>\n");
	}
	element(&w, "h1", s->title);
	say(&w, "<section>\n");
	for (size_t i = 0; i < s->n; i++)
		block(&w, &s->blocks[i]);
	list(&w, BLOCK_PAGE);
	say(&w, "</section>\n");
	if (*s->foot != '\0')
		element(&w, "footer", s->foot);
	say(&w, "</main>\n</body>\n</html>\n");
	return w.err;
}
