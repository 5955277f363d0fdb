/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves the table of TV-10: every event from every pair of states, by both channels, does what the
 * rules say and nothing else; what they do not know is refused with a reason of its own.
 */
#include "test.h"

#include <stdio.h>

#include <cardflow/lifecycle.h>

enum {
	CARDS = FLOW_CARD_DESTROYED + 1,
	CERTS = FLOW_CERT_NONE + 1,
	EVENTS = FLOW_EVENT_CERT_EXPIRE + 1
};

/* Written from TV-10, not from the code: from > to, or the reason. One line a card state; certificates
 * in the order valid, on_hold, revoked, expired, none. "=" stays; telephone only where "tel". */
static const struct {
	enum flow_card_event event;
	bool tel;
	const char *want[CARDS][CERTS];
} table[] = {
	{FLOW_EVENT_SUSPEND,
	 true,
	 {{"suspended on_hold", "suspended on_hold", "suspended revoked", "suspended expired",
	   "suspended none"},
	  {"!card_already_suspended", "!card_already_suspended", "!card_already_suspended",
	   "!card_already_suspended", "!card_already_suspended"},
	  {"!card_abolished", "!card_abolished", "!card_abolished", "!card_abolished",
	   "!card_abolished"},
	  {"!card_collected", "!card_collected", "!card_collected", "!card_collected",
	   "!card_collected"},
	  {"!card_destroyed", "!card_destroyed", "!card_destroyed", "!card_destroyed",
	   "!card_destroyed"}}},
	{FLOW_EVENT_CERT_HOLD,
	 true,
	 {{"active on_hold", "!certificate_already_on_hold", "!certificate_revoked",
	   "!certificate_expired", "!certificate_absent"},
	  {"suspended on_hold", "!certificate_already_on_hold", "!certificate_revoked",
	   "!certificate_expired", "!certificate_absent"},
	  {"!card_abolished", "!card_abolished", "!card_abolished", "!card_abolished",
	   "!card_abolished"},
	  {"!card_collected", "!card_collected", "!card_collected", "!card_collected",
	   "!card_collected"},
	  {"!card_destroyed", "!card_destroyed", "!card_destroyed", "!card_destroyed",
	   "!card_destroyed"}}},
	{FLOW_EVENT_RELEASE,
	 false,
	 {{"!card_not_suspended", "!card_not_suspended", "!card_not_suspended",
	   "!card_not_suspended", "!card_not_suspended"},
	  {"active valid", "active on_hold", "active revoked", "active expired", "active none"},
	  {"!card_abolished", "!card_abolished", "!card_abolished", "!card_abolished",
	   "!card_abolished"},
	  {"!card_collected", "!card_collected", "!card_collected", "!card_collected",
	   "!card_collected"},
	  {"!card_destroyed", "!card_destroyed", "!card_destroyed", "!card_destroyed",
	   "!card_destroyed"}}},
	{FLOW_EVENT_CERT_RELEASE,
	 false,
	 {{"!certificate_not_on_hold", "active valid", "!certificate_revoked",
	   "!certificate_expired", "!certificate_absent"},
	  {"!card_still_suspended", "!card_still_suspended", "!card_still_suspended",
	   "!card_still_suspended", "!card_still_suspended"},
	  {"!card_abolished", "!card_abolished", "!card_abolished", "!card_abolished",
	   "!card_abolished"},
	  {"!card_collected", "!card_collected", "!card_collected", "!card_collected",
	   "!card_collected"},
	  {"!card_destroyed", "!card_destroyed", "!card_destroyed", "!card_destroyed",
	   "!card_destroyed"}}},
	{FLOW_EVENT_ABOLISH,
	 false,
	 {{"abolished revoked", "abolished revoked", "abolished revoked", "abolished expired",
	   "abolished none"},
	  {"abolished revoked", "abolished revoked", "abolished revoked", "abolished expired",
	   "abolished none"},
	  /* R2-26: a no-op */
	  {"abolished valid", "abolished on_hold", "abolished revoked", "abolished expired",
	   "abolished none"},
	  {"!card_collected", "!card_collected", "!card_collected", "!card_collected",
	   "!card_collected"},
	  {"!card_destroyed", "!card_destroyed", "!card_destroyed", "!card_destroyed",
	   "!card_destroyed"}}},
	{FLOW_EVENT_COLLECT,
	 false,
	 {{"!card_not_abolished", "!card_not_abolished", "!card_not_abolished",
	   "!card_not_abolished", "!card_not_abolished"},
	  {"!card_not_abolished", "!card_not_abolished", "!card_not_abolished",
	   "!card_not_abolished", "!card_not_abolished"},
	  {"collected valid", "collected on_hold", "collected revoked", "collected expired",
	   "collected none"},
	  {"!card_already_collected", "!card_already_collected", "!card_already_collected",
	   "!card_already_collected", "!card_already_collected"},
	  {"!card_destroyed", "!card_destroyed", "!card_destroyed", "!card_destroyed",
	   "!card_destroyed"}}},
	{FLOW_EVENT_DESTROY,
	 false,
	 {{"!card_not_abolished", "!card_not_abolished", "!card_not_abolished",
	   "!card_not_abolished", "!card_not_abolished"},
	  {"!card_not_abolished", "!card_not_abolished", "!card_not_abolished",
	   "!card_not_abolished", "!card_not_abolished"},
	  {"!card_not_collected", "!card_not_collected", "!card_not_collected",
	   "!card_not_collected", "!card_not_collected"},
	  {"destroyed valid", "destroyed on_hold", "destroyed revoked", "destroyed expired",
	   "destroyed none"},
	  {"!card_destroyed", "!card_destroyed", "!card_destroyed", "!card_destroyed",
	   "!card_destroyed"}}},
	{FLOW_EVENT_CERT_REVOKE,
	 false,
	 {{"active revoked", "active revoked", "!certificate_revoked", "!certificate_expired",
	   "!certificate_absent"},
	  {"suspended revoked", "suspended revoked", "!certificate_revoked", "!certificate_expired",
	   "!certificate_absent"},
	  {"!card_abolished", "!card_abolished", "!card_abolished", "!card_abolished",
	   "!card_abolished"},
	  {"!card_collected", "!card_collected", "!card_collected", "!card_collected",
	   "!card_collected"},
	  {"!card_destroyed", "!card_destroyed", "!card_destroyed", "!card_destroyed",
	   "!card_destroyed"}}},
	{FLOW_EVENT_CARD_EXPIRE,
	 true,
	 {{"abolished expired", "abolished expired", "abolished revoked", "abolished expired",
	   "abolished none"},
	  {"abolished expired", "abolished expired", "abolished revoked", "abolished expired",
	   "abolished none"},
	  {"abolished valid", "abolished on_hold", "abolished revoked", "abolished expired",
	   "abolished none"},
	  {"!card_collected", "!card_collected", "!card_collected", "!card_collected",
	   "!card_collected"},
	  {"!card_destroyed", "!card_destroyed", "!card_destroyed", "!card_destroyed",
	   "!card_destroyed"}}},
	{FLOW_EVENT_CERT_EXPIRE,
	 true,
	 {{"active expired", "active expired", "!certificate_revoked", "!certificate_expired",
	   "!certificate_absent"},
	  {"suspended expired", "suspended expired", "!certificate_revoked", "!certificate_expired",
	   "!certificate_absent"},
	  {"abolished expired", "abolished expired", "!certificate_revoked", "!certificate_expired",
	   "!certificate_absent"},
	  {"collected expired", "collected expired", "!certificate_revoked", "!certificate_expired",
	   "!certificate_absent"},
	  {"destroyed expired", "destroyed expired", "!certificate_revoked", "!certificate_expired",
	   "!certificate_absent"}}},
};

