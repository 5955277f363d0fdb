/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that records come in whole or not at all, with every fault named by file and line; that
 * they go out as they came in; that generated municipalities are the same for the same seed, full of
 * what is hard, and drawable; and the keys under which cards are found.
 */
#include "town.h"

#include <sys/stat.h>

static struct town town;

static int start(void **state)
{
	(void)state;
	town_open(&town, NULL);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	town_close(&town);
	return 0;
}

static enum card_error count(void *ctx, const char *const *column, size_t n)
{
	assert_int_equal(n, 1);
	*(long *)ctx = atol(column[0]);
	return CARD_OK;
}

static long rows(flow_store_t *s, const char *what)
{
	char sql[200];
	long n = -1;

	snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", what);
	assert_ok(flow_store_run(s, sql, NULL, 0, count, &n));
	return n;
}

static void assert_refused_at(const char *file, const char *content, unsigned want,
			      const char *text, int line)
{
	const long before = rows(town.store, "record_resident");

	town_write(&town, file, content);
	if (town_import(&town, true) != CARD_ERR_MALFORMED || town.report.problems == 0)
		fail_msg("line %d: taken", line);
	if (town.report.problem[0].line != want ||
	    strstr(town.report.problem[0].text, text) == NULL)
		fail_msg("line %d: %u, %s", line, town.report.problem[0].line,
			 town.report.problem[0].text);
	assert_int_equal(rows(town.store, "record_resident"), before);
}

#define REFUSED(file, content, line, text) assert_refused_at(file, content, line, text, __LINE__)

static void every_fault_is_named_and_nothing_is_taken(void **state)
{
	(void)state;
	REFUSED("number.csv", "atena,number\nA1,537686677189\n", 2, "check digit");
	REFUSED("number.csv", "atena,nummer\n", 1, "header");
	REFUSED("number.csv", "atena,number\nA1\n", 2, "number of fields");
	REFUSED("number.csv", "atena,number\nA1,\"537686677188\n", 2, "quote that is not closed");
	REFUSED("number.csv", "atena,number\nA1,53768\"6677188\n", 2, "quote inside");
	REFUSED("number.csv", "atena,number\nA1,537686677188", 2, "ends in the middle");
	REFUSED("number.csv", "atena,number\n\nA1,537686677188\n", 2, "number of fields");
	REFUSED("number.csv", "atena,number\nNOBODY,537686677188\n", 0, "not there");
	town_write(&town, "number.csv", "atena,number\nA1,537686677188\n");
	REFUSED("household.csv", "household,address,head,since\nH1,\xE6\x9D,A1,\n", 2, "UTF-8");
	REFUSED("household.csv", "household,address,head,since\nH1,東京\t都,A1,\n", 2, "control");
	REFUSED("household.csv", "household,address,head,since\nH1,　東京都,A1,\n", 2, "blank");
	REFUSED("household.csv", "household,address,head,since\nH1,東京都,A1,2026-02-30\n", 2,
		"date");
	REFUSED("household.csv", "household,address,head,since\nH 1,東京都,A1,\n", 2, "letters");
	REFUSED("household.csv", "household,address,head,since\n,東京都,A1,\n", 2, "missing");
}

/* PINs of kinds come as hashes only, of a cost that a request can wait for. */
static void pins_come_as_hashes_of_a_usual_cost(void **state)
{
#define TAG "$c29tZXNhbHRzb21lc2FsdA$tagtagtagtagtagtagtagtagtagtagtagtagtagtagt"
	static const char *const odd[] = {"1234",
					  "$argon2i$v=19$m=19456,t=2,p=1" TAG,
					  "$argon2id$v=16$m=19456,t=2,p=1" TAG,
					  "$argon2id$v=19$m=4194304,t=2,p=1" TAG,
					  "$argon2id$v=19$m=19456,t=99999,p=1" TAG,
					  "$argon2id$v=19$m=19456,t=2,p=0" TAG,
					  "$argon2id$v=19$m=-1,t=2,p=1" TAG,
					  "$argon2id$v=19$m=19456,t=2" TAG,
					  "$argon2id$"};
	char text[300];

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
		snprintf(text, sizeof text, "atena,kind,hash\nA1,juminhyo,\"%s\"\n", odd[i]);
		REFUSED("kind_pin.csv", text, 2, "argon2id");
	}
	town_write(&town, "kind_pin.csv",
		   "atena,kind,hash\nA1,juminhyo,\"$argon2id$v=19$m=19456,t=2,p=1" TAG "\"\n");
	assert_ok(town_import(&town, false));
	assert_int_equal(rows(town.store, "record_kind_pin"), 1);
#undef TAG
}

