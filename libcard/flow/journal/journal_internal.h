/* SPDX-License-Identifier: Apache-2.0 */
/* journal_internal.h — the line of a record, its chain, and the handle that writes it. */
#ifndef JOURNAL_INTERNAL_H
#define JOURNAL_INTERNAL_H

#include <cardflow/journal.h>
#include <cardflow/seal.h>

#include <openssl/evp.h>

#define HASH      32
#define HASH_TEXT 65

/* The fields of a line, in their order (docs/journal.md). */
enum line_field {
	LINE_VERSION = 0,
	LINE_TERMINAL,
	LINE_SEQ,
	LINE_START,
	LINE_END,
	LINE_EVENT,
	LINE_PHASE,
	LINE_RESULT,
	LINE_TXN,
	LINE_OPERATOR,
	LINE_ROLE,
	LINE_ORGAN,
	LINE_PROGRAM,
	LINE_PROCEDURE,
	LINE_PURPOSE,
	LINE_BASIS,
	LINE_REASON,
	LINE_ATTRIBUTES,
	LINE_RECIPIENT,
	LINE_CODE,
	LINE_APPROVER,
	LINE_RELATED,
	LINE_HOLDER,
	LINE_SUBJECT,
	LINE_COUNT
};

/* Growing compact range: the roots of the full subtrees of n leaves (RFC 6962 section 2.1). */
struct frontier {
	uint64_t size;
	uint8_t node[64][HASH]; /* node[i] is used if bit i of size is set */
};

/* The end of a chain. */
struct tail {
	long seq;
	char hash[HASH_TEXT];
	int64_t time;
};

struct journal {
	flow_store_t *store;
	char terminal[41], program[64], holder[128];
	char *copy;
	journal_seal_t *seal;
	EVP_PKEY *key;
	int64_t (*clock)(void *ctx);
	void *clock_ctx;
	bool broken;  /* a write failed: fail closed */
	bool claimed; /* nobody else writes this chain */
	bool tail_known;
	struct tail tail; /* as it will be when the transaction that is open has ended */
	EVP_MD *md;
	EVP_MD_CTX *md_ctx;
};

/* ---- record_line.c */
/* The texts of a line from a record; CARD_ERR_INVALID_ARGUMENT or CARD_ERR_DENIED. */
enum card_error line_check(const struct journal_record *r);
/* A field as it stands in a line, at most twice as long; where it ends. No terminating zero. */
char *line_escape(char *at, const char *text);
/* A copy of a line cut into its fields, unescaped; free(*copy). CARD_ERR_MALFORMED. */
enum card_error line_cut(const char *line, char **copy, const char *field[LINE_COUNT]);
const char *line_phase_name(enum journal_phase p);
const char *line_result_name(enum journal_result r);
bool line_terminal_valid(const char *terminal);

/* ---- chain.c */
bool chain_hash(EVP_MD_CTX *ctx, const EVP_MD *md, const char prev[HASH_TEXT], const char *body,
		char out[HASH_TEXT]);
bool frontier_add(EVP_MD_CTX *ctx, const EVP_MD *md, struct frontier *f,
		  const char hash[HASH_TEXT]);
bool frontier_root(EVP_MD_CTX *ctx, const EVP_MD *md, const struct frontier *f,
		   char out[HASH_TEXT]);
/* "size:hex,hex,…" on the heap, and back. */
char *frontier_text(const struct frontier *f);
bool frontier_parse(const char *text, struct frontier *f);
extern const char chain_zero[HASH_TEXT];

/* ---- draft.c */
/* A record without its place, times and hash. */
struct draft {
	char *tail; /* the fields from LINE_EVENT on, joined; owns what follows */
	size_t length;
	const char *event, *phase, *txn, *operator_id, *organ;
	int64_t start; /* 0: the time of the commit */
};
/* Errors of line_check and of sealing. Any thread: changes nothing in j. */
enum card_error draft_make(const journal_t *j, const struct journal_record *r, struct draft *d);
enum card_error drafts_make(const journal_t *j, const struct journal_record *r, size_t n,
			    struct draft **out);
void drafts_free(struct draft **list, size_t n);

/* ---- append.c */
/* Write inside a transaction that the caller began and will commit. */
enum card_error drafts_write(journal_t *j, const struct draft *list, size_t n, long *first);
/* One durable commit; a failure breaks the handle. */
enum card_error drafts_commit(journal_t *j, const struct draft *list, size_t n, long *first);

/* ---- sign.c */
/* Ed25519 over the text as it is. CARD_ERR_CRYPTO. */
enum card_error sign_text(const journal_t *j, const char *text, char out[JOURNAL_SIGNATURE + 1]);

/* ---- process.c */
/* Names this process: "boot:pid:start". */
void process_name(char out[128]);
/* True if that process still runs on this machine. */
bool process_lives(const char *name);

#endif
