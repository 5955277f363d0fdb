/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves the centre's journal: every step, refusal, security event and deed of an operator is a record
 * of a chain, in the same commit; no number of a card, copy or person stands in it; what it does not
 * take has not happened (K02, K27, PD-34), and goes on when it is taken again; another program checks it
 * and sees what was changed or cut; several centres and connections on one PostgreSQL have chains of
 * their own.
 */
#include "center_store.h"

#include <cardflow/seal.h>
#include <sys/wait.h>

#include "pg_server.h"

static struct pg_server postgresql;

static int start_journal(void **state)
{
	case_prepare(&k, NULL);
	(void)state;
	assert_ok(journal_signing_make(k.folder, "checkpoint"));
	snprintf(k.config.checkpoint_key, sizeof k.config.checkpoint_key, "%s/checkpoint-key.pem",
		 k.folder);
	snprintf(k.config.checkpoint_copy, sizeof k.config.checkpoint_copy, "%s/copy.txt",
		 k.folder);
	k.config.checkpoint_seconds = 300;
	case_open(&k);
	person_make(&alice, 0x12345678);
	person_make(&bob, 0x1235);
	return 0;
}

/* ---- what stands in it ---- */

struct seen {
	const char *txn;
	size_t n;
	char what[4000]; /* "event/result/code/reason\n" of each */
};

static enum card_error see(void *ctx, const struct journal_entry *e)
{
	struct seen *s = ctx;
	const size_t used = strlen(s->what);

	s->n++;
	snprintf(s->what + used, sizeof s->what - used, "%s/%s/%s/%s/%s/%s\n", e->event, e->result,
		 e->code, e->reason, e->recipient, e->operator_id);
	return CARD_OK;
}

static enum card_error read_journal(void *ctx, flow_store_t *db)
{
	struct seen *s = ctx;
	const struct journal_filter f = {.txn = s->txn};

	return journal_read(db, &f, see, s);
}

static void look(struct seen *s, const char *txn)
{
	memset(s, 0, sizeof *s);
	s->txn = txn;
	assert_ok(flow_issue_store_read(k.c->store, read_journal, s));
}

static void has(const struct seen *s, const char *text)
{
	if (strstr(s->what, text) == NULL)
		fail_msg("not in the journal: %s\n%s", text, s->what);
}

static char *export_text(void)
{
	char path[128], *text = NULL;
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof path, "%s/export", k.folder);
	unlink(path);
	assert_int_equal(center_journal_export(k.c, path), 0);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_true(getdelim(&text, &n, '\0', f) > 0);
	fclose(f);
	return text;
}

/* Exit status of the verifier over the export, and what it says. */
static int verify(bool with_copy, char said[2000])
{
	char command[1000];
	FILE *f;
	size_t n;

	free(export_text());
	snprintf(command, sizeof command,
		 "LC_ALL=C %s --key %s/checkpoint.pub.pem %s%s%s %s/export 2>&1",
		 tree_path("build/bin/kazasu-journal-verify"), k.folder,
		 with_copy ? "--checkpoints " : "", with_copy ? k.folder : "",
		 with_copy ? "/copy.txt" : "", k.folder);
	f = popen(command, "re");
	assert_non_null(f);
	n = fread(said, 1, 1999, f);
	said[n] = '\0';
	return WEXITSTATUS(pclose(f));
}

/* One certificate to its end, one that is refused, intruders, an operator. */
static void a_day(struct kiosk *t)
{
	struct kiosk other;
	struct center_peer stranger = {ROLE_TERMINAL, "T-000123456789012"};
	struct center_reply reply = {0};

	kiosk_start(t, &k, "T1", &alice);
	t->copies = 2;
	kiosk_to(t, FLOW_ISSUE_PRINTING);
	kiosk_printed(t, "complete", 2);
	kiosk_say(t, "collected", json_pack("{s:b}", "taken", 1));
	kiosk_say(t, "closed", json_pack("{s:b}", "erased", 1));
	kiosk_is(t, "closed", "K40", "");
	kiosk_start(&other, &k, "T2", &bob);
	k.refusal = "not_available_here";
	kiosk_to(&other, FLOW_ISSUE_VERIFIED);
	kiosk_document(&other);
	kiosk_is(&other, "refused", "K20", "not_available_here");
	k.refusal = NULL;
	other.seq -= 1;
	kiosk_say(&other, "document", json_pack("{s:s}", "kind_pin", "other"));
	kiosk_refused(&other, 409, "CONFLICT");
	kiosk_free(&other);
	center_handle(k.c, &stranger, "GET", "/v1/service", NULL, card_bytes(NULL, 0), &reply);
	assert_int_equal(reply.status, 403);
	center_reply_free(&reply);
}

