/* SPDX-License-Identifier: Apache-2.0 */
/* operator_session.c — proving an operator, and the session that follows (flows C01). */
#include "operator_internal.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAILURES_MAX 5

const char *flow_login_code(enum flow_login l)
{
	static const char *const codes[] = {"ok",
					    "terminal_unknown",
					    "operator_unknown",
					    "password_wrong",
					    "operator_locked",
					    "operator_left",
					    "operator_not_in_period",
					    "password_expired",
					    "training_missing",
					    "in_use_elsewhere",
					    "no_session",
					    "factor_refused",
					    "emergency_stop"};

	return (size_t)l < sizeof codes / sizeof *codes ? codes[l] : "no_session";
}

/* What an account may do, whoever proved to be its person. by_password: that was (also) asked. */
static enum flow_login fit(flow_store_t *store, const struct flow_operator *o, bool by_password,
			   struct card_date today)
{
	if (o->state == FLOW_OPERATOR_LOCKED)
		return FLOW_LOGIN_LOCKED;
	if (o->state != FLOW_OPERATOR_ACTIVE)
		return FLOW_LOGIN_STATE;
	if (!flow_in_period(today, o->from, o->to))
		return FLOW_LOGIN_PERIOD;
	if (flow_stopped(store) && !flow_list_has(o->roles, "security"))
		return FLOW_LOGIN_STOPPED;
	/* PD-30: the last valid day is the same day three months later. */
	if (by_password && card_date_compare(today, flow_months_add(o->password_changed, 3)) > 0)
		return FLOW_LOGIN_PASSWORD_OLD;
	if (!card_date_valid(o->training) || card_date_compare(o->training, today) > 0)
		return FLOW_LOGIN_TRAINING;
	return FLOW_LOGIN_OK;
}

/* The store knows only the digest of a token. */
static bool digest_token(const char *token, char out[65])
{
	uint8_t hash[32];

	if (token == NULL || strlen(token) != FLOW_SESSION_TOKEN ||
	    EVP_Q_digest(NULL, "SHA256", NULL, token, FLOW_SESSION_TOKEN, hash, NULL) != 1)
		return false;
	for (int i = 0; i < 32; i++)
		snprintf(out + 2 * i, 3, "%02x", hash[i]);
	return true;
}

struct session {
	char operator_id[33], terminal[41];
	int64_t started, seen, ended;
	bool strong, by_password, found;
};

static enum card_error take(void *ctx, const char *const *column, size_t n)
{
	struct session *s = ctx;

	if (n != 6)
		return CARD_ERR_MALFORMED;
	snprintf(s->operator_id, sizeof s->operator_id, "%s", column[0]);
	snprintf(s->terminal, sizeof s->terminal, "%s", column[1]);
	s->started = strtoll(column[2], NULL, 10);
	s->seen = strtoll(column[3], NULL, 10);
	s->strong = strcmp(column[4], "no") != 0;
	s->by_password = strcmp(column[4], "only") != 0;
	s->ended = strtoll(column[5], NULL, 10);
	s->found = true;
	return CARD_OK;
}

static bool alive(const struct session *s, int64_t now)
{
	return s->found && s->ended == 0 && now - s->seen <= FLOW_SESSION_IDLE &&
	       now - s->started <= FLOW_SESSION_LIFE && now >= s->started - 1;
}

/* A live session of the same person on another terminal. */
static bool elsewhere(flow_store_t *store, const char *id, const char *terminal, int64_t now)
{
	const char *params[] = {id, terminal};
	struct session s = {.found = false};

	if (flow_store_run(store,
			   "SELECT operator, terminal, started, seen, strong, ended FROM"
			   " operator_session WHERE operator = $1 AND terminal <> $2 AND ended = 0"
			   " ORDER BY seen DESC LIMIT 1",
			   params, 2, take, &s) != CARD_OK)
		return true;
	return alive(&s, now);
}

