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
#define HASH   201

static enum card_error take_hash(void *ctx, const char *const *c, size_t n)
{
	if (n == 1 && c[0] != NULL)
		snprintf(ctx, HASH, "%s", c[0]);
	return CARD_OK;
}

static enum card_error take_number(void *ctx, const char *const *c, size_t n)
{
	if (n == 1 && c[0] != NULL)
		*(int *)ctx = (int)strtol(c[0], NULL, 10);
	return CARD_OK;
}

/* ---- tries ---- */

/* *taken: there was a try to take. */
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

/* Whether the attempt is new; if not, *had says whether it took a try then. */
static enum card_error first_time(flow_store_t *ledger, const char *const *attempt, bool *first,
				  bool *had)
{
	int was = 0;
	enum card_error err = flow_store_run(
		ledger,
		"INSERT INTO issue_kind_attempt (txn, attempt, had) VALUES ($1, $2, 0)"
		" ON CONFLICT (txn, attempt) DO NOTHING",
		attempt, 2, NULL, NULL);

	*first = err == CARD_OK && flow_store_changes(ledger) == 1;
	if (err == CARD_OK && !*first)
		err = flow_store_run(
			ledger,
			"SELECT had FROM issue_kind_attempt WHERE txn = $1 AND attempt = $2",
			attempt, 2, take_number, &was);
	*had = was == 1;
	return err;
}

static enum card_error count(flow_store_t *ledger, const char *const *params,
			     const char *const *attempt, bool *taken)
{
	bool first = true;
	enum card_error err = CARD_OK;

	if (attempt[0] != NULL)
		err = first_time(ledger, attempt, &first, taken);
	if (err == CARD_OK && first)
		err = take_try(ledger, params, taken);
	if (err == CARD_OK && first && *taken && attempt[0] != NULL)
		err = flow_store_run(
			ledger,
			"UPDATE issue_kind_attempt SET had = 1 WHERE txn = $1 AND attempt = $2",
			attempt, 2, NULL, NULL);
	return err;
}

/* The try and the attempt it belongs to in one commit: neither counts without the other. */
static enum card_error count_once(flow_store_t *ledger, const char *const *params,
				  const char *const *attempt, bool *taken)
{
	enum card_error err = flow_store_begin(ledger);

	*taken = false;
	if (err != CARD_OK)
		return err;
	err = count(ledger, params, attempt, taken);
	if (err == CARD_OK)
		return flow_store_commit(ledger);
	flow_store_rollback(ledger);
	return err;
}

static enum card_error fill_tries(flow_store_t *ledger, const char *const *params)
{
	return flow_store_run(ledger,
			      "INSERT INTO issue_kind_tries (atena, kind, tries) VALUES ($1, $2, 3)"
			      " ON CONFLICT (atena, kind) DO UPDATE SET tries = excluded.tries",
			      params, 2, NULL, NULL);
}

