/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <card/jpki.h>
#include <card/sw.h>

#include "applet.h"

#define EF_TOKEN     0x0006u
#define EF_AVAILABLE 0x0008u
#define AVAILABLE    0x8Fu /* card-spec 3.2: EF 0008 */

#define INS_PERFORM  0x2Au
#define P1_AS_GIVEN  0x00u /* PKCS#1 v1.5 padding of the data as given: card-spec 4.2 */
#define P1_PSS       0x04u
#define SIGN_RAW_MAX 245u
#define BLOCK        256u

enum card_error card_jpki_select(card_channel_t *ch)
{
	return ch == NULL ? CARD_ERR_INVALID_ARGUMENT : card_channel_select(ch, aid_jpki);
}

/* A field of EF 0006 without its trailing blanks. */
static void copy_field(char *out, const uint8_t *field, size_t n)
{
	while (n > 0 && (field[n - 1] == ' ' || field[n - 1] == '\0'))
		n--;
	for (size_t i = 0; i < n; i++)
		out[i] = field[i] >= 0x20 && field[i] < 0x7F ? (char)field[i] : '?';
	out[n] = '\0';
}

enum card_error card_jpki_token(card_channel_t *ch, struct card_jpki_token *out)
{
	uint8_t memory[BLOCK];
	card_buf_t b = card_buf_fixed(memory, sizeof(memory));
	size_t got = 0;
	enum card_error err;

	if (ch == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof(*out));
	err = card_jpki_select(ch);
	if (err == CARD_OK)
		err = file_read_block(ch, EF_TOKEN, 0, BLOCK, &b, &got);
	if (err != CARD_OK)
		return err;
	/* Offsets: card-spec 3.2. Phones may give the label only. */
	if (got < 32)
		return CARD_ERR_TRUNCATED;
	copy_field(out->label, memory, 32);
	if (got >= 64)
		copy_field(out->manufacturer, memory + 32, 32);
	if (got >= 96) {
		copy_field(out->model, memory + 64, 16);
		copy_field(out->serial, memory + 80, 16);
	}
	return CARD_OK;
}

enum card_error card_jpki_available(card_channel_t *ch, bool *sign, bool *auth)
{
	uint8_t memory[BLOCK];
	card_buf_t b = card_buf_fixed(memory, sizeof(memory));
	size_t got = 0;
	enum card_error err;

	if (ch == NULL || sign == NULL || auth == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*sign = *auth = false;
	err = card_jpki_select(ch);
	if (err == CARD_OK)
		err = file_read_block(ch, EF_AVAILABLE, 0, BLOCK, &b, &got);
	if (err != CARD_OK)
		return err;
	if (got < 2)
		return CARD_ERR_TRUNCATED;
	*sign = memory[0] == AVAILABLE;
	*auth = memory[1] == AVAILABLE;
	return CARD_OK;
}

static const struct {
	uint16_t file;
	unsigned object; /* grant needed, 0: none */
} certificates[] = {
	[CARD_JPKI_AUTH] = {0x000A, CARD_OBJECT_AUTH_CERTIFICATE},
	[CARD_JPKI_SIGN] = {0x0001, CARD_OBJECT_SIGN_CERTIFICATE},
	[CARD_JPKI_AUTH_CA] = {0x000B, 0},
	[CARD_JPKI_SIGN_CA] = {0x0002, 0},
};

static enum card_error may_read(card_channel_t *ch, enum card_jpki_certificate which,
				const card_grant_t *grant, const card_buf_t *out)
{
	if (ch == NULL || out == NULL || (int)which < 0 || which > CARD_JPKI_SIGN_CA)
		return CARD_ERR_INVALID_ARGUMENT;
	if (certificates[which].object != 0 &&
	    !card_grant_permits(grant, certificates[which].object))
		return CARD_ERR_DENIED;
	return card_jpki_select(ch);
}

/* An absent certificate is an absent file, an empty one or one of filler. */
static enum card_error certificate_length(struct card_bytes start, size_t *whole)
{
	if (start.p == NULL || start.n == 0 || start.p[0] == 0xFF || start.p[0] == 0x00)
		return CARD_ERR_NO_CERTIFICATE;
	return card_cert_der_length(start, whole);
}

enum card_error card_jpki_certificate(card_channel_t *ch, enum card_jpki_certificate which,
				      const card_grant_t *grant, card_buf_t *out)
{
	enum card_error err = may_read(ch, which, grant, out);

	if (err == CARD_OK)
		err = file_read_object(ch, certificates[which].file, certificate_length,
				       CERTIFICATE_MAX, out);
	return err == CARD_ERR_NOT_FOUND ? CARD_ERR_NO_CERTIFICATE : err;
}

enum card_error card_jpki_certificate_start(card_channel_t *ch, enum card_jpki_certificate which,
					    const card_grant_t *grant, card_buf_t *out)
{
	size_t before, got = 0, whole = 0;
	enum card_error err = may_read(ch, which, grant, out);

	if (err != CARD_OK)
		return err;
	before = out->n;
	err = file_read_block(ch, certificates[which].file, 0, BLOCK, out, &got);
	if (err == CARD_OK)
		err = certificate_length(card_bytes(out->p == NULL ? NULL : out->p + before, got),
					 &whole);
	if (err == CARD_OK && whole < got)
		out->n = before + whole;
	if (err != CARD_OK)
		out->n = before;
	return err == CARD_ERR_NOT_FOUND ? CARD_ERR_NO_CERTIFICATE : err;
}

enum card_error card_jpki_certificate_rest(card_channel_t *ch, enum card_jpki_certificate which,
					   const card_grant_t *grant, card_buf_t *out)
{
	size_t whole = 0;
	enum card_error err = may_read(ch, which, grant, out);

	if (err == CARD_OK)
		err = certificate_length(card_buf_bytes(out), &whole);
	if (err == CARD_OK && whole > CERTIFICATE_MAX)
		err = CARD_ERR_TOO_LONG;
	if (err == CARD_OK && whole > out->n)
		err = file_read_rest(ch, certificates[which].file, whole, 0, out);
	return err == CARD_ERR_NOT_FOUND ? CARD_ERR_NO_CERTIFICATE : err;
}

/* COMPUTE DIGITAL SIGNATURE with a key of the JPKI application, by short id where it works. */
static enum card_error compute(card_channel_t *ch, enum card_jpki_key key, uint8_t p1,
			       struct card_bytes data, card_buf_t *out)
{
	uint16_t file = key == CARD_KEY_SIGN ? 0x001A : 0x0017;
	struct card_apdu sign = {.ins = INS_PERFORM, .p1 = p1, .data = data, .le = BLOCK};
	size_t before = out->n;
	enum card_error err = card_jpki_select(ch);

