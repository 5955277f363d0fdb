/* SPDX-License-Identifier: Apache-2.0 */
/* identify_report.c — the identity check in words and as JSON. */
#include "identify.h"

#include <string.h>

#include "output.h"
#include "words.h"

/* Names of the checks in the JSON, and for people. */
static const struct {
	const char *key, *label;
} names[CHECK_COUNT] = {
	[CHECK_CHAIN] = {"card_chain", N_("card's issuer")},
	[CHECK_RECORD] = {"record_signature", N_("data as issued")},
	[CHECK_CHALLENGE] = {"card_challenge", N_("the card itself")},
	[CHECK_PATH] = {"certificate_path", N_("certificate's issuer")},
	[CHECK_REVOCATION] = {"revocation", N_("not revoked")},
	[CHECK_IN_FORCE] = {"in_force", N_("in force")},
	[CHECK_CONSISTENCY] = {"consistency", N_("records agree")},
};

/* Why a check did not pass. */
struct reason {
	const char *code, *message; /* message: N_(…) */
};

static const struct reason failed[CHECK_COUNT] = {
	[CHECK_CHAIN] = {"card_chain_broken",
			 N_("The card's certificate was not signed by the issuer.")},
	[CHECK_RECORD] = {"record_signature_wrong",
			  N_("The data on the card is not what the issuer signed.")},
	[CHECK_CHALLENGE] = {"card_challenge_wrong",
			     N_("This chip does not hold the key of the card: it may be a copy.")},
	[CHECK_PATH] = {"certificate_path_broken",
			N_("The certificate does not come from the issuer.")},
	[CHECK_REVOCATION] = {"revoked", N_("The certificate was revoked.")},
	[CHECK_IN_FORCE] = {"expired", N_("The card is past its date.")},
	[CHECK_CONSISTENCY] = {"attribute_differs",
			       N_("The records on the card contradict each other.")},
};

static const struct reason skipped[CHECK_COUNT] = {
	[CHECK_CHAIN] = {"card_issuer_unknown",
			 N_("The key that issued the card is not known here.")},
	[CHECK_RECORD] = {"record_signature_not_checked",
			  N_("The signature over the data could not be checked.")},
	[CHECK_CHALLENGE] = {"card_challenge_not_checked",
			     N_("It could not be checked that the chip is the original.")},
	[CHECK_PATH] = {"certificate_path_not_checked",
			N_("The certificate was not followed to a trusted root.")},
	[CHECK_REVOCATION] = {"revocation_not_checked",
			      N_("Whether the card was revoked was not checked: there is no "
				 "revocation data.")},
	[CHECK_IN_FORCE] = {"expiry_unknown", N_("The card does not tell until when it is valid.")},
	[CHECK_CONSISTENCY] = {"consistency_not_checked",
			       N_("The records could not be compared with each other.")},
};

static const struct reason no_certificate = {
	"certificate_absent",
	N_("The card gives no certificate without a PIN, so its status could not be asked for.")};

static const struct {
	const char *field, *a, *b;
} differences[DIFFER_COUNT] = {
	[DIFFER_BIRTH_TEXT] = {"birth", "surface", "text"},
	[DIFFER_BIRTH_NUMBER] = {"birth", "surface", "number_b"},
	[DIFFER_SEX_TEXT] = {"sex", "surface", "text"},
	[DIFFER_EXPIRY_RECORD] = {"expiry", "surface", "common"},
	[DIFFER_EXPIRY_NUMBER] = {"expiry", "surface", "number_b"},
};

static const char *const verdict_names[] = {"valid", "invalid", "undetermined"};

static const char *verdict_words(enum identify_verdict v)
{
	switch (v) {
	case VERDICT_VALID:
		return _("VALID: the card is genuine and in force");
	case VERDICT_INVALID:
		return _("INVALID: the card must not be accepted");
	default:
		return _("UNDETERMINED: not everything could be checked");
	}
}

/* Route PIN compares nothing: that is no reason. An expired card is not looked at further. */
static const struct reason *reason_of(const struct identify *id, size_t check)
{
	static const struct reason alone = {
		"certificate_only",
		N_("A certificate alone proves neither the card nor the person.")};

	if (id->check[check] == CARD_CHECK_FAIL)
		return &failed[check];
	/* What that route cannot look at has one reason together. */
	if (id->route == IDENTIFY_CERTIFICATE && check <= CHECK_CHALLENGE &&
	    id->check[CHECK_IN_FORCE] != CARD_CHECK_FAIL)
		return check == CHECK_CHAIN ? &alone : NULL;
	if (id->check[check] == CARD_CHECK_PASS ||
	    (check == CHECK_CONSISTENCY && id->route != IDENTIFY_NUMBER_B) ||
	    id->check[CHECK_IN_FORCE] == CARD_CHECK_FAIL)
		return NULL;
	return &skipped[check];
}

static json_t *reason_json(const char *code, const char *message)
{
	return json_pack("{s:s, s:s}", "code", code, "message", message);
}

/* Path and status give reasons of their own, each with its name. */
static bool has_own_reasons(const struct identify *id, size_t check)
{
	return (check == CHECK_PATH || check == CHECK_REVOCATION) && id->reasons != 0;
}

