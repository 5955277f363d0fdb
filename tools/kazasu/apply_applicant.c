/* SPDX-License-Identifier: Apache-2.0 */
/* apply_applicant.c — new, fill, sign, pack: the applicant's side. */
#include "apply.h"

#include <stdlib.h>
#include <string.h>

#include <card/authenticity.h>
#include <card/jpki.h>
#include <card/text.h>

#include "anchors.h"
#include "file.h"
#include "output.h"
#include "procedures.h"
#include "sign.h"
#include "words.h"

static int save(struct kz *kz, const flow_application_t *a, const char *path)
{
	card_buf_t text = {0};
	const size_t n = strlen(path);
	const bool xml = n > 4 && strcmp(path + n - 4, ".xml") == 0;
	enum card_error err =
		xml ? flow_application_write_xml(a, &text) : flow_application_write(a, &text);
	int rc = err == CARD_OK ? kz_file_write(kz, path, card_buf_bytes(&text), 0600)
				: kz_fail_error(kz, err);

	card_buf_free(&text);
	return rc;
}

static int load(struct kz *kz, const flow_form_t *form, const char *path, flow_application_t **out)
{
	struct flow_apply_problem p = {"", ""};
	card_buf_t text = {0};
	enum card_error err;
	int rc = apply_read(kz, path, &text);

	if (rc != KZ_GO)
		return rc;
	err = flow_application_read(out, form, card_buf_bytes(&text), &p);
	card_buf_free(&text);
	return err == CARD_OK ? KZ_GO : apply_fail(kz, err, &p);
}

static void tell(struct kz *kz, const flow_application_t *a, const char *path)
{
	kz_say(kz, _("Application %s, version %u: %s\n"), flow_application_id(a),
	       flow_application_version(a), path);
	kz_json(kz, json_pack("{s:s, s:i, s:s}", "id", flow_application_id(a), "version",
			      (int)flow_application_version(a), "output", path));
}

/* new [BEFORE]: an empty application, or the next version of one. */
int apply_new(struct kz *kz, const struct apply_options *o, const char *const *words, size_t n)
{
	const char *out = o->output != NULL ? o->output : "application.json";
	flow_application_t *before = NULL, *a = NULL;
	flow_form_t *form = NULL;
	enum card_error err = CARD_OK;
	int rc = apply_form(kz, o->form, &form);

	if (rc == KZ_GO && n == 1)
		rc = load(kz, form, words[0], &before);
	if (rc == KZ_GO) {
		err = flow_application_new(&a, form, before);
		rc = err == CARD_OK ? save(kz, a, out) : kz_fail_error(kz, err);
	}
	if (rc == KZ_GO) {
		kz_say(kz, _("Procedure: %s\nReceiver: %s\n"), flow_form_text(form, "title"),
		       flow_form_text(form, "receiver"));
		tell(kz, a, out);
		rc = KZ_DONE;
	}
	flow_application_free(&before);
	flow_application_free(&a);
	flow_form_free(&form);
	return rc;
}

/* ---- fill ---- */

static int set_typed(struct kz *kz, flow_application_t *a, const char *word)
{
	char name[64], message[256];
	const char *equals = strchr(word, '=');
	struct kz_failure f = {.exit = KZ_BAD_DATA, .message = message, .hint = ""};

	if (equals == NULL || (size_t)(equals - word) >= sizeof name)
		return kz_fail_usage(kz, _("\"%s\" is not NAME=VALUE."), word);
	snprintf(name, sizeof name, "%.*s", (int)(equals - word), word);
	f.error = flow_application_set(a, name, equals + 1);
	if (f.error == CARD_OK)
		return KZ_GO;
	if (f.error == CARD_ERR_NOT_FOUND) {
		f.exit = KZ_REFUSED;
		f.error = CARD_ERR_DENIED;
		snprintf(message, sizeof message,
			 _("The form has no field \"%s\" to type. What the card holds is read from "
			   "the card."),
			 name);
	} else {
		snprintf(message, sizeof message, _("The value of \"%s\" is too long or no text."),
			 name);
	}
	return kz_fail(kz, &f);
}

static int attach(struct kz *kz, flow_application_t *a, const char *list)
{
	struct kz_attachments files = {NULL, NULL, 0};
	enum card_error err = CARD_OK;
	int rc = kz_attachments_open(kz, list, &files);

	for (size_t i = 0; rc == KZ_GO && err == CARD_OK && i < files.n; i++)
		err = flow_application_attach(a, files.item[i].uri,
					      flow_file_bytes(files.item[i].file));
	kz_attachments_free(&files);
	return rc == KZ_GO && err != CARD_OK ? kz_fail_error(kz, err) : rc;
}