static void all_faults_are_in_the_report(void **state)
{
	static char many[40000] = "atena,number\n";

	(void)state;
	for (int i = 0; i < 500; i++)
		snprintf(many + strlen(many), sizeof many - strlen(many), "A1,1\n");
	town_write(&town, "number.csv", many);
	assert_int_equal(town_import(&town, false), CARD_ERR_MALFORMED);
	assert_int_equal(town.report.problems, 500);
	assert_int_equal(town.report.problem[99].line, 101);
}

/* 住民票コード has no column: a file that brings it is not one of ours. */
static void resident_code_cannot_come_in(void **state)
{
	(void)state;
	REFUSED("number.csv", "atena,number,resident_code\nA1,537686677188,12345678901\n", 1,
		"header");
}

static void byte_order_mark_crlf_and_quotes_are_read(void **state)
{
	(void)state;
	town_write(&town, "number.csv",
		   "\xEF\xBB\xBF"
		   "atena,number\r\n\"A1\",\"537686677188\"\r\n");
	assert_ok(town_import(&town, true));
	assert_int_equal(rows(town.store, "record_number"), 1);
}

static void cards_are_kept_as_keys_only(void **state)
{
	char key[FLOW_RECORD_KEY], other[FLOW_RECORD_KEY];

	(void)state;
	assert_int_equal(rows(town.store, "record_certificate"), 14);
	assert_int_equal(rows(town.store, "record_certificate WHERE serial_key LIKE '%0a01%' OR"
					  " length(serial_key) <> 64"),
			 0);
	/* HMAC-SHA-256 as Python's hmac computes it over authority and serial. */
	assert_ok(flow_record_certificate_key(town_secret(), AUTHORITY, "0a01", key));
	assert_string_equal(key,
			    "4026d06a90da5e77fb5a5a017086d1cb67da52d514805364524c06c6d86c7d86");
	assert_ok(flow_record_certificate_key(BYTES("another secret of 32 bytes or more!!"),
					      AUTHORITY, "0a01", other));
	assert_string_not_equal(key, other);
	assert_int_equal(flow_record_certificate_key(BYTES("short"), AUTHORITY, "0a01", key),
			 CARD_ERR_INVALID_ARGUMENT);
	assert_int_equal(flow_record_certificate_key(town_secret(), AUTHORITY, "000a01", key),
			 CARD_ERR_MALFORMED);
	assert_int_equal(flow_record_certificate_key(town_secret(), "00", "0a01", key),
			 CARD_ERR_MALFORMED);
	assert_int_equal(flow_record_user_key(town_secret(), "", key), CARD_ERR_MALFORMED);
}

static void serials_need_the_secret(void **state)
{
	const struct flow_record_import how = {true, {NULL, 0}};
	char path[128];

	(void)state;
	snprintf(path, sizeof path, "%s/csv", town.folder);
	assert_int_equal(flow_record_import(town.store, path, &how, &town.report),
			 CARD_ERR_MALFORMED);
	assert_non_null(strstr(town.report.problem[0].text, "secret"));
	assert_int_equal(flow_record_import(town.store, "/nowhere", &how, &town.report),
			 CARD_ERR_NOT_FOUND);
}

/* What was exported is imported elsewhere and exported again: not a byte differs. */
static void export_and_import_are_inverse(void **state)
{
	char a[128], b[128], command[500];
	const struct flow_record_import how = {true, town_secret()};
	flow_store_t *other = NULL;

	(void)state;
	snprintf(a, sizeof a, "%s/a", town.folder);
	snprintf(b, sizeof b, "%s/b", town.folder);
	assert_int_equal(mkdir(a, 0700), 0);
	assert_int_equal(mkdir(b, 0700), 0);
	assert_ok(flow_record_export(town.store, a, &town.report));
	snprintf(command, sizeof command, "%s/other.db", town.folder);
	assert_ok(flow_store_open(&other, command, FLOW_STORE_CREATE, NULL));
	assert_ok(flow_record_setup(other));
	assert_ok(flow_record_import(other, a, &how, &town.report));
	assert_ok(flow_record_export(other, b, &town.report));
	snprintf(command, sizeof command, "diff -r %s %s && grep -q 備考に %s/resident.csv", a, b,
		 b);
	assert_int_equal(system(command), 0);
	flow_store_close(&other);
}

static void make_people(flow_store_t **out, const char *name, uint64_t seed, long n)
{
	const struct flow_record_person known = {
		"黒桐　幹也", NULL,     "東京都清瀬市観布子南１２－７－２０２",
		"1980-02-17", "1",      "537686677188",
		"0a01",       AUTHORITY};
	const struct flow_record_generate how = {.residents = n,
						 .seed = seed,
						 .place = "東京都清瀬市",
						 .font = TOWN_FONT,
						 .day = {2026, 11, 20},
						 .secret = town_secret(),
						 .authority = AUTHORITY,
						 .person = &known,
						 .persons = 1};
	char path[128];

	snprintf(path, sizeof path, "%s/%s", town.folder, name);
	assert_ok(flow_store_open(out, path, FLOW_STORE_CREATE, NULL));
	assert_ok(flow_record_setup(*out));
	assert_ok(flow_record_generate(*out, &how, &town.report));
	assert_int_equal(flow_record_generate(*out, &how, &town.report), CARD_ERR_DENIED);
}

