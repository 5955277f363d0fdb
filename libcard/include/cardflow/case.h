/* SPDX-License-Identifier: Apache-2.0 */
/* case.h — correction cases (訂正): what a check found and somebody has to put right (flows C22). */
#ifndef CARDFLOW_CASE_H
#define CARDFLOW_CASE_H

#include <cardflow/calendar.h>
#include <cardflow/operator.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Make the table of cases in a store. Errors of flow_store_run. */
CARD_API enum card_error flow_cases_setup(flow_store_t *store);

/* No 個人番号 in it; the subject is the 宛名番号 or a case number (R7-11), and goes when it is closed. */
struct flow_case {
	char id[64];   /* the record of the check that found it */
	char kind[24]; /* "number_changed" */
	char subject[64], organ[128], by[33];
	struct card_date opened, since, closed; /* since: when the number in force began */
	char closed_by[33], note[400];
};

/* Open one. CARD_ERR_DENIED: there is one of this id already. */
CARD_API enum card_error flow_case_open(flow_store_t *store, const struct flow_case *c);

typedef enum card_error (*flow_case_fn)(void *ctx, const struct flow_case *c);
/* Open ones, oldest first; all: closed ones too. */
CARD_API enum card_error flow_case_list(flow_store_t *store, bool all, flow_case_fn fn, void *ctx);

/*
 * What was done about it, by the owner of a session; journaled (correction-case). CARD_ERR_DENIED
 * with *code: no session; CARD_ERR_NOT_FOUND; CARD_ERR_BAD_STATE: closed already.
 */
CARD_API enum card_error flow_case_close(flow_store_t *store, journal_t *j, const char *terminal,
					 const char *token, const char *id, const char *note,
					 int64_t now, const char **code);

#ifdef __cplusplus
}
#endif
#endif
