/* SPDX-License-Identifier: Apache-2.0 */
#include "pdf_case.h"

#include <stdio.h>
#include <stdlib.h>

/* Fonts are looked for by fontconfig, which keeps what it read of its own configuration. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\n";
}

struct made_person pdf_person;
const enum made_xref pdf_kinds[3] = {MADE_TABLE, MADE_STREAM, MADE_HYBRID};

int pdf_case_setup(void **state)
{
	(void)state;
	made_person(&pdf_person, MADE_SIGN, NULL);
	return 0;
}

int pdf_case_teardown(void **state)
{
	(void)state;
	made_person_free(&pdf_person);
	return 0;
}

enum card_error pdf_try_sign_with(struct card_bytes in, const struct flow_pdf_options *opt,
				  card_buf_t *out)
{
	const struct flow_signer s = made_signer(&pdf_person);
	flow_file_t *f = NULL;
	enum card_error err;

	assert_ok(flow_file_of_memory(&f, in));
	assert_ok(card_buf_append(out, in));
	err = flow_pdf_sign(f, opt, &s, out);
	flow_file_free(&f);
	return err;
}

enum card_error pdf_try_sign(struct card_bytes in, enum flow_pdf_kind kind, card_buf_t *out)
{
	const struct flow_pdf_options opt = {
		.kind = kind, .reason = "同意", .location = "東京 & Kyoto"};

	return pdf_try_sign_with(in, &opt, out);
}

card_buf_t pdf_sign_with(struct card_bytes in, const struct flow_pdf_options *opt)
{
	card_buf_t out = {0};

	assert_ok(pdf_try_sign_with(in, opt, &out));
	assert_memory_equal(out.p, in.p, in.n);
	return out;
}

card_buf_t pdf_sign(struct card_bytes in)
{
	const struct flow_pdf_options opt = {.reason = "同意", .location = "東京 & Kyoto"};

	return pdf_sign_with(in, &opt);
}

card_buf_t pdf_signed_simple(void)
{
	struct made_pdf p;
	card_buf_t out;

	made_pdf_simple(&p, MADE_TABLE);
	out = pdf_sign(card_buf_bytes(&p.out));
	card_buf_free(&p.out);
	return out;
}

card_buf_t pdf_signed_form(void)
{
	struct made_pdf p;
	card_buf_t out;

	made_pdf_form(&p, MADE_TABLE);
	out = pdf_sign(card_buf_bytes(&p.out));
	card_buf_free(&p.out);
	return out;
}

void pdf_fill_ranges_as(card_buf_t *file, size_t contents, size_t gap, size_t behind,
			unsigned flags)
{
	static const char hex[] = "0123456789abcdef";
	const struct flow_signer s = made_signer(&pdf_person);
	const struct flow_range ranges[] = {{0, gap}, {behind, file->n - behind}};
	uint8_t digest[CARD_HASH_MAX];
	card_buf_t cms = {0};
	flow_file_t *f = NULL;

	assert_ok(flow_file_of_memory(&f, card_buf_bytes(file)));
	assert_ok(flow_file_digest(f, CARD_HASH_SHA256, ranges, 2, digest));
	flow_file_free(&f);
	assert_ok(flow_cms_sign(&s, card_bytes(digest, 32), NULL, flags, &cms));
	for (size_t i = 0; i < cms.n; i++) {
		assert_true(file->p[contents + 2 * i] == '0');
		file->p[contents + 2 * i] = (uint8_t)hex[cms.p[i] >> 4];
		file->p[contents + 1 + 2 * i] = (uint8_t)hex[cms.p[i] & 15];
	}
	card_buf_free(&cms);
}

void pdf_fill_ranges(card_buf_t *file, size_t contents, size_t gap, size_t behind)
{
	pdf_fill_ranges_as(file, contents, gap, behind, FLOW_CMS_NO_SIGNING_TIME);
}

size_t pdf_put_range(card_buf_t *file, size_t from, size_t gap, size_t behind)
{
	char text[64];

	snprintf(text, sizeof text, "0 %zu %zu %zu", gap, behind, file->n - behind);
	memcpy(file->p + from, text, strlen(text));
	return from + strlen(text);
}

size_t pdf_place(const card_buf_t *file, const char *text, size_t from)
{
	const uint8_t *at = memmem(file->p + from, file->n - from, text, strlen(text));

	assert_non_null(at);
	return (size_t)(at - file->p);
}

void pdf_fill_hole(card_buf_t *file)
{
	pdf_fill_hole_behind(file, 0);
}

void pdf_fill_hole_behind(card_buf_t *file, size_t from)
{
	const size_t range = pdf_place(file, "/ByteRange [", from) + 12;
	const size_t gap = pdf_place(file, "/Contents <00", range) + 10;
	const size_t behind = pdf_place(file, ">", gap) + 1;

	(void)pdf_put_range(file, range, gap, behind);
	pdf_fill_ranges(file, gap + 1, gap, behind);
}

struct flow_report pdf_verify(struct card_bytes file, unsigned flags)
{
	struct flow_verify how = made_verify(&pdf_person);
	struct flow_report r;

	how.flags = flags;
	made_verify_bytes(&how, file, NULL, &r);
	return r;
}

enum card_verdict pdf_verdict(struct card_bytes file)
{
	struct flow_report r = pdf_verify(file, 0);
	const enum card_verdict v = r.verdict;

	flow_report_free(&r);
	return v;
}

static uint64_t every_reason(const struct flow_report *r)
{
	uint64_t all = r->reasons.document;

	for (size_t i = 0; i < r->n; i++)
		all |= r->signatures[i].reasons.document;
	return all;
}

void pdf_assert_refused_at(struct card_bytes file, enum flow_reason want, int line)
{
	struct flow_report r = pdf_verify(file, 0);
	const uint64_t all = every_reason(&r);

	if ((all >> (unsigned)want & 1u) == 0 || r.verdict != CARD_VERDICT_INVALID)
		fail_msg("line %d: %s is missing (%llx), %s", line, flow_reason_code(want),
			 (unsigned long long)all, card_verdict_name(r.verdict));
	flow_report_free(&r);
}

void pdf_assert_valid_at(struct card_bytes file, size_t signatures, int line)
{
	struct flow_report r = pdf_verify(file, 0);

	if (r.verdict != CARD_VERDICT_VALID || r.n != signatures)
		fail_msg("line %d: %s (%llx), %zu signatures", line, card_verdict_name(r.verdict),
			 (unsigned long long)every_reason(&r), r.n);
	flow_report_free(&r);
}

void pdf_assert_update_refused(const card_buf_t *file, unsigned number, const char *body,
			       enum made_xref kind, enum flow_reason want, int line)
{
	struct made_pdf p;

	made_pdf_continue(&p, card_buf_bytes(file), 20);
	made_pdf_object(&p, number, body);
	made_pdf_finish(&p, kind);
	pdf_assert_refused_at(card_buf_bytes(&p.out), want, line);
	card_buf_free(&p.out);
}

bool pdf_contains(const card_buf_t *b, const char *text)
{
	return memmem(b->p, b->n, text, strlen(text)) != NULL;
}
