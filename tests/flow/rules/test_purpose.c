/* SPDX-License-Identifier: Apache-2.0 */
/* Proves the catalogues of purposes and procedures: rules 6.3, PD-03, PD-29, R1-10, R3-13, R6-14. */
#include "test.h"
#include "tree.h"

#include <stdio.h>

#include <cardflow/rules.h>

static struct flow_rules rules;

static struct card_date day(int y, int m, int d)
{
	return (struct card_date){(int16_t)y, (uint8_t)m, (uint8_t)d};
}

static int start(void **state)
{
	struct flow_problem problem = {.text = ""};

	(void)state;
	if (flow_rules_read(&rules, tree_path("libcard/flow/rules/data"), &problem) == CARD_OK)
		return 0;
	print_error("%s:%u: %s\n", problem.file, problem.line, problem.text);
	return -1;
}

static int stop(void **state)
{
	(void)state;
	flow_rules_free(&rules);
	return 0;
}

static enum purpose_answer ask(const char *id, struct card_date d, unsigned attributes)
{
	return purpose_check(rules.purposes, id, d, attributes, NULL);
}

static void the_catalogue_has_its_rows_and_sums(void **state)
{
	size_t legal = 0, ordinance = 0, zero_legal = 0, zero_ordinance = 0;

	(void)state; /* rules 6.3: 33 + 15 running, 4 from 2026-04-01; C-03 */
	assert_int_equal(purpose_count(rules.purposes), 52);
	for (size_t i = 0; i < 48; i++) {
		const struct purpose *p = purpose_at(rules.purposes, i);

		legal += p->rank == PURPOSE_LEGAL;
		ordinance += p->rank == PURPOSE_ORDINANCE;
		zero_legal += p->rank == PURPOSE_LEGAL && p->count == 0;
		zero_ordinance += p->rank == PURPOSE_ORDINANCE && p->count == 0;
	}
	assert_int_equal(legal, 33);
	assert_int_equal(ordinance, 15);
	assert_int_equal(zero_legal, 7);
	assert_int_equal(zero_ordinance, 11);
	assert_int_equal(purpose_sum(rules.purposes, PURPOSE_LEGAL), 592885);
	assert_int_equal(purpose_sum(rules.purposes, PURPOSE_ORDINANCE), 10331);
}

static void a_purpose_gives_its_attributes_and_no_more(void **state)
{
	const struct card_date today = day(2026, 7, 1);

	(void)state; /* the tests of rules 6.3, word for word */
	assert_int_equal(ask("N02", today, FLOW_ATTR_BIRTH_DATE), PURPOSE_ATTRIBUTE);
	assert_int_equal(ask("N03", today, FLOW_ATTR_NAME), PURPOSE_ATTRIBUTE);
	assert_int_equal(ask("O07", today, FLOW_ATTR_MY_NUMBER), PURPOSE_OK);
	assert_int_equal(ask("L02", today, FLOW_ATTR_MY_NUMBER), PURPOSE_NO_NUMBER);
	assert_int_equal(ask("N01", day(2026, 3, 31), FLOW_ATTR_NAME), PURPOSE_NOT_YET);
	assert_int_equal(ask("N01", day(2026, 4, 1), FLOW_ATTR_NAME), PURPOSE_OK);
	assert_int_equal(ask("X99", today, FLOW_ATTR_NAME), PURPOSE_UNKNOWN);
	assert_int_equal(ask(NULL, today, FLOW_ATTR_NAME), PURPOSE_UNKNOWN);
	assert_int_equal(ask("L04", today, FLOW_ATTR_MY_NUMBER), PURPOSE_NO_NUMBER); /* unstated */
}

static const char purpose_head[] =
	"purpose_id,class,basis_table,law,purpose_text,organ,department,count_r6,expected_per_year,"
	"allowed_attributes,attribute_basis,number_use,right,valid_from,valid_to,status,note,source\n";

static enum card_error read_purposes(const char *rows, purpose_catalogue_t **c,
				     struct flow_problem *problem)
{
	char folder[64], path[128], text[2048];
	enum card_error err;