static void add_certificate_reasons(const struct kz *kz, json_t *list, const struct identify *id,
				    bool refusing)
{
	for (int r = 0; r < (int)CARD_REASON_COUNT_; r++) {
		const enum card_reason reason = (enum card_reason)r;
		/* an expired certificate is a note: see identify_certificate */
		const bool note =
			card_reason_is_undetermined(reason) ||
			(id->certificate_expired && (reason == CARD_REASON_CERT_EXPIRED ||
						     reason == CARD_REASON_ISSUER_EXPIRED));

		if (card_reasons_have(id->reasons, reason) && note != refusing)
			json_array_append_new(list,
					      reason_json(card_reason_code(reason),
							  card_reason_text(reason, kz->lang)));
	}
}

static json_t *reasons(const struct kz *kz, const struct identify *id)
{
	json_t *list = json_array();
	const bool looked_at = id->check[CHECK_IN_FORCE] != CARD_CHECK_FAIL;

	/* What failed comes before what could not be checked. */
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < CHECK_COUNT; i++) {
			const struct reason *r = reason_of(id, i);

			if (r != NULL && (id->check[i] == CARD_CHECK_FAIL) == (pass == 0) &&
			    !has_own_reasons(id, i))
				json_array_append_new(list, reason_json(r->code, _(r->message)));
		}
		add_certificate_reasons(kz, list, id, pass == 0);
	}
	if (!id->has_certificate && looked_at)
		json_array_append_new(list,
				      reason_json(no_certificate.code, _(no_certificate.message)));
	return list;
}

/* pass, fail or skipped: a check without an answer is one that was not made; its reason says why. */
static const char *check_word(enum card_check check)
{
	return card_check_name(check == CARD_CHECK_UNDETERMINED ? CARD_CHECK_SKIPPED : check);
}

static json_t *checks(const struct identify *id)
{
	json_t *object = json_object();

	for (size_t i = 0; i < CHECK_COUNT; i++)
		json_object_set_new(object, names[i].key, json_string(check_word(id->check[i])));
	return object;
}

static json_t *differing(const struct identify *id)
{
	json_t *list = json_array();

	for (size_t i = 0; i < DIFFER_COUNT; i++) {
		if (id->differs[i])
			json_array_append_new(list, json_pack("{s:s, s:[s, s]}", "field",
							      differences[i].field, "between",
							      differences[i].a, differences[i].b));
	}
	return list;
}

/* rules 1.4: text whose signature is broken is not handed out. */
static bool may_show(const struct identify *id)
{
	return id->has_attributes && id->check[CHECK_RECORD] != CARD_CHECK_FAIL &&
	       id->check[CHECK_CHAIN] != CARD_CHECK_FAIL;
}

/* The checks, grouped by their result, in lines of a readable length. */
static void say_checks(struct kz *kz, const struct identify *id)
{
	static const enum card_check order[] = {CARD_CHECK_FAIL, CARD_CHECK_PASS,
						CARD_CHECK_UNDETERMINED, CARD_CHECK_SKIPPED};

	for (size_t o = 0; o < sizeof order / sizeof *order; o++) {
		char line[512] = "";

		for (size_t i = 0; i < CHECK_COUNT; i++) {
			const size_t used = strlen(line);

			if (id->check[i] == order[o])
				snprintf(line + used, sizeof line - used, "%s%s",
					 used > 0 ? _(", ") : "", _(names[i].label));
		}
		if (*line != '\0')
			kz_say_pair(kz, kz_word_check(order[o]), "%s", line);
	}
}

static void say(struct kz *kz, const struct identify *id, bool test, const char *person,
		const json_t *why, const char *photo)
{
	const json_t *reason;
	size_t i;

	kz_say_pair(kz, _("verdict"), "%s%s", verdict_words(identify_verdict(id)),
		    test ? _("  [TEST]") : "");
	json_array_foreach(why, i, reason)
		kz_say_pair(kz, i == 0 ? _("because") : "", "%s",
			    json_string_value(json_object_get(reason, "message")));
	say_checks(kz, id);
	if (may_show(id))
		kz_attributes_say(kz, &id->attributes);
	if (photo != NULL)
		kz_say_pair(kz, _("photo"), "%s", photo);
	kz_say_pair(kz, _("the person"), "%s",
		    strcmp(person, "confirmed") == 0 ? _("confirmed by the operator")
		    : strcmp(person, "refused") == 0 ? _("not the holder, says the operator")
						     : _("not decided: compare the photo with "
							 "the face (--face)"));
}

int identify_report(struct kz *kz, const struct kz_session *card, const struct identify *id,
		    enum identify_face face, const char *photo)
{
	static const int exits[] = {KZ_DONE, KZ_INVALID, KZ_UNDETERMINED};
	const enum identify_verdict verdict = identify_verdict(id);
	const bool test = kz_session_is_test(kz, card) || id->surface.test || id->text.test;
	const char *person = identify_person(id, face);
	json_t *attributes = json_object(), *why = reasons(kz, id);

	if (may_show(id))
		kz_attributes_json(attributes, &id->attributes);
	say(kz, id, test, person, why, photo);
	kz_json(kz, json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:s?, s:o, s:i, s:n, s:b}", "verdict",
			      verdict_names[verdict], "person", person, "number", "not_asked",
			      "reasons", why, "checks", checks(id), "attributes", attributes,
			      "photo", photo, "differences", differing(id), "apdus",
			      (int)card_channel_commands(card->ch), "journal", "test", test));
	return exits[verdict];
}
