/* SPDX-License-Identifier: Apache-2.0 */
/* lifecycle_more.h — what else the tables of rules can tell: check digits, and which assessment is due. */
#ifndef KAZASU_LIFECYCLE_MORE_H
#define KAZASU_LIFECYCLE_MORE_H

#include "kazasu.h"

/* `lifecycle digits number|resident-code|municipality [CODE]`: exit 0 right, 1 wrong. Only the code of
 * a municipality may stand on the command line. */
int kz_lifecycle_digits(struct kz *kz, const char *const *words, size_t n);

struct kz_pia_words {
	const char *handlers, *incident, *raise, *folder;
};

/* `lifecycle pia KIND:SUBJECTS[:hidden] …` (rules 8.3). */
int kz_lifecycle_pia(struct kz *kz, const char *const *files, size_t n,
		     const struct kz_pia_words *w);

#endif
