/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves the register of card states, on SQLite and on a PostgreSQL server that this program starts:
 * what it tells and to whom, that a step is whole or not at all, that dates end states by themselves,
 * and that an identity check is used once.
 */
#include "pg_server.h"
#include "test.h"
#include "tree.h"

#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>

#include <cardflow/card_register.h>

#define NOW      1775001600 /* 2026-04-01 09:00 in Japan */
#define DAY      86400LL
#define SERIAL_A "400000012719843"
#define SERIAL_B "400000099990025"

static const uint8_t key[FLOW_CARDS_KEY] = "a key of thirty-two octets, so..";
static char folder[64];
static flow_store_t *store;
static flow_cards_t *cards;
static card_buf_t auth, sign, other;
static unsigned txn;

static void load(card_buf_t *out, const char *name)
{
	FILE *f = fopen(tree_path(name), "re");
	X509 *cert = f != NULL ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
	uint8_t *der = NULL;
	const int n = i2d_X509(cert, &der);

	assert_true(n > 0);
	assert_ok(card_buf_append(out, card_bytes(der, (size_t)n)));
	OPENSSL_free(der);
	X509_free(cert);
	fclose(f);
}

static void begin(void **state, struct pg_server *server)
{
	char where[256];

	(void)state;
	tree_scratch(folder);
	snprintf(where, sizeof where, "%s/cards.db", folder);
	if (server != NULL)
		pg_server_where(server, NULL, where);
	assert_ok(flow_store_open(&store, where, FLOW_STORE_CREATE, NULL));
	if (server != NULL)
		assert_ok(flow_store_script(store,
					    "DROP SCHEMA public CASCADE;CREATE SCHEMA public"));
	assert_ok(flow_cards_setup(store));
	assert_ok(flow_cards_setup(store)); /* again: nothing */
	assert_ok(flow_cards_open(&cards, store, key));
	load(&auth, "build/fixtures/certs/test-person-auth.pem");
	load(&sign, "build/fixtures/certs/test-person-sign.pem");
	load(&other, "build/fixtures/certs/long-names-auth.pem");
}

static void end(void **state)
{
	(void)state;
	card_buf_free(&auth);
	card_buf_free(&sign);
	card_buf_free(&other);
	flow_cards_close(&cards);
	assert_null(cards);
	flow_store_close(&store);
	tree_scratch_remove(folder);
}

#include "both_stores.h"

static struct flow_card_entry enrol(const char *serial, const char *subject, const card_buf_t *a,
				    const card_buf_t *s, enum card_error want, const char *reason)
{
	const struct flow_card_new n = {
		.serial = serial,
		.subject = subject,
		.expiry = {2035, 2, 17},
		.now = NOW,
		.cert = {card_buf_bytes(a), s != NULL ? card_buf_bytes(s) : card_bytes(NULL, 0)}};
	struct flow_card_entry e = {.id = ""};
	const char *code = "x";

	assert_int_equal(flow_cards_enrol(cards, &n, &e, &code), want);
	if (reason != NULL)
		assert_string_equal(code, reason);
	else
		assert_null(code);
	return e;
}

static struct flow_card_entry a_card(void)
{
	return enrol(SERIAL_A, "atena:A1", &auth, &sign, CARD_OK, NULL);
}

static struct flow_card_step step_of(const struct flow_card_entry *e, enum flow_card_event event)
{
	static char id[33];

	snprintf(id, sizeof id, "%032x", ++txn);
	return (struct flow_card_step){.card = e->id,
				       .event = event,
				       .uses = FLOW_USE_BOTH,
				       .reason = CARD_CRL_CESSATION,
				       .txn = id,
				       .now = NOW + 60};
}

static struct flow_card_entry go(const struct flow_card_entry *e, enum flow_card_event event,
				 const char *refusal)
{
	const struct flow_card_step s = step_of(e, event);
	struct flow_card_entry is;
	const char *code = "x";
	bool changed = false;
	const enum card_error err = flow_cards_do(cards, &s, &is, &changed, &code);

	if (refusal == NULL) {
		assert_ok(err);
		assert_null(code);
	} else {
		assert_int_equal(err, CARD_ERR_BAD_STATE);
		assert_string_equal(code, refusal);
		assert_false(changed);
	}
	return is;
}

