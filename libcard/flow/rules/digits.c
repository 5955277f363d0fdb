/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/digits.h>

#include <string.h>

static bool digits(const char *text, size_t n)
{
	return text != NULL && strlen(text) == n && strspn(text, "0123456789") == n;
}

bool flow_resident_code_valid(const char *text)
{
	int sum = 0, rest;

	if (!digits(text, 11))
		return false;
	for (int n = 1; n <= 10; n++)
		sum += (text[10 - n] - '0') * (n <= 6 ? n + 1 : n - 5);
	rest = sum % 11;
	return text[10] - '0' == (rest <= 1 ? 0 : 11 - rest);
}

bool flow_municipality_code_complete(const char *text, char out[7])
{
	int sum = 0;

	if (!digits(text, 5))
		return false;
	for (int i = 0; i < 5; i++)
		sum += (text[i] - '0') * (6 - i);
	memcpy(out, text, 5);
	out[5] = (char)('0' + (11 - sum % 11) % 10);
	out[6] = '\0';
	return true;
}

bool flow_municipality_code_valid(const char *text)
{
	char five[6], whole[7];

	if (!digits(text, 6))
		return false;
	memcpy(five, text, 5);
	five[5] = '\0';
	return flow_municipality_code_complete(five, whole) && whole[5] == text[5];
}
