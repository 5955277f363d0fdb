/* SPDX-License-Identifier: Apache-2.0 */
#include "language.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *asked(void)
{
	static const char *const names[] = {"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = getenv(names[i]);

		if (value != NULL && *value != '\0')
			return value;
	}
	return "";
}

void language_start(void)
{
	char path[4096], *slash;
	const ssize_t n = readlink("/proc/self/exe", path, sizeof path - 32);

	/* gettext asks for a locale that is not plain C; this one is on every system. */
	if (setlocale(LC_MESSAGES, "C.UTF-8") == NULL ||
	    setenv("LANGUAGE", strncmp(asked(), "ja", 2) == 0 ? "ja" : "en", 1) != 0 || n <= 0)
		return;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (slash == NULL)
		return;
	memcpy(slash, "/../share/locale", sizeof "/../share/locale");
	bindtextdomain("kazasu", access(path, F_OK) == 0 ? path : KAZASU_DATADIR "/locale");
	bind_textdomain_codeset("kazasu", "UTF-8");
	textdomain("kazasu");
}
