/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot_content.c — what the document shows, and nothing else. */
#include "snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum card_error read_numbers(flow_store_t *store, struct snapshot *s,
				    struct flow_certificate *out)
{
	enum card_error err = CARD_OK;

	for (size_t i = 0; err == CARD_OK && i < s->persons.n; i++) {
		const char *params[1] = {record_get(&s->persons.row[i], "atena")};

		err = record_load(store, &s->numbers, "record_number", "atena = $1", params, 1);
		if (err == CARD_OK && s->numbers.n != i + 1)
			snapshot_refuse(out, FLOW_WHY_NO_RECORD, params[0]);
	}
	return err;
}

static enum card_error read_seal(flow_store_t *store, struct snapshot *s,
				 struct flow_certificate *out)
{
	const char *params[1] = {out->atena};
	enum card_error err = record_load(store, &s->seal, "record_seal",
					  "atena = $1 AND ended_on = ''", params, 1);

	if (err != CARD_OK)
		return err;
	if (s->seal.n != 1) {
		out->outcome = FLOW_OUTCOME_NO_SEAL;
		return CARD_OK;
	}
	params[0] = record_get(&s->seal.row[0], "image");
	err = record_load(store, &s->image, "record_seal_image", "image = $1", params, 1);
	if (err == CARD_OK && s->image.n != 1)
		out->outcome = FLOW_OUTCOME_NO_SEAL;
	return err;
}

/* The year asked for, or the newest; all taxes of that year for a 納税証明書. */
static enum card_error read_tax(flow_store_t *store, const struct flow_certificate_request *q,
				struct snapshot *s, struct flow_certificate *out)
{
	const bool payment = q->options.payment;
	const char *table = payment ? "record_payment" : "record_income";
	struct record_rows *rows = payment ? &s->payment : &s->income;
	char year[12];
	const char *params[2] = {out->atena, year};
	enum card_error err;

	snprintf(year, sizeof year, "%d", q->options.year);
	if (q->options.year != 0)
		err = record_load(store, rows, table, "atena = $1 AND year = $2 ORDER BY year",
				  params, 2);
	else if (payment)
		err = record_load(store, rows, table,
				  "atena = $1 AND year = (SELECT max(year) FROM record_payment"
				  " WHERE atena = $1)",
				  params, 1);
	else
		err = record_load(store, rows, table, "atena = $1 ORDER BY year DESC LIMIT 1",
				  params, 1);
	if (err == CARD_OK && rows->n == 0)
		snapshot_refuse(out, FLOW_WHY_NO_RECORD, out->atena);
	return err;
}

static enum card_error read_register(flow_store_t *store, const struct flow_certificate_request *q,
				     struct snapshot *s)
{
	const char *params[2] = {record_get(&s->koseki.row[0], "koseki"), ""};
	enum card_error err = CARD_OK;

	if (q->kind == FLOW_CERTIFICATE_KOSEKI)
		err = record_load(store, &s->entries, "record_entry",
				  "koseki = $1 AND member = $2 ORDER BY position, entry", params,
				  2);
	for (size_t i = 0; err == CARD_OK && i < s->members.n; i++) {
		params[1] = record_get(&s->members.row[i], "member");
		if (q->kind == FLOW_CERTIFICATE_KOSEKI)
			err = record_load(store, &s->entries, "record_entry",
					  "koseki = $1 AND member = $2 ORDER BY position, entry",
					  params, 2);
		else
			err = record_load(store, &s->fuhyo, "record_fuhyo",
					  "member = $1 ORDER BY position", params + 1, 1);
	}
	return err;
}

enum card_error snapshot_content(flow_store_t *store, const struct flow_issuing_office *office,
				 const struct flow_certificate_request *q, struct snapshot *s,
				 struct flow_certificate *out)
{
	(void)office;
	switch (q->kind) {
	case FLOW_CERTIFICATE_JUMINHYO:
	case FLOW_CERTIFICATE_KISAI:
		return q->options.number ? read_numbers(store, s, out) : CARD_OK;
	case FLOW_CERTIFICATE_INKAN:
		return read_seal(store, s, out);
	case FLOW_CERTIFICATE_TAX:
		return read_tax(store, q, s, out);
	case FLOW_CERTIFICATE_KOSEKI:
	case FLOW_CERTIFICATE_FUHYO:
		return read_register(store, q, s);
	case FLOW_CERTIFICATE_KINDS:
		break;
	}
	return CARD_ERR_INVALID_ARGUMENT;
}
