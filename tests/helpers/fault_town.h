/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault_town.h — a centre, a municipality, a store and a terminal as real processes, which may be
 * killed where they stand and started again, with wires between them that fail (wire.h, pg_wire.h).
 * What is not said otherwise ends the program with a message if it cannot be done.
 */
#ifndef FAULT_TOWN_H
#define FAULT_TOWN_H

#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>
#include <time.h>

#include <cardflow/store.h>

#include "pg_server.h"
#include "pg_wire.h"
#include "wire.h"

#define FAULT_PATH 256

/* What the keeper is to do. */
#define FAULT_CENTER 1u /* start it */
#define FAULT_ISSUER 2u
#define FAULT_STORE  4u /* kill the PostgreSQL server and start it again */

struct fault_town {
	char folder[FAULT_PATH]; /* as tests/kiosk/place.sh makes it, with its cells below */
	char bin[FAULT_PATH];    /* of the programs */
	char store[512];         /* as the oracle opens it */
	char terminal[16];       /* whose turn it is */
	int64_t ahead; /* seconds that the centre's clock is ahead of noon and the time since */
	time_t first;
	struct pg_server pg;
	struct pg_wire *pg_wire;           /* NULL: SQLite */
	unsigned center_wire, issuer_wire; /* ports that terminal and centre are told */
	/* Kept by the keeper; a port of 0 is a program that is not up. */
	pthread_mutex_t lock;
	pthread_cond_t change;
	unsigned center_port, issuer_port, jobs;
	pid_t center, issuer;
	atomic_int kiosk; /* pid of the terminal that runs, 0: none */
	/* What happens on the wires between terminal and centre, and centre and issuer. */
	enum wire_act (*at)(struct fault_town *t, bool to_issuer, enum wire_point point,
			    struct wire_message *m);
};

void fault_die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
/* A path below a folder into out[FAULT_PATH + 96]. */
void fault_path(char out[FAULT_PATH + 96], const char *folder, const char *name);

/* Everything runs when this returns. t->folder, bin and at are set. */
void fault_town_open(struct fault_town *t, bool postgresql);
/* SIGTERM to all of them. */
void fault_town_close(struct fault_town *t);

/* Jobs of the keeper; wait: until they are done. */
void fault_keep(struct fault_town *t, unsigned jobs, bool wait);
/* SIGKILL; the keeper starts it again only when told. */
void fault_kill_center(struct fault_town *t);
void fault_kill_issuer(struct fault_town *t);
void fault_kill_kiosk(struct fault_town *t);
/* The centre ends, and begins with a clock that is this much ahead. */
void fault_center_later(struct fault_town *t, int64_t ahead);

/* One run of `kazasu kiosk issue`. */
struct fault_run {
	const char *arguments; /* words with blanks between them */
	const char *card, *pins;
	char folder[FAULT_PATH]; /* of this terminal: its state, and out in it */
	const char *out;         /* folder of the paper, below folder */
	int message_seconds;
	unsigned cut_at;  /* SIGKILL at this durable step, from 1; 0: none */
	bool cut_before;  /* before it is done, not after */
	unsigned durable; /* how many there were; counted if trace */
	bool trace;
	int status;                      /* exit code, or 256 + signal */
	char state[24], transaction[33]; /* of what it told; "" */
};
void fault_run(struct fault_town *t, struct fault_run *r);

/* HTTPS to the centre itself, not over the wire. post NULL: GET. out: the body of the answer;
 * the status is returned. Tried again while the centre is away or answers 503. who: "operator-sato", "terminal-T1". */
long fault_ask(struct fault_town *t, const char *who, const char *path, const char *post,
	       card_buf_t *out);

/* First column of the first row as a number; 0: none. param may be NULL. */
int64_t fault_number(flow_store_t *db, const char *sql, const char *param);

#endif
