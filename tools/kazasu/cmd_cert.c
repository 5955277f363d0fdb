/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_cert.c — the four certificates of the JPKI application.
 *
 * Commands: 1 to select, one per 256 bytes; the certificate for signatures needs the sign password
 * first (3). Phones ask for the authentication PIN before their authentication certificate.
 */
#include "cert_verify.h"
#include "commands.h"
#include "config.h"
#include "file.h"
#include "options.h"
#include "output.h"
#include "pem.h"
#include "secret_entry.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

#include <card/jpki.h>

struct kind {
	const char *word;
	enum card_jpki_certificate which;
	const char *name; /* N_(…) */
};

static const struct kind kinds[] = {
	{"auth", CARD_JPKI_AUTH, N_("certificate for authentication")},
	{"sign", CARD_JPKI_SIGN, N_("certificate for signatures")},
	{"auth-ca", CARD_JPKI_AUTH_CA, N_("CA of the certificate for authentication")},
	{"sign-ca", CARD_JPKI_SIGN_CA, N_("CA of the certificate for signatures")},
};

static int write_files(struct kz *kz, struct card_bytes der, const char *pem, const char *der_path)
{
	card_buf_t text = {0};
	int rc = KZ_GO;

	if (der_path != NULL)
		rc = kz_file_write(kz, der_path, der, 0600);
	if (rc == KZ_GO && pem != NULL) {
		enum card_error err = kz_pem_write(der, &text);

		rc = err == CARD_OK ? kz_file_write(kz, pem, card_buf_bytes(&text), 0600)
				    : kz_fail_error(kz, err);
	}
	card_buf_free(&text);
	return rc;
}

static bool is_holder(enum card_jpki_certificate which)
{
	return which == CARD_JPKI_AUTH || which == CARD_JPKI_SIGN;
}

static json_t *text_or_null(struct card_bytes text)
{
	json_t *s = text.n > 0 ? json_stringn((const char *)text.p, text.n) : NULL;

	return s != NULL ? s : json_null();
}

/* The four attributes of a signature certificate (card-spec 7.4). */
static json_t *attributes(const card_cert_t *cert)
{
	const struct card_bytes name = card_cert_attribute(cert, CARD_ATTR_NAME);
	char birth[11];

	if (name.n == 0)
		return json_null();
	card_date_format(card_cert_birth(cert), birth);
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:s?, s:o}", "name", text_or_null(name), "name_substitutes",
		text_or_null(card_cert_attribute(cert, CARD_ATTR_NAME_SUBSTITUTES)), "address",
		text_or_null(card_cert_attribute(cert, CARD_ATTR_ADDRESS)), "address_substitutes",
		text_or_null(card_cert_attribute(cert, CARD_ATTR_ADDRESS_SUBSTITUTES)), "birth",
		*birth != '\0' ? birth : NULL, "sex",
		text_or_null(card_cert_attribute(cert, CARD_ATTR_SEX)));
}

static void say_attributes(const struct kz *kz, const card_cert_t *cert)
{
	const struct card_bytes sex = card_cert_attribute(cert, CARD_ATTR_SEX);
	const struct card_text_attributes a = {
		.name = card_cert_attribute(cert, CARD_ATTR_NAME),
		.address = card_cert_attribute(cert, CARD_ATTR_ADDRESS),
		.birth = card_cert_birth(cert),
		.sex = sex.n > 0 ? (char)sex.p[0] : '\0',
	};

	if (a.name.n > 0)
		kz_attributes_say(kz, &a);
}

static int show(struct kz *kz, const struct kz_session *card, const struct kind *kind,
		struct card_bytes der)
{
	char issuer[512], subject[512], policy[128], from[21], to[21], *clean;
	card_cert_t *cert = NULL;
	bool test;
	enum card_error err = card_cert_new(&cert, der);

	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	if (card_cert_issuer_text(cert, issuer, sizeof issuer) != CARD_OK)
		issuer[0] = '\0';
	/* The CN of a holder's certificate identifies a person: never shown (rules PD-26). */
	if (is_holder(kind->which))
		snprintf(subject, sizeof subject, "C=JP (CN and serial hidden)");
	else if (card_cert_subject_text(cert, subject, sizeof subject) != CARD_OK)
		subject[0] = '\0';
	if (card_cert_policy_text(cert, policy, sizeof policy) != CARD_OK)
		policy[0] = '\0';
	card_time_format_utc(card_cert_not_before(cert), from);
	card_time_format_utc(card_cert_not_after(cert), to);
	test = card_cert_is_test(cert) || kz_session_is_test(kz, card);
	clean = kz_printable(issuer, strlen(issuer));
	kz_say_pair(kz, _("certificate"), "%s%s", _(kind->name), test ? _("  [TEST]") : "");
	kz_say_pair(kz, _("subject"), "%s", subject);
	kz_say_pair(kz, _("issuer"), "%s", clean != NULL ? clean : "");
	kz_say_pair(kz, _("valid"), "%s – %s", from, to);
	if (*policy != '\0')
		kz_say_pair(kz, _("policy"), "%s", policy);
	say_attributes(kz, cert);
	kz_json(kz, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?, s:b, s:o}", "kind", kind->word,
			      "subject", subject, "issuer", issuer, "not_before", from, "not_after",
			      to, "policy", *policy != '\0' ? policy : NULL, "test", test,
			      "attributes", attributes(cert)));
	free(clean);
	card_cert_free(&cert);
	return KZ_DONE;
}

