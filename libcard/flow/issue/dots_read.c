/* SPDX-License-Identifier: Apache-2.0 */
#include "dots.h"

#include "dots_cells.h"
#include "reed_solomon.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NODES_X (DOTS_ACROSS + 1)
#define NODES_Y (DOTS_DOWN + 1)
#define NODES   (NODES_X * NODES_Y)

/* How alike the scan must be to a mark to be taken for one (correlation, 1 is the same). */
#define ALIKE 0.55

/* One mark of the field: where it should be, where it was found. */
struct node {
	double x, y; /* middle, on the page */
	double u, v; /* on the scan */
	double far;  /* from the beginning of the reading */
	bool found;
};

struct reading {
	const struct flow_grey *scan;
	uint32_t left, top;
	struct dots_map map;
	struct node nodes[NODES];
};

/* Correlation of the scan around (u, v) with the pattern of a mark. */
static double likeness(const struct reading *r, double u, double v)
{
	double sum = 0, squares = 0, product = 0, pattern = 0, n = DOTS_MARK * DOTS_MARK, spread;

	for (uint32_t y = 0; y < DOTS_MARK; y++)
		for (uint32_t x = 0; x < DOTS_MARK; x++) {
			double dx = (x + 0.5 - DOTS_MARK / 2.0) * DOTS_CELL;
			double dy = (y + 0.5 - DOTS_MARK / 2.0) * DOTS_CELL;
			double value = flow_grey_at(r->scan, u + r->map.a * dx + r->map.b * dy,
						    v + r->map.d * dx + r->map.e * dy);
			double sign = dots_mark_black(x, y) ? -1 : 1;

			sum += value;
			squares += value * value;
			product += value * sign;
			pattern += sign;
		}
	spread = (squares - sum * sum / n) * (n - pattern * pattern / n);
	return spread > 1 ? (product - sum * pattern / n) / sqrt(spread) : 0;
}

/* The best place within `reach` pixels of (u, v), first in whole pixels, then in quarters. */
static bool search(const struct reading *r, double *u, double *v, int reach)
{
	double best = -2, at_u = *u, at_v = *v, from_u, from_v;

	for (int j = -reach; j <= reach; j++)
		for (int i = -reach; i <= reach; i++) {
			double s = likeness(r, *u + i, *v + j);

			if (s > best) {
				best = s;
				at_u = *u + i;
				at_v = *v + j;
			}
		}
	from_u = at_u;
	from_v = at_v;
	for (int j = -3; j <= 3; j++)
		for (int i = -3; i <= 3; i++) {
			double s = likeness(r, from_u + i / 4.0, from_v + j / 4.0);

			if (s > best) {
				best = s;
				at_u = from_u + i / 4.0;
				at_v = from_v + j / 4.0;
			}
		}
	*u = at_u;
	*v = at_v;
	return best > ALIKE;
}

/* How far the marks already found around a node lie from where the map has them. */
static size_t drift(const struct reading *r, size_t node, double *du, double *dv)
{
	int x = (int)(node % NODES_X), y = (int)(node / NODES_X);
	size_t n = 0;

	*du = *dv = 0;
	for (int j = y - 1; j <= y + 1; j++)
		for (int i = x - 1; i <= x + 1; i++) {
			const struct node *k;
			double u, v;

			if (i < 0 || j < 0 || i >= (int)NODES_X || j >= (int)NODES_Y)
				continue;
			k = &r->nodes[j * (int)NODES_X + i];
			if (!k->found)
				continue;
			dots_map_point(&r->map, k->x, k->y, &u, &v);
			*du += k->u - u;
			*dv += k->v - v;
			n++;
		}
	if (n > 0) {
		*du /= (double)n;
		*dv /= (double)n;
	}
	return n;
}

/* Fit the map anew to the marks found; with few of them the first guess stays. */
static size_t refit(struct reading *r)
{
	double from[NODES][2], to[NODES][2];
	struct dots_map better;
	size_t n = 0;

	for (size_t i = 0; i < NODES; i++) {
		if (!r->nodes[i].found)
			continue;
		from[n][0] = r->nodes[i].x;
		from[n][1] = r->nodes[i].y;
		to[n][0] = r->nodes[i].u;
		to[n++][1] = r->nodes[i].v;
	}
	if (n >= 6 && dots_map_fit(from, to, n, &better) == CARD_OK)
		r->map = better;
	return n;
}

static int nearer(const void *a, const void *b)
{
	const struct node *const *x = a, *const *y = b;

	return (*x)->far < (*y)->far ? -1 : (*x)->far > (*y)->far;
}

/* Find the marks from `near` outwards; each found one makes the next easier to find. */
static size_t find_marks(struct reading *r, const double near[2])
{
	struct node *order[NODES];
	size_t found = 0;

	for (uint32_t i = 0; i < NODES; i++) {
		struct node *k = &r->nodes[i];
		const uint32_t column = i % NODES_X, row = i / NODES_X;

		k->x = r->left + (column * DOTS_TILE + DOTS_MARK / 2.0) * DOTS_CELL;
		k->y = r->top + (row * DOTS_TILE + DOTS_MARK / 2.0) * DOTS_CELL;
		k->far = hypot(k->x - near[0], k->y - near[1]);
		order[i] = k;
	}
	qsort(order, NODES, sizeof order / NODES, nearer);
	for (size_t i = 0; i < NODES; i++) {
		struct node *k = order[i];
		double u, v, du, dv;
		size_t known = drift(r, (size_t)(k - r->nodes), &du, &dv);

		dots_map_point(&r->map, k->x, k->y, &u, &v);
		u += du;
		v += dv;
		k->found = search(r, &u, &v, known >= 2 ? 5 : 24);
		k->u = u;
		k->v = v;
		if (k->found && (++found < 20 || found % 10 == 0))
			refit(r);
	}
	return refit(r);
}

