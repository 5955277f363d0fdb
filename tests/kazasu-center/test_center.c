/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves the centre by its messages: the whole path once; every refusal with its own answer and
 * event; hours at the second; replayed, reordered, altered and cross-session messages refused; money
 * and paper in every way of K24 to K40; nothing of a document left after an end.
 */
#include "center_store.h"

/* K05 K09 K13 K18 K24 K28 K32 K34 K40 */
static void one_certificate_from_touch_to_receipt(void **state)
{
	struct kiosk t;
	char text[100];
	uint8_t id[16], session[16], binding[32];

	(void)state;
	kiosk_start(&t, &k, "T1", &alice);
	t.copies = 2;
	kiosk_to(&t, FLOW_ISSUE_DELIVERED);
	/* The document is the one asked for, of the card that was shown. */
	kiosk_raw(t.id, id, 16);
	kiosk_raw(t.session, session, 16);
	assert_ok(flow_issue_binding(id, session, card_buf_bytes(&alice.certificate), binding));
	flow_issue_hex_text(binding, 32, text);
	assert_string_equal(kiosk_text(&t, "binding"), text);
	assert_string_equal(t.binding, text);
	snprintf(text, sizeof text, "for 1234 at %s", t.id);
	assert_non_null(memmem(t.front.p, t.front.n, text, strlen(text)));
	assert_int_equal(t.numbers, 2);
	assert_int_equal(json_integer_value(json_object_get(t.answer, "amount")), 600);
	assert_false(json_is_true(json_object_get(t.answer, "charged")));
	kiosk_confirm(&t);
	kiosk_is(&t, "paying", "K24", "");
	assert_int_equal(
		case_count(&k,
			   "SELECT amount FROM issue_refund WHERE id = $1 AND state = 'prepared'",
			   t.id),
		600);
	kiosk_pay(&t, "settled");
	kiosk_is(&t, "paid", "K28", "");
	assert_true(json_is_true(json_object_get(t.answer, "charged")));
	kiosk_permit(&t);
	kiosk_is(&t, "printing", "K32", "");
	kiosk_printed(&t, "complete", 2);
	kiosk_is(&t, "printed", "K34", "");
	nothing_is_left(&t);
	kiosk_say(&t, "collected", json_pack("{s:b}", "taken", 1));
	kiosk_is(&t, "collected", "K40", "");
	kiosk_say(&t, "closed", json_pack("{s:b}", "erased", 1));
	kiosk_is(&t, "closed", "K40", "");
	assert_int_equal(valid(&t), 2);
	assert_int_equal(voided(&t), 0);
	assert_int_equal(owed(&t), 0);
	assert_int_equal(case_count(&k, "SELECT COUNT(*) FROM issue_outbox WHERE id = $1", t.id),
			 1);
	kiosk_free(&t);
}

/* K25: a fee row of 0 is free; no refund is prepared, K39 has nothing to return. */
static void a_free_certificate_takes_no_money(void **state)
{
	struct kiosk t;

	(void)state;
	kiosk_start(&t, &k, "T1", &alice);
	t.kind = "inkan";
	kiosk_to(&t, FLOW_ISSUE_PRINTING);
	assert_false(json_is_true(json_object_get(t.answer, "charged")));
	kiosk_printed(&t, "fault", 0);
	kiosk_is(&t, "print_failed", "K35", "print_fault");
	kiosk_say(&t, "refund", json_object());
	kiosk_is(&t, "refunded", "K39", "");
	assert_int_equal(case_count(&k, "SELECT COUNT(*) FROM issue_refund WHERE id = $1", t.id),
			 0);
	nothing_is_left(&t);
	kiosk_free(&t);
}

/* K04 */
static void what_is_not_offered_is_refused_before_any_card(void **state)
{
	struct kiosk t;

	(void)state;
	kiosk_start(&t, &k, "T1", &alice);
	kiosk_open_at(&t, "99999");
	kiosk_is(&t, "refused", "K04", "not_participating");
	assert_int_equal(strlen(t.inquiry), 9);
	t.kind = "fuhyo";
	kiosk_open(&t);
	kiosk_is(&t, "refused", "K04", "kind_disabled");
	t.kind = "tax";
	kiosk_open(&t);
	kiosk_is(&t, "refused", "K04", "fee_unknown");
	t.kind = "juminhyo";
	t.method = "conversion";
	kiosk_open_at(&t, "13222");
	kiosk_is(&t, "refused", "K06", "card_unusable");
	kiosk_free(&t);
}

