/* SPDX-License-Identifier: Apache-2.0 */
#include "pg_wire.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_NAME ".s.PGSQL.5432"

struct pg_wire {
	char server[108];
	int fd;
	_Atomic enum pg_wire_fault fault;
};

struct pair {
	struct pg_wire *wire;
	int client, server;
};

static bool write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		const ssize_t k = send(fd, p, n, MSG_NOSIGNAL);

		if (k <= 0)
			return false;
		p += k;
		n -= (size_t)k;
	}
	return true;
}

/* A simple query "COMMIT": 'Q', length, text, NUL (PostgreSQL protocol 3.0, "Message Formats"). */
static bool is_commit(const char *p, size_t n)
{
	static const char commit[] = {'Q', 0, 0, 0, 11, 'C', 'O', 'M', 'M', 'I', 'T', 0};

	return n >= sizeof commit && memcmp(p, commit, sizeof commit) == 0;
}

/* From the client to the server; false: the connection is to end. */
static bool forward(struct pair *c)
{
	char piece[65536];
	const ssize_t n = recv(c->client, piece, sizeof piece, 0);
	enum pg_wire_fault fault = PG_WIRE_NONE;

	if (n <= 0)
		return false;
	if (is_commit(piece, (size_t)n))
		fault = atomic_exchange(&c->wire->fault, PG_WIRE_NONE);
	if (fault == PG_WIRE_BEFORE)
		return false;
	if (!write_all(c->server, piece, (size_t)n))
		return false;
	if (fault == PG_WIRE_AFTER) {
		/* Done when the server has answered. */
		(void)!recv(c->server, piece, sizeof piece, 0);
		return false;
	}
	return true;
}

static bool back(struct pair *c)
{
	char piece[65536];
	const ssize_t n = recv(c->server, piece, sizeof piece, 0);

	return n > 0 && write_all(c->client, piece, (size_t)n);
}

static int dial(const char *path)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static void *serve(void *ctx)
{
	struct pair *c = ctx;
	struct pollfd p[2] = {{.fd = c->client, .events = POLLIN}};
	bool good;

	c->server = dial(c->wire->server);
	p[1] = (struct pollfd){.fd = c->server, .events = POLLIN};
	good = c->server >= 0;
	while (good && poll(p, 2, -1) > 0) {
		if (p[0].revents != 0)
			good = forward(c);
		if (good && p[1].revents != 0)
			good = back(c);
	}
	close(c->client);
	if (c->server >= 0)
		close(c->server);
	free(c);
	return NULL;
}

static void *listen_on(void *ctx)
{
	struct pg_wire *w = ctx;
	pthread_t thread;

	for (;;) {
		const int fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC);
		struct pair *c = fd >= 0 ? calloc(1, sizeof *c) : NULL;

		if (c == NULL)
			continue;
		*c = (struct pair){w, fd, -1};
		if (pthread_create(&thread, NULL, serve, c) == 0)
			pthread_detach(thread);
	}
	return NULL;
}

struct pg_wire *pg_wire_open(const char *folder, const char *server)
{
	struct pg_wire *w = calloc(1, sizeof *w);
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	pthread_t thread;

	if (w == NULL)
		return NULL;
	snprintf(w->server, sizeof w->server, "%s/" SOCKET_NAME, server);
	snprintf(at.sun_path, sizeof at.sun_path, "%s/" SOCKET_NAME, folder);
	w->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (w->fd >= 0 && bind(w->fd, (struct sockaddr *)&at, sizeof at) == 0 &&
	    listen(w->fd, 64) == 0 && pthread_create(&thread, NULL, listen_on, w) == 0) {
		pthread_detach(thread);
		return w;
	}
	free(w);
	return NULL;
}

void pg_wire_arm(struct pg_wire *w, enum pg_wire_fault fault)
{
	atomic_store(&w->fault, fault);
}

enum pg_wire_fault pg_wire_armed(const struct pg_wire *w)
{
	return atomic_load(&w->fault);
}
