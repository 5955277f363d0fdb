/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apdu.h — command and response APDUs, ISO 7816-4 cases 1 to 4, short and extended.
 * Pure: no allocation, no I/O.
 */
#ifndef CARD_APDU_H
#define CARD_APDU_H

#include <card/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One command. data is borrowed. */
struct card_apdu {
	uint8_t cla, ins, p1, p2;
	struct card_bytes data; /* at most 65535 bytes; n = 0: no data field */
	uint32_t le;            /* bytes wanted: 0 = no Le field, 1..65536; 256 short and 65536
				   extended encode as zero ("as many as there are") */
	bool extended;          /* extended lengths even where short ones would do */
};

/* One answer; data is a view into the bytes given to card_rapdu_decode. */
struct card_rapdu {
	struct card_bytes data;
	uint16_t sw;
};

/*
 * Encode. Extended form is chosen when extended is set, data.n > 255 or le > 256.
 * CARD_ERR_BUFFER_TOO_SMALL: *len is then 0; CARD_ERR_TOO_LONG: data or le over its limit.
 */
CARD_API enum card_error card_apdu_encode(const struct card_apdu *cmd, uint8_t *out, size_t cap,
					  size_t *len);

/* Decode a command as a card would. CARD_ERR_TRUNCATED: under 4 bytes;
 * CARD_ERR_MALFORMED: Lc and Le do not add up. */
CARD_API enum card_error card_apdu_decode(struct card_bytes in, struct card_apdu *out);

/* Decode an answer. CARD_ERR_TRUNCATED: under 2 bytes. */
CARD_API enum card_error card_rapdu_decode(struct card_bytes in, struct card_rapdu *out);

/* True if a command carries a secret or a key in its data field: VERIFY, CHANGE (00 24, 80 32),
 * set session key (80 AE), and anything under secure messaging (class 08, 0C).
 * Such data is never logged or traced. */
CARD_API bool card_apdu_is_secret(const struct card_apdu *cmd);

/* True if losing the answer leaves open whether something happened that counts:
 * VERIFY with data, CHANGE, COMPUTE DIGITAL SIGNATURE (design decision 3). */
CARD_API bool card_apdu_counts(const struct card_apdu *cmd);

#ifdef __cplusplus
}
#endif
#endif
