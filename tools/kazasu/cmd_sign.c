/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_sign.c — sign documents with the card (rules R5-04, R5-17).
 *
 * What will be signed is shown before the password is asked for. The password opens the
 * certificate (SELECT, query, VERIFY, reads; status cleared), the holder is shown and consents,
 * then each document costs one transaction: SELECT, query, VERIFY, SELECT, SIGN. Nothing but a
 * DigestInfo goes to the card. The password is held for this command only and wiped after it.
 */
#include "ask.h"
#include "commands.h"
#include "options.h"
#include "output.h"
#include "sign.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <card/jpki.h>

#include "place.h"

#define FILES_MAX 64u

/* ---- before the password ---- */

static int choose_kind(struct kz *kz, const char *as, enum flow_format guessed, enum sign_kind *out)
{
	static const char *const names[] = {"cms", "pades", "touki", "xml", "raw"};

	if (as == NULL) {
		*out = guessed == FLOW_FORMAT_PDF   ? SIGN_PADES
		       : guessed == FLOW_FORMAT_XML ? SIGN_XML
						    : SIGN_CMS;
		return KZ_GO;
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(as, names[i]) == 0) {
			*out = (enum sign_kind)i;
			return KZ_GO;
		}
	}
	return kz_fail_usage(kz, _("--as takes cms, pades, touki, xml or raw."));
}

static void hex_of(const uint8_t *p, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 15];
	}
	*out = '\0';
}

/* Name, size, digest and pages of what will be signed. */
static int show_document(struct kz *kz, const struct sign_options *o, struct sign_document *d)
{
	const struct flow_range all = {0, flow_file_bytes(d->file).n};
	uint8_t digest[CARD_HASH_MAX];
	uint64_t pages = 0;
	unsigned before = 0;
	struct flow_pdf_fault fault = {.why = FLOW_PDF_FINE};
	struct flow_pdf_options how = kz_sign_pdf_options(&o->pdf);
	enum card_error err = flow_file_digest(d->file, CARD_HASH_SHA256, &all, 1, digest);
	char *clean = kz_printable(d->path, strlen(d->path));
	bool pdf = d->kind == SIGN_PADES || d->kind == SIGN_TOUKI;

	how.kind = d->kind == SIGN_TOUKI ? FLOW_PDF_TOUKI : FLOW_PDF_PADES;
	how.reason = o->reason;
	if (err == CARD_OK && pdf)
		err = flow_pdf_look(d->file, &fault.why, &pages, &before);
	if (err == CARD_OK && pdf && fault.why == FLOW_PDF_FINE)
		err = flow_pdf_check(d->file, &how, &fault);
	if (err == CARD_OK && fault.why == FLOW_PDF_FINE) {
		hex_of(digest, 32, d->sha256);
		kz_note(kz, _("To be signed: %s, %llu bytes"), clean != NULL ? clean : "",
			(unsigned long long)all.length);
		kz_note(kz, "  SHA-256 %s", d->sha256);
		if (pdf)
			kz_note(kz,
				ngettext("  PDF, %llu page", "  PDF, %llu pages",
					 (unsigned long)pages),
				(unsigned long long)pages);
		if (before > 0)
			kz_note(kz,
				ngettext("  It carries %u signature already.",
					 "  It carries %u signatures already.", before),
				before);
	}
	free(clean);
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	return fault.why == FLOW_PDF_FINE ? KZ_GO : kz_sign_pdf_refuse(kz, d->path, &fault);
}

static int prepare(struct kz *kz, const struct sign_options *o, struct sign_document *d)
{
	int rc = kz_document_open(kz, d->path, &d->file);

	if (rc == KZ_GO)
		rc = choose_kind(kz, o->as, flow_format_of(flow_file_bytes(d->file)), &d->kind);
	if (rc == KZ_GO && o->key_auth && d->kind != SIGN_RAW)
		rc = kz_fail_refused(kz, "",
				     _("The authentication key signs no documents: it has "
				       "not the meaning of a seal. --key auth is for "
				       "--as raw only."));
	if (rc == KZ_GO && d->kind == SIGN_CMS && !o->detached &&
	    flow_file_bytes(d->file).n > CARD_BUF_MAX / 2)
		rc = kz_fail_usage(kz, _("The file is too large to be put inside the signature. "
					 "Use --detached."));
	if (rc == KZ_GO && d->kind == SIGN_XML && o->tsa != NULL)
		rc = kz_fail_usage(kz, _("Timestamps are added to CMS and PDF only, not to XML."));
	if (rc == KZ_GO)
		rc = show_document(kz, o, d);
	return rc == KZ_GO && d->kind == SIGN_XML ? kz_sign_xml_look(kz, o, d) : rc;
}

