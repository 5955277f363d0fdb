/* SPDX-License-Identifier: Apache-2.0 */
/* audit.h — the parts of `kazasu audit`. Every function returns the exit code. */
#ifndef KAZASU_AUDIT_H
#define KAZASU_AUDIT_H

#include "desk.h"

struct kz_audit_words {
	const char *items, *year, *seed, *sample, *from, *to, *until, *organ, *key, *as;
};

/*
 * A folder for an auditor: records drawn by the auditor's seed, without subjects, counts of the
 * period, the checkpoints, and a signed manifest with a last day. Files are mode 0400 in a folder
 * of mode 0500.
 */
int kz_audit_bundle(struct kz *kz, struct kz_desk *d, const struct kz_audit_words *w,
		    const char *folder);

/* Check such a folder and show it; after its last day it is refused (exit 7). */
int kz_audit_open(struct kz *kz, const struct kz_audit_words *w, const char *folder);

#endif
