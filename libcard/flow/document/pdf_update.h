/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pdf_update.h — writing an incremental update (ISO 32000-1 §7.5.6).
 *
 * The first error stays in err and everything after it does nothing.
 */
#ifndef DOCUMENT_PDF_UPDATE_H
#define DOCUMENT_PDF_UPDATE_H

#include "pdf.h"

#define PDF_UPDATE_OBJECTS 128u

struct pdf_update {
	card_buf_t out;
	size_t base;   /* length of the file before */
	uint32_t next; /* number of the next new object */
	struct {
		uint32_t number, gen;
		uint64_t offset;
	} object[PDF_UPDATE_OBJECTS];
	size_t n;
	enum card_error err;
};

/* CARD_ERR_MALFORMED: the trailer's /Size is not above every object number. */
enum card_error pdf_update_start(struct pdf_update *u, const struct pdf *p);
void pdf_update_free(struct pdf_update *u);

uint32_t pdf_new_number(struct pdf_update *u);

void pdf_begin(struct pdf_update *u, uint32_t number);
void pdf_begin_gen(struct pdf_update *u, uint32_t number, unsigned gen);
void pdf_end(struct pdf_update *u);

void pdf_out(struct pdf_update *u, const char *format, ...) __attribute__((format(printf, 2, 3)));
void pdf_out_bytes(struct pdf_update *u, struct card_bytes bytes);

/* A number with up to three decimals, whatever the locale is. */
void pdf_out_number(struct pdf_update *u, double v);

/* The entries of a dictionary as they were written, but for some keys (NULL ends them). */
void pdf_copy_entries(struct pdf_update *u, const struct pdf_obj *dict, const char *const *leave);

/* The items of an array (nothing if it is none) as they were written, and one reference more. */
void pdf_copy_array_with(struct pdf_update *u, const struct pdf_obj *array, uint32_t reference);

/*
 * The first page of a document of our own making as a form XObject (§8.10) of this size, with all
 * that it refers to, under new numbers. matrix: what its /Matrix becomes. Returns its number.
 */
uint32_t pdf_import_page(struct pdf_update *u, struct pdf *from, const int matrix[4], double width,
			 double height);

/* Cross-reference section and trailer, of the same kind as the newest of the file. */
void pdf_update_finish(struct pdf_update *u, const struct pdf *p);

#endif
