/* SPDX-License-Identifier: Apache-2.0 */
/* The extensions of a certificate (RFC 5280 §4.2, card-spec 7). */
#include "pki_cert.h"
#include "pki_oid.h"

/* card-spec 7.4; RFC 6960 §3.1 id-ad-ocsp */
static const struct card_bytes attribute_arc = PKI_OID(PKI_OID_JPKI, 0x05);
static const struct card_bytes oid_ocsp = PKI_OID(PKI_OID_PKIX, 0x30, 0x01);

/* The element that is the whole of value. */
static enum card_error enter_only(struct card_bytes value, unsigned tag, struct card_der *in)
{
	struct card_der c = card_der_over(value);
	enum card_error err = card_der_enter(&c, tag, in);
	return err ? err : card_der_finish(&c);
}

static enum card_error take_only(struct card_bytes value, unsigned tag, struct card_bytes *content)
{
	struct card_der c = card_der_over(value);
	enum card_error err = card_der_take(&c, tag, content);
	return err ? err : card_der_finish(&c);
}

/* ---- one reader for each extension ---- */

static enum card_error read_key_usage(struct card_cert *c, struct card_bytes value)
{
	struct card_bytes content;
	uint16_t bits;
	enum card_error err = take_only(value, CARD_DER_BIT_STRING, &content);
	if (!err)
		err = card_der_named_bits(content, &bits);
	if (err)
		return err;
	c->key_usage = bits;
	/* RFC 5280 §4.2.1.3: at least one bit is set. */
	return bits ? CARD_OK : CARD_ERR_MALFORMED;
}

static const struct {
	struct card_bytes oid;
	unsigned bit;
} purposes[] = {
	{PKI_OID(PKI_OID_PKIX, 0x03, 0x01), CARD_EKU_SERVER_AUTH},
	{PKI_OID(PKI_OID_PKIX, 0x03, 0x02), CARD_EKU_CLIENT_AUTH},
	{PKI_OID(PKI_OID_PKIX, 0x03, 0x08), CARD_EKU_TIMESTAMPING},
	{PKI_OID(PKI_OID_PKIX, 0x03, 0x09), CARD_EKU_OCSP_SIGNING},
	{PKI_OID(PKI_OID_EXT(37), 0x00), CARD_EKU_ANY},
};

static enum card_error read_ext_key_usage(struct card_cert *c, struct card_bytes value)
{
	struct card_der in;
	enum card_error err = enter_only(value, CARD_DER_SEQUENCE, &in);
	if (err)
		return err;
	if (card_der_at_end(&in))
		return CARD_ERR_MALFORMED;
	while (!card_der_at_end(&in)) {
		struct card_bytes oid;
		err = card_der_take(&in, CARD_DER_OID, &oid);
		if (!err)
			err = card_der_oid_check(oid);
		if (err)
			return err;
		unsigned bit = CARD_EKU_OTHER;
		for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++)
			if (pki_oid_is(oid, purposes[i].oid))
				bit = purposes[i].bit;
		c->ext_key_usage |= bit;
	}
	return CARD_OK;
}

static enum card_error read_basic_constraints(struct card_cert *c, struct card_bytes value)
{
	struct card_der in;
	struct card_bytes content;
	bool there;
	enum card_error err = enter_only(value, CARD_DER_SEQUENCE, &in);
	if (!err)
		err = card_der_take_optional(&in, CARD_DER_BOOLEAN, &content, &there);
	if (!err && there)
		err = card_der_boolean(content, &c->is_ca);
	if (err)
		return err;
	/* X.690 §11.5: the default FALSE is not encoded. */
	if (there && !c->is_ca)
		return CARD_ERR_MALFORMED;
	err = card_der_take_optional(&in, CARD_DER_INTEGER, &content, &there);
	if (!err && there) {
		uint32_t n;
		err = card_der_u32(content, &n);
		if (!err && (n > INT16_MAX || !c->is_ca))
			err = CARD_ERR_MALFORMED;
		if (!err)
			c->path_length = (int)n;
	}
	return err ? err : card_der_finish(&in);
}

