/* SPDX-License-Identifier: Apache-2.0 */
/* C_SetPIN, and what only a security officer could do. */
#include "module.h"

struct changing {
	enum slot_kind kind;
	const card_secret_t *old_pin, *new_pin; /* NULL: both on the pin pad */
	unsigned flags;
	bool keep;
	int tries;
};

static enum card_pin pin_of(enum slot_kind kind)
{
	return kind == SLOT_SIGN ? CARD_PIN_SIGN : CARD_PIN_AUTH;
}

static enum card_error change(card_channel_t *ch, struct reader *r, bool reset, void *ctx)
{
	struct changing *c = ctx;
	enum card_error err;

	(void)r;
	(void)reset;
	if (c->old_pin != NULL)
		err = card_pin_change(ch, pin_of(c->kind), c->old_pin, c->new_pin, c->flags,
				      &c->tries);
	else
		err = card_pin_change_pinpad(ch, pin_of(c->kind), CARD_LANG_JA, c->flags,
					     &c->tries);
	if (err == CARD_OK && c->keep)
		card_channel_keep_status(ch);
	return err;
}

/* §5.5: CKR_PIN_LEN_RANGE and CKR_PIN_INVALID are for the new PIN. */
static CK_RV check_new(enum slot_kind kind, const card_secret_t *pin)
{
	struct card_pin_format f = card_pin_format(pin_of(kind));
	size_t n = card_secret_bytes(pin).n;

	if (n < f.min || n > f.max)
		return CKR_PIN_LEN_RANGE;
	return card_pin_check(pin_of(kind), pin) == CARD_OK ? CKR_OK : CKR_PIN_INVALID;
}

/* Owner only. Both NULL: typed on the pin pad. */
static CK_RV run(struct slot *s, card_secret_t *old_pin, card_secret_t **new_pin)
{
	struct changing c = {.kind = s->kind,
			     .old_pin = old_pin,
			     .new_pin = *new_pin,
			     .tries = CARD_TRIES_UNKNOWN};
	bool held = s->pin != NULL;
	enum card_error err = CARD_OK;
	CK_RV rv = old_pin != NULL ? check_new(s->kind, *new_pin) : CKR_OK;

	if (rv == CKR_OK && old_pin != NULL && card_pin_check(pin_of(s->kind), old_pin) != CARD_OK)
		rv = CKR_PIN_INCORRECT;
	if (rv != CKR_OK)
		return rv;
	c.flags = module.config.allow_last_try ? CARD_PIN_ALLOW_LAST_TRY : 0;
	c.keep = s->kind == SLOT_AUTH && s->logged_in;
	rv = reader_dialogue(s->reader, change, &c, &err);
	if (rv != CKR_OK)
		return rv;
	if (err == CARD_ERR_UNSUPPORTED) /* keys that verify and do not change; nothing was sent */
		return CKR_FUNCTION_NOT_SUPPORTED;
	/* §5.5: the reader compares the two entries of the new PIN. */
	rv = old_pin == NULL && err == CARD_ERR_PIN_FORMAT ? CKR_PIN_INVALID : login_rv(err);
	login_note_tries(s, rv == CKR_OK ? CARD_TRIES_UNKNOWN : c.tries);
	if (rv == CKR_OK && held) {
		card_secret_free(&s->pin);
		s->pin = *new_pin;
		*new_pin = NULL;
	}
	/* Either PIN may be the valid one now, or the status was cleared: log in anew. */
	if (rv != CKR_OK) {
		login_clear(s);
		login_forget(s);
	}
	return rv;
}

CK_RV C_SetPIN(CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pOldPin, CK_ULONG ulOldLen,
	       CK_UTF8CHAR_PTR pNewPin, CK_ULONG ulNewLen)
{
	card_secret_t *old_pin = NULL, *new_pin = NULL;
	struct session *s;
	struct reader *r;
	bool on_pad = false;
	CK_RV rv = session_enter(hSession, &s, &r);

	if (rv != CKR_OK)
		return rv;
	if ((s->flags & CKF_RW_SESSION) == 0)
		rv = CKR_SESSION_READ_ONLY;
	else if (pOldPin == NULL && pNewPin == NULL && ulOldLen == 0 && ulNewLen == 0 &&
		 s->slot->kind == SLOT_AUTH && r->pinpad)
		on_pad = true; /* §5.5: CKF_PROTECTED_AUTHENTICATION_PATH */
	else if (pOldPin == NULL || pNewPin == NULL)
		rv = CKR_ARGUMENTS_BAD;
	else if (ulNewLen > CARD_SECRET_MAX)
		rv = CKR_PIN_LEN_RANGE;
	if (rv == CKR_OK && !on_pad)
		rv = login_secret(pOldPin, ulOldLen, &old_pin);
	if (rv == CKR_OK && !on_pad)
		rv = login_secret(pNewPin, ulNewLen, &new_pin);
	if (rv == CKR_OK)
		rv = run(s->slot, old_pin, &new_pin);
	card_secret_free(&old_pin);
	card_secret_free(&new_pin);
	session_leave(r);
	return rv;
}

CK_RV C_InitToken(CK_SLOT_ID slotID, CK_UTF8CHAR_PTR pPin, CK_ULONG ulPinLen,
		  CK_UTF8CHAR_PTR pLabel)
{
	struct slot *s;
	CK_RV rv = module_enter();

	(void)ulPinLen;
	if (rv != CKR_OK)
		return rv;
	s = slot_find(slotID);
	readers_refresh();
	if (s == NULL)
		rv = CKR_SLOT_ID_INVALID;
	else if (pPin == NULL || pLabel == NULL)
		rv = CKR_ARGUMENTS_BAD;
	else if (!s->reader->card)
		rv = CKR_TOKEN_NOT_PRESENT;
	else
		rv = s->sessions > 0 ? CKR_SESSION_EXISTS : CKR_TOKEN_WRITE_PROTECTED;
	module_leave();
	return rv;
}

CK_RV C_InitPIN(CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pPin, CK_ULONG ulPinLen)
{
	struct session *s;
	CK_RV rv = module_enter();

	(void)pPin;
	(void)ulPinLen;
	if (rv != CKR_OK)
		return rv;
	rv = session_get(hSession, &s);
	if (rv == CKR_OK) /* §5.5: for the security officer, who cannot log in here */
		rv = CKR_USER_NOT_LOGGED_IN;
	module_leave();
	return rv;
}
