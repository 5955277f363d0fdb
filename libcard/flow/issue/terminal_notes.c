/* SPDX-License-Identifier: Apache-2.0 */
/* terminal_notes.c — what a terminal must still know after its power was cut. No personal data. */
#include "terminal.h"

#include <card/date.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static int lock_of(const char *path)
{
	char name[4096 + 8];
	int fd;

	snprintf(name, sizeof name, "%s.lock", path);
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		close(fd);
		return -2;
	}
	return fd;
}

enum card_error notes_lock(flow_terminal_t *t)
{
	t->lock = lock_of(t->notes);
	return t->lock >= 0 ? CARD_OK : t->lock == -2 ? CARD_ERR_READER_BUSY : CARD_ERR_IO;
}

enum card_error notes_read(flow_terminal_t *t)
{
	json_error_t error;
	FILE *f = fopen(t->notes, "re");

	if (f == NULL) {
		if (errno != ENOENT)
			return CARD_ERR_IO;
		t->note = json_pack("{s:i, s:i, s:[], s:n, s:n, s:[]}", "application", 0, "counter",
				    0, "open", "blocked", "missing", "covers");
		return t->note != NULL ? CARD_OK : CARD_ERR_NO_MEMORY;
	}
	t->note = json_loadf(f, JSON_REJECT_DUPLICATES, &error);
	fclose(f);
	if (t->note != NULL && !json_is_array(json_object_get(t->note, "covers")))
		json_object_set_new(t->note, "covers", json_array());
	if (json_is_integer(json_object_get(t->note, "application")) &&
	    json_is_integer(json_object_get(t->note, "counter")) &&
	    json_is_array(json_object_get(t->note, "open")))
		return CARD_OK;
	return CARD_ERR_MALFORMED;
}

static bool sync_folder(const char *path)
{
	char folder[4096];
	char *slash;
	int fd;
	bool good;

	snprintf(folder, sizeof folder, "%s", path);
	slash = strrchr(folder, '/');
	if (slash == NULL)
		snprintf(folder, sizeof folder, ".");
	else
		slash[slash == folder] = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	good = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return good;
}

enum card_error notes_write(flow_terminal_t *t)
{
	char path[4096 + 8];
	FILE *f;
	int fd;
	bool good;

	snprintf(path, sizeof path, "%s.new", t->notes);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return CARD_ERR_IO;
	f = fdopen(fd, "w");
	if (f == NULL) {
		close(fd);
		return CARD_ERR_IO;
	}
	good = json_dumpf(t->note, f, JSON_INDENT(1)) == 0;
	good = fflush(f) == 0 && fsync(fd) == 0 && good;
	good = fclose(f) == 0 && good;
	good = good && rename(path, t->notes) == 0 && sync_folder(t->notes);
	return good ? CARD_OK : CARD_ERR_IO;
}

enum card_error notes_application(flow_terminal_t *t, char out[48])
{
	json_int_t n = json_integer_value(json_object_get(t->note, "application")) + 1;

	if (n < 1 || n > 999999999)
		return CARD_ERR_TOO_LONG;
	snprintf(out, 48, "%s-%09lld", t->id, (long long)n);
	if (json_object_set_new(t->note, "application", json_integer(n)) != 0)
		return CARD_ERR_NO_MEMORY;
	return notes_write(t);
}

int64_t notes_counter(const flow_terminal_t *t)
{
	return json_integer_value(json_object_get(t->note, "counter"));
}

enum card_error notes_count(flow_terminal_t *t, int64_t sheets)
{
	if (sheets < 0 ||
	    json_object_set_new(t->note, "counter", json_integer(notes_counter(t) + sheets)) != 0)
		return CARD_ERR_INVALID_ARGUMENT;
	return notes_write(t);
}

static void take_out(const struct errand *e)
{
	json_t *open = json_object_get(e->t->note, "open");

	for (size_t i = json_array_size(open); i-- > 0;) {
		const char *id =
			json_string_value(json_object_get(json_array_get(open, i), "transaction"));

		if (id != NULL && strcmp(id, e->transaction) == 0)
			json_array_remove(open, i);
	}
}

/* As POST /v1/sessions tells it after a restart (docs/issuance.md). */
static json_t *entry(const struct errand *e, const char *state, const char *payment_result)
{
	json_t *copies = json_array(), *payment = json_null();

	for (unsigned i = 0; i < e->paper.copies; i++)
		json_array_append_new(copies, json_pack("{s:s, s:i}", "copy", e->paper.number[i],
							"sheets", (int)e->paper.pages));
	if (*e->payment != '\0')
		payment = json_pack("{s:s, s:s, s:I}", "id", e->payment, "result",
				    payment_result != NULL ? payment_result : "unknown", "amount",
				    (json_int_t)e->amount);
	return json_pack("{s:s, s:s, s:s, s:o, s:I, s:o, s:i}", "transaction", e->transaction,
			 "inquiry", e->out->inquiry, "state", state, "payment", payment, "counter",
			 (json_int_t)notes_counter(e->t), "copies", copies, "attempt",
			 (int)e->attempt);
}

