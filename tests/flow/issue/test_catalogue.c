/* SPDX-License-Identifier: Apache-2.0 */
/* Proves: hours are half-open and narrowed per municipality, calendars and closures hold per kind,
 * fees are dated rows where 0 is a fee and a missing row is none (rules 4.5, PD-16, PD-21; K03, K04,
 * K12), and tables that are wrong are refused with file and line. */
#include "test.h"

#include <stdio.h>

#include <cardflow/issue_catalogue.h>

#include "tree.h"

static char folder[64];

static void table(const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	tree_write(path, text);
}

#define MUNICIPALITIES                                                                             \
	"code,name,prefecture,from,methods,issuer,number,window,place,hours,phone,seal\n"
#define KINDS "municipality,kind,from,open,close,calendar\n"
#define FEES  "municipality,kind,channel,from,amount\n"

static void good_tables(void)
{
	table("municipalities.csv", MUNICIPALITIES
	      "13221,清瀬市,東京都,2020-01-01,new,https://127.0.0.1:1,no,市民課,清瀬市役所,8:30-17:00,042-000-0000,\n"
	      "13222,東久留米市,東京都,2026-04-01,new;conversion,https://127.0.0.1:2,yes,,,,,\n"
	      "13999,未定市,東京都,,new,https://127.0.0.1:3,no,,,,,\n");
	table("kinds.csv", KINDS "13221,juminhyo,2020-01-01,,,daily\n"
				 "13221,koseki,2020-01-01,09:00,17:00,weekdays\n"
				 "13221,inkan,2020-01-01,,,daily\n"
				 "13221,tax,2027-01-01,,,daily\n"
				 "13222,juminhyo,2020-01-01,07:00,21:00,always\n");
	table("fees.csv", FEES "13221,juminhyo,kiosk,2020-01-01,200\n"
			       "13221,juminhyo,counter,2020-01-01,300\n"
			       "13221,juminhyo,kiosk,2026-05-01,0\n"
			       "13221,koseki,kiosk,2020-01-01,450\n"
			       "13222,juminhyo,kiosk,2020-01-01,300\n"
			       "13221,inkan,counter,2020-01-01,300\n");
	table("closures.csv",
	      "municipality,kind,from,to,reason\n"
	      "13221,juminhyo,2026-04-10T12:00:00+09:00,2026-04-10T13:00:00+09:00,works\n"
	      "*,*,2026-04-11T00:00:00+09:00,2026-04-12T00:00:00+09:00,works\n");
	table("terminals.csv", "terminal,store,place,from,to\n"
			       "T1,Store 1,東京都千代田区,2020-01-01,\n"
			       "T2,Store 2,大阪市,2020-01-01,2026-03-31\n");
	table("opening-days.csv", "organ,date,open,note\n"
				  "13221,2026-04-29,no,昭和の日\n");
}

static flow_issue_catalogue_t *read_good(void)
{
	flow_issue_catalogue_t *c = NULL;
	struct flow_problem p = {0};

	good_tables();
	if (flow_issue_catalogue_read(&c, folder, NULL, NULL, &p) != CARD_OK)
		fail_msg("%s:%u: %s", p.file, p.line, p.text);
	return c;
}

static void offers(const flow_issue_catalogue_t *c, const char *municipality, const char *kind,
		   const char *at, const char *code, long fee)
{
	struct flow_issue_offer o;
	int64_t when;

	assert_ok(card_time_parse(at, &when));
	flow_issue_catalogue_offer(c, municipality, kind, when, &o);
	if (strcmp(o.code != NULL ? o.code : "", code) != 0 || o.fee != fee)
		fail_msg("%s %s %s: %s %ld", municipality, kind, at,
			 o.code != NULL ? o.code : "open", o.fee);
}

