/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk.h — the counter of this machine: its store, journal, terminal and sessions.
 *
 * All of it lies in kazasu/desk below $XDG_STATE_HOME (~/.local/state), mode 0700: desk.db,
 * audit.pem (subjects are sealed to it), audit-key.pem (opens them: to be taken away),
 * checkpoint-key.pem, checkpoint.pub.pem, checkpoints.txt, session-ID; `test` marks one that was set
 * up with --test-roots. The configuration may name another store, terminal and copy (config.h);
 * the terminal is the name of the host otherwise.
 */
#ifndef KAZASU_DESK_H
#define KAZASU_DESK_H

#include "kazasu.h"
#include "place.h"

#include <cardflow/case.h>
#include <cardflow/check.h>
#include <cardflow/operator.h>
#include <cardflow/register.h>
#include <cardflow/seal.h>

struct kz_desk {
	char folder[KZ_PATH_MAX];
	char terminal[41];
	char where[KZ_PATH_MAX]; /* the store (store.h) */
	char copy[KZ_PATH_MAX];  /* of the checkpoints */
	flow_store_t *store;
	journal_t *journal;
	struct flow_operator who; /* after kz_desk_session */
	char token[FLOW_SESSION_TOKEN + 1];
	bool strong;
};

/* True if a counter was set up here. */
bool kz_desk_exists(void);

/*
 * Is this run one of a counter? *counter: true if one was set up here. Where the configuration says
 * counter or kiosk and none was, exit 77; a person at a terminal is asked the one question that sets
 * it up. KZ_GO, or the exit code.
 */
int kz_desk_needed(struct kz *kz, bool *counter);

/* Is there a store that other terminals work with already (configuration: counter-store)? KZ_GO, or
 * the exit code. */
int kz_desk_joins(struct kz *kz, bool *joins);

/* Make one: id is its first administrator, with this password; NULL: this terminal joins those of a
 * store that has accounts. KZ_GO, or the exit code. */
int kz_desk_setup(struct kz *kz, const char *id, const card_secret_t *password);

/*
 * Open it: INTENTs that were left open become UNKNOWN, and are told. KZ_GO, or the exit code (64
 * with what to do where there is none). kz_desk_close signs a checkpoint.
 */
int kz_desk_open(struct kz *kz, struct kz_desk *d);
void kz_desk_close(struct kz_desk *d);

/* PostgreSQL: make the tables by the owner's connection, for terminals that connect as this role.
 * KZ_DONE, or the exit code. */
int kz_desk_prepare(struct kz *kz, const char *owner, const char *role);

/* Parts of opening, for set-up and restore: d->folder is set. create: make a SQLite file where there
 * is none; a counter whose store is gone is not a new one. KZ_GO, or the exit code. */
bool kz_desk_folder(char out[KZ_PATH_MAX]);
int kz_desk_store_open(struct kz *kz, struct kz_desk *d, bool create);
int kz_desk_journal_open(struct kz *kz, struct kz_desk *d);
enum card_error kz_desk_tables(flow_store_t *store);
bool kz_desk_make_parents(char *path);
void kz_desk_remove_folder(const char *folder);

/* The store or its journal failed: exit 73. */
int kz_desk_fail(struct kz *kz, enum card_error err, const char *what);

/*
 * The live session that proves who is asking: of `id`, else of the Unix login, else the only one
 * there is. KZ_GO, or exit 77: a name is never a proof.
 */
int kz_desk_session(struct kz *kz, struct kz_desk *d, const char *id);

/* kz_desk_open, then kz_desk_session. On an exit code nothing is open. */
int kz_desk_enter(struct kz *kz, struct kz_desk *d, const char *id);

/* Read or replace the token of an operator's session on this machine. NULL removes it. */
bool kz_desk_token(const struct kz_desk *d, const char *id, char token[FLOW_SESSION_TOKEN + 1]);
bool kz_desk_keep_token(const struct kz_desk *d, const char *id, const char *token);

/* Name of the Unix login; "" if there is none that could be an operator. */
void kz_desk_unix_login(char out[33]);

/* A file of the counter. */
void kz_desk_file(const struct kz_desk *d, const char *name, char out[KZ_PATH_MAX]);

/*
 * A single read of the 個人番号: session, right and INTENT before it, OUTCOME after it with the exit
 * code rc of the read. begin: KZ_GO, or the exit code; end closes the counter in any case.
 */
int kz_desk_read_begin(struct kz *kz, struct kz_desk *d, const struct flow_procedure *p,
		       const char *as, char txn[JOURNAL_TXN + 1]);
int kz_desk_read_end(struct kz *kz, struct kz_desk *d, const struct flow_procedure *p,
		     const char *txn, int rc);

/* Ask for a password; label: before the field. KZ_GO, or the exit code. */
int kz_password_ask(struct kz *kz, const char *description, const char *label, card_secret_t **out);

/* Exit 77 with the code of a refusal. */
int kz_desk_refuse(struct kz *kz, const char *code);

#endif
