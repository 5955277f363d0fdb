/* SPDX-License-Identifier: Apache-2.0 */
/* Secure messaging of the text AP: card-spec 4.5. */
#include <openssl/rsa.h>
#include <string.h>

#include "command.h"

/* RSA-OAEP with SHA-256: 0 and *n, or a status word. */
static unsigned open_seed(const struct sim_chip *c, const uint8_t *p, uint8_t plain[SIM_RSA_BYTES],
			  size_t *n)
{
	uint8_t modulus[SIM_RSA_BYTES];

	if (!sim_key_modulus(c->session_key, modulus))
		return 0x6F00;
	if (memcmp(p, modulus, SIM_RSA_BYTES) >= 0)
		return 0x6F00; /* cryptogram not below the modulus */
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(c->session_key, NULL);
	bool good = ctx && EVP_PKEY_decrypt_init(ctx) == 1 &&
		    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
		    EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) == 1 &&
		    EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) == 1;
	*n = SIM_RSA_BYTES;
	good = good && EVP_PKEY_decrypt(ctx, plain, n, p, SIM_RSA_BYTES) == 1;
	EVP_PKEY_CTX_free(ctx);
	return good ? 0 : 0x6A80;
}

unsigned sim_do_session(struct sim_chip *c, const struct sim_apdu *a)
{
	static const uint8_t shape[4] = {0xA0, 0x22, 0x80, 0x20};
	uint8_t plain[SIM_RSA_BYTES];
	size_t n;

	switch (c->ap[c->current].id) {
	case SIM_TEXT:
		break;
	case SIM_COMMON:
	case SIM_SURFACE:
		return 0x66F1;
	case SIM_MF:
		return c->behaviour.choice[SIM_SESSION_AT_MF];
	default:
		return 0x6982;
	}
	if (a->p1 || a->p2)
		return 0x6A86;
	if (!(c->verified & SIM_BY(SIM_SECRET_TEXT)))
		return 0x6982; /* 照合番号A alone is not enough */
	if (a->lc != SIM_RSA_BYTES)
		return 0x6700;
	c->rsa++;
	unsigned sw = open_seed(c, a->data, plain, &n);
	if (sw)
		return sw;
	if (n != 36 || memcmp(plain, shape, sizeof shape) != 0)
		return 0x6A80;
	c->session.state = SIM_SESSION_ON;
	memcpy(c->session.key, plain + 4, sizeof c->session.key);
	c->session.count = 0;
	return 0x9000;
}

static bool aes(const EVP_CIPHER *cipher, bool encrypt, const uint8_t key[16], const uint8_t *iv,
		const uint8_t *in, size_t n, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len = 0;
	bool good = ctx && EVP_CipherInit_ex(ctx, cipher, NULL, key, iv, encrypt) == 1 &&
		    EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
		    EVP_CipherUpdate(ctx, out, &len, in, (int)n) == 1 && (size_t)len == n;

	EVP_CIPHER_CTX_free(ctx);
	return good;
}

/* IV of this command: the counter, enciphered. */
static bool initial(const struct sim_session *s, uint8_t iv[16])
{
	uint8_t n[16] = {0};

	for (int i = 0; i < 8; i++)
		n[15 - i] = (uint8_t)(s->count >> (8 * i));
	return aes(EVP_aes_128_ecb(), true, s->key, NULL, n, sizeof n, iv);
}

/* Exactly one data object: its tag, value and length; false if it is not so. */
static bool one_object(const struct sim_apdu *a, unsigned *tag, const uint8_t **v, size_t *n)
{
	size_t head;

	if (a->lc < 2)
		return false;
	if (a->data[1] < 0x80) {
		head = 2;
		*n = a->data[1];
	} else if (a->data[1] == 0x81 && a->lc >= 3) {
		head = 3;
		*n = a->data[2];
	} else if (a->data[1] == 0x82 && a->lc >= 4) {
		head = 4;
		*n = (size_t)a->data[2] << 8 | a->data[3];
	} else {
		return false;
	}
	*tag = a->data[0];
	*v = a->data + head;
	return head + *n == a->lc;
}

