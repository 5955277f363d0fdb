/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pin.h — the secrets of the card: tries, verify, change (card-spec 4.4, design decision 3).
 *
 * Every call runs inside a transaction of the channel and selects the application it needs.
 * Tries are never a constant: they come from the card.
 */
#ifndef CARD_PIN_H
#define CARD_PIN_H

#include <card/channel.h>
#include <card/secret.h>

#ifdef __cplusplus
extern "C" {
#endif

enum card_pin {
	CARD_PIN_SIGN = 0,      /* 署名用パスワード, JPKI 001B, 6–16 letters and digits */
	CARD_PIN_AUTH,          /* 利用者証明用暗証番号, JPKI 0018, 4 digits */
	CARD_PIN_TEXT,          /* 券面事項入力補助用暗証番号, text 0011, 4 digits */
	CARD_PIN_JUKI,          /* 住民基本台帳用暗証番号, juki 001C, 4 digits */
	CARD_PIN_COMMON,        /* the same PIN in the common AP, 001C, 4 digits */
	CARD_PIN_TEXT_NUMBER_A, /* 照合番号A, text 0014, 12 digits */
	CARD_PIN_TEXT_NUMBER_B, /* 照合番号B, text 0015, 14 digits */
	CARD_PIN_SURFACE_NUMBER_A, /* 照合番号A, surface 0013, 12 digits */
	CARD_PIN_SURFACE_NUMBER_B, /* 照合番号B, surface 0012, 14 digits */
	CARD_PIN_SURFACE_BIRTH,    /* 生年月日, surface 0011, 6 digits (era year) */
	CARD_PIN_COUNT_
};

/* Values of tries other than a count. */
#define CARD_TRIES_UNKNOWN  (-1) /* the card did not say */
#define CARD_TRIES_NO_LIMIT (-2) /* 6300: no retry limit */
#define CARD_TRIES_ABSENT   (-3) /* the card has no such secret */

/* Send even when only one try is left (or the number is unknown). */
#define CARD_PIN_ALLOW_LAST_TRY 1u

/* Leave the retry query out: this caller presented this very secret with success in the
 * transaction before, and card_channel_generation says that neither card nor connection changed
 * since. Success restored the count, so no try is at stake but that of a secret changed by another
 * program in between. *tries is CARD_TRIES_UNKNOWN after success. For card_pin_verify only. */
#define CARD_PIN_PROVED 2u

/* Fewest and most characters, and whether they are digits only. */
struct card_pin_format {
	uint8_t min, max;
	bool digits;
};

CARD_API struct card_pin_format card_pin_format(enum card_pin pin);

/* "署名用パスワード", "signature password"; "" if out of range. Static. */
CARD_API const char *card_pin_name(enum card_pin pin, enum card_lang lang);

/* CARD_ERR_PIN_FORMAT unless the secret could be right by its form: length, characters, for the
 * sign password at least one letter and one digit (lower case counts, it is upper-cased when
 * sent). No command. */
CARD_API enum card_error card_pin_check(enum card_pin pin, const card_secret_t *secret);

/*
 * Tries left, without using one (the retry query 00 20). *tries: a count, 0 = locked, or
 * CARD_TRIES_…. At most SELECT application + query.
 * CARD_ERR_NOT_FOUND: no such application (*tries = CARD_TRIES_ABSENT); channel errors.
 */
CARD_API enum card_error card_pin_tries(card_channel_t *ch, enum card_pin pin, int *tries);

/*
 * Present a secret: SELECT, query, VERIFY; the query is left out if this transaction made it
 * already. *tries (may be NULL): tries left afterwards; on success those read before, which the
 * success has restored to the full count (ask card_pin_tries for it).
 * CARD_ERR_PIN_FORMAT: nothing sent; CARD_ERR_LAST_TRY: nothing sent, *tries is 1 or
 * CARD_TRIES_UNKNOWN; CARD_ERR_PIN_LOCKED: locked before (nothing sent) or by this try;
 * CARD_ERR_PIN_WRONG; CARD_ERR_OUTCOME_UNKNOWN; CARD_ERR_NOT_FOUND; channel errors.
 * CARD_ERR_STATUS: any other refusal; whether a try was used is then in *tries.
 */
CARD_API enum card_error card_pin_verify(card_channel_t *ch, enum card_pin pin,
					 const card_secret_t *secret, unsigned flags, int *tries);

/*
 * The same with the digits typed on the reader. CARD_ERR_UNSUPPORTED: no pin pad, or not a
 * numeric secret; CARD_ERR_CANCELLED, CARD_ERR_TIMEOUT: on the pin pad, nothing sent.
 */
CARD_API enum card_error card_pin_verify_pinpad(card_channel_t *ch, enum card_pin pin,
						enum card_lang lang, unsigned flags, int *tries);

/*
 * Change a secret: VERIFY the old one, then 00 24 01 80 (JPKI, text) or 80 32 00 80 (juki,
 * common). Both are checked for their form first; only CARD_PIN_SIGN … CARD_PIN_COMMON can be
 * changed, else CARD_ERR_UNSUPPORTED. Errors of card_pin_verify; CARD_ERR_OUTCOME_UNKNOWN if the
 * answer to the change was lost: either secret may be valid now.
 */
CARD_API enum card_error card_pin_change(card_channel_t *ch, enum card_pin pin,
					 const card_secret_t *old_secret,
					 const card_secret_t *new_secret, unsigned flags,
					 int *tries);

/*
 * The same with both typed on the reader (PC/SC part 10): the old one, and then the new one twice,
 * which the reader compares. Numeric secrets that can be changed only; the transaction lasts as
 * long as the person types, 30 s at most for each. *tries as card_pin_verify.
 * CARD_ERR_UNSUPPORTED: not such a secret, or the reader has not both FEATURE_VERIFY_PIN_DIRECT
 * and FEATURE_MODIFY_PIN_DIRECT; CARD_ERR_CANCELLED, CARD_ERR_TIMEOUT: on the pin pad, at either
 * entry; CARD_ERR_PIN_FORMAT: the new ones differ, or are too short: the old one stays valid.
 * Other errors as card_pin_change.
 */
CARD_API enum card_error card_pin_change_pinpad(card_channel_t *ch, enum card_pin pin,
						enum card_lang lang, unsigned flags, int *tries);

#ifdef __cplusplus
}
#endif
#endif
