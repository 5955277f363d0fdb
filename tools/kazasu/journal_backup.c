/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal_backup.c — a counter in a folder, and back (rules R6-46; design decision 9).
 *
 * A restored journal goes on where its backup ended. What had been written after the backup is
 * lost and named: by the record of the restore, and by every checkpoint that was kept elsewhere.
 */
#include "journal_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manifest.h"
#include "output.h"

static const char first_line[] = "KAZASU-BACKUP-1";

/* What belongs to a counter besides its store. The audit key is there only where nobody took it
 * away; it is locked with its passphrase. */
static const struct {
	const char *name;
	unsigned mode;
	bool needed;
} files[] = {{"audit.pem", 0644, true},          {"checkpoint-key.pem", 0600, true},
	     {"checkpoint.pub.pem", 0644, true}, {"audit-key.pem", 0600, false},
	     {"checkpoints.txt", 0644, false},   {"test", 0600, false}};

static bool path_of(const char *folder, const char *name, char out[KZ_PATH_MAX])
{
	const int n = snprintf(out, KZ_PATH_MAX, "%s/%s", folder, name);

	return n > 0 && n < KZ_PATH_MAX;
}

static enum card_error copy_files(const char *from, const char *to, card_buf_t *manifest)
{
	enum card_error err = CARD_OK;

	for (size_t i = 0; i < sizeof files / sizeof *files && err == CARD_OK; i++) {
		char a[KZ_PATH_MAX], b[KZ_PATH_MAX];

		if (!path_of(from, files[i].name, a) || !path_of(to, files[i].name, b))
			return CARD_ERR_TOO_LONG;
		err = kz_copy_file(a, b, files[i].mode);
		if (err == CARD_ERR_NOT_FOUND && !files[i].needed)
			err = CARD_OK;
		else if (err == CARD_OK && manifest != NULL)
			err = kz_manifest_file(manifest, to, files[i].name);
	}
	return err;
}

static enum card_error take_number(void *ctx, const char *const *column, size_t n)
{
	if (n == 1 && column[0] != NULL)
		*(long *)ctx = strtol(column[0], NULL, 10);
	return CARD_OK;
}

static enum card_error last_record(const struct kz_desk *d, long *out)
{
	const char *params[] = {d->terminal};

	*out = 0;
	return flow_store_run(d->store, "SELECT max(seq) FROM journal WHERE terminal = $1", params,
			      1, take_number, out);
}

static enum card_error fill(struct kz *kz, struct kz_desk *d, const char *folder, long *last)
{
	card_buf_t manifest = {0};
	char path[KZ_PATH_MAX], text[32];
	enum card_error err = path_of(folder, "desk.db", path) ? flow_store_copy(d->store, path)
							       : CARD_ERR_TOO_LONG;

	if (err == CARD_OK)
		err = last_record(d, last);
	snprintf(text, sizeof text, "%ld", *last);
	if (err == CARD_OK)
		err = kz_manifest_line(&manifest, first_line, "");
	if (err == CARD_OK)
		err = kz_manifest_line(&manifest, "terminal", d->terminal);
	if (err == CARD_OK)
		err = kz_manifest_line(&manifest, "records", text);
	card_time_format_japan(kz_now(kz), text);
	if (err == CARD_OK)
		err = kz_manifest_line(&manifest, "made", text);
	if (err == CARD_OK)
		err = kz_manifest_file(&manifest, folder, "desk.db");
	if (err == CARD_OK)
		err = copy_files(d->folder, folder, &manifest);
	if (err == CARD_OK)
		err = kz_manifest_write(&manifest, folder, d->journal);
	card_buf_free(&manifest);
	return err;
}

int kz_journal_backup(struct kz *kz, struct kz_desk *d, const char *folder)
{
	const struct kz_failure exists = {
		.error = CARD_ERR_IO,
		.exit = KZ_CANNOT_WRITE,
		.hint = "",
		.message = _("The folder for the backup cannot be made, or is "
			     "there already.")};
	long last = 0;
	enum card_error err;
	int rc;

	/* R6-46: a right of its own. */
	if (!kz_journal_role(d, "backup") && !kz_journal_role(d, "security"))
		return kz_desk_refuse(kz, "role");
	if (flow_store_is_postgresql(d->store))
		return kz_fail_refused(
			kz, _("docs/journal.md says how."),
			_("A PostgreSQL is backed up with its own tools (pg_basebackup, "
			  "pg_dump)."));
	rc = kz_journal_outside(kz, d, folder);
	if (rc != KZ_GO)
		return rc;
	err = kz_journal_note(d, "backup", "", NULL, "", JOURNAL_OK);
	if (err == CARD_OK)
		err = journal_checkpoint(d->journal);
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	if (mkdir(folder, 0700) != 0)
		return kz_fail(kz, &exists);
	err = fill(kz, d, folder, &last);
	if (err != CARD_OK) {
		kz_desk_remove_folder(folder);
		return kz_fail_error(kz, err);
	}
	kz_say_pair(kz, _("backed up"), "%s, %ld", folder, last);
	kz_json(kz, json_pack("{s:s, s:I}", "folder", folder, "records", (json_int_t)last));
	return KZ_DONE;
}