	tree_scratch(folder);
	snprintf(path, sizeof path, "%s/purposes.csv", folder);
	snprintf(text, sizeof text, "%s%s", purpose_head, rows);
	tree_write(path, text);
	err = purpose_catalogue_read(c, path, problem);
	tree_scratch_remove(folder);
	return err;
}

static void a_purpose_that_moves_keeps_its_old_version(void **state)
{
	purpose_catalogue_t *c = NULL;
	struct flow_problem problem;
	const struct purpose *p;

	(void)state; /* R6-08, PD-29: O06 moves from ordinance to 別表6 */
	assert_ok(read_purposes(
		"O06,条例,都道府県条例,x,y,z,w,0,,name,decision,no,inquiry,,2026-05-31,"
		"ending,,\n"
		"O06,法定,別表6,x,y,z,w,0,,name,decision,no,inquiry,2026-06-01,,active,,\n",
		&c, &problem));
	assert_int_equal(purpose_check(c, "O06", day(2026, 5, 31), FLOW_ATTR_NAME, &p), PURPOSE_OK);
	assert_int_equal(p->line, 2);
	assert_int_equal(purpose_check(c, "O06", day(2026, 6, 1), FLOW_ATTR_NAME, &p), PURPOSE_OK);
	assert_int_equal(p->line, 3);
	assert_string_equal(p->basis_table, "別表6");
	purpose_catalogue_free(&c);
	assert_ok(read_purposes("E1,法定,,x,y,z,w,,,name,seed,no,inquiry,,2026-05-31,ended,,\n", &c,
				&problem));
	assert_int_equal(purpose_check(c, "E1", day(2026, 5, 31), FLOW_ATTR_NAME, NULL),
			 PURPOSE_OK);
	assert_int_equal(purpose_check(c, "E1", day(2026, 6, 1), FLOW_ATTR_NAME, NULL),
			 PURPOSE_ENDED);
	purpose_catalogue_free(&c);
}

static void a_wrong_catalogue_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *rows, *says;
		unsigned line;
	} bad[] = {
		{"L1,法定,,x,y,z,w,1,,name;shoe_size,seed,no,inquiry,,,active,,\n",
		 "unknown attribute \"shoe_size\"", 2},
		{"L1,法定,,x,y,z,w,1,,name;photo,seed,no,inquiry,,,active,,\n",
		 "unknown attribute \"photo\"", 2},
		{"L1,法定,,x,y,z,w,1,,name;my_number,seed,no,inquiry,,,active,,\n",
		 "L1: my_number is allowed, but number_use is not yes", 2},
		{"L1,政令,,x,y,z,w,1,,name,seed,no,inquiry,,,active,,\n",
		 "\"政令\" is not known here", 2},
		{"L1,法定,,x,y,z,w,1,,name,seed,no,inquiry,,,active,\n",
		 "17 fields, there must be 18", 2},
		{"L1,法定,,x,y,z,w,-1,,name,seed,no,inquiry,,,active,,\n", "\"-1\" is no count", 2},
		{"L1,法定,,x,y,z,w,1,,name,seed,no,inquiry,2026-2-1,,active,,\n",
		 "\"2026-2-1\" is no date (YYYY-MM-DD)", 2},
		{"L1,法定,,x,y,z,w,1,,name,seed,no,inquiry,2026-02-01,2026-01-31,active,,\n",
		 "L1: ends before it begins", 2},
		{"\nL1,法定,,x,y,z,w,1,,name,seed,no,inquiry,,,active,,\n"
		 "L1,法定,,x,y,z,w,1,,name,seed,no,inquiry,2026-01-01,,active,,\n",
		 "L1 is in force at the same time as in line 3", 4},
		{"L1,法定,,\"x\",y,z,w,1,,name,seed,no,inquiry,,,active,,\n",
		 "quotes are not used in this format", 2},
		{"L1,法定,,x\xff,y,z,w,1,,name,seed,no,inquiry,,,active,,\n", "not UTF-8", 2},
		{"L1,法定,,x,y,z,w,1,,name,seed,no,inquiry,,,active,,",
		 "cut off: the last line has no line end", 2},
		{"L1,法定,,x,y,z,w,1,,,seed,no,inquiry,,,active,,\n", "L1: no attribute is allowed",
		 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		purpose_catalogue_t *c = NULL;
		struct flow_problem problem = {.text = ""};

		assert_int_equal(read_purposes(bad[i].rows, &c, &problem), CARD_ERR_MALFORMED);
		assert_null(c);
		assert_string_equal(problem.text, bad[i].says);
		assert_int_equal(problem.line, bad[i].line);
	}
}

