/* SPDX-License-Identifier: Apache-2.0 */
/*
 * both_stores.h — for programs whose tests run on SQLite and again on a PostgreSQL server of the
 * program's own. Include it after
 *
 *   static void begin(void **state, struct pg_server *server);   server NULL: SQLite
 *   static void end(void **state);
 *
 * BOTH(test) is two rows of a table, ON_SQLITE and ON_POSTGRESQL are one; run_on_both(table) runs it.
 */
#ifndef BOTH_STORES_H
#define BOTH_STORES_H

#include "pg_server.h"
#include "test.h"

static struct pg_server both_server;

static inline int both_sqlite(void **state)
{
	begin(state, NULL);
	return 0;
}

static inline int both_postgresql(void **state)
{
	begin(state, &both_server);
	return 0;
}

static inline int both_end(void **state)
{
	end(state);
	return 0;
}

static inline int both_start(void **state)
{
	(void)state;
	pg_server_start(&both_server);
	return 0;
}

static inline int both_stop(void **state)
{
	(void)state;
	pg_server_stop(&both_server);
	return 0;
}

#define ON_SQLITE(test)                                                                            \
	{                                                                                          \
#test " [sqlite]", test, both_sqlite, both_end, NULL                               \
	}
#define ON_POSTGRESQL(test)                                                                        \
	{                                                                                          \
#test " [postgresql]", test, both_postgresql, both_end, NULL                       \
	}
#define BOTH(test) ON_SQLITE(test), ON_POSTGRESQL(test)

#define run_on_both(tests) cmocka_run_group_tests(tests, both_start, both_stop)

#endif
