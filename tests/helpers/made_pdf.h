/* SPDX-License-Identifier: Apache-2.0 */
/* made_pdf.h — PDF files written byte by byte, and updates appended to them. */
#ifndef MADE_PDF_H
#define MADE_PDF_H

#include <card/bytes.h>

#define MADE_PDF_OBJECTS 256u

struct made_pdf {
	card_buf_t out;
	size_t offset[MADE_PDF_OBJECTS]; /* written since the last section; 0: not */
	unsigned size;                   /* highest number and one */
	size_t prev;                     /* last section, or 0 */
	unsigned root;                   /* catalogue; 0: object 1 */
	const char *extra;               /* more entries of every trailer */
};

enum made_xref { MADE_TABLE, MADE_STREAM, MADE_HYBRID };

void made_pdf_start(struct made_pdf *p);
/* Go on from a finished file, new numbers not below `size`. */
void made_pdf_continue(struct made_pdf *p, struct card_bytes file, unsigned size);
void made_pdf_object(struct made_pdf *p, unsigned number, const char *body);
void made_pdf_long_object(struct made_pdf *p, unsigned number, const char *body); /* any length */
void made_pdf_stream(struct made_pdf *p, unsigned number, const char *dict, const char *content);
/* The section for what was written since the last one. */
void made_pdf_finish(struct made_pdf *p, enum made_xref kind);
/* A table that also gives these numbers these places. */
void made_pdf_finish_pointing(struct made_pdf *p, unsigned number, size_t offset);

/* A table in which this number is free. */
void made_pdf_finish_free(struct made_pdf *p, unsigned number);
/* Objects packed into an object stream of this number, named by a cross-reference stream. */
struct made_packed {
	unsigned number;
	const char *body;
};
void made_pdf_finish_packed(struct made_pdf *p, unsigned stream, const struct made_packed *objects,
			    size_t n);

/* Object 1 catalogue, 2 pages, 3 page, 4 its content "Pay 100 yen". */
void made_pdf_simple(struct made_pdf *p, enum made_xref kind);
/* The same with a form, an annotation and indirect arrays: 5 form, 6 fields, 7 annotations, 8 a text field. */
void made_pdf_form(struct made_pdf *p, enum made_xref kind);

#endif
