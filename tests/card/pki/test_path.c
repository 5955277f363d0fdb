/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that a path is valid only when everything about it is, and that each
 * single thing that is wrong gives exactly its own reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <card/path.h>

#include "made_pki.h"

/* Two generations of each CA with one name, and a holder. */
static struct made_key sign_old, sign_new, auth_ca, stranger, holder, holder_1024, holder_p384,
	p384_ca;
static card_trust_t *trust;

static const int64_t day = 86400, now = 1780000000;

static struct made_cert of_kind(enum made_kind kind)
{
	struct made_cert c = {.kind = kind,
			      .serial = 77,
			      .not_before = now - 100 * day,
			      .not_after = now + 100 * day,
			      .key = &holder,
			      .issuer = kind == MADE_AUTH ? &auth_ca : &sign_new};
	return c;
}

static card_buf_t ca_der(enum made_kind kind, const struct made_key *key, bool test,
			 int64_t not_before, int64_t not_after)
{
	struct made_cert c = {.kind = kind,
			      .test = test,
			      .serial = 1,
			      .not_before = not_before,
			      .not_after = not_after,
			      .key = key,
			      .issuer = key};
	card_buf_t der = {0};
	made_cert(&c, &der);
	return der;
}

static void add_ca(card_trust_t *t, enum made_kind kind, const struct made_key *key, bool test)
{
	card_buf_t der = ca_der(kind, key, test, now - 1000 * day, now + 1000 * day);
	assert_int_equal(card_trust_add(t, card_buf_bytes(&der)), CARD_OK);
	card_buf_free(&der);
}

static struct card_path_result check_in(const card_trust_t *t, const struct made_cert *m,
					enum card_use use, int64_t at)
{
	card_buf_t der = {0};
	card_cert_t *c;
	struct card_path_result r;
	made_cert(m, &der);
	assert_int_equal(card_cert_new(&c, card_buf_bytes(&der)), CARD_OK);
	assert_int_equal(card_path_check(t, c, use, at, &r), CARD_OK);
	assert_int_equal(r.verdict, card_verdict_of(r.reasons));
	card_cert_free(&c);
	card_buf_free(&der);
	return r;
}

static struct card_path_result check(const struct made_cert *m, enum card_use use)
{
	return check_in(trust, m, use, now);
}

static void assert_only(struct card_path_result r, enum card_reason reason)
{
	if (r.reasons != card_reason_bit(reason))
		fprintf(stderr, "reasons %llx, wanted only %s\n", (unsigned long long)r.reasons,
			card_reason_code(reason));
	assert_true(r.reasons == card_reason_bit(reason));
	assert_int_not_equal(r.verdict, CARD_VERDICT_VALID);
}

static void each_kind_is_valid_for_its_use_only(void **state)
{
	(void)state;
	struct made_cert sign = of_kind(MADE_SIGN), auth = of_kind(MADE_AUTH);
	struct card_path_result r = check(&sign, CARD_USE_SIGN);
	assert_int_equal(r.verdict, CARD_VERDICT_VALID);
	assert_true(r.reasons == 0);
	assert_non_null(r.issuer);
	assert_int_equal(check(&auth, CARD_USE_AUTH).verdict, CARD_VERDICT_VALID);
	r = check(&auth, CARD_USE_SIGN);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	assert_true(card_reasons_have(r.reasons, CARD_REASON_CERT_WRONG_USE));
	assert_true(card_reasons_have(r.reasons, CARD_REASON_CERT_KEY_USAGE));
	assert_true(card_reasons_have(r.reasons, CARD_REASON_ISSUER_WRONG_USE));
	r = check(&sign, CARD_USE_AUTH);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	assert_true(card_reasons_have(r.reasons, CARD_REASON_CERT_WRONG_USE));
}

