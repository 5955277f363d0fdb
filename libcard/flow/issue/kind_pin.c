/* SPDX-License-Identifier: Apache-2.0 */
/* kind_pin.c — the PIN of a kind of certificate: argon2id (RFC 9106), with a lock of its own. */
#include <cardflow/issue_ledger.h>

#include <argon2.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Four digits are few: the lock protects them, not the cost. As for operators' passwords. */
#define PASSES 2
#define MEMORY 19456 /* KiB */
#define LANES  1
#define SALT   16
#define TAG    32

static enum card_error take_hash(void *ctx, const char *const *c, size_t n)
{
	if (n == 1 && c[0] != NULL)
		snprintf(ctx, 201, "%s", c[0]);
	return CARD_OK;
}

static enum card_error take_tries(void *ctx, const char *const *c, size_t n)
{
	if (n == 1 && c[0] != NULL)
		*(int *)ctx = (int)strtol(c[0], NULL, 10);
	return CARD_OK;
}

/* True in *taken if there was a try to take. */
static enum card_error take_try(flow_store_t *ledger, const char *const *params, bool *taken)
{
	enum card_error err = flow_store_run(
		ledger,
		"INSERT INTO issue_kind_tries (atena, kind, tries) VALUES ($1, $2, 3)"
		" ON CONFLICT (atena, kind) DO NOTHING",
		params, 2, NULL, NULL);

	if (err == CARD_OK)
		err = flow_store_run(ledger,
				     "UPDATE issue_kind_tries SET tries = tries - 1"
				     " WHERE atena = $1 AND kind = $2 AND tries > 0",
				     params, 2, NULL, NULL);
	*taken = err == CARD_OK && flow_store_changes(ledger) == 1;
	return err;
}

static enum card_error fill_tries(flow_store_t *ledger, const char *const *params)
{
	return flow_store_run(ledger,
			      "INSERT INTO issue_kind_tries (atena, kind, tries) VALUES ($1, $2, 3)"
			      " ON CONFLICT (atena, kind) DO UPDATE SET tries = excluded.tries",
			      params, 2, NULL, NULL);
}

enum card_error flow_kind_pin_check(flow_store_t *records, flow_store_t *ledger, const char *atena,
				    const char *kind, const card_secret_t *pin, int *tries)
{
	const struct card_bytes p = card_secret_bytes(pin);
	const char *params[2] = {atena, kind};
	char hash[201] = "";
	bool taken = false, right;
	enum card_error err;

	_Static_assert(FLOW_KIND_TRIES == 3, "stands in the statements");
	if (records == NULL || ledger == NULL || atena == NULL || kind == NULL || tries == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*tries = -1;
	err = flow_store_run(records,
			     "SELECT hash FROM record_kind_pin WHERE atena = $1 AND kind = $2",
			     params, 2, take_hash, hash);
	if (err == CARD_OK && *hash == '\0')
		err = CARD_ERR_NOT_FOUND;
	if (err == CARD_OK)
		err = take_try(ledger, params, &taken);
	if (err != CARD_OK)
		return err;
	right = taken && argon2id_verify(hash, p.p, p.n) == ARGON2_OK;
	if (right)
		err = fill_tries(ledger, params);
	if (err == CARD_OK)
		err = flow_store_run(
			ledger, "SELECT tries FROM issue_kind_tries WHERE atena = $1 AND kind = $2",
			params, 2, take_tries, tries);
	if (err != CARD_OK || right)
		return err;
	return *tries > 0 ? CARD_ERR_PIN_WRONG : CARD_ERR_PIN_LOCKED;
}

enum card_error flow_kind_pin_set(flow_store_t *records, flow_store_t *ledger, const char *atena,
				  const char *kind, const card_secret_t *pin)
{
	const struct card_bytes p = card_secret_bytes(pin);
	char hash[201];
	const char *params[3] = {atena, kind, hash};
	uint8_t salt[SALT];
	enum card_error err;

	if (records == NULL || ledger == NULL || atena == NULL || kind == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (p.n != 4)
		return CARD_ERR_PIN_FORMAT;
	for (size_t i = 0; i < p.n; i++) {
		if (p.p[i] < '0' || p.p[i] > '9')
			return CARD_ERR_PIN_FORMAT;
	}
	if (RAND_bytes(salt, sizeof salt) != 1 ||
	    argon2id_hash_encoded(PASSES, MEMORY, LANES, p.p, p.n, salt, sizeof salt, TAG, hash,
				  sizeof hash) != ARGON2_OK)
		return CARD_ERR_CRYPTO;
	err = flow_store_run(records,
			     "INSERT INTO record_kind_pin (atena, kind, hash) VALUES ($1, $2, $3)"
			     " ON CONFLICT (atena, kind) DO UPDATE SET hash = excluded.hash",
			     params, 3, NULL, NULL);
	return err == CARD_OK ? fill_tries(ledger, params) : err;
}