static void hours_are_half_open(void **state)
{
	flow_issue_catalogue_t *c = read_good();

	(void)state;
	offers(c, "13221", "juminhyo", "2026-04-02T06:29:59+09:00", "outside_hours", 200);
	offers(c, "13221", "juminhyo", "2026-04-02T06:30:00+09:00", "", 200);
	offers(c, "13221", "juminhyo", "2026-04-02T22:59:59+09:00", "", 200);
	offers(c, "13221", "juminhyo", "2026-04-02T23:00:00+09:00", "outside_hours", 200);
	offers(c, "13222", "juminhyo", "2026-04-02T06:45:00+09:00", "outside_hours", 300);
	offers(c, "13222", "juminhyo", "2026-04-02T20:59:59+09:00", "", 300);
	offers(c, "13222", "juminhyo", "2026-04-02T21:00:00+09:00", "outside_hours", 300);
	flow_issue_catalogue_free(&c);
}

static void calendars_and_closures_hold_per_kind(void **state)
{
	flow_issue_catalogue_t *c = read_good();
	struct flow_issue_offer o;
	int64_t at, opens;

	(void)state;
	offers(c, "13221", "koseki", "2026-04-28T10:00:00+09:00", "", 450); /* Tuesday */
	offers(c, "13221", "koseki", "2026-04-29T10:00:00+09:00", "outside_hours",
	       450); /* holiday */
	offers(c, "13221", "koseki", "2026-05-02T10:00:00+09:00", "outside_hours",
	       450); /* Saturday */
	offers(c, "13221", "juminhyo", "2026-12-28T10:00:00+09:00", "", 0);
	offers(c, "13221", "juminhyo", "2026-12-29T10:00:00+09:00", "outside_hours", 0);
	offers(c, "13221", "juminhyo", "2027-01-03T10:00:00+09:00", "outside_hours", 0);
	offers(c, "13221", "juminhyo", "2027-01-04T10:00:00+09:00", "", 0);
	offers(c, "13222", "juminhyo", "2026-12-31T10:00:00+09:00", "", 300);
	offers(c, "13221", "juminhyo", "2026-04-10T11:59:59+09:00", "", 200);
	offers(c, "13221", "juminhyo", "2026-04-10T12:00:00+09:00", "outside_hours", 200);
	offers(c, "13221", "juminhyo", "2026-04-10T13:00:00+09:00", "", 200);
	offers(c, "13222", "juminhyo", "2026-04-11T12:00:00+09:00", "outside_hours", 300);
	assert_ok(card_time_parse("2026-12-29T10:00:00+09:00", &at));
	assert_ok(card_time_parse("2027-01-04T06:30:00+09:00", &opens));
	flow_issue_catalogue_offer(c, "13221", "juminhyo", at, &o);
	assert_int_equal(o.opens_at, opens);
	flow_issue_catalogue_free(&c);
}

static void a_fee_of_0_is_a_fee_and_a_missing_one_is_none(void **state)
{
	flow_issue_catalogue_t *c = read_good();

	(void)state;
	offers(c, "13221", "juminhyo", "2026-04-30T10:00:00+09:00", "", 200);
	offers(c, "13221", "juminhyo", "2026-05-01T10:00:00+09:00", "", 0);
	offers(c, "13221", "inkan", "2026-05-01T10:00:00+09:00", "fee_unknown", -1);
	flow_issue_catalogue_free(&c);
}

static void who_takes_part_is_dated(void **state)
{
	flow_issue_catalogue_t *c = read_good();
	struct flow_issue_municipality m;
	struct flow_issue_terminal t;

	(void)state;
	offers(c, "13222", "juminhyo", "2026-03-31T10:00:00+09:00", "not_participating", -1);
	offers(c, "13222", "juminhyo", "2026-04-01T10:00:00+09:00", "", 300);
	offers(c, "13999", "juminhyo", "2026-04-01T10:00:00+09:00", "not_participating", -1);
	offers(c, "13221", "tax", "2026-12-31T10:00:00+09:00", "kind_disabled", -1);
	offers(c, "13221", "fuhyo", "2026-12-31T10:00:00+09:00", "kind_disabled", -1);
	assert_true(flow_issue_catalogue_nth(c, 1, (struct card_date){2026, 4, 1}, &m));
	assert_string_equal(m.name, "東久留米市");
	assert_true(m.number);
	assert_false(flow_issue_catalogue_nth(c, 1, (struct card_date){2026, 3, 31}, &m));
	assert_true(flow_issue_catalogue_terminal(c, "T2", (struct card_date){2026, 3, 31}, &t));
	assert_string_equal(t.place, "大阪市");
	assert_false(flow_issue_catalogue_terminal(c, "T2", (struct card_date){2026, 4, 1}, &t));
	assert_false(flow_issue_catalogue_terminal(c, "T3", (struct card_date){2026, 4, 1}, &t));
	flow_issue_catalogue_free(&c);
}

