/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <card/date.h>

#define DAY_SECONDS   86400
#define JAPAN_SECONDS (9 * 3600) /* UTC+9, no summer time */

static bool leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && leap(year) ? 29 : days[month - 1];
}

bool card_date_valid(struct card_date d)
{
	return d.year >= 1 && d.year <= 9999 && d.month >= 1 && d.month <= 12 && d.day >= 1 &&
	       d.day <= month_days(d.year, d.month);
}

int card_date_compare(struct card_date a, struct card_date b)
{
	if (a.year != b.year)
		return a.year < b.year ? -1 : 1;
	if (a.month != b.month)
		return a.month < b.month ? -1 : 1;
	if (a.day != b.day)
		return a.day < b.day ? -1 : 1;
	return 0;
}

/* n decimal digits at p, or -1. */
static int digits(const uint8_t *p, size_t n)
{
	int v = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return -1;
		v = v * 10 + (p[i] - '0');
	}
	return v;
}

enum card_error card_date_parse(struct card_bytes text, struct card_date *out)
{
	size_t dash;
	int y, m, d;

	if (out == NULL || text.p == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*out = (struct card_date){0};
	if (text.n == 10 && text.p[4] == '-' && text.p[7] == '-')
		dash = 1;
	else if (text.n == 8)
		dash = 0;
	else
		return CARD_ERR_MALFORMED;
	y = digits(text.p, 4);
	m = digits(text.p + 4 + dash, 2);
	d = digits(text.p + 6 + 2 * dash, 2);
	if (y < 1 || m < 1 || m > 12 || d < 1 || d > month_days(y, m))
		return CARD_ERR_MALFORMED;
	*out = (struct card_date){(int16_t)y, (uint8_t)m, (uint8_t)d};
	return CARD_OK;
}

void card_date_format(struct card_date d, char out[11])
{
	out[0] = '\0';
	if (card_date_valid(d))
		(void)snprintf(out, 11, "%04u-%02u-%02u", (unsigned)d.year % 10000u, d.month % 100u,
			       d.day % 100u);
}

/* Days since 1970-01-01 of a valid day: days of whole 400-year cycles, counted
 * from 0000-03-01 so that the leap day is the last of its year. */
static int64_t day_number(struct card_date d)
{
	int64_t y = d.month <= 2 ? d.year - 1 : d.year;
	int64_t m = d.month <= 2 ? d.month + 9 : d.month - 3;
	int64_t days_of_year = (153 * m + 2) / 5 + d.day - 1;

	return y * 365 + y / 4 - y / 100 + y / 400 + days_of_year - 719468;
}

static struct card_date day_from_number(int64_t n)
{
	struct card_date d = {1970, 1, 1};
	int64_t year = 1970 + n / 365;

	/* The estimate is at most a few years off; walk back, then forward. */
	if (year < 1)
		year = 1;
	if (year > 9999)
		year = 9999;
	d.year = (int16_t)year;
	while (d.year > 1 && day_number(d) > n)
		d.year--;
	n -= day_number(d);
	while (n >= month_days(d.year, d.month)) {
		n -= month_days(d.year, d.month);
		if (d.month++ == 12) {
			d.month = 1;
			d.year++;
		}
		if (d.year > 9999)
			return (struct card_date){0};
	}
	if (n < 0)
		return (struct card_date){0};
	d.day = (uint8_t)(n + 1);
	return d;
}

/* First day of each era: card-spec 5.1. */
static const struct {
	struct card_date first;
	enum card_era era;
	const char *ja, *en;
} eras[] = {
	{{2019, 5, 1}, CARD_ERA_REIWA, "令和", "Reiwa"},
	{{1989, 1, 8}, CARD_ERA_HEISEI, "平成", "Heisei"},
	{{1926, 12, 25}, CARD_ERA_SHOWA, "昭和", "Showa"},
	{{1912, 7, 30}, CARD_ERA_TAISHO, "大正", "Taisho"},
	{{1868, 1, 25}, CARD_ERA_MEIJI, "明治", "Meiji"},
};
#define ERA_COUNT (sizeof(eras) / sizeof(eras[0]))

enum card_era card_date_era(struct card_date d, int *era_year)
{
	if (era_year != NULL)
		*era_year = 0;
	if (!card_date_valid(d))
		return CARD_ERA_NONE;
	for (size_t i = 0; i < ERA_COUNT; i++) {
		if (card_date_compare(d, eras[i].first) < 0)
			continue;
		if (era_year != NULL)
			*era_year = d.year - eras[i].first.year + 1;
		return eras[i].era;
	}
	return CARD_ERA_NONE;
}

const char *card_era_name(enum card_era era, enum card_lang lang)
{
	for (size_t i = 0; i < ERA_COUNT; i++)
		if (eras[i].era == era)
			return lang == CARD_LANG_JA ? eras[i].ja : eras[i].en;
	return "";
}

enum card_error card_date_format_era(struct card_date d, char *out, size_t cap)
{
	enum card_era era;
	int year;

