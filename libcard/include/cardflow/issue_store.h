/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue_store.h — transactions of convenience-store issuance in a database (rules PD-17…PD-19).
 *
 * The random id is the key; application and inquiry numbers only point to it. The centre keeps
 * nothing else, so that several processes may work on one PostgreSQL. A handle may be used by many
 * threads at once.
 *
 * A unit of work is a function that runs inside one database transaction: what it did is on stable
 * storage when flow_issue_store_work returns CARD_OK, or has left nothing. On SQLite, units that
 * wait at the same time share one commit, each behind a savepoint of its own; on PostgreSQL each
 * has a connection and a commit. A unit must not wait for anything but the store.
 */
#ifndef CARDFLOW_ISSUE_STORE_H
#define CARDFLOW_ISSUE_STORE_H

#include <cardflow/issue_transaction.h>
#include <cardflow/journal.h>
#include <cardflow/store.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct flow_issue_store flow_issue_store_t;

/* where and flags as flow_store_open; connections: 1…64, how many units may read (PostgreSQL: or
 * write) at once. Errors of flow_store_open. */
CARD_API enum card_error flow_issue_store_open(flow_issue_store_t **out, const char *where,
					       unsigned flags, unsigned connections,
					       struct flow_problem *problem);
CARD_API void flow_issue_store_close(flow_issue_store_t **s);

/* Make the tables if they are not there. Errors of flow_store_run. */
CARD_API enum card_error flow_issue_store_setup(flow_issue_store_t *s);

/*
 * From now on every event that is recorded here goes into a journal (journal.h) in the same database
 * and the same transaction: one durable commit, and what the journal does not take has not happened.
 * Each connection that writes has a chain of its own, so that nobody waits for anybody else's end:
 * opt->terminal is what their names begin with (1–36 characters), NAME.1, NAME.2 …; on PostgreSQL the
 * first ones that no other connection holds. Makes the tables if they are not there. Before the first
 * unit; once. Records name the transaction, its row, states and codes, terminal, municipality, kind
 * and amounts: no number of a card, no resident, no copy or inquiry number.
 * Errors of journal_setup and journal_open with *problem.
 */
CARD_API enum card_error flow_issue_store_journal(flow_issue_store_t *s,
						  const struct journal_options *opt,
						  struct flow_problem *problem);
/* false from a unit that failed because the journal did not take it, to one that it takes. */
CARD_API bool flow_issue_store_journal_good(const flow_issue_store_t *s);
/* Sign each chain as it is now. The first error of journal_checkpoint; all are tried. One thread. */
CARD_API enum card_error flow_issue_store_checkpoint(flow_issue_store_t *s);
/* Walk each chain of ours from its last checkpoint (or, whole, its beginning). A break is written into
 * it; chain and *bad name the last one found, *bad 0: none. One thread. */
CARD_API enum card_error flow_issue_store_journal_check(flow_issue_store_t *s, bool whole,
							char chain[41], long *bad);
/* All chains as lines for a verifier (journal_export). */
CARD_API enum card_error flow_issue_store_journal_export(flow_issue_store_t *s, FILE *out);

/* What is to be done; may be run again from the start after CARD_ERR_TIMEOUT, so it sets all it
 * leaves in ctx. Anything but CARD_OK undoes it and is returned. */
typedef enum card_error (*flow_issue_unit_fn)(void *ctx, flow_store_t *db);

CARD_API enum card_error flow_issue_store_work(flow_issue_store_t *s, flow_issue_unit_fn unit,
					       void *ctx);
/* The same without writing. */
CARD_API enum card_error flow_issue_store_read(flow_issue_store_t *s, flow_issue_unit_fn unit,
					       void *ctx);

/* ---- one transaction ---- */

#define FLOW_ISSUE_ANSWER_MAX 4096u

/* Times are seconds since 1970 UTC. Texts end with NUL. */
struct flow_issue_row {
	char id[33], session[33], terminal[41], application[61], inquiry[10];
	char municipality[6], kind[17], method[17], options[301], language[3], consent[33];
	struct flow_issue_transaction t;
	long seq;                           /* of the last message; 0 is the opening */
	char request[65];                   /* its digest */
	char answer[FLOW_ISSUE_ANSWER_MAX]; /* its answer, JSON; "@" = the stored document */
	char nonce[65];
	int64_t nonce_until;
	unsigned attempt;                            /* of message 3 */
	int64_t opened, received, changed, deadline; /* deadline 0: none */
	char day[11];                                /* service day; "" before message 2 */
	char binding[65];
	char card[65];      /* HMAC of the certificate under the key of this transaction */
	char key[121];      /* that key, wrapped; "" once the document is erased */
	char resident[401]; /* what identifies the resident, sealed under it; "" as above */
	char recent[65];    /* tag of the 5-minute question */
	struct flow_issue_transaction was; /* t as it is in the store */
	char was_day[11];                  /* and day */
	long events;                       /* recorded so far */
};

