/* SPDX-License-Identifier: Apache-2.0 */
/* center.h — what the parts of 証明書交付センター share. Transactions live in the store only. */
#ifndef CENTER_H
#define CENTER_H

#include <pthread.h>
#include <stdatomic.h>

#include <card/verify.h>
#include <cardflow/issue_catalogue.h>
#include <cardflow/issue_message.h>
#include <cardflow/issue_store.h>

#include "config.h"

struct center;

enum center_role { ROLE_NONE = 0, ROLE_TERMINAL, ROLE_MUNICIPALITY, ROLE_CENTER, ROLE_OPERATOR };

/* Who speaks, by the certificate of the connection. */
struct center_peer {
	enum center_role role;
	char id[64];
};

struct center_reply {
	unsigned status;
	const char *type;
	card_buf_t body;
};

/* What may be replaced while requests run, as it was when a request began: a reload makes a new one
 * beside it, and the last request of the old one frees that. */
struct center_rules {
	char folder[CENTER_PATH];
	flow_issue_catalogue_t *catalogue;
	struct center_signers *signers; /* certificates that municipalities sign fronts with */
	size_t municipalities;
	card_trust_t *trust;
	card_verify_t *verify[CENTER_VERIFIERS];
	bool verify_busy[CENTER_VERIFIERS];
	unsigned users;
	bool old;
};

/* What the issuer answered to message 3. */
struct center_document {
	const char *refusal; /* code, static; NULL: made */
	long tries_left;     /* -1: none */
	unsigned pages;
	card_buf_t front;
	const char *why; /* what is wrong with message 4, a static word, or NULL */
};

/* One back side to be made: facts of the paper, and the front whose picture it carries. */
struct center_back {
	const char *transaction, *copy, *municipality, *kind, *binding, *front_sha256, *issued;
	unsigned pages;
	struct card_bytes front;
};

struct center {
	struct center_config config;
	flow_issue_store_t *store;
	uint8_t master[32]; /* wraps keys of documents and days */
	pthread_mutex_t lock;
	pthread_cond_t change;
	struct center_rules *rules;
	int64_t checkpoint; /* when chains were last signed */
	/* PD-22, K01; of the newest configuration */
	atomic_uint message_seconds, idle_seconds, clock_seconds;
	struct center_issuers *issuers;  /* connections to municipalities */
	struct flow_paper_key *back_key; /* signs back sides */
	/* Points where a test or a measurement puts itself in place of what is outside. */
	int64_t (*clock)(void *ctx);
	void *clock_ctx;
	/* Message 3 and its answer. CARD_ERR_TIMEOUT: none in time; anything else: document_error. */
	enum card_error (*ask)(struct center *c, const struct flow_issue_municipality *m,
			       const struct flow_issue_row *row, json_t *message,
			       struct center_document *out);
	/* Message 4: center_front_check. */
	enum card_error (*front)(struct center *c, struct center_rules *r, const char *municipality,
				 struct card_bytes pdf, uint32_t pages, const char **why);
	/* Appends the PDF of the back side. */
	enum card_error (*back)(struct center *c, const struct center_back *b, card_buf_t *pdf);
};

/* center.c. problem (may be NULL) says what is wrong, for a person. */
enum card_error center_open(struct center **out, const struct center_config *config,
			    struct flow_problem *problem);
void center_close(struct center **c);
int64_t center_now(const struct center *c);

/* rules.c */
enum card_error center_rules_read(struct center_rules **out, const struct center_config *config,
				  struct flow_problem *problem);
void center_rules_free(struct center_rules **r);
/* Replace all that may be replaced, or nothing: what was wrong or cannot change stands in *problem. */
enum card_error center_reload(struct center *c, const struct center_config *fresh,
			      struct flow_problem *problem);
