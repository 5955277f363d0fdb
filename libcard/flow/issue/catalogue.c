/* SPDX-License-Identifier: Apache-2.0 */
/* catalogue.c — what is offered where and when. */
#include "catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum card_error read_table(flow_table_t **out, const char *folder, const char *name,
				  const char *const *columns, struct flow_problem *problem)
{
	char path[600];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return flow_table_read(out, path, columns, problem);
}

static enum card_error read_ordinances(flow_table_t **out, const char *folder,
				       struct flow_problem *problem)
{
	static const char *const columns[] = {"municipality", "ordinance", "card_system", NULL};
	char path[600];

	snprintf(path, sizeof path, "%s/ordinances.csv", folder);
	return access(path, F_OK) == 0 ? flow_table_read(out, path, columns, problem) : CARD_OK;
}

static enum card_error read_days(flow_calendar_t **out, const char *folder,
				 struct flow_problem *problem)
{
	char path[600];

	snprintf(path, sizeof path, "%s/opening-days.csv", folder);
	return flow_calendar_read(out, access(path, F_OK) == 0 ? path : NULL, problem);
}

enum card_error flow_issue_catalogue_read(flow_issue_catalogue_t **out, const char *folder,
					  flow_issue_warning_fn warn, void *ctx,
					  struct flow_problem *problem)
{
	static const char *const municipalities[] = {
		"code",   "name",  "prefecture", "from",  "methods", "issuer", "number",
		"window", "place", "hours",      "phone", "seal",    NULL};
	static const char *const kinds[] = {"municipality", "kind",     "from", "open",
					    "close",        "calendar", NULL};
	static const char *const fees[] = {"municipality", "kind",   "channel",
					   "from",         "amount", NULL};
	static const char *const closures[] = {"municipality", "kind",   "from",
					       "to",           "reason", NULL};
	static const char *const terminals[] = {"terminal", "store", "place", "from", "to", NULL};
	struct flow_issue_catalogue *c = calloc(1, sizeof *c);
	enum card_error err;

	*out = NULL;
	if (c == NULL)
		return CARD_ERR_NO_MEMORY;
	err = read_table(&c->municipalities, folder, "municipalities.csv", municipalities, problem);
	if (err == CARD_OK)
		err = read_table(&c->kinds, folder, "kinds.csv", kinds, problem);
	if (err == CARD_OK)
		err = read_table(&c->fees, folder, "fees.csv", fees, problem);
	if (err == CARD_OK)
		err = read_table(&c->closures, folder, "closures.csv", closures, problem);
	if (err == CARD_OK)
		err = read_table(&c->terminals, folder, "terminals.csv", terminals, problem);
	if (err == CARD_OK)
		err = read_ordinances(&c->ordinances, folder, problem);
	if (err == CARD_OK)
		err = read_days(&c->days, folder, problem);
	if (err == CARD_OK)
		err = catalogue_check(c, warn, ctx, problem);
	if (err != CARD_OK)
		flow_issue_catalogue_free(&c);
	*out = c;
	return err;
}

void flow_issue_catalogue_free(flow_issue_catalogue_t **c)
{
	if (c == NULL || *c == NULL)
		return;
	flow_table_free(&(*c)->municipalities);
	flow_table_free(&(*c)->kinds);
	flow_table_free(&(*c)->fees);
	flow_table_free(&(*c)->closures);
	flow_table_free(&(*c)->terminals);
	flow_table_free(&(*c)->ordinances);
	flow_calendar_free(&(*c)->days);
	free(*c);
	*c = NULL;
}

/* A municipality without a day of start does not run yet (C-22). */
static bool takes_part(const flow_table_t *t, size_t row, struct card_date day)
{
	const struct card_date from = catalogue_date(t, row, M_FROM);

	return card_date_valid(from) && card_date_compare(from, day) <= 0;
}

static void fill(const flow_table_t *t, size_t row, struct flow_issue_municipality *out)
{
	out->code = flow_table_get(t, row, M_CODE);
	out->name = flow_table_get(t, row, M_NAME);
	out->prefecture = flow_table_get(t, row, M_PREFECTURE);
	out->methods = flow_table_get(t, row, M_METHODS);
	out->issuer = flow_table_get(t, row, M_ISSUER);
	out->window = flow_table_get(t, row, M_WINDOW);
	out->place = flow_table_get(t, row, M_PLACE);
	out->hours = flow_table_get(t, row, M_HOURS);
	out->phone = flow_table_get(t, row, M_PHONE);
	out->seal = flow_table_get(t, row, M_SEAL);
	out->number = strcmp(flow_table_get(t, row, M_NUMBER), "yes") == 0;
}

bool flow_issue_catalogue_nth(const flow_issue_catalogue_t *c, size_t nth, struct card_date day,
			      struct flow_issue_municipality *out)
{
	for (size_t i = 0; i < flow_table_rows(c->municipalities); i++) {
		if (!takes_part(c->municipalities, i, day) || nth-- != 0)
			continue;
		fill(c->municipalities, i, out);
		return true;
	}
	return false;
}

bool flow_issue_catalogue_municipality(const flow_issue_catalogue_t *c, const char *code,
				       struct card_date day, struct flow_issue_municipality *out)
{
	for (size_t i = 0; i < flow_table_rows(c->municipalities); i++) {
		if (strcmp(flow_table_get(c->municipalities, i, M_CODE), code) == 0 &&
		    takes_part(c->municipalities, i, day)) {
			fill(c->municipalities, i, out);
			return true;
		}
	}
	return false;
}