static void assert_states(enum flow_card_state card, enum flow_cert_state a, enum flow_cert_state s)
{
	struct flow_card_entry e;
	char id[FLOW_CARDS_ID + 1];

	assert_ok(flow_cards_name_card(cards, SERIAL_A, id));
	assert_ok(flow_cards_get(cards, id, NOW + 120, &e));
	assert_string_equal(flow_card_state_name(e.state), flow_card_state_name(card));
	assert_string_equal(flow_cert_state_name(e.cert[FLOW_CERT_AUTH].state),
			    flow_cert_state_name(a));
	assert_string_equal(flow_cert_state_name(e.cert[FLOW_CERT_SIGN].state),
			    flow_cert_state_name(s));
}

static void the_whole_way_of_a_card(void **state)
{
	struct flow_card_entry e = a_card(), is;

	(void)state;
	assert_states(FLOW_CARD_ACTIVE, FLOW_CERT_VALID, FLOW_CERT_VALID);
	is = go(&e, FLOW_EVENT_SUSPEND, NULL);
	assert_int_equal(is.cert[FLOW_CERT_AUTH].reason, CARD_CRL_HOLD);
	assert_int_equal(is.cert[FLOW_CERT_AUTH].since, NOW + 60);
	assert_states(FLOW_CARD_SUSPENDED, FLOW_CERT_ON_HOLD, FLOW_CERT_ON_HOLD);
	go(&e, FLOW_EVENT_SUSPEND, "card_already_suspended");
	go(&e, FLOW_EVENT_CERT_RELEASE, "card_still_suspended");
	go(&e, FLOW_EVENT_RELEASE, NULL);
	assert_states(FLOW_CARD_ACTIVE, FLOW_CERT_ON_HOLD, FLOW_CERT_ON_HOLD);
	is = go(&e, FLOW_EVENT_CERT_RELEASE, NULL);
	assert_int_equal(is.cert[FLOW_CERT_AUTH].reason, CARD_CRL_NO_REASON);
	assert_states(FLOW_CARD_ACTIVE, FLOW_CERT_VALID, FLOW_CERT_VALID);
	is = go(&e, FLOW_EVENT_ABOLISH, NULL);
	assert_int_equal(is.cert[FLOW_CERT_SIGN].reason, CARD_CRL_CESSATION);
	assert_states(FLOW_CARD_ABOLISHED, FLOW_CERT_REVOKED, FLOW_CERT_REVOKED);
	go(&e, FLOW_EVENT_COLLECT, NULL);
	go(&e, FLOW_EVENT_DESTROY, NULL);
	assert_states(FLOW_CARD_DESTROYED, FLOW_CERT_REVOKED, FLOW_CERT_REVOKED);
	go(&e, FLOW_EVENT_DESTROY, "card_destroyed");
}

static void one_certificate_alone(void **state)
{
	const struct flow_card_entry e = a_card();
	struct flow_card_step s = step_of(&e, FLOW_EVENT_CERT_HOLD);
	struct flow_card_entry is;
	const char *code;
	bool changed;

	(void)state;
	s.uses = FLOW_USE_SIGN;
	assert_ok(flow_cards_do(cards, &s, &is, &changed, &code));
	assert_states(FLOW_CARD_ACTIVE, FLOW_CERT_VALID, FLOW_CERT_ON_HOLD);
	/* Both: the one that may. */
	go(&e, FLOW_EVENT_CERT_HOLD, NULL);
	assert_states(FLOW_CARD_ACTIVE, FLOW_CERT_ON_HOLD, FLOW_CERT_ON_HOLD);
	go(&e, FLOW_EVENT_CERT_HOLD, "certificate_already_on_hold");
	s = step_of(&e, FLOW_EVENT_CERT_REVOKE);
	s.uses = FLOW_USE_SIGN;
	s.reason = CARD_CRL_AFFILIATION_CHANGED;
	assert_ok(flow_cards_do(cards, &s, &is, &changed, &code));
	assert_int_equal(is.cert[FLOW_CERT_SIGN].reason, CARD_CRL_AFFILIATION_CHANGED);
	assert_states(FLOW_CARD_ACTIVE, FLOW_CERT_ON_HOLD, FLOW_CERT_REVOKED);
}

