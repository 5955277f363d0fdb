/* SPDX-License-Identifier: Apache-2.0 */
/* journal_ledger.c — 業務端末使用管理簿: compared with the journal, and made from it (R6-23). */
#include "journal_read.h"

#include <cardflow/ledger.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "desk_words.h"
#include "options.h"
#include "output.h"
#include "rules.h"

static bool may(const struct kz_desk *d)
{
	return kz_journal_role(d, "security") || kz_journal_role(d, "supervisor") ||
	       kz_journal_role(d, "internal-auditor") || kz_journal_role(d, "external-auditor");
}

struct findings {
	struct kz *kz;
	json_t *list;
};

static enum card_error tell(void *ctx, const struct journal_finding *f)
{
	const struct findings *all = ctx;

	kz_say_pair(all->kz, kz_word_finding(f->kind), "%s %s %s%s%s%s %s-%s", f->day, f->terminal,
		    f->operator_id, *f->other != '\0' ? " (" : "", f->other,
		    *f->other != '\0' ? ")" : "", f->from, f->to);
	return json_array_append_new(
		       all->list,
		       json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:I, s:I, s:I, s:s, s:s}", "kind",
				 f->kind, "date", f->day, "terminal", f->terminal, "operator",
				 f->operator_id, "other", f->other, "line", (int)f->line, "records",
				 (json_int_t)f->records, "first", (json_int_t)f->first, "last",
				 (json_int_t)f->last, "from", f->from, "to", f->to)) == 0
		       ? CARD_OK
		       : CARD_ERR_NO_MEMORY;
}

static int scope_of(struct kz *kz, const struct kz_journal_words *w, struct journal_ledger_scope *s)
{
	long minutes = 0;

	if (w->tolerance != NULL && !kz_number(w->tolerance, 10, &minutes))
		return kz_fail_usage(kz, _("--tolerance takes 0 to 10 minutes."));
	*s = (struct journal_ledger_scope){
		.terminal = w->terminal, .from = w->from, .to = w->to, .tolerance = (int)minutes};
	return KZ_GO;
}

int kz_journal_reconcile(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w,
			 const char *path)
{
	struct flow_problem problem = {.text = ""};
	struct journal_ledger_scope scope;
	journal_ledger_t *l = NULL;
	struct findings all = {kz, NULL};
	char note[64];
	size_t entries, n;
	enum card_error err;
	int rc = may(d) ? scope_of(kz, w, &scope) : kz_desk_refuse(kz, "role");

	if (rc != KZ_GO)
		return rc;
	err = journal_ledger_read(&l, path, &problem);
	if (err != CARD_OK)
		return kz_rules_fail(kz, err, &problem);
	entries = journal_ledger_entries(l);
	all.list = json_array();
	err = journal_reconcile(d->store, l, &scope, tell, &all);
	journal_ledger_free(&l);
	n = json_array_size(all.list);
	snprintf(note, sizeof note, "ledger: %zu entries, %zu findings", entries, n);
	if (err == CARD_OK)
		err = kz_journal_note(d, "journal-read", note, NULL, "reconcile", JOURNAL_OK);
	if (err != CARD_OK) {
		json_decref(all.list);
		return err == CARD_ERR_INVALID_ARGUMENT
			       ? kz_fail_usage(kz,
					       _("--from and --to take dates such as 2026-04-01."))
			       : kz_fail_error(kz, err);
	}
	kz_say_pair(kz, _("entries in the register"), "%zu", entries);
	kz_say_pair(kz, _("findings"), "%zu", n);
	kz_json(kz, json_pack("{s:I, s:o}", "entries", (json_int_t)entries, "findings", all.list));
	return n == 0 ? KZ_DONE : KZ_INVALID;
}

int kz_journal_ledger(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w,
		      const char *path)
{
	struct journal_ledger_scope scope;
	enum card_error err;
	int fd, rc = may(d) ? scope_of(kz, w, &scope) : kz_desk_refuse(kz, "role");
	FILE *f;

	if (rc == KZ_GO)
		rc = kz_journal_outside(kz, d, path);
	if (rc != KZ_GO)
		return rc;
	err = kz_journal_note(d, "export", "", NULL, "ledger", JOURNAL_OK);
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (f == NULL) {
		const struct kz_failure no = {.error = CARD_ERR_IO,
					      .exit = KZ_CANNOT_WRITE,
					      .message = strerror(errno),
					      .hint = ""};
		return kz_fail(kz, &no);
	}
	err = journal_ledger_write(d->store, &scope, f);
	if (fclose(f) != 0 && err == CARD_OK)
		err = CARD_ERR_IO;
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	kz_say_pair(kz, _("register written"), "%s", path);
	kz_json(kz, json_pack("{s:s}", "file", path));
	return KZ_DONE;
}