	if (err != CARD_OK)
		return err;
	sign.cla = 0x80;
	if (card_channel_short_ids(ch)) {
		sign.p2 = (uint8_t)(0x80u | file);
		err = card_channel_transmit(ch, &sign, out);
		if (err != CARD_OK || !short_id_refused(card_channel_sw(ch)))
			goto answered;
		out->n = before;
	}
	err = card_channel_select_file(ch, file);
	if (err != CARD_OK)
		return err;
	sign.p2 = 0x80;
	err = card_channel_transmit(ch, &sign, out);
	if (err == CARD_OK && card_channel_sw(ch) == CARD_SW_OK)
		card_channel_refuse_short_ids(ch, file);
answered:
	if (err == CARD_OK && card_channel_sw(ch) != CARD_SW_OK) {
		out->n = before;
		err = card_sw_error(card_channel_sw(ch));
	}
	return err;
}

/* Nothing unverified is returned: what the card gave is dropped unless it is the signature. */
static enum card_error accept(enum card_error verified, size_t before, card_buf_t *out)
{
	if (verified == CARD_OK)
		return CARD_OK;
	out->n = before;
	return verified;
}

enum card_error card_jpki_sign(card_channel_t *ch, enum card_jpki_key key, enum card_hash hash,
			       struct card_bytes digest, unsigned flags, const card_cert_t *cert,
			       card_buf_t *out)
{
	uint8_t info[CARD_DIGEST_INFO_MAX];
	struct card_bytes data = digest;
	size_t n = 0, before;
	bool pss = (flags & CARD_SIGN_PSS) != 0;
	unsigned verify = 0;
	enum card_error err;

	if (ch == NULL || cert == NULL || out == NULL || digest.p == NULL ||
	    (key != CARD_KEY_AUTH && key != CARD_KEY_SIGN))
		return CARD_ERR_INVALID_ARGUMENT;
	if ((hash == CARD_HASH_SHA1 && (flags & CARD_SIGN_ALLOW_SHA1) == 0) ||
	    (pss && hash != CARD_HASH_SHA256))
		return CARD_ERR_UNSUPPORTED;
	err = card_digest_info(hash, digest, info, &n);
	if (err != CARD_OK)
		return err;
	if (!pss)
		data = card_bytes(info, n);
	before = out->n;
	err = compute(ch, key, pss ? P1_PSS : P1_AS_GIVEN, data, out);
	if (err != CARD_OK)
		return err;
	if (hash == CARD_HASH_SHA1)
		verify |= CARD_VERIFY_ALLOW_SHA1;
	if (pss)
		verify |= CARD_VERIFY_PSS;
	err = card_cert_verify_signature(
		cert, hash, digest,
		card_bytes(out->p == NULL ? NULL : out->p + before, out->n - before), verify);
	return accept(err, before, out);
}

enum card_error card_jpki_sign_raw(card_channel_t *ch, enum card_jpki_key key,
				   struct card_bytes data, const card_cert_t *cert, card_buf_t *out)
{
	const struct card_key *pub;
	size_t before;
	enum card_error err;

	if (ch == NULL || cert == NULL || out == NULL || data.p == NULL || data.n == 0 ||
	    (key != CARD_KEY_AUTH && key != CARD_KEY_SIGN))
		return CARD_ERR_INVALID_ARGUMENT;
	if (data.n > SIGN_RAW_MAX)
		return CARD_ERR_TOO_LONG;
	pub = card_cert_key(cert);
	if (pub == NULL || pub->kind != CARD_KEY_RSA)
		return CARD_ERR_UNSUPPORTED;
	before = out->n;
	err = compute(ch, key, P1_AS_GIVEN, data, out);
	if (err != CARD_OK)
		return err;
	err = card_rsa_verify_digest_info(
		pub->modulus, pub->exponent, data,
		card_bytes(out->p == NULL ? NULL : out->p + before, out->n - before));
	return accept(err, before, out);
}