static enum card_error read_policies(struct card_cert *c, struct card_bytes value)
{
	struct card_der in, info, qualifiers;
	enum card_error err = enter_only(value, CARD_DER_SEQUENCE, &in);
	if (err)
		return err;
	if (card_der_at_end(&in))
		return CARD_ERR_MALFORMED;
	while (!card_der_at_end(&in)) {
		struct card_bytes oid;
		if ((err = card_der_enter(&in, CARD_DER_SEQUENCE, &info)) ||
		    (err = card_der_take(&info, CARD_DER_OID, &oid)) ||
		    (err = card_der_oid_check(oid)))
			return err;
		for (size_t i = 0; i < c->policies; i++)
			if (pki_oid_is(oid, c->policy[i]))
				return CARD_ERR_MALFORMED;
		if (c->policies == PKI_POLICIES_MAX)
			return CARD_ERR_TOO_LONG;
		c->policy[c->policies++] = oid;
		if (card_der_at_end(&info))
			continue;
		/* Qualifiers say where the CPS is: well-formed is enough. */
		struct card_der_item q;
		struct card_bytes id;
		if ((err = card_der_enter(&info, CARD_DER_SEQUENCE, &qualifiers)) ||
		    (err = card_der_finish(&info)))
			return err;
		if (card_der_at_end(&qualifiers))
			return CARD_ERR_MALFORMED;
		while (!card_der_at_end(&qualifiers)) {
			struct card_der one;
			if ((err = card_der_enter(&qualifiers, CARD_DER_SEQUENCE, &one)) ||
			    (err = card_der_take(&one, CARD_DER_OID, &id)) ||
			    (err = card_der_oid_check(id)) || (err = card_der_next(&one, &q)) ||
			    (err = card_der_finish(&one)) || (err = card_der_check(q.whole, 8)))
				return err;
		}
	}
	return CARD_OK;
}

static enum card_error read_subject_key_id(struct card_cert *c, struct card_bytes value)
{
	enum card_error err = take_only(value, CARD_DER_OCTET_STRING, &c->subject_key_id);
	return err ? err : c->subject_key_id.n ? CARD_OK : CARD_ERR_MALFORMED;
}

static enum card_error read_authority_key_id(struct card_cert *c, struct card_bytes value)
{
	return pki_authority_key_id(value, &c->authority);
}

/* 1.2.392.200149.8.5.5.n (card-spec 7.4) with a UTF8String; others are skipped. */
static enum card_error read_other_name(struct card_cert *c, struct card_bytes content)
{
	struct card_bytes oid, value, text;
	enum card_error err = pki_other_name(content, &oid, &value);
	if (err)
		return err;
	if (oid.n != attribute_arc.n + 1 || memcmp(oid.p, attribute_arc.p, attribute_arc.n) != 0)
		return CARD_OK;
	unsigned which = oid.p[attribute_arc.n];
	if (which < CARD_ATTR_NAME || which > CARD_ATTR_ADDRESS_SUBSTITUTES)
		return CARD_OK;
	if ((err = take_only(value, CARD_DER_UTF8_STRING, &text)) ||
	    (err = card_der_utf8_check(text)))
		return err;
	if (c->attribute[which - 1].p)
		return CARD_ERR_MALFORMED;
	c->attribute[which - 1] = text;
	return CARD_OK;
}

static enum card_error read_alt_name(struct card_cert *c, struct card_bytes value, bool subject,
				     enum card_cert_fault *fault)
{
	struct card_der in;
	enum card_error err = enter_only(value, CARD_DER_SEQUENCE, &in);
	if (err)
		return err;
	if (card_der_at_end(&in))
		return CARD_ERR_MALFORMED;
	while (!card_der_at_end(&in)) {
		struct card_der_item name;
		err = pki_general_name(&in, &name);
		if (err)
			return err;
		if (!subject || name.tag != 0xA0)
			continue;
		err = read_other_name(c, name.value);
		if (err) {
			*fault = CARD_CERT_FAULT_ATTRIBUTE;
			return err;
		}
	}
	return CARD_OK;
}

static enum card_error read_subject_alt_name(struct card_cert *c, struct card_bytes value,
					     enum card_cert_fault *fault)
{
	return read_alt_name(c, value, true, fault);
}

static enum card_error read_issuer_alt_name(struct card_cert *c, struct card_bytes value,
					    enum card_cert_fault *fault)
{
	return read_alt_name(c, value, false, fault);
}

