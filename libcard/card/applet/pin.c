/* SPDX-License-Identifier: Apache-2.0 */
#include <card/sw.h>

#include "applet.h"
#include "channel_notes.h"
#include "log_internal.h"
#include "pin_internal.h"

/* card-spec 4.4; change commands: card-spec 4.1. */
static const struct pin_info pins[CARD_PIN_COUNT_] = {
	[CARD_PIN_SIGN] = {&aid_jpki,
			   0x001B,
			   {6, 16, false},
			   CHANGE_ISO,
			   "署名用パスワード",
			   "signature password"},
	[CARD_PIN_AUTH] = {&aid_jpki,
			   0x0018,
			   {4, 4, true},
			   CHANGE_ISO,
			   "利用者証明用暗証番号",
			   "authentication PIN"},
	[CARD_PIN_TEXT] = {&aid_text,
			   0x0011,
			   {4, 4, true},
			   CHANGE_ISO,
			   "券面事項入力補助用暗証番号",
			   "text PIN"},
	[CARD_PIN_JUKI] = {&aid_juki,
			   0x001C,
			   {4, 4, true},
			   CHANGE_JICSAP,
			   "住民基本台帳用暗証番号",
			   "resident register PIN"},
	[CARD_PIN_COMMON] = {&aid_common,
			     0x001C,
			     {4, 4, true},
			     CHANGE_JICSAP,
			     "住民基本台帳用暗証番号（共通カードAP）",
			     "resident register PIN (common application)"},
	[CARD_PIN_TEXT_NUMBER_A] = {&aid_text,
				    0x0014,
				    {12, 12, true},
				    NO_CHANGE,
				    "照合番号A（入力補助AP）",
				    "number A (text application)"},
	[CARD_PIN_TEXT_NUMBER_B] = {&aid_text,
				    0x0015,
				    {14, 14, true},
				    NO_CHANGE,
				    "照合番号B（入力補助AP）",
				    "number B (text application)"},
	[CARD_PIN_SURFACE_NUMBER_A] = {&aid_surface,
				       0x0013,
				       {12, 12, true},
				       NO_CHANGE,
				       "照合番号A（確認AP）",
				       "number A (surface application)"},
	[CARD_PIN_SURFACE_NUMBER_B] = {&aid_surface,
				       0x0012,
				       {14, 14, true},
				       NO_CHANGE,
				       "照合番号B（確認AP）",
				       "number B (surface application)"},
	[CARD_PIN_SURFACE_BIRTH] = {&aid_surface,
				    0x0011,
				    {6, 6, true},
				    NO_CHANGE,
				    "生年月日（確認AP）",
				    "birth key (surface application)"},
};

static bool known(enum card_pin pin)
{
	return (int)pin >= 0 && pin < CARD_PIN_COUNT_;
}

const struct pin_info *pin_info(enum card_pin pin)
{
	return known(pin) ? &pins[pin] : NULL;
}

struct card_pin_format card_pin_format(enum card_pin pin)
{
	return known(pin) ? pins[pin].format : (struct card_pin_format){0};
}

const char *card_pin_name(enum card_pin pin, enum card_lang lang)
{
	if (!known(pin))
		return "";
	return lang == CARD_LANG_JA ? pins[pin].ja : pins[pin].en;
}

enum card_error card_pin_check(enum card_pin pin, const card_secret_t *secret)
{
	struct card_bytes s = card_secret_bytes(secret);
	bool letter = false, digit = false;

	if (!known(pin) || secret == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (s.n < pins[pin].format.min || s.n > pins[pin].format.max)
		return CARD_ERR_PIN_FORMAT;
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];

		if (c >= '0' && c <= '9')
			digit = true;
		else if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
			letter = true;
		else
			return CARD_ERR_PIN_FORMAT;
	}
	if (pins[pin].format.digits ? letter : !(letter && digit))
		return CARD_ERR_PIN_FORMAT;
	return CARD_OK;
}

/* VERIFY without data, naming the secret by short id (p2) or as current EF (80). */
static enum card_error send_query(card_channel_t *ch, uint8_t p2)
{
	struct card_apdu query = {.ins = INS_VERIFY, .p2 = p2};

	return card_channel_transmit(ch, &query, NULL);
}

static int tries_said(uint16_t sw)
{
	if (sw == CARD_SW_NO_LIMIT)
		return CARD_TRIES_NO_LIMIT;
	return card_sw_tries(sw) >= 0 ? card_sw_tries(sw) : CARD_TRIES_UNKNOWN;
}

