/* SPDX-License-Identifier: Apache-2.0 */
/* generate_offices.c — seals and taxes. */
#include "generate_people.h"

#include <cardflow/calendar.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* People of one name share a picture: a million different ones would say no more. */
static enum card_error put_image(struct generator *g, const char *name, char id[24])
{
	struct sink *s = &g->sink[SINK_IMAGE];
	char *picture;
	char **more;
	size_t i = 0;
	enum card_error err;

	while (i < g->images && strcmp(g->image[i], name) != 0)
		i++;
	snprintf(id, 24, "P%06zu", i + 1);
	if (i < g->images)
		return CARD_OK;
	more = realloc(g->image, (g->images + 1) * sizeof *more);
	if (more == NULL)
		return CARD_ERR_NO_MEMORY;
	g->image = more;
	g->image[g->images] = strdup(name);
	picture = g->image[g->images] != NULL ? generate_seal_picture(g->fonts, name) : NULL;
	if (picture == NULL)
		return CARD_ERR_NO_MEMORY;
	g->images++;
	sink_set(s, "image", id);
	sink_set(s, "picture", picture);
	err = sink_put(s);
	free(picture);
	return err;
}

static enum card_error put_seal(struct generator *g, const struct person *p)
{
	struct sink *s = &g->sink[SINK_SEAL];
	char id[24], image[24], on[11];
	enum card_error err;

	if (*p->surname == '\0' || (p->known == NULL && dice_chance(&g->dice, 40)))
		return CARD_OK;
	err = put_image(g, p->surname, image);
	snprintf(id, sizeof id, "S%s", p->atena + 1);
	people_date(&g->dice, g->year - 10, g->year - 1, on);
	sink_set(s, "registration", id);
	sink_set(s, "atena", p->atena);
	sink_set(s, "image", image);
	sink_set(s, "registered_on", on);
	return err == CARD_OK ? sink_put(s) : err;
}

#define AMOUNT 24
struct amount {
	const char *column;
	long value;
	char text[AMOUNT];
};

static long at_least_zero(long v)
{
	return v > 0 ? v : 0;
}

/* The shape of the real computation, rounded like it: enough for a document that adds up. */
static enum card_error put_income(struct generator *g, const struct person *p, const char *year,
				  long *annual)
{
	const bool old = p->birth_year < g->year - 65;
	const long salary = old ? 0 : (long)dice_below(&g->dice, 900) * 10000;
	const long salary_income = at_least_zero(salary - (salary < 1900000 ? 650000 : salary / 4));
	const long pension = old ? 600000 + (long)dice_below(&g->dice, 200) * 10000 : 0;
	const long pension_income = at_least_zero(pension - 1100000);
	const long business =
		dice_chance(&g->dice, 6) ? (long)dice_below(&g->dice, 500) * 10000 : 0;
	const long total = salary_income + pension_income + business;
	const long insurance = (salary + pension) / 7, life = dice_chance(&g->dice, 50) ? 28000 : 0,
		   basic = 430000;
	const long deductions = insurance + life + basic;
	const long taxable = at_least_zero(total - deductions) / 1000 * 1000;
	const bool exempt = total <= 450000;
	const long city = exempt ? 0 : taxable * 6 / 100 / 100 * 100,
		   prefecture = exempt ? 0 : taxable * 4 / 100 / 100 * 100;
	struct amount a[] = {{"salary", salary, ""},
			     {"salary_income", salary_income, ""},
			     {"pension", pension, ""},
			     {"pension_income", pension_income, ""},
			     {"business_income", business, ""},
			     {"total_income", total, ""},
			     {"social_insurance", insurance, ""},
			     {"life_insurance", life, ""},
			     {"spouse", 0, ""},
			     {"dependents_deduction", 0, ""},
			     {"basic", basic, ""},
			     {"deductions", deductions, ""},
			     {"taxable", taxable, ""},
			     {"dependents", 0, ""},
			     {"city_income_levy", city, ""},
			     {"city_capita_levy", exempt ? 0 : 3000, ""},
			     {"prefecture_income_levy", prefecture, ""},
			     {"prefecture_capita_levy", exempt ? 0 : 1000, ""},
			     {"forest_levy", exempt ? 0 : 1000, ""},
			     {"annual", exempt ? 0 : city + prefecture + 5000, ""}};
	struct sink *s = &g->sink[SINK_INCOME];

	*annual = exempt ? 0 : city + prefecture + 5000;
	sink_set(s, "atena", p->atena);
	sink_set(s, "year", year);
	for (size_t i = 0; i < sizeof a / sizeof a[0]; i++) {
		snprintf(a[i].text, sizeof a[i].text, "%ld", a[i].value);
		sink_set(s, a[i].column, a[i].text);
	}
	return sink_put(s);
}

static enum card_error put_payment(struct generator *g, const struct person *p, const char *year,
				   const char *tax, long assessed)
{
	struct sink *s = &g->sink[SINK_PAYMENT];
	const long paid = assessed / 2, overdue = dice_chance(&g->dice, 3) ? assessed / 4 : 0;
	char a[AMOUNT], b[AMOUNT], c[AMOUNT], d[AMOUNT], day[11];

	snprintf(a, sizeof a, "%ld", assessed);
	snprintf(b, sizeof b, "%ld", paid);
	snprintf(c, sizeof c, "%ld", assessed - paid - overdue);
	snprintf(d, sizeof d, "%ld", overdue);
	card_date_format(g->how->day, day);
	sink_set(s, "atena", p->atena);
	sink_set(s, "year", year);
	sink_set(s, "tax", tax);
	sink_set(s, "assessed", a);
	sink_set(s, "paid", b);
	sink_set(s, "not_due", c);
	sink_set(s, "overdue", d);
	sink_set(s, "as_of", day);
	return sink_put(s);
}

enum card_error people_put_offices(struct generator *g, const struct household *h,
				   const struct person *p)
{
	char year[12];
	long annual = 0;
	enum card_error err;

	if (p->birth_year > g->year - 20)
		return CARD_OK;
	snprintf(year, sizeof year, "%d", g->year);
	err = put_seal(g, p);
	if (err == CARD_OK)
		err = put_income(g, p, year, &annual);
	if (err == CARD_OK && annual > 0)
		err = put_payment(g, p, year, "resident", annual);
	if (err == CARD_OK && p == &h->person[0] && dice_chance(&g->dice, 40))
		err = put_payment(g, p, year, "property",
				  20000 + (long)dice_below(&g->dice, 1800) * 100);
	if (err == CARD_OK && dice_chance(&g->dice, 20))
		err = put_payment(g, p, year, "vehicle", 10800);
	return err;
}
