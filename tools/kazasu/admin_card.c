/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_card.c — the simulator of the card-management system and its call centre (rules R2-19…R2-28,
 * TV-10). Who may do what, and what for, is decided in cardflow/card_admin.h.
 */
#include "admin.h"

#include <string.h>

#include "output.h"
#include "pki.h"
#include "rules.h"

/* `release` alone is no word: a release is of the card or of its certificates, never of both. */
static const struct {
	const char *word, *object; /* object NULL: none */
	enum flow_card_event event;
} steps[] = {
	{"suspend", NULL, FLOW_EVENT_SUSPEND},
	{"hold", NULL, FLOW_EVENT_CERT_HOLD},
	{"release-card", NULL, FLOW_EVENT_RELEASE},
	{"release", "card", FLOW_EVENT_RELEASE},
	{"release-certificate", NULL, FLOW_EVENT_CERT_RELEASE},
	{"release", "certificate", FLOW_EVENT_CERT_RELEASE},
	{"abolish", NULL, FLOW_EVENT_ABOLISH},
	{"revoke", NULL, FLOW_EVENT_CERT_REVOKE},
	{"collect", NULL, FLOW_EVENT_COLLECT},
	{"destroy", NULL, FLOW_EVENT_DESTROY},
};

bool kz_admin_is_card(const char *word)
{
	static const char *const others[] = {"enrol", "card-status", "publish"};

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		if (strcmp(steps[i].word, word) == 0)
			return true;
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		if (strcmp(others[i], word) == 0)
			return true;
	}
	return false;
}

static bool find(const char *const *words, size_t n, enum flow_card_event *event)
{
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		const bool object = steps[i].object == NULL
					    ? n == 1
					    : n == 2 && strcmp(steps[i].object, words[1]) == 0;

		if (object && strcmp(steps[i].word, words[0]) == 0) {
			*event = steps[i].event;
			return true;
		}
	}
	return false;
}

/* RFC 5280's names of the reasons for which a card ends. */
static int read_reason(struct kz *kz, const char *text, enum card_crl_reason *out)
{
	static const enum card_crl_reason good[] = {
		CARD_CRL_CESSATION,  CARD_CRL_UNSPECIFIED,         CARD_CRL_KEY_COMPROMISE,
		CARD_CRL_SUPERSEDED, CARD_CRL_AFFILIATION_CHANGED, CARD_CRL_PRIVILEGE_WITHDRAWN};

	*out = good[0];
	if (text == NULL)
		return KZ_GO;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		if (strcmp(card_crl_reason_name(good[i]), text) == 0) {
			*out = good[i];
			return KZ_GO;
		}
	}
	return kz_fail_usage(kz,
			     _("--reason is cessationOfOperation, superseded, affiliationChanged, "
			       "keyCompromise, privilegeWithdrawn or unspecified."));
}

static int read_use(struct kz *kz, const char *text, unsigned *out)
{
	*out = FLOW_USE_BOTH;
	if (text == NULL)
		return KZ_GO;
	*out = strcmp(text, "auth") == 0   ? FLOW_USE_AUTH
	       : strcmp(text, "sign") == 0 ? FLOW_USE_SIGN
					   : 0;
	return *out != 0 ? KZ_GO : kz_fail_usage(kz, _("--use takes auth or sign."));
}

/* Which words belong to which step. */
static int check_words(struct kz *kz, const struct kz_admin *a, enum flow_card_event event)
{
	const bool of_certificate = event == FLOW_EVENT_CERT_HOLD ||
				    event == FLOW_EVENT_CERT_RELEASE ||
				    event == FLOW_EVENT_CERT_REVOKE;
	const bool ends = event == FLOW_EVENT_ABOLISH || event == FLOW_EVENT_CERT_REVOKE;

	if (a->use != NULL && !of_certificate)
		return kz_fail_usage(kz,
				     _("--use belongs to hold, release certificate and revoke."));
	if (!ends && (a->reason != NULL || a->approver != NULL))
		return kz_fail_usage(kz,
				     _("--reason and --approver belong to abolish and revoke."));
	if (a->caller != NULL && a->record != NULL)
		return kz_fail_usage(
			kz, _("Either by telephone (--caller) or at the window (--record)."));
	if (a->application != NULL && event != FLOW_EVENT_RELEASE &&
	    event != FLOW_EVENT_CERT_RELEASE)
		return kz_fail_usage(kz, _("--application belongs to a release."));
	if ((a->pki == NULL) != (a->lists == NULL))
		return kz_fail_usage(kz, _("--pki and --lists belong together."));
	return KZ_GO;
}

