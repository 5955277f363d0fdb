/* SPDX-License-Identifier: Apache-2.0 */
/* Speaking to a card: one owner at a time, without the mutex. */
#include "module.h"

CK_RV reader_acquire(struct reader *r)
{
	while (r->busy && !module.finalising) {
		module.away++;
		(void)pthread_cond_wait(&module.changed, &module.lock);
		module.away--;
	}
	if (module.finalising) {
		(void)pthread_cond_broadcast(&module.changed);
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	}
	r->busy = true;
	return CKR_OK;
}

void reader_release(struct reader *r)
{
	reader_settle(r);
	r->busy = false;
	(void)pthread_cond_broadcast(&module.changed);
}

CK_RV rv_of(enum card_error err)
{
	switch (err) {
	case CARD_OK:
		return CKR_OK;
	case CARD_ERR_NO_MEMORY:
		return CKR_HOST_MEMORY;
	case CARD_ERR_REMOVED:
		return CKR_DEVICE_REMOVED;
	case CARD_ERR_NO_CARD:
	case CARD_ERR_NO_READER:
	case CARD_ERR_NO_SERVICE:
	case CARD_ERR_NOT_PERMITTED:
		return CKR_TOKEN_NOT_PRESENT;
	case CARD_ERR_NOT_FOUND:
	case CARD_ERR_WRONG_TOKEN:
		return CKR_TOKEN_NOT_RECOGNIZED;
	case CARD_ERR_SECURITY_STATUS:
	case CARD_ERR_RESET:
		return CKR_USER_NOT_LOGGED_IN;
	case CARD_ERR_CANCELLED:
		return CKR_FUNCTION_CANCELED;
	case CARD_ERR_READER_BUSY:
	case CARD_ERR_TIMEOUT:
		return CKR_FUNCTION_FAILED;
	default:
		return CKR_DEVICE_ERROR;
	}
}

/* The connection works for another card than the one the caller meant, or for none. */
static bool lost(enum card_error err)
{
	return err == CARD_ERR_REMOVED || err == CARD_ERR_NO_CARD || err == CARD_ERR_NO_READER ||
	       err == CARD_ERR_NO_SERVICE;
}

/* Without the mutex. */
static enum card_error connect_reader(struct reader *r)
{
	enum card_error err;

	if (r->channel != NULL)
		return CARD_OK;
	err = source_open(module.source, r->name, &r->transport);
	if (err != CARD_OK)
		return err;
	err = card_channel_new(&r->channel, r->transport);
	if (err != CARD_OK)
		card_reader_free(&r->transport);
	else
		r->generation = card_channel_generation(r->channel);
	return err;
}

/* With the mutex. The card may have been exchanged while nobody looked: pcscd has counted. */
static CK_RV still_there(struct reader *r, uint64_t power)
{
	readers_refresh();
	if (r->power != power)
		return CKR_DEVICE_REMOVED;
	return r->card ? CKR_OK : CKR_TOKEN_NOT_PRESENT;
}

/* Connect and begin. *reset: the card is not in the state the last dialogue left it in. */
static CK_RV start(struct reader *r, bool *reset, bool *begun, enum card_error *err)
{
	uint64_t power = r->power, now = r->generation;
	bool fresh = r->channel == NULL, own = card_channel_power_cut(r->channel);
	CK_RV rv;

	module_away();
	*err = connect_reader(r);
	if (*err == CARD_OK)
		*err = card_channel_begin(r->channel, 0);
	*begun = *err == CARD_OK;
	if (*begun)
		now = card_channel_generation(r->channel);
	/* A card without card manager is cleared by cutting its power: that reset is ours. */
	*reset = now != r->generation && !(own && now == r->generation + 1);
	rv = module_back();
	if (rv == CKR_OK && (fresh || now != r->generation || lost(*err)))
		rv = still_there(r, power);
	if (rv == CKR_OK) {
		r->power += *reset;
		r->generation = now;
	}
	return rv;
}

/* After a dialogue: did it fail because the card went? */
static CK_RV judge(struct reader *r, uint64_t power, enum card_error err)
{
	if (!lost(err) && err != CARD_ERR_OUTCOME_UNKNOWN)
		return CKR_OK;
	readers_refresh();
	if (r->power != power || !r->card)
		return CKR_DEVICE_REMOVED;
	if (!lost(err))
		return CKR_OK;
	/* Our own connection knows before pcscd has counted. */
	reader_gone(r);
	return CKR_DEVICE_REMOVED;
}

CK_RV reader_dialogue(struct reader *r, dialogue_fn *fn, void *ctx, enum card_error *err)
{
	bool reset = false, begun = false;
	uint64_t power;
	enum card_error ended = CARD_OK;
	CK_RV rv;

	*err = CARD_OK;
	if (r->stale)
		return CKR_DEVICE_REMOVED;
	if (!r->card)
		return CKR_TOKEN_NOT_PRESENT;
	rv = start(r, &reset, &begun, err);
	power = r->power;
	if (begun) {
		module_away();
		if (rv == CKR_OK)
			*err = fn(r->channel, r, reset, ctx);
		ended = card_channel_end(r->channel);
		if (module_back() != CKR_OK)
			rv = CKR_CRYPTOKI_NOT_INITIALIZED;
	}
	/* What was done was done, even if the card went away at the very end. */
	if (*err == CARD_OK && ended != CARD_ERR_RESET && ended != CARD_ERR_REMOVED)
		*err = ended;
	return rv == CKR_OK ? judge(r, power, *err) : rv;
}