static void every_step_is_a_record_and_nothing_personal_is(void **state)
{
	static const char *const steps[] = {
		"kiosk-step/ok//K05 card fits: choosing > card_read/T1/",
		"> applied/T1/",
		"K13 valid: applied > verified/T1/",
		"K18 document: verified > delivered/T1/",
		"payment/ok//K24 ",
		"> paying, 600 yen/T1/",
		"> paid, 600 yen/T1/",
		"print/ok//K32 ",
		"print/ok//K34 ",
		"kiosk-step/ok//K40 "};
	struct kiosk t;
	struct seen s;
	char *all;

	(void)state;
	a_day(&t);
	look(&s, t.id);
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		has(&s, steps[i]);
	/* As many as rows: one is not without the other. */
	assert_int_equal(s.n,
			 case_count(&k, "SELECT COUNT(*) FROM issue_event WHERE id = $1", t.id));
	look(&s, NULL);
	has(&s, "kiosk-step/refused/not_available_here/K20 ");
	has(&s, "security-event/refused/CONFLICT/security/T2/");
	has(&s, "terminal-refused/refused/TERMINAL/security/withheld/");
	assert_int_equal(s.n, case_count(&k, "SELECT COUNT(*) FROM issue_event", NULL));
	all = export_text();
	assert_null(strstr(all, "12345678"));
	assert_null(strstr(all, t.inquiry));
	assert_null(strstr(all, t.copy[0]));
	assert_null(strstr(all, t.binding));
	assert_null(strstr(all, t.session));
	assert_null(strstr(all, "000123456789012"));
	free(all);
	kiosk_free(&t);
}

static void deeds_of_operators_name_them(void **state)
{
	const struct center_peer sato = {ROLE_OPERATOR, "sato"};
	static const char ask[] = "{\"action\":\"stop\",\"scope\":\"terminal\",\"value\":\"T9\","
				  "\"reason\":\"x\"}";
	struct center_reply reply = {0};
	struct seen s;

	(void)state;
	center_handle(k.c, &sato, "POST", "/v1/admin/ask", "", card_bytes(ask, strlen(ask)),
		      &reply);
	assert_int_equal(reply.status, 200);
	center_reply_free(&reply);
	look(&s, NULL);
	has(&s, "emergency-stop/ok/terminal/emergency-stop-asked//sato");
}

/* ---- clocks (K01, PD-35) ---- */

static bool session_with_clock(const char *started, long apart)
{
	struct kiosk t = {.k = &k, .terminal = "T1"};
	const json_t *clock;
	bool in_order;

	assert_ok(flow_issue_random_hex(16, t.session));
	kiosk_post(&t, "/v1/sessions",
		   json_pack("{s:s,s:s,s:s,s:[]}", "session", t.session, "started", started,
			     "program", "test", "open"));
	assert_int_equal(t.status, 200);
	clock = json_object_get(t.answer, "clock");
	assert_int_equal(json_integer_value(json_object_get(clock, "difference")), apart);
	in_order = json_is_true(json_object_get(clock, "in_order"));
	/* Told again it is no second event. */
	kiosk_repeat(&t);
	kiosk_free(&t);
	return in_order;
}

