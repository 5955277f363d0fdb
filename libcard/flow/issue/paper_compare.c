/* SPDX-License-Identifier: Apache-2.0 */
#include "paper_compare.h"

#include "paper_lay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MM 25.4

/* Ink this near to issued ink is the same stroke, spread by toner or the lamp. */
#define NEAR_MM 0.20
/* Strokes that differ cover at least this much, in mm²; lone specks on empty paper more. */
#define STROKE_MM2 0.045
#define SPECK_MM2  1.0
/* Patches nearer than this are one difference to the reader of the report. */
#define SAME_MM 2.0
/* "Empty paper": no issued ink within this distance. */
#define EMPTY_MM 1.2

/* Shares of the way from ink to paper: darker than the first is ink where none was issued; lighter
 * than the second is paper where a stroke, perhaps a hairline, should be. */
#define SURELY_INK   0.45
#define SURELY_PAPER 0.78

/* The scan's ink (under issued strokes) and paper. */
static void levels(const struct laid *l, double *ink, double *paper)
{
	size_t dark[256] = {0}, all[256] = {0}, n = (size_t)l->scan.width * l->scan.height,
	       inks = 0;
	size_t sum = 0;
	unsigned black = 0, white = 255;

	for (size_t i = 0; i < n; i++) {
		all[l->scan.pixels[i]]++;
		if (l->issued->pixels[i] < 128) {
			dark[l->scan.pixels[i]]++;
			inks++;
		}
	}
	while (black < 255 && (sum += dark[black]) * 4 < inks) /* the darker quarter */
		black++;
	sum = 0;
	while (white > 0 && (sum += all[white]) * 2 < n)
		white--;
	*ink = black;
	*paper = white > black ? white : black + 1;
}

/* 1 where a pixel that is set lies within `reach` pixels. On the heap. */
static uint8_t *spread(const uint8_t *set, uint32_t width, uint32_t height, double reach)
{
	uint8_t *out = width > 0 && height > 0 ? calloc(height, width) : NULL;
	int r = (int)floor(reach);

	if (out == NULL)
		return NULL;
	for (int y = 0; y < (int)height; y++)
		for (int x = 0; x < (int)width; x++) {
			if (!set[(size_t)y * width + (size_t)x])
				continue;
			for (int j = -r; j <= r; j++)
				for (int i = -r; i <= r; i++) {
					int u = x + i, v = y + j;

					if (i * i + j * j <= reach * reach && u >= 0 && v >= 0 &&
					    u < (int)width && v < (int)height)
						out[(size_t)v * width + (size_t)u] = 1;
				}
		}
	return out;
}

/* One connected patch: its pixels are cleared as they are counted. */
struct patch {
	uint32_t left, top, right, bottom;
	size_t n;
	bool near_ink;
};

static struct patch take(uint8_t *set, const uint8_t *surroundings, uint32_t width, uint32_t height,
			 size_t from, size_t *stack)
{
	struct patch p = {(uint32_t)(from % width),
			  (uint32_t)(from / width),
			  (uint32_t)(from % width),
			  (uint32_t)(from / width),
			  0,
			  false};
	size_t depth = 0;

	set[from] = 0;
	stack[depth++] = from;
	while (depth > 0) {
		size_t at = stack[--depth];
		uint32_t x = (uint32_t)(at % width), y = (uint32_t)(at / width);

		p.n++;
		p.near_ink = p.near_ink || surroundings[at];
		p.left = x < p.left ? x : p.left;
		p.right = x > p.right ? x : p.right;
		p.bottom = y > p.bottom ? y : p.bottom;
		for (int j = -1; j <= 1; j++)
			for (int i = -1; i <= 1; i++) {
				int64_t u = (int64_t)x + i, v = (int64_t)y + j;
				size_t next = (size_t)v * width + (size_t)u;

				if (u < 0 || v < 0 || u >= width || v >= height || !set[next])
					continue;
				set[next] = 0;
				stack[depth++] = next;
			}
	}
	return p;
}

/* Widen a difference that lies next to the patch; false if none does. */
static bool joined(struct flow_paper_report *r, const struct flow_paper_difference *d)
{
	for (size_t i = 0; i < r->difference_count; i++) {
		struct flow_paper_difference *k = &r->differences[i];
		double right, bottom;

		if (d->x > k->x + k->width + SAME_MM || k->x > d->x + d->width + SAME_MM ||
		    d->y > k->y + k->height + SAME_MM || k->y > d->y + d->height + SAME_MM)
			continue;
		right = fmax(k->x + k->width, d->x + d->width);
		bottom = fmax(k->y + k->height, d->y + d->height);
		k->x = fmin(k->x, d->x);
		k->y = fmin(k->y, d->y);
		k->width = right - k->x;
		k->height = bottom - k->y;
		k->missing |= d->missing;
		k->added |= d->added;
		return true;
	}
	return false;
}

static void note(struct flow_paper_report *r, const struct patch *p, double dpi, bool missing)
{
	const double mm = MM / dpi;
	const struct flow_paper_difference d = {p->left * mm,
						p->top * mm,
						(p->right - p->left + 1) * mm,
						(p->bottom - p->top + 1) * mm,
						missing,
						!missing};

	if (!joined(r, &d) && r->difference_count < sizeof r->differences / sizeof *r->differences)
		r->differences[r->difference_count++] = d;
}

