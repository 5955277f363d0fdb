/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves money and paper in every way of K24 to K40, by messages: what was not printed is returned,
 * what was printed counts once; restarts, silence, lost answers and new processes of the centre change
 * nothing about that; nothing of a document is left after an end.
 */
#include "center_store.h"

/* K10, K23, K26, K27 */
static void before_payment_every_end_leaves_nothing(void **state)
{
	static const struct {
		enum flow_issue_state from;
		const char *reason, *state, *row;
	} ways[] = {{FLOW_ISSUE_CARD_READ, "card_pulled", "cancelled", "K10"},
		    {FLOW_ISSUE_CARD_READ, "locked", "refused", "K07"},
		    {FLOW_ISSUE_CARD_READ, "idle", "timed_out", "K27"},
		    {FLOW_ISSUE_VERIFIED, "cancelled", "cancelled", "K27"},
		    {FLOW_ISSUE_VERIFIED, "link", "timed_out", "K27"},
		    {FLOW_ISSUE_DELIVERED, "cancelled", "cancelled", "K27"},
		    {FLOW_ISSUE_DELIVERED, "forgotten_card", "timed_out", "K23"},
		    {FLOW_ISSUE_DELIVERED, "not_ready", "cancelled", "K26"},
		    {FLOW_ISSUE_DELIVERED, "journal", "cancelled", "K27"},
		    {FLOW_ISSUE_PAYING, "cancelled", "cancelled", "K27"}};
	struct kiosk t;

	(void)state;
	kiosk_start(&t, &k, "T1", &alice);
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		kiosk_to(&t, ways[i].from);
		kiosk_say(&t, "cancel", json_pack("{s:s}", "reason", ways[i].reason));
		assert_string_equal(kiosk_text(&t, "state"), ways[i].state);
		assert_string_equal(kiosk_text(&t, "row"), ways[i].row);
		assert_false(json_is_true(json_object_get(t.answer, "charged")));
		nothing_is_left(&t);
		assert_int_equal(valid(&t) + owed(&t), 0);
	}
	kiosk_to(&t, FLOW_ISSUE_PAID);
	kiosk_say(&t, "cancel", json_pack("{s:s}", "reason", "cancelled"));
	kiosk_refused(&t, 409, "BAD_STATE");
	kiosk_free(&t);
}

/* K23, K26 at the confirmation itself */
static void payment_opens_only_with_the_card_gone_and_the_printer_ready(void **state)
{
	struct kiosk t;
	json_t *printer;

	(void)state;
	k.now += 1000;
	kiosk_start(&t, &k, "T1", &alice);
	kiosk_to(&t, FLOW_ISSUE_DELIVERED);
	kiosk_say(&t, "confirm",
		  json_pack("{s:b,s:o,s:b,s:i}", "card_gone", 0, "printer", kiosk_printer(),
			    "journal", 1, "amount", 300));
	kiosk_is(&t, "delivered", "K23", "card_left");
	kiosk_say(&t, "confirm",
		  json_pack("{s:b,s:o,s:b,s:i}", "card_gone", 1, "printer", kiosk_printer(),
			    "journal", 1, "amount", 200));
	kiosk_refused(&t, 400, "MALFORMED");
	printer = kiosk_printer();
	json_object_set_new(printer, "sheets", json_integer(0));
	kiosk_say(&t, "confirm",
		  json_pack("{s:b,s:o,s:b,s:i}", "card_gone", 1, "printer", printer, "journal", 1,
			    "amount", 300));
	kiosk_is(&t, "cancelled", "K26", "not_ready");
	case_at(&k, CASE_NOON);
	kiosk_free(&t);
}

