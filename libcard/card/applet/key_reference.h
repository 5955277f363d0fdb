/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARD_KEY_REFERENCE_H
#define CARD_KEY_REFERENCE_H

#include <card/channel.h>

/* Record 1 of a record EF of the current application: 16 bytes (card-spec 3.5, 3.6), as the
 * value of a simple TLV or bare. CARD_ERR_MALFORMED: neither. */
enum card_error key_reference_read(card_channel_t *ch, uint16_t file, uint8_t out[16]);

#endif