/* The journal says the same as the answer, once. */
static void journaled(const struct kiosk *t, const char *row, const char *code)
{
	char sql[200];

	snprintf(sql, sizeof sql,
		 "SELECT COUNT(*) FROM issue_event WHERE id = $1 AND flow_row = '%s' AND"
		 " COALESCE(code, '') = '%s'",
		 row, code);
	assert_int_equal(case_count(&k, sql, t->id), 1);
}

/* K04, K12: 06:29:59 no, 06:30:00 yes, 22:59:59 yes, 23:00:00 no; what was accepted may finish. */
static void hours_are_those_of_the_centre_at_message_2(void **state)
{
	struct kiosk t;

	(void)state;
	kiosk_start(&t, &k, "T1", &alice);
	case_at(&k, "2026-06-02T06:29:59+09:00");
	kiosk_open(&t);
	kiosk_is(&t, "refused", "K04", "outside_hours");
	journaled(&t, "K04", "outside_hours");
	assert_string_equal(kiosk_text(&t, "opens_at"), "2026-06-02T06:30:00+09:00");
	case_at(&k, "2026-06-02T06:30:00+09:00");
	kiosk_to(&t, FLOW_ISSUE_VERIFIED);
	journaled(&t, "K05", "");
	journaled(&t, "K13", "");
	t.person = &bob;
	case_at(&k, "2026-06-02T22:59:00+09:00");
	kiosk_open(&t);
	case_at(&k, "2026-06-02T22:59:59+09:00");
	kiosk_apply(&t);
	kiosk_is(&t, "verified", "K13", "");
	journaled(&t, "K13", "");
	case_at(&k, "2026-06-02T23:00:30+09:00");
	kiosk_document(&t);
	kiosk_is(&t, "delivered", "K18", "");
	case_at(&k, "2026-06-02T22:59:50+09:00");
	kiosk_open(&t);
	case_at(&k, "2026-06-02T23:00:00+09:00");
	kiosk_apply(&t);
	kiosk_is(&t, "refused", "K12", "outside_hours");
	journaled(&t, "K12", "outside_hours");
	nothing_is_left(&t);
	case_at(&k, "2026-06-02T23:00:00+09:00");
	kiosk_open(&t);
	kiosk_is(&t, "refused", "K04", "outside_hours");
	journaled(&t, "K04", "outside_hours");
	case_at(&k, CASE_NOON);
	kiosk_free(&t);
}

static void applies(const struct person *p, const char *row, const char *code)
{
	struct kiosk t;

	kiosk_start(&t, &k, "T1", p);
	kiosk_to(&t, FLOW_ISSUE_CARD_READ);
	kiosk_apply(&t);
	kiosk_is(&t, "refused", row, code);
	nothing_is_left(&t);
	/* No message 3, and the reason is in the journal of this transaction. */
	assert_int_equal(
		case_count(&k,
			   "SELECT COUNT(*) FROM issue_event WHERE id = $1 AND code IS NOT NULL"
			   " AND flow_row IN ('K11','K12','K14','K15')",
			   t.id),
		1);
	kiosk_free(&t);
}

/* K14, K15 */
static void a_card_not_in_force_has_its_own_answer(void **state)
{
	struct person revoked, held, expired, elsewhere;
	const unsigned asked = k.asked;

	(void)state;
	person_make(&revoked, 0x0FA1);
	person_make(&held, 0x0FA2);
	person_dated(&expired, 0x0FA3, NULL, k.now - 300 * CASE_DAY, k.now - CASE_DAY);
	person_dated(&elsewhere, 0x0FA4, "Nowhere-shi", k.now - CASE_DAY, k.now + CASE_DAY);
	applies(&revoked, "K14", "certificate_revoked");
	applies(&held, "K14", "certificate_on_hold");
	applies(&expired, "K14", "certificate_expired");
	applies(&elsewhere, "K15", "undetermined");
	card_is(&k, &alice, "suspended");
	applies(&alice, "K14", "card_suspended");
	card_is(&k, &alice, "abolished");
	applies(&alice, "K14", "card_abolished");
	card_is(&k, &alice, "active");
	assert_int_equal(k.asked, asked);
	person_free(&revoked);
	person_free(&held);
	person_free(&expired);
	person_free(&elsewhere);
}

