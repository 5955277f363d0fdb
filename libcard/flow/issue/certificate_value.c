/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_value.c — dates, years and amounts as certificates write them. */
#include "certificate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "2026", or "2026-11": the rest is not known. */
static void partial(const char *value, char out[CERTIFICATE_DAY])
{
	if (strlen(value) == 4)
		snprintf(out, CERTIFICATE_DAY, "%.4s年月日不詳", value);
	else
		snprintf(out, CERTIFICATE_DAY, "%.4s年%ld月日不詳", value,
			 strtol(value + 5, NULL, 10));
}

void certificate_day(const char *value, bool western, char out[CERTIFICATE_DAY])
{
	struct card_date d = {0};
	char era[64];

	out[0] = '\0';
	if (*value == '\0')
		return;
	if (card_date_parse(card_bytes(value, strlen(value)), &d) != CARD_OK) {
		partial(value, out);
		return;
	}
	card_date_format_era(d, era, sizeof era);
	if (western)
		snprintf(out, CERTIFICATE_DAY, "%d年%d月%d日", d.year, d.month, d.day);
	else
		snprintf(out, CERTIFICATE_DAY, "%s（%d年）", era, d.year);
}

void certificate_year(const char *value, char out[CERTIFICATE_DAY])
{
	const long year = strtol(value, NULL, 10);
	const struct card_date april = {(int16_t)year, 4, 1}; /* 年度 begins in April */
	int in_era = 0;
	const enum card_era era = card_date_era(april, &in_era);

	/* The fiscal year of 2019 is called by the new era, as the offices did. */
	if (year == 2019)
		snprintf(out, CERTIFICATE_DAY, "令和元年度（2019年度）");
	else
		snprintf(out, CERTIFICATE_DAY, "%s%d年度（%ld年度）",
			 card_era_name(era, CARD_LANG_JA), in_era, year);
}

void certificate_yen(const char *value, char out[40])
{
	const size_t n = strlen(value);
	size_t at = 0;

	for (size_t i = 0; i < n && at < 30; i++) {
		out[at++] = value[i];
		if ((n - i) % 3 == 1 && i + 1 < n)
			out[at++] = ',';
	}
	snprintf(out + at, 40 - at, " 円");
}

const char *certificate_sex(const char *value)
{
	return strcmp(value, "1") == 0 ? "男" : strcmp(value, "2") == 0 ? "女" : "（空欄）";
}

bool certificate_is_foreign(const struct record_row *person)
{
	return *record_get(person, "nationality") != '\0';
}
