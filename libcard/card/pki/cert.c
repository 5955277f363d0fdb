/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a certificate: the outer structure. Extensions are in cert_ext.c. */
#include <stdlib.h>
#include <string.h>

#include "pki_cert.h"
#include "pki_oid.h"

enum card_error pki_time_read(struct card_der *c, int64_t *out)
{
	struct card_der_item item;
	enum card_error err = card_der_next(c, &item);
	if (!err)
		err = card_der_time(item.tag, item.value, out);
	if (err)
		return err;
	const int64_t year_2050 = 2524608000; /* 2050-01-01T00:00:00Z */
	if (item.tag == CARD_DER_GENERALIZED_TIME && *out < year_2050)
		return CARD_ERR_MALFORMED;
	return CARD_OK;
}

static enum card_error read_validity(struct card_der *c, int64_t *not_before, int64_t *not_after)
{
	struct card_der in;
	enum card_error err = card_der_enter(c, CARD_DER_SEQUENCE, &in);
	if (!err)
		err = pki_time_read(&in, not_before);
	if (!err)
		err = pki_time_read(&in, not_after);
	return err ? err : card_der_finish(&in);
}

/* RFC 5280 §4.1.2.2: positive, at most 20 octets. */
static enum card_error read_serial(struct card_der *c, struct card_bytes *serial)
{
	struct card_bytes content;
	enum card_error err = card_der_take(c, CARD_DER_INTEGER, &content);
	if (!err)
		err = card_der_unsigned(content, serial);
	if (err)
		return err;
	if (content.n > 20 || (serial->n == 1 && serial->p[0] == 0))
		return CARD_ERR_MALFORMED;
	return CARD_OK;
}

static enum card_error read_version(struct card_der *c)
{
	struct card_der in;
	struct card_bytes content;
	uint32_t version;
	enum card_error err = card_der_enter(c, CARD_DER_CONTEXT_CONSTRUCTED(0), &in);
	if (!err)
		err = card_der_take(&in, CARD_DER_INTEGER, &content);
	if (!err)
		err = card_der_finish(&in);
	if (!err)
		err = card_der_u32(content, &version);
	if (!err && version != 2)
		err = CARD_ERR_MALFORMED;
	return err;
}

static enum card_error read_name(struct card_der *c, struct card_bytes *name)
{
	struct card_der_item item;
	enum card_error err = card_der_next(c, &item);
	if (err)
		return err;
	*name = item.whole;
	return card_name_check(item.whole);
}

enum card_error pki_whole_read(struct card_der *c, unsigned tag, struct card_bytes *whole)
{
	if (card_der_peek(c) != tag)
		return card_der_at_end(c) ? CARD_ERR_TRUNCATED : CARD_ERR_MALFORMED;
	struct card_der_item item;
	enum card_error err = card_der_next(c, &item);
	if (!err)
		*whole = item.whole;
	return err;
}

/* issuerUniqueID and subjectUniqueID: skipped if well-formed. */
static enum card_error skip_unique_ids(struct card_der *tbs)
{
	for (unsigned n = 1; n <= 2; n++) {
		struct card_bytes content, octets;
		unsigned unused;
		bool there;
		enum card_error err =
			card_der_take_optional(tbs, CARD_DER_CONTEXT(n), &content, &there);
		if (!err && there)
			err = card_der_bits(content, &unused, &octets);
		if (err)
			return err;
	}
	return CARD_OK;
}

/* The steps after the serial number, in order; *fault names the one that fails. */
static enum card_error read_tbs(struct card_cert *c, struct card_der *tbs,
				enum card_cert_fault *fault)
{
	struct card_bytes algorithm;
	enum card_error err;

	*fault = CARD_CERT_FAULT_VERSION;
	if ((err = read_version(tbs)))
		return err;
	*fault = CARD_CERT_FAULT_SERIAL;
	if ((err = read_serial(tbs, &c->serial)))
		return err;
	*fault = CARD_CERT_FAULT_ALGORITHM;
	if ((err = pki_whole_read(tbs, CARD_DER_SEQUENCE, &algorithm)))
		return err;
	if (!card_bytes_equal(algorithm, c->sig_algorithm))
		return CARD_ERR_MALFORMED;
	*fault = CARD_CERT_FAULT_NAME;
	if ((err = read_name(tbs, &c->issuer)))
		return err;
	if (c->issuer.n <= 2)
		return CARD_ERR_MALFORMED;
	*fault = CARD_CERT_FAULT_VALIDITY;
	if ((err = read_validity(tbs, &c->not_before, &c->not_after)))
		return err;
	*fault = CARD_CERT_FAULT_NAME;
	if ((err = read_name(tbs, &c->subject)))
		return err;
	*fault = CARD_CERT_FAULT_KEY;
	if ((err = pki_whole_read(tbs, CARD_DER_SEQUENCE, &c->spki)))
		return err;
	if ((err = card_key_parse(c->spki, &c->key)))
		return err;
	*fault = CARD_CERT_FAULT_STRUCTURE;
	if ((err = skip_unique_ids(tbs)))
		return err;
	if (card_der_at_end(tbs))
		return CARD_OK;
	*fault = CARD_CERT_FAULT_EXTENSIONS;
	struct card_der wrapper, list;
	if ((err = card_der_enter(tbs, CARD_DER_CONTEXT_CONSTRUCTED(3), &wrapper)))
		return err;
	if ((err = card_der_enter(&wrapper, CARD_DER_SEQUENCE, &list)))
		return err;
	if (card_der_at_end(&list))
		return CARD_ERR_MALFORMED;
	if ((err = card_der_finish(&wrapper)) || (err = card_der_finish(tbs)))
		return err;
	return pki_cert_extensions(c, list, fault);
}