static bool find_kind(const flow_issue_catalogue_t *c, const char *municipality, const char *kind,
		      struct card_date day, size_t *row)
{
	for (size_t i = 0; i < flow_table_rows(c->kinds); i++) {
		const struct card_date from = catalogue_date(c->kinds, i, K_FROM);

		if (strcmp(flow_table_get(c->kinds, i, K_MUNICIPALITY), municipality) == 0 &&
		    strcmp(flow_table_get(c->kinds, i, K_KIND), kind) == 0 &&
		    card_date_valid(from) && card_date_compare(from, day) <= 0) {
			*row = i;
			return true;
		}
	}
	return false;
}

static long find_fee(const flow_table_t *t, const char *municipality, const char *kind,
		     struct card_date day)
{
	struct card_date best = {0};
	long fee = -1;

	for (size_t i = 0; i < flow_table_rows(t); i++) {
		const struct card_date from = catalogue_date(t, i, F_FROM);
		long amount;

		if (strcmp(flow_table_get(t, i, F_CHANNEL), "kiosk") != 0 ||
		    strcmp(flow_table_get(t, i, F_MUNICIPALITY), municipality) != 0 ||
		    strcmp(flow_table_get(t, i, F_KIND), kind) != 0 ||
		    card_date_compare(from, day) > 0 || card_date_compare(from, best) < 0 ||
		    flow_table_count(t, i, F_AMOUNT, &amount, NULL) != CARD_OK)
			continue;
		best = from;
		fee = amount;
	}
	return fee;
}

static bool star(const char *pattern, const char *word)
{
	return strcmp(pattern, "*") == 0 || strcmp(pattern, word) == 0;
}

static bool closed_by_hand(const flow_issue_catalogue_t *c, const char *municipality,
			   const char *kind, int64_t at)
{
	for (size_t i = 0; i < flow_table_rows(c->closures); i++) {
		int64_t from, to;

		if (star(flow_table_get(c->closures, i, C_MUNICIPALITY), municipality) &&
		    star(flow_table_get(c->closures, i, C_KIND), kind) &&
		    card_time_parse(flow_table_get(c->closures, i, C_FROM), &from) == CARD_OK &&
		    card_time_parse(flow_table_get(c->closures, i, C_TO), &to) == CARD_OK &&
		    at >= from && at < to)
			return true;
	}
	return false;
}

/* 12/29 to 1/3. */
static bool turn_of_year(struct card_date d)
{
	return (d.month == 12 && d.day >= 29) || (d.month == 1 && d.day <= 3);
}

static bool open_day(const flow_issue_catalogue_t *c, const char *calendar,
		     const char *municipality, struct card_date day)
{
	if (strcmp(calendar, "always") == 0)
		return true;
	if (turn_of_year(day))
		return false;
	return strcmp(calendar, "daily") == 0 || flow_calendar_open(c->days, municipality, day);
}

static bool open_at(const flow_issue_catalogue_t *c, size_t row, const struct flow_issue_offer *o,
		    int64_t at)
{
	const char *municipality = flow_table_get(c->kinds, row, K_MUNICIPALITY);
	const struct card_date day = card_date_in_japan(at);
	const int64_t second = at - card_date_start_in_japan(day);

	return second >= o->open && second < o->close &&
	       open_day(c, flow_table_get(c->kinds, row, K_CALENDAR), municipality, day) &&
	       !closed_by_hand(c, municipality, flow_table_get(c->kinds, row, K_KIND), at);
}

static int64_t next_opening(const flow_issue_catalogue_t *c, size_t row,
			    const struct flow_issue_offer *o, int64_t at)
{
	struct card_date day = card_date_in_japan(at);

	for (int i = 0; i < 14; i++, day = flow_days_add(day, 1)) {
		const int64_t open = card_date_start_in_japan(day) + o->open;

		if (open > at && open_at(c, row, o, open))
			return open;
	}
	return 0;
}

void flow_issue_catalogue_offer(const flow_issue_catalogue_t *c, const char *municipality,
				const char *kind, int64_t at, struct flow_issue_offer *out)
{
	const struct card_date day = card_date_in_japan(at);
	struct flow_issue_municipality m;
	size_t row = 0;

	*out = (struct flow_issue_offer){"not_participating", false, -1, 0, 0, 0};
	if (!flow_issue_catalogue_municipality(c, municipality, day, &m))
		return;
	out->code = "kind_disabled";
	if (!find_kind(c, municipality, kind, day, &row))
		return;
	out->enabled = true;
	out->fee = find_fee(c->fees, municipality, kind, day);
	(void)catalogue_time(flow_table_get(c->kinds, row, K_OPEN), DAY_OPEN, &out->open);
	(void)catalogue_time(flow_table_get(c->kinds, row, K_CLOSE), DAY_CLOSE, &out->close);
	if (!open_at(c, row, out, at)) {
		out->code = "outside_hours";
		out->opens_at = next_opening(c, row, out, at);
		return;
	}
	out->code = out->fee < 0 ? "fee_unknown" : NULL;
}

bool flow_issue_catalogue_terminal(const flow_issue_catalogue_t *c, const char *id,
				   struct card_date day, struct flow_issue_terminal *out)
{
	for (size_t i = 0; i < flow_table_rows(c->terminals); i++) {
		if (strcmp(flow_table_get(c->terminals, i, T_TERMINAL), id) != 0)
			continue;
		out->id = flow_table_get(c->terminals, i, T_TERMINAL);
		out->store = flow_table_get(c->terminals, i, T_STORE);
		out->place = flow_table_get(c->terminals, i, T_PLACE);
		return flow_in_period(day, catalogue_date(c->terminals, i, T_FROM),
				      catalogue_date(c->terminals, i, T_TO));
	}
	return false;
}
