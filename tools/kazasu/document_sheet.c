/* SPDX-License-Identifier: Apache-2.0 */
/* document_sheet.c — what verifying a document found, as a page for the file. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "document.h"
#include "file.h"
#include "output.h"
#include "words.h"

static void row(flow_sheet_t *sheet, const char *label, struct card_bytes value)
{
	char *text = value.n > 0 ? strndup((const char *)value.p, value.n) : NULL;

	if (text != NULL) {
		flow_sheet_row(sheet, label, text);
		card_wipe(text, strlen(text));
	}
	free(text);
}

static void row_time(flow_sheet_t *sheet, const char *label, int64_t t, const char *format)
{
	char when[26], text[128];

	if (t == 0)
		return;
	card_time_format_japan(t, when);
	snprintf(text, sizeof text, format, when);
	flow_sheet_row(sheet, label, text);
}

static enum flow_tone tone_of(enum card_verdict v)
{
	return v == CARD_VERDICT_VALID     ? FLOW_TONE_GOOD
	       : v == CARD_VERDICT_INVALID ? FLOW_TONE_BAD
					   : FLOW_TONE_OPEN;
}

static void verdict(flow_sheet_t *sheet, enum card_verdict v)
{
	const char *sentence =
		v == CARD_VERDICT_VALID
			? _("Every signature holds; the certificates are good and not revoked.")
		: v == CARD_VERDICT_INVALID
			? _("Do not rely on this file. The reasons are below.")
			: _("It could not be shown that the file is valid. Do not treat it as valid; "
			    "the reasons are below.");

	flow_sheet_verdict(sheet, tone_of(v), kz_word_verdict(v), sentence);
}

static void reasons(const struct kz *kz, flow_sheet_t *sheet, const struct flow_reasons *r)
{
	struct kz_reason reason;

	for (unsigned i = 0; kz_reason_next(kz, r, &i, &reason);)
		flow_sheet_item(sheet, reason.undetermined ? FLOW_TONE_OPEN : FLOW_TONE_BAD,
				reason.text);
}

static void about_file(flow_sheet_t *sheet, const char *path, const flow_file_t *file,
		       const char *content, const struct flow_report *r)
{
	const struct flow_range all = {0, flow_file_bytes(file).n};
	const char *slash = strrchr(path, '/');
	uint8_t digest[CARD_HASH_MAX];
	char hex[65], size[48];

	flow_sheet_heading(sheet, _("File"));
	flow_sheet_row(sheet, _("file name"), slash != NULL ? slash + 1 : path);
	snprintf(size, sizeof size, _("%llu bytes"), (unsigned long long)all.length);
	flow_sheet_row(sheet, _("size"), size);
	if (flow_file_digest(file, CARD_HASH_SHA256, &all, 1, digest) == CARD_OK &&
	    card_hex_encode(card_bytes(digest, 32), hex, sizeof hex) == CARD_OK)
		flow_sheet_row(sheet, "SHA-256", hex);
	flow_sheet_row(sheet, _("format"), flow_format_name(r->format));
	if (content != NULL) {
		slash = strrchr(content, '/');
		flow_sheet_row(sheet, _("signed file"), slash != NULL ? slash + 1 : content);
	}
	flow_sheet_row(sheet, _("covers"),
		       r->covers_whole_file ? _("the whole file") : _("a part of the file"));
}

static void about_signer(flow_sheet_t *sheet, const card_cert_t *cert)
{
	const struct card_bytes sex = card_cert_attribute(cert, CARD_ATTR_SEX);
	char birth[11] = "", era[64] = "", text[96];

	row(sheet, _("signer"), card_cert_attribute(cert, CARD_ATTR_NAME));
	row(sheet, _("address"), card_cert_attribute(cert, CARD_ATTR_ADDRESS));
	card_date_format(card_cert_birth(cert), birth);
	(void)card_date_format_era(card_cert_birth(cert), era, sizeof era);
	if (*birth != '\0') {
		snprintf(text, sizeof text, "%s%s%s%s", birth, *era != '\0' ? " (" : "", era,
			 *era != '\0' ? ")" : "");
		flow_sheet_row(sheet, _("date of birth"), text);
	}
	if (sex.n == 1)
		flow_sheet_row(sheet, _("sex"), kz_word_sex((char)sex.p[0]));
}

/* Issuer, anchor, policy, period. */
static void about_path(const struct kz *kz, flow_sheet_t *sheet, const struct flow_signature *s)
{
	char text[512] = "", hex[65];
	const char *known;
	uint8_t fingerprint[32];

	(void)card_cert_issuer_text(s->cert, text, sizeof text);
	flow_sheet_row(sheet, _("issuer"), text);
	if (s->issuer == NULL) {
		flow_sheet_row(sheet, _("trust anchor"), _("none of those installed"));
	} else if (card_cert_fingerprint(s->issuer, fingerprint) == CARD_OK &&
		   card_hex_encode(card_bytes(fingerprint, 32), hex, sizeof hex) == CARD_OK) {
		known = card_trust_known_name(fingerprint, kz->lang);
		snprintf(text, sizeof text, "%s%sSHA-256 %s", known != NULL ? known : "",
			 known != NULL ? "\n" : "", hex);
		flow_sheet_row(sheet, _("trust anchor"), text);
	}
	if (card_cert_policy_text(s->cert, text, sizeof text) == CARD_OK && *text != '\0')
		flow_sheet_row(sheet, _("policy"), text);
	row_time(sheet, _("valid until"), card_cert_not_after(s->cert), "%s");
}

