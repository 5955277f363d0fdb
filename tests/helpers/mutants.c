/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "mutants.h"

struct mutants_ca mutants_ca;
struct mutant_seed mutants_seed[MUTANTS_SEEDS];
static struct made_key holder_rsa, holder_rsa3072, holder_p256, holder_p384, weak;

static uint64_t rng = 0x9216D5D98979FB1B;

uint32_t mutants_pick(uint32_t below)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (uint32_t)(rng >> 32) % below;
}

static void make_seeds(void)
{
	static const struct made_key *const holders[] = {&holder_rsa, &holder_rsa3072, &holder_p256,
							 &holder_p384};
	static const char *const cities[] = {"Kiyose-shi", "Tanashi-shi", "Sapporo-shi Chuo-ku"};
	for (unsigned i = 0; i < MUTANTS_SEEDS; i++) {
		struct mutant_seed *s = &mutants_seed[i];
		bool sign = i % 2 == 0;
		s->issuer = !sign        ? &mutants_ca.auth_ca[i / 2 % 2]
			    : i % 6 == 4 ? &mutants_ca.sign_p384
					 : &mutants_ca.sign_ca[i / 2 % 2];
		s->use = sign ? CARD_USE_SIGN : CARD_USE_AUTH;
		s->made = (struct made_cert){.kind = sign ? MADE_SIGN : MADE_AUTH,
					     .serial = 0x1000000u + i * 7919u,
					     .not_before = mutants_now - (100 + i) * mutants_day,
					     .not_after = mutants_now +
							  (100 + (int64_t)i * 37) * mutants_day,
					     .key = holders[i / 2 % 4],
					     .issuer = s->issuer,
					     .city = cities[i % 3]};
		if (i % 8 == 3)
			s->made.eku_tlv = "";
		if (i % 8 == 5)
			s->made.aki_tlv = "";
		if (i % 12 == 7)
			s->made.not_after = 2600000000; /* GeneralizedTime */
		made_cert_tbs(&s->made, &s->tbs);
		made_signed(s->issuer, card_buf_bytes(&s->tbs), &s->der);
	}
}

/* ---- mutants ---- */

static void random_octets(card_buf_t *b)
{
	for (uint32_t n = 1 + mutants_pick(3); n > 0; n--)
		b->p[mutants_pick((uint32_t)b->n)] = (uint8_t)mutants_pick(256);
}

static void flip_bit(card_buf_t *b)
{
	b->p[mutants_pick((uint32_t)b->n)] ^= (uint8_t)(1u << mutants_pick(8));
}

static void cut_or_grow(card_buf_t *b)
{
	size_t at = mutants_pick((uint32_t)b->n), n = 1 + mutants_pick(6);
	if (mutants_pick(2) && b->n > at + n) {
		memmove(b->p + at, b->p + at + n, b->n - at - n);
		b->n -= n;
	} else if (!card_buf_reserve(b, n)) {
		memmove(b->p + at + n, b->p + at, b->n - at);
		for (size_t i = 0; i < n; i++)
			b->p[at + i] = (uint8_t)mutants_pick(256);
		b->n += n;
	}
}

/* Replace a value that appears as this hexadecimal by another of its length. */
static void replace(card_buf_t *b, const char *from, const char *to)
{
	card_buf_t f = {0}, t = {0};
	made_hex(&f, from);
	made_hex(&t, to);
	uint8_t *at = memmem(b->p, b->n, f.p, f.n);
	if (at && f.n == t.n)
		memcpy(at, t.p, t.n);
	card_buf_free(&f);
	card_buf_free(&t);
}

/* Write the length of the TBS with an octet more than it needs. */
static void long_length(card_buf_t *tbs)
{
	size_t n = tbs->n - 4;
	assert_int_equal(tbs->p[1], 0x82);
	assert_int_equal(card_buf_append_byte(tbs, 0), CARD_OK);
	memmove(tbs->p + 5, tbs->p + 4, n);
	tbs->p[4] = tbs->p[3];
	tbs->p[3] = tbs->p[2];
	tbs->p[2] = 0;
	tbs->p[1] = 0x83;
}

