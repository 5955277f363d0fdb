/* SPDX-License-Identifier: Apache-2.0 */
/* pdf_parse.c — objects of PDF (ISO 32000-1 §7.2, §7.3). */
#include "pdf.h"

#include <stdlib.h>
#include <string.h>

struct pdf_chunk {
	struct pdf_chunk *next;
};

void *pdf_alloc(struct pdf_arena *a, size_t n)
{
	struct pdf_chunk *c;

	if (n > PDF_MEMORY_MAX || a->used > PDF_MEMORY_MAX - n)
		return NULL;
	c = calloc(1, sizeof(*c) + n);
	if (c == NULL)
		return NULL;
	a->used += n + sizeof(*c);
	c->next = a->chunks;
	a->chunks = c;
	return c + 1;
}

void pdf_arena_free(struct pdf_arena *a)
{
	while (a->chunks != NULL) {
		struct pdf_chunk *next = a->chunks->next;

		free(a->chunks);
		a->chunks = next;
	}
	a->used = 0;
}

void pdf_arena_trim(struct pdf_arena *a, const struct pdf_arena *kept)
{
	while (a->chunks != NULL && a->chunks != kept->chunks) {
		struct pdf_chunk *next = a->chunks->next;

		free(a->chunks);
		a->chunks = next;
	}
	a->used = kept->used;
}

