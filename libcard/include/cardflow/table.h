/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h — a table of rules in a file: UTF-8, comma-separated, a header line, no quoted fields,
 * lists inside a field joined by `;`, dates as YYYY-MM-DD, empty = not applicable (rules ch. 0).
 *
 * Rules are data: what a table says is checked when it is read, and what is wrong is named with
 * its file and line.
 */
#ifndef CARDFLOW_TABLE_H
#define CARDFLOW_TABLE_H

#include <card/bytes.h>
#include <card/date.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is wrong, for a person: "procedures.csv:7: …". text is one English sentence. */
struct flow_problem {
	char file[80];
	unsigned line; /* 1 is the header; 0: the file as a whole */
	char text[240];
};

/* Fill it in; p may be NULL. Always returns CARD_ERR_MALFORMED. */
CARD_API enum card_error flow_problem_set(struct flow_problem *p, const char *file, unsigned line,
					  const char *format, ...)
	__attribute__((format(printf, 4, 5)));

typedef struct flow_table flow_table_t;

/*
 * Read a table. columns: the names the header must have, in this order, ended by NULL. Lines end
 * with LF or CR LF; blank lines and lines that start with `#` are skipped; 512 MiB at most.
 * CARD_ERR_IO: not readable; CARD_ERR_TOO_LONG; CARD_ERR_MALFORMED with *problem (may be NULL):
 * header, number of fields, quotes, no UTF-8, control characters, no final line end.
 */
CARD_API enum card_error flow_table_read(flow_table_t **out, const char *path,
					 const char *const *columns, struct flow_problem *problem);
CARD_API void flow_table_free(flow_table_t **t);

CARD_API size_t flow_table_rows(const flow_table_t *t);
CARD_API unsigned flow_table_line(const flow_table_t *t, size_t row);

/* A field, as it stands; borrowed from the table. "" outside it. */
CARD_API const char *flow_table_get(const flow_table_t *t, size_t row, size_t column);

/* The name of the file without its folder. */
CARD_API const char *flow_table_name(const flow_table_t *t);

/* A date; an empty field is {0}. A count of digits; an empty field is -1.
 * CARD_ERR_MALFORMED with *problem. */
CARD_API enum card_error flow_table_date(const flow_table_t *t, size_t row, size_t column,
					 struct card_date *out, struct flow_problem *problem);
CARD_API enum card_error flow_table_count(const flow_table_t *t, size_t row, size_t column,
					  long *out, struct flow_problem *problem);

/* The position of a field in a list of words ended by NULL; CARD_ERR_MALFORMED if it is none. */
CARD_API enum card_error flow_table_word(const flow_table_t *t, size_t row, size_t column,
					 const char *const *words, size_t *out,
					 struct flow_problem *problem);

/* Lists joined by `;`. next: the next item from *at (start with the list), or n = 0 at the end. */
CARD_API struct card_bytes flow_list_next(const char **at);
CARD_API bool flow_list_has(const char *list, const char *word);

/* UTF-8 without U+0000, surrogates or overlong forms. */
CARD_API bool flow_utf8_valid(struct card_bytes text);

#ifdef __cplusplus
}
#endif
#endif