/* The place of a mark on the scan, or the best guess where it was not found. */
static void settle(struct reading *r)
{
	for (size_t i = 0; i < NODES; i++) {
		struct node *k = &r->nodes[i];
		double u, v, du, dv;

		if (k->found)
			continue;
		dots_map_point(&r->map, k->x, k->y, &u, &v);
		drift(r, i, &du, &dv);
		k->u = u + du;
		k->v = v + dv;
	}
}

/* The value of a cell, placed between the four marks around it. */
static double cell(const struct reading *r, uint32_t column, uint32_t row)
{
	double x = (column + 0.5 - DOTS_MARK / 2.0) / DOTS_TILE;
	double y = (row + 0.5 - DOTS_MARK / 2.0) / DOTS_TILE, sum = 0;
	uint32_t i = x < 0 ? 0 : (uint32_t)x, j = y < 0 ? 0 : (uint32_t)y;
	const struct node *k;
	double u, v, s, t;

	i = i < DOTS_ACROSS ? i : DOTS_ACROSS - 1;
	j = j < DOTS_DOWN ? j : DOTS_DOWN - 1;
	k = &r->nodes[j * NODES_X + i];
	s = x - i;
	t = y - j;
	u = (1 - t) * ((1 - s) * k[0].u + s * k[1].u) +
	    t * ((1 - s) * k[NODES_X].u + s * k[NODES_X + 1].u);
	v = (1 - t) * ((1 - s) * k[0].v + s * k[1].v) +
	    t * ((1 - s) * k[NODES_X].v + s * k[NODES_X + 1].v);
	for (int dy = -1; dy <= 1; dy++)
		for (int dx = -1; dx <= 1; dx++)
			sum += flow_grey_at(r->scan, u + r->map.a * dx + r->map.b * dy,
					    v + r->map.d * dx + r->map.e * dy);
	return sum / 9;
}

/* Black and white are in balance in a tile: its mean parts them. */
static void thresholds(const float *cells, float level[DOTS_DOWN + 1][DOTS_ACROSS + 1])
{
	for (uint32_t j = 0; j <= DOTS_DOWN; j++)
		for (uint32_t i = 0; i <= DOTS_ACROSS; i++) {
			double sum = 0;
			size_t n = 0;

			for (uint32_t y = j * DOTS_TILE; y < (j + 1) * DOTS_TILE && y < DOTS_ROWS;
			     y++)
				for (uint32_t x = i * DOTS_TILE;
				     x < (i + 1) * DOTS_TILE && x < DOTS_COLUMNS; x++) {
					if (dots_in_mark(x, y))
						continue;
					sum += (double)cells[y * DOTS_COLUMNS + x];
					n++;
				}
			level[j][i] = n > 0 ? (float)(sum / (double)n) : 128;
		}
}

static enum card_error read_field(const struct reading *r, uint8_t field[DOTS_FIELD])
{
	float level[DOTS_DOWN + 1][DOTS_ACROSS + 1];
	float *cells = malloc(sizeof *cells * DOTS_COLUMNS * DOTS_ROWS);
	size_t bit = 0;

	if (cells == NULL)
		return CARD_ERR_NO_MEMORY;
	for (uint32_t row = 0; row < DOTS_ROWS; row++)
		for (uint32_t column = 0; column < DOTS_COLUMNS; column++)
			cells[row * DOTS_COLUMNS + column] = (float)cell(r, column, row);
	thresholds(cells, level);
	memset(field, 0, DOTS_FIELD);
	for (uint32_t row = 0; row < DOTS_ROWS; row++)
		for (uint32_t column = 0; column < DOTS_COLUMNS; column++) {
			if (dots_in_mark(column, row))
				continue;
			if (cells[row * DOTS_COLUMNS + column] <
			    level[row / DOTS_TILE][column / DOTS_TILE])
				field[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
			bit++;
		}
	free(cells);
	return CARD_OK;
}

static enum card_error decode(const uint8_t field[DOTS_FIELD], card_buf_t *out, size_t *repaired)
{
	size_t total = 0;
	enum card_error e = CARD_OK;

	for (size_t b = 0; b < DOTS_BLOCKS && e == CARD_OK; b++) {
		uint8_t block[RS_BLOCK];
		int n;

		for (size_t i = 0; i < RS_BLOCK; i++)
			block[i] = field[i * DOTS_BLOCKS + b];
		n = rs_decode(block);
		if (n < 0)
			return CARD_ERR_MALFORMED;
		total += (size_t)n;
		e = card_buf_append(out, card_bytes(block, RS_DATA));
	}
	*repaired = total;
	return e;
}

enum card_error dots_read(const struct flow_grey *scan, const struct dots_map *guess,
			  const double near[2], uint32_t left, uint32_t top,
			  const uint8_t seed[DOTS_SEED], card_buf_t *out, size_t *repaired)
{
	struct reading r = {.scan = scan, .left = left, .top = top, .map = *guess};
	uint8_t field[DOTS_FIELD];
	enum card_error e;

	if (find_marks(&r, near) < NODES / 2)
		return CARD_ERR_MALFORMED;
	settle(&r);
	e = read_field(&r, field);
	if (e == CARD_OK)
		e = dots_hide(field, seed);
	if (e == CARD_OK)
		e = decode(field, out, repaired);
	return e;
}
