/* SPDX-License-Identifier: Apache-2.0 */
/* record.h — the tables of the records of a municipality, as data: what they are made, filled,
 * checked, exported and documented from. */
#ifndef RECORD_H
#define RECORD_H

#include <cardflow/issue_record.h>

#include <stdio.h>

enum record_type {
	RECORD_ID,     /* 1 to 64 letters, digits, '-', '.', '_' */
	RECORD_TEXT,   /* one line, no control characters */
	RECORD_LINES,  /* several lines, each 【項目】内容 */
	RECORD_DATE,   /* YYYY-MM-DD */
	RECORD_BIRTH,  /* the same, or YYYY-MM, or YYYY where the rest is not known */
	RECORD_COUNT,  /* 0 to 999,999,999,999 */
	RECORD_WORD,   /* one of the words */
	RECORD_NUMBER, /* 個人番号: 12 digits with a right check digit */
	RECORD_KEY,    /* 64 hexadecimal digits: an HMAC */
	RECORD_HASH,   /* argon2id, as `argon2 -e` writes it */
	RECORD_PICTURE /* PNG in base64 */
};

struct record_column {
	const char *name;
	enum record_type type;
	bool needed;
	size_t max;        /* bytes */
	const char *words; /* RECORD_WORD: joined by ';' */
	const char *meaning;
};

#define RECORD_COLUMNS 32

struct record_table {
	const char *name;  /* in the database; the file is NAME.csv without "record_" */
	const char *key;   /* columns of the primary key */
	const char *index; /* further indexes: "column;column" */
	const char *meaning;
	struct record_column column[RECORD_COLUMNS]; /* ended by an empty name */
};

extern const struct record_table record_tables[];
extern const size_t record_table_count;

size_t record_columns(const struct record_table *t);

/* What is wrong with a value, English; NULL if nothing. */
const char *record_value_wrong(const struct record_column *c, const char *value);

/* "INSERT INTO …($1, …) ON CONFLICT … DO UPDATE …". */
enum card_error record_insert_sql(const struct record_table *t, char *out, size_t cap);

/* Statements that find rows which contradict each other, with what it means. */
struct record_rule {
	const char *file, *text, *sql; /* the first column is the key that is named */
};
extern const struct record_rule record_rules[];
extern const size_t record_rule_count;

/* One record of a CSV file (RFC 4180, UTF-8): fields point into the line. */
struct record_csv {
	FILE *file;
	unsigned line; /* where the last record began, 1 is the header */
	unsigned next;
	char *text;
	size_t room;
	char *field[RECORD_COLUMNS];
	size_t fields;
};
/* False at the end, or with *wrong. */
bool record_csv_next(struct record_csv *c, const char **wrong);
void record_csv_close(struct record_csv *c);
void record_csv_write(FILE *f, const char *value);

#endif
