/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_resident.c — 住民票の写し and 住民票記載事項証明書 (rules R4-15, R4-16). */
#include "certificate.h"

#include <stdio.h>
#include <string.h>

/* Two labels and values a row. */
#define LABEL 1.15
#define WIDE  2.65
#define SLIM  2.55
#define ALL   (WIDE + LABEL + SLIM)

static void two(struct form *f, const char *a, const char *av, const char *b, const char *bv)
{
	form_row(f, 16);
	form_pair(f, a, LABEL, av, WIDE);
	form_pair(f, b, LABEL, bv, SLIM);
}

static void one(struct form *f, const char *label, const char *value)
{
	form_row(f, 16);
	form_pair(f, label, LABEL, value, ALL);
}

static const char *number_of(const struct certificate *c, const struct record_row *person)
{
	for (size_t i = 0; i < c->s->numbers.n; i++) {
		if (strcmp(record_get(&c->s->numbers.row[i], "atena"),
			   record_get(person, "atena")) == 0)
			return record_get(&c->s->numbers.row[i], "number");
	}
	return CERTIFICATE_OMITTED;
}

static void name_rows(const struct certificate *c, const struct record_row *r)
{
	struct form *f = c->form;
	char birth[CERTIFICATE_DAY];

	certificate_day(record_get(r, "birth"), certificate_is_foreign(r), birth);
	form_row(f, 15);
	form_cell(f, LABEL, FORM_LABEL, "振り仮名");
	form_cell(f, WIDE, FORM_SMALL, record_get(r, "kana"));
	form_pair(f, "生年月日", LABEL, birth, SLIM);
	form_row(f, 24);
	form_cell(f, LABEL, FORM_LABEL, "氏名");
	form_cell(f, WIDE, FORM_NAME, record_get(r, "name"));
	form_pair(f, "性別", LABEL, certificate_sex(record_get(r, "sex")), SLIM);
	if (*record_get(r, "former_name") != '\0')
		two(f, "旧氏", record_get(r, "former_name"), "旧氏の振り仮名",
		    record_get(r, "former_kana"));
	if (*record_get(r, "alias") != '\0')
		one(f, "通称", record_get(r, "alias"));
}

/* 本籍 of Japanese, 国籍 and 在留 of foreign residents: asked for by the same option. */
static void domicile_rows(const struct certificate *c, const struct record_row *r, bool copy)
{
	const bool shown = c->options->domicile;
	struct form *f = c->form;
	char until[CERTIFICATE_DAY];

	if (!shown && !copy)
		return;
	if (!certificate_is_foreign(r)) {
		two(f, "本籍", shown ? record_get(r, "honseki") : CERTIFICATE_OMITTED, "筆頭者",
		    shown ? record_get(r, "hittousha") : CERTIFICATE_OMITTED);
		return;
	}
	two(f, "国籍・地域", shown ? record_get(r, "nationality") : CERTIFICATE_OMITTED, "在留資格",
	    shown ? record_get(r, "residence_status") : CERTIFICATE_OMITTED);
	if (!shown)
		return;
	certificate_day(record_get(r, "residence_until"), true, until);
	two(f, "在留カード番号等", record_get(r, "residence_card"), "在留期間",
	    record_get(r, "residence_period"));
	two(f, "第30条の45に規定する区分", record_get(r, "residence_class"), "在留期間の満了の日",
	    until);
}

static void copy_rows(const struct certificate *c, const struct record_row *r)
{
	const bool foreign = certificate_is_foreign(r);
	char since[CERTIFICATE_DAY], moved[CERTIFICATE_DAY], notified[CERTIFICATE_DAY];

	certificate_day(record_get(r, "resident_since"), false, since);
	certificate_day(record_get(r, "moved_in"), false, moved);
	certificate_day(record_get(r, "notified"), false, notified);
	two(c->form, foreign ? "外国人住民となった日" : "住民となった日", since, "住所を定めた日",
	    moved);
	two(c->form, "前住所", record_get(r, "previous_address"), "届出の年月日", notified);
	if (*record_get(r, "remarks") != '\0')
		one(c->form, "備考", record_get(r, "remarks"));
}

static void person(const struct certificate *c, size_t i, bool copy)
{
	const struct record_row *r = &c->s->persons.row[i];
	const bool relation = c->options->relation, number = c->options->number;
	char tag[24];

	snprintf(tag, sizeof tag, "%zu", i + 1);
	form_group(c->form, c->options->person ? NULL : tag, 6);
	name_rows(c, r);
	if (copy || (relation && number))
		two(c->form, "続柄", relation ? record_get(r, "relation") : CERTIFICATE_OMITTED,
		    "個人番号", number_of(c, r));
	else if (relation)
		one(c->form, "続柄", record_get(r, "relation"));
	else if (number)
		one(c->form, "個人番号", number_of(c, r));
	domicile_rows(c, r, copy);
	if (copy)
		copy_rows(c, r);
}

void certificate_resident(struct certificate *c, bool copy)
{
	struct form *f = c->form;
	const bool whole = !c->options->person;

	f->title = copy ? "住民票の写し" : "住民票記載事項証明書";
	f->title_spacing = copy ? 8 : 3;
	form_text(f, &f->subtitle, whole ? "（世帯全員）" : "（世帯の一部）");
	f->repeat = true;
	form_group(f, NULL, 0);
	one(f, "住所", record_get(&c->s->household.row[0], "address"));
	if (c->s->head.n == 1)
		one(f, "世帯主", record_get(&c->s->head.row[0], "name"));
	for (size_t i = 0; i < c->s->persons.n; i++)
		person(c, i, copy);
	form_text(f, &f->end, "以下余白");
	if (!copy)
		form_text(f, &f->sentence, "上記の事項は、住民票に記載されていることを証明する。");
	else if (whole) /* R4-15 */
		form_text(f, &f->sentence,
			  "この写しは、世帯全員の住民票の原本と相違ないことを証明する。");
	else
		form_text(f, &f->sentence, "この写しは、住民票の原本と相違ないことを証明する。");
}
