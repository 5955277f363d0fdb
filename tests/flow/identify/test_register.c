/* SPDX-License-Identifier: Apache-2.0 */
/* Proves registers on SQLite and PostgreSQL: purposes limit answers, history of numbers, 別表3,
 * imports that do not add up, and names that are marked (rules ch. 6, R1-17, R2-45, flows C22). */
#include "desk.h"
#include "pg_server.h"

#include <cardflow/register.h>
#include <cardflow/rules.h>

static struct desk d;
static struct flow_rules rules;
static struct pg_server server;
static flow_store_t *store;
static flow_register_t *reg;

#define NUMBER  "537686677188" /* card-spec 10.1 */
#define EARLIER "000000000000" /* a right check digit */
#define PERSONS                                                                                    \
	"atena,name,address,birth_date,sex,alive,former_name,alias,prefecture,resident_code\n"
#define NUMBERS "atena,number,valid_from,valid_to\n"

static enum card_error import(const char *persons, const char *numbers, long stated,
			      struct flow_problem *problem)
{
	struct flow_register_import got;
	char a[128], b[128];
	const struct flow_register_source source = {
		.persons = a, .numbers = b, .stated_persons = stated > 0 ? stated : 0};

	snprintf(a, sizeof a, "%s/persons.csv", d.folder);
	snprintf(b, sizeof b, "%s/numbers.csv", d.folder);
	tree_write(a, persons);
	tree_write(b, numbers);
	return flow_register_import(store, &source, &got, problem);
}

static int start(bool postgresql)
{
	struct flow_problem problem = {.text = ""};
	char where[256];

	desk_start(&d);
	assert_ok(flow_rules_read(&rules, tree_path("libcard/flow/rules/data"), NULL));
	pg_server_where(&server, NULL, where);
	if (!postgresql)
		snprintf(where, sizeof where, "%s/register.db", d.folder);
	assert_ok(flow_store_open(&store, where, FLOW_STORE_CREATE, NULL));
	assert_ok(flow_register_setup(store));
	if (import(PERSONS "A1,番号　花子,東京都清瀬市,1980-02-17,2,yes,山田　花子,,13,\n"
			   "A2,番号　太郎,長野県長野市,1981-03-04,1,no,,,20,09876543211\n",
		   NUMBERS "A1," EARLIER ",2015-10-05,2020-03-31\nA1," NUMBER ",2020-04-01,\n", 2,
		   &problem) != CARD_OK)
		fail_msg("%s:%u %s", problem.file, problem.line, problem.text);
	return flow_register_open(&reg, store, FLOW_REGISTER_ATENA, "13") == CARD_OK ? 0 : -1;
}

static int on_sqlite(void **state)
{
	(void)state;
	return start(false);
}

static int on_postgresql(void **state)
{
	(void)state;
	return start(true);
}

static int stop(void **state)
{
	(void)state;
	flow_register_close(&reg);
	flow_store_close(&store);
	flow_rules_free(&rules);
	desk_stop(&d);
	return 0;
}

static struct flow_register_query query(const char *procedure, const char *number)
{
	const struct card_date day = desk_today(&d);

	return (struct flow_register_query){
		.procedure = flow_procedure_find(rules.procedures, procedure, day),
		.day = day,
		.atena = "A1",
		.number = number,
		.attributes = FLOW_ATTR_NAME,
		.operator_id = "kanri"};
}

static struct flow_register_answer ask(const struct flow_register_query *q, enum card_error want)
{
	struct flow_register_answer a;

	assert_int_equal(flow_register_ask(reg, d.journal, rules.purposes, q, &a), want);
	return a;
}

static void a_number_is_compared_with_its_history(void **state)
{
	struct flow_register_query q = query("jido-teate", NUMBER);
	struct flow_register_answer a;

	(void)state;
	assert_int_equal(ask(&q, CARD_OK).number, FLOW_NUMBER_EQUAL);
	q.number = EARLIER;
	a = ask(&q, CARD_OK);
	assert_int_equal(a.number, FLOW_NUMBER_EARLIER);
	assert_int_equal(card_date_compare(a.number_since, (struct card_date){2020, 4, 1}), 0);
	q.number = "111111111118";
	assert_int_equal(ask(&q, CARD_OK).number, FLOW_NUMBER_DIFFERENT);
	q.atena = "A2";
	assert_int_equal(ask(&q, CARD_OK).number, FLOW_NUMBER_SILENT);
	q.atena = "A9";
	a = ask(&q, CARD_OK);
	assert_false(a.found);
	assert_int_equal(a.number, FLOW_NUMBER_SILENT);
	/* R7-16: before its first day a number is invisible. */
	q = query("jido-teate", NUMBER);
	q.day = (struct card_date){2020, 3, 31};
	assert_int_equal(ask(&q, CARD_OK).number, FLOW_NUMBER_DIFFERENT);
}

