/* SPDX-License-Identifier: Apache-2.0 */
/* card_admin.c — who may change the state of a card, and what he has to bring (rules R2-19…R2-28). */
#include "card_register_internal.h"

#include <cardflow/card_admin.h>

#include <stdio.h>
#include <string.h>

/* What an event asks for, beside the table of states. */
static const struct demand {
	const char *procedure;
	enum flow_card_event event;
	bool written;    /* 一時停止解除申請書 and an identity check (R2-23) */
	bool identified; /* a caller by telephone, or an identity check at the window (R2-22) */
	bool two;        /* it is final: another person approves */
} demands[] = {
	{"ichiji-teishi", FLOW_EVENT_SUSPEND, false, true, false},
	{"ichiji-teishi", FLOW_EVENT_CERT_HOLD, false, true, false},
	{"ichiji-kaijo", FLOW_EVENT_RELEASE, true, true, false},
	{"horyu-kaijo", FLOW_EVENT_CERT_RELEASE, true, true, false},
	{"haishi", FLOW_EVENT_ABOLISH, false, false, true},
	{"haishi", FLOW_EVENT_CERT_REVOKE, false, false, true},
	{"haishi", FLOW_EVENT_COLLECT, false, false, false},
	{"haishi", FLOW_EVENT_DESTROY, false, false, false},
};

static const struct demand *demand_of(enum flow_card_event event)
{
	for (size_t i = 0; i < sizeof demands / sizeof *demands; i++) {
		if (demands[i].event == event)
			return &demands[i];
	}
	return NULL;
}

const char *flow_card_procedure(enum flow_card_event event)
{
	const struct demand *d = demand_of(event);

	return d != NULL ? d->procedure : "";
}

/* One order while it is looked at. */
struct work {
	flow_cards_t *cards;
	flow_store_t *store;
	journal_t *j;
	const struct flow_card_order *o;
	const struct demand *d;
	struct flow_operator who, approver;
	char related[24], reason[160];
	const char *code;
};

static struct journal_record record(const struct work *w)
{
	return (struct journal_record){.event = "card-state",
				       .operator_id = w->who.id,
				       .role = w->who.roles,
				       .organ = w->who.organ,
				       .procedure = w->d->procedure,
				       .reason = w->reason,
				       .subject = w->o->subject,
				       .recipient = w->o->channel == FLOW_BY_TELEPHONE ? "telephone"
										       : "visit",
				       .approver = w->approver.id,
				       .related = w->related};
}

/* The refusal is in the journal before it is told; *code lives in w->code. */
static enum card_error refuse(struct work *w, const char *code, enum card_error err)
{
	struct journal_record r = record(w);
	enum card_error noted;

	r.result = JOURNAL_REFUSED;
	r.code = code;
	noted = journal_append(w->j, &r, 1, NULL);
	w->code = code;
	return noted == CARD_OK ? err : noted;
}

static bool may_work(const struct flow_operator *o)
{
	return flow_list_has(o->roles, "operator") || flow_list_has(o->roles, "reception");
}

static enum card_error look_at_operator(struct work *w)
{
	enum flow_login why = FLOW_LOGIN_NO_SESSION;
	char what[80];
	enum card_error err = flow_session_check(w->store, w->o->terminal, w->o->token, w->o->now,
						 &w->who, NULL, &why);

	if (err == CARD_ERR_DENIED)
		return refuse(w, flow_login_code(why), err);
	if (err != CARD_OK)
		return err;
	snprintf(what, sizeof what, "procedure:%s", w->d->procedure);
	if (!may_work(&w->who))
		return refuse(w, "role", CARD_ERR_DENIED);
	if (!flow_right_held(w->store, w->who.id, what, "update"))
		return refuse(w, "no_right", CARD_ERR_DENIED);
	return CARD_OK;
}

/* What is final takes two. */
static enum card_error look_at_approver(struct work *w)
{
	enum flow_login why = FLOW_LOGIN_NO_SESSION;
	enum card_error err;

	if (w->o->approver_token == NULL)
		return refuse(w, "approver_missing", CARD_ERR_DENIED);
	err = flow_session_check(w->store, w->o->terminal, w->o->approver_token, w->o->now,
				 &w->approver, NULL, &why);
	if (err == CARD_ERR_DENIED)
		return refuse(w, flow_login_code(why), err);
	if (err != CARD_OK)
		return err;
	if (strcmp(w->approver.id, w->who.id) == 0)
		return refuse(w, "approver_is_operator", CARD_ERR_DENIED);
	if (!flow_list_has(w->approver.roles, "supervisor") &&
	    !flow_list_has(w->approver.roles, "security"))
		return refuse(w, "approver_role", CARD_ERR_DENIED);
	return CARD_OK;
}

