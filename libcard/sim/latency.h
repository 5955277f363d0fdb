/* SPDX-License-Identifier: Apache-2.0 */
/*
 * latency.h — how long a command takes on a real reader: one table of constants.
 */
#ifndef SIM_LATENCY_H
#define SIM_LATENCY_H

#include <card/sim.h>

struct sim_work {
	size_t sent, received; /* bytes of the command and the response APDU */
	unsigned rsa;          /* private key operations */
	unsigned writes;       /* counters written */
};

/* Nanoseconds of one command. */
uint64_t sim_latency(enum card_sim_latency profile, const struct sim_work *w);

#endif