static void check(enum flow_card_event event, enum flow_channel channel,
		  struct flow_card_states from, const char *want)
{
	struct flow_card_states s = from;
	const char *why = flow_card_refusal(&s, event, channel);
	const enum card_error err = flow_card_step(&s, event, channel);
	char got[64];

	if (err == CARD_OK)
		snprintf(got, sizeof got, "%s %s", flow_card_state_name(s.card),
			 flow_cert_state_name(s.certificates));
	else
		snprintf(got, sizeof got, "!%s", why != NULL ? why : "(no reason)");
	if (strcmp(got, want) != 0 || (err == CARD_OK) != (why == NULL))
		fail_msg("%s of %s %s: %s, want %s", flow_card_event_name(event),
			 flow_card_state_name(from.card), flow_cert_state_name(from.certificates),
			 got, want);
	if (err == CARD_OK)
		return;
	assert_int_equal(err,
			 strcmp(want, "!telephone") == 0 ? CARD_ERR_DENIED : CARD_ERR_BAD_STATE);
	assert_memory_equal(&s, &from, sizeof s); /* unchanged */
}

static void every_event_from_every_state(void **state)
{
	size_t n = 0;

	(void)state;
	assert_int_equal(sizeof table / sizeof *table, EVENTS);
	for (size_t i = 0; i < EVENTS; i++) {
		for (int card = 0; card < CARDS; card++) {
			for (int cert = 0; cert < CERTS; cert++, n++) {
				const struct flow_card_states from = {(enum flow_card_state)card,
								      (enum flow_cert_state)cert};

				check(table[i].event, FLOW_BY_VISIT, from,
				      table[i].want[card][cert]);
				check(table[i].event, FLOW_BY_TELEPHONE, from,
				      table[i].tel ? table[i].want[card][cert] : "!telephone");
			}
		}
	}
	assert_int_equal(n, 250);
}