enum card_error pki_cert_read(struct card_cert *c, struct card_bytes der,
			      enum card_cert_fault *fault)
{
	struct card_der outer = card_der_over(der), cert, tbs;
	struct card_bytes bits;
	unsigned unused;
	size_t whole;
	*c = (struct card_cert){.der = der, .path_length = -1};

	*fault = CARD_CERT_FAULT_LIMIT;
	if (der.n > CARD_CERT_MAX)
		return CARD_ERR_TOO_LONG;
	*fault = CARD_CERT_FAULT_STRUCTURE;
	enum card_error err = card_der_length(der, &whole);
	if (err)
		return err;
	*fault = CARD_CERT_FAULT_LENGTH;
	if (whole != der.n)
		return whole > der.n ? CARD_ERR_TRUNCATED : CARD_ERR_MALFORMED;
	*fault = CARD_CERT_FAULT_STRUCTURE;
	if ((err = card_der_enter(&outer, CARD_DER_SEQUENCE, &cert)) ||
	    (err = pki_whole_read(&cert, CARD_DER_SEQUENCE, &c->tbs)))
		return err;
	*fault = CARD_CERT_FAULT_ALGORITHM;
	if ((err = pki_whole_read(&cert, CARD_DER_SEQUENCE, &c->sig_algorithm)) ||
	    (err = card_sig_alg_parse(c->sig_algorithm, &c->sig_alg)))
		return err;
	*fault = CARD_CERT_FAULT_SIGNATURE;
	if ((err = card_der_take(&cert, CARD_DER_BIT_STRING, &bits)) ||
	    (err = card_der_bits(bits, &unused, &c->signature)) || (err = card_der_finish(&cert)))
		return err;
	if (unused != 0 || c->signature.n == 0)
		return CARD_ERR_MALFORMED;
	struct card_der all = card_der_over(c->tbs);
	*fault = CARD_CERT_FAULT_STRUCTURE;
	if ((err = card_der_enter(&all, CARD_DER_SEQUENCE, &tbs)) ||
	    (err = read_tbs(c, &tbs, fault)))
		return err;
	pki_cert_classify(c);
	*fault = CARD_CERT_FAULT_NONE;
	return CARD_OK;
}

enum card_error card_cert_parse(card_cert_t **out, struct card_bytes der,
				enum card_cert_fault *fault)
{
	enum card_cert_fault ignored;
	if (!out || (!der.p && der.n))
		return CARD_ERR_INVALID_ARGUMENT;
	if (!fault)
		fault = &ignored;
	*out = NULL;
	*fault = CARD_CERT_FAULT_LIMIT;
	if (der.n > CARD_CERT_MAX)
		return CARD_ERR_TOO_LONG;
	*fault = CARD_CERT_FAULT_STRUCTURE;
	if (der.n == 0)
		return CARD_ERR_TRUNCATED;
	struct card_cert *c = malloc(sizeof(*c) + der.n);
	if (!c)
		return CARD_ERR_NO_MEMORY;
	memcpy(c->copy, der.p, der.n);
	enum card_error err = pki_cert_read(c, card_bytes(c->copy, der.n), fault);
	if (err) {
		free(c);
		return err;
	}
	*out = c;
	return CARD_OK;
}

enum card_error card_cert_new(card_cert_t **out, struct card_bytes der)
{
	return card_cert_parse(out, der, NULL);
}

void card_cert_free(card_cert_t **c)
{
	if (!c || !*c)
		return;
	free(*c);
	*c = NULL;
}

enum card_error card_cert_der_length(struct card_bytes prefix, size_t *length)
{
	if (!length || (!prefix.p && prefix.n))
		return CARD_ERR_INVALID_ARGUMENT;
	if (prefix.n > 0 && prefix.p[0] != CARD_DER_SEQUENCE)
		return CARD_ERR_MALFORMED;
	size_t whole;
	enum card_error err = card_der_length(prefix, &whole);
	if (err)
		return err;
	if (whole > CARD_CERT_MAX)
		return CARD_ERR_TOO_LONG;
	*length = whole;
	return CARD_OK;
}

/* Go inside a SEQUENCE whose end may lie beyond what is known. */
static enum card_error enter_partial(struct card_der *c)
{
	struct card_bytes left = card_bytes(c->p, (size_t)(c->end - c->p));
	size_t whole;
	if (left.n > 0 && left.p[0] != CARD_DER_SEQUENCE)
		return CARD_ERR_MALFORMED;
	enum card_error err = card_der_length(left, &whole);
	if (err)
		return err;
	size_t head = left.p[1] < 0x80 ? 2u : 2u + (left.p[1] & 0x7Fu);
	c->p += head;
	if (whole < left.n)
		c->end = left.p + whole;
	return CARD_OK;
}

enum card_error card_cert_dates_from_prefix(struct card_bytes prefix, int64_t *not_before,
					    int64_t *not_after)
{
	if (!not_before || !not_after || (!prefix.p && prefix.n))
		return CARD_ERR_INVALID_ARGUMENT;
	struct card_der c = card_der_over(prefix);
	struct card_bytes serial;
	struct card_der_item item;
	int64_t from, to;
	enum card_error err;
	/* Certificate, TBSCertificate */
	for (int i = 0; i < 2; i++) {
		if ((err = enter_partial(&c)))
			return err;
	}
	if ((err = read_version(&c)) || (err = read_serial(&c, &serial)))
		return err;
	/* signature, issuer */
	for (int i = 0; i < 2; i++) {
		if ((err = card_der_next(&c, &item)))
			return err;
		if (item.tag != CARD_DER_SEQUENCE)
			return CARD_ERR_MALFORMED;
	}
	if ((err = read_validity(&c, &from, &to)))
		return err;
	*not_before = from;
	*not_after = to;
	return CARD_OK;
}
