/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures. The operation leaves its session before the card is spoken to, so nothing is signed
 * twice; libcard verifies every signature before it is given out.
 */
#include <string.h>

#include "module.h"

/* ---- the dialogue ---- */

struct signing {
	const struct slot *slot;
	const struct op *op;
	struct card_bytes data; /* digest, or what the caller made */
	card_buf_t out;
	int tries;        /* seen at a second presentation */
	bool status_lost; /* the login no longer holds */
};

static enum card_error compute(card_channel_t *ch, struct signing *g)
{
	enum card_jpki_key key = g->slot->kind == SLOT_SIGN ? CARD_KEY_SIGN : CARD_KEY_AUTH;
	const card_cert_t *cert = slot_file(g->slot)->cert;

	if (g->op->pss)
		return card_jpki_sign(ch, key, CARD_HASH_SHA256, g->data, CARD_SIGN_PSS, cert,
				      &g->out);
	if (g->op->hash == CARD_HASH_NONE)
		return card_jpki_sign_raw(ch, key, g->data, cert, &g->out);
	return card_jpki_sign(ch, key, g->op->hash, g->data, CARD_SIGN_ALLOW_SHA1, cert, &g->out);
}

/*
 * The held PIN once more, after another program took the status away: same insertion (reader_
 * dialogue saw to that), and nobody failed since the login. CARD_ERR_SECURITY_STATUS: not allowed,
 * or the PIN was changed by somebody.
 */
static enum card_error present_again(card_channel_t *ch, struct signing *g, enum card_pin pin)
{
	enum card_error err;

	if (g->slot->pin == NULL)
		return CARD_ERR_SECURITY_STATUS;
	err = card_pin_tries(ch, pin, &g->tries);
	if (err != CARD_OK)
		return err;
	if (g->tries < g->slot->login_tries)
		return CARD_ERR_SECURITY_STATUS;
	err = card_pin_verify(ch, pin, g->slot->pin, 0, NULL);
	return err == CARD_ERR_PIN_WRONG || err == CARD_ERR_PIN_LOCKED || err == CARD_ERR_LAST_TRY
		       ? CARD_ERR_SECURITY_STATUS
		       : err;
}

/* SELECT, SIGN. */
static enum card_error sign_auth(card_channel_t *ch, struct reader *r, bool reset, void *ctx)
{
	struct signing *g = ctx;
	enum card_error err;

	(void)r;
	(void)reset; /* not every reset clears the status (card-spec 2.5): the card says */
	err = compute(ch, g);
	if (err == CARD_ERR_SECURITY_STATUS) {
		err = present_again(ch, g, CARD_PIN_AUTH);
		if (err == CARD_OK) {
			err = compute(ch, g);
			card_channel_keep_status(ch);
		}
	}
	g->status_lost = err == CARD_ERR_SECURITY_STATUS;
	return err;
}

/* SELECT, VERIFY, SIGN; the clearing SELECT follows. The password was proved by the login of this
 * very operation, so no query stands before the VERIFY; after a reset it is not presented. */
static enum card_error sign_sign(card_channel_t *ch, struct reader *r, bool reset, void *ctx)
{
	struct signing *g = ctx;
	enum card_error err = CARD_ERR_SECURITY_STATUS;

	(void)r;
	if (!reset && g->op->password != NULL)
		err = card_pin_verify(ch, CARD_PIN_SIGN, g->op->password, CARD_PIN_PROVED, NULL);
	else if (!reset)
		err = present_again(ch, g, CARD_PIN_SIGN);
	if (err == CARD_ERR_PIN_WRONG || err == CARD_ERR_PIN_LOCKED)
		err = CARD_ERR_SECURITY_STATUS;
	if (err == CARD_OK)
		err = compute(ch, g);
	g->status_lost = err == CARD_ERR_SECURITY_STATUS;
	return err;
}

/* What is too long was refused before; of a card's answer, that is the card's fault. */
static CK_RV sign_rv(enum card_error err)
{
	return err == CARD_ERR_INVALID_ARGUMENT ? CKR_DATA_LEN_RANGE : rv_of(err);
}

/* Owner only. op has left its session. */
static CK_RV run(struct slot *s, struct op *op, struct card_bytes data, CK_BYTE_PTR out,
		 CK_ULONG_PTR len)
{
	struct signing g = {.slot = s, .op = op, .data = data, .tries = CARD_TRIES_UNKNOWN};
	bool sign = s->kind == SLOT_SIGN;
	enum card_error err = CARD_OK;
	CK_RV rv;

	if (!s->logged_in)
		return CKR_USER_NOT_LOGGED_IN;
	if (sign && !module.config.session_login &&
	    (op->password == NULL || op->password_power != s->reader->power))
		return CKR_USER_NOT_LOGGED_IN;
	if (op->pss && data.n != card_hash_size(CARD_HASH_SHA256))
		return CKR_DATA_LEN_RANGE;
	rv = reader_dialogue(s->reader, sign ? sign_sign : sign_auth, &g, &err);
	if (rv == CKR_OK)
		rv = sign_rv(err);
	if (rv == CKR_OK && g.out.n > *len)
		rv = CKR_DEVICE_ERROR;
	if (rv == CKR_OK) {
		memcpy(out, g.out.p, g.out.n);
		*len = (CK_ULONG)g.out.n;
	}
	if (g.tries > s->login_tries && s->logged_in && s->login_tries < INT16_MAX)
		s->login_tries = g.tries;
	/* Without its status a login is none: the program may log in again. The password of one
	 * signature is not the login. */
	if (g.status_lost && op->password == NULL)
		login_forget(s);
	card_buf_free(&g.out);
	return rv;
}

