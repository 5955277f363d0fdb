/* SPDX-License-Identifier: Apache-2.0 */
/* audit_bundle.c — what an auditor is given, and opening it (rules 7.4, R6-26, R6-30). */
#include "audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cardflow/audit.h>

#include "journal_read.h"
#include "manifest.h"
#include "options.h"
#include "output.h"
#include "rules.h"

#define SAMPLE_DEFAULT 50
#define DAYS_DEFAULT   30

static const char first_line[] = "KAZASU-AUDIT-BUNDLE-1";

struct making {
	FILE *out;
	json_t *events, *operators, *months;
	long records;
};

static FILE *new_file(const char *folder, const char *name)
{
	char path[KZ_PATH_MAX];
	const int n = snprintf(path, sizeof path, "%s/%s", folder, name);
	const int fd = n > 0 && (size_t)n < sizeof path
			       ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400)
			       : -1;

	return fd >= 0 ? fdopen(fd, "w") : NULL;
}

/* A record as one line of JSON; its subject is not among the fields, not even sealed. */
static enum card_error put_record(void *ctx, const struct journal_entry *e)
{
	struct making *m = ctx;
	json_t *one = json_pack(
		"{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, "
		"s:s}",
		"seq", (json_int_t)e->seq, "terminal", e->terminal, "start", e->start, "end",
		e->end, "event", e->event, "phase", e->phase, "txn", e->txn, "operator",
		e->operator_id, "role", e->role, "organ", e->organ, "procedure", e->procedure,
		"purpose", e->purpose, "basis", e->basis, "reason", e->reason, "attributes",
		e->attributes, "result", e->result, "code", e->code, "approver", e->approver,
		"related", e->related);
	const bool good = one != NULL && json_dumpf(one, m->out, JSON_COMPACT) == 0 &&
			  fputc('\n', m->out) != EOF;

	json_decref(one);
	return good ? CARD_OK : CARD_ERR_IO;
}

static void add_one(json_t *object, const char *name)
{
	if (*name != '\0')
		json_object_set_new(
			object, name,
			json_integer(json_integer_value(json_object_get(object, name)) + 1));
}

static enum card_error count(void *ctx, const struct journal_entry *e)
{
	struct making *m = ctx;
	char month[8];

	snprintf(month, sizeof month, "%.7s", e->end);
	m->records++;
	add_one(m->events, e->event);
	add_one(m->operators, e->operator_id);
	add_one(m->months, month);
	return CARD_OK;
}

static enum card_error write_counts(struct kz_desk *d, const char *folder,
				    const struct journal_filter *f)
{
	struct making m = {
		.events = json_object(), .operators = json_object(), .months = json_object()};
	FILE *out = new_file(folder, "counts.json");
	enum card_error err = out != NULL ? journal_read(d->store, f, count, &m) : CARD_ERR_IO;
	json_t *all = json_pack("{s:I, s:o, s:o, s:o}", "records", (json_int_t)m.records, "events",
				m.events, "operators", m.operators, "months", m.months);

	if (err == CARD_OK && json_dumpf(all, out, JSON_INDENT(1) | JSON_SORT_KEYS) != 0)
		err = CARD_ERR_IO;
	json_decref(all);
	if (out != NULL && fclose(out) != 0 && err == CARD_OK)
		err = CARD_ERR_IO;
	return err;
}

static enum card_error write_sample(struct kz_desk *d, const char *folder,
				    const struct journal_filter *f, const char *seed, size_t n,
				    size_t *of)
{
	struct making m = {.out = new_file(folder, "sample.jsonl")};
	enum card_error err = m.out != NULL
				      ? journal_sample(d->store, f, seed, n, put_record, &m, of)
				      : CARD_ERR_IO;

	if (m.out != NULL && fclose(m.out) != 0 && err == CARD_OK)
		err = CARD_ERR_IO;
	return err;
}

static enum card_error write_checkpoints(struct kz_desk *d, const char *folder)
{
	FILE *out = new_file(folder, "checkpoints.txt");
	enum card_error err = out != NULL ? journal_export_checkpoints(d->store, out) : CARD_ERR_IO;

