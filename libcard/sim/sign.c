/* SPDX-License-Identifier: Apache-2.0 */
/* Signing 80 2A and INTERNAL AUTHENTICATE: card-spec 4.1, 4.2. */
#include <string.h>

#include "command.h"

static void deliver(struct sim_chip *c, const uint8_t sig[SIM_RSA_BYTES], struct sim_buf *out)
{
	size_t n = sim_fault(&c->behaviour, SIM_FAULT_SHORT_SIGNATURE) ? SIM_RSA_BYTES - 1
								       : SIM_RSA_BYTES;

	sim_put(out, sig, n);
	if (sim_fault(&c->behaviour, SIM_FAULT_WRONG_SIGNATURE) && !out->failed)
		out->p[out->n - 1] ^= 0x01;
}

/* The key of P2, or NULL and *sw. */
static struct sim_ef *key_of(struct sim_chip *c, const struct sim_apdu *a, unsigned *sw)
{
	const struct sim_ap *ap = &c->ap[c->current];
	struct sim_ef *ef;

	if (a->p2 == 0x00) { /* the AP's default key */
		*sw = c->behaviour.choice[SIM_SIGN_NO_KEY];
		return ap->default_key ? sim_ef_by_id(c, ap->default_key) : NULL;
	}
	ef = sim_ef_of_p2(c, a->p2, sw);
	if (ef && (ef->kind != SIM_EF_KEY || ef->use == SIM_KEY_AUTHENTICATES)) {
		*sw = c->behaviour.choice[SIM_SIGN_NOT_KEY];
		return NULL;
	}
	return ef;
}

unsigned sim_do_sign(struct sim_chip *c, const struct sim_apdu *a, struct sim_buf *out)
{
	static const enum sim_pad pads[6] = {SIM_PAD_PKCS1,      SIM_PAD_PKCS1, SIM_PAD_DIGESTINFO,
					     SIM_PAD_DIGESTINFO, SIM_PAD_PSS,   SIM_PAD_PSS};
	uint8_t sig[SIM_RSA_BYTES], digest[32];
	const uint8_t *input = a->data;
	size_t n = a->lc;
	unsigned sw = 0;

	if (a->p1 > 5)
		return 0x6A86;
	struct sim_ef *ef = key_of(c, a, &sw);
	if (!ef)
		return sw;
	if (!sim_may(c, ef))
		return 0x6982;
	if (!a->has_le)
		return c->behaviour.choice[SIM_SIGN_NO_LE];
	if (a->le < SIM_RSA_BYTES)
		return 0x6700;
	/* lengths: 1–245 as given, 32 for a hash, 1–255 when the card hashes */
	bool hashes = a->p1 == 1 || a->p1 == 3 || a->p1 == 5;
	bool fits = a->p1 == 0 ? n >= 1 && n <= 245 : hashes ? n >= 1 && n <= 255 : n == 32;
	if (!fits)
		return c->behaviour.choice[SIM_SIGN_LENGTH];
	if (ef->use == SIM_KEY_SILENT)
		return c->behaviour.choice[SIM_SIGN_NO_CERTIFICATE];
	if (hashes) {
		sim_sha256(a->data, a->lc, digest);
		input = digest;
		n = sizeof digest;
	}
	c->rsa++;
	if (!sim_sign(ef->key, pads[a->p1], input, n, sig))
		return 0x6F00;
	deliver(c, sig, out);
	return 0x9000;
}

unsigned sim_do_authenticate(struct sim_chip *c, const struct sim_apdu *a, struct sim_buf *out)
{
	uint8_t sig[SIM_RSA_BYTES];
	unsigned sw;

	if (a->p1 != 0)
		return 0x6A86;
	struct sim_ef *ef = sim_ef_of_p2(c, a->p2, &sw);
	if (!ef)
		return sw;
	if (ef->kind != SIM_EF_KEY)
		return 0x6981;
	if (ef->need != SIM_FREE)
		return 0x6982; /* a key behind a PIN: never by this command */
	if (ef->use != SIM_KEY_AUTHENTICATES)
		return 0x6985; /* 券面 signing keys */
	if (a->lc < 1 || a->lc > 255 || !a->has_le || a->le < SIM_RSA_BYTES)
		return 0x6700;
	c->rsa++;
	if (!sim_sign_sha256(ef->key, a->data, a->lc, sig))
		return 0x6F00;
	deliver(c, sig, out);
	return 0x9000;
}
