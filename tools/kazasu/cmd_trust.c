/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_trust.c — the authorities that this machine trusts. */
#include "commands.h"
#include "file.h"
#include "options.h"
#include "output.h"
#include "pem.h"
#include "pki.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *kind_word(enum card_cert_kind kind)
{
	static const char *const words[] = {"other", "sign", "auth", "sign-ca", "auth-ca"};

	return words[kind];
}

static json_t *anchor_json(const card_cert_t *c, const char *hex, const char *known)
{
	char subject[512], id[65];

	if (card_cert_subject_text(c, subject, sizeof subject) != CARD_OK)
		subject[0] = '\0';
	if (card_hex_encode(card_cert_subject_key_id(c), id, sizeof id) != CARD_OK)
		id[0] = '\0';
	return json_pack("{s:s, s:s, s:s, s:s?, s:s, s:o, s:o, s:b}", "subject", subject, "kind",
			 kind_word(card_cert_kind(c)), "fingerprint", hex, "known", known, "key_id",
			 id, "not_before", kz_time_json(card_cert_not_before(c)), "not_after",
			 kz_time_json(card_cert_not_after(c)), "test", card_cert_is_test(c));
}

/* One authority, to people and as JSON. */
static json_t *anchor(const struct kz *kz, const card_cert_t *c)
{
	char subject[512], hex[65], from[26], to[26], *clean;
	uint8_t fp[32] = {0};
	const char *known;

	if (card_cert_fingerprint(c, fp) != CARD_OK)
		return json_null();
	known = card_trust_known_name(fp, kz->lang);
	card_hex_encode(card_bytes(fp, sizeof fp), hex, sizeof hex);
	if (card_cert_subject_text(c, subject, sizeof subject) != CARD_OK)
		subject[0] = '\0';
	clean = kz_printable(subject, strlen(subject));
	card_time_format_japan(card_cert_not_before(c), from);
	card_time_format_japan(card_cert_not_after(c), to);
	kz_say_pair(kz, _("authority"), "%s%s", clean != NULL ? clean : "",
		    card_cert_is_test(c) ? _("  [TEST]") : "");
	kz_say_pair(kz, _("published as"), "%s", known != NULL ? known : _("(not a known root)"));
	kz_say_pair(kz, _("valid"), "%s – %s", from, to);
	kz_say_pair(kz, "SHA-256", "%s", hex);
	free(clean);
	return anchor_json(c, hex, known);
}

static int list(struct kz *kz)
{
	card_trust_t *trust;
	json_t *all;
	int rc = kz_trust_open(kz, &trust);

	if (rc != KZ_GO)
		return rc;
	all = json_array();
	for (size_t i = 0; i < card_trust_count(trust); i++) {
		json_array_append_new(all, anchor(kz, card_trust_anchor(trust, i)));
		kz_say(kz, "\n");
	}
	if (json_array_size(all) == 0)
		kz_say(kz, _("No authority is installed in %s.\n"), kz_trust_dir(kz));
	kz_json(kz, json_pack("{s:s, s:o}", "folder", kz_trust_dir(kz), "anchors", all));
	card_trust_free(&trust);
	return KZ_DONE;
}

/* Exit 0 only if this very certificate is installed. */
static int check(struct kz *kz, const card_cert_t *c)
{
	card_trust_t *trust;
	bool installed;
	json_t *o;
	int rc = kz_trust_open(kz, &trust);

	if (rc != KZ_GO)
		return rc;
	installed = card_trust_find(trust, card_cert_der(c)) != NULL;
	o = anchor(kz, c);
	json_object_set_new(o, "installed", json_boolean(installed));
	kz_say_pair(kz, _("installed"), "%s", installed ? _("yes") : _("no"));
	kz_json(kz, o);
	card_trust_free(&trust);
	return installed ? KZ_DONE : KZ_UNDETERMINED;
}