static bool application_good(const char *text)
{
	const size_t n = strlen(text);
	size_t digits = 0;

	/* The journal takes no row of eleven digits, grouped or not: it might be a 住民票コード. */
	for (size_t i = 0; i < n && digits < 11; i++)
		digits = text[i] >= '0' && text[i] <= '9' ? digits + 1
			 : text[i] == '-'                 ? digits
							  : 0;
	return n >= 1 && n <= 32 && digits < 11 &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
		       n;
}

static enum card_error look_at_application(struct work *w)
{
	const char *application = w->o->application;

	if (application == NULL || *application == '\0')
		return refuse(w, "application_missing", CARD_ERR_DENIED);
	if (!application_good(application))
		return refuse(w, "application_malformed", CARD_ERR_DENIED);
	snprintf(w->reason, sizeof w->reason, "application=%s", application);
	return CARD_OK;
}

static enum card_error look_at_check(struct work *w)
{
	const struct flow_card_proof p = {.record = w->o->record,
					  .subject = w->o->subject,
					  .procedure = w->d->procedure,
					  .key = w->cards->key,
					  .today = card_date_in_japan(w->o->now)};
	char related[24];
	const char *code = NULL;
	enum card_error err;

	if (w->o->record == NULL)
		return refuse(w, "record_missing", CARD_ERR_DENIED);
	err = flow_card_proof_check(w->store, w->j, &p, related, &code);
	if (err == CARD_ERR_DENIED)
		return refuse(w, code, err);
	if (err != CARD_OK)
		return err;
	snprintf(w->related, sizeof w->related, "%s", related);
	return flow_cards_record_used(w->cards, w->o->record)
		       ? refuse(w, "record_used", CARD_ERR_DENIED)
		       : CARD_OK;
}

/* Grounds, each by the channel on which they came. */
static enum card_error look_at_grounds(struct work *w)
{
	enum card_error err = CARD_OK;

	if (w->d->two)
		return look_at_approver(w);
	if (w->d->written)
		err = look_at_application(w);
	if (err != CARD_OK || !w->d->identified)
		return err;
	if (w->o->channel == FLOW_BY_TELEPHONE)
		return w->o->caller_identified
			       ? CARD_OK
			       : refuse(w, "caller_not_identified", CARD_ERR_DENIED);
	return look_at_check(w);
}

static void say_states(const struct flow_card_entry *was, const struct flow_card_entry *is,
		       char out[160])
{
	snprintf(out, 160, "card=%s>%s;auth=%s>%s;sign=%s>%s", flow_card_state_name(was->state),
		 flow_card_state_name(is->state),
		 flow_cert_state_name(was->cert[FLOW_CERT_AUTH].state),
		 flow_cert_state_name(is->cert[FLOW_CERT_AUTH].state),
		 flow_cert_state_name(was->cert[FLOW_CERT_SIGN].state),
		 flow_cert_state_name(is->cert[FLOW_CERT_SIGN].state));
}

static enum card_error carry_out(struct work *w, struct flow_card_step *s,
				 struct flow_card_outcome *out)
{
	struct journal_record r = record(w);
	char states[160];
	enum card_error err, noted;

	r.code = flow_card_event_name(s->event);
	err = journal_intent(w->j, &r, out->txn, &out->seq);
	if (err != CARD_OK)
		return err;
	s->txn = out->txn;
	err = flow_cards_do(w->cards, s, &out->is, &out->changed, &w->code);
	r.phase = JOURNAL_OUTCOME;
	r.txn = out->txn;
	r.result = err == CARD_OK ? JOURNAL_OK : w->code != NULL ? JOURNAL_REFUSED : JOURNAL_FAILED;
	say_states(&out->was, err == CARD_OK ? &out->is : &out->was, states);
	r.code = w->code != NULL ? w->code : states;
	noted = journal_append(w->j, &r, 1, NULL);
	return err != CARD_OK ? err : noted;
}

/* Nothing to do is no change, and needs nobody's approval (R2-26). */
static bool is_done(const struct flow_card_entry *e, enum flow_card_event event)
{
	return event == FLOW_EVENT_ABOLISH && e->state == FLOW_CARD_ABOLISHED;
}