static uint8_t by_short_id(enum card_pin pin)
{
	return (uint8_t)(0x80u | pins[pin].file);
}

/* The retry query; the status word stays readable. */
static enum card_error query(card_channel_t *ch, enum card_pin pin, int *tries)
{
	enum card_error err;

	*tries = CARD_TRIES_UNKNOWN;
	if (card_channel_short_ids(ch)) {
		err = send_query(ch, by_short_id(pin));
		if (err != CARD_OK || !short_id_refused(card_channel_sw(ch)))
			goto asked;
	}
	err = card_channel_select_file(ch, pins[pin].file);
	if (err == CARD_ERR_NOT_FOUND)
		*tries = CARD_TRIES_ABSENT;
	if (err != CARD_OK)
		return err;
	err = send_query(ch, 0x80);
	if (err == CARD_OK && tries_said(card_channel_sw(ch)) != CARD_TRIES_UNKNOWN)
		card_channel_refuse_short_ids(ch, pins[pin].file);
asked:
	if (err == CARD_OK)
		*tries = tries_said(card_channel_sw(ch));
	return err;
}

void pin_note_tries(card_channel_t *ch, enum card_pin pin, int tries)
{
	card_channel_notes(ch)->tries[pin] = (int8_t)tries;
}

enum card_error card_pin_tries(card_channel_t *ch, enum card_pin pin, int *tries)
{
	enum card_error err;

	if (ch == NULL || tries == NULL || !known(pin))
		return CARD_ERR_INVALID_ARGUMENT;
	*tries = CARD_TRIES_UNKNOWN;
	err = card_channel_select(ch, *pins[pin].aid);
	if (err == CARD_ERR_NOT_FOUND)
		*tries = CARD_TRIES_ABSENT;
	if (err != CARD_OK)
		return err;
	err = query(ch, pin, tries);
	if (err == CARD_OK)
		pin_note_tries(ch, pin, *tries);
	return err;
}

enum card_error pin_may_present(card_channel_t *ch, enum card_pin pin, unsigned flags, int *tries)
{
	const struct channel_notes *notes = card_channel_notes(ch);
	enum card_error err = CARD_OK;

	if ((flags & CARD_PIN_PROVED) != 0) {
		*tries = CARD_TRIES_UNKNOWN;
		return card_channel_select(ch, *pins[pin].aid);
	}
	*tries = (int)notes->tries[pin];
	if (notes->tries[pin] == CHANNEL_NOT_ASKED) {
		err = card_pin_tries(ch, pin, tries);
		/* 9000: already verified, so the count is full (card-spec 4.4, C). */
		if (err == CARD_OK && card_channel_sw(ch) == CARD_SW_OK)
			return CARD_OK;
	} else {
		err = card_channel_select(ch, *pins[pin].aid);
	}
	if (err != CARD_OK)
		return err;
	if (*tries == 0)
		return CARD_ERR_PIN_LOCKED;
	if (*tries == 1 || *tries == CARD_TRIES_UNKNOWN) {
		if ((flags & CARD_PIN_ALLOW_LAST_TRY) == 0)
			return CARD_ERR_LAST_TRY;
		card_log_emit(CARD_LOG_LAST_TRY_USED, pins[pin].file, 0);
	}
	return CARD_OK;
}

enum card_error pin_verify_result(card_channel_t *ch, enum card_pin pin, int *tries)
{
	struct channel_notes *notes = card_channel_notes(ch);
	uint16_t sw = card_channel_sw(ch);
	uint32_t bit = UINT32_C(1) << pin;

	if (sw == CARD_SW_OK) {
		notes->verified |= bit;
		return CARD_OK;
	}
	notes->verified &= ~bit;
	*tries = tries_said(sw);
	if (sw == CARD_SW_WRONG_LENGTH)
		return CARD_ERR_PIN_FORMAT;
	return card_sw_error(sw);
}

static void upper_case(card_secret_t *s, struct card_bytes from)
{
	for (size_t i = 0; i < from.n; i++) {
		uint8_t c = from.p[i];

		(void)card_secret_push(s, c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c);
	}
}

/* The bytes to send: the sign password in upper case (card-spec 4.4), else as given. */
static enum card_error prepare(enum card_pin pin, const card_secret_t *secret, card_secret_t **sent)
{
	enum card_error err = card_secret_new(sent);

