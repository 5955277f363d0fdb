/* SPDX-License-Identifier: Apache-2.0 */
/* journal_month.c — the month in figures, and the inspection that is signed with it (rules 7.3). */
#include "journal_read.h"

#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "rules.h"

struct counts {
	const flow_calendar_t *days;
	json_t *operators, *used; /* used: procedures and purposes */
	long records, refused, failed, outside_hours, unknown;
};

static void add_one(json_t *object, const char *name)
{
	if (*name != '\0')
		json_object_set_new(
			object, name,
			json_integer(json_integer_value(json_object_get(object, name)) + 1));
}

/* Before 8 or from 20 o'clock, or on a day on which the organ is closed. */
static bool outside_hours(const struct counts *c, const struct journal_entry *e)
{
	struct card_date day;
	/* "2026-04-01T09:00:00+09:00": the hour is at 11. */
	const long hour = strlen(e->start) == 25 ? strtol(e->start + 11, NULL, 10) : 0;

	return hour < 8 || hour >= 20 ||
	       card_date_parse(card_bytes(e->start, 10), &day) != CARD_OK ||
	       !flow_calendar_open(c->days, e->organ, day);
}

static enum card_error count(void *ctx, const struct journal_entry *e)
{
	struct counts *c = ctx;
	char what[80];

	c->records++;
	c->refused += strcmp(e->result, "refused") == 0;
	c->failed += strcmp(e->result, "failed") == 0;
	c->unknown += strcmp(e->phase, "unknown") == 0;
	if (*e->operator_id != '\0' && outside_hours(c, e))
		c->outside_hours++;
	add_one(c->operators, e->operator_id);
	snprintf(what, sizeof what, "procedure:%.60s", e->procedure);
	add_one(c->used, *e->procedure != '\0' ? what : "");
	snprintf(what, sizeof what, "purpose:%.60s", e->purpose);
	add_one(c->used, *e->purpose != '\0' ? what : "");
	return CARD_OK;
}

/* ---------------------------------------------------------------- what is missing */

struct unused {
	const json_t *used;
	json_t *list;
};

/* A right that nobody made use of: a reason to ask whether it is still needed. */
static enum card_error take_right(void *ctx, const char *operator_id, const char *what,
				  const char *right, const char *by)
{
	struct unused *u = ctx;
	size_t i;
	json_t *one;

	(void)operator_id;
	(void)right;
	(void)by;
	if (strcmp(what, "*") == 0 || json_object_get(u->used, what) != NULL)
		return CARD_OK;
	json_array_foreach(u->list, i, one)
	{
		if (strcmp(json_string_value(one), what) == 0)
			return CARD_OK;
	}
	json_array_append_new(u->list, json_string(what));
	return CARD_OK;
}

struct months {
	char first[8];
	json_t *inspected;
};

static enum card_error take_inspection(void *ctx, const struct journal_entry *e)
{
	struct months *m = ctx;

	add_one(m->inspected, e->code);
	return CARD_OK;
}

static enum card_error take_first(void *ctx, const char *const *column, size_t n)
{
	struct months *m = ctx;

	if (n == 1 && column[0] != NULL)
		snprintf(m->first, sizeof m->first, "%.7s", column[0]);
	return CARD_OK;
}

/* A month without an inspection by the end of the next one is a finding. */
static enum card_error missing_months(struct kz_desk *d, struct card_date today, json_t *out)
{
	const struct journal_filter f = {.event = "inspection"};
	struct months m = {.inspected = json_object()};
	struct card_date month, last = flow_months_add(today, -2);
	char text[11];
	enum card_error err =
		flow_store_run(d->store, "SELECT min(time) FROM journal WHERE time <> ''", NULL, 0,
			       take_first, &m);

	if (err == CARD_OK)
		err = journal_read(d->store, &f, take_inspection, &m);
	snprintf(text, sizeof text, "%s-01", m.first);
	last.day = 1;
	if (err == CARD_OK && card_date_parse(card_bytes(text, strlen(text)), &month) == CARD_OK) {
		for (; card_date_compare(month, last) <= 0; month = flow_months_add(month, 1)) {
			card_date_format(month, text);
			text[7] = '\0';
			if (json_object_get(m.inspected, text) == NULL)
				json_array_append_new(out, json_string(text));
		}
	}
	json_decref(m.inspected);
	return err;
}

/* ---------------------------------------------------------------- the report */

