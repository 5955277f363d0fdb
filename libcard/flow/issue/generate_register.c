/* SPDX-License-Identifier: Apache-2.0 */
/* generate_register.c — a family register with its entries, and where its people lived. */
#include "generate_people.h"

#include <card/date.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void era_day(const char *day, char out[64])
{
	struct card_date d = {0};

	card_date_parse(card_bytes(day, strlen(day)), &d);
	card_date_format_era(d, out, 64);
}

static enum card_error put_entry(struct generator *g, const struct household *h, const char *member,
				 int position, const char *title, const char *content)
{
	struct sink *s = &g->sink[SINK_ENTRY];
	char id[40], at[12];

	snprintf(id, sizeof id, "%s-%s-%d", h->koseki, *member != '\0' ? member : "0", position);
	snprintf(at, sizeof at, "%d", position);
	sink_set(s, "entry", id);
	sink_set(s, "koseki", h->koseki);
	sink_set(s, "member", member);
	sink_set(s, "position", at);
	sink_set(s, "title", title);
	sink_set(s, "content", content);
	return sink_put(s);
}

static enum card_error put_birth(struct generator *g, const struct household *h,
				 const struct person *p)
{
	char content[600], day[64];

	era_day(p->birth, day);
	snprintf(content, sizeof content, "【出生日】%s\n【出生地】%s\n【届出日】%s\n【届出人】父",
		 day, p->child ? g->how->place : generate_elsewhere(&g->dice), day);
	return put_entry(g, h, p->member, 1, "出生", content);
}

static enum card_error put_marriage(struct generator *g, const struct household *h,
				    const struct person *p, const struct person *spouse)
{
	char content[2000], day[64];

	era_day(h->since, day);
	snprintf(content, sizeof content, "【婚姻日】%s\n【配偶者氏名】%s\n【従前戸籍】%s　%s", day,
		 spouse->name, generate_elsewhere(&g->dice), p->name);
	return put_entry(g, h, p->member, 2, "婚姻", content);
}

static enum card_error put_addresses(struct generator *g, const struct household *h,
				     const struct person *p)
{
	const int moves = p->child ? 0 : (int)dice_below(&g->dice, 3);
	struct sink *s = &g->sink[SINK_FUHYO];
	enum card_error err = CARD_OK;

	for (int i = 0; err == CARD_OK && i <= moves; i++) {
		char position[12], since[11];
		const int year = people_year(h->since) - 3 * (moves - i);

		snprintf(position, sizeof position, "%d", i + 1);
		people_date(&g->dice, year, year, since);
		sink_set(s, "member", p->member);
		sink_set(s, "position", position);
		sink_set(s, "address", i == moves ? h->address : generate_elsewhere(&g->dice));
		sink_set(s, "since",
			 i < moves                        ? since
			 : strcmp(h->since, p->birth) > 0 ? h->since
							  : p->birth);
		err = sink_put(s);
	}
	return err;
}

/* 長男, 二女 …: how many children of that sex came before. */
static const char *relation_of(const struct household *h, const struct person *p)
{
	static const char *const sons[] = {"長男", "二男", "三男", "四男"};
	static const char *const daughters[] = {"長女", "二女", "三女", "四女"};
	size_t before = 0;

	for (const struct person *q = h->person; p->child && q < p; q++)
		before += q->child && *q->sex == *p->sex;
	return *p->sex == '1' ? sons[before % 4] : daughters[before % 4];
}

static enum card_error put_member(struct generator *g, const struct household *h,
				  const struct person *p, const struct person *spouse, int position)
{
	struct sink *s = &g->sink[SINK_MEMBER];
	char at[12], father[700], mother[700], died[11];
	const struct person *a = &h->person[0], *b = spouse != NULL ? spouse : a;

	people_date(&g->dice, g->year - 1, g->year - 1, died);
	snprintf(at, sizeof at, "%d", position);
	snprintf(father, sizeof father, "%.300s　%.300s", p->surname,
		 generate_given(&g->dice, false, 1940)->text);
	snprintf(mother, sizeof mother, "%s", generate_given(&g->dice, true, 1940)->text);
	sink_set(s, "member", p->member);
	sink_set(s, "koseki", h->koseki);
	sink_set(s, "position", at);
	sink_set(s, "atena", p->atena);
	sink_set(s, "surname", p->surname);
	sink_set(s, "given", p->given);
	sink_set(s, "kana", p->given_kana);
	sink_set(s, "birth", p->birth);
	sink_set(s, "sex", p->sex);
	sink_set(s, "father", p->child ? (*a->sex == '1' ? a->name : b->name) : father);
	sink_set(s, "mother", p->child ? (*a->sex == '1' ? b->name : a->name) : mother);
	sink_set(s, "relation", relation_of(h, p));
	sink_set(s, "spouse",
		 spouse == NULL || p->child ? "none"
		 : *p->sex == '1'           ? "husband"
					    : "wife");
	sink_set(s, "removed_on", strcmp(p->status, "deceased") == 0 ? died : "");
	sink_set(s, "deceased", strcmp(p->status, "deceased") == 0 ? "yes" : "no");
	return sink_put(s);
}

static enum card_error put_koseki(struct generator *g, const struct household *h)
{
	struct sink *s = &g->sink[SINK_KOSEKI];
	char content[400], day[64];
	enum card_error err;

	sink_set(s, "koseki", h->koseki);
	sink_set(s, "honseki", h->honseki);
	sink_set(s, "hittousha", h->hittousha);
	sink_set(s, "status", "current");
	sink_set(s, "changing", "no");
	err = sink_put(s);
	era_day(h->since, day);
	snprintf(content, sizeof content, "【編製日】%s", day);
	return err == CARD_OK ? put_entry(g, h, "", 1, "戸籍編製", content) : err;
}

/* The couple and their children; a parent of theirs is in a register of her own. */
enum card_error people_put_register(struct generator *g, const struct household *household)
{
	struct household h = *household;
	const struct person *spouse = NULL;
	enum card_error err = put_koseki(g, &h);
	int position = 0;

	for (size_t i = 0; i < h.n; i++) {
		snprintf(h.person[i].member, sizeof h.person[i].member, "M%s",
			 h.person[i].atena + 1);
		if (strcmp(h.person[i].relation, "妻") == 0 ||
		    strcmp(h.person[i].relation, "夫") == 0)
			spouse = &h.person[i];
	}
	for (size_t i = 0; err == CARD_OK && i < h.n; i++) {
		const struct person *p = &h.person[i];
		const struct person *other = i == 0 ? spouse : p == spouse ? &h.person[0] : spouse;

		if (strcmp(p->relation, "母") == 0)
			continue;
		err = put_member(g, &h, p, p->child ? spouse : other, ++position);
		if (err == CARD_OK)
			err = put_birth(g, &h, p);
		if (err == CARD_OK && other != NULL && !p->child)
			err = put_marriage(g, &h, p, other);
		if (err == CARD_OK)
			err = put_addresses(g, &h, p);
	}
	return err;
}
