/* SPDX-License-Identifier: Apache-2.0 */
/* card_state.c — the states of a card and of a certificate on it, as one table (rules TV-10). */
#include <cardflow/lifecycle.h>

#include <stddef.h>
#include <string.h>

#define S(state) (1u << (state))
#define ANY      0xFFu
#define STAYS    (-1)
#define IN_USE   (S(FLOW_CARD_ACTIVE) | S(FLOW_CARD_SUSPENDED))
#define STANDS   (S(FLOW_CERT_VALID) | S(FLOW_CERT_ON_HOLD))

/* One transition. A certificate that is not in `moves` stays as it is: releasing the card releases
 * no certificate, and the other way round (R2-24). */
struct row {
	enum flow_card_event event;
	unsigned card;  /* the card is in one of these */
	unsigned cert;  /* and the certificate in one of these */
	int card_to;    /* or STAYS */
	unsigned moves; /* certificates in these go to cert_to */
	enum flow_cert_state cert_to;
	bool by_telephone;
};

static const struct row rows[] = {
	/* R2-19…R2-22: one request covers card and certificates. */
	{FLOW_EVENT_SUSPEND, S(FLOW_CARD_ACTIVE), ANY, FLOW_CARD_SUSPENDED, S(FLOW_CERT_VALID),
	 FLOW_CERT_ON_HOLD, true},
	/* R2-20: the two are separate states, so a hold stands alone too. */
	{FLOW_EVENT_CERT_HOLD, IN_USE, S(FLOW_CERT_VALID), STAYS, S(FLOW_CERT_VALID),
	 FLOW_CERT_ON_HOLD, true},
	/* R2-23…R2-25 */
	{FLOW_EVENT_RELEASE, S(FLOW_CARD_SUSPENDED), ANY, FLOW_CARD_ACTIVE, 0, FLOW_CERT_VALID,
	 false},
	{FLOW_EVENT_CERT_RELEASE, S(FLOW_CARD_ACTIVE), S(FLOW_CERT_ON_HOLD), STAYS,
	 S(FLOW_CERT_ON_HOLD), FLOW_CERT_VALID, false},
	/* R2-26…R2-28; what is abolished already, also by its date, needs no step. */
	{FLOW_EVENT_ABOLISH, IN_USE, ANY, FLOW_CARD_ABOLISHED, STANDS, FLOW_CERT_REVOKED, false},
	{FLOW_EVENT_ABOLISH, S(FLOW_CARD_ABOLISHED), ANY, STAYS, 0, FLOW_CERT_REVOKED, false},
	{FLOW_EVENT_COLLECT, S(FLOW_CARD_ABOLISHED), ANY, FLOW_CARD_COLLECTED, 0, FLOW_CERT_VALID,
	 false},
	{FLOW_EVENT_DESTROY, S(FLOW_CARD_COLLECTED), ANY, FLOW_CARD_DESTROYED, 0, FLOW_CERT_VALID,
	 false},
	/* R2-18: a change of the resident record ends a certificate alone. */
	{FLOW_EVENT_CERT_REVOKE, IN_USE, STANDS, STAYS, STANDS, FLOW_CERT_REVOKED, false},
	/* What time does by itself. */
	{FLOW_EVENT_CARD_EXPIRE, IN_USE, ANY, FLOW_CARD_ABOLISHED, STANDS, FLOW_CERT_EXPIRED, true},
	{FLOW_EVENT_CARD_EXPIRE, S(FLOW_CARD_ABOLISHED), ANY, STAYS, 0, FLOW_CERT_EXPIRED, true},
	{FLOW_EVENT_CERT_EXPIRE, ANY, STANDS, STAYS, STANDS, FLOW_CERT_EXPIRED, true},
};

#define ROWS (sizeof rows / sizeof *rows)

static const char *const event_names[] = {"suspend",
					  "release",
					  "release-certificate",
					  "abolish",
					  "collect",
					  "destroy",
					  "card-expired",
					  "hold",
					  "revoke",
					  "certificate-expired"};
static const char *const card_names[] = {"active", "suspended", "abolished", "collected",
					 "destroyed"};
static const char *const cert_names[] = {"valid", "on_hold", "revoked", "expired", "none"};

const char *flow_card_event_name(enum flow_card_event e)
{
	return (unsigned)e <= FLOW_EVENT_CERT_EXPIRE ? event_names[e] : "";
}

