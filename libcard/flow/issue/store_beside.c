/* SPDX-License-Identifier: Apache-2.0 */
/* store_beside.c — documents, sessions, tags, mappings: what stands beside a transaction. */
#include "store_internal.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

enum card_error flow_issue_document_put(flow_store_t *db, const char *id, struct card_bytes sealed)
{
	char *text = sealed.n <= CARD_BUF_MAX ? malloc(sealed.n / 3 * 4 + 5) : NULL;
	const char *const params[] = {id, text};
	enum card_error err;

	if (text == NULL)
		return CARD_ERR_NO_MEMORY;
	EVP_EncodeBlock((uint8_t *)text, sealed.p, (int)sealed.n);
	err = flow_store_run(
		db,
		"INSERT INTO issue_document (id, sealed) VALUES ($1,$2) ON CONFLICT (id)"
		" DO UPDATE SET sealed = excluded.sealed",
		params, 2, NULL, NULL);
	free(text);
	return err;
}

struct document {
	card_buf_t *out;
	bool found;
};

static enum card_error take_document(void *ctx, const char *const *column, size_t n)
{
	struct document *d = ctx;
	const size_t length = strlen(column[0]);
	enum card_error err = card_buf_reserve(d->out, length / 4 * 3 + 3);
	int decoded;

	(void)n;
	d->found = true;
	if (err != CARD_OK)
		return err;
	decoded = EVP_DecodeBlock(d->out->p + d->out->n, (const uint8_t *)column[0], (int)length);
	if (decoded < 0)
		return CARD_ERR_MALFORMED;
	for (size_t i = length; i > 0 && column[0][i - 1] == '='; i--)
		decoded--;
	d->out->n += (size_t)decoded;
	return CARD_OK;
}

enum card_error flow_issue_document_get(flow_store_t *db, const char *id, card_buf_t *out)
{
	struct document d = {out, false};
	const enum card_error err = flow_store_run(
		db, "SELECT sealed FROM issue_document WHERE id = $1", &id, 1, take_document, &d);

	return err == CARD_OK && !d.found ? CARD_ERR_NOT_FOUND : err;
}

enum card_error flow_issue_document_erase(flow_store_t *db, const char *id)
{
	return flow_store_run(db, "DELETE FROM issue_document WHERE id = $1", &id, 1, NULL, NULL);
}

enum card_error flow_issue_session_set(flow_store_t *db, const char *terminal, const char *session,
				       int64_t now)
{
	struct number n;
	const char *const params[] = {terminal, session, number_text(&n, now)};

	return flow_store_run(
		db,
		"INSERT INTO issue_session (terminal, session, started) VALUES ($1,$2,$3)"
		" ON CONFLICT (terminal) DO UPDATE SET session = excluded.session,"
		" started = excluded.started",
		params, 3, NULL, NULL);
}

static enum card_error one(flow_store_t *db, const char *sql, const char *const *params, size_t n,
			   char *out, size_t cap)
{
	struct one_text t = {out, cap, false};
	const enum card_error err = flow_store_run(db, sql, params, n, one_text_row, &t);

	if (!t.found)
		out[0] = '\0';
	return err == CARD_OK && !t.found ? CARD_ERR_NOT_FOUND : err;
}

enum card_error flow_issue_session_get(flow_store_t *db, const char *terminal, char session[33])
{
	return one(db, "SELECT session FROM issue_session WHERE terminal = $1", &terminal, 1,
		   session, 33);
}

enum card_error flow_issue_recent_claim(flow_store_t *db, const char *tag, const char *id,
					int64_t now, int64_t until, char other[33])
{
	struct number n[2];
	const char *const params[] = {tag, id, number_text(&n[0], until), number_text(&n[1], now)};
	enum card_error err =
		flow_store_run(db, "DELETE FROM issue_recent WHERE tag = $1 AND until <= $2",
			       (const char *const[]){tag, params[3]}, 2, NULL, NULL);

	other[0] = '\0';
	if (err == CARD_OK)
		err = flow_store_run(db,
				     "INSERT INTO issue_recent (tag, id, until) VALUES ($1,$2,$3)"
				     " ON CONFLICT (tag) DO NOTHING",
				     params, 3, NULL, NULL);
	if (err != CARD_OK || flow_store_changes(db) == 1)
		return err;
	err = one(db, "SELECT id FROM issue_recent WHERE tag = $1", &tag, 1, other, 33);
	if (err == CARD_OK && strcmp(other, id) == 0)
		other[0] = '\0';
	return err == CARD_ERR_NOT_FOUND ? CARD_ERR_TIMEOUT : err;
}

enum card_error flow_issue_recent_release(flow_store_t *db, const char *tag, const char *id)
{
	const char *const params[] = {tag, id};

	return flow_store_run(db, "DELETE FROM issue_recent WHERE tag = $1 AND id = $2", params, 2,
			      NULL, NULL);
}

enum card_error flow_issue_day_key(flow_store_t *db, const char *day, const char *fresh,
				   char out[121])
{
	const char *const params[] = {day, fresh};
	enum card_error err;

	if (fresh == NULL)
		return one(db, "SELECT wrapped FROM issue_day_key WHERE day = $1", &day, 1, out,
			   121);
	err = flow_store_run(db, "DELETE FROM issue_day_key WHERE day < $1", &day, 1, NULL, NULL);

	if (err == CARD_OK)
		err = flow_store_run(db,
				     "INSERT INTO issue_day_key (day, wrapped) VALUES ($1,$2)"
				     " ON CONFLICT (day) DO NOTHING",
				     params, 2, NULL, NULL);
	return err != CARD_OK ? err
			      : one(db, "SELECT wrapped FROM issue_day_key WHERE day = $1", &day, 1,
				    out, 121);
}