static enum card_error count_failure(flow_store_t *store, const char *id)
{
	const char *params[] = {id};
	enum card_error err = flow_store_run(store,
					     "UPDATE operator SET failures = failures + 1"
					     " WHERE id = $1",
					     params, 1, NULL, NULL);
	if (err == CARD_OK)
		err = flow_store_run(store,
				     "UPDATE operator SET state = 'locked' WHERE id = $1"
				     " AND failures >= 5 AND state = 'active'",
				     params, 1, NULL, NULL);
	return err;
}

/* What proves the person: the password, the factor, or both. */
struct proof {
	const card_secret_t *password;
	flow_factor_fn factor;
	void *factor_ctx;
};

static enum flow_login prove(const struct account_secret *secret, const char *id,
			     const struct proof *proof)
{
	if (proof->password != NULL && !password_matches(secret->hash, proof->password))
		return FLOW_LOGIN_PASSWORD;
	if (proof->factor != NULL && !proof->factor(proof->factor_ctx, id))
		return FLOW_LOGIN_FACTOR;
	return FLOW_LOGIN_OK;
}

static enum flow_login decide(flow_store_t *store, const char *terminal, const char *id,
			      const struct proof *proof, int64_t now, enum card_error *err)
{
	struct flow_operator o;
	struct account_secret secret = {.failures = 0};
	enum flow_login why;

	if (!flow_terminal_allowed(store, terminal))
		return FLOW_LOGIN_TERMINAL;
	if (!operator_id_valid(id) || flow_operator_get(store, id, &o) != CARD_OK ||
	    account_secret(store, id, &secret) != CARD_OK)
		return FLOW_LOGIN_UNKNOWN;
	if (o.state == FLOW_OPERATOR_LOCKED || secret.failures >= FAILURES_MAX) {
		card_wipe(&secret, sizeof secret);
		return FLOW_LOGIN_LOCKED;
	}
	why = prove(&secret, id, proof);
	if (why != FLOW_LOGIN_OK) {
		*err = count_failure(store, id);
	} else {
		why = fit(store, &o, proof->password != NULL, card_date_in_japan(now));
		if (why == FLOW_LOGIN_OK && elsewhere(store, id, terminal, now))
			why = FLOW_LOGIN_ELSEWHERE;
	}
	card_wipe(&secret, sizeof secret);
	return why;
}

static enum card_error open_session(flow_store_t *store, const char *terminal, const char *id,
				    const char *strong, int64_t now,
				    char token[FLOW_SESSION_TOKEN + 1])
{
	uint8_t random[FLOW_SESSION_TOKEN / 2];
	char digest[65], time[24];
	const char *params[] = {id, terminal, digest, time, strong};
	enum card_error err;

	if (RAND_bytes(random, sizeof random) != 1)
		return CARD_ERR_CRYPTO;
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(token + 2 * i, 3, "%02x", random[i]);
	if (!digest_token(token, digest))
		return CARD_ERR_CRYPTO;
	snprintf(time, sizeof time, "%lld", (long long)now);
	err = flow_store_run(store, "UPDATE operator SET failures = 0 WHERE id = $1", params, 1,
			     NULL, NULL);
	if (err == CARD_OK)
		err = flow_store_run(store,
				     "UPDATE operator_session SET ended = seen WHERE operator = $1"
				     " AND ended = 0",
				     params, 1, NULL, NULL);
	if (err == CARD_OK)
		err = flow_store_run(
			store,
			"INSERT INTO operator_session (operator, terminal, token,"
			" started, seen, strong, ended) VALUES ($1, $2, $3, $4, $4, $5, 0)",
			params, 5, NULL, NULL);
	return err;
}

