/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a card without a PIN, and its certificate files. */
#include <stdio.h>
#include <string.h>

#include <openssl/sha.h>

#include "module.h"

enum card_jpki_certificate slot_certificate(const struct slot *s)
{
	return s->kind == SLOT_SIGN ? CARD_JPKI_SIGN : CARD_JPKI_AUTH;
}

const struct file *slot_file(const struct slot *s)
{
	return &s->reader->files[slot_certificate(s)];
}

void file_free(struct file *f)
{
	card_buf_free(&f->der);
	card_cert_free(&f->cert);
	f->read = false;
}

/* ---- what C_GetTokenInfo and C_OpenSession need: six commands for both slots ---- */

struct load {
	bool recognised, pinpad, guarded;
	bool present[SLOT_KINDS];
	int tries[SLOT_KINDS];
	char serial[17];
	card_buf_t start; /* of 000A: read on from there when the certificate is wanted */
};

/* 16 hexadecimal digits of SHA-256: two cards differ in their URIs, and nobody is named. */
static void serial_of(struct card_bytes seed, char out[17])
{
	uint8_t digest[CARD_HASH_MAX] = {0};

	out[0] = '\0';
	if (seed.n > 0 && card_hash_digest(CARD_HASH_SHA256, seed, digest) == CARD_OK)
		(void)card_hex_encode(card_bytes(digest, 8), out, 17);
}

/* The first block of 000A. Where a PIN guards that (phones), what the token says of itself. */
static enum card_error load_serial(card_channel_t *ch, struct load *l)
{
	struct card_jpki_token token;
	enum card_error err =
		card_jpki_certificate_start(ch, CARD_JPKI_AUTH, card_grant_own_card(), &l->start);

	if (err == CARD_OK) {
		serial_of(card_buf_bytes(&l->start), l->serial);
	} else if (card_channel_sw(ch) != 0) {
		l->guarded = err == CARD_ERR_SECURITY_STATUS;
		memset(&token, 0, sizeof(token));
		err = card_jpki_token(ch, &token);
		if (err == CARD_OK)
			serial_of(card_bytes(&token, sizeof(token)), l->serial);
		if (card_channel_sw(ch) != 0)
			err = CARD_OK;
	}
	return err;
}

/* A refusal by the card is an answer; only a broken dialogue is an error. */
static enum card_error tolerate(card_channel_t *ch, enum card_error err)
{
	return err != CARD_OK && card_channel_sw(ch) != 0 ? CARD_OK : err;
}

static enum card_error load(card_channel_t *ch, struct reader *r, bool reset, void *ctx)
{
	struct load *l = ctx;
	enum card_error err;

	(void)r;
	(void)reset;
	l->tries[SLOT_AUTH] = l->tries[SLOT_SIGN] = CARD_TRIES_UNKNOWN;
	l->pinpad =
		(card_reader_features(card_channel_reader(ch)) & CARD_READER_PINPAD_VERIFY) != 0;
	err = card_jpki_select(ch);
	if (err != CARD_OK)
		return tolerate(ch, err);
	l->recognised = true;
	err = card_jpki_available(ch, &l->present[SLOT_SIGN], &l->present[SLOT_AUTH]);
	if (err != CARD_OK && card_channel_sw(ch) != 0) {
		/* An old card without the list: the files themselves will tell. */
		l->present[SLOT_SIGN] = l->present[SLOT_AUTH] = true;
		err = CARD_OK;
	}
	if (err == CARD_OK)
		err = load_serial(ch, l);
	if (err == CARD_OK)
		err = tolerate(ch, card_pin_tries(ch, CARD_PIN_AUTH, &l->tries[SLOT_AUTH]));
	if (err == CARD_OK)
		err = tolerate(ch, card_pin_tries(ch, CARD_PIN_SIGN, &l->tries[SLOT_SIGN]));
	return err;
}

CK_RV token_load(struct reader *r)
{
	struct load l = {0};
	enum card_error err = CARD_OK;
	CK_RV rv;

	if (!r->card)
		return CKR_TOKEN_NOT_PRESENT;
	if (!r->loaded) {
		rv = reader_dialogue(r, load, &l, &err);
		if (rv == CKR_OK && err != CARD_OK)
			rv = rv_of(err);
		if (rv != CKR_OK) {
			card_buf_free(&l.start);
			return rv;
		}
		r->files[CARD_JPKI_AUTH].der = l.start;
		r->loaded = true;
		r->recognised = l.recognised;
		r->pinpad = l.pinpad;
		r->guarded = l.guarded;
		memcpy(r->serial, l.serial, sizeof(r->serial));
		for (unsigned k = 0; k < SLOT_KINDS; k++) {
			r->present[k] = l.present[k];
			r->slots[k].tries = l.tries[k];
			r->slots[k].tries_fresh = true;
		}
	}
	return r->recognised ? CKR_OK : CKR_TOKEN_NOT_RECOGNIZED;
}

