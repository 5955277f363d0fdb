/* SPDX-License-Identifier: Apache-2.0 */
/* form_draw.c — a form on as many pages as it needs. */
#include "form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEFT       48.0
#define WIDTH      (PAGE_WIDTH - 2 * LEFT)
#define TOP        50.0
#define FIRST      112.0 /* where the first group begins */
#define FOOT       668.0 /* where groups end: below stand sentence, date, name, seal */
#define NUMBER     802.0 /* page number */
#define TAG        20.0
#define PAD_X      5.0
#define PAD_Y      3.2
#define SEAL       64.0
#define PICTURE    90.0 /* a seal of at most 25 mm, with its margin */
#define BOX        140.0
#define NAME_LEAST 10.0 /* as the other values */

static const struct page_style looks[] = {
	[FORM_VALUE] = {10, PAGE_LEFT, 0},      [FORM_LABEL] = {8.8, PAGE_LEFT, 0},
	[FORM_NAME] = {14, PAGE_LEFT, 0},       [FORM_AMOUNT] = {10, PAGE_RIGHT, 0},
	[FORM_CENTER] = {10.5, PAGE_CENTER, 0}, [FORM_SMALL] = {8.8, PAGE_LEFT, 0}};

struct drawing {
	const struct form *f;
	struct page p;
	const struct flow_issuing_office *office;
	int64_t time;
	struct card_date day;
	double *height; /* of each row of each group, one after the other */
	double *group;  /* of each group */
	size_t *page;   /* on which each group stands, 0 is the first */
	size_t pages;
};

static double row_sum(const struct form_row *r)
{
	double sum = 0;

	for (size_t i = 0; i < r->n; i++)
		sum += r->cell[i].width;
	return sum > 0 ? sum : 1;
}

static double group_width(const struct form_group *g)
{
	return g->tag != NULL ? WIDTH - TAG : WIDTH;
}

/* A word of letters is not broken while a smaller size keeps it whole: names of foreign residents. */
static struct page_style style_of(struct page *p, const struct form_cell *c, double width)
{
	struct page_style s = looks[c->look];
	const char *at = c->text;
	char word[256];

	while (c->look == FORM_NAME && *at != '\0') {
		const size_t n = strcspn(at, " ");

		if (n > 0 && n < sizeof word && (unsigned char)*at < 0x80) {
			snprintf(word, sizeof word, "%.*s", (int)n, at);
			while (s.size >= NAME_LEAST && page_text_width(p, &s, word) > width)
				s.size -= 0.5;
		}
		at += n + (at[n] == ' ');
	}
	return s.size >= NAME_LEAST ? s : looks[c->look];
}

static double measure_row(struct page *p, const struct form_row *r, double width)
{
	const double unit = width / row_sum(r);
	double height = r->least;

	for (size_t i = 0; i < r->n; i++) {
		const struct form_cell *c = &r->cell[i];
		const double w = c->width * unit - 2 * PAD_X;
		const struct page_style s = style_of(p, c, w);
		const double h = page_text_height(p, &s, w, c->text) + 2 * PAD_Y;

		if (h > height)
			height = h;
	}
	return height;
}

/* Heights, and which group stands on which page. */
static enum card_error lay_out(struct drawing *d)
{
	double y = FIRST, top = FIRST; /* of the first page, of the others */
	size_t at = 0;

	d->pages = 1;
	for (size_t g = 0; g < d->f->n; g++) {
		const struct form_group *group = &d->f->group[g];
		double height = 0;

		for (size_t r = 0; r < group->n; r++, at++) {
			d->height[at] = measure_row(&d->p, &group->row[r], group_width(group));
			height += d->height[at];
		}
		if (g == 0 && d->f->repeat)
			top += height;
		else if (height > FOOT - top)
			return CARD_ERR_TOO_LONG;
		if (y + group->before + height > FOOT) {
			d->pages++;
			y = top;
		}
		d->group[g] = height;
		d->page[g] = d->pages - 1;
		y += group->before + height;
	}
	return CARD_OK;
}

static void draw_row(struct drawing *d, const struct form_row *r, double x, double y, double width,
		     double height)
{
	const double unit = width / row_sum(r);

	for (size_t i = 0; i < r->n; i++) {
		const struct form_cell *c = &r->cell[i];
		const double w = c->width * unit;
		const struct page_style s = style_of(&d->p, c, w - 2 * PAD_X);
		const double h = page_text_height(&d->p, &s, w - 2 * PAD_X, c->text);

		if (c->look == FORM_LABEL)
			page_tint(&d->p, x, y, w, height);
		if (!r->bare)
			page_box(&d->p, x, y, w, height, 0.5);
		page_text(&d->p, &s, x + PAD_X, y + (height - h) / 2, w - 2 * PAD_X, c->text);
		x += w;
	}
}

static void draw_group(struct drawing *d, size_t g, size_t at, double y)
{
	static const struct page_style tag = {11, PAGE_CENTER, 0};
	const struct form_group *group = &d->f->group[g];
	const double x = LEFT + WIDTH - group_width(group);
	const double top = y;
	bool framed = false;

	if (group->tag != NULL) {
		page_tint(&d->p, LEFT, y, TAG, d->group[g]);
		page_text(&d->p, &tag, LEFT,
			  y + (d->group[g] - page_text_height(&d->p, &tag, TAG, group->tag)) / 2,
			  TAG, group->tag);
	}
	for (size_t r = 0; r < group->n; r++) {
		draw_row(d, &group->row[r], x, y, group_width(group), d->height[at + r]);
		framed = framed || !group->row[r].bare;
		y += d->height[at + r];
	}
	if (framed)
		page_box(&d->p, LEFT, top, WIDTH, d->group[g], 1.1);
}

