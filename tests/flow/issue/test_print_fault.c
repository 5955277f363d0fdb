/* SPDX-License-Identifier: Apache-2.0 */
/* printer-state-reasons as a terminal understands them (flows K26, K35). */
#include "test.h"

#include <cardflow/issue_print.h>

static void means(const char *keyword, enum flow_print_fault wanted)
{
	if (flow_print_fault_of(keyword) != wanted)
		fail_msg("%s: %s, not %s", keyword,
			 flow_print_fault_code(flow_print_fault_of(keyword)),
			 flow_print_fault_code(wanted));
}

static void k35_keywords_that_stop_the_paper(void **state)
{
	static const struct {
		const char *keyword;
		enum flow_print_fault fault;
	} table[] = {{"media-jam", FLOW_PRINT_JAM},
		     {"media-jam-error", FLOW_PRINT_JAM},
		     {"media-empty", FLOW_PRINT_PAPER},
		     {"media-needed-error", FLOW_PRINT_PAPER},
		     {"input-tray-missing", FLOW_PRINT_PAPER},
		     {"toner-empty-error", FLOW_PRINT_TONER},
		     {"marker-supply-empty", FLOW_PRINT_TONER},
		     {"cover-open", FLOW_PRINT_COVER},
		     {"door-open", FLOW_PRINT_COVER},
		     {"media-jam-warning", FLOW_PRINT_JAM},
		     {"interlock-open", FLOW_PRINT_COVER},
		     {"paused", FLOW_PRINT_STOPPED},
		     {"moving-to-paused", FLOW_PRINT_STOPPED},
		     {"shutdown", FLOW_PRINT_STOPPED},
		     {"something-new-error", FLOW_PRINT_OTHER}};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		means(table[i].keyword, table[i].fault);
}

static void warnings_and_reports_of_the_unknown_do_not(void **state)
{
	(void)state;
	means("none", FLOW_PRINT_OK);
	means("toner-low", FLOW_PRINT_OK);
	means("toner-low-warning", FLOW_PRINT_OK);
	means("media-low-report", FLOW_PRINT_OK);
	means("door-open-report", FLOW_PRINT_OK);
	means("something-new", FLOW_PRINT_OK);
	means("something-new-warning", FLOW_PRINT_OK);
	means("connecting-to-device", FLOW_PRINT_OK);
	means("", FLOW_PRINT_OK);
	means("-error", FLOW_PRINT_OK);
	means(NULL, FLOW_PRINT_OTHER);
}

static void codes_are_those_of_the_protocol(void **state)
{
	static const char *const codes[] = {"",      "jam",     "paper", "toner",
					    "cover", "stopped", "other"};

	(void)state;
	for (unsigned i = 0; i < FLOW_PRINT_FAULTS_; i++)
		assert_string_equal(flow_print_fault_code((enum flow_print_fault)i), codes[i]);
	assert_string_equal(flow_print_fault_code(FLOW_PRINT_FAULTS_), "other");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(k35_keywords_that_stop_the_paper),
		cmocka_unit_test(warnings_and_reports_of_the_unknown_do_not),
		cmocka_unit_test(codes_are_those_of_the_protocol)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