/* A child's card has no certificate for signatures (R2-02). */
static void a_card_without_a_second_certificate(void **state)
{
	const struct flow_card_entry e = enrol(SERIAL_A, "atena:A1", &auth, NULL, CARD_OK, NULL);
	struct flow_card_step s = step_of(&e, FLOW_EVENT_CERT_HOLD);
	struct flow_card_entry is;
	const char *code;
	bool changed;

	(void)state;
	s.uses = FLOW_USE_SIGN;
	assert_int_equal(flow_cards_do(cards, &s, &is, &changed, &code), CARD_ERR_BAD_STATE);
	assert_string_equal(code, "certificate_absent");
	go(&e, FLOW_EVENT_SUSPEND, NULL);
	assert_states(FLOW_CARD_SUSPENDED, FLOW_CERT_ON_HOLD, FLOW_CERT_NONE);
}

static void what_is_abolished_already_is_no_change(void **state)
{
	const struct flow_card_entry e = a_card();
	struct flow_card_step s;
	struct flow_card_entry is;
	const char *code;
	bool changed = true;

	(void)state;
	go(&e, FLOW_EVENT_ABOLISH, NULL);
	s = step_of(&e, FLOW_EVENT_ABOLISH);
	s.record = "T1-7";
	assert_ok(flow_cards_do(cards, &s, &is, &changed, &code));
	assert_false(changed);
	assert_false(flow_cards_record_used(cards, "T1-7"));
}

static void dates_end_states_by_themselves(void **state)
{
	const struct flow_card_entry e = a_card();
	const int64_t last = card_date_start_in_japan((struct card_date){2035, 2, 17});
	struct flow_card_entry is;
	struct flow_card_step s;
	const char *code;
	bool changed;

	(void)state;
	go(&e, FLOW_EVENT_SUSPEND, NULL);
	/* The certificates end five years earlier. */
	assert_ok(flow_cards_get(cards, e.id, last, &is));
	assert_int_equal(is.state, FLOW_CARD_SUSPENDED);
	assert_int_equal(is.cert[FLOW_CERT_AUTH].state, FLOW_CERT_EXPIRED);
	assert_int_equal(is.cert[FLOW_CERT_AUTH].reason, CARD_CRL_NO_REASON);
	assert_int_equal(is.cert[FLOW_CERT_AUTH].since, is.cert[FLOW_CERT_AUTH].not_after);
	/* PD-07: the last day counts to its end. */
	assert_ok(flow_cards_get(cards, e.id, last + DAY - 1, &is));
	assert_false(is.expired);
	assert_ok(flow_cards_get(cards, e.id, last + DAY, &is));
	assert_true(is.expired && is.state == FLOW_CARD_ABOLISHED && is.since == last + DAY);
	/* R2-26: abolishing it is no change; it can be collected. */
	s = step_of(&e, FLOW_EVENT_ABOLISH);
	s.now = last + 2 * DAY;
	assert_ok(flow_cards_do(cards, &s, &is, &changed, &code));
	assert_false(changed);
	s = step_of(&e, FLOW_EVENT_RELEASE);
	s.now = last + 2 * DAY;
	assert_int_equal(flow_cards_do(cards, &s, &is, &changed, &code), CARD_ERR_BAD_STATE);
	assert_string_equal(code, "card_abolished");
	s = step_of(&e, FLOW_EVENT_COLLECT);
	s.now = last + 2 * DAY;
	assert_ok(flow_cards_do(cards, &s, &is, &changed, &code));
	assert_true(changed && is.state == FLOW_CARD_COLLECTED && !is.expired);
}

