/* SPDX-License-Identifier: Apache-2.0 */
#include "cms.h"

#include <string.h>

#include <openssl/evp.h>

#include <card/der.h>

#include "oid.h"

/* ---- PEM ---- */

/* The first block "-----BEGIN CMS-----" or PKCS7; nothing else may be in the file (RFC 7468 §9). */
static enum card_error from_pem(struct card_bytes in, card_buf_t *out)
{
	static const char *const labels[] = {"CMS", "PKCS7"};
	char begin[32], end[32];
	const uint8_t *body = NULL, *stop = NULL;
	EVP_ENCODE_CTX *ctx;
	enum card_error err;
	int n = 0, last = 0;

	for (size_t i = 0; i < 2 && body == NULL; i++) {
		const int b = snprintf(begin, sizeof begin, "-----BEGIN %s-----\n", labels[i]);
		const int e = snprintf(end, sizeof end, "-----END %s-----", labels[i]);

		if (in.n < (size_t)b + (size_t)e || memcmp(in.p, begin, (size_t)b) != 0)
			continue;
		body = in.p + b;
		stop = memmem(body, in.n - (size_t)b, end, (size_t)e);
		if (stop != NULL && (size_t)(in.p + in.n - stop) > (size_t)e + 1)
			return CARD_ERR_MALFORMED;
		if (stop != NULL && stop + e < in.p + in.n && stop[e] != '\n')
			return CARD_ERR_MALFORMED;
	}
	if (body == NULL || stop == NULL)
		return CARD_ERR_MALFORMED;
	if ((size_t)(stop - body) > CARD_BUF_MAX)
		return CARD_ERR_TOO_LONG;
	err = card_buf_reserve(out, (size_t)(stop - body));
	ctx = EVP_ENCODE_CTX_new();
	if (err != CARD_OK || ctx == NULL) {
		EVP_ENCODE_CTX_free(ctx);
		return err != CARD_OK ? err : CARD_ERR_NO_MEMORY;
	}
	EVP_DecodeInit(ctx);
	if (EVP_DecodeUpdate(ctx, out->p, &n, body, (int)(stop - body)) < 0 ||
	    EVP_DecodeFinal(ctx, out->p + n, &last) < 0)
		err = CARD_ERR_MALFORMED;
	else
		out->n = (size_t)n + (size_t)last;
	EVP_ENCODE_CTX_free(ctx);
	if (err == CARD_OK) {
		/* Another way to write the same bytes is another file: only the usual one counts. */
		uint8_t *again = OPENSSL_malloc(out->n / 3 * 4 + out->n / 48 + 80);
		size_t at = 0;

		if (again == NULL)
			return CARD_ERR_NO_MEMORY;
		for (size_t i = 0; i < out->n; i += 48) {
			const size_t k = out->n - i < 48 ? out->n - i : 48;

			at += (size_t)EVP_EncodeBlock(again + at, out->p + i, (int)k);
			again[at++] = '\n';
		}
		if (!card_bytes_equal(card_bytes(again, at),
				      card_bytes(body, (size_t)(stop - body))))
			err = CARD_ERR_MALFORMED;
		OPENSSL_free(again);
	}
	return err;
}

/* ---- structure ---- */

static enum card_error read_certificates(struct card_bytes set, struct cms *out)
{
	struct card_der c = card_der_over(set);
	struct card_der_item item;
	enum card_error err;

	while (!card_der_at_end(&c)) {
		err = card_der_next(&c, &item);
		if (err != CARD_OK)
			return CARD_ERR_MALFORMED;
		if (item.tag != CARD_DER_SEQUENCE)
			continue; /* attribute certificates and the like are no signer's */
		if (out->certs == CMS_CERTS_MAX)
			return CARD_ERR_TOO_LONG;
		out->cert[out->certs++] = item.whole;
	}
	return CARD_OK;
}

static enum card_error read_sid(struct card_der *c, uint32_t version, struct cms_signer *s)
{
	struct card_der sid;
	struct card_der_item name;
	struct card_bytes serial;

