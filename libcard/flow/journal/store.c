/* SPDX-License-Identifier: Apache-2.0 */
#include "store_internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char prefix[] = "postgresql:";

void store_note(flow_store_t *s, const char *message)
{
	size_t n;

	snprintf(s->message, sizeof s->message, "%s", message != NULL ? message : "");
	/* One line: libpq ends its messages with a line end and may add details below. */
	n = strcspn(s->message, "\r\n");
	s->message[n] = '\0';
}

enum card_error flow_store_open(flow_store_t **out, const char *where, unsigned flags,
				struct flow_problem *problem)
{
	flow_store_t *s;
	enum card_error err;

	if (out == NULL || where == NULL || *where == '\0')
		return CARD_ERR_INVALID_ARGUMENT;
	s = calloc(1, sizeof *s);
	if (s == NULL)
		return CARD_ERR_NO_MEMORY;
	if (strncmp(where, prefix, sizeof prefix - 1) == 0)
		err = store_open_postgresql(s, where + sizeof prefix - 1, flags);
	else
		err = store_open_sqlite(s, where, flags);
	if (err != CARD_OK) {
		flow_problem_set(problem, "store", 0, "%s", s->message);
		flow_store_close(&s);
		return err;
	}
	*out = s;
	return CARD_OK;
}

void flow_store_close(flow_store_t **s)
{
	if (s == NULL || *s == NULL)
		return;
	if ((*s)->ops != NULL)
		(*s)->ops->close(*s);
	for (size_t i = 0; i < (*s)->statements; i++)
		free((*s)->statement[i].sql);
	free(*s);
	*s = NULL;
}

bool flow_store_is_postgresql(const flow_store_t *s)
{
	return s != NULL && strcmp(s->ops->begin, "BEGIN") == 0;
}

enum card_error flow_store_run(flow_store_t *s, const char *sql, const char *const *params,
			       size_t n, flow_row_fn row, void *ctx)
{
	if (s == NULL || sql == NULL || (n > 0 && params == NULL))
		return CARD_ERR_INVALID_ARGUMENT;
	s->message[0] = '\0';
	return s->ops->run(s, sql, params, n, row, ctx);
}

enum card_error flow_store_add(flow_store_t *s, const char *into, size_t columns,
			       const char *const *values, size_t rows)
{
	if (s == NULL || into == NULL || columns == 0 || columns > STORE_COLUMNS ||
	    (rows > 0 && values == NULL))
		return CARD_ERR_INVALID_ARGUMENT;
	s->message[0] = '\0';
	return s->ops->add(s, into, columns, values, rows);
}

bool store_insert_text(const char *into, size_t columns, char *out, size_t room)
{
	int used = snprintf(out, room, "INSERT INTO %s VALUES (", into);

	for (size_t i = 1; i <= columns && used > 0 && (size_t)used < room; i++)
		used += snprintf(out + used, room - (size_t)used, i < columns ? "$%zu, " : "$%zu)",
				 i);
	return used > 0 && (size_t)used < room;
}

enum card_error flow_store_script(flow_store_t *s, const char *sql)
{
	return s != NULL && sql != NULL ? s->ops->script(s, sql) : CARD_ERR_INVALID_ARGUMENT;
}

enum card_error flow_store_begin(flow_store_t *s)
{
	return s != NULL ? s->ops->script(s, s->ops->begin) : CARD_ERR_INVALID_ARGUMENT;
}

enum card_error flow_store_commit(flow_store_t *s)
{
	return s != NULL ? s->ops->script(s, "COMMIT") : CARD_ERR_INVALID_ARGUMENT;
}

void flow_store_rollback(flow_store_t *s)
{
	char kept[sizeof s->message];

	if (s == NULL)
		return;
	/* The reason for giving up is the interesting one. */
	memcpy(kept, s->message, sizeof kept);
	s->ops->script(s, "ROLLBACK");
	memcpy(s->message, kept, sizeof kept);
}

enum card_error flow_store_copy(flow_store_t *s, const char *path)
{
	const char *params[] = {path};
	enum card_error err;
	int fd;

	if (s == NULL || path == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (flow_store_is_postgresql(s))
		return CARD_ERR_UNSUPPORTED;
	/* SQLite takes an empty file for a new one: its mode is ours. */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return access(path, F_OK) == 0 ? CARD_ERR_DENIED : CARD_ERR_IO;
	err = flow_store_run(s, "VACUUM INTO $1", params, 1, NULL, NULL);
	if (fsync(fd) != 0 && err == CARD_OK)
		err = CARD_ERR_IO;
	close(fd);
	if (err != CARD_OK)
		unlink(path);
	return err;
}

void flow_store_attach(flow_store_t *s, void *companion)
{
	if (s != NULL)
		s->companion = companion;
}

void *flow_store_attached(const flow_store_t *s)
{
	return s != NULL ? s->companion : NULL;
}

long flow_store_changes(const flow_store_t *s)
{
	return s != NULL ? s->changes : 0;
}

const char *flow_store_message(const flow_store_t *s)
{
	return s != NULL ? s->message : "";
}
