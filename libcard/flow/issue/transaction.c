/* SPDX-License-Identifier: Apache-2.0 */
/* transaction.c — the table of flows §1. The only place that says which event leads where;
 * `make states` draws docs/issuance-states.md from it. */
#include <cardflow/issue_transaction.h>

#include <string.h>

#define IN(s)  (1u << FLOW_ISSUE_##s)
#define ON(e)  FLOW_ISSUE_ON_##e
#define TO(s)  FLOW_ISSUE_##s
#define SAME   FLOW_ISSUE_STATES_
#define ALWAYS FLOW_ISSUE_ALWAYS
#define FIRST  FLOW_ISSUE_FIRST
#define AGAIN  FLOW_ISSUE_AGAIN
#define DO(x)  FLOW_ISSUE_DO_##x

/* States before payment that have nothing at the issuer yet, and those that have. */
#define EARLY (IN(CHOOSING) | IN(CARD_READ) | IN(APPLIED))
#define ASKED (IN(VERIFIED) | IN(DELIVERED))
#define LIVE                                                                                       \
	(EARLY | ASKED | IN(PAYING) | IN(PAID) | IN(PRINTING) | IN(PRINT_FAILED) | IN(RESUMED) |   \
	 IN(PRINTED) | IN(COLLECTED) | IN(REFUND_DUE))
#define ENDS (IN(CLOSED) | IN(REFUSED) | IN(CANCELLED) | IN(TIMED_OUT) | IN(REFUNDED))
/* What every end after message 3 and before payment leaves: nothing. */
#define UNDO (DO(WIPE) | DO(ERASE) | DO(WITHDRAWN) | DO(VOID))
#define OWED (DO(ERASE) | DO(VOID) | DO(EFFECT_REFUND) | DO(ISSUED))