/* K28 to K31 */
static void money_is_taken_once_or_given_back(void **state)
{
	struct kiosk t;
	char first[33];

	(void)state;
	k.now += 2000;
	kiosk_start(&t, &k, "T1", &alice);
	kiosk_to(&t, FLOW_ISSUE_PAYING);
	memcpy(first, t.payment, sizeof first);
	kiosk_pay(&t, "declined");
	kiosk_is(&t, "delivered", "K29", "declined");
	kiosk_confirm(&t);
	kiosk_is(&t, "paying", "K24", "");
	assert_string_not_equal(first, t.payment);
	/* The dead payment id settles late: a refund of its own. */
	memcpy(first, t.payment, sizeof first);
	kiosk_say(&t, "payment",
		  json_pack("{s:s,s:s,s:i}", "payment", "0123456789abcdef0123456789abcdef",
			    "result", "settled", "amount", 300));
	kiosk_is(&t, "paying", "K31", "surplus");
	assert_int_equal(owed(&t), 300);
	kiosk_pay(&t, "found_settled");
	kiosk_is(&t, "paid", "K30", "");
	kiosk_pay(&t, "settled");
	kiosk_is(&t, "paid", "K31", "surplus");
	assert_int_equal(owed(&t), 600);
	kiosk_permit(&t);
	kiosk_printed(&t, "complete", 1);
	kiosk_is(&t, "printed", "K34", "");
	/* Surplus is paid once, by its own number. */
	k.now += 400;
	kiosk_to(&t, FLOW_ISSUE_PAYING);
	kiosk_pay(&t, "not_settled");
	kiosk_is(&t, "timed_out", "K30", "payment_not_settled");
	assert_int_equal(owed(&t), 0);
	nothing_is_left(&t);
	kiosk_pay(&t, "late");
	kiosk_is(&t, "timed_out", "K31", "surplus");
	assert_int_equal(owed(&t), 300);
	kiosk_to(&t, FLOW_ISSUE_PAYING);
	kiosk_pay(&t, "unknown");
	kiosk_is(&t, "refund_due", "K30", "payment_unknown");
	assert_int_equal(owed(&t), 300);
	nothing_is_left(&t);
	case_at(&k, CASE_NOON);
	kiosk_free(&t);
}

static const char *refund_of(const struct kiosk *t)
{
	return flow_issue_text(json_object_get(t->answer, "refund"), "id", 32);
}

/* K35, K37, K38, K39 */
static void a_failed_print_is_resumed_once_with_the_same_card(void **state)
{
	struct kiosk t;
	char old[10][15], refund[33];

	(void)state;
	k.now += 3000;
	kiosk_start(&t, &k, "T1", &alice);
	t.copies = 3;
	kiosk_to(&t, FLOW_ISSUE_PRINTING);
	memcpy(old, t.copy, sizeof old);
	kiosk_printed(&t, "fault", 1);
	kiosk_is(&t, "print_failed", "K35", "print_fault");
	assert_int_equal(valid(&t), 1);
	assert_int_equal(voided(&t), 2);
	/* Another card: refused, nothing changes. */
	t.person = &bob;
	kiosk_resume(&t);
	kiosk_is(&t, "print_failed", "K37", "resume_refused");
	t.person = &alice;
	/* The card was reported lost meanwhile. */
	card_is(&k, &alice, "suspended");
	kiosk_resume(&t);
	kiosk_is(&t, "print_failed", "K37", "resume_refused");
	card_is(&k, &alice, "active");
	kiosk_resume(&t);
	kiosk_is(&t, "resumed", "K37", "");
	assert_int_equal(t.numbers, 2);
	for (size_t i = 0; i < 2; i++)
		assert_true(strcmp(t.copy[i], old[1]) != 0 && strcmp(t.copy[i], old[2]) != 0);
	kiosk_permit(&t);
	kiosk_is(&t, "printing", "K37", "");
	kiosk_printed(&t, "fault", 1);
	kiosk_is(&t, "refund_due", "K38", "print_fault");
	assert_int_equal(valid(&t), 2);
	assert_int_equal(owed(&t), 300);
	nothing_is_left(&t);
	snprintf(refund, sizeof refund, "%s", refund_of(&t));
	kiosk_say(&t, "refund", json_object());
	kiosk_refused(&t, 409, "BAD_STATE");
	kiosk_say(&t, "refunded",
		  json_pack("{s:s,s:b,s:s}", "refund", refund, "paid", 0, "means", "none"));
	kiosk_is(&t, "refund_due", "K39", "refund_open");
	kiosk_say(&t, "refunded",
		  json_pack("{s:s,s:b,s:s}", "refund", refund, "paid", 1, "means", "cash"));
	kiosk_is(&t, "refunded", "K39", "");
	kiosk_say(&t, "refunded",
		  json_pack("{s:s,s:b,s:s}", "refund", refund, "paid", 1, "means", "cash"));
	kiosk_refused(&t, 409, "BAD_STATE");
	assert_int_equal(owed(&t), 0);
	case_at(&k, CASE_NOON);
	kiosk_free(&t);
}

