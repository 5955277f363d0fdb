/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue_ledger.h — what an issuer keeps about each request: the issue record (made, issued,
 * withdrawn), and the true reasons of refusals, which nobody outside learns (flows K18…K22, K34,
 * "What always holds" 4).
 *
 * It lies in a store of its own, apart from the records: an import of records never keeps a request
 * waiting. Documents are not kept, only their digests. The terminal's place is sealed to the audit
 * key, because it shows where a protected person is.
 */
#ifndef CARDFLOW_ISSUE_LEDGER_H
#define CARDFLOW_ISSUE_LEDGER_H

#include <cardflow/store.h>

#include <card/secret.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FLOW_LEDGER_TRANSACTION 33 /* 32 hexadecimal digits and NUL */

/* One attempt of one transaction. Texts are borrowed when it is written, and valid during the call
 * of the function when it is read. NULL counts as "". */
struct flow_ledger_entry {
	const char *transaction;
	int attempt;
	const char *request;  /* SHA-256 of the request as it came, 64 hexadecimal digits */
	const char *received; /* RFC 3339, Japan time */
	const char *kind, *options, *method;
	const char *atena, *member;
	const char *outcome, *why,
		*concerned; /* names of issue_certificate.h; whose fault it was */
	const char *detail; /* for the worklist: the character that is missing, as U+XXXX */
	int tries_left;     /* kind PIN; -1: none was asked */
	const char *digest; /* SHA-256 of the document */
	int pages;
	const char *terminal; /* sealed */
	const char *state;    /* made, refused; then issued, withdrawn, void */
	const char *copies;   /* JSON as it was reported */
	const char *changed;  /* when the state changed last */
};

CARD_API enum card_error flow_ledger_setup(flow_store_t *store);

typedef enum card_error flow_ledger_fn(void *ctx, const struct flow_ledger_entry *entry);

/* fn is called once if the attempt is there. Errors of the store and of fn. */
CARD_API enum card_error flow_ledger_find(flow_store_t *store, const char *transaction, int attempt,
					  flow_ledger_fn *fn, void *ctx);

/* Write an attempt; durable on CARD_OK. CARD_ERR_DENIED: it is there already. */
CARD_API enum card_error flow_ledger_add(flow_store_t *store,
					 const struct flow_ledger_entry *entry);

/* The document of an attempt was made again after a restart, from records that may have changed:
 * its digest is noted beside the first. CARD_ERR_NOT_FOUND. */
CARD_API enum card_error flow_ledger_remade(flow_store_t *store, const char *transaction,
					    int attempt, const char *digest, const char *when);

/*
 * What became of a transaction: "issued", "withdrawn" or "void", of all its attempts that were made.
 * The same report again changes nothing. A transaction that was issued is not withdrawn any more.
 * CARD_ERR_NOT_FOUND: no such transaction, it has nothing that was made; CARD_ERR_BAD_STATE.
 */
CARD_API enum card_error flow_ledger_status(flow_store_t *store, const char *transaction,
					    const char *status, const char *copies,
					    const char *when);

/* Attempts of a day in Japan ("2026-11-21"), in the order in which they came. refusals: those with
 * a reason only (the list of the next morning), else all. */
CARD_API enum card_error flow_ledger_day(flow_store_t *store, const char *day, bool refusals,
					 flow_ledger_fn *fn, void *ctx);

/* ---- the PIN of a kind of certificate (変換方式, 現行方式; flows K17) ---- */

#define FLOW_KIND_TRIES 3

/* Whose PIN is tried, and by which message: an attempt of a transaction is counted once, however
 * often it is sent and whatever became of the process in between. transaction NULL: each call counts. */
struct flow_kind_attempt {
	const char *atena, *kind;
	const char *transaction;
	int attempt;
};

/*
 * Check it against records (argon2id). The try is taken, durably, before the comparison and given
 * back when it was right: no power cut gives one more. *tries: how many are left.
 * CARD_ERR_PIN_WRONG; CARD_ERR_PIN_LOCKED (nothing was compared, or this was the last);
 * CARD_ERR_NOT_FOUND: this resident has no PIN of this kind; errors of the stores.
 */
CARD_API enum card_error flow_kind_pin_check(flow_store_t *records, flow_store_t *ledger,
					     const struct flow_kind_attempt *attempt,
					     const card_secret_t *pin, int *tries);

/* Who sets whose PIN, and when (RFC 3339): kept in the ledger. */
struct flow_kind_setting {
	const char *atena, *kind, *by, *when;
};

/* Set it at the window, in front of the resident; the tries are full again. CARD_ERR_PIN_FORMAT: not
 * four digits; CARD_ERR_NOT_FOUND: no such resident; CARD_ERR_INVALID_ARGUMENT: nobody sets it. */
CARD_API enum card_error flow_kind_pin_set(flow_store_t *records, flow_store_t *ledger,
					   const struct flow_kind_setting *setting,
					   const card_secret_t *pin);

/* A kind that has a PIN: tries left (0: locked), who set it last and when, "" if it was imported. */
typedef enum card_error flow_kind_pin_fn(void *ctx, const char *kind, int tries, const char *by,
					 const char *when);

/* The PINs of a resident, by kind. Errors of the stores and of fn. */
CARD_API enum card_error flow_kind_pin_list(flow_store_t *records, flow_store_t *ledger,
					    const char *atena, flow_kind_pin_fn *fn, void *ctx);

#ifdef __cplusplus
}
#endif
#endif