	if (out != NULL && fclose(out) != 0 && err == CARD_OK)
		err = CARD_ERR_IO;
	return err;
}

struct asked {
	struct journal_filter f;
	const char *seed;
	size_t n, of;
	char until[11];
};

static enum card_error sign_all(struct kz *kz, struct kz_desk *d, const char *folder,
				const struct asked *a)
{
	card_buf_t m = {0};
	char number[48], now[26];
	const char *const lines[][2] = {{first_line, ""},
					{"made", now},
					{"by", d->who.id},
					{"until", a->until},
					{"seed", a->seed},
					{"sample", number},
					{"from", a->f.from != NULL ? a->f.from : "-"},
					{"to", a->f.to != NULL ? a->f.to : "-"},
					{"organ", a->f.organ != NULL ? a->f.organ : "-"}};
	static const char *const names[] = {"sample.jsonl", "counts.json", "checkpoints.txt"};
	enum card_error err = CARD_OK;

	card_time_format_japan(kz_now(kz), now);
	snprintf(number, sizeof number, "%zu/%zu", a->n < a->of ? a->n : a->of, a->of);
	for (size_t i = 0; i < sizeof lines / sizeof *lines && err == CARD_OK; i++)
		err = kz_manifest_line(&m, lines[i][0], lines[i][1]);
	for (size_t i = 0; i < sizeof names / sizeof *names && err == CARD_OK; i++)
		err = kz_manifest_file(&m, folder, names[i]);
	if (err == CARD_OK)
		err = kz_manifest_write(&m, folder, d->journal);
	card_buf_free(&m);
	return err;
}

static int read_words(struct kz *kz, const struct kz_audit_words *w, struct asked *a)
{
	struct card_date until = flow_days_add(kz_today(kz), DAYS_DEFAULT), other = {0};
	long n = SAMPLE_DEFAULT;
	int rc = kz_date_option(kz, "until", w->until, &until);

	if (rc == KZ_GO)
		rc = kz_date_option(kz, "from", w->from, &other);
	if (rc == KZ_GO)
		rc = kz_date_option(kz, "to", w->to, &other);
	if (rc != KZ_GO)
		return rc;
	if (w->sample != NULL && (!kz_number(w->sample, 100000, &n) || n < 1))
		return kz_fail_usage(kz, _("--sample takes a number up to 100000."));
	if (w->seed == NULL || *w->seed == '\0' || strpbrk(w->seed, "\r\n") != NULL)
		return kz_fail_usage(kz,
				     _("--seed is what the auditor chose by lot: a draw cannot be "
				       "repeated without it."));
	if (card_date_compare(until, kz_today(kz)) < 0)
		return kz_fail_usage(kz, _("--until is a day that has passed."));
	card_date_format(until, a->until);
	a->f = (struct journal_filter){.from = w->from, .to = w->to, .organ = w->organ};
	a->seed = w->seed;
	a->n = (size_t)n;
	return KZ_GO;
}