enum card_error flow_kind_pin_check(flow_store_t *records, flow_store_t *ledger,
				    const struct flow_kind_attempt *a, const card_secret_t *pin,
				    int *tries)
{
	const struct card_bytes p = card_secret_bytes(pin);
	char hash[HASH] = "", number[16];
	const char *params[2], *attempt[2];
	bool taken = false, right;
	enum card_error err;

	_Static_assert(FLOW_KIND_TRIES == 3, "stands in the statements");
	if (records == NULL || ledger == NULL || a == NULL || a->atena == NULL || a->kind == NULL ||
	    tries == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*tries = -1;
	params[0] = a->atena;
	params[1] = a->kind;
	snprintf(number, sizeof number, "%d", a->attempt);
	attempt[0] = a->transaction;
	attempt[1] = number;
	err = flow_store_run(records,
			     "SELECT hash FROM record_kind_pin WHERE atena = $1 AND kind = $2",
			     params, 2, take_hash, hash);
	if (err == CARD_OK && *hash == '\0')
		err = CARD_ERR_NOT_FOUND;
	if (err == CARD_OK)
		err = count_once(ledger, params, attempt, &taken);
	if (err != CARD_OK)
		return err;
	right = taken && argon2id_verify(hash, p.p, p.n) == ARGON2_OK;
	if (right)
		err = fill_tries(ledger, params);
	if (err == CARD_OK)
		err = flow_store_run(
			ledger, "SELECT tries FROM issue_kind_tries WHERE atena = $1 AND kind = $2",
			params, 2, take_number, tries);
	if (err != CARD_OK || right)
		return err;
	return *tries > 0 ? CARD_ERR_PIN_WRONG : CARD_ERR_PIN_LOCKED;
}

/* ---- at the window ---- */

static bool four_digits(struct card_bytes p)
{
	for (size_t i = 0; i < p.n; i++)
		if (p.p[i] < '0' || p.p[i] > '9')
			return false;
	return p.n == 4;
}

static enum card_error is_resident(flow_store_t *records, const char *atena)
{
	int found = 0;
	enum card_error err =
		flow_store_run(records, "SELECT COUNT(*) FROM record_resident WHERE atena = $1",
			       &atena, 1, take_number, &found);

	return err == CARD_OK && found == 0 ? CARD_ERR_NOT_FOUND : err;
}

enum card_error flow_kind_pin_set(flow_store_t *records, flow_store_t *ledger,
				  const struct flow_kind_setting *s, const card_secret_t *pin)
{
	const struct card_bytes p = card_secret_bytes(pin);
	char hash[HASH];
	uint8_t salt[SALT];
	enum card_error err;

	if (records == NULL || ledger == NULL || s == NULL || s->atena == NULL || s->kind == NULL ||
	    s->by == NULL || s->when == NULL || s->by[0] == '\0')
		return CARD_ERR_INVALID_ARGUMENT;
	if (!four_digits(p))
		return CARD_ERR_PIN_FORMAT;
	err = is_resident(records, s->atena);
	if (err != CARD_OK)
		return err;
	if (RAND_bytes(salt, sizeof salt) != 1 ||
	    argon2id_hash_encoded(PASSES, MEMORY, LANES, p.p, p.n, salt, sizeof salt, TAG, hash,
				  sizeof hash) != ARGON2_OK)
		return CARD_ERR_CRYPTO;
	{
		const char *const params[] = {s->atena, s->kind, hash}, *const by[] = {
										s->atena, s->kind,
										s->by, s->when};

		/* Who did it stands there before it holds. */
		err = flow_store_run(ledger,
				     "INSERT INTO issue_kind_set (atena, kind, operator, set_at)"
				     " VALUES ($1, $2, $3, $4)",
				     by, 4, NULL, NULL);
		if (err == CARD_OK)
			err = flow_store_run(
				records,
				"INSERT INTO record_kind_pin (atena, kind, hash) VALUES ($1, $2, $3)"
				" ON CONFLICT (atena, kind) DO UPDATE SET hash = excluded.hash",
				params, 3, NULL, NULL);
		return err == CARD_OK ? fill_tries(ledger, params) : err;
	}
}

struct listing {
	flow_store_t *ledger;
	const char *atena;
	char kind[24][24];
	size_t n;
};

static enum card_error take_kind(void *ctx, const char *const *c, size_t n)
{
	struct listing *l = ctx;

	if (n == 1 && c[0] != NULL && l->n < 24)
		snprintf(l->kind[l->n++], sizeof l->kind[0], "%s", c[0]);
	return CARD_OK;
}

struct last {
	char by[65], at[26];
};

static enum card_error take_last(void *ctx, const char *const *c, size_t n)
{
	struct last *last = ctx;

	if (n != 2 || c[0] == NULL || c[1] == NULL)
		return CARD_ERR_MALFORMED;
	snprintf(last->by, sizeof last->by, "%s", c[0]);
	snprintf(last->at, sizeof last->at, "%s", c[1]);
	return CARD_OK;
}

static enum card_error tell(const struct listing *l, const char *kind, flow_kind_pin_fn *fn,
			    void *ctx)
{
	const char *params[] = {l->atena, kind};
	struct last last = {"", ""};
	int tries = FLOW_KIND_TRIES;
	enum card_error err = flow_store_run(
		l->ledger, "SELECT tries FROM issue_kind_tries WHERE atena = $1 AND kind = $2",
		params, 2, take_number, &tries);

	if (err == CARD_OK)
		err = flow_store_run(l->ledger,
				     "SELECT operator, set_at FROM issue_kind_set"
				     " WHERE atena = $1 AND kind = $2 ORDER BY set_at",
				     params, 2, take_last, &last);
	return err == CARD_OK ? fn(ctx, kind, tries, last.by, last.at) : err;
}

enum card_error flow_kind_pin_list(flow_store_t *records, flow_store_t *ledger, const char *atena,
				   flow_kind_pin_fn *fn, void *ctx)
{
	struct listing l = {.ledger = ledger, .atena = atena};
	enum card_error err;

	if (records == NULL || ledger == NULL || atena == NULL || fn == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	err = flow_store_run(records,
			     "SELECT kind FROM record_kind_pin WHERE atena = $1 ORDER BY kind",
			     &atena, 1, take_kind, &l);
	for (size_t i = 0; i < l.n && err == CARD_OK; i++)
		err = tell(&l, l.kind[i], fn, ctx);
	return err;
}
