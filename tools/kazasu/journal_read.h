/* SPDX-License-Identifier: Apache-2.0 */
/* journal_read.h — who may see which records, and showing them. */
#ifndef KAZASU_JOURNAL_READ_H
#define KAZASU_JOURNAL_READ_H

#include "desk.h"

struct kz_journal_words {
	const char *from, *to, *event, *operator_id, *organ, *txn;
	const char *key, *reason, *subject, *month, *years, *as;
};

/*
 * Narrow a filter to what this operator may read: role security everything, supervisor the own
 * organ, auditors everything without subjects, anyone else the own entries of today; sysadmin and
 * network nothing. The reading itself is journaled. KZ_GO, or the exit code.
 */
int kz_journal_limit(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w,
		     struct journal_filter *f, char today[11]);

/* `journal show`, `journal disclose`, `journal report`. */
int kz_journal_show(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w);
int kz_journal_disclose(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w);
int kz_journal_report(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w);

#endif
