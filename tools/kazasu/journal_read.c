/* SPDX-License-Identifier: Apache-2.0 */
/* journal_read.c — reading records, which is written down too. */
#include "journal_read.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "desk_words.h"
#include "output.h"
#include "rules.h"

bool kz_journal_role(const struct kz_desk *d, const char *role)
{
	return flow_list_has(d->who.roles, role);
}

enum card_error kz_journal_note(struct kz_desk *d, const char *event, const char *reason,
				const char *subject, const char *code, enum journal_result result)
{
	const struct journal_record r = {.event = event,
					 .result = result,
					 .operator_id = d->who.id,
					 .role = d->who.roles,
					 .organ = d->who.organ,
					 .reason = reason,
					 .subject = subject,
					 .code = code};

	return journal_append(d->journal, &r, 1, NULL);
}

static bool reads_all(const struct kz_desk *d)
{
	return kz_journal_role(d, "security") || kz_journal_role(d, "internal-auditor") ||
	       kz_journal_role(d, "external-auditor");
}

int kz_journal_limit(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w,
		     struct journal_filter *f, char today[11])
{
	const char *extent = "all";
	enum card_error err;

	*f = (struct journal_filter){.event = w->event,
				     .operator_id = w->operator_id,
				     .organ = w->organ,
				     .from = w->from,
				     .to = w->to,
				     .txn = w->txn,
				     .terminal = w->terminal};
	card_date_format(kz_today(kz), today);
	if (kz_journal_role(d, "sysadmin") || (kz_journal_role(d, "network") && !reads_all(d))) {
		err = kz_journal_note(d, "journal-read", w->reason, NULL, "role", JOURNAL_REFUSED);
		return err == CARD_OK ? kz_desk_refuse(kz, "role") : kz_fail_error(kz, err);
	}
	if (!reads_all(d) && kz_journal_role(d, "supervisor")) {
		extent = "organ";
		f->organ = d->who.organ;
	} else if (!reads_all(d)) {
		extent = "own_today";
		f->operator_id = d->who.id;
		f->from = f->to = today;
	}
	err = kz_journal_note(d, "journal-read", w->reason, NULL, extent, JOURNAL_OK);
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
	return json_pack(
		"{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, "
		"s:s, s:s, s:s, s:s?}",
		"seq", (json_int_t)e->seq, "terminal", e->terminal, "start", e->start, "end",
		e->end, "event", e->event, "phase", e->phase, "txn", e->txn, "operator",
		e->operator_id, "role", e->role, "organ", e->organ, "procedure", e->procedure,
		"purpose", e->purpose, "basis", e->basis, "reason", e->reason, "attributes",
		e->attributes, "recipient", e->recipient, "result", e->result, "code", e->code,
		"related", e->related, "subject", subject);
}

/* Words with one blank between them; empty ones are left out. */
static void join(char *out, size_t room, const char *const *words, size_t n)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < n && used < room; i++) {
		if (*words[i] != '\0')
			used += (size_t)snprintf(out + used, room - used, "%s%s",
						 used > 0 ? " " : "", words[i]);
	}
}

static void say_entry(const struct showing *s, const struct journal_entry *e, const char *subject)
{
	/* R7-28: why is never left out. */
	const char *const why[] = {
		e->operator_id, e->organ, kz_word_event(e->event), e->procedure,
		e->purpose,     e->basis, e->attributes,           kz_word_result(e->result)};
	const char *const all[] = {e->start,
				   kz_word_event(e->event),
				   kz_word_phase(e->phase),
				   kz_word_result(e->result),
				   e->operator_id,
				   e->procedure,
				   kz_word_code(e->code, s->kz->lang),
				   e->reason,
				   subject};
	char seq[24], text[4096];

	snprintf(seq, sizeof seq, "%ld", e->seq);
	if (s->summary)
		join(text, sizeof text, why, sizeof why / sizeof *why);
	else
		join(text, sizeof text, all, sizeof all / sizeof *all);
	kz_say_pair(s->kz, s->summary ? e->start : seq, "%s", text);
}

static void forget(char **clear)
{
	if (*clear != NULL)
		card_wipe(*clear, strlen(*clear));
	free(*clear);
	*clear = NULL;
}

static enum card_error show_one(void *ctx, const struct journal_entry *e)
{
	struct showing *s = ctx;
	char *clear = NULL;

	if (s->key != NULL && *e->subject != '\0' &&
	    journal_unseal_text(s->key, e->subject, &clear) != CARD_OK)
		clear = NULL;
	if (s->subject == NULL || (clear != NULL && strcmp(clear, s->subject) == 0)) {
		say_entry(s, e, clear != NULL ? clear : "");
		if (s->kz->opt.json) /* a list of millions is only for who asked for it */
			json_array_append_new(s->all, as_json(e, clear));
	}
	forget(&clear);
	return CARD_OK;
}

