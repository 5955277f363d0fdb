/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves: the state machine is the table of flows §1, row by row; every state × every event is run
 * from every situation that can be reached (one to three copies, free and paid, every way a print
 * attempt can end, twice): an event without a row changes nothing; before payment an end leaves no
 * copy that counts; after payment each copy ends as valid paper or with its fee returned; no copy
 * has two valid papers; a terminal that is silent always comes to an end.
 */
#include "test.h"

#include <stdlib.h>

#include <cardflow/issue_transaction.h>

#define S(s) FLOW_ISSUE_##s
#define E(e) FLOW_ISSUE_ON_##e

/* Read off flows §1 by hand. again: in the second print attempt. */
static const struct reading {
	const char *row;
	enum flow_issue_state from;
	enum flow_issue_event event;
	bool again;
	enum flow_issue_state to;
	const char *code;
} readings[] = {
	{"K01", S(IDLE), E(TOUCHED), false, S(CHOOSING), NULL},
	{"K02", S(IDLE), E(TOUCHED_NO_SERVICE), false, S(IDLE), "no_service"},
	{"K03", S(CHOOSING), E(CHOSEN), false, S(CHOOSING), NULL},
	{"K04", S(CHOOSING), E(NOT_PARTICIPATING), false, S(REFUSED), "not_participating"},
	{"K04", S(CHOOSING), E(KIND_DISABLED), false, S(REFUSED), "kind_disabled"},
	{"K04", S(CHOOSING), E(OUTSIDE_HOURS), false, S(REFUSED), "outside_hours"},
	{"K04", S(CHOOSING), E(FEE_UNKNOWN), false, S(REFUSED), "fee_unknown"},
	{"K05", S(CHOOSING), E(CARD_FITS), false, S(CARD_READ), NULL},
	{"K06", S(CHOOSING), E(CARD_UNUSABLE), false, S(REFUSED), "card_unusable"},
	{"K07", S(CHOOSING), E(LOCKED), false, S(REFUSED), "locked"},
	{"K07", S(CARD_READ), E(LOCKED), false, S(REFUSED), "locked"},
	{"K08", S(CARD_READ), E(PIN_WRONG), false, S(CARD_READ), "pin_wrong"},
	{"K09", S(CARD_READ), E(APPLICATION), false, S(APPLIED), NULL},
	{"K10", S(CARD_READ), E(CARD_PULLED), false, S(CANCELLED), "card_pulled"},
	{"K11", S(APPLIED), E(INTRUDER), false, S(APPLIED), "protocol"},
	{"K11", S(APPLIED), E(FORGED), false, S(REFUSED), "protocol"},
	{"K12", S(APPLIED), E(OUTSIDE_HOURS), false, S(REFUSED), "outside_hours"},
	{"K13", S(APPLIED), E(VALID), false, S(VERIFIED), NULL},
	{"K14", S(APPLIED), E(CERTIFICATE_EXPIRED), false, S(REFUSED), "certificate_expired"},
	{"K14", S(APPLIED), E(CERTIFICATE_REVOKED), false, S(REFUSED), "certificate_revoked"},
	{"K14", S(APPLIED), E(CERTIFICATE_ON_HOLD), false, S(REFUSED), "certificate_on_hold"},
	{"K14", S(APPLIED), E(CARD_SUSPENDED), false, S(REFUSED), "card_suspended"},
	{"K14", S(APPLIED), E(CARD_ABOLISHED), false, S(REFUSED), "card_abolished"},
	{"K15", S(APPLIED), E(STATUS_UNKNOWN), false, S(REFUSED), "undetermined"},
	{"K16", S(APPLIED), E(RECENT), false, S(APPLIED), "again"},
	{"K16", S(APPLIED), E(AGAIN), false, S(VERIFIED), NULL},
	{"K16", S(APPLIED), E(NOT_AGAIN), false, S(CANCELLED), "not_again"},
	{"K16", S(APPLIED), E(IDLE), false, S(CANCELLED), "idle"},
	{"K17", S(VERIFIED), E(KIND_PIN_WRONG), false, S(VERIFIED), "kind_pin_wrong"},
	{"K17", S(VERIFIED), E(KIND_PIN_LOCKED), false, S(REFUSED), "kind_pin_locked"},
	{"K18", S(VERIFIED), E(DOCUMENT), false, S(DELIVERED), NULL},
	{"K19", S(VERIFIED), E(NO_SEAL_REGISTRATION), false, S(REFUSED), "no_seal_registration"},
	{"K19", S(VERIFIED), E(UNDER_AGE), false, S(REFUSED), "under_age"},
	{"K19", S(VERIFIED), E(NO_USE_REGISTRATION), false, S(REFUSED), "no_use_registration"},
	{"K20", S(VERIFIED), E(NOT_AVAILABLE), false, S(REFUSED), "not_available_here"},
	{"K21", S(VERIFIED), E(DOCUMENT_ERROR), false, S(REFUSED), "document_error"},
	{"K21", S(DELIVERED), E(DOCUMENT_ERROR), false, S(REFUSED), "document_error"},
	{"K22", S(VERIFIED), E(NO_ANSWER), false, S(TIMED_OUT), "no_answer"},
	{"K22", S(TIMED_OUT), E(LATE_ANSWER), false, S(TIMED_OUT), NULL},
	{"K23", S(DELIVERED), E(CARD_LEFT), false, S(DELIVERED), "card_left"},
	{"K23", S(DELIVERED), E(CARD_FORGOTTEN), false, S(TIMED_OUT), "card_forgotten"},
	{"K24", S(DELIVERED), E(CONFIRMED), false, S(PAYING), NULL},
	{"K25", S(DELIVERED), E(CONFIRMED_FREE), false, S(PAID), NULL},
	{"K26", S(DELIVERED), E(NOT_READY), false, S(CANCELLED), "not_ready"},
	{"K27", S(CHOOSING), E(CANCELLED), false, S(CANCELLED), "cancelled"},
	{"K27", S(CARD_READ), E(IDLE), false, S(TIMED_OUT), "idle"},
	{"K27", S(APPLIED), E(RESTARTED), false, S(CANCELLED), "restarted"},
	{"K27", S(VERIFIED), E(LINK_LOST), false, S(TIMED_OUT), "link"},
	{"K27", S(DELIVERED), E(STOPPED), false, S(CANCELLED), "stopped"},
	{"K27", S(PAYING), E(CANCELLED), false, S(CANCELLED), "cancelled"},
	{"K27", S(PAYING), E(JOURNAL_DOWN), false, S(CANCELLED), "journal"},
	{"K28", S(PAYING), E(PAID), false, S(PAID), NULL},
	{"K29", S(PAYING), E(DECLINED), false, S(DELIVERED), "declined"},
	{"K30", S(PAYING), E(FOUND_SETTLED), false, S(PAID), NULL},
	{"K30", S(PAYING), E(FOUND_NOT_SETTLED), false, S(TIMED_OUT), "payment_not_settled"},
	{"K30", S(PAYING), E(PAYMENT_UNKNOWN), false, S(REFUND_DUE), "payment_unknown"},
	{"K30", S(PAYING), E(SETTLED_AFTER_RESTART), false, S(REFUND_DUE), "restarted"},
	{"K31", S(CANCELLED), E(SURPLUS), false, S(CANCELLED), "surplus"},
	{"K31", S(PRINTING), E(SURPLUS), false, S(PRINTING), "surplus"},
	{"K32", S(PAID), E(PERMIT), false, S(PRINTING), NULL},
	{"K33", S(PAID), E(NO_PERMIT), false, S(PRINT_FAILED), "no_permit"},
	{"K33", S(PAID), E(RESTARTED), false, S(PRINT_FAILED), "restarted"},
	{"K33", S(PAID), E(DOCUMENT_GONE), false, S(REFUND_DUE), "document_gone"},
	{"K33", S(PAID), E(STOPPED), false, S(REFUND_DUE), "stopped"},
	{"K34", S(PRINTING), E(ALL_OUT), false, S(PRINTED), NULL},
	{"K34", S(PRINTING), E(ALL_OUT), true, S(PRINTED), NULL},
	{"K35", S(PRINTING), E(PRINT_FAULT), false, S(PRINT_FAILED), "print_fault"},
	{"K35", S(PRINTING), E(STOPPED), false, S(PRINT_FAILED), "stopped"},
	{"K36", S(PRINTING), E(FOUND_COMPLETE), false, S(PRINTED), NULL},
	{"K36", S(PRINTING), E(FOUND_INCOMPLETE), false, S(PRINT_FAILED), "print_fault"},
	{"K36", S(PRINTING), E(NOT_KNOWABLE), false, S(PRINT_FAILED), "not_knowable"},
	{"K36", S(PRINTING), E(DAY_ENDED), false, S(PRINT_FAILED), "not_knowable"},
	{"K37", S(PRINT_FAILED), E(RESUME), false, S(RESUMED), NULL},
	{"K37", S(PRINT_FAILED), E(RESUME_REFUSED), false, S(PRINT_FAILED), "resume_refused"},
	{"K37", S(RESUMED), E(PERMIT), true, S(PRINTING), NULL},
	{"K38", S(PRINT_FAILED), E(REFUND_CHOSEN), false, S(REFUND_DUE), "refund_chosen"},
	{"K38", S(PRINT_FAILED), E(DAY_ENDED), false, S(REFUND_DUE), "day_ended"},
	{"K38", S(PRINTING), E(PRINT_FAULT), true, S(REFUND_DUE), "print_fault"},
	{"K38", S(PRINTING), E(NOT_KNOWABLE), true, S(REFUND_DUE), "not_knowable"},
	{"K38", S(RESUMED), E(RESTARTED), true, S(REFUND_DUE), "restarted"},
	{"K39", S(REFUND_DUE), E(RETURNED), false, S(REFUNDED), NULL},
	{"K39", S(REFUND_DUE), E(NOT_RETURNABLE), false, S(REFUND_DUE), "refund_open"},
	{"K40", S(PRINTED), E(TAKEN), false, S(COLLECTED), NULL},
	{"K40", S(PRINTED), E(PAPER_LEFT), false, S(PRINTED), "paper_left"},
	{"K40", S(PRINTED), E(CLEARED), false, S(COLLECTED), NULL},
	{"K40", S(COLLECTED), E(ERASED), false, S(CLOSED), NULL},
};

