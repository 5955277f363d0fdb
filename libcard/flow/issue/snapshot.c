/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot.c — one document, one snapshot; and the refusals that have one text (flows K20). */
#include "snapshot.h"

#include <cardflow/calendar.h>

#include <stdio.h>
#include <string.h>

static enum card_error begin(flow_store_t *store)
{
	/* A reader of its own snapshot; flow_store_begin would keep writers away. */
	return flow_store_script(store, flow_store_is_postgresql(store)
						? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
						: "BEGIN");
}

static enum flow_certificate_why state_of(const struct record_row *person)
{
	const char *status = record_get(person, "status");

	if (strcmp(status, "moved") == 0)
		return FLOW_WHY_MOVED;
	if (strcmp(status, "deceased") == 0)
		return FLOW_WHY_DECEASED;
	if (strcmp(status, "erased") == 0)
		return FLOW_WHY_ERASED;
	return strcmp(record_get(person, "changing"), "yes") == 0 ? FLOW_WHY_CHANGING
								  : FLOW_WHY_NONE;
}

/* States of everybody who would stand on it. */
static void check_states(const struct snapshot *s, struct flow_certificate *out)
{
	const struct record_rows *const who[] = {&s->requester, &s->persons, &s->head};

	for (size_t w = 0; w < sizeof who / sizeof who[0]; w++) {
		for (size_t i = 0; i < who[w]->n; i++) {
			const struct record_row *r = &who[w]->row[i];
			const enum flow_certificate_why why = state_of(r);

			if (strcmp(r->table->name, "record_resident") == 0 && why != FLOW_WHY_NONE)
				snapshot_refuse(out, why, record_get(r, "atena"));
		}
	}
	if (s->koseki.n == 1 && strcmp(record_get(&s->koseki.row[0], "status"), "removed") == 0)
		snapshot_refuse(out, FLOW_WHY_ERASED, out->member);
	if (s->koseki.n == 1 && strcmp(record_get(&s->koseki.row[0], "changing"), "yes") == 0)
		snapshot_refuse(out, FLOW_WHY_CHANGING, out->member);
}

/* A notice names a person by 宛名番号 or as a member of a 戸籍: both are looked for. */
static enum card_error check_notice(flow_store_t *store, const struct snapshot *s,
				    const char *atena, const char *member,
				    struct flow_certificate *out)
{
	static const char where[] =
		"notice IN (SELECT notice FROM record_notice WHERE atena = $1 AND atena <> ''"
		" UNION SELECT notice FROM record_notice WHERE member = $2 AND member <> ''"
		" UNION SELECT n.notice FROM record_member m JOIN record_notice n ON n.atena = m.atena"
		" WHERE m.member = $2 AND m.atena <> ''"
		" UNION SELECT n.notice FROM record_member m JOIN record_notice n ON n.member = m.member"
		" WHERE m.atena = $1 AND m.atena <> '')"
		" AND valid_from <= $3 AND (valid_to = '' OR valid_to >= $3) ORDER BY notice";
	struct record_rows notices = {.n = 0};
	char day[11];
	const char *params[3] = {atena, member, day};
	enum card_error err;

	card_date_format(s->day, day);
	err = record_load(store, &notices, "record_notice", where, params, 3);
	if (err == CARD_OK && notices.n > 0)
		snapshot_refuse(out,
				strcmp(record_get(&notices.row[0], "kind"), "protected") == 0
					? FLOW_WHY_PROTECTED
					: FLOW_WHY_SUPPRESSED,
				*atena != '\0' ? atena : member);
	record_rows_free(&notices);
	return err;
}

static enum card_error check_notices(flow_store_t *store, const struct snapshot *s,
				     struct flow_certificate *out)
{
	const struct record_rows *const who[] = {&s->requester, &s->persons, &s->head, &s->members};
	enum card_error err = CARD_OK;

	for (size_t w = 0; w < sizeof who / sizeof who[0]; w++) {
		for (size_t i = 0; err == CARD_OK && i < who[w]->n; i++)
			err = check_notice(store, s, record_get(&who[w]->row[i], "atena"),
					   record_get(&who[w]->row[i], "member"), out);
	}
	return err;
}

/* Where a part of the birth date is not known, the latest day it can have been. */
static void check_age(const struct flow_issuing_office *office, const struct snapshot *s,
		      struct flow_certificate *out)
{
	const char *v = s->requester.n > 0 ? record_get(&s->requester.row[0], "birth") : "";
	char whole[11] = "0000-12-01";
	const size_t n = strlen(v);
	struct card_date birth = {0};

	if (n > 10 || out->outcome != FLOW_OUTCOME_MADE)
		return;
	for (size_t i = 0; i < n; i++)
		whole[i] = v[i];
	card_date_parse(card_bytes(whole, 10), &birth);
	if (n < 10)
		birth = flow_days_add(flow_months_add(birth, 1), -1);
	if (flow_age(birth, s->day) < office->minimum_age)
		out->outcome = FLOW_OUTCOME_UNDER_AGE;
}

static enum card_error read_all(flow_store_t *store, const struct flow_issuing_office *office,
				const struct flow_certificate_request *q, struct snapshot *s,
				struct flow_certificate *out)
{
	enum card_error err = snapshot_find(store, q, s, out);

	if (err != CARD_OK || out->outcome == FLOW_OUTCOME_NOT_ENROLLED)
		return err;
	check_states(s, out);
	err = check_notices(store, s, out);
	if (err != CARD_OK)
		return err;
	if (q->options.number && !office->number_enabled)
		snapshot_refuse(out, FLOW_WHY_OPTION, out->atena);
	check_age(office, s, out);
	return out->outcome == FLOW_OUTCOME_MADE ? snapshot_content(store, office, q, s, out)
						 : CARD_OK;
}

enum card_error snapshot_take(flow_store_t *store, const struct flow_issuing_office *office,
			      const struct flow_certificate_request *q, struct snapshot *s,
			      struct flow_certificate *out)
{
	enum card_error err = begin(store);

	*s = (struct snapshot){.day = card_date_in_japan(q->time)};
	if (err != CARD_OK)
		return err;
	err = read_all(store, office, q, s, out);
	flow_store_rollback(store);
	return err;
}

void snapshot_free(struct snapshot *s)
{
	struct record_rows *const all[] = {&s->household, &s->persons, &s->head,    &s->numbers,
					   &s->seal,      &s->image,   &s->income,  &s->payment,
					   &s->koseki,    &s->members, &s->entries, &s->fuhyo,
					   &s->requester};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		record_rows_free(all[i]);
}