/* K11 */
static void a_proof_for_anything_else_is_no_proof(void **state)
{
	static const char other[] = "00112233445566778899aabbccddeeff";
	struct kiosk t;
	json_t *json;

	(void)state;
	for (int i = 0; i < 4; i++) {
		kiosk_start(&t, &k, "T1", &alice);
		kiosk_to(&t, FLOW_ISSUE_CARD_READ);
		json = kiosk_proof(&t);
		if (i == 0) /* another audience */
			json_object_set_new(json, "signature",
					    kiosk_signature(&t, "kazasu-center:else", t.session));
		if (i == 1) /* another session */
			json_object_set_new(json, "signature",
					    kiosk_signature(&t, "kazasu-center:test", other));
		if (i == 2) { /* another transaction's nonce */
			memset(t.nonce, 'a', 64);
			json_object_set_new(json, "signature",
					    kiosk_signature(&t, "kazasu-center:test", t.session));
		}
		if (i == 3) /* too late */
			k.now += 121;
		kiosk_say(&t, "apply", json);
		kiosk_is(&t, "refused", "K11", "protocol");
		nothing_is_left(&t);
		kiosk_free(&t);
	}
	case_at(&k, CASE_NOON);
}

/* K11: nothing changes for the true transaction. */
static void replayed_reordered_altered_and_foreign_messages_are_refused(void **state)
{
	struct kiosk t, other, second;
	char id[33];
	card_buf_t apply = {0};

	(void)state;
	kiosk_start(&t, &k, "T1", &alice);
	kiosk_start(&other, &k, "T2", &bob);
	kiosk_to(&t, FLOW_ISSUE_VERIFIED);
	assert_ok(card_buf_append(&apply, card_buf_bytes(&t.sent)));
	/* The very same again: the stored answer, nothing done twice. */
	kiosk_repeat(&t);
	kiosk_is(&t, "verified", "K13", "");
	assert_int_equal(case_count(&k, "SELECT COUNT(*) FROM issue_event WHERE id = $1", t.id), 3);
	/* One byte changed under the same number. */
	assert_ok(card_buf_append_byte(&t.sent, ' '));
	kiosk_repeat(&t);
	kiosk_refused(&t, 400, "MALFORMED");
	kiosk_say(&t, "document", json_pack("{s:n}", "kind_pin"));
	t.seq = 0;
	kiosk_say(&t, "again", json_pack("{s:s}", "answer", "yes"));
	kiosk_refused(&t, 409, "REPLAYED");
	t.seq = 1;
	kiosk_say(&t, "again", json_pack("{s:s}", "answer", "yes"));
	kiosk_refused(&t, 409, "CONFLICT");
	t.seq = 3;
	kiosk_say(&t, "confirm", json_object());
	kiosk_refused(&t, 409, "REORDERED");
	/* Another terminal, also with the right session. */
	snprintf(id, sizeof id, "%s", other.id);
	snprintf(other.id, sizeof other.id, "%s", t.id);
	other.seq = 2;
	kiosk_say(&other, "permit", json_pack("{s:i}", "counter", 1));
	kiosk_refused(&other, 404, "UNKNOWN");
	/* Another session of the same terminal name. */
	memcpy(&second, &t, sizeof t);
	memset(second.session, 'b', 32);
	t.answer = NULL;
	memset(&t.sent, 0, sizeof t.sent);
	memset(&t.front, 0, sizeof t.front);
	second.seq = 2;
	kiosk_say(&second, "permit", json_pack("{s:i}", "counter", 1));
	kiosk_refused(&second, 409, "SESSION");
	/* The true one goes on. */
	t.seq = 2;
	t.numbers = 1;
	kiosk_confirm(&t);
	kiosk_is(&t, "paying", "K24", "");
	assert_true(
		case_count(&k,
			   "SELECT COUNT(*) FROM issue_event WHERE id = $1 AND event = 'security'",
			   t.id) >= 4);
	card_buf_free(&apply);
	kiosk_free(&second);
	kiosk_free(&other);
	kiosk_free(&t);
}

