/* SPDX-License-Identifier: Apache-2.0 */
#include <card/tlv.h>

#define MULTI_BYTE_TAG 0x1Fu
#define CONSTRUCTED    0x20u

static bool only_filler(struct card_bytes b)
{
	for (size_t i = 0; i < b.n; i++)
		if (b.p[i] != 0xFF && b.p[i] != 0x00)
			return false;
	return true;
}

/* Reads a tag at the start of in. *used: its bytes. */
static enum card_error read_tag(struct card_bytes in, uint32_t *tag, size_t *used)
{
	size_t n = 1;
	uint32_t t;

	if (in.n == 0)
		return CARD_ERR_TRUNCATED;
	t = in.p[0];
	if ((t & MULTI_BYTE_TAG) == MULTI_BYTE_TAG) {
		uint8_t b;

		do {
			if (n == CARD_TLV_TAG_BYTES_MAX)
				return CARD_ERR_MALFORMED;
			if (n == in.n)
				return CARD_ERR_TRUNCATED;
			b = in.p[n++];
			t = t << 8 | b;
		} while ((b & 0x80u) != 0);
	}
	*tag = t;
	*used = n;
	return CARD_OK;
}

/* Reads a definite length at the start of in; longer forms than needed are accepted. */
static enum card_error read_length(struct card_bytes in, size_t *length, size_t *used)
{
	size_t count, v = 0;

	if (in.n == 0)
		return CARD_ERR_TRUNCATED;
	if (in.p[0] < 0x80) {
		*length = in.p[0];
		*used = 1;
		return CARD_OK;
	}
	count = in.p[0] & 0x7Fu;
	if (count == 0 || count > 4)
		return CARD_ERR_MALFORMED;
	if (in.n < 1 + count)
		return CARD_ERR_TRUNCATED;
	for (size_t i = 0; i < count; i++)
		v = v << 8 | in.p[1 + i];
	*length = v;
	*used = 1 + count;
	return CARD_OK;
}

/* Header of the first object. *header: its bytes; *length: of the value. */
static enum card_error read_header(struct card_bytes in, uint32_t *tag, size_t *header,
				   size_t *length)
{
	size_t tag_bytes, length_bytes;
	enum card_error err;

	err = read_tag(in, tag, &tag_bytes);
	if (err != CARD_OK)
		return err;
	err = read_length(card_bytes(in.p + tag_bytes, in.n - tag_bytes), length, &length_bytes);
	if (err != CARD_OK)
		return err;
	*header = tag_bytes + length_bytes;
	return CARD_OK;
}

/* FF 10 and FF 20 are tags of this card, so FF is filler only if nothing else follows. */
static bool at_end(struct card_bytes rest)
{
	return rest.n == 0 || ((rest.p[0] == 0xFF || rest.p[0] == 0x00) && only_filler(rest));
}

enum card_error card_tlv_next(struct card_bytes *rest, struct card_tlv *out)
{
	uint32_t tag = 0;
	size_t header = 0, length = 0;
	enum card_error err;

	if (rest == NULL || out == NULL || (rest->p == NULL && rest->n > 0))
		return CARD_ERR_INVALID_ARGUMENT;
	if (at_end(*rest))
		return CARD_ERR_NOT_FOUND;
	err = read_header(*rest, &tag, &header, &length);
	if (err != CARD_OK)
		return err;
	if (length > rest->n - header)
		return CARD_ERR_TRUNCATED;
	out->tag = tag;
	out->constructed = (rest->p[0] & CONSTRUCTED) != 0;
	out->whole = card_bytes(rest->p, header + length);
	out->value = card_bytes(rest->p + header, length);
	*rest = card_bytes(rest->p + header + length, rest->n - header - length);
	return CARD_OK;
}

enum card_error card_tlv_length(struct card_bytes start, size_t *whole)
{
	uint32_t tag;
	size_t header, length;
	enum card_error err;