static enum card_error put(flow_application_t *a, const flow_form_t *form, const char *name,
			   struct card_bytes value)
{
	char *text;
	enum card_error err;

	if (!flow_form_attribute(form, name))
		return CARD_OK;
	text = strndup(value.p != NULL ? (const char *)value.p : "", value.n);
	if (text == NULL)
		return CARD_ERR_NO_MEMORY;
	err = flow_application_set_attribute(a, name, text);
	card_wipe(text, strlen(text));
	free(text);
	return err;
}

static bool wants_attributes(const flow_form_t *f)
{
	return flow_form_attribute(f, "name") || flow_form_attribute(f, "address") ||
	       flow_form_attribute(f, "birth") || flow_form_attribute(f, "sex");
}

struct filling {
	const card_cvca_t *cas;
	const card_grant_t *grant;
	const flow_form_t *form;
	flow_application_t *a;
};

/* Attributes and number, and that the issuer signed both (R5-03). */
static enum card_error read_card(struct kz_session *card, void *ctx)
{
	const struct filling *f = ctx;
	const flow_form_t *form = f->form;
	struct card_authenticity auth = {0};
	card_buf_t text = {0}, number_record = {0};
	struct card_text_attributes attrs = {.sex = '\0'};
	struct card_authenticity_input in = {0};
	char number[13] = "", birth[11], sex[2] = "";
	enum card_error err = CARD_OK;

	if (wants_attributes(form)) {
		err = card_text_read_attributes(card->ch, f->grant, &text, &attrs);
		in.attributes = &attrs;
	}
	if (err == CARD_OK && flow_form_number(form)) {
		err = card_text_read_number(card->ch, f->grant, &number_record, number);
		in.text_number = card_buf_bytes(&number_record);
	}
	if (err == CARD_OK)
		err = card_authenticity_text(card->ch, f->cas, &in, &auth);
	if (err == CARD_OK && kz_authentic(&auth) == CARD_CHECK_FAIL)
		err = CARD_ERR_SIGNATURE;
	if (err == CARD_OK && wants_attributes(form)) {
		card_date_format(attrs.birth, birth);
		sex[0] = attrs.sex;
		err = put(f->a, form, "name", attrs.name);
		if (err == CARD_OK)
			err = put(f->a, form, "address", attrs.address);
		if (err == CARD_OK)
			err = put(f->a, form, "birth", card_bytes(birth, strlen(birth)));
		if (err == CARD_OK)
			err = put(f->a, form, "sex", card_bytes(sex, strlen(sex)));
	}
	if (err == CARD_OK && flow_form_number(form))
		err = flow_application_set_number(f->a, number);
	card_wipe(number, sizeof number);
	card_buf_free(&text);
	card_buf_free(&number_record);
	return err;
}

/* The number only for a procedure of the Number Act (R5-05, rules 8.2). */
static int number_permitted(struct kz *kz, const flow_form_t *form)
{
	const char *id = flow_form_text(form, "procedure");
	const struct flow_procedure *p;
	struct kz_procedures all;
	bool permitted;
	int rc;

	if (!flow_form_number(form))
		return KZ_GO;
	rc = kz_procedures_open(kz, &all);
	p = rc == KZ_GO ? kz_procedure_find(kz, &all, id) : NULL;
	permitted = p != NULL && p->number;
	kz_procedures_close(&all);
	if (rc != KZ_GO || permitted)
		return rc;
	return kz_fail_refused(kz, "",
			       _("The form asks for the individual number, but its procedure "
				 "\"%s\" is not one that may have it."),
			       id);
}

