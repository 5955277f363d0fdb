/* SPDX-License-Identifier: Apache-2.0 */
/* tries.h — the secrets of a card by the names of the command line, and their tries left. */
#ifndef KAZASU_TRIES_H
#define KAZASU_TRIES_H

#include "kazasu.h"

#include <card/pin.h>

/* sign auth text juki common number-a number-b text-number-a text-number-b birth; number-a and
 * number-b mean those of the surface application. False: no such word. */
bool kz_pin_by_word(const char *word, enum card_pin *out);

/* The "tries" object of `status` and `pin status`. */
json_t *kz_tries_json(const int tries[CARD_PIN_COUNT_]);

/* The same as lines for people. */
void kz_tries_say(const struct kz *kz, const int tries[CARD_PIN_COUNT_]);

#endif
