/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/calendar.h>

#include <stdlib.h>
#include <string.h>

static bool leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && leap(year) ? 29 : days[month - 1];
}

static struct card_date make(int year, int month, int day)
{
	if (year < 1 || year > 9999)
		return (struct card_date){0};
	return (struct card_date){(int16_t)year, (uint8_t)month, (uint8_t)day};
}

struct card_date flow_months_add(struct card_date d, int months)
{
	int index, year, month, last;

	if (!card_date_valid(d) || months > 120000 || months < -120000)
		return (struct card_date){0};
	index = d.year * 12 + d.month - 1 + months;
	if (index < 12)
		return (struct card_date){0};
	year = index / 12;
	month = index % 12 + 1;
	last = month_days(year, month);
	return make(year, month, d.day < last ? d.day : last);
}

struct card_date flow_days_add(struct card_date d, int days)
{
	/* Noon in Japan, so that no rounding moves the day. */
	if (!card_date_valid(d))
		return (struct card_date){0};
	return card_date_in_japan(card_date_start_in_japan(d) + 43200 + (int64_t)days * 86400);
}

int flow_weekday(struct card_date d)
{
	int64_t days;

	if (!card_date_valid(d))
		return -1;
	/* 1970-01-01 was a Thursday; the start of the day in Japan is 15:00 UTC the day before. */
	days = (card_date_start_in_japan(d) + 32400) / 86400;
	if (card_date_start_in_japan(d) + 32400 < 0)
		days = (card_date_start_in_japan(d) + 32400 - 86399) / 86400;
	return (int)(((days + 4) % 7 + 7) % 7);
}

struct card_date flow_birthday(struct card_date birth, int year)
{
	if (!card_date_valid(birth))
		return (struct card_date){0};
	return make(year, birth.month,
		    birth.month == 2 && birth.day == 29 && !leap(year) ? 28 : birth.day);
}

int flow_age(struct card_date birth, struct card_date day)
{
	if (!card_date_valid(birth) || !card_date_valid(day) || card_date_compare(day, birth) < 0)
		return -1;
	return day.year - birth.year - (card_date_compare(day, flow_birthday(birth, day.year)) < 0);
}

bool flow_in_period(struct card_date day, struct card_date from, struct card_date to)
{
	return card_date_valid(day) &&
	       (!card_date_valid(from) || card_date_compare(day, from) >= 0) &&
	       (!card_date_valid(to) || card_date_compare(day, to) <= 0);
}

struct flow_calendar {
	flow_table_t *table; /* NULL: weekdays only */
};

enum card_error flow_calendar_read(flow_calendar_t **out, const char *path,
				   struct flow_problem *problem)
{
	static const char *const columns[] = {"organ", "date", "open", "note", NULL};
	static const char *const yes_no[] = {"yes", "no", NULL};
	flow_calendar_t *c;
	enum card_error err = CARD_OK;

	if (out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	c = calloc(1, sizeof *c);
	if (c == NULL)
		return CARD_ERR_NO_MEMORY;
	if (path != NULL)
		err = flow_table_read(&c->table, path, columns, problem);
	for (size_t i = 0; err == CARD_OK && i < flow_table_rows(c->table); i++) {
		struct card_date d;
		size_t word;

		err = flow_table_date(c->table, i, 1, &d, problem);
		if (err == CARD_OK && !card_date_valid(d))
			err = flow_problem_set(problem, flow_table_name(c->table),
					       flow_table_line(c->table, i), "the date is missing");
		if (err == CARD_OK)
			err = flow_table_word(c->table, i, 2, yes_no, &word, problem);
	}
	if (err != CARD_OK) {
		flow_calendar_free(&c);
		return err;
	}
	*out = c;
	return CARD_OK;
}

void flow_calendar_free(flow_calendar_t **c)
{
	if (c == NULL || *c == NULL)
		return;
	flow_table_free(&(*c)->table);
	free(*c);
	*c = NULL;
}

bool flow_calendar_open(const flow_calendar_t *c, const char *organ, struct card_date d)
{
	const int weekday = flow_weekday(d);
	bool open = weekday >= 1 && weekday <= 5;
	char text[11];

	if (weekday < 0 || c == NULL || c->table == NULL)
		return open;
	card_date_format(d, text);
	/* The organ's own line decides before the line of all. */
	for (size_t i = 0; i < flow_table_rows(c->table); i++) {
		const char *who = flow_table_get(c->table, i, 0);

		if (strcmp(flow_table_get(c->table, i, 1), text) != 0)
			continue;
		if (strcmp(who, organ) == 0)
			return strcmp(flow_table_get(c->table, i, 2), "yes") == 0;
		if (strcmp(who, "*") == 0)
			open = strcmp(flow_table_get(c->table, i, 2), "yes") == 0;
	}
	return open;
}

struct card_date flow_calendar_next(const flow_calendar_t *c, const char *organ, struct card_date d)
{
	for (int i = 1; i <= 366; i++) {
		struct card_date next = flow_days_add(d, i);

		if (flow_calendar_open(c, organ, next))
			return next;
	}
	return (struct card_date){0};
}
