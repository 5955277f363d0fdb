/* SPDX-License-Identifier: Apache-2.0 */
/* cms_case.h — CMS signatures as they are made here, and built by hand with one thing wrong. */
#ifndef CMS_CASE_H
#define CMS_CASE_H

#include <card/der.h>
#include <cardflow/sign.h>

#include "made_document.h"
#include "test.h"

static struct made_person person, stranger;
static const char text[] = "この文書に同意します。\n";

static inline struct card_bytes content(void)
{
	return card_bytes(text, sizeof text - 1);
}

static inline card_buf_t sign_as(struct made_person *p, bool attached, unsigned flags)
{
	const struct flow_signer s = made_signer(p);
	const struct card_bytes c = content();
	uint8_t digest[CARD_HASH_MAX];
	card_buf_t out = {0};

	assert_ok(card_hash_digest(CARD_HASH_SHA256, c, digest));
	assert_ok(flow_cms_sign(&s, card_bytes(digest, 32), attached ? &c : NULL, flags, &out));
	return out;
}

/* ---- a SignedData with one thing wrong ---- */

struct variant {
	const char *econtent, *attr_type; /* dotted OIDs */
	bool no_type, wrong_digest, no_digest, two_digests, no_attrs, unsorted, digest_set_of_two;
	bool ess, ess_other, ess_wrong_serial;
	bool by_key_id, wrong_key_id;
	bool sha1, other_hash_alg, other_sig_alg;
	unsigned version, signer_version;
	const card_buf_t *second_cert;
	bool second_signer_bad, no_cert;
	bool trailing;
	bool ber_attrs, ber_cert; /* with lengths longer than DER has them */
};

static inline void algorithm(card_buf_t *o, const char *oid, bool null)
{
	const size_t at = o->n;

	made_oid(o, oid);
	if (null)
		made_tlv(o, CARD_DER_NULL, card_bytes(NULL, 0));
	made_wrap(o, at, 0x30);
}

static inline void attribute(card_buf_t *o, const char *oid, unsigned tag, struct card_bytes v,
			     bool twice)
{
	const size_t at = o->n;
	size_t set;

	made_oid(o, oid);
	set = o->n;
	made_tlv(o, tag, v);
	if (twice)
		made_tlv(o, tag, v);
	made_wrap(o, set, 0x31);
	made_wrap(o, at, 0x30);
}

static inline const char *hash_oid(const struct variant *v)
{
	return v->sha1 ? "1.3.14.3.2.26" : "2.16.840.1.101.3.4.2.1";
}

static inline void ess(card_buf_t *o, const struct variant *v)
{
	const struct made_person *of = v->ess_other ? &stranger : &person;
	uint8_t fp[CARD_HASH_MAX];
	card_buf_t value = {0}, names = {0};

	assert_ok(card_hash_digest(CARD_HASH_SHA256, card_buf_bytes(&of->der), fp));
	made_tlv(&value, 0x04, card_bytes(fp, 32));
	made_tlv(&names, 0xA4, card_cert_issuer(of->cert));
	made_wrap(&names, 0, 0x30);
	made_int(&names, v->ess_wrong_serial ? 99 : 0x1234567);
	made_wrap(&names, 0, 0x30);
	assert_ok(card_buf_append(&value, card_buf_bytes(&names)));
	made_wrap(&value, 0, 0x30);
	made_wrap(&value, 0, 0x30);
	attribute(o, "1.2.840.113549.1.9.16.2.47", 0x30, card_buf_bytes(&value), false);
	card_buf_free(&value);
	card_buf_free(&names);
}

/* In DER order: 1.9.3 and 1.9.4 have shorter encodings than 1.9.16.2.47. */
static inline void attributes(card_buf_t *o, const struct variant *v)
{
	uint8_t digest[CARD_HASH_MAX];
	card_buf_t type = {0}, t = {0}, d = {0};
	const enum card_hash h = v->sha1 ? CARD_HASH_SHA1 : CARD_HASH_SHA256;

	made_oid(&type, v->attr_type != NULL ? v->attr_type : "1.2.840.113549.1.7.1");
	attribute(&t, "1.2.840.113549.1.9.3", 0x06, card_bytes(type.p + 2, type.n - 2), false);
	assert_ok(card_hash_digest(h, content(), digest));
	if (v->wrong_digest)
		digest[0] ^= 1;
	attribute(&d, "1.2.840.113549.1.9.4", 0x04, card_bytes(digest, card_hash_size(h)),
		  v->digest_set_of_two);
	if (!v->no_type && !v->unsorted)
		assert_ok(card_buf_append(o, card_buf_bytes(&t)));
	if (!v->no_digest)
		assert_ok(card_buf_append(o, card_buf_bytes(&d)));
	if (v->two_digests)
		assert_ok(card_buf_append(o, card_buf_bytes(&d)));
	if (v->unsorted)
		assert_ok(card_buf_append(o, card_buf_bytes(&t)));
	if (v->ess)
		ess(o, v);
	card_buf_free(&type);
	card_buf_free(&t);
	card_buf_free(&d);
}

