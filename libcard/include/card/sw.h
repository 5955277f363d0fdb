/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sw.h — status words: what the two bytes at the end of an answer mean (card-spec 4.6).
 */
#ifndef CARD_SW_H
#define CARD_SW_H

#include <card/error.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CARD_SW_OK              0x9000u
#define CARD_SW_NO_LIMIT        0x6300u /* mismatch, the reference has no retry limit */
#define CARD_SW_WRONG_LENGTH    0x6700u
#define CARD_SW_FILE_STRUCTURE  0x6981u
#define CARD_SW_SECURITY_STATUS 0x6982u
#define CARD_SW_LOCKED          0x6983u /* ISO 7816-4: authentication method blocked */
#define CARD_SW_LOCKED_JICSAP   0x6984u /* JICSAP: referenced IEF locked */
#define CARD_SW_CONDITIONS      0x6985u
#define CARD_SW_NO_CURRENT_EF   0x6986u
#define CARD_SW_FUNCTION        0x6A81u
#define CARD_SW_FILE_NOT_FOUND  0x6A82u
#define CARD_SW_NO_RECORD       0x6A83u
#define CARD_SW_P1P2            0x6A86u
#define CARD_SW_NO_DATA_OBJECT  0x6A88u
#define CARD_SW_OFFSET          0x6B00u
#define CARD_SW_INS             0x6D00u
#define CARD_SW_CLA             0x6E00u
#define CARD_SW_FAILURE         0x6F00u

/* Meaning as a short phrase, UTF-8, static; never NULL ("unknown status" if not in the table).
 * 61xx, 6Cxx and 63Cx have one phrase each for all xx. */
CARD_API const char *card_sw_meaning(uint16_t sw, enum card_lang lang);

/* Tries left said by 63Cx (0..15), 0 for 6983 and 6984, -1 for anything else. */
CARD_API int card_sw_tries(uint16_t sw);

/* The error that a status word means where no better context is known; CARD_OK for 9000.
 * CARD_ERR_NOT_FOUND, CARD_ERR_SECURITY_STATUS, CARD_ERR_PIN_WRONG, CARD_ERR_PIN_LOCKED,
 * CARD_ERR_UNSUPPORTED (6D00, 6E00, 6A81, 6881, 6882), else CARD_ERR_STATUS. */
CARD_API enum card_error card_sw_error(uint16_t sw);

#ifdef __cplusplus
}
#endif
#endif
