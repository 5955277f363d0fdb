/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_apply.c — electronic applications, on both sides (rules ch. 5).
 *
 * The applicant: new, fill, sign, pack. The receiver: receive, list, open, decide, retry, erase.
 */
#include "apply.h"
#include "commands.h"
#include "options.h"
#include "output.h"

#include <stdlib.h>
#include <string.h>

struct step {
	const char *word;
	int (*run)(struct kz *kz, const struct apply_options *o, const char *const *words,
		   size_t n);
	size_t min, max; /* words after it */
};

static const struct step steps[] = {
	{"new", apply_new, 0, 1},         {"fill", apply_fill, 1, 64},
	{"sign", apply_sign, 1, 1},       {"pack", apply_pack, 1, 1},
	{"receive", apply_receive, 1, 1}, {"list", apply_list, 0, 0},
	{"open", apply_open, 1, 1},       {"decide", apply_decide, 2, 2},
	{"retry", apply_retry, 1, 1},     {"erase", apply_erase, 1, 1},
};

int apply_read(struct kz *kz, const char *path, card_buf_t *out)
{
	flow_file_t *f = NULL;
	enum card_error err;
	int rc = kz_document_open(kz, path, &f);

	if (rc != KZ_GO)
		return rc;
	err = card_buf_append(out, flow_file_bytes(f));
	flow_file_free(&f);
	return err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
}

/* The problems that libcardflow names, in words. */
static const char *problem_text(const char *code)
{
	static const struct {
		const char *code, *text;
	} known[] = {
		{"form_malformed", N_("The form cannot be read.")},
		{"form_member", N_("The form has a member that forms have not.")},
		{"form_member_missing", N_("A member of the form is missing.")},
		{"form_field", N_("A field of the form is not defined right.")},
		{"form_field_twice", N_("A field of the form is there twice.")},
		{"form_field_from_card",
		 N_("What is read from the card cannot be a field to type.")},
		{"form_attribute", N_("The form asks for an attribute that cards have not.")},
		{"application_malformed", N_("The application cannot be read.")},
		{"other_form", N_("The application is of another form.")},
		{"extra_member", N_("The application holds something that applications have not.")},
		{"extra_field", N_("The application holds a field that the form has not.")},
		{"field_too_long", N_("A field is longer than the form allows.")},
		{"field_missing", N_("A required field is empty.")},
		{"attribute_missing", N_("Something that is read from the card is missing.")},
		{"number_not_permitted", N_("The form does not ask for the individual number.")},
		{"number_missing", N_("The individual number is missing.")},
		{"number_wrong", N_("The individual number has a wrong check digit.")},
		{"attachment", N_("An attachment is not right.")},
		{"package", N_("The package is not for this receiver, or was changed.")},
		{"no_signature", N_("The package holds no signed application.")},
		{"verifier_not_permitted",
		 N_("This receiver is not configured as one that may verify "
		    "signatures (--class).")},
		{"older_version", N_("This version or a newer one is there already.")},
		{"decided_already", N_("The application is decided already.")},
		{"signature_invalid", N_("The signature of the newer version does not hold.")},
		{"another_person", N_("The newer version is signed by another person.")},
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (strcmp(known[i].code, code) == 0)
			return _(known[i].text);
	}
	return code;
}

int apply_fail(struct kz *kz, enum card_error err, const struct flow_apply_problem *p)
{
	char message[512];
	const struct kz_failure f = {.error = err,
				     .message = message,
				     .hint = "",
				     .exit = err == CARD_ERR_DENIED ? KZ_REFUSED : KZ_BAD_DATA};

	if (p == NULL || p->code == NULL || *p->code == '\0')
		return kz_fail_error(kz, err);
	snprintf(message, sizeof message, "%s%s%s [%s]", problem_text(p->code),
		 *p->field != '\0' ? " " : "", p->field, p->code);
	return kz_fail(kz, &f);
}

int apply_form(struct kz *kz, const char *path, flow_form_t **out)
{
	struct flow_apply_problem p = {"", ""};
	card_buf_t json = {0};
	enum card_error err;
	int rc;

	if (path == NULL)
		return kz_fail_usage(kz, _("Which form? Add --form FILE."));
	rc = apply_read(kz, path, &json);
	if (rc != KZ_GO)
		return rc;
	err = flow_form_read(out, card_buf_bytes(&json), &p);
	card_buf_free(&json);
	return err == CARD_OK ? KZ_GO : apply_fail(kz, err, &p);
}

int cmd_apply(struct kz *kz)
{
	struct apply_options o = {.verifier = NULL};
	const char *words[66];
	const struct kz_option options[] = {
		{"form", 0, N_("FILE"), &o.form, NULL, N_("the form, JSON")},
		{"output", 'o', N_("FILE"), &o.output, NULL, N_("where the result goes")},
		{"attach", 0, N_("FILE,…"), &o.attach, NULL, N_("fill: files that go with it")},
		{"to", 0, N_("FILE"), &o.to, NULL, N_("pack: certificate of the receiver")},
		{"yes", 0, NULL, NULL, &o.yes, N_("sign, erase: consent was given already")},
		{"last-try", 0, NULL, NULL, &o.last_try, N_("go on even with one try left")},
		{"inbox", 0, N_("DIR"), &o.inbox, NULL, N_("folder of what was received")},
		{"certificate", 0, N_("FILE"), &o.certificate, NULL,
		 N_("the receiver's own certificate")},
		{"key", 0, N_("FILE"), &o.key, NULL, N_("the receiver's key, PEM")},
		{"class", 0, "administrative|private", &o.verifier, NULL,
		 N_("what kind of verifier this is by law")},
		{"as", 0, "ID", &o.as, NULL,
		 N_("receiving: the operator who does it, logged in (the only session)")},
		{"administrator", 0, "ID", &o.administrator, NULL,
		 N_("erase: the administrator who confirms, logged in")},
		{"ocsp", 0, NULL, NULL, &o.ocsp,
		 N_("ask the authority's responder, if the store has no answer")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"new|fill|sign|pack|receive|list|open|decide|retry|erase …",
		N_("Makes an application from a form, fills it from the card, signs and seals it "
		   "(new, fill FILE NAME=VALUE…, sign FILE, pack FILE); and on the receiving side "
		   "takes it in, verifies and keeps it (receive FILE, list, open ID, decide ID "
		   "DECISION, retry ID, erase ID)."),
		options, 1, 65};
	size_t n;
	int rc = kz_options(kz, &usage, words, &n);

	if (rc != KZ_GO)
		return rc;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		if (strcmp(words[0], steps[i].word) != 0)
			continue;
		if (n - 1 < steps[i].min || n - 1 > steps[i].max)
			break;
		return steps[i].run(kz, &o, words + 1, n - 1);
	}
	return kz_fail_usage(kz, _("Usage: kazasu apply %s"), usage.synopsis);
}