static void the_same_seed_makes_the_same_people(void **state)
{
	flow_store_t *a = NULL, *b = NULL, *c = NULL;
	char command[400];

	(void)state;
	make_people(&a, "a.db", 7, 300);
	make_people(&b, "b.db", 7, 300);
	make_people(&c, "c.db", 8, 300);
	snprintf(command, sizeof command, "mkdir %s/a %s/b %s/c", town.folder, town.folder,
		 town.folder);
	assert_int_equal(system(command), 0);
	for (int i = 0; i < 3; i++) {
		char folder[128];

		snprintf(folder, sizeof folder, "%s/%c", town.folder, 'a' + i);
		assert_ok(flow_record_export(i == 0 ? a : i == 1 ? b : c, folder, &town.report));
	}
	snprintf(command, sizeof command,
		 "diff -rq %s/a %s/b && ! cmp -s %s/a/resident.csv %s/c/resident.csv", town.folder,
		 town.folder, town.folder, town.folder);
	assert_int_equal(system(command), 0);
	flow_store_close(&a);
	flow_store_close(&b);
	flow_store_close(&c);
}

/* KAZASU_RESIDENTS=1000000 for the long version. */
static void generated_people_have_all_that_is_hard_and_can_be_drawn(void **state)
{
	const char *wanted = getenv("KAZASU_RESIDENTS");
	const long n = wanted != NULL ? atol(wanted) : 1000;
	struct town people = town;
	long made = 0, refused = 0;

	(void)state;
	make_people(&people.store, "people.db", 1, n);
	assert_true(rows(people.store, "record_resident") >= n);
	assert_true(rows(people.store, "record_resident WHERE former_name <> ''") > 0);
	assert_true(rows(people.store, "record_resident WHERE nationality <> ''") > 0);
	assert_true(rows(people.store, "record_resident WHERE status = 'moved'") > 0);
	assert_true(rows(people.store, "record_resident WHERE status = 'deceased'") > 0);
	assert_true(rows(people.store, "record_resident WHERE name LIKE '%\U000E0103%'") > 0);
	assert_true(rows(people.store,
			 "record_resident WHERE name LIKE '%髙%' OR name LIKE '%𠮷%'") > 0);
	assert_true(rows(people.store, "record_household WHERE length(address) > 60") > 0);
	assert_true(rows(people.store, "record_notice WHERE kind = 'protected'") > 0);
	assert_true(rows(people.store, "record_notice WHERE kind = 'suppressed'") > 0);
	for (int i = 1; i <= 300; i++) {
		const enum flow_certificate_kind kind = (enum flow_certificate_kind)(i % 6);
		struct flow_certificate c;
		char serial[16];

		snprintf(serial, sizeof serial, "%08x", 0x40000000u + (unsigned)i);
		c = town_ask(&people, &town_office, kind, serial,
			     (struct flow_certificate_options){0});
		if (c.outcome == FLOW_OUTCOME_DOCUMENT_ERROR)
			fail_msg("%s of %s: U+%04X", flow_certificate_name(kind), serial,
				 (unsigned)c.missing);
		made += c.outcome == FLOW_OUTCOME_MADE;
		refused += c.outcome != FLOW_OUTCOME_MADE;
		flow_certificate_free(&c);
	}
	assert_true(made > 100 && refused > 10);
	flow_store_close(&people.store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_fault_is_named_and_nothing_is_taken, start,
						stop),
		cmocka_unit_test_setup_teardown(pins_come_as_hashes_of_a_usual_cost, start, stop),
		cmocka_unit_test_setup_teardown(all_faults_are_in_the_report, start, stop),
		cmocka_unit_test_setup_teardown(resident_code_cannot_come_in, start, stop),
		cmocka_unit_test_setup_teardown(byte_order_mark_crlf_and_quotes_are_read, start,
						stop),
		cmocka_unit_test_setup_teardown(cards_are_kept_as_keys_only, start, stop),
		cmocka_unit_test_setup_teardown(serials_need_the_secret, start, stop),
		cmocka_unit_test_setup_teardown(export_and_import_are_inverse, start, stop),
		cmocka_unit_test_setup_teardown(the_same_seed_makes_the_same_people, start, stop),
		cmocka_unit_test_setup_teardown(
			generated_people_have_all_that_is_hard_and_can_be_drawn, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
