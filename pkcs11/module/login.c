/* SPDX-License-Identifier: Apache-2.0 */
/*
 * C_Login, C_Logout and the login of a slot.
 *
 * Authentication: the status stays on the card until logout, and the PIN is held to present it
 * once more should another program take the status away (sign.c). Signature: C_Login proves the
 * password, reads the certificate and clears; the context-specific login proves the password that
 * the person typed for this one signature and hands it to the operation, which presents it in
 * the transaction that signs. Both are one step of one person; after it the password is gone.
 */
#include "module.h"

void login_forget(struct slot *s)
{
	card_secret_free(&s->pin);
	s->logged_in = false;
	s->login_tries = 0;
}

CK_RV login_rv(enum card_error err)
{
	switch (err) {
	case CARD_ERR_PIN_WRONG:
	case CARD_ERR_PIN_FORMAT: /* nothing was sent: it cannot be right */
		return CKR_PIN_INCORRECT;
	case CARD_ERR_PIN_LOCKED:
		return CKR_PIN_LOCKED;
	case CARD_ERR_LAST_TRY:
		return CKR_FUNCTION_REJECTED;
	case CARD_ERR_CANCELLED:
	case CARD_ERR_TIMEOUT:
		return CKR_FUNCTION_CANCELED;
	case CARD_ERR_NOT_FOUND:
		return CKR_USER_PIN_NOT_INITIALIZED;
	case CARD_ERR_SECURITY_STATUS:
		return CKR_DEVICE_ERROR;
	default:
		return rv_of(err);
	}
}

void login_note_tries(struct slot *s, int tries)
{
	s->tries = tries;
	s->tries_fresh = tries >= 0;
}

CK_RV login_secret(CK_UTF8CHAR_PTR pin, CK_ULONG len, card_secret_t **out)
{
	enum card_error err;

	if (len > CARD_SECRET_MAX)
		return CKR_PIN_INCORRECT;
	err = card_secret_new(out);
	if (err == CARD_OK)
		err = card_secret_set(*out, card_bytes(pin, (size_t)len));
	if (err == CARD_OK)
		return CKR_OK;
	card_secret_free(out);
	return CKR_HOST_MEMORY;
}

/* ---- dialogues ---- */

struct presenting {
	enum slot_kind kind;
	const card_secret_t *pin; /* NULL: on the pin pad */
	unsigned flags;
	bool read; /* the signing certificate, while it is open */
	struct file file;
	int tries;
};

static enum card_error present(card_channel_t *ch, struct reader *r, bool reset, void *ctx)
{
	struct presenting *p = ctx;
	enum card_pin pin = p->kind == SLOT_SIGN ? CARD_PIN_SIGN : CARD_PIN_AUTH;
	enum card_error err;

	(void)r;
	(void)reset;
	p->tries = CARD_TRIES_UNKNOWN;
	if (p->pin != NULL)
		err = card_pin_verify(ch, pin, p->pin, p->flags, &p->tries);
	else
		err = card_pin_verify_pinpad(ch, pin, CARD_LANG_JA, p->flags, &p->tries);
	if (err != CARD_OK)
		return err;
	if (p->kind == SLOT_AUTH)
		card_channel_keep_status(ch);
	if (p->read) {
		err = token_read(ch, CARD_JPKI_SIGN, &p->file);
		/* A card without the certificate has a password all the same. */
		if (p->file.read)
			err = CARD_OK;
	}
	return err;
}

static enum card_error clear(card_channel_t *ch, struct reader *r, bool reset, void *ctx)
{
	(void)r;
	(void)reset;
	(void)ctx;
	return card_channel_clear(ch);
}

void login_clear(struct slot *s)
{
	enum card_error err;

	if (s->kind == SLOT_AUTH && s->logged_in && s->reader->card)
		(void)reader_dialogue(s->reader, clear, NULL, &err);
}

/* ---- C_Login ---- */

/* Owner only. Present a secret for a slot. */
static CK_RV run(struct slot *s, const card_secret_t *pin, bool read, int *tries)
{
	struct presenting p = {.kind = s->kind, .pin = pin, .read = read};
	struct file *f = &s->reader->files[CARD_JPKI_SIGN];
	enum card_error err = CARD_OK;
	CK_RV rv;

	/* An impossible PIN never reaches the card (design: tries are sacred). */
	if (pin != NULL &&
	    card_pin_check(s->kind == SLOT_SIGN ? CARD_PIN_SIGN : CARD_PIN_AUTH, pin) != CARD_OK) {
		s->impossible = true;
		return CKR_PIN_INCORRECT;
	}
	p.flags = module.config.allow_last_try ? CARD_PIN_ALLOW_LAST_TRY : 0;
	rv = reader_dialogue(s->reader, present, &p, &err);
	if (rv == CKR_OK) {
		rv = login_rv(err);
		if (rv == CKR_OK)
			s->impossible = false;
		/* After success the count is full again, whatever that is: it is asked anew. */
		login_note_tries(s, rv == CKR_OK ? CARD_TRIES_UNKNOWN : p.tries);
	}
	if (rv == CKR_OK && p.file.read && !f->read)
		*f = p.file;
	else
		file_free(&p.file);
	*tries = p.tries;
	return rv;
}

