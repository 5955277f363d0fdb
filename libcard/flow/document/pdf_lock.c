/* SPDX-License-Identifier: Apache-2.0 */
/* pdf_lock.c — fields that a signature locks (ISO 32000-1 §12.7.4.5, §12.8.2.4). */
#include "pdf.h"

#include <string.h>

enum card_error pdf_lock_read(struct pdf *p, const struct pdf_obj *dict, struct pdf_lock *out)
{
	struct pdf_obj action, level;
	enum card_error err = pdf_get_resolved(p, dict, "Action", &action);

	memset(out, 0, sizeof(*out));
	if (err == CARD_OK)
		err = pdf_get_resolved(p, dict, "Fields", &out->fields);
	if (err == CARD_OK)
		err = pdf_get_resolved(p, dict, "P", &level);
	if (err != CARD_OK)
		return err;
	if (pdf_is_name(&action, "All"))
		out->action = PDF_LOCK_ALL;
	else if (pdf_is_name(&action, "Include"))
		out->action = PDF_LOCK_INCLUDE;
	else if (pdf_is_name(&action, "Exclude"))
		out->action = PDF_LOCK_EXCLUDE;
	else
		return CARD_ERR_MALFORMED;
	if (level.kind == PDF_INT)
		out->p = level.number >= 1 && level.number <= 3 ? (unsigned)level.number : 1;
	return out->action != PDF_LOCK_ALL && out->fields.kind != PDF_ARRAY ? CARD_ERR_MALFORMED
									    : CARD_OK;
}

enum card_error pdf_lock_of_signature(struct pdf *p, const struct pdf_obj *value,
				      struct pdf_lock *out)
{
	struct pdf_obj refs, ref, params, level;
	unsigned p_level = 0;
	enum card_error err = pdf_get_resolved(p, value, "Reference", &refs);

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; err == CARD_OK && refs.kind == PDF_ARRAY && i < refs.n; i++) {
		struct pdf_obj method;

		err = pdf_resolve(p, &refs.items[i], &ref);
		if (err == CARD_OK)
			err = pdf_get_resolved(p, &ref, "TransformMethod", &method);
		if (err == CARD_OK)
			err = pdf_get_resolved(p, &ref, "TransformParams", &params);
		if (err == CARD_OK && pdf_is_name(&method, "FieldMDP")) {
			err = pdf_lock_read(p, &params, out);
		} else if (err == CARD_OK && pdf_is_name(&method, "DocMDP")) {
			err = pdf_get_resolved(p, &params, "P", &level);
			p_level = level.kind != PDF_INT                    ? 2 /* the default */
				  : level.number >= 1 && level.number <= 3 ? (unsigned)level.number
									   : 1;
		}
	}
	if (p_level != 0)
		out->p = p_level;
	return err;
}

/* "a.b" is the name itself or above it: "a.b.c". */
static bool covers(const struct pdf_obj *name, const char *field)
{
	char text[PDF_NAME_MAX];
	size_t n;

	if (name->kind != PDF_STRING)
		return false;
	pdf_text(name->text, text, sizeof text);
	n = strlen(text);
	return strncmp(field, text, n) == 0 && (field[n] == '\0' || field[n] == '.');
}

bool pdf_lock_has(const struct pdf_lock *lock, const char *name)
{
	bool listed = false;

	for (size_t i = 0; lock->fields.kind == PDF_ARRAY && i < lock->fields.n; i++)
		listed = listed || covers(&lock->fields.items[i], name);
	switch (lock->action) {
	case PDF_LOCK_ALL:
		return true;
	case PDF_LOCK_INCLUDE:
		return listed;
	case PDF_LOCK_EXCLUDE:
		return !listed;
	default:
		return false;
	}
}