static void the_signing_ca_cannot_issue_for_authentication(void **state)
{
	(void)state;
	card_trust_t *t;
	assert_int_equal(card_trust_new(&t, 0), CARD_OK);
	/* An authentication CA key under the name of the signing CA. */
	add_ca(t, MADE_SIGN_CA, &auth_ca, false);
	struct made_cert m = of_kind(MADE_AUTH);
	card_buf_t name = {0};
	made_name(&name, "C=JP/O=JPKI/OU=JPKI for digital signature/OU=Japan Agency for Local "
			 "Authority Information Systems");
	char hex[512];
	card_hex_encode(card_buf_bytes(&name), hex, sizeof(hex));
	m.issuer_tlv = hex;
	assert_only(check_in(t, &m, CARD_USE_AUTH, now), CARD_REASON_ISSUER_WRONG_USE);
	card_buf_free(&name);
	card_trust_free(&t);
}

static void validity_is_compared_as_instants(void **state)
{
	(void)state;
	struct made_cert m = of_kind(MADE_SIGN);
	assert_int_equal(check_in(trust, &m, CARD_USE_SIGN, m.not_before).verdict,
			 CARD_VERDICT_VALID);
	assert_int_equal(check_in(trust, &m, CARD_USE_SIGN, m.not_after).verdict,
			 CARD_VERDICT_VALID);
	assert_only(check_in(trust, &m, CARD_USE_SIGN, m.not_before - 1),
		    CARD_REASON_CERT_NOT_YET_VALID);
	assert_only(check_in(trust, &m, CARD_USE_SIGN, m.not_after + 1), CARD_REASON_CERT_EXPIRED);
	/* Outside the CA's validity too: every reason is named. */
	struct card_path_result r = check_in(trust, &m, CARD_USE_SIGN, now + 2000 * day);
	assert_true(r.reasons == (card_reason_bit(CARD_REASON_CERT_EXPIRED) |
				  card_reason_bit(CARD_REASON_ISSUER_EXPIRED)));
	m.not_before = 0;
	r = check_in(trust, &m, CARD_USE_SIGN, now - 2000 * day);
	assert_true(r.reasons == card_reason_bit(CARD_REASON_ISSUER_NOT_YET_VALID));
}

static void generations_are_chosen_by_key_identifier_and_signature(void **state)
{
	(void)state;
	struct made_cert m = of_kind(MADE_SIGN);
	m.issuer = &sign_old;
	struct card_path_result r = check(&m, CARD_USE_SIGN);
	assert_int_equal(r.verdict, CARD_VERDICT_VALID);
	assert_memory_equal(card_cert_subject_key_id(r.issuer).p, sign_old.id, 20);
	/* Without an identifier the signature alone decides. */
	m.aki_tlv = "";
	r = check(&m, CARD_USE_SIGN);
	assert_int_equal(r.verdict, CARD_VERDICT_VALID);
	assert_memory_equal(card_cert_subject_key_id(r.issuer).p, sign_old.id, 20);
	/* Named as the other generation: false. */
	struct made_key liar = sign_old;
	memcpy(liar.id, sign_new.id, sizeof(liar.id));
	m.aki_tlv = NULL;
	m.issuer = &liar;
	assert_only(check(&m, CARD_USE_SIGN), CARD_REASON_CERT_SIGNATURE);
}