static enum card_error nothing_to_do(struct work *w, struct flow_card_outcome *out)
{
	struct journal_record r = record(w);

	r.result = JOURNAL_OK;
	r.code = "no_change";
	out->is = out->was;
	return journal_append(w->j, &r, 1, NULL);
}

static enum card_error work(struct work *w, struct flow_card_outcome *out)
{
	const struct flow_card_order *o = w->o;
	struct flow_card_step s = {.event = o->event,
				   .channel = o->channel,
				   .uses = o->uses != 0 ? o->uses : FLOW_USE_BOTH,
				   .reason = o->reason,
				   .record = o->channel == FLOW_BY_VISIT ? o->record : NULL,
				   .now = o->now};
	enum card_error err = look_at_operator(w);
	const char *why;

	if (err != CARD_OK)
		return err;
	err = flow_cards_of(w->cards, o->subject, o->event, o->channel, s.uses, o->now, &out->was);
	if (err == CARD_ERR_NOT_FOUND)
		return refuse(w, "card_unknown", err);
	if (err != CARD_OK)
		return err;
	s.card = out->was.id;
	why = flow_cards_refusal(&out->was, &s);
	if (why != NULL)
		return refuse(w, why,
			      strcmp(why, "telephone") == 0 ? CARD_ERR_DENIED : CARD_ERR_BAD_STATE);
	if (is_done(&out->was, o->event))
		return nothing_to_do(w, out);
	err = look_at_grounds(w);
	return err == CARD_OK ? carry_out(w, &s, out) : err;
}

enum card_error flow_card_permitted(flow_store_t *store, journal_t *j, enum flow_card_event event,
				    const char *terminal, const char *token, int64_t now,
				    struct flow_operator *who, const char **code)
{
	const struct flow_card_order o = {
		.event = event, .terminal = terminal, .token = token, .now = now};
	struct work w = {.store = store, .j = j, .o = &o, .d = demand_of(event)};
	enum card_error err;

	if (store == NULL || j == NULL || terminal == NULL || token == NULL || code == NULL ||
	    w.d == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	err = look_at_operator(&w);
	if (who != NULL)
		*who = w.who;
	*code = w.code;
	return err;
}

enum card_error flow_card_administer(flow_cards_t *cards, flow_store_t *store, journal_t *j,
				     const struct flow_card_order *o, struct flow_card_outcome *out,
				     const char **code)
{
	struct work w = {.cards = cards, .store = store, .j = j, .o = o};
	enum card_error err;

	if (cards == NULL || store == NULL || j == NULL || o == NULL || o->subject == NULL ||
	    o->terminal == NULL || o->token == NULL || out == NULL || code == NULL ||
	    o->uses > FLOW_USE_BOTH)
		return CARD_ERR_INVALID_ARGUMENT;
	w.d = demand_of(o->event);
	if (w.d == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof *out);
	err = work(&w, out);
	*code = w.code;
	return err;
}

/* ---------------------------------------------------------------- a new card */

enum card_error flow_card_enrol(flow_cards_t *cards, flow_store_t *store, journal_t *j,
				const char *terminal, const char *token,
				const struct flow_card_new *n, struct flow_card_entry *out,
				const char **code)
{
	static const struct demand delivery = {.procedure = "kofu"};
	const struct flow_card_order o = {.subject = n != NULL ? n->subject : NULL,
					  .terminal = terminal,
					  .token = token,
					  .now = n != NULL ? n->now : 0};
	struct work w = {.cards = cards, .store = store, .j = j, .o = &o, .d = &delivery};
	struct journal_record r;
	char txn[JOURNAL_TXN + 1];
	enum card_error err, noted;

	if (cards == NULL || store == NULL || j == NULL || terminal == NULL || token == NULL ||
	    n == NULL || n->subject == NULL || out == NULL || code == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	err = look_at_operator(&w);
	r = record(&w);
	r.code = "enrol";
	if (err == CARD_OK)
		err = journal_intent(j, &r, txn, NULL);
	if (err == CARD_OK) {
		err = flow_cards_enrol(cards, n, out, &w.code);
		r.phase = JOURNAL_OUTCOME;
		r.txn = txn;
		r.result = err == CARD_OK   ? JOURNAL_OK
			   : w.code != NULL ? JOURNAL_REFUSED
					    : JOURNAL_FAILED;
		r.code = w.code != NULL ? w.code : "enrol";
		noted = journal_append(j, &r, 1, NULL);
		err = err != CARD_OK ? err : noted;
	}
	*code = w.code;
	return err;
}
