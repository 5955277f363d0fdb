/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel.h — the dialogue with one card over a reader.
 *
 * A channel adds to a transport what ISO 7816 asks of every caller: short and extended
 * APDUs, 61xx and 6Cxx, a first 6F00 after power-up, lost answers; and what this project asks:
 * transactions that end with the security status cleared (design decision 2), commands
 * counted, the last status word kept readable. One thread at a time.
 */
#ifndef CARD_CHANNEL_H
#define CARD_CHANNEL_H

#include <card/apdu.h>
#include <card/reader.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct card_channel card_channel_t;

/* A channel over a reader; the reader is borrowed and must outlive the channel. */
CARD_API enum card_error card_channel_new(card_channel_t **out, card_reader_t *reader);

/* Ends an open transaction (clearing), releases, sets *ch to NULL. NULL is allowed. */
CARD_API void card_channel_free(card_channel_t **ch);

/*
 * Begin exclusive use. Nothing is assumed about what the card has selected: the first
 * file command of a transaction selects its application anew.
 * timeout_ms 0: the default (10 s). CARD_ERR_BAD_STATE: already begun; CARD_ERR_READER_BUSY;
 * CARD_ERR_REMOVED; CARD_ERR_NO_SERVICE; CARD_ERR_READER. A reset by another program since the
 * last transaction is not an error here (see card_channel_generation).
 */
CARD_API enum card_error card_channel_begin(card_channel_t *ch, unsigned timeout_ms);

/*
 * End it. If a secret was presented since begin (whatever its outcome), the card manager is
 * selected first, so that no other program finds the status; should that fail, power is cut.
 * Safe to call when not begun (CARD_OK). CARD_ERR_REMOVED and CARD_ERR_RESET are reported but
 * the transaction is over all the same.
 */
CARD_API enum card_error card_channel_end(card_channel_t *ch);

/* The last end cut the power, because the card has no card manager to select: the reset that the
 * next begin finds (generation + 1) is this program's own. False before the first end. */
CARD_API bool card_channel_power_cut(const card_channel_t *ch);

/* Leave the security status standing at this end: only for a PKCS#11 login, whose owner
 * clears it with card_channel_clear (design decision 2). Forgotten at the next begin. */
CARD_API void card_channel_keep_status(card_channel_t *ch);

/* Select the card manager now (A0000001510000): clears the security status. If the card refuses,
 * the end of the transaction cuts the power. */
CARD_API enum card_error card_channel_clear(card_channel_t *ch);

/*
 * Send a command, receive the whole answer.
 *
 * out: receives the answer's data (appended), NULL to drop it. CARD_OK means that the card
 * answered, with any status word: see card_channel_sw.
 * 61xx is followed by GET RESPONSE, 6Cxx by the same command with Le = xx, once.
 * A 6F00 to the first command after power-up is tried once more, unless the command counts.
 * CARD_ERR_BAD_STATE: outside a transaction. CARD_ERR_REMOVED, CARD_ERR_RESET,
 * CARD_ERR_NO_SERVICE, CARD_ERR_READER: nothing was executed that counts.
 * CARD_ERR_OUTCOME_UNKNOWN: the answer to a VERIFY, CHANGE or SIGN was lost.
 * CARD_ERR_TOO_LONG: endless 61xx, an answer over CARD_RESPONSE_MAX or over a fixed out.
 * CARD_ERR_TRUNCATED: an answer of one byte (none at all is CARD_ERR_REMOVED).
 * CARD_ERR_TRACE_MISMATCH: replay.
 */
CARD_API enum card_error card_channel_transmit(card_channel_t *ch, const struct card_apdu *cmd,
					       card_buf_t *out);

/* A PIN typed on the reader: see card_pinpad_request. Status word as card_channel_transmit. */
CARD_API enum card_error card_channel_pinpad(card_channel_t *ch,
					     const struct card_pinpad_request *req);

/*
 * Make an application current: SELECT by AID, P2 = 0C, unless it already is in this
 * transaction. CARD_ERR_NOT_FOUND: the card has none; errors of card_channel_transmit.
 */
CARD_API enum card_error card_channel_select(card_channel_t *ch, struct card_bytes aid);

/* Make an EF of the current application current, unless it already is. CARD_ERR_NOT_FOUND. */
CARD_API enum card_error card_channel_select_file(card_channel_t *ch, uint16_t file_id);

/* To be told after a command that made an EF current by its short id; 0 = none is. */
CARD_API void card_channel_set_file(card_channel_t *ch, uint16_t file_id);

/* Short file ids: remembered after the first refusal, for this insertion of the card. */
CARD_API bool card_channel_short_ids(const card_channel_t *ch);
CARD_API void card_channel_refuse_short_ids(card_channel_t *ch, uint16_t file_id);

/* Status word of the last answer; 0 if there was none. */
CARD_API uint16_t card_channel_sw(const card_channel_t *ch);

/* Commands sent since the channel was made, and how many of them were clearing SELECTs. */
CARD_API unsigned card_channel_commands(const card_channel_t *ch);
CARD_API unsigned card_channel_clearings(const card_channel_t *ch);

/*
 * Bytes asked for at once when the rest of a long record is read: CARD_BLOCK_SHORT (256), or up to
 * CARD_BLOCK_MAX with extended Le, which saves most of the commands of a photo. The card announces
 * extended lengths (card-spec 2, historical bytes C0), a reader may not take them: whoever opened it has
 * to know. A card that refuses is read with 256 from there on. Other values are brought into the range.
 */
#define CARD_BLOCK_SHORT ((size_t)256)
#define CARD_BLOCK_MAX   ((size_t)32768)
CARD_API void card_channel_set_block(card_channel_t *ch, size_t bytes);
CARD_API size_t card_channel_block(const card_channel_t *ch);

/* Changes when the card was reinserted, reset or its connection renewed. */
CARD_API uint64_t card_channel_generation(const card_channel_t *ch);

CARD_API card_reader_t *card_channel_reader(const card_channel_t *ch);

#ifdef __cplusplus
}
#endif
#endif