enum card_error flow_login(flow_store_t *store, journal_t *j, const char *terminal, const char *id,
			   const card_secret_t *password, flow_factor_fn factor, void *factor_ctx,
			   int64_t now, char token[FLOW_SESSION_TOKEN + 1], enum flow_login *why)
{
	const struct proof proof = {password, factor, factor_ctx};
	enum card_error err = CARD_OK, journaled;
	char given[64];

	if (store == NULL || j == NULL || terminal == NULL || id == NULL || token == NULL ||
	    why == NULL || (password == NULL && factor == NULL))
		return CARD_ERR_INVALID_ARGUMENT;
	token[0] = '\0';
	*why = decide(store, terminal, id, &proof, now, &err);
	/* The identifier given is written down; a long number typed there by mistake is not. */
	snprintf(given, sizeof given, "%s", operator_id_valid(id) ? id : "(no identifier)");
	journaled = operator_note(store, j,
				  *why == FLOW_LOGIN_OK         ? "login"
				  : *why == FLOW_LOGIN_TERMINAL ? "terminal-refused"
								: "login-failed",
				  *why == FLOW_LOGIN_OK ? JOURNAL_OK : JOURNAL_REFUSED, given,
				  terminal, flow_login_code(*why));
	if (err != CARD_OK || journaled != CARD_OK)
		return err != CARD_OK ? err : journaled;
	if (*why != FLOW_LOGIN_OK)
		return CARD_ERR_DENIED;
	return open_session(store, terminal, id,
			    factor == NULL     ? "no"
			    : password != NULL ? "yes"
					       : "only",
			    now, token);
}

enum card_error flow_session_check(flow_store_t *store, const char *terminal, const char *token,
				   int64_t now, struct flow_operator *out, bool *strong,
				   enum flow_login *why)
{
	struct session s = {.found = false};
	char digest[65], time[24];
	const char *params[] = {digest, time};
	enum card_error err;

	if (store == NULL || terminal == NULL || out == NULL || why == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*why = FLOW_LOGIN_NO_SESSION;
	if (!flow_terminal_allowed(store, terminal)) {
		*why = FLOW_LOGIN_TERMINAL;
		return CARD_ERR_DENIED;
	}
	if (!digest_token(token, digest))
		return CARD_ERR_DENIED;
	err = flow_store_run(store,
			     "SELECT operator, terminal, started, seen, strong, ended FROM"
			     " operator_session WHERE token = $1",
			     params, 1, take, &s);
	if (err != CARD_OK)
		return err;
	if (!alive(&s, now) || strcmp(s.terminal, terminal) != 0)
		return CARD_ERR_DENIED;
	err = flow_operator_get(store, s.operator_id, out);
	if (err != CARD_OK)
		return err;
	*why = fit(store, out, s.by_password, card_date_in_japan(now));
	if (*why != FLOW_LOGIN_OK)
		return CARD_ERR_DENIED;
	if (strong != NULL)
		*strong = s.strong;
	snprintf(time, sizeof time, "%lld", (long long)now);
	return flow_store_run(store, "UPDATE operator_session SET seen = $2 WHERE token = $1",
			      params, 2, NULL, NULL);
}

enum card_error flow_logout(flow_store_t *store, journal_t *j, const char *token, int64_t now)
{
	struct session s = {.found = false};
	char digest[65], time[24];
	const char *params[] = {digest, time};
	enum card_error err;

	if (store == NULL || j == NULL || !digest_token(token, digest))
		return CARD_ERR_INVALID_ARGUMENT;
	snprintf(time, sizeof time, "%lld", (long long)now);
	err = flow_store_run(store,
			     "SELECT operator, terminal, started, seen, strong, ended FROM"
			     " operator_session WHERE token = $1 AND ended = 0",
			     params, 1, take, &s);
	if (err != CARD_OK || !s.found)
		return err != CARD_OK ? err : CARD_ERR_NOT_FOUND;
	err = operator_note(store, j, "logout", JOURNAL_OK, s.operator_id, s.terminal, "");
	if (err == CARD_OK)
		err = flow_store_run(store,
				     "UPDATE operator_session SET ended = $2 WHERE token = $1",
				     params, 2, NULL, NULL);
	return err;
}
