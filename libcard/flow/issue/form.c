/* SPDX-License-Identifier: Apache-2.0 */
/* form.c — building a form; its texts are wiped when it is given back. */
#include "form.h"

#include <card/secret.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *copy(struct form *f, const char *text)
{
	char *out = strdup(text != NULL ? text : "");

	f->failed = f->failed || out == NULL;
	return out;
}

/* One more element behind n others. */
static void *more(struct form *f, void *array, size_t n, size_t size)
{
	void *out = realloc(array, (n + 1) * size);

	if (out == NULL) {
		f->failed = true;
		return array;
	}
	memset((uint8_t *)out + n * size, 0, size);
	return out;
}

void form_group(struct form *f, const char *tag, double before)
{
	f->group = more(f, f->group, f->n, sizeof *f->group);
	if (f->failed)
		return;
	f->n++;
	f->group[f->n - 1].tag = tag != NULL ? copy(f, tag) : NULL;
	f->group[f->n - 1].before = before;
}

void form_row(struct form *f, double least)
{
	struct form_group *g;

	if (f->failed || f->n == 0)
		return;
	g = &f->group[f->n - 1];
	g->row = more(f, g->row, g->n, sizeof *g->row);
	if (!f->failed)
		g->row[g->n++].least = least;
}

static struct form_row *last_row(struct form *f)
{
	struct form_group *g;

	if (f->failed || f->n == 0 || f->group[f->n - 1].n == 0)
		return NULL;
	g = &f->group[f->n - 1];
	return &g->row[g->n - 1];
}

void form_cell(struct form *f, double width, enum form_look look, const char *text)
{
	struct form_row *r = last_row(f);

	if (r == NULL || r->n == FORM_CELLS)
		return;
	r->cell[r->n++] = (struct form_cell){width, look, copy(f, text)};
}

void form_bare(struct form *f)
{
	struct form_row *r = last_row(f);

	if (r != NULL)
		r->bare = true;
}

void form_pair(struct form *f, const char *label, double label_width, const char *value,
	       double value_width)
{
	form_cell(f, label_width, FORM_LABEL, label);
	form_cell(f, value_width, FORM_VALUE, value);
}

void form_text(struct form *f, char **where, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	if (vasprintf(where, format, ap) < 0) {
		*where = NULL;
		f->failed = true;
	}
	va_end(ap);
}

static void drop(char *text)
{
	if (text != NULL)
		card_wipe(text, strlen(text));
	free(text);
}

void form_free(struct form *f)
{
	for (size_t g = 0; g < f->n; g++) {
		struct form_group *group = &f->group[g];

		for (size_t r = 0; r < group->n; r++) {
			for (size_t c = 0; c < group->row[r].n; c++)
				drop(group->row[r].cell[c].text);
		}
		free(group->row);
		drop(group->tag);
	}
	free(f->group);
	drop(f->subtitle);
	drop(f->sentence);
	drop(f->end);
	*f = (struct form){.title = NULL};
}
