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
#include <card/secret.h>
#include <cardflow/issue_print.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FLOW_TERMINAL_COPIES 10u

/* What the resident chose; texts are borrowed. */
struct flow_terminal_choice {
	const char *municipality; /* NULL: the one that the card names is proposed */
	const char *kind;
	const json_t *options; /* object of docs/issuance.md; may be NULL */
	unsigned copies;       /* 1 … FLOW_TERMINAL_COPIES */
	bool number_confirmed; /* PD-23: asked twice */
	const char *language;  /* "ja" or "en" */
	/* "new", "conversion" or "current"; NULL: the first in this order that the municipality
	 * offers and the card fits */
	const char *method;
};

enum flow_payment_result {
	FLOW_PAYMENT_SETTLED = 0,
	FLOW_PAYMENT_DECLINED,    /* or the coins were taken back */
	FLOW_PAYMENT_NOT_SETTLED, /* the unit knows that it was not */
	FLOW_PAYMENT_UNKNOWN      /* no answer, or the unit cannot tell */
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

/* Which PINs a method asks for (rules 4.3: 新方式 one, 変換方式 two, 現行方式 one). */
#define FLOW_TERMINAL_PIN_AUTH 1u /* of the card */
#define FLOW_TERMINAL_PIN_KIND 2u /* of the kind of certificate; the municipality knows it */

/* 現行方式: what a card says before anything was proven to it (card/local.h). */
struct flow_terminal_local {
	char municipality[6];
	uint8_t reference[8], challenge[16];
	char token[8];    /* "card", "juki" */
	char expires[11]; /* last day, YYYY-MM-DD; "": the card does not say */
};

/* What the screen says next (texts are the screen's own). */
enum flow_terminal_screen {
	FLOW_SCREEN_HOLD_CARD = 0,  /* number: FLOW_TERMINAL_PIN_… that will be asked for */
	FLOW_SCREEN_PIN_WRONG,      /* number: tries left */
	FLOW_SCREEN_KIND_PIN_WRONG, /* the same of the PIN of the kind (K17) */
	FLOW_SCREEN_TAKE_CARD,
	FLOW_SCREEN_PREPARING,
	FLOW_SCREEN_PREVIEW,   /* kind, pages, copies; number: amount. Nothing personal */
	FLOW_SCREEN_CARD_LEFT, /* alarm */
	FLOW_SCREEN_PAY,       /* number: amount */
	FLOW_SCREEN_FREE,
	FLOW_SCREEN_ASKING,     /* the payment unit's answer was lost */
	FLOW_SCREEN_SURPLUS,    /* number: amount that is returned */
	FLOW_SCREEN_PRINTING,   /* number: sheets */
	FLOW_SCREEN_FAULT,      /* code: of the printer */
	FLOW_SCREEN_TAKE_PAPER, /* number: sheets */
	FLOW_SCREEN_REFUND,     /* number: amount */
	FLOW_SCREEN_RECEIPT,    /* number: amount; copies: that count; no name on it */
	FLOW_SCREEN_END         /* code: reason or NULL */
};

struct flow_terminal_say {
	enum flow_terminal_screen screen;
	const char *code, *inquiry;
	int64_t number;
	unsigned pages, copies;
	bool charged;     /* false: 「料金はいただいていません」 */
	const char *kind; /* of the certificate */
};

/* After a fault, in front of the resident (K37, K38). LATER: it stays open, for
 * flow_terminal_resume or flow_terminal_refund until the end of the day. */
enum flow_terminal_fault_choice { FLOW_FAULT_REFUND = 0, FLOW_FAULT_RESUME, FLOW_FAULT_LATER };

/* What an attendant did with what lay there, unseen (K23, K35, K40). */
struct flow_terminal_clearing {
	char by[33];     /* who: id of the operator */
	char cover[33];  /* number of the sealed cover; "": nothing was there */
	unsigned sheets; /* face down into it */
	bool card;       /* a card into it */
};

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
	/* Whether the certificate is to be of this municipality, five digits, which the card names; the
	 * person decides, and the issuer's records after that. CARD_OK: yes. */
	enum card_error (*propose)(void *ctx, const char *municipality);
	/* Ask for the PIN and sign a digest with the authentication key. CARD_ERR_PIN_WRONG sets
	 * *tries; the PIN is wiped before this returns. */
	enum card_error (*sign)(void *ctx, const uint8_t digest[32], card_buf_t *signature,
				int *tries);
	/*
	 * 変換方式 and 現行方式; the three may be NULL: then a municipality that offers nothing else is
	 * refused. kind_pin: ask for the PIN of this kind, four digits; tries: left after a wrong
	 * one, -1 at first. local: 条例利用AP, no secret is needed; CARD_ERR_NOT_FOUND, CARD_ERR_WRONG_TOKEN: not
	 * such a card. local_prove: as card_local_prove.
	 */
	enum card_error (*kind_pin)(void *ctx, const char *kind, int tries, card_secret_t *pin);
	enum card_error (*local)(void *ctx, struct flow_terminal_local *out);
	enum card_error (*local_prove)(void *ctx, const uint8_t digest[32], const uint8_t proof[32],
				       char user_id[65], uint8_t response[32]);
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
	/* Whether money went back for this refund, now or in an earlier session. */
	bool (*returned)(void *ctx, const char *refund);
	/* The printer; as flow_printer_* (issue_print.h). sheets: how many came out, in all. */
	enum card_error (*printer)(void *ctx, struct flow_printer_state *out);
	enum card_error (*print)(void *ctx, const struct flow_terminal_paper *paper, int *job);
	enum card_error (*job)(void *ctx, int job, const char *name, struct flow_print_job *out);
	enum card_error (*end_job)(void *ctx, int job);
	/* What the resident wants after a fault. */
	enum flow_terminal_fault_choice (*fault)(void *ctx, enum flow_print_fault fault);
	/* Wait for the attendant to clear what lies there, and for the printer to be in order again; at
	 * most this long. False: nobody came, and the terminal stays blocked. */
	bool (*cleared)(void *ctx, int seconds, struct flow_terminal_clearing *out);
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
	const char *id;       /* of the terminal, as in its certificate */
	/* Folder with CODE.pem: the certificates of a municipality to which PINs of kinds are sealed. One
	 * that the centre names counts only if it stands there. NULL: no such PIN is asked for. */
	const char *seals;
	int message_seconds; /* 30: how long the same bytes are sent again (PD-22) */
	int clock_seconds;   /* how far the clock may differ from the centre's; 0: not looked at */
};

