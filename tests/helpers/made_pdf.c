/* SPDX-License-Identifier: Apache-2.0 */
#include "made_pdf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "test.h"

static void put(struct made_pdf *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct made_pdf *p, const char *format, ...)
{
	char text[4096];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	assert_true(n >= 0 && (size_t)n < sizeof text);
	assert_ok(card_buf_append(&p->out, card_bytes(text, (size_t)n)));
}

void made_pdf_start(struct made_pdf *p)
{
	memset(p, 0, sizeof(*p));
	p->size = 1;
	p->extra = "";
	put(p, "%%PDF-1.7\n%%\xE2\xE3\xCF\xD3\n");
}

void made_pdf_continue(struct made_pdf *p, struct card_bytes file, unsigned size)
{
	const char *last = NULL;

	memset(p, 0, sizeof(*p));
	p->size = size;
	p->extra = "";
	assert_ok(card_buf_append(&p->out, file));
	for (size_t i = file.n - 9; i > 0 && last == NULL; i--) {
		if (memcmp(file.p + i, "startxref", 9) == 0)
			last = (const char *)file.p + i;
	}
	for (const uint8_t *at = file.p;
	     (at = memmem(at, (size_t)(file.p + file.n - at), "/Size ", 6)) != NULL; at += 6) {
		unsigned n = 0;

		if (sscanf((const char *)at + 6, "%u", &n) == 1 && n > p->size &&
		    n < MADE_PDF_OBJECTS)
			p->size = n;
	}
	assert_non_null(last);
	assert_int_equal(sscanf(last + 9, "%zu", &p->prev), 1);
}

static void begin(struct made_pdf *p, unsigned number)
{
	assert_true(number > 0 && number < MADE_PDF_OBJECTS);
	p->offset[number] = p->out.n;
	if (number >= p->size)
		p->size = number + 1;
	put(p, "%u 0 obj\n", number);
}

void made_pdf_object(struct made_pdf *p, unsigned number, const char *body)
{
	begin(p, number);
	put(p, "%s\nendobj\n", body);
}

void made_pdf_long_object(struct made_pdf *p, unsigned number, const char *body)
{
	begin(p, number);
	assert_ok(card_buf_append(&p->out, card_bytes(body, strlen(body))));
	put(p, "\nendobj\n");
}

void made_pdf_stream(struct made_pdf *p, unsigned number, const char *dict, const char *content)
{
	begin(p, number);
	put(p, "<< %s /Length %zu >>\nstream\n%s\nendstream\nendobj\n", dict, strlen(content),
	    content);
}

static void table(struct made_pdf *p, size_t hybrid)
{
	const size_t at = p->out.n;

	put(p, "xref\n");
	if (p->prev == 0)
		put(p, "0 1\n0000000000 65535 f \n");
	for (unsigned i = 1; i < p->size; i++) {
		if (p->offset[i] != 0)
			put(p, "%u 1\n%010zu 00000 n \n", i, p->offset[i]);
	}
	put(p, "trailer\n<< /Root %u 0 R /Size %u %s", p->root != 0 ? p->root : 1, p->size,
	    p->extra);
	if (p->prev != 0)
		put(p, " /Prev %zu", p->prev);
	if (hybrid != 0)
		put(p, " /XRefStm %zu", hybrid);
	put(p, " >>\nstartxref\n%zu\n%%%%EOF\n", at);
	p->prev = at;
}

static size_t stream_section(struct made_pdf *p, bool last)
{
	const unsigned own = p->size;
	const size_t at = p->out.n;
	unsigned rows = 0;

	begin(p, own);
	p->out.n = at;
	for (unsigned i = 1; i < p->size; i++)
		rows += p->offset[i] != 0;
	put(p, "%u 0 obj\n<< /Type /XRef /Root 1 0 R /Size %u %s /W [1 4 1]", own, p->size,
	    p->extra);
	if (p->prev != 0)
		put(p, " /Prev %zu", p->prev);
	put(p, " /Index [");
	for (unsigned i = 1; i < p->size; i++) {
		if (p->offset[i] != 0)
			put(p, "%u 1 ", i);
	}
	put(p, "] /Length %u >>\nstream\n", rows * 6);
	for (unsigned i = 1; i < p->size; i++) {
		const size_t o = p->offset[i];
		const uint8_t row[6] = {
			1, (uint8_t)(o >> 24), (uint8_t)(o >> 16), (uint8_t)(o >> 8), (uint8_t)o,
			0};

		if (o != 0)
			assert_ok(card_buf_append(&p->out, card_bytes(row, sizeof row)));
	}
	put(p, "\nendstream\nendobj\n");
	if (last) {
		put(p, "startxref\n%zu\n%%%%EOF\n", at);
		p->prev = at;
	}
	return at;
}

