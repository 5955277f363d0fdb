/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves how libcard lives with pcscd: listing and waiting, readers that come and go, restarts,
 * refusals, and other programs that hold the card. The clock is the fake's: nothing waits here.
 */
#include "test.h"

#include <limits.h>

#include <card/channel.h>
#include <card/log.h>
#include <card/pcsc.h>

#include "fake_pcsc.h"

static LONG silent_card(void *ctx, struct card_bytes cmd, uint8_t *resp, DWORD *len)
{
	(void)ctx;
	(void)cmd;
	resp[0] = 0x90;
	resp[1] = 0x00;
	*len = 2;
	return SCARD_S_SUCCESS;
}

static unsigned logged[CARD_LOG_EVENT_COUNT_];

static void count_event(void *ctx, enum card_log_level level, enum card_log_event event,
			const char *text)
{
	(void)ctx;
	(void)level;
	assert_non_null(text);
	logged[event]++;
}

static int start(void **state)
{
	(void)state;
	fake_pcsc_start();
	memset(logged, 0, sizeof(logged));
	card_log_set(count_event, NULL, CARD_LOG_DEBUG);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	card_log_set(NULL, NULL, CARD_LOG_ERROR);
	return fake_pcsc_tidy() ? 0 : -1;
}

static card_pcsc_t *context(void)
{
	card_pcsc_t *p = NULL;

	assert_ok(card_pcsc_new(&p));
	return p;
}

static card_reader_t *opened(card_pcsc_t *p)
{
	card_reader_t *r = NULL;

	fake_pcsc_insert(silent_card, NULL);
	assert_ok(card_pcsc_open(p, "Test Reader 00", 0, &r));
	return r;
}

/* ---- absent and forbidden ---- */

static void absent_service_and_polkit_have_their_names(void **state)
{
	card_pcsc_t *p = NULL;
	card_reader_t *r = NULL;

	(void)state;
	fake_pcsc.stopped = true;
	assert_int_equal(card_pcsc_new(&p), CARD_ERR_NO_SERVICE);
	assert_null(p);
	fake_pcsc.stopped = false;
	fake_pcsc.establish_rv = SCARD_W_SECURITY_VIOLATION;
	assert_int_equal(card_pcsc_new(&p), CARD_ERR_NOT_PERMITTED);
	assert_null(p);
	fake_pcsc.establish_rv = SCARD_S_SUCCESS;
	p = context();
	fake_pcsc_insert(silent_card, NULL);
	fake_pcsc.connect_rv = SCARD_W_SECURITY_VIOLATION; /* polkit's access_card */
	assert_int_equal(card_pcsc_open(p, "Test Reader 00", 0, &r), CARD_ERR_NOT_PERMITTED);
	assert_null(r);
	card_pcsc_free(&p);
}

static void open_names_what_is_wrong(void **state)
{
	card_pcsc_t *p = context();
	card_reader_t *r = NULL;

	(void)state;
	assert_int_equal(card_pcsc_open(p, "Test Reader 00", 0, &r), CARD_ERR_NO_CARD);
	assert_int_equal(card_pcsc_open(p, "Another", 0, &r), CARD_ERR_NO_READER);
	fake_pcsc.readers[0].mute = true;
	assert_int_equal(card_pcsc_open(p, "Test Reader 00", 0, &r), CARD_ERR_READER);
	fake_pcsc_insert(silent_card, NULL);
	fake_pcsc.connect_rv = SCARD_E_SHARING_VIOLATION; /* another program: exclusive */
	assert_int_equal(card_pcsc_open(p, "Test Reader 00", 0, &r), CARD_ERR_READER_BUSY);
	assert_null(r);
	card_pcsc_free(&p);
}

/* ---- the list ---- */