static void a_second_card_comes_after_the_first_is_abolished(void **state)
{
	struct flow_card_entry e = a_card(), found;

	(void)state;
	enrol(SERIAL_A, "atena:A2", &other, NULL, CARD_ERR_DENIED, "card_there");
	enrol(SERIAL_B, "atena:A1", &other, NULL, CARD_ERR_DENIED, "card_in_use");
	enrol(SERIAL_B, "atena:A2", &auth, NULL, CARD_ERR_DENIED,
	      NULL); /* the certificate is another card's */
	go(&e, FLOW_EVENT_SUSPEND, NULL);
	enrol(SERIAL_B, "atena:A1", &other, NULL, CARD_ERR_DENIED, "card_in_use");
	go(&e, FLOW_EVENT_ABOLISH, NULL);
	enrol(SERIAL_B, "atena:A1", &other, NULL, CARD_OK, NULL);
	/* A step finds the card it may be about. */
	assert_ok(flow_cards_of(cards, "atena:A1", FLOW_EVENT_SUSPEND, FLOW_BY_VISIT, 0, NOW,
				&found));
	assert_string_not_equal(found.id, e.id);
	assert_ok(flow_cards_of(cards, "atena:A1", FLOW_EVENT_ABOLISH, FLOW_BY_VISIT, 0, NOW,
				&found));
	assert_string_not_equal(found.id, e.id);
	assert_ok(flow_cards_of(cards, "atena:A1", FLOW_EVENT_COLLECT, FLOW_BY_VISIT, 0, NOW,
				&found));
	assert_string_equal(found.id, e.id);
	assert_int_equal(
		flow_cards_of(cards, "atena:A3", FLOW_EVENT_SUSPEND, FLOW_BY_VISIT, 0, NOW, &found),
		CARD_ERR_NOT_FOUND);
}

static void a_certificate_leads_to_its_card(void **state)
{
	const struct flow_card_entry e = a_card();
	struct flow_card_entry found;
	enum flow_cert_use use;
	char id[FLOW_CARDS_ID + 1];

	(void)state;
	assert_ok(flow_cards_name_certificate(cards, card_buf_bytes(&sign), id));
	assert_ok(flow_cards_by_certificate(cards, id, NOW, &found, &use));
	assert_string_equal(found.id, e.id);
	assert_int_equal(use, FLOW_CERT_SIGN);
	assert_ok(flow_cards_name_certificate(cards, card_buf_bytes(&other), id));
	assert_int_equal(flow_cards_by_certificate(cards, id, NOW, &found, &use),
			 CARD_ERR_NOT_FOUND);
	assert_string_equal(flow_cert_use_name(FLOW_CERT_AUTH), "auth");
	assert_string_equal(flow_cert_use_name(FLOW_CERT_USES_), "");
}

static void an_identity_check_is_used_once(void **state)
{
	const struct flow_card_entry e = a_card();
	struct flow_card_step s;
	struct flow_card_entry is;
	const char *code;
	bool changed;

	(void)state;
	go(&e, FLOW_EVENT_SUSPEND, NULL);
	s = step_of(&e, FLOW_EVENT_RELEASE);
	s.record = "T1-17";
	assert_ok(flow_cards_do(cards, &s, &is, &changed, &code));
	assert_true(flow_cards_record_used(cards, "T1-17"));
	s = step_of(&e, FLOW_EVENT_CERT_RELEASE);
	s.record = "T1-17";
	assert_int_equal(flow_cards_do(cards, &s, &is, &changed, &code), CARD_ERR_DENIED);
	assert_string_equal(code, "record_used");
	assert_states(FLOW_CARD_ACTIVE, FLOW_CERT_ON_HOLD, FLOW_CERT_ON_HOLD);
	s.record = "T1-18";
	assert_ok(flow_cards_do(cards, &s, &is, &changed, &code));
}

/* The same transaction cannot be told twice; what failed at its end has left nothing. */
static void a_step_is_whole_or_not_at_all(void **state)
{
	const struct flow_card_entry e = a_card();
	struct flow_card_step s = step_of(&e, FLOW_EVENT_SUSPEND), again;
	struct flow_card_entry is;
	const char *code;
	bool changed;

	(void)state;
	assert_ok(flow_cards_do(cards, &s, &is, &changed, &code));
	again = s;
	again.event = FLOW_EVENT_RELEASE;
	again.record = "T1-20";
	assert_int_equal(flow_cards_do(cards, &again, &is, &changed, &code), CARD_ERR_DENIED);
	assert_null(code);
	assert_states(FLOW_CARD_SUSPENDED, FLOW_CERT_ON_HOLD, FLOW_CERT_ON_HOLD);
	assert_false(flow_cards_record_used(cards, "T1-20"));
	/* The store is as good as before. */
	again.txn = "other";
	assert_ok(flow_cards_do(cards, &again, &is, &changed, &code));
}