static enum card_error read_dist_points(struct card_cert *c, struct card_bytes value)
{
	struct card_der in, point;
	enum card_error err = enter_only(value, CARD_DER_SEQUENCE, &in);
	if (err)
		return err;
	if (card_der_at_end(&in))
		return CARD_ERR_MALFORMED;
	while (!card_der_at_end(&in)) {
		struct card_bytes name, reasons, issuer;
		bool has_name, has_reasons, has_issuer;
		if ((err = card_der_enter(&in, CARD_DER_SEQUENCE, &point)) ||
		    (err = card_der_take_optional(&point, CARD_DER_CONTEXT_CONSTRUCTED(0), &name,
						  &has_name)) ||
		    (err = card_der_take_optional(&point, CARD_DER_CONTEXT(1), &reasons,
						  &has_reasons)) ||
		    (err = card_der_take_optional(&point, CARD_DER_CONTEXT_CONSTRUCTED(2), &issuer,
						  &has_issuer)) ||
		    (err = card_der_finish(&point)))
			return err;
		if (!has_name && !has_issuer)
			return CARD_ERR_MALFORMED;
		uint16_t bits;
		if (has_reasons && (err = card_der_named_bits(reasons, &bits)))
			return err;
		for (struct card_der n = card_der_over(issuer); !card_der_at_end(&n);) {
			struct card_der_item item;
			if ((err = pki_general_name(&n, &item)))
				return err;
		}
		if (!has_name)
			continue;
		struct pki_dist_point dp;
		if ((err = pki_dist_point_name(name, &dp)))
			return err;
		if (has_reasons || has_issuer || c->dist_point.p || c->dist_point_uri.p)
			continue;
		c->dist_point = dp.directory;
		if (!dp.directory.p)
			c->dist_point_uri = dp.uri;
	}
	return CARD_OK;
}

static bool begins_with(struct card_bytes text, const char *prefix)
{
	size_t n = strlen(prefix);
	return text.n > n && memcmp(text.p, prefix, n) == 0;
}

static enum card_error read_info_access(struct card_cert *c, struct card_bytes value)
{
	struct card_der in, access;
	enum card_error err = enter_only(value, CARD_DER_SEQUENCE, &in);
	if (err)
		return err;
	if (card_der_at_end(&in))
		return CARD_ERR_MALFORMED;
	while (!card_der_at_end(&in)) {
		struct card_bytes method;
		struct card_der_item location;
		if ((err = card_der_enter(&in, CARD_DER_SEQUENCE, &access)) ||
		    (err = card_der_take(&access, CARD_DER_OID, &method)) ||
		    (err = card_der_oid_check(method)) ||
		    (err = pki_general_name(&access, &location)) ||
		    (err = card_der_finish(&access)))
			return err;
		if (!c->ocsp_uri.p && location.tag == 0x86 && pki_oid_is(method, oid_ocsp) &&
		    (begins_with(location.value, "http://") ||
		     begins_with(location.value, "https://")))
			c->ocsp_uri = location.value;
	}
	return CARD_OK;
}

static enum card_error read_ocsp_nocheck(struct card_bytes value)
{
	struct card_bytes content;
	enum card_error err = take_only(value, CARD_DER_NULL, &content);
	return err ? err : content.n == 0 ? CARD_OK : CARD_ERR_MALFORMED;
}

/* ---- the list ---- */

static const struct {
	struct card_bytes oid;
	enum card_cert_ext ext;
	enum card_cert_fault fault;
} known[] = {
	{PKI_OID(PKI_OID_EXT(15)), CARD_EXT_KEY_USAGE, CARD_CERT_FAULT_KEY_USAGE},
	{PKI_OID(PKI_OID_EXT(37)), CARD_EXT_EXT_KEY_USAGE, CARD_CERT_FAULT_EXT_KEY_USAGE},
	{PKI_OID(PKI_OID_EXT(19)), CARD_EXT_BASIC_CONSTRAINTS, CARD_CERT_FAULT_BASIC_CONSTRAINTS},
	{PKI_OID(PKI_OID_EXT(32)), CARD_EXT_POLICIES, CARD_CERT_FAULT_POLICIES},
	{PKI_OID(PKI_OID_EXT(14)), CARD_EXT_SUBJECT_KEY_ID, CARD_CERT_FAULT_KEY_ID},
	{PKI_OID(PKI_OID_EXT(35)), CARD_EXT_AUTHORITY_KEY_ID, CARD_CERT_FAULT_KEY_ID},
	{PKI_OID(PKI_OID_EXT(17)), CARD_EXT_SUBJECT_ALT_NAME, CARD_CERT_FAULT_ALT_NAME},
	{PKI_OID(PKI_OID_EXT(18)), CARD_EXT_ISSUER_ALT_NAME, CARD_CERT_FAULT_ALT_NAME},
	{PKI_OID(PKI_OID_EXT(31)), CARD_EXT_CRL_DIST_POINTS, CARD_CERT_FAULT_DIST_POINT},
	{PKI_OID(PKI_OID_PKIX, 0x01, 0x01), CARD_EXT_INFO_ACCESS, CARD_CERT_FAULT_INFO_ACCESS},
	{PKI_OID(PKI_OID_PKIX, 0x30, 0x01, 0x05), CARD_EXT_OCSP_NOCHECK,
	 CARD_CERT_FAULT_EXTENSIONS},
};

