/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger.h — 業務端末使用管理簿, the register of who used which terminal when: made from the journal,
 * and compared with it (rules R6-23, 7.3, PD-36).
 *
 * A file (table.h): `date,terminal,operator,start,end,purpose,approver`; start and end are HH:MM of
 * that day in Japan, both inclusive; purpose and approver may hold a list joined by `;`.
 */
#ifndef CARDFLOW_LEDGER_H
#define CARDFLOW_LEDGER_H

#include <cardflow/journal.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct journal_ledger journal_ledger_t;

/* Errors of flow_table_read; CARD_ERR_MALFORMED with *problem also for a time, a terminal, an
 * operator or an end before the start. */
CARD_API enum card_error journal_ledger_read(journal_ledger_t **out, const char *path,
					     struct flow_problem *problem);
CARD_API void journal_ledger_free(journal_ledger_t **l);
CARD_API size_t journal_ledger_entries(const journal_ledger_t *l);

/* What is compared: terminal "" or NULL: all of the ledger and the journal; from and to as
 * "2026-04-01", NULL: the first and the last day of the ledger. */
struct journal_ledger_scope {
	const char *terminal, *from, *to;
	int tolerance; /* minutes, 0–10 (PD-36) */
};

/* One thing that does not agree (rules 7.3). Of a finding with records: their number, first and
 * last seq, and the times HH:MM of these; of one with an entry: its line in the file. */
struct journal_finding {
	const char *kind; /* ledger_without_log, log_without_ledger, outside_interval,
			     operator_mismatch, missing_ledger, overlap */
	char day[11], terminal[41], operator_id[33];
	char other[41]; /* operator_mismatch: whose entry it is; overlap: the other terminal */
	unsigned line;  /* 0: none */
	long records, first, last;
	char from[6], to[6];
};
typedef enum card_error (*journal_finding_fn)(void *ctx, const struct journal_finding *f);

/*
 * Compare, per terminal and day. Every record with an operator counts as use, but not those that
 * were written later about something else: unknown, late-entry. Findings come by day, terminal and
 * kind. CARD_ERR_INVALID_ARGUMENT: tolerance, a date; errors of journal_read and of fn.
 */
CARD_API enum card_error journal_reconcile(flow_store_t *store, const journal_ledger_t *l,
					   const struct journal_ledger_scope *scope,
					   journal_finding_fn fn, void *ctx);

/*
 * Write the register that the journal gives: one line for each operator, terminal and session
 * (from login to logout, or to the last record before the next login), never over midnight.
 * CARD_ERR_IO; errors of journal_read.
 */
CARD_API enum card_error journal_ledger_write(flow_store_t *store,
					      const struct journal_ledger_scope *scope, FILE *out);

#ifdef __cplusplus
}
#endif
#endif
