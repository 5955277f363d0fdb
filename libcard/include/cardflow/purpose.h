/* SPDX-License-Identifier: Apache-2.0 */
/*
 * purpose.h — the purposes (事務) for which a register may be asked, and what it may answer
 * (rules ch. 6, PD-03, PD-29).
 */
#ifndef CARDFLOW_PURPOSE_H
#define CARDFLOW_PURPOSE_H

#include <cardflow/attribute.h>
#include <cardflow/table.h>

#ifdef __cplusplus
extern "C" {
#endif

enum purpose_class { PURPOSE_LEGAL = 0 /* 法定 */, PURPOSE_ORDINANCE = 1 /* 条例 */ };
enum purpose_number { PURPOSE_NUMBER_NO = 0, PURPOSE_NUMBER_YES, PURPOSE_NUMBER_UNSTATED };

/* One row, in force from one day to another; texts are borrowed from the catalogue. */
struct purpose {
	const char *id;
	enum purpose_class rank;
	const char *basis_table; /* "別表3", …; "" where not known */
	const char *law, *text, *organ, *department;
	long count, expected; /* a year; -1: not stated */
	unsigned attributes;  /* a set of enum flow_attribute */
	enum purpose_number number;
	bool update; /* the right it takes: update, else inquiry */
	struct card_date from, to;
	const char *status, *note, *source;
	unsigned line; /* in purposes.csv: the version that a record names */
};

typedef struct purpose_catalogue purpose_catalogue_t;

/* Read purposes.csv. CARD_ERR_MALFORMED with *problem: unknown attribute, class or word; a number
 * that number_use does not allow; a period that ends before it begins; two rows of one id that
 * overlap. Errors of flow_table_read. */
CARD_API enum card_error purpose_catalogue_read(purpose_catalogue_t **out, const char *path,
						struct flow_problem *problem);
CARD_API void purpose_catalogue_free(purpose_catalogue_t **c);

CARD_API size_t purpose_count(const purpose_catalogue_t *c);
CARD_API const struct purpose *purpose_at(const purpose_catalogue_t *c, size_t i);

/* Yearly counts added up (C-03): of the rows of one class that state one. */
CARD_API long purpose_sum(const purpose_catalogue_t *c, enum purpose_class rank);

enum purpose_answer {
	PURPOSE_OK = 0,
	PURPOSE_UNKNOWN,   /* no row has this id */
	PURPOSE_NOT_YET,   /* its first day is later */
	PURPOSE_ENDED,     /* its last day is past */
	PURPOSE_ATTRIBUTE, /* an attribute outside it */
	PURPOSE_NO_NUMBER  /* the 個人番号, which it does not use */
};

/* May these attributes be asked under this purpose on this day? *found (may be NULL) receives the
 * row that decided, NULL if there is none. */
CARD_API enum purpose_answer purpose_check(const purpose_catalogue_t *c, const char *id,
					   struct card_date day, unsigned attributes,
					   const struct purpose **found);

/* "ok", "purpose_unknown", "purpose_not_yet", … Static, stable: journal and JSON carry it. */
CARD_API const char *purpose_answer_code(enum purpose_answer a);

#ifdef __cplusplus
}
#endif
#endif