static enum card_error append(void *ctx, const char *const *column, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (column[i] != NULL &&
		    card_buf_append(ctx, card_bytes(column[i], strlen(column[i]))) != CARD_OK)
			return CARD_ERR_NO_MEMORY;
	}
	return CARD_OK;
}

static void another_key_finds_nothing_and_the_tables_tell_nobody(void **state)
{
	static const char *const tables[] = {
		"SELECT * FROM card_entry", "SELECT * FROM card_certificate",
		"SELECT * FROM card_proof", "SELECT * FROM card_change"};
	static const char *const names[] = {SERIAL_A,   "A1",       "atena",
					    "17001803", "23feedd8", "23FEEDD8"};
	uint8_t another[FLOW_CARDS_KEY];
	char mine[FLOW_CARDS_ID + 1], yours[FLOW_CARDS_ID + 1];
	flow_cards_t *thief = NULL;
	struct flow_card_entry e = a_card(), found;
	card_buf_t all = {0};

	(void)state;
	go(&e, FLOW_EVENT_SUSPEND, NULL);
	memcpy(another, key, sizeof another);
	another[31] ^= 1;
	assert_ok(flow_cards_open(&thief, store, another));
	assert_ok(flow_cards_name_subject(cards, "atena:A1", mine));
	assert_ok(flow_cards_name_subject(thief, "atena:A1", yours));
	assert_string_not_equal(mine, yours);
	assert_int_equal(
		flow_cards_of(thief, "atena:A1", FLOW_EVENT_RELEASE, FLOW_BY_VISIT, 0, NOW, &found),
		CARD_ERR_NOT_FOUND);
	flow_cards_close(&thief);
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		assert_ok(flow_store_run(store, tables[i], NULL, 0, append, &all));
	assert_ok(card_buf_append_byte(&all, 0));
	assert_non_null(strstr((const char *)all.p, "suspended"));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_null(strstr((const char *)all.p, names[i]));
	card_buf_free(&all);
}

/* "card" ‖ 0 ‖ x is no "car" ‖ … : what a name is of is part of it. */
static void names_of_different_things_differ(void **state)
{
	char card[FLOW_CARDS_ID + 1], cert[FLOW_CARDS_ID + 1];

	(void)state;
	assert_ok(flow_cards_name_card(cards, SERIAL_A, card));
	assert_ok(flow_cards_name_certificate(cards, card_bytes(SERIAL_A, 15), cert));
	assert_string_not_equal(card, cert);
	assert_int_equal(strspn(card, "0123456789abcdef"), FLOW_CARDS_ID);
}

static void a_proof_is_of_its_transaction_and_subject(void **state)
{
	char a[FLOW_CARDS_PROOF + 1], b[FLOW_CARDS_PROOF + 1];

	(void)state;
	assert_ok(flow_cards_proof(key, "0123456789abcdef0123456789abcdef", "atena:A1", a));
	assert_int_equal(strspn(a, "abcdefghijklmnop"), FLOW_CARDS_PROOF);
	assert_ok(flow_cards_proof(key, "0123456789abcdef0123456789abcdef", "atena:A1", b));
	assert_string_equal(a, b);
	assert_ok(flow_cards_proof(key, "0123456789abcdef0123456789abcdee", "atena:A1", b));
	assert_string_not_equal(a, b);
	assert_ok(flow_cards_proof(key, "0123456789abcdef0123456789abcdef", "atena:A2", b));
	assert_string_not_equal(a, b);
	assert_int_equal(flow_cards_proof(key, "x", "A1", b), CARD_ERR_INVALID_ARGUMENT);
	assert_int_equal(flow_cards_proof(NULL, "x", "atena:A1", b), CARD_ERR_INVALID_ARGUMENT);
}

