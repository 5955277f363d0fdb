/* SPDX-License-Identifier: Apache-2.0 */
/* 券面事項確認AP: card-spec 3.3. */
#include <string.h>

#include "chip.h"
#include "picture.h"

static const uint32_t by_a = SIM_BY(SIM_SECRET_SURFACE_A);
static const uint32_t by_a_or_b = SIM_BY(SIM_SECRET_SURFACE_A) | SIM_BY(SIM_SECRET_SURFACE_B);

static void put_card_key(struct sim_contents *x, struct sim_buf *b, unsigned tag, EVP_PKEY *key)
{
	size_t start = b->n;

	sim_put_key_object(b, key);
	sim_wrap_record(x->chip, b, start, tag, SIM_LEN_82);
}

/* The signature over all objects of the record so far. */
static bool put_signature(struct sim_contents *x, struct sim_buf *b, unsigned tag)
{
	uint8_t sig[SIM_RSA_BYTES];
	size_t start = b->n;

	if (b->failed || !sim_record_sign(x, b->p, b->n, sig))
		return false;
	sim_put(b, sig, sizeof sig);
	sim_wrap_record(x->chip, b, start, tag, SIM_LEN_82);
	return !b->failed;
}

/* EF 0001: age record. */
static bool put_age(struct sim_contents *x, struct sim_buf *b, EVP_PKEY *key)
{
	char day[9];

	sim_day_text(x->chip->persona.birth, day);
	sim_tlv(b, 0xDF11, day, 8);
	put_card_key(x, b, 0xDF12, key);
	if (!put_signature(x, b, 0xDF13))
		return false;
	sim_wrap_record(x->chip, b, 0, 0xFF10, SIM_LEN_82);
	return !b->failed;
}

/* EF 0005: the number as a picture. */
static bool put_number(struct sim_contents *x, struct sim_buf *b, EVP_PKEY *key)
{
	if (!sim_put_picture(b, &x->chip->home, SIM_PICTURE_NUMBER, &x->chip->persona))
		return false;
	sim_wrap_record(x->chip, b, 0, 0xDF41, SIM_LEN_MIN);
	put_card_key(x, b, 0xDF42, key);
	if (!put_signature(x, b, 0xDF43))
		return false;
	sim_wrap_record(x->chip, b, 0, 0xFF40, SIM_LEN_82);
	return !b->failed;
}

static bool put_picture(struct sim_contents *x, struct sim_buf *b, unsigned tag,
			enum sim_picture which)
{
	const struct sim_behaviour *how = &x->chip->behaviour;
	size_t start = b->n;

	if (!sim_put_picture(b, &x->chip->home, which, &x->chip->persona))
		return false;
	if (which == SIM_PICTURE_FACE) {
		if (sim_fault(how, SIM_FAULT_SHORT_PHOTO) && b->n - start > 40)
			b->n = start + 40;
		if (sim_fault(how, SIM_FAULT_GARBAGE_PHOTO))
			sim_noise(&x->chip->persona, "photo", b->p + start, b->n - start);
	}
	sim_wrap_record(x->chip, b, start, tag, SIM_LEN_MIN);
	return !b->failed;
}

#define FACE_OBJECTS 9 /* DF22 … DF2A, as many offsets in DF21 */

/* DF28: a DigestInfo with the SHA-256 OID over three digests (96 bytes). */
static bool put_face_signature(struct sim_contents *x, struct sim_buf *b, const size_t at[])
{
	struct sim_buf info = {0};
	uint8_t digest[32], sig[SIM_RSA_BYTES];
	static const int cut[4] = {0, 3, 5, 6}; /* DF22..24, DF25..26, DF27 */
	size_t start = b->n;

	sim_put_hex(&info, "3071300D0609608648016503040201050004"
			   "60");
	for (int i = 0; i < 3; i++) {
		sim_sha256(b->p + at[cut[i]], at[cut[i + 1]] - at[cut[i]], digest);
		sim_put(&info, digest, sizeof digest);
	}
	bool good = !info.failed && sim_sign(x->municipal, SIM_PAD_PKCS1, info.p, info.n, sig);
	sim_buf_free(&info);
	if (!good)
		return false;
	if (sim_fault(&x->chip->behaviour, SIM_FAULT_RECORD_SIGNATURE))
		sig[100] ^= 0x01;
	sim_put(b, sig, sizeof sig);
	sim_wrap_record(x->chip, b, start, 0xDF28, SIM_LEN_82);
	return !b->failed;
}

