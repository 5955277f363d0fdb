/* SPDX-License-Identifier: Apache-2.0 */
/* 公的個人認証AP: card-spec 3.2. */
#include <stdio.h>
#include <string.h>

#include "chip.h"

static void put_padded(struct sim_buf *b, const char *text, size_t n)
{
	sim_puts(b, text);
	sim_fill(b, ' ', n - strlen(text));
}

/* EF 0006, 160 bytes: a CK_TOKEN_INFO. */
static void put_token_info(struct sim_buf *b, enum sim_token token)
{
	static const char *const labels[] = {"JPKIAPICCTOKEN2", "JPKIAPGPSETOKEN", "JPKIAPIOSTOKEN",
					     "JPKIAPICCTOKEN"};

	put_padded(b, labels[token], 32);
	sim_puts(b, "00000000000000000000000000000001");
	put_padded(b, "E16R01NJ", 16);
	sim_puts(b, "0000000020500003");
	sim_put_hex(b, "0000040D");
	sim_put_hex(b, "00000001000000000000000100000000"); /* sessions */
	sim_put_hex(b, "0000001000000006");                 /* PIN length 16, 6 */
	sim_fill(b, 0xFF, 16);                              /* memory */
	sim_puts(b, "0301");
	sim_fill(b, '9', 16);
}

/* Damage a certificate as a quirk says; before the filler. */
static void damage(struct sim_chip *c, struct sim_buf *der)
{
	if (der->failed || der->n < 64)
		return;
	if (sim_fault(&c->behaviour, SIM_FAULT_GARBAGE_CERTIFICATE))
		sim_noise(&c->persona, "certificate", der->p + 4, der->n - 4);
	if (sim_fault(&c->behaviour, SIM_FAULT_HUGE_CERTIFICATE))
		der->p[2] = der->p[3] = 0xFF;
}

static bool put_file(struct sim_contents *x, struct sim_ef *ef)
{
	damage(x->chip, &ef->content);
	if (sim_fault(&x->chip->behaviour, SIM_FAULT_TRUNCATED_CERTIFICATE))
		ef->content.n /= 2;
	else
		sim_pad_file(x->chip, &ef->content,
			     x->chip->behaviour.choice[SIM_CERTIFICATE_SIZE]);
	return !ef->content.failed;
}

static bool put_holder(struct sim_contents *x, struct sim_ef *ef, enum sim_use use,
		       const struct sim_wish *wish, EVP_PKEY *key)
{
	struct sim_ca ca = *sim_pki_ca(&x->pki, use, wish->generation);
	struct sim_wish w = *wish;

	if (sim_fault(&x->chip->behaviour, SIM_FAULT_EXPIRED_CERTIFICATE)) {
		w.from = ca.from;
		w.to = (struct sim_day){ca.from.year + 2, ca.from.month, 1};
	}
	if (sim_fault(&x->chip->behaviour, SIM_FAULT_STRANGER_CERTIFICATE)) {
		ca.key = x->chip->stray;
		memset(ca.ski, 0x5A, sizeof ca.ski);
	}
	return sim_put_certificate(&ef->content, &ca, &x->chip->persona, &w, key) &&
	       put_file(x, ef);
}

/* The certificate of one key, of its CA, and the key. An absent certificate
 * leaves an empty file (filler only) and a key that does not sign. */
static bool put_half(struct sim_contents *x, struct sim_ap *ap, enum sim_use use,
		     const struct sim_wish *wish)
{
	static const unsigned ids[2][4] = {{0x0001, 0x0002, 0x001A, 0x001B},
					   {0x000A, 0x000B, 0x0017, 0x0018}};
	struct sim_chip *c = x->chip;
	enum sim_secret_id secret = use == SIM_USE_SIGN ? SIM_SECRET_SIGN : SIM_SECRET_AUTH;
	bool guarded = use == SIM_USE_SIGN || (c->persona.token == SIM_TOKEN_ANDROID &&
					       c->behaviour.choice[SIM_ANDROID_AUTH_NEEDS_PIN]);
	struct sim_ef *cert =
		sim_add_ef(ap, ids[use][0], SIM_EF_BINARY, guarded ? SIM_BY(secret) : SIM_FREE);
	struct sim_ef *ca = sim_add_ef(ap, ids[use][1], SIM_EF_BINARY, SIM_FREE);
	struct sim_ef *key = sim_add_key(x, ap, ids[use][2], use == SIM_USE_SIGN ? "sign" : "auth",
					 SIM_BY(secret));

	sim_add_secret(ap, ids[use][3], secret);
	if (!key->key)
		return false;
	int generation = wish->generation ? wish->generation : 2;
	if (!sim_put_ca_certificate(&ca->content, sim_pki_ca(&x->pki, use, generation)) ||
	    !put_file(x, ca))
		return false;
	if (wish->present)
		return put_holder(x, cert, use, wish, key->key);
	key->use = SIM_KEY_SILENT;
	if (!c->behaviour.choice[SIM_ABSENT_CERTIFICATE]) {
		cert->id = 0; /* no command names EF 0000 */
		return true;
	}
	sim_fill(&cert->content, 0xFF, c->behaviour.choice[SIM_CERTIFICATE_SIZE]);
	return !cert->content.failed;
}

enum card_error sim_content_jpki(struct sim_contents *x)
{
	struct sim_chip *c = x->chip;
	const struct sim_persona *p = &c->persona;
	struct sim_ap *ap = sim_add_ap(c, SIM_JPKI, "D392F000260100000001");

	put_token_info(&sim_add_ef(ap, 0x0006, SIM_EF_BINARY, SIM_FREE)->content, p->token);
	if (!put_half(x, ap, SIM_USE_SIGN, &p->sign))
		return sim_fail(x->problem, CARD_ERR_CRYPTO,
				"Cannot make the signing certificate.");
	if (p->token == SIM_TOKEN_JUKI && c->behaviour.choice[SIM_JUKI_KEYS] == 1)
		return CARD_OK;
	if (!put_half(x, ap, SIM_USE_AUTH, &p->auth))
		return sim_fail(x->problem, CARD_ERR_CRYPTO,
				"Cannot make the authentication certificate.");
	struct sim_buf *available = &sim_add_ef(ap, 0x0008, SIM_EF_BINARY, SIM_FREE)->content;
	sim_put8(available, p->sign.present ? 0x8F : 0x00);
	sim_put8(available, p->auth.present ? 0x8F : 0x00);
	sim_put8(available, 0x00);
	static const unsigned unknown[] = {0x0005, 0x0009, 0x0010, 0x0016, 0x0019, 0x001C, 0x001E};
	for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
		sim_add_ef(ap, unknown[i], SIM_EF_UNKNOWN, SIM_NEVER);
	return CARD_OK;
}