int kz_audit_bundle(struct kz *kz, struct kz_desk *d, const struct kz_audit_words *w,
		    const char *folder)
{
	const struct kz_failure cannot = {
		.error = CARD_ERR_IO,
		.exit = KZ_CANNOT_WRITE,
		.hint = "",
		.message = _("The folder cannot be made, or is there already.")};
	struct asked a = {.of = 0};
	char note[200];
	enum card_error err;
	int rc;

	if (!kz_journal_role(d, "security") && !kz_journal_role(d, "internal-auditor"))
		return kz_desk_refuse(kz, "role");
	rc = read_words(kz, w, &a);
	if (rc == KZ_GO)
		rc = kz_journal_outside(kz, d, folder);
	if (rc != KZ_GO)
		return rc;
	snprintf(note, sizeof note, "seed %.100s, %zu records, until %s", a.seed, a.n, a.until);
	err = kz_journal_note(d, "export", note, NULL, "audit_bundle", JOURNAL_OK);
	if (err == CARD_OK)
		err = journal_checkpoint(d->journal);
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	if (mkdir(folder, 0700) != 0)
		return kz_fail(kz, &cannot);
	err = write_sample(d, folder, &a.f, a.seed, a.n, &a.of);
	if (err == CARD_OK)
		err = write_counts(d, folder, &a.f);
	if (err == CARD_OK)
		err = write_checkpoints(d, folder);
	if (err == CARD_OK)
		err = sign_all(kz, d, folder, &a);
	if (err == CARD_OK && chmod(folder, 0500) != 0)
		err = CARD_ERR_IO;
	if (err != CARD_OK) {
		kz_desk_remove_folder(folder);
		return kz_fail_error(kz, err);
	}
	kz_say_pair(kz, _("for the auditor"), "%s, %s", folder, a.until);
	kz_json(kz, json_pack("{s:s, s:s, s:I, s:I}", "folder", folder, "until", a.until, "sample",
			      (json_int_t)(a.n < a.of ? a.n : a.of), "of", (json_int_t)a.of));
	return KZ_DONE;
}

/* ---------------------------------------------------------------- opening */

static int show_sample(struct kz *kz, const char *folder, json_t *all)
{
	char path[KZ_PATH_MAX], *line = NULL;
	size_t cap = 0;
	FILE *f;

	if (snprintf(path, sizeof path, "%s/sample.jsonl", folder) >= (int)sizeof path)
		return KZ_IO;
	f = fopen(path, "re");
	if (f == NULL)
		return KZ_IO;
	while (getline(&line, &cap, f) > 0) {
		json_t *one = json_loads(line, 0, NULL);
		const char *start = "", *event = "", *who = "";
		json_int_t seq = 0;
		char text[32];

		if (one == NULL)
			continue;
		json_unpack(one, "{s:I, s:s, s:s, s:s}", "seq", &seq, "start", &start, "event",
			    &event, "operator", &who);
		snprintf(text, sizeof text, "%lld", (long long)seq);
		kz_say_pair(kz, text, "%s %s %s", start, event, who);
		json_array_append_new(all, one);
	}
	free(line);
	fclose(f);
	return KZ_GO;
}

int kz_audit_open(struct kz *kz, const struct kz_audit_words *w, const char *folder)
{
	const struct kz_failure altered = {.error = CARD_ERR_SIGNATURE,
					   .exit = KZ_BAD_DATA,
					   .hint = "",
					   .message =
						   _("This is no bundle for an auditor, or it was "
						     "altered.")};
	card_buf_t m = {0};
	struct card_date until;
	char day[11] = "", seed[256] = "", sample[48] = "";
	json_t *all = json_array();
	enum card_error err;
	int rc = KZ_GO;

	if (w->key == NULL) {
		json_decref(all);
		return kz_fail_usage(kz,
				     _("--key is the public key of the checkpoints "
				       "(checkpoint.pub.pem), got from the organisation itself."));
	}
	err = kz_manifest_read(folder, first_line, w->key, &m);
	if (err != CARD_OK || !kz_manifest_get(&m, "until", day, sizeof day) ||
	    card_date_parse(card_bytes(day, strlen(day)), &until) != CARD_OK)
		rc = kz_fail(kz, &altered);
	else if (card_date_compare(kz_today(kz), until) > 0)
		rc = kz_fail_refused(kz, "", _("The last day of this bundle was %s."), day);
	if (rc == KZ_GO) {
		kz_manifest_get(&m, "seed", seed, sizeof seed);
		kz_manifest_get(&m, "sample", sample, sizeof sample);
		kz_say_pair(kz, _("last day"), "%s", day);
		kz_say_pair(kz, _("drawn by"), "%s (%s)", seed, sample);
		rc = show_sample(kz, folder, all);
	}
	card_buf_free(&m);
	if (rc != KZ_GO) {
		json_decref(all);
		return rc;
	}
	kz_json(kz, json_pack("{s:s, s:s, s:s, s:o}", "until", day, "seed", seed, "sample", sample,
			      "records", all));
	return KZ_DONE;
}