static void the_table_is_the_flow_row_by_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
		const struct reading *r = &readings[i];
		const struct flow_issue_rule *rule = flow_issue_find(r->from, r->event, r->again);

		assert_non_null(rule);
		assert_string_equal(rule->row, r->row);
		assert_int_equal(rule->to == FLOW_ISSUE_STATES_ ? r->from : rule->to, r->to);
		assert_string_equal(rule->code != NULL ? rule->code : "",
				    r->code != NULL ? r->code : "");
	}
}

static void every_row_k01_to_k40_is_there_and_none_is_doubled(void **state)
{
	unsigned seen[41] = {0};
	const struct flow_issue_rule *r;

	(void)state;
	for (size_t i = 0; (r = flow_issue_rule(i)) != NULL; i++) {
		const long row = strtol(r->row + 1, NULL, 10);

		assert_true(row >= 1 && row <= 40);
		seen[row]++;
		for (size_t j = 0; j < i; j++) {
			const struct flow_issue_rule *o = flow_issue_rule(j);

			assert_false(o->event == r->event && (o->from & r->from) != 0 &&
				     (o->when == r->when || o->when == FLOW_ISSUE_ALWAYS ||
				      r->when == FLOW_ISSUE_ALWAYS));
		}
	}
	for (size_t i = 1; i <= 40; i++)
		assert_int_not_equal(seen[i], 0);
}