/* Any message where it has no row: BAD_STATE, journaled, nothing changes. */
static void a_message_without_a_row_changes_nothing(void **state)
{
	struct kiosk t;

	(void)state;
	kiosk_start(&t, &k, "T1", &alice);
	kiosk_to(&t, FLOW_ISSUE_CARD_READ);
	kiosk_document(&t);
	kiosk_refused(&t, 409, "BAD_STATE");
	kiosk_confirm(&t);
	kiosk_refused(&t, 409, "BAD_STATE");
	kiosk_permit(&t);
	kiosk_refused(&t, 409, "BAD_STATE");
	kiosk_say(&t, "refund", json_object());
	kiosk_refused(&t, 409, "BAD_STATE");
	kiosk_say(&t, "closed", json_pack("{s:b}", "erased", 1));
	kiosk_refused(&t, 409, "BAD_STATE");
	kiosk_say(&t, "confirm", json_pack("{s:s}", "amount", "300"));
	kiosk_refused(&t, 400, "MALFORMED");
	kiosk_say(&t, "fly", json_object());
	kiosk_refused(&t, 404, "UNKNOWN");
	assert_int_equal(
		case_count(&k,
			   "SELECT COUNT(*) FROM issue_event WHERE id = $1 AND event = 'refused'",
			   t.id),
		6);
	kiosk_apply(&t);
	kiosk_is(&t, "verified", "K13", "");
	kiosk_free(&t);
}

/* K16 */
static void an_equal_job_within_5_minutes_is_asked_about(void **state)
{
	struct kiosk t;

	(void)state;
	k.now += 3600;
	kiosk_start(&t, &k, "T1", &alice);
	kiosk_to(&t, FLOW_ISSUE_PRINTING);
	kiosk_printed(&t, "complete", 1);
	kiosk_open(&t);
	kiosk_apply(&t);
	kiosk_is(&t, "applied", "K16", "again");
	assert_string_equal(flow_issue_text(json_object_get(t.answer, "first"), "state", 20),
			    "printed");
	kiosk_say(&t, "again", json_pack("{s:s}", "answer", "no"));
	kiosk_is(&t, "cancelled", "K16", "not_again");
	nothing_is_left(&t);
	kiosk_open(&t);
	kiosk_apply(&t);
	kiosk_is(&t, "applied", "K16", "again");
	kiosk_say(&t, "again", json_pack("{s:s}", "answer", "yes"));
	kiosk_is(&t, "verified", "K16", "");
	assert_int_equal(strlen(kiosk_text(&t, "binding")), 64);
	kiosk_document(&t);
	kiosk_is(&t, "delivered", "K18", "");
	/* Another kind is no equal job, nor is one that came to nothing, nor one 5 minutes ago. */
	t.kind = "inkan";
	kiosk_to(&t, FLOW_ISSUE_VERIFIED);
	kiosk_say(&t, "cancel", json_pack("{s:s}", "reason", "cancelled"));
	kiosk_to(&t, FLOW_ISSUE_VERIFIED);
	t.kind = "juminhyo";
	k.now += 301;
	kiosk_to(&t, FLOW_ISSUE_VERIFIED);
	case_at(&k, CASE_NOON);
	kiosk_free(&t);
}

