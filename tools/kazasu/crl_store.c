/* SPDX-License-Identifier: Apache-2.0 */
/* crl_store.c — asking the store of revocation indexes, showing and checking it. */
#include "crl.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "output.h"
#include "place.h"

/* ---- lookup ---- */

static int answer(struct kz *kz, const struct card_revocation_answer *a)
{
	static const char *const status[] = {N_("undetermined"), N_("not revoked"), N_("revoked"),
					     N_("not asked")};
	char when[26];

	kz_say_pair(kz, _("status"), "%s", _(status[a->status]));
	if (a->status == CARD_REVOCATION_REVOKED) {
		card_time_format_japan(a->revoked_at, when);
		kz_say_pair(kz, _("revoked at"), "%s", when);
		kz_say_pair(kz, _("reason"), "%s", card_crl_reason_text(a->reason, kz->lang));
	}
	if (a->next_update != 0) {
		card_time_format_japan(a->next_update, when);
		kz_say_pair(kz, _("next list"), "%s", when);
	}
	if (a->status != CARD_REVOCATION_REVOKED)
		kz_reasons_say(kz, a->reasons);
	kz_json(kz, kz_answer_json(a));
	return a->status == CARD_REVOCATION_GOOD      ? KZ_DONE
	       : a->status == CARD_REVOCATION_REVOKED ? KZ_INVALID
						      : KZ_UNDETERMINED;
}

/* The issuer is the file that was given, or the anchor that signed the certificate. */
static int by_certificate(struct kz *kz, card_verify_t *v, const card_trust_t *trust,
			  const struct crl_question *q)
{
	struct card_revocation_answer a = {.reason = CARD_CRL_NO_REASON};
	struct card_path_result path;
	card_cert_t *cert = NULL, *given = NULL;
	const card_cert_t *issuer = NULL;
	enum card_error err = CARD_OK;
	int rc = kz_cert_read(kz, q->certificate, &cert);

	if (rc == KZ_GO && q->issuer != NULL)
		rc = kz_cert_read(kz, q->issuer, &given);
	if (rc == KZ_GO && given != NULL) {
		if (card_cert_verify_issued(cert, given) == CARD_OK)
			issuer = given;
	} else if (rc == KZ_GO) {
		err = card_path_check(trust, cert, CARD_USE_SIGN, kz_now(kz), &path);
		issuer = path.issuer;
	}
	if (rc == KZ_GO && err == CARD_OK && issuer != NULL)
		err = card_verify_revocation(v, cert, issuer, kz_now(kz), card_bytes(NULL, 0), &a);
	else
		a.reasons = card_reason_bit(CARD_REASON_ISSUER_UNKNOWN);
	if (rc == KZ_GO)
		rc = err == CARD_OK ? answer(kz, &a) : kz_fail_error(kz, err);
	card_cert_free(&cert);
	card_cert_free(&given);
	return rc;
}

static int scope_of(struct kz *kz, const char *dp, uint8_t scope[32])
{
	card_buf_t point = {0};
	enum card_error err = dp != NULL ? card_name_canonical_from_text(dp, &point) : CARD_OK;

	if (err == CARD_OK)
		err = card_crl_scope_of_name(card_buf_bytes(&point), scope);
	card_buf_free(&point);
	return err == CARD_OK
		       ? KZ_GO
		       : kz_fail_usage(kz, _("\"%s\" is no distinguished name (RFC 4514)."), dp);
}

static int by_serial(struct kz *kz, card_verify_t *v, const struct crl_question *q)
{
	struct card_revocation_answer a;
	uint8_t key[32], scope[32];
	card_buf_t serial = {0};
	card_cert_t *issuer = NULL;
	char even[64];
	const size_t n = strlen(q->serial);
	enum card_error err;
	int rc;

	/* An odd number of digits is a leading zero left out. */
	snprintf(even, sizeof even, "%s%s", n % 2 ? "0" : "", q->serial);
	if (n + n % 2 >= sizeof even || card_hex_decode(even, &serial) != CARD_OK ||
	    serial.n == 0) {
		card_buf_free(&serial);
		return kz_fail_usage(kz, _("\"%s\" is no serial number in hexadecimal."),
				     q->serial);
	}
	rc = kz_cert_read(kz, q->issuer, &issuer);
	if (rc == KZ_GO)
		rc = scope_of(kz, q->dp, scope);
	if (rc == KZ_GO) {
		err = card_crl_issuer_key(issuer, key);
		if (err == CARD_OK)
			err = card_verify_serial(v, key, scope, card_buf_bytes(&serial), kz_now(kz),
						 &a);
		rc = err == CARD_OK ? answer(kz, &a) : kz_fail_error(kz, err);
	}
	card_buf_free(&serial);
	card_cert_free(&issuer);
	return rc;
}

int crl_lookup(struct kz *kz, const struct crl_question *q)
{
	card_trust_t *trust;
	card_verify_t *v;
	const bool serial = q->issuer != NULL && q->serial != NULL && q->certificate == NULL;
	int rc;

	if (!serial && (q->certificate == NULL || q->serial != NULL || q->dp != NULL))
		return kz_fail_usage(kz, _("kazasu crl lookup --certificate FILE, or --issuer FILE "
					   "[--dp DN] --serial HEX"));
	rc = kz_trust_open(kz, &trust);
	if (rc != KZ_GO)
		return rc;
	rc = kz_verify_open(kz, trust, false, NULL, &v);
	if (rc == KZ_GO) {
		rc = serial ? by_serial(kz, v, q) : by_certificate(kz, v, trust, q);
		card_verify_free(&v);
	}
	card_trust_free(&trust);
	return rc;
}

