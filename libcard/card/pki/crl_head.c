/* SPDX-License-Identifier: Apache-2.0 */
/* Head and tail of a list: what stands before and after its entries. */
#include <string.h>

#include <card/der.h>

#include "pki_crl.h"
#include "pki_oid.h"

static enum card_crl_refusal refusal(enum card_error err)
{
	return err == CARD_ERR_TRUNCATED ? CARD_CRL_REFUSED_TRUNCATED : CARD_CRL_REFUSED_MALFORMED;
}

/* Tag, length and where the content begins, of an element that may go on beyond
 * the block. */
static enum card_error open_element(struct card_der *c, unsigned tag, size_t *whole)
{
	struct card_bytes left = card_bytes(c->p, (size_t)(c->end - c->p));
	if (left.n == 0)
		return CARD_ERR_TRUNCATED;
	if (left.p[0] != tag)
		return CARD_ERR_MALFORMED;
	enum card_error err = card_der_length(left, whole);
	if (err)
		return err;
	c->p += left.p[1] < 0x80 ? 2u : 2u + (left.p[1] & 0x7Fu);
	return CARD_OK;
}

static enum card_crl_refusal read_version(struct card_der *c)
{
	struct card_bytes content;
	uint32_t version;
	bool there;
	if (card_der_take_optional(c, CARD_DER_INTEGER, &content, &there))
		return CARD_CRL_REFUSED_MALFORMED;
	/* RFC 5280 §5.1.2.1: present and v2 (1), since there are extensions. */
	if (!there || card_der_u32(content, &version) || version != 1)
		return CARD_CRL_REFUSED_VERSION;
	return CARD_CRL_TAKEN;
}

static enum card_crl_refusal read_algorithm(struct card_der *c, struct pki_crl_head *h,
					    struct pki_crl_list *l)
{
	struct card_bytes algorithm;
	enum card_error err = pki_whole_read(c, CARD_DER_SEQUENCE, &algorithm);
	if (err)
		return refusal(err);
	if (algorithm.n > sizeof(h->algorithm_copy) || card_sig_alg_parse(algorithm, &l->alg))
		return CARD_CRL_REFUSED_ALGORITHM;
	memcpy(h->algorithm_copy, algorithm.p, algorithm.n);
	h->algorithm = card_bytes(h->algorithm_copy, algorithm.n);
	return CARD_CRL_TAKEN;
}

static enum card_crl_refusal read_dates(struct card_der *c, struct pki_crl_list *l)
{
	enum card_error err = pki_time_read(c, &l->this_update);
	if (err)
		return refusal(err);
	unsigned tag = card_der_peek(c);
	l->has_next = tag == CARD_DER_UTC_TIME || tag == CARD_DER_GENERALIZED_TIME;
	if (l->has_next && (err = pki_time_read(c, &l->next_update)))
		return refusal(err);
	return CARD_CRL_TAKEN;
}

enum card_crl_refusal pki_crl_head_read(struct card_bytes block, struct pki_crl_head *h,
					struct pki_crl_list *l)
{
	struct card_der c = card_der_over(block);
	size_t whole;
	enum card_error err = open_element(&c, CARD_DER_SEQUENCE, &whole);
	if (err)
		return refusal(err);
	h->file_end = whole;
	h->tbs_from = (uint64_t)(c.p - block.p);
	if ((err = open_element(&c, CARD_DER_SEQUENCE, &whole)))
		return refusal(err);
	h->tbs_to = h->tbs_from + whole;
	if (h->tbs_to > h->file_end)
		return CARD_CRL_REFUSED_MALFORMED;
	if (h->tbs_to < block.n)
		c.end = block.p + h->tbs_to;

