/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows.h — a table whose rows are versions: each has an id and is in force from one day to another
 * (rules PD-29). Procedures and purposes are such tables.
 */
#ifndef RULES_ROWS_H
#define RULES_ROWS_H

#include <cardflow/table.h>

struct rules_rows {
	flow_table_t *table;
	void *row; /* n structures of `size` bytes; their texts are borrowed from the table */
	size_t n, size;
};

/* Who a row is and when it is in force; an end that is {0} is open. */
struct rules_version {
	const char *id;
	struct card_date from, to;
	unsigned line;
};

struct rules_reader {
	const char *const *columns;
	size_t size;
	/* Fill in row i, which is zeroed. */
	enum card_error (*read)(const flow_table_t *t, size_t i, void *row,
				struct flow_problem *problem);
	struct rules_version (*version)(const void *row);
};

/* Read a table. CARD_ERR_MALFORMED with *problem: what `read` says; a period that ends before it begins;
 * two rows of one id that are in force on the same day. On error *out is empty. */
enum card_error rules_rows_read(struct rules_rows *out, const char *path,
				const struct rules_reader *reader, struct flow_problem *problem);
void rules_rows_free(struct rules_rows *r);

/* NULL outside the table. */
const void *rules_rows_at(const struct rules_rows *r, size_t i);

#endif
