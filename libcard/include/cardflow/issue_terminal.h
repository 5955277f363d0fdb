/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue_terminal.h — a terminal (キオスク端末): one transaction from the choice to the taken paper,
 * in the order of flows §1 (K01–K40), against a centre (docs/issuance.md).
 *
 * The centre's store decides; this side holds the card, the money and the paper. What surrounds it
 * is given as wires, so that a command, a touch page and a test drive the same code. The document is
 * in memory only, wiped at every end; the notes on disk hold no personal data.
 */
#ifndef CARDFLOW_ISSUE_TERMINAL_H
#define CARDFLOW_ISSUE_TERMINAL_H

#include <jansson.h>

#include <card/bytes.h>
#include <cardflow/issue_print.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FLOW_TERMINAL_COPIES 10u

/* What the resident chose; texts are borrowed. */
struct flow_terminal_choice {
	const char *municipality, *kind;
	const json_t *options; /* object of docs/issuance.md; may be NULL */
	unsigned copies;       /* 1 … FLOW_TERMINAL_COPIES */
	bool number_confirmed; /* PD-23: asked twice */
	const char *language;  /* "ja" or "en" */
};

enum flow_payment_result {
	FLOW_PAYMENT_SETTLED = 0,
	FLOW_PAYMENT_DECLINED,	  /* or the coins were taken back */
	FLOW_PAYMENT_NOT_SETTLED, /* the unit knows that it was not */
	FLOW_PAYMENT_UNKNOWN	  /* no answer, or the unit cannot tell */
};

/* Money that came without being asked for: late, doubled, another amount (K31). */
struct flow_payment_surplus {
	char id[33];
	int64_t amount;
};

/* What the printer gets: the front once, a back for each copy. */
struct flow_terminal_paper {
	struct card_bytes front;
	unsigned pages, copies;
	const char *number[FLOW_TERMINAL_COPIES]; /* XXXX-XXXX-XXXX */
	struct card_bytes back[FLOW_TERMINAL_COPIES];
	const char *name; /* of the job; no personal data */
};

/* What the screen says next (texts are the screen's own). */
enum flow_terminal_screen {
	FLOW_SCREEN_HOLD_CARD = 0,
	FLOW_SCREEN_PIN_WRONG,	/* number: tries left */
	FLOW_SCREEN_TAKE_CARD,
	FLOW_SCREEN_PREPARING,
	FLOW_SCREEN_PREVIEW,	/* kind, pages, copies; number: amount. Nothing personal */
	FLOW_SCREEN_CARD_LEFT,	/* alarm */
	FLOW_SCREEN_PAY,	/* number: amount */
	FLOW_SCREEN_FREE,
	FLOW_SCREEN_ASKING,	/* the payment unit's answer was lost */
	FLOW_SCREEN_SURPLUS,	/* number: amount that is returned */
	FLOW_SCREEN_PRINTING,	/* number: sheets */
	FLOW_SCREEN_FAULT,	/* code: of the printer */
	FLOW_SCREEN_TAKE_PAPER, /* number: sheets */
	FLOW_SCREEN_REFUND,	/* number: amount */
	FLOW_SCREEN_RECEIPT,	/* number: amount; no name on it */
	FLOW_SCREEN_END		/* code: reason or NULL */
};

struct flow_terminal_say {
	enum flow_terminal_screen screen;
	const char *code, *inquiry;
	int64_t number;
	unsigned pages, copies;
	bool charged; /* false: 「料金はいただいていません」 */
};

/* After a fault, in front of the resident (K37, K38). */
enum flow_terminal_fault_choice { FLOW_FAULT_REFUND = 0, FLOW_FAULT_RESUME };

/*
 * The world around a terminal. Every call gets ctx; none is made concurrently. A function that
 * waits for a person returns CARD_ERR_CANCELLED or CARD_ERR_TIMEOUT (120 s idle).
 */