static void clocks_that_differ_are_events_and_the_terminal_is_told(void **state)
{
	struct kiosk t = {.k = &k, .terminal = "T1"};
	struct seen s;

	(void)state;
	assert_true(session_with_clock("2026-06-02T12:00:30+09:00", 30));
	assert_true(session_with_clock("2026-06-02T11:59:30+09:00", -30));
	look(&s, NULL);
	assert_null(strstr(s.what, "clock-differs"));
	assert_false(session_with_clock("2026-06-02T12:00:31+09:00", 31));
	assert_false(session_with_clock("2026-06-02T02:00:00Z", -3600));
	look(&s, NULL);
	has(&s, "clock-differs/ok/+31/clock-differs/T1/");
	has(&s, "clock-differs/ok/-3600/clock-differs/T1/");
	assert_int_equal(
		case_count(&k, "SELECT COUNT(*) FROM issue_event WHERE event = 'clock-differs'",
			   NULL),
		2);
	assert_ok(flow_issue_random_hex(16, t.session));
	kiosk_post(&t, "/v1/sessions",
		   json_pack("{s:s,s:s,s:s,s:[]}", "session", t.session, "started", "noon",
			     "program", "test", "open"));
	kiosk_refused(&t, 400, "MALFORMED");
	kiosk_free(&t);
}

/* The chain itself notes a record that is older than the one before it. */
static void a_clock_that_goes_back_is_an_event(void **state)
{
	struct kiosk t;
	struct seen s;

	(void)state;
	kiosk_start(&t, &k, "T1", &alice);
	kiosk_to(&t, FLOW_ISSUE_VERIFIED);
	k.now -= 1;
	kiosk_document(&t);
	look(&s, NULL);
	assert_null(strstr(s.what, "clock-step"));
	k.now -= 2;
	kiosk_confirm(&t);
	look(&s, NULL);
	has(&s, "clock-step/ok//back by 2 s/");
	kiosk_free(&t);
}

/* ---- fail closed ---- */

static enum card_error script(void *ctx, flow_store_t *db)
{
	return flow_store_script(db, ctx);
}

static void journal_refuses(bool yes)
{
	char stop[] = "CREATE TRIGGER no_room BEFORE INSERT ON journal"
		      " BEGIN SELECT RAISE(ABORT, 'no room'); END",
	     go[] = "DROP TRIGGER no_room";

	assert_ok(flow_issue_store_work(k.c->store, script, yes ? stop : go));
}

static void service_is(const char *service, const char *reason)
{
	const struct center_peer who = {ROLE_TERMINAL, "T1"};
	struct center_reply reply = {0};
	json_t *json;

	center_handle(k.c, &who, "GET", "/v1/service", NULL, card_bytes(NULL, 0), &reply);
	json = json_loadb((const char *)reply.body.p, reply.body.n, JSON_DISABLE_EOF_CHECK, NULL);
	assert_non_null(json);
	assert_string_equal(flow_issue_text(json, "service", 20), service);
	if (reason != NULL)
		assert_string_equal(flow_issue_text(json, "reason", 20), reason);
	json_decref(json);
	center_reply_free(&reply);
}

/* K02, K27, K33: nothing begins, nothing goes on, nothing is lost. */
static void what_cannot_be_recorded_does_not_happen(void **state)
{
	struct kiosk t, other;

	(void)state;
	kiosk_start(&t, &k, "T1", &alice);
	kiosk_to(&t, FLOW_ISSUE_PAID);
	kiosk_start(&other, &k, "T2", &bob);
	service_is("open", NULL);
	journal_refuses(true);
	kiosk_permit(&t);
	kiosk_refused(&t, 503, "JOURNAL");
	kiosk_open(&other);
	kiosk_refused(&other, 503, "JOURNAL");
	assert_int_equal(case_count(&k,
				    "SELECT COUNT(*) FROM issue_transaction WHERE terminal = 'T2'",
				    NULL),
			 0);
	assert_int_equal(case_count(&k,
				    "SELECT COUNT(*) FROM issue_transaction WHERE id = $1 AND"
				    " state = 'paid' AND permit = ''",
				    t.id),
			 1);
	service_is("closed", "journal");
	center_watch_journal(k.c);
	service_is("closed", "journal");
	journal_refuses(false);
	center_watch_journal(k.c);
	service_is("open", NULL);
	/* The very same bytes again. */
	kiosk_permit(&t);
	kiosk_is(&t, "printing", "K32", "");
	kiosk_printed(&t, "complete", 1);
	kiosk_is(&t, "printed", "K34", "");
	kiosk_free(&t);
	kiosk_free(&other);
}

/* ---- whole ---- */