static void an_unknown_issuer_leaves_it_undetermined(void **state)
{
	(void)state;
	struct made_cert m = of_kind(MADE_SIGN);
	m.issuer = &stranger; /* same name, another key */
	struct card_path_result r = check(&m, CARD_USE_SIGN);
	assert_only(r, CARD_REASON_ISSUER_UNKNOWN);
	assert_int_equal(r.verdict, CARD_VERDICT_UNDETERMINED);
	assert_null(r.issuer);
	/* AuthorityKeyIdentifier that names another serial number or issuer of the CA. */
	card_buf_t aki = {0}, ext = {0};
	for (int twist = 0; twist < 3; twist++) {
		aki.n = ext.n = 0;
		made_tlv(&aki, 0x80, card_bytes(sign_new.id, 20));
		size_t names = aki.n;
		made_name(&aki, twist == 1 ? "C=JP/O=JPKI"
					   : "C=JP/O=JPKI/OU=JPKI for digital signature/OU=Japan "
					     "Agency for Local Authority Information Systems");
		made_wrap(&aki, names, 0xA4);
		made_wrap(&aki, names, 0xA1);
		made_hex(&aki, twist == 2 ? "820102" : "820101");
		made_wrap(&aki, 0, 0x30);
		made_ext(&ext, "2.5.29.35", false, card_buf_bytes(&aki));
		char hex[1024];
		assert_int_equal(card_hex_encode(card_buf_bytes(&ext), hex, sizeof(hex)), CARD_OK);
		m = of_kind(MADE_SIGN);
		m.aki_tlv = hex;
		r = check(&m, CARD_USE_SIGN);
		if (twist == 0)
			assert_int_equal(r.verdict, CARD_VERDICT_VALID);
		else
			assert_only(r, CARD_REASON_ISSUER_UNKNOWN);
	}
	card_buf_free(&aki);
	card_buf_free(&ext);
}

static void a_changed_certificate_is_invalid(void **state)
{
	(void)state;
	struct made_cert m = of_kind(MADE_SIGN);
	card_buf_t der = {0};
	made_cert(&m, &der);
	card_cert_t *c;
	struct card_path_result r;
	der.p[der.n - 1] ^= 1;
	assert_int_equal(card_cert_new(&c, card_buf_bytes(&der)), CARD_OK);
	assert_int_equal(card_path_check(trust, c, CARD_USE_SIGN, now, &r), CARD_OK);
	assert_only(r, CARD_REASON_CERT_SIGNATURE);
	card_cert_free(&c);
	card_buf_free(&der);
}

static void the_test_hierarchy_needs_its_flag(void **state)
{
	(void)state;
	struct made_cert m = of_kind(MADE_SIGN);
	m.test = true;
	struct card_path_result r = check(&m, CARD_USE_SIGN);
	assert_true(card_reasons_have(r.reasons, CARD_REASON_CERT_TEST));
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	card_trust_t *t;
	card_buf_t root = ca_der(MADE_SIGN_CA, &sign_new, true, now - day, now + day);
	assert_int_equal(card_trust_new(&t, 0), CARD_OK);
	assert_int_equal(card_trust_add(t, card_buf_bytes(&root)), CARD_ERR_DENIED);
	assert_int_equal(card_trust_count(t), 0);
	card_trust_free(&t);
	assert_int_equal(card_trust_new(&t, CARD_TRUST_TEST_ROOTS), CARD_OK);
	assert_int_equal(card_trust_add(t, card_buf_bytes(&root)), CARD_OK);
	assert_int_equal(card_trust_add(t, card_buf_bytes(&root)), CARD_OK);
	assert_int_equal(card_trust_count(t), 1);
	r = check_in(t, &m, CARD_USE_SIGN, now);
	assert_int_equal(r.verdict, CARD_VERDICT_VALID);
	assert_true(r.test);
	card_trust_free(&t);
	card_buf_free(&root);
}