static void nothing_leaves_the_last_state(void **state)
{
	(void)state;
	for (int e = 0; e < EVENTS; e++) {
		for (int cert = 0; cert < CERTS; cert++) {
			struct flow_card_states s = {FLOW_CARD_DESTROYED,
						     (enum flow_cert_state)cert};

			flow_card_step(&s, (enum flow_card_event)e, FLOW_BY_VISIT);
			assert_int_equal(s.card, FLOW_CARD_DESTROYED);
		}
	}
}

static void only_an_active_card_is_usable(void **state)
{
	(void)state;
	for (int card = 0; card < CARDS; card++) {
		const struct flow_card_states s = {(enum flow_card_state)card, FLOW_CERT_VALID};

		assert_int_equal(flow_card_usable(&s), card == FLOW_CARD_ACTIVE);
	}
	assert_false(flow_card_usable(NULL));
}

static void words_go_there_and_back(void **state)
{
	enum flow_card_state card;
	enum flow_cert_state cert;

	(void)state;
	for (int i = 0; i < CARDS; i++) {
		assert_true(
			flow_card_state_find(flow_card_state_name((enum flow_card_state)i), &card));
		assert_int_equal(card, i);
	}
	for (int i = 0; i < CERTS; i++) {
		assert_true(
			flow_cert_state_find(flow_cert_state_name((enum flow_cert_state)i), &cert));
		assert_int_equal(cert, i);
	}
	assert_false(flow_card_state_find("suspend", &card) || flow_card_state_find(NULL, &card) ||
		     flow_cert_state_find("", &cert));
	assert_string_equal(flow_card_state_name((enum flow_card_state)99), "");
	assert_string_equal(flow_cert_state_name((enum flow_cert_state)99), "");
	assert_string_equal(flow_card_event_name((enum flow_card_event)99), "");
}

static void what_is_no_state_is_no_step(void **state)
{
	struct flow_card_states s = {(enum flow_card_state)7, FLOW_CERT_VALID};

	(void)state;
	assert_int_equal(flow_card_step(NULL, FLOW_EVENT_SUSPEND, FLOW_BY_VISIT),
			 CARD_ERR_INVALID_ARGUMENT);
	assert_int_equal(flow_card_step(&s, FLOW_EVENT_SUSPEND, FLOW_BY_VISIT),
			 CARD_ERR_INVALID_ARGUMENT);
	s.card = FLOW_CARD_ACTIVE;
	assert_int_equal(flow_card_step(&s, (enum flow_card_event)EVENTS, FLOW_BY_VISIT),
			 CARD_ERR_INVALID_ARGUMENT);
	s.certificates = (enum flow_cert_state)9;
	assert_int_equal(flow_card_step(&s, FLOW_EVENT_SUSPEND, FLOW_BY_VISIT),
			 CARD_ERR_INVALID_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_from_every_state),
		cmocka_unit_test(nothing_leaves_the_last_state),
		cmocka_unit_test(only_an_active_card_is_usable),
		cmocka_unit_test(words_go_there_and_back),
		cmocka_unit_test(what_is_no_state_is_no_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