struct flow_terminal_wires {
	void *ctx;
	/* One exchange with the centre. *status: of HTTP. CARD_ERR_NO_SERVICE: no answer came. */
	enum card_error (*exchange)(void *ctx, const char *method, const char *path,
				    struct card_bytes body, card_buf_t *answer, int *status);
	/* The 利用者証明用 certificate of the card on the reader; no secret is needed. Errors as of a
	 * card; CARD_ERR_PIN_LOCKED: no tries are left, nothing was sent. */
	enum card_error (*certificate)(void *ctx, card_buf_t *der);
	/* Ask for the PIN and sign a digest with the authentication key. CARD_ERR_PIN_WRONG sets
	 * *tries; the PIN is wiped before this returns. */
	enum card_error (*sign)(void *ctx, const uint8_t digest[32], card_buf_t *signature,
				int *tries);
	/* Whether the card has left the reader, after waiting at most this long. */
	bool (*card_gone)(void *ctx, int seconds);
	/* "Again?" within five minutes (K16); confirm what is shown before paying. */
	bool (*again)(void *ctx, const char *first_state);
	enum card_error (*confirm)(void *ctx, const struct flow_terminal_say *preview);
	/* Take this amount under this id. */
	enum flow_payment_result (*pay)(void *ctx, const char *id, int64_t amount, int64_t *paid);
	/* What became of it; asked for up to 30 s. */
	enum flow_payment_result (*payment)(void *ctx, const char *id, int64_t *paid);
	/* The next piece of money that came unasked; false: none. */
	bool (*surplus)(void *ctx, struct flow_payment_surplus *out);
	/* Give money back; false: not possible now. */
	bool (*give_back)(void *ctx, const char *refund, int64_t amount);
	/* The printer; as flow_printer_* (issue_print.h). sheets: how many came out, in all. */
	enum card_error (*printer)(void *ctx, struct flow_printer_state *out);
	enum card_error (*print)(void *ctx, const struct flow_terminal_paper *paper, int *job);
	enum card_error (*job)(void *ctx, int job, const char *name, struct flow_print_job *out);
	enum card_error (*end_job)(void *ctx, int job);
	/* What the resident wants after a fault, once it was cleared; wait for both. */
	enum flow_terminal_fault_choice (*fault)(void *ctx, enum flow_print_fault fault);
	/* Whether the paper was taken, after waiting at most this long. */
	bool (*taken)(void *ctx, int seconds);
	/* Wipe and look for remains; true: nothing was found anywhere. */
	bool (*erase)(void *ctx);
	void (*say)(void *ctx, const struct flow_terminal_say *what);
	void (*wait)(void *ctx, int milliseconds);
	int64_t (*now)(void *ctx); /* POSIX seconds */
};

struct flow_terminal_config {
	const char *audience; /* the centre's; another one is refused */
	const char *notes;    /* file: id, state, payment, copy numbers, counter; 0600 */
	const char *id;	      /* of the terminal, as in its certificate */
	int message_seconds;  /* 30: how long the same bytes are sent again (PD-22) */
};

/* How it ended. */
struct flow_terminal_result {
	char transaction[33], inquiry[32], state[16], code[40];
	unsigned pages, copies, valid; /* valid: copies whose paper counts */
	int64_t fee, paid, refund;     /* refund: given back, or still due */
	bool charged, refund_open, erased;
};

typedef struct flow_terminal flow_terminal_t;

/*
 * Start: a new session with the centre, telling it what the notes say was left open; nothing
 * prints. CARD_ERR_IO: the notes cannot be written (fail closed); CARD_ERR_NO_SERVICE;
 * CARD_ERR_DENIED: the centre does not know this terminal; CARD_ERR_MALFORMED.
 */
CARD_API enum card_error flow_terminal_open(flow_terminal_t **out,
					    const struct flow_terminal_config *config,
					    const struct flow_terminal_wires *wires);
CARD_API void flow_terminal_close(flow_terminal_t **t);

/* One transaction to its end. CARD_OK: out says how it ended, also if refused. CARD_ERR_NO_SERVICE:
 * the centre was lost before anything began; out->code "no_service". */
CARD_API enum card_error flow_terminal_issue(flow_terminal_t *t,
					     const struct flow_terminal_choice *choice,
					     struct flow_terminal_result *out);

/* What the last start left open at the centre: an array of docs/issuance.md. Borrowed. */
CARD_API const json_t *flow_terminal_left(const flow_terminal_t *t);

#ifdef __cplusplus
}
#endif
#endif