static CK_RV login_user(struct slot *s, card_secret_t **pin)
{
	bool read = s->kind == SLOT_SIGN && !s->reader->files[CARD_JPKI_SIGN].read;
	int tries = CARD_TRIES_UNKNOWN;
	CK_RV rv;

	if (s->logged_in)
		return CKR_USER_ALREADY_LOGGED_IN;
	rv = run(s, *pin, read, &tries);
	if (rv != CKR_OK)
		return rv;
	s->logged_in = true;
	/* Unknown: never present it again. */
	s->login_tries = tries > 0 ? tries : INT16_MAX;
	if (s->kind == SLOT_AUTH || module.config.session_login) {
		s->pin = *pin;
		*pin = NULL;
	}
	return CKR_OK;
}

static CK_RV login_context(CK_SESSION_HANDLE h, struct session *s, card_secret_t **pin)
{
	struct slot *slot = s->slot;
	int tries = CARD_TRIES_UNKNOWN;
	CK_RV rv;

	/* §5.6: only for an operation whose key has CKA_ALWAYS_AUTHENTICATE. */
	if (s->sign.stage == OP_NONE || slot->kind != SLOT_SIGN || module.config.session_login)
		return CKR_OPERATION_NOT_INITIALIZED;
	if (!slot->logged_in)
		return CKR_USER_NOT_LOGGED_IN;
	card_secret_free(&s->sign.password);
	rv = run(slot, *pin, false, &tries);
	if (rv != CKR_OK)
		return rv;
	rv = session_get(h, &s);
	if (rv == CKR_OK && s->sign.stage == OP_NONE)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	if (rv != CKR_OK)
		return rv;
	s->sign.password = *pin;
	s->sign.password_power = slot->reader->power;
	*pin = NULL;
	return CKR_OK;
}

static CK_RV login_so(const struct slot *s)
{
	if (s->read_only > 0)
		return CKR_SESSION_READ_ONLY_EXISTS;
	if (s->logged_in)
		return CKR_USER_ANOTHER_ALREADY_LOGGED_IN;
	return CKR_USER_TYPE_INVALID; /* the municipal office is the only security officer */
}

/* Owner only. */
static CK_RV login(CK_SESSION_HANDLE h, struct session *s, CK_USER_TYPE type, CK_UTF8CHAR_PTR p,
		   CK_ULONG n)
{
	struct slot *slot = s->slot;
	bool pinpad = slot->kind == SLOT_AUTH && slot->reader->pinpad;
	card_secret_t *pin = NULL;
	CK_RV rv = CKR_OK;

	if (type != CKU_SO && type != CKU_USER && type != CKU_CONTEXT_SPECIFIC)
		return CKR_USER_TYPE_INVALID;
	if (p == NULL && !(pinpad && type == CKU_USER && n == 0))
		return CKR_ARGUMENTS_BAD;
	if (type == CKU_SO)
		return login_so(slot);
	if (p != NULL)
		rv = login_secret(p, n, &pin);
	if (rv == CKR_PIN_INCORRECT)
		slot->impossible = true;
	else if (rv == CKR_OK && type == CKU_USER)
		rv = login_user(slot, &pin);
	else if (rv == CKR_OK)
		rv = login_context(h, s, &pin);
	card_secret_free(&pin);
	return rv;
}

CK_RV C_Login(CK_SESSION_HANDLE hSession, CK_USER_TYPE userType, CK_UTF8CHAR_PTR pPin,
	      CK_ULONG ulPinLen)
{
	struct session *s;
	struct reader *r;
	CK_RV rv = session_enter(hSession, &s, &r);

	if (rv != CKR_OK)
		return rv;
	rv = login(hSession, s, userType, pPin, ulPinLen);
	session_leave(r);
	return rv;
}

/* PKCS#11 3.0 §5.6.9: this token knows no user names. */
CK_RV C_LoginUser(CK_SESSION_HANDLE hSession, CK_USER_TYPE userType, CK_CHAR_PTR pPin,
		  CK_ULONG ulPinLen, CK_UTF8CHAR_PTR pUsername, CK_ULONG ulUsernameLen)
{
	if (pUsername != NULL && ulUsernameLen > 0) {
		CK_RV rv = module_enter();

		if (rv == CKR_OK)
			module_leave();
		return rv == CKR_OK ? CKR_USER_TYPE_INVALID : rv;
	}
	return C_Login(hSession, userType, pPin, ulPinLen);
}

CK_RV C_Logout(CK_SESSION_HANDLE hSession)
{
	struct session *s;
	struct slot *slot;
	struct reader *r;
	CK_RV rv = session_enter(hSession, &s, &r);

	if (rv != CKR_OK)
		return rv;
	slot = s->slot;
	if (slot->logged_in) {
		login_clear(slot);
		login_forget(slot);
		for (size_t i = 0; i < module.session_count; i++)
			if (module.sessions[i]->slot == slot)
				op_end(&module.sessions[i]->sign);
	} else {
		rv = CKR_USER_NOT_LOGGED_IN;
	}
	session_leave(r);
	return rv;
}