/* ---- certificate files ---- */

enum card_error token_read(card_channel_t *ch, enum card_jpki_certificate which, struct file *out)
{
	bool own = which == CARD_JPKI_AUTH || which == CARD_JPKI_SIGN;
	const card_grant_t *grant = own ? card_grant_own_card() : NULL;
	enum card_error err = out->der.n > 0
				      ? card_jpki_certificate_rest(ch, which, grant, &out->der)
				      : card_jpki_certificate(ch, which, grant, &out->der);

	if (err == CARD_OK && card_cert_new(&out->cert, card_buf_bytes(&out->der)) != CARD_OK)
		out->cert = NULL;
	if (err == CARD_OK || err == CARD_ERR_NO_CERTIFICATE || err == CARD_ERR_MALFORMED)
		out->read = true;
	return err;
}

struct reading {
	enum card_jpki_certificate which;
	struct file file;
};

static enum card_error read_one(card_channel_t *ch, struct reader *r, bool reset, void *ctx)
{
	struct reading *read = ctx;

	(void)r;
	(void)reset;
	return token_read(ch, read->which, &read->file);
}

CK_RV token_file(struct reader *r, enum card_jpki_certificate which)
{
	struct reading read = {.which = which};
	enum card_error err = CARD_OK;
	CK_RV rv;

	if (r->files[which].read)
		return CKR_OK;
	/* What was read of it already is the owner's while the dialogue runs. */
	read.file = r->files[which];
	r->files[which] = (struct file){0};
	rv = reader_dialogue(r, read_one, &read, &err);
	r->files[which] = read.file;
	return rv == CKR_OK && !r->files[which].read ? rv_of(err) : rv;
}

/* ---- C_ functions ---- */

CK_RV C_GetSlotList(CK_BBOOL tokenPresent, CK_SLOT_ID_PTR pSlotList, CK_ULONG_PTR pulCount)
{
	CK_SLOT_ID ids[CARD_PCSC_READERS_MAX * SLOT_KINDS];
	CK_ULONG n = 0;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	if (pulCount == NULL) {
		module_leave();
		return CKR_ARGUMENTS_BAD;
	}
	readers_refresh();
	/* §5.5: new slots appear when the caller asks how many there are, and not before. */
	if (pSlotList == NULL)
		module.reader_shown = module.reader_count;
	for (size_t i = 0; i < module.reader_shown; i++)
		for (unsigned k = 0; k < (module.config.auth_only ? 1u : SLOT_KINDS); k++)
			if (!tokenPresent || module.readers[i]->card)
				ids[n++] = slot_id(&module.readers[i]->slots[k]);
	if (pSlotList != NULL && *pulCount < n)
		rv = CKR_BUFFER_TOO_SMALL;
	else if (pSlotList != NULL && n > 0)
		memcpy(pSlotList, ids, n * sizeof(ids[0]));
	*pulCount = n;
	module_leave();
	return rv;
}

CK_RV C_GetSlotInfo(CK_SLOT_ID slotID, CK_SLOT_INFO_PTR pInfo)
{
	struct slot *s;
	char text[192];
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	s = slot_find(slotID);
	if (s == NULL)
		rv = CKR_SLOT_ID_INVALID;
	else if (pInfo == NULL)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK) {
		readers_refresh();
		memset(pInfo, 0, sizeof(*pInfo));
		(void)snprintf(text, sizeof(text), "%s (%s)", s->reader->name,
			       s->kind == SLOT_SIGN ? "sign" : "auth");
		pad(pInfo->slotDescription, sizeof(pInfo->slotDescription), text);
		pad(pInfo->manufacturerID, sizeof(pInfo->manufacturerID), "Kazasu");
		pInfo->flags = CKF_REMOVABLE_DEVICE | CKF_HW_SLOT;
		if (s->reader->card)
			pInfo->flags |= CKF_TOKEN_PRESENT;
		pInfo->firmwareVersion.minor = 1;
		pInfo->hardwareVersion.minor = 1;
	}
	module_leave();
	return rv;
}

