/* SPDX-License-Identifier: Apache-2.0 */
/* document_report.c — what verifying a document found, in words and as JSON. */
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "output.h"
#include "words.h"
#include "pki.h"

#define REASONS ((unsigned)CARD_REASON_COUNT_ + (unsigned)FLOW_REASON_COUNT_)

bool kz_reason_next(const struct kz *kz, const struct flow_reasons *r, unsigned *i,
		    struct kz_reason *out)
{
	for (; *i < REASONS; ++*i) {
		const enum card_reason card = (enum card_reason) * i;
		const enum flow_reason document = (enum flow_reason)(*i - CARD_REASON_COUNT_);

		if (*i < CARD_REASON_COUNT_ && card_reasons_have(r->card, card)) {
			out->code = card_reason_code(card);
			out->text = card_reason_text(card, kz->lang);
			out->undetermined = card_reason_is_undetermined(card);
		} else if (*i >= CARD_REASON_COUNT_ && flow_reasons_have(r, document)) {
			out->code = flow_reason_code(document);
			out->text = flow_reason_text(document, kz->lang);
			out->undetermined = flow_reason_is_undetermined(document);
		} else {
			continue;
		}
		++*i;
		return true;
	}
	return false;
}

static json_t *reasons_json(const struct kz *kz, const struct flow_reasons *r)
{
	json_t *list = json_array();
	struct kz_reason reason;

	for (unsigned i = 0; kz_reason_next(kz, r, &i, &reason);)
		json_array_append_new(
			list, json_pack("{s:s, s:s}", "code", reason.code, "message", reason.text));
	return list;
}

static void reasons_say(const struct kz *kz, const struct flow_reasons *r)
{
	struct kz_reason reason;

	for (unsigned i = 0; kz_reason_next(kz, r, &i, &reason);)
		kz_say(kz, "    - %s\n", reason.text);
}

static json_t *text_or_null(struct card_bytes text)
{
	json_t *s = text.n > 0 ? json_stringn((const char *)text.p, text.n) : NULL;

	return s != NULL ? s : json_null();
}

static json_t *time_or_null(int64_t t)
{
	char text[26];

	if (t == 0)
		return json_null();
	card_time_format_japan(t, text);
	return json_string(text);
}

/* Who signed: the four attributes of the certificate. Serial and CN are not told (rules PD-26). */
static json_t *attributes_json(const card_cert_t *cert)
{
	char birth[11] = "";

	if (cert == NULL || card_cert_attribute(cert, CARD_ATTR_NAME).n == 0)
		return json_null();
	card_date_format(card_cert_birth(cert), birth);
	return json_pack("{s:o, s:o, s:s?, s:o}", "name",
			 text_or_null(card_cert_attribute(cert, CARD_ATTR_NAME)), "address",
			 text_or_null(card_cert_attribute(cert, CARD_ATTR_ADDRESS)), "birth",
			 *birth != '\0' ? birth : NULL, "sex",
			 text_or_null(card_cert_attribute(cert, CARD_ATTR_SEX)));
}

/* Issuer, anchor and policy: how the certificate leads to what is trusted. */
static json_t *path_json(const struct flow_signature *s)
{
	char issuer[512] = "", policy[128] = "", anchor[65] = "";
	uint8_t fingerprint[32];

	if (s->cert == NULL)
		return json_null();
	(void)card_cert_issuer_text(s->cert, issuer, sizeof issuer);
	(void)card_cert_policy_text(s->cert, policy, sizeof policy);
	if (s->issuer != NULL && card_cert_fingerprint(s->issuer, fingerprint) == CARD_OK)
		(void)card_hex_encode(card_bytes(fingerprint, sizeof fingerprint), anchor,
				      sizeof anchor);
	return json_pack("{s:s, s:s?, s:s?}", "issuer", issuer, "anchor_sha256",
			 *anchor != '\0' ? anchor : NULL, "policy",
			 *policy != '\0' ? policy : NULL);
}

static json_t *later_json(unsigned later)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < FLOW_LATER_COUNT; i++) {
		if ((later >> i & 1u) != 0)
			json_array_append_new(list, json_string(flow_later_code(i)));
	}
	return list;
}