/* K17, K19, K20, K21, K22 */
static void the_municipality_refuses_in_its_own_words(void **state)
{
	static const struct {
		const char *code, *state, *row, *told;
	} ways[] = {{"no_seal_registration", "refused", "K19", "no_seal_registration"},
		    {"under_age", "refused", "K19", "under_age"},
		    {"no_use_registration", "refused", "K19", "no_use_registration"},
		    {"not_available_here", "refused", "K20", "not_available_here"},
		    {"document_error", "refused", "K21", "document_error"},
		    {"kind_pin_locked", "refused", "K17", "kind_pin_locked"}};
	struct kiosk t;

	(void)state;
	kiosk_start(&t, &k, "T1", &alice);
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		kiosk_to(&t, FLOW_ISSUE_VERIFIED);
		k.refusal = ways[i].code;
		kiosk_document(&t);
		kiosk_is(&t, ways[i].state, ways[i].row, ways[i].told);
		k.refusal = NULL;
		nothing_is_left(&t);
		assert_int_equal(t.numbers, 0);
	}
	kiosk_to(&t, FLOW_ISSUE_VERIFIED);
	k.refusal = "kind_pin_wrong";
	k.tries_left = 2;
	kiosk_document(&t);
	kiosk_is(&t, "verified", "K17", "kind_pin_wrong");
	assert_int_equal(json_integer_value(json_object_get(t.answer, "tries_left")), 2);
	k.refusal = NULL;
	kiosk_document(&t);
	kiosk_is(&t, "delivered", "K18", "");
	k.now += 400;
	kiosk_to(&t, FLOW_ISSUE_VERIFIED);
	k.ask_error = CARD_ERR_TIMEOUT;
	kiosk_document(&t);
	kiosk_is(&t, "timed_out", "K22", "no_answer");
	k.ask_error = CARD_ERR_MALFORMED;
	k.now += 400;
	kiosk_to(&t, FLOW_ISSUE_VERIFIED);
	kiosk_document(&t);
	kiosk_is(&t, "refused", "K21", "document_error");
	k.ask_error = CARD_OK;
	/* K21: no back side, no paper. */
	k.now += 400;
	kiosk_to(&t, FLOW_ISSUE_VERIFIED);
	k.back_fails = true;
	kiosk_document(&t);
	k.back_fails = false;
	kiosk_is(&t, "refused", "K21", "document_error");
	nothing_is_left(&t);
	assert_int_equal(case_count(&k, "SELECT COUNT(*) FROM issue_copy WHERE id = $1", t.id), 0);
	/* The terminal finds it wrong itself. */
	kiosk_to(&t, FLOW_ISSUE_DELIVERED);
	kiosk_say(&t, "cancel", json_pack("{s:s}", "reason", "document_error"));
	kiosk_is(&t, "refused", "K21", "document_error");
	assert_int_equal(voided(&t), 1);
	nothing_is_left(&t);
	case_at(&k, CASE_NOON);
	kiosk_free(&t);
}

static void two_minutes_pass(struct center_case *unused)
{
	(void)unused;
	k.now += 200;
	assert_int_equal(center_sweep(k.c), 1);
}

/* K22, K27: the answer comes when the transaction has ended. */
static void a_late_answer_is_dropped(void **state)
{
	struct kiosk t;

	(void)state;
	kiosk_start(&t, &k, "T1", &alice);
	kiosk_to(&t, FLOW_ISSUE_VERIFIED);
	k.while_asked = two_minutes_pass;
	kiosk_document(&t);
	k.while_asked = NULL;
	kiosk_is(&t, "timed_out", "K22", "");
	nothing_is_left(&t);
	assert_int_equal(case_count(&k, "SELECT COUNT(*) FROM issue_copy WHERE id = $1", t.id), 0);
	case_at(&k, CASE_NOON);
	kiosk_free(&t);
}

static unsigned admin(const char *person, const char *what, const char *query, json_t *json,
		      char out[200])
{
	struct center_peer operator= {ROLE_OPERATOR, {0}};
	struct center_reply reply;
	char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
	char path[60];
	unsigned status;

	snprintf(operator.id, sizeof operator.id, "%s", person);
	snprintf(path, sizeof path, "/v1/admin/%s", what);
	center_handle(k.c, &operator, json != NULL ? "POST" : "GET", path, query,
		      card_bytes(text, text != NULL ? strlen(text) : 0), &reply);
	status = reply.status;
	snprintf(out, 200, "%.*s", (int)reply.body.n, (const char *)reply.body.p);
	center_reply_free(&reply);
	free(text);
	json_decref(json);
	return status;
}

static void stop_or_resume(const char *action)
{
	char out[200], request[33];

	assert_int_equal(admin("sato", "ask", NULL,
			       json_pack("{s:s,s:s,s:s,s:s}", "action", action, "scope", "kind",
					 "value", "koseki", "reason", "wrong seal"),
			       out),
			 200);
	snprintf(request, sizeof request, "%.32s", strchr(out, ':') + 2);
	assert_int_equal(admin("sato", "agree", NULL, json_pack("{s:s}", "request", request), out),
			 403);
	assert_int_equal(admin("ito", "agree", NULL, json_pack("{s:s}", "request", request), out),
			 200);
}

