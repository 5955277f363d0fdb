/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue_transaction.h — the state machine of one certificate at a terminal (flows §1, K01–K40).
 *
 * Pure: no clock, no random numbers, no input or output. Terminal and centre run the same table;
 * the centre's store decides. docs/issuance-states.md is written from it.
 *
 * What always holds after any number of steps (flows §1, "What always holds"): before payment an
 * end leaves no money and no copy that counts; after payment each copy ends as valid paper or with
 * its fee returned, never both, never neither.
 */
#ifndef CARDFLOW_ISSUE_TRANSACTION_H
#define CARDFLOW_ISSUE_TRANSACTION_H

#include <card/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

enum flow_issue_state {
	FLOW_ISSUE_IDLE = 0,
	FLOW_ISSUE_CHOOSING,
	FLOW_ISSUE_CARD_READ,
	FLOW_ISSUE_APPLIED,
	FLOW_ISSUE_VERIFIED,
	FLOW_ISSUE_DELIVERED,
	FLOW_ISSUE_PAYING,
	FLOW_ISSUE_PAID,
	FLOW_ISSUE_PRINTING,
	FLOW_ISSUE_PRINT_FAILED,
	FLOW_ISSUE_RESUMED,
	FLOW_ISSUE_PRINTED,
	FLOW_ISSUE_COLLECTED,
	FLOW_ISSUE_CLOSED,
	FLOW_ISSUE_REFUSED,
	FLOW_ISSUE_CANCELLED,
	FLOW_ISSUE_TIMED_OUT,
	FLOW_ISSUE_REFUND_DUE,
	FLOW_ISSUE_REFUNDED,
	FLOW_ISSUE_STATES_
};