static void a_name_is_a_state_again(void **state)
{
	(void)state;
	for (unsigned s = 0; s < FLOW_ISSUE_STATES_; s++)
		assert_int_equal(
			flow_issue_state_of(flow_issue_state_name((enum flow_issue_state)s)), s);
	assert_int_equal(flow_issue_state_of("nowhere"), FLOW_ISSUE_STATES_);
	for (unsigned e = 0; e < FLOW_ISSUE_EVENTS_; e++)
		assert_non_null(flow_issue_event_name((enum flow_issue_event)e));
	assert_null(flow_issue_event_name(FLOW_ISSUE_EVENTS_));
}

/* ---- every situation × every event ---- */

static const char numbers[10][FLOW_ISSUE_NUMBER + 1] = {
	"AAAA-AAAA-AAA0", "AAAA-AAAA-AAA1", "AAAA-AAAA-AAA2", "AAAA-AAAA-AAA3", "AAAA-AAAA-AAA4",
	"AAAA-AAAA-AAA5", "AAAA-AAAA-AAA6", "AAAA-AAAA-AAA7", "AAAA-AAAA-AAA8", "AAAA-AAAA-AAA9"};
static const uint8_t some_id[16] = {1};

/* A situation: the transaction and what the world outside did with money and paper. */
struct situation {
	struct flow_issue_transaction t;
	long taken, given_back; /* yen, by the payment unit of this payment */
};