struct center_rules *center_rules_take(struct center *c);
void center_rules_give(struct center *c, struct center_rules *r);
card_verify_t *center_verify_take(struct center *c, struct center_rules *r, size_t *which);
void center_verify_give(struct center *c, struct center_rules *r, size_t which);
/* Is this front of the municipality, whole, and of so many pages (K18)? *why: a word, if not. */
enum card_error center_front_check(struct center *c, struct center_rules *r,
				   const char *municipality, struct card_bytes pdf, uint32_t pages,
				   const char **why);

/* route.c: one request from beginning to end; reply is to be freed with center_reply_free. */
void center_handle(struct center *c, const struct center_peer *peer, const char *method,
		   const char *path, const char *query, struct card_bytes body,
		   struct center_reply *reply);
void center_reply_free(struct center_reply *r);
/* reply.c */
void center_reply_json(struct center_reply *r, unsigned status, json_t *json); /* takes json */
void center_reply_text(struct center_reply *r, const char *json); /* a stored answer, 200 */
/* 503: the store or, with it, the journal takes nothing; the same bytes may be sent again. */
void center_reply_store(struct center_reply *r, const struct center *c);
void center_reply_error(struct center_reply *r, unsigned status, const char *code,
			const char *state);

/* journal.c: events of the store go into a chain of each connection (issue_store.h). */
enum card_error center_journal_open(struct center *c, struct flow_problem *problem);
/* Sign what was added, when it is time, or now. */
void center_checkpoint(struct center *c, bool now);
/* After a failure: is it written again? Tried once a call (K02). */
void center_watch_journal(struct center *c);
/* 0, or an exit status. */
int center_journal_export(struct center *c, const char *path);

/* sweep.c: what time alone does, once. Returns how many transactions moved. */
size_t center_sweep(struct center *c);
/* A clock that went back by more than a second is an event (PD-35). *last: of the last call, or 0. */
void center_watch_clock(struct center *c, int64_t *last);
/* Issue records that are due go to their municipalities; may take as long as those do. */
void center_deliver_records(struct center *c);

/* issuer.c */
enum card_error center_issuers_open(struct center *c, struct flow_problem *problem);
/* Other TLS files from the next request on. */
void center_issuers_use(struct center *c, const struct center_config *fresh);
void center_issuers_close(struct center *c);
enum card_error center_ask(struct center *c, const struct flow_issue_municipality *m,
			   const struct flow_issue_row *row, json_t *message,
			   struct center_document *out);
/* Deliver one issue record. */
enum card_error center_tell(struct center *c, const struct flow_issue_municipality *m,
			    const char *id, const char *body);

/* Bytes to a responder and back, for OCSP (fetch.h). */
enum card_error center_fetch(void *ctx, const char *url, const char *type, struct card_bytes body,
			     card_buf_t *answer);

/* back.c */
enum card_error center_back_open(struct center *c, struct flow_problem *problem);
void center_back_close(struct center *c);
enum card_error center_back_make(struct center *c, const struct center_back *b, card_buf_t *pdf);

/* keys.c */
enum card_error center_key_new(struct center *c, const char *id, uint8_t key[32],
			       char wrapped[121]);
enum card_error center_key_open(struct center *c, const char *id, const char *wrapped,
				uint8_t key[32]);
void center_hmac(const uint8_t key[32], const char *label, struct card_bytes data, char hex[65]);
enum card_error center_secret(const struct center_config *config, const char *municipality,
			      const char *use, card_buf_t *out);

/* mutual.c: may this be a 利用者ID? */
bool center_user_id_form(const char *text);
/* resident.c: under which key the municipality's table of 変換方式 has a certificate; both in
 * hexadecimal. CARD_ERR_NOT_FOUND: no secret; CARD_ERR_MALFORMED, CARD_ERR_INVALID_ARGUMENT. */
enum card_error center_user_key(const struct center *c, const char *municipality,
				const char *authority, const char *serial, char out[65]);
/* methods.c: has every municipality what its methods need? CARD_ERR_MALFORMED with *problem. */
enum card_error center_methods_check(const struct center_config *config,
				     const flow_issue_catalogue_t *catalogue,
				     struct flow_problem *problem);

/* pki.c */
int center_make_test_pki(const char *folder, int parties, char *const *party);

#endif
