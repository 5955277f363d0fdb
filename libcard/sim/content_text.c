/* SPDX-License-Identifier: Apache-2.0 */
/* 券面事項入力補助AP: card-spec 3.4. */
#include <stdio.h>
#include <string.h>

#include "chip.h"

#define BY_PIN SIM_BY(SIM_SECRET_TEXT)
#define BY_A   SIM_BY(SIM_SECRET_TEXT_A)
#define BY_B   SIM_BY(SIM_SECRET_TEXT_B)

/* EF 0001: physical size 17, the object has 15. */
static void put_number(struct sim_contents *x, struct sim_buf *b)
{
	sim_puts(b, x->chip->persona.number);
	sim_wrap_record(x->chip, b, 0, 0xFF10, SIM_LEN_MIN);
	sim_pad_file(x->chip, b, 17);
}

/* EF 0002 without filler. *signed_at: where DF22 begins. */
static void put_attributes(struct sim_contents *x, struct sim_buf *b, const char *address,
			   size_t *signed_at)
{
	const struct sim_persona *p = &x->chip->persona;
	struct sim_buf body = {0};
	size_t at[4], start;
	char day[9];

	at[0] = start = body.n;
	sim_puts(&body, p->name);
	sim_wrap_record(x->chip, &body, start, 0xDF22, SIM_LEN_MIN);
	at[1] = start = body.n;
	sim_puts(&body, address);
	sim_wrap_record(x->chip, &body, start, 0xDF23, SIM_LEN_MIN);
	at[2] = body.n;
	sim_day_text(p->birth, day);
	sim_tlv(&body, 0xDF24, day, 8);
	at[3] = body.n;
	sim_tlv(&body, 0xDF25, &p->sex, 1);

	bool extended = x->chip->behaviour.choice[SIM_LENGTHS] == SIM_LENGTHS_LONG;
	size_t table = (extended ? 5u : 3u) + 8u;
	size_t inside = table + body.n;
	size_t outer = extended || inside > 0xFF ? 5u : inside > 0x7F ? 4u : 3u;
	for (int i = 0; i < 4; i++)
		sim_put16(b, (unsigned)(outer + table + at[i]));
	sim_wrap_record(x->chip, b, 0, 0xDF21, SIM_LEN_MIN);
	sim_put(b, body.p, body.n);
	if (sim_fault(&x->chip->behaviour, SIM_FAULT_TLV_PAST_END) && !b->failed)
		b->p[table + 2] = 0x7F; /* the length of DF22 */
	sim_wrap_record(x->chip, b, 0, 0xFF20, SIM_LEN_MIN);
	*signed_at = outer + table;
	b->failed = b->failed || body.failed;
	sim_buf_free(&body);
}

/* EF 0003: digests of 0001 (17 physical bytes) and of 0002 from DF22 on. */
static bool put_integrity(struct sim_contents *x, struct sim_buf *b, const struct sim_buf *number,
			  const struct sim_buf *attributes, size_t signed_at)
{
	uint8_t digest[32], sig[SIM_RSA_BYTES];
	uint8_t flip = sim_fault(&x->chip->behaviour, SIM_FAULT_RECORD_DIGEST) ? 0x01 : 0x00;

	sim_sha256(number->p, number->n, digest);
	digest[0] ^= flip;
	sim_tlv(b, 0xDF31, digest, sizeof digest);
	sim_sha256(attributes->p + signed_at, attributes->n - signed_at, digest);
	digest[0] ^= flip;
	sim_tlv(b, 0xDF32, digest, sizeof digest);
	if (b->failed || !sim_record_sign(x, b->p, b->n, sig))
		return false;
	size_t start = b->n;
	sim_put(b, sig, sizeof sig);
	sim_wrap_record(x->chip, b, start, 0xDF33, SIM_LEN_82);
	sim_wrap_record(x->chip, b, 0, 0xFF30, SIM_LEN_82);
	return !b->failed;
}

/* EF 0005: 164 bytes, filled to 256 (card-spec 3.4: some reader asks for 256). */
static void put_basic(struct sim_contents *x, struct sim_buf *b)
{
	static const uint8_t version[4] = {0x01, 0x03, 0x0E, 0x01};
	uint8_t id[SIM_KEY_ID], digest[32];

	sim_tlv(b, 0xDF41, version, sizeof version);
	sim_key_id(id, "6000034", "001", 0x00);
	sim_tlv(b, 0xDF42, id, sizeof id);
	size_t start = b->n;
	sim_noise(&x->chip->persona, "DF43", digest, sizeof digest);
	sim_put(b, digest, sizeof digest);
	sim_fill(b, 0xFF, 96);
	sim_wrap_record(x->chip, b, start, 0xDF43, SIM_LEN_82);
	sim_wrap_record(x->chip, b, 0, 0xFF40, SIM_LEN_82);
	sim_pad_file(x->chip, b, 256);
}

