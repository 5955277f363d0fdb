/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that verdicts on certificates are never laxer than OpenSSL's, and where
 * they are stricter it is by a rule of the table below, each of which is hit.
 *
 * Seeds are certificates of both CAs, generations, algorithms and ages. Mutants
 * change the encoding (octets, lengths, whole elements) or one field, and most
 * are signed again, so that the signature does not hide what else is wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <card/path.h>

#include "made_pki.h"

#define SEEDS   48
/* Under the sanitizers a tenth: they look for other defects than a wrong verdict. */
#ifdef __SANITIZE_ADDRESS__
#define MUTANTS 12000
#else
#define MUTANTS 120000
#endif

static const int64_t day = 86400, now = 1780000000;

/* ---- where we are stricter ---- */

enum rule {
	RULE_DER,       /* X.690 §10 to the letter; OpenSSL reads BER and odd values */
	RULE_VERSION,   /* version 3 only */
	RULE_SERIAL,    /* RFC 5280 §4.1.2.2: positive, 20 octets */
	RULE_TIME_FORM, /* RFC 5280 §4.1.2.5: UTCTime until 2049 */
	RULE_NAME,      /* values that are not what their type says */
	RULE_EXTENSION, /* content of an extension; an extension twice */
	RULE_KEY,       /* SubjectPublicKeyInfo with parameters or values out of form */
	RULE_LIMIT,     /* more of something than taken here */
	RULE_WEAK,      /* SHA-1, short or unusable keys */
	RULE_POLICY,    /* a JPKI policy must be there */
	RULE_USE,       /* the certificate's and issuer's use must be that asked for */
	RULE_KEY_USAGE, /* exactly the bits of the profile; purposes that fit */
	RULE_CRITICAL,  /* every critical extension understood */
	RULE_TEST,      /* of the test hierarchy */
	RULE_CA,        /* a CA certificate in the place of a person's */
	RULE_COUNT
};

static const char *const rule_names[RULE_COUNT] = {"DER to the letter",
						   "version 3 only",
						   "serial number",
						   "form of dates",
						   "values of names",
						   "extensions",
						   "form of the key",
						   "limits",
						   "weak algorithms",
						   "JPKI policy",
						   "use",
						   "key usage",
						   "critical",
						   "test hierarchy",
						   "CA as end entity"};

/* The rule a refusal falls under; RULE_COUNT: none that may be stricter. */
static enum rule rule_of_fault(enum card_cert_fault fault)
{
	switch (fault) {
	case CARD_CERT_FAULT_VERSION:
		return RULE_VERSION;
	case CARD_CERT_FAULT_SERIAL:
		return RULE_SERIAL;
	case CARD_CERT_FAULT_VALIDITY:
		return RULE_TIME_FORM;
	case CARD_CERT_FAULT_NAME:
		return RULE_NAME;
	case CARD_CERT_FAULT_KEY:
		return RULE_KEY;
	case CARD_CERT_FAULT_LIMIT:
		return RULE_LIMIT;
	case CARD_CERT_FAULT_LENGTH:
	case CARD_CERT_FAULT_STRUCTURE:
	case CARD_CERT_FAULT_ALGORITHM:
	case CARD_CERT_FAULT_SIGNATURE:
		return RULE_DER;
	default:
		return RULE_EXTENSION;
	}
}

