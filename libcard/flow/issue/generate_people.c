/* SPDX-License-Identifier: Apache-2.0 */
/* generate_people.c — who lives together. */
#include "generate_people.h"

#include <card/text.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDE "　"

int people_year(const char *date)
{
	return (int)strtol(date, NULL, 10);
}

void people_date(struct dice *d, int from_year, int to_year, char out[11])
{
	const unsigned years = (unsigned)(to_year - from_year + 1);
	const unsigned y = (unsigned)from_year + dice_below(d, years);
	const struct card_date day = {(int16_t)y, (uint8_t)(1 + dice_below(d, 12)),
				      (uint8_t)(1 + dice_below(d, 28))};

	card_date_format(day, out);
}

/* Unique: eleven digits from the running number, and the check digit that fits. */
static void make_number(const struct generator *g, long position, char out[13])
{
	const uint64_t base = (g->how->seed * 7919u + (uint64_t)position * UINT64_C(99999989)) %
			      UINT64_C(100000000000);

	for (unsigned digit = 0; digit < 10; digit++) {
		snprintf(out, 13, "%011llu%u", (unsigned long long)base, digit);
		if (card_number_valid(out))
			return;
	}
}

static void full_name(struct person *p, const struct name *surname, const struct name *given)
{
	snprintf(p->surname, sizeof p->surname, "%s", surname->text);
	snprintf(p->given, sizeof p->given, "%s", given->text);
	snprintf(p->given_kana, sizeof p->given_kana, "%s", given->kana);
	snprintf(p->name, sizeof p->name, "%.340s" WIDE "%.340s", surname->text, given->text);
	snprintf(p->kana, sizeof p->kana, "%s" WIDE "%s", surname->kana, given->kana);
}

static struct person *add(struct generator *g, struct household *h, const char *relation, int from,
			  int to, const char *sex)
{
	struct person *p = &h->person[h->n++];

	*p = (struct person){.relation = relation, .status = "resident"};
	snprintf(p->atena, sizeof p->atena, "A%09ld", ++g->residents);
	people_date(&g->dice, from, to, p->birth);
	p->birth_year = people_year(p->birth);
	p->sex = sex != NULL ? sex : dice_chance(&g->dice, 50) ? "1" : "2";
	make_number(g, g->residents, p->number);
	return p;
}

static void name_it(struct generator *g, struct person *p, const struct name *surname)
{
	full_name(p, surname, generate_given(&g->dice, *p->sex == '2', p->birth_year));
}

static void marry(struct generator *g, struct household *h, const struct name *surname,
		  int birth_year)
{
	struct person *p = add(g, h, h->person[0].sex[0] == '1' ? "妻" : "夫", birth_year - 4,
			       birth_year + 4, h->person[0].sex[0] == '1' ? "2" : "1");
	const struct name *before = generate_surname(&g->dice);

	name_it(g, p, surname);
	/* 旧氏 is written beside the name for those who asked for it. */
	if (dice_chance(&g->dice, 8)) {
		snprintf(p->former, sizeof p->former, "%s", before->text);
		snprintf(p->former_kana, sizeof p->former_kana, "%s", before->kana);
	}
}

static void invent_family(struct generator *g, struct household *h, const struct name *surname)
{
	const unsigned shape = dice_below(&g->dice, 100);
	const int year = g->year - 24 - (int)dice_below(&g->dice, 66);
	struct person *head = add(g, h, "世帯主", year, year, shape < 35 ? NULL : "1");

	name_it(g, head, surname);
	if (shape >= 35)
		marry(g, h, surname, year);
	if (shape >= 55) {
		const unsigned children = 1 + dice_below(&g->dice, 3);

		for (unsigned i = 0; i < children && year + 24 + 3 * (int)i <= g->year - 1; i++) {
			struct person *p = add(g, h, "子", year + 23 + 3 * (int)i,
					       year + 24 + 3 * (int)i, NULL);

			name_it(g, p, surname);
			p->child = true;
		}
	}
	if (shape >= 95 && h->n < HOUSEHOLD_MAX)
		name_it(g, add(g, h, "母", year - 30, year - 22, "2"), surname);
}

