/* SPDX-License-Identifier: Apache-2.0 */
/*
 * procedures.h — for which procedures the 個人番号 may be read.
 *
 * rules R1-10, R3-13, R7-03: only for work that the Number Act names, and every read names its
 * basis. The tables of rules decide (procedures.csv).
 */
#ifndef KAZASU_PROCEDURES_H
#define KAZASU_PROCEDURES_H

#include "kazasu.h"

#include <cardflow/rules.h>

struct kz_procedures {
	struct flow_rules rules;
	char with_number[512]; /* ids of today's procedures that may have it, joined by ", " */
};

/* Read the tables. KZ_GO, or the exit code; close in any case. */
int kz_procedures_open(struct kz *kz, struct kz_procedures *out);
void kz_procedures_close(struct kz_procedures *p);

/* NULL: no such procedure today. */
const struct flow_procedure *kz_procedure_find(const struct kz *kz, const struct kz_procedures *p,
					       const char *id);

#endif
