/* SPDX-License-Identifier: Apache-2.0 */
/* pin_change.h — replacing a secret, and what `kazasu pin` says of one. */
#ifndef KAZASU_PIN_CHANGE_H
#define KAZASU_PIN_CHANGE_H

#include <jansson.h>

#include "session.h"

/*
 * Ask for the old secret and the new one and replace it, in a transaction of its own; say so.
 * word: the secret as the person named it. A numeric one is typed on the keys of the reader, if
 * that can verify and change. KZ_DONE, or the exit code of what was reported.
 */
int kz_pin_change(struct kz *kz, struct kz_session *card, const char *word, enum card_pin pin,
		  bool last_try);

/* {"pin":word, what:true, "tries_left":tries}; without the count if it is not known. */
json_t *kz_pin_result(const char *word, const char *what, int tries);

/* After a success the card has its full count again: what it is, it says. Returns err, or what
 * asking gave. */
enum card_error kz_pin_count_again(struct kz_session *card, enum card_pin pin, enum card_error err,
				   int *tries);

#endif