/* The patches of one set that are no accident of print or scan. */
static enum card_error find_patches(uint8_t *set, const uint8_t *surroundings, const struct laid *l,
				    bool missing, struct flow_paper_report *r)
{
	uint32_t width = l->scan.width, height = l->scan.height;
	double pixel = MM / l->dpi * MM / l->dpi;
	size_t n = (size_t)width * height, *stack = malloc(n * sizeof *stack);

	if (stack == NULL)
		return CARD_ERR_NO_MEMORY;
	for (size_t i = 0; i < n; i++) {
		struct patch p;

		if (!set[i])
			continue;
		p = take(set, surroundings, width, height, i, stack);
		if ((double)p.n * pixel >= (p.near_ink ? STROKE_MM2 : SPECK_MM2))
			note(r, &p, l->dpi, missing);
	}
	free(stack);
	return CARD_OK;
}

static enum card_error differences(const struct laid *l, struct flow_paper_report *r)
{
	uint32_t width = l->scan.width, height = l->scan.height;
	size_t n = (size_t)width * height;
	uint8_t *ours = calloc(1, n), *theirs = calloc(1, n), *near_ours = NULL,
		*near_theirs = NULL;
	uint8_t *around = NULL, *dark = calloc(1, n);
	double ink, paper;
	enum card_error e = CARD_ERR_NO_MEMORY;

	if (ours == NULL || theirs == NULL || dark == NULL)
		goto out;
	levels(l, &ink, &paper);
	for (size_t i = 0; i < n; i++) {
		double v = (l->scan.pixels[i] - ink) / (paper - ink);

		ours[i] = l->issued->pixels[i] < 128;
		theirs[i] = v < SURELY_PAPER;
		dark[i] = v < SURELY_INK;
	}
	near_ours = spread(ours, width, height, NEAR_MM / MM * l->dpi);
	near_theirs = spread(theirs, width, height, NEAR_MM / MM * l->dpi);
	around = spread(ours, width, height, EMPTY_MM / MM * l->dpi);
	if (near_ours == NULL || near_theirs == NULL || around == NULL)
		goto out;
	for (size_t i = 0; i < n; i++) {
		uint8_t missing = ours[i] && !near_theirs[i];

		dark[i] = dark[i] && !near_ours[i];
		ours[i] = missing;
	}
	e = find_patches(ours, around, l, true, r);
	if (e == CARD_OK)
		e = find_patches(dark, around, l, false, r);
out:
	free(ours);
	free(theirs);
	free(dark);
	free(near_ours);
	free(near_theirs);
	free(around);
	return e;
}

/* Runs of dark from the edge of a scan are what lies around the sheet, not ink on it. */
#define AROUND_BELOW 140

static void clear_run(struct flow_grey *g, size_t from, ptrdiff_t step, uint32_t most)
{
	uint8_t *p = g->pixels + from;

	for (uint32_t i = 0; i < most && *p < AROUND_BELOW; i++, p += step)
		*p = 255;
}

/* Only far enough in for the corners of a page that is turned by 6°. */
static void clear_around(struct flow_grey *g)
{
	uint32_t across = g->width / 8, down = g->height / 12;
	size_t width = g->width, last = width * (g->height - 1);

	for (uint32_t y = 0; y < g->height; y++) {
		clear_run(g, y * width, 1, across);
		clear_run(g, y * width + width - 1, -1, across);
	}
	for (uint32_t x = 0; x < g->width; x++) {
		clear_run(g, x, (ptrdiff_t)width, down);
		clear_run(g, last + x, -(ptrdiff_t)width, down);
	}
}

static enum card_error compare_clear(const struct flow_grey *issued, uint32_t dpi,
				     const struct flow_grey *scan, double scan_dpi,
				     struct flow_paper_report *report)
{
	struct laid l = {.issued = issued, .dpi = dpi};
	double scale = scan_dpi > 0 ? scan_dpi / dpi : (double)scan->height / issued->height;
	struct dots_map map;
	enum card_error e = compare_align(issued, dpi, scan, scale, &map);

	report->difference_count = 0;
	if (e == CARD_ERR_NOT_FOUND) {
		report->front_compare = CARD_CHECK_FAIL; /* another page, or none */
		return CARD_OK;
	}
	if (e == CARD_OK)
		e = flow_grey_make(&l.scan, issued->width, issued->height, 255);
	if (e == CARD_OK)
		e = paper_lay(&l, scan, &map);
	if (e == CARD_OK)
		e = differences(&l, report);
	flow_grey_free(&l.scan);
	if (e == CARD_OK)
		report->front_compare =
			report->difference_count > 0 ? CARD_CHECK_FAIL : CARD_CHECK_PASS;
	return e;
}

enum card_error paper_compare(const struct flow_grey *issued, uint32_t dpi,
			      const struct flow_grey *scan, double scan_dpi,
			      struct flow_paper_report *report)
{
	struct flow_grey clear;
	enum card_error e = flow_grey_make(&clear, scan->width, scan->height, 255);

	if (e != CARD_OK)
		return e;
	memcpy(clear.pixels, scan->pixels, (size_t)scan->width * scan->height);
	clear_around(&clear);
	e = compare_clear(issued, dpi, &clear, scan_dpi, report);
	flow_grey_free(&clear);
	return e;
}
