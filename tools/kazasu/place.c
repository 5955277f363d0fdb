/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool kz_place_program(char *out, size_t cap)
{
	ssize_t n = readlink("/proc/self/exe", out, cap - 1);
	char *slash;

	if (n <= 0 || (size_t)n >= cap - 1)
		return false;
	out[n] = '\0';
	slash = strrchr(out, '/');
	if (slash == NULL)
		return false;
	*slash = '\0';
	return true;
}

/* out = folder/name if folder/name/mark can be read. */
static bool look(const char *folder, const char *name, const char *mark, char *out, size_t cap)
{
	char probe[KZ_PATH_MAX];
	int n = snprintf(probe, sizeof probe, "%s/%s/%s", folder, name, mark);

	if (n < 0 || (size_t)n >= sizeof probe || access(probe, R_OK) != 0)
		return false;
	n = snprintf(out, cap, "%s/%s", folder, name);
	return n >= 0 && (size_t)n < cap;
}

/* In the program's folder or up to `up` folders above it. */
static bool look_upwards(unsigned up, const char *name, const char *mark, char *out, size_t cap)
{
	char folder[KZ_PATH_MAX];

	if (!kz_place_program(folder, sizeof folder))
		return false;
	for (unsigned i = 0; i <= up; i++) {
		char *slash;

		if (look(folder, name, mark, out, cap))
			return true;
		slash = strrchr(folder, '/');
		if (slash == NULL || slash == folder)
			return false;
		*slash = '\0';
	}
	return false;
}

bool kz_place_fixtures(char *out, size_t cap)
{
	return look_upwards(4, "fixtures", "trust/cv-ca.csv", out, cap) ||
	       look(KAZASU_DATADIR "/kazasu", "fixtures", "trust/cv-ca.csv", out, cap);
}

bool kz_place_catalogues(char *out, size_t cap)
{
	static const char mark[] = "ja/LC_MESSAGES/kazasu.mo";

	return look_upwards(2, "share/locale", mark, out, cap) ||
	       look(KAZASU_DATADIR, "locale", mark, out, cap);
}