/* K36: the printer's answer is lost. A permit is for one attempt. */
static void what_cannot_be_proven_is_void(void **state)
{
	struct kiosk t;
	char permit[33];

	(void)state;
	k.now += 4000;
	kiosk_start(&t, &k, "T1", &alice);
	kiosk_to(&t, FLOW_ISSUE_PRINTING);
	memcpy(permit, t.permit, sizeof permit);
	memset(t.permit, 'c', 32);
	kiosk_printed(&t, "complete", 1);
	kiosk_refused(&t, 409, "BAD_STATE");
	memcpy(t.permit, permit, sizeof permit);
	kiosk_printed(&t, "complete", 0);
	kiosk_refused(&t, 400, "MALFORMED");
	kiosk_printed(&t, "unknown", 1);
	kiosk_is(&t, "print_failed", "K36", "not_knowable");
	assert_int_equal(valid(&t), 0);
	assert_int_equal(voided(&t), 1);
	kiosk_resume(&t);
	kiosk_is(&t, "resumed", "K37", "");
	kiosk_permit(&t);
	/* A fault after the last sheet was out is none. */
	kiosk_printed(&t, "fault", 1);
	kiosk_is(&t, "printed", "K36", "");
	assert_int_equal(valid(&t), 1);
	case_at(&k, CASE_NOON);
	kiosk_free(&t);
}

