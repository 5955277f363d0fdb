/* SPDX-License-Identifier: Apache-2.0 */
/* cms_attributes.c — the signed attributes of a signer (RFC 5652 §11). */
#include "cms.h"

#include <string.h>

#include <card/der.h>

#include "oid.h"

/* X.690 §11.6: ascending order of the encodings. */
static bool ascending(struct card_bytes a, struct card_bytes b)
{
	const int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return order < 0 || (order == 0 && a.n < b.n);
}

/* Where the value of this attribute goes; NULL: one that nothing here depends on. */
static struct card_bytes *place_of(struct cms_attributes *a, struct card_bytes type)
{
	if (card_bytes_equal(type, OID_CONTENT_TYPE))
		return &a->content_type;
	if (card_bytes_equal(type, OID_MESSAGE_DIGEST))
		return &a->digest;
	if (card_bytes_equal(type, OID_SIGNING_TIME))
		return &a->time;
	if (card_bytes_equal(type, OID_SIGNING_CERT_V2))
		return &a->signing_cert;
	if (card_bytes_equal(type, OID_ALGORITHM_PROTECTION))
		return &a->protection;
	return NULL;
}

/* Attribute ::= SEQUENCE { type, SET OF value } */
static enum card_error one(struct card_bytes content, struct cms_attributes *a)
{
	struct card_der c = card_der_over(content), values;
	struct card_der_item item;
	struct card_bytes type, *place;

	if (card_der_take(&c, CARD_DER_OID, &type) != CARD_OK ||
	    card_der_enter(&c, CARD_DER_SET, &values) != CARD_OK || card_der_finish(&c) != CARD_OK)
		return CARD_ERR_MALFORMED;
	place = place_of(a, type);
	if (place == NULL)
		return CARD_OK;
	if (place->n > 0 || card_der_next(&values, &item) != CARD_OK || !card_der_at_end(&values)) {
		a->bad_count = true;
		return CARD_OK;
	}
	*place = item.whole;
	return CARD_OK;
}

enum card_error cms_attributes_read(struct card_bytes set, struct cms_attributes *out)
{
	struct card_der c = card_der_over(set);
	struct card_bytes before = {NULL, 0};
	struct card_der_item item;
	enum card_error err;

	memset(out, 0, sizeof(*out));
	while (!card_der_at_end(&c)) {
		err = card_der_next(&c, &item);
		if (err != CARD_OK || item.tag != CARD_DER_SEQUENCE)
			return CARD_ERR_MALFORMED;
		if (before.n > 0 && !ascending(before, item.whole))
			out->bad_order = true;
		before = item.whole;
		err = one(item.value, out);
		if (err != CARD_OK)
			return err;
	}
	return CARD_OK;
}
