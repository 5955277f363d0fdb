/* SPDX-License-Identifier: Apache-2.0 */
/* clock.c — the day that counts. */
#include <string.h>
#include <time.h>

#include "output.h"

bool kz_at_counts(const struct kz *kz)
{
	/* Documents are judged at the time of their receipt (rules PD-27); the others plan ahead: they
	 * touch no card and let nobody do anything. */
	static const char *const commands[] = {"verify", "lifecycle", "procedure", "purpose"};

	if (kz->opt.test_roots)
		return true;
	for (size_t i = 0; kz->command != NULL && i < sizeof commands / sizeof *commands; i++) {
		if (strcmp(kz->command->name, commands[i]) == 0)
			return true;
	}
	return false;
}

int64_t kz_now(const struct kz *kz)
{
	return kz->opt.at_given && kz_at_counts(kz) ? kz->opt.at : (int64_t)time(NULL);
}
