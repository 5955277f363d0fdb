/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual card as a transport: several readers of one card are like several
 * programs at one PC/SC reader. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "simcard.h"

#define DEFAULT_WAIT_MS 10000u

struct slot {
	struct card_sim *sim;
	char name[64];
};

/* Wait until no other reader has a transaction. Called with the lock. */
static enum card_error wait_turn(struct slot *r, unsigned timeout_ms)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += (time_t)(timeout_ms / 1000);
	end.tv_nsec += (long)(timeout_ms % 1000) * 1000000L;
	if (end.tv_nsec >= 1000000000L) {
		end.tv_sec++;
		end.tv_nsec -= 1000000000L;
	}
	while (r->sim->owner && r->sim->owner != r) {
		if (pthread_cond_timedwait(&r->sim->free_again, &r->sim->lock, &end) == ETIMEDOUT &&
		    r->sim->owner && r->sim->owner != r)
			return CARD_ERR_READER_BUSY;
	}
	return CARD_OK;
}

static enum card_error slot_transmit(void *ctx, struct card_bytes cmd, uint8_t *resp, size_t cap,
				     size_t *len, bool *maybe_executed)
{
	struct slot *r = ctx;

	*maybe_executed = false;
	pthread_mutex_lock(&r->sim->lock);
	enum card_error err = wait_turn(r, DEFAULT_WAIT_MS);
	bool there = !r->sim->removed;
	pthread_mutex_unlock(&r->sim->lock);
	if (err)
		return err;
	if (!there)
		return CARD_ERR_REMOVED;
	err = card_sim_transmit(r->sim, cmd, resp, cap, len);
	/* whoever asks cannot tell a tear before from one after */
	*maybe_executed = err != CARD_OK && err != CARD_ERR_INVALID_ARGUMENT;
	return err == CARD_ERR_BUFFER_TOO_SMALL ? CARD_ERR_TOO_LONG : err;
}

static enum card_error slot_begin(void *ctx, unsigned timeout_ms)
{
	struct slot *r = ctx;

	pthread_mutex_lock(&r->sim->lock);
	enum card_error err = wait_turn(r, timeout_ms ? timeout_ms : DEFAULT_WAIT_MS);
	if (!err && r->sim->removed)
		err = CARD_ERR_REMOVED;
	if (!err)
		r->sim->owner = r;
	pthread_mutex_unlock(&r->sim->lock);
	return err;
}

static enum card_error slot_end(void *ctx, enum card_disposition how)
{
	struct slot *r = ctx;

	pthread_mutex_lock(&r->sim->lock);
	if (r->sim->owner == r) {
		r->sim->owner = NULL;
		pthread_cond_broadcast(&r->sim->free_again);
	}
	if (how == CARD_UNPOWER)
		r->sim->powered = false;
	enum card_error err = r->sim->removed ? CARD_ERR_REMOVED : CARD_OK;
	pthread_mutex_unlock(&r->sim->lock);
	return err;
}

/* What the person types next: entries stand apart by blanks, the last one stays. */
static void type_next(struct slot *r, char out[sizeof r->sim->keypad])
{
	char *keys = r->sim->keypad;
	size_t n = strcspn(keys, " ");

	memcpy(out, keys, n);
	out[n] = '\0';
	if (keys[n] == ' ')
		memmove(keys, keys + n + 1, strlen(keys + n + 1) + 1);
}

/* The digits of the keypad in place of the data field. */
static enum card_error slot_pinpad(void *ctx, const struct card_pinpad_request *req, uint8_t *resp,
				   size_t cap, size_t *len, bool *maybe_executed)
{
	struct slot *r = ctx;
	uint8_t cmd[32];
	char digits[sizeof r->sim->keypad], again[sizeof r->sim->keypad];

	*maybe_executed = false;
	pthread_mutex_lock(&r->sim->lock);
	bool has = r->sim->has_keypad;
	type_next(r, digits);
	if (req->change)
		type_next(r, again);
	else
		memcpy(again, digits, sizeof again);
	pthread_mutex_unlock(&r->sim->lock);
	size_t n = strlen(digits);
	if (!has)
		return CARD_ERR_UNSUPPORTED;
	if (n == 0 || strcmp(digits, "-") == 0 || strcmp(again, "-") == 0)
		return CARD_ERR_CANCELLED;
	if (req->apdu.n < 4 || n < req->min_digits || n > req->max_digits || n + 5 > sizeof cmd)
		return CARD_ERR_TIMEOUT; /* the person never reaches the enter key */
	if (strcmp(digits, again) != 0)
		return CARD_ERR_PIN_FORMAT; /* the reader compares the two entries itself */
	memcpy(cmd, req->apdu.p, 4);
	cmd[4] = (uint8_t)n;
	for (size_t i = 0; i < n; i++)
		cmd[5 + i] = (uint8_t)digits[i];
	return slot_transmit(ctx, card_bytes(cmd, 5 + n), resp, cap, len, maybe_executed);
}

static enum card_error slot_atr(void *ctx, uint8_t *atr, size_t *len)
{
	struct slot *r = ctx;
	struct card_bytes b = card_sim_atr(r->sim);

	memcpy(atr, b.p, b.n);
	*len = b.n;
	return CARD_OK;
}

static unsigned slot_features(void *ctx)
{
	struct slot *r = ctx;

	return r->sim->has_keypad ? CARD_READER_PINPAD_VERIFY | CARD_READER_PINPAD_CHANGE : 0;
}

static const char *slot_name(void *ctx)
{
	struct slot *r = ctx;

	return r->name;
}

static uint64_t slot_generation(void *ctx)
{
	struct slot *r = ctx;

	pthread_mutex_lock(&r->sim->lock);
	uint64_t n = r->sim->generation;
	pthread_mutex_unlock(&r->sim->lock);
	return n;
}

static void slot_close(void *ctx)
{
	struct slot *r = ctx;

	slot_end(r, CARD_LEAVE);
	sim_drop(r->sim);
	free(r);
}

enum card_error card_sim_reader(card_sim_t *s, struct card_reader_ops *ops, void **ctx)
{
	if (!s || !ops || !ctx)
		return CARD_ERR_INVALID_ARGUMENT;
	struct slot *r = calloc(1, sizeof *r);
	if (!r)
		return CARD_ERR_NO_MEMORY;
	r->sim = s;
	snprintf(r->name, sizeof r->name, "Kazasu virtual card");
	pthread_mutex_lock(&s->lock);
	s->holders++;
	pthread_mutex_unlock(&s->lock);
	*ops = (struct card_reader_ops){
		.transmit = slot_transmit,
		.begin = slot_begin,
		.end = slot_end,
		.pinpad = slot_pinpad,
		.atr = slot_atr,
		.features = slot_features,
		.name = slot_name,
		.generation = slot_generation,
		.close = slot_close,
	};
	*ctx = r;
	return CARD_OK;
}