static int fill_from_card(struct kz *kz, const struct apply_options *o, const flow_form_t *form,
			  flow_application_t *a)
{
	const struct kz_entry entry = {.pin = CARD_PIN_TEXT, .last_try = o->last_try};
	const unsigned objects = (wants_attributes(form) ? (unsigned)CARD_OBJECT_ATTRIBUTES : 0) |
				 (flow_form_number(form) ? (unsigned)CARD_OBJECT_NUMBER : 0);
	struct filling filling = {.form = form, .a = a};
	card_grant_t *grant = NULL;
	card_cvca_t *cas = NULL;
	struct kz_session card;
	enum card_error err;
	int rc = number_permitted(kz, form);

	if (objects == 0 || rc != KZ_GO)
		return rc;
	rc = kz_anchors_cvca(kz, &cas);
	if (rc == KZ_GO)
		rc = kz_session_open(kz, &card);
	if (rc != KZ_GO) {
		card_cvca_free(&cas);
		return rc;
	}
	err = card_grant_new(&grant, objects);
	filling.cas = cas;
	filling.grant = grant;
	rc = err == CARD_OK ? kz_secret_read(kz, &card, &entry, read_card, &filling, NULL)
			    : kz_session_fail(kz, &card, err);
	card_grant_free(&grant);
	card_cvca_free(&cas);
	kz_session_close(&card);
	return rc;
}

/* fill FILE [NAME=VALUE…] */
int apply_fill(struct kz *kz, const struct apply_options *o, const char *const *words, size_t n)
{
	flow_application_t *a = NULL;
	flow_form_t *form = NULL;
	int rc = apply_form(kz, o->form, &form);

	if (rc == KZ_GO)
		rc = load(kz, form, words[0], &a);
	for (size_t i = 1; rc == KZ_GO && i < n; i++)
		rc = set_typed(kz, a, words[i]);
	if (rc == KZ_GO)
		rc = attach(kz, a, o->attach);
	if (rc == KZ_GO)
		rc = fill_from_card(kz, o, form, a);
	if (rc == KZ_GO)
		rc = save(kz, a, o->output != NULL ? o->output : words[0]);
	if (rc == KZ_GO) {
		tell(kz, a, o->output != NULL ? o->output : words[0]);
		rc = KZ_DONE;
	}
	flow_application_free(&a);
	flow_form_free(&form);
	return rc;
}

/* sign FILE: what it is for is shown, then it is signed like any document. */
int apply_sign(struct kz *kz, const struct apply_options *o, const char *const *words, size_t n)
{
	struct flow_apply_problem p = {"", ""};
	flow_application_t *a = NULL;
	flow_form_t *form = NULL;
	enum card_error err;
	int rc = apply_form(kz, o->form, &form);

	(void)n;
	if (rc == KZ_GO)
		rc = load(kz, form, words[0], &a);
	if (rc == KZ_GO) {
		err = flow_application_complete(a, &p);
		rc = err == CARD_OK ? KZ_GO : apply_fail(kz, err, &p);
	}
	if (rc == KZ_GO) {
		kz_note(kz, _("Procedure: %s\nReceiver: %s\nService: %s\n%s"),
			flow_form_text(form, "title"), flow_form_text(form, "receiver"),
			flow_form_text(form, "service"), flow_form_text(form, "consent"));
		if (flow_form_number(form))
			kz_note(kz, "%s", _("It holds your individual number."));
		rc = kz_sign_application(kz, words[0], o->output, o->yes, o->last_try);
	}
	flow_application_free(&a);
	flow_form_free(&form);
	return rc;
}

/* pack FILE.p7m --to CERTIFICATE */
int apply_pack(struct kz *kz, const struct apply_options *o, const char *const *words, size_t n)
{
	char out[KZ_PATH_MAX];
	card_buf_t in = {0}, der = {0}, sealed = {0};
	enum card_error err = CARD_OK;
	int rc;

	(void)n;
	if (o->to == NULL)
		return kz_fail_usage(kz, _("For whom? Add --to CERTIFICATE."));
	if (snprintf(out, sizeof out, "%s%s", o->output != NULL ? o->output : words[0],
		     o->output != NULL ? "" : ".sealed") >= (int)sizeof out)
		return kz_fail_error(kz, CARD_ERR_TOO_LONG);
	rc = apply_read(kz, words[0], &in);
	if (rc == KZ_GO) {
		err = card_cert_read_file(o->to, &der);
		if (err == CARD_OK)
			err = flow_pack(card_buf_bytes(&der), card_buf_bytes(&in), &sealed);
		rc = err == CARD_OK ? kz_file_write(kz, out, card_buf_bytes(&sealed), 0600)
				    : kz_fail_error(kz, err);
	}
	if (rc == KZ_GO) {
		kz_say(kz, _("Sealed: %s\n"), out);
		kz_json(kz, json_pack("{s:s}", "output", out));
		rc = KZ_DONE;
	}
	card_buf_free(&in);
	card_buf_free(&der);
	card_buf_free(&sealed);
	return rc;
}