#define MOST 20000
static struct situation *seen;
static size_t seen_n;
static bool rule_used[256];

static bool same(const struct situation *a, const struct situation *b)
{
	return a->t.state == b->t.state && a->t.resumed == b->t.resumed &&
	       a->t.copies == b->t.copies && a->t.fee == b->t.fee && a->t.money == b->t.money &&
	       a->t.refund_state == b->t.refund_state && a->t.refund_amount == b->t.refund_amount &&
	       a->t.numbers == b->t.numbers && a->taken == b->taken &&
	       a->given_back == b->given_back &&
	       memcmp(a->t.copy, b->t.copy, sizeof a->t.copy) == 0;
}

static void keep(const struct situation *s)
{
	for (size_t i = 0; i < seen_n; i++) {
		if (same(&seen[i], s))
			return;
	}
	assert_true(seen_n < MOST);
	seen[seen_n++] = *s;
}

static void holds(const struct situation *s)
{
	const struct flow_issue_transaction *t = &s->t;
	const unsigned valid = flow_issue_valid(t);
	unsigned planned = 0;

	for (unsigned place = 1; place <= t->copies; place++) {
		unsigned papers = 0;

		for (size_t i = 0; i < t->numbers; i++) {
			papers += t->copy[i].place == place &&
				  t->copy[i].state == FLOW_ISSUE_COPY_VALID;
			planned += t->copy[i].place == place &&
				   t->copy[i].state == FLOW_ISSUE_COPY_PLANNED;
		}
		assert_true(papers <= 1); /* never two valid papers for one copy */
	}
	switch (t->state) {
	case S(REFUSED):
	case S(CANCELLED):
	case S(TIMED_OUT): /* no money, no paper */
		assert_int_equal(valid, 0);
		assert_int_equal(planned, 0);
		assert_int_equal(s->taken, s->given_back);
		assert_true(t->refund_state == FLOW_ISSUE_REFUND_NONE ||
			    t->refund_state == FLOW_ISSUE_REFUND_CANCELLED);
		break;
	case S(PRINTED):
	case S(COLLECTED):
	case S(CLOSED): /* all copies valid, everything paid, nothing owed */
		assert_int_equal(valid, t->copies);
		assert_int_equal(s->taken - s->given_back, t->fee * (long)t->copies);
		assert_true(t->refund_state == FLOW_ISSUE_REFUND_CANCELLED || t->fee == 0);
		break;
	case S(REFUND_DUE): /* each copy: valid paper, or its fee owed */
		assert_int_equal(planned, 0);
		assert_int_equal(flow_issue_owed(t), t->refund_amount);
		assert_true(t->refund_state == FLOW_ISSUE_REFUND_EFFECTIVE || t->fee == 0);
		break;
	case S(REFUNDED):
		assert_int_equal(planned, 0);
		assert_int_equal(flow_issue_owed(t), t->refund_amount);
		assert_true(t->refund_state == FLOW_ISSUE_REFUND_PAID || t->fee == 0);
		break;
	case S(PRINT_FAILED): /* nothing may come out under an old number */
		assert_int_equal(planned, 0);
		assert_true(valid < t->copies);
		break;
	default:
		break;
	}
}

