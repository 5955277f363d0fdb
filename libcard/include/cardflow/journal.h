/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal.h — who did what with whose data, when, and for which purpose; as evidence
 * (design decision 9, rules ch. 7).
 *
 * One chain of records per terminal. A record is a line of text; its hash covers the hash before
 * it. Checkpoints sign the Merkle root over all hashes of a chain and are copied off the machine:
 * that is what makes a cut end visible. docs/journal.md describes the bytes, so that a verifier can
 * be written without this library; kazasu-journal-verify is one.
 *
 * A handle that failed to write stays closed for writing (fail closed): callers refuse their work.
 */
#ifndef CARDFLOW_JOURNAL_H
#define CARDFLOW_JOURNAL_H

#include <stdio.h>

#include <cardflow/store.h>

#ifdef __cplusplus
extern "C" {
#endif

enum journal_phase {
	JOURNAL_EVENT = 0, /* something that happened, in one record */
	JOURNAL_INTENT,    /* about to touch a card, paper or money */
	JOURNAL_OUTCOME,   /* what became of it */
	JOURNAL_UNKNOWN    /* nobody knows: found open after a restart */
};

enum journal_result {
	JOURNAL_NONE = 0, /* an INTENT has no result yet */
	JOURNAL_OK,
	JOURNAL_REFUSED,
	JOURNAL_FAILED,
	JOURNAL_UNDETERMINED
};

#define JOURNAL_TXN 32 /* digits of a transaction id */

/* One record (rules 7.2). Texts that are NULL are written as empty. */
struct journal_record {
	const char *event; /* of journal_event_known */
	enum journal_phase phase;
	enum journal_result result;
	const char *txn; /* JOURNAL_TXN hexadecimal digits; NULL: none */
	const char *operator_id, *role, *organ;
	const char *procedure, *purpose,
		*basis; /* basis: law, with the version (line) of the rule */
	const char *reason;
	const char *subject;    /* "atena:…" (宛名番号) or "case:…"; sealed when written */
	const char *attributes; /* names joined by `;`, never values */
	const char *recipient, *code, *approver;
	const char *related; /* seq of another record, or "first-last" */
	int64_t start;       /* 0: now */
};

/* True for the kinds of rules 7.2 and of the counter. */
CARD_API bool journal_event_known(const char *event);

/* Make the tables. PostgreSQL: writer is the name of a role that gets the right to insert and
 * read, nothing else; it must exist. SQLite: writer NULL. Errors of flow_store_run. */
CARD_API enum card_error journal_setup(flow_store_t *store, const char *writer);

struct journal_options {
	const char *terminal;    /* the chain: 1–40 of A–Z a–z 0–9 . _ - */
	const char *program;     /* "kazasu 0.1.0" */
	const char *recipients;  /* PEM file of certificates that subjects are sealed to; NULL: a
				   record with a subject is refused */
	const char *signing_key; /* Ed25519, PEM; NULL: no checkpoints */
	const char
		*checkpoint_copy; /* file off the machine that gets each checkpoint; NULL: none */
	int64_t (*clock)(void *ctx); /* UTC seconds; NULL: the system's */
	void *clock_ctx;
};

typedef struct journal journal_t;

/* Open for writing; the store is borrowed. CARD_ERR_NOT_FOUND: no tables; CARD_ERR_IO: key or
 * certificates cannot be read; errors of flow_store_run. */
CARD_API enum card_error journal_open(journal_t **out, flow_store_t *store,
				      const struct journal_options *opt,
				      struct flow_problem *problem);
CARD_API void journal_close(journal_t **j);

/*
 * Append records in one durable commit. *first (may be NULL): seq of the first of them (a
 * clock-step record may come before it, PD-35).
 * CARD_ERR_INVALID_ARGUMENT: unknown event, wrong txn or subject, no UTF-8; CARD_ERR_DENIED: a
 * number that must not be here (ten digits or more in a row in a clear field, a 個人番号 as
 * subject); nothing is written then. Any other error: nothing is acknowledged, and the handle
 * refuses every further write with CARD_ERR_BAD_STATE.
 */
CARD_API enum card_error journal_append(journal_t *j, const struct journal_record *records,
					size_t n, long *first);

/*
 * The same inside a transaction that the caller began on the journal's store and will commit or roll
 * back: records and whatever else is in it become durable together, or not at all. A failure does not
 * break the handle, it is the caller's transaction that failed. After a rollback, also one to a
 * savepoint, journal_forget is called.
 */
CARD_API enum card_error journal_add(journal_t *j, const struct journal_record *records, size_t n,
				     long *first);
CARD_API void journal_forget(journal_t *j);

/*
 * Take the chain for this handle alone as long as its connection lives, so that its end need not be
 * asked for at each record. PostgreSQL: CARD_ERR_TIMEOUT if another connection has it. SQLite: CARD_OK
 * and no change, the database is locked by its writer anyway. Errors of flow_store_run.
 */
CARD_API enum card_error journal_claim(journal_t *j);

/* The name of the chain it writes. */
CARD_API const char *journal_chain(const journal_t *j);

/* May this text stand in a clear field (no long number, valid UTF-8, at most 300 bytes)? */
CARD_API bool journal_may_hold(const char *text);

/* An INTENT: makes the transaction id, and names this process as its holder. */
CARD_API enum card_error journal_intent(journal_t *j, const struct journal_record *record,
					char txn[JOURNAL_TXN + 1], long *seq);

/* INTENTs of this terminal without an end whose process is gone get an UNKNOWN record; *found: how
 * many (256 at once). whole: also those before the mark of an earlier call. */
CARD_API enum card_error journal_recover(journal_t *j, bool whole, size_t *found);

/* UNKNOWN records that nobody has explained (event unknown-explained, related = their seq). */
CARD_API enum card_error journal_unexplained(flow_store_t *store, const char *terminal,
					     flow_row_fn row,
					     void *ctx); /* seq, time, event, txn */

/* Sign the chain as it is now, store the checkpoint and append it to the copy. Nothing to do
 * (CARD_OK) without a key or new records. CARD_ERR_IO: the copy could not be written: the
 * checkpoint stays in the store and goes out with the next one. */
CARD_API enum card_error journal_checkpoint(journal_t *j);

#define JOURNAL_SIGNATURE 128 /* hexadecimal digits */

/* Sign a manifest with the checkpoint key: Ed25519 over "KAZASU-MANIFEST-1" LF and the text.
 * CARD_ERR_NOT_FOUND: the journal has no key; CARD_ERR_CRYPTO. */
CARD_API enum card_error journal_sign(const journal_t *j, const char *text,
				      char out[JOURNAL_SIGNATURE + 1]);

/* Is it signed by this public key (PEM file)? CARD_ERR_IO: the key cannot be read;
 * CARD_ERR_SIGNATURE: no. */
CARD_API enum card_error journal_signed(const char *public_key, const char *text,
					const char *signature);

/* Walk the chain of this terminal from its last checkpoint (or from the beginning). *bad: the
 * first seq that is wrong, 0 if none; a break is written as chain-break (PD-34). */
CARD_API enum card_error journal_check(journal_t *j, bool whole, long *bad);

/* A record as it was written; texts live until the callback returns. */
struct journal_entry {
	long seq;
	const char *terminal, *start, *end, *event, *phase, *txn, *operator_id, *role, *organ,
		*program, *procedure, *purpose, *basis, *reason, *attributes, *recipient, *result,
		*code, *approver, *related, *subject; /* subject: sealed, base64; "" if none */
};
typedef enum card_error (*journal_entry_fn)(void *ctx, const struct journal_entry *e);

/* Which records; "" or NULL: all. Times as text "2026-01-02", both ends inclusive. */
struct journal_filter {
	const char *terminal, *event, *operator_id, *organ, *from, *to, *txn;
};
CARD_API enum card_error journal_read(flow_store_t *store, const struct journal_filter *f,
				      journal_entry_fn entry, void *ctx);

/* Everything as lines for a verifier (docs/journal.md). CARD_ERR_IO. */
CARD_API enum card_error journal_export(flow_store_t *store, FILE *out);

/* The checkpoints of all chains as lines, for a copy off the machine. CARD_ERR_IO. */
CARD_API enum card_error journal_export_checkpoints(flow_store_t *store, FILE *out);

/*
 * Erase what is older than the retention (rules 7.3, R7-19, PD-33, PD-39): bodies of records whose
 * day is before today less `years`, unless a legal hold covers them; their hashes stay. One
 * transaction with the disposal record. *erased: how many. CARD_ERR_DENIED: years below 5.
 * In PostgreSQL the owner of the tables does this, not the writer.
 */
CARD_API enum card_error journal_prune(journal_t *j, struct card_date today, int years,
				       const char *operator_id, long *erased);

/*
 * The same without a person (PD-39): once a day, before its first record, and not when nothing was
 * written for 31 days, because then the clock may be wrong. Errors of journal_prune.
 */
CARD_API enum card_error journal_prune_daily(journal_t *j, struct card_date today, int years,
					     long *erased);

/* Keep seq first…last of this terminal until a day, whatever its age; reason needed. The record of
 * it has the range in `related` and the day in `code`. */
CARD_API enum card_error journal_hold(journal_t *j, long first, long last, struct card_date until,
				      const char *reason, const char *operator_id);

#ifdef __cplusplus
}
#endif
#endif