static void list_tells_present_mute_and_counts(void **state)
{
	card_pcsc_t *p = context();
	struct card_pcsc_reader list[CARD_PCSC_READERS_MAX];
	size_t n = CARD_PCSC_READERS_MAX;

	(void)state;
	fake_pcsc.readers[1].name = "Second Reader 01";
	fake_pcsc.readers[1].mute = true;
	fake_pcsc_insert(silent_card, NULL);
	assert_ok(card_pcsc_list(p, list, &n));
	assert_int_equal(n, 2);
	assert_string_equal(list[0].name, "Test Reader 00");
	assert_true(list[0].card);
	assert_false(list[0].mute);
	assert_int_equal(list[0].events, 1);
	assert_hex(card_bytes(list[0].atr, list[0].atr_len), "3BE000FF8131FE4514");
	assert_false(list[1].card);
	assert_true(list[1].mute);
	n = 1; /* no more room */
	assert_ok(card_pcsc_list(p, list, &n));
	assert_int_equal(n, 1);
	fake_pcsc.readers[0].name = fake_pcsc.readers[1].name = NULL;
	n = CARD_PCSC_READERS_MAX;
	assert_ok(card_pcsc_list(p, list, &n));
	assert_int_equal(n, 0);
	card_pcsc_free(&p);
}

static void reader_that_goes_between_two_questions_is_asked_again(void **state)
{
	card_pcsc_t *p = context();
	struct card_pcsc_reader list[4];
	size_t n = 4;

	(void)state;
	fake_pcsc.list_races = 2;
	assert_ok(card_pcsc_list(p, list, &n));
	assert_int_equal(n, 1);
	fake_pcsc.list_races = 9; /* for ever: an error, not a loop */
	n = 4;
	assert_int_equal(card_pcsc_list(p, list, &n), CARD_ERR_NO_READER);
	card_pcsc_free(&p);
}

static void list_survives_a_restart_of_pcscd(void **state)
{
	card_pcsc_t *p = context();
	struct card_pcsc_reader list[4];
	size_t n = 4;

	(void)state;
	fake_pcsc.boot++;
	assert_ok(card_pcsc_list(p, list, &n));
	assert_int_equal(n, 1);
	assert_int_equal(logged[CARD_LOG_SERVICE_RESTARTED], 1);
	fake_pcsc.stopped = true;
	n = 4;
	assert_int_equal(card_pcsc_list(p, list, &n), CARD_ERR_NO_SERVICE);
	fake_pcsc.stopped = false;
	fake_pcsc.boot++;
	n = 4;
	assert_ok(card_pcsc_list(p, list, &n));
	card_pcsc_free(&p);
}

/* ---- waiting ---- */

static void insert_later(struct fake_pcsc *f)
{
	(void)f;
	fake_pcsc_insert(silent_card, NULL);
}

static void plug_later(struct fake_pcsc *f)
{
	f->readers[2].name = "Late Reader 02";
}

static void unplug_later(struct fake_pcsc *f)
{
	f->readers[0].name = NULL;
}

static void stop_later(struct fake_pcsc *f)
{
	f->stopped = true;
}

static void start_later(struct fake_pcsc *f)
{
	f->stopped = false;
	f->boot++;
}

static card_pcsc_t *waiting_one;

static void cancel_later(struct fake_pcsc *f)
{
	(void)f;
	assert_ok(card_pcsc_cancel(waiting_one));
}

static bool cancel_between(void *ctx, unsigned waited_ms)
{
	(void)waited_ms;
	assert_ok(card_pcsc_cancel(ctx)); /* nobody sleeps in pcscd now */
	return true;
}

static void card_is_waited_for_and_found(void **state)
{
	card_pcsc_t *p = context();
	struct card_pcsc_reader found;
	uint64_t before = fake_pcsc.now_ms;

	(void)state;
	fake_pcsc_at(before + 3210, insert_later);
	assert_ok(card_pcsc_wait_card(p, NULL, 10000, &found));
	assert_string_equal(found.name, "Test Reader 00");
	assert_int_equal(fake_pcsc.now_ms - before, 3210);
	assert_ok(card_pcsc_wait_card(p, "Test", 0, &found));
	card_pcsc_free(&p);
}

