/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/issue_print.h>

#include <string.h>

const char *flow_print_fault_code(enum flow_print_fault f)
{
	static const char *const codes[FLOW_PRINT_FAULTS_] = {"",      "jam",     "paper", "toner",
							      "cover", "stopped", "other"};

	return f < FLOW_PRINT_FAULTS_ ? codes[f] : "other";
}

/* Keywords without their severity, by fault (RFC 8011 5.4.12; PWG 5100.9 table 2). */
static const struct {
	const char *keyword;
	enum flow_print_fault fault;
} keywords[] = {
	{"media-jam", FLOW_PRINT_JAM},          {"media-path-jam", FLOW_PRINT_JAM},
	{"output-media-jam", FLOW_PRINT_JAM},   {"media-empty", FLOW_PRINT_PAPER},
	{"media-needed", FLOW_PRINT_PAPER},     {"input-tray-missing", FLOW_PRINT_PAPER},
	{"toner-empty", FLOW_PRINT_TONER},      {"marker-supply-empty", FLOW_PRINT_TONER},
	{"developer-empty", FLOW_PRINT_TONER},  {"cover-open", FLOW_PRINT_COVER},
	{"door-open", FLOW_PRINT_COVER},        {"interlock-open", FLOW_PRINT_COVER},
	{"paused", FLOW_PRINT_STOPPED},         {"moving-to-paused", FLOW_PRINT_STOPPED},
	{"stopped-partly", FLOW_PRINT_STOPPED}, {"stopping", FLOW_PRINT_STOPPED},
	{"shutdown", FLOW_PRINT_STOPPED},       {"output-area-full", FLOW_PRINT_OTHER},
	{"fuser-over-temp", FLOW_PRINT_OTHER},  {"fuser-under-temp", FLOW_PRINT_OTHER},
};

/* The length of a keyword without "-error", "-warning" or "-report"; *mild: the last. A jam or an
 * empty tray told as a warning stops the paper all the same. */
static size_t cut_severity(const char *keyword, bool *mild, bool *severe)
{
	static const char *const endings[] = {"-warning", "-report", "-error"};
	size_t n = strlen(keyword);

	*mild = *severe = false;
	for (size_t i = 0; i < 3; i++) {
		size_t k = strlen(endings[i]);

		if (n > k && strcmp(keyword + n - k, endings[i]) == 0) {
			*mild = i == 1;
			*severe = i == 2;
			return n - k;
		}
	}
	return n;
}

enum flow_print_fault flow_print_fault_of(const char *keyword)
{
	bool mild, severe;
	size_t n;

	if (keyword == NULL)
		return FLOW_PRINT_OTHER;
	n = cut_severity(keyword, &mild, &severe);
	if (mild)
		return FLOW_PRINT_OK;
	for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
		if (strlen(keywords[i].keyword) == n &&
		    memcmp(keywords[i].keyword, keyword, n) == 0)
			return keywords[i].fault;
	return severe ? FLOW_PRINT_OTHER : FLOW_PRINT_OK;
}