static void only_what_is_asked_and_allowed_is_answered(void **state)
{
	struct flow_register_query q = query("koza", NULL);
	struct flow_register_answer a = ask(&q, CARD_OK);

	(void)state;
	assert_string_equal(a.name, "番号　花子");
	assert_string_equal(a.address, "");
	assert_string_equal(a.former_name, "");
	assert_int_equal(a.alive, -1);
	assert_false(card_date_valid(a.birth));
	q.number = NUMBER;
	assert_string_equal(ask(&q, CARD_ERR_DENIED).refused, "number_outside_purpose");
	q.number = NULL;
	q.attributes = FLOW_ATTR_SEX;
	assert_string_equal(ask(&q, CARD_ERR_DENIED).refused, "attribute_outside_purpose");
	q.procedure = NULL;
	assert_string_equal(ask(&q, CARD_ERR_DENIED).refused, "purpose_unknown");
	assert_int_equal(desk_journal(&d, "provision").n, 1);
	assert_int_equal(desk_journal(&d, "provision-refused").n, 3);
}

static void the_network_wants_a_purpose_and_a_strong_factor(void **state)
{
	struct flow_register_query q = {.day = desk_today(&d),
					.atena = "A1",
					.attributes = FLOW_ATTR_NAME,
					.operator_id = "kanri"};
	struct purpose table3 = {.id = "L04", .basis_table = "別表3", .law = "旅券法"};
	flow_register_t *net = NULL;
	struct flow_register_answer a;

	(void)state;
	assert_ok(flow_register_open(&net, store, FLOW_REGISTER_JUKINET, "13"));
	assert_int_equal(flow_register_ask(net, d.journal, rules.purposes, &q, &a),
			 CARD_ERR_DENIED);
	assert_string_equal(a.refused, "purpose_unknown");
	purpose_check(rules.purposes, "L02", q.day, 0, &q.purpose); /* address only */
	assert_int_equal(flow_register_ask(net, d.journal, rules.purposes, &q, &a),
			 CARD_ERR_DENIED);
	assert_string_equal(a.refused, "attribute_outside_purpose");
	q.attributes = FLOW_ATTR_ADDRESS;
	assert_int_equal(flow_register_ask(net, d.journal, rules.purposes, &q, &a),
			 CARD_ERR_DENIED);
	assert_string_equal(a.refused, "strong_factor_missing");
	q.strong = true;
	assert_ok(flow_register_ask(net, d.journal, rules.purposes, &q, &a));
	assert_string_equal(a.address, "東京都清瀬市");
	assert_string_equal(a.name, "");
	/* R6-04: 別表3 is for residents of other prefectures. */
	q.purpose = &table3;
	assert_int_equal(flow_register_ask(net, d.journal, rules.purposes, &q, &a),
			 CARD_ERR_DENIED);
	assert_string_equal(a.refused, "resident_of_own_prefecture");
	assert_string_equal(a.address, "");
	q.atena = "A2";
	assert_ok(flow_register_ask(net, d.journal, rules.purposes, &q, &a));
	assert_string_equal(a.address, "長野県長野市");
	flow_register_close(&net);
}