static void wait_ends_with_the_timeout_and_names_the_lack(void **state)
{
	card_pcsc_t *p = context();
	struct card_pcsc_reader found;
	uint64_t before = fake_pcsc.now_ms;

	(void)state;
	assert_int_equal(card_pcsc_wait_card(p, NULL, 5000, &found), CARD_ERR_TIMEOUT);
	assert_int_equal(fake_pcsc.now_ms - before, 5000);
	assert_int_equal(card_pcsc_wait_card(p, NULL, 0, &found), CARD_ERR_TIMEOUT);
	assert_int_equal(card_pcsc_wait_card(p, "Another", 1000, &found), CARD_ERR_NO_READER);
	card_pcsc_free(&p);
}

static void two_cards_are_ambiguous_unless_the_name_is_exact(void **state)
{
	card_pcsc_t *p = context();
	struct card_pcsc_reader found;

	(void)state;
	fake_pcsc.readers[0].card = true;
	fake_pcsc.readers[1] = (struct fake_reader){"Test Reader 00 twin", true, false, 0};
	assert_int_equal(card_pcsc_wait_card(p, "Reader", 0, &found), CARD_ERR_AMBIGUOUS);
	assert_int_equal(card_pcsc_wait_card(p, NULL, 0, &found), CARD_ERR_AMBIGUOUS);
	assert_ok(card_pcsc_wait_card(p, "Test Reader 00", 0, &found));
	assert_string_equal(found.name, "Test Reader 00");
	assert_ok(card_pcsc_wait_card(p, "twin", 0, &found));
	assert_string_equal(found.name, "Test Reader 00 twin");
	card_pcsc_free(&p);
}

static void reader_is_plugged_in_while_waiting(void **state)
{
	card_pcsc_t *p = context();
	struct card_pcsc_reader list[4];
	size_t n = 4;
	uint64_t before = fake_pcsc.now_ms;

	(void)state;
	assert_ok(card_pcsc_list(p, list, &n));
	fake_pcsc_at(before + 1700, plug_later);
	assert_ok(card_pcsc_wait_change(p, list, n, 60000));
	assert_int_equal(fake_pcsc.now_ms - before, 1700);
	n = 4;
	assert_ok(card_pcsc_list(p, list, &n));
	assert_int_equal(n, 2);
	fake_pcsc_at(before + 2000, unplug_later);
	assert_ok(card_pcsc_wait_change(p, list, n, 60000));
	n = 4;
	assert_ok(card_pcsc_list(p, list, &n));
	assert_int_equal(n, 1);
	assert_string_equal(list[0].name, "Late Reader 02");
	card_pcsc_free(&p);
}

static void wait_goes_on_over_a_restart_of_pcscd(void **state)
{
	card_pcsc_t *p = context();
	struct card_pcsc_reader found;
	uint64_t before = fake_pcsc.now_ms;

	(void)state;
	fake_pcsc_at(before + 1000, stop_later);
	fake_pcsc_at(before + 4000, start_later);
	fake_pcsc_at(before + 6000, insert_later);
	assert_ok(card_pcsc_wait_card(p, NULL, 20000, &found));
	assert_true(fake_pcsc.now_ms - before < 7000);
	card_pcsc_free(&p);
}

static void wait_is_cancelled(void **state)
{
	card_pcsc_t *p = context();
	struct card_pcsc_reader found;
	uint64_t before = fake_pcsc.now_ms;

	(void)state;
	waiting_one = p;
	fake_pcsc_at(before + 700, cancel_later);
	assert_int_equal(card_pcsc_wait_card(p, NULL, UINT_MAX, &found), CARD_ERR_CANCELLED);
	assert_int_equal(fake_pcsc.now_ms - before, 700);
	assert_ok(card_pcsc_cancel(p)); /* before the other thread's call has begun to wait */
	before = fake_pcsc.now_ms;
	assert_int_equal(card_pcsc_wait_card(p, NULL, 5000, &found), CARD_ERR_CANCELLED);
	assert_int_equal(fake_pcsc.now_ms, before);
	assert_int_equal(card_pcsc_wait_card(p, NULL, 1000, &found), CARD_ERR_TIMEOUT); /* once */
	card_pcsc_free(&p);
}

