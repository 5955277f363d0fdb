/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves: whichever command of the identity check is cut, and whether the card executed it or not,
 * the check ends with "removed" or "outcome unknown" and no verdict; tries went down by one at
 * most, and after the card is back the same check gives the whole result.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <card/sim.h>
#include <card/token.h>

#include "kazasu/anchors.h"
#include "kazasu/identify.h"

/* card-spec 10.1, and the test persona's PIN. */
static const char *const secrets[] = {
	[IDENTIFY_NUMBER_B] = "55021720352285\n", [IDENTIFY_PIN] = "1234\n"};

struct run {
	int rc;
	unsigned long commands;
	struct identify id;
};

static card_sim_t *sim;
static card_cvca_t *cas;
static struct kz kz;

static int start(void **state)
{
	(void)state;
	kz.opt.wait = -1;
	kz.opt.test_roots = true;
	assert_int_equal(kz_anchors_cvca(&kz, &cas), KZ_GO);
	assert_ok(card_sim_new(&sim, "test-person", NULL, NULL));
	return 0;
}

static int stop(void **state)
{
	(void)state;
	card_cvca_free(&cas);
	card_sim_free(&sim);
	return 0;
}

/* What a failure tells people is not looked at here. */
static int quiet(struct identify *id, struct kz_session *card)
{
	const int saved = dup(STDERR_FILENO);
	int rc;

	fflush(stderr);
	assert_non_null(freopen("/dev/null", "w", stderr));
	rc = identify_run(&kz, card, cas, id);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	return rc;
}

static struct run check(enum identify_route route, unsigned long tear_after, enum card_sim_tear how)
{
	struct run r = {.id = {.route = route}};
	struct kz_session card = {.virtual_card = true};
	const char *secret = secrets[route];
	int ends[2];

	card_sim_insert(sim, tear_after, how);
	assert_ok(card_sim_reader_new(&card.reader, sim));
	assert_ok(card_channel_new(&card.ch, card.reader));
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], secret, strlen(secret)), strlen(secret));
	close(ends[1]);
	kz.opt.pin_fd = ends[0];
	r.id.now = 1767225600; /* 2026-01-01 */
	r.rc = quiet(&r.id, &card);
	r.commands = card_sim_count(sim);
	kz_session_close(&card);
	close(ends[0]);
	return r;
}

static void assert_whole(const struct run *r)
{
	assert_int_equal(r->rc, KZ_GO);
	assert_int_equal(identify_verdict(&r->id), VERDICT_UNDETERMINED);
	assert_int_equal(r->id.check[CHECK_CHAIN], CARD_CHECK_PASS);
	assert_int_equal(r->id.check[CHECK_RECORD], CARD_CHECK_PASS);
	assert_int_equal(r->id.check[CHECK_CHALLENGE], CARD_CHECK_PASS);
	assert_int_equal(r->id.check[CHECK_IN_FORCE], CARD_CHECK_PASS);
	assert_true(r->id.has_attributes);
	if (r->id.route == IDENTIFY_NUMBER_B)
		assert_int_equal(r->id.check[CHECK_CONSISTENCY], CARD_CHECK_PASS);
}

/* The counters of the secrets that the check presents. */
static void assert_tries(int least)
{
	static const struct {
		enum card_pin pin;
		int full;
	} counters[] = {
		{CARD_PIN_TEXT, 3}, {CARD_PIN_TEXT_NUMBER_B, 10}, {CARD_PIN_SURFACE_NUMBER_B, 10}};
	card_reader_t *reader = NULL;
	card_channel_t *ch = NULL;
	int used = 0;

	card_sim_insert(sim, 0, CARD_SIM_TEAR_BEFORE);
	assert_ok(card_sim_reader_new(&reader, sim));
	assert_ok(card_channel_new(&ch, reader));
	assert_ok(card_channel_begin(ch, 0));
	for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
		int tries = 0;

		assert_ok(card_pin_tries(ch, counters[i].pin, &tries));
		used += counters[i].full - tries;
	}
	assert_ok(card_channel_end(ch));
	card_channel_free(&ch);
	card_reader_free(&reader);
	assert_in_range(used, 0, -least);
}

static void tear_everywhere(enum identify_route route)
{
	static const enum card_sim_tear ways[] = {CARD_SIM_TEAR_BEFORE, CARD_SIM_TEAR_AFTER,
						  CARD_SIM_TEAR_COUNTER};
	struct run whole = check(route, 0, CARD_SIM_TEAR_BEFORE);
	const unsigned long all = whole.commands;

	assert_whole(&whole);
	identify_free(&whole.id);
	assert_in_range(all, 14, 120);
	for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
		for (unsigned long n = 1; n <= all; n++) {
			struct run torn = check(route, n, ways[w]);

			/* The last command clears the status: nothing is missing then. */
			if (n == all)
				assert_whole(&torn);
			else
				assert_int_equal(torn.rc, KZ_NO_CARD);
			identify_free(&torn.id);
			assert_tries(-1);
			if (n % 7 == 0 || n < 12) {
				struct run next = check(route, 0, CARD_SIM_TEAR_BEFORE);

				assert_whole(&next);
				identify_free(&next.id);
				assert_tries(0);
			}
		}
	}
}

static void pulled_anywhere_on_route_pin(void **state)
{
	(void)state;
	tear_everywhere(IDENTIFY_PIN);
}

static void pulled_anywhere_on_route_number_b(void **state)
{
	(void)state;
	tear_everywhere(IDENTIFY_NUMBER_B);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pulled_anywhere_on_route_pin),
		cmocka_unit_test(pulled_anywhere_on_route_number_b),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
