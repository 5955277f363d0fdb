/* SPDX-License-Identifier: Apache-2.0 */
/* kiosk_local.c — 変換方式 and 現行方式 at the terminal: the PIN of the kind, and the 条例利用AP. */
#include "kiosk.h"

#include <stdio.h>
#include <string.h>

#include <card/common.h>
#include <card/local.h>
#include <card/secret.h>
#include <card/token.h>

#include "output.h"

#define PIN_DIGITS 4u /* rules 1.3: the PIN of a kind */

/* ---- the PIN of the kind ---- */

enum card_error kiosk_kind_pin(void *ctx, const char *kind, int tries, card_secret_t *pin)
{
	struct kiosk *k = ctx;
	const char *of = kiosk_kind(kind);
	char name[160], note[320];
	int rc;

	snprintf(name, sizeof name, _("PIN for this certificate (%s)"), of != NULL ? of : kind);
	/* PD-04, as for a card's own PINs. */
	if (tries == 1 && !k->words.last_try) {
		k->card_exit = KZ_REFUSED;
		kz_note(k->kz, _("One try is left. --last-try uses it."));
		return CARD_ERR_LAST_TRY;
	}
	if (tries > 0)
		snprintf(note, sizeof note,
			 ngettext("%s: after %d more wrong try it is locked.",
				  "%s: after %d more wrong tries it is locked.",
				  (unsigned long)tries),
			 name, tries);
	else
		snprintf(note, sizeof note, "%s", name);
	do
		rc = kz_secret_ask_digits(&k->quiet, name, note, PIN_DIGITS, pin);
	while (rc == KZ_BAD_DATA); /* nothing was sent */
	if (rc == KZ_GO) {
		k->card_exit = KZ_GO;
		return CARD_OK;
	}
	/* A wrong one before, and nobody tries again: that stays the result. */
	k->card_exit = tries > 0 && rc == KZ_NO_INPUT ? KZ_WRONG_SECRET : rc;
	return CARD_ERR_CANCELLED;
}

/* ---- the application of 現行方式 ---- */

/* The kind of token and its last day; other tokens do not count (K06). */
static enum card_error read_token(struct kiosk *k, struct flow_terminal_local *out)
{
	struct card_common_record record;
	enum card_token_kind kind;
	enum card_error err = card_token_identify(k->card.ch, &kind, NULL);

	if (err == CARD_OK && kind != CARD_TOKEN_CARD && kind != CARD_TOKEN_JUKI)
		err = CARD_ERR_WRONG_TOKEN;
	if (err != CARD_OK)
		return err;
	snprintf(out->token, sizeof out->token, "%s", card_token_kind_name(kind));
	if (kind == CARD_TOKEN_JUKI) /* has no such record */
		return CARD_OK;
	err = card_common_record(k->card.ch, &record);
	if (err == CARD_OK)
		card_date_format(record.expiry, out->expires);
	return err;
}

static enum card_error read_hello(struct kiosk *k, struct flow_terminal_local *out)
{
	struct card_local_hello hello;
	enum card_error err = card_local_hello(k->card.ch, &hello);

	if (err != CARD_OK)
		return err;
	memcpy(out->municipality, hello.municipality, sizeof out->municipality);
	memcpy(out->reference, hello.reference, sizeof out->reference);
	memcpy(out->challenge, hello.challenge, sizeof out->challenge);
	return CARD_OK;
}

enum card_error kiosk_local(void *ctx, struct flow_terminal_local *out)
{
	struct kiosk *k = ctx;
	enum card_error err = kiosk_card_open(k);

	memset(out, 0, sizeof *out);
	if (err != CARD_OK)
		return err;
	k->card_exit = KZ_GO;
	err = kz_session_begin(&k->quiet, &k->card);
	if (err == CARD_OK) {
		err = read_token(k, out);
		if (err == CARD_OK)
			err = read_hello(k, out);
		err = kz_session_end(&k->card, err);
	}
	if (err != CARD_OK)
		k->card_exit = kz_session_fail(&k->quiet, &k->card, err);
	return err;
}

enum card_error kiosk_local_prove(void *ctx, const uint8_t digest[32], const uint8_t proof[32],
				  char user_id[65], uint8_t response[32])
{
	struct kiosk *k = ctx;
	struct card_local_answer answer;
	enum card_error err;

	if (!k->card_open)
		return CARD_ERR_NO_CARD;
	err = kz_session_begin(&k->quiet, &k->card);
	if (err == CARD_OK) {
		err = card_local_prove(k->card.ch, card_grant_own_card(), digest, proof, &answer);
		/* Ends with the card manager selected: the 利用者ID is open to nobody. */
		err = kz_session_end(&k->card, err);
	}
	if (err == CARD_OK) {
		memcpy(user_id, answer.user_id, sizeof answer.user_id);
		memcpy(response, answer.response, sizeof answer.response);
		if (k->traces != NULL)
			kiosk_traces_add(k->traces,
					 card_bytes(answer.user_id, strlen(answer.user_id)));
	} else {
		k->card_exit = err == CARD_ERR_UNTRUSTED
				       ? KZ_WRONG_CARD
				       : kz_session_fail(&k->quiet, &k->card, err);
	}
	card_wipe(&answer, sizeof answer);
	return err;
}
