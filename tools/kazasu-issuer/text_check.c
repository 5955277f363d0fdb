/* SPDX-License-Identifier: Apache-2.0 */
#include "text_check.h"

#include <card/secret.h>

#include <poppler.h>
#include <stdlib.h>

/* Characters without blanks, in code point order: lines of neighbouring cells come out mixed. */
struct letters {
	gunichar *u;
	size_t n;
};

static int compare(const void *a, const void *b)
{
	const gunichar x = *(const gunichar *)a, y = *(const gunichar *)b;

	return x < y ? -1 : x > y;
}

/* Poppler takes a hyphen at the end of a line for hyphenation and leaves it out: they are not counted.
 * None is ever put in (page_text.c). */
static bool is_counted(gunichar u)
{
	return !g_unichar_isspace(u) && !g_unichar_iscntrl(u) && u != '-' && u != 0xAD &&
	       u != 0x2010;
}

static bool add(struct letters *l, const char *text, size_t n)
{
	const char *c = text;
	gunichar *more;

	if (!g_utf8_validate(text, (gssize)n, NULL))
		return false;
	more = malloc((l->n + n + 1) * sizeof *more);
	if (more == NULL)
		return false;
	if (l->u != NULL) {
		memcpy(more, l->u, l->n * sizeof *more);
		card_wipe(l->u, l->n * sizeof *l->u);
		free(l->u);
	}
	l->u = more;
	while (c < text + n) {
		const gunichar u = g_utf8_get_char(c);

		if (is_counted(u))
			l->u[l->n++] = u;
		c += g_utf8_skip[*(const unsigned char *)c];
	}
	return true;
}

static void drop(struct letters *l)
{
	if (l->u != NULL)
		card_wipe(l->u, l->n * sizeof *l->u);
	free(l->u);
}

static bool read_page(PopplerDocument *d, int i, struct letters *l)
{
	PopplerPage *page = poppler_document_get_page(d, i);
	char *text = page != NULL ? poppler_page_get_text(page) : NULL;
	const bool ok = text != NULL && add(l, text, strlen(text));

	if (text != NULL)
		card_wipe(text, strlen(text));
	g_free(text);
	if (page != NULL)
		g_object_unref(page);
	return ok;
}

static bool read_all(struct card_bytes pdf, size_t pages, struct letters *l)
{
	GBytes *bytes = g_bytes_new_static(pdf.p, pdf.n);
	PopplerDocument *d = poppler_document_new_from_bytes(bytes, NULL, NULL);
	bool ok = d != NULL && poppler_document_get_n_pages(d) == (int)pages;

	for (int i = 0; ok && i < (int)pages; i++)
		ok = read_page(d, i, l);
	if (d != NULL)
		g_object_unref(d);
	g_bytes_unref(bytes);
	return ok;
}

bool text_check(struct card_bytes pdf, size_t pages, struct card_bytes drawn)
{
	struct letters said = {NULL, 0}, meant = {NULL, 0};
	bool same = read_all(pdf, pages, &said) && add(&meant, (const char *)drawn.p, drawn.n) &&
		    said.n == meant.n && said.u != NULL && meant.u != NULL;

	if (same) {
		qsort(said.u, said.n, sizeof *said.u, compare);
		qsort(meant.u, meant.n, sizeof *meant.u, compare);
		same = memcmp(said.u, meant.u, said.n * sizeof *said.u) == 0;
	}
	drop(&said);
	drop(&meant);
	return same;
}