/* How it ended. */
struct flow_terminal_result {
	char transaction[33], inquiry[64], state[16], code[40], kind[24];
	unsigned pages, copies, valid; /* valid: copies whose paper counts */
	int64_t fee, paid, refund;     /* refund: given back, or still due */
	bool charged, refund_open, erased;
};

typedef struct flow_terminal flow_terminal_t;

/*
 * Start: what the notes say was left open is looked into (payment unit and printer are asked, up to
 * 30 s each, K30 and K36), and told to the centre with a new session; nothing prints.
 * CARD_ERR_READER_BUSY: another process drives this terminal; CARD_ERR_IO: the notes cannot be
 * written (fail closed); CARD_ERR_NO_SERVICE; CARD_ERR_DENIED: the centre does not know this
 * terminal; CARD_ERR_MALFORMED.
 */
CARD_API enum card_error flow_terminal_open(flow_terminal_t **out,
					    const struct flow_terminal_config *config,
					    const struct flow_terminal_wires *wires);
CARD_API void flow_terminal_close(flow_terminal_t **t);

/* One transaction to its end. CARD_OK: out says how it ended, also if refused. CARD_ERR_NO_SERVICE:
 * the centre was lost before anything began; out->code "no_service". State "idle" with code
 * "blocked", "stopped", "maintenance", "closed", "clock": not in service, no transaction (K02). */
CARD_API enum card_error flow_terminal_issue(flow_terminal_t *t,
					     const struct flow_terminal_choice *choice,
					     struct flow_terminal_result *out);

/* What is open at the centre: an array of docs/issuance.md. Borrowed; changes with every call. */
CARD_API const json_t *flow_terminal_left(const flow_terminal_t *t);

/* ---- what an earlier session left open ---- */

/*
 * Go on printing after a failed attempt (K37): the same card and PIN again, at this terminal, today,
 * once, with the fault cleared. State "print_failed" with code "resume_refused", "stopped",
 * "blocked" or that of the card: refused, and it stays open; else as flow_terminal_issue.
 * CARD_ERR_NOT_FOUND: nothing of this inquiry number is to be resumed here.
 */
CARD_API enum card_error flow_terminal_resume(flow_terminal_t *t, const char *inquiry,
					      struct flow_terminal_result *out);

/*
 * Give back, once, what is due under an inquiry number (K38, K39). State "refunded"; "refund_due":
 * not possible now, out->refund_open. CARD_ERR_NOT_FOUND: nothing is due under it here, or not any
 * more.
 */
CARD_API enum card_error flow_terminal_refund(flow_terminal_t *t, const char *inquiry,
					      struct flow_terminal_result *out);

/* ---- what lies there ---- */

/* Why the terminal is closed for new transactions: {"reason", "inquiry", "since"} with reason "card",
 * "paper", "sheets" or "erasure"; NULL: it is not. Durable. Borrowed. */
CARD_API const json_t *flow_terminal_blocked(const flow_terminal_t *t);

/*
 * The attendant has cleared it (K23, K35, K40): transactions whose paper lay there are closed after
 * proof of erasure, the cover is noted until flow_terminal_cover_end, the centre is told, the block
 * is lifted. CARD_ERR_INTERNAL: erasure could not be proven; it stays blocked.
 */
CARD_API enum card_error flow_terminal_clear(flow_terminal_t *t,
					     const struct flow_terminal_clearing *clearing);

/* The notes of a terminal as they are on disk; needs no centre. A new reference; NULL: none. */
CARD_API json_t *flow_terminal_notes(const char *path);
/* Whether a process is driving the terminal of these notes now. */
CARD_API bool flow_terminal_driven(const char *path);

/* A sealed cover was handed over or destroyed: take it out of the notes. *was (may be NULL): its
 * entry, a new reference. CARD_ERR_NOT_FOUND; CARD_ERR_READER_BUSY; CARD_ERR_IO. */
CARD_API enum card_error flow_terminal_cover_end(const char *path, const char *cover, json_t **was);

#ifdef __cplusplus
}
#endif
#endif
