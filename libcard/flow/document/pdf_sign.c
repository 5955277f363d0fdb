/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pdf_sign.c — a signature as an incremental update (ISO 32000-1 §7.5.6, §12.8; EN 319 142-1).
 *
 * The update holds the signature dictionary, its field with an invisible widget on the first
 * page, whatever names them (form, catalogue, page), and a cross-reference section of the same
 * kind as the newest one in the file. What is rewritten is copied as it was written.
 */
#include <cardflow/sign.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "pdf_update.h"

/* Octets kept for the CMS: certificate, signature, attributes; with a token of an authority. */
#define ROOM_PLAIN     ((size_t)12 * 1024)
#define ROOM_TIMESTAMP ((size_t)28 * 1024)

struct job {
	struct pdf pdf;
	struct pdf_update up;
	struct pdf_obj catalog, form, fields, page, annots;
	uint32_t catalog_number, form_number, page_number, annots_number;
	uint32_t sig_number, field_number;
	size_t range_at, contents_at, room; /* places in the update */
};

/* ---- looking ---- */

static enum flow_pdf_refusal refusal_of(enum card_error err)
{
	switch (err) {
	case CARD_OK:
		return FLOW_PDF_FINE;
	case CARD_ERR_TOO_LONG:
		return FLOW_PDF_LARGE;
	case CARD_ERR_UNSUPPORTED:
		return FLOW_PDF_ENCRYPTED;
	case CARD_ERR_DENIED:
		return FLOW_PDF_CERTIFIED;
	default:
		return FLOW_PDF_BROKEN;
	}
}

static enum card_error check(struct pdf *p, struct card_bytes bytes)
{
	unsigned certified = 0;
	enum card_error err;

	/* Offsets in a table have ten digits (§7.5.4). */
	if (bytes.n > UINT64_C(9999000000))
		return CARD_ERR_TOO_LONG;
	err = pdf_open(p, bytes);
	if (err == CARD_OK && pdf_get(&p->trailer, "Encrypt") != NULL)
		return CARD_ERR_UNSUPPORTED;
	if (err == CARD_OK)
		err = pdf_certified(p, &certified);
	if (err == CARD_OK && certified == 1)
		return CARD_ERR_DENIED;
	return err == CARD_ERR_UNSUPPORTED ? CARD_ERR_MALFORMED : err;
}

