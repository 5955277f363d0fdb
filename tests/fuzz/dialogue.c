/* SPDX-License-Identifier: Apache-2.0 */
#include "dialogue.h"

#include <string.h>

#include <card/authenticity.h>
#include <card/local.h>
#include <card/token.h>

#include "fuzz.h"

static enum card_error present(card_channel_t *ch, enum card_pin pin, const char *value)
{
	card_secret_t *s = NULL;
	int tries = -9;
	enum card_error err = card_secret_new(&s);

	if (err != CARD_OK)
		return err;
	err = card_secret_set(s, card_bytes(value, strlen(value)));
	if (err == CARD_OK)
		err = fuzz_known(card_pin_verify(ch, pin, s, 0, &tries));
	fuzz_require(err != CARD_ERR_LAST_TRY || tries == 1 || tries == CARD_TRIES_UNKNOWN);
	fuzz_require(err != CARD_ERR_PIN_FORMAT || card_channel_sw(ch) != 0);
	card_secret_free(&s);
	return err;
}

static void text(card_channel_t *ch, const card_cvca_t *cas, const card_grant_t *grant)
{
	card_buf_t record = {0}, physical = {0};
	struct card_text_attributes a;
	struct card_authenticity_input in = {.challenge = true};
	struct card_authenticity out;
	char number[13];

	(void)present(ch, CARD_PIN_TEXT, "1234");
	if (fuzz_known(card_text_read_attributes(ch, grant, &record, &a)) == CARD_OK) {
		fuzz_touch(a.name);
		fuzz_touch(a.address);
		in.attributes = &a;
	}
	if (fuzz_known(card_text_read_number(ch, grant, &physical, number)) == CARD_OK) {
		fuzz_require(strlen(number) == 12);
		in.text_number = card_buf_bytes(&physical);
	}
	if (fuzz_known(card_authenticity_text(ch, cas, &in, &out)) != CARD_OK)
		fuzz_require(out.chain == CARD_CHECK_SKIPPED && out.record == CARD_CHECK_SKIPPED);
	card_buf_free(&record);
	card_buf_free(&physical);
}

static void surface(card_channel_t *ch, const card_cvca_t *cas, const card_grant_t *grant)
{
	card_buf_t face_record = {0}, number_record = {0}, age_record = {0};
	struct card_surface_face face;
	struct card_surface_number number;
	struct card_surface_age age;
	struct card_surface_info info;
	struct card_authenticity_input in = {.challenge = true};
	struct card_authenticity out;

	(void)fuzz_known(card_surface_read_info(ch, &info));
	(void)present(ch, CARD_PIN_SURFACE_NUMBER_A, "537686677188");
	if (fuzz_known(card_surface_read_face(ch, grant, &face_record, &face)) == CARD_OK) {
		fuzz_touch(face.photo_jp2);
		in.face = &face;
	}
	if (fuzz_known(card_surface_read_number(ch, grant, &number_record, &number)) == CARD_OK)
		in.number = &number;
	if (fuzz_known(card_surface_read_age(ch, grant, &age_record, &age)) == CARD_OK)
		in.age = &age;
	if (fuzz_known(card_authenticity_surface(ch, cas, &in, &out)) != CARD_OK)
		fuzz_require(out.chain == CARD_CHECK_SKIPPED && out.record == CARD_CHECK_SKIPPED);
	card_buf_free(&face_record);
	card_buf_free(&number_record);
	card_buf_free(&age_record);
}

static void sign(card_channel_t *ch)
{
	static const uint8_t digest[32] = {0x11};
	card_buf_t der = {0}, signature = {0};
	card_cert_t *cert = NULL;
	enum card_error err;

	(void)fuzz_known(card_jpki_certificate(ch, CARD_JPKI_AUTH, card_grant_own_card(), &der));
	(void)fuzz_known(card_cert_new(&cert, card_buf_bytes(&der)));
	(void)present(ch, CARD_PIN_AUTH, "1234");
	err = fuzz_known(card_jpki_sign(ch, CARD_KEY_AUTH, CARD_HASH_SHA256,
					card_bytes(digest, sizeof(digest)), 0, cert, &signature));
	fuzz_require(err == CARD_OK || signature.n == 0);
	if (err == CARD_OK) /* nothing unverified is ever returned */
		fuzz_require(card_cert_verify_signature(cert, CARD_HASH_SHA256,
							card_bytes(digest, sizeof(digest)),
							card_buf_bytes(&signature), 0) == CARD_OK);
	card_cert_free(&cert);
	card_buf_free(&der);
	card_buf_free(&signature);
}

static void local(card_channel_t *ch, const card_grant_t *grant)
{
	static const uint8_t digest[32] = {0x11}, proof[32] = {0x22};
	struct card_local_hello hello;
	struct card_local_answer answer;

	if (fuzz_known(card_local_hello(ch, &hello)) == CARD_OK)
		fuzz_require(strspn(hello.municipality, "0123456789") == 5);
	else
		fuzz_require(hello.municipality[0] == '\0');
	if (fuzz_known(card_local_prove(ch, grant, digest, proof, &answer)) == CARD_OK)
		fuzz_require(strlen(answer.user_id) >= 1 && strpbrk(answer.user_id, " \n") == NULL);
	else
		fuzz_require(answer.user_id[0] == '\0');
}

void dialogue_play(card_channel_t *ch, unsigned choice)
{
	static card_cvca_t *cas;
	static card_grant_t *grant;
	struct card_status status;
	struct card_authenticity out;

	if (cas == NULL)
		fuzz_require(card_cvca_new(&cas, true) == CARD_OK &&
			     card_grant_new(&grant, 0xFF) == CARD_OK);
	if (fuzz_known(card_channel_begin(ch, 0)) != CARD_OK)
		return;
	if ((choice & (DIALOGUE_TEXT | DIALOGUE_SURFACE | DIALOGUE_SIGN | DIALOGUE_LOCAL)) == 0) {
		(void)fuzz_known(card_status_read(ch, &status));
		(void)fuzz_known(card_authenticity_card(ch, cas, &out));
	}
	if ((choice & DIALOGUE_TEXT) != 0)
		text(ch, cas, grant);
	if ((choice & DIALOGUE_SURFACE) != 0)
		surface(ch, cas, grant);
	if ((choice & DIALOGUE_SIGN) != 0)
		sign(ch);
	if ((choice & DIALOGUE_LOCAL) != 0)
		local(ch, grant);
	(void)fuzz_known(card_channel_end(ch));
}