static void about_revocation(flow_sheet_t *sheet, const struct card_revocation_answer *a)
{
	static const char *const status[] = {N_("undetermined"), N_("not revoked"), N_("REVOKED"),
					     N_("nobody was asked")};
	static const char *const method[] = {"", "CRL", "OCSP"};
	struct card_crl_info number = {.number_n = a->number_n};
	char digits[CARD_CRL_NUMBER_TEXT] = "", text[128 + sizeof digits];

	memcpy(number.number, a->number, sizeof number.number);
	if (a->number_n > 0)
		card_crl_number_text(&number, digits);
	snprintf(text, sizeof text, "%s%s%s%s%s", _(status[a->status]),
		 a->method != CARD_REVOCATION_BY_NONE ? " – " : "", method[a->method],
		 *digits != '\0' ? " " : "", digits);
	flow_sheet_row(sheet, _("revocation"), text);
	row_time(sheet, _("as of"), a->this_update, "%s");
	row_time(sheet, _("next update"), a->next_update, "%s");
	if (a->status == CARD_REVOCATION_REVOKED)
		row_time(sheet, _("revoked at"), a->revoked_at, "%s");
}

static void about_signature(const struct kz *kz, flow_sheet_t *sheet, size_t nth,
			    const struct flow_signature *s)
{
	char text[128];

	snprintf(text, sizeof text, _("Signature %zu: %s%s"), nth, kz_word_verdict(s->verdict),
		 s->test ? _("  [TEST]") : "");
	flow_sheet_heading(sheet, text);
	reasons(kz, sheet, &s->reasons);
	if (s->cert != NULL) {
		about_signer(sheet, s->cert);
		about_path(kz, sheet, s);
		about_revocation(sheet, &s->revocation);
		row_time(sheet, _("looked at as of"), s->checked_at, "%s");
	}
	row_time(sheet, _("timestamp"), s->timestamp, "%s");
	row_time(sheet, _("time"), s->claimed_time, _("%s (says the signer)"));
	snprintf(text, sizeof text, "%s, %s", flow_level_name(s->level), card_hash_name(s->hash));
	flow_sheet_row(sheet, _("level"), text);
	row(sheet, _("field"), card_bytes(s->field, strlen(s->field)));
	row(sheet, _("signed parts"), card_bytes(s->what, strlen(s->what)));
	if (s->revisions > 1) {
		snprintf(text, sizeof text, _("%u of %u"), s->revision, s->revisions);
		flow_sheet_row(sheet, _("revision"), text);
	}
	flow_sheet_row(sheet, _("covers"),
		       s->covers_whole_file ? _("the whole file") : _("a part of the file"));
	for (unsigned i = 0; i < FLOW_LATER_COUNT; i++) {
		if ((s->later >> i & 1u) != 0)
			flow_sheet_row(sheet, _("came later"), flow_later_text(i, kz->lang));
	}
}

void kz_report_sheet(const struct kz *kz, flow_sheet_t *sheet, const char *path,
		     const flow_file_t *file, const char *content, const struct flow_report *r)
{
	verdict(sheet, r->verdict);
	reasons(kz, sheet, &r->reasons);
	about_file(sheet, path, file, content, r);
	for (size_t i = 0; i < r->n; i++)
		about_signature(kz, sheet, i + 1, &r->signatures[i]);
	for (size_t i = 0; i < r->n; i++) {
		if (r->signatures[i].test)
			flow_sheet_mark(sheet, _("TEST"));
	}
}

static bool ends_with(const char *path, const char *ending)
{
	const size_t n = strlen(path), m = strlen(ending);

	return n > m && strcasecmp(path + n - m, ending) == 0;
}

bool kz_sheet_check(struct kz *kz, const char *path, int *rc)
{
	if (ends_with(path, ".pdf") || ends_with(path, ".html"))
		return kz_file_check(kz, path, rc);
	*rc = kz_fail_usage(kz, _("A report is written as PDF or HTML: its name ends in .pdf or "
				  ".html."));
	return false;
}

int kz_sheet_write(struct kz *kz, const flow_sheet_t *sheet, const char *path)
{
	const struct kz_failure no_font = {
		.error = CARD_ERR_UNSUPPORTED,
		.exit = KZ_UNAVAILABLE,
		.message = _("No font with Japanese characters is installed."),
		.hint = _("Install fonts-ipaexfont-gothic, or write the report as HTML.")};
	card_buf_t out = {0};
	const enum card_error err = flow_sheet_write(
		sheet, ends_with(path, ".pdf") ? FLOW_SHEET_PDF : FLOW_SHEET_HTML, &out);
	int rc;

	if (err == CARD_OK)
		rc = kz_file_write(kz, path, card_buf_bytes(&out), 0600);
	else
		rc = err == CARD_ERR_UNSUPPORTED ? kz_fail(kz, &no_font) : kz_fail_error(kz, err);
	card_buf_free(&out);
	return rc;
}