/* K27, K30, K33, K36, K38, K40: the terminal starts anew, with and without knowing what happened. */
static void a_restarted_terminal_ends_what_it_left(void **state)
{
	static const struct {
		enum flow_issue_state from;
		const char *payment; /* result reported, or NULL; "none": not begun */
		int sheets;          /* reported complete; -1: no report */
		const char *state, *row;
	} ways[] = {{FLOW_ISSUE_CARD_READ, NULL, -1, "cancelled", "K27"},
		    {FLOW_ISSUE_VERIFIED, NULL, -1, "cancelled", "K27"},
		    {FLOW_ISSUE_DELIVERED, NULL, -1, "cancelled", "K27"},
		    {FLOW_ISSUE_PAYING, NULL, -1, "refund_due", "K30"},
		    {FLOW_ISSUE_PAYING, "settled", -1, "refund_due", "K30"},
		    {FLOW_ISSUE_PAYING, "none", -1, "timed_out", "K30"},
		    {FLOW_ISSUE_PAYING, "not_settled", -1, "timed_out", "K30"},
		    {FLOW_ISSUE_PAID, NULL, -1, "print_failed", "K33"},
		    {FLOW_ISSUE_PRINTING, NULL, -1, "print_failed", "K36"},
		    {FLOW_ISSUE_PRINTING, NULL, 1, "print_failed", "K36"},
		    {FLOW_ISSUE_PRINTING, NULL, 2, "printed", "K36"}};
	struct kiosk t;

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		json_t *open = json_array(), *one;

		k.now += 400;
		kiosk_start(&t, &k, "T1", &alice);
		t.copies = 2;
		kiosk_to(&t, ways[i].from);
		one = json_pack("{s:s,s:s}", "transaction", t.id, "state", "x");
		if (ways[i].payment != NULL && strcmp(ways[i].payment, "none") == 0)
			json_object_update_new(
				one, json_pack("{s:s,s:n}", "state", "delivered", "payment"));
		else if (ways[i].payment != NULL)
			json_object_set_new(one, "payment",
					    json_pack("{s:s,s:s,s:i}", "id", t.payment, "result",
						      ways[i].payment, "amount", 600));
		if (ways[i].sheets >= 0) {
			json_object_set_new(one, "counter", json_integer(101));
			json_object_set_new(one, "copies",
					    kiosk_copies(&t, (size_t)ways[i].sheets));
		}
		json_array_append_new(open, one);
		kiosk_session_reporting(&t, open);
		assert_int_equal(
			case_count(
				&k,
				"SELECT COUNT(*) FROM issue_event WHERE id = $1 AND flow_row IS NOT NULL",
				t.id) > 0,
			1);
		{
			char sql[200];

			snprintf(
				sql, sizeof sql,
				"SELECT COUNT(*) FROM issue_transaction WHERE id = $1 AND state = '%s' AND flow_row = '%s'",
				ways[i].state, ways[i].row);
			assert_int_equal(case_count(&k, sql, t.id), 1);
		}
		kiosk_free(&t);
	}
	/* The second print attempt, and paper in the tray. */
	k.now += 400;
	kiosk_start(&t, &k, "T1", &alice);
	kiosk_to(&t, FLOW_ISSUE_PRINTING);
	kiosk_printed(&t, "fault", 0);
	kiosk_session_reporting(&t, json_array());
	kiosk_resume(&t); /* by the new session, with the same card */
	kiosk_is(&t, "resumed", "K37", "");
	kiosk_session_reporting(&t, json_array());
	assert_int_equal(
		case_count(
			&k,
			"SELECT COUNT(*) FROM issue_transaction WHERE id = $1 AND state = 'refund_due' AND flow_row = 'K38'",
			t.id),
		1);
	k.now += 400;
	kiosk_to(&t, FLOW_ISSUE_PRINTING);
	kiosk_printed(&t, "complete", 1);
	kiosk_session_reporting(&t, json_array());
	kiosk_say(&t, "collected", json_pack("{s:b}", "taken", 0));
	kiosk_is(&t, "printed", "K40", "paper_left");
	kiosk_say(&t, "collected", json_pack("{s:b,s:b}", "taken", 1, "cleared", 1));
	kiosk_is(&t, "collected", "K40", "");
	kiosk_say(&t, "closed", json_pack("{s:b}", "erased", 1));
	kiosk_is(&t, "closed", "K40", "");
	case_at(&k, CASE_NOON);
	kiosk_free(&t);
}

/* K27, K30, K33, K36, K38: from every state, silence comes to an end by the centre's clock alone. */
static void silence_comes_to_an_end(void **state)
{
	static const struct {
		enum flow_issue_state from;
		const char *soon, *next_day;
	} ways[] = {{FLOW_ISSUE_CARD_READ, "timed_out", "timed_out"},
		    {FLOW_ISSUE_VERIFIED, "timed_out", "timed_out"},
		    {FLOW_ISSUE_DELIVERED, "timed_out", "timed_out"},
		    {FLOW_ISSUE_PAYING, "refund_due", "refund_due"},
		    {FLOW_ISSUE_PAID, "print_failed", "refund_due"},
		    {FLOW_ISSUE_PRINTING, "printing", "refund_due"}};
	struct kiosk t;
	char sql[120];

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		case_at(&k, "2026-06-03T12:00:00+09:00");
		k.now += (int64_t)i * 400;
		kiosk_start(&t, &k, "T2", &alice);
		kiosk_to(&t, ways[i].from);
		k.now += 240;
		(void)center_sweep(k.c);
		snprintf(sql, sizeof sql,
			 "SELECT COUNT(*) FROM issue_transaction WHERE id = $1 AND state = '%s'",
			 ways[i].soon);
		assert_int_equal(case_count(&k, sql, t.id), 1);
		case_at(&k, "2026-06-04T00:00:01+09:00");
		(void)center_sweep(k.c);
		(void)center_sweep(k.c);
		snprintf(sql, sizeof sql,
			 "SELECT COUNT(*) FROM issue_transaction WHERE id = $1 AND state = '%s'",
			 ways[i].next_day);
		assert_int_equal(case_count(&k, sql, t.id), 1);
		nothing_is_left(&t);
		assert_int_equal(valid(&t), 0);
		/* A later report changes nothing. */
		if (ways[i].from == FLOW_ISSUE_PRINTING) {
			kiosk_printed(&t, "complete", 1);
			kiosk_refused(&t, 409, "BAD_STATE");
			assert_int_equal(owed(&t), 300);
		}
		kiosk_free(&t);
	}
	case_at(&k, CASE_NOON);
}

