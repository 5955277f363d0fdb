/* SPDX-License-Identifier: Apache-2.0 */
/* pdf_case.h — sign and verify PDF files made by hand, with one person for all tests of a program. */
#ifndef PDF_CASE_H
#define PDF_CASE_H

#include "made_document.h"
#include "made_pdf.h"
#include "test.h"

extern struct made_person pdf_person;
extern const enum made_xref pdf_kinds[3]; /* table, stream, hybrid */

/* For cmocka_run_group_tests. */
int pdf_case_setup(void **state);
int pdf_case_teardown(void **state);

/* Append in and its update to out. */
enum card_error pdf_try_sign_with(struct card_bytes in, const struct flow_pdf_options *opt,
				  card_buf_t *out);
enum card_error pdf_try_sign(struct card_bytes in, enum flow_pdf_kind kind, card_buf_t *out);

/* Signed as PAdES; in is unchanged at its beginning. */
card_buf_t pdf_sign(struct card_bytes in);
card_buf_t pdf_sign_with(struct card_bytes in, const struct flow_pdf_options *opt);
card_buf_t pdf_signed_simple(void); /* made_pdf_simple */
card_buf_t pdf_signed_form(void);   /* made_pdf_form */

/* Put a CMS of the person over the file into the hole of the first dictionary (behind an offset):
 * "/ByteRange [" with 40 blanks, and "/Contents <00…00>" after that. */
void pdf_fill_hole(card_buf_t *file);
void pdf_fill_hole_behind(card_buf_t *file, size_t from);
/* The steps of it: "0 gap behind rest" written at an offset; the CMS over everything but
 * [gap, behind) as digits from contents on. */
size_t pdf_put_range(card_buf_t *file, size_t from, size_t gap, size_t behind);
void pdf_fill_ranges(card_buf_t *file, size_t contents, size_t gap, size_t behind);
/* The same with flags of flow_cms_sign. */
void pdf_fill_ranges_as(card_buf_t *file, size_t contents, size_t gap, size_t behind,
			unsigned flags);
/* Offset of a text; the test fails if it is not there. */
size_t pdf_place(const card_buf_t *file, const char *text, size_t from);

struct flow_report pdf_verify(struct card_bytes file, unsigned flags);
enum card_verdict pdf_verdict(struct card_bytes file);

/* The file is invalid, for this reason among others. */
void pdf_assert_refused_at(struct card_bytes file, enum flow_reason want, int line);
#define pdf_assert_refused(file, want) pdf_assert_refused_at(file, want, __LINE__)
/* Valid, with this many signatures. */
void pdf_assert_valid_at(struct card_bytes file, size_t signatures, int line);
#define pdf_assert_valid(file, n) pdf_assert_valid_at(file, n, __LINE__)

/* An update over a signed document: an object with a new body is refused for this reason. */
void pdf_assert_update_refused(const card_buf_t *file, unsigned number, const char *body,
			       enum made_xref kind, enum flow_reason want, int line);
#define pdf_refused_update(f, n, b)                                                                \
	pdf_assert_update_refused(f, n, b, MADE_TABLE, FLOW_REASON_CHANGED_AFTER, __LINE__)

bool pdf_contains(const card_buf_t *b, const char *text);

#endif