static void each_break_of_the_profile_has_its_reason(void **state)
{
	(void)state;
	struct made_cert m;
#define ROW(kind, member, value, reason)                                                           \
	m = of_kind(kind);                                                                         \
	m.member = value;                                                                          \
	assert_only(check(&m, kind == MADE_SIGN ? CARD_USE_SIGN : CARD_USE_AUTH), reason);
	/* policies: none; an unpublished one */
	ROW(MADE_SIGN, policies_tlv, "", CARD_REASON_CERT_NOT_JPKI)
	ROW(MADE_SIGN, policies_tlv, "301B0603551D200101FF0411300F300D060B2A83088C9B550805010163",
	    CARD_REASON_CERT_NOT_JPKI)
	/* the other kind's policy, everything else right */
	ROW(MADE_SIGN, policies_tlv, "301B0603551D200101FF0411300F300D060B2A83088C9B55080501031E",
	    CARD_REASON_CERT_WRONG_USE)
	/* key usage: absent; digitalSignature alone; with keyCertSign; the sign bits on auth */
	ROW(MADE_SIGN, key_usage_tlv, "", CARD_REASON_CERT_KEY_USAGE)
	ROW(MADE_SIGN, key_usage_tlv, "300E0603551D0F0101FF040403020780",
	    CARD_REASON_CERT_KEY_USAGE)
	ROW(MADE_SIGN, key_usage_tlv, "300E0603551D0F0101FF0404030202C4",
	    CARD_REASON_CERT_KEY_USAGE)
	ROW(MADE_AUTH, key_usage_tlv, "300E0603551D0F0101FF0404030206C0",
	    CARD_REASON_CERT_KEY_USAGE)
	/* extended key usage: server authentication; absent is accepted */
	ROW(MADE_AUTH, eku_tlv, "30130603551D25040C300A06082B06010505070301",
	    CARD_REASON_CERT_KEY_USAGE)
	ROW(MADE_SIGN, eku_tlv, "30130603551D25040C300A06082B06010505070302",
	    CARD_REASON_CERT_KEY_USAGE)
	ROW(MADE_SIGN, bc_tlv, "300F0603551D130101FF040530030101FF", CARD_REASON_CERT_IS_CA)
	ROW(MADE_SIGN, extra_tlv, "300C06032A03040101FF04020500", CARD_REASON_CERT_CRITICAL)
	ROW(MADE_SIGN, key, &holder_1024, CARD_REASON_CERT_WEAK_KEY)
#undef ROW
	m = of_kind(MADE_AUTH);
	m.eku_tlv = "";
	assert_int_equal(check(&m, CARD_USE_AUTH).verdict, CARD_VERDICT_VALID);
	m = of_kind(MADE_SIGN);
	m.extra_tlv = "300906032A030404020500"; /* unknown, not critical */
	assert_int_equal(check(&m, CARD_USE_SIGN).verdict, CARD_VERDICT_VALID);
}

static void sha1_is_refused_even_with_a_good_signature(void **state)
{
	(void)state;
	struct made_key sha1 = sign_new;
	sha1.sig_oid_tlv = "300D06092A864886F70D0101050500";
	sha1.hash = CARD_HASH_SHA1;
	struct made_cert m = of_kind(MADE_SIGN);
	m.issuer = &sha1;
	assert_only(check(&m, CARD_USE_SIGN), CARD_REASON_CERT_WEAK_HASH);
}

static void the_coming_card_is_accepted(void **state)
{
	(void)state;
	card_trust_t *t;
	assert_int_equal(card_trust_new(&t, 0), CARD_OK);
	add_ca(t, MADE_SIGN_CA, &p384_ca, false);
	struct made_cert m = of_kind(MADE_SIGN);
	m.issuer = &p384_ca;
	m.key = &holder_p384;
	assert_int_equal(check_in(t, &m, CARD_USE_SIGN, now).verdict, CARD_VERDICT_VALID);
	/* a point that is not on the curve */
	struct made_key off = holder_p384;
	card_buf_t spki = {0};
	assert_int_equal(card_buf_append(&spki, card_buf_bytes(&holder_p384.spki)), CARD_OK);
	spki.p[spki.n - 1] ^= 1;
	off.spki = spki;
	m.key = &off;
	assert_only(check_in(t, &m, CARD_USE_SIGN, now), CARD_REASON_CERT_ALGORITHM);
	card_buf_free(&spki);
	card_trust_free(&t);
}

