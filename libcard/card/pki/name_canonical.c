/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canonical form of a name. Each attribute is
 *     'T' length(2) type 'S' length(2) folded text,
 * and each RDN is 'R' count(1) and its attributes in ascending order.
 */
#include <string.h>

#include "pki_name.h"

/* Blanks of ASCII, as X.520 treats them: white space of the C locale. */
static bool blank(uint8_t b)
{
	return b == ' ' || (b >= '\t' && b <= '\r');
}

enum card_error pki_name_fold(struct card_bytes utf8, card_buf_t *out)
{
	size_t i = 0, end = utf8.n;
	while (i < end && blank(utf8.p[i]))
		i++;
	while (end > i && blank(utf8.p[end - 1]))
		end--;
	while (i < end) {
		uint8_t b = utf8.p[i++];
		if (blank(b)) {
			while (blank(utf8.p[i]))
				i++;
			b = ' ';
		} else if (b >= 'A' && b <= 'Z') {
			b = (uint8_t)(b - 'A' + 'a');
		}
		enum card_error err = card_buf_append_byte(out, b);
		if (err)
			return err;
	}
	return CARD_OK;
}

static enum card_error put_counted(uint8_t mark, struct card_bytes v, card_buf_t *out)
{
	if (v.n > UINT16_MAX)
		return CARD_ERR_TOO_LONG;
	uint8_t head[3] = {mark, (uint8_t)(v.n >> 8), (uint8_t)v.n};
	enum card_error err = card_buf_append(out, card_bytes(head, sizeof(head)));
	return err ? err : card_buf_append(out, v);
}

enum card_error pki_canonical_ava(struct card_bytes oid, struct card_bytes utf8, card_buf_t *out)
{
	enum card_error err = put_counted('T', oid, out);
	if (err)
		return err;
	card_buf_t folded = {0};
	err = pki_name_fold(utf8, &folded);
	if (!err)
		err = put_counted('S', card_buf_bytes(&folded), out);
	card_buf_free(&folded);
	return err;
}

static int compare(struct card_bytes a, struct card_bytes b)
{
	int c = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
	return c ? c : (a.n > b.n) - (a.n < b.n);
}

enum card_error pki_canonical_rdn(struct card_bytes *avas, size_t n, card_buf_t *out)
{
	if (n == 0 || n > PKI_RDN_MAX)
		return CARD_ERR_TOO_LONG;
	for (size_t i = 1; i < n; i++) {
		for (size_t k = i; k > 0 && compare(avas[k - 1], avas[k]) > 0; k--) {
			struct card_bytes t = avas[k];
			avas[k] = avas[k - 1];
			avas[k - 1] = t;
		}
	}
	uint8_t head[2] = {'R', (uint8_t)n};
	enum card_error err = card_buf_append(out, card_bytes(head, sizeof(head)));
	for (size_t i = 0; i < n && !err; i++)
		err = card_buf_append(out, avas[i]);
	return err;
}

/* Attributes of one RDN, gathered in scratch until the RDN is complete. */
struct rdn {
	card_buf_t scratch;
	size_t start[PKI_RDN_MAX + 1];
	size_t n;
};

static enum card_error flush(struct rdn *r, card_buf_t *out)
{
	struct card_bytes avas[PKI_RDN_MAX];
	for (size_t i = 0; i < r->n; i++) {
		size_t end = i + 1 < r->n ? r->start[i + 1] : r->scratch.n;
		avas[i] = card_bytes(r->scratch.p + r->start[i], end - r->start[i]);
	}
	enum card_error err = pki_canonical_rdn(avas, r->n, out);
	card_buf_clear(&r->scratch);
	r->n = 0;
	return err;
}

static enum card_error add(struct rdn *r, const struct pki_ava *ava, card_buf_t *text)
{
	if (r->n == PKI_RDN_MAX)
		return CARD_ERR_TOO_LONG;
	r->start[r->n++] = r->scratch.n;
	card_buf_clear(text);
	enum card_error err = pki_name_utf8(&ava->value, text);
	return err ? err : pki_canonical_ava(ava->oid, card_buf_bytes(text), &r->scratch);
}

enum card_error card_name_canonical(struct card_bytes name, card_buf_t *out)
{
	if (!out)
		return CARD_ERR_INVALID_ARGUMENT;
	struct pki_name_walk w;
	struct pki_ava ava;
	enum card_error err = pki_name_begin(&w, name);
	if (err)
		return err;
	struct rdn r = {.n = 0};
	card_buf_t text = {0}, whole = {0};
	while (!(err = pki_name_next(&w, &ava))) {
		if (ava.first_of_rdn && r.n > 0)
			err = flush(&r, &whole);
		if (!err)
			err = add(&r, &ava, &text);
		if (err)
			break;
	}
	if (err == CARD_ERR_NOT_FOUND)
		err = r.n > 0 ? flush(&r, &whole) : CARD_OK;
	if (!err)
		err = card_buf_append(out, card_buf_bytes(&whole));
	card_buf_free(&r.scratch);
	card_buf_free(&text);
	card_buf_free(&whole);
	return err;
}