	if (version == 3)
		return card_der_take(c, CARD_DER_CONTEXT(0u), &s->key_id);
	if (card_der_enter(c, CARD_DER_SEQUENCE, &sid) != CARD_OK ||
	    card_der_next(&sid, &name) != CARD_OK || name.tag != CARD_DER_SEQUENCE ||
	    card_der_take(&sid, CARD_DER_INTEGER, &serial) != CARD_OK ||
	    card_der_unsigned(serial, &s->serial) != CARD_OK || card_der_finish(&sid) != CARD_OK)
		return CARD_ERR_MALFORMED;
	s->issuer = name.whole;
	return CARD_OK;
}

static enum card_error take_sequence(struct card_der *c, struct card_bytes *whole)
{
	struct card_der_item item;

	if (card_der_peek(c) != CARD_DER_SEQUENCE || card_der_next(c, &item) != CARD_OK)
		return CARD_ERR_MALFORMED;
	*whole = item.whole;
	return CARD_OK;
}

static enum card_error read_signer(struct card_der *infos, struct cms_signer *s, bool *by_key_id)
{
	struct card_der c;
	struct card_der_item item;
	struct card_bytes v;
	uint32_t version;
	bool there;

	if (card_der_enter(infos, CARD_DER_SEQUENCE, &c) != CARD_OK ||
	    card_der_take(&c, CARD_DER_INTEGER, &v) != CARD_OK ||
	    card_der_u32(v, &version) != CARD_OK || (version != 1 && version != 3) ||
	    read_sid(&c, version, s) != CARD_OK || take_sequence(&c, &s->hash_alg) != CARD_OK)
		return CARD_ERR_MALFORMED;
	*by_key_id = *by_key_id || version == 3;
	if (card_der_peek(&c) == CARD_DER_CONTEXT_CONSTRUCTED(0u)) {
		if (card_der_next(&c, &item) != CARD_OK)
			return CARD_ERR_MALFORMED;
		s->signed_attrs = item.whole;
	}
	if (take_sequence(&c, &s->sig_alg) != CARD_OK ||
	    card_der_take(&c, CARD_DER_OCTET_STRING, &s->signature) != CARD_OK ||
	    card_der_take_optional(&c, CARD_DER_CONTEXT_CONSTRUCTED(1u), &s->unsigned_attrs,
				   &there) != CARD_OK ||
	    card_der_finish(&c) != CARD_OK || (there && s->unsigned_attrs.n == 0))
		return CARD_ERR_MALFORMED;
	return CARD_OK;
}

static enum card_error read_content(struct card_der *c, struct cms *out)
{
	struct card_der encap, inner;

	if (card_der_enter(c, CARD_DER_SEQUENCE, &encap) != CARD_OK ||
	    card_der_take(&encap, CARD_DER_OID, &out->content_type) != CARD_OK)
		return CARD_ERR_MALFORMED;
	if (card_der_at_end(&encap))
		return CARD_OK;
	if (card_der_enter(&encap, CARD_DER_CONTEXT_CONSTRUCTED(0u), &inner) != CARD_OK ||
	    card_der_take(&inner, CARD_DER_OCTET_STRING, &out->content) != CARD_OK ||
	    card_der_finish(&inner) != CARD_OK || card_der_finish(&encap) != CARD_OK)
		return CARD_ERR_MALFORMED;
	out->attached = true;
	return CARD_OK;
}

static enum card_error read_signed_data(struct card_der *c, struct cms *out)
{
	struct card_der infos;
	struct card_bytes v, certs, crls;
	uint32_t version;
	bool there, by_key_id = false;
	enum card_error err;

