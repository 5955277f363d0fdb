/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of tests: the four kinds of card-spec 7 with any part replaced. */
#include <stdio.h>
#include <string.h>

#include "made_pki.h"

void made_ext(card_buf_t *out, const char *oid, bool critical, struct card_bytes value)
{
	size_t from = out->n;
	made_oid(out, oid);
	if (critical)
		made_hex(out, "0101FF");
	made_tlv(out, 0x04, value);
	made_wrap(out, from, 0x30);
}

/* Append an Extension: as given, or made by the function. */
static void put_ext(card_buf_t *out, const char *given, const char *oid, bool critical,
		    void (*value)(card_buf_t *, const struct made_cert *),
		    const struct made_cert *c)
{
	if (given) {
		made_hex(out, given);
		return;
	}
	card_buf_t v = {0};
	value(&v, c);
	made_ext(out, oid, critical, card_buf_bytes(&v));
	card_buf_free(&v);
}

static bool is_ca(const struct made_cert *c)
{
	return c->kind == MADE_SIGN_CA || c->kind == MADE_AUTH_CA;
}

static bool for_sign(const struct made_cert *c)
{
	return c->kind == MADE_SIGN_CA || c->kind == MADE_SIGN;
}

static void ca_name(card_buf_t *out, const struct made_cert *c)
{
	char name[256];
	snprintf(name, sizeof(name),
		 "C=JP/O=%s/OU=JPKI for %s/OU=Japan Agency for Local Authority Information Systems",
		 c->test ? "JPKI-TEST" : "JPKI",
		 for_sign(c) ? "digital signature" : "user authentication");
	made_name(out, name);
}

void made_dist_point(card_buf_t *out, bool sign, bool test, const char *city)
{
	char name[256];
	snprintf(name, sizeof(name),
		 "C=JP/O=%s/OU=JPKI for %s/OU=CRL Distribution Points/OU=Tokyo-to/CN=%s CRLDP",
		 test ? "JPKI-TEST" : "JPKI", sign ? "digital signature" : "user authentication",
		 city);
	made_name(out, name);
}

static void key_usage(card_buf_t *out, const struct made_cert *c)
{
	made_hex(out, is_ca(c) ? "03020106" : for_sign(c) ? "030206C0" : "03020780");
}

static void ext_key_usage(card_buf_t *out, const struct made_cert *c)
{
	(void)c;
	made_hex(out, "300A06082B06010505070302");
}

static void policies(card_buf_t *out, const struct made_cert *c)
{
	size_t from = out->n;
	made_oid(out, for_sign(c)
			      ? c->test ? "1.2.392.200149.8.5.1.0.20" : "1.2.392.200149.8.5.1.1.20"
			      : "1.2.392.200149.8.5.1.3.30");
	size_t qualifiers = out->n;
	made_oid(out, "1.3.6.1.5.5.7.2.1");
	made_text(out, 0x16, "http://www.jpki.go.jp/cps.html");
	made_wrap(out, qualifiers, 0x30);
	made_wrap(out, qualifiers, 0x30);
	made_wrap(out, from, 0x30);
	made_wrap(out, from, 0x30);
}

static void other_name(card_buf_t *out, unsigned n, const char *text)
{
	char oid[64];
	size_t from = out->n;
	snprintf(oid, sizeof(oid), "1.2.392.200149.8.5.5.%u", n);
	made_oid(out, oid);
	size_t value = out->n;
	made_text(out, 0x0C, text);
	made_wrap(out, value, 0xA0);
	made_wrap(out, from, 0xA0);
}

/* The published test person (card-spec 10.1). */
static void subject_alt_name(card_buf_t *out, const struct made_cert *c)
{
	size_t from = out->n;
	if (is_ca(c)) {
		ca_name(out, c);
		made_wrap(out, from, 0xA4);
	} else {
		other_name(out, 1, "黒桐　幹也");
		other_name(out, 4, "319800217");
		other_name(out, 3, "1");
		other_name(out, 5, "東京都清瀬市観布子南１２－７－２０２");
		other_name(out, 2, "00000");
		other_name(out, 6, "000000000000000000");
	}
	made_wrap(out, from, 0x30);
}

static void issuer_alt_name(card_buf_t *out, const struct made_cert *c)
{
	size_t from = out->n;
	made_name(out, for_sign(c)
			       ? "C=JP/O=公的個人認証サービス/OU=公的個人認証サービス署名用"
			       : "C=JP/O=公的個人認証サービス/OU=公的個人認証サービス利用者証明用");
	made_wrap(out, from, 0xA4);
	made_wrap(out, from, 0x30);
}

static void basic_constraints(card_buf_t *out, const struct made_cert *c)
{
	made_hex(out, is_ca(c) ? "30030101FF" : "3000");
}

