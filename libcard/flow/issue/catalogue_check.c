/* SPDX-License-Identifier: Apache-2.0 */
/* catalogue_check.c — what the tables of the catalogue must say to be taken. */
#include "catalogue.h"

#include <stdio.h>
#include <string.h>

static const char *const kinds[] = {"juminhyo", "kisai", "inkan", "tax", "koseki", "fuhyo", NULL};
static const char *const methods[] = {"new", "conversion", "current", NULL};
static const char *const channels[] = {"kiosk", "counter", NULL};
static const char *const calendars[] = {"daily", "weekdays", "always", NULL};
static const char *const yes_no[] = {"no", "yes", NULL};

static bool in(const char *const *words, const char *word)
{
	for (; *words != NULL; words++) {
		if (strcmp(*words, word) == 0)
			return true;
	}
	return false;
}

bool flow_issue_kind_known(const char *kind)
{
	return in(kinds, kind);
}

bool flow_issue_method_known(const char *method)
{
	return in(methods, method);
}

bool catalogue_time(const char *text, unsigned fallback, unsigned *out)
{
	unsigned hour, minute;

	*out = fallback;
	if (text[0] == '\0')
		return true;
	if (strlen(text) != 5 || text[2] != ':' || strspn(text, "0123456789") != 2 ||
	    strspn(text + 3, "0123456789") != 2)
		return false;
	hour = (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
	minute = (unsigned)(text[3] - '0') * 10 + (unsigned)(text[4] - '0');
	*out = hour * 3600 + minute * 60;
	return hour <= 23 && minute <= 59;
}

struct card_date catalogue_date(const flow_table_t *t, size_t row, size_t column)
{
	struct card_date d = {0};

	(void)flow_table_date(t, row, column, &d, NULL);
	return d;
}

static enum card_error wrong(const flow_table_t *t, size_t row, struct flow_problem *p,
			     const char *what)
{
	return flow_problem_set(p, flow_table_name(t), flow_table_line(t, row), "%s", what);
}

static bool municipality_known(const struct flow_issue_catalogue *c, const char *code, bool every)
{
	if (every && strcmp(code, "*") == 0)
		return true;
	for (size_t i = 0; i < flow_table_rows(c->municipalities); i++) {
		if (strcmp(flow_table_get(c->municipalities, i, M_CODE), code) == 0)
			return true;
	}
	return false;
}

static bool code_form(const char *code)
{
	return strlen(code) == 5 && strspn(code, "0123456789") == 5;
}

/* No two rows may have the same text in the first n columns. */
static enum card_error unique(const flow_table_t *t, size_t n, struct flow_problem *p)
{
	for (size_t i = 0; i < flow_table_rows(t); i++) {
		for (size_t j = 0; j < i; j++) {
			size_t same = 0;

			while (same < n &&
			       strcmp(flow_table_get(t, i, same), flow_table_get(t, j, same)) == 0)
				same++;
			if (same == n)
				return wrong(t, i, p, "stands twice");
		}
	}
	return CARD_OK;
}

static enum card_error check_municipalities(const flow_table_t *t, struct flow_problem *p)
{
	for (size_t i = 0; i < flow_table_rows(t); i++) {
		const char *list = flow_table_get(t, i, M_METHODS);
		struct card_bytes item;
		struct card_date from;
		size_t word, n = 0;

		if (!code_form(flow_table_get(t, i, M_CODE)))
			return wrong(t, i, p, "a municipality code has five digits");
		if (flow_table_date(t, i, M_FROM, &from, p) != CARD_OK ||
		    flow_table_word(t, i, M_NUMBER, yes_no, &word, p) != CARD_OK)
			return CARD_ERR_MALFORMED;
		while ((item = flow_list_next(&list)).n > 0) {
			char method[17];

			snprintf(method, sizeof method, "%.*s", (int)(item.n < 16 ? item.n : 16),
				 (const char *)item.p);
			if (!in(methods, method))
				return wrong(t, i, p, "unknown method");
			n++;
		}
		if (n == 0 || flow_table_get(t, i, M_ISSUER)[0] == '\0')
			return wrong(t, i, p, "a method and an issuer are needed");
	}
	return unique(t, 1, p);
}

static enum card_error check_kinds(const struct flow_issue_catalogue *c, struct flow_problem *p)
{
	const flow_table_t *t = c->kinds;

	for (size_t i = 0; i < flow_table_rows(t); i++) {
		struct card_date from;
		unsigned open, close;
		size_t word;

		if (!municipality_known(c, flow_table_get(t, i, K_MUNICIPALITY), false))
			return wrong(t, i, p, "unknown municipality");
		if (flow_table_word(t, i, K_KIND, kinds, &word, p) != CARD_OK ||
		    flow_table_word(t, i, K_CALENDAR, calendars, &word, p) != CARD_OK ||
		    flow_table_date(t, i, K_FROM, &from, p) != CARD_OK)
			return CARD_ERR_MALFORMED;
		if (!catalogue_time(flow_table_get(t, i, K_OPEN), DAY_OPEN, &open) ||
		    !catalogue_time(flow_table_get(t, i, K_CLOSE), DAY_CLOSE, &close))
			return wrong(t, i, p, "a time is written HH:MM");
		if (open < DAY_OPEN || close > DAY_CLOSE)
			return wrong(t, i, p, "hours must lie inside 06:30-23:00");
		if (open >= close)
			return wrong(t, i, p, "the start must be before the end");
	}
	return unique(t, 2, p);
}

/* The fee in force on the day that a row of the other channel begins; -1 if there is none. */
static long fee_at(const flow_table_t *t, size_t like, const char *channel, struct card_date day)
{
	struct card_date best = {0};
	long fee = -1;

	for (size_t i = 0; i < flow_table_rows(t); i++) {
		const struct card_date from = catalogue_date(t, i, F_FROM);
		long amount;

		if (strcmp(flow_table_get(t, i, F_MUNICIPALITY),
			   flow_table_get(t, like, F_MUNICIPALITY)) != 0 ||
		    strcmp(flow_table_get(t, i, F_KIND), flow_table_get(t, like, F_KIND)) != 0 ||
		    strcmp(flow_table_get(t, i, F_CHANNEL), channel) != 0 ||
		    card_date_compare(from, day) > 0 || card_date_compare(from, best) < 0)
			continue;
		if (flow_table_count(t, i, F_AMOUNT, &amount, NULL) == CARD_OK) {
			best = from;
			fee = amount;
		}
	}
	return fee;
}

static enum card_error check_fees(const struct flow_issue_catalogue *c, flow_issue_warning_fn warn,
				  void *ctx, struct flow_problem *p)
{
	const flow_table_t *t = c->fees;

	for (size_t i = 0; i < flow_table_rows(t); i++) {
		struct card_date from;
		char text[120];
		size_t word;
		long amount, counter;

		if (!municipality_known(c, flow_table_get(t, i, F_MUNICIPALITY), false))
			return wrong(t, i, p, "unknown municipality");
		if (flow_table_word(t, i, F_KIND, kinds, &word, p) != CARD_OK ||
		    flow_table_word(t, i, F_CHANNEL, channels, &word, p) != CARD_OK ||
		    flow_table_date(t, i, F_FROM, &from, p) != CARD_OK ||
		    flow_table_count(t, i, F_AMOUNT, &amount, p) != CARD_OK)
			return CARD_ERR_MALFORMED;
		if (!card_date_valid(from))
			return wrong(t, i, p, "a fee needs the day it begins");
		if (amount < 0 || amount > 100000)
			return wrong(t, i, p, "a fee is 0 to 100000 yen; 0 must be written");
		counter = word == 0 ? fee_at(t, i, "counter", from) : -1;
		if (warn != NULL && counter >= 0 && amount > counter) {
			snprintf(text, sizeof text,
				 "fees.csv:%u: dearer at the kiosk than at the counter",
				 flow_table_line(t, i));
			warn(ctx, text);
		}
	}
	return unique(t, 4, p);
}

static enum card_error check_closures(const struct flow_issue_catalogue *c, struct flow_problem *p)
{
	const flow_table_t *t = c->closures;

	for (size_t i = 0; i < flow_table_rows(t); i++) {
		const char *kind = flow_table_get(t, i, C_KIND);
		int64_t from, to;

		if (!municipality_known(c, flow_table_get(t, i, C_MUNICIPALITY), true))
			return wrong(t, i, p, "unknown municipality");
		if (strcmp(kind, "*") != 0 && !in(kinds, kind))
			return wrong(t, i, p, "unknown kind");
		if (card_time_parse(flow_table_get(t, i, C_FROM), &from) != CARD_OK ||
		    card_time_parse(flow_table_get(t, i, C_TO), &to) != CARD_OK || from >= to)
			return wrong(t, i, p, "from and to are times, one before the other");
	}
	return CARD_OK;
}

static enum card_error check_terminals(const flow_table_t *t, struct flow_problem *p)
{
	for (size_t i = 0; i < flow_table_rows(t); i++) {
		const char *id = flow_table_get(t, i, T_TERMINAL);
		struct card_date d;

		if (strlen(id) < 1 || strlen(id) > 40 ||
		    strspn(id,
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") !=
			    strlen(id))
			return wrong(t, i, p, "a terminal is 1-40 of A-Z a-z 0-9 . _ -");
		if (flow_table_date(t, i, T_FROM, &d, p) != CARD_OK ||
		    flow_table_date(t, i, T_TO, &d, p) != CARD_OK)
			return CARD_ERR_MALFORMED;
	}
	return flow_table_rows(t) <= 2000 ? unique(t, 1, p) : CARD_OK;
}

/* 現行方式 needs an ordinance and the municipality's ICカード標準システム (R1-25, R4-24, rules 4.3). */
static enum card_error check_ordinances(const struct flow_issue_catalogue *c,
					struct flow_problem *p)
{
	const flow_table_t *t = c->ordinances, *m = c->municipalities;
	size_t word;

	for (size_t i = 0; t != NULL && i < flow_table_rows(t); i++) {
		if (!municipality_known(c, flow_table_get(t, i, O_MUNICIPALITY), false))
			return wrong(t, i, p, "unknown municipality");
		if (flow_table_word(t, i, O_CARD_SYSTEM, yes_no, &word, p) != CARD_OK)
			return CARD_ERR_MALFORMED;
		if (word == 0 || flow_table_get(t, i, O_ORDINANCE)[0] == '\0')
			return wrong(t, i, p, "an ordinance and a card system are needed");
	}
	for (size_t i = 0; i < flow_table_rows(m); i++) {
		bool found = !flow_list_has(flow_table_get(m, i, M_METHODS), "current");

		for (size_t k = 0; t != NULL && k < flow_table_rows(t); k++)
			found |= strcmp(flow_table_get(t, k, O_MUNICIPALITY),
					flow_table_get(m, i, M_CODE)) == 0;
		if (!found)
			return wrong(m, i, p, "the method current needs a row in ordinances.csv");
	}
	return t != NULL ? unique(t, 1, p) : CARD_OK;
}

enum card_error catalogue_check(const struct flow_issue_catalogue *c, flow_issue_warning_fn warn,
				void *ctx, struct flow_problem *problem)
{
	enum card_error err = check_municipalities(c->municipalities, problem);

	if (err == CARD_OK)
		err = check_kinds(c, problem);
	if (err == CARD_OK)
		err = check_fees(c, warn, ctx, problem);
	if (err == CARD_OK)
		err = check_closures(c, problem);
	if (err == CARD_OK)
		err = check_terminals(c->terminals, problem);
	if (err == CARD_OK)
		err = check_ordinances(c, problem);
	return err;
}