static void invent_foreigner(struct generator *g, struct household *h)
{
	const struct foreigner *f = generate_foreigner(&g->dice);
	struct person *p = add(g, h, "世帯主", g->year - 60, g->year - 19, f->woman);

	p->foreigner = f;
	snprintf(p->name, sizeof p->name, "%s", f->name);
}

/* The family name is what stands before the blank. */
static void split_known(struct person *p)
{
	const char *blank = strstr(p->name, WIDE);

	snprintf(p->surname, sizeof p->surname, "%.*s",
		 blank != NULL ? (int)(blank - p->name) : (int)strlen(p->name), p->name);
	snprintf(p->given, sizeof p->given, "%.*s", (int)sizeof p->given - 1,
		 blank != NULL ? blank + strlen(WIDE) : p->name);
}

static void take_known(struct generator *g, struct household *h, const struct flow_record_person *k)
{
	const bool minor = people_year(k->birth) > g->year - 18;
	struct person *p, *head = NULL;
	struct name family;

	if (minor)
		head = add(g, h, "世帯主", g->year - 45, g->year - 35, "2");
	p = add(g, h, minor ? "子" : "世帯主", g->year - 30, g->year - 30, k->sex);
	p->known = k;
	p->child = minor;
	snprintf(p->name, sizeof p->name, "%s", k->name);
	snprintf(p->kana, sizeof p->kana, "%s", k->kana != NULL ? k->kana : "");
	snprintf(p->birth, sizeof p->birth, "%s", k->birth);
	p->birth_year = people_year(k->birth);
	if (k->number != NULL)
		snprintf(p->number, sizeof p->number, "%s", k->number);
	split_known(p);
	family = (struct name){p->surname, ""};
	if (head != NULL)
		name_it(g, head, &family);
	if (!minor && h->n == 1 && k == g->how->person) {
		marry(g, h, &family, p->birth_year);
		name_it(g, add(g, h, "子", g->year - 12, g->year - 8, NULL), &family);
		h->person[2].child = true;
	}
	/* The reading of a name that is only known in writing is not made up. */
	for (size_t i = 0; i < h->n; i++) {
		if (strncmp(h->person[i].kana, WIDE, strlen(WIDE)) == 0)
			h->person[i].kana[0] = '\0';
	}
}

/* What happens to people. The register of a person is that of the head: others' states are theirs. */
static void fate(struct generator *g, struct household *h)
{
	for (size_t i = 0; i < h->n; i++) {
		struct person *p = &h->person[i];

		if (p->known == NULL && i > 0 && dice_chance(&g->dice, 2))
			p->status = dice_chance(&g->dice, 60) ? "moved" : "deceased";
	}
}

void people_invent(struct generator *g, struct household *h, const struct flow_record_person *known)
{
	char number[40];

	*h = (struct household){.n = 0};
	snprintf(h->id, sizeof h->id, "H%08ld", ++g->households);
	generate_address(&g->dice, g->how->place, h->address, sizeof h->address);
	if (known != NULL)
		take_known(g, h, known);
	else if (dice_chance(&g->dice, 4))
		invent_foreigner(g, h);
	else
		invent_family(g, h, generate_surname(&g->dice));
	if (known != NULL && known->address != NULL)
		snprintf(h->address, sizeof h->address, "%s", known->address);
	people_date(&g->dice, g->year - 20, g->year - 1, h->since);
	h->registered =
		h->person[0].foreigner == NULL && (known != NULL || dice_chance(&g->dice, 55));
	snprintf(h->koseki, sizeof h->koseki, "K%08ld", g->households);
	if (!h->registered)
		snprintf(h->honseki, sizeof h->honseki, "%s", generate_elsewhere(&g->dice));
	else
		snprintf(h->honseki, sizeof h->honseki, "%s見本台%s番地", g->how->place,
			 generate_digits(1 + dice_below(&g->dice, 3000), number));
	snprintf(h->hittousha, sizeof h->hittousha, "%s", h->person[0].name);
	fate(g, h);
}
