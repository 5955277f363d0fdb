/* SPDX-License-Identifier: Apache-2.0 */
/* MF objects, 住基AP, 共通カードAP, マイナ免許証AP, other cards: card-spec 3.5 – 3.7, 8.2. */
#include <stdio.h>
#include <string.h>

#include "chip.h"

static struct sim_buf *add_object(struct sim_chip *c, unsigned tag)
{
	struct sim_object *o = &c->object[c->n_object++];

	memset(o, 0, sizeof *o);
	o->tag = tag;
	return &o->content;
}

/* GET DATA objects of the MF (3.7) and EF 001E (2.5). */
static bool put_mf(struct sim_contents *x)
{
	struct sim_chip *c = x->chip;
	const struct sim_persona *p = &c->persona;
	const struct sim_cv *root = sim_pki_cv(&x->pki, "cv-mf");
	uint8_t middle_id[SIM_KEY_ID];
	char day[9];

	EVP_PKEY *middle = sim_key(&c->home, "keys", "cv-intermediate");
	if (!middle || !root) {
		EVP_PKEY_free(middle);
		return false;
	}
	sim_key_id(middle_id, "6000021", "901", 0x00);
	sim_put(add_object(c, 0x0042), root->id, SIM_KEY_ID);
	sim_puts(add_object(c, 0x0045), p->serial);
	/* GlobalPlatform Card Specification, card recognition data */
	sim_put_hex(add_object(c, 0x0066),
		    "6631732F06072A864886FC6B01600C060A2A864886FC6B02020101630906072A864886FC6B03"
		    "640B06092A864886FC6B040215");
	sim_puts(add_object(c, 0x00F0), p->municipality);
	sim_day_text(p->expires, day);
	sim_puts(add_object(c, 0x00F2), day);
	sim_put(add_object(c, 0x00F7), middle_id, SIM_KEY_ID);

	bool older = sim_fault(&c->behaviour, SIM_FAULT_OLD_CARD);
	uint8_t issuer_id[SIM_KEY_ID];
	memcpy(issuer_id, root->id, sizeof issuer_id);
	if (sim_fault(&c->behaviour, SIM_FAULT_UNKNOWN_ISSUER))
		issuer_id[6] = '9';
	struct sim_buf *f8 = add_object(c, 0x00F8);
	bool good = sim_put_cv(f8, root->key, issuer_id, middle_id, middle);
	if (good && sim_fault(&c->behaviour, SIM_FAULT_CARD_CHAIN_BROKEN))
		f8->p[f8->n - 1] ^= 0x01;
	if (!older)
		good = good && sim_put_cv(add_object(c, 0x7F21), middle, middle_id, x->municipal_id,
					  x->municipal);
	EVP_PKEY_free(middle);
	/* the contact ATR without TS, whatever the reader made of it (2.2, 3.7) */
	sim_put_hex(add_object(c, 0x5F51), "E000FF8131FE4514");
	for (size_t i = 0; i < c->n_object; i++)
		good = good && !c->object[i].content.failed;
	return good;
}

static void put_record(struct sim_ef *ef, const void *p, size_t n)
{
	/* simple TLV: one tag byte, one length byte (3.1) */
	sim_put8(&ef->content, 0x01);
	sim_put8(&ef->content, (unsigned)n);
	sim_put(&ef->content, p, n);
}

static bool put_common(struct sim_contents *x)
{
	struct sim_chip *c = x->chip;
	struct sim_ap *ap = sim_add_ap(c, SIM_COMMON, "D3921000310001010100");
	char text[32], day[9];
	uint8_t id[SIM_KEY_ID];

	sim_day_text(c->persona.expires, day);
	snprintf(text, sizeof text, "%.15s%.5s%.8s", c->persona.serial, c->persona.municipality,
		 day);
	put_record(sim_add_ef(ap, 0x0001, SIM_EF_RECORD, SIM_FREE), text, 28);
	sim_key_id(id, "6000010", "901", 0x00);
	put_record(sim_add_ef(ap, 0x0002, SIM_EF_RECORD, SIM_FREE), id, sizeof id);
	struct sim_ef *key = sim_add_key(x, ap, 0x0019, "common", SIM_FREE);
	key->use = SIM_KEY_AUTHENTICATES;
	sim_add_secret(ap, 0x001C, SIM_SECRET_COMMON);
	sim_add_ef(ap, 0x001E, SIM_EF_UNKNOWN, SIM_NEVER)->query_sw = 0x63C3;
	return key->key != NULL;
}

