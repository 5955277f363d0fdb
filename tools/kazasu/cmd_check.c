/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_check.c — the double check of what was received, and correction cases (flows C22, C24). */
#include "commands.h"
#include "config.h"
#include "counter_words.h"
#include "desk.h"
#include "options.h"
#include "output.h"
#include "rules.h"

#include <string.h>

/* The words of the command line. */
struct asked {
	const char *state, *days, *as, *person, *number;
	bool all;
};

struct listing {
	struct kz *kz;
	json_t *all;
};

static int end_list(struct kz *kz, struct listing *l, enum card_error err)
{
	if (err != CARD_OK) {
		json_decref(l->all);
		return kz_fail_error(kz, err);
	}
	if (json_array_size(l->all) == 0)
		kz_say(kz, "%s\n", _("None."));
	kz_json(kz, l->all);
	return KZ_DONE;
}

/* ---------------------------------------------------------------- records */

static enum card_error put(void *ctx, const struct flow_check_record *r)
{
	struct listing *l = ctx;
	char received[11];

	card_date_format(r->received, received);
	kz_say_pair(l->kz, r->id, "%s %s %s (%s)", received, r->procedure,
		    kz_word_check_state(r->state), r->receiver);
	json_array_append_new(
		l->all, json_pack("{s:s, s:I, s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:s, s:s}",
				  "id", r->id, "version", (json_int_t)r->version, "procedure",
				  r->procedure, "organ", r->organ, "receiver", r->receiver,
				  "received", kz_date_json(r->received), "state", r->state,
				  "double_check", r->double_check, "first", r->first, "second",
				  r->second, "results", r->results, "detail", r->detail));
	return CARD_OK;
}

static int list(struct kz *kz, struct kz_desk *d, const struct asked *a)
{
	struct listing l = {kz, json_array()};

	return end_list(kz, &l, flow_check_list(d->store, a->state, put, &l));
}

/* Opening days: of the command line, else of the configuration, else Monday to Friday. */
static int overdue(struct kz *kz, struct kz_desk *d, const struct asked *a)
{
	struct listing l = {kz, NULL};
	flow_calendar_t *calendar = NULL;
	struct flow_problem problem = {.text = ""};
	struct kz_config config;
	const char *days = a->days;
	enum card_error err;
	int rc = kz_config_read(kz, &config);

	if (rc != KZ_GO)
		return rc;
	if (days == NULL && config.days[0] != '\0')
		days = config.days;
	err = flow_calendar_read(&calendar, days, &problem);
	if (err != CARD_OK)
		return kz_rules_fail(kz, err, &problem);
	l.all = json_array();
	err = flow_check_overdue(d->store, calendar, kz_today(kz), put, &l);
	flow_calendar_free(&calendar);
	return end_list(kz, &l, err);
}

static int done(struct kz *kz, struct kz_desk *d, enum card_error err, const char *id,
		const char *code)
{
	struct flow_check_record r;

	if (err == CARD_ERR_DENIED)
		return kz_desk_refuse(kz, code);
	if (err == CARD_ERR_NOT_FOUND)
		return kz_fail_refused(kz, "", _("There is no record \"%s\"."), id);
	if (err == CARD_ERR_BAD_STATE)
		return kz_fail_refused(kz, "", _("This record cannot be changed like that now."));
	if (err == CARD_OK)
		err = flow_check_get(d->store, id, &r);
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	kz_say_pair(kz, id, "%s", kz_word_check_state(r.state));
	kz_json(kz, json_pack("{s:s, s:s, s:I}", "id", id, "state", r.state, "version",
			      (json_int_t)r.version));
	return KZ_DONE;
}

/* "person=confirmed" of a list of results. */
static void result_of(const char *results, const char *key, char out[24])
{
	const size_t n = strlen(key);

	out[0] = '\0';
	while (*results != '\0') {
		const struct card_bytes item = flow_list_next(&results);

		if (item.n > n + 1 && item.n - n - 1 < 24 && memcmp(item.p, key, n) == 0 &&
		    item.p[n] == '=') {
			memcpy(out, item.p + n + 1, item.n - n - 1);
			out[item.n - n - 1] = '\0';
		}
	}
}

static bool one_of(const char *word, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (strcmp(word, *words) == 0)
			return true;
	}
	return false;
}

/* A correction of what was returned: person and number may change, with the reason; what the card
 * said stays as it was. */
static int correct(struct kz *kz, struct kz_desk *d, const char *id, const char *reason,
		   const struct asked *a)
{
	static const char *const persons[] = {"confirmed", "refused", "undetermined", NULL};
	static const char *const numbers[] = {"confirmed",    "mismatch",  "changed",
					      "undetermined", "not_asked", NULL};
	struct flow_check_record r;
	char card[24], person[24], number[24], results[200], detail[sizeof r.detail];
	const char *code = "";
	enum card_error err;

	if ((a->person != NULL && !one_of(a->person, persons)) ||
	    (a->number != NULL && !one_of(a->number, numbers)))
		return kz_fail_usage(
			kz,
			_("--person takes confirmed, refused or undetermined; --number also mismatch, "
			  "changed or not_asked."));
	err = flow_check_get(d->store, id, &r);
	if (err != CARD_OK)
		return done(kz, d, err, id, code);
	result_of(r.results, "card", card);
	result_of(r.results, "person", person);
	result_of(r.results, "number", number);
	snprintf(results, sizeof results, "card=%s;person=%s;number=%s", card,
		 a->person != NULL ? a->person : person, a->number != NULL ? a->number : number);
	snprintf(detail, sizeof detail, "%.1500s;corrected=%.300s", r.detail, reason);
	err = flow_check_correct(d->store, d->journal, d->terminal, d->token, id, results, detail,
				 kz_now(kz), &code);
	return done(kz, d, err, id, code);
}