static int open_key(struct kz *kz, const char *path, journal_unseal_t **out)
{
	card_secret_t *passphrase = NULL;
	enum card_error err;
	int rc = kz_password_ask(kz, _("The passphrase of the audit key."), _("passphrase"),
				 &passphrase);

	if (rc != KZ_GO)
		return rc;
	err = journal_unseal_open(out, path, passphrase);
	card_secret_free(&passphrase);
	if (err == CARD_ERR_PIN_WRONG) {
		const struct kz_failure f = {
			.error = err,
			.hint = "",
			.message = _("The passphrase does not open the audit key.")};
		return kz_fail(kz, &f);
	}
	return err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
}

static int run(struct kz *kz, struct kz_desk *d, const struct journal_filter *f, struct showing *s)
{
	enum card_error err;

	s->kz = kz;
	s->all = json_array();
	err = journal_read(d->store, f, show_one, s);
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
		if (!kz_journal_role(d, "security") || kz_journal_role(d, "sysadmin"))
			return kz_desk_refuse(kz, "role");
		if (w->reason == NULL || *w->reason == '\0')
			return kz_fail_usage(kz, _("Opening subjects needs --reason."));
		rc = open_key(kz, w->key, &s.key);
	}
	if (rc == KZ_GO)
		rc = kz_journal_limit(kz, d, w, &f, today);
	/* Before anything is opened. */
	if (rc == KZ_GO && s.key != NULL &&
	    kz_journal_note(d, "unmask", w->reason, NULL, "subjects", JOURNAL_OK) != CARD_OK)
		rc = kz_fail_error(kz, CARD_ERR_IO);
	if (rc == KZ_GO)
		rc = run(kz, d, &f, &s);
	journal_unseal_free(&s.key);
	return rc;
}

/* ---------------------------------------------------------------- disclosure */

struct proof {
	const journal_unseal_t *key;
	const char *subject;
	char seq[24]; /* of the check; "" if there is none */
};

/* An identity check whose person was confirmed, as the person or as an agent (R7-30). */
static enum card_error find_check(void *ctx, const struct journal_entry *e)
{
	struct proof *p = ctx;
	char *clear = NULL;

	if (strcmp(e->phase, "outcome") != 0 || strstr(e->code, "person=confirmed") == NULL ||
	    *e->subject == '\0' || journal_unseal_text(p->key, e->subject, &clear) != CARD_OK)
		return CARD_OK;
	if (strcmp(clear, p->subject) == 0)
		snprintf(p->seq, sizeof p->seq, "%ld", e->seq);
	forget(&clear);
	return CARD_OK;
}

static enum card_error note_disclosure(struct kz_desk *d, const struct kz_journal_words *w,
				       const struct proof *p)
{
	const bool checked = p->seq[0] != '\0';
	const struct journal_record r = {.event = "disclosure",
					 .result = checked ? JOURNAL_OK : JOURNAL_REFUSED,
					 .operator_id = d->who.id,
					 .role = d->who.roles,
					 .organ = d->who.organ,
					 .reason = w->reason,
					 .subject = w->subject,
					 .related = p->seq,
					 .code = checked ? "" : "no_identity_check"};

	return journal_append(d->journal, &r, 1, NULL);
}

/* Who asked about whom today is read by nobody but this check. */
static int need_check(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w,
		      const journal_unseal_t *key)
{
	struct proof p = {.key = key, .subject = w->subject};
	char today[11];
	struct journal_filter f = {.event = "identity-check", .from = today, .to = today};
	enum card_error err;

	card_date_format(kz_today(kz), today);
	err = journal_read(d->store, &f, find_check, &p);
	if (err == CARD_OK)
		err = note_disclosure(d, w, &p);
	if (err == CARD_ERR_INVALID_ARGUMENT || err == CARD_ERR_DENIED)
		return kz_fail_usage(
			kz, _("--subject is atena:… or case:…, never an individual number."));
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	if (p.seq[0] != '\0')
		return KZ_GO;
	return kz_fail_refused(
		kz,
		_("`kazasu identify --procedure ID --subject …` comes first, for the "
		  "person or the agent."),
		_("Nobody has been identified for this subject today."));
}

int kz_journal_disclose(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w)
{
	struct showing s = {.subject = w->subject, .summary = true};
	const struct journal_filter f = {.from = w->from, .to = w->to};
	char own[KZ_PATH_MAX];
	const char *key = w->key;
	int rc;

	kz_desk_file(d, "audit-key.pem", own);
	if (key == NULL && access(own, R_OK) == 0)
		key = own;
	if (w->subject == NULL || key == NULL)
		return kz_fail_usage(kz, _("--subject and --key are needed."));
	if (!kz_journal_role(d, "security") || kz_journal_role(d, "sysadmin"))
		return kz_desk_refuse(kz, "role");
	rc = open_key(kz, key, &s.key);
	if (rc == KZ_GO)
		rc = need_check(kz, d, w, s.key);
	if (rc == KZ_GO)
		rc = run(kz, d, &f, &s);
	journal_unseal_free(&s.key);
	return rc;
}
