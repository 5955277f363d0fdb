/* SPDX-License-Identifier: Apache-2.0 */
/* record_load.h — rows of the records in memory, wiped when they are given back. */
#ifndef RECORD_LOAD_H
#define RECORD_LOAD_H

#include "record.h"

struct record_row {
	const struct record_table *table;
	char *value[RECORD_COLUMNS];
};

struct record_rows {
	struct record_row *row;
	size_t n, room;
};

/* Add the rows of a table; where: what follows WHERE, with $1, $2… CARD_ERR_TOO_LONG above 1,000
 * rows; errors of the store. */
enum card_error record_load(flow_store_t *store, struct record_rows *out, const char *table,
			    const char *where, const char *const *params, size_t n);
void record_rows_free(struct record_rows *rows);

/* A value by the name of its column; never NULL. */
const char *record_get(const struct record_row *r, const char *column);
struct card_date record_day(const struct record_row *r, const char *column);

#endif
