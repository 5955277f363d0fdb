/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit.h — self-check, audit plan, and the sample that an auditor draws (rules 7.4, R6-25…R6-32,
 * PD-37, PD-38).
 */
#ifndef CARDFLOW_AUDIT_H
#define CARDFLOW_AUDIT_H

#include <cardflow/journal.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- 自己点検: items scored 1 to 3 */

struct flow_selfcheck {
	long items, sum, low; /* low: items below 3 */
	int mean;             /* hundredths, rounded half up: 299 is 2.99 */
};

/* An item below 3. */
struct flow_selfcheck_low {
	long item, score;
	const char *reason, *remedy;
	struct card_date due;
};
typedef enum card_error (*flow_selfcheck_fn)(void *ctx, const struct flow_selfcheck_low *low);

/*
 * A file (table.h) `item,score,reason,remedy,date` with the items 1…items, each once. low may be
 * NULL. Nothing is guessed: a missing item, an unanswered one, a score other than 1, 2 or 3, an item
 * below 3 without reason, remedy and date are CARD_ERR_MALFORMED with *problem (PD-37).
 */
CARD_API enum card_error flow_selfcheck_read(const char *path, long items,
					     struct flow_selfcheck *out, flow_selfcheck_fn low,
					     void *ctx, struct flow_problem *problem);

/* ---- 監査実施計画: a term of three fiscal years */

#define FLOW_AUDIT_TERM 3

typedef struct flow_audit_organs flow_audit_organs_t;

/* A file `organ,office,since,first_use`: office is head (本庁) or field (現地機関); since: fiscal year
 * from which it is a user organ; first_use: fiscal year of its first use, empty: none yet. */
CARD_API enum card_error flow_audit_organs_read(flow_audit_organs_t **out, const char *path,
						struct flow_problem *problem);
CARD_API void flow_audit_organs_free(flow_audit_organs_t **o);

/* What is wrong with a plan: left_out, doubled, unknown_organ, outside_term, external_head,
 * external_field, new_not_first_year, later_without_reason, later_with_use. organ may be "". */
typedef enum card_error (*flow_audit_problem_fn)(void *ctx, const char *kind, int year,
						 const char *organ);

/*
 * Check a plan `year,organ,audit,reason` (audit: internal, external or later) for the term that
 * begins with fiscal year `first`: every organ exactly once; new organs internal in their first
 * year, unless they have not used the system: then later, with a reason; each year one head-office
 * section and one field office external. *problems: how many were told. Errors of flow_table_read.
 */
CARD_API enum card_error flow_audit_plan_check(const flow_audit_organs_t *o, const char *path,
					       int first, flow_audit_problem_fn fn, void *ctx,
					       size_t *problems, struct flow_problem *problem);

/*
 * Make such a plan. The same seed gives the same plan. CARD_ERR_DENIED with *problem: there are
 * not three head-office sections and three field offices for the external audits; CARD_ERR_IO.
 */
CARD_API enum card_error flow_audit_plan_make(const flow_audit_organs_t *o, int first,
					      const char *seed, FILE *out,
					      struct flow_problem *problem);

/* ---- the sample */

/*
 * n records of those that f selects, drawn by a seed that the auditor names: those whose SHA-256
 * over "KAZASU-SAMPLE-1" LF seed LF terminal LF seq LF is smallest. Who made the journal cannot
 * choose them, and anyone can draw them again. By terminal and seq. *of: among how many. The
 * subject of an entry is always "". Errors of journal_read; CARD_ERR_INVALID_ARGUMENT: n is 0 or
 * above 100,000.
 */
CARD_API enum card_error journal_sample(flow_store_t *store, const struct journal_filter *f,
					const char *seed, size_t n, journal_entry_fn entry,
					void *ctx, size_t *of);

#ifdef __cplusplus
}
#endif
#endif
