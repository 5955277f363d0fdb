/* SPDX-License-Identifier: Apache-2.0 */
/* document_report.c — what verifying a document found, in words and as JSON. */
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "output.h"
#include "pki.h"

static const char *reason_text(const struct kz *kz, unsigned i)
{
	return i < CARD_REASON_COUNT_
		       ? card_reason_text((enum card_reason)i, kz->lang)
		       : flow_reason_text((enum flow_reason)(i - CARD_REASON_COUNT_), kz->lang);
}

static const char *reason_code(unsigned i)
{
	return i < CARD_REASON_COUNT_
		       ? card_reason_code((enum card_reason)i)
		       : flow_reason_code((enum flow_reason)(i - CARD_REASON_COUNT_));
}

static bool has(const struct flow_reasons *r, unsigned i)
{
	return i < CARD_REASON_COUNT_
		       ? card_reasons_have(r->card, (enum card_reason)i)
		       : flow_reasons_have(r, (enum flow_reason)(i - CARD_REASON_COUNT_));
}

#define REASONS ((unsigned)CARD_REASON_COUNT_ + (unsigned)FLOW_REASON_COUNT_)

static json_t *reasons_json(const struct kz *kz, const struct flow_reasons *r)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < REASONS; i++) {
		if (has(r, i))
			json_array_append_new(list, json_pack("{s:s, s:s}", "code", reason_code(i),
							      "message", reason_text(kz, i)));
	}
	return list;
}

static void reasons_say(const struct kz *kz, const struct flow_reasons *r)
{
	for (unsigned i = 0; i < REASONS; i++) {
		if (has(r, i))
			kz_say(kz, "    - %s\n", reason_text(kz, i));
	}
}

static const char *verdict_word(enum card_verdict v)
{
	switch (v) {
	case CARD_VERDICT_VALID:
		return _("VALID");
	case CARD_VERDICT_INVALID:
		return _("INVALID");
	default:
		return _("UNDETERMINED");
	}
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
		"{s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:i, s:i, s:i, s:o, s:s, s:b}",
		"verdict", card_verdict_name(s->verdict), "reasons", reasons_json(kz, &s->reasons),
		"level", flow_level_name(s->level), "hash", card_hash_name(s->hash), "attributes",
		attributes_json(s->cert), "revocation", kz_answer_json(&s->revocation),
		"certificate_not_after",
		s->cert != NULL ? time_or_null(card_cert_not_after(s->cert)) : json_null(),
		"claimed_time", time_or_null(s->claimed_time), "timestamp",
		time_or_null(s->timestamp), "document_timestamp", s->document_timestamp,
		"covers_whole_file", s->covers_whole_file, "revision", (int)s->revision,
		"revisions", (int)s->revisions, "certifies", (int)s->certifies, "later", later_json(s->later), "field", s->field,
		"test", s->test);
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

	kz_say(kz, _("  Signature %zu: %s%s\n"), nth, verdict_word(s->verdict),
	       s->test ? _("  [TEST]") : "");
	reasons_say(kz, &s->reasons);
	if (s->cert != NULL) {
		say_text(kz, _("signer"), card_cert_attribute(s->cert, CARD_ATTR_NAME));
		say_text(kz, _("address"), card_cert_attribute(s->cert, CARD_ATTR_ADDRESS));
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

	kz_say(kz, "%s: %s\n", clean != NULL ? clean : "", verdict_word(r->verdict));
	free(clean);
	reasons_say(kz, &r->reasons);
	for (size_t i = 0; i < r->n; i++)
		signature_say(kz, i + 1, &r->signatures[i]);
}