/* An option that none of the files can make use of was meant for something else. */
static int check_options(struct kz *kz, const struct sign_options *o,
			 const struct sign_document *docs, size_t n)
{
	bool pdf = false, xml = false;

	for (size_t i = 0; i < n; i++) {
		pdf = pdf || docs[i].kind == SIGN_PADES || docs[i].kind == SIGN_TOUKI;
		xml = xml || docs[i].kind == SIGN_XML;
	}
	if (!pdf && (o->pdf.visible != NULL || o->pdf.field != NULL || o->reason != NULL ||
		     o->location != NULL))
		return kz_fail_usage(kz,
				     _("--visible, --field, --reason and --location are for PDF, "
				       "and none of the files is signed as PDF."));
	if (!xml && (o->ids != NULL || o->attach != NULL || o->enveloping || o->exclusive))
		return kz_fail_usage(kz, _("--id, --attach, --enveloping and --c14n are for XML, "
					   "and none of the files is signed as XML."));
	return KZ_GO;
}

/* ---- consent ---- */

static int consent(struct kz *kz, const struct sign_options *o, const card_cert_t *cert, size_t n)
{
	const struct card_bytes name = card_cert_attribute(cert, CARD_ATTR_NAME);
	char *clean = kz_printable((const char *)name.p, name.n), until[26], question[128];

	snprintf(question, sizeof question,
		 ngettext("Sign this document? [y/N]", "Sign these %zu documents? [y/N]", n), n);
	card_time_format_japan(card_cert_not_after(cert), until);
	if (card_cert_not_after(cert) < kz_now(kz))
		kz_note(kz, "%s",
			_("The certificate has expired: nobody will accept this signature."));
	kz_note(kz, _("Signer: %s, certificate valid until %s"),
		clean != NULL && *clean != '\0' ? clean : "–", until);
	free(clean);
	if (o->yes || kz_asked_yes(question))
		return KZ_GO;
	return kz_fail_refused(kz, _("Answer y on the terminal, or add --yes."),
			       _("There was no consent. Nothing was signed."));
}

/* ---- all of it ---- */

static int sign_all(struct kz *kz, const struct sign_options *o, struct sign_session *s,
		    struct sign_document *docs, size_t n)
{
	json_t *list = json_array();
	int rc = KZ_GO;

	for (size_t i = 0; rc == KZ_GO && i < n; i++) {
		rc = kz_sign_document(kz, o, s, &docs[i]);
		if (rc != KZ_GO)
			break;
		kz_say(kz, _("Signed: %s%s\n"), docs[i].out,
		       kz_session_is_test(kz, s->card) ? _("  [TEST]") : "");
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:b}", "file",
						      docs[i].path, "output", docs[i].out, "as",
						      kz_sign_kind_name(docs[i].kind), "sha256",
						      docs[i].sha256, "test",
						      kz_session_is_test(kz, s->card)));
	}
	if (rc != KZ_GO) {
		json_decref(list);
		return rc;
	}
	kz_json(kz, json_pack("{s:o}", "files", list));
	return KZ_DONE;
}

static int with_card(struct kz *kz, const struct sign_options *o, struct sign_document *docs,
		     size_t n)
{
	struct kz_session card;
	struct sign_session s = {.card = &card};
	int rc = kz_session_open(kz, &card);

	if (rc != KZ_GO)
		return rc;
	rc = kz_sign_open(kz, o, &s);
	if (rc == KZ_GO)
		rc = consent(kz, o, s.cert, n);
	if (rc == KZ_GO) {
		s.allowed = n;
		rc = sign_all(kz, o, &s, docs, n);
	}
	kz_sign_close(&s);
	kz_session_close(&card);
	return rc;
}

static int run(struct kz *kz, struct sign_options *o, const char *const *paths, size_t n,
	       const char *tsa_trust)
{
	struct sign_document *docs = calloc(n, sizeof(*docs));
	int rc;

	if (docs == NULL)
		return kz_fail_error(kz, CARD_ERR_NO_MEMORY);
	rc = kz_tsa_trust(kz, tsa_trust, &o->tsa_trust);
	if (rc == KZ_GO)
		rc = kz_attachments_open(kz, o->attach, &o->attachments);
	for (size_t i = 0; rc == KZ_GO && i < n; i++) {
		docs[i].path = paths[i];
		rc = prepare(kz, o, &docs[i]);
	}
	if (rc == KZ_GO)
		rc = check_options(kz, o, docs, n);
	if (rc == KZ_GO)
		rc = kz_sign_name_outputs(kz, o, docs, n);
	if (rc == KZ_GO)
		rc = kz_sign_show(kz, o);
	if (rc == KZ_GO && !o->key_auth)
		kz_note(kz, "%s",
			_("The signature carries your certificate: whoever receives the "
			  "file learns your name, address, date of birth and sex."));
	if (rc == KZ_GO)
		rc = with_card(kz, o, docs, n);
	for (size_t i = 0; i < n; i++)
		flow_file_free(&docs[i].file);
	free(docs);
	flow_tsa_trust_free(&o->tsa_trust);
	kz_attachments_free(&o->attachments);
	return rc;
}

