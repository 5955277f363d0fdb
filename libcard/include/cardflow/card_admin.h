/* SPDX-License-Identifier: Apache-2.0 */
/*
 * card_admin.h — who may change the state of a card, and on what grounds (rules R2-19…R2-28).
 *
 * | event | right "update" to | role | grounds |
 * |---|---|---|---|
 * | suspend, hold | ichiji-teishi | operator, reception | telephone: a caller who was identified by the
 *   four attributes (R2-22); visit: an identity check of this subject |
 * | release | ichiji-kaijo | operator, reception | 一時停止解除申請書 and an identity check (R2-23) |
 * | release-certificate | horyu-kaijo | operator, reception | the same, with a check of its own (R2-24) |
 * | abolish, revoke | haishi | operator, reception | a second person who approves: it is final |
 * | collect, destroy | haishi | operator, reception | – |
 *
 * An identity check counts if it stands in the journal, is of today, was made for this procedure and
 * this subject, came to person=confirmed, and has opened nothing before. Refusals are journaled with
 * their code; a change is INTENT, one commit of the register, OUTCOME (event "card-state").
 */
#ifndef CARDFLOW_CARD_ADMIN_H
#define CARDFLOW_CARD_ADMIN_H

#include <cardflow/card_register.h>
#include <cardflow/operator.h>
#include <cardflow/register.h>
#include <cardflow/rules.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The procedure whose right an event needs and for which its identity check is made. Static. */
CARD_API const char *flow_card_procedure(enum flow_card_event event);

/* What a caller says; compared with the register of residents and wiped by who owns it. */
struct flow_caller {
	const char *name, *address;
	struct card_date birth;
	char sex; /* '1', '2', '9' as in the register */
};

/*
 * Is this caller who he says (R2-22)? The register of residents is asked for the person of this name
 * and birth date (or of atena, if that is not NULL), and all four attributes are compared. The name and
 * the address may differ in blanks, width, variants, 代替文字 and kana (register.h). atena: room for 41.
 * CARD_ERR_DENIED with *code "caller_not_identified" (journaled), or a refusal of the register;
 * CARD_ERR_NO_SERVICE: no register.
 */
CARD_API enum card_error flow_card_caller(flow_register_t *reg, journal_t *j,
					  const struct flow_rules *rules, const char *operator_id,
					  const char *atena, const struct flow_caller *caller,
					  struct card_date today, char out[41], const char **code);

/*
 * The identity check behind a record id ("T1-17"): *code "record_unknown", "record_not_today",
 * "record_other_procedure", "record_not_confirmed", "record_of_agent", "record_other_subject",
 * "journal_broken"; CARD_OK: it counts. The chain of this terminal is verified from its beginning.
 * Whether it was used before is asked of the register. *seq: text for `related`, room for 24.
 */
struct flow_card_proof {
	const char *record, *subject, *procedure;
	const uint8_t *key; /* FLOW_CARDS_KEY octets */
	struct card_date today;
};
CARD_API enum card_error flow_card_proof_check(flow_store_t *store, journal_t *j,
					       const struct flow_card_proof *p, char seq[24],
					       const char **code);

/* May the owner of this session take such a step? To be asked before a caller is. CARD_ERR_DENIED with
 * *code (a code of flow_login, "role", "no_right"), journaled. *who may be NULL. */
CARD_API enum card_error flow_card_permitted(flow_store_t *store, journal_t *j,
					     enum flow_card_event event, const char *terminal,
					     const char *token, int64_t now,
					     struct flow_operator *who, const char **code);

struct flow_card_order {
	enum flow_card_event event;
	enum flow_channel channel;
	const char *subject; /* "atena:…", "case:…"; by telephone what flow_card_caller gave */
	bool caller_identified;      /* by flow_card_caller, in this run */
	unsigned uses;               /* certificate events; 0: both */
	enum card_crl_reason reason; /* abolish, revoke */
	const char *application; /* number of the 一時停止解除申請書: 1–32 of A–Z a–z 0–9 . _ - */
	const char *record;                            /* of the identity check; NULL: none */
	const char *terminal, *token, *approver_token; /* sessions; approver NULL: nobody */
	int64_t now;
};

struct flow_card_outcome {
	struct flow_card_entry was, is;
	bool changed;
	char txn[JOURNAL_TXN + 1];
	long seq; /* of the INTENT; 0: nothing had to be done, so nothing was begun */
};

/*
 * Do it. store: of operators and journal. CARD_ERR_DENIED with *code: a code of flow_login; "no_right",
 * "role", "caller_not_identified", "application_missing", "application_malformed", "record_missing",
 * those of flow_card_proof_check, "record_used", "approver_missing", "approver_is_operator",
 * "approver_role", "telephone"; CARD_ERR_BAD_STATE with the codes of flow_card_refusal;
 * CARD_ERR_NOT_FOUND with "card_unknown". Errors of journal and stores: nothing was changed, or (after
 * the commit of the register) the journal says UNKNOWN and card_change what it was.
 */
CARD_API enum card_error flow_card_administer(flow_cards_t *cards, flow_store_t *store,
					      journal_t *j, const struct flow_card_order *o,
					      struct flow_card_outcome *out, const char **code);

/* flow_cards_enrol by the owner of a session who holds the right "update" to the procedure kofu; journaled.
 * Errors and codes of both. */
CARD_API enum card_error flow_card_enrol(flow_cards_t *cards, flow_store_t *store, journal_t *j,
					 const char *terminal, const char *token,
					 const struct flow_card_new *n, struct flow_card_entry *out,
					 const char **code);

#ifdef __cplusplus
}
#endif
#endif