/* EF 0007: the public half of key 0013, signed. */
static bool put_signed_key(struct sim_contents *x, struct sim_buf *b, EVP_PKEY *key)
{
	uint8_t sig[SIM_RSA_BYTES];

	sim_put_key_object(b, key);
	sim_wrap_record(x->chip, b, 0, 0xDF51, SIM_LEN_82);
	if (b->failed || !sim_record_sign(x, b->p, b->n, sig))
		return false;
	size_t start = b->n;
	sim_put(b, sig, sizeof sig);
	sim_wrap_record(x->chip, b, start, 0xDF52, SIM_LEN_82);
	sim_wrap_record(x->chip, b, 0, 0xFF50, SIM_LEN_82);
	return !b->failed;
}

/* What another issue of the card would have: the signatures cover the old one. */
static void change_address(struct sim_contents *x, struct sim_buf *file)
{
	static const char other[] = "東京都清瀬市偽造町９－９－９";
	size_t signed_at;

	file->n = 0;
	put_attributes(x, file, other, &signed_at);
}

enum card_error sim_content_text(struct sim_contents *x)
{
	struct sim_chip *c = x->chip;
	struct sim_ap *ap = sim_add_ap(c, SIM_TEXT, "D3921000310001010408");
	struct sim_ef *key = sim_add_key(x, ap, 0x0013, "text", SIM_FREE);
	char name[64];
	size_t signed_at;

	snprintf(name, sizeof name, "%s-session", c->persona.serial);
	c->session_key = sim_key(&c->home, "keys", name);
	if (!key->key || !c->session_key)
		return sim_fail(x->problem, CARD_ERR_CRYPTO, "Cannot make the text keys.");
	ap->default_key = 0x0013;
	uint32_t with_b = c->behaviour.choice[SIM_TEXT3_WITH_B] ? BY_B : 0;
	struct sim_ef *number = sim_add_ef(ap, 0x0001, SIM_EF_BINARY, BY_PIN | BY_A);
	struct sim_ef *attributes = sim_add_ef(ap, 0x0002, SIM_EF_BINARY, BY_PIN | BY_B);
	struct sim_ef *integrity = sim_add_ef(ap, 0x0003, SIM_EF_BINARY, BY_PIN | BY_A | with_b);
	struct sim_ef *cv = sim_add_ef(ap, 0x0004, SIM_EF_BINARY, SIM_FREE);
	struct sim_ef *basic = sim_add_ef(ap, 0x0005, SIM_EF_BINARY, SIM_FREE);
	struct sim_ef *session_key = sim_add_ef(ap, 0x0006, SIM_EF_BINARY, BY_PIN | BY_A | BY_B);
	struct sim_ef *signed_key = sim_add_ef(ap, 0x0007, SIM_EF_BINARY, BY_PIN | BY_A | BY_B);

	put_number(x, &number->content);
	put_attributes(x, &attributes->content, c->persona.address, &signed_at);
	put_basic(x, &basic->content);
	sim_put_key_object(&session_key->content, c->session_key);
	sim_wrap_record(c, &session_key->content, 0, 0xA1, SIM_LEN_82);
	if (number->content.failed || attributes->content.failed || basic->content.failed ||
	    !put_integrity(x, &integrity->content, &number->content, &attributes->content,
			   signed_at) ||
	    !sim_put_municipal_cv(x, &cv->content, "cv-text", true) ||
	    !put_signed_key(x, &signed_key->content, key->key) || session_key->content.failed)
		return sim_fail(x->problem, CARD_ERR_CRYPTO, "Cannot sign the text records.");
	if (sim_fault(&c->behaviour, SIM_FAULT_ADDRESS_CHANGED))
		change_address(x, &attributes->content);
	if (sim_fault(&c->behaviour, SIM_FAULT_TLV_ENDLESS)) {
		memcpy(attributes->content.p + 2, "\x82\xFF\xFF", 3);
		memcpy(integrity->content.p + 2, "\x82\xFF\xFF", 3);
	}
	sim_pad_file(c, &attributes->content, 0);
	sim_pad_file(c, &integrity->content, 0);
	sim_pad_file(c, &cv->content, 0);
	sim_pad_file(c, &session_key->content, 0);
	sim_pad_file(c, &signed_key->content, 0);
	uint32_t eight = c->behaviour.choice[SIM_TEXT8_FREE] ? SIM_FREE : BY_PIN | BY_A | BY_B;
	sim_fill(&sim_add_ef(ap, 0x0008, SIM_EF_BINARY, eight)->content, 0xFF, 16);
	sim_add_secret(ap, 0x0011, SIM_SECRET_TEXT);
	sim_add_secret(ap, 0x0012, SIM_SECRET_TEXT_12);
	sim_add_secret(ap, 0x0014, SIM_SECRET_TEXT_A);
	sim_add_secret(ap, 0x0015, SIM_SECRET_TEXT_B);
	sim_add_ef(ap, 0x0010, SIM_EF_UNKNOWN, SIM_NEVER);
	sim_add_ef(ap, 0x001C, SIM_EF_UNKNOWN, SIM_NEVER);
	sim_add_ef(ap, 0x001E, SIM_EF_UNKNOWN, SIM_NEVER);
	if (sim_fault(&c->behaviour, SIM_FAULT_CHALLENGE_FAILS)) {
		EVP_PKEY_free(key->key);
		EVP_PKEY_up_ref(c->stray);
		key->key = c->stray;
	}
	return CARD_OK;
}
