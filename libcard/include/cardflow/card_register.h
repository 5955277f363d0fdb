/* SPDX-License-Identifier: Apache-2.0 */
/*
 * card_register.h — the register of card and certificate states, as the card-management system and
 * its call centre keep it (rules TV-10, R2-19…R2-28; here a simulator of it).
 *
 * Nothing in the register tells whose card it is: card, certificates and holder stand under
 * HMAC-SHA256 with the register's own key, which lies apart from it (rules PD-26). Whoever has a card,
 * a certificate or a subject, and the key, finds the entry; the register alone tells nobody anything.
 *
 * A step is one durable commit: states, the change with its transaction, and the identity check that
 * was used up. Dates end states by themselves: a card past its last day counts as abolished, its
 * certificates as expired, in every answer (R2-26).
 */
#ifndef CARDFLOW_CARD_REGISTER_H
#define CARDFLOW_CARD_REGISTER_H

#include <card/crl.h>

#include <cardflow/lifecycle.h>
#include <cardflow/store.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FLOW_CARDS_KEY 32 /* octets of the register's key */
#define FLOW_CARDS_ID  64 /* hexadecimal digits of an HMAC */

enum flow_cert_use { FLOW_CERT_AUTH = 0, FLOW_CERT_SIGN, FLOW_CERT_USES_ };
#define FLOW_USE_AUTH 1u
#define FLOW_USE_SIGN 2u
#define FLOW_USE_BOTH 3u
/* "auth", "sign". Static. */
CARD_API const char *flow_cert_use_name(enum flow_cert_use u);

/* A certificate of a card, as of the moment that was asked for. */
struct flow_card_cert {
	char id[FLOW_CARDS_ID + 1]; /* "": the card has none (state FLOW_CERT_NONE) */
	enum flow_cert_state state;
	enum card_crl_reason reason; /* on hold, revoked; else CARD_CRL_NO_REASON */
	int64_t since;               /* of this state; 0: since it is in the register */
	int64_t not_after;
};

struct flow_card_entry {
	char id[FLOW_CARDS_ID + 1], subject[FLOW_CARDS_ID + 1];
	enum flow_card_state state;
	bool expired;            /* abolished by its date alone */
	struct card_date expiry; /* its last day */
	int64_t since;           /* of this state; 0: since it is in the register */
	struct flow_card_cert cert[FLOW_CERT_USES_];
};

typedef struct flow_cards flow_cards_t;

/* Make the tables in a store. Errors of flow_store_run. */
CARD_API enum card_error flow_cards_setup(flow_store_t *store);

/* The store is borrowed; the key is copied and wiped when it is closed. */
CARD_API enum card_error flow_cards_open(flow_cards_t **out, flow_store_t *store,
					 const uint8_t key[FLOW_CARDS_KEY]);
CARD_API void flow_cards_close(flow_cards_t **c);

/* What something is called in this register. serial: 15 digits of the card's common record;
 * certificate: its DER; subject: "atena:…" or "case:…". CARD_ERR_INVALID_ARGUMENT: it is none;
 * CARD_ERR_CRYPTO. */
CARD_API enum card_error flow_cards_name_card(const flow_cards_t *c, const char *serial,
					      char out[FLOW_CARDS_ID + 1]);
CARD_API enum card_error flow_cards_name_certificate(const flow_cards_t *c, struct card_bytes der,
						     char out[FLOW_CARDS_ID + 1]);
CARD_API enum card_error flow_cards_name_subject(const flow_cards_t *c, const char *subject,
						 char out[FLOW_CARDS_ID + 1]);

/*
 * What binds the record of an identity check to its subject without telling it: 40 letters a–p, an
 * HMAC over the check's transaction and the subject. Provable against a subject that is named, other
 * in every record, and of no use to who lacks the key.
 */
#define FLOW_CARDS_PROOF 40
CARD_API enum card_error flow_cards_proof(const uint8_t key[FLOW_CARDS_KEY], const char *txn,
					  const char *subject, char out[FLOW_CARDS_PROOF + 1]);

/*
 * Take in a card that is delivered (kofu): active, its certificates valid. DER that is empty: the
 * card has no such certificate. CARD_ERR_DENIED: the card is there already, or the subject has one in
 * use still, which has to be abolished first (R2-27): *code "card_there", "card_in_use".
 * CARD_ERR_EXPIRED: the last day is over. CARD_ERR_MALFORMED and others of card_cert_new: not certificates.
 */
struct flow_card_new {
	const char *serial, *subject;
	struct card_date expiry;
	struct card_bytes cert[FLOW_CERT_USES_];
	int64_t now;
};
CARD_API enum card_error flow_cards_enrol(flow_cards_t *c, const struct flow_card_new *n,
					  struct flow_card_entry *out, const char **code);

/* The entry of this name (of a card; of a certificate: *use too) as of now. CARD_ERR_NOT_FOUND. */
CARD_API enum card_error flow_cards_get(flow_cards_t *c, const char *id, int64_t now,
					struct flow_card_entry *out);
CARD_API enum card_error flow_cards_by_certificate(flow_cards_t *c, const char *id, int64_t now,
						   struct flow_card_entry *out,
						   enum flow_cert_use *use);

/* The card of a subject that an event is about: the newest that may take it; if none may, the newest.
 * CARD_ERR_NOT_FOUND: the subject has none. */
CARD_API enum card_error flow_cards_of(flow_cards_t *c, const char *subject,
				       enum flow_card_event event, enum flow_channel channel,
				       unsigned uses, int64_t now, struct flow_card_entry *out);

struct flow_card_step {
	const char *card; /* its name */
	enum flow_card_event event;
	enum flow_channel channel;
	unsigned uses;               /* HOLD, CERT_RELEASE, CERT_REVOKE: which certificates */
	enum card_crl_reason reason; /* ABOLISH, CERT_REVOKE */
	const char *record;          /* of the identity check that is used up; NULL: none is */
	const char *txn;             /* of the journal */
	int64_t now;
};

/* NULL, or why the step is refused (flow_card_refusal). A step on several certificates is refused
 * only if none of them may take it. */
CARD_API const char *flow_cards_refusal(const struct flow_card_entry *e,
					const struct flow_card_step *s);

/*
 * Do it. *is: the entry afterwards; *changed: false if nothing had to be done. CARD_ERR_BAD_STATE and
 * CARD_ERR_DENIED with *code (flow_card_refusal; "record_used": this identity check has opened
 * something already); CARD_ERR_NOT_FOUND; errors of flow_store_run. Nothing is changed then.
 */
CARD_API enum card_error flow_cards_do(flow_cards_t *c, const struct flow_card_step *s,
				       struct flow_card_entry *is, bool *changed,
				       const char **code);

/* True if an identity check was used up by a step. */
CARD_API bool flow_cards_record_used(flow_cards_t *c, const char *record);

#ifdef __cplusplus
}
#endif
#endif
