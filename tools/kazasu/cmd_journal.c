/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_journal.c — the journal of the counter (rules ch. 7). */
#include "commands.h"
#include "journal_read.h"
#include "options.h"
#include "output.h"

#include <string.h>

#define WORDS_MAX 16

static bool is(const char *const *words, size_t n, const char *name, size_t want)
{
	return n == want && strcmp(words[0], name) == 0;
}

/* Parts that prove who asks by a session. */
static int with_session(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w,
			const char *const *words, size_t n)
{
	if (is(words, n, "show", 1))
		return kz_journal_show(kz, d, w);
	if (is(words, n, "report", 1))
		return kz_journal_report(kz, d, w);
	if (is(words, n, "disclose", 1))
		return kz_journal_disclose(kz, d, w);
	if (is(words, n, "reconcile", 2))
		return kz_journal_reconcile(kz, d, w, words[1]);
	if (is(words, n, "ledger", 2))
		return kz_journal_ledger(kz, d, w, words[1]);
	if (is(words, n, "export", 2))
		return kz_journal_export(kz, d, words[1]);
	if (is(words, n, "checkpoint", 2))
		return kz_journal_checkpoint(kz, d, words[1]);
	if (is(words, n, "prune", 1))
		return kz_journal_prune(kz, d, w);
	if (is(words, n, "hold", 2))
		return kz_journal_hold(kz, d, w, words[1]);
	if (is(words, n, "explain", 3))
		return kz_journal_explain(kz, d, words[1], words[2]);
	if (is(words, n, "late", 1))
		return kz_journal_late(kz, d, w);
	if (is(words, n, "backup", 2))
		return kz_journal_backup(kz, d, words[1]);
	return kz_fail_usage(
		kz, _("show, verify, report, reconcile, ledger, export, checkpoint, disclose, "
		      "prune, hold, explain, late, backup or restore."));
}

static int run(struct kz *kz, struct kz_journal_words *w, const char **words, size_t n)
{
	const bool verify = strcmp(words[0], "verify") == 0;
	struct kz_desk d;
	int rc;

	words[n] = NULL;
	if (verify || (strcmp(words[0], "restore") == 0 && n >= 2))
		w->copies = words + (verify ? 1 : 2);
	if (!verify && w->copies != NULL)
		return kz_journal_restore(kz, words[1], w);
	if (w->of != NULL)
		return verify ? kz_journal_verify_of(kz, w)
			      : kz_fail_usage(kz, _("--of is for verify."));
	rc = kz_desk_open(kz, &d);
	if (rc != KZ_GO)
		return rc;
	if (verify) {
		rc = kz_journal_verify(kz, &d, w);
	} else {
		rc = kz_desk_session(kz, &d, w->as);
		if (rc == KZ_GO)
			rc = with_session(kz, &d, w, words, n);
	}
	kz_desk_close(&d);
	return rc;
}

int cmd_journal(struct kz *kz)
{
	struct kz_journal_words w = {.from = NULL};
	const struct kz_option options[] = {
		{"from", 0, "DATE", &w.from, NULL, N_("first day")},
		{"to", 0, "DATE", &w.to, NULL, N_("last day")},
		{"month", 0, "YYYY-MM", &w.month, NULL,
		 N_("report: the month (default: this one)")},
		{"event", 0, N_("KIND"), &w.event, NULL, N_("only this kind of event")},
		{"operator", 0, N_("ID"), &w.operator_id, NULL, N_("only this operator")},
		{"organ", 0, N_("NAME"), &w.organ, NULL, N_("only this department")},
		{"terminal", 0, N_("NAME"), &w.terminal, NULL, N_("only this terminal")},
		{"txn", 0, N_("ID"), &w.txn, NULL, N_("only this transaction")},
		{"tolerance", 0, "N", &w.tolerance, NULL,
		 N_("reconcile: minutes, 0 to 10 (default 0)")},
		{"subject", 0, "atena:…|case:…", &w.subject, NULL, N_("disclose, late: of whom")},
		{"key", 0, "F.pem", &w.key, NULL,
		 N_("audit key that opens subjects; restore, --of: the public key of the checkpoints")},
		{"of", 0, N_("STORE"), &w.of, NULL,
		 N_("verify: the journal in this store, a centre's for one, needs no counter")},
		{"reason", 0, N_("TEXT"), &w.reason, NULL,
		 N_("why it is read, held, restored, entered late")},
		{"years", 0, "N", &w.years, NULL,
		 N_("prune: how long records are kept (default 7)")},
		{"until", 0, "DATE", &w.until, NULL, N_("hold: the last day")},
		{"when", 0, "TIME", &w.when, NULL, N_("late: when it was done")},
		{"procedure", 0, N_("ID"), &w.procedure, NULL, N_("late: for which procedure")},
		{"as", 0, N_("ID"), &w.as, NULL, N_("whose session (default: the Unix login)")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"show | verify [COPY…] | report | reconcile FILE.csv | ledger FILE.csv | export FILE | "
		"checkpoint COPY | disclose --subject ID [--key F] | prune | hold FIRST-LAST | explain SEQ "
		"TEXT | late --when TIME | backup FOLDER | restore FOLDER [COPY…]",
		N_("Who did what, when, for which purpose. Reading is written down too: anyone sees the "
		   "own entries of today, a supervisor those of the own department, the security officer "
		   "all, a system administrator none. `verify` needs no session: it shows nothing but "
		   "whether the chain is whole, also beside copies of its checkpoints."),
		options, 1, WORDS_MAX};
	const char *words[WORDS_MAX + 1];
	size_t n;
	const int rc = kz_options(kz, &usage, words, &n);

	return rc == KZ_GO ? run(kz, &w, words, n) : rc;
}
