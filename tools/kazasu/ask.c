/* SPDX-License-Identifier: Apache-2.0 */
#include "ask.h"

#include <stdio.h>
#include <string.h>

bool kz_asked_yes(const char *question)
{
	FILE *tty = fopen("/dev/tty", "r+e");
	char line[16];
	bool yes;

	if (tty == NULL)
		return false;
	fprintf(tty, "%s ", question);
	fflush(tty);
	yes = fgets(line, sizeof line, tty) != NULL &&
	      (strcmp(line, "y\n") == 0 || strcmp(line, "yes\n") == 0 ||
	       strcmp(line, "はい\n") == 0);
	fclose(tty);
	return yes;
}