static void another_program_finds_it_whole_and_sees_what_is_not(void **state)
{
	struct kiosk t;
	char said[2000],
		cut[] = "DROP TRIGGER journal_no_delete; DROP TRIGGER checkpoint_no_delete;"
			"DELETE FROM journal WHERE seq > (SELECT MAX(seq) - 3 FROM journal);"
			"DELETE FROM journal_checkpoint WHERE size >"
			" (SELECT MAX(seq) FROM journal)";
	long records;

	(void)state;
	a_day(&t);
	kiosk_free(&t);
	center_checkpoint(k.c, true);
	assert_int_equal(verify(true, said), 0);
	/* Not again before it is time. */
	k.now += 299;
	kiosk_start(&t, &k, "T1", &alice);
	t.kind = "koseki";
	kiosk_to(&t, FLOW_ISSUE_VERIFIED);
	center_checkpoint(k.c, false);
	assert_int_equal(case_count(&k, "SELECT COUNT(*) FROM journal_checkpoint", NULL), 1);
	k.now += 1;
	center_checkpoint(k.c, false);
	assert_int_equal(case_count(&k, "SELECT COUNT(*) FROM journal_checkpoint", NULL), 2);
	assert_int_equal(verify(true, said), 0);
	records = case_count(&k, "SELECT COUNT(*) FROM journal", NULL);
	/* The next process goes on where this one stood. */
	case_restart_center(&k);
	kiosk_session_reporting(&t, json_array());
	assert_true(case_count(&k, "SELECT COUNT(*) FROM journal WHERE terminal = 'center-1.1'",
			       NULL) > records);
	assert_int_equal(verify(true, said), 0);
	/* A cut end: only the copy tells. */
	kiosk_free(&t);
	center_checkpoint(k.c, true);
	assert_ok(flow_issue_store_work(k.c->store, script, cut));
	assert_int_equal(verify(false, said), 0);
	assert_int_equal(verify(true, said), 1);
}

static void a_break_is_recorded_at_the_next_start(void **state)
{
	char alter[] =
		"DROP TRIGGER journal_no_update;"
		"UPDATE journal SET body = replace(body, 'K09', 'K10') WHERE body LIKE '%K09%'";
	struct kiosk t;
	struct seen s;
	char said[2000];

	(void)state;
	kiosk_start(&t, &k, "T1", &alice);
	kiosk_to(&t, FLOW_ISSUE_VERIFIED);
	kiosk_free(&t);
	assert_int_equal(verify(false, said), 0);
	assert_ok(flow_issue_store_work(k.c->store, script, alter));
	assert_int_equal(verify(false, said), 1);
	case_restart_center(&k);
	look(&s, NULL);
	has(&s, "chain-break/failed/");
	kiosk_start(&t, &k, "T1", &bob);
	kiosk_to(&t, FLOW_ISSUE_DELIVERED);
	kiosk_free(&t);
}

static void wrong_keys_and_names_are_said_at_the_start(void **state)
{
	struct flow_problem p = {{0}, 0, {0}};
	struct center_config wrong = k.config;
	struct center *c = NULL;

	(void)state;
	snprintf(wrong.checkpoint_key, sizeof wrong.checkpoint_key, "%s/nowhere.pem", k.folder);
	assert_int_equal(center_open(&c, &wrong, &p), CARD_ERR_IO);
	assert_null(c);
	assert_non_null(strstr(p.text, "checkpoint key"));
}

/* ---- several writers ---- */

struct worker {
	pthread_t thread;
	struct kiosk kiosk;
	char terminal[3];
	bool good;
};

static void *visit(void *ctx)
{
	struct worker *w = ctx;

	for (int i = 0; i < 3; i++) {
		kiosk_open(&w->kiosk);
		w->good = strcmp(kiosk_text(&w->kiosk, "state"), "card_read") == 0;
		kiosk_say(&w->kiosk, "cancel", json_pack("{s:s}", "reason", "cancelled"));
		w->good = w->good && strcmp(kiosk_text(&w->kiosk, "state"), "cancelled") == 0;
	}
	return NULL;
}

static enum card_error broken_chains(void *ctx, flow_store_t *db)
{
	struct case_sum *s = ctx;

	return flow_store_run(db,
			      "SELECT COUNT(*) FROM (SELECT terminal, MAX(seq) - COUNT(*) AS gap"
			      " FROM journal GROUP BY terminal) c WHERE gap <> 0",
			      NULL, 0, case_add, s);
}

