/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cards.h — the register of card states of this machine (cardflow/card_register.h).
 *
 * The configuration names it: card-register (a store) and card-register-key (32 octets, mode 0600);
 * else they are cards.db and cards.key in kazasu/cards below $XDG_STATE_HOME: beside the counter, which
 * a restore exchanges, not in it.
 */
#ifndef KAZASU_CARDS_H
#define KAZASU_CARDS_H

#include "desk.h"

#include <cardflow/card_register.h>
#include <cardflow/identify.h>

struct kz_cards {
	bool there; /* a register is named, or one with a card was made: counters have to ask it */
	flow_store_t *store;
	flow_cards_t *cards; /* NULL: it cannot be reached */
	uint8_t key[FLOW_CARDS_KEY];
	bool has_key;
	struct kz *kz;
	int64_t now;
};

/* For a counter: one that is there but cannot be reached is told, and knows no card (PD-15). KZ_GO, or the
 * exit code of a wrong configuration. Close in any case. */
int kz_cards_look(struct kz *kz, struct kz_cards *out);

/* For administration: it has to be there; create: make store and key where there are none. KZ_GO, or
 * the exit code. */
int kz_cards_open(struct kz *kz, bool create, struct kz_cards *out);
void kz_cards_close(struct kz_cards *c);

/* A flow_status_fn; ctx is a struct kz_cards. 2 commands: the common record. */
enum flow_status kz_cards_status(void *ctx, card_channel_t *ch);

#endif