/* An element as it is, or with its length in four octets instead of the fewest. */
static inline void element(card_buf_t *o, struct card_bytes der, bool ber)
{
	const size_t head = der.p[1] < 0x80 ? 2 : 2 + (size_t)(der.p[1] & 0x7F), n = der.n - head;
	const uint8_t longer[] = {der.p[0], 0x84, 0, 0, (uint8_t)(n >> 8), (uint8_t)n};

	if (!ber) {
		assert_ok(card_buf_append(o, der));
		return;
	}
	assert_ok(card_buf_append(o, card_bytes(longer, sizeof longer)));
	assert_ok(card_buf_append(o, card_bytes(der.p + head, n)));
}

static inline void signer_info(card_buf_t *o, const struct variant *v, bool bad)
{
	const size_t from = o->n;
	uint8_t digest[CARD_HASH_MAX];
	card_buf_t attrs = {0}, sig = {0};
	const enum card_hash h = v->sha1 ? CARD_HASH_SHA1 : CARD_HASH_SHA256;

	made_int(o, v->signer_version != 0 ? v->signer_version : v->by_key_id ? 3 : 1);
	if (v->by_key_id) {
		const struct card_bytes id = card_cert_subject_key_id(person.cert);
		uint8_t copy[20];

		memcpy(copy, id.p, sizeof copy);
		copy[3] ^= v->wrong_key_id ? 1 : 0;
		made_tlv(o, 0x80, card_bytes(copy, sizeof copy));
	} else {
		const size_t sid = o->n;

		assert_ok(card_buf_append(o, card_cert_issuer(person.cert)));
		made_int(o, 0x1234567);
		made_wrap(o, sid, 0x30);
	}
	algorithm(o, v->other_hash_alg ? "2.16.840.1.101.3.4.2.2" : hash_oid(v), false);
	attributes(&attrs, v);
	made_wrap(&attrs, 0, 0x31);
	assert_ok(card_hash_digest(h, v->no_attrs ? content() : card_buf_bytes(&attrs), digest));
	made_sign_digest(&person.key, h, false, card_bytes(digest, card_hash_size(h)), &sig);
	if (bad)
		sig.p[100] ^= 4;
	attrs.p[0] = 0xA0;
	if (!v->no_attrs)
		element(o, card_buf_bytes(&attrs), v->ber_attrs);
	algorithm(o, v->other_sig_alg ? "1.2.840.113549.1.1.12" : "1.2.840.113549.1.1.1", true);
	made_tlv(o, 0x04, card_buf_bytes(&sig));
	made_wrap(o, from, 0x30);
	card_buf_free(&attrs);
	card_buf_free(&sig);
}

static inline card_buf_t make(const struct variant *v)
{
	card_buf_t o = {0}, whole = {0};
	size_t at;

	made_int(&o, v->version != 0 ? v->version : v->by_key_id ? 3 : 1);
	at = o.n;
	algorithm(&o, hash_oid(v), false);
	made_wrap(&o, at, 0x31);
	at = o.n;
	made_oid(&o, v->econtent != NULL ? v->econtent : "1.2.840.113549.1.7.1");
	made_wrap(&o, at, 0x30);
	at = o.n;
	if (!v->no_cert)
		element(&o, card_buf_bytes(&person.der), v->ber_cert);
	if (v->second_cert != NULL)
		assert_ok(card_buf_append(&o, card_buf_bytes(v->second_cert)));
	made_wrap(&o, at, 0xA0);
	at = o.n;
	signer_info(&o, v, false);
	if (v->second_signer_bad)
		signer_info(&o, v, true);
	made_wrap(&o, at, 0x31);
	made_wrap(&o, 0, 0x30);
	made_wrap(&o, 0, 0xA0);
	made_oid(&whole, "1.2.840.113549.1.7.2");
	assert_ok(card_buf_append(&whole, card_buf_bytes(&o)));
	made_wrap(&whole, 0, 0x30);
	if (v->trailing)
		assert_ok(card_buf_append_byte(&whole, 0));
	card_buf_free(&o);
	return whole;
}

#endif
