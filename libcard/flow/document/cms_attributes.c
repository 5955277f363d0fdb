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

/* ---- signing-certificate-v2 ---- */

static bool issuer_serial_is(struct card_der *ess, const card_cert_t *cert)
{
	struct card_der is, names, name;
	struct card_der_item issuer;
	struct card_bytes serial, magnitude;

	if (card_der_at_end(ess))
		return true; /* optional (RFC 5035 §5) */
	return card_der_enter(ess, CARD_DER_SEQUENCE, &is) == CARD_OK &&
	       card_der_enter(&is, CARD_DER_SEQUENCE, &names) == CARD_OK &&
	       card_der_enter(&names, CARD_DER_CONTEXT_CONSTRUCTED(4u), &name) == CARD_OK &&
	       card_der_at_end(&names) && card_der_next(&name, &issuer) == CARD_OK &&
	       card_der_at_end(&name) && card_bytes_equal(issuer.whole, card_cert_issuer(cert)) &&
	       card_der_take(&is, CARD_DER_INTEGER, &serial) == CARD_OK && card_der_at_end(&is) &&
	       card_der_unsigned(serial, &magnitude) == CARD_OK &&
	       card_bytes_equal(magnitude, card_cert_serial(cert)) && card_der_at_end(ess);
}

bool cms_signing_certificate_is(struct card_bytes attribute, const card_cert_t *cert)
{
	struct card_der top = card_der_over(attribute), c, list, ess;
	struct card_der_item item;
	enum card_hash hash = CARD_HASH_SHA256;
	struct card_bytes digest;
	uint8_t want[CARD_HASH_MAX];

	if (card_der_enter(&top, CARD_DER_SEQUENCE, &c) != CARD_OK ||
	    card_der_enter(&c, CARD_DER_SEQUENCE, &list) != CARD_OK ||
	    card_der_enter(&list, CARD_DER_SEQUENCE, &ess) != CARD_OK)
		return false;
	if (card_der_peek(&ess) == CARD_DER_SEQUENCE) {
		if (card_der_next(&ess, &item) != CARD_OK)
			return false;
		hash = cms_hash_of(item.whole);
	}
	if (hash == CARD_HASH_NONE || hash == CARD_HASH_SHA1 ||
	    card_der_take(&ess, CARD_DER_OCTET_STRING, &digest) != CARD_OK ||
	    card_hash_digest(hash, card_cert_der(cert), want) != CARD_OK)
		return false;
	return card_bytes_equal(digest, card_bytes(want, card_hash_size(hash))) &&
	       issuer_serial_is(&ess, cert);
}