/* What happens; a condition of the table is part of the event's name. */
enum flow_issue_event {
	FLOW_ISSUE_ON_TOUCHED = 0,        /* K01 terminal, centre, clock and journal in order */
	FLOW_ISSUE_ON_TOUCHED_NO_SERVICE, /* K02 */
	FLOW_ISSUE_ON_CHOSEN,             /* K03 kind enabled, open, fee on file */
	FLOW_ISSUE_ON_NOT_PARTICIPATING,  /* K04 */
	FLOW_ISSUE_ON_KIND_DISABLED,      /* K04 */
	FLOW_ISSUE_ON_OUTSIDE_HOURS,      /* K04, K12 */
	FLOW_ISSUE_ON_FEE_UNKNOWN,        /* K04 */
	FLOW_ISSUE_ON_CARD_FITS,          /* K05 certificate there, tries ≥ 1 */
	FLOW_ISSUE_ON_CARD_UNUSABLE,      /* K06 */
	FLOW_ISSUE_ON_LOCKED,             /* K07 */
	FLOW_ISSUE_ON_PIN_WRONG,          /* K08 tries ≥ 1 */
	FLOW_ISSUE_ON_APPLICATION,        /* K09 message 2 */
	FLOW_ISSUE_ON_CARD_PULLED,        /* K10 before message 2 */
	FLOW_ISSUE_ON_INTRUDER, /* K11 a message of another session, terminal or content */
	FLOW_ISSUE_ON_FORGED,   /* K11 the application itself does not verify */
	FLOW_ISSUE_ON_VALID,    /* K13 no equal job in 5 minutes */
	FLOW_ISSUE_ON_CERTIFICATE_EXPIRED,  /* K14 */
	FLOW_ISSUE_ON_CERTIFICATE_REVOKED,  /* K14 */
	FLOW_ISSUE_ON_CERTIFICATE_ON_HOLD,  /* K14 */
	FLOW_ISSUE_ON_CARD_SUSPENDED,       /* K14 */
	FLOW_ISSUE_ON_CARD_ABOLISHED,       /* K14 */
	FLOW_ISSUE_ON_STATUS_UNKNOWN,       /* K15 */
	FLOW_ISSUE_ON_RECENT,               /* K16 valid, and an equal job in 5 minutes */
	FLOW_ISSUE_ON_AGAIN,                /* K16 yes */
	FLOW_ISSUE_ON_NOT_AGAIN,            /* K16 no */
	FLOW_ISSUE_ON_KIND_PIN_WRONG,       /* K17 */
	FLOW_ISSUE_ON_KIND_PIN_LOCKED,      /* K17 */
	FLOW_ISSUE_ON_DOCUMENT,             /* K18 messages 4 and 5 agree */
	FLOW_ISSUE_ON_NO_SEAL_REGISTRATION, /* K19 印鑑登録 */
	FLOW_ISSUE_ON_UNDER_AGE,            /* K19 */
	FLOW_ISSUE_ON_NO_USE_REGISTRATION,  /* K19 利用登録 */
	FLOW_ISSUE_ON_NOT_AVAILABLE,        /* K20 */
	FLOW_ISSUE_ON_DOCUMENT_ERROR,       /* K21 */
	FLOW_ISSUE_ON_NO_ANSWER,            /* K22 30 s */
	FLOW_ISSUE_ON_LATE_ANSWER,          /* K22 dropped */
	FLOW_ISSUE_ON_CARD_LEFT,            /* K23 30 s */
	FLOW_ISSUE_ON_CARD_FORGOTTEN,       /* K23 120 s */
	FLOW_ISSUE_ON_CONFIRMED,            /* K24 card gone, everything ready, fee > 0 */
	FLOW_ISSUE_ON_CONFIRMED_FREE,       /* K25 the same, fee row 0 */
	FLOW_ISSUE_ON_NOT_READY,            /* K26 */
	FLOW_ISSUE_ON_CANCELLED,            /* K27 by the resident */
	FLOW_ISSUE_ON_IDLE,                 /* K27 120 s */
	FLOW_ISSUE_ON_LINK_LOST,            /* K27 */
	FLOW_ISSUE_ON_RESTARTED,         /* K27, K33, K37, K38, K40 a new session of the terminal */
	FLOW_ISSUE_ON_STOPPED,           /* K27, K33, K35, K38 緊急停止 */
	FLOW_ISSUE_ON_JOURNAL_DOWN,      /* K27, K33, K38 */
	FLOW_ISSUE_ON_PAID,              /* K28 payment id and amount match */
	FLOW_ISSUE_ON_DECLINED,          /* K29 */
	FLOW_ISSUE_ON_FOUND_SETTLED,     /* K30 asked again, same session */
	FLOW_ISSUE_ON_FOUND_NOT_SETTLED, /* K30 */
	FLOW_ISSUE_ON_PAYMENT_UNKNOWN,   /* K30 */
	FLOW_ISSUE_ON_SETTLED_AFTER_RESTART, /* K30 */
	FLOW_ISSUE_ON_SURPLUS,               /* K31 late, doubled, wrong amount */
	FLOW_ISSUE_ON_PERMIT,                /* K32, K37 */
	FLOW_ISSUE_ON_NO_PERMIT,             /* K33 30 s */
	FLOW_ISSUE_ON_DOCUMENT_GONE,         /* K33 */
	FLOW_ISSUE_ON_ALL_OUT,               /* K34 every sheet of every copy */
	FLOW_ISSUE_ON_PRINT_FAULT,           /* K35 */
	FLOW_ISSUE_ON_FOUND_COMPLETE,        /* K36 job and counter asked */
	FLOW_ISSUE_ON_FOUND_INCOMPLETE,      /* K36 */
	FLOW_ISSUE_ON_NOT_KNOWABLE,          /* K36 */
	FLOW_ISSUE_ON_RESUME,                /* K37 same card, PIN, terminal, day; first time */
	FLOW_ISSUE_ON_RESUME_REFUSED,        /* K37 another card or terminal */
	FLOW_ISSUE_ON_REFUND_CHOSEN,         /* K38 */
	FLOW_ISSUE_ON_DAY_ENDED,             /* K30, K33, K36, K38 end of the service day */
	FLOW_ISSUE_ON_RETURNED,              /* K39 money returned and confirmed */
	FLOW_ISSUE_ON_NOT_RETURNABLE,        /* K39 not possible now */
	FLOW_ISSUE_ON_TAKEN,                 /* K40 all taken */
	FLOW_ISSUE_ON_PAPER_LEFT,            /* K40 30 s */
	FLOW_ISSUE_ON_CLEARED,               /* K40 by the attendant */
	FLOW_ISSUE_ON_ERASED,                /* K40 proven */
	FLOW_ISSUE_EVENTS_
};

