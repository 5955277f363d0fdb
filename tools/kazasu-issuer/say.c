/* SPDX-License-Identifier: Apache-2.0 */
#include "say.h"

#include <card/date.h>

#include <limits.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The locale of messages (POSIX 8.2): the first that is set. */
static bool wants_japanese(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *value = getenv(names[i]);

		if (value != NULL && *value != '\0')
			return strncmp(value, "ja", 2) == 0;
	}
	return false;
}

void say_language(void)
{
	char path[PATH_MAX + 32];
	const ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);
	char *slash = NULL;

	/* C.UTF-8 is there on every system; gettext then asks LANGUAGE alone. */
	setlocale(LC_CTYPE, "C.UTF-8");
	setlocale(LC_MESSAGES, "C.UTF-8");
	setenv("LANGUAGE", wants_japanese() ? "ja" : "en", 1);
	if (n > 0) {
		path[n] = '\0';
		slash = strrchr(path, '/');
	}
	if (slash != NULL) {
		snprintf(slash, 32, "/../share/locale");
		if (access(path, R_OK) != 0)
			slash = NULL;
	}
	bindtextdomain("kazasu", slash != NULL ? path : KAZASU_DATADIR "/locale");
	bind_textdomain_codeset("kazasu", "UTF-8");
	textdomain("kazasu");
}

void say(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	flockfile(stderr);
	fputs("kazasu-issuer: ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	funlockfile(stderr);
	va_end(ap);
}

void say_log(const char *event, const char *format, ...)
{
	char now[26];
	va_list ap;

	card_time_format_japan((int64_t)time(NULL), now);
	va_start(ap, format);
	flockfile(stderr);
	fprintf(stderr, "%s %s", now, event);
	if (*format != '\0')
		fputc(' ', stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	funlockfile(stderr);
	va_end(ap);
}
