/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_register.c — 戸籍全部事項証明書, 個人事項証明書, 戸籍の附票の写し. */
#include "certificate.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#define LABEL 1.5
#define VALUE 6.0

static void pair(struct form *f, double least, const char *label, const char *value)
{
	form_row(f, least);
	form_pair(f, label, LABEL, value, VALUE);
}

/* Lines of 【項目】内容. */
struct lines {
	char *text;
	size_t n, room;
};

static void line(struct lines *l, const char *label, const char *value)
{
	const int n = *value != '\0' ? snprintf(l->text + l->n, l->room - l->n, "%s【%s】%s",
						l->n > 0 ? "\n" : "", label, value)
				     : 0;

	if (n > 0 && (size_t)n < l->room - l->n)
		l->n += (size_t)n;
}

static const char *spouse(const struct record_row *m)
{
	const char *word = record_get(m, "spouse");

	return strcmp(word, "husband") == 0 ? "夫" : strcmp(word, "wife") == 0 ? "妻" : "";
}

static void member_rows(const struct certificate *c, const struct record_row *m)
{
	char birth[CERTIFICATE_DAY], removed[CERTIFICATE_DAY], memory[6000] = "";
	struct lines l = {memory, 0, sizeof memory};

	certificate_day(record_get(m, "birth"), false, birth);
	certificate_day(record_get(m, "removed_on"), false, removed);
	line(&l, "名", record_get(m, "given"));
	line(&l, "名の振り仮名", record_get(m, "kana"));
	line(&l, "生年月日", birth);
	line(&l, "配偶者区分", spouse(m));
	line(&l, "父", record_get(m, "father"));
	line(&l, "母", record_get(m, "mother"));
	line(&l, "続柄", record_get(m, "relation"));
	line(&l, "除籍日", removed);
	pair(c->form, 20,
	     *record_get(m, "removed_on") != '\0' ? "戸籍に\n記録されている者　除籍"
						  : "戸籍に\n記録されている者",
	     memory);
	explicit_bzero(memory, sizeof memory);
}

static void entries(const struct certificate *c, const char *member)
{
	bool first = true;

	for (size_t i = 0; i < c->s->entries.n; i++) {
		const struct record_row *e = &c->s->entries.row[i];

		if (strcmp(record_get(e, "member"), member) != 0)
			continue;
		/* The heading never stands alone at the foot of a page. */
		if (!first)
			form_group(c->form, NULL, 0);
		first = false;
		pair(c->form, 18, record_get(e, "title"), record_get(e, "content"));
	}
}

static void section(const struct certificate *c, const char *title)
{
	form_row(c->form, 16);
	form_cell(c->form, LABEL + VALUE, FORM_LABEL, title);
}

void certificate_register(struct certificate *c)
{
	const struct record_row *k = &c->s->koseki.row[0];
	struct form *f = c->form;

	f->title = c->options->person ? "戸籍個人事項証明書" : "戸籍全部事項証明書";
	f->title_spacing = 4;
	f->repeat = true;
	form_group(f, NULL, 0);
	pair(f, 20, "本籍", record_get(k, "honseki"));
	pair(f, 20, "氏名", record_get(k, "hittousha"));
	form_group(f, NULL, 5);
	section(c, "戸籍事項");
	entries(c, "");
	for (size_t i = 0; i < c->s->members.n; i++) {
		form_group(f, NULL, 8);
		member_rows(c, &c->s->members.row[i]);
		section(c, "身分事項");
		entries(c, record_get(&c->s->members.row[i], "member"));
	}
	form_text(f, &f->end, "以下余白");
	if (c->options->person)
		form_text(f, &f->sentence,
			  "これは、戸籍中の一部の者について記録されている事項の全部を"
			  "証明した書面である。");
	else
		form_text(f, &f->sentence,
			  "これは、戸籍に記録されている事項の全部を証明した書面である。");
}

static void addresses(const struct certificate *c, const char *member)
{
	char since[CERTIFICATE_DAY];
	size_t n = 0;

	for (size_t i = 0; i < c->s->fuhyo.n; i++) {
		const struct record_row *a = &c->s->fuhyo.row[i];

		if (strcmp(record_get(a, "member"), member) != 0)
			continue;
		certificate_day(record_get(a, "since"), false, since);
		form_row(c->form, 18);
		form_cell(c->form, LABEL, FORM_LABEL, n++ == 0 ? "住所／住所を定めた年月日" : "");
		form_cell(c->form, 3.4, FORM_VALUE, record_get(a, "address"));
		form_cell(c->form, 2.6, FORM_VALUE, since);
	}
}

void certificate_fuhyo(struct certificate *c)
{
	const bool shown = c->options->domicile;
	const struct record_row *k = &c->s->koseki.row[0];
	struct form *f = c->form;

	f->title = "戸籍の附票の写し";
	f->title_spacing = 6;
	form_text(f, &f->subtitle, c->options->person ? "（一部の写し）" : "（全部の写し）");
	f->repeat = true;
	form_group(f, NULL, 0);
	pair(f, 20, "本籍", shown ? record_get(k, "honseki") : CERTIFICATE_OMITTED);
	pair(f, 20, "筆頭者の氏名", shown ? record_get(k, "hittousha") : CERTIFICATE_OMITTED);
	for (size_t i = 0; i < c->s->members.n; i++) {
		const struct record_row *m = &c->s->members.row[i];
		char birth[CERTIFICATE_DAY], name[1300];

		certificate_day(record_get(m, "birth"), false, birth);
		snprintf(name, sizeof name, "%s　%s", record_get(m, "surname"),
			 record_get(m, "given"));
		form_group(f, NULL, 8);
		form_row(f, 24);
		form_cell(f, LABEL, FORM_LABEL,
			  *record_get(m, "removed_on") != '\0' ? "氏名　除籍" : "氏名");
		form_cell(f, 3.4, FORM_NAME, name);
		form_cell(f, 2.6, FORM_VALUE, certificate_sex(record_get(m, "sex")));
		pair(f, 18, "生年月日", birth);
		addresses(c, record_get(m, "member"));
		explicit_bzero(name, sizeof name);
	}
	form_text(f, &f->end, "以下余白");
	form_text(f, &f->sentence, "この写しは、戸籍の附票の原本と相違ないことを証明する。");
}
