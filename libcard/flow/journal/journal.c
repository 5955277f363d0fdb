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
			flow_problem_set(problem, "journal", 0,
					 "the certificates to seal to cannot be "
					 "read");
			return err;
		}
	}
	if (opt->signing_key != NULL) {
		j->key = read_key(opt->signing_key);
		if (j->key == NULL) {
			flow_problem_set(problem, "journal", 0,
					 "the checkpoint key cannot be read");
			return CARD_ERR_IO;
		}
	}
	return CARD_OK;
}

enum card_error journal_open(journal_t **out, flow_store_t *store,
			     const struct journal_options *opt, struct flow_problem *problem)
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

const char *journal_chain(const journal_t *j)
{
	return j->terminal;
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

/* Forty bits of time, then chance: ids made one after another lie together in an index, and none is
 * made twice. */
static bool make_txn(const journal_t *j, char txn[JOURNAL_TXN + 1])
{
	uint8_t random[JOURNAL_TXN / 2 - 5];

	if (RAND_bytes(random, sizeof random) != 1)
		return false;
	snprintf(txn, JOURNAL_TXN + 1, "%010llx",
		 (unsigned long long)j->clock(j->clock_ctx) & 0xFFFFFFFFFFULL);
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(txn + 10 + 2 * i, 3, "%02x", random[i]);
	return true;
}

enum card_error journal_intent(journal_t *j, const struct journal_record *record,
			       char txn[JOURNAL_TXN + 1], long *seq)
{
	struct journal_record r;

	if (j == NULL || record == NULL || txn == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (!make_txn(j, txn))
		return CARD_ERR_CRYPTO;
	r = *record;
	r.phase = JOURNAL_INTENT;
	r.result = JOURNAL_NONE;
	r.txn = txn;
	return journal_append(j, &r, 1, seq);
}
