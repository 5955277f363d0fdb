/* SPDX-License-Identifier: Apache-2.0 */
/* finish.c — the ends: taken, closed, cancelled, left behind (K10, K21, K23, K26, K27, K40). */
#include "exchange.h"

#include <string.h>

static enum card_error collected(struct exchange *x, flow_store_t *db)
{
	bool taken;

	if (!exchange_bool(x->json, "taken", &taken))
		return CARD_ERR_MALFORMED;
	if (json_is_true(json_object_get(x->json, "cleared")))
		return exchange_step(x, db, FLOW_ISSUE_ON_CLEARED, NULL);
	return exchange_step(x, db, taken ? FLOW_ISSUE_ON_TAKEN : FLOW_ISSUE_ON_PAPER_LEFT, NULL);
}

void exchange_collected(struct exchange *x, struct center_reply *reply)
{
	exchange_finish(x, collected, reply);
}

static enum card_error closed(struct exchange *x, flow_store_t *db)
{
	bool erased;

	if (!exchange_bool(x->json, "erased", &erased) || !erased)
		return CARD_ERR_MALFORMED;
	return exchange_step(x, db, FLOW_ISSUE_ON_ERASED, NULL);
}

void exchange_closed(struct exchange *x, struct center_reply *reply)
{
	exchange_finish(x, closed, reply);
}

static enum card_error cancel(struct exchange *x, flow_store_t *db)
{
	static const struct {
		const char *reason;
		enum flow_issue_event event;
	} known[] = {{"cancelled", FLOW_ISSUE_ON_CANCELLED},
		     {"idle", FLOW_ISSUE_ON_IDLE},
		     {"link", FLOW_ISSUE_ON_LINK_LOST},
		     {"card_pulled", FLOW_ISSUE_ON_CARD_PULLED},
		     {"locked", FLOW_ISSUE_ON_LOCKED},
		     {"pin_wrong", FLOW_ISSUE_ON_PIN_WRONG},
		     {"journal", FLOW_ISSUE_ON_JOURNAL_DOWN},
		     {"document_error", FLOW_ISSUE_ON_DOCUMENT_ERROR},
		     {"forgotten_card", FLOW_ISSUE_ON_CARD_FORGOTTEN},
		     {"not_ready", FLOW_ISSUE_ON_NOT_READY},
		     {"no_permit", FLOW_ISSUE_ON_NO_PERMIT},
		     {"document_gone", FLOW_ISSUE_ON_DOCUMENT_GONE}};
	const char *reason = flow_issue_text(x->json, "reason", 20);

	for (size_t i = 0; reason != NULL && i < sizeof known / sizeof known[0]; i++) {
		if (strcmp(known[i].reason, reason) == 0)
			return exchange_step(x, db, known[i].event, NULL);
	}
	return CARD_ERR_MALFORMED;
}

void exchange_cancel(struct exchange *x, struct center_reply *reply)
{
	exchange_finish(x, cancel, reply);
}

static enum card_error alarm_step(struct exchange *x, flow_store_t *db)
{
	const char *which = flow_issue_text(x->json, "alarm", 20);

	if (which == NULL || strcmp(which, "card_left") != 0)
		return CARD_ERR_MALFORMED;
	return exchange_step(x, db, FLOW_ISSUE_ON_CARD_LEFT, NULL);
}

void exchange_alarm(struct exchange *x, struct center_reply *reply)
{
	exchange_finish(x, alarm_step, reply);
}

/* After a restart of the terminal the older transaction goes on only from here. */
static const struct exchange_message messages[] = {
	{"apply", exchange_apply, false},       {"again", exchange_again, false},
	{"document", exchange_document, false}, {"confirm", exchange_confirm, false},
	{"payment", exchange_payment, true},    {"permit", exchange_permit, false},
	{"printed", exchange_printed, false},   {"challenge", exchange_challenge, true},
	{"resume", exchange_resume, true},      {"refund", exchange_refund, true},
	{"refunded", exchange_refunded, true},  {"collected", exchange_collected, true},
	{"closed", exchange_closed, true},      {"cancel", exchange_cancel, false},
	{"alarm", exchange_alarm, false},       {"mutual", exchange_mutual, true}};

const struct exchange_message *exchange_message_nth(size_t nth)
{
	return nth < sizeof messages / sizeof messages[0] ? &messages[nth] : NULL;
}

const struct exchange_message *exchange_message(const char *name)
{
	for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
		if (strcmp(messages[i].name, name) == 0)
			return &messages[i];
	}
	return NULL;
}
