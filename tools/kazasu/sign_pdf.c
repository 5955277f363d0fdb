/* SPDX-License-Identifier: Apache-2.0 */
#include "sign_pdf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "output.h"
#include "place.h"

/* ---- --visible PAGE[,X,Y[,WIDTH,HEIGHT]] ---- */

/* Digits with at most one point, whatever the locale writes; false: something else. */
static bool decimal(const char **at, double *out)
{
	double scale = 1;
	bool point = false, digit = false;

	for (*out = 0; **at != '\0' && **at != ','; ++*at) {
		if (**at == '.' && !point) {
			point = true;
			continue;
		}
		if (**at < '0' || **at > '9' || *out > 1e6)
			return false;
		digit = true;
		*out = *out * 10 + (**at - '0');
		scale *= point ? 10 : 1;
	}
	*out /= scale;
	return digit;
}

static bool parse_visible(const char *text, struct flow_pdf_visible *out)
{
	double v[5];
	size_t n = 0;

	memset(out, 0, sizeof(*out));
	if (strncmp(text, "last", 4) == 0 &&
	    (text[4] == '\0' || (text[4] == ',' && text[5] != '\0'))) {
		v[n++] = 0;
		text += text[4] == ',' ? 5 : 4;
	} else if (!decimal(&text, &v[n]) || v[n] < 1 || v[n] > floor(v[n])) {
		return false;
	} else {
		n++;
		if (*text == ',' && *++text == '\0')
			return false;
	}
	while (*text != '\0') {
		if (n == 5 || !decimal(&text, &v[n++]))
			return false;
		if (*text == ',' && *++text == '\0')
			return false;
	}
	out->page = (uint64_t)v[0];
	out->placed = n >= 3;
	out->x = n >= 3 ? v[1] : 0;
	out->y = n >= 3 ? v[2] : 0;
	out->width = n == 5 ? v[3] : 0;
	out->height = n == 5 ? v[4] : 0;
	return (n == 1 || n == 3 || n == 5) && (n != 5 || (v[3] > 0 && v[4] > 0));
}

int kz_sign_pdf_read(struct kz *kz, struct sign_pdf *o)
{
	if (o->visible == NULL || strcmp(o->visible, "none") == 0)
		return KZ_GO;
	if (o->field != NULL)
		return kz_fail_usage(kz,
				     _("A field of the form has its own place: with --field only "
				       "--visible none can be given."));
	if (!parse_visible(o->visible, &o->place))
		return kz_fail_usage(
			kz,
			_("--visible takes PAGE[,X,Y[,WIDTH,HEIGHT]]: a page number or \"last\", and "
			  "millimetres from the left and the top of the page."));
	return KZ_GO;
}

struct flow_pdf_options kz_sign_pdf_options(const struct sign_pdf *o)
{
	const bool none = o->visible == NULL || strcmp(o->visible, "none") == 0;

	return (struct flow_pdf_options){.visible = none ? NULL : &o->place,
					 .field = o->field,
					 .blank = o->visible != NULL && none};
}

/* ---- refusals ---- */

struct refusal {
	int exit;
	enum card_error error;
	const char *text;
};

static const struct refusal refusals[] = {
	[FLOW_PDF_BROKEN] = {KZ_BAD_DATA, CARD_ERR_MALFORMED,
			     N_("is no well-formed PDF. \"qpdf IN OUT\" can repair some files.")},
	[FLOW_PDF_ENCRYPTED] = {KZ_BAD_DATA, CARD_ERR_UNSUPPORTED,
				N_("is encrypted. Remove the encryption first (qpdf --decrypt); a "
				   "signature cannot be added to an encrypted file.")},
	[FLOW_PDF_CERTIFIED] = {KZ_REFUSED, CARD_ERR_DENIED,
				N_("carries a signature that permits no change, not even another "
				   "signature.")},
	[FLOW_PDF_LARGE] = {KZ_BAD_DATA, CARD_ERR_TOO_LONG,
			    N_("is larger or deeper than what can be signed.")},
	[FLOW_PDF_NO_FIELD] =
		{KZ_BAD_DATA, CARD_ERR_NOT_FOUND,
		 N_("has no signature field of this name; --list-fields shows them.")},
	[FLOW_PDF_FILLED] = {KZ_REFUSED, CARD_ERR_DENIED,
			     N_("has a signature in this field already.")},
	[FLOW_PDF_LOCKED] = {KZ_REFUSED, CARD_ERR_DENIED,
			     N_("has this field locked: by an earlier signature, or read-only.")},
	[FLOW_PDF_SEED] = {KZ_REFUSED, CARD_ERR_DENIED,
			   N_("asks in this field for something that is not done here:")},
	[FLOW_PDF_HIDDEN_ONLY] = {KZ_REFUSED, CARD_ERR_DENIED,
				  N_("is certified: a new visible signature would break that. Sign "
				     "without --visible, or in a field of the form.")},
	[FLOW_PDF_NO_PAGE] = {KZ_USAGE, CARD_ERR_NOT_FOUND, N_("has no such page.")},
	[FLOW_PDF_PLACE] = {KZ_USAGE, CARD_ERR_INVALID_ARGUMENT,
			    N_("has a page on which the rectangle of --visible does not lie.")},
	[FLOW_PDF_ROOM] = {KZ_USAGE, CARD_ERR_TOO_LONG,
			   N_("cannot show the name and the time in so small a rectangle.")},
	[FLOW_PDF_GLYPH] = {KZ_BAD_DATA, CARD_ERR_UNSUPPORTED,
			    N_("cannot show the signature: no font installed here draws this "
			       "character:")},
};

