/* SPDX-License-Identifier: Apache-2.0 */
/* exchange.h — one message of a terminal about one transaction (docs/issuance.md). */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "center.h"

struct exchange;

/* What a message does, inside the unit of work: steps the row and fills the answer. CARD_ERR_
 * BAD_STATE: no row; CARD_ERR_MALFORMED: the message lacks something; others: the store. */
typedef enum card_error (*exchange_fn)(struct exchange *x, flow_store_t *db);

struct exchange {
	struct center *c;
	struct center_rules *rules;
	const char *terminal;
	const struct flow_issue_message *message;
	const json_t *json;
	long seq;
	int64_t now;
	exchange_fn run;
	void *ctx;         /* of run */
	json_t *answer;    /* more keys for the answer, or NULL; owned */
	const char *code;  /* instead of the step's code, or NULL */
	const char *event; /* name of the last step's event */
	const char *error; /* code of a refusal of the protocol, or NULL */
	struct flow_issue_row row;
	enum flow_issue_state before; /* the message */
	unsigned status;
	bool any_session; /* the session may be another than that of the application (after a restart) */
	bool answer_document; /* the answer is the stored document */
	bool repeated;        /* the answer is there already */
	char id[33], session[33], digest[65];
};

/* Read the envelope: session, seq, digest. false: reply is filled. */
bool exchange_begin(struct exchange *x, struct center *c, struct center_rules *rules,
		    const char *terminal, const char *id, const struct flow_issue_message *message,
		    struct card_bytes body, struct center_reply *reply);

/* Look at the transaction without changing anything: session, seq. x->repeated: the answer is
 * there already. CARD_OK with x->error set: refused. */
enum card_error exchange_look(struct exchange *x);

/* Do it, durably, and make the reply. */
void exchange_finish(struct exchange *x, exchange_fn run, struct center_reply *reply);

/* One step with its compensation and its record; facts may be NULL. The row is written with the
 * answer, once, when the message is done. */
enum card_error exchange_step(struct exchange *x, flow_store_t *db, enum flow_issue_event event,
			      const struct flow_issue_facts *facts);

/* The same for a row that nobody has sent a message about. */
enum card_error center_step(struct center *c, flow_store_t *db, struct flow_issue_row *row,
			    enum flow_issue_event event, const struct flow_issue_facts *facts,
			    int64_t now);

/* The keys that every answer has. A new reference. */
json_t *exchange_answer(const struct flow_issue_row *row, const char *code, int64_t now);

/* Bounds of json values; false: missing or wrong. */
bool exchange_bool(const json_t *json, const char *key, bool *out);
bool exchange_number(const json_t *json, const char *key, int64_t least, int64_t most,
		     int64_t *out);

/* ---- messages, by name ---- */

struct exchange_message {
	const char *name;
	void (*handle)(struct exchange *x, struct center_reply *reply);
	bool any_session;
};
const struct exchange_message *exchange_message(const char *name);
/* All of them, one after the other; NULL behind the last. */
const struct exchange_message *exchange_message_nth(size_t nth);

/* apply.c */
void exchange_apply(struct exchange *x, struct center_reply *reply);
void exchange_again(struct exchange *x, struct center_reply *reply);
/* document.c */
void exchange_document(struct exchange *x, struct center_reply *reply);
/* pay.c */
void exchange_confirm(struct exchange *x, struct center_reply *reply);
void exchange_payment(struct exchange *x, struct center_reply *reply);
void exchange_add_refund(struct exchange *x); /* its refund into the answer */
void exchange_refund(struct exchange *x, struct center_reply *reply);
void exchange_refunded(struct exchange *x, struct center_reply *reply);
/* print.c */
void exchange_permit(struct exchange *x, struct center_reply *reply);
void exchange_printed(struct exchange *x, struct center_reply *reply);
/* resume.c */
void exchange_challenge(struct exchange *x, struct center_reply *reply);
void exchange_resume(struct exchange *x, struct center_reply *reply);
/* finish.c */
void exchange_collected(struct exchange *x, struct center_reply *reply);
void exchange_closed(struct exchange *x, struct center_reply *reply);
void exchange_cancel(struct exchange *x, struct center_reply *reply);
void exchange_alarm(struct exchange *x, struct center_reply *reply);

