/* SPDX-License-Identifier: Apache-2.0 */
/* journal_read.h — the parts of `kazasu journal`: who may see which records, and what is done with
 * them. Every function returns the exit code unless it says otherwise. */
#ifndef KAZASU_JOURNAL_READ_H
#define KAZASU_JOURNAL_READ_H

#include "desk.h"

#include <cardflow/calendar.h>

struct kz_journal_words {
	const char *from, *to, *event, *operator_id, *organ, *txn, *terminal;
	const char *key, *reason, *subject, *month, *years, *as, *tolerance, *until, *when;
	const char *procedure;
	const char *of;      /* verify: the journal of another program, as flow_store_open */
	const char **copies; /* verify: files of checkpoints kept off the machine, ended by NULL */
};

/* Does this session's operator have the role? */
bool kz_journal_role(const struct kz_desk *d, const char *role);

/* Write a record of this session. subject may be NULL. */
enum card_error kz_journal_note(struct kz_desk *d, const char *event, const char *reason,
				const char *subject, const char *code, enum journal_result result);

/*
 * Narrow a filter to what this operator may read: role security and the auditors everything,
 * supervisor the own organ, anyone else the own entries of today; sysadmin and network nothing,
 * whatever other roles they have. The reading itself is journaled, a refused one too. KZ_GO, or the
 * exit code.
 */
int kz_journal_limit(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w,
		     struct journal_filter *f, char today[11]);

/* journal_read.c: records; subjects with the audit key and a reason; what the person may know. */
int kz_journal_show(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w);
int kz_journal_disclose(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w);

/* journal_month.c: the month in figures, which the security officer signs (rules 7.3). */
int kz_journal_report(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w);

/* journal_ledger.c: the register of terminal use: compared, and made. */
int kz_journal_reconcile(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w,
			 const char *path);
int kz_journal_ledger(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w,
		      const char *path);

/* journal_out.c: what leaves the machine, and whether it is whole. verify needs no session. */
int kz_journal_verify(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w);
/* The same of w->of with w->key, a centre's for one, without a counter. */
int kz_journal_verify_of(struct kz *kz, const struct kz_journal_words *w);
int kz_journal_export(struct kz *kz, struct kz_desk *d, const char *path);
int kz_journal_checkpoint(struct kz *kz, struct kz_desk *d, const char *path);
/* A new file outside, for writing: refused and journaled on removable media (R6-47). KZ_GO, or the
 * exit code. */
int kz_journal_outside(struct kz *kz, struct kz_desk *d, const char *path);

/* journal_keep.c: retention, holds, explanations, late entries. */
int kz_journal_prune(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w);
int kz_journal_hold(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w,
		    const char *range);
int kz_journal_explain(struct kz *kz, struct kz_desk *d, const char *seq, const char *text);
int kz_journal_late(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w);

/* journal_backup.c: the whole counter in a folder, and back. restore works without a session: it
 * asks for the password of an account of the backup. */
int kz_journal_backup(struct kz *kz, struct kz_desk *d, const char *folder);
int kz_journal_restore(struct kz *kz, const char *folder, const struct kz_journal_words *w);

#endif
