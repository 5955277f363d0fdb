/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mutants.h — certificates of both CAs, generations, algorithms and ages, and changes of
 * them. A mutant changes the encoding (octets, lengths, whole elements) or one field;
 * most are signed again, so that the signature does not hide what else is wrong.
 */
#ifndef MUTANTS_H
#define MUTANTS_H

#include <card/path.h>

#include "made_pki.h"

#define MUTANTS_SEEDS 48

/* The instant at which the seeds are in force. */
static const int64_t mutants_day = 86400, mutants_now = 1780000000;

/* The issuers; those of signatures and of authentication share a name each. */
extern struct mutants_ca {
	struct made_key sign_ca[2], auth_ca[2], sign_p384;
} mutants_ca;

extern struct mutant_seed {
	card_buf_t tbs, der;
	const struct made_key *issuer;
	enum card_use use;
	struct made_cert made;
} mutants_seed[MUTANTS_SEEDS];

/* Make keys and seeds; release them. */
void mutants_start(void);
void mutants_end(void);

/* One change of a seed, into out, which is emptied first. */
void mutants_make(const struct mutant_seed *s, card_buf_t *out);

/* A number below this, the same ones in every run. */
uint32_t mutants_pick(uint32_t below);

#endif