/* ---------------------------------------------------------------- restore */

/* The largest checkpoint of this terminal in a file of them; what it covers once existed. */
static long covered(const char *path, const char *terminal)
{
	char line[600];
	long most = 0;
	FILE *f = fopen(path, "re");

	while (f != NULL && fgets(line, sizeof line, f) != NULL) {
		const size_t n = strlen(terminal);
		long size;

		if (strncmp(line, "C\t", 2) != 0 || strncmp(line + 2, terminal, n) != 0 ||
		    line[2 + n] != '\t')
			continue;
		size = strtol(line + 3 + n, NULL, 10);
		most = size > most ? size : most;
	}
	if (f != NULL)
		fclose(f);
	return most;
}

static long lost_until(const char *present, const struct kz_journal_words *w,
		       const struct kz_desk *d)
{
	const char *terminal = d->terminal;
	char path[KZ_PATH_MAX];
	long most = path_of(present, "checkpoints.txt", path) ? covered(path, terminal) : 0;
	const long elsewhere = covered(d->copy, terminal);

	most = elsewhere > most ? elsewhere : most;
	for (size_t i = 0; w->copies != NULL && w->copies[i] != NULL; i++) {
		const long one = covered(w->copies[i], terminal);

		most = one > most ? one : most;
	}
	return most;
}

/* Who restores is proven by an account of the backup. */
static int prove(struct kz *kz, struct kz_desk *d, const char *id)
{
	char token[FLOW_SESSION_TOKEN + 1], unix_login[33];
	enum flow_login why = FLOW_LOGIN_NO_SESSION;
	card_secret_t *password = NULL;
	enum card_error err;
	int rc;

	kz_desk_unix_login(unix_login);
	if (id == NULL)
		id = unix_login;
	rc = kz_password_ask(kz,
			     _("The password of your account as it was at the time of the backup."),
			     _("password"), &password);
	if (rc != KZ_GO)
		return rc;
	/* A session that was open then is not open now. */
	err = flow_store_script(d->store,
				"UPDATE operator_session SET ended = seen WHERE ended = 0");
	if (err == CARD_OK)
		err = flow_login(d->store, d->journal, d->terminal, id, password, NULL, NULL,
				 kz_now(kz), token, &why);
	card_secret_free(&password);
	if (err == CARD_OK)
		err = flow_operator_get(d->store, id, &d->who);
	if (err == CARD_OK)
		err = flow_logout(d->store, d->journal, token, kz_now(kz));
	card_wipe(token, sizeof token);
	if (err == CARD_ERR_DENIED)
		return kz_desk_refuse(kz, flow_login_code(why));
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	return kz_journal_role(d, "backup") || kz_journal_role(d, "security")
		       ? KZ_GO
		       : kz_desk_refuse(kz, "role");
}

static int bad_backup(struct kz *kz, enum card_error err)
{
	const struct kz_failure f = {
		.error = err,
		.exit = KZ_BAD_DATA,
		.hint = "",
		.message = _("This is no backup of a counter, or it was altered.")};

	return kz_fail(kz, &f);
}

/* The record of it: what came back, and what is lost. */
static enum card_error note_restore(struct kz_desk *d, long records, long lost, const char *reason)
{
	char related[64] = "", code[40];
	struct journal_record r = {.event = "restore",
				   .result = JOURNAL_OK,
				   .operator_id = d->who.id,
				   .role = d->who.roles,
				   .organ = d->who.organ,
				   .reason = reason,
				   .code = code,
				   .related = related};

	snprintf(code, sizeof code, "records=%ld", records);
	if (lost > records)
		snprintf(related, sizeof related, "%ld-%ld", records + 1, lost);
	return journal_append(d->journal, &r, 1, NULL);
}

