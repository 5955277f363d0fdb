/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.h — the command line of kazasu-vcard.
 */
#ifndef VCARD_OPTIONS_H
#define VCARD_OPTIONS_H

#include <card/sim.h>

#define VCARD_MAX_QUIRKS 32

struct vcard_options {
	const char *persona;
	const char *host;
	unsigned port;
	unsigned reinsert_ms; /* after a tear: put the card back; 0: end */
	const char *quirks[VCARD_MAX_QUIRKS];
	struct card_sim_options card;
};

/* -1: go on; else the exit status (help was printed, or what is wrong). */
int vcard_options_read(struct vcard_options *o, int argc, char **argv);

#endif