static enum rule rule_of_reasons(card_reasons_t r)
{
	static const struct {
		enum card_reason reason;
		enum rule rule;
	} rows[] = {
		{CARD_REASON_CERT_IS_CA, RULE_CA},
		{CARD_REASON_CERT_TEST, RULE_TEST},
		{CARD_REASON_CERT_NOT_JPKI, RULE_POLICY},
		{CARD_REASON_CERT_WRONG_USE, RULE_USE},
		{CARD_REASON_ISSUER_WRONG_USE, RULE_USE},
		{CARD_REASON_CERT_KEY_USAGE, RULE_KEY_USAGE},
		{CARD_REASON_CERT_CRITICAL, RULE_CRITICAL},
		{CARD_REASON_CERT_WEAK_HASH, RULE_WEAK},
		{CARD_REASON_CERT_WEAK_KEY, RULE_WEAK},
		{CARD_REASON_CERT_ALGORITHM, RULE_WEAK},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (card_reasons_have(r, rows[i].reason))
			return rows[i].rule;
	return RULE_COUNT;
}

/* ---- both verdicts ---- */

static card_trust_t *trust;
/* One store for each anchor: OpenSSL takes the first issuer of a name that has no
 * other mark, and all generations share one. Valid below any of them is valid. */
#define ANCHORS 5
static X509_STORE *store[ANCHORS];
static unsigned anchors;

struct ours {
	bool valid;
	enum rule rule; /* if not valid */
	card_reasons_t reasons;
	enum card_cert_fault fault;
};

static struct ours our_verdict(struct card_bytes der, enum card_use use)
{
	struct ours o = {.rule = RULE_COUNT};
	struct card_path_result r;
	card_cert_t *c;
	if (card_cert_parse(&c, der, &o.fault)) {
		o.rule = rule_of_fault(o.fault);
		return o;
	}
	assert_int_equal(card_path_check(trust, c, use, now, &r), CARD_OK);
	o.valid = r.verdict == CARD_VERDICT_VALID;
	o.reasons = r.reasons;
	o.rule = rule_of_reasons(r.reasons);
	card_cert_free(&c);
	return o;
}

static char openssl_why[256]; /* of the last verdict */

static bool openssl_verdict(struct card_bytes der)
{
	const unsigned char *p = der.p;
	X509 *x = d2i_X509(NULL, &p, (long)der.n);
	bool valid = false;
	ERR_error_string_n(ERR_peek_last_error(), openssl_why, sizeof(openssl_why));
	for (unsigned i = 0; i < anchors && x && p == der.p + der.n && !valid; i++) {
		X509_STORE_CTX *ctx = X509_STORE_CTX_new();
		assert_int_equal(X509_STORE_CTX_init(ctx, store[i], x, NULL), 1);
		X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
		X509_VERIFY_PARAM_set_time(param, now);
		valid = X509_verify_cert(ctx) == 1;
		snprintf(openssl_why, sizeof(openssl_why), "%s",
			 X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
		X509_STORE_CTX_free(ctx);
	}
	X509_free(x);
	ERR_clear_error();
	return valid;
}

/* Every field that both read must be the same. */
static void compare_fields(struct card_bytes der)
{
	const unsigned char *p = der.p;
	X509 *x = d2i_X509(NULL, &p, (long)der.n);
	card_cert_t *c;
	assert_non_null(x);
	assert_int_equal(card_cert_new(&c, der), CARD_OK);
	/* serial number */
	BIGNUM *serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	uint8_t octets[32];
	int n = BN_bn2bin(serial, octets);
	assert_true(card_bytes_equal(card_cert_serial(c), card_bytes(octets, (size_t)n)));
	BN_free(serial);
	/* dates */
	struct tm tm;
	assert_int_equal(ASN1_TIME_to_tm(X509_get0_notBefore(x), &tm), 1);
	assert_int_equal(timegm(&tm), card_cert_not_before(c));
	assert_int_equal(ASN1_TIME_to_tm(X509_get0_notAfter(x), &tm), 1);
	assert_int_equal(timegm(&tm), card_cert_not_after(c));
	/* names */
	unsigned char *name = NULL;
	int name_n = i2d_X509_NAME(X509_get_issuer_name(x), &name);
	assert_true(card_bytes_equal(card_cert_issuer(c), card_bytes(name, (size_t)name_n)));
	OPENSSL_free(name);
	name = NULL;
	name_n = i2d_X509_NAME(X509_get_subject_name(x), &name);
	assert_true(card_bytes_equal(card_cert_subject(c), card_bytes(name, (size_t)name_n)));
	OPENSSL_free(name);
	/* extensions */
	uint32_t flags = X509_get_extension_flags(x);
	if (flags & EXFLAG_KUSAGE) {
		/* OpenSSL keeps the octets in wire order */
		uint32_t theirs = X509_get_key_usage(x), ours = card_cert_key_usage(c), turned = 0;
		for (unsigned i = 0; i < 8; i++)
			turned |= (ours >> i & 1) << (7 - i);
		assert_int_equal(theirs & 0xFF, turned);
	} else {
		assert_false(card_cert_has(c, CARD_EXT_KEY_USAGE));
	}
	assert_int_equal(!!(flags & EXFLAG_CA), card_cert_is_ca(c));
	const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(x);
	assert_int_equal(id ? ASN1_STRING_length(id) : 0, card_cert_subject_key_id(c).n);
	if (id)
		assert_memory_equal(ASN1_STRING_get0_data(id), card_cert_subject_key_id(c).p,
				    card_cert_subject_key_id(c).n);
	id = X509_get0_authority_key_id(x);
	assert_int_equal(id ? ASN1_STRING_length(id) : 0, card_cert_authority_key_id(c).n);
	if (id)
		assert_memory_equal(ASN1_STRING_get0_data(id), card_cert_authority_key_id(c).p,
				    card_cert_authority_key_id(c).n);
	CERTIFICATEPOLICIES *pol = X509_get_ext_d2i(x, NID_certificate_policies, NULL, NULL);
	/* OpenSSL may fail at a qualifier, which we only check for form. */
	if (pol)
		assert_int_equal(sk_POLICYINFO_num(pol), card_cert_policies(c));
	for (int i = 0; pol && i < sk_POLICYINFO_num(pol); i++) {
		const ASN1_OBJECT *o = sk_POLICYINFO_value(pol, i)->policyid;
		assert_true(card_bytes_equal(card_cert_policy(c, (size_t)i),
					     card_bytes(OBJ_get0_data(o), OBJ_length(o))));
	}
	CERTIFICATEPOLICIES_free(pol);
	card_cert_free(&c);
	X509_free(x);
}

/* ---- seeds ---- */

static struct made_key sign_ca[2], auth_ca[2], sign_p384, holder_rsa, holder_rsa3072, holder_p256,
	holder_p384, weak;

struct seed {
	card_buf_t tbs, der;
	const struct made_key *issuer;
	enum card_use use;
	struct made_cert made;
};
static struct seed seeds[SEEDS];

static uint64_t rng = 0x9216D5D98979FB1B;

static uint32_t pick(uint32_t below)
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
	for (unsigned i = 0; i < SEEDS; i++) {
		struct seed *s = &seeds[i];
		bool sign = i % 2 == 0;
		s->issuer = !sign        ? &auth_ca[i / 2 % 2]
			    : i % 6 == 4 ? &sign_p384
					 : &sign_ca[i / 2 % 2];
		s->use = sign ? CARD_USE_SIGN : CARD_USE_AUTH;
		s->made = (struct made_cert){.kind = sign ? MADE_SIGN : MADE_AUTH,
					     .serial = 0x1000000u + i * 7919u,
					     .not_before = now - (100 + i) * day,
					     .not_after = now + (100 + (int64_t)i * 37) * day,
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
	for (uint32_t n = 1 + pick(3); n > 0; n--)
		b->p[pick((uint32_t)b->n)] = (uint8_t)pick(256);
}

static void flip_bit(card_buf_t *b)
{
	b->p[pick((uint32_t)b->n)] ^= (uint8_t)(1u << pick(8));
}

static void cut_or_grow(card_buf_t *b)
{
	size_t at = pick((uint32_t)b->n), n = 1 + pick(6);
	if (pick(2) && b->n > at + n) {
		memmove(b->p + at, b->p + at + n, b->n - at - n);
		b->n -= n;
	} else if (!card_buf_reserve(b, n)) {
		memmove(b->p + at + n, b->p + at, b->n - at);
		for (size_t i = 0; i < n; i++)
			b->p[at + i] = (uint8_t)pick(256);
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
static void change_field(struct made_cert *m, const struct seed *s)
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
	switch (pick(34)) {
	case 0:
		m->serial = pick(0xFFFFFFFF);
		break;
	case 1:
		m->serial_tlv = serials[pick(6)];
		break;
	case 2:
		m->not_after = now - 1 - pick(1000);
		break;
	case 3:
		m->not_before = now + pick(1000);
		break;
	case 4:
		m->not_before = now - pick(1000000);
		m->not_after = now + 1 + pick(1000000);
		break;
	case 5:
		m->key_usage_tlv = pick(2) ? "" : "300E0603551D0F0101FF0404030205A0";
		break;
	case 6:
		m->key_usage_tlv =
			pick(2) ? "300B0603551D0F040403020780" : "300B0603551D0F0404030206C0";
		break;
	case 7:
		m->eku_tlv = pick(2) ? "" : "30130603551D25040C300A06082B06010505070301";
		break;
	case 8:
		m->policies_tlv = pick(2) ? "" : "30180603551D20040E300C300A06082A83088C9B550801";
		break;
	case 9:
		m->bc_tlv =
			pick(2) ? "30090603551D1304023000" : "300F0603551D130101FF040530030101FF";
		break;
	case 10:
		m->extra_tlv = extras[pick(7)];
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
		m->version_tlv = pick(2) ? "" : "A003020101";
		break;
	case 19:
		m->key = &weak;
		break;
	case 20:
		m->issuer = m->kind == MADE_SIGN ? &auth_ca[0] : &sign_ca[0];
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
		m->issuer = s->issuer == &sign_ca[0] ? &sign_ca[1] : &sign_ca[0];
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
static void mutate(const struct seed *s, card_buf_t *out)
{
	card_buf_t tbs = {0};
	struct made_cert m = s->made;
	out->n = 0;
	uint32_t way = pick(100);
	if (way < 10) { /* the finished certificate, octet by octet */
		assert_int_equal(card_buf_append(out, card_buf_bytes(&s->der)), CARD_OK);
		pick(3) ? flip_bit(out) : pick(2) ? random_octets(out) : cut_or_grow(out);
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
			replace(&tbs, "0101FF", pick(2) ? "010100" : "010101");
		else if (way < 67)
			long_length(&tbs);
		else { /* octets that are only values: keys, identifiers, characters */
			for (int i = 0; i < 2; i++) {
				size_t at = tbs.n - 20 - pick(20);
				tbs.p[at] = (uint8_t)pick(256);
			}
		}
	}
	const struct made_key *signer = m.issuer;
	struct made_key sha1 = *signer;
	if (pick(50) == 0 && signer->hash == CARD_HASH_SHA256 &&
	    EVP_PKEY_is_a(signer->pkey, "RSA")) {
		sha1.hash = CARD_HASH_SHA1;
		sha1.sig_oid_tlv = "300D06092A864886F70D0101050500";
		replace(&tbs, "300D06092A864886F70D01010B0500", sha1.sig_oid_tlv);
		signer = &sha1;
	}
	made_signed(signer, card_buf_bytes(&tbs), out);
	card_buf_free(&tbs);
}

/* ---- the run ---- */

static void print_hex(struct card_bytes b)
{
	for (size_t i = 0; i < b.n; i++)
		fprintf(stderr, "%02X", b.p[i]);
	fputc('\n', stderr);
}

static void seeds_are_valid_in_both_and_read_alike(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SEEDS; i++) {
		struct card_bytes der = card_buf_bytes(&seeds[i].der);
		struct ours o = our_verdict(der, seeds[i].use);
		if (!o.valid)
			fprintf(stderr, "seed %u: reasons %llx fault %d\n", i,
				(unsigned long long)o.reasons, (int)o.fault);
		assert_true(o.valid);
		assert_true(openssl_verdict(der));
		compare_fields(der);
	}
}

static void mutants_are_never_judged_more_laxly(void **state)
{
	(void)state;
	unsigned both_valid = 0, both_invalid = 0, stricter = 0, laxer = 0, unexplained = 0;
	unsigned by_rule[RULE_COUNT] = {0};
	card_buf_t der = {0};
	for (unsigned i = 0; i < MUTANTS; i++) {
		const struct seed *s = &seeds[pick(SEEDS)];
		enum card_use use = s->use;
		mutate(s, &der);
		/* OpenSSL knows nothing of the two uses: now and then ask for the other. */
		if (pick(100) == 0)
			use = use == CARD_USE_SIGN ? CARD_USE_AUTH : CARD_USE_SIGN;
		struct ours o = our_verdict(card_buf_bytes(&der), use);
		bool theirs = openssl_verdict(card_buf_bytes(&der));
		both_valid += o.valid && theirs;
		both_invalid += !o.valid && !theirs;
		if (o.valid && !theirs) {
			laxer++;
			fprintf(stderr, "laxer (%s): ", openssl_why);
			print_hex(card_buf_bytes(&der));
		}
		if (!o.valid && theirs) {
			stricter++;
			if (o.rule < RULE_COUNT) {
				by_rule[o.rule]++;
			} else {
				unexplained++;
				fprintf(stderr, "unexplained, reasons %llx fault %d: ",
					(unsigned long long)o.reasons, (int)o.fault);
				print_hex(card_buf_bytes(&der));
			}
		}
		if (o.valid && theirs && i % 16 == 0)
			compare_fields(card_buf_bytes(&der));
		if (laxer + unexplained > 5)
			break;
	}
	printf("%u mutants of %u certificates: valid in both %u (%.1f %%), invalid in both %u, "
	       "stricter than OpenSSL %u, laxer %u\n",
	       both_valid + both_invalid + stricter + laxer, SEEDS, both_valid,
	       100.0 * both_valid / MUTANTS, both_invalid, stricter, laxer);
	for (unsigned r = 0; r < RULE_COUNT; r++)
		printf("  stricter by %-20s %u\n", rule_names[r], by_rule[r]);
	assert_int_equal(laxer, 0);
	assert_int_equal(unexplained, 0);
	assert_true(both_valid >= MUTANTS / 5);
	for (unsigned r = 0; r < RULE_COUNT; r++) {
		if (by_rule[r] == 0)
			fprintf(stderr, "rule never hit: %s\n", rule_names[r]);
		assert_true(by_rule[r] > 0);
	}
	card_buf_free(&der);
}

/* ---- set up ---- */

static void add_root(enum made_kind kind, const struct made_key *key, uint64_t serial)
{
	struct made_cert c = {.kind = kind,
			      .serial = serial,
			      .not_before = now - 1000 * day,
			      .not_after = now + 1000 * day,
			      .key = key,
			      .issuer = key};
	card_buf_t der = {0};
	made_cert(&c, &der);
	const unsigned char *p = der.p;
	X509 *x = d2i_X509(NULL, &p, (long)der.n);
	assert_non_null(x);
	store[anchors] = X509_STORE_new();
	assert_int_equal(X509_STORE_add_cert(store[anchors++], x), 1);
	assert_int_equal(card_trust_add(trust, card_buf_bytes(&der)), CARD_OK);
	X509_free(x);
	card_buf_free(&der);
}

static int set_up(void **state)
{
	(void)state;
	made_rsa(&sign_ca[0], 2048);
	made_rsa(&sign_ca[1], 2048);
	made_ec(&auth_ca[0], "P-256");
	made_rsa(&auth_ca[1], 2048);
	made_ec(&sign_p384, "P-384");
	made_rsa(&holder_rsa, 2048);
	made_rsa(&holder_rsa3072, 3072);
	made_ec(&holder_p256, "P-256");
	made_ec(&holder_p384, "P-384");
	made_rsa(&weak, 1024);
	if (card_trust_new(&trust, 0))
		return 1;
	add_root(MADE_SIGN_CA, &sign_ca[0], 1);
	add_root(MADE_SIGN_CA, &sign_ca[1], 2);
	add_root(MADE_SIGN_CA, &sign_p384, 3);
	add_root(MADE_AUTH_CA, &auth_ca[0], 4);
	add_root(MADE_AUTH_CA, &auth_ca[1], 5);
	make_seeds();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	struct made_key *keys[] = {&sign_ca[0],  &sign_ca[1], &auth_ca[0],     &auth_ca[1],
				   &sign_p384,   &holder_rsa, &holder_rsa3072, &holder_p256,
				   &holder_p384, &weak};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		made_key_free(keys[i]);
	for (unsigned i = 0; i < SEEDS; i++) {
		card_buf_free(&seeds[i].tbs);
		card_buf_free(&seeds[i].der);
	}
	card_trust_free(&trust);
	for (unsigned i = 0; i < anchors; i++)
		X509_STORE_free(store[i]);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seeds_are_valid_in_both_and_read_alike),
		cmocka_unit_test(mutants_are_never_judged_more_laxly),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