	enum card_crl_refusal no = read_version(&c);
	if (!no)
		no = read_algorithm(&c, h, l);
	if (no)
		return no;
	struct card_bytes name;
	if ((err = pki_whole_read(&c, CARD_DER_SEQUENCE, &name)))
		return refusal(err);
	if (card_name_check(name) || name.n <= 2)
		return CARD_CRL_REFUSED_MALFORMED;
	if (card_buf_append(&l->issuer, name))
		return CARD_CRL_REFUSED_LIMIT;
	if ((no = read_dates(&c, l)))
		return no;

	h->entries_from = h->entries_to = (uint64_t)(c.p - block.p);
	if (c.p == c.end && h->tbs_to > h->entries_from)
		return CARD_CRL_REFUSED_TRUNCATED;
	if (card_der_peek(&c) == CARD_DER_SEQUENCE) {
		const uint8_t *start = c.p;
		if ((err = open_element(&c, CARD_DER_SEQUENCE, &whole)))
			return refusal(err);
		h->entries_to = (uint64_t)(start - block.p) + whole;
		h->entries_from = (uint64_t)(c.p - block.p);
		if (h->entries_to > h->tbs_to)
			return CARD_CRL_REFUSED_MALFORMED;
	}
	return CARD_CRL_TAKEN;
}

/* ---- extensions of the list ---- */

static const struct card_bytes oid_number = PKI_OID(PKI_OID_EXT(20));
static const struct card_bytes oid_delta = PKI_OID(PKI_OID_EXT(27));
static const struct card_bytes oid_point = PKI_OID(PKI_OID_EXT(28));
static const struct card_bytes oid_authority = PKI_OID(PKI_OID_EXT(35));

/* cRLNumber, BaseCRLNumber: up to 20 octets (RFC 5280 §5.2.3). */
static enum card_crl_refusal read_number(struct card_bytes value, struct card_bytes *out)
{
	struct card_der c = card_der_over(value);
	struct card_bytes content;
	if (card_der_take(&c, CARD_DER_INTEGER, &content) || card_der_finish(&c) ||
	    card_der_unsigned(content, out) || content.n > 20)
		return CARD_CRL_REFUSED_MALFORMED;
	return CARD_CRL_TAKEN;
}

/* issuingDistributionPoint (RFC 5280 §5.2.5). A list of user certificates only
 * covers all that this library asks for; any other restriction does not. */
static enum card_crl_refusal read_point(struct card_bytes value, struct pki_crl_list *l)
{
	struct card_der c = card_der_over(value), in;
	struct card_bytes content;
	bool there;
	if (card_der_enter(&c, CARD_DER_SEQUENCE, &in) || card_der_finish(&c) ||
	    card_der_at_end(&in))
		return CARD_CRL_REFUSED_MALFORMED;
	if (card_der_take_optional(&in, CARD_DER_CONTEXT_CONSTRUCTED(0), &content, &l->has_point))
		return CARD_CRL_REFUSED_MALFORMED;
	if (l->has_point && pki_dist_point_name(content, &l->point))
		return CARD_CRL_REFUSED_MALFORMED;
	if (l->has_point && !l->point.directory.p && !l->point.uri.p)
		return CARD_CRL_REFUSED_SCOPE;
	/* [1] user, [2] CA certificates, [4] indirect, [5] attribute certificates: BOOLEAN
	 * DEFAULT FALSE; [3] onlySomeReasons. */
	for (unsigned tag = 1; tag <= 5; tag++) {
		bool yes = false;
		if (card_der_take_optional(&in, CARD_DER_CONTEXT(tag), &content, &there))
			return CARD_CRL_REFUSED_MALFORMED;
		if (!there)
			continue;
		if (tag != 3 && (card_der_boolean(content, &yes) || !yes))
			return CARD_CRL_REFUSED_MALFORMED;
		if (tag != 1)
			return CARD_CRL_REFUSED_SCOPE;
	}
	return card_der_finish(&in) ? CARD_CRL_REFUSED_MALFORMED : CARD_CRL_TAKEN;
}

