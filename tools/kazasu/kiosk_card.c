/* SPDX-License-Identifier: Apache-2.0 */
/* kiosk_card.c — the card of a transaction: certificate, PIN, signature, and that it was taken. */
#include "kiosk.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include <card/jpki.h>
#include <card/secret.h>
#include <cardflow/issue_idle.h>

#include "output.h"

/* A resident is waited for this long (flows §1.8). */
#define IDLE_SECONDS FLOW_IDLE_END
#define POLL_MS      200

/* What an exit code of the card's commands means to the terminal. */
static enum card_error error_of(int exit)
{
	switch (exit) {
	case KZ_WRONG_SECRET:
		return CARD_ERR_PIN_WRONG;
	case KZ_LOCKED:
		return CARD_ERR_PIN_LOCKED;
	case KZ_NO_CARD:
		return CARD_ERR_NO_CARD;
	case KZ_REFUSED:
		return CARD_ERR_LAST_TRY;
	case KZ_BAD_DATA:
		return CARD_ERR_PIN_FORMAT;
	case KZ_CANCELLED:
	case KZ_USAGE:    /* nothing to type it on */
	case KZ_NO_INPUT: /* the descriptor gave no more lines: nobody tries again */
		return CARD_ERR_CANCELLED;
	case KZ_UNAVAILABLE:
		return CARD_ERR_NO_SERVICE;
	default:
		return CARD_ERR_WRONG_TOKEN;
	}
}

void kiosk_card_close(struct kiosk *k)
{
	if (k->card_open)
		kz_session_close(&k->card);
	k->card_open = false;
	card_buf_free(&k->certificate);
}

void kiosk_card_let_go(struct kiosk *k)
{
	if (k->card_open)
		snprintf(k->reader, sizeof k->reader, "%s", card_reader_name(k->card.reader));
	kiosk_card_close(k);
}

enum card_error kiosk_card_open(struct kiosk *k)
{
	int rc;

	if (k->card_open)
		return CARD_OK;
	k->quiet.opt.wait = k->kz->opt.wait >= 0 ? k->kz->opt.wait : IDLE_SECONDS;
	rc = kz_session_open(&k->quiet, &k->card);
	if (rc == KZ_GO) {
		k->card_open = true;
		return CARD_OK;
	}
	k->card_exit = rc;
	return error_of(rc);
}

/* The tries first: they cost none (K05, K07). */
static enum card_error read_certificate(struct kiosk *k, card_buf_t *der)
{
	enum card_error err = kz_session_begin(&k->quiet, &k->card);
	int tries = CARD_TRIES_UNKNOWN;

	if (err != CARD_OK)
		return err;
	err = card_pin_tries(k->card.ch, CARD_PIN_AUTH, &tries);
	if (err == CARD_OK && tries == 0)
		err = CARD_ERR_PIN_LOCKED;
	if (err == CARD_OK)
		err = card_jpki_certificate(k->card.ch, CARD_JPKI_AUTH, card_grant_own_card(), der);
	return kz_session_end(&k->card, err);
}

static void report(struct kiosk *k, enum card_error err)
{
	if (err == CARD_ERR_PIN_LOCKED)
		k->card_exit = kz_secret_fail(&k->quiet, &k->card, CARD_PIN_AUTH, err, 0);
	else
		k->card_exit = kz_session_fail(&k->quiet, &k->card, err);
}

enum card_error kiosk_certificate(void *ctx, card_buf_t *der)
{
	struct kiosk *k = ctx;
	enum card_error err = kiosk_card_open(k);

	if (err != CARD_OK)
		return err;
	k->card_exit = KZ_GO;
	if (k->certificate.n == 0) {
		err = read_certificate(k, &k->certificate);
		kiosk_watch(k, card_buf_bytes(&k->certificate));
	}
	if (err == CARD_OK)
		return card_buf_append(der, card_buf_bytes(&k->certificate));
	card_buf_free(&k->certificate);
	report(k, err);
	return err;
}

