/* SPDX-License-Identifier: Apache-2.0 */
/* pdf_import.c — objects of one document become objects of another's update. */
#include "pdf_update.h"

#include <stdlib.h>
#include <string.h>

struct import {
	struct pdf_update *u;
	struct pdf *from;
	uint32_t *number; /* by the old one: the new one; 0: not met yet */
	uint32_t *queue;  /* old numbers, in the order they were met */
	size_t queued, done;
};

static uint32_t new_number(struct import *m, int64_t old)
{
	if (old <= 0 || (uint64_t)old >= m->from->n)
		return 0;
	if (m->number[old] == 0) {
		m->number[old] = pdf_new_number(m->u);
		m->queue[m->queued++] = (uint32_t)old;
	}
	return m->number[old];
}

static void value(struct import *m, const struct pdf_obj *o);

static void entries(struct import *m, const struct pdf_obj *dict, const char *leave)
{
	for (size_t i = 0; i + 1 < dict->n; i += 2) {
		if (card_bytes_equal(dict->items[i].text, card_bytes(leave, strlen(leave))))
			continue;
		pdf_out_bytes(m->u, dict->items[i].raw);
		pdf_out(m->u, " ");
		value(m, &dict->items[i + 1]);
		pdf_out(m->u, "\n");
	}
}

static void value(struct import *m, const struct pdf_obj *o)
{
	if (o->kind == PDF_REF) {
		const uint32_t n = new_number(m, o->number);

		if (n == 0)
			pdf_out(m->u, "null");
		else
			pdf_out(m->u, "%u 0 R", n);
	} else if (o->kind == PDF_DICT) {
		pdf_out(m->u, "<<");
		entries(m, o, "");
		pdf_out(m->u, ">>");
	} else if (o->kind == PDF_ARRAY) {
		pdf_out(m->u, "[");
		for (size_t i = 0; i < o->n; i++) {
			value(m, &o->items[i]);
			pdf_out(m->u, " ");
		}
		pdf_out(m->u, "]");
	} else {
		pdf_out_bytes(m->u, o->raw);
	}
}

static void stream(struct import *m, struct card_bytes bytes)
{
	pdf_out(m->u, "/Length %zu >>\nstream\n", bytes.n);
	pdf_out_bytes(m->u, bytes);
	pdf_out(m->u, "\nendstream");
}

/* The objects that were met and not yet written; they may lead to more. */
static enum card_error rest(struct import *m)
{
	enum card_error err = CARD_OK;

	while (err == CARD_OK && m->done < m->queued) {
		const uint32_t old = m->queue[m->done++];
		struct card_bytes bytes;
		struct pdf_obj o;

		err = pdf_load(m->from, old, &o, &bytes);
		pdf_begin(m->u, m->number[old]);
		if (bytes.p != NULL) {
			pdf_out(m->u, "<<");
			entries(m, &o, "Length");
			stream(m, bytes);
		} else {
			value(m, &o);
		}
		pdf_end(m->u);
	}
	return err;
}

static enum card_error form(struct import *m, uint32_t own, const int matrix[4], double width,
			    double height)
{
	static const char *const encoding[] = {"Filter", "DecodeParms"};
	struct pdf_obj resources, dict;
	struct card_bytes content = {NULL, 0};
	const struct pdf_obj *ref;
	struct pdf_page page;
	enum card_error err = pdf_page_at(m->from, 1, &page);

	if (err == CARD_OK)
		err = pdf_get_resolved(m->from, &page.dict, "Resources", &resources);
	ref = err == CARD_OK ? pdf_get(&page.dict, "Contents") : NULL;
	if (ref == NULL || ref->kind != PDF_REF)
		return err != CARD_OK ? err : CARD_ERR_INTERNAL;
	err = pdf_load(m->from, (uint32_t)ref->number, &dict, &content);
	if (err != CARD_OK || content.p == NULL)
		return err != CARD_OK ? err : CARD_ERR_INTERNAL;
	pdf_begin(m->u, own);
	pdf_out(m->u, "<< /Type /XObject /Subtype /Form /Matrix [%d %d %d %d 0 0]\n/BBox [0 0 ",
		matrix[0], matrix[1], matrix[2], matrix[3]);
	pdf_out_number(m->u, width);
	pdf_out(m->u, " ");
	pdf_out_number(m->u, height);
	pdf_out(m->u, "]\n/Resources ");
	value(m, &resources);
	for (size_t i = 0; i < 2; i++) {
		const struct pdf_obj *v = pdf_get(&dict, encoding[i]);

		if (v != NULL) {
			pdf_out(m->u, "\n/%s ", encoding[i]);
			value(m, v);
		}
	}
	pdf_out(m->u, "\n");
	stream(m, content);
	pdf_end(m->u);
	return rest(m);
}

uint32_t pdf_import_page(struct pdf_update *u, struct pdf *from, const int matrix[4], double width,
			 double height)
{
	struct import m = {.u = u, .from = from};
	const uint32_t own = pdf_new_number(u);
	enum card_error err = CARD_ERR_NO_MEMORY;

	m.number = calloc(from->n, sizeof(*m.number));
	m.queue = calloc(from->n, sizeof(*m.queue));
	if (m.number != NULL && m.queue != NULL)
		err = form(&m, own, matrix, width, height);
	if (u->err == CARD_OK)
		u->err = err;
	free(m.number);
	free(m.queue);
	return own;
}