static void what_cannot_be_is_refused(void **state)
{
	static const char *const serials[] = {NULL, "", "40000001271984", "4000000127198433",
					      "40000001271984x"};
	static const char *const subjects[] = {NULL,
					       "",
					       "A1",
					       "atena:",
					       "case:",
					       "person:A1",
					       "atena:12345678901234567890123456789012345678901"};
	const struct flow_card_entry e = a_card();
	struct flow_card_new n = {
		.serial = SERIAL_B, .subject = "atena:A2", .expiry = {2026, 3, 31}, .now = NOW};
	struct flow_card_step s = step_of(&e, FLOW_EVENT_ABOLISH);
	struct flow_card_entry is;
	const char *code;
	char id[FLOW_CARDS_ID + 1];
	bool changed;

	(void)state;
	for (size_t i = 0; i < sizeof serials / sizeof *serials; i++)
		assert_int_equal(flow_cards_name_card(cards, serials[i], id),
				 CARD_ERR_INVALID_ARGUMENT);
	for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++)
		assert_int_equal(flow_cards_name_subject(cards, subjects[i], id),
				 CARD_ERR_INVALID_ARGUMENT);
	assert_int_equal(flow_cards_name_certificate(cards, card_bytes(NULL, 0), id),
			 CARD_ERR_INVALID_ARGUMENT);
	assert_int_equal(flow_cards_enrol(cards, &n, &is, &code), CARD_ERR_EXPIRED); /* yesterday */
	n.expiry = (struct card_date){2026, 2, 30};
	assert_int_equal(flow_cards_enrol(cards, &n, &is, &code), CARD_ERR_INVALID_ARGUMENT);
	n.expiry = (struct card_date){2030, 1, 1};
	n.cert[FLOW_CERT_AUTH] = card_bytes("\x30\x03\x02\x01\x01", 5);
	assert_int_equal(flow_cards_enrol(cards, &n, &is, &code), CARD_ERR_MALFORMED);
	assert_ok(flow_cards_name_card(cards, SERIAL_B, id));
	assert_int_equal(flow_cards_get(cards, id, NOW, &is), CARD_ERR_NOT_FOUND);
	/* A hold is no reason to end for. */
	s.reason = CARD_CRL_HOLD;
	assert_int_equal(flow_cards_do(cards, &s, &is, &changed, &code), CARD_ERR_INVALID_ARGUMENT);
	s = step_of(&e, FLOW_EVENT_SUSPEND);
	s.card = id;
	assert_int_equal(flow_cards_do(cards, &s, &is, &changed, &code), CARD_ERR_NOT_FOUND);
	assert_int_equal(flow_cards_open(NULL, store, key), CARD_ERR_INVALID_ARGUMENT);
	assert_true(flow_cards_record_used(NULL, "T1-1"));
	assert_states(FLOW_CARD_ACTIVE, FLOW_CERT_VALID, FLOW_CERT_VALID);
}

/* The tables take no state that is none; one that came in all the same is no entry. */
static void a_damaged_table_is_not_believed(void **state)
{
	const struct flow_card_entry e = a_card();
	struct flow_card_entry is;

	(void)state;
	assert_int_equal(flow_store_script(store, "UPDATE card_entry SET state = 'lost'"),
			 CARD_ERR_DENIED);
	assert_int_equal(flow_store_script(store, "UPDATE card_certificate SET state = 'held'"),
			 CARD_ERR_DENIED);
	assert_ok(flow_store_script(store, "UPDATE card_entry SET expiry = '2035-02-31'"));
	assert_int_equal(flow_cards_get(cards, e.id, NOW, &is), CARD_ERR_MALFORMED);
	assert_ok(flow_store_script(store, "UPDATE card_entry SET expiry = '2035-02-17'"));
	assert_ok(flow_store_script(store, "UPDATE card_certificate SET since = 'yesterday'"));
	assert_int_equal(flow_cards_get(cards, e.id, NOW, &is), CARD_ERR_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(the_whole_way_of_a_card),
		BOTH(one_certificate_alone),
		BOTH(a_card_without_a_second_certificate),
		BOTH(what_is_abolished_already_is_no_change),
		BOTH(dates_end_states_by_themselves),
		BOTH(a_second_card_comes_after_the_first_is_abolished),
		BOTH(a_certificate_leads_to_its_card),
		BOTH(an_identity_check_is_used_once),
		BOTH(a_step_is_whole_or_not_at_all),
		BOTH(another_key_finds_nothing_and_the_tables_tell_nobody),
		BOTH(names_of_different_things_differ),
		BOTH(a_proof_is_of_its_transaction_and_subject),
		BOTH(what_cannot_be_is_refused),
		BOTH(a_damaged_table_is_not_believed),
	};

	return run_on_both(tests);
}
