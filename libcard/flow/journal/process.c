/* SPDX-License-Identifier: Apache-2.0 */
/* process.c — a name for a process that no later process can bear (proc(5)). */
#include "journal_internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void boot_id(char out[40])
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	out[0] = '\0';
	if (f == NULL)
		return;
	if (fgets(out, 40, f) == NULL)
		out[0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	fclose(f);
}

/* Field 22 of /proc/PID/stat: when the process started. 0 if there is none. */
static unsigned long long started(long pid)
{
	char path[64], text[1024], *at;
	FILE *f;
	size_t n;

	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[n] = '\0';
	/* The name of the program may hold blanks and brackets: fields count from the last one. */
	at = strrchr(text, ')');
	for (int field = 2; at != NULL && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at != NULL ? strtoull(at + 1, NULL, 10) : 0;
}

void process_name(char out[128])
{
	char boot[40];

	boot_id(boot);
	snprintf(out, 128, "%s:%ld:%llu", boot, (long)getpid(), started((long)getpid()));
}

bool process_lives(const char *name)
{
	char boot[40];
	const char *pid = strchr(name, ':');
	char *end;
	long number;

	boot_id(boot);
	if (pid == NULL || strncmp(name, boot, (size_t)(pid - name)) != 0 ||
	    strlen(boot) != (size_t)(pid - name))
		return false;
	number = strtol(pid + 1, &end, 10);
	return *end == ':' && number > 0 && started(number) != 0 &&
	       started(number) == strtoull(end + 1, NULL, 10);
}