static void anchors_must_be_self_signed_authorities(void **state)
{
	(void)state;
	card_trust_t *t;
	card_buf_t der = {0};
	assert_int_equal(card_trust_new(&t, 0), CARD_OK);
	struct made_cert m = of_kind(MADE_SIGN);
	made_cert(&m, &der);
	assert_int_equal(card_trust_add(t, card_buf_bytes(&der)), CARD_ERR_UNTRUSTED);
	card_buf_free(&der);
	struct made_cert ca = {.kind = MADE_SIGN_CA,
			       .serial = 9,
			       .not_before = now - day,
			       .not_after = now + day,
			       .key = &sign_new,
			       .issuer = &stranger};
	made_cert(&ca, &der);
	assert_int_equal(card_trust_add(t, card_buf_bytes(&der)), CARD_ERR_SIGNATURE);
	card_buf_free(&der);
	der = ca_der(MADE_SIGN_CA, &holder_1024, false, now - day, now + day);
	assert_int_equal(card_trust_add(t, card_buf_bytes(&der)), CARD_ERR_UNSUPPORTED);
	card_buf_free(&der);
	ca.issuer = ca.key;
	ca.key_usage_tlv = "300E0603551D0F0101FF040403020102"; /* cRLSign alone */
	made_cert(&ca, &der);
	assert_int_equal(card_trust_add(t, card_buf_bytes(&der)), CARD_ERR_UNTRUSTED);
	assert_int_equal(card_trust_add(t, card_bytes("\x05\x00", 2)), CARD_ERR_MALFORMED);
	assert_int_equal(card_trust_count(t), 0);
	card_buf_free(&der);
	card_trust_free(&t);
}

struct seen {
	size_t ok, refused;
};

static void count(void *ctx, const char *file, enum card_error err)
{
	struct seen *s = ctx;
	assert_non_null(strrchr(file, '/'));
	err ? s->refused++ : s->ok++;
}

static void a_directory_is_loaded_and_each_file_reported(void **state)
{
	(void)state;
	char dir[64], path[128];
	struct seen seen = {0, 0};
	card_trust_t *t;
	made_dir(dir);
	card_buf_t a = ca_der(MADE_SIGN_CA, &sign_old, false, now - day, now + day);
	card_buf_t b = ca_der(MADE_SIGN_CA, &sign_new, true, now - day, now + day);
	snprintf(path, sizeof(path), "%s/a.pem", dir);
	made_pem_file(path, card_buf_bytes(&a));
	snprintf(path, sizeof(path), "%s/b.pem", dir);
	made_pem_file(path, card_buf_bytes(&b));
	snprintf(path, sizeof(path), "%s/c.pem", dir);
	made_file(path, card_bytes("rubbish", 7));
	snprintf(path, sizeof(path), "%s/d.pem", dir);
	made_file(path, card_buf_bytes(&a)); /* DER, and the same again */
	/* What by its name is no certificate is not even opened. */
	static const char *const beside[] = {"cv-ca.csv", "README.md",   ".hidden.pem", "old.pem~",
					     "list.crl",  "key.pem.bak", "a.0x",        ".pem"};
	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, beside[i]);
		made_file(path, card_bytes("rubbish", 7));
	}
	assert_int_equal(card_trust_new(&t, 0), CARD_OK);
	assert_int_equal(card_trust_load(t, dir, count, &seen), CARD_OK);
	assert_int_equal(seen.ok, 2);
	assert_int_equal(seen.refused, 2);
	assert_int_equal(card_trust_count(t), 1);
	assert_non_null(card_trust_find(t, card_buf_bytes(&a)));
	assert_null(card_trust_find(t, card_buf_bytes(&b)));
	assert_int_equal(card_trust_load(t, "/nowhere/at/all", NULL, NULL), CARD_ERR_IO);
	/* All of these are. */
	static const char *const names[] = {"root.CRT", "root.cer", "root.der", "root",
					    "9d8e7f60.0"};
	seen = (struct seen){0, 0};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		made_file(path, card_buf_bytes(&a));
	}
	assert_int_equal(card_trust_load(t, dir, count, &seen), CARD_OK);
	assert_int_equal(seen.ok, 2 + 5);
	card_trust_free(&t);
	card_buf_free(&a);
	card_buf_free(&b);
	made_dir_remove(dir);
}

