/* SPDX-License-Identifier: Apache-2.0 */
/* What pin.c shares with pin_pad.c: the table of secrets, and when one may be presented. */
#ifndef CARD_PIN_INTERNAL_H
#define CARD_PIN_INTERNAL_H

#include <card/apdu.h>
#include <card/channel.h>
#include <card/pin.h>

/* card-spec 4.1 */
#define INS_VERIFY        0x20u
#define INS_CHANGE        0x24u
#define INS_CHANGE_JICSAP 0x32u

enum pin_change_form { NO_CHANGE, CHANGE_ISO, CHANGE_JICSAP };

struct pin_info {
	const struct card_bytes *aid;
	uint16_t file;
	struct card_pin_format format;
	enum pin_change_form change;
	const char *ja, *en;
};

/* NULL: no such secret. Static. */
const struct pin_info *pin_info(enum card_pin pin);

/* May a secret be presented now? Reads the tries unless this transaction knows them; the
 * application is selected afterwards. CARD_ERR_PIN_LOCKED, CARD_ERR_LAST_TRY, as card_pin_verify. */
enum card_error pin_may_present(card_channel_t *ch, enum card_pin pin, unsigned flags, int *tries);

/* Keep for this transaction what is known of the tries; CHANNEL_NOT_ASKED before one is used. */
void pin_note_tries(card_channel_t *ch, enum card_pin pin, int tries);

/* What the status word of the VERIFY just answered means. *tries changes unless it is 9000. */
enum card_error pin_verify_result(card_channel_t *ch, enum card_pin pin, int *tries);

/* The command that replaces a secret, without its data; pin_info(pin)->change is not NO_CHANGE. */
void pin_change_header(enum card_pin pin, struct card_apdu *out);

/* What the status word of the CHANGE just answered means. */
enum card_error pin_change_result(card_channel_t *ch);

#endif