	if (whole == NULL || (start.p == NULL && start.n > 0))
		return CARD_ERR_INVALID_ARGUMENT;
	*whole = 0;
	if (start.n > 0 && at_end(start))
		return CARD_ERR_NOT_FOUND;
	err = read_header(start, &tag, &header, &length);
	if (err == CARD_OK)
		*whole = header + length;
	return err;
}

enum card_error card_tlv_find(struct card_bytes content, uint32_t tag, struct card_tlv *out)
{
	enum card_error err;

	do {
		err = card_tlv_next(&content, out);
	} while (err == CARD_OK && out->tag != tag);
	return err;
}

enum card_error card_tlv_check(struct card_bytes content, unsigned depth)
{
	struct card_bytes rest[CARD_TLV_DEPTH_MAX];
	unsigned level = 0;

	if (depth == 0 || depth > CARD_TLV_DEPTH_MAX || (content.p == NULL && content.n > 0))
		return CARD_ERR_INVALID_ARGUMENT;
	rest[0] = content;
	for (;;) {
		struct card_tlv t;
		enum card_error err = card_tlv_next(&rest[level], &t);

		if (err == CARD_ERR_NOT_FOUND) {
			if (level == 0)
				return CARD_OK;
			level--;
		} else if (err != CARD_OK) {
			return err;
		} else if (t.constructed) {
			if (level + 1 == depth)
				return CARD_ERR_MALFORMED;
			rest[++level] = t.value;
		}
	}
}

enum card_error card_tlv_put_header(card_buf_t *out, uint32_t tag, size_t length)
{
	uint8_t header[CARD_TLV_TAG_BYTES_MAX + 5];
	uint32_t seen = 0;
	size_t n = 0, used = 0;
	int shift;

	for (shift = 24; shift > 0 && (tag >> shift) == 0; shift -= 8)
		;
	for (; shift >= 0; shift -= 8)
		header[n++] = (uint8_t)(tag >> shift);
	if (read_tag(card_bytes(header, n), &seen, &used) != CARD_OK || used != n)
		return CARD_ERR_INVALID_ARGUMENT;
	if (length > UINT32_MAX)
		return CARD_ERR_TOO_LONG;
	if (length >= 0x80) {
		unsigned count = length > 0xFFFFFF ? 4
				 : length > 0xFFFF ? 3
				 : length > 0xFF   ? 2
						   : 1;

		header[n++] = (uint8_t)(0x80u | count);
		while (count-- > 1)
			header[n++] = (uint8_t)(length >> (8 * count));
	}
	header[n++] = (uint8_t)length;
	return card_buf_append(out, card_bytes(header, n));
}

enum card_error card_tlv_put(card_buf_t *out, uint32_t tag, struct card_bytes value)
{
	size_t before;
	enum card_error err;

	if (out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	before = out->n;
	err = card_tlv_put_header(out, tag, value.n);
	if (err == CARD_OK)
		err = card_buf_append(out, value);
	if (err != CARD_OK)
		out->n = before;
	return err;
}

enum card_error card_simple_tlv_next(struct card_bytes *rest, struct card_tlv *out)
{
	struct card_bytes in;
	size_t header, length;

	if (rest == NULL || out == NULL || (rest->p == NULL && rest->n > 0))
		return CARD_ERR_INVALID_ARGUMENT;
	in = *rest;
	if (in.n == 0 || in.p[0] == 0x00 || in.p[0] == 0xFF)
		return CARD_ERR_NOT_FOUND;
	header = in.n >= 2 && in.p[1] == 0xFF ? 4 : 2;
	if (in.n < header)
		return CARD_ERR_TRUNCATED;
	length = header == 4 ? (size_t)in.p[2] << 8 | in.p[3] : in.p[1];
	if (length > in.n - header)
		return CARD_ERR_TRUNCATED;
	out->tag = in.p[0];
	out->constructed = false;
	out->whole = card_bytes(in.p, header + length);
	out->value = card_bytes(in.p + header, length);
	*rest = card_bytes(in.p + header + length, in.n - header - length);
	return CARD_OK;
}