static const struct flow_issue_rule table[] = {
	{"K01", IN(IDLE), ON(TOUCHED), ALWAYS, TO(CHOOSING), 0, NULL},
	{"K02", IN(IDLE), ON(TOUCHED_NO_SERVICE), ALWAYS, SAME, 0, "no_service"},
	{"K03", IN(CHOOSING), ON(CHOSEN), ALWAYS, SAME, 0, NULL},
	{"K04", IN(CHOOSING), ON(NOT_PARTICIPATING), ALWAYS, TO(REFUSED), 0, "not_participating"},
	{"K04", IN(CHOOSING), ON(KIND_DISABLED), ALWAYS, TO(REFUSED), 0, "kind_disabled"},
	{"K04", IN(CHOOSING), ON(OUTSIDE_HOURS), ALWAYS, TO(REFUSED), 0, "outside_hours"},
	{"K04", IN(CHOOSING), ON(FEE_UNKNOWN), ALWAYS, TO(REFUSED), 0, "fee_unknown"},
	{"K05", IN(CHOOSING), ON(CARD_FITS), ALWAYS, TO(CARD_READ), 0, NULL},
	{"K06", IN(CHOOSING), ON(CARD_UNUSABLE), ALWAYS, TO(REFUSED), 0, "card_unusable"},
	{"K07", IN(CHOOSING) | IN(CARD_READ), ON(LOCKED), ALWAYS, TO(REFUSED), DO(WIPE), "locked"},
	{"K08", IN(CARD_READ), ON(PIN_WRONG), ALWAYS, SAME, DO(WIPE), "pin_wrong"},
	{"K09", IN(CARD_READ), ON(APPLICATION), ALWAYS, TO(APPLIED), DO(WIPE), NULL},
	{"K10", IN(CARD_READ), ON(CARD_PULLED), ALWAYS, TO(CANCELLED), DO(WIPE), "card_pulled"},

	{"K11", LIVE, ON(INTRUDER), ALWAYS, SAME, DO(SECURITY), "protocol"},
	{"K11", IN(APPLIED), ON(FORGED), ALWAYS, TO(REFUSED), DO(SECURITY) | DO(ERASE), "protocol"},
	{"K12", IN(APPLIED), ON(OUTSIDE_HOURS), ALWAYS, TO(REFUSED), DO(ERASE), "outside_hours"},
	{"K13", IN(APPLIED), ON(VALID), ALWAYS, TO(VERIFIED), DO(ASK_ISSUER), NULL},
	{"K14", IN(APPLIED), ON(CERTIFICATE_EXPIRED), ALWAYS, TO(REFUSED), DO(ERASE),
	 "certificate_expired"},
	{"K14", IN(APPLIED), ON(CERTIFICATE_REVOKED), ALWAYS, TO(REFUSED), DO(ERASE),
	 "certificate_revoked"},
	{"K14", IN(APPLIED), ON(CERTIFICATE_ON_HOLD), ALWAYS, TO(REFUSED), DO(ERASE),
	 "certificate_on_hold"},
	{"K14", IN(APPLIED), ON(CARD_SUSPENDED), ALWAYS, TO(REFUSED), DO(ERASE), "card_suspended"},
	{"K14", IN(APPLIED), ON(CARD_ABOLISHED), ALWAYS, TO(REFUSED), DO(ERASE), "card_abolished"},
	{"K15", IN(APPLIED), ON(STATUS_UNKNOWN), ALWAYS, TO(REFUSED), DO(ERASE), "undetermined"},
	{"K16", IN(APPLIED), ON(RECENT), ALWAYS, SAME, 0, "again"},
	{"K16", IN(APPLIED), ON(AGAIN), ALWAYS, TO(VERIFIED), DO(ASK_ISSUER), NULL},
	{"K16", IN(APPLIED), ON(NOT_AGAIN), ALWAYS, TO(CANCELLED), DO(ERASE), "not_again"},
	{"K16", IN(APPLIED), ON(IDLE), ALWAYS, TO(CANCELLED), DO(ERASE), "idle"},

	{"K17", IN(VERIFIED), ON(KIND_PIN_WRONG), ALWAYS, SAME, 0, "kind_pin_wrong"},
	{"K17", IN(VERIFIED), ON(KIND_PIN_LOCKED), ALWAYS, TO(REFUSED), DO(ERASE),
	 "kind_pin_locked"},
	{"K18", IN(VERIFIED), ON(DOCUMENT), ALWAYS, TO(DELIVERED), DO(MADE) | DO(COPIES), NULL},
	{"K19", IN(VERIFIED), ON(NO_SEAL_REGISTRATION), ALWAYS, TO(REFUSED), DO(ERASE),
	 "no_seal_registration"},
	{"K19", IN(VERIFIED), ON(UNDER_AGE), ALWAYS, TO(REFUSED), DO(ERASE), "under_age"},
	{"K19", IN(VERIFIED), ON(NO_USE_REGISTRATION), ALWAYS, TO(REFUSED), DO(ERASE),
	 "no_use_registration"},
	{"K20", IN(VERIFIED), ON(NOT_AVAILABLE), ALWAYS, TO(REFUSED), DO(ERASE),
	 "not_available_here"},
	{"K21", ASKED, ON(DOCUMENT_ERROR), ALWAYS, TO(REFUSED), UNDO, "document_error"},
	{"K22", IN(VERIFIED), ON(NO_ANSWER), ALWAYS, TO(TIMED_OUT), UNDO, "no_answer"},
	{"K22", ENDS, ON(LATE_ANSWER), ALWAYS, SAME, DO(ERASE) | DO(WITHDRAWN), NULL},

	{"K23", IN(DELIVERED), ON(CARD_LEFT), ALWAYS, SAME, DO(ALARM), "card_left"},
	{"K23", IN(DELIVERED), ON(CARD_FORGOTTEN), ALWAYS, TO(TIMED_OUT),
	 UNDO | DO(FORGOTTEN) | DO(BLOCK), "card_forgotten"},
	{"K24", IN(DELIVERED), ON(CONFIRMED), ALWAYS, TO(PAYING), DO(PREPARE_REFUND), NULL},
	{"K25", IN(DELIVERED), ON(CONFIRMED_FREE), ALWAYS, TO(PAID), 0, NULL},
	{"K26", IN(DELIVERED), ON(NOT_READY), ALWAYS, TO(CANCELLED), UNDO, "not_ready"},
	{"K27", EARLY, ON(CANCELLED), ALWAYS, TO(CANCELLED), DO(WIPE) | DO(ERASE), "cancelled"},
	{"K27", EARLY & ~IN(APPLIED), ON(IDLE), ALWAYS, TO(TIMED_OUT), DO(WIPE) | DO(ERASE),
	 "idle"},
	{"K27", EARLY, ON(LINK_LOST), ALWAYS, TO(TIMED_OUT), DO(WIPE) | DO(ERASE), "link"},
	{"K27", EARLY, ON(RESTARTED), ALWAYS, TO(CANCELLED), DO(WIPE) | DO(ERASE), "restarted"},
	{"K27", EARLY, ON(STOPPED), ALWAYS, TO(CANCELLED), DO(WIPE) | DO(ERASE), "stopped"},
	{"K27", EARLY, ON(JOURNAL_DOWN), ALWAYS, TO(CANCELLED), DO(WIPE) | DO(ERASE), "journal"},
	{"K27", ASKED, ON(CANCELLED), ALWAYS, TO(CANCELLED), UNDO, "cancelled"},
	{"K27", ASKED, ON(IDLE), ALWAYS, TO(TIMED_OUT), UNDO, "idle"},
	{"K27", ASKED, ON(LINK_LOST), ALWAYS, TO(TIMED_OUT), UNDO, "link"},
	{"K27", ASKED, ON(RESTARTED), ALWAYS, TO(CANCELLED), UNDO, "restarted"},
	{"K27", ASKED, ON(STOPPED), ALWAYS, TO(CANCELLED), UNDO, "stopped"},
	{"K27", ASKED, ON(JOURNAL_DOWN), ALWAYS, TO(CANCELLED), UNDO, "journal"},
	{"K27", IN(PAYING), ON(CANCELLED), ALWAYS, TO(CANCELLED),
	 UNDO | DO(MONEY_BACK) | DO(CANCEL_REFUND), "cancelled"},
	{"K27", IN(PAYING), ON(LINK_LOST), ALWAYS, TO(TIMED_OUT),
	 UNDO | DO(MONEY_BACK) | DO(CANCEL_REFUND), "link"},
	{"K27", IN(PAYING), ON(STOPPED), ALWAYS, TO(CANCELLED),
	 UNDO | DO(MONEY_BACK) | DO(CANCEL_REFUND), "stopped"},
	{"K27", IN(PAYING), ON(JOURNAL_DOWN), ALWAYS, TO(CANCELLED),
	 UNDO | DO(MONEY_BACK) | DO(CANCEL_REFUND), "journal"},

	{"K28", IN(PAYING), ON(PAID), ALWAYS, TO(PAID), 0, NULL},
	{"K29", IN(PAYING), ON(DECLINED), ALWAYS, TO(DELIVERED), DO(MONEY_BACK) | DO(CANCEL_REFUND),
	 "declined"},
	{"K30", IN(PAYING), ON(FOUND_SETTLED), ALWAYS, TO(PAID), 0, NULL},
	{"K30", IN(PAYING), ON(FOUND_NOT_SETTLED), ALWAYS, TO(TIMED_OUT), UNDO | DO(CANCEL_REFUND),
	 "payment_not_settled"},
	{"K30", IN(PAYING), ON(PAYMENT_UNKNOWN), ALWAYS, TO(REFUND_DUE), UNDO | DO(EFFECT_REFUND),
	 "payment_unknown"},
	{"K30", IN(PAYING), ON(SETTLED_AFTER_RESTART), ALWAYS, TO(REFUND_DUE),
	 UNDO | DO(EFFECT_REFUND), "restarted"},
	{"K30", IN(PAYING), ON(IDLE), ALWAYS, TO(REFUND_DUE), UNDO | DO(EFFECT_REFUND),
	 "payment_unknown"},
	{"K30", IN(PAYING), ON(DAY_ENDED), ALWAYS, TO(REFUND_DUE), UNDO | DO(EFFECT_REFUND),
	 "payment_unknown"},
	{"K31", LIVE | ENDS, ON(SURPLUS), ALWAYS, SAME, DO(SURPLUS), "surplus"},

	{"K32", IN(PAID), ON(PERMIT), ALWAYS, TO(PRINTING), DO(PERMIT), NULL},
	{"K33", IN(PAID), ON(NO_PERMIT), ALWAYS, TO(PRINT_FAILED), DO(VOID), "no_permit"},
	{"K33", IN(PAID), ON(RESTARTED), ALWAYS, TO(PRINT_FAILED), DO(VOID), "restarted"},
	{"K33", IN(PAID), ON(DOCUMENT_GONE), ALWAYS, TO(REFUND_DUE), UNDO | DO(EFFECT_REFUND),
	 "document_gone"},
	{"K33", IN(PAID), ON(JOURNAL_DOWN), ALWAYS, TO(REFUND_DUE), UNDO | DO(EFFECT_REFUND),
	 "journal"},
	{"K33", IN(PAID), ON(STOPPED), ALWAYS, TO(REFUND_DUE), UNDO | DO(EFFECT_REFUND), "stopped"},
	{"K33", IN(PAID), ON(DAY_ENDED), ALWAYS, TO(REFUND_DUE), UNDO | DO(EFFECT_REFUND),
	 "day_ended"},
	{"K34", IN(PRINTING), ON(ALL_OUT), ALWAYS, TO(PRINTED),
	 DO(FINISH) | DO(CANCEL_REFUND) | DO(ERASE) | DO(ISSUED), NULL},
	{"K35", IN(PRINTING), ON(PRINT_FAULT), FIRST, TO(PRINT_FAILED),
	 DO(FINISH) | DO(VOID) | DO(ALARM), "print_fault"},
	{"K35", IN(PRINTING), ON(STOPPED), FIRST, TO(PRINT_FAILED),
	 DO(FINISH) | DO(VOID) | DO(ALARM), "stopped"},
	{"K36", IN(PRINTING), ON(FOUND_COMPLETE), ALWAYS, TO(PRINTED),
	 DO(FINISH) | DO(CANCEL_REFUND) | DO(ERASE) | DO(ISSUED), NULL},
	{"K36", IN(PRINTING), ON(FOUND_INCOMPLETE), FIRST, TO(PRINT_FAILED), DO(FINISH) | DO(VOID),
	 "print_fault"},
	{"K36", IN(PRINTING), ON(NOT_KNOWABLE), FIRST, TO(PRINT_FAILED), DO(VOID), "not_knowable"},
	{"K36", IN(PRINTING), ON(DAY_ENDED), FIRST, TO(PRINT_FAILED), DO(VOID), "not_knowable"},
	{"K37", IN(PRINT_FAILED), ON(RESUME), FIRST, TO(RESUMED), DO(COPIES), NULL},
	{"K37", IN(PRINT_FAILED), ON(RESUME_REFUSED), ALWAYS, SAME, DO(SECURITY), "resume_refused"},
	{"K37", IN(PRINT_FAILED), ON(RESTARTED), ALWAYS, SAME, 0, "restarted"},
	{"K37", IN(RESUMED), ON(PERMIT), ALWAYS, TO(PRINTING), DO(PERMIT), NULL},
	{"K38", IN(PRINT_FAILED), ON(REFUND_CHOSEN), ALWAYS, TO(REFUND_DUE), OWED, "refund_chosen"},
	{"K38", IN(PRINT_FAILED) | IN(RESUMED), ON(DAY_ENDED), ALWAYS, TO(REFUND_DUE), OWED,
	 "day_ended"},
	{"K38", IN(PRINT_FAILED) | IN(RESUMED), ON(DOCUMENT_GONE), ALWAYS, TO(REFUND_DUE), OWED,
	 "document_gone"},
	{"K38", IN(RESUMED), ON(REFUND_CHOSEN), ALWAYS, TO(REFUND_DUE), OWED, "refund_chosen"},
	{"K38", IN(RESUMED), ON(NO_PERMIT), ALWAYS, TO(REFUND_DUE), OWED, "no_permit"},
	{"K38", IN(RESUMED), ON(RESTARTED), ALWAYS, TO(REFUND_DUE), OWED, "restarted"},
	{"K38", IN(RESUMED), ON(STOPPED), ALWAYS, TO(REFUND_DUE), OWED, "stopped"},
	{"K38", IN(RESUMED), ON(JOURNAL_DOWN), ALWAYS, TO(REFUND_DUE), OWED, "journal"},
	{"K38", IN(PRINTING), ON(PRINT_FAULT), AGAIN, TO(REFUND_DUE), OWED | DO(FINISH) | DO(ALARM),
	 "print_fault"},
	{"K38", IN(PRINTING), ON(STOPPED), AGAIN, TO(REFUND_DUE), OWED | DO(FINISH) | DO(ALARM),
	 "stopped"},
	{"K38", IN(PRINTING), ON(FOUND_INCOMPLETE), AGAIN, TO(REFUND_DUE), OWED | DO(FINISH),
	 "print_fault"},
	{"K38", IN(PRINTING), ON(NOT_KNOWABLE), AGAIN, TO(REFUND_DUE), OWED, "not_knowable"},
	{"K38", IN(PRINTING), ON(DAY_ENDED), AGAIN, TO(REFUND_DUE), OWED, "not_knowable"},
	{"K39", IN(REFUND_DUE), ON(RETURNED), ALWAYS, TO(REFUNDED), DO(PAY_REFUND), NULL},
	{"K39", IN(REFUND_DUE), ON(NOT_RETURNABLE), ALWAYS, SAME, 0, "refund_open"},
	{"K40", IN(PRINTED), ON(TAKEN), ALWAYS, TO(COLLECTED), 0, NULL},
	{"K40", IN(PRINTED), ON(PAPER_LEFT), ALWAYS, SAME, DO(ALARM) | DO(FORGOTTEN) | DO(BLOCK),
	 "paper_left"},
	{"K40", IN(PRINTED), ON(RESTARTED), ALWAYS, SAME, DO(ALARM) | DO(FORGOTTEN) | DO(BLOCK),
	 "restarted"},
	{"K40", IN(PRINTED), ON(CLEARED), ALWAYS, TO(COLLECTED), 0, NULL},
	{"K40", IN(COLLECTED), ON(RESTARTED), ALWAYS, SAME, DO(BLOCK), "restarted"},
	{"K40", IN(COLLECTED), ON(ERASED), ALWAYS, TO(CLOSED), 0, NULL},
};

const struct flow_issue_rule *flow_issue_rule(size_t nth)
{
	return nth < sizeof table / sizeof table[0] ? &table[nth] : NULL;
}

const struct flow_issue_rule *flow_issue_find(enum flow_issue_state state,
					      enum flow_issue_event event, bool resumed)
{
	const enum flow_issue_when now = resumed ? AGAIN : FIRST;

	if ((unsigned)state >= FLOW_ISSUE_STATES_)
		return NULL;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		if (table[i].event == event && (table[i].from & 1u << state) != 0 &&
		    (table[i].when == ALWAYS || table[i].when == now))
			return &table[i];
	}
	return NULL;
}

bool flow_issue_ended(enum flow_issue_state s)
{
	return (unsigned)s < FLOW_ISSUE_STATES_ && (ENDS & 1u << s) != 0;
}

bool flow_issue_charged(enum flow_issue_state s)
{
	return (unsigned)s < FLOW_ISSUE_STATES_ &&
	       ((IN(PAID) | IN(PRINTING) | IN(PRINT_FAILED) | IN(RESUMED) | IN(PRINTED) |
		 IN(COLLECTED) | IN(CLOSED) | IN(REFUND_DUE) | IN(REFUNDED)) &
		1u << s) != 0;
}
