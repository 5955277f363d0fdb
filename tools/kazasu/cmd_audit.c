/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_audit.c — self-check, audit plan and bundles for auditors (rules 7.4). */
#include "audit.h"
#include "commands.h"
#include "desk_words.h"
#include "options.h"
#include "output.h"
#include "rules.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <cardflow/audit.h>

struct telling {
	struct kz *kz;
	json_t *list;
};

static enum card_error put_low(void *ctx, const struct flow_selfcheck_low *low)
{
	const struct telling *t = ctx;
	char due[11], item[32];

	card_date_format(low->due, due);
	snprintf(item, sizeof item, _("item %ld"), low->item);
	kz_say_pair(t->kz, item, "%ld | %s | %s | %s", low->score, low->reason, low->remedy, due);
	json_array_append_new(t->list,
			      json_pack("{s:I, s:I, s:s, s:s, s:s}", "item", (json_int_t)low->item,
					"score", (json_int_t)low->score, "reason", low->reason,
					"remedy", low->remedy, "due", due));
	return CARD_OK;
}

static int selfcheck(struct kz *kz, const char *path, const struct kz_audit_words *w)
{
	struct flow_problem problem = {.text = ""};
	struct telling t = {kz, NULL};
	struct flow_selfcheck s;
	char mean[16];
	long items = 0;
	enum card_error err;

	/* 107 for a prefecture, 124 for a municipality (R6-31); the list may change. */
	if (w->items == NULL || !kz_number(w->items, 10000, &items) || items < 1)
		return kz_fail_usage(kz, _("--items says how many items the checklist has."));
	t.list = json_array();
	err = flow_selfcheck_read(path, items, &s, put_low, &t, &problem);
	if (err != CARD_OK) {
		json_decref(t.list);
		return kz_rules_fail(kz, err, &problem);
	}
	snprintf(mean, sizeof mean, "%d.%02d", s.mean / 100, s.mean % 100);
	kz_say_pair(kz, _("items"), "%ld", s.items);
	kz_say_pair(kz, _("items below 3"), "%ld", s.low);
	kz_say_pair(kz, _("mean"), "%s", mean);
	kz_json(kz, json_pack("{s:I, s:s, s:o}", "items", (json_int_t)s.items, "mean", mean,
			      "below", t.list));
	return KZ_DONE;
}

/* ---------------------------------------------------------------- plan */

static enum card_error put_problem(void *ctx, const char *kind, int year, const char *organ)
{
	const struct telling *t = ctx;

	if (year > 0)
		kz_say_pair(t->kz, kz_word_finding(kind), "%d %s", year, organ);
	else
		kz_say_pair(t->kz, kz_word_finding(kind), "%s", organ);
	json_array_append_new(
		t->list, json_pack("{s:s, s:i, s:s}", "kind", kind, "year", year, "organ", organ));
	return CARD_OK;
}

static int check_plan(struct kz *kz, const flow_audit_organs_t *o, const char *path, int year)
{
	struct flow_problem problem = {.text = ""};
	struct telling t = {kz, json_array()};
	size_t n = 0;
	const enum card_error err =
		flow_audit_plan_check(o, path, year, put_problem, &t, &n, &problem);

	if (err != CARD_OK) {
		json_decref(t.list);
		return kz_rules_fail(kz, err, &problem);
	}
	kz_say_pair(kz, _("findings"), "%zu", n);
	kz_json(kz, json_pack("{s:o}", "findings", t.list));
	return n == 0 ? KZ_DONE : KZ_INVALID;
}

static int make_plan(struct kz *kz, const flow_audit_organs_t *o, const char *path, int year,
		     const char *seed)
{
	struct flow_problem problem = {.text = ""};
	const struct kz_failure cannot = {
		.error = CARD_ERR_IO,
		.exit = KZ_CANNOT_WRITE,
		.hint = "",
		.message = _("The plan cannot be written, or is there already.")};
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
	enum card_error err;

	if (f == NULL)
		return kz_fail(kz, &cannot);
	err = flow_audit_plan_make(o, year, seed, f, &problem);
	if (fclose(f) != 0 && err == CARD_OK)
		err = CARD_ERR_IO;
	if (err != CARD_OK) {
		unlink(path);
		return kz_rules_fail(kz, err, &problem);
	}
	kz_say_pair(kz, _("plan written"), "%s", path);
	kz_json(kz, json_pack("{s:s}", "file", path));
	return KZ_DONE;
}

/* check: the file is read; else it is made. */
static int plan(struct kz *kz, const char *organs, const char *path, const struct kz_audit_words *w,
		bool check)
{
	struct flow_problem problem = {.text = ""};
	flow_audit_organs_t *o = NULL;
	long year = 0;
	enum card_error err;
	int rc;

	if (w->year == NULL || !kz_number(w->year, 9990, &year) || year < 1900)
		return kz_fail_usage(
			kz, _("--year takes the first fiscal year of the term, such as 2026."));
	err = flow_audit_organs_read(&o, organs, &problem);
	if (err != CARD_OK)
		return kz_rules_fail(kz, err, &problem);
	rc = check ? check_plan(kz, o, path, (int)year)
		   : make_plan(kz, o, path, (int)year, w->seed != NULL ? w->seed : "");
	flow_audit_organs_free(&o);
	return rc;
}

/* ---------------------------------------------------------------- findings of audits */

