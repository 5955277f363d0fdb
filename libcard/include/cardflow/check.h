/* SPDX-License-Identifier: Apache-2.0 */
/* check.h — records of checks and their double check (rules 3.5, 3.6, PD-13, flows C24). */
#ifndef CARDFLOW_CHECK_H
#define CARDFLOW_CHECK_H

#include <cardflow/calendar.h>
#include <cardflow/operator.h>
#include <cardflow/procedure.h>

#ifdef __cplusplus
extern "C" {
#endif

CARD_API enum card_error flow_checks_setup(flow_store_t *store);

/* A version of a record. No 個人番号, and nothing computed from it. */
struct flow_check_record {
	char id[64];
	long version;
	char procedure[64], organ[128], receiver[33];
	struct card_date received;
	char state[20]; /* received, checked_same_day, checked_next_day, returned, closed */
	char double_check[12];
	char first[33], second[33]; /* who checked */
	char results[200];          /* "card=valid;person=confirmed;number=not_asked" */
	char detail[2048];          /* presenter, documents, steps of the ladder, codes */
};

CARD_API enum card_error flow_check_put(flow_store_t *store, const struct flow_check_record *r);
CARD_API enum card_error flow_check_get(flow_store_t *store, const char *id,
					struct flow_check_record *out);

typedef enum card_error (*flow_check_fn)(void *ctx, const struct flow_check_record *r);
/* Newest versions; state "" or NULL: all. */
CARD_API enum card_error flow_check_list(flow_store_t *store, const char *state, flow_check_fn fn,
					 void *ctx);

/*
 * The next check by the owner of a session. CARD_ERR_DENIED with *code: "no_session",
 * "checker_is_receiver" (B = A), "not_internal_staff", "same_day" (the next-day check on the same
 * day), "first_check_missing", "first_check_late" (the same-day check on a later day).
 */
CARD_API enum card_error flow_check_review(flow_store_t *store, journal_t *j, const char *terminal,
					   const char *token, const char *id, int64_t now,
					   const char **code);

/* A discrepancy: back to the receiver, with a reason. */
CARD_API enum card_error flow_check_return(flow_store_t *store, journal_t *j, const char *terminal,
					   const char *token, const char *id, const char *reason,
					   int64_t now, const char **code);

/* The receiver corrects: a new version, received again. detail and results replace the old ones. */
CARD_API enum card_error flow_check_correct(flow_store_t *store, journal_t *j, const char *terminal,
					    const char *token, const char *id, const char *results,
					    const char *detail, int64_t now, const char **code);

/* Not done by the end of the next opening day of its organ (PD-13). */
CARD_API enum card_error flow_check_overdue(flow_store_t *store, const flow_calendar_t *calendar,
					    struct card_date today, flow_check_fn fn, void *ctx);

#ifdef __cplusplus
}
#endif
#endif
