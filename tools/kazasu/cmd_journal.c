/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_journal.c — the journal of the counter (rules ch. 7). */
#include "commands.h"
#include "journal_read.h"
#include "options.h"
#include "output.h"
#include "rules.h"
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* The verifier is a program of its own, beside this one. */
static int verify(struct kz *kz, struct kz_desk *d)
{
	char program[KZ_PATH_MAX], verifier[KZ_PATH_MAX + 32], key[KZ_PATH_MAX], outside[KZ_PATH_MAX],
		path[] = "/tmp/kazasu-journal.XXXXXX";
	const char *argv[] = {verifier, "--key", key, "--checkpoints", outside, path, NULL, NULL, NULL};
	card_buf_t out = {0};
	json_t *answer;
	enum card_error err;
	int fd, status = 70, rc = KZ_INTERNAL;
	FILE *f;

	if (!kz_place_program(program, sizeof program))
		return kz_fail_error(kz, CARD_ERR_INTERNAL);
	snprintf(verifier, sizeof verifier, "%s/kazasu-journal-verify", program);
	kz_desk_file(d, "checkpoint.pub.pem", key);
	kz_desk_file(d, "checkpoints.txt", outside);
	if (access(outside, R_OK) != 0) { /* no checkpoint yet */
		argv[3] = path;
		argv[4] = argv[5] = NULL;
	}
	fd = mkstemp(path);
	f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (f == NULL)
		return kz_fail_error(kz, CARD_ERR_IO);
	err = journal_export(d->store, f);
	if (fclose(f) != 0 && err == CARD_OK)
		err = CARD_ERR_IO;
	for (size_t i = 0; kz->opt.json && i < 7; i++) {
		if (argv[i] == NULL) {
			argv[i] = "--json";
			break;
		}
	}
	if (err == CARD_OK)
		err = kz_run(argv, NULL, &out, STDERR_FILENO, &status);
	unlink(path);
	if (err == CARD_OK) {
		rc = status;
		answer = json_loadb((const char *)out.p, out.n, 0, NULL);
		if (kz->opt.json && answer != NULL)
			kz_json(kz, answer);
		else if (out.n > 0)
			kz_say(kz, "%.*s", (int)out.n, (const char *)out.p);
	} else {
		rc = kz_fail_error(kz, err);
	}
	card_buf_free(&out);
	return rc;
}

/* R6-47: nothing goes out on a stick. A block device that calls itself removable, or a place where
 * desktops mount such things. */
static bool removable(const char *path)
{
	char folder[PATH_MAX], real[PATH_MAX], sys[128];
	const char *slash = strrchr(path, '/');
	struct stat s;
	bool is = false;
	FILE *f;

	snprintf(folder, sizeof folder, "%.*s", slash != NULL ? (int)(slash - path) : 1,
		 slash != NULL ? path : ".");
	if (realpath(*folder != '\0' ? folder : "/", real) == NULL)
		return strncmp(path, "/media/", 7) == 0 || strncmp(path, "/run/media/", 11) == 0;
	if (strncmp(real, "/media", 6) == 0 || strncmp(real, "/run/media", 10) == 0 ||
	    stat(real, &s) != 0)
		return true;
	for (int i = 0; i < 2 && !is; i++) {
		snprintf(sys, sizeof sys, i == 0 ? "/sys/dev/block/%u:%u/removable"
						 : "/sys/dev/block/%u:%u/../removable",
			 major(s.st_dev), minor(s.st_dev));
		f = fopen(sys, "re");
		is = f != NULL && fgetc(f) == '1';
		if (f != NULL)
			fclose(f);
	}
	return is;
}

static int export(struct kz *kz, struct kz_desk *d, const char *path)
{
	struct journal_record r = {.event = "export", .result = JOURNAL_OK, .operator_id = d->who.id,
				   .organ = d->who.organ};
	enum card_error err;
	int fd;
	FILE *f;

	if (!flow_list_has(d->who.roles, "security") && !flow_list_has(d->who.roles, "backup") &&
	    !flow_list_has(d->who.roles, "internal-auditor"))
		return kz_desk_refuse(kz, "role");
	if (removable(path)) {
		r.event = "export-refused";
		r.result = JOURNAL_REFUSED;
		err = journal_append(d->journal, &r, 1, NULL);
		return err == CARD_OK ? kz_fail_refused(kz, "", _("Nothing is written to removable "
								  "media.")) : kz_fail_error(kz, err);
	}
	err = journal_append(d->journal, &r, 1, NULL);
	if (err == CARD_OK)
		err = journal_checkpoint(d->journal);
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (f == NULL) {
		const struct kz_failure no = {.error = CARD_ERR_IO, .exit = KZ_CANNOT_WRITE,
					      .message = strerror(errno), .hint = ""};
		return kz_fail(kz, &no);
	}
	err = journal_export(d->store, f);
	if (fclose(f) != 0 && err == CARD_OK)
		err = CARD_ERR_IO;
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	kz_say_pair(kz, _("exported"), "%s", path);
	kz_json(kz, json_pack("{s:s}", "file", path));
	return KZ_DONE;
}

