/* SPDX-License-Identifier: Apache-2.0 */
/* generate_rows.c — a household as rows: residents, numbers, notices, cards. */
#include "generate_people.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum card_error put_household(struct generator *g, const struct household *h)
{
	struct sink *s = &g->sink[SINK_HOUSEHOLD];

	sink_set(s, "household", h->id);
	sink_set(s, "address", h->address);
	sink_set(s, "head", h->person[0].atena);
	sink_set(s, "since", h->since);
	return sink_put(s);
}

static void set_foreign(struct sink *s, const struct foreigner *f)
{
	static const char *const period[] = {"３年", "５年"};

	sink_set(s, "nationality", f->nationality);
	sink_set(s, "alias", f->alias);
	sink_set(s, "residence_class", "中長期在留者");
	sink_set(s, "residence_status", *f->alias != '\0' ? "永住者" : "技術・人文知識・国際業務");
	sink_set(s, "residence_period", *f->alias != '\0' ? "無期限" : period[f->name[0] % 2]);
	sink_set(s, "residence_until", *f->alias != '\0' ? "" : "2028-03-31");
	sink_set(s, "residence_card", "AB12345678CD");
}

static enum card_error put_resident(struct generator *g, const struct household *h, size_t i)
{
	const struct person *p = &h->person[i];
	struct sink *s = &g->sink[SINK_RESIDENT];
	char position[24], status_on[11];

	snprintf(position, sizeof position, "%zu", i + 1);
	people_date(&g->dice, g->year - 1, g->year - 1, status_on);
	sink_set(s, "atena", p->atena);
	sink_set(s, "household", h->id);
	sink_set(s, "position", position);
	sink_set(s, "name", p->name);
	sink_set(s, "kana", p->kana);
	sink_set(s, "former_name", p->former);
	sink_set(s, "former_kana", p->former_kana);
	sink_set(s, "birth", p->birth);
	sink_set(s, "sex", p->sex);
	sink_set(s, "relation", p->relation);
	sink_set(s, "resident_since", strcmp(h->since, p->birth) > 0 ? h->since : p->birth);
	sink_set(s, "moved_in", strcmp(h->since, p->birth) > 0 ? h->since : p->birth);
	sink_set(s, "notified", strcmp(h->since, p->birth) > 0 ? h->since : p->birth);
	sink_set(s, "previous_address",
		 strcmp(h->since, p->birth) > 0 ? generate_elsewhere(&g->dice) : "");
	sink_set(s, "status", p->status);
	sink_set(s, "status_on", strcmp(p->status, "resident") == 0 ? "" : status_on);
	sink_set(s, "changing", p->known == NULL && dice_below(&g->dice, 1000) < 3 ? "yes" : "no");
	if (p->foreigner != NULL) {
		set_foreign(s, p->foreigner);
	} else {
		sink_set(s, "honseki", h->honseki);
		sink_set(s, "hittousha", h->hittousha);
	}
	return sink_put(s);
}

static enum card_error put_notice(struct generator *g, const struct person *p)
{
	struct sink *s = &g->sink[SINK_NOTICE];
	char id[24], from[11];

	if (p->known != NULL || dice_below(&g->dice, 1000) >= 10)
		return CARD_OK;
	snprintf(id, sizeof id, "N-%s", p->atena);
	people_date(&g->dice, g->year - 1, g->year - 1, from);
	sink_set(s, "notice", id);
	sink_set(s, "atena", p->atena);
	sink_set(s, "kind", dice_chance(&g->dice, 50) ? "suppressed" : "protected");
	sink_set(s, "valid_from", from);
	sink_set(s, "reference", "見本第１号");
	return sink_put(s);
}

static enum card_error put_card(struct generator *g, const struct person *p)
{
	const bool known = p->known != NULL && p->known->serial != NULL;
	struct sink *s = &g->sink[SINK_CERTIFICATE];
	char serial[24], from[11], key[FLOW_RECORD_KEY];
	enum card_error err;

	if (g->how->secret.n == 0 || (!known && (g->how->authority == NULL || p->known != NULL)))
		return CARD_OK;
	snprintf(serial, sizeof serial, "%08lx", 0x40000000L + strtol(p->atena + 1, NULL, 10));
	err = flow_record_certificate_key(g->how->secret,
					  known ? p->known->authority : g->how->authority,
					  known ? p->known->serial : serial, key);
	people_date(&g->dice, g->year - 6, g->year - 2, from);
	sink_set(s, "serial_key", key);
	sink_set(s, "atena", p->atena);
	sink_set(s, "valid_from", from);
	return err == CARD_OK ? sink_put(s) : err;
}

enum card_error people_put(struct generator *g, struct household *h)
{
	enum card_error err = put_household(g, h);

	for (size_t i = 0; err == CARD_OK && i < h->n; i++) {
		struct sink *s = &g->sink[SINK_NUMBER];

		err = put_resident(g, h, i);
		sink_set(s, "atena", h->person[i].atena);
		sink_set(s, "number", h->person[i].number);
		if (err == CARD_OK)
			err = sink_put(s);
		if (err == CARD_OK)
			err = put_notice(g, &h->person[i]);
		if (err == CARD_OK)
			err = put_card(g, &h->person[i]);
		if (err == CARD_OK)
			err = people_put_offices(g, h, &h->person[i]);
	}
	return err == CARD_OK && h->registered ? people_put_register(g, h) : err;
}