/* Would it be an anchor at all? Tried in a store of its own. */
static int usable(struct kz *kz, const card_cert_t *c)
{
	card_trust_t *one;
	struct kz_failure f = {
		.error = card_trust_new(&one, kz->opt.test_roots ? CARD_TRUST_TEST_ROOTS : 0)};

	if (f.error == CARD_OK) {
		f.error = card_trust_add(one, card_cert_der(c));
		card_trust_free(&one);
	}
	if (f.error == CARD_OK)
		return KZ_GO;
	f.hint = "";
	if (f.error == CARD_ERR_DENIED) {
		f.exit = KZ_REFUSED;
		f.message = _("This is a root of the test hierarchy. It is accepted with "
			      "--test-roots only.");
	} else {
		f.exit = KZ_BAD_DATA;
		f.message = _("This is not the self-signed certificate of an authority.");
	}
	return kz_fail(kz, &f);
}

static int add(struct kz *kz, const card_cert_t *c, bool yes, const char *fingerprint)
{
	char path[4096], hex[65], plain[65] = "";
	uint8_t fp[32] = {0};
	card_buf_t pem = {0}, given = {0};
	json_t *o;
	bool agreed = yes;
	int rc = usable(kz, c);

	if (rc != KZ_GO)
		return rc;
	o = anchor(kz, c);
	if (card_cert_fingerprint(c, fp) != CARD_OK)
		agreed = false;
	card_hex_encode(card_bytes(fp, sizeof fp), hex, sizeof hex);
	if (card_trust_known_name(fp, kz->lang) != NULL)
		agreed = true;
	if (fingerprint != NULL) {
		if (card_hex_decode(fingerprint, &given) == CARD_OK && given.n == sizeof fp)
			card_hex_encode(card_buf_bytes(&given), plain, sizeof plain);
		card_buf_free(&given);
		agreed = strcmp(plain, hex) == 0;
	}
	if (!agreed) {
		json_decref(o);
		return kz_fail_refused(
			kz,
			_("Compare the fingerprint with what the authority publishes, then give it "
			  "with --fingerprint. That a card holds the certificate proves nothing."),
			"%s", _("This is not a known root."));
	}
	if (mkdir(kz_trust_dir(kz), 0755) != 0 && errno != EEXIST)
		kz_note(kz, "kazasu: %s: %s", kz_trust_dir(kz), strerror(errno));
	snprintf(path, sizeof path, "%.3000s/%.16s.pem", kz_trust_dir(kz), hex);
	rc = kz_pem_write(card_cert_der(c), &pem) == CARD_OK
		     ? kz_file_write(kz, path, card_buf_bytes(&pem), 0644)
		     : kz_fail_error(kz, CARD_ERR_NO_MEMORY);
	card_buf_free(&pem);
	if (rc != KZ_GO) {
		json_decref(o);
		return rc;
	}
	json_object_set_new(o, "installed", json_true());
	json_object_set_new(o, "file", json_string(path));
	kz_say_pair(kz, _("installed"), "%s", path);
	kz_json(kz, o);
	return KZ_DONE;
}

int cmd_trust(struct kz *kz)
{
	const char *words[2] = {NULL, NULL}, *fingerprint = NULL;
	bool yes = false;
	const struct kz_option options[] = {
		{"fingerprint", 0, N_("HEX"), &fingerprint, NULL,
		 N_("add: the SHA-256 fingerprint the authority publishes")},
		{"yes", 0, NULL, NULL, &yes, N_("add: install a root that is not a known one")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"list | add FILE | check FILE",
		N_("Shows the authorities that are trusted, adds one, or tells whether a "
		   "certificate is one of them. The fingerprints of the published roots of the "
		   "Japanese Public Key Infrastructure are known by name."),
		options, 1, 2};
	card_cert_t *c = NULL;
	size_t n;
	int rc = kz_options(kz, &usage, words, &n);

	if (rc != KZ_GO)
		return rc;
	if (strcmp(words[0], "list") == 0 && n == 1)
		return list(kz);
	if (n != 2 || (strcmp(words[0], "add") != 0 && strcmp(words[0], "check") != 0))
		return kz_fail_usage(kz, _("kazasu trust list | add FILE | check FILE"));
	rc = kz_cert_read(kz, words[1], &c);
	if (rc == KZ_GO)
		rc = strcmp(words[0], "add") == 0 ? add(kz, c, yes, fingerprint) : check(kz, c);
	card_cert_free(&c);
	return rc;
}
