/* SPDX-License-Identifier: Apache-2.0 */
/* generate.h — invented people, the same for the same seed. */
#ifndef GENERATE_H
#define GENERATE_H

#include "record.h"

#include <cardflow/issue_certificate.h>

/* SplitMix64: every number from the seed alone, on every machine. */
struct dice {
	uint64_t state;
};
uint64_t dice_next(struct dice *d);
unsigned dice_below(struct dice *d, unsigned n); /* 0 … n - 1 */
bool dice_chance(struct dice *d, unsigned percent);

struct name {
	const char *text, *kana;
};
const struct name *generate_surname(struct dice *d);
const struct name *generate_given(struct dice *d, bool woman, int birth_year);
/* A foreign resident: name in capitals, nationality, and a Japanese alias for some. */
struct foreigner {
	const char *name, *nationality, *alias, *woman;
};
const struct foreigner *generate_foreigner(struct dice *d);
void generate_address(struct dice *d, const char *place, char *out, size_t cap);
/* Full-width digits; returns out. */
const char *generate_digits(unsigned n, char out[40]);
const char *generate_elsewhere(struct dice *d);

/* One table's rows while generating. */
struct sink {
	flow_store_t *store;
	const struct record_table *table;
	char sql[3000];
	long rows;
	const char *value[RECORD_COLUMNS];
};
enum card_error sink_open(struct sink *s, flow_store_t *store, const char *table);
void sink_set(struct sink *s, const char *column, const char *value);
enum card_error sink_put(
	struct sink *s); /* columns not set are "" or 0; all are empty afterwards */

/* A seal with these characters as PNG in base64, on the heap. NULL: no memory. */
char *generate_seal_picture(flow_fonts_t *fonts, const char *text);

#endif
