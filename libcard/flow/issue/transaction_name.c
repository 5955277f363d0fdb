/* SPDX-License-Identifier: Apache-2.0 */
/* transaction_name.c — the words of the table, as they stand in messages and documents. */
#include <cardflow/issue_transaction.h>

#include <string.h>

static const char *const states[FLOW_ISSUE_STATES_] = {
	"idle",    "choosing",  "card_read",    "applied",    "verified", "delivered", "paying",
	"paid",    "printing",  "print_failed", "resumed",    "printed",  "collected", "closed",
	"refused", "cancelled", "timed_out",    "refund_due", "refunded"};

static const char *const events[FLOW_ISSUE_EVENTS_] = {"touched",
						       "touched, no service",
						       "chosen",
						       "not participating",
						       "kind disabled",
						       "outside hours",
						       "fee unknown",
						       "card fits",
						       "card unusable",
						       "locked",
						       "PIN wrong",
						       "application",
						       "card pulled",
						       "intruder",
						       "forged",
						       "valid",
						       "certificate expired",
						       "certificate revoked",
						       "certificate on hold",
						       "card suspended",
						       "card abolished",
						       "status unknown",
						       "equal job in 5 minutes",
						       "again",
						       "not again",
						       "kind PIN wrong",
						       "kind PIN locked",
						       "document",
						       "no seal registration",
						       "under age",
						       "no use registration",
						       "not available here",
						       "document error",
						       "no answer",
						       "late answer",
						       "card left",
						       "card forgotten",
						       "confirmed",
						       "confirmed, free",
						       "not ready",
						       "cancelled",
						       "idle",
						       "link lost",
						       "restarted",
						       "stopped",
						       "journal down",
						       "paid",
						       "declined",
						       "found settled",
						       "found not settled",
						       "payment unknown",
						       "settled after restart",
						       "surplus payment",
						       "permit",
						       "no permit",
						       "document gone",
						       "all sheets out",
						       "print fault",
						       "found complete",
						       "found incomplete",
						       "not knowable",
						       "resume",
						       "resume refused",
						       "refund chosen",
						       "day ended",
						       "money returned",
						       "money not returnable now",
						       "paper taken",
						       "paper left",
						       "cleared",
						       "erased"};

static const char *const effects[] = {"wipe PIN and card data",
				      "erase document",
				      "security event",
				      "message 3",
				      "issue record made",
				      "issue record withdrawn",
				      "issue record issued",
				      "alarm",
				      "forgotten-item",
				      "block terminal",
				      "payment id and prepared refund",
				      "prepared refund cancelled",
				      "refund takes effect",
				      "refund paid",
				      "refund of the surplus",
				      "inserted money back",
				      "new copy numbers",
				      "print permit",
				      "complete copies valid",
				      "other copies void"};

const char *flow_issue_state_name(enum flow_issue_state s)
{
	return (unsigned)s < FLOW_ISSUE_STATES_ ? states[s] : NULL;
}

const char *flow_issue_event_name(enum flow_issue_event e)
{
	return (unsigned)e < FLOW_ISSUE_EVENTS_ ? events[e] : NULL;
}

const char *flow_issue_effect_name(unsigned bit)
{
	for (size_t i = 0; i < sizeof effects / sizeof effects[0]; i++) {
		if (bit == 1u << i)
			return effects[i];
	}
	return NULL;
}

enum flow_issue_state flow_issue_state_of(const char *name)
{
	for (unsigned s = 0; name != NULL && s < FLOW_ISSUE_STATES_; s++) {
		if (strcmp(states[s], name) == 0)
			return (enum flow_issue_state)s;
	}
	return FLOW_ISSUE_STATES_;
}
