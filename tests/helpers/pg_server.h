/* SPDX-License-Identifier: Apache-2.0 */
/* pg_server.h — a PostgreSQL server of the test's own, on a socket that nobody else sees. */
#ifndef PG_SERVER_H
#define PG_SERVER_H

#include <sys/types.h>

struct pg_server {
	char folder[64];
	pid_t pid;
};

/* Make a cluster below /tmp and start its server; it ends with the test at the latest. */
void pg_server_start(struct pg_server *s);
void pg_server_stop(struct pg_server *s);

/* Power cut: kill it where it stands, and start it again on the same data. */
void pg_server_crash(struct pg_server *s);

/* "postgresql:host=… user=… dbname=postgres" into out. user NULL: the owner. */
void pg_server_where(const struct pg_server *s, const char *user, char out[256]);

#endif
