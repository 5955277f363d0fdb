/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <card/juki.h>
#include <card/surface.h>
#include <card/text.h>
#include <card/token.h>

/* An error of the dialogue itself; what the card merely refuses is part of its status. */
static bool dialogue_broken(card_channel_t *ch, enum card_error err)
{
	return err != CARD_OK && card_channel_sw(ch) == 0;
}

/* The secrets grouped by application, so that each is selected once. JPKI is the first. */
static const struct application {
	enum card_error (*select)(card_channel_t *ch);
	size_t n;
	enum card_pin pins[3];
} applications[] = {
	{card_jpki_select, 2, {CARD_PIN_SIGN, CARD_PIN_AUTH}},
	{card_text_select, 3, {CARD_PIN_TEXT, CARD_PIN_TEXT_NUMBER_A, CARD_PIN_TEXT_NUMBER_B}},
	{card_surface_select,
	 3,
	 {CARD_PIN_SURFACE_NUMBER_A, CARD_PIN_SURFACE_NUMBER_B, CARD_PIN_SURFACE_BIRTH}},
	{card_juki_select, 1, {CARD_PIN_JUKI}},
	{card_common_select, 1, {CARD_PIN_COMMON}},
};
#define APPLICATIONS (sizeof(applications) / sizeof(applications[0]))

static enum card_error read_tries(card_channel_t *ch, const struct application *app,
				  int tries[CARD_PIN_COUNT_])
{
	enum card_error err = app->select(ch);

	if (dialogue_broken(ch, err))
		return err;
	for (size_t i = 0; i < app->n; i++) {
		enum card_pin pin = app->pins[i];

		if (err == CARD_ERR_NOT_FOUND) {
			tries[pin] = CARD_TRIES_ABSENT;
		} else if (err == CARD_OK) {
			enum card_error said = card_pin_tries(ch, pin, &tries[pin]);

			if (dialogue_broken(ch, said))
				return said;
		}
	}
	return CARD_OK;
}

static enum card_error tries_from(card_channel_t *ch, size_t first, size_t end,
				  int tries[CARD_PIN_COUNT_])
{
	enum card_error err = CARD_OK;

	for (size_t i = first; i < end && err == CARD_OK; i++)
		err = read_tries(ch, &applications[i], tries);
	return err;
}

static void no_tries_yet(int tries[CARD_PIN_COUNT_])
{
	for (int i = 0; i < (int)CARD_PIN_COUNT_; i++)
		tries[i] = CARD_TRIES_UNKNOWN;
}

enum card_error card_status_tries(card_channel_t *ch, int tries[CARD_PIN_COUNT_])
{
	if (ch == NULL || tries == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	no_tries_yet(tries);
	return tries_from(ch, 0, APPLICATIONS, tries);
}

/* Validity of the authentication certificate out of its first block. */
static enum card_error read_dates(card_channel_t *ch, struct card_status *out)
{
	uint8_t memory[256];
	card_buf_t b = card_buf_fixed(memory, sizeof(memory));
	enum card_error err =
		card_jpki_certificate_start(ch, CARD_JPKI_AUTH, card_grant_own_card(), &b);

	if (dialogue_broken(ch, err))
		return err;
	if (err == CARD_OK)
		out->auth_dates =
			card_cert_dates_from_prefix(card_buf_bytes(&b), &out->auth_not_before,
						    &out->auth_not_after) == CARD_OK;
	return CARD_OK;
}

static enum card_error read_jpki(card_channel_t *ch, struct card_status *out)
{
	enum card_error err = card_jpki_available(ch, &out->sign_present, &out->auth_present);

	if (dialogue_broken(ch, err))
		return err;
	if (err != CARD_OK || out->auth_present)
		err = read_dates(ch, out);
	else
		err = CARD_OK;
	if (err == CARD_OK && out->auth_dates)
		out->auth_present = true;
	return err;
}

enum card_error card_status_read(card_channel_t *ch, struct card_status *out)
{
	enum card_error err;

	if (ch == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof(*out));
	no_tries_yet(out->tries);
	err = card_token_identify(ch, &out->kind, out->label);
	if (err != CARD_OK || out->kind == CARD_TOKEN_LICENCE || out->kind == CARD_TOKEN_RESIDENCE)
		return err;
	err = tries_from(ch, 0, 1, out->tries);
	if (err == CARD_OK && out->tries[CARD_PIN_AUTH] != CARD_TRIES_ABSENT)
		err = read_jpki(ch, out);
	if (err == CARD_OK)
		err = tries_from(ch, 1, APPLICATIONS, out->tries);
	if (err != CARD_OK || out->tries[CARD_PIN_COMMON] == CARD_TRIES_ABSENT)
		return err;
	/* The common application is still selected: one command more. */
	err = card_common_record(ch, &out->record);
	if (dialogue_broken(ch, err))
		return err;
	out->has_record = err == CARD_OK;
	return CARD_OK;
}