static enum card_pin slot_pin(const struct slot *s)
{
	return s->kind == SLOT_SIGN ? CARD_PIN_SIGN : CARD_PIN_AUTH;
}

static enum card_error ask_tries(card_channel_t *ch, struct reader *r, bool reset, void *ctx)
{
	struct slot *s = ctx;
	int tries = CARD_TRIES_UNKNOWN;
	enum card_error err = tolerate(ch, card_pin_tries(ch, slot_pin(s), &tries));

	(void)r;
	(void)reset;
	/* Only the owner writes tries, and only the owner reads them while it is busy. */
	if (err == CARD_OK)
		s->tries = tries;
	return err;
}

/* card-spec 4.4: full counts; only for the flag that says "somebody was wrong". */
static int full_tries(const struct slot *s)
{
	return s->kind == SLOT_SIGN ? 5 : 3;
}

static CK_FLAGS pin_flags(const struct slot *s)
{
	CK_FLAGS f = 0;

	/* All three come from the card's own count. One addition: §3.2 (CK_TOKEN_INFO) has COUNT_LOW
	 * for "an incorrect user login PIN has been entered at least once since the last successful
	 * authentication", and that is also so for one that C_Login called CKR_PIN_INCORRECT
	 * without sending it: such a PIN can never touch the other two. */
	if (s->impossible || (s->tries >= 0 && s->tries < full_tries(s)))
		f |= CKF_USER_PIN_COUNT_LOW;
	if (s->tries == 1)
		f |= CKF_USER_PIN_FINAL_TRY;
	if (s->tries == 0)
		f |= CKF_USER_PIN_LOCKED;
	return f;
}

static void fill(const struct slot *s, CK_TOKEN_INFO_PTR p)
{
	struct card_pin_format format = card_pin_format(slot_pin(s));

	memset(p, 0, sizeof(*p));
	pad(p->label, sizeof(p->label),
	    s->kind == SLOT_SIGN ? "My Number Card (sign)" : "My Number Card (auth)");
	pad(p->manufacturerID, sizeof(p->manufacturerID), "JPKI");
	pad(p->model, sizeof(p->model), "My Number Card");
	pad(p->serialNumber, sizeof(p->serialNumber), s->reader->serial);
	p->flags = CKF_RNG | CKF_WRITE_PROTECTED | CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED |
		   CKF_TOKEN_INITIALIZED | pin_flags(s);
	if (s->reader->pinpad && s->kind == SLOT_AUTH)
		p->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
	p->ulMaxSessionCount = CK_EFFECTIVELY_INFINITE;
	p->ulMaxRwSessionCount = CK_EFFECTIVELY_INFINITE;
	p->ulSessionCount = s->sessions;
	p->ulRwSessionCount = s->sessions - s->read_only;
	p->ulMinPinLen = format.min;
	p->ulMaxPinLen = format.max;
	p->ulTotalPublicMemory = p->ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION;
	p->ulTotalPrivateMemory = p->ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
	p->hardwareVersion.minor = 1;
	p->firmwareVersion.minor = 1;
	pad((CK_UTF8CHAR *)p->utcTime, sizeof(p->utcTime), "");
}

CK_RV C_GetTokenInfo(CK_SLOT_ID slotID, CK_TOKEN_INFO_PTR pInfo)
{
	struct slot *s;
	enum card_error err = CARD_OK;
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	s = slot_find(slotID);
	if (s == NULL)
		rv = CKR_SLOT_ID_INVALID;
	else if (pInfo == NULL)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK)
		rv = reader_acquire(s->reader);
	if (rv != CKR_OK) {
		module_leave();
		return rv;
	}
	readers_refresh();
	reader_settle(s->reader);
	rv = token_load(s->reader);
	if (rv == CKR_OK && !s->tries_fresh) {
		rv = reader_dialogue(s->reader, ask_tries, s, &err);
		if (rv == CKR_OK)
			rv = rv_of(err);
	}
	if (rv == CKR_OK) {
		s->tries_fresh = false;
		if (s->logged_in && s->tries > s->login_tries)
			s->login_tries = s->tries;
		fill(s, pInfo);
	}
	/* Without a card nothing else is worth telling. */
	if (rv == CKR_DEVICE_REMOVED)
		rv = CKR_TOKEN_NOT_PRESENT;
	reader_release(s->reader);
	module_leave();
	return rv;
}