static void centres_on_one_postgresql_have_chains_of_their_own(void **state)
{
	char where[256], said[2000];
	struct center_case second = {0};
	struct worker w[8] = {0};
	struct case_sum gaps = {0};
	long records;

	(void)state;
	pg_server_start(&postgresql);
	pg_server_where(&postgresql, NULL, where);
	center_close(&k.c);
	snprintf(k.config.store, sizeof k.config.store, "%s", where);
	case_open(&k);
	/* A second process, which somebody gave the same name. */
	second = k;
	second.c = NULL;
	case_open(&second);
	for (size_t i = 0; i < 8; i++) {
		snprintf(w[i].terminal, sizeof w[i].terminal, "T%zu", i % 2 + 1);
		if (i < 2) {
			kiosk_start(&w[i].kiosk, &k, w[i].terminal, &alice);
		} else {
			w[i].kiosk = w[i % 2].kiosk;
			memset(&w[i].kiosk.sent, 0, sizeof w[i].kiosk.sent);
			w[i].kiosk.answer = NULL;
			w[i].kiosk.terminal = w[i].terminal;
		}
		w[i].kiosk.k = i < 4 ? &k : &second;
	}
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&w[i].thread, NULL, visit, &w[i]), 0);
	for (size_t i = 0; i < 8; i++) {
		pthread_join(w[i].thread, NULL);
		assert_true(w[i].good);
		kiosk_free(&w[i].kiosk);
	}
	records = case_count(&k, "SELECT COUNT(*) FROM journal", NULL);
	assert_int_equal(records, case_count(&k, "SELECT COUNT(*) FROM issue_event", NULL));
	assert_int_equal(records, 8 * 3 * 2);
	center_checkpoint(k.c, true);
	center_checkpoint(second.c, true);
	assert_int_equal(verify(true, said), 0);
	assert_ok(flow_issue_store_read(k.c->store, broken_chains, &gaps));
	assert_int_equal(gaps.value[0], 0);
	/* The server dies under them: the next unit opens its connection and its chain anew. */
	pg_server_crash(&postgresql);
	memset(&w[0], 0, sizeof w[0]);
	for (int i = 0; i < 20 && w[0].kiosk.status != 200; i++) {
		kiosk_free(&w[0].kiosk);
		w[0].kiosk = (struct kiosk){.k = &k,
					    .terminal = "T1",
					    .kind = "juminhyo",
					    .method = "new",
					    .copies = 1,
					    .person = &alice};
		assert_ok(flow_issue_random_hex(16, w[0].kiosk.session));
		kiosk_post(&w[0].kiosk, "/v1/sessions",
			   json_pack("{s:s,s:s,s:s,s:[]}", "session", w[0].kiosk.session, "started",
				     CASE_NOON, "program", "test", "open"));
	}
	assert_int_equal(w[0].kiosk.status, 200);
	visit(&w[0]);
	assert_true(w[0].good);
	kiosk_free(&w[0].kiosk);
	assert_int_equal(verify(true, said), 0);
	center_close(&second.c);
	pg_server_stop(&postgresql);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_step_is_a_record_and_nothing_personal_is,
						start_journal, stop),
		cmocka_unit_test_setup_teardown(deeds_of_operators_name_them, start_journal, stop),
		cmocka_unit_test_setup_teardown(
			clocks_that_differ_are_events_and_the_terminal_is_told, start_journal,
			stop),
		cmocka_unit_test_setup_teardown(a_clock_that_goes_back_is_an_event, start_journal,
						stop),
		cmocka_unit_test_setup_teardown(what_cannot_be_recorded_does_not_happen,
						start_journal, stop),
		cmocka_unit_test_setup_teardown(another_program_finds_it_whole_and_sees_what_is_not,
						start_journal, stop),
		cmocka_unit_test_setup_teardown(a_break_is_recorded_at_the_next_start,
						start_journal, stop),
		cmocka_unit_test_setup_teardown(wrong_keys_and_names_are_said_at_the_start,
						start_journal, stop),
		cmocka_unit_test_setup_teardown(centres_on_one_postgresql_have_chains_of_their_own,
						start_journal, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
