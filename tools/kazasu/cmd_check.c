/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_check.c — the double check of what was received (flows C24, rules 3.5). */
#include "commands.h"
#include "desk.h"
#include "options.h"
#include "output.h"
#include "rules.h"

#include <string.h>

struct listing {
	struct kz *kz;
	json_t *all;
};

static enum card_error put(void *ctx, const struct flow_check_record *r)
{
	struct listing *l = ctx;

	kz_say_pair(l->kz, r->id, "%s %s %s", r->procedure, r->state, r->results);
	json_array_append_new(l->all, json_pack("{s:s, s:I, s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:s}", "id",
						r->id, "version", (json_int_t)r->version, "procedure",
						r->procedure, "organ", r->organ, "receiver", r->receiver,
						"received", kz_date_json(r->received), "state", r->state,
						"first", r->first, "second", r->second, "results",
						r->results));
	return CARD_OK;
}

static int list(struct kz *kz, struct kz_desk *d, bool overdue, const char *state, const char *days)
{
	struct listing l = {kz, json_array()};
	flow_calendar_t *calendar = NULL;
	struct flow_problem problem = {.text = ""};
	enum card_error err = flow_calendar_read(&calendar, days, &problem);

	if (err != CARD_OK) {
		json_decref(l.all);
		return kz_rules_fail(kz, err, &problem);
	}
	err = overdue ? flow_check_overdue(d->store, calendar, kz_today(kz), put, &l)
		      : flow_check_list(d->store, state, put, &l);
	flow_calendar_free(&calendar);
	if (err != CARD_OK) {
		json_decref(l.all);
		return kz_fail_error(kz, err);
	}
	kz_json(kz, l.all);
	return KZ_DONE;
}

static int done(struct kz *kz, struct kz_desk *d, enum card_error err, const char *id, const char *code)
{
	struct flow_check_record r;

	if (err == CARD_ERR_DENIED)
		return kz_desk_refuse(kz, code);
	if (err == CARD_ERR_BAD_STATE)
		return kz_fail_refused(kz, "", _("This record cannot be changed like that now."));
	if (err == CARD_OK)
		err = flow_check_get(d->store, id, &r);
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	kz_say_pair(kz, id, "%s", r.state);
	kz_json(kz, json_pack("{s:s, s:s}", "id", id, "state", r.state));
	return KZ_DONE;
}

int cmd_check(struct kz *kz)
{
	const char *state = NULL, *days = NULL, *as = NULL, *words[3], *code = "";
	const struct kz_option options[] = {
		{"state", 0, N_("STATE"), &state, NULL, N_("received, checked_same_day, returned, closed")},
		{"days", 0, "F.csv", &days, NULL, N_("opening days")},
		{"as", 0, N_("ID"), &as, NULL, N_("whose session (default: the Unix login)")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"list | overdue | review ID | return ID REASON",
		N_("Checks what was received: by another person on the same day, by internal staff on a "
		   "later one. A discrepancy goes back with its reason."),
		options, 1, 3};
	struct kz_desk d;
	size_t n;
	int rc = kz_options(kz, &usage, words, &n);

	if (rc == KZ_GO)
		rc = kz_desk_open(kz, &d);
	if (rc != KZ_GO)
		return rc;
	rc = kz_desk_session(kz, &d, as);
	if (rc == KZ_GO) {
		enum card_error err;

		if (strcmp(words[0], "list") == 0 && n == 1)
			rc = list(kz, &d, false, state, NULL);
		else if (strcmp(words[0], "overdue") == 0 && n == 1)
			rc = list(kz, &d, true, NULL, days);
		else if (strcmp(words[0], "review") == 0 && n == 2) {
			err = flow_check_review(d.store, d.journal, d.terminal, d.token, words[1],
						kz_now(kz), &code);
			rc = done(kz, &d, err, words[1], code);
		} else if (strcmp(words[0], "return") == 0 && n == 3) {
			err = flow_check_return(d.store, d.journal, d.terminal, d.token, words[1],
						words[2], kz_now(kz), &code);
			rc = done(kz, &d, err, words[1], code);
		} else
			rc = kz_fail_usage(kz, _("list, overdue, review ID or return ID REASON."));
	}
	kz_desk_close(&d);
	return rc;
}
