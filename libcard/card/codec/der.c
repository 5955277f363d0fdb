/* SPDX-License-Identifier: Apache-2.0 */
/* The cursor: headers and levels. Values are read in der_value.c. */
#include <card/der.h>

struct header {
	size_t head;  /* octets of tag and length */
	size_t value; /* octets of content */
};

/* X.690 §8.1.2, §8.1.3, §10.1: a tag of one byte and the shortest definite length. */
static enum card_error read_header(const uint8_t *p, size_t n, struct header *out)
{
	if (n == 0)
		return CARD_ERR_TRUNCATED;
	if ((p[0] & 0x1F) == 0x1F || p[0] == 0)
		return CARD_ERR_MALFORMED;
	if (n < 2)
		return CARD_ERR_TRUNCATED;
	if (p[1] < 0x80) {
		*out = (struct header){2, p[1]};
		return CARD_OK;
	}
	size_t octets = p[1] & 0x7Fu;
	if (octets == 0 || octets > 4)
		return CARD_ERR_MALFORMED;
	if (n >= 3 && p[2] == 0)
		return CARD_ERR_MALFORMED;
	if (n < 2 + octets)
		return CARD_ERR_TRUNCATED;
	size_t value = 0;
	for (size_t i = 0; i < octets; i++)
		value = value << 8 | p[2 + i];
	if (value < 0x80)
		return CARD_ERR_MALFORMED;
	*out = (struct header){2 + octets, value};
	return CARD_OK;
}

struct card_der card_der_over(struct card_bytes in)
{
	struct card_der c = {in.p, in.n ? in.p + in.n : in.p};
	return c;
}

bool card_der_at_end(const struct card_der *c)
{
	return c->p == c->end;
}

enum card_error card_der_finish(const struct card_der *c)
{
	return card_der_at_end(c) ? CARD_OK : CARD_ERR_MALFORMED;
}

unsigned card_der_peek(const struct card_der *c)
{
	return card_der_at_end(c) ? 0 : *c->p;
}

enum card_error card_der_next(struct card_der *c, struct card_der_item *out)
{
	size_t left = (size_t)(c->end - c->p);
	struct header h;
	enum card_error err = read_header(c->p, left, &h);
	if (err)
		return err;
	if (h.value > left - h.head)
		return CARD_ERR_TRUNCATED;
	out->tag = c->p[0];
	out->value = card_bytes(c->p + h.head, h.value);
	out->whole = card_bytes(c->p, h.head + h.value);
	c->p += h.head + h.value;
	return CARD_OK;
}

enum card_error card_der_take(struct card_der *c, unsigned tag, struct card_bytes *value)
{
	if (card_der_at_end(c))
		return CARD_ERR_TRUNCATED;
	if (*c->p != tag)
		return CARD_ERR_MALFORMED;
	struct card_der_item item;
	enum card_error err = card_der_next(c, &item);
	if (err)
		return err;
	*value = item.value;
	return CARD_OK;
}

enum card_error card_der_take_optional(struct card_der *c, unsigned tag, struct card_bytes *value,
				       bool *there)
{
	*there = card_der_peek(c) == tag;
	if (!*there) {
		*value = card_bytes(NULL, 0);
		return CARD_OK;
	}
	return card_der_take(c, tag, value);
}

enum card_error card_der_enter(struct card_der *c, unsigned tag, struct card_der *inner)
{
	struct card_bytes value;
	enum card_error err = card_der_take(c, tag, &value);
	if (err)
		return err;
	*inner = card_der_over(value);
	return CARD_OK;
}

enum card_error card_der_length(struct card_bytes prefix, size_t *whole)
{
	if (!whole || (!prefix.p && prefix.n))
		return CARD_ERR_INVALID_ARGUMENT;
	struct header h;
	enum card_error err = read_header(prefix.p, prefix.n, &h);
	if (err)
		return err;
	*whole = h.head + h.value;
	return CARD_OK;
}

enum card_error card_der_check(struct card_bytes in, unsigned max_depth)
{
	if (!in.p || max_depth == 0 || max_depth > CARD_DER_DEPTH_MAX)
		return CARD_ERR_INVALID_ARGUMENT;
	struct card_der level[CARD_DER_DEPTH_MAX + 1];
	level[0] = card_der_over(in);
	if (card_der_at_end(&level[0]))
		return CARD_ERR_TRUNCATED;
	unsigned depth = 1;
	bool first = true;
	while (depth > 0) {
		struct card_der *c = &level[depth - 1];
		if (card_der_at_end(c)) {
			depth--;
			continue;
		}
		if (depth == 1 && !first)
			return CARD_ERR_MALFORMED;
		first = false;
		struct card_der_item item;
		enum card_error err = card_der_next(c, &item);
		if (err)
			return err;
		if (!(item.tag & 0x20))
			continue;
		if (depth > max_depth)
			return CARD_ERR_TOO_LONG;
		level[depth++] = card_der_over(item.value);
	}
	return CARD_OK;
}
