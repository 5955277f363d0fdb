/* SPDX-License-Identifier: Apache-2.0 */
/* Proves dates, eras (card-spec 5.1) and Japan time. */
#include "test.h"

#include <stdlib.h>
#include <time.h>

#include <card/date.h>

static struct card_date day(int y, int m, int d)
{
	return (struct card_date){(int16_t)y, (uint8_t)m, (uint8_t)d};
}

static void the_day_decides_the_era(void **state)
{
	static const struct {
		struct card_date d;
		enum card_era era;
		int year;
	} table[] = {
		/* last and first days: card-spec 5.1 */
		{{1868, 1, 24}, CARD_ERA_NONE, 0},     {{1868, 1, 25}, CARD_ERA_MEIJI, 1},
		{{1912, 7, 29}, CARD_ERA_MEIJI, 45},   {{1912, 7, 30}, CARD_ERA_TAISHO, 1},
		{{1926, 12, 24}, CARD_ERA_TAISHO, 15}, {{1926, 12, 25}, CARD_ERA_SHOWA, 1},
		{{1980, 2, 17}, CARD_ERA_SHOWA, 55},   {{1989, 1, 7}, CARD_ERA_SHOWA, 64},
		{{1989, 1, 8}, CARD_ERA_HEISEI, 1},    {{2019, 4, 30}, CARD_ERA_HEISEI, 31},
		{{2019, 5, 1}, CARD_ERA_REIWA, 1},     {{2026, 2, 29}, CARD_ERA_NONE, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		int year = -1;

		assert_int_equal(card_date_era(table[i].d, &year), table[i].era);
		assert_int_equal(year, table[i].year);
	}
}

static void an_era_date_reads_as_people_write_it(void **state)
{
	char text[40];

	(void)state;
	assert_ok(card_date_format_era(day(1980, 2, 17), text, sizeof(text)));
	assert_string_equal(text, "昭和55年2月17日");
	assert_ok(card_date_format_era(day(2019, 5, 1), text, sizeof(text)));
	assert_string_equal(text, "令和元年5月1日");
	assert_int_equal(card_date_format_era(day(2019, 5, 1), text, 39),
			 CARD_ERR_BUFFER_TOO_SMALL);
}

static void only_real_days_parse(void **state)
{
	struct card_date d;
	static const char *const wrong[] = {"19800230", "19801301",  "1980021",    "198002170",
					    "00000101", "1980-2-17", "2023-02-29", "2100-02-29",
					    "1980021a", "19800200",  "        ",   "1980-02/17"};

	(void)state;
	assert_ok(card_date_parse(BYTES("19800217"), &d));
	assert_int_equal(card_date_compare(d, day(1980, 2, 17)), 0);
	assert_ok(card_date_parse(BYTES("2024-02-29"), &d));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(card_date_parse(card_bytes(wrong[i], strlen(wrong[i])), &d),
				 CARD_ERR_MALFORMED);
		assert_int_equal(d.year, 0);
	}
}

static void times_agree_with_the_c_library_over_centuries(void **state)
{
	(void)state;
	/* One instant in each of 3,000 steps from year 1 to 9999, against gmtime_r/timegm. */
	for (int64_t t = INT64_C(-62135596800); t < INT64_C(253402300799);
	     t += INT64_C(105170011)) {
		struct tm tm;
		time_t tt = (time_t)t;
		char got[21], want[40];
		int64_t back = 0;

		assert_non_null(gmtime_r(&tt, &tm));
		assert_true(strftime(want, sizeof(want), "-%m-%dT%H:%M:%SZ", &tm) > 0);
		card_time_format_utc(t, got);
		if (got[0] == '\0')
			continue; /* the first hours of year 1 are in year 0 in Japan's reckoning */
		assert_string_equal(got + 4, want);
		assert_ok(card_time_parse(got, &back));
		assert_int_equal(back, t);
	}
}

static void japan_is_nine_hours_ahead_and_has_no_summer_time(void **state)
{
	char text[26];
	int64_t t = 0;

	(void)state;
	assert_ok(card_time_parse("2026-07-01T14:59:59Z", &t));
	assert_int_equal(card_date_compare(card_date_in_japan(t), day(2026, 7, 1)), 0);
	assert_int_equal(card_date_compare(card_date_in_japan(t + 1), day(2026, 7, 2)), 0);
	assert_int_equal(card_date_start_in_japan(day(2026, 7, 2)), t + 1);
	card_time_format_japan(t, text);
	assert_string_equal(text, "2026-07-01T23:59:59+09:00");
	assert_int_equal(card_date_compare(card_date_in_japan(-1), day(1970, 1, 1)), 0);
	assert_int_equal(card_date_compare(card_date_in_japan(-9 * 3600 - 1), day(1969, 12, 31)),
			 0);
}

static void rfc_3339_in_its_forms(void **state)
{
	int64_t a = 0, b = 0;
	static const char *const wrong[] = {"2026-01-02T03:04:05",
					    "2026-01-02T24:00:00Z",
					    "2026-01-02T03:60:00Z",
					    "2026-01-02T03:04:60Z",
					    "2026-01-02T03:04:05+9:00",
					    "2026-01-02T",
					    "yesterday",
					    "2026-01-02T03:04:05Zjunk",
					    ""};

	(void)state;
	assert_ok(card_time_parse("2026-01-02T03:04:05Z", &a));
	assert_ok(card_time_parse("2026-01-02T12:04:05+09:00", &b));
	assert_int_equal(a, b);
	assert_ok(card_time_parse("2026-01-01T22:04:05.750-05:00", &b));
	assert_int_equal(a, b);
	assert_ok(card_time_parse("2026-01-02", &b));
	assert_int_equal(b, card_date_start_in_japan(day(2026, 1, 2)));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(card_time_parse(wrong[i], &a), CARD_ERR_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_day_decides_the_era),
		cmocka_unit_test(an_era_date_reads_as_people_write_it),
		cmocka_unit_test(only_real_days_parse),
		cmocka_unit_test(times_agree_with_the_c_library_over_centuries),
		cmocka_unit_test(japan_is_nine_hours_ahead_and_has_no_summer_time),
		cmocka_unit_test(rfc_3339_in_its_forms),
	};

	return cmocka_run_group_tests_name("date", tests, NULL, NULL);
}
