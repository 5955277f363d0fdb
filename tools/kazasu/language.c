/* SPDX-License-Identifier: Apache-2.0 */
#include "language.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "place.h"

/* The value that decides the language of messages (POSIX 8.2): the first that is not empty. */
static const char *messages_locale(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = getenv(names[i]);

		if (value != NULL && *value != '\0')
			return value;
	}
	return "C";
}

static bool is_plain_c(const char *locale)
{
	return strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0;
}

static bool is_language(const char *text, const char *two)
{
	return strncmp(text, two, 2) == 0 && (text[2] == '\0' || strchr("_.@:-", text[2]) != NULL);
}

enum card_lang kz_language_wanted(void)
{
	const char *locale = messages_locale();
	const char *list = getenv("LANGUAGE");

	/* The GNU list of preferences counts unless the locale is plain C (gettext manual 2.3.3). */
	if (list != NULL && *list != '\0' && !is_plain_c(locale)) {
		for (const char *p = list; p != NULL; p = strchr(p, ':')) {
			p += *p == ':';
			if (is_language(p, "ja"))
				return CARD_LANG_JA;
			if (is_language(p, "en"))
				return CARD_LANG_EN;
		}
	}
	return is_language(locale, "ja") ? CARD_LANG_JA : CARD_LANG_EN;
}

void kz_language_set(struct kz *kz, enum card_lang lang)
{
	static const char *const utf8[] = {"C.UTF-8", "C.utf8", "en_US.UTF-8", "ja_JP.UTF-8"};
	char folder[KZ_PATH_MAX];

	kz->lang = lang;
	/* gettext looks only at LANGUAGE once the locale is not plain C. C.UTF-8 is there on
	 * every system, also where no other locale was generated. Numbers and dates stay plain. */
	for (size_t i = 0; i < sizeof utf8 / sizeof *utf8; i++) {
		if (setlocale(LC_MESSAGES, utf8[i]) != NULL && setlocale(LC_CTYPE, utf8[i]) != NULL)
			break;
	}
	if (setenv("LANGUAGE", lang == CARD_LANG_JA ? "ja" : "en", 1) != 0)
		return;
	if (kz_place_catalogues(folder, sizeof folder))
		bindtextdomain("kazasu", folder);
	bind_textdomain_codeset("kazasu", "UTF-8");
	textdomain("kazasu");
}
