/* SPDX-License-Identifier: Apache-2.0 */
#include "pki.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "output.h"
#include "place.h"
#include "policy.h"

const char *kz_trust_dir(const struct kz *kz)
{
	return kz->opt.trust != NULL ? kz->opt.trust : KZ_TRUST_DIR;
}

const char *kz_store_dir(const struct kz *kz)
{
	const char *env = getenv("KAZASU_CRL_DIR");

	if (kz->opt.store != NULL)
		return kz->opt.store;
	return env != NULL && *env != '\0' ? env : KZ_STORE_DIR;
}

/* A file that is no anchor is worth a word; a test root in an ordinary run is not. */
static void report(void *ctx, const char *file, enum card_error err)
{
	const struct kz *kz = ctx;

	if (err == CARD_ERR_DENIED && kz->opt.verbose)
		kz_note(kz, "kazasu: %s: %s", file,
			_("This is a root of the test hierarchy. It is accepted with --test-roots "
			  "only."));
	else if (err != CARD_OK && err != CARD_ERR_DENIED)
		kz_note(kz, "kazasu: %s: %s", file, card_strerror(err, kz->lang));
}

int kz_trust_open(struct kz *kz, card_trust_t **out)
{
	char folder[KZ_PATH_MAX], path[KZ_PATH_MAX + 8];
	const bool test = kz->opt.test_roots;
	struct stat st;
	struct kz_failure f = {.error = card_trust_new(out, test ? CARD_TRUST_TEST_ROOTS : 0)};

	if (f.error != CARD_OK)
		return kz_fail(kz, &f);
	if (kz->opt.trust != NULL) {
		f.error = card_trust_load(*out, kz->opt.trust, report, kz);
	} else {
		/* What was installed with the program, and what the operator added. */
		if (stat(KZ_SHIPPED_TRUST, &st) == 0)
			f.error = card_trust_load(*out, KZ_SHIPPED_TRUST, report, kz);
		if (f.error == CARD_OK && stat(KZ_TRUST_DIR, &st) == 0)
			f.error = card_trust_load(*out, KZ_TRUST_DIR, report, kz);
	}
	if (f.error == CARD_OK && test && kz_place_fixtures(folder, sizeof folder)) {
		snprintf(path, sizeof path, "%s/trust", folder);
		f.error = card_trust_load(*out, path, NULL, NULL);
	}
	if (f.error == CARD_OK)
		return KZ_GO;
	card_trust_free(out);
	f.exit = KZ_NO_INPUT;
	f.message = _("The folder of trust anchors cannot be read.");
	f.hint = "";
	return kz_fail(kz, &f);
}

int kz_verify_open(struct kz *kz, const card_trust_t *trust, bool ocsp, const char *ocsp_url,
		   card_verify_t **out)
{
	struct kz_policy p = {.ocsp = ocsp, .url = ocsp_url};

	return kz_policy_open(kz, &p, trust, out);
}

int kz_cert_read(struct kz *kz, const char *path, card_cert_t **out)
{
	card_buf_t der = {0};
	enum card_cert_fault fault = CARD_CERT_FAULT_NONE;
	struct kz_failure f = {.error = card_cert_read_file(path, &der), .hint = ""};
	char message[KZ_PATH_MAX + 256];

	*out = NULL;
	if (f.error == CARD_OK)
		f.error = card_cert_parse(out, card_buf_bytes(&der), &fault);
	card_buf_free(&der);
	if (f.error == CARD_OK)
		return KZ_GO;
	f.exit = f.error == CARD_ERR_IO ? KZ_NO_INPUT : KZ_BAD_DATA;
	snprintf(message, sizeof message, "%.*s: %s", KZ_PATH_MAX, path,
		 fault != CARD_CERT_FAULT_NONE   ? card_cert_fault_text(fault, kz->lang)
		 : f.error == CARD_ERR_NOT_FOUND ? _("There is no certificate in this file.")
						 : card_strerror(f.error, kz->lang));
	f.message = message;
	return kz_fail(kz, &f);
}

bool kz_read_all(const char *path, card_buf_t *out)
{
	unsigned char block[4096];
	FILE *f = fopen(path, "rb");
	bool good = f != NULL;

	while (good) {
		const size_t n = fread(block, 1, sizeof block, f);

		if (n == 0)
			break;
		good = card_buf_append(out, card_bytes(block, n)) == CARD_OK;
	}
	if (f != NULL) {
		good = good && !ferror(f);
		fclose(f);
	}
	return good;
}

static json_t *reason_json(const struct kz *kz, enum card_reason r)
{
	return json_pack("{s:s, s:s}", "code", card_reason_code(r), "message",
			 card_reason_text(r, kz->lang));
}

json_t *kz_reasons_json(const struct kz *kz, card_reasons_t reasons)
{
	json_t *list = json_array();

	for (enum card_reason r = card_reasons_first(reasons); r != CARD_REASON_COUNT_;
	     r = card_reasons_first(reasons)) {
		json_array_append_new(list, reason_json(kz, r));
		reasons &= ~card_reason_bit(r);
	}
	return list;
}

void kz_reasons_say(const struct kz *kz, card_reasons_t reasons)
{
	for (enum card_reason r = card_reasons_first(reasons); r != CARD_REASON_COUNT_;
	     r = card_reasons_first(reasons)) {
		kz_say(kz, "  %s\n", card_reason_text(r, kz->lang));
		reasons &= ~card_reason_bit(r);
	}
}

json_t *kz_time_json(int64_t utc)
{
	char text[21];

	if (utc == 0)
		return json_null();
	card_time_format_utc(utc, text);
	return json_string(text);
}

json_t *kz_answer_json(const struct card_revocation_answer *a)
{
	static const char *const status[] = {"undetermined", "good", "revoked", "skipped"};
	static const char *const method[] = {NULL, "crl", "ocsp"};
	struct card_crl_info number = {.number_n = a->number_n};
	char text[CARD_CRL_NUMBER_TEXT];
	const bool revoked = a->status == CARD_REVOCATION_REVOKED;

	memcpy(number.number, a->number, sizeof number.number);
	card_crl_number_text(&number, text);
	return json_pack("{s:s, s:s?, s:o, s:s?, s:o, s:o, s:s?}", "status", status[a->status],
			 "reason", revoked ? card_crl_reason_name(a->reason) : NULL, "revoked_at",
			 kz_time_json(revoked ? a->revoked_at : 0), "crl_number",
			 a->number_n > 0 ? text : NULL, "this_update", kz_time_json(a->this_update),
			 "next_update", kz_time_json(a->next_update), "source", method[a->method]);
}

int kz_verdict_exit(enum card_verdict v)
{
	return v == CARD_VERDICT_VALID     ? KZ_DONE
	       : v == CARD_VERDICT_INVALID ? KZ_INVALID
					   : KZ_UNDETERMINED;
}
