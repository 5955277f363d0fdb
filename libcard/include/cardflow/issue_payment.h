/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue_payment.h — a payment unit that fails on demand: every way of flows K28–K31.
 *
 * It stands in for the coin mechanism and card reader of a terminal, and like them it has a memory
 * of its own: the terminal may end at any moment, and the unit still knows what it took and gave
 * back. One text file, a line a movement, synced before anything is answered.
 */
#ifndef CARDFLOW_ISSUE_PAYMENT_H
#define CARDFLOW_ISSUE_PAYMENT_H

#include <cardflow/issue_terminal.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What happens to the next payment. */
enum flow_payment_sim_mode {
	FLOW_PAYMENT_SIM_SETTLE = 0,
	FLOW_PAYMENT_SIM_DECLINE,      /* nothing is taken (K29) */
	FLOW_PAYMENT_SIM_LOST_SETTLED, /* taken, the answer is lost; it tells when asked (K30) */
	FLOW_PAYMENT_SIM_LOST_NOT_SETTLED, /* not taken, the same */
	FLOW_PAYMENT_SIM_UNKNOWN,          /* taken, and it can never tell */
	FLOW_PAYMENT_SIM_LATE,   /* no answer, "not settled" when asked, taken after that (K31) */
	FLOW_PAYMENT_SIM_DOUBLE, /* taken twice */
	FLOW_PAYMENT_SIM_WRONG_AMOUNT, /* FLOW_PAYMENT_SIM_EXCESS more is taken */
	FLOW_PAYMENT_SIM_MODES_
};

#define FLOW_PAYMENT_SIM_EXCESS 100

/* "settle", "decline", "lost-settled", …; false: no such word. */
CARD_API bool flow_payment_sim_mode_of(const char *word, enum flow_payment_sim_mode *out);

typedef struct flow_payment_sim flow_payment_sim_t;

/*
 * The unit whose memory is FOLDER/unit.log; both are made if missing. CARD_ERR_IO;
 * CARD_ERR_READER_BUSY: another process uses it; CARD_ERR_MALFORMED: not such a file. A last line
 * that was cut by a power loss is dropped: what it says was never answered.
 */
CARD_API enum card_error flow_payment_sim_open(flow_payment_sim_t **out, const char *folder,
					       enum flow_payment_sim_mode mode, bool gives_back);
CARD_API void flow_payment_sim_free(flow_payment_sim_t **u);

/* Take an amount under an id of 32 hex digits, once: the same id again gives the same answer and
 * moves nothing. *paid: what was taken as far as it tells, else 0. */
CARD_API enum flow_payment_result flow_payment_sim_pay(flow_payment_sim_t *u, const char *id,
						       int64_t amount, int64_t *paid);
/* What became of it; an id never heard of is FLOW_PAYMENT_NOT_SETTLED. */
CARD_API enum flow_payment_result flow_payment_sim_ask(flow_payment_sim_t *u, const char *id,
						       int64_t *paid);
/* Money that came unasked: each piece once a process, and in the next process again until as much
 * was given back for it. False: none. */
CARD_API bool flow_payment_sim_surplus(flow_payment_sim_t *u, struct flow_payment_surplus *out);
/* Give back for a refund, once for each id. False: not possible now. */
CARD_API bool flow_payment_sim_give_back(flow_payment_sim_t *u, const char *refund, int64_t amount);
/* Whether money went back for this refund. */
CARD_API bool flow_payment_sim_returned(const flow_payment_sim_t *u, const char *refund);

/* Everything taken less everything given back, since the memory began. */
CARD_API int64_t flow_payment_sim_kept(const flow_payment_sim_t *u);

#ifdef __cplusplus
}
#endif
#endif
