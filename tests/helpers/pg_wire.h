/* SPDX-License-Identifier: Apache-2.0 */
/* pg_wire.h — the socket of a PostgreSQL server with somebody on it, who can lose a COMMIT. */
#ifndef PG_WIRE_H
#define PG_WIRE_H

enum pg_wire_fault {
	PG_WIRE_NONE = 0,
	PG_WIRE_BEFORE, /* the next COMMIT is not delivered, the connection ends */
	PG_WIRE_AFTER   /* it is delivered and done, its answer is lost */
};

struct pg_wire;

/* Listens in folder as a server would; goes on to the server whose socket is in server. NULL: it
 * could not. Lives as long as the program. */
struct pg_wire *pg_wire_open(const char *folder, const char *server);

/* Take effect once, at the next COMMIT of any connection. */
void pg_wire_arm(struct pg_wire *w, enum pg_wire_fault fault);
/* Whether one is still waiting for its COMMIT. */
enum pg_wire_fault pg_wire_armed(const struct pg_wire *w);

#endif