/* EF 0002: the card face. Objects first, then the table of their offsets. */
static bool put_face(struct sim_contents *x, struct sim_buf *file, EVP_PKEY *key)
{
	const struct sim_persona *p = &x->chip->persona;
	struct sim_buf body = {0};
	size_t at[FACE_OBJECTS + 1];
	char day[9];
	int n = 0;

	at[n++] = body.n;
	sim_day_text(p->birth, day);
	sim_tlv(&body, 0xDF22, day, 8);
	at[n++] = body.n;
	sim_tlv(&body, 0xDF23, &p->sex, 1);
	at[n++] = body.n;
	put_card_key(x, &body, 0xDF24, key);
	at[n++] = body.n;
	bool good = put_picture(x, &body, 0xDF25, SIM_PICTURE_NAME);
	at[n++] = body.n;
	good = good && put_picture(x, &body, 0xDF26, SIM_PICTURE_ADDRESS);
	at[n++] = body.n;
	good = good && put_picture(x, &body, 0xDF27, SIM_PICTURE_FACE);
	at[n++] = body.n;
	good = good && put_face_signature(x, &body, at);
	at[n++] = body.n;
	sim_day_text(p->expires, day);
	sim_tlv(&body, 0xDF29, day, 8);
	at[n++] = body.n;
	good = good && put_picture(x, &body, 0xDF2A, SIM_PICTURE_CODE);

	/* FF20 82 xx xx, then DF21 12 and its 18 bytes, before DF22 */
	size_t first = 5 + 3 + 2 * FACE_OBJECTS;
	if (x->chip->behaviour.choice[SIM_LENGTHS] == SIM_LENGTHS_LONG)
		first += 2;
	for (int i = 0; i < FACE_OBJECTS; i++)
		sim_put16(file, (unsigned)(first + at[i]));
	sim_wrap_record(x->chip, file, 0, 0xDF21, SIM_LEN_MIN);
	sim_put(file, body.p, body.n);
	if (sim_fault(&x->chip->behaviour, SIM_FAULT_TLV_PAST_END) && !file->failed)
		file->p[first - 5 + at[1] + 2] = 0x7F; /* the length of DF23 */
	sim_wrap_record(x->chip, file, 0, 0xFF20, SIM_LEN_82);
	if (sim_fault(&x->chip->behaviour, SIM_FAULT_TLV_ENDLESS) && !file->failed)
		file->p[3] = file->p[4] = 0xFF;
	good = good && !body.failed && !file->failed;
	sim_buf_free(&body);
	return good;
}

/* EF 0003: AP basic information. */
static bool put_basic(struct sim_contents *x, struct sim_buf *b)
{
	static const uint8_t version[4] = {0x06, 0x03, 0x0E, 0x01};
	uint8_t id[SIM_KEY_ID], opaque[256];

	sim_tlv(b, 0xDF31, version, sizeof version);
	sim_key_id(id, "6000024", "001", 0x00);
	sim_tlv(b, 0xDF32, id, sizeof id);
	sim_tlv(b, 0xDF33, "\0", 1);
	sim_tlv(b, 0xDF34, x->chip->persona.municipality, 5);
	size_t start = b->n;
	sim_key_id(id, "6900025", "001", 0x00);
	sim_put(b, id, sizeof id);
	sim_noise(&x->chip->persona, "DF35", opaque, sizeof opaque);
	sim_put(b, opaque, sizeof opaque);
	sim_wrap_record(x->chip, b, start, 0xDF35, SIM_LEN_82);
	sim_wrap_record(x->chip, b, 0, 0xFF30, SIM_LEN_82);
	return !b->failed;
}

enum card_error sim_content_surface(struct sim_contents *x)
{
	struct sim_chip *c = x->chip;
	struct sim_ap *ap = sim_add_ap(c, SIM_SURFACE, "D3921000310001010402");
	struct sim_ef *key = sim_add_key(x, ap, 0x001A, "surface", SIM_FREE);

	if (!key->key)
		return sim_fail(x->problem, CARD_ERR_CRYPTO, "Cannot make the surface key.");
	ap->default_key = 0x001A;
	struct sim_ef *age = sim_add_ef(ap, 0x0001, SIM_EF_BINARY, SIM_BY(SIM_SECRET_BIRTH));
	struct sim_ef *face = sim_add_ef(ap, 0x0002, SIM_EF_BINARY, by_a_or_b);
	struct sim_ef *basic = sim_add_ef(ap, 0x0003, SIM_EF_BINARY, SIM_FREE);
	struct sim_ef *cv = sim_add_ef(ap, 0x0004, SIM_EF_BINARY, SIM_FREE);
	struct sim_ef *number = sim_add_ef(ap, 0x0005, SIM_EF_BINARY, by_a);
	struct sim_ef *six =
		sim_add_ef(ap, 0x0006, SIM_EF_BINARY,
			   c->behaviour.choice[SIM_SURFACE6_FREE] ? SIM_FREE : by_a_or_b);
	if (!put_age(x, &age->content, key->key) || !put_face(x, &face->content, key->key) ||
	    !put_basic(x, &basic->content) ||
	    !sim_put_municipal_cv(x, &cv->content, "cv-surface", true) ||
	    !put_number(x, &number->content, key->key))
		return sim_fail(x->problem, CARD_ERR_CRYPTO,
				"Cannot draw or sign the card face (is fonts-ipaexfont-mincho "
				"installed?).");
	sim_pad_file(c, &age->content, 0);
	sim_pad_file(c, &face->content, 0);
	sim_pad_file(c, &basic->content, 0);
	sim_pad_file(c, &cv->content, 0);
	sim_pad_file(c, &number->content, 0);
	sim_fill(&six->content, 0xFF, 16);
	sim_add_secret(ap, 0x0011, SIM_SECRET_BIRTH);
	sim_add_secret(ap, 0x0012, SIM_SECRET_SURFACE_B);
	sim_add_secret(ap, 0x0013, SIM_SECRET_SURFACE_A);
	sim_add_ef(ap, 0x001C, SIM_EF_UNKNOWN, SIM_NEVER);
	sim_add_ef(ap, 0x001E, SIM_EF_UNKNOWN, SIM_NEVER);
	if (sim_fault(&c->behaviour, SIM_FAULT_CHALLENGE_FAILS)) {
		EVP_PKEY_free(key->key);
		EVP_PKEY_up_ref(c->stray);
		key->key = c->stray;
	}
	return CARD_OK;
}