static void an_import_is_whole_or_not_at_all(void **state)
{
	static const struct {
		const char *persons, *numbers, *says;
		long stated;
		unsigned line;
	} bad[] = {
		{PERSONS "B1,x,y,1980-01-01,1,yes,,,13,\n", NUMBERS,
		 "persons: 1 rows, stated are 2", 2, 0},
		{PERSONS "B1,x,y,1980-01-01,3,yes,,,13,\n", NUMBERS, "\"3\" is not known here", -1,
		 2},
		{PERSONS "B1,x,y,1980-02-30,1,yes,,,13,\n", NUMBERS,
		 "\"1980-02-30\" is no date (YYYY-MM-DD)", -1, 2},
		{PERSONS "537686677188,x,y,1980-01-01,1,yes,,,13,\n", NUMBERS,
		 "atena is an individual number", -1, 2},
		{PERSONS "B1,x,y,1980-01-01,1,yes,,,13,09876543210\n", NUMBERS,
		 "the check digit of resident_code is wrong", -1, 2},
		{PERSONS "B1,x,y,1980-01-01,1,yes,,,13,\nB1,x,y,1980-01-01,1,yes,,,13,\n", NUMBERS,
		 "this atena is there twice", -1, 3},
		{PERSONS "B1,x,y,1980-01-01,1,yes,,,13,\n", NUMBERS "B1,537686677189,2020-01-01,\n",
		 "the number is not 12 digits with a right check digit", -1, 2},
		{PERSONS "B1,x,y,1980-01-01,1,yes,,,13,\n",
		 NUMBERS "B1,537686677188,2020-01-01,\nB1,000000000000,2021-01-01,\n",
		 "this person has another number at the same time", -1, 3},
		{PERSONS "B1,x,y,1980-01-01,1,yes,,,13,\nB2,x,y,1980-01-01,1,yes,,,13,\n",
		 NUMBERS "B1,537686677188,2020-01-01,\nB2,537686677188,2020-01-01,\n",
		 "this number is there twice", -1, 3},
		{PERSONS "B1,x,y,1980-01-01,1,yes,,,13,\n", NUMBERS "B9,537686677188,2020-01-01,\n",
		 "its person is not there", -1, 2},
	};
	const struct flow_register_query q = query("jido-teate", NUMBER);

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct flow_problem problem = {.text = ""};

		assert_int_equal(import(bad[i].persons, bad[i].numbers, bad[i].stated, &problem),
				 CARD_ERR_MALFORMED);
		assert_string_equal(problem.text, bad[i].says);
		assert_int_equal(problem.line, bad[i].line);
		assert_int_equal(ask(&q, CARD_OK).number, FLOW_NUMBER_EQUAL); /* as before */
	}
}

struct told {
	size_t n;
	char text[16][240];
	unsigned line[16];
};

static void keep(void *ctx, const struct flow_problem *p)
{
	struct told *t = ctx;

	if (t->n < 16) {
		snprintf(t->text[t->n], sizeof t->text[0], "%s", p->text);
		t->line[t->n] = p->line;
	}
	t->n++;
}

/* One run names every line and every sum that is wrong. */
static void an_import_names_all_that_is_wrong(void **state)
{
	struct flow_register_import got;
	struct flow_problem first = {.text = ""};
	struct told told = {.n = 0};
	char a[128], b[128], c[128];
	const struct flow_register_source source = {
		.persons = a, .numbers = b, .sums = c, .report = keep, .ctx = &told};

	(void)state;
	snprintf(a, sizeof a, "%s/persons.csv", d.folder);
	snprintf(b, sizeof b, "%s/numbers.csv", d.folder);
	snprintf(c, sizeof c, "%s/sums.csv", d.folder);
	tree_write(a, PERSONS "B1,x,y,1980-01-01,3,yes,,,13,\nB2,x,y,1980-01-01,1,no,,,13,\n"
			      "B3,,y,1980-01-01,1,yes,,,20,\n");
	tree_write(b, NUMBERS "B9,537686677188,2020-01-01,\nB2,537686677189,2020-01-01,\n");
	tree_write(
		c,
		"what,count\npersons,4\nnumbers,2\nalive,2\ndead,2\nprefecture:13,2\nprefecture:20,0\n"
		"colour,1\n");
	assert_int_equal(flow_register_import(store, &source, &got, &first), CARD_ERR_MALFORMED);
	assert_int_equal(got.persons, 3);
	assert_int_equal(got.numbers, 2);
	assert_int_equal(got.alive, 2);
	assert_int_equal(got.wrong, 8);
	assert_int_equal(told.n, 8);
	assert_string_equal(first.text, told.text[0]);
	assert_string_equal(told.text[0], "\"3\" is not known here");
	assert_string_equal(told.text[1], "a name is missing or too long");
	assert_int_equal(told.line[1], 4);
	assert_string_equal(told.text[2], "the number is not 12 digits with a right check digit");
	assert_string_equal(told.text[3], "its person is not there");
	assert_string_equal(told.text[4], "persons: 3 rows, stated are 4");
	assert_string_equal(told.text[5], "dead: 1 rows, stated are 2");
	assert_string_equal(told.text[6], "prefecture:20: 1 rows, stated are 0");
	assert_string_equal(told.text[7], "this is no sum of a register");
}

