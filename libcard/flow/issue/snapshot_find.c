/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot_find.c — whose card it is, and who would stand on the document (flows K19, K20). */
#include "snapshot.h"

#include <stdio.h>
#include <string.h>

bool snapshot_is_register(enum flow_certificate_kind kind)
{
	return kind == FLOW_CERTIFICATE_KOSEKI || kind == FLOW_CERTIFICATE_FUHYO;
}

void snapshot_refuse(struct flow_certificate *out, enum flow_certificate_why why,
		     const char *concerned)
{
	if (out->outcome != FLOW_OUTCOME_MADE)
		return;
	out->outcome = FLOW_OUTCOME_NOT_AVAILABLE;
	out->why = why;
	snprintf(out->concerned, sizeof out->concerned, "%s", concerned);
}

enum card_error flow_record_find(flow_store_t *store, const char *certificate_key,
				 const char *user_key, struct card_date on,
				 char atena[FLOW_RECORD_ATENA])
{
	struct record_rows rows = {.n = 0};
	char day[11];
	const char *params[2] = {certificate_key, day};
	enum card_error err;

	if (store == NULL || atena == NULL || (certificate_key == NULL) == (user_key == NULL))
		return CARD_ERR_INVALID_ARGUMENT;
	atena[0] = '\0';
	card_date_format(on, day);
	if (certificate_key != NULL) {
		err = record_load(store, &rows, "record_certificate",
				  "serial_key = $1 AND valid_from <= $2 AND"
				  " (valid_to = '' OR valid_to >= $2)",
				  params, 2);
	} else {
		params[0] = user_key;
		err = record_load(store, &rows, "record_user_id", "user_key = $1", params, 1);
	}
	if (err == CARD_OK && rows.n == 1)
		snprintf(atena, FLOW_RECORD_ATENA, "%s", record_get(&rows.row[0], "atena"));
	record_rows_free(&rows);
	return err;
}

/* The 戸籍 knows its own residents by 宛名番号, others by their 利用登録. */
static enum card_error find_member(flow_store_t *store, const struct flow_certificate_request *q,
				   const struct snapshot *s, struct flow_certificate *out)
{
	struct record_rows rows = {.n = 0};
	char day[11];
	const char *params[2] = {out->atena, day};
	enum card_error err = CARD_OK;

	card_date_format(s->day, day);
	if (out->atena[0] != '\0')
		err = record_load(store, &rows, "record_member", "atena = $1 AND removed_on = ''",
				  params, 1);
	if (err == CARD_OK && rows.n == 0 && q->certificate_key != NULL) {
		params[0] = q->certificate_key;
		err = record_load(store, &rows, "record_enrolment",
				  "serial_key = $1 AND registered_on <= $2 AND"
				  " (ended_on = '' OR ended_on >= $2)",
				  params, 2);
	}
	if (err == CARD_OK && rows.n >= 1)
		snprintf(out->member, sizeof out->member, "%s", record_get(&rows.row[0], "member"));
	record_rows_free(&rows);
	return err;
}

static enum card_error find_residents(flow_store_t *store, const struct flow_certificate_request *q,
				      struct snapshot *s, struct flow_certificate *out)
{
	const bool whole =
		(q->kind == FLOW_CERTIFICATE_JUMINHYO || q->kind == FLOW_CERTIFICATE_KISAI) &&
		!q->options.person;
	const char *params[1] = {out->atena};
	enum card_error err =
		record_load(store, &s->requester, "record_resident", "atena = $1", params, 1);

	if (err != CARD_OK || s->requester.n != 1) {
		snapshot_refuse(out, FLOW_WHY_NO_RECORD, out->atena);
		return err;
	}
	params[0] = record_get(&s->requester.row[0], "household");
	err = record_load(store, &s->household, "record_household", "household = $1", params, 1);
	if (err == CARD_OK && whole)
		err = record_load(store, &s->persons, "record_resident",
				  "household = $1 AND status = 'resident' ORDER BY position, atena",
				  params, 1);
	params[0] = out->atena;
	if (err == CARD_OK && !whole)
		err = record_load(store, &s->persons, "record_resident", "atena = $1", params, 1);
	if (err != CARD_OK || s->household.n != 1) {
		snapshot_refuse(out, FLOW_WHY_NO_RECORD, out->atena);
		return err;
	}
	params[0] = record_get(&s->household.row[0], "head");
	/* 世帯主: named on what is copied from the 住民票. */
	if (q->kind == FLOW_CERTIFICATE_JUMINHYO || q->kind == FLOW_CERTIFICATE_KISAI)
		err = record_load(store, &s->head, "record_resident", "atena = $1", params, 1);
	return err;
}

static enum card_error find_members(flow_store_t *store, const struct flow_certificate_request *q,
				    struct snapshot *s, struct flow_certificate *out)
{
	struct record_rows self = {.n = 0};
	const char *params[1] = {out->member};
	enum card_error err = record_load(store, &self, "record_member", "member = $1", params, 1);

	if (err == CARD_OK && self.n == 1) {
		params[0] = record_get(&self.row[0], "koseki");
		err = record_load(store, &s->koseki, "record_koseki", "koseki = $1", params, 1);
		if (err == CARD_OK && !q->options.person)
			err = record_load(store, &s->members, "record_member",
					  "koseki = $1 ORDER BY position, member", params, 1);
		params[0] = out->member;
		if (err == CARD_OK && q->options.person)
			err = record_load(store, &s->members, "record_member", "member = $1",
					  params, 1);
	}
	if (err != CARD_OK || s->koseki.n != 1)
		snapshot_refuse(out, FLOW_WHY_NO_RECORD, out->member);
	else if (*record_get(&self.row[0], "removed_on") != '\0' ||
		 strcmp(record_get(&self.row[0], "deceased"), "yes") == 0)
		snapshot_refuse(out, FLOW_WHY_ERASED, out->member);
	if (s->requester.n == 0) {
		/* Lives elsewhere: the age is that of the 戸籍. */
		s->requester = self;
		return err;
	}
	record_rows_free(&self);
	return err;
}

enum card_error snapshot_find(flow_store_t *store, const struct flow_certificate_request *q,
			      struct snapshot *s, struct flow_certificate *out)
{
	const char *params[1] = {out->atena};
	enum card_error err =
		flow_record_find(store, q->certificate_key, q->user_key, s->day, out->atena);

	if (err != CARD_OK)
		return err;
	if (!snapshot_is_register(q->kind)) {
		if (out->atena[0] != '\0')
			return find_residents(store, q, s, out);
		snapshot_refuse(out, FLOW_WHY_NO_MAPPING, "");
		return CARD_OK;
	}
	err = find_member(store, q, s, out);
	if (err != CARD_OK)
		return err;
	if (out->atena[0] != '\0')
		err = record_load(store, &s->requester, "record_resident", "atena = $1", params, 1);
	if (err == CARD_OK && out->member[0] != '\0')
		return find_members(store, q, s, out);
	/* A resident whose 本籍 is elsewhere; or a card of elsewhere without 利用登録. */
	if (out->atena[0] != '\0')
		snapshot_refuse(out, FLOW_WHY_NO_RECORD, out->atena);
	else if (out->outcome == FLOW_OUTCOME_MADE)
		out->outcome = FLOW_OUTCOME_NOT_ENROLLED;
	return err;
}
