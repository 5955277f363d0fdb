/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply_case.h — who works on an application, and the journal of it (rules R5-23, PD-34, design
 * decision 9): a live session, the right to the procedure, INTENT before and OUTCOME after.
 */
#ifndef KAZASU_APPLY_CASE_H
#define KAZASU_APPLY_CASE_H

#include "desk.h"

#include <cardflow/apply.h>

struct apply_case {
	struct kz_desk desk;
	struct journal_record record; /* what its records have in common */
	char txn[JOURNAL_TXN + 1];    /* "": no INTENT is open */
	char procedure[64], purpose[64], basis[256], subject[48], roles[160];
	char approver[33];
	bool number; /* by its procedure, the application holds the 個人番号 */
};

struct apply_work {
	const char *event;     /* of the journal */
	const char *procedure; /* of the form or the record */
	const char *id;        /* of the application; NULL: not known yet */
	const char *as;        /* the operator; NULL: whose session it is */
	const char *right;     /* to the procedure; NULL: a session is enough */
	bool content;          /* the operator sees what is in it */
};

/* Open the counter, prove the operator, check his rights, write the INTENT. A refusal is written
 * too. KZ_GO, or the exit code; end in any case. */
int apply_case_begin(struct kz *kz, const struct apply_work *w, struct apply_case *c);

/* The administrator who confirms: a live session with the role, of somebody else than the examiner.
 * KZ_GO, or the exit code. */
int apply_case_confirm(struct kz *kz, struct apply_case *c, const char *administrator,
		       const char *examiner);

/* The OUTCOME: code says what became of it ("" : by the exit code), id (may be NULL) of which
 * application, attributes the names of what was seen (may be NULL). The exit code, or another if
 * the journal cannot be written. */
int apply_case_end(struct kz *kz, struct apply_case *c, int rc, const char *code, const char *id,
		   const char *attributes);

#endif