static void a_wrong_header_or_no_file_is_named(void **state)
{
	char folder[64], path[128];
	purpose_catalogue_t *c = NULL;
	struct flow_problem problem;

	(void)state;
	tree_scratch(folder);
	snprintf(path, sizeof path, "%s/p.csv", folder);
	assert_int_equal(purpose_catalogue_read(&c, path, &problem), CARD_ERR_IO);
	tree_write(path, "");
	assert_int_equal(purpose_catalogue_read(&c, path, &problem), CARD_ERR_MALFORMED);
	assert_string_equal(problem.text, "empty; a header line is needed");
	tree_write(path, "purpose_id,klass\n");
	assert_int_equal(purpose_catalogue_read(&c, path, &problem), CARD_ERR_MALFORMED);
	assert_string_equal(problem.text, "column 2 is \"klass\", it must be \"class\"");
	tree_write(path, "purpose_id\n");
	assert_int_equal(purpose_catalogue_read(&c, path, &problem), CARD_ERR_MALFORMED);
	assert_string_equal(problem.text, "the column \"class\" is missing");
	tree_scratch_remove(folder);
}

static void a_procedure_reads_the_number_only_on_a_basis(void **state)
{
	const struct card_date today = day(2026, 7, 1);
	const struct flow_procedure *p = flow_procedure_find(rules.procedures, "jido-teate", today);
	card_grant_t *grant = NULL;

	(void)state;
	assert_non_null(p);
	assert_int_equal(p->number_basis, FLOW_BASIS_SCHEDULE);
	assert_ok(flow_procedure_grant(p, true, &grant));
	assert_true(card_grant_permits(grant, CARD_OBJECT_NUMBER | CARD_OBJECT_FACE));
	assert_false(card_grant_permits(grant, CARD_OBJECT_NUMBER_IMAGE));
	assert_false(card_grant_permits(grant, CARD_OBJECT_SIGN_CERTIFICATE));
	card_grant_free(&grant);
	assert_ok(flow_procedure_grant(p, false, &grant)); /* no right of the operator */
	assert_false(card_grant_permits(grant, CARD_OBJECT_NUMBER));
	card_grant_free(&grant);
	p = flow_procedure_find(rules.procedures, "koza", today); /* R1-10 */
	assert_non_null(p);
	assert_ok(flow_procedure_grant(p, true, &grant));
	assert_false(card_grant_permits(grant, CARD_OBJECT_NUMBER));
	assert_true(card_grant_permits(grant, CARD_OBJECT_ATTRIBUTES));
	card_grant_free(&grant);
}

static void a_procedure_begins_on_its_day(void **state)
{
	(void)state; /* PD-29 */
	assert_null(flow_procedure_find(rules.procedures, "kofu", day(2015, 12, 31)));
	assert_non_null(flow_procedure_find(rules.procedures, "kofu", day(2016, 1, 1)));
	assert_null(flow_procedure_find(rules.procedures, "nanika", day(2016, 1, 1)));
}

static void the_procedures_of_a_counter_are_there(void **state)
{
	static const char *const ids[] = {"tennyu",     "tenshutsu", "inkan",  "kofu",  "saisettei",
					  "jido-teate", "koza",      "keitai", "honnin"};

	(void)state;
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		assert_non_null(flow_procedure_find(rules.procedures, ids[i], day(2026, 7, 1)));
}

