/* SPDX-License-Identifier: Apache-2.0 */
/* terminal.h — what the files of the terminal share. */
#ifndef CARDFLOW_TERMINAL_H
#define CARDFLOW_TERMINAL_H

#include <cardflow/issue_message.h>
#include <cardflow/issue_terminal.h>
#include <cardflow/seal.h>

/* Seconds that an attendant is waited for. */
#define TERMINAL_ATTENDANT 120
/* Pages of a front at most; a payment is tried again this often. */
#define TERMINAL_PAGES    60u
#define TERMINAL_PAYMENTS 3u
#define TERMINAL_METHODS  3u
#define SEAL_PEM_MAX      16384u

struct flow_terminal {
	char audience[256], notes[4096], id[33], seals[4096];
	int message_seconds, clock_seconds;
	int lock; /* of the notes; -1: not held */
	struct flow_terminal_wires w;
	char session[33];
	json_t *note; /* what stands in the file: application, counter, open, blocked, covers */
	json_t *left; /* what the centre said at the start */
};

/* One transaction on its way. */
struct errand {
	flow_terminal_t *t;
	const struct flow_terminal_choice *choice; /* NULL: begun in an earlier session */
	struct flow_terminal_result *out;
	char municipality[6];      /* of the choice, or proposed by the card */
	char method[16], kind[24]; /* of the transaction */
	bool offered[TERMINAL_METHODS], local_fresh, card_asked_for;
	struct flow_terminal_local local; /* 現行方式: what the card said */
	journal_seal_t *seal;             /* NULL: none that this terminal trusts */
	char transaction[33], payment[33], permit[33], nonce[65], binding[65];
	uint8_t id[FLOW_ISSUE_ID], session[FLOW_ISSUE_ID];
	unsigned seq, attempt;
	int64_t amount;
	card_buf_t raw; /* the last answer, and what was read from it */
	struct flow_issue_message answer;
	card_buf_t document; /* message 5 */
	struct flow_issue_message message5;
	struct flow_terminal_paper paper;
	enum flow_print_fault fault;
};

/* ---- terminal_notes.c: durable before the step that depends on it ---- */

/* Nobody else writes them from now on. CARD_ERR_READER_BUSY; CARD_ERR_IO. */
enum card_error notes_lock(flow_terminal_t *t);
/* Read the file, or begin an empty one. CARD_ERR_IO; CARD_ERR_MALFORMED. */
enum card_error notes_read(flow_terminal_t *t);
/* Write and sync; CARD_ERR_IO. */
enum card_error notes_write(flow_terminal_t *t);
/* The next application number, already noted. "ID-000000001" into out[48]. */
enum card_error notes_application(flow_terminal_t *t, char out[48]);
int64_t notes_counter(const flow_terminal_t *t);
enum card_error notes_count(flow_terminal_t *t, int64_t sheets);
/* Note state, payment and copies of the errand; an end takes it out. */
enum card_error notes_put(const struct errand *e, const char *state, const char *payment_result);
enum card_error notes_drop(const struct errand *e);
/* The terminal is closed to others: "card", "paper", "sheets", "erasure". inquiry: of whom, or NULL.
 * A block that stands stays as it is. */
enum card_error notes_block(flow_terminal_t *t, const char *reason, const char *inquiry);
/* What the store has to see to (K26), until word is NULL. */
enum card_error notes_missing(flow_terminal_t *t, const char *word, const char *inquiry);
/* Lifted, and the cover noted. */
enum card_error notes_clear(flow_terminal_t *t, const struct flow_terminal_clearing *clearing);

/* ---- terminal_restart.c ---- */

/* Seconds without a new sheet before a job counts as silent (K36). */
#define TERMINAL_SILENT 30

/* A new session: ask unit and printer what became of what is open, and tell the centre. */
enum card_error restart_begin(flow_terminal_t *t);
/* The answer's entry of a transaction, by inquiry number; NULL. Borrowed. */
const json_t *restart_left(const flow_terminal_t *t, const char *inquiry);

/* ---- terminal_money.c ---- */

/* Whose payment this is; written by the notes_put that follows. CARD_ERR_NO_MEMORY. */
enum card_error money_begin(const struct errand *e);
/* Whether a payment id is of this transaction. */
bool money_is_of(const struct errand *e, const char *payment);
/* Durable before the money moves: this refund is being given. */
enum card_error money_returning(const struct errand *e, const char *refund);
/* The centre knows it. payment: of the surplus that it was for, or NULL. */
void money_returned(const struct errand *e, const char *refund, const char *payment);
/* Tell the centre what an earlier session could not: refunds given, money that came late. What
 * cannot be told now is told at the next start. CARD_ERR_IO, CARD_ERR_NO_MEMORY. */