/* One line; open and late ones are shown. */
static enum card_error take_finding(struct telling *t, const flow_table_t *table, size_t row,
				    size_t late_and_open[2], struct flow_problem *problem)
{
	const char *const words[] = {flow_table_get(table, row, 0), flow_table_get(table, row, 1),
				     flow_table_get(table, row, 2), flow_table_get(table, row, 3)};
	struct card_date due, end;
	bool late;
	enum card_error err = flow_table_date(table, row, 4, &due, problem);

	if (err == CARD_OK)
		err = flow_table_date(table, row, 5, &end, problem);
	if (err != CARD_OK)
		return err;
	if (*words[0] == '\0' || *words[1] == '\0' || *words[2] == '\0' || *words[3] == '\0' ||
	    !card_date_valid(due))
		return flow_problem_set(problem, flow_table_name(table),
					flow_table_line(table, row),
					"audit, organ, finding, measure and due are needed");
	if (card_date_valid(end))
		return CARD_OK;
	late = card_date_compare(kz_today(t->kz), due) > 0;
	late_and_open[0] += late;
	late_and_open[1]++;
	kz_say_pair(t->kz, words[1], "%s | %s | %s | %s%s", words[0], words[2], words[3],
		    flow_table_get(table, row, 4), late ? _(" (overdue)") : "");
	json_array_append_new(t->list,
			      json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "audit", words[0],
					"organ", words[1], "finding", words[2], "measure", words[3],
					"due", flow_table_get(table, row, 4), "overdue", late));
	return CARD_OK;
}

/* What audits found and what was done about it. */
static int findings(struct kz *kz, const char *path)
{
	static const char *const columns[] = {"audit", "organ", "finding", "measure",
					      "due",   "done",  NULL};
	struct flow_problem problem = {.text = ""};
	struct telling t = {kz, json_array()};
	flow_table_t *table = NULL;
	size_t n[2] = {0, 0};
	enum card_error err = flow_table_read(&table, path, columns, &problem);

	for (size_t i = 0; err == CARD_OK && i < flow_table_rows(table); i++)
		err = take_finding(&t, table, i, n, &problem);
	flow_table_free(&table);
	if (err != CARD_OK) {
		json_decref(t.list);
		return kz_rules_fail(kz, err, &problem);
	}
	kz_say_pair(kz, _("open findings"), "%zu", n[1]);
	kz_say_pair(kz, _("overdue findings"), "%zu", n[0]);
	kz_json(kz, json_pack("{s:o}", "open", t.list));
	return n[0] == 0 ? KZ_DONE : KZ_INVALID;
}

/* ---------------------------------------------------------------- dispatch */

static int bundle(struct kz *kz, const struct kz_audit_words *w, const char *folder)
{
	struct kz_desk d;
	int rc = kz_desk_enter(kz, &d, w->as);

	if (rc != KZ_GO)
		return rc;
	rc = kz_audit_bundle(kz, &d, w, folder);
	kz_desk_close(&d);
	return rc;
}

static bool is(const char *const *w, size_t n, const char *name, size_t want)
{
	return n == want && strcmp(w[0], name) == 0;
}

int cmd_audit(struct kz *kz)
{
	struct kz_audit_words w = {.items = NULL};
	const struct kz_option options[] = {
		{"items", 0, "N", &w.items, NULL,
		 N_("selfcheck: items of the checklist (107, 124 …)")},
		{"year", 0, "YYYY", &w.year, NULL,
		 N_("plan, check: first fiscal year of the term")},
		{"seed", 0, N_("TEXT"), &w.seed, NULL,
		 N_("plan, bundle: what the auditor chose by lot")},
		{"sample", 0, "N", &w.sample, NULL, N_("bundle: how many records (default 50)")},
		{"from", 0, "DATE", &w.from, NULL, N_("bundle: first day")},
		{"to", 0, "DATE", &w.to, NULL, N_("bundle: last day")},
		{"until", 0, "DATE", &w.until, NULL,
		 N_("bundle: last day on which it opens (default 30 days)")},
		{"organ", 0, N_("NAME"), &w.organ, NULL, N_("bundle: only this department")},
		{"key", 0, "F.pem", &w.key, NULL, N_("open: public key of the checkpoints")},
		{"as", 0, N_("ID"), &w.as, NULL, N_("whose session (default: the Unix login)")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"selfcheck FILE.csv --items N | plan ORGANS.csv OUT.csv --year YYYY | check ORGANS.csv "
		"PLAN.csv --year YYYY | findings FILE.csv | bundle FOLDER --seed TEXT | open FOLDER --key F.pem",
		N_("The score of a self-check; the plan of a term of three years, made and checked; a "
		   "folder for an auditor: read-only, expiring, records drawn by the auditor's own seed, "
		   "no subjects."),
		options, 1, 3};
	const char *words[3] = {NULL};
	size_t n;
	int rc = kz_options(kz, &usage, words, &n);

	if (rc != KZ_GO)
		return rc;
	if (is(words, n, "selfcheck", 2))
		return selfcheck(kz, words[1], &w);
	if (is(words, n, "plan", 3) || is(words, n, "check", 3))
		return plan(kz, words[1], words[2], &w, *words[0] == 'c');
	if (is(words, n, "findings", 2))
		return findings(kz, words[1]);
	if (is(words, n, "bundle", 2))
		return bundle(kz, &w, words[1]);
	if (is(words, n, "open", 2))
		return kz_audit_open(kz, &w, words[1]);
	return kz_fail_usage(kz, _("selfcheck, plan, check, findings, bundle or open."));
}
