/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that a signature value is compared as a whole (no padding trick, with e = 65537 or 3),
 * that no certificate but an installed authority's makes signers, and that signed attributes and
 * content are never taken for each other. The forgeries are real ones: each is checked to be what
 * a careless verifier accepts.
 */
#include "made_document.h"
#include "test.h"

#include <stdlib.h>

#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/rsa.h>

#include <card/der.h>

#define BLOCK 256u /* octets of a signature with RSA-2048 */

static struct made_person person;
static const char text[] = "この文書に同意します。\n";

static struct card_bytes content(void)
{
	return card_bytes(text, sizeof text - 1);
}

/* What the key was asked to sign last. */
static uint8_t asked[32];

static enum card_error remember(void *ctx, enum card_hash hash, struct card_bytes digest,
				card_buf_t *signature)
{
	struct made_person *p = ctx;

	assert_int_equal(digest.n, sizeof asked);
	memcpy(asked, digest.p, sizeof asked);
	made_sign_digest(&p->key, hash, false, digest, signature);
	return CARD_OK;
}

/* Signed by p; the signature value is the last of it. */
static card_buf_t sign_as(struct made_person *p)
{
	const struct flow_signer s = {
		.cert = p->cert, .sign = remember, .ctx = p, .time = MADE_NOW};
	const struct card_bytes c = content();
	uint8_t digest[CARD_HASH_MAX];
	card_buf_t out = {0};

	assert_ok(card_hash_digest(CARD_HASH_SHA256, c, digest));
	assert_ok(flow_cms_sign(&s, card_bytes(digest, 32), &c, 0, &out));
	return out;
}

/* Another signature value in its place; its verdict and reasons. */
static void with_value(struct made_person *p, const card_buf_t *cms, const uint8_t value[BLOCK],
		       struct flow_report *r)
{
	const struct flow_verify how = made_verify(p);
	card_buf_t copy = {0};

	assert_ok(card_buf_append(&copy, card_buf_bytes(cms)));
	memcpy(copy.p + copy.n - BLOCK, value, BLOCK);
	made_verify_bytes(&how, card_buf_bytes(&copy), NULL, r);
	card_buf_free(&copy);
}

/* ---- padding, with the private key ---- */

/* The private operation on a block as it is. */
static void private_on(EVP_PKEY *key, const uint8_t block[BLOCK], uint8_t out[BLOCK])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	size_t n = BLOCK;

	assert_non_null(ctx);
	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
	assert_int_equal(EVP_PKEY_sign(ctx, out, &n, block, BLOCK), 1);
	EVP_PKEY_CTX_free(ctx);
}

struct block {
	const char *prefix; /* hexadecimal, before the digest */
	const char *after;  /* hexadecimal, after it */
	uint8_t type;       /* second octet */
	uint8_t fill;       /* instead of FF */
	size_t short_by;    /* octets of padding left out; zeros follow the digest instead */
	bool break_fill;    /* one octet of the padding is another */
	uint8_t end;        /* instead of the zero after the padding */
};

static void make_block(const struct block *b, uint8_t out[BLOCK])
{
	card_buf_t tail = {0};
	size_t fill;

	made_hex(&tail, b->prefix);
	assert_ok(card_buf_append(&tail, card_bytes(asked, sizeof asked)));
	made_hex(&tail, b->after);
	fill = BLOCK - 3 - tail.n - b->short_by;
	memset(out, 0, BLOCK);
	out[1] = b->type;
	memset(out + 2, b->fill, fill);
	if (b->break_fill)
		out[20] ^= 1;
	out[2 + fill] = b->end;
	memcpy(out + 3 + fill, tail.p, tail.n);
	card_buf_free(&tail);
}

#define SHA256_INFO "3031300D060960864801650304020105000420"

