/* SPDX-License-Identifier: Apache-2.0 */
/* What a certificate claims to be: by policy (end entity) or name (CA). */
#include "pki_cert.h"
#include "pki_oid.h"

/*
 * Policies 1.2.392.200149.8.5.1.x.y (card-spec 7.2, 7.3). Rows marked D are the
 * counterparts of published ones that no source shows; they count only under a
 * test root, where accepting one too many harms nobody.
 */
static const struct {
	struct card_bytes oid;
	enum card_cert_kind kind;
	bool test, smartphone;
} policies[] = {
	{PKI_OID(PKI_OID_JPKI, 0x01, 0x01, 20), CARD_CERT_SIGN, false, false},
	{PKI_OID(PKI_OID_JPKI, 0x01, 0x03, 30), CARD_CERT_AUTH, false, false},
	{PKI_OID(PKI_OID_JPKI, 0x01, 0x01, 40), CARD_CERT_SIGN, false, true},
	{PKI_OID(PKI_OID_JPKI, 0x01, 0x00, 20), CARD_CERT_SIGN, true, false},
	{PKI_OID(PKI_OID_JPKI, 0x01, 0x00, 40), CARD_CERT_SIGN, true, true},  /* D */
	{PKI_OID(PKI_OID_JPKI, 0x01, 0x02, 30), CARD_CERT_AUTH, true, false}, /* D */
	{PKI_OID(PKI_OID_JPKI, 0x01, 0x00, 30), CARD_CERT_AUTH, true, false}, /* D */
};

static const struct card_bytes oid_o = PKI_OID(0x55, 0x04, 0x0A);
static const struct card_bytes oid_ou = PKI_OID(0x55, 0x04, 0x0B);

static bool is_text(struct card_bytes value, const char *text)
{
	return value.n == strlen(text) && memcmp(value.p, text, value.n) == 0;
}

static bool attribute_is(struct card_bytes name, struct card_bytes oid, const char *text)
{
	struct card_bytes value;
	return !card_name_attribute(name, oid, 0, &value) && is_text(value, text);
}

static enum card_cert_kind ca_by_name(struct card_bytes name)
{
	if (attribute_is(name, oid_ou, "JPKI for digital signature"))
		return CARD_CERT_SIGN_CA;
	if (attribute_is(name, oid_ou, "JPKI for user authentication"))
		return CARD_CERT_AUTH_CA;
	return CARD_CERT_OTHER;
}

void pki_cert_classify(struct card_cert *c)
{
	c->test = attribute_is(c->issuer, oid_o, "JPKI-TEST");
	if (c->is_ca) {
		if (c->test || attribute_is(c->subject, oid_o, "JPKI"))
			c->kind = ca_by_name(c->subject);
		return;
	}
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		for (size_t k = 0; k < c->policies; k++) {
			if (!pki_oid_is(c->policy[k], policies[i].oid))
				continue;
			c->kind = policies[i].kind;
			c->test |= policies[i].test;
			c->smartphone = policies[i].smartphone;
			return;
		}
	}
}
