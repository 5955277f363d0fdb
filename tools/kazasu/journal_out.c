/* SPDX-License-Identifier: Apache-2.0 */
/* journal_out.c — what leaves the machine: the export, the copy of checkpoints; and the verifier. */
#include "journal_read.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "output.h"
#include "run.h"

#define COPIES_MAX 16

static int cannot_write(struct kz *kz, const char *path)
{
	char message[KZ_PATH_MAX + 128];
	const struct kz_failure f = {
		.error = CARD_ERR_IO, .exit = KZ_CANNOT_WRITE, .message = message, .hint = ""};

	snprintf(message, sizeof message, _("%s cannot be written: %s"), path, strerror(errno));
	return kz_fail(kz, &f);
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
		snprintf(sys, sizeof sys,
			 i == 0 ? "/sys/dev/block/%u:%u/removable"
				: "/sys/dev/block/%u:%u/../removable",
			 major(s.st_dev), minor(s.st_dev));
		f = fopen(sys, "re");
		is = f != NULL && fgetc(f) == '1';
		if (f != NULL)
			fclose(f);
	}
	return is;
}

int kz_journal_outside(struct kz *kz, struct kz_desk *d, const char *path)
{
	enum card_error err;

	if (!removable(path))
		return KZ_GO;
	err = kz_journal_note(d, "export-refused", "", NULL, "removable", JOURNAL_REFUSED);
	return err == CARD_OK ? kz_fail_refused(kz, "", _("Nothing is written to removable media."))
			      : kz_fail_error(kz, err);
}

int kz_journal_export(struct kz *kz, struct kz_desk *d, const char *path)
{
	enum card_error err;
	int fd, rc;
	FILE *f;

	if (!kz_journal_role(d, "security") && !kz_journal_role(d, "backup") &&
	    !kz_journal_role(d, "internal-auditor"))
		return kz_desk_refuse(kz, "role");
	rc = kz_journal_outside(kz, d, path);
	if (rc != KZ_GO)
		return rc;
	err = kz_journal_note(d, "export", "", NULL, "journal", JOURNAL_OK);
	if (err == CARD_OK)
		err = journal_checkpoint(d->journal);
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (f == NULL)
		return cannot_write(kz, path);
	err = journal_export(d->store, f);
	if (fclose(f) != 0 && err == CARD_OK)
		err = CARD_ERR_IO;
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	kz_say_pair(kz, _("exported"), "%s", path);
	kz_json(kz, json_pack("{s:s}", "file", path));
	return KZ_DONE;
}

/* ---------------------------------------------------------------- checkpoints */

/* The lines that the copy has not got are appended to it: what it has is never touched. */
static enum card_error append_missing(FILE *copy, FILE *all, size_t *added)
{
	char *line = NULL, *old = NULL;
	size_t cap = 0, old_cap = 0;
	enum card_error err = CARD_OK;

	rewind(all);
	while (err == CARD_OK && getline(&line, &cap, all) > 0) {
		bool there = false;

		rewind(copy);
		while (!there && getline(&old, &old_cap, copy) > 0)
			there = strcmp(old, line) == 0;
		if (there)
			continue;
		if (fseek(copy, 0, SEEK_END) != 0 || fputs(line, copy) < 0)
			err = CARD_ERR_IO;
		++*added;
	}
	free(line);
	free(old);
	if (err == CARD_OK && (fflush(copy) != 0 || fsync(fileno(copy)) != 0))
		err = CARD_ERR_IO;
	return err;
}

int kz_journal_checkpoint(struct kz *kz, struct kz_desk *d, const char *path)
{
	size_t added = 0;
	enum card_error err;
	FILE *all, *copy;
	int fd, rc;

	if (!kz_journal_role(d, "security") && !kz_journal_role(d, "backup") &&
	    !kz_journal_role(d, "network"))
		return kz_desk_refuse(kz, "role");
	rc = kz_journal_outside(kz, d, path);
	if (rc != KZ_GO)
		return rc;
	err = kz_journal_note(d, "export", "", NULL, "checkpoints", JOURNAL_OK);
	if (err == CARD_OK)
		err = journal_checkpoint(d->journal);
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	copy = fd >= 0 ? fdopen(fd, "a+") : NULL;
	all = tmpfile();
	if (copy == NULL || all == NULL) {
		if (all != NULL)
			fclose(all);
		return cannot_write(kz, path);
	}
	err = journal_export_checkpoints(d->store, all);
	if (err == CARD_OK)
		err = append_missing(copy, all, &added);
	fclose(all);
	if (fclose(copy) != 0 && err == CARD_OK)
		err = CARD_ERR_IO;
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	kz_say_pair(kz, _("checkpoints added to the copy"), "%zu, %s", added, path);
	kz_json(kz, json_pack("{s:s, s:I}", "file", path, "added", (json_int_t)added));
	return KZ_DONE;
}