/* What goes with a transition: bits. */
#define FLOW_ISSUE_DO_WIPE       0x00001u /* PIN and card data at the terminal */
#define FLOW_ISSUE_DO_ERASE      0x00002u /* document and its keys, everywhere */
#define FLOW_ISSUE_DO_SECURITY   0x00004u /* security event in the journal */
#define FLOW_ISSUE_DO_ASK_ISSUER 0x00008u /* message 3 */
#define FLOW_ISSUE_DO_MADE       0x00010u /* issue record "made" */
#define FLOW_ISSUE_DO_WITHDRAWN  0x00020u /* issue record "withdrawn" */
#define FLOW_ISSUE_DO_ISSUED     0x00040u /* issue record "issued" */
#define FLOW_ISSUE_DO_ALARM      0x00080u /* sound, light, text */
#define FLOW_ISSUE_DO_FORGOTTEN  0x00100u /* record forgotten-item */
#define FLOW_ISSUE_DO_BLOCK      0x00200u /* terminal blocked until the attendant has cleared it */
#define FLOW_ISSUE_DO_PREPARE_REFUND                                                               \
	0x00400u /* payment id and prepared refund, one commit (PD-17) */
#define FLOW_ISSUE_DO_CANCEL_REFUND 0x00800u /* the prepared refund and its payment id are over */
#define FLOW_ISSUE_DO_EFFECT_REFUND 0x01000u /* the prepared refund takes effect */
#define FLOW_ISSUE_DO_PAY_REFUND    0x02000u /* paid, once */
#define FLOW_ISSUE_DO_SURPLUS       0x04000u /* a refund record of its own for that payment id */
#define FLOW_ISSUE_DO_MONEY_BACK    0x08000u /* inserted money is returned by the payment unit */
#define FLOW_ISSUE_DO_COPIES        0x10000u /* new copy numbers for every copy that is not valid */
#define FLOW_ISSUE_DO_PERMIT        0x20000u /* single-use print permit */
#define FLOW_ISSUE_DO_FINISH        0x40000u /* copies reported complete become valid */
#define FLOW_ISSUE_DO_VOID          0x80000u /* copies that are not valid go on the void list */

/* Stable words of docs/issuance.md; NULL beyond. */
CARD_API const char *flow_issue_state_name(enum flow_issue_state s);
CARD_API const char *flow_issue_event_name(enum flow_issue_event e);
CARD_API const char *flow_issue_effect_name(unsigned bit);
/* FLOW_ISSUE_STATES_ if it is no state. */
CARD_API enum flow_issue_state flow_issue_state_of(const char *name);

/* Which print attempt a row is for. */
enum flow_issue_when { FLOW_ISSUE_ALWAYS = 0, FLOW_ISSUE_FIRST, FLOW_ISSUE_AGAIN };

/* One line of the table. */
struct flow_issue_rule {
	const char *row; /* "K27" */
	unsigned from;   /* states, 1u << state */
	enum flow_issue_event event;
	enum flow_issue_when when;
	enum flow_issue_state to; /* FLOW_ISSUE_STATES_: unchanged */
	unsigned effects;
	const char *code; /* reason or question as in docs/issuance.md, or NULL */
};

/* The nth line, NULL beyond. */
CARD_API const struct flow_issue_rule *flow_issue_rule(size_t nth);

/* The line for an event in a state; resumed: the second print attempt has been claimed. NULL: there
 * is none, the event is BAD_STATE and changes nothing. */
CARD_API const struct flow_issue_rule *flow_issue_find(enum flow_issue_state state,
						       enum flow_issue_event event, bool resumed);