static enum card_crl_refusal read_extension(struct card_der *ext, struct pki_crl_list *l,
					    struct card_bytes *oid)
{
	struct card_bytes flag, value;
	bool there, critical = false;
	if (card_der_take(ext, CARD_DER_OID, oid) || card_der_oid_check(*oid) ||
	    card_der_take_optional(ext, CARD_DER_BOOLEAN, &flag, &there))
		return CARD_CRL_REFUSED_MALFORMED;
	if (there && (card_der_boolean(flag, &critical) || !critical))
		return CARD_CRL_REFUSED_MALFORMED;
	if (card_der_take(ext, CARD_DER_OCTET_STRING, &value) || card_der_finish(ext))
		return CARD_CRL_REFUSED_MALFORMED;
	if (pki_oid_is(*oid, oid_number))
		return read_number(value, &l->number);
	if (pki_oid_is(*oid, oid_delta)) {
		l->delta = true;
		return read_number(value, &l->base_number);
	}
	if (pki_oid_is(*oid, oid_point))
		return read_point(value, l);
	if (pki_oid_is(*oid, oid_authority))
		return pki_authority_key_id(value, &l->authority) ? CARD_CRL_REFUSED_MALFORMED
								  : CARD_CRL_TAKEN;
	return critical ? CARD_CRL_REFUSED_CRITICAL : CARD_CRL_TAKEN;
}

#define LIST_EXTENSIONS_MAX 16u

static enum card_crl_refusal read_extensions(struct card_bytes all, struct pki_crl_list *l)
{
	struct card_der c = card_der_over(all), wrapper, list;
	struct card_bytes seen[LIST_EXTENSIONS_MAX];
	if (card_der_enter(&c, CARD_DER_CONTEXT_CONSTRUCTED(0), &wrapper) || card_der_finish(&c) ||
	    card_der_enter(&wrapper, CARD_DER_SEQUENCE, &list) || card_der_finish(&wrapper) ||
	    card_der_at_end(&list))
		return CARD_CRL_REFUSED_MALFORMED;
	for (size_t n = 0; !card_der_at_end(&list); n++) {
		struct card_der ext;
		if (n == LIST_EXTENSIONS_MAX)
			return CARD_CRL_REFUSED_LIMIT;
		if (card_der_enter(&list, CARD_DER_SEQUENCE, &ext))
			return CARD_CRL_REFUSED_MALFORMED;
		enum card_crl_refusal no = read_extension(&ext, l, &seen[n]);
		if (no)
			return no;
		for (size_t i = 0; i < n; i++)
			if (pki_oid_is(seen[i], seen[n]))
				return CARD_CRL_REFUSED_MALFORMED;
	}
	return CARD_CRL_TAKEN;
}

enum card_crl_refusal pki_crl_tail_read(struct pki_crl_list *l, struct card_bytes algorithm,
					size_t tbs_n)
{
	struct card_bytes tail = card_buf_bytes(&l->tail), outer, bits;
	unsigned unused;
	enum card_crl_refusal no = CARD_CRL_TAKEN;
	if (tbs_n > 0)
		no = read_extensions(card_bytes(tail.p, tbs_n), l);
	if (no)
		return no;
	struct card_der c = card_der_over(card_bytes(tail.p + tbs_n, tail.n - tbs_n));
	if (pki_whole_read(&c, CARD_DER_SEQUENCE, &outer))
		return CARD_CRL_REFUSED_MALFORMED;
	if (!card_bytes_equal(outer, algorithm))
		return CARD_CRL_REFUSED_ALGORITHM;
	if (card_der_take(&c, CARD_DER_BIT_STRING, &bits) ||
	    card_der_bits(bits, &unused, &l->signature) || unused != 0 || l->signature.n == 0 ||
	    card_der_finish(&c))
		return CARD_CRL_REFUSED_MALFORMED;
	return CARD_CRL_TAKEN;
}
