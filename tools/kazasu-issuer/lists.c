/* SPDX-License-Identifier: Apache-2.0 */
/* lists.c — the list of the next morning (flows K20) and the issue record of a day. */
#include "commands.h"

#include "say.h"

#include <cardflow/calendar.h>
#include <cardflow/issue_certificate.h>
#include <cardflow/issue_ledger.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

struct listing {
	bool json, refusals;
	json_t *rows;
	long n;
};

static const char *meaning(const char *why)
{
	for (unsigned i = 0; i < FLOW_WHYS; i++) {
		if (strcmp(flow_why_name((enum flow_certificate_why)i), why) == 0)
			return flow_why_meaning((enum flow_certificate_why)i);
	}
	return why;
}

static enum card_error take(void *ctx, const struct flow_ledger_entry *e)
{
	struct listing *l = ctx;

	l->n++;
	if (l->json) {
		return json_array_append_new(
			       l->rows,
			       json_pack(
				       "{s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}",
				       "transaction", e->transaction, "attempt", e->attempt,
				       "received", e->received, "kind", e->kind, "atena", e->atena,
				       "member", e->member, "outcome", e->outcome, "reason", e->why,
				       "concerned", e->concerned, "detail", e->detail, "state",
				       e->state, "digest", e->digest, "terminal", e->terminal)) == 0
			       ? CARD_OK
			       : CARD_ERR_NO_MEMORY;
	}
	if (l->refusals)
		printf("%.19s  %-8s  %-12s  %-12s  %s %s\n", e->received, e->kind, e->atena,
		       e->concerned, meaning(e->why), e->detail);
	else
		printf("%.19s  %-8s  %-12s  %-10s %-18s %s\n", e->received, e->kind, e->atena,
		       e->state, e->outcome, e->transaction);
	return CARD_OK;
}

int command_list(const struct config *c, const struct options *o)
{
	struct listing l = {.json = o->json, .refusals = o->action == ACTION_REFUSALS};
	struct flow_problem problem = {.text = ""};
	struct card_date day = card_date_in_japan((int64_t)time(NULL));
	flow_store_t *s = NULL;
	char text[11];
	enum card_error err;

	if (o->day == NULL && l.refusals)
		day = flow_days_add(day, -1);
	if (o->day != NULL &&
	    card_date_parse(card_bytes(o->day, strlen(o->day)), &day) != CARD_OK) {
		say(_("%s is no date"), o->day);
		return EX_USAGE;
	}
	card_date_format(day, text);
	if (flow_store_open(&s, c->ledger, 0, &problem) != CARD_OK) {
		say("%s: %s", c->ledger, problem.text);
		return EX_NOINPUT;
	}
	l.rows = json_array();
	err = flow_ledger_day(s, text, l.refusals, take, &l);
	if (err == CARD_OK && l.json)
		json_dumpf(l.rows, stdout, JSON_INDENT(1));
	else if (err == CARD_OK && l.n == 0)
		say(_("%s: nothing"), text);
	json_decref(l.rows);
	flow_store_close(&s);
	return err == CARD_OK ? EX_OK : EX_UNAVAILABLE;
}