/* rsaEncryption without its NULL; OpenSSL takes it. */
static const char *key_without_null(void)
{
	static char hex[700];
	card_buf_t b = {0};
	assert_int_equal(card_buf_append(&b, card_buf_bytes(&holder_rsa.spki)), CARD_OK);
	/* SEQUENCE 4, AlgorithmIdentifier 2 + 11, NULL 2 */
	memmove(b.p + 17, b.p + 19, b.n - 19);
	b.n -= 2;
	b.p[3] = (uint8_t)(b.p[3] - 2);
	b.p[5] = (uint8_t)(b.p[5] - 2);
	assert_int_equal(card_hex_encode(card_buf_bytes(&b), hex, sizeof(hex)), CARD_OK);
	card_buf_free(&b);
	return hex;
}

/* More extensions than are taken. */
static const char *many_extensions(void)
{
	static char hex[40 * 26 + 1];
	size_t at = 0;
	for (unsigned i = 0; i < 40; i++)
		at += (size_t)snprintf(hex + at, sizeof(hex) - at, "3009060455%02X7F010401%02X", i,
				       i);
	return hex;
}

/* The policy of test certificates below a production root. */
static const char test_policy[] = "301B0603551D200101FF0411300F300D060B2A83088C9B550805010014";

/* Changes of the specification; the certificate is made anew and signed well. The
 * last second of validity, which RFC 5280 §4.1.2.5 includes and OpenSSL does not, is
 * left out. */
static void change_field(struct made_cert *m, const struct mutant_seed *s)
{
	static const char *const serials[] = {"020100",
					      "020180",
					      "0202FF7F",
					      "02020001",
					      "02147F00000000000000000000000000000000000000",
					      "021500FF000000000000000000000000000000000000000000"};
	static const char *const extras[] = {"300C06032A03040101FF04020500",
					     "300906032A030404020500",
					     "300F0603551D240101FF04053003800100",
					     "300B0603551D0F04040302 0780",
					     "300F06032A03040101FF0405 30030101FF",
					     "30140603551D1E0101FF040A3008A0063004820241 42",
					     "300D0603551D2E040630043002A000"};
	switch (mutants_pick(34)) {
	case 0:
		m->serial = mutants_pick(0xFFFFFFFF);
		break;
	case 1:
		m->serial_tlv = serials[mutants_pick(6)];
		break;
	case 2:
		m->not_after = mutants_now - 1 - mutants_pick(1000);
		break;
	case 3:
		m->not_before = mutants_now + mutants_pick(1000);
		break;
	case 4:
		m->not_before = mutants_now - mutants_pick(1000000);
		m->not_after = mutants_now + 1 + mutants_pick(1000000);
		break;
	case 5:
		m->key_usage_tlv = mutants_pick(2) ? "" : "300E0603551D0F0101FF0404030205A0";
		break;
	case 6:
		m->key_usage_tlv = mutants_pick(2) ? "300B0603551D0F040403020780"
						   : "300B0603551D0F0404030206C0";
		break;
	case 7:
		m->eku_tlv = mutants_pick(2) ? "" : "30130603551D25040C300A06082B06010505070301";
		break;
	case 8:
		m->policies_tlv =
			mutants_pick(2) ? "" : "30180603551D20040E300C300A06082A83088C9B550801";
		break;
	case 9:
		m->bc_tlv = mutants_pick(2) ? "30090603551D1304023000"
					    : "300F0603551D130101FF040530030101FF";
		break;
	case 10:
		m->extra_tlv = extras[mutants_pick(7)];
		break;
	case 11:
		m->aki_tlv = "";
		break;
	case 12:
		m->ski_tlv = "";
		break;
	case 13:
		m->cdp_tlv = "";
		break;
	case 14:
		m->aia_tlv = "";
		break;
	case 15:
		m->ian_tlv = "";
		break;
	case 16:
		m->san_tlv = "";
		break;
	case 17:
		m->test = true;
		break;
	case 18:
		m->version_tlv = mutants_pick(2) ? "" : "A003020101";
		break;
	case 19:
		m->key = &weak;
		break;
	case 20:
		m->issuer = m->kind == MADE_SIGN ? &mutants_ca.auth_ca[0] : &mutants_ca.sign_ca[0];
		break;
	case 21:
		m->kind = m->kind == MADE_SIGN ? MADE_AUTH : MADE_SIGN;
		break;
	case 22:
		m->validity_tlv =
			"3020180F32303236303130313030303030305A180D3330303130313030303030305A";
		break;
	case 23:
		m->validity_tlv =
			"3022180F32303236303130313030303030305A180F32303330303130313030303030305A";
		break;
	case 24:
		m->subject_tlv = "3010310E300C06035504030C0545E69DFF45";
		break;
	case 25:
		m->subject_tlv = "300F310D300B06035504031304 45004545";
		break;
	case 26:
		m->issuer = s->issuer == &mutants_ca.sign_ca[0] ? &mutants_ca.sign_ca[1]
								: &mutants_ca.sign_ca[0];
		break;
	case 27:
		m->city = "Hachioji-shi";
		break;
	case 31:
		m->kind = m->kind == MADE_SIGN ? MADE_SIGN_CA : MADE_AUTH_CA;
		break;
	case 28:
		m->spki_tlv = key_without_null();
		break;
	case 29:
		m->extra_tlv = many_extensions();
		break;
	case 30:
		m->policies_tlv = m->kind == MADE_SIGN ? test_policy : NULL;
		break;
	default:
		m->subject_tlv = "3010310E300C06035504030C0541424344 45";
		break;
	}
}

