/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_tax.c — 課税（所得）証明書 and 納税証明書. */
#include "certificate.h"

#include <stdio.h>
#include <string.h>

static void heading(const struct certificate *c, const char *year)
{
	const struct record_row *r = &c->s->persons.row[0];
	struct form *f = c->form;
	char birth[CERTIFICATE_DAY];

	certificate_day(record_get(r, "birth"), certificate_is_foreign(r), birth);
	form_group(f, NULL, 0);
	form_row(f, 22);
	form_pair(f, "住所", 1.2, record_get(&c->s->household.row[0], "address"), 6);
	form_row(f, 26);
	form_cell(f, 1.2, FORM_LABEL, "氏名");
	form_cell(f, 6, FORM_NAME, record_get(r, "name"));
	form_row(f, 20);
	form_pair(f, "生年月日", 1.2, birth, 2.6);
	form_pair(f, "年度", 0.8, year, 2.6);
}

struct line {
	const char *label, *column;
};

/* Two amounts a row. */
static void amounts(const struct certificate *c, const char *title, const struct line *line,
		    size_t n)
{
	const struct record_row *r = &c->s->income.row[0];
	struct form *f = c->form;
	char yen[40];

	form_group(f, NULL, 12);
	form_row(f, 19);
	form_cell(f, 8, FORM_LABEL, title);
	for (size_t i = 0; i < n; i++) {
		if (i % 2 == 0)
			form_row(f, 19);
		certificate_yen(record_get(r, line[i].column), yen);
		form_cell(f, 2.1, FORM_LABEL, line[i].label);
		form_cell(f, 1.9, FORM_AMOUNT, yen);
	}
	if (n % 2 == 1) {
		form_cell(f, 2.1, FORM_LABEL, "");
		form_cell(f, 1.9, FORM_AMOUNT, "");
	}
}

/* The two taxes by the names they have here: 市民税 and 都民税. */
static void levies(const struct certificate *c)
{
	const char *both = c->office->resident_tax, *dot = strstr(both, "・");
	const int n = dot != NULL ? (int)(dot - both) : (int)strlen(both);
	const char *second = dot != NULL ? dot + strlen("・") : both;
	char label[4][200];
	const struct line line[] = {
		{label[0], "city_income_levy"},       {label[1], "city_capita_levy"},
		{label[2], "prefecture_income_levy"}, {label[3], "prefecture_capita_levy"},
		{"森林環境税", "forest_levy"},        {"年税額", "annual"}};

	snprintf(label[0], sizeof label[0], "%.*s　所得割", n, both);
	snprintf(label[1], sizeof label[1], "%.*s　均等割", n, both);
	snprintf(label[2], sizeof label[2], "%s　所得割", second);
	snprintf(label[3], sizeof label[3], "%s　均等割", second);
	amounts(c, "税額", line, sizeof line / sizeof line[0]);
}

static bool is_exempt(const struct record_row *r)
{
	return strcmp(record_get(r, "annual"), "0") == 0;
}

void certificate_income(struct certificate *c)
{
	static const struct line income[] = {{"給与収入", "salary"},
					     {"給与所得", "salary_income"},
					     {"公的年金等収入", "pension"},
					     {"公的年金等雑所得", "pension_income"},
					     {"営業等所得", "business_income"},
					     {"合計所得金額", "total_income"}};
	static const struct line deductions[] = {{"社会保険料控除", "social_insurance"},
						 {"生命保険料控除", "life_insurance"},
						 {"配偶者（特別）控除", "spouse"},
						 {"扶養控除", "dependents_deduction"},
						 {"基礎控除", "basic"},
						 {"所得控除合計", "deductions"},
						 {"課税標準額", "taxable"}};
	const struct record_row *r = &c->s->income.row[0];
	struct form *f = c->form;
	char year[CERTIFICATE_DAY], people[40];

	certificate_year(record_get(r, "year"), year);
	f->title = is_exempt(r) ? "非課税（所得）証明書" : "課税（所得）証明書";
	f->title_spacing = 5;
	form_text(f, &f->subtitle, "%s", c->office->resident_tax);
	heading(c, year);
	amounts(c, "所得の状況（前年中）", income, sizeof income / sizeof income[0]);
	amounts(c, "所得控除", deductions, sizeof deductions / sizeof deductions[0]);
	levies(c);
	snprintf(people, sizeof people, "%s 人", record_get(r, "dependents"));
	form_group(f, NULL, 12);
	form_row(f, 19);
	form_cell(f, 2.1, FORM_LABEL, "扶養親族の数");
	form_cell(f, 5.9, FORM_VALUE, people);
	form_text(f, &f->end, "以下余白");
	form_text(f, &f->sentence, "上記のとおり相違ないことを証明する。");
}

static const char *tax_name(const struct certificate *c, const char *tax)
{
	if (strcmp(tax, "property") == 0)
		return "固定資産税・都市計画税";
	return strcmp(tax, "vehicle") == 0 ? "軽自動車税（種別割）" : c->office->resident_tax;
}

void certificate_payment(struct certificate *c)
{
	static const char *const columns[] = {"assessed", "paid", "not_due", "overdue"};
	struct form *f = c->form;
	char year[CERTIFICATE_DAY], as_of[CERTIFICATE_DAY], yen[40];

	certificate_year(record_get(&c->s->payment.row[0], "year"), year);
	certificate_day(record_get(&c->s->payment.row[0], "as_of"), false, as_of);
	f->title = "納税証明書";
	f->title_spacing = 12;
	heading(c, year);
	form_group(f, NULL, 12);
	form_row(f, 20);
	form_cell(f, 2.4, FORM_LABEL, "税目");
	form_cell(f, 1.4, FORM_LABEL, "課税額");
	form_cell(f, 1.4, FORM_LABEL, "納付済額");
	form_cell(f, 1.4, FORM_LABEL, "未到来額");
	form_cell(f, 1.4, FORM_LABEL, "未納額");
	for (size_t i = 0; i < c->s->payment.n; i++) {
		form_row(f, 22);
		form_cell(f, 2.4, FORM_VALUE,
			  tax_name(c, record_get(&c->s->payment.row[i], "tax")));
		for (size_t k = 0; k < sizeof columns / sizeof columns[0]; k++) {
			certificate_yen(record_get(&c->s->payment.row[i], columns[k]), yen);
			form_cell(f, 1.4, FORM_AMOUNT, yen);
		}
	}
	form_text(f, &f->end, "以下余白");
	form_text(f, &f->sentence, "%s現在、上記のとおり納付されていることを証明する。", as_of);
}