static void a_wrong_procedure_is_refused_with_its_line(void **state)
{
	static const char head[] =
		"id,name,name_en,entity_class,attributes,number,number_basis,number_law,purpose,"
		"evidence_policy,required_checks,double_check,retention_years,retention_from,"
		"keep_image,unreadable_is_photo,valid_from,valid_to,source\n";
	static const struct {
		const char *row, *says;
	} bad[] = {
		{"a,x,x,other,name,yes,schedule,law,,notice,card_chain;record_signature;in_force,none,7,decision,no,no,,,\n",
		 "a: only a number-user may read the number (R1-10)"},
		{"a,x,x,number-user,name,yes,,law,,notice,card_chain;record_signature;in_force,none,7,decision,no,no,,,\n",
		 "a: number, number_basis and number_law belong together"},
		{"a,x,x,number-user,name,no,schedule,law,,notice,card_chain;record_signature;in_force,none,7,decision,no,no,,,\n",
		 "a: number, number_basis and number_law belong together"},
		{"a,x,x,number-user,name,yes,ordinance-pair,one,,notice,card_chain;record_signature;in_force,none,7,decision,no,no,,,\n",
		 "a: an ordinance-pair names two ordinances"},
		{"a,x,x,other,name,no,,,,nonesuch,card_chain;record_signature;in_force,none,7,decision,no,no,,,\n",
		 "a: no evidence policy \"nonesuch\""},
		{"a,x,x,other,name,no,,,Q1,notice,card_chain;record_signature;in_force,none,7,decision,no,no,,,\n",
		 "a: no purpose \"Q1\""},
		{"a,x,x,other,name;my_number,no,,,,notice,card_chain;record_signature;in_force,none,7,decision,no,no,,,\n",
		 "\"my_number\" is no attribute of a card"},
		{"a,x,x,other,name,no,,,,notice,in_farce,none,7,decision,no,no,,,\n",
		 "\"in_farce\" is no check"},
		{"a,x,x,other,name,no,,,,notice,card_chain;in_force,none,7,decision,no,no,,,\n",
		 "a: card_chain, record_signature and in_force are always required"},
		{"a,x,x,other,name,no,,,,notice,card_chain;record_signature;in_force,none,4,decision,no,no,,,\n",
		 "a: retention is at least 5 years (PD-33)"},
		{"A B,x,x,other,name,no,,,,notice,card_chain;record_signature;in_force,none,7,decision,no,no,,,\n",
		 "the id \"A B\" is not of a-z, 0-9 and -"},
		{"a,x,x,other,name,no,,,,notice,card_chain;record_signature;in_force,none,7,decision,maybe,no,,,\n",
		 "\"maybe\" is not known here"},
	};
	char folder[64], path[128], text[2048];

	(void)state;
	tree_scratch(folder);
	snprintf(path, sizeof path, "%s/procedures.csv", folder);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		flow_procedures_t *p = NULL;
		struct flow_problem problem = {.text = ""};

		snprintf(text, sizeof text, "%s%s", head, bad[i].row);
		tree_write(path, text);
		assert_int_equal(
			flow_procedures_read(&p, path, rules.purposes, rules.evidence, &problem),
			CARD_ERR_MALFORMED);
		assert_string_equal(problem.text, bad[i].says);
		assert_int_equal(problem.line, 2);
	}
	tree_scratch_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_catalogue_has_its_rows_and_sums),
		cmocka_unit_test(a_purpose_gives_its_attributes_and_no_more),
		cmocka_unit_test(a_purpose_that_moves_keeps_its_old_version),
		cmocka_unit_test(a_wrong_catalogue_is_refused_with_its_line),
		cmocka_unit_test(a_wrong_header_or_no_file_is_named),
		cmocka_unit_test(a_procedure_reads_the_number_only_on_a_basis),
		cmocka_unit_test(a_procedure_begins_on_its_day),
		cmocka_unit_test(the_procedures_of_a_counter_are_there),
		cmocka_unit_test(a_wrong_procedure_is_refused_with_its_line),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
