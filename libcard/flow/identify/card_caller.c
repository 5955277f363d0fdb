/* SPDX-License-Identifier: Apache-2.0 */
/* card_caller.c — who is on the telephone, by the four attributes (rules R2-22). */
#include <cardflow/card_admin.h>

#include <card/secret.h>

#include <stdio.h>
#include <string.h>

#define FOUR (FLOW_ATTR_NAME | FLOW_ATTR_ADDRESS | FLOW_ATTR_BIRTH_DATE | FLOW_ATTR_SEX)

static bool same(const struct flow_caller *c, const struct flow_register_answer *a)
{
	unsigned marks = 0;

	return a->found && a->sex == c->sex && card_date_compare(a->birth, c->birth) == 0 &&
	       flow_name_compare(c->name, a->name, a->former_name, a->alias, &marks) &&
	       flow_name_compare(c->address, a->address, NULL, NULL, &marks);
}

static enum card_error refuse(journal_t *j, const char *procedure, const char *operator_id)
{
	const struct journal_record r = {.event = "card-state",
					 .result = JOURNAL_REFUSED,
					 .operator_id = operator_id,
					 .procedure = procedure,
					 .attributes = "name;address;birth_date;sex",
					 .recipient = "telephone",
					 .code = "caller_not_identified"};
	const enum card_error err = journal_append(j, &r, 1, NULL);

	return err == CARD_OK ? CARD_ERR_DENIED : err;
}

enum card_error flow_card_caller(flow_register_t *reg, journal_t *j, const struct flow_rules *rules,
				 const char *operator_id, const char *atena,
				 const struct flow_caller *caller, struct card_date today,
				 char out[41], const char **code)
{
	struct flow_register_query q = {.attributes = FOUR | FLOW_ATTR_FORMER_NAME,
					.day = today,
					.atena = atena,
					.operator_id = operator_id};
	struct flow_register_answer a;
	enum card_error err;

	if (j == NULL || rules == NULL || caller == NULL || caller->name == NULL ||
	    caller->address == NULL || !card_date_valid(caller->birth) || out == NULL ||
	    code == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*code = "register_missing";
	if (reg == NULL)
		return CARD_ERR_NO_SERVICE;
	*code = "procedure_unknown";
	q.procedure = flow_procedure_find(rules->procedures,
					  flow_card_procedure(FLOW_EVENT_SUSPEND), today);
	if (q.procedure == NULL)
		return CARD_ERR_DENIED;
	q.name = caller->name;
	q.birth = caller->birth;
	err = flow_register_ask(reg, j, rules->purposes, &q, &a);
	*code = err == CARD_ERR_DENIED && a.refused != NULL ? a.refused : "caller_not_identified";
	if (err == CARD_OK && !same(caller, &a))
		err = refuse(j, q.procedure->id, operator_id);
	if (err == CARD_OK) {
		snprintf(out, 41, "%s", a.atena);
		*code = NULL;
	}
	card_wipe(&a, sizeof a);
	return err;
}
