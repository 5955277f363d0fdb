/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_read.h"

#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "rules.h"

static bool has_role(const struct kz_desk *d, const char *role)
{
	return flow_list_has(d->who.roles, role);
}

static enum card_error note(struct kz_desk *d, const char *event, const char *reason, const char *subject,
			    enum journal_result result)
{
	const struct journal_record r = {.event = event, .result = result, .operator_id = d->who.id,
					 .role = d->who.roles, .organ = d->who.organ, .reason = reason,
					 .subject = subject};

	return journal_append(d->journal, &r, 1, NULL);
}

int kz_journal_limit(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w,
		     struct journal_filter *f, char today[11])
{
	enum card_error err;

	*f = (struct journal_filter){.event = w->event, .operator_id = w->operator_id,
				     .organ = w->organ, .from = w->from, .to = w->to, .txn = w->txn};
	card_date_format(kz_today(kz), today);
	if (has_role(d, "security") || has_role(d, "internal-auditor") || has_role(d, "external-auditor")) {
		;
	} else if (has_role(d, "supervisor")) {
		f->organ = d->who.organ;
	} else if (has_role(d, "sysadmin") || has_role(d, "network")) {
		err = note(d, "journal-read", "", NULL, JOURNAL_REFUSED);
		return err == CARD_OK ? kz_desk_refuse(kz, "role") : kz_fail_error(kz, err);
	} else {
		f->operator_id = d->who.id;
		f->from = f->to = today;
	}
	err = note(d, "journal-read", w->reason, NULL, JOURNAL_OK);
	return err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
}

struct showing {
	struct kz *kz;
	journal_unseal_t *key; /* NULL: subjects stay sealed */
	const char *subject;   /* disclose: only records of this one */
	bool summary;          /* disclose: when, who, why */
	json_t *all;
};

static json_t *as_json(const struct journal_entry *e, const char *subject)
{
	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, "
			 "s:s, s:s, s:s, s:s?}", "seq", (json_int_t)e->seq, "terminal", e->terminal,
			 "start", e->start, "end", e->end, "event", e->event, "phase", e->phase, "txn",
			 e->txn, "operator", e->operator_id, "role", e->role, "organ", e->organ,
			 "procedure", e->procedure, "purpose", e->purpose, "basis", e->basis, "reason",
			 e->reason, "attributes", e->attributes, "recipient", e->recipient, "result",
			 e->result, "code", e->code, "related", e->related, "subject", subject);
}

static enum card_error show_one(void *ctx, const struct journal_entry *e)
{
	struct showing *s = ctx;
	char *clear = NULL, seq[24];

	if (s->key != NULL && *e->subject != '\0' &&
	    journal_unseal_text(s->key, e->subject, &clear) != CARD_OK)
		clear = NULL;
	if (s->subject != NULL && (clear == NULL || strcmp(clear, s->subject) != 0)) {
		if (clear != NULL)
			card_wipe(clear, strlen(clear));
		free(clear);
		return CARD_OK;
	}
	snprintf(seq, sizeof seq, "%ld", e->seq);
	if (s->summary)
		kz_say_pair(s->kz, e->start, "%s, %s, %s, %s", e->operator_id, e->organ,
			    *e->procedure != '\0' ? e->procedure : e->event, e->attributes);
	else
		kz_say_pair(s->kz, seq, "%s %s %s%s%s %s %s %s %s %s", e->start, e->event, e->phase,
			    *e->result != '\0' ? "=" : "", e->result, e->operator_id, e->procedure,
			    e->code, e->reason, clear != NULL ? clear : "");
	json_array_append_new(s->all, as_json(e, clear));
	if (clear != NULL)
		card_wipe(clear, strlen(clear));
	free(clear);
	return CARD_OK;
}

static int open_key(struct kz *kz, const char *path, journal_unseal_t **out)
{
	card_secret_t *passphrase = NULL;
	enum card_error err;
	int rc = kz_password_ask(kz, _("The passphrase of the audit key."), _("passphrase"), &passphrase);

	if (rc != KZ_GO)
		return rc;
	err = journal_unseal_open(out, path, passphrase);
	card_secret_free(&passphrase);
	return err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
}

static int run(struct kz *kz, struct kz_desk *d, const struct journal_filter *f, struct showing *s)
{
	enum card_error err;

	s->kz = kz;
	s->all = json_array();
	err = journal_read(d->store, f, show_one, s);
	journal_unseal_free(&s->key);
	if (err != CARD_OK) {
		json_decref(s->all);
		return kz_fail_error(kz, err);
	}
	kz_json(kz, s->all);
	return KZ_DONE;
}