/* ---------------------------------------------------------------- correction cases */

static enum card_error put_case(void *ctx, const struct flow_case *c)
{
	struct listing *l = ctx;
	const bool open = !card_date_valid(c->closed);
	char opened[11];

	card_date_format(c->opened, opened);
	kz_say_pair(l->kz, c->id, "%s %s %s", opened,
		    strcmp(c->kind, "number_changed") == 0 ? _("the individual number was changed")
							   : c->kind,
		    open ? c->subject : _("closed"));
	json_array_append_new(
		l->all,
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:s, s:s}", "id", c->id, "kind",
			  c->kind, "subject", c->subject, "organ", c->organ, "by", c->by, "opened",
			  kz_date_json(c->opened), "since", kz_date_json(c->since), "closed",
			  kz_date_json(c->closed), "closed_by", c->closed_by, "note", c->note));
	return CARD_OK;
}

static int cases(struct kz *kz, struct kz_desk *d, const struct asked *a)
{
	struct listing l = {kz, json_array()};

	return end_list(kz, &l, flow_case_list(d->store, a->all, put_case, &l));
}

static int resolve(struct kz *kz, struct kz_desk *d, const char *id, const char *note)
{
	const char *code = "";
	const enum card_error err = flow_case_close(d->store, d->journal, d->terminal, d->token, id,
						    note, kz_now(kz), &code);

	if (err == CARD_ERR_DENIED)
		return kz_desk_refuse(kz, code);
	if (err == CARD_ERR_NOT_FOUND || err == CARD_ERR_BAD_STATE)
		return kz_fail_refused(kz, "", _("There is no open case \"%s\"."), id);
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	kz_say_pair(kz, id, "%s", _("closed"));
	kz_json(kz, json_pack("{s:s, s:s}", "id", id, "state", "closed"));
	return KZ_DONE;
}

/* ---------------------------------------------------------------- */

static int run(struct kz *kz, struct kz_desk *d, const char *const *w, size_t n,
	       const struct asked *a)
{
	const char *code = "";
	enum card_error err;

	if (strcmp(w[0], "list") == 0 && n == 1)
		return list(kz, d, a);
	if (strcmp(w[0], "overdue") == 0 && n == 1)
		return overdue(kz, d, a);
	if (strcmp(w[0], "cases") == 0 && n == 1)
		return cases(kz, d, a);
	if (strcmp(w[0], "correct") == 0 && n == 3)
		return correct(kz, d, w[1], w[2], a);
	if (strcmp(w[0], "resolve") == 0 && n == 3)
		return resolve(kz, d, w[1], w[2]);
	if (strcmp(w[0], "review") == 0 && n == 2)
		err = flow_check_review(d->store, d->journal, d->terminal, d->token, w[1],
					kz_now(kz), &code);
	else if (strcmp(w[0], "return") == 0 && n == 3)
		err = flow_check_return(d->store, d->journal, d->terminal, d->token, w[1], w[2],
					kz_now(kz), &code);
	else
		return kz_fail_usage(
			kz,
			_("list, overdue, review ID, return ID REASON, correct ID REASON, cases or "
			  "resolve ID TEXT."));
	return done(kz, d, err, w[1], code);
}

int cmd_check(struct kz *kz)
{
	struct asked a = {.state = NULL};
	const char *words[3];
	const struct kz_option options[] = {
		{"state", 0, N_("STATE"), &a.state, NULL,
		 N_("received, checked_same_day, returned, closed")},
		{"days", 0, "F.csv", &a.days, NULL, N_("opening days")},
		{"person", 0, N_("RESULT"), &a.person, NULL,
		 N_("correct: what it should have been")},
		{"number", 0, N_("RESULT"), &a.number, NULL,
		 N_("correct: what it should have been")},
		{"all", 0, NULL, NULL, &a.all, N_("cases: closed ones too")},
		{"as", 0, N_("ID"), &a.as, NULL, N_("whose session (default: the Unix login)")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"list | overdue | review ID | return ID REASON | correct ID REASON | cases | resolve ID TEXT",
		N_("Checks what was received: by another person on the same day, by internal staff on a "
		   "later one. A discrepancy goes back with its reason and is corrected as a new version. Cases are "
		   "what a check found and somebody has to put right."),
		options, 1, 3};
	struct kz_desk d;
	size_t n;
	int rc = kz_options(kz, &usage, words, &n);

	if (rc == KZ_GO)
		rc = kz_desk_enter(kz, &d, a.as);
	if (rc != KZ_GO)
		return rc;
	rc = run(kz, &d, words, n, &a);
	kz_desk_close(&d);
	return rc;
}
