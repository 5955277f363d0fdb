/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h — what libcard tells about its work.
 *
 * A message is one of the fixed sentences below with numbers in it: the
 * interface takes no strings or byte blocks from callers, so that no secret and
 * no personal data can pass through it.
 */
#ifndef CARD_LOG_H
#define CARD_LOG_H

#include <stdint.h>

#include <card/error.h>

#ifdef __cplusplus
extern "C" {
#endif

enum card_log_level { CARD_LOG_DEBUG, CARD_LOG_INFO, CARD_LOG_WARNING, CARD_LOG_ERROR };

enum card_log_event {
	CARD_LOG_COMMAND = 0,        /* a = CLA INS P1 P2 as one number, b = status word */
	CARD_LOG_SHORT_ID_REFUSED,   /* a = file id, b = status word: SELECT is used from now on */
	CARD_LOG_FIRST_ANSWER_6F00,  /* the first command after power-up was sent again */
	CARD_LOG_WAITING_FOR_READER, /* a = milliseconds: another program holds the reader */
	CARD_LOG_CARD_RESET,         /* another program reset the card */
	CARD_LOG_SERVICE_RESTARTED,  /* pcscd went away and came back */
	CARD_LOG_OUTCOME_UNKNOWN,    /* a = INS: the answer was lost */
	CARD_LOG_STATUS_NOT_CLEARED, /* a = error: the clearing SELECT failed, the card was reset */
	CARD_LOG_LAST_TRY_USED,      /* a = file id */
	CARD_LOG_EVENT_COUNT_
};

/*
 * Receives messages. text is English, static or on the caller's stack, valid
 * during the call. May be called from any thread that uses libcard.
 */
typedef void card_log_fn(void *ctx, enum card_log_level level, enum card_log_event event,
			 const char *text);

/* Set the callback of this process (the only global state of libcard), or NULL.
 * Not to be changed while another thread is inside libcard. */
CARD_API void card_log_set(card_log_fn *fn, void *ctx, enum card_log_level least);

#ifdef __cplusplus
}
#endif
#endif