int kz_journal_show(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w)
{
	struct showing s = {.key = NULL};
	struct journal_filter f;
	char today[11];
	int rc = KZ_GO;

	if (w->key != NULL) {
		if (!has_role(d, "security"))
			return kz_desk_refuse(kz, "role");
		if (w->reason == NULL)
			return kz_fail_usage(kz, _("Opening subjects needs --reason."));
		if (note(d, "unmask", w->reason, NULL, JOURNAL_OK) != CARD_OK)
			return kz_fail_error(kz, CARD_ERR_IO);
		rc = open_key(kz, w->key, &s.key);
	}
	if (rc == KZ_GO)
		rc = kz_journal_limit(kz, d, w, &f, today);
	return rc == KZ_GO ? run(kz, d, &f, &s) : rc;
}

int kz_journal_disclose(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w)
{
	struct showing s = {.subject = w->subject, .summary = true};
	const struct journal_filter f = {.from = w->from, .to = w->to};
	int rc;

	if (w->subject == NULL || w->key == NULL)
		return kz_fail_usage(kz, _("--subject and --key are needed."));
	if (!has_role(d, "security"))
		return kz_desk_refuse(kz, "role");
	if (note(d, "disclosure", w->reason, w->subject, JOURNAL_OK) != CARD_OK)
		return kz_fail_error(kz, CARD_ERR_INVALID_ARGUMENT);
	rc = open_key(kz, w->key, &s.key);
	return rc == KZ_GO ? run(kz, d, &f, &s) : rc;
}

/* ---------------------------------------------------------------- the month */

struct counts {
	json_t *operators;
	long records, refused, failed, outside_hours, unknown;
};

static enum card_error count(void *ctx, const struct journal_entry *e)
{
	struct counts *c = ctx;
	/* "2026-04-01T09:00:00+09:00": the hour is at 11. */
	const long hour = strlen(e->start) == 25 ? strtol(e->start + 11, NULL, 10) : 0;

	c->records++;
	c->refused += strcmp(e->result, "refused") == 0;
	c->failed += strcmp(e->result, "failed") == 0;
	c->unknown += strcmp(e->phase, "unknown") == 0;
	c->outside_hours += hour < 8 || hour >= 20;
	if (*e->operator_id != '\0')
		json_object_set_new(c->operators, e->operator_id,
				    json_integer(json_integer_value(json_object_get(
							 c->operators, e->operator_id)) + 1));
	return CARD_OK;
}

/* rules 7.3: the monthly inspection, written as an entry of the security officer. */
int kz_journal_report(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w)
{
	struct counts c = {.operators = json_object()};
	struct journal_filter f;
	char today[11], text[200];
	const char *who;
	json_t *value;
	enum card_error err;
	int rc = kz_journal_limit(kz, d, w, &f, today);

	if (rc != KZ_GO) {
		json_decref(c.operators);
		return rc;
	}
	f.from = f.to = w->month != NULL ? w->month : (today[7] = '\0', today);
	err = journal_read(d->store, &f, count, &c);
	if (err == CARD_OK && has_role(d, "security")) {
		snprintf(text, sizeof text, "%s: %ld records, %ld refused, %ld failed, %ld out of hours",
			 f.from, c.records, c.refused, c.failed, c.outside_hours);
		err = note(d, "inspection", text, NULL, JOURNAL_OK);
	}
	if (err != CARD_OK) {
		json_decref(c.operators);
		return kz_fail_error(kz, err);
	}
	kz_say_pair(kz, _("month"), "%s", f.from);
	kz_say_pair(kz, _("records"), "%ld", c.records);
	kz_say_pair(kz, _("refused"), "%ld", c.refused);
	kz_say_pair(kz, _("failed"), "%ld", c.failed);
	kz_say_pair(kz, _("out of hours"), "%ld", c.outside_hours);
	kz_say_pair(kz, _("nobody knows how"), "%ld", c.unknown);
	json_object_foreach(c.operators, who, value)
		kz_say_pair(kz, who, "%lld", (long long)json_integer_value(value));
	kz_json(kz, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:o}", "month", f.from, "records",
			      (json_int_t)c.records, "refused", (json_int_t)c.refused, "failed",
			      (json_int_t)c.failed, "out_of_hours", (json_int_t)c.outside_hours, "unknown",
			      (json_int_t)c.unknown, "operators", c.operators));
	return KZ_DONE;
}
