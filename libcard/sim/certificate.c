/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of the test PKI, extension by extension as card-spec 7 lists them. */
#include <stdio.h>
#include <string.h>

#include "x509.h"

/* Extension OIDs (RFC 5280), content octets in hex. */
#define EXT_SKI      "551D0E"
#define EXT_KU       "551D0F"
#define EXT_SAN      "551D11"
#define EXT_IAN      "551D12"
#define EXT_BC       "551D13"
#define EXT_CDP      "551D1F"
#define EXT_POLICIES "551D20"
#define EXT_AKI      "551D23"
#define EXT_EKU      "551D25"
#define EXT_AIA      "2B06010505070101"

/* Policy OIDs. Sign: the test value of card-spec 7.3; smartphone: its test sibling (D).
 * Auth: 7.2 knows one value and no other for tests. */
#define POLICY_SIGN_TEST                                                                           \
	"2A83088C9B5508050100"                                                                     \
	"14"
#define POLICY_SIGN_TEST_PHONE                                                                     \
	"2A83088C9B5508050100"                                                                     \
	"28"
#define POLICY_AUTH                                                                                \
	"2A83088C9B5508050103"                                                                     \
	"1E"

/* 30 characters beginning http://ocs, as in the real certificate (7.2 row 6); nobody's host. */
#define OCSP_AUTH "http://ocspauth.kazasu.invalid"
#define OCSP_SIGN "http://ocspsign.kazasu.invalid"

static void put_subject_alt_ca(struct sim_buf *b, enum sim_use use, const char *oid)
{
	size_t ext = b->n;

	sim_put_alt_name(b, use);
	sim_wrap(b, ext, 0xA4); /* directoryName is explicit: a CHOICE inside */
	sim_wrap(b, ext, 0x30);
	sim_wrap_extension(b, ext, oid, false);
}

/* CRLDistributionPoints with one fullName; the Name was written since ext. */
static void wrap_point(struct sim_buf *b, size_t ext)
{
	sim_wrap(b, ext, 0xA4);
	sim_wrap(b, ext, 0xA0); /* fullName */
	sim_wrap(b, ext, 0xA0); /* distributionPoint */
	sim_wrap(b, ext, 0x30);
	sim_wrap(b, ext, 0x30);
	sim_wrap_extension(b, ext, EXT_CDP, false);
}

static void put_ski(struct sim_buf *b, const uint8_t ski[20])
{
	size_t ext = b->n;

	sim_tlv(b, 0x04, ski, 20);
	sim_wrap_extension(b, ext, EXT_SKI, false);
}

static void put_ca_extensions(struct sim_buf *b, const struct sim_ca *ca)
{
	size_t all = b->n, ext = b->n;

	sim_put_hex(b, "03020106"); /* keyCertSign, cRLSign */
	sim_wrap_extension(b, ext, EXT_KU, true);
	put_subject_alt_ca(b, ca->use, EXT_SAN);
	ext = b->n;
	sim_put_hex(b, "30030101FF");
	sim_wrap_extension(b, ext, EXT_BC, true);
	ext = b->n;
	sim_put_ca_name(b, ca->use);
	wrap_point(b, ext);
	put_ski(b, ca->ski);
	sim_wrap(b, all, 0x30);
	sim_wrap(b, all, 0xA3);
}

bool sim_put_ca_certificate(struct sim_buf *b, const struct sim_ca *ca)
{
	size_t tbs = b->n;

	sim_put_hex(b, "A003020102");
	sim_put_integer(b, ca->serial);
	sim_put_hex(b, SIM_HEX_SHA256_RSA);
	sim_put_ca_name(b, ca->use);
	size_t validity = b->n;
	sim_put_utctime(b, ca->from, "010000");
	sim_put_utctime(b, ca->to, "145959");
	sim_wrap(b, validity, 0x30);
	sim_put_ca_name(b, ca->use);
	sim_put_spki(b, ca->key);
	put_ca_extensions(b, ca);
	sim_wrap(b, tbs, 0x30);
	return sim_wrap_signed(b, tbs, ca->key);
}

static void put_policies(struct sim_buf *b, const char *oid)
{
	static const char cps[] = "http://www.jpki.go.jp/cps.html";
	size_t ext = b->n;

	sim_put_hex(b, oid);
	sim_wrap(b, ext, 0x06);
	size_t quals = b->n;
	sim_put_hex(b, "06082B06010505070201"); /* id-qt-cps */
	sim_tlv(b, 0x16, cps, sizeof cps - 1);
	sim_wrap(b, quals, 0x30);
	sim_wrap(b, quals, 0x30);
	sim_wrap(b, ext, 0x30);
	sim_wrap(b, ext, 0x30);
	sim_wrap_extension(b, ext, EXT_POLICIES, true);
}

