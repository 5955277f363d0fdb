/* SPDX-License-Identifier: Apache-2.0 */
/*
 * procedures.h — for which procedures the 個人番号 may be read.
 *
 * rules R1-10, R3-13, R7-03: only for work that the Number Act names, and every read names its
 * basis. The list is small and fixed in this program.
 */
#ifndef KAZASU_PROCEDURES_H
#define KAZASU_PROCEDURES_H

#include "kazasu.h"

struct kz_procedure {
	const char *id;
	const char *name;  /* official name, Japanese */
	const char *label; /* N_(…) */
	const char *basis; /* the legal basis as written in the Number Act; NULL: none */
	const char *rule;  /* the rule that decides */
};

/* NULL: no such procedure. */
const struct kz_procedure *kz_procedure_find(const char *id);

/* All of them; ends with id NULL. */
const struct kz_procedure *kz_procedures(void);

#endif