/* One mutant of a seed, as DER. */
void mutants_make(const struct mutant_seed *s, card_buf_t *out)
{
	card_buf_t tbs = {0};
	struct made_cert m = s->made;
	out->n = 0;
	uint32_t way = mutants_pick(100);
	if (way < 10) { /* the finished certificate, octet by octet */
		assert_int_equal(card_buf_append(out, card_buf_bytes(&s->der)), CARD_OK);
		mutants_pick(3)   ? flip_bit(out)
		: mutants_pick(2) ? random_octets(out)
				  : cut_or_grow(out);
		return;
	}
	if (way < 45) { /* one field, signed well */
		change_field(&m, s);
		made_cert_tbs(&m, &tbs);
	} else {
		assert_int_equal(card_buf_append(&tbs, card_buf_bytes(&s->tbs)), CARD_OK);
		if (way < 55)
			flip_bit(&tbs);
		else if (way < 60)
			random_octets(&tbs);
		else if (way < 63)
			cut_or_grow(&tbs);
		else if (way < 65) /* DEFAULT FALSE written out, TRUE as 01 */
			replace(&tbs, "0101FF", mutants_pick(2) ? "010100" : "010101");
		else if (way < 67)
			long_length(&tbs);
		else { /* octets that are only values: keys, identifiers, characters */
			for (int i = 0; i < 2; i++) {
				size_t at = tbs.n - 20 - mutants_pick(20);
				tbs.p[at] = (uint8_t)mutants_pick(256);
			}
		}
	}
	const struct made_key *signer = m.issuer;
	struct made_key sha1 = *signer;
	if (mutants_pick(50) == 0 && signer->hash == CARD_HASH_SHA256 &&
	    EVP_PKEY_is_a(signer->pkey, "RSA")) {
		sha1.hash = CARD_HASH_SHA1;
		sha1.sig_oid_tlv = "300D06092A864886F70D0101050500";
		replace(&tbs, "300D06092A864886F70D01010B0500", sha1.sig_oid_tlv);
		signer = &sha1;
	}
	made_signed(signer, card_buf_bytes(&tbs), out);
	card_buf_free(&tbs);
}

/* ---- life ---- */

void mutants_start(void)
{
	made_rsa(&mutants_ca.sign_ca[0], 2048);
	made_rsa(&mutants_ca.sign_ca[1], 2048);
	made_ec(&mutants_ca.auth_ca[0], "P-256");
	made_rsa(&mutants_ca.auth_ca[1], 2048);
	made_ec(&mutants_ca.sign_p384, "P-384");
	made_rsa(&holder_rsa, 2048);
	made_rsa(&holder_rsa3072, 3072);
	made_ec(&holder_p256, "P-256");
	made_ec(&holder_p384, "P-384");
	made_rsa(&weak, 1024);
	make_seeds();
}

void mutants_end(void)
{
	struct made_key *keys[] = {&mutants_ca.sign_ca[0], &mutants_ca.sign_ca[1],
				   &mutants_ca.auth_ca[0], &mutants_ca.auth_ca[1],
				   &mutants_ca.sign_p384,  &holder_rsa,
				   &holder_rsa3072,        &holder_p256,
				   &holder_p384,           &weak};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		made_key_free(keys[i]);
	for (unsigned i = 0; i < MUTANTS_SEEDS; i++) {
		card_buf_free(&mutants_seed[i].tbs);
		card_buf_free(&mutants_seed[i].der);
	}
}