/* SCardCancel does nothing unless a call sleeps in pcscd at that moment. */
static void cancel_between_two_sleeps_is_not_lost(void **state)
{
	card_pcsc_t *p = context();
	struct card_pcsc_reader found;
	uint64_t before = fake_pcsc.now_ms;

	(void)state;
	card_pcsc_on_wait(p, cancel_between, p);
	assert_int_equal(card_pcsc_wait_card(p, NULL, UINT_MAX, &found), CARD_ERR_CANCELLED);
	assert_in_range(fake_pcsc.now_ms - before, 2000, 2999);
	card_pcsc_free(&p);
}

/* ---- other programs ---- */

struct told {
	unsigned calls, first, last;
	unsigned give_up_after; /* calls; 0: never */
};

static bool tell(void *ctx, unsigned waited_ms)
{
	struct told *t = ctx;

	if (t->calls++ == 0)
		t->first = waited_ms;
	t->last = waited_ms;
	return t->give_up_after == 0 || t->calls < t->give_up_after;
}

static void another_program_is_reported_after_two_seconds_and_given_up(void **state)
{
	card_pcsc_t *p = context();
	struct told told = {0};
	card_reader_t *r;
	uint64_t before;

	(void)state;
	card_pcsc_on_wait(p, tell, &told);
	r = opened(p);
	before = fake_pcsc.now_ms;
	fake_pcsc.busy_until_ms = before + 3600000;
	assert_int_equal(card_reader_begin(r, 0), CARD_ERR_READER_BUSY);
	assert_in_range(fake_pcsc.now_ms - before, 10000, 10100);
	assert_in_range(told.first, 2000, 2099);
	assert_int_equal(told.calls, 8); /* after 2, 3, … 9 s */
	assert_int_equal(logged[CARD_LOG_WAITING_FOR_READER], 1);
	assert_int_equal(fake_pcsc.begins, 0); /* it would have waited for an hour */
	before = fake_pcsc.now_ms;
	assert_int_equal(card_reader_begin(r, 500), CARD_ERR_READER_BUSY);
	assert_in_range(fake_pcsc.now_ms - before, 500, 600);
	card_reader_free(&r);
	card_pcsc_free(&p);
}

static void another_programs_end_is_waited_for(void **state)
{
	card_pcsc_t *p = context();
	card_reader_t *r = opened(p);
	uint64_t before = fake_pcsc.now_ms;

	(void)state;
	fake_pcsc.busy_until_ms = before + 3000;
	assert_ok(card_reader_begin(r, 0));
	assert_in_range(fake_pcsc.now_ms - before, 3000, 3100);
	assert_ok(card_reader_end(r, CARD_LEAVE));
	assert_int_equal(fake_pcsc.last_end, SCARD_LEAVE_CARD);
	card_reader_free(&r);
	card_pcsc_free(&p);
}

static void waiting_for_another_program_is_cancelled_by_the_hook(void **state)
{
	card_pcsc_t *p = context();
	struct told told = {.give_up_after = 2};
	card_reader_t *r;

	(void)state;
	card_pcsc_on_wait(p, tell, &told);
	r = opened(p);
	fake_pcsc.busy_until_ms = fake_pcsc.now_ms + 3600000;
	assert_int_equal(card_reader_begin(r, 60000), CARD_ERR_CANCELLED);
	assert_in_range(told.last, 3000, 3099);
	card_reader_free(&r);
	card_pcsc_free(&p);
}