/* Decipher `01 ‖ cryptogram` and take the padding off. */
static bool open_object(struct sim_chip *c, const uint8_t *v, size_t n, uint8_t plain[256],
			size_t *len)
{
	uint8_t iv[16];

	if (n < 17 || n > 241 || v[0] != 0x01 || (n - 1) % 16 != 0 || !initial(&c->session, iv) ||
	    !aes(EVP_aes_128_cbc(), false, c->session.key, iv, v + 1, n - 1, plain))
		return false;
	*len = n - 1;
	while (*len > 0 && plain[*len - 1] == 0x00)
		(*len)--;
	if (*len == 0 || plain[*len - 1] != 0x80)
		return false;
	(*len)--;
	return true;
}

static bool close_object(struct sim_chip *c, const struct sim_buf *in, struct sim_buf *out)
{
	struct sim_buf padded = {0};
	uint8_t iv[16];
	size_t start = out->n;

	sim_put(&padded, in->p, in->n);
	sim_put8(&padded, 0x80);
	sim_fill(&padded, 0, (16 - padded.n % 16) % 16);
	sim_put8(out, 0x01);
	size_t at = out->n;
	sim_fill(out, 0, padded.n);
	bool good =
		!padded.failed && !out->failed && initial(&c->session, iv) &&
		aes(EVP_aes_128_cbc(), true, c->session.key, iv, padded.p, padded.n, out->p + at);
	sim_buf_free(&padded);
	sim_wrap(out, start, 0x86);
	return good && !out->failed;
}

static unsigned kill_session(struct sim_chip *c, unsigned sw)
{
	c->session.state = SIM_SESSION_DEAD;
	return sw;
}

static unsigned read_protected(struct sim_chip *c, const struct sim_apdu *a, const uint8_t *v,
			       size_t n, struct sim_buf *out)
{
	struct sim_apdu inner = *a;
	struct sim_buf data = {0};

	if (n != 3 || v[0] != 0x00)
		return kill_session(c, 0x6988);
	if (!a->has_le)
		return 0x6700;
	inner.cla = 0x00;
	inner.data = NULL;
	inner.lc = 0;
	inner.extended = true;
	inner.le = (size_t)v[1] << 8 | v[2]; /* 0: all, filler included */
	if (inner.le == 0)
		inner.le = 65536;
	unsigned sw = sim_do_read_binary(c, &inner, &data);
	if (sw == 0x9000 && !close_object(c, &data, out))
		sw = 0x6F00;
	sim_buf_free(&data);
	return sw;
}

unsigned sim_do_protected(struct sim_chip *c, const struct sim_apdu *a, struct sim_buf *out)
{
	uint8_t plain[256];
	const uint8_t *v;
	size_t n, len;
	unsigned tag;

	if (a->ins != 0xA4 && a->ins != 0x20 && a->ins != 0xB0)
		return 0x6882;
	if (c->ap[c->current].id != SIM_TEXT)
		return a->ins == 0xA4 ? 0x6882 : 0x69FC;
	if (a->cla == 0x0C)
		return 0x6987;
	if (c->session.state != SIM_SESSION_ON)
		return 0x69FC;
	c->session.count++; /* counts even if the application refuses */
	if (!one_object(a, &tag, &v, &n))
		return kill_session(c, 0x6988);
	if (a->ins == 0xB0)
		return tag == 0x96 ? read_protected(c, a, v, n, out) : kill_session(c, 0x6988);
	if (tag != 0x86 || !open_object(c, v, n, plain, &len))
		return kill_session(c, 0x6988);
	struct sim_apdu inner = *a;
	inner.cla = 0x00;
	inner.data = plain;
	inner.lc = len;
	inner.has_le = false;
	inner.extended = false;
	return a->ins == 0x20 ? sim_do_verify(c, &inner) : sim_do_select(c, &inner, out);
}
