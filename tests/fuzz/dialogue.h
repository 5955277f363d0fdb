/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One dialogue with a card, from status to signature: played by the target fuzz_card against
 * answers out of the input, and by seed.c against the virtual card to write such inputs.
 *
 * Input: one byte that chooses (bit 0: an allocation fails, bit 1: text application, bit 2:
 * surface application, bit 3: sign, bit 4: local application), one that says which allocation,
 * then the answers: two bytes of length (low first), the bytes. Length FFFF: a transport error,
 * its number in the next byte (bit 7: the command may have been executed). Used up: the card is
 * gone.
 */
#ifndef DIALOGUE_H
#define DIALOGUE_H

#include <card/channel.h>

#define DIALOGUE_FAIL    0x01u
#define DIALOGUE_TEXT    0x02u
#define DIALOGUE_SURFACE 0x04u
#define DIALOGUE_SIGN    0x08u
#define DIALOGUE_LOCAL   0x10u

/* The parts chosen, in one transaction. Ends the program if a promise of libcard is broken. */
void dialogue_play(card_channel_t *ch, unsigned choice);

#endif