static void draw_title(struct drawing *d)
{
	static const struct page_style small = {10.5, PAGE_CENTER, 0}, test = {10.5, PAGE_RIGHT, 4};
	const struct page_style title = {21, PAGE_CENTER, d->f->title_spacing};

	page_text(&d->p, &title, LEFT, TOP, WIDTH, d->f->title);
	if (d->f->subtitle != NULL)
		page_text(&d->p, &small, LEFT, TOP + 32, WIDTH, d->f->subtitle);
	if (d->office->marked_test)
		page_text(&d->p, &test, LEFT, 26, WIDTH, "テスト");
}

/* R4-15: sentence, date with era and western year, mayor's name, seal. */
static void draw_foot(struct drawing *d)
{
	static const struct page_style plain = {12, PAGE_LEFT, 0}, name = {14, PAGE_LEFT, 1.5};
	const char *parts[] = {d->office->place, d->office->title, d->office->mayor};
	char era[64], date[128], mayor[700];
	double y = FOOT + 14, w;

	card_date_format_era(d->day, era, sizeof era);
	snprintf(date, sizeof date, "%s（%d年%d月%d日）", era, d->day.year, d->day.month,
		 d->day.day);
	page_text(&d->p, &plain, LEFT + 8, y, WIDTH - 16, d->f->sentence);
	y += page_text_height(&d->p, &plain, WIDTH - 16, d->f->sentence) + 10;
	page_text(&d->p, &plain, LEFT + 28, y, WIDTH, date);
	snprintf(mayor, sizeof mayor, "%s　%s", parts[1], parts[2]);
	w = page_text_width(&d->p, &name, mayor);
	y += 30;
	if (w > WIDTH - SEAL - 110)
		w = WIDTH - SEAL - 110;
	page_text(&d->p, &name, LEFT + WIDTH - SEAL - 24 - w, y + 8, w + 4, mayor);
	page_seal(&d->p, d->office->seal, LEFT + WIDTH - SEAL - 8, y - 14, SEAL);
}

static void draw_page(struct drawing *d, size_t page)
{
	static const struct page_style number = {10, PAGE_CENTER, 0}, office = {9, PAGE_LEFT, 0},
				       more = {10.5, PAGE_RIGHT, 0}, caption = {10, PAGE_RIGHT, 6};
	char text[40];
	double y = FIRST;
	size_t at = 0;

	draw_title(d);
	if (d->f->picture != NULL) {
		page_box(&d->p, (PAGE_WIDTH - BOX) / 2, FIRST, BOX, BOX, 1.1);
		page_text(&d->p, &caption, (PAGE_WIDTH - BOX) / 2 - 60, FIRST, 52, "印影");
		page_picture(&d->p, d->f->picture, (PAGE_WIDTH - PICTURE) / 2,
			     FIRST + (BOX - PICTURE) / 2, PICTURE);
	}
	for (size_t g = 0; g < d->f->n; at += d->f->group[g++].n) {
		if (d->page[g] != page && !(g == 0 && d->f->repeat))
			continue;
		y += d->f->group[g].before;
		draw_group(d, g, at, y);
		y += d->group[g];
	}
	if (page + 1 == d->pages && d->f->end != NULL)
		page_text(&d->p, &more, LEFT, y + 4, WIDTH, d->f->end);
	if (page + 1 == d->pages)
		draw_foot(d);
	else
		page_text(&d->p, &more, LEFT, FOOT + 14, WIDTH, "（次頁に続く）");
	snprintf(text, sizeof text, "%zu／%zu", page + 1, d->pages);
	page_text(&d->p, &number, LEFT, NUMBER, WIDTH, text);
	page_text(&d->p, &office, LEFT, NUMBER, WIDTH, d->office->place);
}

static enum card_error draw_all(struct drawing *d, struct flow_certificate *out)
{
	enum card_error err = page_begin(&d->p, d->p.fonts, d->time, &out->pdf, &out->drawn);

	if (err == CARD_OK)
		err = lay_out(d);
	for (size_t i = 0; err == CARD_OK && i < d->pages; i++) {
		draw_page(d, i);
		page_next(&d->p);
	}
	if (d->p.err == CARD_OK)
		d->p.err = err;
	err = page_end(&d->p);
	out->missing = d->p.missing;
	out->pages = d->pages;
	return err;
}

enum card_error form_draw(const struct form *f, flow_fonts_t *fonts,
			  const struct flow_issuing_office *office, int64_t time,
			  struct flow_certificate *out)
{
	struct drawing d = {.f = f,
			    .p = {.fonts = fonts},
			    .office = office,
			    .time = time,
			    .day = card_date_in_japan(time)};
	size_t rows = 0;
	enum card_error err = CARD_ERR_NO_MEMORY;

	for (size_t g = 0; g < f->n; g++)
		rows += f->group[g].n;
	d.height = calloc(rows + 1, sizeof *d.height);
	d.group = calloc(f->n + 1, sizeof *d.group);
	d.page = calloc(f->n + 1, sizeof *d.page);
	if (!f->failed && d.height != NULL && d.group != NULL && d.page != NULL)
		err = draw_all(&d, out);
	free(d.height);
	free(d.group);
	free(d.page);
	return err;
}