/* open.c, session.c, service.c, admin.c: outside a transaction. */
void center_open_transaction(struct center *c, struct center_rules *rules, const char *terminal,
			     const struct flow_issue_message *m, struct card_bytes body,
			     struct center_reply *reply);
void center_open_session(struct center *c, const char *terminal, const struct flow_issue_message *m,
			 struct center_reply *reply);
void center_event(struct center *c, const char *terminal, const struct flow_issue_message *m,
		  struct center_reply *reply);
void center_show(struct center *c, const char *terminal, const char *id,
		 struct center_reply *reply);
void center_service(struct center *c, const struct flow_issue_terminal *terminal,
		    struct center_reply *reply);
void center_municipalities(struct center *c, struct center_rules *rules, const char *code,
			   struct center_reply *reply);
void center_void_list(struct center *c, struct center_reply *reply);
void center_admin(struct center *c, const char *operator_id, const char *what, const char *query,
		  const struct flow_issue_message *m, struct center_reply *reply);

/* apply.c, resume.c: who showed the card? */
struct proof {
	enum flow_issue_event event; /* FLOW_ISSUE_ON_VALID, or why not */
	card_buf_t identity;         /* what identifies: certificate DER, or the 利用者ID */
	char serial[130], authority[65], user_id[65];
	char user_key[65]; /* 変換方式: of the municipality's table */
};
enum card_error center_prove(struct exchange *x, struct proof *p);
void center_proof_free(struct proof *p);
/* Inside a unit: *event becomes FLOW_ISSUE_ON_CARD_SUSPENDED or …_ABOLISHED if the card
 * administration said so of this card; else it stays (PD-15). */
enum card_error center_card_state(struct exchange *x, flow_store_t *db, const struct proof *p,
				  enum flow_issue_event *event);
/* mutual.c: 現行方式. */
void exchange_mutual(struct exchange *x, struct center_reply *reply);
enum card_error center_by_user_id(struct exchange *x, struct proof *p);
/* The digest that the card answers about, of this transaction and no other. false: no nonce, or it
 * is too old. */
bool center_challenge(const struct exchange *x, uint8_t out[32]);

/* resident.c: what message 3 will name the resident by, sealed into the row under the transaction's
 * own key; and that name, as the tables are now. *out: a new reference. */
enum card_error center_resident_keep(struct exchange *x, const struct proof *p,
				     const uint8_t key[32]);
enum card_error center_resident(struct exchange *x, json_t **out);

/* document.c: message 3; only: "kind_pin" to have that checked and nothing made, or NULL. */
json_t *center_message3(struct exchange *x, const char *only);
/* document.c: message 5 for a row as it will be; the front's bytes are borrowed. Appends to out. */
enum card_error center_compose(struct exchange *x, const struct flow_issue_row *row,
			       struct card_bytes front, card_buf_t *out);

/* print.c: what a terminal says about the copies in work. false: it names others, or is no report. */
struct print_report {
	unsigned sheets[FLOW_ISSUE_COPIES_MAX];
	bool complete[FLOW_ISSUE_COPIES_MAX];
	bool all;
};
bool print_report(const struct flow_issue_transaction *t, const json_t *copies,
		  struct print_report *out);

/* Random ids and numbers for a step. */
struct fresh {
	char number[FLOW_ISSUE_COPIES_MAX][FLOW_ISSUE_NUMBER + 1];
	uint8_t payment[16], refund[16], permit[16];
	struct flow_issue_facts facts;
};
enum card_error fresh_make(struct fresh *f, unsigned copies); /* copies: numbers wanted */

#endif