static json_t *cert_change(const struct flow_card_cert *was, const struct flow_card_cert *is)
{
	json_t *json = kz_admin_cert_json(is);

	if (json_is_object(json))
		json_object_set_new(json, "was", json_string(flow_cert_state_name(was->state)));
	return json;
}

static void say_change(struct kz *kz, const char *label, const char *was, const char *is)
{
	if (strcmp(was, is) == 0)
		kz_say_pair(kz, label, "%s", kz_card_word(is));
	else
		kz_say_pair(kz, label, "%s → %s", kz_card_word(was), kz_card_word(is));
}

static int say(struct kz *kz, const struct kz_desk *d, enum flow_card_event event,
	       const struct flow_card_outcome *o, json_t *published)
{
	const struct flow_card_cert *was = o->was.cert, *is = o->is.cert;
	char journal[80];

	snprintf(journal, sizeof journal, "%s-%ld", d->terminal, o->seq);
	say_change(kz, _("card"), flow_card_state_name(o->was.state),
		   flow_card_state_name(o->is.state));
	say_change(kz, _("certificate for authentication"),
		   flow_cert_state_name(was[FLOW_CERT_AUTH].state),
		   flow_cert_state_name(is[FLOW_CERT_AUTH].state));
	say_change(kz, _("certificate for signatures"),
		   flow_cert_state_name(was[FLOW_CERT_SIGN].state),
		   flow_cert_state_name(is[FLOW_CERT_SIGN].state));
	if (!o->changed)
		kz_say(kz, "%s\n",
		       _("There was nothing to do: the card counts as abolished already."));
	else if (published == NULL)
		kz_say(kz, "%s\n", _("Others see it when it is published: kazasu admin publish."));
	kz_json(kz, json_pack("{s:s, s:b, s:{s:s, s:s}, s:{s:o, s:o}, s:s?, s:o?}", "event",
			      flow_card_event_name(event), "changed", o->changed, "card", "state",
			      flow_card_state_name(o->is.state), "was",
			      flow_card_state_name(o->was.state), "certificates", "auth",
			      cert_change(&was[FLOW_CERT_AUTH], &is[FLOW_CERT_AUTH]), "sign",
			      cert_change(&was[FLOW_CERT_SIGN], &is[FLOW_CERT_SIGN]), "journal",
			      o->seq > 0 ? journal : NULL, "published", published));
	return KZ_DONE;
}

/* The channel, and by it who the card is of: the caller's, or of who is named. */
static int whose(struct kz *kz, struct kz_desk *d, const struct kz_admin *a,
		 struct flow_card_order *o, char subject[64])
{
	const bool may_call = o->event == FLOW_EVENT_SUSPEND || o->event == FLOW_EVENT_CERT_HOLD;
	char atena[41] = "";
	int rc;

	if (a->subject != NULL && strlen(a->subject) >= 64)
		return kz_fail_usage(
			kz, _("--subject is atena:… or case:…, never an individual number."));
	if (a->caller == NULL && (!may_call || a->record != NULL)) {
		if (a->subject == NULL)
			return kz_fail_usage(kz, _("--subject is needed."));
		snprintf(subject, 64, "%s", a->subject);
		return KZ_GO;
	}
	/* Who asks by telephone for more than a suspension is refused by the rules, whoever it is. */
	o->channel = FLOW_BY_TELEPHONE;
	rc = kz_admin_caller(kz, d, a, atena);
	o->caller_identified = rc == KZ_GO;
	snprintf(subject, 64, "atena:%s", atena);
	return rc;
}

