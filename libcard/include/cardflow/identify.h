/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identify.h — the identity check at a counter, step by step (窓口の本人確認, flows ch. 2).
 *
 * The caller (a page, a command, a bank's own program) brings events; the machine decides, reads
 * from the card what the procedure permits, and journals. An event that has no row for the state is
 * CARD_ERR_BAD_STATE, is journaled, and changes nothing. Any error of the journal ends the check:
 * it is then closed, and nothing more is read.
 *
 * Three results, never merged (R3-02). Nothing here sets "person" to confirmed but the operator's
 * recorded answer, or documents that the procedure's policy accepts.
 */
#ifndef CARDFLOW_IDENTIFY_H
#define CARDFLOW_IDENTIFY_H

#include <card/authenticity.h>
#include <card/common.h>
#include <card/token.h>
#include <card/verify.h>

#include <cardflow/operator.h>
#include <cardflow/register.h>
#include <cardflow/rules.h>

#ifdef __cplusplus
extern "C" {
#endif

enum flow_state {
	FLOW_START = 0,
	FLOW_AUTHORISED,
	FLOW_CARD_WAITING,
	FLOW_SECRET,
	FLOW_CHECKING, /* passed through inside one step */
	FLOW_COMPARING,
	FLOW_NUMBER,
	FLOW_EVIDENCE,
	FLOW_DECIDED,
	FLOW_RECEIVED, /* waits for its double check: check.h goes on */
	FLOW_CLOSED
};
CARD_API const char *flow_state_name(enum flow_state s);

enum flow_card_result {
	FLOW_CARD_NOT_USED = 0,
	FLOW_CARD_VALID,
	FLOW_CARD_INVALID,
	FLOW_CARD_UNDETERMINED
};
enum flow_person_result {
	FLOW_PERSON_UNDETERMINED = 0,
	FLOW_PERSON_CONFIRMED,
	FLOW_PERSON_REFUSED
};
enum flow_number_result {
	FLOW_NUMBER_NOT_ASKED = 0,
	FLOW_NUMBER_CONFIRMED,
	FLOW_NUMBER_MISMATCH,
	FLOW_NUMBER_CHANGED,
	FLOW_NUMBER_UNDETERMINED
};
CARD_API const char *flow_card_result_name(enum flow_card_result r);
CARD_API const char *flow_person_result_name(enum flow_person_result r);
CARD_API const char *flow_number_result_name(enum flow_number_result r);

enum flow_route { FLOW_ROUTE_NUMBER_B = 0, FLOW_ROUTE_PIN, FLOW_ROUTE_CERTIFICATE };
enum flow_face { FLOW_FACE_SAME = 0, FLOW_FACE_DIFFERENT, FLOW_FACE_UNSURE };

/* What the operator saw to differ in substance when printed face, chip and person were compared. */
enum flow_seen {
	FLOW_SEEN_SAME = 0,
	FLOW_SEEN_TEXT, /* text of chip, face or register: "attribute_differs" */
	FLOW_SEEN_PRINT, /* the printed face is not the image of the chip: "face_tampered" (rules 1.4) */
	FLOW_SEEN_ADDRESS /* moved, and the card is not endorsed yet: "address_not_endorsed" (R2-17) */
};

/* Fields that two sources on the card tell differently. */
enum flow_difference {
	FLOW_DIFFER_BIRTH_TEXT = 0, /* surface and text */
	FLOW_DIFFER_BIRTH_NUMBER,   /* surface and number B */
	FLOW_DIFFER_SEX_TEXT,
	FLOW_DIFFER_EXPIRY_RECORD, /* surface and the common record */
	FLOW_DIFFER_EXPIRY_NUMBER,
	FLOW_DIFFER_COUNT_
};

/* Status of card and certificate, as an outside source knows it (flows C18). */
enum flow_status {
	FLOW_STATUS_UNKNOWN =
		0, /* the source does not answer, or does not know this card: undetermined (PD-15) */
	FLOW_STATUS_GOOD,
	FLOW_STATUS_REVOKED,   /* the card's certificate */
	FLOW_STATUS_ON_HOLD,   /* the card's certificate */
	FLOW_STATUS_SUSPENDED, /* the card itself: 一時停止 */
	FLOW_STATUS_ABOLISHED  /* the card itself: 廃止 and after */
};
/*
 * Runs inside the transaction; may read the common record and the certificates. It is asked by every
 * procedure that requires in_force, certificate_path or revocation: what it says of the card counts for all
 * of them, what it says of the certificate only for the last two. Codes: "suspended", "card_abolished",
 * "card_state_unknown"; "on_hold", "revoked".
 */
typedef enum flow_status (*flow_status_fn)(void *ctx, card_channel_t *ch);

#define FLOW_IDLE_SECONDS 120
#define FLOW_CODES_MAX    24

/* The steps of the evidence ladder (rules 3.2) that were tried, each with what it came to. */
enum flow_ladder_step {
	FLOW_LADDER_CARD = 0, /* 1: the card itself */
	FLOW_LADDER_NOTICE,   /* 2: 通知カード beside a photo document */
	FLOW_LADDER_COPY,     /* 2b: 住民票の写し with number beside a photo document */
	FLOW_LADDER_ATENA,    /* 3: 宛名システム */
	FLOW_LADDER_JUKI,     /* 4: 既存住基 */
	FLOW_LADDER_JUKINET,  /* 4: 住基ネット */
	FLOW_LADDER_COUNT_
};
enum flow_ladder_result {
	FLOW_LADDER_NOT_TRIED = 0,
	FLOW_LADDER_CONFIRMED,
	FLOW_LADDER_CHANGED,
	FLOW_LADDER_MISMATCH,
	FLOW_LADDER_UNDETERMINED,
	FLOW_LADDER_REFUSED /* by rule: the document does not count, the inquiry is not permitted */
};
/* "1", "2", "2b", "3", "4-juki", "4-jukinet"; "confirmed", "refused", … Static, stable. */
CARD_API const char *flow_ladder_step_name(enum flow_ladder_step s);
CARD_API const char *flow_ladder_result_name(enum flow_ladder_result r);

struct flow_identify_setup {
	const struct flow_rules *rules;
	flow_store_t *store; /* operators, checks */
	journal_t *journal;
	const char *terminal;
	enum flow_entity entity; /* what the organisation is (R3-08) */
	const card_cvca_t *cas;
	flow_register_t *reg;  /* 宛名システム; NULL: none is connected */
	flow_register_t *juki; /* 既存住基, asked if that one does not answer; NULL: none */
	flow_register_t
		*jukinet; /* 住基ネット, asked last, under the procedure's purpose; NULL: none */
	card_verify_t *verify; /* path and status of the certificate (C18); NULL: no source */
	size_t block; /* bytes a read, for card_channel_set_block; 0: as the channel has it */
	flow_status_fn
		status; /* the card's own state, of a card-management system; NULL: no source */
	void *status_ctx;
	const uint8_t
		*proof_key; /* of the card register (card_register.h): with it the record of a check
				     proves its subject to a release; NULL: it does not. Borrowed */
	int64_t (*clock)(void *ctx); /* NULL: the system's */
	void *clock_ctx;
};

/* Everything known so far; views into the check, valid until the next step. */
struct flow_identify_view {
	enum flow_state state;
	const char *row; /* "C14": the row of the last step */
	const struct flow_procedure *procedure;
	enum flow_card_result card;
	enum flow_person_result person;
	enum flow_number_result number;
	enum card_check check[FLOW_CHECK_COUNT_];
	bool differs[FLOW_DIFFER_COUNT_];
	const char *code[FLOW_CODES_MAX]; /* reasons and notes: "expired", "chip_unreadable", … */
	size_t codes;
	bool supervisor; /* the supervisor (上長) is to be called */
	bool test;       /* a test card */
	enum card_token_kind token;
	int tries; /* of the route's secret, as the card said last; CARD_TRIES_… */
	const struct card_common_record *record; /* NULL: not read */
	const struct card_surface_face *face;    /* NULL: not read, or wiped */
	const struct card_text_attributes
		*attributes; /* NULL likewise; only what the procedure has */
	const struct flow_evidence_answer *evidence; /* NULL: no documents were entered */
	struct card_date number_since;               /* changed: since when another is in force */
	struct flow_number_period history[FLOW_HISTORY_MAX]; /* of the numbers in the register */
	size_t periods;
	enum flow_ladder_result ladder[FLOW_LADDER_COUNT_];
	bool name_compared, name_differs; /* the card's name and the register's */
	unsigned name_marks;              /* enum flow_name_mark: what was passed over */
	bool agent;                       /* the presenter is an agent: the card is the agent's */
	card_reasons_t reasons;           /* of path and status of the certificate */
	const struct flow_agent_answer *authority; /* NULL: no agent, or not checked */
	const char *missing;                       /* of an agent or of the evidence; "" */
	const char *operator_id, *record_id, *txn;
};

typedef struct flow_identify flow_identify_t;

/* setup is copied; what it points to is borrowed. */
CARD_API enum card_error flow_identify_new(flow_identify_t **out,
					   const struct flow_identify_setup *setup);
/* Cancels an open check first (C25) and wipes what was read. */
CARD_API void flow_identify_free(flow_identify_t **id);
CARD_API struct flow_identify_view flow_identify_view(const flow_identify_t *id);

/* What the clerk sees after the last step. Static; "" before the first. */
CARD_API const char *flow_identify_message(const flow_identify_t *id, enum card_lang lang);

/* A code of the view as one sentence for the clerk; the code itself if it is not known. Static. */
CARD_API const char *flow_identify_code_text(const char *code, enum card_lang lang);

/* C01–C03. attributes: what is asked beyond nothing, 0: all of the procedure; a purpose given by
 * the caller must be the procedure's. CARD_ERR_DENIED: closed, see the codes. */
CARD_API enum card_error flow_identify_start(flow_identify_t *id, const char *token,
					     const char *procedure, unsigned attributes,
					     bool with_number);

/* C04, C05. agent NULL: the subject is here. subject: "atena:…" or "case:…"; NULL only without an
 * agent. The day of the visit and the procedure are the check's own. CARD_ERR_NOT_FOUND: the agent's
 * list is not complete (view.authority names all that is missing); nothing changes. */
CARD_API enum card_error flow_identify_presenter(flow_identify_t *id,
						 const struct flow_agent *agent,
						 const char *subject);

/* C06. */
CARD_API enum card_error flow_identify_no_card(flow_identify_t *id);

/* C07–C10, C17: read what needs no secret. The transaction is the machine's own. */
CARD_API enum card_error flow_identify_card(flow_identify_t *id, card_channel_t *ch,
					    enum flow_route route);

/* C07 after the chip could not be read twice: did a second card work in this reader? */
CARD_API enum card_error flow_identify_reader(flow_identify_t *id, bool second_card_works);

/*
 * C11–C19. CARD_ERR_LAST_TRY (C12) and CARD_ERR_PIN_WRONG (C13): state secret, *tries says how many
 * are left; CARD_ERR_PIN_LOCKED (C11): the other route, or evidence; CARD_ERR_PIN_FORMAT: nothing
 * was sent; CARD_ERR_REMOVED, CARD_ERR_RESET, CARD_ERR_OUTCOME_UNKNOWN: C17. CARD_OK: see state.
 */
CARD_API enum card_error flow_identify_secret(flow_identify_t *id, card_channel_t *ch,
					      enum flow_route route, const card_secret_t *secret,
					      unsigned flags, int *tries);

/* C20, C21. */
CARD_API enum card_error flow_identify_answer(flow_identify_t *id, enum flow_face face,
					      enum flow_seen seen);

/* C22: read the number with the text PIN or number A (CARD_PIN_TEXT, CARD_PIN_TEXT_NUMBER_A) and
 * compare it. Errors of a secret leave the state. atena: of the subject; NULL: name and birth date
 * of the card find the person. Without a card (ch NULL) secret is the number as written on the form:
 * only a register can confirm it (ladder 3 and 4); a wrong check digit is CARD_ERR_PIN_FORMAT.
 * With an agent the number on the agent's card is another person's: CARD_ERR_DENIED with ch; the form
 * tells the subject's. What the register knows is compared with name and birth date of the card too;
 * if they differ in substance the number is undetermined and the supervisor is called. */
CARD_API enum card_error flow_identify_number(flow_identify_t *id, card_channel_t *ch,
					      enum card_pin pin, const card_secret_t *secret,
					      unsigned flags, const char *atena, int *tries);

/* C23. CARD_ERR_DENIED: not enough, closed; view.missing names what. */
CARD_API enum card_error flow_identify_evidence(flow_identify_t *id,
						const struct flow_document *documents, size_t n);

/* C24: close, or hand over to the double check. */
CARD_API enum card_error flow_identify_decide(flow_identify_t *id);

/* C25. Cancelled by person or clerk, next card, session locked. */
CARD_API enum card_error flow_identify_cancel(flow_identify_t *id);
/* To be called now and then: C25 and, while comparing, C21 after 120 s. */
CARD_API enum card_error flow_identify_tick(flow_identify_t *id);

#ifdef __cplusplus
}
#endif
#endif