static void only_the_whole_padded_block_counts(void **state)
{
	static const struct {
		struct block b;
		bool good;
	} rows[] = {
		{{SHA256_INFO, "", 1, 0xFF, 0, false, 0}, true},
		/* without NULL parameters, with other lengths of lengths, another hash, none */
		{{"302F300B0609608648016503040201"
		  "0420",
		  "", 1, 0xFF, 0, false, 0},
		 false},
		{{"30813130"
		  "0D060960864801650304020105000420",
		  "", 1, 0xFF, 0, false, 0},
		 false},
		{{"3032300D06096086480165030402010500048120", "", 1, 0xFF, 0, false, 0}, false},
		{{"3031300D060960864801650304020205000420", "", 1, 0xFF, 0, false, 0}, false},
		{{"3031300D060960864801650304020305000420", "", 1, 0xFF, 0, false, 0}, false},
		{{"", "", 1, 0xFF, 0, false, 0}, false},
		/* parameters that hide octets */
		{{"3035301106096086480165030402010404DEADBEEF0420", "", 1, 0xFF, 0, false, 0},
		 false},
		/* something after the digest, inside and outside of the structure */
		{{SHA256_INFO, "00", 1, 0xFF, 0, false, 0}, false},
		{{"3033300D060960864801650304020105000420", "0500", 1, 0xFF, 0, false, 0}, false},
		{{SHA256_INFO, "", 1, 0xFF, 100, false, 0}, false},
		/* padding: another type, another octet, a broken one, no end */
		{{SHA256_INFO, "", 2, 0xFF, 0, false, 0}, false},
		{{SHA256_INFO, "", 0, 0x00, 0, false, 0}, false},
		{{SHA256_INFO, "", 1, 0xFE, 0, false, 0}, false},
		{{SHA256_INFO, "", 1, 0xFF, 0, true, 0}, false},
		{{SHA256_INFO, "", 1, 0xFF, 0, false, 1}, false},
	};
	card_buf_t cms = sign_as(&person);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint8_t block[BLOCK], value[BLOCK];
		struct flow_report r;

		make_block(&rows[i].b, block);
		private_on(person.key.pkey, block, value);
		with_value(&person, &cms, value, &r);
		if ((r.verdict == CARD_VERDICT_VALID) != rows[i].good)
			fail_msg("row %zu: %s", i, card_verdict_name(r.verdict));
		if (!rows[i].good) {
			assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
			assert_true(card_reasons_have(r.signatures[0].reasons.card,
						      CARD_REASON_TAMPERED));
		}
		flow_report_free(&r);
	}
	card_buf_free(&cms);
}