	if (out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (cap < 40)
		return CARD_ERR_BUFFER_TOO_SMALL;
	out[0] = '\0';
	if (!card_date_valid(d))
		return CARD_OK;
	era = card_date_era(d, &year);
	if (era == CARD_ERA_NONE)
		(void)snprintf(out, cap, "西暦%d年%d月%d日", d.year, d.month, d.day);
	else if (year == 1)
		(void)snprintf(out, cap, "%s元年%d月%d日", card_era_name(era, CARD_LANG_JA),
			       d.month, d.day);
	else
		(void)snprintf(out, cap, "%s%d年%d月%d日", card_era_name(era, CARD_LANG_JA), year,
			       d.month, d.day);
	return CARD_OK;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	int64_t q = a / b;

	return a % b < 0 ? q - 1 : q;
}

struct card_date card_date_in_japan(int64_t utc)
{
	if (utc > INT64_C(253402300799) || utc < INT64_C(-62135596800))
		return (struct card_date){0};
	return day_from_number(floor_div(utc + JAPAN_SECONDS, DAY_SECONDS));
}

int64_t card_date_start_in_japan(struct card_date d)
{
	return card_date_valid(d) ? day_number(d) * DAY_SECONDS - JAPAN_SECONDS : 0;
}

enum card_error card_time_from_utc(struct card_date d, int hour, int minute, int second,
				   int64_t *out)
{
	if (out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*out = 0;
	if (!card_date_valid(d) || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
	    second < 0 || second > 59)
		return CARD_ERR_MALFORMED;
	*out = day_number(d) * DAY_SECONDS + hour * 3600 + minute * 60 + second;
	return CARD_OK;
}

/* The zone after the seconds: "Z" or "+hh:mm". */
static enum card_error parse_zone(const char *p, int64_t *seconds)
{
	int h, m;

	if ((p[0] == 'Z' || p[0] == 'z') && p[1] == '\0') {
		*seconds = 0;
		return CARD_OK;
	}
	if ((p[0] != '+' && p[0] != '-') || strlen(p) != 6 || p[3] != ':')
		return CARD_ERR_MALFORMED;
	h = digits((const uint8_t *)p + 1, 2);
	m = digits((const uint8_t *)p + 4, 2);
	if (h < 0 || h > 23 || m < 0 || m > 59)
		return CARD_ERR_MALFORMED;
	*seconds = (p[0] == '-' ? -1 : 1) * (h * 3600 + m * 60);
	return CARD_OK;
}

enum card_error card_time_parse(const char *text, int64_t *out)
{
	struct card_date d;
	int64_t zone = 0;
	int h, m, s;
	size_t n;
	const uint8_t *p = (const uint8_t *)text;
	enum card_error err;

	if (text == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*out = 0;
	n = strlen(text);
	if (n < 10)
		return CARD_ERR_MALFORMED;
	err = card_date_parse(card_bytes(text, 10), &d);
	if (err != CARD_OK)
		return err;
	if (n == 10) {
		*out = card_date_start_in_japan(d);
		return CARD_OK;
	}
	if (n < 20 || (text[10] != 'T' && text[10] != 't' && text[10] != ' ') || text[13] != ':' ||
	    text[16] != ':')
		return CARD_ERR_MALFORMED;
	h = digits(p + 11, 2);
	m = digits(p + 14, 2);
	s = digits(p + 17, 2);
	p += 19;
	if (*p == '.') { /* fractions of a second are dropped */
		do
			p++;
		while (*p >= '0' && *p <= '9');
	}
	err = parse_zone((const char *)p, &zone);
	if (err != CARD_OK)
		return err;
	err = card_time_from_utc(d, h, m, s, out);
	if (err == CARD_OK)
		*out -= zone;
	return err;
}

static void format_time(int64_t local, const char *zone, char *out, size_t cap)
{
	struct card_date d = day_from_number(floor_div(local, DAY_SECONDS));
	int64_t s = local - floor_div(local, DAY_SECONDS) * DAY_SECONDS;

	out[0] = '\0';
	if (card_date_valid(d))
		(void)snprintf(out, cap, "%04d-%02u-%02uT%02d:%02d:%02d%s", d.year, d.month, d.day,
			       (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60), zone);
}

void card_time_format_japan(int64_t utc, char out[26])
{
	out[0] = '\0';
	if (card_date_valid(card_date_in_japan(utc)))
		format_time(utc + JAPAN_SECONDS, "+09:00", out, 26);
}

void card_time_format_utc(int64_t utc, char out[21])
{
	out[0] = '\0';
	if (card_date_valid(card_date_in_japan(utc)))
		format_time(utc, "Z", out, 21);
}
