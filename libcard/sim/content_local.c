/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 条例利用AP (証明書等自動交付AP) of 現行方式. No public source describes one (card-spec 2.1): what
 * stands here is an assumption from end to end, written down in docs/issuance.md.
 */
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "local.h"

/* A proprietary name (ISO 7816-5, category F): "KAZASU" and a number. */
#define AID "F04B415A41535501"

/* The municipality's secret: 32 random bytes, made once. Test secrets: any user may run the tests. */
static bool municipal_secret(const struct sim_chip *c, uint8_t out[32])
{
	const char *const folders[2] = {c->home.dir, c->home.spare};
	char name[24], path[SIM_PATH_MAX];
	uint8_t fresh[32];

	snprintf(name, sizeof name, "local-%.5s", c->persona.municipality);
	for (size_t i = 0; i < 2; i++) {
		struct sim_buf b = {0};
		bool there;

		if (!folders[i][0] ||
		    !sim_path(path, folders[i], i == 0 ? "keys" : "", name, ".secret"))
			continue;
		there = sim_file_read(path, &b) && b.n == 32;
		if (!there && RAND_bytes(fresh, sizeof fresh) == 1) {
			b.n = 0;
			/* another process may have been faster: what lies there counts */
			there = sim_file_create(path, fresh, sizeof fresh, 0644) &&
				sim_file_read(path, &b) && b.n == 32;
		}
		if (there)
			memcpy(out, b.p, 32);
		sim_buf_free(&b);
		if (there)
			return true;
	}
	/* folders nobody can write: the secret lives as long as the process */
	return RAND_bytes(out, 32) == 1;
}

static bool hmac(const uint8_t key[32], const void *p, size_t n, uint8_t out[32])
{
	unsigned len = 32;

	return HMAC(EVP_sha256(), key, 32, p, n, out, &len) != NULL;
}

/* The two keys of a card: one that lets in, one that answers. */
static bool make_keys(struct sim_chip *c, const uint8_t reference[SIM_LOCAL_REFERENCE])
{
	uint8_t secret[32], named[15 + SIM_LOCAL_REFERENCE] = "KAZASU-OPEN-v1";
	const char *user_id = c->persona.user_id;
	bool good;

	memcpy(named + 15, reference, SIM_LOCAL_REFERENCE);
	good = municipal_secret(c, secret) &&
	       hmac(secret, named, sizeof named, c->local.open_key) &&
	       hmac(secret, user_id, strlen(user_id), c->local.card_key);
	OPENSSL_cleanse(secret, sizeof secret);
	return good;
}

static void put_user_id(struct sim_chip *c, struct sim_buf *b)
{
	const char *text = c->persona.user_id;

	if (sim_fault(&c->behaviour, SIM_FAULT_LOCAL_ID_ODD))
		text = "A\n\"1";
	sim_tlv(b, 0xC1, text, strlen(text));
	if (sim_fault(&c->behaviour, SIM_FAULT_LOCAL_ID_LONG) && !b->failed)
		b->p[1] = 0x7F; /* says 127 bytes and has fewer */
}

enum card_error sim_content_local(struct sim_contents *x)
{
	struct sim_chip *c = x->chip;
	uint8_t reference[SIM_LOCAL_REFERENCE];
	struct sim_ap *ap;
	struct sim_buf *id, *about;

	if (!c->persona.user_id[0])
		return CARD_OK;
	ap = sim_add_ap(c, SIM_LOCAL, AID);
	id = &sim_add_ef(ap, 0x0001, SIM_EF_BINARY, SIM_BY(SIM_SECRET_LOCAL) | SIM_BY_MUTUAL)
		      ->content;
	put_user_id(c, id);
	about = &sim_add_ef(ap, 0x0002, SIM_EF_BINARY, SIM_FREE)->content;
	sim_noise(&c->persona, "local reference", reference, sizeof reference);
	sim_tlv(about, 0xC2, c->persona.municipality, 5);
	sim_tlv(about, 0xC3, reference, sizeof reference);
	sim_add_ef(ap, 0x0016, SIM_EF_UNKNOWN, SIM_NEVER)->read_sw = 0x6981;
	sim_add_secret(ap, 0x001C, SIM_SECRET_LOCAL);
	if (id->failed || about->failed || !make_keys(c, reference))
		return sim_fail(x->problem, CARD_ERR_CRYPTO,
				"Cannot make the keys of the local application.");
	return CARD_OK;
}

/* What the outside must know to be let in, and what it gets: docs/issuance.md. */
unsigned sim_do_mutual(struct sim_chip *c, const struct sim_apdu *a, struct sim_buf *out)
{
	uint8_t said[SIM_LOCAL_CHALLENGE + 32], wanted[32], response[32];
	unsigned sw;
	struct sim_ef *ef;
	bool right;

	if (a->p1 != 0)
		return 0x6A86;
	ef = sim_ef_of_p2(c, a->p2, &sw);
	if (!ef)
		return sw;
	if (ef->id != 0x0016)
		return 0x6985;
	if (a->lc != 64 || !a->has_le || a->le < 32)
		return 0x6700;
	if (!c->local.challenged)
		return c->behaviour.choice[SIM_LOCAL_UNASKED];
	c->local.challenged = false; /* one use, whatever comes of it */
	memcpy(said, c->local.challenge, SIM_LOCAL_CHALLENGE);
	memcpy(said + SIM_LOCAL_CHALLENGE, a->data, 32);
	right = hmac(c->local.open_key, said, sizeof said, wanted) &&
		hmac(c->local.card_key, a->data, 32, response) &&
		CRYPTO_memcmp(wanted, a->data + 32, 32) == 0;
	if (!right)
		return c->behaviour.choice[SIM_LOCAL_REFUSED];
	c->verified |= SIM_BY_MUTUAL;
	if (sim_fault(&c->behaviour, SIM_FAULT_LOCAL_RESPONSE_WRONG))
		response[31] ^= 0x01;
	sim_put(out, response, sim_fault(&c->behaviour, SIM_FAULT_LOCAL_RESPONSE_SHORT) ? 31 : 32);
	return 0x9000;
}
