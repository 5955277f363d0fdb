/* SPDX-License-Identifier: Apache-2.0 */
/* card_register.c — tables, names and entries of the register of card states. */
#include "card_register_internal.h"

#include <card/cert.h>
#include <card/secret.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum card_error flow_cards_setup(flow_store_t *store)
{
	return flow_store_script(
		store,
		"CREATE TABLE IF NOT EXISTS card_entry (card TEXT PRIMARY KEY, subject TEXT NOT NULL,"
		" state TEXT NOT NULL CHECK (state IN ('active', 'suspended', 'abolished', 'collected',"
		" 'destroyed')), since TEXT NOT NULL, expiry TEXT NOT NULL, enrolled TEXT NOT NULL);"
		"CREATE INDEX IF NOT EXISTS card_entry_subject ON card_entry (subject);"
		"CREATE TABLE IF NOT EXISTS card_certificate (certificate TEXT PRIMARY KEY,"
		" card TEXT NOT NULL REFERENCES card_entry (card),"
		" use_name TEXT NOT NULL CHECK (use_name IN ('auth', 'sign')),"
		" state TEXT NOT NULL CHECK (state IN ('valid', 'on_hold', 'revoked', 'expired')),"
		" reason TEXT NOT NULL, since TEXT NOT NULL, not_after TEXT NOT NULL,"
		" UNIQUE (card, use_name));"
		/* An identity check opens one thing, once. */
		"CREATE TABLE IF NOT EXISTS card_proof (record TEXT PRIMARY KEY,"
		" card TEXT NOT NULL REFERENCES card_entry (card), txn TEXT NOT NULL);"
		/* What came of a transaction whose end the journal does not know. */
		"CREATE TABLE IF NOT EXISTS card_change (txn TEXT PRIMARY KEY,"
		" card TEXT NOT NULL REFERENCES card_entry (card), event TEXT NOT NULL,"
		" was TEXT NOT NULL, becomes TEXT NOT NULL, time TEXT NOT NULL);");
}