/* No event but FLOW_ISSUE_ON_SURPLUS and late answers leads on from here; refund_due is open. */
CARD_API bool flow_issue_ended(enum flow_issue_state s);
/* From paid on: money was taken (or the fee row said 0), there is no cancel button. */
CARD_API bool flow_issue_charged(enum flow_issue_state s);

/* ---- a transaction's copies and money ---- */

#define FLOW_ISSUE_COPIES_MAX 10u
#define FLOW_ISSUE_NUMBER     14u /* characters of a copy number */

enum flow_issue_copy_state {
	FLOW_ISSUE_COPY_NONE = 0,
	FLOW_ISSUE_COPY_PLANNED, /* has a number; no paper that counts */
	FLOW_ISSUE_COPY_VALID,
	FLOW_ISSUE_COPY_VOID /* on the void list */
};

/* One copy number. Place 1…copies is which copy it is; a resume gives the place a new number. */
struct flow_issue_copy {
	char number[FLOW_ISSUE_NUMBER + 1];
	unsigned place, attempt; /* attempt 1 or 2 */
	enum flow_issue_copy_state state;
	unsigned sheets; /* that came out, as far as known */
};

enum flow_issue_money {
	FLOW_ISSUE_MONEY_NONE = 0,
	FLOW_ISSUE_MONEY_OPEN, /* payment asked for */
	FLOW_ISSUE_MONEY_SETTLED,
	FLOW_ISSUE_MONEY_DEAD
};
enum flow_issue_refund {
	FLOW_ISSUE_REFUND_NONE = 0,
	FLOW_ISSUE_REFUND_PREPARED,
	FLOW_ISSUE_REFUND_EFFECTIVE,
	FLOW_ISSUE_REFUND_CANCELLED,
	FLOW_ISSUE_REFUND_PAID
};

struct flow_issue_transaction {
	enum flow_issue_state state;
	const char *row;  /* of the last step, or NULL */
	const char *code; /* of the last step, or NULL */
	bool resumed;     /* the one resume has been used */
	unsigned copies, pages;
	long fee; /* yen a copy, ≥ 0 */
	struct flow_issue_copy copy[2 * FLOW_ISSUE_COPIES_MAX];
	size_t numbers;                              /* in use of copy[] */
	uint8_t payment[16], refund[16], permit[16]; /* zeros: none */
	enum flow_issue_money money;
	enum flow_issue_refund refund_state;
	long paid, refund_amount; /* yen */
};

/* What came with an event. Only what its effects need is looked at. */
struct flow_issue_facts {
	const char (*number)[FLOW_ISSUE_NUMBER + 1]; /* COPIES: new numbers, enough of them */
	size_t numbers;
	const uint8_t *payment, *refund; /* PREPARE_REFUND: 16 bytes each */
	const uint8_t *permit;           /* PERMIT: 16 bytes */
	const unsigned *
		sheets; /* FINISH, VOID: sheets out of each copy of this attempt, by place - 1; NULL: not known */
	const bool *complete; /* FINISH: which of them are complete, by place - 1; NULL: all */
};

/*
 * One step. *taken (may be NULL): the line. CARD_ERR_BAD_STATE: no line; CARD_ERR_INVALID_ARGUMENT:
 * a fact is missing, or copies or fee are out of range. *t is unchanged on any error.
 */
CARD_API enum card_error flow_issue_step(struct flow_issue_transaction *t,
					 enum flow_issue_event event,
					 const struct flow_issue_facts *facts,
					 const struct flow_issue_rule **taken);

/* Copies that are valid paper; fee × copies that are not. */
CARD_API unsigned flow_issue_valid(const struct flow_issue_transaction *t);
CARD_API long flow_issue_owed(const struct flow_issue_transaction *t);

/* The copy in work for a place (the newest number), NULL if there is none. */
CARD_API const struct flow_issue_copy *flow_issue_copy_at(const struct flow_issue_transaction *t,
							  unsigned place);

#ifdef __cplusplus
}
#endif
#endif