void made_pdf_finish(struct made_pdf *p, enum made_xref kind)
{
	if (kind == MADE_STREAM)
		stream_section(p, true);
	else
		table(p, kind == MADE_HYBRID ? stream_section(p, false) : 0);
	memset(p->offset, 0, sizeof p->offset);
}

void made_pdf_finish_pointing(struct made_pdf *p, unsigned number, size_t offset)
{
	p->offset[number] = offset;
	made_pdf_finish(p, MADE_TABLE);
}

void made_pdf_finish_free(struct made_pdf *p, unsigned number)
{
	const size_t at = p->out.n;

	put(p, "xref\n0 1\n%010u 65535 f \n%u 1\n0000000000 00001 f \n", number, number);
	put(p, "trailer\n<< /Root 1 0 R /Size %u /Prev %zu >>\nstartxref\n%zu\n%%%%EOF\n", p->size,
	    p->prev, at);
	p->prev = at;
}

/* The rows of a cross-reference stream: type, offset or stream, index. */
static void row(struct made_pdf *p, unsigned type, size_t where, unsigned index)
{
	const uint8_t r[6] = {(uint8_t)type,         (uint8_t)(where >> 24), (uint8_t)(where >> 16),
			      (uint8_t)(where >> 8), (uint8_t)where,         (uint8_t)index};

	assert_ok(card_buf_append(&p->out, card_bytes(r, sizeof r)));
}

void made_pdf_finish_packed(struct made_pdf *p, unsigned stream, const struct made_packed *objects,
			    size_t n)
{
	char head[1024] = "", bodies[8192] = "", dict[128];
	size_t h = 0, b = 0, at;
	unsigned own, rows = 0;

	for (size_t i = 0; i < n; i++) {
		h += (size_t)snprintf(head + h, sizeof head - h, "%u %zu ", objects[i].number, b);
		b += (size_t)snprintf(bodies + b, sizeof bodies - b, "%s ", objects[i].body);
		assert_true(h < sizeof head && b < sizeof bodies);
		if (objects[i].number >= p->size)
			p->size = objects[i].number + 1;
	}
	snprintf(dict, sizeof dict, "/Type /ObjStm /N %zu /First %zu", n, h);
	begin(p, stream);
	put(p, "<< %s /Length %zu >>\nstream\n", dict, h + b);
	assert_ok(card_buf_append(&p->out, card_bytes(head, h)));
	assert_ok(card_buf_append(&p->out, card_bytes(bodies, b)));
	put(p, "\nendstream\nendobj\n");
	own = p->size;
	at = p->out.n;
	begin(p, own);
	p->out.n = at;
	put(p, "%u 0 obj\n<< /Type /XRef /Root %u 0 R /Size %u %s /W [1 4 1]", own,
	    p->root != 0 ? p->root : 1, p->size, p->extra);
	if (p->prev != 0)
		put(p, " /Prev %zu", p->prev);
	put(p, " /Index [");
	for (unsigned i = 1; i < p->size; i++) {
		if (p->offset[i] != 0)
			put(p, "%u 1 ", i);
		rows += p->offset[i] != 0;
	}
	for (size_t i = 0; i < n; i++)
		put(p, "%u 1 ", objects[i].number);
	put(p, "] /Length %zu >>\nstream\n", (rows + n) * 6);
	for (unsigned i = 1; i < p->size; i++) {
		if (p->offset[i] != 0)
			row(p, 1, p->offset[i], 0);
	}
	for (size_t i = 0; i < n; i++)
		row(p, 2, stream, (unsigned)i);
	put(p, "\nendstream\nendobj\nstartxref\n%zu\n%%%%EOF\n", at);
	p->prev = at;
	memset(p->offset, 0, sizeof p->offset);
}

void made_pdf_simple(struct made_pdf *p, enum made_xref kind)
{
	made_pdf_start(p);
	made_pdf_object(p, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	made_pdf_object(p, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	made_pdf_object(p, 3,
			"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R "
			"/Resources << >> >>");
	made_pdf_stream(p, 4, "", "BT (Pay 100 yen) Tj ET");
	made_pdf_finish(p, kind);
}

void made_pdf_form(struct made_pdf *p, enum made_xref kind)
{
	made_pdf_start(p);
	made_pdf_object(p, 1, "<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R >>");
	made_pdf_object(p, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	made_pdf_object(p, 3,
			"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R "
			"/Resources << >> /Annots 7 0 R >>");
	made_pdf_stream(p, 4, "", "BT (Pay 100 yen) Tj ET");
	made_pdf_object(p, 5, "<< /Fields 6 0 R /DA (/Helv 0 Tf) >>");
	made_pdf_object(p, 6, "[8 0 R]");
	made_pdf_object(p, 7, "[8 0 R]");
	made_pdf_object(p, 8,
			"<< /Type /Annot /Subtype /Widget /FT /Tx /T (Amount) /V (100) "
			"/Rect [10 10 90 30] >>");
	made_pdf_finish(p, kind);
}
