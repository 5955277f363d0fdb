/* SPDX-License-Identifier: Apache-2.0 */
/* cms_ber.c — BER (X.690 §8) to the definite, primitive forms of DER. */
#include "cms.h"

#include <string.h>

#include "der_out.h"

#define DEPTH_MAX 32u

struct header {
	unsigned tag;
	size_t head, length;
	bool indefinite;
};

static enum card_error read_header(struct card_bytes in, struct header *h)
{
	size_t n;

	if (in.n < 2)
		return CARD_ERR_MALFORMED;
	h->tag = in.p[0];
	h->head = 2;
	h->length = in.p[1];
	h->indefinite = in.p[1] == 0x80u;
	if ((h->tag & 0x1Fu) == 0x1Fu)
		return CARD_ERR_MALFORMED;
	if (h->indefinite)
		return (h->tag & 0x20u) != 0 ? CARD_OK : CARD_ERR_MALFORMED;
	if (in.p[1] > 0x80u) {
		n = in.p[1] & 0x7Fu;
		if (n > 8 || in.n < 2 + n)
			return CARD_ERR_MALFORMED;
		h->length = 0;
		for (size_t i = 0; i < n; i++) {
			if (h->length > SIZE_MAX >> 8)
				return CARD_ERR_MALFORMED;
			h->length = h->length << 8 | in.p[2 + i];
		}
		h->head += n;
	}
	return h->length <= in.n - h->head ? CARD_OK : CARD_ERR_MALFORMED;
}

static bool is_string(unsigned tag)
{
	return tag == CARD_DER_OCTET_STRING;
}

static enum card_error element(struct card_bytes in, unsigned depth, bool only_content,
			       card_buf_t *out, size_t *used);

/* The elements of a constructed one; strings are joined when `joined`. */
static enum card_error children(struct card_bytes in, const struct header *h, unsigned depth,
				bool joined, card_buf_t *out, size_t *used)
{
	struct card_bytes rest =
		card_bytes(in.p + h->head, h->indefinite ? in.n - h->head : h->length);
	enum card_error err;
	size_t n;

	while (rest.n > 0) {
		if (h->indefinite && rest.n >= 2 && rest.p[0] == 0 && rest.p[1] == 0) {
			*used = (size_t)(rest.p - in.p) + 2;
			return CARD_OK;
		}
		if (joined && (rest.p[0] & ~0x20u) != CARD_DER_OCTET_STRING)
			return CARD_ERR_MALFORMED;
		err = element(rest, depth - 1, joined, out, &n);
		if (err != CARD_OK)
			return err;
		rest = card_bytes(rest.p + n, rest.n - n);
	}
	if (h->indefinite)
		return CARD_ERR_MALFORMED;
	*used = h->head + h->length;
	return CARD_OK;
}

static enum card_error element(struct card_bytes in, unsigned depth, bool only_content,
			       card_buf_t *out, size_t *used)
{
	struct der_out o = {out, CARD_OK};
	const size_t from = out->n;
	struct header h;
	enum card_error err = read_header(in, &h);
	bool string;

	if (err != CARD_OK)
		return err;
	if (depth == 0)
		return CARD_ERR_TOO_LONG;
	if ((h.tag & 0x20u) == 0) {
		*used = h.head + h.length;
		if (only_content)
			der_raw(&o, card_bytes(in.p + h.head, h.length));
		else
			der_put(&o, h.tag, card_bytes(in.p + h.head, h.length));
		return o.err;
	}
	string = is_string(h.tag & ~0x20u);
	err = children(in, &h, depth, string, out, used);
	if (err == CARD_OK && !only_content) {
		der_wrap(&o, from, string ? h.tag & ~0x20u : h.tag);
		err = o.err;
	}
	return err;
}

enum card_error cms_ber_to_der(struct card_bytes in, card_buf_t *out, size_t *used)
{
	return element(in, DEPTH_MAX, false, out, used);
}