static enum card_error sign_with(struct kiosk *k, const struct kz_secret *secret,
				 const uint8_t digest[32], card_buf_t *signature, int *tries)
{
	card_cert_t *certificate = NULL;
	enum card_error err = card_cert_new(&certificate, card_buf_bytes(&k->certificate));

	if (err == CARD_OK)
		err = kz_session_begin(&k->quiet, &k->card);
	if (err == CARD_OK) {
		err = kz_secret_present(&k->quiet, &k->card, CARD_PIN_AUTH, secret, tries);
		if (err == CARD_OK)
			err = card_jpki_sign(k->card.ch, CARD_KEY_AUTH, CARD_HASH_SHA256,
					     card_bytes(digest, 32), 0, certificate, signature);
		/* Ends with the card manager selected: the PIN is open to nobody (decision 2). */
		err = kz_session_end(&k->card, err);
	}
	card_cert_free(&certificate);
	return err;
}

enum card_error kiosk_sign(void *ctx, const uint8_t digest[32], card_buf_t *signature, int *tries)
{
	struct kiosk *k = ctx;
	const struct kz_entry entry = {
		.pin = CARD_PIN_AUTH, .last_try = k->words.last_try, .seconds = FLOW_IDLE_END};
	const time_t began = time(NULL);
	struct kz_secret secret = {0};
	enum card_error err;
	int rc;

	if (!k->card_open || k->certificate.n == 0)
		return CARD_ERR_NO_CARD;
	do
		rc = kz_secret_ask(&k->quiet, &k->card, &entry, &secret);
	while (rc == KZ_BAD_DATA);
	if (rc != KZ_GO) {
		/* The exit code of a wrong PIN stays that of the run. */
		if (rc != KZ_NO_INPUT || k->card_exit != KZ_WRONG_SECRET)
			k->card_exit = rc;
		/* Nobody typed, as a prompt of either kind ends by itself. */
		return rc == KZ_CANCELLED && time(NULL) - began >= FLOW_IDLE_END ? CARD_ERR_TIMEOUT
										 : error_of(rc);
	}
	err = sign_with(k, &secret, digest, signature, tries);
	kz_secret_free(&secret);
	k->card_exit = KZ_GO;
	if (err == CARD_ERR_PIN_WRONG && *tries != 0)
		k->card_exit = KZ_WRONG_SECRET; /* the terminal says it, with the tries left */
	else if (err != CARD_OK)
		k->card_exit = kz_secret_fail(&k->quiet, &k->card, CARD_PIN_AUTH, err, *tries);
	kiosk_watch(k, card_buf_bytes(signature));
	return err;
}

/* Whether a reader of PC/SC still holds a card. */
static bool present(card_pcsc_t *pcsc, const char *name)
{
	struct card_pcsc_reader list[CARD_PCSC_READERS_MAX];
	size_t n = CARD_PCSC_READERS_MAX;

	if (card_pcsc_list(pcsc, list, &n) != CARD_OK)
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return list[i].card || list[i].mute;
	return false;
}

static bool wait_until_taken(const char *name, int seconds)
{
	card_pcsc_t *pcsc = NULL;
	bool gone = false;

	if (card_pcsc_new(&pcsc) != CARD_OK)
		return true; /* without a reader there is no card on it */
	for (int ms = 0; !(gone = !present(pcsc, name)) && ms < seconds * 1000; ms += POLL_MS)
		usleep(POLL_MS * 1000);
	card_pcsc_free(&pcsc);
	return gone;
}

bool kiosk_card_gone(void *ctx, int seconds)
{
	struct kiosk *k = ctx;
	const char *where = k->kz->opt.reader;

	if (k->words.leave != NULL && strcmp(k->words.leave, "card") == 0) {
		k->ahead_ms += (int64_t)seconds * 1000;
		return false;
	}
	kiosk_card_let_go(k);
	/* A virtual card, or a trace, is taken when nobody holds it any more. */
	if (where != NULL && (strncmp(where, "sim:", 4) == 0 || strncmp(where, "trace:", 6) == 0))
		return true;
	return wait_until_taken(k->reader, seconds);
}