/* One SAN otherName 1.2.392.200149.8.5.5.x, UTF8String (card-spec 7.4). */
static void put_attribute(struct sim_buf *b, unsigned x, const char *text)
{
	size_t other = b->n;

	sim_put_hex(b, "060A2A83088C9B55080505");
	sim_put8(b, x);
	size_t value = b->n;
	sim_tlv(b, 0x0C, text, strlen(text));
	sim_wrap(b, value, 0xA0);
	sim_wrap(b, other, 0xA0);
}

static void put_attributes(struct sim_buf *b, const struct sim_persona *p, const struct sim_wish *w)
{
	size_t ext = b->n;
	char sex[2] = {p->sex, 0}, birth[10];
	int year;

	birth[0] = (char)('0' + sim_day_era(p->birth, &year));
	sim_day_text(p->birth, birth + 1);
	put_attribute(b, 1, w->name);
	put_attribute(b, 4, birth);
	put_attribute(b, 3, sex);
	put_attribute(b, 5, w->address);
	put_attribute(b, 2, w->name_flags);
	put_attribute(b, 6, w->address_flags);
	sim_wrap(b, ext, 0x30);
	sim_wrap_extension(b, ext, EXT_SAN, false);
}

static void put_aki(struct sim_buf *b, const struct sim_ca *ca)
{
	size_t ext = b->n;

	sim_tlv(b, 0x80, ca->ski, sizeof ca->ski);
	size_t issuer = b->n;
	sim_put_ca_name(b, ca->use);
	sim_wrap(b, issuer, 0xA4);
	sim_wrap(b, issuer, 0xA1);
	size_t serial = b->n;
	sim_put_integer(b, ca->serial);
	if (!b->failed)
		b->p[serial] = 0x82; /* [2] IMPLICIT */
	sim_wrap(b, ext, 0x30);
	sim_wrap_extension(b, ext, EXT_AKI, false);
}

static void put_extensions(struct sim_buf *b, const struct sim_ca *ca, const struct sim_persona *p,
			   const struct sim_wish *w, const uint8_t ski[20])
{
	bool sign = ca->use == SIM_USE_SIGN;
	bool phone = p->token == SIM_TOKEN_ANDROID || p->token == SIM_TOKEN_IPHONE;
	const char *ocsp = sign ? OCSP_SIGN : OCSP_AUTH;
	size_t all = b->n, ext = b->n;

	sim_put_hex(b, sign ? "030206C0" : "03020780");
	sim_wrap_extension(b, ext, EXT_KU, true);
	if (sign) {
		put_attributes(b, p, w);
	} else {
		ext = b->n;
		sim_put_hex(b, "300A06082B06010505070302"); /* clientAuth */
		sim_wrap_extension(b, ext, EXT_EKU, false);
	}
	put_policies(b, !sign ? POLICY_AUTH : phone ? POLICY_SIGN_TEST_PHONE : POLICY_SIGN_TEST);
	put_subject_alt_ca(b, ca->use, EXT_IAN);
	ext = b->n;
	sim_put_point_name(b, ca->use, p->prefecture, p->city);
	wrap_point(b, ext);
	ext = b->n;
	sim_put_hex(b, "06082B06010505073001"); /* id-ad-ocsp */
	sim_tlv(b, 0x86, ocsp, strlen(ocsp));
	sim_wrap(b, ext, 0x30);
	sim_wrap(b, ext, 0x30);
	sim_wrap_extension(b, ext, EXT_AIA, false);
	put_aki(b, ca);
	put_ski(b, ski);
	sim_wrap(b, all, 0x30);
	sim_wrap(b, all, 0xA3);
}

bool sim_put_certificate(struct sim_buf *b, const struct sim_ca *ca, const struct sim_persona *p,
			 const struct sim_wish *w, EVP_PKEY *subject)
{
	size_t tbs = b->n;
	uint8_t ski[20];

	if (!sim_ski(subject, ski))
		return false;
	sim_put_hex(b, "A003020102");
	sim_put_integer(b, w->serial);
	sim_put_hex(b, SIM_HEX_SHA256_RSA);
	sim_put_ca_name(b, ca->use);
	size_t validity = b->n;
	sim_put_utctime(b, w->from, "010000");
	sim_put_utctime(b, w->to, "145959"); /* 23:59:59 JST (card-spec 7.5) */
	sim_wrap(b, validity, 0x30);
	size_t name = b->n;
	sim_put_rdn(b, "550406", 0x13, "JP");
	if (ca->use == SIM_USE_SIGN) {
		sim_put_rdn(b, "550407", 0x0C, p->prefecture);
		sim_put_rdn(b, "550407", 0x0C, p->city);
	}
	sim_put_rdn(b, "550403", 0x0C, w->cn);
	sim_wrap(b, name, 0x30);
	sim_put_spki(b, subject);
	put_extensions(b, ca, p, w, ski);
	sim_wrap(b, tbs, 0x30);
	return sim_wrap_signed(b, tbs, ca->key);
}