enum card_error flow_cards_open(flow_cards_t **out, flow_store_t *store,
				const uint8_t key[FLOW_CARDS_KEY])
{
	if (out == NULL || store == NULL || key == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*out = calloc(1, sizeof **out);
	if (*out == NULL)
		return CARD_ERR_NO_MEMORY;
	(*out)->store = store;
	memcpy((*out)->key, key, FLOW_CARDS_KEY);
	return CARD_OK;
}

void flow_cards_close(flow_cards_t **c)
{
	if (c == NULL || *c == NULL)
		return;
	card_wipe(*c, sizeof **c);
	free(*c);
	*c = NULL;
}

/* ---------------------------------------------------------------- names */

/* HMAC over what it is, a zero octet, and the thing. */
static enum card_error name(const uint8_t *key, const char *what, struct card_bytes thing,
			    uint8_t mac[32])
{
	card_buf_t text = {0};
	unsigned n = 32;
	enum card_error err = card_buf_append(&text, card_bytes(what, strlen(what) + 1));

	if (err == CARD_OK)
		err = card_buf_append(&text, thing);
	if (err == CARD_OK &&
	    HMAC(EVP_sha256(), key, FLOW_CARDS_KEY, text.p, text.n, mac, &n) == NULL)
		err = CARD_ERR_CRYPTO;
	if (text.p != NULL)
		card_wipe(text.p, text.n);
	card_buf_free(&text);
	return err;
}

static enum card_error name_text(const flow_cards_t *c, const char *what, struct card_bytes thing,
				 char out[FLOW_CARDS_ID + 1])
{
	uint8_t mac[32];
	const enum card_error err = name(c->key, what, thing, mac);

	for (size_t i = 0; err == CARD_OK && i < sizeof mac; i++)
		snprintf(out + 2 * i, 3, "%02x", mac[i]);
	return err;
}

enum card_error flow_cards_name_card(const flow_cards_t *c, const char *serial,
				     char out[FLOW_CARDS_ID + 1])
{
	if (c == NULL || serial == NULL || out == NULL || strlen(serial) != 15 ||
	    strspn(serial, "0123456789") != 15)
		return CARD_ERR_INVALID_ARGUMENT;
	return name_text(c, "card", card_bytes(serial, 15), out);
}

enum card_error flow_cards_name_certificate(const flow_cards_t *c, struct card_bytes der,
					    char out[FLOW_CARDS_ID + 1])
{
	if (c == NULL || der.n == 0 || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	return name_text(c, "certificate", der, out);
}

static bool subject_good(const char *subject)
{
	const char *id = subject == NULL                      ? NULL
			 : strncmp(subject, "atena:", 6) == 0 ? subject + 6
			 : strncmp(subject, "case:", 5) == 0  ? subject + 5
							      : NULL;

	return id != NULL && *id != '\0' && strlen(id) <= 40;
}

enum card_error flow_cards_name_subject(const flow_cards_t *c, const char *subject,
					char out[FLOW_CARDS_ID + 1])
{
	if (c == NULL || out == NULL || !subject_good(subject))
		return CARD_ERR_INVALID_ARGUMENT;
	return name_text(c, "subject", card_bytes(subject, strlen(subject)), out);
}

enum card_error flow_cards_proof(const uint8_t key[FLOW_CARDS_KEY], const char *txn,
				 const char *subject, char out[FLOW_CARDS_PROOF + 1])
{
	char text[128];
	uint8_t mac[32];
	enum card_error err;

	if (key == NULL || txn == NULL || out == NULL || strlen(txn) > 40 || !subject_good(subject))
		return CARD_ERR_INVALID_ARGUMENT;
	snprintf(text, sizeof text, "%s %s", txn, subject);
	err = name(key, "proof", card_bytes(text, strlen(text)), mac);
	/* Letters: a clear field of the journal holds no run of digits. */
	for (size_t i = 0; err == CARD_OK && i < FLOW_CARDS_PROOF; i++)
		out[i] = (char)('a' + ((mac[i / 2] >> (i % 2 == 0 ? 4 : 0)) & 15));
	out[FLOW_CARDS_PROOF] = '\0';
	card_wipe(text, sizeof text);
	return err;
}

const char *flow_cert_use_name(enum flow_cert_use u)
{
	return u == FLOW_CERT_AUTH ? "auth" : u == FLOW_CERT_SIGN ? "sign" : "";
}

/* ---------------------------------------------------------------- entries */

void cards_time(int64_t t, char out[26])
{
	out[0] = '\0';
	if (t != 0)
		card_time_format_japan(t, out);
}

static bool read_time(const char *text, int64_t *out)
{
	*out = 0;
	return text != NULL && (*text == '\0' || card_time_parse(text, out) == CARD_OK);
}

struct loading {
	struct cards_found *found;
	struct card_date today;
	int64_t now;
};

static bool take_certificate(struct flow_card_entry *e, const char *const *c)
{
	struct flow_card_cert *cert;

	if (c[5] == NULL) /* the join found none */
		return true;
	cert = &e->cert[strcmp(c[5], "sign") == 0 ? FLOW_CERT_SIGN : FLOW_CERT_AUTH];
	snprintf(cert->id, sizeof cert->id, "%s", c[6] != NULL ? c[6] : "");
	cert->reason =
		c[8] != NULL ? (enum card_crl_reason)strtol(c[8], NULL, 10) : CARD_CRL_NO_REASON;
	return flow_cert_state_find(c[7], &cert->state) && read_time(c[9], &cert->since) &&
	       read_time(c[10], &cert->not_after);
}

/* card, subject, state, since, expiry, use, certificate, state, reason, since, not_after */
static enum card_error take(void *ctx, const char *const *c, size_t n)
{
	const struct loading *l = ctx;
	struct cards_found *f = l->found;
	struct flow_card_entry *e;

	if (n != 11 || c[0] == NULL || c[1] == NULL || c[2] == NULL || c[4] == NULL)
		return CARD_ERR_MALFORMED;
	if (f->n == 0 || strcmp(f->entry[f->n - 1].id, c[0]) != 0) {
		if (f->n == CARDS_MAX)
			return CARD_ERR_TOO_LONG;
		e = &f->entry[f->n];
		memset(e, 0, sizeof *e);
		e->cert[0].state = e->cert[1].state = FLOW_CERT_NONE;
		e->cert[0].reason = e->cert[1].reason = CARD_CRL_NO_REASON;
		snprintf(e->id, sizeof e->id, "%s", c[0]);
		snprintf(e->subject, sizeof e->subject, "%s", c[1]);
		snprintf(f->stored[f->n++], sizeof f->stored[0], "%s", c[2]);
		if (!flow_card_state_find(c[2], &e->state) || !read_time(c[3], &e->since) ||
		    card_date_parse(card_bytes(c[4], strlen(c[4])), &e->expiry) != CARD_OK)
			return CARD_ERR_MALFORMED;
	}
	return take_certificate(&f->entry[f->n - 1], c) ? CARD_OK : CARD_ERR_MALFORMED;
}

/* What the calendar has done since the entry was written (R2-26). */
static void age(struct flow_card_entry *e, const struct loading *l)
{
	const bool in_use = e->state == FLOW_CARD_ACTIVE || e->state == FLOW_CARD_SUSPENDED;
	const bool past = in_use && card_date_compare(l->today, e->expiry) > 0;
	const int64_t end = card_date_start_in_japan(e->expiry) + 86400;

	for (int u = 0; u < FLOW_CERT_USES_; u++) {
		struct flow_card_cert *cert = &e->cert[u];
		struct flow_card_states s = {e->state, cert->state};
		const bool over = cert->not_after < l->now;

		if (past)
			flow_card_step(&s, FLOW_EVENT_CARD_EXPIRE, FLOW_BY_VISIT);
		else if (over)
			flow_card_step(&s, FLOW_EVENT_CERT_EXPIRE, FLOW_BY_VISIT);
		if (s.certificates == cert->state)
			continue;
		cert->state = s.certificates;
		cert->reason = CARD_CRL_NO_REASON;
		cert->since = over ? cert->not_after : end;
	}
	if (past) {
		e->state = FLOW_CARD_ABOLISHED;
		e->expired = true;
		e->since = end;
	}
}

enum card_error cards_find(flow_cards_t *c, enum cards_by by, const char *id, int64_t now,
			   struct cards_found *out)
{
#define FIELDS                                                                                      \
	"SELECT e.card, e.subject, e.state, e.since, e.expiry, c.use_name, c.certificate, c.state," \
	" c.reason, c.since, c.not_after FROM card_entry e LEFT JOIN card_certificate c"            \
	" ON c.card = e.card WHERE "
#define ORDER " ORDER BY e.enrolled, e.card, c.use_name"
	static const char *const sql[] = {
		FIELDS "e.card = $1" ORDER, FIELDS "e.subject = $1" ORDER,
		FIELDS
		"e.card = (SELECT x.card FROM card_certificate x WHERE x.certificate = $1)" ORDER};
	struct loading l = {out, card_date_in_japan(now), now};
	const char *params[] = {id};
	enum card_error err;

	if (c == NULL || id == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	out->n = 0;
	err = flow_store_run(c->store, sql[by], params, 1, take, &l);
	for (size_t i = 0; err == CARD_OK && i < out->n; i++)
		age(&out->entry[i], &l);
	return err;
}

static enum card_error only(flow_cards_t *c, enum cards_by by, const char *id, int64_t now,
			    struct flow_card_entry *out)
{
	struct cards_found *found = calloc(1, sizeof *found);
	enum card_error err =
		found != NULL ? cards_find(c, by, id, now, found) : CARD_ERR_NO_MEMORY;

	if (err == CARD_OK && found->n == 0)
		err = CARD_ERR_NOT_FOUND;
	if (err == CARD_OK)
		*out = found->entry[0];
	free(found);
	return err;
}

enum card_error flow_cards_get(flow_cards_t *c, const char *id, int64_t now,
			       struct flow_card_entry *out)
{
	return out != NULL ? only(c, CARDS_BY_ID, id, now, out) : CARD_ERR_INVALID_ARGUMENT;
}

enum card_error flow_cards_by_certificate(flow_cards_t *c, const char *id, int64_t now,
					  struct flow_card_entry *out, enum flow_cert_use *use)
{
	enum card_error err;

	if (out == NULL || use == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	err = only(c, CARDS_BY_CERTIFICATE, id, now, out);
	if (err == CARD_OK)
		*use = strcmp(out->cert[FLOW_CERT_SIGN].id, id) == 0 ? FLOW_CERT_SIGN
								     : FLOW_CERT_AUTH;
	return err;
}

/* ---------------------------------------------------------------- a new card */

static enum card_error put_certificate(flow_cards_t *c, const char *card, enum flow_cert_use use,
				       struct card_bytes der, int64_t now)
{
	char id[FLOW_CARDS_ID + 1], not_after[26], since[26];
	const char *params[] = {id, card, flow_cert_use_name(use), since, not_after};
	card_cert_t *cert = NULL;
	enum card_error err;

	if (der.n == 0)
		return CARD_OK;
	err = card_cert_new(&cert, der);
	if (err == CARD_OK)
		err = flow_cards_name_certificate(c, card_cert_der(cert), id);
	if (err == CARD_OK) {
		cards_time(card_cert_not_after(cert), not_after);
		cards_time(now, since);
		err = flow_store_run(c->store,
				     "INSERT INTO card_certificate (certificate, card, use_name,"
				     " state, reason, since, not_after) VALUES ($1, $2, $3,"
				     " 'valid', '255', $4, $5)",
				     params, 5, NULL, NULL);
	}
	card_cert_free(&cert);
	return err;
}

/* NULL, or why this card cannot come in. */
static const char *why_not(flow_cards_t *c, const struct flow_card_new *n, const char *card,
			   const char *subject, enum card_error *err)
{
	struct cards_found *found = calloc(1, sizeof *found);
	const char *why = NULL;

	*err = found != NULL ? cards_find(c, CARDS_BY_ID, card, n->now, found) : CARD_ERR_NO_MEMORY;
	if (*err == CARD_OK && found->n > 0)
		why = "card_there";
	if (*err == CARD_OK && why == NULL)
		*err = cards_find(c, CARDS_BY_SUBJECT, subject, n->now, found);
	for (size_t i = 0; *err == CARD_OK && why == NULL && i < found->n; i++) {
		if (found->entry[i].state < FLOW_CARD_ABOLISHED)
			why = "card_in_use";
	}
	free(found);
	return why;
}

static enum card_error insert(flow_cards_t *c, const struct flow_card_new *n, const char *card,
			      const char *subject, const char **code)
{
	char expiry[11], now[26];
	const char *params[] = {card, subject, now, expiry};
	enum card_error err;

	*code = why_not(c, n, card, subject, &err);
	if (err == CARD_OK && *code != NULL)
		err = CARD_ERR_DENIED;
	card_date_format(n->expiry, expiry);
	cards_time(n->now, now);
	if (err == CARD_OK)
		err = flow_store_run(c->store,
				     "INSERT INTO card_entry (card, subject, state, since, expiry,"
				     " enrolled) VALUES ($1, $2, 'active', $3, $4, $3)",
				     params, 4, NULL, NULL);
	for (int u = 0; err == CARD_OK && u < FLOW_CERT_USES_; u++)
		err = put_certificate(c, card, (enum flow_cert_use)u, n->cert[u], n->now);
	return err;
}

enum card_error flow_cards_enrol(flow_cards_t *c, const struct flow_card_new *n,
				 struct flow_card_entry *out, const char **code)
{
	char card[FLOW_CARDS_ID + 1], subject[FLOW_CARDS_ID + 1];
	enum card_error err;

	if (c == NULL || n == NULL || out == NULL || code == NULL || !card_date_valid(n->expiry))
		return CARD_ERR_INVALID_ARGUMENT;
	*code = NULL;
	err = flow_cards_name_card(c, n->serial, card);
	if (err == CARD_OK)
		err = flow_cards_name_subject(c, n->subject, subject);
	if (err == CARD_OK && card_date_compare(card_date_in_japan(n->now), n->expiry) > 0)
		err = CARD_ERR_EXPIRED;
	if (err == CARD_OK)
		err = flow_store_begin(c->store);
	if (err != CARD_OK)
		return err;
	err = insert(c, n, card, subject, code);
	if (err == CARD_OK)
		err = flow_store_commit(c->store);
	if (err != CARD_OK) {
		flow_store_rollback(c->store);
		return err;
	}
	return flow_cards_get(c, card, n->now, out);
}
