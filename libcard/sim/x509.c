/* SPDX-License-Identifier: Apache-2.0 */
#include "x509.h"

#include <openssl/x509.h>
#include <string.h>

void sim_put_rdn(struct sim_buf *b, const char *oid, unsigned tag, const char *text)
{
	size_t set = b->n;

	struct sim_buf o = {0};
	sim_put_hex(&o, oid);
	sim_tlv(b, 0x06, o.p, o.n);
	sim_buf_free(&o);
	sim_tlv(b, tag, text, strlen(text));
	sim_wrap(b, set, 0x30);
	sim_wrap(b, set, 0x31);
}

#define OID_C  "550406"
#define OID_O  "55040A"
#define OID_OU "55040B"
#define OID_CN "550403"

static void put_ca_rdns(struct sim_buf *b, enum sim_use use)
{
	sim_put_rdn(b, OID_C, 0x13, "JP");
	sim_put_rdn(b, OID_O, 0x0C, "JPKI-TEST");
	sim_put_rdn(b, OID_OU, 0x0C,
		    use == SIM_USE_SIGN ? "JPKI for digital signature"
					: "JPKI for user authentication");
}

void sim_put_ca_name(struct sim_buf *b, enum sim_use use)
{
	size_t name = b->n;

	put_ca_rdns(b, use);
	sim_put_rdn(b, OID_OU, 0x0C, "Japan Agency for Local Authority Information Systems");
	sim_wrap(b, name, 0x30);
}

void sim_put_point_name(struct sim_buf *b, enum sim_use use, const char *prefecture,
			const char *city)
{
	size_t name = b->n;
	char cn[80] = "";

	strncat(cn, city, sizeof cn - 8);
	strncat(cn, " CRLDP", 7);
	put_ca_rdns(b, use);
	sim_put_rdn(b, OID_OU, 0x0C, "CRL Distribution Points");
	sim_put_rdn(b, OID_OU, 0x0C, prefecture);
	sim_put_rdn(b, OID_CN, 0x0C, cn);
	sim_wrap(b, name, 0x30);
}

void sim_put_alt_name(struct sim_buf *b, enum sim_use use)
{
	size_t name = b->n;

	sim_put_rdn(b, OID_C, 0x13, "JP");
	sim_put_rdn(b, OID_O, 0x0C, "公的個人認証サービス");
	sim_put_rdn(b, OID_OU, 0x0C,
		    use == SIM_USE_SIGN ? "公的個人認証サービス署名用"
					: "公的個人認証サービス利用者証明用");
	sim_put_rdn(b, OID_OU, 0x0C, "地方公共団体情報システム機構");
	sim_wrap(b, name, 0x30);
}

void sim_put_integer(struct sim_buf *b, uint32_t v)
{
	uint8_t bytes[5] = {0, (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8),
			    (uint8_t)v};
	size_t i = 0;

	while (i < 4 && bytes[i] == 0 && bytes[i + 1] < 0x80)
		i++;
	sim_tlv(b, 0x02, bytes + i, 5 - i);
}

void sim_put_utctime(struct sim_buf *b, struct sim_day d, const char *hhmmss)
{
	char text[9];
	size_t start = b->n;

	sim_day_text(d, text);
	sim_put(b, text + 2, 6);
	sim_puts(b, hhmmss);
	sim_puts(b, "Z");
	sim_wrap(b, start, 0x17);
}

void sim_wrap_extension(struct sim_buf *b, size_t start, const char *oid, bool critical)
{
	struct sim_buf head = {0};

	sim_wrap(b, start, 0x04);
	sim_put_hex(&head, oid);
	sim_wrap(&head, 0, 0x06);
	if (critical)
		sim_put_hex(&head, "0101FF");
	/* head goes in front of the OCTET STRING */
	size_t body = b->n - start;
	sim_put(b, head.p, head.n);
	if (!b->failed && !head.failed) {
		memmove(b->p + start + head.n, b->p + start, body);
		memcpy(b->p + start, head.p, head.n);
	}
	b->failed = b->failed || head.failed;
	sim_buf_free(&head);
	sim_wrap(b, start, 0x30);
}

bool sim_wrap_signed(struct sim_buf *b, size_t start, EVP_PKEY *key)
{
	uint8_t sig[SIM_RSA_BYTES];

	if (b->failed || !sim_sign_sha256(key, b->p + start, b->n - start, sig))
		return false;
	sim_put_hex(b, SIM_HEX_SHA256_RSA);
	size_t bits = b->n;
	sim_put8(b, 0);
	sim_put(b, sig, sizeof sig);
	sim_wrap(b, bits, 0x03);
	sim_wrap(b, start, 0x30);
	return !b->failed;
}

/* RSAPublicKey */
static void put_rsa_key(struct sim_buf *b, EVP_PKEY *key)
{
	size_t seq = b->n;
	uint8_t n[SIM_RSA_BYTES + 1] = {0};

	if (!sim_key_modulus(key, n + 1)) {
		b->failed = true;
		return;
	}
	sim_tlv(b, 0x02, n, sizeof n); /* the top bit of a 2048-bit modulus is set */
	sim_put_hex(b, "0203010001");
	sim_wrap(b, seq, 0x30);
}

void sim_put_spki(struct sim_buf *b, EVP_PKEY *key)
{
	size_t spki = b->n;

	sim_put_hex(b, "300D06092A864886F70D0101010500");
	size_t bits = b->n;
	sim_put8(b, 0);
	put_rsa_key(b, key);
	sim_wrap(b, bits, 0x03);
	sim_wrap(b, spki, 0x30);
}

bool sim_ski(EVP_PKEY *key, uint8_t out[20])
{
	struct sim_buf b = {0};
	unsigned n = 20;

	put_rsa_key(&b, key); /* RFC 5280 4.2.1.2, method (1) */
	bool good = !b.failed && EVP_Digest(b.p, b.n, out, &n, EVP_sha1(), NULL) == 1;
	sim_buf_free(&b);
	return good;
}