int kz_sign_application(struct kz *kz, const char *path, const char *output, bool yes,
			bool last_try)
{
	/* JSON becomes CMS with its content, XML carries its signature. */
	struct sign_options o = {.output = output, .yes = yes, .last_try = last_try};

	return run(kz, &o, &path, 1, NULL);
}

int cmd_sign(struct kz *kz)
{
	struct sign_options o = {.as = NULL};
	const char *files[FILES_MAX], *key = NULL, *tsa_trust = NULL, *c14n = NULL;
	bool list_fields = false;
	const struct kz_option options[] = {
		{"as", 0, "cms|pades|touki|xml|raw", &o.as, NULL,
		 N_("the form of the signature (by the file)")},
		{"key", 0, "sign|auth", &key, NULL, N_("which key, with --as raw (sign)")},
		{"detached", 0, NULL, NULL, &o.detached,
		 N_("CMS without the content; XML apart from the file")},
		{"output", 'o', N_("OUT"), &o.output, NULL,
		 N_("where the result goes: a file, or a folder, as it has to be for several files")},
		{"tsa", 0, "URL", &o.tsa, NULL, N_("add a timestamp of this authority")},
		{"tsa-trust", 0, N_("FILE"), &tsa_trust, NULL,
		 N_("its root certificate, PEM (needed with --tsa)")},
		{"reason", 0, N_("TEXT"), &o.reason, NULL, N_("PDF: why it is signed")},
		{"location", 0, N_("TEXT"), &o.location, NULL, N_("PDF: where it is signed")},
		{"visible", 0, N_("PLACE"), &o.pdf.visible, NULL,
		 N_("PDF: show name and time there: PAGE[,X,Y[,WIDTH,HEIGHT]], millimetres from the "
		    "upper left corner; PAGE may be \"last\"")},
		{"field", 0, N_("NAME"), &o.pdf.field, NULL,
		 N_("PDF: sign in this empty field (a new one)")},
		{"list-fields", 0, NULL, NULL, &list_fields,
		 N_("PDF: show the signature fields and sign nothing")},
		{"id", 0, N_("ID,…"), &o.ids, NULL,
		 N_("XML: sign the elements with these identifiers (the whole document)")},
		{"attach", 0, N_("FILE,…"), &o.attach, NULL,
		 N_("XML: sign these files with it, by their names")},
		{"enveloping", 0, NULL, NULL, &o.enveloping,
		 N_("XML: the document goes into the signature")},
		{"c14n", 0, "inclusive|exclusive", &c14n, NULL,
		 N_("XML: the canonical form (inclusive)")},
		{"plain", 0, NULL, NULL, &o.plain,
		 N_("CMS and XML without the attributes of CAdES and XAdES")},
		{"yes", 0, NULL, NULL, &o.yes, N_("the holder has consented already")},
		{"last-try", 0, NULL, NULL, &o.last_try, N_("go on even with one try left")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"FILE… [-o OUT]",
		N_("Signs files with the key for signatures (署名用), which stands for a registered "
		   "seal. PDF files are signed as PAdES, XML as XAdES, others as CMS. The original file stays as "
		   "it is. One entry of the password signs the files named here and nothing else."),
		options, 1, FILES_MAX};
	size_t n;
	int rc = kz_options(kz, &usage, files, &n);

	if (rc != KZ_GO)
		return rc;
	if (key != NULL && strcmp(key, "auth") != 0 && strcmp(key, "sign") != 0)
		return kz_fail_usage(kz, _("--key takes sign or auth."));
	if (list_fields)
		return kz_sign_pdf_list(kz, files, n);
	rc = kz_sign_pdf_read(kz, &o.pdf);
	if (rc != KZ_GO)
		return rc;
	o.key_auth = key != NULL && strcmp(key, "auth") == 0;
	if (c14n != NULL && strcmp(c14n, "inclusive") != 0 && strcmp(c14n, "exclusive") != 0)
		return kz_fail_usage(kz, _("--c14n takes inclusive or exclusive."));
	o.exclusive = c14n != NULL && strcmp(c14n, "exclusive") == 0;
	if (o.enveloping + o.detached + (o.ids != NULL) > 1)
		return kz_fail_usage(kz,
				     _("--enveloping, --detached and --id exclude each other."));
	if ((o.tsa == NULL) != (tsa_trust == NULL))
		return kz_fail_usage(kz, _("--tsa and --tsa-trust belong together: a timestamp is "
					   "verified before it is added."));
	return run(kz, &o, files, n, tsa_trust);
}