static void put_juki(struct sim_contents *x)
{
	struct sim_ap *ap = sim_add_ap(x->chip, SIM_JUKI, "D3921000310001010401");
	uint8_t id[SIM_KEY_ID];

	sim_key_id(id, "6000010", "901", 0x00);
	put_record(sim_add_ef(ap, 0x0002, SIM_EF_RECORD, SIM_FREE), id, sizeof id);
	sim_add_secret(ap, 0x001C, SIM_SECRET_JUKI);
}

/* マイナ免許証 (8.2). The fields around C5 are not described there: invented. */
static bool put_licence(struct sim_contents *x)
{
	struct sim_chip *c = x->chip;
	const struct sim_persona *p = &c->persona;
	struct sim_ap *ap = sim_add_ap(c, SIM_LICENCE, "A0000002310600000000000000000000");
	uint32_t need = p->licence_pin_set ? SIM_BY(SIM_SECRET_LICENCE) : SIM_FREE;
	struct sim_buf *flag = &sim_add_ef(ap, 0x001A, SIM_EF_BINARY, SIM_FREE)->content;
	struct sim_buf *data = &sim_add_ef(ap, 0x001B, SIM_EF_BINARY, need)->content;
	struct sim_buf *sig = &sim_add_ef(ap, 0x001C, SIM_EF_BINARY, need)->content;
	uint8_t signature[SIM_RSA_BYTES];
	char text[32];
	int year, era = sim_day_era(p->licence_expires, &year);

	sim_put_hex(flag, p->licence_pin_set ? "C10101" : "C10100");
	sim_add_secret(ap, 0x0006, SIM_SECRET_LICENCE);
	snprintf(text, sizeof text, "%.12s", p->serial + 3);
	sim_tlv(data, 0xC2, text, strlen(text)); /* number of the licence */
	snprintf(text, sizeof text, "%d%02u%02u%02u", era, (unsigned)year % 100u,
		 (unsigned)p->licence_expires.month % 100u,
		 (unsigned)p->licence_expires.day % 100u);
	sim_tlv(data, 0xC5, text, strlen(text)); /* expiry */
	if (data->failed || !sim_sign_sha256(x->municipal, data->p, data->n, signature))
		return false;
	sim_put(sig, signature, sizeof signature);
	return !sig->failed && !flag->failed;
}

enum card_error sim_content_others(struct sim_contents *x)
{
	struct sim_chip *c = x->chip;
	enum sim_token token = c->persona.token;
	bool good = true;

	if (token == SIM_TOKEN_CARD)
		good = put_mf(x) && put_common(x);
	if (good && (token == SIM_TOKEN_CARD || token == SIM_TOKEN_JUKI))
		put_juki(x);
	if (good && c->persona.has_licence)
		good = put_licence(x);
	if (token == SIM_TOKEN_LICENCE) {
		sim_add_ap(c, SIM_OTHER, "A0000002310100000000000000000000");
		sim_add_ap(c, SIM_OTHER, "A0000002310200000000000000000000");
	}
	if (token == SIM_TOKEN_RESIDENCE) {
		sim_add_ap(c, SIM_OTHER, "D392F0004F0200000000000000000000");
		sim_add_ap(c, SIM_OTHER, "D392F0004F0300000000000000000000");
		sim_add_ap(c, SIM_OTHER, "D392F0004F0400000000000000000000");
	}
	return good ? CARD_OK
		    : sim_fail(x->problem, CARD_ERR_CRYPTO, "Cannot make the card's own objects.");
}