/* ---- C_ functions ---- */

/* Which key, and may it be used at all? */
static CK_RV find_key(const struct slot *s, CK_OBJECT_HANDLE h)
{
	const struct object *o = object_find(s, h);

	if (o == NULL) {
		/* It is there, but not to be seen without a login. */
		struct slot open = *s;

		open.logged_in = true;
		o = object_find(&open, h);
		return o != NULL && object_is_private(s, o) ? CKR_USER_NOT_LOGGED_IN
							    : CKR_KEY_HANDLE_INVALID;
	}
	if (o->class == OBJECT_PRIVATE)
		return CKR_OK;
	return o->class == OBJECT_PUBLIC ? CKR_KEY_FUNCTION_NOT_PERMITTED : CKR_KEY_HANDLE_INVALID;
}

CK_RV C_SignInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_OBJECT_HANDLE hKey)
{
	return op_init(hSession, pMechanism, hKey, CKF_SIGN, find_key);
}

/* Take the operation out of its session. */
static struct op take(struct op *from)
{
	struct op op = *from;

	card_wipe(from, sizeof(*from));
	return op;
}

/* Owner only. data: the whole of a single part, NULL p for a multi-part one. */
static CK_RV finish(struct session *s, struct card_bytes data, CK_BYTE_PTR out, CK_ULONG_PTR len)
{
	struct slot *slot = s->slot;
	struct op op = take(&s->sign);
	uint8_t digest[CARD_HASH_MAX];
	struct card_bytes d = {0};
	CK_RV rv;

	/* Hashing may take long: others need not wait for it. */
	module_away();
	rv = op_update(&op, data.p, data.n);
	if (rv == CKR_OK)
		rv = op_finish(&op, digest, &d);
	if (module_back() != CKR_OK)
		rv = CKR_CRYPTOKI_NOT_INITIALIZED;
	if (rv == CKR_OK)
		rv = run(slot, &op, d, out, len);
	op_end(&op);
	return rv;
}

/* The checks that need no card. True: *rv is the answer. */
static bool sign_answered(struct session *s, const CK_BYTE *data, CK_ULONG n, CK_BYTE_PTR out,
			  CK_ULONG_PTR len, CK_RV *rv)
{
	struct op *op = &s->sign;

	if (op->stage == OP_NONE || op->stage == OP_MULTI) {
		*rv = op->stage == OP_NONE ? CKR_OPERATION_NOT_INITIALIZED : CKR_OPERATION_ACTIVE;
		return true;
	}
	*rv = CKR_OK;
	if (len == NULL || (data == NULL && n > 0))
		*rv = CKR_ARGUMENTS_BAD;
	else if (op->hash == CARD_HASH_NONE && n > RAW_MAX)
		*rv = CKR_DATA_LEN_RANGE;
	if (*rv != CKR_OK) {
		op_end(op);
		return true;
	}
	op->stage = OP_SINGLE;
	return op_length_only(out, len, signature_size(s->slot), rv);
}

CK_RV C_Sign(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen,
	     CK_BYTE_PTR pSignature, CK_ULONG_PTR pulSignatureLen)
{
	struct session *s;
	struct reader *r;
	CK_RV rv = session_enter(hSession, &s, &r);

	if (rv != CKR_OK)
		return rv;
	if (!sign_answered(s, pData, ulDataLen, pSignature, pulSignatureLen, &rv))
		rv = finish(s, card_bytes(pData, (size_t)ulDataLen), pSignature, pulSignatureLen);
	session_leave(r);
	return rv;
}

CK_RV C_SignUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen)
{
	return op_part(hSession, pPart, ulPartLen, CKF_SIGN);
}

static bool final_answered(struct session *s, CK_BYTE_PTR out, CK_ULONG_PTR len, CK_RV *rv)
{
	struct op *op = &s->sign;

	if (op->stage == OP_NONE) {
		*rv = CKR_OPERATION_NOT_INITIALIZED;
		return true;
	}
	*rv = op->stage == OP_SINGLE ? CKR_OPERATION_ACTIVE
	      : len == NULL          ? CKR_ARGUMENTS_BAD
				     : CKR_OK;
	if (*rv != CKR_OK) {
		op_end(op);
		return true;
	}
	op->stage = OP_MULTI;
	return op_length_only(out, len, signature_size(s->slot), rv);
}

CK_RV C_SignFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pSignature, CK_ULONG_PTR pulSignatureLen)
{
	struct session *s;
	struct reader *r;
	CK_RV rv = session_enter(hSession, &s, &r);

	if (rv != CKR_OK)
		return rv;
	if (!final_answered(s, pSignature, pulSignatureLen, &rv))
		rv = finish(s, (struct card_bytes){0}, pSignature, pulSignatureLen);
	session_leave(r);
	return rv;
}
