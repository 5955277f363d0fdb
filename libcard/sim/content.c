/* SPDX-License-Identifier: Apache-2.0 */
/* What all applications of the card are built with. */
#include <stdio.h>
#include <string.h>

#include "chip.h"

struct sim_ap *sim_add_ap(struct sim_chip *c, enum sim_ap_id id, const char *aid_hex)
{
	struct sim_ap *ap = &c->ap[c->n_ap++];
	struct sim_buf aid = {0};

	memset(ap, 0, sizeof *ap);
	ap->id = id;
	sim_put_hex(&aid, aid_hex);
	if (aid.n <= sizeof ap->aid && aid.p) {
		memcpy(ap->aid, aid.p, aid.n);
		ap->aid_n = aid.n;
	}
	sim_buf_free(&aid);
	return ap;
}

struct sim_ef *sim_add_ef(struct sim_ap *ap, unsigned id, enum sim_ef_kind kind, uint32_t need)
{
	struct sim_ef *ef = &ap->ef[ap->n_ef++];

	memset(ef, 0, sizeof *ef);
	ef->id = id;
	ef->kind = kind;
	ef->need = need;
	return ef;
}

void sim_add_secret(struct sim_ap *ap, unsigned id, enum sim_secret_id secret)
{
	sim_add_ef(ap, id, SIM_EF_SECRET, SIM_NEVER)->secret = secret;
}

struct sim_ef *sim_add_key(struct sim_contents *x, struct sim_ap *ap, unsigned id, const char *role,
			   uint32_t need)
{
	struct sim_ef *ef = sim_add_ef(ap, id, SIM_EF_KEY, need);
	char name[64];

	snprintf(name, sizeof name, "%s-%s", x->chip->persona.serial, role);
	ef->key = sim_key(&x->chip->home, "keys", name);
	return ef;
}

void sim_pad_file(struct sim_chip *c, struct sim_buf *file, size_t size)
{
	unsigned filler = c->behaviour.choice[SIM_FILLER];
	size_t unit = c->behaviour.choice[SIM_FILE_UNIT];

	if (filler > 0xFF)
		return;
	if (size == 0)
		size = (file->n + unit - 1) / unit * unit;
	if (size > file->n)
		sim_fill(file, filler, size - file->n);
}

void sim_wrap_record(const struct sim_chip *c, struct sim_buf *b, size_t start, unsigned tag,
		     enum sim_len measured)
{
	switch (c->behaviour.choice[SIM_LENGTHS]) {
	case SIM_LENGTHS_MINIMAL:
		sim_wrap_form(b, start, tag, SIM_LEN_MIN);
		break;
	case SIM_LENGTHS_LONG:
		sim_wrap_form(b, start, tag, SIM_LEN_82);
		break;
	default:
		sim_wrap_form(b, start, tag, measured);
	}
}

bool sim_record_sign(struct sim_contents *x, const uint8_t *p, size_t n, uint8_t out[SIM_RSA_BYTES])
{
	bool good = p && sim_sign_sha256(x->municipal, p, n, out);

	if (good && sim_fault(&x->chip->behaviour, SIM_FAULT_RECORD_SIGNATURE))
		out[100] ^= 0x01;
	return good;
}

bool sim_put_municipal_cv(struct sim_contents *x, struct sim_buf *b, const char *issuer,
			  bool header)
{
	const struct sim_cv *cv = sim_pki_cv(&x->pki, issuer);
	uint8_t id[SIM_KEY_ID];
	size_t start = b->n;

	if (!cv)
		return false;
	memcpy(id, cv->id, sizeof id);
	if (sim_fault(&x->chip->behaviour, SIM_FAULT_UNKNOWN_ISSUER))
		id[6] = '9';
	if (!sim_put_cv(b, cv->key, id, x->municipal_id, x->municipal))
		return false;
	if (sim_fault(&x->chip->behaviour, SIM_FAULT_CARD_CHAIN_BROKEN))
		b->p[b->n - 1] ^= 0x01;
	if (header)
		sim_wrap_form(b, start, 0x7F21, SIM_LEN_82);
	return !b->failed;
}

void sim_noise(const struct sim_persona *p, const char *label, uint8_t *out, size_t n)
{
	uint8_t digest[32];
	char text[96];

	for (size_t i = 0; i < n; i++) {
		if (i % 32 == 0) {
			int len = snprintf(text, sizeof text, "noise %s %.40s %zu", p->serial,
					   label, i);

			sim_sha256(text, (size_t)len, digest);
		}
		out[i] = digest[i % 32];
	}
}
