/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault_oracle.h — what must hold after any fault (flows §1, "What always holds"), looked at from
 * outside: the store, the paper that came out, what the payment unit took and gave, the issuer's record,
 * the terminal's files.
 */
#ifndef FAULT_ORACLE_H
#define FAULT_ORACLE_H

#include "fault_town.h"

/* Who stood before the terminal, and the folder of his paper. */
struct fault_person {
	const char *card;  /* "sim:child" */
	const char *name;  /* as on the paper */
	const char *words; /* another piece that is his alone: the end of his address */
	char atena[32];    /* as the issuer knows him */
};

struct fault_visit {
	const struct fault_person *person;
	const char *out; /* "out", below the folder */
};

struct fault_oracle {
	struct fault_town *town;
	const char *folder;   /* of this terminal */
	const char *terminal; /* its id; nobody else used it */
	const struct fault_visit *visit;
	size_t visits;
	bool late;            /* the day is over and every refund is paid: nothing may be open */
	bool papers;          /* late, and the papers were not looked at before */
	char complaint[1024]; /* "": all is well */
};

/* Look at everything; the first complaints are kept. */
void fault_oracle(struct fault_oracle *o);

/* A clean run of somebody: his atena, and the front of this kind that every later one must be. */
void fault_reference(struct fault_town *t, struct fault_person *p, const char *folder,
		     const char *out, const char *kind);

/* How often these words stand in files below a folder, besides folders that begin with out; as
 * UTF-8 and UTF-16. A name that was planted must be found, or the program ends. */
unsigned fault_words_below(const char *folder, const struct fault_person *p);

#endif
