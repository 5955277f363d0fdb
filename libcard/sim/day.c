/* SPDX-License-Identifier: Apache-2.0 */
/* Days, eras and the check digit of a 個人番号, as a card issuer needs them. */
#include "persona.h"

#include <string.h>

bool sim_day_valid(struct sim_day d)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (d.year < 1868 || d.year > 9999 || d.month < 1 || d.month > 12 || d.day < 1)
		return false;
	bool leap = (d.year % 4 == 0 && d.year % 100 != 0) || d.year % 400 == 0;
	return d.day <= days[d.month - 1] + (leap && d.month == 2 ? 1 : 0);
}

static int digits(const char *s, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++)
		v = v * 10 + (s[i] - '0');
	return v;
}

bool sim_day_parse(const char *text, struct sim_day *out)
{
	if (strlen(text) != 10 || strspn(text, "0123456789-") != 10)
		return false;
	for (int i = 0; i < 10; i++) {
		if ((text[i] == '-') != (i == 4 || i == 7))
			return false;
	}
	*out = (struct sim_day){digits(text, 4), digits(text + 5, 2), digits(text + 8, 2)};
	return sim_day_valid(*out);
}

int sim_day_compare(struct sim_day a, struct sim_day b)
{
	if (a.year != b.year)
		return a.year < b.year ? -1 : 1;
	if (a.month != b.month)
		return a.month < b.month ? -1 : 1;
	return a.day < b.day ? -1 : a.day > b.day;
}

void sim_day_text(struct sim_day d, char out[9])
{
	for (int i = 3, y = d.year; i >= 0; i--, y /= 10)
		out[i] = (char)('0' + y % 10);
	out[4] = (char)('0' + d.month / 10);
	out[5] = (char)('0' + d.month % 10);
	out[6] = (char)('0' + d.day / 10);
	out[7] = (char)('0' + d.day % 10);
	out[8] = 0;
}

/* First days of the eras: card-spec 5.1. */
static const struct {
	int digit;
	struct sim_day first;
} eras[] = {
	{5, {2019, 5, 1}},  {4, {1989, 1, 8}},  {3, {1926, 12, 25}},
	{2, {1912, 7, 30}}, {1, {1868, 1, 25}},
};

int sim_day_era(struct sim_day d, int *year)
{
	for (size_t i = 0; i < sizeof eras / sizeof eras[0]; i++) {
		if (sim_day_compare(d, eras[i].first) >= 0) {
			*year = d.year - eras[i].first.year + 1;
			return eras[i].digit;
		}
	}
	*year = 0;
	return 0;
}

char sim_number_check_digit(const char *eleven)
{
	static const int weight[11] = {6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
	int sum = 0;

	for (int i = 0; i < 11; i++)
		sum += (eleven[i] - '0') * weight[i];
	int rest = sum % 11;
	return (char)('0' + (rest <= 1 ? 0 : 11 - rest));
}
