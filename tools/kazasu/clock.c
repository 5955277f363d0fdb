/* SPDX-License-Identifier: Apache-2.0 */
/* clock.c — the day that counts. */
#include <time.h>

#include "output.h"

int64_t kz_now(const struct kz *kz)
{
	return kz->opt.at_given ? kz->opt.at : (int64_t)time(NULL);
}

int64_t kz_now_for_verdict(const struct kz *kz)
{
	if (!kz->opt.at_given || kz->opt.test_roots)
		return kz_now(kz);
	kz_note(kz, "kazasu: %s",
		_("--at is left aside: a verdict is of today (another day needs "
		  "--test-roots)."));
	return (int64_t)time(NULL);
}
