/* SPDX-License-Identifier: Apache-2.0 */
/* generate_people.h — a household and what the offices know of its people. */
#ifndef GENERATE_PEOPLE_H
#define GENERATE_PEOPLE_H

#include "generate.h"

#define HOUSEHOLD_MAX 6

struct person {
	char atena[24], member[24];
	char name[700], kana[300], surname[700], given[700], given_kana[150];
	char former[350], former_kana[150];
	char birth[11], number[13];
	const char *relation, *sex, *status;
	const struct foreigner *foreigner;
	const struct flow_record_person *known;
	int birth_year;
	bool child;
};

struct household {
	char id[24], koseki[24], address[900], honseki[400], hittousha[700];
	char since[11];
	struct person person[HOUSEHOLD_MAX];
	size_t n;
	bool registered; /* its 戸籍 is in this municipality */
};

enum {
	SINK_HOUSEHOLD,
	SINK_RESIDENT,
	SINK_NUMBER,
	SINK_NOTICE,
	SINK_IMAGE,
	SINK_SEAL,
	SINK_INCOME,
	SINK_PAYMENT,
	SINK_KOSEKI,
	SINK_MEMBER,
	SINK_ENTRY,
	SINK_FUHYO,
	SINK_CERTIFICATE,
	SINKS
};

struct generator {
	const struct flow_record_generate *how;
	struct dice dice;
	flow_fonts_t *fonts; /* for seals */
	struct sink sink[SINKS];
	long residents, households;
	int year;     /* of the day */
	char **image; /* surnames that have a seal picture already */
	size_t images;
};

/* A household of invented people, or of a person who is known. */
void people_invent(struct generator *g, struct household *h,
		   const struct flow_record_person *known);

/* Rows about it. */
enum card_error people_put(struct generator *g, struct household *h);
enum card_error people_put_register(struct generator *g, const struct household *h);
enum card_error people_put_offices(struct generator *g, const struct household *h,
				   const struct person *p);

/* The year of a date. */
int people_year(const char *date);
void people_date(struct dice *d, int from_year, int to_year, char out[11]);

#endif