int kz_sign_pdf_refuse(struct kz *kz, const char *path, const struct flow_pdf_fault *fault)
{
	const size_t i = (size_t)fault->why;
	const struct refusal *r = i < sizeof refusals / sizeof *refusals && refusals[i].text != NULL
					  ? &refusals[i]
					  : &refusals[FLOW_PDF_BROKEN];
	char message[KZ_PATH_MAX + 512];
	const struct kz_failure f = {
		.exit = r->exit, .message = message, .hint = "", .error = r->error};
	char *detail = kz_printable(fault->detail, strlen(fault->detail));

	snprintf(message, sizeof message, "%s %s%s%s", path, _(r->text),
		 *fault->detail != '\0' ? " " : "", detail != NULL ? detail : "");
	free(detail);
	return kz_fail(kz, &f);
}

/* ---- --list-fields ---- */

static void say_field(struct kz *kz, const struct flow_pdf_field *f)
{
	char *clean = kz_printable(f->name, strlen(f->name));

	kz_say(kz, "  %s: %s%s", clean != NULL ? clean : "",
	       f->filled ? _("signed") : _("not signed yet"), f->locked ? _(", locked") : "");
	if (f->page != 0 && f->width > 0 && f->height > 0)
		kz_say(kz, _(", page %llu, %.0f × %.0f mm"), (unsigned long long)f->page, f->width,
		       f->height);
	kz_say(kz, "\n");
	free(clean);
}

static int list_one(struct kz *kz, const char *path, json_t *files)
{
	struct flow_pdf_field *fields = NULL;
	flow_file_t *file = NULL;
	json_t *list;
	size_t n = 0;
	enum card_error err;
	int rc = kz_document_open(kz, path, &file);

	if (rc != KZ_GO)
		return rc;
	err = flow_pdf_fields(file, &fields, &n);
	flow_file_free(&file);
	if (err == CARD_ERR_MALFORMED || err == CARD_ERR_TOO_LONG || err == CARD_ERR_TRUNCATED)
		return kz_sign_pdf_refuse(
			kz, path,
			&(struct flow_pdf_fault){.why = err == CARD_ERR_TOO_LONG
								? FLOW_PDF_LARGE
								: FLOW_PDF_BROKEN});
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	list = json_array();
	kz_say(kz, ngettext("%s: %zu signature field\n", "%s: %zu signature fields\n", n), path, n);
	for (size_t i = 0; i < n; i++) {
		say_field(kz, &fields[i]);
		json_array_append_new(
			list,
			json_pack("{s:s, s:b, s:b, s:o, s:f, s:f}", "name", fields[i].name,
				  "signed", fields[i].filled, "locked", fields[i].locked, "page",
				  fields[i].page != 0 ? json_integer((json_int_t)fields[i].page)
						      : json_null(),
				  "width_mm", fields[i].width, "height_mm", fields[i].height));
	}
	free(fields);
	json_array_append_new(files, json_pack("{s:s, s:o}", "file", path, "fields", list));
	return KZ_GO;
}

int kz_sign_pdf_list(struct kz *kz, const char *const *paths, size_t n)
{
	json_t *files = json_array();
	int rc = KZ_GO;

	for (size_t i = 0; rc == KZ_GO && i < n; i++)
		rc = list_one(kz, paths[i], files);
	if (rc != KZ_GO) {
		json_decref(files);
		return rc;
	}
	kz_json(kz, json_pack("{s:o}", "files", files));
	return KZ_DONE;
}
