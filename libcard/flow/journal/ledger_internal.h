/* SPDX-License-Identifier: Apache-2.0 */
/* ledger_internal.h — the entries of a register of terminal use. */
#ifndef LEDGER_INTERNAL_H
#define LEDGER_INTERNAL_H

#include "journal_internal.h"

#include <cardflow/ledger.h>

struct ledger_entry {
	char day[11], terminal[41], operator_id[33];
	int start, end; /* minutes of the day, both inclusive */
	unsigned line;
	bool used; /* a record was found inside */
};

struct journal_ledger {
	struct ledger_entry *entry;
	size_t n;
};

/* "HH:MM" as minutes; -1. */
int ledger_minutes(const char *text);

/* True if a record shows that its operator was at the terminal. */
bool ledger_counts(const struct journal_entry *e);

#endif