/* Add a row, with the event that made it (NULL: none). CARD_ERR_DENIED: id, inquiry number or this
 * application number of this terminal is there already (nothing changes). Errors of flow_store_run. */
CARD_API enum card_error flow_issue_row_add(flow_store_t *db, struct flow_issue_row *row,
					    const char *event, const char *process);

/* lock: nobody else changes it until the unit ends. CARD_ERR_NOT_FOUND. */
CARD_API enum card_error flow_issue_row_load(flow_store_t *db, const char *id, bool lock,
					     struct flow_issue_row *out);

/* Write a row back, with its copies and refund, and one event (docs/issuance.md, "what is kept
 * where"). event: name as flow_issue_event_name or another short word; process: who wrote it. */
CARD_API enum card_error flow_issue_row_save(flow_store_t *db, struct flow_issue_row *row,
					     const char *event, const char *process);

/* The two halves of it, for several steps in one unit: note each step, write once at the end. */
CARD_API enum card_error flow_issue_row_note(flow_store_t *db, struct flow_issue_row *row,
					     const char *event, const char *process);
CARD_API enum card_error flow_issue_row_write(flow_store_t *db, struct flow_issue_row *row);

/* The id behind an application or inquiry number. CARD_ERR_NOT_FOUND. */
CARD_API enum card_error flow_issue_row_by_application(flow_store_t *db, const char *terminal,
						       const char *application, char id[33]);
CARD_API enum card_error flow_issue_row_by_inquiry(flow_store_t *db, const char *inquiry,
						   char id[33]);

/* An event that belongs to no step (security, forgotten-item …). id may be "". */
CARD_API enum card_error flow_issue_event_add(flow_store_t *db, const char *id, int64_t now,
					      const char *terminal, const char *event,
					      const char *code, const char *process);

/* ---- what goes with it ---- */

/* The message 5, sealed by the caller. put replaces; get appends; CARD_ERR_NOT_FOUND. */
CARD_API enum card_error flow_issue_document_put(flow_store_t *db, const char *id,
						 struct card_bytes sealed);
CARD_API enum card_error flow_issue_document_get(flow_store_t *db, const char *id, card_buf_t *out);
CARD_API enum card_error flow_issue_document_erase(flow_store_t *db, const char *id);

/* The current session of a terminal. get: CARD_ERR_NOT_FOUND. */
CARD_API enum card_error flow_issue_session_set(flow_store_t *db, const char *terminal,
						const char *session, int64_t now);
CARD_API enum card_error flow_issue_session_get(flow_store_t *db, const char *terminal,
						char session[33]);

/* Claim a tag for id until a time. *other: "" if nobody has it, or the id that does. */
CARD_API enum card_error flow_issue_recent_claim(flow_store_t *db, const char *tag, const char *id,
						 int64_t now, int64_t until, char other[33]);

/* Give a tag back, if id has it. */
CARD_API enum card_error flow_issue_recent_release(flow_store_t *db, const char *tag,
						   const char *id);

/* The wrapped key of a day: the first that was kept. Older days go when it is new. fresh NULL: only look;
 * CARD_ERR_NOT_FOUND. */
CARD_API enum card_error flow_issue_day_key(flow_store_t *db, const char *day, const char *fresh,
					    char out[121]);

/* A refund of its own for a payment id (K31); asked again it is the same one. state effective. */
CARD_API enum card_error flow_issue_surplus_add(flow_store_t *db, const char *refund,
						const char *id, const char *payment, long amount,
						int64_t now, char is[33]);
/* Paid once; a refund of this transaction and no other. CARD_ERR_BAD_STATE: not effective (paid
 * already). CARD_ERR_NOT_FOUND. */
CARD_API enum card_error flow_issue_refund_pay(flow_store_t *db, const char *refund, const char *id,
					       const char *means, int64_t now);

/* Issue records on their way to the issuer: until they are answered. */
CARD_API enum card_error flow_issue_outbox_add(flow_store_t *db, const char *id,
					       const char *municipality, const char *body,
					       int64_t now);
CARD_API enum card_error flow_issue_outbox_done(flow_store_t *db, long number);
/* To be tried again at a time. */
CARD_API enum card_error flow_issue_outbox_later(flow_store_t *db, long number, int64_t at);

/* 利用者ID behind HMAC(secret, authority ‖ serial), 変換方式. NOT_FOUND: no mapping. */
CARD_API enum card_error flow_issue_user_id_put(flow_store_t *db, const char *municipality,
						const char *key, const char *user_id);