	if (card_der_take(c, CARD_DER_INTEGER, &v) != CARD_OK ||
	    card_der_u32(v, &version) != CARD_OK ||
	    card_der_take(c, CARD_DER_SET, &out->hashes) != CARD_OK ||
	    read_content(c, out) != CARD_OK ||
	    card_der_take_optional(c, CARD_DER_CONTEXT_CONSTRUCTED(0u), &certs, &there) != CARD_OK)
		return CARD_ERR_MALFORMED;
	if (there) {
		err = read_certificates(certs, out);
		if (err != CARD_OK)
			return err;
	}
	if (card_der_take_optional(c, CARD_DER_CONTEXT_CONSTRUCTED(1u), &crls, &there) != CARD_OK ||
	    card_der_enter(c, CARD_DER_SET, &infos) != CARD_OK || card_der_finish(c) != CARD_OK)
		return CARD_ERR_MALFORMED;
	while (!card_der_at_end(&infos)) {
		if (out->signers == CMS_SIGNERS_MAX)
			return CARD_ERR_TOO_LONG;
		err = read_signer(&infos, &out->signer[out->signers++], &by_key_id);
		if (err != CARD_OK)
			return err;
	}
	/* RFC 5652 §5.1 (without attribute certificates of version 1) */
	if (version != (by_key_id || !card_bytes_equal(out->content_type, OID_DATA) ? 3u : 1u))
		return CARD_ERR_MALFORMED;
	return CARD_OK;
}

static enum card_error read_der(struct card_bytes in, struct cms *out)
{
	struct card_der top = card_der_over(in), info, wrap, data;
	struct card_bytes type;

	out->certs = out->signers = 0;
	memset(out->signer, 0, sizeof out->signer);
	out->attached = false;
	if (card_der_enter(&top, CARD_DER_SEQUENCE, &info) != CARD_OK ||
	    card_der_finish(&top) != CARD_OK ||
	    card_der_take(&info, CARD_DER_OID, &type) != CARD_OK ||
	    !card_bytes_equal(type, OID_SIGNED_DATA) ||
	    card_der_enter(&info, CARD_DER_CONTEXT_CONSTRUCTED(0u), &wrap) != CARD_OK ||
	    card_der_finish(&info) != CARD_OK ||
	    card_der_enter(&wrap, CARD_DER_SEQUENCE, &data) != CARD_OK ||
	    card_der_finish(&wrap) != CARD_OK)
		return CARD_ERR_MALFORMED;
	return read_signed_data(&data, out);
}

/* The element that in begins with; what follows it must be zero octets. */
static bool strip_padding(struct card_bytes in, size_t used)
{
	for (size_t i = used; i < in.n; i++) {
		if (in.p[i] != 0)
			return false;
	}
	return true;
}

enum card_error cms_read(struct card_bytes in, bool padding, struct cms *out)
{
	enum card_error err;
	size_t used = 0;

	memset(out, 0, sizeof(*out));
	if (in.n > 10 && memcmp(in.p, "-----BEGIN", 10) == 0) {
		err = from_pem(in, &out->pem);
		if (err != CARD_OK)
			return err;
		in = card_buf_bytes(&out->pem);
	}
	out->original = in;
	if (card_der_length(in, &used) == CARD_OK && used <= in.n) {
		const struct card_bytes der = card_bytes(in.p, used);

		if ((used == in.n || (padding && strip_padding(in, used))) &&
		    read_der(der, out) == CARD_OK) {
			out->original = der;
			return CARD_OK;
		}
	}
	err = cms_ber_to_der(in, &out->own, &used);
	if (err == CARD_OK && used != in.n && !(padding && strip_padding(in, used)))
		err = CARD_ERR_MALFORMED;
	out->original = card_bytes(in.p, used);
	return err == CARD_OK ? read_der(card_buf_bytes(&out->own), out) : err;
}

void cms_free(struct cms *c)
{
	card_buf_free(&c->own);
	card_buf_free(&c->pem);
}

bool cms_looks_like(struct card_bytes in)
{
	if (in.n > 15 && memcmp(in.p, "-----BEGIN ", 11) == 0)
		return memcmp(in.p + 11, "CMS-", 4) == 0 || memcmp(in.p + 11, "PKCS", 4) == 0;
	if (in.n < 32 || in.p[0] != CARD_DER_SEQUENCE)
		return false;
	/* The OID of SignedData follows the header, which has at most ten octets. */
	for (size_t i = 2; i <= 10; i++) {
		if (in.p[i] == CARD_DER_OID && in.p[i + 1] == OID_SIGNED_DATA.n)
			return memcmp(in.p + i + 2, OID_SIGNED_DATA.p, OID_SIGNED_DATA.n) == 0;
	}
	return false;
}