	if (err != CARD_OK)
		return err;
	if (pin == CARD_PIN_SIGN)
		upper_case(*sent, card_secret_bytes(secret));
	else
		err = card_secret_set(*sent, card_secret_bytes(secret));
	return err;
}

static enum card_error send_verify(card_channel_t *ch, enum card_pin pin, struct card_bytes data)
{
	struct card_apdu verify = {.ins = INS_VERIFY, .p2 = by_short_id(pin), .data = data};
	enum card_error err;

	if (card_channel_short_ids(ch)) {
		err = card_channel_transmit(ch, &verify, NULL);
		if (err != CARD_OK || !short_id_refused(card_channel_sw(ch)))
			return err;
	}
	err = card_channel_select_file(ch, pins[pin].file);
	if (err != CARD_OK)
		return err;
	verify.p2 = 0x80;
	return card_channel_transmit(ch, &verify, NULL);
}

enum card_error card_pin_verify(card_channel_t *ch, enum card_pin pin, const card_secret_t *secret,
				unsigned flags, int *tries)
{
	card_secret_t *sent = NULL;
	int left = CARD_TRIES_UNKNOWN;
	enum card_error err;

	if (ch == NULL || secret == NULL || !known(pin))
		return CARD_ERR_INVALID_ARGUMENT;
	err = card_pin_check(pin, secret);
	if (err == CARD_OK)
		err = pin_may_present(ch, pin, flags, &left);
	if (err == CARD_OK)
		err = prepare(pin, secret, &sent);
	if (err == CARD_OK) {
		pin_note_tries(ch, pin, CHANNEL_NOT_ASKED); /* whatever becomes of it */
		err = send_verify(ch, pin, card_secret_bytes(sent));
		if (err == CARD_OK)
			err = pin_verify_result(ch, pin, &left);
		else
			left = CARD_TRIES_UNKNOWN;
	}
	card_secret_free(&sent);
	if (tries != NULL)
		*tries = left;
	return err;
}

enum card_error pin_change_result(card_channel_t *ch)
{
	switch (card_channel_sw(ch)) {
	case CARD_SW_CONDITIONS:
	case CARD_SW_NO_CURRENT_EF:
		return CARD_ERR_SECURITY_STATUS; /* card-spec 13.2: CHANGE without VERIFY */
	case CARD_SW_WRONG_LENGTH:
		return CARD_ERR_PIN_FORMAT;
	default:
		return card_sw_error(card_channel_sw(ch));
	}
}

void pin_change_header(enum card_pin pin, struct card_apdu *out)
{
	*out = (struct card_apdu){.ins = INS_CHANGE, .p1 = 0x01, .p2 = 0x80};
	if (pins[pin].change == CHANGE_JICSAP) {
		out->cla = 0x80;
		out->ins = INS_CHANGE_JICSAP;
		out->p1 = 0x00;
	}
}

static enum card_error send_change(card_channel_t *ch, enum card_pin pin,
				   const card_secret_t *secret)
{
	struct card_apdu change;
	card_secret_t *sent = NULL;
	enum card_error err = prepare(pin, secret, &sent);

	pin_change_header(pin, &change);
	change.data = card_secret_bytes(sent);
	if (err == CARD_OK)
		err = card_channel_transmit(ch, &change, NULL);
	card_secret_free(&sent);
	return err == CARD_OK ? pin_change_result(ch) : err;
}

enum card_error card_pin_change(card_channel_t *ch, enum card_pin pin,
				const card_secret_t *old_secret, const card_secret_t *new_secret,
				unsigned flags, int *tries)
{
	enum card_error err;

	if (tries != NULL)
		*tries = CARD_TRIES_UNKNOWN;
	if (ch == NULL || old_secret == NULL || new_secret == NULL || !known(pin))
		return CARD_ERR_INVALID_ARGUMENT;
	if (pins[pin].change == NO_CHANGE)
		return CARD_ERR_UNSUPPORTED;
	err = card_pin_check(pin, new_secret);
	if (err == CARD_OK)
		err = card_pin_check(pin, old_secret);
	if (err == CARD_OK)
		err = card_channel_select(ch, *pins[pin].aid);
	/* CHANGE names the current EF, and it must stay the current one. */
	if (err == CARD_OK)
		err = card_pin_verify(ch, pin, old_secret, flags, tries);
	if (err == CARD_OK)
		err = card_channel_select_file(ch, pins[pin].file);
	if (err == CARD_OK)
		err = send_change(ch, pin, new_secret);
	return err;
}
