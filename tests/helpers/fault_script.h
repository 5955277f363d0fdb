/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault_script.h — what people do at a terminal, and what may go wrong at each message of it. A cell
 * of the matrix is one script, one place in it, one fault.
 */
#ifndef FAULT_SCRIPT_H
#define FAULT_SCRIPT_H

#include "fault_oracle.h"

struct fault_script {
	const char *name, *arguments, *card, *pins;
	bool second; /* the same was done a moment ago: "again?" */
	bool notes;  /* the terminal's power is cut at each durable step of it, too */
};

extern const struct fault_script fault_scripts[];
extern const size_t fault_script_count;
const struct fault_script *fault_script_of(const char *name);

/* What happens to one message. */
enum fault_kind {
	FAULT_CUT_REQUEST = 0, /* the connection ends before it is delivered */
	FAULT_CUT_ANSWER,      /* it is delivered, its answer is lost */
	FAULT_DEAD_REQUEST,    /* not delivered, and nothing passes from now on */
	FAULT_DEAD_ANSWER,     /* delivered, and nothing passes from now on */
	FAULT_SLOW_REQUEST,    /* delivered after the sender gave up */
	FAULT_SLOW_ANSWER,     /* answered after the sender gave up */
	FAULT_TWICE,           /* delivered twice; the second answer counts */
	FAULT_LATER,           /* delivered again after the next message */
	FAULT_HALF_ANSWER,     /* the answer ends in the middle */
	FAULT_BENT_REQUEST,    /* a byte of it is altered */
	FAULT_BENT_ANSWER,     /* a byte of the answer is altered */
	FAULT_OLD_ANSWER,      /* the answer to the message before comes in place of it */
	FAULT_CENTER_BEFORE,   /* the centre is killed before it came */
	FAULT_CENTER_AFTER,    /* … when it has answered, before the answer came */
	FAULT_TERMINAL_BEFORE, /* the terminal is killed … */
	FAULT_TERMINAL_AFTER,
	FAULT_BOTH_AFTER, /* terminal and centre */
	FAULT_ISSUER_BEFORE,
	FAULT_STORE_BEFORE, /* PostgreSQL is killed; SQLite: the centre, while it waits for the store */
	FAULT_STORE_AFTER,
	FAULT_COMMIT_BEFORE, /* PostgreSQL: its COMMIT does not come */
	FAULT_COMMIT_AFTER,  /* … is done, and the answer is lost */
	FAULT_GONE,          /* its answer is lost, and the terminal is never seen again that day */
	FAULT_STOPPED,       /* 緊急停止 of this terminal the moment before */
	FAULT_KINDS_
};

const char *fault_kind_name(enum fault_kind kind);
/* The class it is counted in: "cut", "delay", "repeat", … */
const char *fault_kind_class(enum fault_kind kind);

/* One message of a script: wire, name with what it says ("payment:settled"), the state it meets. */
struct fault_step {
	char script[16], key[40], state[20];
	bool issuer; /* between centre and issuer */
};

/* Whether this fault can happen to this message here. */
bool fault_possible(const struct fault_step *step, enum fault_kind kind, bool postgresql);

/* ---- one run with one fault on the wires ---- */

#define FAULT_TRAIL 64

struct fault_plan {
	const struct fault_step *step; /* NULL: nothing happens */
	enum fault_kind kind;
	/* What came of it. */
	bool met, over, dead[2];
	char state[20]; /* of the terminal's transaction, as the centre answered last */
	struct fault_step trail[FAULT_TRAIL]; /* of all messages */
	size_t trails;
	card_buf_t kept, before; /* a request for later, the answer before */
	char kept_path[WIRE_PATH];
	unsigned kept_status; /* of its repetition */
	pthread_mutex_t lock;
};

/* Begin a run; what hangs in town->at is fault_script_at. */
void fault_plan_begin(const struct fault_step *step, enum fault_kind kind);
/* Whether the message came. */
bool fault_plan_met(void);
/* The link and every program are whole again; what is kept for later may still come. */
struct fault_plan *fault_plan_end(struct fault_town *t);
enum wire_act fault_script_at(struct fault_town *t, bool issuer, enum wire_point point,
			      struct wire_message *m);

#endif