static void reset_by_another_program_is_mended_at_begin(void **state)
{
	card_pcsc_t *p = context();
	card_reader_t *r = opened(p);
	uint64_t generation = card_reader_generation(r);

	(void)state;
	fake_pcsc.reset = true;
	assert_ok(card_reader_begin(r, 0));
	assert_int_equal(fake_pcsc.reconnects, 1);
	assert_int_not_equal(card_reader_generation(r), generation);
	assert_int_equal(logged[CARD_LOG_CARD_RESET], 1);
	assert_ok(card_reader_end(r, CARD_UNPOWER));
	assert_int_equal(fake_pcsc.last_end, SCARD_UNPOWER_CARD);
	card_reader_free(&r);
	card_pcsc_free(&p);
}

static void reinsertion_and_restart_are_mended_at_begin(void **state)
{
	card_pcsc_t *p = context();
	card_reader_t *r = opened(p);
	uint64_t generation = card_reader_generation(r);

	(void)state;
	fake_pcsc_remove();
	assert_int_equal(card_reader_begin(r, 0), CARD_ERR_NO_CARD);
	fake_pcsc_insert(silent_card, NULL);
	assert_ok(card_reader_begin(r, 0));
	assert_ok(card_reader_end(r, CARD_LEAVE));
	assert_int_not_equal(card_reader_generation(r), generation);
	generation = card_reader_generation(r);
	fake_pcsc.boot++;
	assert_ok(card_reader_begin(r, 0));
	assert_ok(card_reader_end(r, CARD_LEAVE));
	assert_int_not_equal(card_reader_generation(r), generation);
	assert_int_equal(logged[CARD_LOG_SERVICE_RESTARTED], 1);
	fake_pcsc.stopped = true;
	assert_int_equal(card_reader_begin(r, 0), CARD_ERR_NO_SERVICE);
	fake_pcsc.stopped = false;
	fake_pcsc.boot++;
	assert_ok(card_reader_begin(r, 0));
	assert_ok(card_reader_end(r, CARD_LEAVE));
	card_reader_free(&r);
	card_pcsc_free(&p);
}

static void readers_outlive_the_context_they_came_from(void **state)
{
	card_pcsc_t *p = context();
	card_reader_t *r = opened(p);
	uint8_t atr[CARD_ATR_MAX];
	size_t n = 0;

	(void)state;
	card_pcsc_free(&p);
	assert_null(p);
	assert_ok(card_reader_begin(r, 0));
	assert_ok(card_reader_atr(r, atr, &n));
	assert_hex(card_bytes(atr, n), "3BE000FF8131FE4514");
	assert_string_equal(card_reader_name(r), "Test Reader 00");
	assert_true((card_reader_features(r) & CARD_READER_REAL) != 0);
	card_reader_free(&r); /* inside the transaction: given back all the same */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(absent_service_and_polkit_have_their_names),
		TEST(open_names_what_is_wrong),
		TEST(list_tells_present_mute_and_counts),
		TEST(reader_that_goes_between_two_questions_is_asked_again),
		TEST(list_survives_a_restart_of_pcscd),
		TEST(card_is_waited_for_and_found),
		TEST(wait_ends_with_the_timeout_and_names_the_lack),
		TEST(two_cards_are_ambiguous_unless_the_name_is_exact),
		TEST(reader_is_plugged_in_while_waiting),
		TEST(wait_goes_on_over_a_restart_of_pcscd),
		TEST(wait_is_cancelled),
		TEST(cancel_between_two_sleeps_is_not_lost),
		TEST(another_program_is_reported_after_two_seconds_and_given_up),
		TEST(another_programs_end_is_waited_for),
		TEST(waiting_for_another_program_is_cancelled_by_the_hook),
		TEST(reset_by_another_program_is_mended_at_begin),
		TEST(reinsertion_and_restart_are_mended_at_begin),
		TEST(readers_outlive_the_context_they_came_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