/* ---------------------------------------------------------------- verifier */

/* A file for the verifier, without a name: nothing stays behind. */
static FILE *nameless(const struct kz_desk *d, char path[64])
{
	const int fd = open(d->folder, O_TMPFILE | O_RDWR, 0600);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;

	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return f;
}

static FILE *make_export(const struct kz_desk *d, char path[64])
{
	FILE *f = nameless(d, path);

	if (f != NULL && journal_export(d->store, f) != CARD_OK) {
		fclose(f);
		f = NULL;
	}
	return f;
}

static enum card_error put_key(void *ctx, const char *const *column, size_t n)
{
	return n == 2 && fprintf(ctx, "K\t%s\t%s\n", column[0] + strlen("checkpoint:"), column[1]) >
				       0
		       ? CARD_OK
		       : CARD_ERR_IO;
}

/* Terminals that share a store have left their public keys in it. */
static FILE *make_keys(const struct kz_desk *d, char path[64])
{
	FILE *f = nameless(d, path);

	if (f != NULL && (flow_store_run(d->store,
					 "SELECT name, value FROM counter_setting WHERE name"
					 " LIKE 'checkpoint:%' ORDER BY name",
					 NULL, 0, put_key, f) != CARD_OK ||
			  fflush(f) != 0)) {
		fclose(f);
		f = NULL;
	}
	return f;
}

static int tell(struct kz *kz, const card_buf_t *out)
{
	json_t *answer = json_loadb((const char *)out->p, out->n, 0, NULL);

	if (kz->opt.json && answer != NULL) {
		kz_json(kz, answer);
		return KZ_DONE;
	}
	json_decref(answer);
	if (out->n > 0)
		kz_say(kz, "%.*s", (int)out->n, (const char *)out->p);
	return KZ_DONE;
}

/* The verifier is a program of its own, beside this one. */
int kz_journal_verify(struct kz *kz, struct kz_desk *d, const struct kz_journal_words *w)
{
	char program[KZ_PATH_MAX], verifier[KZ_PATH_MAX + 32], key[KZ_PATH_MAX],
		outside[KZ_PATH_MAX], path[64], keys[64];
	const bool shared = flow_store_is_postgresql(d->store) && w->of == NULL;
	const char *argv[8 + 2 * COPIES_MAX] = {verifier, shared ? "--keys" : "--key",
						shared ? keys : key};
	size_t n = 3;
	card_buf_t out = {0};
	enum card_error err;
	int status = KZ_INTERNAL;
	FILE *f, *list;

	if (!kz_place_program(program, sizeof program))
		return kz_fail_error(kz, CARD_ERR_INTERNAL);
	snprintf(verifier, sizeof verifier, "%s/kazasu-journal-verify", program);
	if (w->of != NULL) {
		snprintf(key, sizeof key, "%s", w->key);
		outside[0] = '\0';
	} else {
		kz_desk_file(d, "checkpoint.pub.pem", key);
		kz_desk_file(d, "checkpoints.txt", outside);
	}
	if (access(outside, R_OK) == 0) { /* else no checkpoint yet */
		argv[n++] = "--checkpoints";
		argv[n++] = outside;
	}
	for (size_t i = 0; w->copies != NULL && w->copies[i] != NULL && i + 1 < COPIES_MAX; i++) {
		argv[n++] = "--checkpoints";
		argv[n++] = w->copies[i];
	}
	if (kz->opt.json)
		argv[n++] = "--json";
	argv[n++] = path;
	list = shared ? make_keys(d, keys) : NULL;
	f = make_export(d, path);
	err = f != NULL && (list != NULL || !shared)
		      ? kz_run(argv, NULL, &out, STDERR_FILENO, &status)
		      : CARD_ERR_IO;
	if (f != NULL)
		fclose(f);
	if (list != NULL)
		fclose(list);
	if (err == CARD_OK)
		tell(kz, &out);
	card_buf_free(&out);
	return err == CARD_OK ? status : kz_fail_error(kz, err);
}

int kz_journal_verify_of(struct kz *kz, const struct kz_journal_words *w)
{
	struct kz_desk d = {.store = NULL};
	struct flow_problem problem = {.text = ""};
	enum card_error err;
	int rc;

	if (w->key == NULL)
		return kz_fail_usage(kz, _("--of needs --key, the public key of the checkpoints."));
	err = flow_store_open(&d.store, w->of, FLOW_STORE_READ_ONLY, &problem);
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	snprintf(d.folder, sizeof d.folder, "/tmp");
	rc = kz_journal_verify(kz, &d, w);
	flow_store_close(&d.store);
	return rc;
}
