/* SPDX-License-Identifier: Apache-2.0 */
#include "pdf_update.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum card_error pdf_update_start(struct pdf_update *u, const struct pdf *p)
{
	const struct pdf_obj *size = pdf_get(&p->trailer, "Size");
	const uint8_t last = p->data.p[p->data.n - 1];

	memset(u, 0, sizeof(*u));
	u->base = p->data.n;
	if (size == NULL || size->kind != PDF_INT || size->number <= 0)
		return CARD_ERR_MALFORMED;
	u->next = (uint32_t)(p->n > (uint64_t)size->number ? p->n : (uint64_t)size->number);
	if ((uint64_t)size->number > PDF_OBJECTS_MAX || u->next >= PDF_OBJECTS_MAX - 8)
		return CARD_ERR_TOO_LONG;
	if (last != '\n' && last != '\r')
		pdf_out(u, "\n");
	return u->err;
}

void pdf_update_free(struct pdf_update *u)
{
	card_buf_free(&u->out);
}

uint32_t pdf_new_number(struct pdf_update *u)
{
	return u->next++;
}

void pdf_out_bytes(struct pdf_update *u, struct card_bytes bytes)
{
	if (u->err == CARD_OK)
		u->err = card_buf_append(&u->out, bytes);
}

void pdf_out(struct pdf_update *u, const char *format, ...)
{
	char text[512];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof text)
		u->err = u->err != CARD_OK ? u->err : CARD_ERR_INTERNAL;
	else
		pdf_out_bytes(u, card_bytes(text, (size_t)n));
}

void pdf_out_number(struct pdf_update *u, double v)
{
	const long long thousandths = (long long)(v * 1000 + (v < 0 ? -0.5 : 0.5));
	const long long whole = thousandths < 0 ? -thousandths : thousandths;

	pdf_out(u, "%s%lld.%03lld", thousandths < 0 ? "-" : "", whole / 1000, whole % 1000);
}

void pdf_begin_gen(struct pdf_update *u, uint32_t number, unsigned gen)
{
	if (u->n == PDF_UPDATE_OBJECTS) {
		u->err = CARD_ERR_INTERNAL;
		return;
	}
	u->object[u->n].number = number;
	u->object[u->n].gen = gen;
	u->object[u->n++].offset = u->base + u->out.n;
	pdf_out(u, "%u %u obj\n", number, gen);
}

void pdf_begin(struct pdf_update *u, uint32_t number)
{
	pdf_begin_gen(u, number, 0);
}

void pdf_end(struct pdf_update *u)
{
	pdf_out(u, "\nendobj\n");
}

static bool listed(const char *const *list, struct card_bytes key)
{
	for (; *list != NULL; list++) {
		if (card_bytes_equal(key, card_bytes(*list, strlen(*list))))
			return true;
	}
	return false;
}

void pdf_copy_entries(struct pdf_update *u, const struct pdf_obj *dict, const char *const *leave)
{
	for (size_t i = 0; i + 1 < dict->n; i += 2) {
		if (listed(leave, dict->items[i].text))
			continue;
		pdf_out(u, " ");
		pdf_out_bytes(u, dict->items[i].raw);
		pdf_out(u, " ");
		pdf_out_bytes(u, dict->items[i + 1].raw);
		pdf_out(u, "\n");
	}
}

void pdf_copy_array_with(struct pdf_update *u, const struct pdf_obj *array, uint32_t reference)
{
	pdf_out(u, "[");
	for (size_t i = 0; array->kind == PDF_ARRAY && i < array->n; i++) {
		pdf_out_bytes(u, array->items[i].raw);
		pdf_out(u, " ");
	}
	pdf_out(u, "%u 0 R]", reference);
}

static int by_number(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* What a trailer says anew, or what belongs to one section only. */
static const char *const section_keys[] = {"Size",  "Prev",   "XRefStm", "Type",        "W",
					   "Index", "Length", "Filter",  "DecodeParms", NULL};

static void table(struct pdf_update *u, const struct pdf *p)
{
	pdf_out(u, "xref\n");
	for (size_t i = 0; i < u->n;) {
		size_t k = i + 1;

		while (k < u->n && u->object[k].number == u->object[k - 1].number + 1)
			k++;
		pdf_out(u, "%u %zu\n", u->object[i].number, k - i);
		for (; i < k; i++)
			pdf_out(u, "%010llu %05u n \n", (unsigned long long)u->object[i].offset,
				u->object[i].gen);
	}
	pdf_out(u, "trailer\n<<");
	pdf_copy_entries(u, &p->trailer, section_keys);
	pdf_out(u, " /Size %u /Prev %zu >>\n", u->next, p->startxref);
}

static void stream(struct pdf_update *u, const struct pdf *p, size_t at)
{
	const uint32_t own = pdf_new_number(u);
	uint8_t row[9];

	u->object[u->n].number = own;
	u->object[u->n].gen = 0;
	u->object[u->n++].offset = u->base + at;
	pdf_out(u, "%u 0 obj\n<< /Type /XRef", own);
	pdf_copy_entries(u, &p->trailer, section_keys);
	pdf_out(u, " /Size %u /Prev %zu /W [1 6 2] /Index [", u->next, p->startxref);
	for (size_t i = 0; i < u->n; i++)
		pdf_out(u, "%u 1 ", u->object[i].number);
	pdf_out(u, "] /Length %zu >>\nstream\n", u->n * sizeof row);
	for (size_t i = 0; i < u->n; i++) {
		row[0] = 1;
		for (unsigned k = 0; k < 6; k++)
			row[1 + k] = (uint8_t)(u->object[i].offset >> (8 * (5 - k)));
		row[7] = (uint8_t)(u->object[i].gen >> 8);
		row[8] = (uint8_t)u->object[i].gen;
		pdf_out_bytes(u, card_bytes(row, sizeof row));
	}
	pdf_out(u, "\nendstream\nendobj\n");
}

void pdf_update_finish(struct pdf_update *u, const struct pdf *p)
{
	const size_t at = u->out.n;

	if (u->err != CARD_OK)
		return;
	qsort(u->object, u->n, sizeof u->object[0], by_number);
	if (p->xref_stream && u->n < PDF_UPDATE_OBJECTS)
		stream(u, p, at);
	else
		table(u, p);
	pdf_out(u, "startxref\n%zu\n%%%%EOF\n", u->base + at);
}
