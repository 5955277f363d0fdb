/* SPDX-License-Identifier: Apache-2.0 */
#include "tries.h"

#include <string.h>

#include "output.h"

bool kz_pin_by_word(const char *word, enum card_pin *out)
{
	static const struct {
		const char *word;
		enum card_pin pin;
	} words[] = {
		{"sign", CARD_PIN_SIGN},
		{"auth", CARD_PIN_AUTH},
		{"text", CARD_PIN_TEXT},
		{"juki", CARD_PIN_JUKI},
		{"common", CARD_PIN_COMMON},
		{"number-a", CARD_PIN_SURFACE_NUMBER_A},
		{"number-b", CARD_PIN_SURFACE_NUMBER_B},
		{"text-number-a", CARD_PIN_TEXT_NUMBER_A},
		{"text-number-b", CARD_PIN_TEXT_NUMBER_B},
		{"birth", CARD_PIN_SURFACE_BIRTH},
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(words[i].word, word) == 0) {
			*out = words[i].pin;
			return true;
		}
	}
	return false;
}

/* A count, "unlimited", or null where the card has or says none. */
static json_t *one(int tries)
{
	if (tries >= 0)
		return json_integer(tries);
	return tries == CARD_TRIES_NO_LIMIT ? json_string("unlimited") : json_null();
}

json_t *kz_tries_json(const int t[CARD_PIN_COUNT_])
{
	return json_pack("{s:o, s:o, s:o, s:{s:o, s:o}, s:{s:o, s:o}, s:{s:o, s:o}, s:o}", "sign",
			 one(t[CARD_PIN_SIGN]), "auth", one(t[CARD_PIN_AUTH]), "text",
			 one(t[CARD_PIN_TEXT]), "juki", "juki", one(t[CARD_PIN_JUKI]), "common",
			 one(t[CARD_PIN_COMMON]), "number_a", "surface",
			 one(t[CARD_PIN_SURFACE_NUMBER_A]), "text", one(t[CARD_PIN_TEXT_NUMBER_A]),
			 "number_b", "surface", one(t[CARD_PIN_SURFACE_NUMBER_B]), "text",
			 one(t[CARD_PIN_TEXT_NUMBER_B]), "birth", one(t[CARD_PIN_SURFACE_BIRTH]));
}

static void say_one(const struct kz *kz, const char *label, int tries)
{
	char text[96];

	if (tries > 0)
		snprintf(text, sizeof text,
			 ngettext("%d try left", "%d tries left", (unsigned long)tries), tries);
	else if (tries == 0)
		snprintf(text, sizeof text, "%s", _("locked"));
	else if (tries == CARD_TRIES_NO_LIMIT)
		snprintf(text, sizeof text, "%s", _("any number of tries"));
	else
		snprintf(text, sizeof text, "%s",
			 tries == CARD_TRIES_ABSENT ? _("none on this card") : _("not told"));
	kz_say_pair(kz, label, "%s", text);
}

/* The two counters of a secret that two applications keep; one line while they agree. */
static void say_two(const struct kz *kz, const char *name, const char *first, int a,
		    const char *second, int b)
{
	char label[96];

	if (a == b) {
		say_one(kz, name, a);
		return;
	}
	snprintf(label, sizeof label, "%s (%s)", name, first);
	say_one(kz, label, a);
	snprintf(label, sizeof label, "%s (%s)", name, second);
	say_one(kz, label, b);
}

void kz_tries_say(const struct kz *kz, const int t[CARD_PIN_COUNT_])
{
	static const enum card_pin single[] = {CARD_PIN_SIGN, CARD_PIN_AUTH, CARD_PIN_TEXT};

	for (size_t i = 0; i < sizeof single / sizeof *single; i++)
		say_one(kz, card_pin_name(single[i], kz->lang), t[single[i]]);
	say_two(kz, card_pin_name(CARD_PIN_JUKI, kz->lang), _("register"), t[CARD_PIN_JUKI],
		_("common"), t[CARD_PIN_COMMON]);
	say_two(kz, _("number A"), _("surface"), t[CARD_PIN_SURFACE_NUMBER_A], _("text"),
		t[CARD_PIN_TEXT_NUMBER_A]);
	say_two(kz, _("number B"), _("surface"), t[CARD_PIN_SURFACE_NUMBER_B], _("text"),
		t[CARD_PIN_TEXT_NUMBER_B]);
	say_one(kz, card_pin_name(CARD_PIN_SURFACE_BIRTH, kz->lang), t[CARD_PIN_SURFACE_BIRTH]);
}
