/* SPDX-License-Identifier: Apache-2.0 */
/* card_state.c — the states of a card and its certificates (rules TV-10). */
#include <cardflow/lifecycle.h>

#include <stddef.h>

static bool in_use(enum flow_card_state s)
{
	return s == FLOW_CARD_ACTIVE || s == FLOW_CARD_SUSPENDED;
}

static bool certificates_stand(enum flow_cert_state s)
{
	return s == FLOW_CERT_VALID || s == FLOW_CERT_ON_HOLD;
}

static enum card_error suspend(struct flow_card_states *s)
{
	if (s->card != FLOW_CARD_ACTIVE)
		return CARD_ERR_BAD_STATE;
	s->card = FLOW_CARD_SUSPENDED;
	if (s->certificates == FLOW_CERT_VALID)
		s->certificates = FLOW_CERT_ON_HOLD;
	return CARD_OK;
}

/* The certificates stay on hold: releasing them is a step of its own (R2-24). */
static enum card_error release(struct flow_card_states *s)
{
	if (s->card != FLOW_CARD_SUSPENDED)
		return CARD_ERR_BAD_STATE;
	s->card = FLOW_CARD_ACTIVE;
	return CARD_OK;
}

static enum card_error release_certificates(struct flow_card_states *s)
{
	if (s->card != FLOW_CARD_ACTIVE || s->certificates != FLOW_CERT_ON_HOLD)
		return CARD_ERR_BAD_STATE;
	s->certificates = FLOW_CERT_VALID;
	return CARD_OK;
}

static enum card_error end(struct flow_card_states *s, enum flow_cert_state certificates)
{
	if (s->card == FLOW_CARD_ABOLISHED)
		return CARD_OK;
	if (!in_use(s->card))
		return CARD_ERR_BAD_STATE;
	s->card = FLOW_CARD_ABOLISHED;
	if (certificates_stand(s->certificates))
		s->certificates = certificates;
	return CARD_OK;
}

static enum card_error move(struct flow_card_states *s, enum flow_card_state from,
			    enum flow_card_state to)
{
	if (s->card != from)
		return CARD_ERR_BAD_STATE;
	s->card = to;
	return CARD_OK;
}

enum card_error flow_card_step(struct flow_card_states *s, enum flow_card_event event,
			       enum flow_channel channel)
{
	if (s == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	/* R2-19: only the suspension, and what time does by itself, need no visit. */
	if (channel == FLOW_BY_TELEPHONE && event != FLOW_EVENT_SUSPEND &&
	    event != FLOW_EVENT_CARD_EXPIRE)
		return CARD_ERR_DENIED;
	switch (event) {
	case FLOW_EVENT_SUSPEND:
		return suspend(s);
	case FLOW_EVENT_RELEASE:
		return release(s);
	case FLOW_EVENT_CERT_RELEASE:
		return release_certificates(s);
	case FLOW_EVENT_ABOLISH:
		return end(s, FLOW_CERT_REVOKED);
	case FLOW_EVENT_CARD_EXPIRE:
		return end(s, FLOW_CERT_EXPIRED);
	case FLOW_EVENT_COLLECT:
		return move(s, FLOW_CARD_ABOLISHED, FLOW_CARD_COLLECTED);
	case FLOW_EVENT_DESTROY:
		return move(s, FLOW_CARD_COLLECTED, FLOW_CARD_DESTROYED);
	}
	return CARD_ERR_INVALID_ARGUMENT;
}

bool flow_card_usable(const struct flow_card_states *s)
{
	return s != NULL && s->card == FLOW_CARD_ACTIVE;
}