bool pdf_is_blank(uint8_t c)
{
	return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

bool pdf_is_delimiter(uint8_t c)
{
	return c == '(' || c == ')' || c == '<' || c == '>' || c == '[' || c == ']' || c == '{' ||
	       c == '}' || c == '/' || c == '%';
}

static bool is_regular(uint8_t c)
{
	return !pdf_is_blank(c) && !pdf_is_delimiter(c);
}

void pdf_skip(struct card_bytes in, size_t *pos)
{
	while (*pos < in.n) {
		if (pdf_is_blank(in.p[*pos])) {
			++*pos;
		} else if (in.p[*pos] == '%') {
			while (*pos < in.n && in.p[*pos] != '\n' && in.p[*pos] != '\r')
				++*pos;
		} else {
			return;
		}
	}
}

bool pdf_keyword(struct card_bytes in, size_t *pos, const char *word)
{
	const size_t n = strlen(word);
	size_t at = *pos;

	pdf_skip(in, &at);
	if (in.n - at < n || memcmp(in.p + at, word, n) != 0)
		return false;
	if (at + n < in.n && is_regular(in.p[at + n]))
		return false;
	*pos = at + n;
	return true;
}

bool pdf_digits(struct card_bytes in, size_t *pos, uint64_t *out)
{
	size_t at = *pos, n = 0;
	uint64_t v = 0;

	pdf_skip(in, &at);
	for (; at < in.n && in.p[at] >= '0' && in.p[at] <= '9'; at++, n++) {
		if (n >= 18)
			return false;
		v = v * 10 + (uint64_t)(in.p[at] - '0');
	}
	if (n == 0 || (at < in.n && is_regular(in.p[at])))
		return false;
	*pos = at;
	*out = v;
	return true;
}

static int hex(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static enum card_error name(struct pdf_arena *a, struct card_bytes in, size_t *pos,
			    struct pdf_obj *out)
{
	size_t end = *pos + 1, n = 0;
	uint8_t *text;

	while (end < in.n && is_regular(in.p[end]))
		end++;
	text = pdf_alloc(a, end - *pos);
	if (text == NULL)
		return CARD_ERR_TOO_LONG;
	for (size_t i = *pos + 1; i < end; i++) {
		uint8_t c = in.p[i];

		if (c == '#' && end - i > 2 && hex(in.p[i + 1]) >= 0 && hex(in.p[i + 2]) >= 0) {
			c = (uint8_t)((unsigned)hex(in.p[i + 1]) << 4 | (unsigned)hex(in.p[i + 2]));
			i += 2;
		}
		text[n++] = c;
	}
	out->kind = PDF_NAME;
	out->text = card_bytes(text, n);
	*pos = end;
	return CARD_OK;
}

/* One escape after '\' in a literal string; *i stands behind the backslash. */
static size_t escape(struct card_bytes in, size_t *i, uint8_t *to)
{
	static const char from[] = "nrtbf", into[] = "\n\r\t\b\f";
	const uint8_t c = in.p[*i];
	const char *k = c != 0 ? strchr(from, c) : NULL;

	++*i;
	if (k != NULL) {
		*to = (uint8_t)into[k - from];
		return 1;
	}
	if (c >= '0' && c <= '7') {
		unsigned v = (unsigned)(c - '0');

		for (int d = 0; d < 2 && *i < in.n && in.p[*i] >= '0' && in.p[*i] <= '7'; d++)
			v = v * 8 + (unsigned)(in.p[(*i)++] - '0');
		*to = (uint8_t)v;
		return 1;
	}
	if (c == '\r') { /* a line goes on */
		if (*i < in.n && in.p[*i] == '\n')
			++*i;
		return 0;
	}
	if (c == '\n')
		return 0;
	*to = c;
	return 1;
}

static enum card_error literal(struct pdf_arena *a, struct card_bytes in, size_t *pos,
			       struct pdf_obj *out)
{
	size_t end = *pos + 1, depth = 1, n = 0;
	uint8_t *text;

	for (; end < in.n && depth > 0; end++) {
		if (in.p[end] == '\\')
			end++;
		else if (in.p[end] == '(')
			depth++;
		else if (in.p[end] == ')')
			depth--;
	}
	if (depth > 0 || end > in.n)
		return CARD_ERR_MALFORMED;
	text = pdf_alloc(a, end - *pos);
	if (text == NULL)
		return CARD_ERR_TOO_LONG;
	for (size_t i = *pos + 1; i < end - 1;) {
		if (in.p[i] == '\\') {
			i++;
			n += escape(in, &i, text + n);
		} else {
			text[n++] = in.p[i++];
		}
	}
	out->kind = PDF_STRING;
	out->text = card_bytes(text, n);
	*pos = end;
	return CARD_OK;
}

static enum card_error hex_string(struct pdf_arena *a, struct card_bytes in, size_t *pos,
				  struct pdf_obj *out)
{
	const uint8_t *stop = memchr(in.p + *pos, '>', in.n - *pos);
	size_t end, n = 0;
	uint8_t *text;

	if (stop == NULL)
		return CARD_ERR_MALFORMED;
	end = (size_t)(stop - in.p);
	text = pdf_alloc(a, (end - *pos) / 2 + 1);
	if (text == NULL)
		return CARD_ERR_TOO_LONG;
	for (size_t i = *pos + 1; i < end; i++) {
		const int digit = hex(in.p[i]);

		if (pdf_is_blank(in.p[i]))
			continue;
		if (digit < 0)
			return CARD_ERR_MALFORMED;
		text[n / 2] |= (uint8_t)((unsigned)digit << (n % 2 == 0 ? 4 : 0));
		n++;
	}
	out->kind = PDF_STRING;
	out->text = card_bytes(text, (n + 1) / 2);
	*pos = end + 1;
	return CARD_OK;
}

/* Integer, real, reference, true, false, null. */
static enum card_error word(struct card_bytes in, size_t *pos, struct pdf_obj *out)
{
	size_t end = *pos, i, ahead;
	bool point = false, digit = false, negative;
	uint64_t number, gen;

	while (end < in.n && is_regular(in.p[end]))
		end++;
	out->text = card_bytes(in.p + *pos, end - *pos);
	if (pdf_keyword(in, pos, "null")) {
		out->kind = PDF_NULL;
		return CARD_OK;
	}
	if (pdf_keyword(in, pos, "true") || pdf_keyword(in, pos, "false")) {
		out->kind = PDF_BOOL;
		out->number = out->text.n == 4;
		return CARD_OK;
	}
	ahead = *pos;
	if (pdf_digits(in, &ahead, &number)) {
		size_t after = ahead;

		if (after < in.n && pdf_is_blank(in.p[after]) && pdf_digits(in, &after, &gen) &&
		    gen <= 65535 && number <= PDF_OBJECTS_MAX * 8u &&
		    pdf_keyword(in, &after, "R")) {
			out->kind = PDF_REF;
			out->number = (int64_t)number;
			out->gen = (unsigned)gen;
			*pos = after;
			return CARD_OK;
		}
		out->kind = PDF_INT;
		out->number = (int64_t)number;
		*pos = ahead;
		return CARD_OK;
	}
	i = *pos;
	negative = in.p[i] == '-';
	if (in.p[i] == '-' || in.p[i] == '+')
		i++;
	for (number = 0; i < end; i++) {
		if (in.p[i] == '.' && !point) {
			point = true;
		} else if (in.p[i] >= '0' && in.p[i] <= '9') {
			digit = true;
			if (!point && number < UINT64_C(1) << 55)
				number = number * 10 + (uint64_t)(in.p[i] - '0');
		} else {
			return CARD_ERR_MALFORMED;
		}
	}
	if (!digit)
		return CARD_ERR_MALFORMED;
	out->kind = point ? PDF_REAL : PDF_INT;
	out->number = negative ? -(int64_t)number : (int64_t)number;
	*pos = end;
	return CARD_OK;
}

static enum card_error parse(struct pdf_arena *a, struct card_bytes in, size_t *pos, unsigned depth,
			     struct pdf_obj *out);

static enum card_error push(struct pdf_arena *a, struct pdf_obj *out, size_t *room,
			    const struct pdf_obj *item)
{
	if (out->n == *room) {
		const size_t more = *room == 0 ? 8 : *room * 2;
		struct pdf_obj *items = pdf_alloc(a, more * sizeof(*items));

		if (items == NULL)
			return CARD_ERR_TOO_LONG;
		if (out->n > 0)
			memcpy(items, out->items, out->n * sizeof(*items));
		out->items = items;
		*room = more;
	}
	out->items[out->n++] = *item;
	return CARD_OK;
}

static bool has_key(const struct pdf_obj *dict, struct card_bytes key)
{
	for (size_t i = 0; i + 1 < dict->n; i += 2) {
		if (card_bytes_equal(dict->items[i].text, key))
			return true;
	}
	return false;
}

static enum card_error container(struct pdf_arena *a, struct card_bytes in, size_t *pos,
				 unsigned depth, struct pdf_obj *out)
{
	const bool dict = out->kind == PDF_DICT;
	struct pdf_obj item;
	size_t room = 0;
	enum card_error err;

	*pos += dict ? 2 : 1;
	for (;;) {
		pdf_skip(in, pos);
		if (*pos >= in.n)
			return CARD_ERR_MALFORMED;
		if (!dict && in.p[*pos] == ']') {
			++*pos;
			return CARD_OK;
		}
		if (dict && in.n - *pos >= 2 && memcmp(in.p + *pos, ">>", 2) == 0) {
			*pos += 2;
			return out->n % 2 == 0 ? CARD_OK : CARD_ERR_MALFORMED;
		}
		err = parse(a, in, pos, depth - 1, &item);
		if (err != CARD_OK)
			return err;
		if (dict && out->n % 2 == 0) {
			if (item.kind != PDF_NAME)
				return CARD_ERR_MALFORMED;
			if (out->n <= 512 && has_key(out, item.text))
				out->twice = true;
		}
		err = push(a, out, &room, &item);
		if (err != CARD_OK)
			return err;
	}
}

static enum card_error parse(struct pdf_arena *a, struct card_bytes in, size_t *pos, unsigned depth,
			     struct pdf_obj *out)
{
	enum card_error err;
	size_t start;

	memset(out, 0, sizeof(*out));
	if (depth == 0)
		return CARD_ERR_TOO_LONG;
	pdf_skip(in, pos);
	if (*pos >= in.n)
		return CARD_ERR_MALFORMED;
	start = *pos;
	if (in.p[start] == '/') {
		err = name(a, in, pos, out);
	} else if (in.p[start] == '(') {
		err = literal(a, in, pos, out);
	} else if (in.p[start] == '[') {
		out->kind = PDF_ARRAY;
		err = container(a, in, pos, depth, out);
	} else if (in.p[start] == '<' && in.n - start > 1 && in.p[start + 1] == '<') {
		out->kind = PDF_DICT;
		err = container(a, in, pos, depth, out);
	} else if (in.p[start] == '<') {
		err = hex_string(a, in, pos, out);
	} else {
		err = word(in, pos, out);
	}
	out->raw = card_bytes(in.p + start, *pos - start);
	return err;
}

enum card_error pdf_parse(struct pdf_arena *a, struct card_bytes in, size_t *pos,
			  struct pdf_obj *out)
{
	return parse(a, in, pos, PDF_DEPTH_MAX, out);
}

const struct pdf_obj *pdf_get(const struct pdf_obj *dict, const char *key)
{
	const struct card_bytes k = card_bytes(key, strlen(key));

	if (dict == NULL || dict->kind != PDF_DICT)
		return NULL;
	for (size_t i = 0; i + 1 < dict->n; i += 2) {
		if (card_bytes_equal(dict->items[i].text, k))
			return &dict->items[i + 1];
	}
	return NULL;
}

bool pdf_is_name(const struct pdf_obj *o, const char *name_)
{
	return o != NULL && o->kind == PDF_NAME &&
	       card_bytes_equal(o->text, card_bytes(name_, strlen(name_)));
}

static bool dict_equal(const struct pdf_obj *a, const struct pdf_obj *b)
{
	if (a->n != b->n || a->twice || b->twice)
		return false;
	for (size_t i = 0; i + 1 < a->n; i += 2) {
		bool found = false;

		for (size_t k = 0; k + 1 < b->n && !found; k += 2)
			found = card_bytes_equal(a->items[i].text, b->items[k].text) &&
				pdf_equal(&a->items[i + 1], &b->items[k + 1]);
		if (!found)
			return false;
	}
	return true;
}

bool pdf_equal(const struct pdf_obj *a, const struct pdf_obj *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case PDF_NULL:
		return true;
	case PDF_BOOL:
	case PDF_INT:
		return a->number == b->number;
	case PDF_REF:
		return a->number == b->number && a->gen == b->gen;
	case PDF_REAL:
	case PDF_NAME:
	case PDF_STRING:
		return card_bytes_equal(a->text, b->text);
	case PDF_DICT:
		return dict_equal(a, b);
	case PDF_ARRAY:
		for (size_t i = 0; a->n == b->n && i < a->n; i++) {
			if (!pdf_equal(&a->items[i], &b->items[i]))
				return false;
		}
		return a->n == b->n;
	}
	return false;
}
