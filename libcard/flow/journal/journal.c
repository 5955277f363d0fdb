/* SPDX-License-Identifier: Apache-2.0 */
/* journal.c — opening a journal and appending to it. */
#include "journal_internal.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t system_clock(void *ctx)
{
	(void)ctx;
	return (int64_t)time(NULL);
}

static EVP_PKEY *read_key(const char *path)
{
	FILE *f = fopen(path, "re");
	EVP_PKEY *key;

	if (f == NULL)
		return NULL;
	key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	if (key != NULL && EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	return key;
}

static enum card_error open_keys(journal_t *j, const struct journal_options *opt,
				 struct flow_problem *problem)
{
	enum card_error err;

	if (opt->recipients != NULL) {
		err = journal_seal_open(&j->seal, opt->recipients);
		if (err != CARD_OK) {
			flow_problem_set(problem, "journal", 0, "the certificates to seal to cannot be "
					 "read");
			return err;
		}
	}
	if (opt->signing_key != NULL) {
		j->key = read_key(opt->signing_key);
		if (j->key == NULL) {
			flow_problem_set(problem, "journal", 0, "the checkpoint key cannot be read");
			return CARD_ERR_IO;
		}
	}
	return CARD_OK;
}

enum card_error journal_open(journal_t **out, flow_store_t *store, const struct journal_options *opt,
			     struct flow_problem *problem)
{
	journal_t *j;
	enum card_error err;

	if (out == NULL || store == NULL || opt == NULL || !line_terminal_valid(opt->terminal) ||
	    opt->program == NULL || strlen(opt->program) >= sizeof j->program)
		return CARD_ERR_INVALID_ARGUMENT;
	if (flow_store_run(store, "SELECT seq FROM journal WHERE seq = 0", NULL, 0, NULL, NULL) !=
	    CARD_OK) {
		flow_problem_set(problem, "journal", 0, "%s", flow_store_message(store));
		return CARD_ERR_NOT_FOUND;
	}
	j = calloc(1, sizeof *j);
	if (j == NULL)
		return CARD_ERR_NO_MEMORY;
	j->store = store;
	snprintf(j->terminal, sizeof j->terminal, "%s", opt->terminal);
	snprintf(j->program, sizeof j->program, "%s", opt->program);
	process_name(j->holder);
	j->clock = opt->clock != NULL ? opt->clock : system_clock;
	j->clock_ctx = opt->clock_ctx;
	j->copy = opt->checkpoint_copy != NULL ? strdup(opt->checkpoint_copy) : NULL;
	j->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	j->md_ctx = EVP_MD_CTX_new();
	err = j->md == NULL || j->md_ctx == NULL ||
			      (j->copy == NULL && opt->checkpoint_copy != NULL)
		      ? CARD_ERR_NO_MEMORY
		      : open_keys(j, opt, problem);
	if (err != CARD_OK) {
		journal_close(&j);
		return err;
	}
	*out = j;
	return CARD_OK;
}

void journal_close(journal_t **j)
{
	if (j == NULL || *j == NULL)
		return;
	journal_seal_free(&(*j)->seal);
	EVP_PKEY_free((*j)->key);
	EVP_MD_free((*j)->md);
	EVP_MD_CTX_free((*j)->md_ctx);
	free((*j)->copy);
	free(*j);
	*j = NULL;
}

/* The end of the chain. */
struct tail {
	long seq;
	char hash[HASH_TEXT];
	int64_t time;
};

static enum card_error take_tail(void *ctx, const char *const *column, size_t n)
{
	struct tail *t = ctx;

	if (n != 3 || column[0] == NULL || column[1] == NULL || column[2] == NULL ||
	    strlen(column[1]) != HASH_TEXT - 1 || card_time_parse(column[2], &t->time) != CARD_OK)
		return CARD_ERR_MALFORMED;
	t->seq = strtol(column[0], NULL, 10);
	memcpy(t->hash, column[1], HASH_TEXT);
	return CARD_OK;
}

static enum card_error read_tail(journal_t *j, struct tail *t)
{
	const char *params[] = {j->terminal};
	enum card_error err = CARD_OK;

	*t = (struct tail){.seq = 0, .time = INT64_MIN};
	memcpy(t->hash, chain_zero, HASH_TEXT);
	/* One writer of a chain at a time; other chains are not held up. */
	if (flow_store_is_postgresql(j->store))
		err = flow_store_run(j->store, "SELECT pg_advisory_xact_lock(hashtext('kazasu-journal:'"
					       " || $1))", params, 1, NULL, NULL);
	if (err == CARD_OK)
		err = flow_store_run(j->store, "SELECT seq, hash, time FROM journal WHERE terminal = $1"
					       " ORDER BY seq DESC LIMIT 1", params, 1, take_tail, t);
	return err;
}

static enum card_error insert(journal_t *j, struct tail *t, const struct journal_record *r, int64_t now)
{
	static const char sql[] =
		"INSERT INTO journal (terminal, seq, time, event, phase, txn, operator, organ, body,"
		" hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
	const char *field[LINE_COUNT] = {
		[LINE_VERSION] = "1", [LINE_TERMINAL] = j->terminal, [LINE_EVENT] = r->event,
		[LINE_PHASE] = line_phase_name(r->phase), [LINE_RESULT] = line_result_name(r->result),
		[LINE_TXN] = r->txn, [LINE_OPERATOR] = r->operator_id, [LINE_ROLE] = r->role,
		[LINE_ORGAN] = r->organ, [LINE_PROGRAM] = j->program, [LINE_PROCEDURE] = r->procedure,
		[LINE_PURPOSE] = r->purpose, [LINE_BASIS] = r->basis, [LINE_REASON] = r->reason,
		[LINE_ATTRIBUTES] = r->attributes, [LINE_RECIPIENT] = r->recipient,
		[LINE_CODE] = r->code, [LINE_APPROVER] = r->approver, [LINE_RELATED] = r->related,
		[LINE_HOLDER] = r->phase == JOURNAL_INTENT ? j->holder : ""};
	char seq[24], start[26], end[26], hash[HASH_TEXT], *sealed = NULL, *body = NULL;
	enum card_error err = CARD_OK;

	snprintf(seq, sizeof seq, "%ld", t->seq + 1);
	card_time_format_japan(r->start != 0 ? r->start : now, start);
	card_time_format_japan(now, end);
	field[LINE_SEQ] = seq;
	field[LINE_START] = start;
	field[LINE_END] = end;
	if (r->subject != NULL && *r->subject != '\0')
		err = j->seal != NULL ? journal_seal_text(j->seal, r->subject, &sealed)
				      : CARD_ERR_DENIED;
	field[LINE_SUBJECT] = sealed;
	if (err == CARD_OK)
		err = line_join(field, &body);
	if (err == CARD_OK && !chain_hash(j->md_ctx, j->md, t->hash, body, hash))
		err = CARD_ERR_CRYPTO;
	if (err == CARD_OK) {
		const char *params[] = {j->terminal, seq, end, r->event, field[LINE_PHASE],
					r->txn != NULL ? r->txn : "",
					r->operator_id != NULL ? r->operator_id : "",
					r->organ != NULL ? r->organ : "", body, hash};

		err = flow_store_run(j->store, sql, params, 10, NULL, NULL);
	}
	if (err == CARD_OK) {
		t->seq++;
		memcpy(t->hash, hash, HASH_TEXT);
	}
	free(sealed);
	free(body);
	return err;
}

/* PD-35: the clock went back by more than a second. */
static enum card_error note_step(journal_t *j, struct tail *t, int64_t now)
{
	struct journal_record step = {.event = "clock-step", .result = JOURNAL_OK};
	char reason[64];

	if (t->time == INT64_MIN || now >= t->time - 1)
		return CARD_OK;
	snprintf(reason, sizeof reason, "back by %lld s", (long long)(t->time - now));
	step.reason = reason;
	return insert(j, t, &step, now);
}

enum card_error journal_add(journal_t *j, const struct journal_record *records, size_t n, long *first)
{
	const int64_t now = j->clock(j->clock_ctx);
	struct tail tail;
	enum card_error err = read_tail(j, &tail);

	if (err == CARD_OK)
		err = note_step(j, &tail, now);
	if (first != NULL)
		*first = tail.seq + 1;
	for (size_t i = 0; i < n && err == CARD_OK; i++)
		err = insert(j, &tail, &records[i], now);
	return err;
}

static enum card_error append(journal_t *j, const struct journal_record *records, size_t n,
			      long *first)
{
	enum card_error err = flow_store_begin(j->store);

	if (err != CARD_OK)
		return err;
	err = journal_add(j, records, n, first);
	if (err == CARD_OK)
		err = flow_store_commit(j->store);
	if (err != CARD_OK)
		flow_store_rollback(j->store);
	return err;
}

enum card_error journal_append(journal_t *j, const struct journal_record *records, size_t n,
			       long *first)
{
	enum card_error err = CARD_OK;

	if (j == NULL || records == NULL || n == 0)
		return CARD_ERR_INVALID_ARGUMENT;
	if (j->broken)
		return CARD_ERR_BAD_STATE;
	for (size_t i = 0; i < n && err == CARD_OK; i++) {
		err = line_check(&records[i]);
		if (err == CARD_OK && records[i].subject != NULL && *records[i].subject != '\0' &&
		    j->seal == NULL)
			err = CARD_ERR_DENIED;
	}
	if (err != CARD_OK)
		return err;
	err = append(j, records, n, first);
	j->broken = err != CARD_OK;
	return err;
}

enum card_error journal_intent(journal_t *j, const struct journal_record *record,
			       char txn[JOURNAL_TXN + 1], long *seq)
{
	struct journal_record r;
	uint8_t random[JOURNAL_TXN / 2];

	if (record == NULL || txn == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (RAND_bytes(random, sizeof random) != 1)
		return CARD_ERR_CRYPTO;
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(txn + 2 * i, 3, "%02x", random[i]);
	r = *record;
	r.phase = JOURNAL_INTENT;
	r.result = JOURNAL_NONE;
	r.txn = txn;
	return journal_append(j, &r, 1, seq);
}
