/* SPDX-License-Identifier: Apache-2.0 */
/* card_register_step.c — steps of the register: the table of card_state.c, in one commit. */
#include "card_register_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool cards_of_certificates(enum flow_card_event event)
{
	return event == FLOW_EVENT_CERT_HOLD || event == FLOW_EVENT_CERT_RELEASE ||
	       event == FLOW_EVENT_CERT_REVOKE || event == FLOW_EVENT_CERT_EXPIRE;
}

struct flow_card_states cards_pair(const struct flow_card_entry *e, enum flow_cert_use use)
{
	return (struct flow_card_states){e->state, e->cert[use].state};
}

/* The certificates that a step is about. */
static bool concerns(const struct flow_card_step *s, int use)
{
	return !cards_of_certificates(s->event) || (s->uses & (1u << use)) != 0;
}

const char *flow_cards_refusal(const struct flow_card_entry *e, const struct flow_card_step *s)
{
	const char *first = NULL;

	if (e == NULL || s == NULL)
		return "unknown";
	for (int u = 0; u < FLOW_CERT_USES_; u++) {
		const struct flow_card_states pair = cards_pair(e, (enum flow_cert_use)u);
		const char *why = flow_card_refusal(&pair, s->event, s->channel);

		if (!concerns(s, u))
			continue;
		if (why == NULL)
			return NULL;
		/* That there is no second certificate is the least of reasons. */
		if (first == NULL || strcmp(first, "certificate_absent") == 0)
			first = why;
	}
	return first != NULL ? first : "certificate_absent";
}

/* The reason that stands on the list for this state. */
static enum card_crl_reason reason_of(const struct flow_card_step *s, enum flow_cert_state state)
{
	if (state == FLOW_CERT_ON_HOLD)
		return CARD_CRL_HOLD;
	return state == FLOW_CERT_REVOKED ? s->reason : CARD_CRL_NO_REASON;
}

/* The entry as it will be; true if anything is another than before. */
static bool apply(struct flow_card_entry *e, const struct flow_card_step *s)
{
	enum flow_card_state card = e->state;
	bool changed = false;

	for (int u = 0; u < FLOW_CERT_USES_; u++) {
		struct flow_card_cert *cert = &e->cert[u];
		struct flow_card_states pair = cards_pair(e, (enum flow_cert_use)u);

		if (!concerns(s, u) || flow_card_step(&pair, s->event, s->channel) != CARD_OK)
			continue;
		card = pair.card;
		if (pair.certificates == cert->state)
			continue;
		cert->state = pair.certificates;
		cert->reason = reason_of(s, cert->state);
		cert->since = s->now;
		changed = true;
	}
	if (card == e->state)
		return changed;
	e->state = card;
	e->since = s->now;
	e->expired = false;
	return true;
}

static enum card_error write_certificate(flow_cards_t *c, const struct flow_card_cert *cert)
{
	char reason[12], since[26];
	const char *params[] = {cert->id, flow_cert_state_name(cert->state), reason, since};

	if (cert->state == FLOW_CERT_NONE)
		return CARD_OK;
	snprintf(reason, sizeof reason, "%d", (int)cert->reason);
	cards_time(cert->since, since);
	return flow_store_run(c->store,
			      "UPDATE card_certificate SET state = $2, reason = $3, since = $4"
			      " WHERE certificate = $1",
			      params, 4, NULL, NULL);
}

static void both(const struct flow_card_entry *e, char out[64])
{
	snprintf(out, 64, "%s;auth=%s;sign=%s", flow_card_state_name(e->state),
		 flow_cert_state_name(e->cert[FLOW_CERT_AUTH].state),
		 flow_cert_state_name(e->cert[FLOW_CERT_SIGN].state));
}

static enum card_error write_change(flow_cards_t *c, const struct flow_card_step *s,
				    const struct flow_card_entry *was,
				    const struct flow_card_entry *is)
{
	char before[64], after[64], time[26];
	const char *params[] = {s->txn, s->card, flow_card_event_name(s->event),
				before, after,   time};

	both(was, before);
	both(is, after);
	cards_time(s->now, time);
	return flow_store_run(c->store,
			      "INSERT INTO card_change (txn, card, event, was, becomes, time)"
			      " VALUES ($1, $2, $3, $4, $5, $6)",
			      params, 6, NULL, NULL);
}

/* The row of the card changes only if it still is what was read. */
static enum card_error write_all(flow_cards_t *c, const struct flow_card_step *s,
				 const char *stored, const struct flow_card_entry *was,
				 const struct flow_card_entry *is)
{
	char since[26];
	const char *card[] = {s->card, flow_card_state_name(is->state), since, stored};
	const char *proof[] = {s->record, s->card, s->txn};
	enum card_error err;

	cards_time(is->since, since);
	err = flow_store_run(c->store,
			     "UPDATE card_entry SET state = $2, since = $3 WHERE card = $1"
			     " AND state = $4",
			     card, 4, NULL, NULL);
	if (err == CARD_OK && flow_store_changes(c->store) != 1)
		err = CARD_ERR_TIMEOUT; /* another program was here */
	for (int u = 0; err == CARD_OK && u < FLOW_CERT_USES_; u++)
		err = write_certificate(c, &is->cert[u]);
	if (err == CARD_OK && s->record != NULL)
		err = flow_store_run(c->store,
				     "INSERT INTO card_proof (record, card, txn)"
				     " VALUES ($1, $2, $3)",
				     proof, 3, NULL, NULL);
	return err == CARD_OK ? write_change(c, s, was, is) : err;
}

