/* SPDX-License-Identifier: Apache-2.0 */
#include "counter_words.h"

#include <string.h>

static const char *at(const char *const *words, size_t n, unsigned i)
{
	return i < n ? _(words[i]) : "";
}
#define AT(words, i) at(words, sizeof(words) / sizeof *(words), (unsigned)(i))

const char *kz_word_card_result(enum flow_card_result r)
{
	static const char *const words[] = {N_("not used"),
					    N_("VALID: the card is genuine and in force"),
					    N_("INVALID: the card must not be accepted"),
					    N_("UNDETERMINED: not everything could be checked")};

	return AT(words, r);
}

const char *kz_word_person_result(enum flow_person_result r)
{
	static const char *const words[] = {N_("not decided"), N_("confirmed"), N_("refused")};

	return AT(words, r);
}

const char *kz_word_number_result(enum flow_number_result r)
{
	static const char *const words[] = {N_("not asked for"), N_("confirmed"),
					    N_("does not agree"), N_("was changed"),
					    N_("not decided")};

	return AT(words, r);
}

const char *kz_word_ladder_step(enum flow_ladder_step s)
{
	static const char *const words[] = {N_("1 My Number Card"),
					    N_("2 notification card with photo document"),
					    N_("2b resident record copy with photo document"),
					    N_("3 address register (宛名システム)"),
					    N_("4 resident register (既存住基)"),
					    N_("4 resident register network (住基ネット)")};

	return AT(words, s);
}

const char *kz_word_ladder_result(enum flow_ladder_result r)
{
	static const char *const words[] = {N_("not tried"),   N_("confirmed"),
					    N_("was changed"), N_("does not agree"),
					    N_("no answer"),   N_("not permitted")};

	return AT(words, r);
}

const char *kz_word_document_result(enum flow_document_result r)
{
	static const char *const words[] = {N_("accepted"),
					    N_("not known here"),
					    N_("this kind is not accepted today"),
					    N_("past its date"),
					    N_("its date of expiry is missing"),
					    N_("a copy, the original is needed"),
					    N_("there twice"),
					    N_("is never evidence"),
					    N_("name and address must equal the register"),
					    N_("counts only after the checks of its chip")};

	return AT(words, r);
}

const char *kz_word_check_name(enum flow_check c)
{
	static const char *const words[] = {N_("card's issuer"),   N_("data as issued"),
					    N_("the card itself"), N_("certificate's issuer"),
					    N_("not revoked"),     N_("in force"),
					    N_("records agree")};

	return AT(words, c);
}

const char *kz_word_double_check(enum flow_double_check d)
{
	static const char *const words[] = {
		N_("none"), N_("by another person on the same day"),
		N_("by another person on the same day, by internal staff on a later one")};

	return AT(words, d);
}

const char *kz_word_retention(const char *from)
{
	static const struct {
		const char *from, *word;
	} words[] = {{"decision", N_("the decision")},
		     {"contract-end", N_("the end of the contract")},
		     {"fiscal-year-end", N_("the end of the fiscal year")}};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(words[i].from, from) == 0)
			return _(words[i].word);
	}
	return from;
}

const char *kz_word_check_state(const char *state)
{
	static const struct {
		const char *state, *word;
	} words[] = {{"received", N_("received")},
		     {"checked_same_day", N_("checked on the same day")},
		     {"checked_next_day", N_("checked on a later day")},
		     {"returned", N_("returned")},
		     {"closed", N_("closed")}};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(words[i].state, state) == 0)
			return _(words[i].word);
	}
	return state;
}

const char *kz_word_attribute(enum flow_attribute a)
{
	static const char *const words[] = {N_("name"),          N_("address"),
					    N_("date of birth"), N_("sex"),
					    N_("being alive"),   N_("individual number"),
					    N_("former name"),   N_("resident code"),
					    N_("photo"),         N_("expiry")};

	for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
		if (a == 1u << i)
			return _(words[i]);
	}
	return "";
}

void kz_words_attributes(unsigned set, char out[256])
{
	size_t used = 0;

	out[0] = '\0';
	for (unsigned bit = 1; bit <= FLOW_ATTR_EXPIRY && used < 200; bit <<= 1) {
		if ((set & bit) != 0)
			used += (size_t)snprintf(out + used, 256 - used, "%s%s",
						 used > 0 ? _(", ") : "",
						 kz_word_attribute((enum flow_attribute)bit));
	}
}

const char *kz_word_document(const struct kz *kz, const flow_evidence_t *e, const char *kind)
{
	for (size_t i = 0; i < flow_evidence_count(e); i++) {
		const struct flow_evidence_kind k = flow_evidence_at(e, i);

		if (strcmp(k.kind, kind) == 0)
			return kz->lang == CARD_LANG_JA ? k.name : k.name_en;
	}
	return kind;
}