enum card_error flow_pdf_look(const flow_file_t *in, enum flow_pdf_refusal *refusal,
			      uint64_t *pages, unsigned *signatures)
{
	struct pdf_obj catalog, tree, count;
	struct pdf_fields fields = {NULL, 0, 0};
	struct pdf p;
	enum card_error err;

	if (in == NULL || refusal == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	err = check(&p, flow_file_bytes(in));
	*refusal = refusal_of(err);
	if (err == CARD_OK && pdf_catalog(&p, &catalog) == CARD_OK &&
	    pdf_get_resolved(&p, &catalog, "Pages", &tree) == CARD_OK &&
	    pdf_get_resolved(&p, &tree, "Count", &count) == CARD_OK && count.number >= 0) {
		if (pages != NULL)
			*pages = (uint64_t)count.number;
		if (pdf_signature_fields(&p, &fields) != CARD_OK)
			*refusal = FLOW_PDF_BROKEN;
		if (signatures != NULL)
			*signatures = (unsigned)fields.n;
	} else if (err == CARD_OK) {
		*refusal = FLOW_PDF_BROKEN;
	}
	free(fields.field);
	pdf_close(&p);
	return CARD_OK;
}

/* ---- what is there already ---- */

static uint32_t number_of(const struct pdf_obj *o)
{
	return o != NULL && o->kind == PDF_REF && o->number <= PDF_OBJECTS_MAX ? (uint32_t)o->number
									       : 0;
}

static enum card_error find_parts(struct job *j)
{
	enum card_error err = pdf_catalog(&j->pdf, &j->catalog);

	j->catalog_number = number_of(pdf_get(&j->pdf.trailer, "Root"));
	if (err == CARD_OK && j->catalog_number == 0)
		err = CARD_ERR_MALFORMED;
	if (err == CARD_OK)
		err = pdf_get_resolved(&j->pdf, &j->catalog, "AcroForm", &j->form);
	j->form_number = number_of(pdf_get(&j->catalog, "AcroForm"));
	if (err == CARD_OK)
		err = pdf_get_resolved(&j->pdf, &j->form, "Fields", &j->fields);
	if (err == CARD_OK)
		err = pdf_first_page(&j->pdf, &j->page_number);
	if (err == CARD_OK)
		err = pdf_load(&j->pdf, j->page_number, &j->page, NULL);
	if (err == CARD_OK)
		err = pdf_get_resolved(&j->pdf, &j->page, "Annots", &j->annots);
	j->annots_number = number_of(pdf_get(&j->page, "Annots"));
	if (err == CARD_OK && j->form.kind == PDF_DICT && j->form.twice)
		err = CARD_ERR_MALFORMED;
	if (err == CARD_OK && j->form.kind != PDF_DICT)
		j->form_number = 0;
	if (err == CARD_OK && j->annots.kind != PDF_ARRAY)
		j->annots_number = 0;
	return err;
}

/* ---- the objects ---- */

/* A text string: UTF-16BE in hexadecimal (§7.9.2.2). */
static void text_string(struct pdf_update *u, const char *utf8, size_t n)
{
	pdf_out(u, "<FEFF");
	for (size_t i = 0; i < n;) {
		const uint8_t b = (uint8_t)utf8[i];
		const size_t len = b < 0x80 ? 1 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : 4;
		uint32_t c = len == 1 ? b : len == 2 ? b & 0x1Fu : len == 3 ? b & 0x0Fu : b & 0x07u;

		if (len > n - i)
			break;
		for (size_t k = 1; k < len; k++)
			c = c << 6 | ((uint8_t)utf8[i + k] & 0x3Fu);
		i += len;
		if (c >= 0x10000)
			pdf_out(u, "%04X%04X", 0xD800u + ((c - 0x10000) >> 10),
				0xDC00u + ((c - 0x10000) & 0x3FFu));
		else
			pdf_out(u, "%04X", c);
	}
	pdf_out(u, ">");
}

static void date_string(struct pdf_update *u, int64_t utc)
{
	char t[26]; /* 2026-01-02T12:04:05+09:00 */

	card_time_format_japan(utc, t);
	pdf_out(u, "(D:%.4s%.2s%.2s%.2s%.2s%.2s+09'00')", t, t + 5, t + 8, t + 11, t + 14, t + 17);
}

static void signature_dictionary(struct job *j, const struct flow_pdf_options *opt,
				 const struct flow_signer *s)
{
	const struct card_bytes name = card_cert_attribute(s->cert, CARD_ATTR_NAME);
	struct pdf_update *u = &j->up;

	j->room = s->tsa != NULL ? ROOM_TIMESTAMP : ROOM_PLAIN;
	pdf_begin(u, j->sig_number);
	pdf_out(u, "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /%s\n/M ",
		opt->kind == FLOW_PDF_TOUKI ? "adbe.pkcs7.detached" : "ETSI.CAdES.detached");
	date_string(u, s->time);
	if (name.n > 0) {
		pdf_out(u, "\n/Name ");
		text_string(u, (const char *)name.p, name.n);
	}
	if (opt->reason != NULL) {
		pdf_out(u, "\n/Reason ");
		text_string(u, opt->reason, strlen(opt->reason));
	}
	if (opt->location != NULL) {
		pdf_out(u, "\n/Location ");
		text_string(u, opt->location, strlen(opt->location));
	}
	pdf_out(u, "\n/ByteRange [0 ");
	j->range_at = u->out.n;
	pdf_out(u, "%32s]\n/Contents ", "");
	j->contents_at = u->out.n;
	pdf_out(u, "<");
	for (size_t i = 0; i < j->room; i++)
		pdf_out(u, "00");
	pdf_out(u, "> >>");
	pdf_end(u);
}

/* "Signature1" and so on: the first name that no field of the form has (§12.7.3.2). */
static enum card_error field_name(struct job *j, char out[32])
{
	struct pdf_obj field;
	enum card_error err = CARD_OK;

	for (unsigned n = 1; err == CARD_OK; n++) {
		bool taken = false;

		snprintf(out, 32, "Signature%u", n);
		for (size_t i = 0; j->fields.kind == PDF_ARRAY && i < j->fields.n; i++) {
			const struct pdf_obj *t;
			char name[64] = "";

			err = pdf_resolve(&j->pdf, &j->fields.items[i], &field);
			if (err != CARD_OK)
				return err;
			t = pdf_get(&field, "T");
			if (t != NULL && t->kind == PDF_STRING)
				pdf_text(t->text, name, sizeof name);
			taken = taken || strcmp(name, out) == 0;
		}
		if (!taken)
			return CARD_OK;
		if (n > 10000)
			return CARD_ERR_TOO_LONG;
	}
	return err;
}

static enum card_error field_and_widget(struct job *j)
{
	char name[32];
	enum card_error err = field_name(j, name);

	pdf_begin(&j->up, j->field_number);
	/* Print and Locked (§12.5.3); a rectangle without area is not shown. */
	pdf_out(&j->up, "<< /Type /Annot /Subtype /Widget /FT /Sig /T (%s) /V %u 0 R\n"
			"/Rect [0 0 0 0] /F 132 /P %u %u R >>",
		name, j->sig_number, j->page_number, j->page.gen);
	pdf_end(&j->up);
	return err;
}

static void form_value(struct job *j)
{
	static const char *const leave[] = {"Fields", "SigFlags", NULL};
	struct pdf_update *u = &j->up;

	pdf_out(u, "<<");
	if (j->form.kind == PDF_DICT)
		pdf_copy_entries(u, &j->form, leave);
	pdf_out(u, " /Fields ");
	pdf_copy_array_with(u, &j->fields, j->field_number);
	pdf_out(u, " /SigFlags 3 >>"); /* SignaturesExist, AppendOnly (§12.7.2) */
}

static void form_and_catalog(struct job *j)
{
	static const char *const leave[] = {"AcroForm", NULL};

	if (j->form_number != 0) {
		pdf_begin_gen(&j->up, j->form_number, j->form.gen);
		form_value(j);
		pdf_end(&j->up);
		return;
	}
	pdf_begin_gen(&j->up, j->catalog_number, j->catalog.gen);
	pdf_out(&j->up, "<<");
	pdf_copy_entries(&j->up, &j->catalog, leave);
	pdf_out(&j->up, " /AcroForm ");
	form_value(j);
	pdf_out(&j->up, " >>");
	pdf_end(&j->up);
}

static void page_or_annotations(struct job *j)
{
	static const char *const leave[] = {"Annots", NULL};

	if (j->annots_number != 0) {
		pdf_begin_gen(&j->up, j->annots_number, j->annots.gen);
		pdf_copy_array_with(&j->up, &j->annots, j->field_number);
		pdf_end(&j->up);
		return;
	}
	pdf_begin_gen(&j->up, j->page_number, j->page.gen);
	pdf_out(&j->up, "<<");
	pdf_copy_entries(&j->up, &j->page, leave);
	pdf_out(&j->up, " /Annots ");
	pdf_copy_array_with(&j->up, &j->annots, j->field_number);
	pdf_out(&j->up, " >>");
	pdf_end(&j->up);
}

/* ---- the signature ---- */

/* Digest over the file and the update, without the hole. */
static enum card_error digest(const flow_file_t *in, const struct job *j, enum card_hash hash,
			      uint8_t out[CARD_HASH_MAX])
{
	const struct card_bytes whole = card_buf_bytes(&j->up.out);
	const size_t behind = j->contents_at + 2 + 2 * j->room;
	const struct card_bytes tail[] = {
		{whole.p, j->contents_at},
		{whole.p + behind, whole.n - behind},
	};

	return document_digest_with_tail(in, hash, tail, 2, out);
}

static enum card_error fill(const flow_file_t *in, struct job *j, const struct flow_signer *s,
			    bool touki)
{
	const size_t all = flow_file_bytes(in).n;
	const size_t gap = all + j->contents_at, behind = gap + 2 + 2 * j->room;
	const enum card_hash hash = flow_hash_for(s->cert);
	static const char hex[] = "0123456789abcdef";
	uint8_t d[CARD_HASH_MAX];
	char range[64];
	card_buf_t cms = {0};
	enum card_error err;
	int n = snprintf(range, sizeof range, "%zu %zu %zu", gap, behind,
			 all + j->up.out.n - behind);

	memcpy(j->up.out.p + j->range_at, range, (size_t)n);
	err = digest(in, j, hash, d);
	if (err == CARD_OK)
		err = flow_cms_sign(s, card_bytes(d, card_hash_size(hash)), NULL,
				    FLOW_CMS_NO_SIGNING_TIME | (touki ? FLOW_CMS_PLAIN : 0), &cms);
	if (err == CARD_OK && cms.n > j->room)
		err = CARD_ERR_TOO_LONG;
	for (size_t i = 0; err == CARD_OK && i < cms.n; i++) {
		uint8_t *to = j->up.out.p + j->contents_at + 1 + 2 * i;

		to[0] = (uint8_t)hex[cms.p[i] >> 4];
		to[1] = (uint8_t)hex[cms.p[i] & 15];
	}
	card_buf_free(&cms);
	return err;
}

static enum card_error build(struct job *j, const struct flow_pdf_options *opt,
			     const struct flow_signer *s)
{
	enum card_error err = find_parts(j);

	if (err == CARD_OK)
		err = pdf_update_start(&j->up, &j->pdf);
	if (err != CARD_OK)
		return err;
	j->sig_number = pdf_new_number(&j->up);
	j->field_number = pdf_new_number(&j->up);
	signature_dictionary(j, opt, s);
	err = field_and_widget(j);
	form_and_catalog(j);
	page_or_annotations(j);
	pdf_update_finish(&j->up, &j->pdf);
	return err != CARD_OK ? err : j->up.err;
}

enum card_error flow_pdf_sign(const flow_file_t *in, const struct flow_pdf_options *opt,
			      const struct flow_signer *s, card_buf_t *update)
{
	struct job j;
	enum card_error err;

	if (in == NULL || opt == NULL || s == NULL || s->cert == NULL || update == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (flow_hash_for(s->cert) == CARD_HASH_NONE)
		return CARD_ERR_UNSUPPORTED;
	memset(&j, 0, sizeof j);
	err = check(&j.pdf, flow_file_bytes(in));
	if (err == CARD_OK)
		err = build(&j, opt, s);
	if (err == CARD_OK)
		err = fill(in, &j, s, opt->kind == FLOW_PDF_TOUKI);
	if (err == CARD_OK)
		err = card_buf_append(update, card_buf_bytes(&j.up.out));
	pdf_update_free(&j.up);
	pdf_close(&j.pdf);
	return err;
}