static void try_event(struct situation from, enum flow_issue_event e, unsigned mask)
{
	unsigned sheets[FLOW_ISSUE_COPIES_MAX];
	bool complete[FLOW_ISSUE_COPIES_MAX];
	const struct flow_issue_facts facts = {numbers, 10,     some_id, some_id,
					       some_id, sheets, complete};
	const struct flow_issue_rule *rule = NULL;
	struct situation to = from;
	enum card_error err;

	for (unsigned i = 0; i < FLOW_ISSUE_COPIES_MAX; i++) {
		complete[i] = (mask >> i & 1) != 0;
		sheets[i] = complete[i] ? 1 : 0;
	}
	err = flow_issue_step(&to.t, e, &facts, &rule);
	if (err != CARD_OK) {
		assert_memory_equal(&to.t, &from.t, sizeof to.t);
		assert_int_equal(err == CARD_ERR_BAD_STATE,
				 flow_issue_find(from.t.state, e, from.t.resumed) == NULL);
		return;
	}
	for (size_t i = 0; flow_issue_rule(i) != NULL; i++)
		rule_used[i] |= flow_issue_rule(i) == rule;
	/* The world: money goes in when it is settled, and back where the rule says so. */
	if (to.t.money == FLOW_ISSUE_MONEY_SETTLED && from.t.money == FLOW_ISSUE_MONEY_OPEN)
		to.taken += to.t.fee * (long)to.t.copies;
	keep(&to);
	holds(&to);
}

static void explore(unsigned copies, long fee)
{
	struct situation start;

	memset(&start, 0, sizeof start);
	start.t.copies = copies;
	start.t.fee = fee;
	seen_n = 0;
	keep(&start);
	for (size_t i = 0; i < seen_n; i++) {
		for (unsigned e = 0; e < FLOW_ISSUE_EVENTS_; e++) {
			for (unsigned mask = 0; mask < 1u << copies; mask++)
				try_event(seen[i], (enum flow_issue_event)e, mask);
		}
	}
}

/* From anywhere: the terminal says nothing any more; the centre's clock alone leads to an end. */
static void silence_ends(const struct situation *s)
{
	static const enum flow_issue_event clock[] = {E(IDLE), E(NO_PERMIT), E(DAY_ENDED),
						      E(DAY_ENDED)};
	struct flow_issue_transaction t = s->t;

	for (size_t i = 0; i < sizeof clock / sizeof clock[0]; i++)
		(void)flow_issue_step(&t, clock[i], NULL, NULL);
	assert_true(flow_issue_ended(t.state) || t.state == S(REFUND_DUE) ||
		    t.state == S(PRINTED) || t.state == S(COLLECTED) || t.state == S(IDLE));
}

static void every_situation_times_every_event_keeps_the_promise(void **state)
{
	size_t unused = 0;

	(void)state;
	seen = calloc(MOST, sizeof *seen);
	assert_non_null(seen);
	for (unsigned copies = 1; copies <= 3; copies++) {
		for (int paid = 0; paid <= 1; paid++) {
			explore(copies, paid ? 300 : 0);
			assert_true(seen_n > 30);
			for (size_t i = 0; i < seen_n; i++)
				silence_ends(&seen[i]);
		}
	}
	for (size_t i = 0; flow_issue_rule(i) != NULL; i++) {
		if (!rule_used[i]) {
			print_message("%s never reached\n", flow_issue_rule(i)->row);
			unused++;
		}
	}
	assert_int_equal(unused, 0);
	free(seen);
}

static void a_step_without_its_facts_changes_nothing(void **state)
{
	struct flow_issue_transaction t;
	const struct flow_issue_transaction zero = {0};
	struct flow_issue_transaction before;

	(void)state;
	t = zero;
	t.copies = 2;
	t.fee = 300;
	t.state = S(VERIFIED);
	before = t;
	assert_int_equal(flow_issue_step(&t, E(DOCUMENT), NULL, NULL), CARD_ERR_INVALID_ARGUMENT);
	t.state = before.state = S(DELIVERED);
	assert_int_equal(flow_issue_step(&t, E(CONFIRMED), NULL, NULL), CARD_ERR_INVALID_ARGUMENT);
	/* A fee of 0 is a row of its own: neither does for the other. */
	assert_int_equal(flow_issue_step(&t, E(CONFIRMED_FREE), NULL, NULL),
			 CARD_ERR_INVALID_ARGUMENT);
	t.state = before.state = S(PAID);
	assert_int_equal(flow_issue_step(&t, E(PERMIT), NULL, NULL), CARD_ERR_INVALID_ARGUMENT);
	assert_memory_equal(&t, &before, sizeof t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_the_flow_row_by_row),
		cmocka_unit_test(every_row_k01_to_k40_is_there_and_none_is_doubled),
		cmocka_unit_test(a_name_is_a_state_again),
		cmocka_unit_test(every_situation_times_every_event_keeps_the_promise),
		cmocka_unit_test(a_step_without_its_facts_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