enum card_error money_restart(flow_terminal_t *t);

/* ---- terminal_link.c ---- */

/* GET or POST without a transaction. *json: a new reference, NULL if the answer is none. */
enum card_error link_plain(flow_terminal_t *t, const char *method, const char *path, json_t *body,
			   json_t **json, int *status);
/*
 * A message of the errand: adds session and seq, sends the same bytes until an answer comes or the
 * time is over, and takes state, code, inquiry and charged into the result. body is consumed.
 * CARD_ERR_NO_SERVICE; CARD_ERR_BAD_STATE; CARD_ERR_DENIED: refused by the protocol.
 */
enum card_error link_post(struct errand *e, const char *message, json_t *body);
/* The opening, which has no transaction yet. */
enum card_error link_open(struct errand *e, json_t *body);
bool link_state(const struct errand *e, const char *state);

/* ---- terminal_method.c ---- */

/* What GET /v1/municipalities/CODE says of methods and of the certificate for PINs. */
void method_offered(struct errand *e, const json_t *municipality);
/* The first method that is offered, wanted and fits the card, into e->method; or errors of the card
 * for the first of them. CARD_ERR_UNTRUSTED: no PIN could be sealed. Nothing secret is asked for. */
enum card_error method_choose(struct errand *e);
/* The municipality that the card on the reader names, five digits; "" if it names none. Errors of the
 * card. */
enum card_error method_propose(struct errand *e, char code[6]);
/* The card for what was begun with e->method (K37). Errors of the card. */
enum card_error method_show(struct errand *e);
/* A nonce for a resumption, and what is resumed: method, municipality, kind (K37). */
enum card_error method_again(struct errand *e);
/* The PIN of the kind, sealed for the next message, into body. tries: as for the wire. Errors of it. */
enum card_error method_kind_pin(struct errand *e, int tries, json_t *body);
/* FLOW_TERMINAL_PIN_… of e->method. */
unsigned method_pins(const struct errand *e);

/* ---- terminal_seal.c ---- */

/* The certificate that the centre names for e->municipality, if this terminal trusts it; else
 * e->seal is NULL. pem may be NULL. */
void seal_take(struct errand *e, const char *pem);
/* The PIN of the kind for the next message; base64 on the heap. CARD_ERR_CRYPTO. */
enum card_error seal_pin(const struct errand *e, const card_secret_t *pin, char **out);

/* ---- terminal_paper.c ---- */

/* Take the answer as message 5 and check it against what was asked for (K18).
 * CARD_ERR_MALFORMED: it differs. */
enum card_error paper_take(struct errand *e);
void paper_wipe(struct errand *e);

/* ---- the steps ---- */

/* terminal_apply.c: card, PIN, message 2, document (K05–K22). */
enum card_error step_apply(struct errand *e);
/* Prove the card to the centre as its method does it; adds what proves it to body (K09, K37). */
enum card_error step_prove(struct errand *e, json_t *body);
/* terminal_pay.c: preview, card gone, money (K23–K31). */
enum card_error step_pay(struct errand *e);
/* Give back what is due (K38, K39): {"id", "amount"} of an answer, or NULL to ask for it. */
enum card_error step_refund(struct errand *e, const json_t *refund);
/* terminal_print.c: permit, paper, faults, resumption, taken (K32–K40). */
enum card_error step_print(struct errand *e);
/* Prove the same card and print the rest, once (K37). Anything but "print_failed": it went on. */
enum card_error step_resume(struct errand *e);
/* From "printed" or "collected" to the end (K40); other states stay. */
enum card_error step_end(struct errand *e);
/* Wait for the attendant, after the block was noted. False: nobody came. */
bool step_clear(struct errand *e, int seconds);

/* End it at the centre with a reason of docs/issuance.md (K10, K21, K23, K26, K27). */
enum card_error terminal_cancel(struct errand *e, const char *reason);
/* A word to the centre outside a transaction (K02, K06, K07, K26); inquiry may be NULL. */
void terminal_event(flow_terminal_t *t, const char *event, const char *code, const char *inquiry);
/* Its session as bytes. */
enum card_error terminal_begin(struct errand *e);
/* The end of an errand: memory wiped, remains looked for, notes brought up to date. */
enum card_error terminal_finish(struct errand *e, enum card_error err);
void terminal_say(const struct errand *e, enum flow_terminal_screen screen, int64_t number);

#endif