/* A value that is the right one plus the modulus, or longer by a zero, is another signature. */
static void a_value_beyond_the_modulus_is_refused(void **state)
{
	card_buf_t cms = sign_as(&person), copy = {0};
	const struct flow_verify how = made_verify(&person);
	uint8_t value[BLOCK], zero[BLOCK] = {0}, ones[BLOCK];
	struct flow_report r;

	(void)state;
	memset(ones, 0xFF, sizeof ones);
	memset(value, 0, sizeof value);
	value[BLOCK - 1] = 1;
	with_value(&person, &cms, zero, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	flow_report_free(&r);
	with_value(&person, &cms, value, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	flow_report_free(&r);
	with_value(&person, &cms, ones, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	flow_report_free(&r);
	/* cut to nothing */
	assert_ok(card_buf_append(&copy, card_bytes(cms.p, cms.n - BLOCK)));
	assert_int_not_equal(made_verdict(&how, card_buf_bytes(&copy), NULL), CARD_VERDICT_VALID);
	card_buf_free(&copy);
	card_buf_free(&cms);
}

/* ---- e = 3, without the private key (Bleichenbacher 2006) ---- */

/* Another certificate for the key that p has now, by this issuer. */
static void certify(struct made_person *p, const struct made_key *issuer, const char *issuer_tlv)
{
	const struct made_cert c = {.kind = MADE_SIGN,
				    .serial = 0x1234567,
				    .not_before = MADE_NOW - 86400,
				    .not_after = MADE_NOW + 86400,
				    .key = &p->key,
				    .issuer = issuer,
				    .issuer_tlv = issuer_tlv};

	card_cert_free(&p->cert);
	card_buf_free(&p->der);
	made_cert(&c, &p->der);
	assert_ok(card_cert_new(&p->cert, card_buf_bytes(&p->der)));
}

/* The smallest s with s³ ≥ n. */
static void cube_root(const BIGNUM *n, BIGNUM *s, BN_CTX *ctx)
{
	BIGNUM *cube = BN_new();

	assert_non_null(cube);
	BN_zero(s);
	for (int bit = BN_num_bits(n) / 3 + 1; bit >= 0; bit--) {
		assert_int_equal(BN_set_bit(s, bit), 1);
		assert_int_equal(BN_sqr(cube, s, ctx) == 1 && BN_mul(cube, cube, s, ctx) == 1, 1);
		if (BN_cmp(cube, n) > 0)
			assert_int_equal(BN_clear_bit(s, bit), 1);
	}
	assert_int_equal(BN_add_word(s, 1), 1);
	BN_free(cube);
}

static void a_cube_root_is_no_signature(void **state)
{
	struct made_person p;
	uint8_t block[BLOCK], value[BLOCK], cube[BLOCK];
	const struct block b = {SHA256_INFO, "", 1, 0xFF, BLOCK - 3 - 51 - 8, false, 0};
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *n = BN_new(), *s = BN_new(), *c = BN_new();
	struct flow_report r;
	card_buf_t cms;

	(void)state;
	assert_true(ctx != NULL && n != NULL && s != NULL && c != NULL);
	made_person(&p, MADE_SIGN, NULL);
	made_key_free(&p.key);
	made_rsa_with(&p.key, 2048, 3);
	certify(&p, &p.ca, NULL);
	cms = sign_as(&p);
	with_value(&p, &cms, cms.p + cms.n - BLOCK, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_VALID); /* the key itself is taken */
	flow_report_free(&r);
	make_block(&b, block);
	assert_non_null(BN_bin2bn(block, BLOCK, n));
	cube_root(n, s, ctx);
	assert_int_equal(BN_bn2binpad(s, value, BLOCK), BLOCK);
	/* a forgery: its cube begins like a padded block with our digest */
	assert_int_equal(BN_sqr(c, s, ctx) == 1 && BN_mul(c, c, s, ctx) == 1, 1);
	assert_int_equal(BN_bn2binpad(c, cube, BLOCK), BLOCK);
	assert_memory_equal(cube, block, 3 + 8 + 51);
	with_value(&p, &cms, value, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	assert_true(card_reasons_have(r.signatures[0].reasons.card, CARD_REASON_TAMPERED));
	flow_report_free(&r);
	BN_free(n);
	BN_free(s);
	BN_free(c);
	BN_CTX_free(ctx);
	card_buf_free(&cms);
	made_person_free(&p);
}

/* ---- who makes signers ---- */

/* The verdict on what p signs, by those who trust `trusted`; more goes into the bag. */
static void verdict_by(struct made_person *p, const struct made_person *trusted,
		       struct flow_report *r)
{
	const struct flow_verify how = made_verify(trusted);
	card_buf_t cms = sign_as(p);

	made_verify_bytes(&how, card_buf_bytes(&cms), NULL, r);
	card_buf_free(&cms);
}

/* A certificate for signing makes no further ones: it has no basicConstraints. */
static void a_holder_is_no_authority(void **state)
{
	const struct card_bytes name = card_cert_subject(person.cert);
	struct made_person p;
	struct flow_report r;
	char hex[512];

	(void)state;
	assert_ok(card_hex_encode(name, hex, sizeof hex));
	made_person(&p, MADE_SIGN, NULL);
	certify(&p, &person.key, hex);
	verdict_by(&p, &person, &r);
	assert_int_not_equal(r.verdict, CARD_VERDICT_VALID);
	assert_true(card_reasons_have(r.signatures[0].reasons.card, CARD_REASON_ISSUER_UNKNOWN));
	flow_report_free(&r);
	/* nor if it is installed by mistake */
	assert_int_equal(card_trust_add(person.trust, card_buf_bytes(&person.der)),
			 CARD_ERR_UNTRUSTED);
	made_person_free(&p);
}

/* An authority's certificate without basicConstraints, or with cA FALSE, is no anchor. */
static void an_anchor_has_basic_constraints(void **state)
{
	static const char *const constraints[] = {"", "300C0603551D130101FF04023000",
						  "30090603551D1304023000"};
	struct made_key key;

	(void)state;
	made_rsa(&key, 2048);
	for (size_t i = 0; i < 3; i++) {
		const struct made_cert c = {.kind = MADE_SIGN_CA,
					    .serial = 7,
					    .not_before = MADE_NOW - 86400,
					    .not_after = MADE_NOW + 86400,
					    .key = &key,
					    .issuer = &key,
					    .bc_tlv = constraints[i]};
		card_trust_t *trust = NULL;
		card_buf_t der = {0};

		made_cert(&c, &der);
		assert_ok(card_trust_new(&trust, 0));
		assert_int_not_equal(card_trust_add(trust, card_buf_bytes(&der)), CARD_OK);
		assert_int_equal(card_trust_count(trust), 0);
		card_trust_free(&trust);
		card_buf_free(&der);
	}
	made_key_free(&key);
}

/* The same name and the same key identifier as the authority, but another key. */
static void a_forged_authority_with_name_and_key_id_is_found(void **state)
{
	struct made_person p;
	struct made_key forged;
	struct flow_report r;

	(void)state;
	made_person(&p, MADE_SIGN, NULL);
	made_rsa(&forged, 2048);
	memcpy(forged.id, person.ca.id, sizeof forged.id);
	certify(&p, &forged, NULL);
	verdict_by(&p, &person, &r);
	assert_int_not_equal(r.verdict, CARD_VERDICT_VALID);
	assert_null(r.signatures[0].issuer);
	flow_report_free(&r);
	made_key_free(&forged);
	made_person_free(&p);
}

/* A certificate altered after it was signed: another name in it. */
static void an_altered_certificate_is_found(void **state)
{
	static const char from[] = "JPKI for digital signature";
	card_buf_t cms = sign_as(&person);
	const struct flow_verify how = made_verify(&person);
	size_t changed = 0;

	(void)state;
	for (uint8_t *at = cms.p;
	     (at = memmem(at, cms.n - (size_t)(at - cms.p), from, sizeof from - 1)) != NULL;
	     at++, changed++) {
		at[3] ^= 0x20;
		assert_int_not_equal(made_verdict(&how, card_buf_bytes(&cms), NULL),
				     CARD_VERDICT_VALID);
		at[3] ^= 0x20;
	}
	assert_true(changed >= 2); /* in the certificate and in the signer's identifier */
	card_buf_free(&cms);
}

/* ---- attributes and content ---- */

/* libcrypto's own: without attributes, over the DER of the attributes of another signature. */
static void attributes_are_not_passed_off_as_content(void **state)
{
	const struct flow_verify how = made_verify(&person);
	card_buf_t cms = sign_as(&person), content_in = {0};
	const uint8_t *p;
	X509 *x = NULL;
	uint8_t *attrs = NULL, *der = NULL;
	CMS_ContentInfo *trick;
	BIO *in;
	int n = 0, size;
	struct flow_report r;

	(void)state;
	/* the [0] element, as the SET OF that was hashed */
	{
		const uint8_t *at = NULL;

		for (size_t i = 0; i + 4 < cms.n && at == NULL; i++) {
			size_t head = 0, length = 0;
			uint8_t digest[CARD_HASH_MAX];

			if (cms.p[i] != 0xA0)
				continue;
			if (cms.p[i + 1] < 0x80)
				head = 2, length = cms.p[i + 1];
			else if (cms.p[i + 1] == 0x81)
				head = 3, length = cms.p[i + 2];
			else if (cms.p[i + 1] == 0x82)
				head = 4, length = (size_t)cms.p[i + 2] << 8 | cms.p[i + 3];
			if (head == 0 || i + head + length > cms.n)
				continue;
			cms.p[i] = 0x31;
			assert_ok(card_hash_digest(CARD_HASH_SHA256,
						   card_bytes(cms.p + i, head + length), digest));
			if (memcmp(digest, asked, 32) == 0) {
				at = cms.p + i;
				n = (int)(head + length);
				attrs = malloc(head + length);
				assert_non_null(attrs);
				memcpy(attrs, at, head + length);
			}
			cms.p[i] = 0xA0;
		}
		assert_non_null(at);
	}
	/* A signature over those octets as plain content has the very value of the first. */
	p = person.der.p;
	x = d2i_X509(NULL, &p, (long)person.der.n);
	in = BIO_new_mem_buf(attrs, n);
	trick = CMS_sign(x, person.key.pkey, NULL, in, CMS_BINARY | CMS_NOATTR);
	assert_non_null(trick);
	size = i2d_CMS_ContentInfo(trick, &der);
	assert_true(size > (int)BLOCK);
	assert_memory_equal(der + size - BLOCK, cms.p + cms.n - BLOCK, BLOCK);
	assert_ok(card_buf_append(&content_in, card_bytes(der, (size_t)size)));
	made_verify_bytes(&how, card_buf_bytes(&content_in), NULL, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	assert_true(flow_reasons_have(&r.signatures[0].reasons, FLOW_REASON_ATTRIBUTES));
	flow_report_free(&r);
	BIO_free(in);
	CMS_ContentInfo_free(trick);
	X509_free(x);
	OPENSSL_free(der);
	free(attrs);
	card_buf_free(&content_in);
	card_buf_free(&cms);
}

/* Certificates and content, and nobody who signs. */
static void what_signs_no_content_is_not_signed(void **state)
{
	const struct flow_verify how = made_verify(&person);
	const uint8_t *p = person.der.p;
	X509 *x = d2i_X509(NULL, &p, (long)person.der.n);
	STACK_OF(X509) *bag = sk_X509_new_null();
	CMS_ContentInfo *cms;
	BIO *in;
	struct flow_report r;
	uint8_t *der = NULL;
	int n;

	(void)state;
	assert_true(x != NULL && bag != NULL && sk_X509_push(bag, x) == 1);
	in = BIO_new_mem_buf(text, (int)sizeof text - 1);
	cms = CMS_sign(NULL, NULL, bag, in, CMS_BINARY | CMS_PARTIAL);
	assert_non_null(cms);
	n = i2d_CMS_ContentInfo(cms, &der);
	assert_true(n > 0);
	made_verify_bytes(&how, card_bytes(der, (size_t)n), NULL, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	assert_true(flow_reasons_have(&r.reasons, FLOW_REASON_NOT_SIGNED));
	flow_report_free(&r);
	CMS_ContentInfo_free(cms);
	BIO_free(in);
	sk_X509_free(bag);
	X509_free(x);
	OPENSSL_free(der);
}

static int setup(void **state)
{
	(void)state;
	made_person(&person, MADE_SIGN, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	made_person_free(&person);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_whole_padded_block_counts),
		cmocka_unit_test(a_value_beyond_the_modulus_is_refused),
		cmocka_unit_test(a_cube_root_is_no_signature),
		cmocka_unit_test(a_holder_is_no_authority),
		cmocka_unit_test(an_anchor_has_basic_constraints),
		cmocka_unit_test(a_forged_authority_with_name_and_key_id_is_found),
		cmocka_unit_test(an_altered_certificate_is_found),
		cmocka_unit_test(attributes_are_not_passed_off_as_content),
		cmocka_unit_test(what_signs_no_content_is_not_signed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
