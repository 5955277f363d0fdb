/* SPDX-License-Identifier: Apache-2.0 */
/* GeneralName and what is made of it: distribution points, authority key identifiers. */
#include "pki_cert.h"
#include "pki_name.h"

/* The element that is the whole of value. */
static enum card_error enter_only(struct card_bytes value, unsigned tag, struct card_der *in)
{
	struct card_der c = card_der_over(value);
	enum card_error err = card_der_enter(&c, tag, in);
	return err ? err : card_der_finish(&c);
}

enum card_error pki_other_name(struct card_bytes content, struct card_bytes *oid,
			       struct card_bytes *value)
{
	struct card_der in = card_der_over(content), wrapper;
	struct card_der_item item;
	enum card_error err;
	if ((err = card_der_take(&in, CARD_DER_OID, oid)) || (err = card_der_oid_check(*oid)) ||
	    (err = card_der_enter(&in, CARD_DER_CONTEXT_CONSTRUCTED(0), &wrapper)) ||
	    (err = card_der_finish(&in)) || (err = card_der_next(&wrapper, &item)) ||
	    (err = card_der_finish(&wrapper)))
		return err;
	*value = item.whole;
	return card_der_check(item.whole, 12);
}

enum card_error pki_general_name(struct card_der *c, struct card_der_item *out)
{
	enum card_error err = card_der_next(c, out);
	if (err)
		return err;
	switch (out->tag) {
	case 0xA0: { /* otherName */
		struct card_bytes oid, value;
		return pki_other_name(out->value, &oid, &value);
	}
	case 0xA4: { /* directoryName: explicit, because Name is a CHOICE */
		struct card_der in = card_der_over(out->value);
		struct card_der_item name;
		err = card_der_next(&in, &name);
		if (!err)
			err = card_der_finish(&in);
		return err ? err : card_name_check(name.whole);
	}
	case 0x81: /* rfc822Name */
	case 0x82: /* dNSName */
	case 0x86: /* uniformResourceIdentifier */
		for (size_t i = 0; i < out->value.n; i++)
			if (out->value.p[i] == 0 || out->value.p[i] >= 0x80)
				return CARD_ERR_MALFORMED;
		return CARD_OK;
	case 0x87: /* iPAddress */
		return out->value.n == 4 || out->value.n == 16 ? CARD_OK : CARD_ERR_MALFORMED;
	case 0x88: /* registeredID */
		return card_der_oid_check(out->value);
	default:
		return CARD_ERR_MALFORMED;
	}
}

enum card_error pki_authority_key_id(struct card_bytes value, struct pki_authority *out)
{
	struct card_der in;
	struct card_bytes issuer, content;
	bool there, issuer_there;
	*out = (struct pki_authority){0};
	enum card_error err = enter_only(value, CARD_DER_SEQUENCE, &in);
	if (!err)
		err = card_der_take_optional(&in, CARD_DER_CONTEXT(0), &out->key_id, &there);
	if (err)
		return err;
	if (there && out->key_id.n == 0)
		return CARD_ERR_MALFORMED;
	if ((err = card_der_take_optional(&in, CARD_DER_CONTEXT_CONSTRUCTED(1), &issuer,
					  &issuer_there)) ||
	    (err = card_der_take_optional(&in, CARD_DER_CONTEXT(2), &content, &there)))
		return err;
	/* RFC 5280 §4.2.1.1: both or neither. */
	if (there != issuer_there)
		return CARD_ERR_MALFORMED;
	if (there && (err = card_der_unsigned(content, &out->serial)))
		return err;
	for (struct card_der names = card_der_over(issuer); !card_der_at_end(&names);) {
		struct card_der_item name;
		if ((err = pki_general_name(&names, &name)))
			return err;
		if (name.tag == 0xA4 && !out->issuer.p)
			out->issuer = name.value;
	}
	return card_der_finish(&in);
}

enum card_error pki_dist_point_name(struct card_bytes content, struct pki_dist_point *out)
{
	*out = (struct pki_dist_point){0};
	struct card_der c = card_der_over(content);
	struct card_der_item choice;
	enum card_error err = card_der_next(&c, &choice);
	if (!err)
		err = card_der_finish(&c);
	if (err)
		return err;
	if (choice.tag == CARD_DER_CONTEXT_CONSTRUCTED(1)) {
		out->relative = true;
		return pki_rdn_check(choice.value);
	}
	if (choice.tag != CARD_DER_CONTEXT_CONSTRUCTED(0) || choice.value.n == 0)
		return CARD_ERR_MALFORMED;
	struct card_der names = card_der_over(choice.value);
	while (!card_der_at_end(&names)) {
		struct card_der_item name;
		err = pki_general_name(&names, &name);
		if (err)
			return err;
		if (name.tag == 0xA4 && !out->directory.p)
			out->directory = name.value;
		if (name.tag == 0x86 && !out->uri.p)
			out->uri = name.value;
	}
	return CARD_OK;
}