enum card_error notes_put(const struct errand *e, const char *state, const char *payment_result)
{
	json_t *one = entry(e, state, payment_result);

	take_out(e);
	if (one == NULL || json_array_append_new(json_object_get(e->t->note, "open"), one) != 0)
		return CARD_ERR_NO_MEMORY;
	return notes_write(e->t);
}

enum card_error notes_drop(const struct errand *e)
{
	take_out(e);
	return notes_write(e->t);
}

/* ---- closed to others ---- */

enum card_error notes_block(flow_terminal_t *t, const char *reason, const char *inquiry)
{
	char since[26];

	if (json_is_object(json_object_get(t->note, "blocked")))
		return CARD_OK;
	card_time_format_japan(t->w.now(t->w.ctx), since);
	if (json_object_set_new(t->note, "blocked",
				json_pack("{s:s, s:s?, s:s}", "reason", reason, "inquiry", inquiry,
					  "since", since)) != 0)
		return CARD_ERR_NO_MEMORY;
	return notes_write(t);
}

enum card_error notes_missing(flow_terminal_t *t, const char *word, const char *inquiry)
{
	char since[26];

	if (word == NULL && json_is_null(json_object_get(t->note, "missing")))
		return CARD_OK;
	card_time_format_japan(t->w.now(t->w.ctx), since);
	if (json_object_set_new(t->note, "missing",
				word == NULL ? json_null()
					     : json_pack("{s:s, s:s?, s:s}", "what", word,
							 "inquiry", inquiry, "since", since)) != 0)
		return CARD_ERR_NO_MEMORY;
	return notes_write(t);
}

enum card_error notes_clear(flow_terminal_t *t, const struct flow_terminal_clearing *clearing)
{
	const json_t *blocked = json_object_get(t->note, "blocked");
	json_t *covers = json_object_get(t->note, "covers");
	char time[26];

	card_time_format_japan(t->w.now(t->w.ctx), time);
	if (clearing->cover[0] != '\0' &&
	    json_array_append_new(
		    covers, json_pack("{s:s, s:i, s:b, s:s?, s:s, s:s}", "cover", clearing->cover,
				      "sheets", (int)clearing->sheets, "card", clearing->card,
				      "inquiry", flow_issue_text(blocked, "inquiry", 63), "by",
				      clearing->by, "since", time)) != 0)
		return CARD_ERR_NO_MEMORY;
	if (json_object_set_new(t->note, "blocked", json_null()) != 0)
		return CARD_ERR_NO_MEMORY;
	return notes_write(t);
}

const json_t *flow_terminal_blocked(const flow_terminal_t *t)
{
	const json_t *blocked = json_object_get(t->note, "blocked");

	return json_is_object(blocked) ? blocked : NULL;
}

json_t *flow_terminal_notes(const char *path)
{
	return path != NULL ? json_load_file(path, JSON_REJECT_DUPLICATES, NULL) : NULL;
}

bool flow_terminal_driven(const char *path)
{
	const int fd = path != NULL ? lock_of(path) : -1;

	if (fd >= 0)
		close(fd);
	return fd == -2;
}

static enum card_error take_cover(flow_terminal_t *t, const char *cover, json_t **was)
{
	json_t *covers;
	size_t i;
	const json_t *one;
	enum card_error err = notes_read(t);

	if (err != CARD_OK)
		return err;
	covers = json_object_get(t->note, "covers");
	json_array_foreach(covers, i, one)
	{
		const char *name = flow_issue_text(one, "cover", 32);

		if (name == NULL || strcmp(name, cover) != 0)
			continue;
		if (was != NULL)
			*was = json_deep_copy(one);
		json_array_remove(covers, i);
		return notes_write(t);
	}
	return CARD_ERR_NOT_FOUND;
}

enum card_error flow_terminal_cover_end(const char *path, const char *cover, json_t **was)
{
	flow_terminal_t *t = calloc(1, sizeof *t);
	enum card_error err;

	if (was != NULL)
		*was = NULL;
	if (t == NULL)
		return CARD_ERR_NO_MEMORY;
	if (path == NULL || cover == NULL || strlen(path) >= sizeof t->notes) {
		free(t);
		return CARD_ERR_INVALID_ARGUMENT;
	}
	memcpy(t->notes, path, strlen(path) + 1);
	err = notes_lock(t);
	if (err == CARD_OK)
		err = take_cover(t, cover, was);
	json_decref(t->note);
	if (t->lock >= 0)
		close(t->lock);
	free(t);
	return err;
}
