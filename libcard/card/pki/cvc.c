/* SPDX-License-Identifier: Apache-2.0 */
#include <card/cvc.h>
#include <card/sig.h>
#include <card/tlv.h>

/* card-spec 3.8, 3.1 */
#define TAG_CERTIFICATE 0x7F21u
#define TAG_BODY        0x5F4Eu
#define TAG_SIGNATURE   0x5F37u
#define TAG_EXPONENT    0x90u
#define TAG_MODULUS     0x91u
#define TEST_HIERARCHY  '6'

static struct card_bytes without_leading_zeros(struct card_bytes b)
{
	while (b.n > 0 && b.p[0] == 0) {
		b.p++;
		b.n--;
	}
	return b;
}

enum card_error card_rsa_key_parse(struct card_bytes in, struct card_rsa_key *out)
{
	struct card_tlv exponent, modulus;
	enum card_error err;

	if (out == NULL || (in.p == NULL && in.n > 0))
		return CARD_ERR_INVALID_ARGUMENT;
	*out = (struct card_rsa_key){0};
	err = card_tlv_find(in, TAG_EXPONENT, &exponent);
	if (err == CARD_OK)
		err = card_tlv_find(in, TAG_MODULUS, &modulus);
	if (err != CARD_OK)
		return err == CARD_ERR_NOT_FOUND ? CARD_ERR_MALFORMED : err;
	out->exponent = without_leading_zeros(exponent.value);
	out->modulus = without_leading_zeros(modulus.value);
	if (out->exponent.n == 0 || out->modulus.n == 0) {
		*out = (struct card_rsa_key){0};
		return CARD_ERR_MALFORMED;
	}
	return CARD_OK;
}

/* issuer key id (16) | subject key id (16) | public key object */
static enum card_error parse_body(struct card_bytes body, struct card_cvc *out)
{
	if (body.n < 2 * CARD_KEY_ID_LENGTH)
		return CARD_ERR_MALFORMED;
	out->issuer = card_bytes(body.p, CARD_KEY_ID_LENGTH);
	out->subject = card_bytes(body.p + CARD_KEY_ID_LENGTH, CARD_KEY_ID_LENGTH);
	return card_rsa_key_parse(
		card_bytes(body.p + 2 * CARD_KEY_ID_LENGTH, body.n - 2 * CARD_KEY_ID_LENGTH),
		&out->key);
}

enum card_error card_cvc_parse(struct card_bytes in, struct card_cvc *out)
{
	struct card_bytes rest = in, content = in;
	struct card_tlv outer, body, signature;
	enum card_error err;

	if (out == NULL || in.p == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*out = (struct card_cvc){0};
	err = card_tlv_next(&rest, &outer);
	if (err == CARD_OK && outer.tag == TAG_CERTIFICATE)
		content = outer.value;
	if (err == CARD_OK)
		err = card_tlv_find(content, TAG_BODY, &body);
	if (err == CARD_OK)
		err = card_tlv_find(content, TAG_SIGNATURE, &signature);
	if (err == CARD_OK)
		err = parse_body(body.value, out);
	if (err != CARD_OK) {
		*out = (struct card_cvc){0};
		return err == CARD_ERR_NOT_FOUND ? CARD_ERR_MALFORMED : err;
	}
	out->signed_part = body.value;
	out->signature = signature.value;
	return CARD_OK;
}

bool card_key_id_is_test(struct card_bytes key_id)
{
	return key_id.n == CARD_KEY_ID_LENGTH && key_id.p[0] == TEST_HIERARCHY;
}

enum card_error card_cvc_verify(const struct card_cvc *cert, const struct card_rsa_key *issuer)
{
	uint8_t digest[CARD_HASH_MAX];
	enum card_error err;

	if (cert == NULL || issuer == NULL || cert->signed_part.p == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	err = card_hash_digest(CARD_HASH_SHA256, cert->signed_part, digest);
	if (err != CARD_OK)
		return err;
	return card_rsa_verify(issuer->modulus, issuer->exponent, CARD_HASH_SHA256,
			       card_bytes(digest, card_hash_size(CARD_HASH_SHA256)),
			       cert->signature);
}