CARD_API enum card_error flow_issue_user_id_get(flow_store_t *db, const char *municipality,
						const char *key, char user_id[65]);

/* Take one mapping out, or with key NULL all of a municipality. One that is not there is no error. */
CARD_API enum card_error flow_issue_user_id_remove(flow_store_t *db, const char *municipality,
						   const char *key);

/* State of a card behind HMAC of its certificate: "suspended", "abolished" (card_suspended, card_abolished of
 * K14); put "active" removes it. */
CARD_API enum card_error flow_issue_card_put(flow_store_t *db, const char *key, const char *state,
					     int64_t now);
CARD_API enum card_error flow_issue_card_get(flow_store_t *db, const char *key, char state[17]);

/* ---- 緊急停止 ---- */

/* Is one of these stopped: everything, the municipality, the kind, the terminal? Texts may be "". */
CARD_API enum card_error flow_issue_stopped(flow_store_t *db, const char *municipality,
					    const char *kind, const char *terminal, bool *out);
/* One person asks, another agrees (flows "緊急停止"). scope: all, municipality, kind, terminal.
 * agree: CARD_ERR_DENIED: the same person; CARD_ERR_NOT_FOUND; CARD_ERR_BAD_STATE: done already. */
CARD_API enum card_error flow_issue_admin_ask(flow_store_t *db, const char *request,
					      const char *action, const char *scope,
					      const char *value, const char *reason,
					      const char *person, int64_t now);
CARD_API enum card_error flow_issue_admin_agree(flow_store_t *db, const char *request,
						const char *person, int64_t now);

/* ---- lists; columns as named, in the order of time or number ---- */

/* id of transactions whose deadline has passed; at most limit. */
CARD_API enum card_error flow_issue_due(flow_store_t *db, int64_t now, unsigned limit,
					flow_row_fn row, void *ctx);
/* id of transactions whose service day is before day and that are not at an end. */
CARD_API enum card_error flow_issue_day_over(flow_store_t *db, const char *day, unsigned limit,
					     flow_row_fn row, void *ctx);
/* id, inquiry, state, code of a terminal's transactions that are not at an end. */
CARD_API enum card_error flow_issue_open_of(flow_store_t *db, const char *terminal, flow_row_fn row,
					    void *ctx);
/* copy number */
CARD_API enum card_error flow_issue_void_list(flow_store_t *db, flow_row_fn row, void *ctx);
/* number, id, municipality, body; due at a time */
CARD_API enum card_error flow_issue_outbox(flow_store_t *db, int64_t now, unsigned limit,
					   flow_row_fn row, void *ctx);
/* refund, inquiry, terminal, municipality, kind, amount, state, created: not paid yet */
CARD_API enum card_error flow_issue_refunds_open(flow_store_t *db, flow_row_fn row, void *ctx);
/* day, terminal, municipality, kind, transactions, paid, valid × fee, refunds paid, refunds open:
 * paid − refunds − valid × fee is a finding unless it is 0 */
CARD_API enum card_error flow_issue_settlement(flow_store_t *db, const char *day, flow_row_fn row,
					       void *ctx);
/* id, inquiry, terminal, municipality, kind, state, row, code, changed of a period */
CARD_API enum card_error flow_issue_affected(flow_store_t *db, int64_t from, int64_t to,
					     flow_row_fn row, void *ctx);
/* number, id, place, attempt, state, sheets of a transaction's copies */
CARD_API enum card_error flow_issue_copies(flow_store_t *db, const char *id, flow_row_fn row,
					   void *ctx);
/* n, time, row, event, from, to, code, terminal, process of a transaction */
CARD_API enum card_error flow_issue_events(flow_store_t *db, const char *id, flow_row_fn row,
					   void *ctx);

/* ---- numbers and keys ---- */

/* "XXXX-XXXX" (groups 2) or "XXXX-XXXX-XXXX" (groups 3), random. CARD_ERR_CRYPTO. */
CARD_API enum card_error flow_issue_number_make(unsigned groups, char *out);
/* n random bytes as hexadecimal. CARD_ERR_CRYPTO. */
CARD_API enum card_error flow_issue_random_hex(size_t n, char *out);

/* AES-256-GCM; bound is authenticated with it. seal appends nonce ‖ ciphertext ‖ tag; open appends
 * what was sealed. CARD_ERR_SIGNATURE: altered, another key, or bound to something else. */
CARD_API enum card_error flow_issue_seal(const uint8_t key[32], const char *bound,
					 struct card_bytes clear, card_buf_t *out);
CARD_API enum card_error flow_issue_open(const uint8_t key[32], const char *bound,
					 struct card_bytes sealed, card_buf_t *out);

#ifdef __cplusplus
}
#endif
#endif