static void dist_points(card_buf_t *out, const struct made_cert *c)
{
	size_t from = out->n;
	if (is_ca(c))
		ca_name(out, c);
	else
		made_dist_point(out, for_sign(c), c->test, c->city ? c->city : "Kiyose-shi");
	made_wrap(out, from, 0xA4); /* directoryName */
	made_wrap(out, from, 0xA0); /* fullName */
	made_wrap(out, from, 0xA0); /* distributionPoint */
	made_wrap(out, from, 0x30);
	made_wrap(out, from, 0x30);
}

static void info_access(card_buf_t *out, const struct made_cert *c)
{
	(void)c;
	made_oid(out, "1.3.6.1.5.5.7.48.1");
	made_text(out, 0x86, "http://ocsp.example.jp/");
	made_wrap(out, 0, 0x30);
	made_wrap(out, 0, 0x30);
}

static void authority_key_id(card_buf_t *out, const struct made_cert *c)
{
	made_tlv(out, 0x80, card_bytes(c->issuer->id, 20));
	made_wrap(out, 0, 0x30);
}

static void subject_key_id(card_buf_t *out, const struct made_cert *c)
{
	made_tlv(out, 0x04, card_bytes(c->key->id, 20));
}

static void extensions(card_buf_t *out, const struct made_cert *c)
{
	bool ca = is_ca(c);
	size_t from = out->n;
	put_ext(out, c->key_usage_tlv, "2.5.29.15", true, key_usage, c);
	if (c->eku_tlv || c->kind == MADE_AUTH)
		put_ext(out, c->eku_tlv, "2.5.29.37", false, ext_key_usage, c);
	if (c->policies_tlv || !ca)
		put_ext(out, c->policies_tlv, "2.5.29.32", true, policies, c);
	if (c->san_tlv || ca || c->kind == MADE_SIGN)
		put_ext(out, c->san_tlv, "2.5.29.17", false, subject_alt_name, c);
	if (c->ian_tlv || !ca)
		put_ext(out, c->ian_tlv, "2.5.29.18", false, issuer_alt_name, c);
	if (c->bc_tlv || ca)
		put_ext(out, c->bc_tlv, "2.5.29.19", true, basic_constraints, c);
	put_ext(out, c->cdp_tlv, "2.5.29.31", false, dist_points, c);
	if (c->aia_tlv || !ca)
		put_ext(out, c->aia_tlv, "1.3.6.1.5.5.7.1.1", false, info_access, c);
	if (c->aki_tlv || !ca)
		put_ext(out, c->aki_tlv, "2.5.29.35", false, authority_key_id, c);
	put_ext(out, c->ski_tlv, "2.5.29.14", false, subject_key_id, c);
	if (c->extra_tlv)
		made_hex(out, c->extra_tlv);
	made_wrap(out, from, 0x30);
	made_wrap(out, from, 0xA3);
}

static void subject(card_buf_t *out, const struct made_cert *c)
{
	if (is_ca(c))
		ca_name(out, c);
	else if (c->kind == MADE_AUTH)
		made_name(out, "C=JP/CN=997794E9AGCIEG13221003A");
	else
		made_name(out, "C=JP/L=Tokyo-to/L=Kiyose-shi/CN=997794E9AGCIEG13221003A");
}

void made_cert_tbs(const struct made_cert *c, card_buf_t *out)
{
	size_t from = out->n;
	made_hex(out, c->version_tlv ? c->version_tlv : "A003020102");
	if (c->serial_tlv)
		made_hex(out, c->serial_tlv);
	else
		made_int(out, c->serial);
	made_hex(out, c->inner_alg_tlv ? c->inner_alg_tlv : c->issuer->sig_oid_tlv);
	if (c->issuer_tlv)
		made_hex(out, c->issuer_tlv);
	else
		ca_name(out, c);
	if (c->validity_tlv) {
		made_hex(out, c->validity_tlv);
	} else {
		size_t validity = out->n;
		made_time(out, c->not_before);
		made_time(out, c->not_after);
		made_wrap(out, validity, 0x30);
	}
	if (c->subject_tlv)
		made_hex(out, c->subject_tlv);
	else
		subject(out, c);
	if (c->spki_tlv)
		made_hex(out, c->spki_tlv);
	else if (card_buf_append(out, card_buf_bytes(&c->key->spki)))
		return;
	extensions(out, c);
	made_wrap(out, from, 0x30);
}

void made_cert(const struct made_cert *c, card_buf_t *out)
{
	card_buf_t tbs = {0};
	made_cert_tbs(c, &tbs);
	made_signed(c->issuer, card_buf_bytes(&tbs), out);
	card_buf_free(&tbs);
}