static void published_roots_are_known_by_fingerprint(void **state)
{
	(void)state;
	card_trust_t *t;
	assert_int_equal(card_trust_new(&t, 0), CARD_OK);
	assert_int_equal(card_trust_load(t, "trust", NULL, NULL), CARD_OK);
	assert_int_equal(card_trust_count(t), 5);
	for (size_t i = 0; i < 5; i++) {
		uint8_t fp[32];
		assert_int_equal(card_cert_fingerprint(card_trust_anchor(t, i), fp), CARD_OK);
		const char *ja = card_trust_known_name(fp, CARD_LANG_JA);
		assert_non_null(ja);
		bool sign = card_cert_kind(card_trust_anchor(t, i)) == CARD_CERT_SIGN_CA;
		assert_non_null(strstr(ja, sign ? "署名用" : "利用者証明用"));
		fp[0] ^= 1;
		assert_null(card_trust_known_name(fp, CARD_LANG_JA));
	}
	card_trust_free(&t);
}

static void every_reason_has_code_and_texts(void **state)
{
	(void)state;
	for (unsigned r = 0; r < CARD_REASON_COUNT_; r++) {
		assert_true(strlen(card_reason_code((enum card_reason)r)) > 3);
		assert_true(strlen(card_reason_text((enum card_reason)r, CARD_LANG_EN)) > 10);
		assert_true(strlen(card_reason_text((enum card_reason)r, CARD_LANG_JA)) > 10);
		for (unsigned s = 0; s < r; s++)
			assert_string_not_equal(card_reason_code((enum card_reason)r),
						card_reason_code((enum card_reason)s));
		assert_int_equal(card_verdict_of(card_reason_bit((enum card_reason)r)),
				 card_reason_is_undetermined((enum card_reason)r)
					 ? CARD_VERDICT_UNDETERMINED
					 : CARD_VERDICT_INVALID);
	}
	assert_int_equal(card_verdict_of(0), CARD_VERDICT_VALID);
}

static int set_up(void **state)
{
	(void)state;
	made_rsa(&sign_old, 2048);
	made_rsa(&sign_new, 2048);
	made_rsa(&auth_ca, 2048);
	made_rsa(&stranger, 2048);
	made_rsa(&holder, 2048);
	made_rsa(&holder_1024, 1024);
	made_ec(&holder_p384, "P-384");
	made_ec(&p384_ca, "P-384");
	if (card_trust_new(&trust, 0))
		return 1;
	add_ca(trust, MADE_SIGN_CA, &sign_old, false);
	add_ca(trust, MADE_SIGN_CA, &sign_new, false);
	add_ca(trust, MADE_AUTH_CA, &auth_ca, false);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	struct made_key *all[] = {&sign_old, &sign_new,    &auth_ca,     &stranger,
				  &holder,   &holder_1024, &holder_p384, &p384_ca};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		made_key_free(all[i]);
	card_trust_free(&trust);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_valid_for_its_use_only),
		cmocka_unit_test(the_signing_ca_cannot_issue_for_authentication),
		cmocka_unit_test(validity_is_compared_as_instants),
		cmocka_unit_test(generations_are_chosen_by_key_identifier_and_signature),
		cmocka_unit_test(an_unknown_issuer_leaves_it_undetermined),
		cmocka_unit_test(a_changed_certificate_is_invalid),
		cmocka_unit_test(the_test_hierarchy_needs_its_flag),
		cmocka_unit_test(each_break_of_the_profile_has_its_reason),
		cmocka_unit_test(sha1_is_refused_even_with_a_good_signature),
		cmocka_unit_test(the_coming_card_is_accepted),
		cmocka_unit_test(anchors_must_be_self_signed_authorities),
		cmocka_unit_test(a_directory_is_loaded_and_each_file_reported),
		cmocka_unit_test(published_roots_are_known_by_fingerprint),
		cmocka_unit_test(every_reason_has_code_and_texts),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