/* ---- info, verify ---- */

struct showing {
	struct kz *kz;
	json_t *list;
	bool check;
	size_t bad;
};

static void show_one(void *ctx, const char *path)
{
	struct showing *s = ctx;
	card_crl_index_t *index = NULL;
	enum card_error err = card_crl_index_open(&index, path);
	const char *file = strrchr(path, '/') + 1;
	json_t *o;

	if (err == CARD_OK && s->check)
		err = card_crl_index_verify(index);
	o = index != NULL ? crl_info_json(s->kz, card_crl_index_info(index)) : json_object();
	json_object_set_new(o, "file", json_string(file));
	json_object_set_new(o, "intact", json_boolean(err == CARD_OK));
	json_array_append_new(s->list, o);
	if (index != NULL)
		crl_info_say(s->kz, card_crl_index_info(index));
	if (err != CARD_OK) {
		s->bad++;
		kz_note(s->kz, "kazasu: %s: %s", file, card_strerror(err, s->kz->lang));
	} else if (s->check) {
		kz_say_pair(s->kz, _("index file"), "%s", _("intact"));
	}
	kz_say(s->kz, "\n");
	card_crl_index_close(&index);
}

static int show(struct kz *kz, bool check)
{
	struct showing s = {kz, json_array(), check, 0};
	struct kz_failure f = {.error = card_crl_store_each(kz_store_dir(kz), show_one, &s)};
	char message[KZ_PATH_MAX + 128];
	struct stat st;

	if (f.error != CARD_OK) {
		const bool there = stat(kz_store_dir(kz), &st) == 0;

		json_decref(s.list);
		snprintf(message, sizeof message,
			 there ? _("The store of revocation lists in %s cannot be read.")
			       : _("There is no store of revocation lists in %s."),
			 kz_store_dir(kz));
		f.exit = KZ_NO_INPUT;
		f.message = message;
		f.hint =
			there ? ""
			      : _("\"kazasu crl import FILE…\" makes one; --store or KAZASU_CRL_DIR names "
				  "another place.");
		return kz_fail(kz, &f);
	}
	if (json_array_size(s.list) == 0)
		kz_say(kz, "%s\n", _("There are no revocation lists in the store."));
	kz_json(kz, json_pack("{s:s, s:o}", "store", kz_store_dir(kz), "indexes", s.list));
	return s.bad > 0 ? KZ_INVALID : KZ_DONE;
}

int crl_show(struct kz *kz)
{
	return show(kz, false);
}

int crl_verify(struct kz *kz)
{
	return show(kz, true);
}

/* ---- export ---- */

struct exporting {
	bool json, first;
};

static bool export_one(void *ctx, struct card_bytes serial, const struct card_crl_entry *entry)
{
	struct exporting *e = ctx;
	const char *reason = card_crl_reason_name(entry->reason);
	char hex[64], when[21];

	card_hex_encode(serial, hex, sizeof hex);
	card_time_format_utc(entry->revoked_at, when);
	if (!e->json)
		printf("%s,%s,%s\n", hex, when, reason != NULL ? reason : "");
	else
		printf("%s\n{\"serial\":\"%s\",\"revoked_at\":\"%s\",\"reason\":%s%s%s}",
		       e->first ? "" : ",", hex, when, reason != NULL ? "\"" : "",
		       reason != NULL ? reason : "null", reason != NULL ? "\"" : "");
	e->first = false;
	return !ferror(stdout);
}

int crl_export(struct kz *kz, const struct crl_question *q)
{
	struct exporting e = {kz->opt.json, true};
	uint8_t key[32], scope[32];
	card_cert_t *issuer = NULL;
	card_crl_store_t *store = NULL;
	const card_crl_index_t *index = NULL;
	int rc;

	if (q->issuer == NULL || q->certificate != NULL || q->serial != NULL)
		return kz_fail_usage(kz, _("kazasu crl export --issuer FILE [--dp DN]"));
	rc = kz_cert_read(kz, q->issuer, &issuer);
	if (rc == KZ_GO)
		rc = scope_of(kz, q->dp, scope);
	if (rc == KZ_GO && card_crl_issuer_key(issuer, key) == CARD_OK &&
	    card_crl_store_open(&store, kz_store_dir(kz), 0) == CARD_OK)
		index = card_crl_store_find(store, key, scope);
	if (rc == KZ_GO && index == NULL) {
		struct kz_failure f = {.error = CARD_ERR_NOT_FOUND,
				       .exit = KZ_NO_INPUT,
				       .message = _("There is no such list in the store."),
				       .hint = ""};
		rc = kz_fail(kz, &f);
	} else if (rc == KZ_GO) {
		fputs(e.json ? "[" : "", stdout);
		card_crl_index_each(index, export_one, &e);
		fputs(e.json ? "\n]\n" : "", stdout);
		kz->answered = true;
		rc = KZ_DONE;
	}
	card_crl_store_close(&store);
	card_cert_free(&issuer);
	return rc;
}
