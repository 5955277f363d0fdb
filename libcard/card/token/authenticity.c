/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <openssl/rand.h>

#include <card/authenticity.h>
#include <card/common.h>
#include <card/sig.h>
#include <card/sw.h>

#define INS_PERFORM  0x2Au
#define CHALLENGE    32u
#define SHA256_BYTES 32u

/* An error of the dialogue, as against an answer that does not convince. */
static bool dialogue_broken(card_channel_t *ch, enum card_error err)
{
	return err != CARD_OK && card_channel_sw(ch) == 0;
}

/* Wrong or missing evidence fails. A card that answers with a status word of its own has neither
 * proved nor disproved anything: the check was not made. */
static enum card_check judged(enum card_error err)
{
	switch (err) {
	case CARD_OK:
		return CARD_CHECK_PASS;
	case CARD_ERR_STATUS:
	case CARD_ERR_SECURITY_STATUS:
	case CARD_ERR_UNSUPPORTED:
	case CARD_ERR_UNTRUSTED:
	case CARD_ERR_CRYPTO:
	case CARD_ERR_NO_MEMORY:
		return CARD_CHECK_SKIPPED;
	default:
		return CARD_CHECK_FAIL;
	}
}

static enum card_error sha256(struct card_bytes in, uint8_t out[CARD_HASH_MAX])
{
	return card_hash_digest(CARD_HASH_SHA256, in, out);
}

/* PKCS#1 v1.5 with SHA-256 over message (card-spec 3.3, 3.4). */
static enum card_error verify(const struct card_rsa_key *key, struct card_bytes message,
			      struct card_bytes signature)
{
	uint8_t digest[CARD_HASH_MAX];
	enum card_error err = sha256(message, digest);

	if (err != CARD_OK)
		return err;
	return card_rsa_verify(key->modulus, key->exponent, CARD_HASH_SHA256,
			       card_bytes(digest, SHA256_BYTES), signature);
}

/* The application's certificate, its chain, and the key that signs the records. */
static void judge_chain(const card_cvca_t *cas, const struct card_cvc *cvc,
			struct card_authenticity *out)
{
	struct card_rsa_key ca;

	out->test = card_key_id_is_test(cvc->issuer);
	if (card_cvca_find(cas, cvc->issuer, &ca) != CARD_OK) {
		out->chain = CARD_CHECK_SKIPPED; /* card-spec 6.2: unknown is not a failure */
		out->chain_why = CARD_ERR_UNTRUSTED;
		return;
	}
	out->chain_why = card_cvc_verify(cvc, &ca);
	out->chain = judged(out->chain_why);
}

/*
 * DF28 is over a DigestInfo whose OCTET STRING holds three hashes (card-spec 3.3; the prefix is
 * given there): of the text fields, of the two images, of the photo.
 */
static enum card_error verify_face(const struct card_rsa_key *key,
				   const struct card_surface_face *face)
{
	static const uint8_t prefix[] = {0x30, 0x71, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
					 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x60};
	uint8_t info[sizeof(prefix) + 3 * SHA256_BYTES];
	uint8_t digest[CARD_HASH_MAX];

	memcpy(info, prefix, sizeof(prefix));
	for (size_t i = 0; i < 3; i++) {
		enum card_error err = sha256(face->part[i], digest);

		if (err != CARD_OK)
			return err;
		memcpy(info + sizeof(prefix) + i * SHA256_BYTES, digest, SHA256_BYTES);
	}
	return card_rsa_verify_digest_info(key->modulus, key->exponent,
					   card_bytes(info, sizeof(info)), face->signature);
}

/* Several records: the worst of them, with its reason. */
static void note_record(struct card_authenticity *out, enum card_error err)
{
	bool first = out->record == CARD_CHECK_SKIPPED && out->record_why == CARD_OK;
	enum card_check now = first ? judged(err) : card_check_and(out->record, judged(err));

	if (first || now != out->record)
		out->record_why = err;
	out->record = now;
}

/*
 * Let the card sign DigestInfo(SHA-256(fresh random)) with the application's default key
 * (card-spec 4.2: P2 = 00, no PIN) and verify it with the key in the records.
 */
static enum card_error challenge(card_channel_t *ch, struct card_bytes public_key,
				 struct card_authenticity *out)
{
	uint8_t nonce[CHALLENGE], digest[CARD_HASH_MAX], info[CARD_DIGEST_INFO_MAX];
	struct card_apdu sign = {.cla = 0x80, .ins = INS_PERFORM, .le = 256};
	struct card_rsa_key key;
	card_buf_t answer = {0};
	size_t n = 0;
	enum card_error err;

