/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the applet layer knows about the running transaction. The channel only keeps it and
 * forgets it in time: tries at begin, verified secrets whenever the application changes.
 */
#ifndef CARD_CHANNEL_NOTES_H
#define CARD_CHANNEL_NOTES_H

#include <card/channel.h>

#define CHANNEL_NOTES     16
#define CHANNEL_NOT_ASKED INT8_MIN

struct channel_notes {
	uint32_t verified; /* bit n: secret n was presented with success */
	bool opened; /* the card let somebody in without a secret of its own: the end must clear */
	int8_t tries[CHANNEL_NOTES]; /* of secret n, or CHANNEL_NOT_ASKED */
};

struct channel_notes *card_channel_notes(card_channel_t *ch);

#endif