/* In the folder beside its place: everything is checked and written there first. */
static int prepare(struct kz *kz, struct kz_desk *d, const char *present,
		   const struct kz_journal_words *w, long *records, long *lost)
{
	long bad = 0;
	enum card_error err;
	int rc = kz_desk_store_open(kz, d, false);

	if (rc == KZ_GO && flow_store_is_postgresql(d->store))
		rc = kz_fail_refused(kz, "",
				     _("The configuration names a PostgreSQL as counter-store; a "
				       "folder cannot be restored into it."));
	if (rc == KZ_GO)
		rc = kz_desk_journal_open(kz, d);
	if (rc != KZ_GO)
		return rc;
	err = last_record(d, records);
	if (err == CARD_OK)
		err = journal_check(d->journal, true, &bad);
	if (err != CARD_OK || bad != 0 || *records == 0)
		return bad_backup(kz, err != CARD_OK ? err : CARD_ERR_SIGNATURE);
	*lost = lost_until(present, w, d);
	rc = prove(kz, d, w->as);
	if (rc != KZ_GO)
		return rc;
	err = note_restore(d, *records, *lost, w->reason);
	return err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
}

/* The counter that was here stays beside the new one: it is evidence. */
static int exchange(struct kz *kz, const char *made, const char *present)
{
	char aside[KZ_PATH_MAX + 40], now[26];

	card_time_format_japan(kz_now(kz), now);
	snprintf(aside, sizeof aside, "%s.replaced-%.4s%.2s%.2sT%.2s%.2s%.2s", present, now,
		 now + 5, now + 8, now + 11, now + 14, now + 17);
	if (access(present, F_OK) == 0) {
		if (rename(present, aside) != 0)
			return kz_desk_fail(kz, CARD_ERR_IO, strerror(errno));
		kz_say_pair(kz, _("the counter before it"), "%s", aside);
	}
	if (rename(made, present) == 0)
		return KZ_GO;
	if (access(aside, F_OK) == 0 && rename(aside, present) != 0)
		kz_note(kz, _("kazasu: the counter lies in %s."), aside);
	return kz_desk_fail(kz, CARD_ERR_IO, strerror(errno));
}

static enum card_error copy_in(const char *folder, const char *made)
{
	char from[KZ_PATH_MAX], to[KZ_PATH_MAX];
	enum card_error err;

	kz_desk_remove_folder(made);
	if (mkdir(made, 0700) != 0)
		return CARD_ERR_IO;
	if (!path_of(folder, "desk.db", from) || !path_of(made, "desk.db", to))
		return CARD_ERR_TOO_LONG;
	err = kz_copy_file(from, to, 0600);
	return err == CARD_OK ? copy_files(folder, made, NULL) : err;
}

int kz_journal_restore(struct kz *kz, const char *folder, const struct kz_journal_words *w)
{
	struct kz_desk d = {.store = NULL};
	char present[KZ_PATH_MAX], key[KZ_PATH_MAX];
	card_buf_t manifest = {0};
	long records = 0, lost = 0;
	enum card_error err;
	int rc;

	if (!kz_desk_folder(present) ||
	    snprintf(d.folder, sizeof d.folder, "%.4000s.new", present) >= (int)sizeof d.folder)
		return kz_fail_error(kz, CARD_ERR_TOO_LONG);
	/* Another key than the one this counter had is no backup of it. */
	if (!path_of(kz_desk_exists() ? present : folder, "checkpoint.pub.pem", key))
		return kz_fail_error(kz, CARD_ERR_TOO_LONG);
	err = kz_manifest_read(folder, first_line, w->key != NULL ? w->key : key, &manifest);
	card_buf_free(&manifest);
	if (err != CARD_OK)
		return bad_backup(kz, err);
	err = kz_desk_make_parents(present) ? copy_in(folder, d.folder) : CARD_ERR_IO;
	rc = err == CARD_OK ? prepare(kz, &d, present, w, &records, &lost) : kz_fail_error(kz, err);
	kz_desk_close(&d);
	if (rc == KZ_GO)
		rc = exchange(kz, d.folder, present);
	if (rc != KZ_GO) {
		kz_desk_remove_folder(d.folder);
		return rc;
	}
	kz_say_pair(kz, _("restored"), "%ld", records);
	if (lost > records)
		kz_say_pair(kz, _("records that are lost"), "%ld-%ld", records + 1, lost);
	kz_json(kz, json_pack("{s:I, s:I}", "records", (json_int_t)records, "lost",
			      (json_int_t)(lost > records ? lost - records : 0)));
	return KZ_DONE;
}