	if (RAND_bytes(nonce, sizeof(nonce)) != 1)
		return CARD_ERR_CRYPTO;
	err = sha256(card_bytes(nonce, sizeof(nonce)), digest);
	if (err == CARD_OK)
		err = card_digest_info(CARD_HASH_SHA256, card_bytes(digest, SHA256_BYTES), info,
				       &n);
	if (err != CARD_OK)
		return err;
	sign.data = card_bytes(info, n);
	err = card_channel_transmit(ch, &sign, &answer);
	if (dialogue_broken(ch, err)) {
		card_buf_free(&answer);
		return err;
	}
	if (err == CARD_OK)
		err = card_sw_error(card_channel_sw(ch));
	if (err == CARD_OK)
		err = card_rsa_key_parse(public_key, &key);
	if (err == CARD_OK)
		err = card_rsa_verify(key.modulus, key.exponent, CARD_HASH_SHA256,
				      card_bytes(digest, SHA256_BYTES), card_buf_bytes(&answer));
	out->challenge_why = err;
	out->challenge = judged(err);
	card_buf_free(&answer);
	return CARD_OK;
}

/* Read and parse EF 0004 of the current application. *have: cvc can be used. */
static enum card_error read_cvc(card_channel_t *ch,
				enum card_error (*read)(card_channel_t *, card_buf_t *),
				card_buf_t *buf, struct card_cvc *cvc, bool *have,
				struct card_authenticity *out)
{
	enum card_error err = read(ch, buf);

	*have = false;
	if (dialogue_broken(ch, err))
		return err;
	if (err == CARD_OK)
		err = card_cvc_parse(card_buf_bytes(buf), cvc);
	*have = err == CARD_OK;
	if (!*have) {
		out->chain = judged(err);
		out->chain_why = err;
	}
	return CARD_OK;
}

static void no_result(struct card_authenticity *out)
{
	memset(out, 0, sizeof(*out));
}

/* The card's own key as the records name it; they must agree where several were read. */
static bool own_key(const struct card_authenticity_input *in, struct card_bytes *key)
{
	const struct card_bytes keys[] = {
		in->face != NULL ? in->face->public_key : card_bytes(NULL, 0),
		in->age != NULL ? in->age->public_key : card_bytes(NULL, 0),
		in->number != NULL ? in->number->public_key : card_bytes(NULL, 0)};

	*key = card_bytes(NULL, 0);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i].p == NULL)
			continue;
		if (key->p != NULL && !card_bytes_equal(*key, keys[i]))
			return false;
		*key = keys[i];
	}
	return true;
}

static void judge_surface_records(const struct card_authenticity_input *in,
				  const struct card_rsa_key *key, struct card_authenticity *out)
{
	if (in->face != NULL)
		note_record(out, verify_face(key, in->face));
	if (in->age != NULL)
		note_record(out, verify(key, in->age->signed_part, in->age->signature));
	if (in->number != NULL)
		note_record(out, verify(key, in->number->signed_part, in->number->signature));
}

enum card_error card_authenticity_surface(card_channel_t *ch, const card_cvca_t *cas,
					  const struct card_authenticity_input *in,
					  struct card_authenticity *out)
{
	card_buf_t buf = {0};
	struct card_cvc cvc;
	struct card_bytes key;
	bool have = false;
	enum card_error err;

	if (ch == NULL || cas == NULL || in == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	no_result(out);
	err = read_cvc(ch, card_surface_read_certificate, &buf, &cvc, &have, out);
	if (err == CARD_OK && have) {
		judge_chain(cas, &cvc, out);
		judge_surface_records(in, &cvc.key, out);
	}
	if (err == CARD_OK && !own_key(in, &key))
		note_record(out, CARD_ERR_SIGNATURE); /* card-spec 3.3: one key in all of them */
	if (err == CARD_OK && in->challenge && key.p != NULL)
		err = challenge(ch, key, out);
	if (err != CARD_OK)
		no_result(out);
	card_buf_free(&buf);
	return err;
}

static enum card_error same_digest(struct card_bytes covered, struct card_bytes expected)
{
	uint8_t digest[CARD_HASH_MAX];
	enum card_error err = sha256(covered, digest);

	if (err != CARD_OK)
		return err;
	return card_bytes_equal(card_bytes(digest, SHA256_BYTES), expected) ? CARD_OK
									    : CARD_ERR_SIGNATURE;
}

/* EF 0003 ties the records to the issuer's signature. */
static enum card_error judge_text_records(card_channel_t *ch,
					  const struct card_authenticity_input *in,
					  const struct card_rsa_key *key,
					  struct card_authenticity *out)
{
	card_buf_t buf = {0};
	struct card_text_integrity integrity;
	enum card_error err;