const char *flow_card_state_name(enum flow_card_state s)
{
	return (unsigned)s <= FLOW_CARD_DESTROYED ? card_names[s] : "";
}

const char *flow_cert_state_name(enum flow_cert_state s)
{
	return (unsigned)s <= FLOW_CERT_NONE ? cert_names[s] : "";
}

static int word_of(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; name != NULL && i < n; i++) {
		if (strcmp(names[i], name) == 0)
			return (int)i;
	}
	return -1;
}

bool flow_card_state_find(const char *name, enum flow_card_state *out)
{
	const int i = word_of(card_names, sizeof card_names / sizeof *card_names, name);

	if (i >= 0)
		*out = (enum flow_card_state)i;
	return i >= 0;
}

bool flow_cert_state_find(const char *name, enum flow_cert_state *out)
{
	const int i = word_of(cert_names, sizeof cert_names / sizeof *cert_names, name);

	if (i >= 0)
		*out = (enum flow_cert_state)i;
	return i >= 0;
}

static const struct row *find(const struct flow_card_states *s, enum flow_card_event event)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].event == event && (rows[i].card & S(s->card)) != 0 &&
		    (rows[i].cert & S(s->certificates)) != 0)
			return &rows[i];
	}
	return NULL;
}

/* What the rows of an event have in common. */
static void gather(enum flow_card_event event, unsigned *card, bool *by_telephone)
{
	*card = 0;
	*by_telephone = true;
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].event != event)
			continue;
		*card |= rows[i].card;
		*by_telephone = *by_telephone && rows[i].by_telephone;
	}
}

/* The card is in a state that this event does not start from. */
static const char *card_reason(enum flow_card_state s, enum flow_card_event event)
{
	const bool later = event == FLOW_EVENT_COLLECT || event == FLOW_EVENT_DESTROY;

	switch (s) {
	case FLOW_CARD_DESTROYED:
		return "card_destroyed";
	case FLOW_CARD_COLLECTED:
		return event == FLOW_EVENT_COLLECT ? "card_already_collected" : "card_collected";
	case FLOW_CARD_ABOLISHED:
		return event == FLOW_EVENT_DESTROY ? "card_not_collected" : "card_abolished";
	case FLOW_CARD_SUSPENDED:
		if (event == FLOW_EVENT_SUSPEND)
			return "card_already_suspended";
		return later ? "card_not_abolished" : "card_still_suspended";
	case FLOW_CARD_ACTIVE:
		break;
	}
	return later ? "card_not_abolished" : "card_not_suspended";
}

static const char *cert_reason(enum flow_cert_state s)
{
	static const char *const why[] = {"certificate_not_on_hold", "certificate_already_on_hold",
					  "certificate_revoked", "certificate_expired",
					  "certificate_absent"};

	return why[s];
}

const char *flow_card_refusal(const struct flow_card_states *s, enum flow_card_event event,
			      enum flow_channel channel)
{
	unsigned card;
	bool by_telephone;

	if (s == NULL || (unsigned)event > FLOW_EVENT_CERT_EXPIRE ||
	    (unsigned)s->card > FLOW_CARD_DESTROYED || (unsigned)s->certificates > FLOW_CERT_NONE)
		return "unknown";
	gather(event, &card, &by_telephone);
	if (channel == FLOW_BY_TELEPHONE && !by_telephone)
		return "telephone";
	if ((card & S(s->card)) == 0)
		return card_reason(s->card, event);
	return find(s, event) == NULL ? cert_reason(s->certificates) : NULL;
}

enum card_error flow_card_step(struct flow_card_states *s, enum flow_card_event event,
			       enum flow_channel channel)
{
	const char *why = flow_card_refusal(s, event, channel);
	const struct row *r;

	if (why != NULL && strcmp(why, "unknown") == 0)
		return CARD_ERR_INVALID_ARGUMENT;
	if (why != NULL)
		return strcmp(why, "telephone") == 0 ? CARD_ERR_DENIED : CARD_ERR_BAD_STATE;
	r = find(s, event);
	if (r->card_to != STAYS)
		s->card = (enum flow_card_state)r->card_to;
	if ((r->moves & S(s->certificates)) != 0)
		s->certificates = r->cert_to;
	return CARD_OK;
}

bool flow_card_usable(const struct flow_card_states *s)
{
	return s != NULL && s->card == FLOW_CARD_ACTIVE;
}