/* A register that cannot be reached is asked, and written down, and confirms nothing. */
static void a_silent_register_confirms_nothing(void **state)
{
	flow_register_t *silent = NULL;
	struct flow_register_query q = query("jido-teate", NUMBER);
	struct flow_register_answer a;

	(void)state;
	assert_ok(flow_register_open(&silent, NULL, FLOW_REGISTER_ATENA, "13"));
	assert_ok(flow_register_ask(silent, d.journal, rules.purposes, &q, &a));
	assert_false(a.found);
	assert_int_equal(a.number, FLOW_NUMBER_SILENT);
	assert_string_equal(desk_journal(&d, "provision").code, "not_found");
	flow_register_close(&silent);
}

static void names_are_compared_with_marks(void **state)
{
	static const struct {
		const char *card, *registered, *former, *alias;
		bool same;
		unsigned marks;
	} table[] = {
		{"番号　花子", "番号　花子", NULL, NULL, true, 0},
		{"番号　花子", "番号 花子", NULL, NULL, true, 0},
		{"番号　花子", "番号花子", NULL, NULL, true, FLOW_NAME_SPACING},
		{"〓田　花子", "髙田　花子", NULL, NULL, true, FLOW_NAME_SUBSTITUTED},
		{"葛\xF3\xA0\x84\x80城", "葛城", NULL, NULL, true, FLOW_NAME_VARIANT},
		{"葛\xF3\xA0\x84\x80城", "葛\xF3\xA0\x84\x81城", NULL, NULL, true,
		 FLOW_NAME_VARIANT},
		{"SMITH JOHN", "ＳＭＩＴＨ ＪＯＨＮ", NULL, NULL, true, FLOW_NAME_WIDTH},
		{"SMITH JOHN", "Smith John", NULL, NULL, true, FLOW_NAME_CASE},
		{"山田　花子", "番号　花子", "山田　花子", "", true, FLOW_NAME_FORMER},
		{"木下　一郎", "PARK ILRO", "", "木下　一郎", true, FLOW_NAME_ALIAS},
		{"高田　花子", "髙田　花子", NULL, NULL, false, 0}, /* another character */
		{"\xEE\x80\x80田　花子", "髙田　花子", NULL, NULL, true,
		 FLOW_NAME_GAIJI}, /* U+E000 */
		{"バンゴウ　ハナコ", "ﾊﾞﾝｺﾞｳ ﾊﾅｺ", NULL, NULL, true, FLOW_NAME_WIDTH},
		{"ヴァン", "ｳﾞｧﾝ", NULL, NULL, true, FLOW_NAME_WIDTH},
		{"パク", "ﾊﾟｸ", NULL, NULL, true, FLOW_NAME_WIDTH},
		{"ばんごう", "バンゴウ", NULL, NULL, true, FLOW_NAME_KANA},
		{"シヨウタ", "ショウタ", NULL, NULL, true, FLOW_NAME_KANA},
		{"ハナコ", "ﾊﾞﾅｺ", NULL, NULL, false, 0}, /* voiced is another letter */
		{"番号　花子", "番号　花", NULL, NULL, false, 0},
		{"番号　花", "番号　花子", NULL, NULL, false, 0},
		{"", "番号", NULL, NULL, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		unsigned marks = 0xFF;

		assert_int_equal(flow_name_compare(table[i].card, table[i].registered,
						   table[i].former, table[i].alias, &marks),
				 table[i].same);
		assert_int_equal(marks, table[i].marks);
	}
}

#define BOTH(test)                                                                                 \
	{#test " [sqlite]", test, on_sqlite, stop, NULL},                                          \
	{                                                                                          \
#test " [postgresql]", test, on_postgresql, stop, NULL                             \
	}

static int group_start(void **state)
{
	(void)state;
	pg_server_start(&server);
	return 0;
}

static int group_stop(void **state)
{
	(void)state;
	pg_server_stop(&server);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(a_number_is_compared_with_its_history),
		BOTH(only_what_is_asked_and_allowed_is_answered),
		BOTH(the_network_wants_a_purpose_and_a_strong_factor),
		BOTH(an_import_is_whole_or_not_at_all),
		BOTH(an_import_names_all_that_is_wrong),
		BOTH(a_silent_register_confirms_nothing),
		cmocka_unit_test(names_are_compared_with_marks),
	};

	return cmocka_run_group_tests(tests, group_start, group_stop);
}