	if (in->attributes == NULL && in->text_number.n == 0)
		return CARD_OK;
	err = card_text_read_integrity(ch, &buf, &integrity);
	if (dialogue_broken(ch, err)) {
		card_buf_free(&buf);
		return err;
	}
	if (err == CARD_OK)
		err = verify(key, integrity.signed_part, integrity.signature);
	if (err == CARD_OK && in->attributes != NULL)
		err = same_digest(in->attributes->signed_part, integrity.attributes_digest);
	if (err == CARD_OK && in->text_number.n > 0)
		err = same_digest(in->text_number, integrity.number_digest);
	note_record(out, err); /* card-spec 3.4: number B may not open it: then skipped */
	card_buf_free(&buf);
	return CARD_OK;
}

/* EF 0007: the card's own key under the issuer's signature, then the challenge to it. */
static enum card_error judge_text_challenge(card_channel_t *ch, const struct card_rsa_key *issuer,
					    struct card_authenticity *out)
{
	card_buf_t buf = {0};
	struct card_text_key own;
	enum card_error err = card_text_read_key(ch, &buf, &own);

	if (!dialogue_broken(ch, err)) {
		if (err == CARD_OK)
			err = verify(issuer, own.signed_part, own.signature);
		if (err == CARD_OK) {
			err = challenge(ch, own.public_key, out);
		} else {
			out->challenge_why = err;
			out->challenge = judged(err);
			err = CARD_OK;
		}
	}
	card_buf_free(&buf);
	return err;
}

enum card_error card_authenticity_text(card_channel_t *ch, const card_cvca_t *cas,
				       const struct card_authenticity_input *in,
				       struct card_authenticity *out)
{
	card_buf_t buf = {0};
	struct card_cvc cvc;
	bool have = false;
	enum card_error err;

	if (ch == NULL || cas == NULL || in == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	no_result(out);
	err = read_cvc(ch, card_text_read_certificate, &buf, &cvc, &have, out);
	if (err == CARD_OK && have) {
		judge_chain(cas, &cvc, out);
		err = judge_text_records(ch, in, &cvc.key, out);
	}
	if (err == CARD_OK && have && in->challenge)
		err = judge_text_challenge(ch, &cvc.key, out);
	if (err != CARD_OK)
		no_result(out);
	card_buf_free(&buf);
	return err;
}

/* One certificate of card level under a key; *next is then the key it certifies. */
static enum card_error verify_object(card_channel_t *ch, enum card_data_object tag, card_buf_t *buf,
				     const card_cvca_t *cas, struct card_rsa_key *next,
				     struct card_authenticity *out)
{
	struct card_cvc cvc;
	struct card_rsa_key issuer = *next;
	enum card_error err = card_data_object(ch, tag, buf);

	if (err == CARD_OK)
		err = card_cvc_parse(card_buf_bytes(buf), &cvc);
	if (err == CARD_OK && cas != NULL) {
		out->test = card_key_id_is_test(cvc.issuer);
		if (card_cvca_find(cas, cvc.issuer, &issuer) != CARD_OK)
			return CARD_ERR_UNTRUSTED;
	}
	if (err == CARD_OK)
		err = card_cvc_verify(&cvc, &issuer);
	if (err == CARD_OK)
		*next = cvc.key;
	return err;
}

enum card_error card_authenticity_card(card_channel_t *ch, const card_cvca_t *cas,
				       struct card_authenticity *out)
{
	card_buf_t root = {0}, lower = {0};
	struct card_rsa_key key = {0};
	enum card_error err;

	if (ch == NULL || cas == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	no_result(out);
	err = verify_object(ch, CARD_DATA_ROOT_CERTIFICATE, &root, cas, &key, out);
	if (err == CARD_OK) {
		err = verify_object(ch, CARD_DATA_LOWER_CERTIFICATE, &lower, NULL, &key, out);
		if (err == CARD_ERR_NOT_FOUND) /* absent on older cards: card-spec 3.7 */
			err = CARD_OK;
	}
	card_buf_free(&root);
	card_buf_free(&lower);
	if (dialogue_broken(ch, err)) {
		no_result(out);
		return err;
	}
	out->chain_why = err;
	/* Cards without these objects exist: the application's own chain is what counts. */
	out->chain = err == CARD_ERR_NOT_FOUND ? CARD_CHECK_SKIPPED : judged(err);
	return CARD_OK;
}