struct wanted {
	enum card_jpki_certificate which;
	card_buf_t *der;
};

static enum card_error read_certificate(struct kz_session *card, void *ctx)
{
	const struct wanted *w = ctx;

	return card_jpki_certificate(card->ch, w->which,
				     is_holder(w->which) ? card_grant_own_card() : NULL, w->der);
}

static int run(struct kz *kz, struct kz_session *card, const struct kind *kind, bool last_try,
	       card_buf_t *der)
{
	struct kz_entry entry = {.pin = CARD_PIN_SIGN, .last_try = last_try};
	struct wanted wanted = {kind->which, der};
	enum card_error err = CARD_OK;
	int rc = kz_secret_read(kz, card, kind->which == CARD_JPKI_SIGN ? &entry : NULL,
				read_certificate, &wanted, &err);

	/* Some cards hand this one out to the holder only. */
	if (rc == KZ_GO && err == CARD_ERR_SECURITY_STATUS && kind->which == CARD_JPKI_AUTH) {
		entry.pin = CARD_PIN_AUTH;
		card_buf_clear(der);
		rc = kz_secret_read(kz, card, &entry, read_certificate, &wanted, &err);
	}
	if (rc == KZ_GO && err != CARD_OK)
		rc = kz_session_fail(kz, card, err);
	return rc;
}

static const struct kind *find(const char *word)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (strcmp(kinds[i].word, word) == 0)
			return &kinds[i];
	}
	return NULL;
}

int cmd_cert(struct kz *kz)
{
	const char *pem = NULL, *der_path = NULL;
	bool last_try = false;
	struct cert_verify verify = {.file = NULL};
	const struct kz_option options[] = {
		{"pem", 0, N_("FILE"), &pem, NULL, N_("write it as PEM")},
		{"der", 0, N_("FILE"), &der_path, NULL, N_("write it as DER")},
		{"last-try", 0, NULL, NULL, &last_try, N_("go on even with one try left")},
		{"use", 0, "sign|auth", &verify.use, NULL, N_("verify: what it must be for")},
		{"no-revocation", 0, NULL, NULL, &verify.no_revocation,
		 N_("verify: do not ask whether it is revoked; the result says so")},
		{"stapled", 0, N_("FILE"), &verify.stapled, NULL,
		 N_("verify: an OCSP answer that came with the certificate")},
		KZ_POLICY_OPTIONS(&verify.policy),
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"auth | sign | auth-ca | sign-ca | verify FILE",
		N_("Shows a certificate of the card or writes it to a file. The one for signatures "
		   "holds name, address, date of birth and sex, and opens with the sign password. "
		   "Serial number and CN identify a person and are not shown."),
		options, 1, 2};
	const struct kind *kind;
	const char *words[2];
	struct kz_session card;
	card_buf_t der = {0};
	size_t n;
	int rc = kz_options(kz, &usage, words, &n);

	if (rc != KZ_GO)
		return rc;
	if (n == 2 && strcmp(words[0], "verify") == 0) {
		verify.file = words[1];
		return kz_cert_verify(kz, &verify);
	}
	kind = find(words[0]);
	if (kind == NULL || n != 1)
		return kz_fail_usage(kz, _("Which certificate? auth, sign, auth-ca or sign-ca."));
	if (is_holder(kind->which))
		rc = kz_config_own_card(kz);
	if (rc != KZ_GO)
		return rc;
	if ((pem != NULL && !kz_file_check(kz, pem, &rc)) ||
	    (der_path != NULL && !kz_file_check(kz, der_path, &rc)))
		return rc;
	rc = kz_session_open(kz, &card);
	if (rc != KZ_GO)
		return rc;
	rc = run(kz, &card, kind, last_try, &der);
	if (rc == KZ_GO)
		rc = write_files(kz, card_buf_bytes(&der), pem, der_path);
	if (rc == KZ_GO)
		rc = show(kz, &card, kind, card_buf_bytes(&der));
	card_buf_free(&der);
	kz_session_close(&card);
	return rc;
}
