/* SPDX-License-Identifier: Apache-2.0 */
/*
 * simcard.h — struct card_sim, shared by sim.c (the card) and reader.c (the slot).
 */
#ifndef SIM_CARD_H
#define SIM_CARD_H

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include <card/sim.h>

#include "chip.h"

struct card_sim {
	pthread_mutex_t lock;
	pthread_cond_t free_again; /* the transaction ended */
	const void *owner;         /* reader that holds the transaction */
	unsigned holders;
	uint64_t generation;
	bool powered, removed;
	unsigned long count, tear_after;
	enum card_sim_tear tear;
	enum card_sim_latency latency;
	bool has_keypad;
	char keypad[64];
	FILE *log;
	struct sim_chip *chip;
};

/* One holder less; the last one destroys the card. */
void sim_drop(struct card_sim *s);

#endif