static enum card_error read_known(struct card_cert *c, enum card_cert_ext ext,
				  struct card_bytes value, enum card_cert_fault *fault)
{
	switch (ext) {
	case CARD_EXT_KEY_USAGE:
		return read_key_usage(c, value);
	case CARD_EXT_EXT_KEY_USAGE:
		return read_ext_key_usage(c, value);
	case CARD_EXT_BASIC_CONSTRAINTS:
		return read_basic_constraints(c, value);
	case CARD_EXT_POLICIES:
		return read_policies(c, value);
	case CARD_EXT_SUBJECT_KEY_ID:
		return read_subject_key_id(c, value);
	case CARD_EXT_AUTHORITY_KEY_ID:
		return read_authority_key_id(c, value);
	case CARD_EXT_SUBJECT_ALT_NAME:
		return read_subject_alt_name(c, value, fault);
	case CARD_EXT_ISSUER_ALT_NAME:
		return read_issuer_alt_name(c, value, fault);
	case CARD_EXT_CRL_DIST_POINTS:
		return read_dist_points(c, value);
	case CARD_EXT_INFO_ACCESS:
		return read_info_access(c, value);
	case CARD_EXT_OCSP_NOCHECK:
		return read_ocsp_nocheck(value);
	case CARD_EXT_COUNT_:
		break;
	}
	return CARD_ERR_INTERNAL;
}

/* Constraints that this library does not apply, which belong into CA certificates
 * (RFC 5280 §4.2.1.5, .10, .11, .14) or proxies (RFC 3820): a certificate with one
 * counts as having a critical extension that is not understood, marked so or not. */
static const struct card_bytes constraints[] = {
	PKI_OID(PKI_OID_EXT(30)), PKI_OID(PKI_OID_EXT(33)),          PKI_OID(PKI_OID_EXT(36)),
	PKI_OID(PKI_OID_EXT(54)), PKI_OID(PKI_OID_PKIX, 0x01, 0x0E),
};

static bool is_constraint(struct card_bytes oid)
{
	for (size_t i = 0; i < sizeof(constraints) / sizeof(constraints[0]); i++)
		if (pki_oid_is(oid, constraints[i]))
			return true;
	return false;
}

static enum card_error read_extension(struct card_cert *c, struct card_der *ext,
				      struct card_bytes *oid, enum card_cert_fault *fault)
{
	struct card_bytes flag, value;
	bool there, critical = false;
	enum card_error err;
	if ((err = card_der_take(ext, CARD_DER_OID, oid)) || (err = card_der_oid_check(*oid)) ||
	    (err = card_der_take_optional(ext, CARD_DER_BOOLEAN, &flag, &there)))
		return err;
	if (there && (err = card_der_boolean(flag, &critical)))
		return err;
	/* X.690 §11.5: the default FALSE is not encoded. */
	if (there && !critical)
		return CARD_ERR_MALFORMED;
	if ((err = card_der_take(ext, CARD_DER_OCTET_STRING, &value)) ||
	    (err = card_der_finish(ext)))
		return err;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!pki_oid_is(*oid, known[i].oid))
			continue;
		uint32_t bit = 1u << known[i].ext;
		c->present |= bit;
		if (critical)
			c->critical |= bit;
		*fault = known[i].fault;
		return read_known(c, known[i].ext, value, fault);
	}
	if ((critical || is_constraint(*oid)) && !c->unknown_critical.p)
		c->unknown_critical = *oid;
	return CARD_OK;
}

enum card_error pki_cert_extensions(struct card_cert *c, struct card_der list,
				    enum card_cert_fault *fault)
{
	struct card_bytes seen[PKI_EXTENSIONS_MAX];
	for (size_t n = 0; !card_der_at_end(&list); n++) {
		*fault = CARD_CERT_FAULT_LIMIT;
		if (n == PKI_EXTENSIONS_MAX)
			return CARD_ERR_TOO_LONG;
		*fault = CARD_CERT_FAULT_EXTENSIONS;
		struct card_der ext;
		enum card_error err = card_der_enter(&list, CARD_DER_SEQUENCE, &ext);
		if (!err)
			err = read_extension(c, &ext, &seen[n], fault);
		if (err)
			return err == CARD_ERR_TRUNCATED ? CARD_ERR_MALFORMED : err;
		for (size_t i = 0; i < n; i++) {
			if (!pki_oid_is(seen[i], seen[n]))
				continue;
			*fault = CARD_CERT_FAULT_DUPLICATE;
			return CARD_ERR_MALFORMED;
		}
	}
	return CARD_OK;
}
