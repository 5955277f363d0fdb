/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that the centre goes by a municipality's own hours, by the calendar of each kind, by maintenance
 * and by fees with their days, at the opening and again at message 2 (PD-16, PD-21, R4-12); and that
 * tables that change meanwhile count from the reload on.
 */
#include "center_store.h"

static void opened(const char *municipality, const char *kind, const char *time, const char *row,
		   const char *code)
{
	struct kiosk t;

	case_at(&k, time);
	kiosk_start(&t, &k, "T1", &alice);
	t.kind = kind;
	kiosk_open_at(&t, municipality);
	kiosk_is(&t, code[0] != '\0' ? "refused" : "card_read", row, code);
	kiosk_free(&t);
}

static void a_municipalitys_own_hours_hold_at_the_second(void **state)
{
	struct kiosk t;

	(void)state;
	opened("13222", "juminhyo", "2026-06-02T06:45:00+09:00", "K04", "outside_hours");
	opened("13222", "juminhyo", "2026-06-02T06:59:59+09:00", "K04", "outside_hours");
	opened("13222", "juminhyo", "2026-06-02T07:00:00+09:00", "K05", "");
	opened("13222", "juminhyo", "2026-06-02T21:00:00+09:00", "K04", "outside_hours");
	case_at(&k, "2026-06-02T20:59:58+09:00");
	kiosk_start(&t, &k, "T1", &alice);
	kiosk_open_at(&t, "13222");
	kiosk_is(&t, "card_read", "K05", "");
	case_at(&k, "2026-06-02T21:00:00+09:00");
	kiosk_apply(&t);
	kiosk_is(&t, "refused", "K12", "outside_hours");
	nothing_is_left(&t);
	kiosk_free(&t);
}

/* 戸籍: opening days; everything: not from 29 December to 3 January. */
static void calendars_hold_for_each_kind(void **state)
{
	(void)state;
	opened("13221", "koseki", "2026-06-05T12:00:00+09:00", "K05", "");
	opened("13221", "koseki", "2026-06-06T12:00:00+09:00", "K04", "outside_hours");
	opened("13221", "juminhyo", "2026-06-06T12:00:00+09:00", "K05", "");
	opened("13221", "juminhyo", "2026-12-28T12:00:00+09:00", "K05", "");
	opened("13221", "juminhyo", "2026-12-29T12:00:00+09:00", "K04", "outside_hours");
	opened("13221", "juminhyo", "2027-01-03T22:00:00+09:00", "K04", "outside_hours");
	opened("13221", "juminhyo", "2027-01-04T06:30:00+09:00", "K05", "");
}

/* Maintenance that is announced while a transaction is open: what was not accepted is refused. */
static void maintenance_and_fees_count_from_the_reload_on(void **state)
{
	struct flow_problem p = {{0}, 0, {0}};
	struct kiosk t;

	(void)state;
	case_at(&k, CASE_NOON);
	kiosk_start(&t, &k, "T1", &alice);
	kiosk_to(&t, FLOW_ISSUE_CARD_READ);
	case_text(
		&k, "rules/closures.csv",
		"municipality,kind,from,to,reason\n"
		"13221,juminhyo,2026-06-02T11:00:00+09:00,2026-06-02T13:00:00+09:00,maintenance\n");
	case_text(&k, "rules/fees.csv",
		  "municipality,kind,channel,from,amount\n"
		  "13221,juminhyo,kiosk,2020-01-01,300\n13221,juminhyo,kiosk,2026-06-03,250\n"
		  "13221,koseki,kiosk,2020-01-01,450\n");
	assert_ok(center_reload(k.c, &k.config, &p));
	kiosk_apply(&t);
	kiosk_is(&t, "refused", "K12", "outside_hours");
	kiosk_free(&t);
	opened("13221", "juminhyo", "2026-06-02T12:59:59+09:00", "K04", "outside_hours");
	opened("13221", "koseki", "2026-06-02T12:59:59+09:00", "K05", "");
	/* The fee of the day; one that was opened keeps its own. */
	case_at(&k, "2026-06-02T22:59:00+09:00");
	kiosk_start(&t, &k, "T1", &bob);
	kiosk_to(&t, FLOW_ISSUE_VERIFIED);
	case_at(&k, "2026-06-03T00:00:10+09:00");
	kiosk_document(&t);
	assert_int_equal(json_integer_value(json_object_get(t.answer, "fee")), 300);
	kiosk_free(&t);
	case_at(&k, "2026-06-03T12:00:00+09:00");
	kiosk_start(&t, &k, "T1", &bob);
	kiosk_open(&t);
	assert_int_equal(json_integer_value(json_object_get(t.answer, "fee")), 250);
	kiosk_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_municipalitys_own_hours_hold_at_the_second),
		cmocka_unit_test(calendars_hold_for_each_kind),
		cmocka_unit_test(maintenance_and_fees_count_from_the_reload_on),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
