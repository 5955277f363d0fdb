/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pdf_build.c — the objects of a signature (ISO 32000-1 §12.7, §12.8; EN 319 142-1).
 *
 * The update holds the signature dictionary, its field with a widget, what the widget shows, and
 * whatever names them (form, catalogue, page). What is rewritten is copied as it was written.
 */
#include <stdio.h>
#include <string.h>

#include "pdf_label.h"
#include "pdf_sign.h"

/* Octets kept for the CMS: certificate, signature, attributes; with a token of an authority. */
#define ROOM_PLAIN     ((size_t)12 * 1024)
#define ROOM_TIMESTAMP ((size_t)28 * 1024)

/* Print and Locked (§12.5.3). */
#define WIDGET_FLAGS 132u

/* ---- values ---- */

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

static void text_entry(struct pdf_update *u, const char *key, struct card_bytes utf8)
{
	if (utf8.n == 0)
		return;
	pdf_out(u, "\n/%s ", key);
	text_string(u, (const char *)utf8.p, utf8.n);
}

static struct card_bytes bytes_of(const char *text)
{
	return card_bytes(text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

static void date_string(struct pdf_update *u, int64_t utc)
{
	char t[26]; /* 2026-01-02T12:04:05+09:00 */

	card_time_format_japan(utc, t);
	pdf_out(u, "(D:%.4s%.2s%.2s%.2s%.2s%.2s+09'00')", t, t + 5, t + 8, t + 11, t + 14, t + 17);
}

static struct card_bytes name_of(const struct pdf_job *j, const struct flow_signer *s)
{
	return j->opt->name != NULL ? bytes_of(j->opt->name)
				    : card_cert_attribute(s->cert, CARD_ATTR_NAME);
}

/* ---- the signature dictionary ---- */

static void transform(struct pdf_job *j, const char *method)
{
	pdf_out(&j->up,
		"<< /Type /SigRef /TransformMethod /%s /Data %u %u R /TransformParams << /Type "
		"/TransformParams /V /1.2",
		method, j->catalog_number, j->catalog.gen);
}

/* What /Lock of the field asks for becomes part of the signature (§12.7.4.5). */
static void reference(struct pdf_job *j)
{
	static const char *const leave[] = {"Type", "V", "P", NULL};
	const struct pdf_obj *level = pdf_get(&j->lock, "P");

	if (j->lock.kind != PDF_DICT)
		return;
	pdf_out(&j->up, "\n/Reference [");
	transform(j, "FieldMDP");
	pdf_copy_entries(&j->up, &j->lock, leave);
	pdf_out(&j->up, ">> >>");
	if (level != NULL) {
		transform(j, "DocMDP");
		pdf_out(&j->up, " /P ");
		pdf_out_bytes(&j->up, level->raw);
		pdf_out(&j->up, " >> >>");
	}
	pdf_out(&j->up, "]");
}

static size_t room_for(const struct flow_signer *s)
{
	size_t n = s->tsa != NULL ? ROOM_TIMESTAMP : ROOM_PLAIN;

	if (card_cert_der(s->cert).n > ROOM_PLAIN / 2)
		n += card_cert_der(s->cert).n;
	for (size_t i = 0; i < s->n_chain; i++)
		n += card_cert_der(s->chain[i]).n;
	return n;
}

static void signature_dictionary(struct pdf_job *j, const struct flow_signer *s)
{
	struct pdf_update *u = &j->up;

	j->room = room_for(s);
	pdf_begin(u, j->sig_number);
	pdf_out(u, "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /%s\n/M ",
		j->opt->kind == FLOW_PDF_TOUKI ? "adbe.pkcs7.detached" : "ETSI.CAdES.detached");
	date_string(u, s->time);
	text_entry(u, "Name", name_of(j, s));
	text_entry(u, "Reason", bytes_of(j->opt->reason));
	text_entry(u, "Location", bytes_of(j->opt->location));
	reference(j);
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

/* ---- what is shown ---- */

/* Upright on the page as it is shown: turned against its rotation. */
static const int *upright(unsigned rotate)
{
	static const int matrix[4][4] = {
		{1, 0, 0, 1}, {0, 1, -1, 0}, {-1, 0, 0, -1}, {0, -1, 1, 0}};

	return matrix[rotate / 90 % 4];
}

static enum card_error label(struct pdf_job *j, const struct flow_signer *s)
{
	const struct pdf_label l = {
		.name = name_of(j, s),
		.substitutes = j->opt->name != NULL
				       ? card_bytes(NULL, 0)
				       : card_cert_attribute(s->cert, CARD_ATTR_NAME_SUBSTITUTES),
		.time = s->time,
		.reason = j->opt->reason,
		.location = j->opt->location,
		.width = j->width,
		.height = j->height};
	card_buf_t made = {0};
	struct pdf drawn = {0};
	enum card_error err;

	if (!j->shown)
		return CARD_OK;
	if (l.name.n == 0)
		return CARD_ERR_INVALID_ARGUMENT;
	err = pdf_label_draw(&l, &made, &j->fault);
	if (err == CARD_OK)
		err = pdf_open(&drawn, card_buf_bytes(&made));
	if (err == CARD_OK)
		j->label_number = pdf_import_page(&j->up, &drawn, upright(j->page.rotate), j->width,
						  j->height);
	pdf_close(&drawn);
	card_buf_free(&made);
	return err;
}

static void show(struct pdf_job *j)
{
	if (j->label_number != 0)
		pdf_out(&j->up, "\n/AP << /N %u 0 R >>", j->label_number);
}

/* ---- the field ---- */

/* "Signature1" and so on: the first name that no field of the form has (§12.7.3.2). */
static enum card_error field_name(struct pdf_job *j, char out[32])
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

static enum card_error new_field(struct pdf_job *j)
{
	char name[32];
	enum card_error err = field_name(j, name);

	pdf_begin(&j->up, j->field_number);
	/* A rectangle without area is not shown. */
	pdf_out(&j->up, "<< /Type /Annot /Subtype /Widget /FT /Sig /T (%s) /V %u 0 R\n/Rect [",
		name, j->sig_number);
	for (size_t i = 0; i < 4; i++) {
		pdf_out_number(&j->up, j->rect[i]);
		pdf_out(&j->up, " ");
	}
	pdf_out(&j->up, "] /F %u /P %u %u R", WIDGET_FLAGS, j->page.number, j->page.dict.gen);
	show(j);
	pdf_out(&j->up, " >>");
	pdf_end(&j->up);
	return err;
}

/* The empty field with its value; its widget with what it shows. */
static void filled_field(struct pdf_job *j)
{
	static const char *const leave[] = {"V", "AP", "F", NULL}, *const leave_value[] = {"V",
											   NULL};
	const struct pdf_obj *f = pdf_get(&j->widget, "F");
	const unsigned flags = f != NULL && f->kind == PDF_INT ? (unsigned)(f->number & 0xFFFF) : 0;
	const bool one = j->widget_number == 0;

	pdf_begin_gen(&j->up, j->target.number, j->target.field.gen);
	pdf_out(&j->up, "<<");
	pdf_copy_entries(&j->up, &j->target.field, one ? leave : leave_value);
	pdf_out(&j->up, " /V %u 0 R", j->sig_number);
	if (!one) {
		pdf_out(&j->up, " >>");
		pdf_end(&j->up);
		if (j->label_number == 0)
			return;
		pdf_begin_gen(&j->up, j->widget_number, j->widget.gen);
		pdf_out(&j->up, "<<");
		pdf_copy_entries(&j->up, &j->widget, leave + 1);
	}
	pdf_out(&j->up, " /F %u", flags | WIDGET_FLAGS);
	show(j);
	pdf_out(&j->up, " >>");
	pdf_end(&j->up);
}

/* ---- what names it ---- */

static void form_value(struct pdf_job *j)
{
	static const char *const leave[] = {"Fields", "SigFlags", NULL};
	struct pdf_update *u = &j->up;

	pdf_out(u, "<<");
	if (j->form.kind == PDF_DICT)
		pdf_copy_entries(u, &j->form, j->target.number != 0 ? leave + 1 : leave);
	if (j->target.number == 0) {
		pdf_out(u, " /Fields ");
		pdf_copy_array_with(u, &j->fields, j->field_number);
	}
	pdf_out(u, " /SigFlags 3 >>"); /* SignaturesExist, AppendOnly (§12.7.2) */
}

static void form_and_catalog(struct pdf_job *j)
{
	static const char *const leave[] = {"AcroForm", NULL};
	const struct pdf_obj *flags = pdf_get(&j->form, "SigFlags");

	if (j->target.number != 0 && flags != NULL && flags->kind == PDF_INT &&
	    (flags->number & 3) == 3)
		return;
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

static void page_or_annotations(struct pdf_job *j)
{
	static const char *const leave[] = {"Annots", NULL};

	if (j->annots_number != 0) {
		pdf_begin_gen(&j->up, j->annots_number, j->annots.gen);
		pdf_copy_array_with(&j->up, &j->annots, j->field_number);
		pdf_end(&j->up);
		return;
	}
	pdf_begin_gen(&j->up, j->page.number, j->page.dict.gen);
	pdf_out(&j->up, "<<");
	pdf_copy_entries(&j->up, &j->page.dict, leave);
	pdf_out(&j->up, " /Annots ");
	pdf_copy_array_with(&j->up, &j->annots, j->field_number);
	pdf_out(&j->up, " >>");
	pdf_end(&j->up);
}

enum card_error pdf_job_build(struct pdf_job *j, const struct flow_signer *s)
{
	enum card_error err = pdf_update_start(&j->up, &j->pdf);

	if (err != CARD_OK)
		return err;
	j->sig_number = pdf_new_number(&j->up);
	if (j->target.number == 0)
		j->field_number = pdf_new_number(&j->up);
	err = label(j, s);
	signature_dictionary(j, s);
	if (err == CARD_OK && j->target.number == 0) {
		err = new_field(j);
		page_or_annotations(j);
	} else if (err == CARD_OK) {
		filled_field(j);
	}
	form_and_catalog(j);
	pdf_update_finish(&j->up, &j->pdf);
	return err != CARD_OK ? err : j->up.err;
}