static json_t *signature_json(const struct kz *kz, const struct flow_signature *s)
{
	return json_pack(
		"{s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:i, s:i, s:i, s:o, "
		"s:s, s:s, s:b}",
		"verdict", card_verdict_name(s->verdict), "reasons", reasons_json(kz, &s->reasons),
		"level", flow_level_name(s->level), "hash", card_hash_name(s->hash), "attributes",
		attributes_json(s->cert), "path", path_json(s), "revocation",
		kz_answer_json(&s->revocation), "checked_at", time_or_null(s->checked_at),
		"certificate_not_after",
		s->cert != NULL ? time_or_null(card_cert_not_after(s->cert)) : json_null(),
		"claimed_time", time_or_null(s->claimed_time), "timestamp",
		time_or_null(s->timestamp), "document_timestamp", s->document_timestamp,
		"covers_whole_file", s->covers_whole_file, "revision", (int)s->revision,
		"revisions", (int)s->revisions, "certifies", (int)s->certifies, "later",
		later_json(s->later), "field", s->field, "what", s->what, "test", s->test);
}

json_t *kz_report_json(const struct kz *kz, const char *path, const struct flow_report *r)
{
	json_t *signers = json_array();
	bool test = false;

	for (size_t i = 0; i < r->n; i++) {
		json_array_append_new(signers, signature_json(kz, &r->signatures[i]));
		test = test || r->signatures[i].test;
	}
	return json_pack("{s:s, s:s, s:s, s:o, s:b, s:o, s:b}", "file", path, "format",
			 flow_format_name(r->format), "verdict", card_verdict_name(r->verdict),
			 "reasons", reasons_json(kz, &r->reasons), "covers_whole_file",
			 r->covers_whole_file, "signers", signers, "test", test);
}

static void say_text(const struct kz *kz, const char *label, struct card_bytes value)
{
	char *clean = value.n > 0 ? kz_printable((const char *)value.p, value.n) : NULL;

	if (clean != NULL)
		kz_say_pair(kz, label, "%s", clean);
	free(clean);
}

static void signature_say(const struct kz *kz, size_t nth, const struct flow_signature *s)
{
	char when[26];

	kz_say(kz, _("  Signature %zu: %s%s\n"), nth, kz_word_verdict(s->verdict),
	       s->test ? _("  [TEST]") : "");
	reasons_say(kz, &s->reasons);
	if (s->cert != NULL) {
		say_text(kz, _("signer"), card_cert_attribute(s->cert, CARD_ATTR_NAME));
		say_text(kz, _("address"), card_cert_attribute(s->cert, CARD_ATTR_ADDRESS));
	}
	if (s->cert != NULL) {
		char issuer[512] = "";

		(void)card_cert_issuer_text(s->cert, issuer, sizeof issuer);
		say_text(kz, _("issuer"), card_bytes(issuer, strlen(issuer)));
	}
	if (s->timestamp != 0) {
		card_time_format_japan(s->timestamp, when);
		kz_say_pair(kz, _("timestamp"), "%s", when);
	}
	if (s->claimed_time != 0) {
		card_time_format_japan(s->claimed_time, when);
		kz_say_pair(kz, _("time"), _("%s (says the signer)"), when);
	}
	kz_say_pair(kz, _("level"), "%s", flow_level_name(s->level));
	if (*s->field != '\0')
		say_text(kz, _("field"), card_bytes(s->field, strlen(s->field)));
	kz_say_pair(kz, _("covers"), "%s",
		    s->covers_whole_file ? _("the whole file") : _("a part of the file"));
	for (unsigned i = 0; i < FLOW_LATER_COUNT; i++) {
		if ((s->later >> i & 1u) != 0)
			kz_say(kz, "    * %s\n", flow_later_text(i, kz->lang));
	}
}

void kz_report_say(const struct kz *kz, const char *path, const struct flow_report *r)
{
	char *clean = kz_printable(path, strlen(path));

	kz_say(kz, "%s: %s\n", clean != NULL ? clean : "", kz_word_verdict(r->verdict));
	free(clean);
	reasons_say(kz, &r->reasons);
	for (size_t i = 0; i < r->n; i++)
		signature_say(kz, i + 1, &r->signatures[i]);
}