/*
 * Every message of the way is sent twice (its answer was lost), and after each the centre ends and
 * another begins: two copies come out once and are paid once.
 */
static void lost_answers_and_new_processes_change_nothing(void **state)
{
	struct kiosk t;

	(void)state;
	k.now += 5000;
	kiosk_start(&t, &k, "T1", &alice);
	t.copies = 2;
#define TWICE(call, want_state, want_row)                                                          \
	do {                                                                                       \
		call;                                                                              \
		kiosk_is(&t, want_state, want_row, "");                                            \
		case_restart_center(&k);                                                           \
		kiosk_repeat(&t);                                                                  \
		kiosk_is(&t, want_state, want_row, "");                                            \
	} while (0)
	TWICE(kiosk_open(&t), "card_read", "K05");
	TWICE(kiosk_apply(&t), "verified", "K13");
	TWICE(kiosk_document(&t), "delivered", "K18");
	TWICE(kiosk_confirm(&t), "paying", "K24");
	TWICE(kiosk_pay(&t, "settled"), "paid", "K28");
	TWICE(kiosk_permit(&t), "printing", "K32");
	TWICE(kiosk_printed(&t, "complete", 2), "printed", "K34");
	TWICE(kiosk_say(&t, "collected", json_pack("{s:b}", "taken", 1)), "collected", "K40");
	TWICE(kiosk_say(&t, "closed", json_pack("{s:b}", "erased", 1)), "closed", "K40");
#undef TWICE
	assert_int_equal(valid(&t), 2);
	assert_int_equal(case_count(&k, "SELECT paid FROM issue_transaction WHERE id = $1", t.id),
			 600);
	assert_int_equal(case_count(&k, "SELECT COUNT(*) FROM issue_copy WHERE id = $1", t.id), 2);
	assert_int_equal(owed(&t), 0);
	case_at(&k, CASE_NOON);
	kiosk_free(&t);
}

/* PD-35 */
static void a_clock_that_goes_back_is_an_event(void **state)
{
	int64_t last = 0;

	(void)state;
	center_watch_clock(k.c, &last);
	k.now--;
	center_watch_clock(k.c, &last);
	assert_int_equal(
		case_count(&k, "SELECT COUNT(*) FROM issue_event WHERE event = 'clock-step'", NULL),
		0);
	k.now -= 2;
	center_watch_clock(k.c, &last);
	assert_int_equal(
		case_count(&k, "SELECT COUNT(*) FROM issue_event WHERE event = 'clock-step'", NULL),
		1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_clock_that_goes_back_is_an_event, start, stop),
		cmocka_unit_test_setup_teardown(
			payment_opens_only_with_the_card_gone_and_the_printer_ready, start, stop),
		cmocka_unit_test_setup_teardown(before_payment_every_end_leaves_nothing, start,
						stop),
		cmocka_unit_test_setup_teardown(money_is_taken_once_or_given_back, start, stop),
		cmocka_unit_test_setup_teardown(a_failed_print_is_resumed_once_with_the_same_card,
						start, stop),
		cmocka_unit_test_setup_teardown(what_cannot_be_proven_is_void, start, stop),
		cmocka_unit_test_setup_teardown(a_restarted_terminal_ends_what_it_left, start,
						stop),
		cmocka_unit_test_setup_teardown(silence_comes_to_an_end, start, stop),
		cmocka_unit_test_setup_teardown(lost_answers_and_new_processes_change_nothing,
						start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