/* K27, K33: 緊急停止 holds at once, for that kind only, and needs two persons. */
static void a_stop_withholds_permits_at_once(void **state)
{
	struct kiosk t;
	char out[200];

	(void)state;
	kiosk_start(&t, &k, "T1", &alice);
	t.kind = "koseki";
	kiosk_to(&t, FLOW_ISSUE_PAID);
	stop_or_resume("stop");
	kiosk_permit(&t);
	kiosk_is(&t, "refund_due", "K33", "stopped");
	assert_int_equal(owed(&t), 450);
	kiosk_open(&t);
	kiosk_is(&t, "cancelled", "K27", "stopped");
	stop_or_resume("resume");
	k.now += 400;
	kiosk_to(&t, FLOW_ISSUE_DELIVERED);
	stop_or_resume("stop");
	kiosk_confirm(&t);
	kiosk_is(&t, "cancelled", "K27", "stopped");
	stop_or_resume("resume");
	assert_int_equal(admin("sato", "settlement", "day=2026-06-02&", NULL, out), 200);
	assert_int_equal(admin("sato", "refunds", NULL, NULL, out), 200);
	assert_int_equal(admin("sato", "affected",
			       "from=2026-06-02T00:00:00+09:00&to=2026-06-03T00:00:00+09:00&", NULL,
			       out),
			 200);
	assert_int_equal(admin("sato", "affected", "from=x", NULL, out), 400);
	assert_int_equal(admin("sato", "nothing", NULL, NULL, out), 404);
	case_at(&k, CASE_NOON);
	kiosk_free(&t);
}

/* PD-32 */
static void who_is_not_on_the_list_gets_nothing(void **state)
{
	static const struct center_peer peers[] = {{ROLE_NONE, ""},
						   {ROLE_TERMINAL, "T9"},
						   {ROLE_MUNICIPALITY, "13221"},
						   {ROLE_OPERATOR, "sato"}};
	const struct center_peer terminal = {ROLE_TERMINAL, "T1"};
	struct center_reply reply;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		center_handle(k.c, &peers[i], "POST", "/v1/sessions", NULL, BYTES("{}"), &reply);
		assert_int_equal(reply.status, 403);
		center_reply_free(&reply);
	}
	center_handle(k.c, &terminal, "GET", "/v1/admin/refunds", NULL, BYTES(""), &reply);
	assert_int_equal(reply.status, 403);
	center_reply_free(&reply);
	center_handle(k.c, &terminal, "GET", "/v1/void-list", NULL, BYTES(""), &reply);
	assert_int_equal(reply.status, 200);
	assert_non_null(memmem(reply.body.p, reply.body.n, "kazasu void list 1 ", 19));
	center_reply_free(&reply);
	center_handle(k.c, &terminal, "GET", "/v1/municipalities/13221", NULL, BYTES(""), &reply);
	assert_int_equal(reply.status, 200);
	assert_non_null(memmem(reply.body.p, reply.body.n, "\"fee\":300", 9));
	center_reply_free(&reply);
	center_handle(k.c, &terminal, "GET", "/v1/service", NULL, BYTES(""), &reply);
	assert_int_equal(reply.status, 200);
	center_reply_free(&reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			replayed_reordered_altered_and_foreign_messages_are_refused, start, stop),
		cmocka_unit_test_setup_teardown(one_certificate_from_touch_to_receipt, start, stop),
		cmocka_unit_test_setup_teardown(a_free_certificate_takes_no_money, start, stop),
		cmocka_unit_test_setup_teardown(what_is_not_offered_is_refused_before_any_card,
						start, stop),
		cmocka_unit_test_setup_teardown(hours_are_those_of_the_centre_at_message_2, start,
						stop),
		cmocka_unit_test_setup_teardown(a_card_not_in_force_has_its_own_answer, start,
						stop),
		cmocka_unit_test_setup_teardown(a_proof_for_anything_else_is_no_proof, start, stop),
		cmocka_unit_test_setup_teardown(a_message_without_a_row_changes_nothing, start,
						stop),
		cmocka_unit_test_setup_teardown(an_equal_job_within_5_minutes_is_asked_about, start,
						stop),
		cmocka_unit_test_setup_teardown(the_municipality_refuses_in_its_own_words, start,
						stop),
		cmocka_unit_test_setup_teardown(a_late_answer_is_dropped, start, stop),
		cmocka_unit_test_setup_teardown(a_stop_withholds_permits_at_once, start, stop),
		cmocka_unit_test_setup_teardown(who_is_not_on_the_list_gets_nothing, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