static enum card_error found_one(void *ctx, const char *const *column, size_t n)
{
	(void)column;
	(void)n;
	*(bool *)ctx = true;
	return CARD_OK;
}

bool flow_cards_record_used(flow_cards_t *c, const char *record)
{
	const char *params[] = {record};
	bool used = false;

	/* What cannot be looked up counts as used: it opens nothing. */
	return c == NULL || record == NULL ||
	       flow_store_run(c->store, "SELECT 1 FROM card_proof WHERE record = $1", params, 1,
			      found_one, &used) != CARD_OK ||
	       used;
}

static enum card_error work(flow_cards_t *c, const struct flow_card_step *s, struct cards_found *f,
			    struct flow_card_entry *is, bool *changed, const char **code)
{
	enum card_error err = cards_find(c, CARDS_BY_ID, s->card, s->now, f);

	if (err != CARD_OK || f->n == 0)
		return err != CARD_OK ? err : CARD_ERR_NOT_FOUND;
	*is = f->entry[0];
	*code = flow_cards_refusal(is, s);
	if (*code != NULL)
		return strcmp(*code, "telephone") == 0 ? CARD_ERR_DENIED : CARD_ERR_BAD_STATE;
	*changed = apply(is, s);
	if (!*changed)
		return CARD_OK;
	if (s->record != NULL && flow_cards_record_used(c, s->record)) {
		*code = "record_used";
		return CARD_ERR_DENIED;
	}
	return write_all(c, s, f->stored[0], &f->entry[0], is);
}

static bool reason_good(const struct flow_card_step *s)
{
	static const enum card_crl_reason good[] = {
		CARD_CRL_UNSPECIFIED, CARD_CRL_KEY_COMPROMISE, CARD_CRL_AFFILIATION_CHANGED,
		CARD_CRL_SUPERSEDED,  CARD_CRL_CESSATION,      CARD_CRL_PRIVILEGE_WITHDRAWN};

	if (s->event != FLOW_EVENT_ABOLISH && s->event != FLOW_EVENT_CERT_REVOKE)
		return true;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		if (s->reason == good[i])
			return true;
	}
	return false;
}

enum card_error flow_cards_do(flow_cards_t *c, const struct flow_card_step *s,
			      struct flow_card_entry *is, bool *changed, const char **code)
{
	struct cards_found *f;
	enum card_error err;

	if (c == NULL || s == NULL || s->card == NULL || s->txn == NULL || is == NULL ||
	    changed == NULL || code == NULL || !reason_good(s))
		return CARD_ERR_INVALID_ARGUMENT;
	*changed = false;
	*code = NULL;
	f = malloc(sizeof *f);
	err = f != NULL ? flow_store_begin(c->store) : CARD_ERR_NO_MEMORY;
	if (err == CARD_OK) {
		err = work(c, s, f, is, changed, code);
		if (err == CARD_OK)
			err = flow_store_commit(c->store);
		if (err != CARD_OK)
			flow_store_rollback(c->store);
	}
	free(f);
	return err;
}

/* The newest that may take the step, one in use before others; else the newest. */
static size_t choose(const struct cards_found *f, const struct flow_card_step *s)
{
	size_t any = f->n;

	for (size_t i = f->n; i-- > 0;) {
		if (flow_cards_refusal(&f->entry[i], s) != NULL)
			continue;
		if (f->entry[i].state < FLOW_CARD_ABOLISHED)
			return i;
		any = any == f->n ? i : any;
	}
	return any < f->n ? any : f->n - 1;
}

enum card_error flow_cards_of(flow_cards_t *c, const char *subject, enum flow_card_event event,
			      enum flow_channel channel, unsigned uses, int64_t now,
			      struct flow_card_entry *out)
{
	const struct flow_card_step s = {.event = event, .channel = channel, .uses = uses};
	char id[FLOW_CARDS_ID + 1];
	struct cards_found *f = malloc(sizeof *f);
	enum card_error err = f == NULL || out == NULL ? CARD_ERR_NO_MEMORY
						       : flow_cards_name_subject(c, subject, id);

	if (err == CARD_OK)
		err = cards_find(c, CARDS_BY_SUBJECT, id, now, f);
	if (err == CARD_OK && f->n == 0)
		err = CARD_ERR_NOT_FOUND;
	if (err == CARD_OK)
		*out = f->entry[choose(f, &s)];
	free(f);
	return err;
}
