/* SPDX-License-Identifier: Apache-2.0 */
#include "demo_sign.h"

#include <string.h>

#include <card/jpki.h>

#include "file.h"
#include "output.h"
#include "pem.h"
#include "session.h"

/* Published secret of every test persona. */
#define PASSWORD "ABC123"

static const char message[] = "私はこの文書に同意します。 / I agree to this document.\n";

struct signed_message {
	card_buf_t certificate, signature;
};

/* One transaction: SELECT, query, VERIFY, the certificate, SIGN. */
static enum card_error dialogue(card_channel_t *ch, const card_secret_t *password,
				struct signed_message *out)
{
	uint8_t digest[CARD_HASH_MAX];
	card_cert_t *cert = NULL;
	enum card_error err =
		card_hash_digest(CARD_HASH_SHA256, card_bytes(message, sizeof message - 1), digest);

	if (err == CARD_OK)
		err = card_pin_verify(ch, CARD_PIN_SIGN, password, 0, NULL);
	if (err == CARD_OK)
		err = card_jpki_certificate(ch, CARD_JPKI_SIGN, card_grant_own_card(),
					    &out->certificate);
	if (err == CARD_OK)
		err = card_cert_new(&cert, card_buf_bytes(&out->certificate));
	if (err == CARD_OK)
		err = card_jpki_sign(ch, CARD_KEY_SIGN, CARD_HASH_SHA256,
				     card_bytes(digest, card_hash_size(CARD_HASH_SHA256)), 0, cert,
				     &out->signature);
	card_cert_free(&cert);
	return err;
}

static int write_files(struct kz *kz, const struct demo_signature *to,
		       const struct signed_message *made)
{
	card_buf_t pem = {0};
	int rc = kz_file_write(kz, to->message, card_bytes(message, sizeof message - 1), 0600);
	enum card_error err = kz_pem_write(card_buf_bytes(&made->certificate), &pem);

	if (rc == KZ_GO && err != CARD_OK)
		rc = kz_fail_error(kz, err);
	if (rc == KZ_GO)
		rc = kz_file_write(kz, to->signature, card_buf_bytes(&made->signature), 0600);
	if (rc == KZ_GO)
		rc = kz_file_write(kz, to->certificate, card_buf_bytes(&pem), 0600);
	card_buf_free(&pem);
	return rc;
}

int demo_sign(struct kz *kz, const char *reader, const struct demo_signature *to)
{
	struct signed_message made = {{0}, {0}};
	card_secret_t *password = NULL;
	struct kz_session card;
	enum card_error err = card_secret_new(&password);
	int rc;

	if (err == CARD_OK)
		err = card_secret_set(password, card_bytes(PASSWORD, strlen(PASSWORD)));
	if (err != CARD_OK) {
		card_secret_free(&password);
		return kz_fail_error(kz, err);
	}
	kz->opt.reader = reader;
	rc = kz_session_open(kz, &card);
	if (rc == KZ_GO) {
		err = kz_session_begin(kz, &card);
		if (err == CARD_OK)
			err = kz_session_end(&card, dialogue(card.ch, password, &made));
		rc = err == CARD_OK ? write_files(kz, to, &made) : kz_session_fail(kz, &card, err);
		kz_session_close(&card);
	}
	card_buf_free(&made.certificate);
	card_buf_free(&made.signature);
	card_secret_free(&password);
	return rc;
}