static int prune(struct kz *kz, struct kz_desk *d, const char *years_text)
{
	long years = 7, erased; /* PD-33 */
	enum card_error err;

	if (years_text != NULL && !kz_number(years_text, 100, &years))
		return kz_fail_usage(kz, _("--years takes a number."));
	if (!flow_list_has(d->who.roles, "security"))
		return kz_desk_refuse(kz, "role");
	/* PD-33: the inquiries are access records of the register network: never below 7 years. */
	if (years < 7)
		return kz_fail_refused(kz, "", _("Records are kept for 7 years at least."));
	err = journal_prune(d->journal, kz_today(kz), (int)years, d->who.id, &erased);
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	kz_say_pair(kz, _("erased"), "%ld", erased);
	kz_json(kz, json_pack("{s:I}", "erased", (json_int_t)erased));
	return KZ_DONE;
}

static int explain(struct kz *kz, struct kz_desk *d, const char *seq, const char *text)
{
	const struct journal_record r = {.event = "unknown-explained", .result = JOURNAL_OK,
					 .operator_id = d->who.id, .role = d->who.roles,
					 .organ = d->who.organ, .reason = text, .related = seq};
	const enum card_error err = journal_append(d->journal, &r, 1, NULL);

	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	kz_say_pair(kz, _("explained"), "%s", seq);
	kz_json(kz, json_pack("{s:s}", "explained", seq));
	return KZ_DONE;
}

int cmd_journal(struct kz *kz)
{
	struct kz_journal_words w = {.from = NULL};
	const struct kz_option options[] = {
		{"from", 0, "DATE", &w.from, NULL, N_("first day")},
		{"to", 0, "DATE", &w.to, NULL, N_("last day")},
		{"month", 0, "YYYY-MM", &w.month, NULL, N_("report: the month (default: this one)")},
		{"event", 0, N_("KIND"), &w.event, NULL, N_("only this kind of event")},
		{"operator", 0, N_("ID"), &w.operator_id, NULL, N_("only this operator")},
		{"organ", 0, N_("NAME"), &w.organ, NULL, N_("only this department")},
		{"txn", 0, N_("ID"), &w.txn, NULL, N_("only this transaction")},
		{"subject", 0, "atena:…|case:…", &w.subject, NULL, N_("disclose: of whom")},
		{"key", 0, "F.pem", &w.key, NULL, N_("audit key that opens subjects")},
		{"reason", 0, N_("TEXT"), &w.reason, NULL, N_("why it is read")},
		{"years", 0, "N", &w.years, NULL, N_("prune: how long records are kept (default 7)")},
		{"as", 0, N_("ID"), &w.as, NULL, N_("whose session (default: the Unix login)")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"show | verify | report | export FILE | disclose --subject ID --key F | prune | explain SEQ "
		"TEXT",
		N_("Who did what, when, for which purpose. Reading is written down too: anyone sees the "
		   "own entries of today, a supervisor those of the own department, the security officer "
		   "all. `verify` needs no session: it shows nothing but whether the chain is whole."),
		options, 1, 3};
	const char *words[3];
	struct kz_desk d;
	size_t n;
	int rc = kz_options(kz, &usage, words, &n);

	if (rc == KZ_GO)
		rc = kz_desk_open(kz, &d);
	if (rc != KZ_GO)
		return rc;
	if (strcmp(words[0], "verify") == 0 && n == 1) {
		rc = verify(kz, &d);
		kz_desk_close(&d);
		return rc;
	}
	rc = kz_desk_session(kz, &d, w.as);
	if (rc == KZ_GO) {
		if (strcmp(words[0], "show") == 0 && n == 1)
			rc = kz_journal_show(kz, &d, &w);
		else if (strcmp(words[0], "report") == 0 && n == 1)
			rc = kz_journal_report(kz, &d, &w);
		else if (strcmp(words[0], "disclose") == 0 && n == 1)
			rc = kz_journal_disclose(kz, &d, &w);
		else if (strcmp(words[0], "export") == 0 && n == 2)
			rc = export(kz, &d, words[1]);
		else if (strcmp(words[0], "prune") == 0 && n == 1)
			rc = prune(kz, &d, w.years);
		else if (strcmp(words[0], "explain") == 0 && n == 3)
			rc = explain(kz, &d, words[1], words[2]);
		else
			rc = kz_fail_usage(kz, _("show, verify, report, export, disclose, prune or explain."));
	}
	kz_desk_close(&d);
	return rc;
}