/* The entry of the security officer; a checkpoint over it is its signature. */
static enum card_error inspect(struct kz_desk *d, const char *month, const struct counts *c,
			       size_t unused, long bad)
{
	char text[1900];
	int used = snprintf(
		text, sizeof text,
		"%s: %ld records, %ld refused, %ld failed, %ld out of hours, %ld unknown, %zu "
		"rights without use, chain %s; ",
		month, c->records, c->refused, c->failed, c->outside_hours, c->unknown, unused,
		bad == 0 ? "whole" : "broken");
	const char *who;
	json_t *value;
	enum card_error err;

	json_object_foreach(c->operators, who, value)
	{
		if (used > 0 && (size_t)used < sizeof text - 80)
			used += snprintf(text + used, sizeof text - (size_t)used, "%.40s=%lld; ",
					 who, (long long)json_integer_value(value));
	}
	err = kz_journal_note(d, "inspection", text, NULL, month,
			      bad == 0 ? JOURNAL_OK : JOURNAL_FAILED);
	return err == CARD_OK ? journal_checkpoint(d->journal) : err;
}

static void say_list(struct kz *kz, const char *label, const json_t *list)
{
	size_t i;
	json_t *one;

	json_array_foreach(list, i, one) kz_say_pair(kz, label, "%s", json_string_value(one));
}

static void say(struct kz *kz, const char *month, const struct counts *c, const json_t *unused,
		const json_t *missing, long bad)
{
	const char *who;
	json_t *value;

	kz_say_pair(kz, _("month"), "%s", month);
	kz_say_pair(kz, _("records"), "%ld", c->records);
	kz_say_pair(kz, _("refused"), "%ld", c->refused);
	kz_say_pair(kz, _("failed"), "%ld", c->failed);
	kz_say_pair(kz, _("out of hours"), "%ld", c->outside_hours);
	kz_say_pair(kz, _("nobody knows how"), "%ld", c->unknown);
	json_object_foreach(c->operators, who, value)
		kz_say_pair(kz, who, "%lld", (long long)json_integer_value(value));
	say_list(kz, _("right without use"), unused);
	say_list(kz, _("month without inspection"), missing);
	if (bad != 0)
		kz_say_pair(kz, _("THE CHAIN IS BROKEN at record"), "%ld", bad);
}

static bool month_valid(const char *text)
{
	struct card_date day;
	char first[16];

	snprintf(first, sizeof first, "%.7s-01", text);
	return strlen(text) == 7 && card_date_parse(card_bytes(first, 10), &day) == CARD_OK;
}

static int write_report(struct kz *kz, struct kz_desk *d, const char *month, struct counts *c,
			const struct journal_filter *f)
{
	json_t *missing = json_array();
	struct unused u = {c->used, json_array()};
	const bool officer = kz_journal_role(d, "security");
	long bad = 0;
	size_t open = 0;
	enum card_error err = journal_read(d->store, f, count, c);

	if (err == CARD_OK)
		err = flow_right_list(d->store, NULL, take_right, &u);
	if (err == CARD_OK)
		err = missing_months(d, kz_today(kz), missing);
	/* PD-34: the chain is checked at the inspection, all of it; nothing is left open. */
	if (err == CARD_OK && officer)
		err = journal_recover(d->journal, true, &open);
	if (err == CARD_OK && officer)
		err = journal_check(d->journal, true, &bad);
	if (err == CARD_OK && officer)
		err = inspect(d, month, c, json_array_size(u.list), bad);
	if (err == CARD_OK) {
		say(kz, month, c, u.list, missing, bad);
		kz_json(kz, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:O, s:O, s:O, s:b, s:I}",
				      "month", month, "records", (json_int_t)c->records, "refused",
				      (json_int_t)c->refused, "failed", (json_int_t)c->failed,
				      "out_of_hours", (json_int_t)c->outside_hours, "unknown",
				      (json_int_t)c->unknown, "operators", c->operators,
				      "rights_without_use", u.list, "months_without_inspection",
				      missing, "inspected", officer, "first_bad", (json_int_t)bad));
	}
	json_decref(missing);
	json_decref(u.list);
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	return bad == 0 ? KZ_DONE : KZ_INVALID;
}

int kz_journal_report(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w)
{
	struct counts c = {.days = NULL};
	flow_calendar_t *days = NULL;
	struct journal_filter f;
	char today[11], month[8];
	int rc;

	if (w->month != NULL && !month_valid(w->month))
		return kz_fail_usage(kz, _("--month takes a month such as 2026-04."));
	rc = kz_journal_limit(kz, d, w, &f, today);
	if (rc != KZ_GO)
		return rc;
	snprintf(month, sizeof month, "%.7s", w->month != NULL ? w->month : today);
	if (f.from != today) /* the own entries of today stay those */
		f.from = f.to = month;
	if (flow_calendar_read(&days, NULL, NULL) != CARD_OK)
		return kz_fail_error(kz, CARD_ERR_NO_MEMORY);
	c.days = days;
	c.operators = json_object();
	c.used = json_object();
	rc = write_report(kz, d, month, &c, &f);
	json_decref(c.operators);
	json_decref(c.used);
	flow_calendar_free(&days);
	return rc;
}