static void wrong_tables_are_refused_with_their_line(void **state)
{
	static const struct {
		const char *file, *text;
		unsigned line;
	} wrong[] = {
		{"kinds.csv", KINDS "13221,juminhyo,2020-01-01,06:00,22:00,daily\n", 2},
		{"kinds.csv", KINDS "13221,juminhyo,2020-01-01,06:30,23:01,daily\n", 2},
		{"kinds.csv", KINDS "13221,juminhyo,2020-01-01,12:00,12:00,daily\n", 2},
		{"kinds.csv", KINDS "13221,juminhyo,2020-01-01,7:00,12:00,daily\n", 2},
		{"kinds.csv", KINDS "13221,passport,2020-01-01,,,daily\n", 2},
		{"kinds.csv", KINDS "13221,juminhyo,2020-01-01,,,sundays\n", 2},
		{"kinds.csv", KINDS "99999,juminhyo,2020-01-01,,,daily\n", 2},
		{"kinds.csv",
		 KINDS "13221,juminhyo,2020-01-01,,,daily\n13221,juminhyo,2020-01-01,,,daily\n", 3},
		{"fees.csv", FEES "13221,juminhyo,kiosk,,200\n", 2},
		{"fees.csv", FEES "13221,juminhyo,kiosk,2020-01-01,\n", 2},
		{"fees.csv", FEES "13221,juminhyo,post,2020-01-01,200\n", 2},
		{"municipalities.csv", MUNICIPALITIES "1322,x,x,2020-01-01,new,u,no,,,,,\n", 2},
		{"municipalities.csv", MUNICIPALITIES "13221,x,x,2020-01-01,magic,u,no,,,,,\n", 2},
		{"municipalities.csv", MUNICIPALITIES "13221,x,x,2020-01-01,,u,no,,,,,\n", 2},
		{"terminals.csv", "terminal,store,place,from,to\nT 1,a,b,2020-01-01,\n", 2},
		{"closures.csv", "municipality,kind,from,to,reason\n*,*,2026-04-11,2026-04-11,x\n",
		 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		flow_issue_catalogue_t *c = NULL;
		struct flow_problem p = {0};

		good_tables();
		table(wrong[i].file, wrong[i].text);
		assert_int_equal(flow_issue_catalogue_read(&c, folder, NULL, NULL, &p),
				 CARD_ERR_MALFORMED);
		assert_string_equal(p.file, wrong[i].file);
		assert_int_equal(p.line, wrong[i].line);
		assert_null(c);
	}
}

static void count(void *ctx, const char *text)
{
	assert_non_null(strstr(text, "fees.csv:2:"));
	++*(int *)ctx;
}

static void a_kiosk_dearer_than_the_counter_is_a_warning(void **state)
{
	flow_issue_catalogue_t *c = NULL;
	int warnings = 0;

	(void)state;
	good_tables();
	table("fees.csv", FEES "13221,juminhyo,kiosk,2020-01-01,400\n"
			       "13221,juminhyo,counter,2020-01-01,300\n");
	assert_ok(flow_issue_catalogue_read(&c, folder, count, &warnings, NULL));
	assert_int_equal(warnings, 1);
	flow_issue_catalogue_free(&c);
}

static int start(void **state)
{
	(void)state;
	tree_scratch(folder);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	tree_scratch_remove(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hours_are_half_open),
		cmocka_unit_test(calendars_and_closures_hold_per_kind),
		cmocka_unit_test(a_fee_of_0_is_a_fee_and_a_missing_one_is_none),
		cmocka_unit_test(who_takes_part_is_dated),
		cmocka_unit_test(wrong_tables_are_refused_with_their_line),
		cmocka_unit_test(a_kiosk_dearer_than_the_counter_is_a_warning),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
