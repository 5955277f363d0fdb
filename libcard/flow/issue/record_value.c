/* SPDX-License-Identifier: Apache-2.0 */
/* record_value.c — is a value one of its column? */
#include "record.h"

#include <card/date.h>
#include <card/text.h>

#include <stdlib.h>
#include <string.h>

#define DIGITS  "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

static bool only(const char *v, const char *set)
{
	return strspn(v, set) == strlen(v);
}

/* C0 controls, DEL, and C1 (U+0080…U+009F: C2 80…C2 9F). */
static bool has_control(const char *v, bool lines)
{
	for (const uint8_t *p = (const uint8_t *)v; *p != 0; p++) {
		if ((*p < 0x20 && !(lines && *p == '\n')) || *p == 0x7F ||
		    (*p == 0xC2 && p[1] >= 0x80 && p[1] <= 0x9F))
			return true;
	}
	return false;
}

/* A blank at either end is an error of the delivering system. */
static bool has_loose_blank(const char *v)
{
	static const char wide[] = "\xE3\x80\x80"; /* U+3000 */
	const size_t n = strlen(v);

	return *v == ' ' || v[n - 1] == ' ' || strncmp(v, wide, 3) == 0 ||
	       (n >= 3 && strcmp(v + n - 3, wide) == 0);
}

/* Every line is 【label】value. */
static bool lines_right(const char *v)
{
	static const char open[] = "\xE3\x80\x90", shut[] = "\xE3\x80\x91";

	while (*v != '\0') {
		const size_t n = strcspn(v, "\n");
		const char *end = memmem(v, n, shut, 3);

		if (n == 0 || strncmp(v, open, 3) != 0 || end == NULL || end == v + 3)
			return false;
		v += n + (v[n] == '\n');
	}
	return true;
}

static bool birth_right(const char *v)
{
	char whole[11] = "0000-01-01";
	const size_t n = strlen(v);
	struct card_date d;

	if (n != 4 && n != 7 && n != 10)
		return false;
	for (size_t i = 0; i < n; i++) /* what is missing stays 01 */
		whole[i] = v[i];
	return card_date_parse(card_bytes(whole, 10), &d) == CARD_OK;
}

static const char *text_wrong(const struct record_column *c, const char *v)
{
	if (!flow_utf8_valid(card_bytes(v, strlen(v))))
		return "not UTF-8";
	if (has_control(v, c->type == RECORD_LINES))
		return "a control character";
	if (c->type == RECORD_TEXT && has_loose_blank(v))
		return "a blank at its beginning or end";
	return c->type == RECORD_LINES && !lines_right(v) ? "a line that is not 【項目】内容"
							  : NULL;
}

/* The number after these words, taken off *at; -1: it does not stand there. */
static long number_after(const char **at, const char *word)
{
	const size_t n = strlen(word);
	char *end;
	long value;

	if (strncmp(*at, word, n) != 0 || (*at)[n] < '0' || (*at)[n] > '9')
		return -1;
	value = strtol(*at + n, &end, 10);
	*at = end;
	return value;
}

/* argon2id with a cost that a request can wait for: up to 256 MiB, 16 passes, 16 lanes (RFC 9106). */
static bool hash_fits(const char *v)
{
	long memory, passes, lanes;

	if (number_after(&v, "$argon2id$v=") != 19)
		return false;
	memory = number_after(&v, "$m=");
	passes = number_after(&v, ",t=");
	lanes = number_after(&v, ",p=");
	return memory >= 8 && memory <= 262144 && passes >= 1 && passes <= 16 && lanes >= 1 &&
	       lanes <= 16 && *v == '$';
}

const char *record_value_wrong(const struct record_column *c, const char *v)
{
	const size_t n = strlen(v);
	struct card_date d;

	if (n == 0)
		return c->needed ? "missing" : NULL;
	if (n > c->max)
		return "too long";
	switch (c->type) {
	case RECORD_ID:
		return only(v, LETTERS DIGITS "-._") ? NULL : "not letters, digits, '-', '.', '_'";
	case RECORD_TEXT:
	case RECORD_LINES:
		return text_wrong(c, v);
	case RECORD_DATE:
		return n == 10 && card_date_parse(card_bytes(v, n), &d) == CARD_OK ? NULL
										   : "no date";
	case RECORD_BIRTH:
		return birth_right(v) ? NULL : "no date";
	case RECORD_COUNT:
		return only(v, DIGITS) ? NULL : "not a count";
	case RECORD_WORD:
		return flow_list_has(c->words, v) ? NULL : "none of the words";
	case RECORD_NUMBER:
		return card_number_valid(v) ? NULL : "not 12 digits with a right check digit";
	case RECORD_KEY:
		return n == 64 && only(v, DIGITS "abcdef") ? NULL : "not 64 hexadecimal digits";
	case RECORD_HASH:
		return hash_fits(v) ? NULL : "not argon2id of a usual cost";
	case RECORD_PICTURE:
		return n % 4 == 0 && strncmp(v, "iVBORw0KGgo", 11) == 0 &&
				       only(v, LETTERS DIGITS "+/=")
			       ? NULL
			       : "not PNG in base64";
	}
	return "of an unknown type";
}