static int change(struct kz *kz, struct kz_desk *d, struct kz_cards *c, const struct kz_admin *a,
		  struct flow_card_order *o)
{
	struct flow_card_outcome out;
	char subject[64];
	const char *code = NULL;
	json_t *published = NULL;
	enum card_error err = flow_card_permitted(d->store, d->journal, o->event, d->terminal,
						  d->token, o->now, NULL, &code);
	int rc = err == CARD_OK ? whose(kz, d, a, o, subject) : kz_admin_refuse(kz, err, code);

	if (rc != KZ_GO)
		return rc;
	o->subject = subject;
	err = flow_card_administer(c->cards, d->store, d->journal, o, &out, &code);
	o->subject = NULL;
	if (err == CARD_ERR_INVALID_ARGUMENT)
		return kz_fail_usage(
			kz, _("--subject is atena:… or case:…, never an individual number."));
	if (err != CARD_OK)
		return kz_admin_refuse(kz, err, code);
	if (a->pki != NULL)
		rc = kz_admin_publish(kz, d, c, a, &published);
	if (rc != KZ_GO)
		kz_note(kz, "%s",
			_("The change stands; only its publication failed. Do that again."));
	return rc == KZ_GO ? say(kz, d, o->event, &out, published) : rc;
}

static int step(struct kz *kz, struct kz_desk *d, struct kz_cards *c, const struct kz_admin *a,
		enum flow_card_event event)
{
	struct kz_desk second = *d; /* borrows all but the session */
	struct flow_card_order o = {.event = event,
				    .application = a->application,
				    .record = a->record,
				    .terminal = d->terminal,
				    .token = d->token,
				    .now = kz_now(kz)};
	int rc = check_words(kz, a, event);

	if (rc == KZ_GO)
		rc = read_use(kz, a->use, &o.uses);
	if (rc == KZ_GO)
		rc = read_reason(kz, a->reason, &o.reason);
	if (rc == KZ_GO && a->approver != NULL) {
		rc = kz_desk_session(kz, &second, a->approver);
		o.approver_token = second.token;
	}
	if (rc == KZ_GO)
		rc = change(kz, d, c, a, &o);
	card_wipe(second.token, sizeof second.token);
	return rc;
}

static int publish(struct kz *kz, struct kz_desk *d, struct kz_cards *c, const struct kz_admin *a)
{
	json_t *made = NULL;
	int rc;

	if (a->pki == NULL || a->lists == NULL)
		return kz_fail_usage(kz, _("--pki and --lists are needed."));
	rc = kz_admin_publish(kz, d, c, a, &made);
	if (rc != KZ_GO)
		return rc;
	kz_json(kz, made);
	return KZ_DONE;
}

static int run(struct kz *kz, struct kz_desk *d, struct kz_cards *c, const struct kz_admin *a,
	       const char *const *words, size_t n)
{
	enum flow_card_event event;

	if (strcmp(words[0], "enrol") == 0 && n == 1)
		return kz_admin_enrol(kz, d, c, a);
	if (strcmp(words[0], "card-status") == 0 && n == 1)
		return kz_admin_status(kz, d, c, a);
	if (strcmp(words[0], "publish") == 0 && n == 1)
		return publish(kz, d, c, a);
	return find(words, n, &event) ? step(kz, d, c, a, event) : KZ_INTERNAL;
}

int kz_admin_card(struct kz *kz, const struct kz_admin *a, const char *const *words, size_t n)
{
	const bool other = strcmp(words[0], "enrol") == 0 || strcmp(words[0], "card-status") == 0 ||
			   strcmp(words[0], "publish") == 0;
	enum flow_card_event event;
	struct kz_cards cards;
	struct kz_desk d;
	int rc;

	if (other ? n != 1 : !find(words, n, &event))
		return kz_fail_usage(
			kz, _("A release is of the card or of its certificates, each a step of its "
			      "own: release card, release certificate."));
	rc = kz_desk_open(kz, &d);
	if (rc != KZ_GO)
		return rc;
	rc = kz_desk_session(kz, &d, a->as);
	if (rc == KZ_GO) {
		rc = kz_cards_open(kz, strcmp(words[0], "enrol") == 0, &cards);
		if (rc == KZ_GO)
			rc = run(kz, &d, &cards, a, words, n);
		kz_cards_close(&cards);
	}
	kz_desk_close(&d);
	return rc;
}