enum card_error flow_issue_surplus_add(flow_store_t *db, const char *refund, const char *id,
				       const char *payment, long amount, int64_t now, char is[33])
{
	struct number n[2];
	const char *const params[] = {refund, id, payment, number_text(&n[0], amount),
				      number_text(&n[1], now)};
	const enum card_error err = one(
		db,
		"SELECT refund FROM issue_refund WHERE id = $1 AND payment = $2 AND kind = 'surplus'"
		" AND amount = $3",
		(const char *const[]){id, payment, params[3]}, 3, is, 33);

	if (err != CARD_ERR_NOT_FOUND)
		return err;
	take_text(is, 33, refund);
	return flow_store_run(db,
			      "INSERT INTO issue_refund (refund, id, payment, kind, amount, state,"
			      " created, changed) VALUES ($1,$2,$3,'surplus',$4,'effective',$5,$5)",
			      params, 5, NULL, NULL);
}

enum card_error flow_issue_refund_pay(flow_store_t *db, const char *refund, const char *id,
				      const char *means, int64_t now)
{
	struct number n;
	char state[17];
	const char *const params[] = {refund, id, means, number_text(&n, now)};
	enum card_error err = flow_store_run(db,
					     "UPDATE issue_refund SET state = 'paid', means = $3,"
					     " changed = $4 WHERE refund = $1 AND id = $2"
					     " AND state = 'effective'",
					     params, 4, NULL, NULL);

	if (err != CARD_OK || flow_store_changes(db) == 1)
		return err;
	err = one(db, "SELECT state FROM issue_refund WHERE refund = $1 AND id = $2", params, 2,
		  state, sizeof state);
	return err == CARD_OK ? CARD_ERR_BAD_STATE : err;
}

enum card_error flow_issue_outbox_add(flow_store_t *db, const char *id, const char *municipality,
				      const char *body, int64_t now)
{
	struct number n[2];
	int64_t number;
	const char *params[] = {NULL, id, municipality, body, number_text(&n[1], now)};

	if (RAND_bytes((uint8_t *)&number, sizeof number) != 1)
		return CARD_ERR_CRYPTO;
	params[0] = number_text(&n[0], number & INT64_MAX);
	return flow_store_run(db,
			      "INSERT INTO issue_outbox (number, id, municipality, body, due)"
			      " VALUES ($1,$2,$3,$4,$5)",
			      params, 5, NULL, NULL);
}

enum card_error flow_issue_outbox_done(flow_store_t *db, long number)
{
	struct number n;
	const char *const params[] = {number_text(&n, number)};

	return flow_store_run(db, "DELETE FROM issue_outbox WHERE number = $1", params, 1, NULL,
			      NULL);
}

enum card_error flow_issue_outbox_later(flow_store_t *db, long number, int64_t at)
{
	struct number n[2];
	const char *const params[] = {number_text(&n[0], number), number_text(&n[1], at)};

	return flow_store_run(db, "UPDATE issue_outbox SET due = $2 WHERE number = $1", params, 2,
			      NULL, NULL);
}

enum card_error flow_issue_user_id_put(flow_store_t *db, const char *municipality, const char *key,
				       const char *user_id)
{
	const char *const params[] = {municipality, key, user_id};

	return flow_store_run(
		db,
		"INSERT INTO issue_user_id (municipality, key, user_id) VALUES ($1,$2,$3)"
		" ON CONFLICT (municipality, key) DO UPDATE SET user_id = excluded.user_id",
		params, 3, NULL, NULL);
}

enum card_error flow_issue_user_id_get(flow_store_t *db, const char *municipality, const char *key,
				       char user_id[65])
{
	const char *const params[] = {municipality, key};

	return one(db, "SELECT user_id FROM issue_user_id WHERE municipality = $1 AND key = $2",
		   params, 2, user_id, 65);
}

enum card_error flow_issue_user_id_remove(flow_store_t *db, const char *municipality,
					  const char *key)
{
	const char *const params[] = {municipality, key};

	return key != NULL ? flow_store_run(db,
					    "DELETE FROM issue_user_id WHERE municipality = $1"
					    " AND key = $2",
					    params, 2, NULL, NULL)
			   : flow_store_run(db, "DELETE FROM issue_user_id WHERE municipality = $1",
					    params, 1, NULL, NULL);
}

enum card_error flow_issue_card_put(flow_store_t *db, const char *key, const char *state,
				    int64_t now)
{
	struct number n;
	const char *const params[] = {key, state, number_text(&n, now)};

	if (strcmp(state, "active") == 0)
		return flow_store_run(db, "DELETE FROM issue_card WHERE key = $1", &key, 1, NULL,
				      NULL);
	return flow_store_run(
		db,
		"INSERT INTO issue_card (key, state, since) VALUES ($1,$2,$3) ON CONFLICT"
		" (key) DO UPDATE SET state = excluded.state, since = excluded.since",
		params, 3, NULL, NULL);
}

enum card_error flow_issue_card_get(flow_store_t *db, const char *key, char state[17])
{
	return one(db, "SELECT state FROM issue_card WHERE key = $1", &key, 1, state, 17);
}
