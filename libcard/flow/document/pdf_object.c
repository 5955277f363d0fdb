/* SPDX-License-Identifier: Apache-2.0 */
/* pdf_object.c — objects by number: in the file, and in object streams (ISO 32000-1 §7.3.10, §7.5.7). */
#include "pdf.h"

#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

/* ---- filters ---- */

static enum card_error inflate_all(struct pdf *p, struct card_bytes in, uint8_t **out, size_t *n)
{
	size_t room = in.n < 1024                 ? 4096
		      : in.n < PDF_MEMORY_MAX / 8 ? in.n * 4
						  : PDF_MEMORY_MAX / 2;
	uint8_t *buf = malloc(room), *kept;
	z_stream z = {0};
	enum card_error err = CARD_OK;
	int rc;

	if (buf == NULL || inflateInit(&z) != Z_OK) {
		free(buf);
		return CARD_ERR_NO_MEMORY;
	}
	z.next_in = in.p;
	z.avail_in = (uInt)(in.n > UINT32_MAX ? UINT32_MAX : in.n);
	do {
		if (z.total_out == room) {
			uint8_t *more = room <= PDF_MEMORY_MAX / 2 ? realloc(buf, room * 2) : NULL;

			if (more == NULL) {
				err = CARD_ERR_TOO_LONG;
				break;
			}
			buf = more;
			room *= 2;
		}
		z.next_out = buf + z.total_out;
		z.avail_out = (uInt)(room - z.total_out);
		rc = inflate(&z, Z_NO_FLUSH);
	} while (rc == Z_OK && (z.avail_in > 0 || z.avail_out == 0));
	if (err == CARD_OK && rc != Z_STREAM_END)
		err = CARD_ERR_MALFORMED;
	kept = err == CARD_OK ? pdf_alloc(&p->arena, z.total_out + 1) : NULL;
	if (err == CARD_OK && kept == NULL)
		err = CARD_ERR_TOO_LONG;
	if (err == CARD_OK) {
		memcpy(kept, buf, z.total_out);
		*out = kept;
		*n = z.total_out;
	}
	inflateEnd(&z);
	free(buf);
	return err;
}

static uint8_t paeth(uint8_t a, uint8_t b, uint8_t c)
{
	const int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);

	return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/* PNG predictors (§7.4.4.4) of one-byte components; rows are undone in place. */
static enum card_error unpredict(uint8_t *p, size_t *length, size_t columns)
{
	const size_t row = columns + 1;
	size_t n = 0;

	if (columns == 0 || columns > 65536 || *length % row != 0)
		return CARD_ERR_MALFORMED;
	for (size_t r = 0; r < *length / row; r++) {
		const uint8_t type = p[r * row];
		const uint8_t *up = r > 0 ? p + (r - 1) * columns : NULL;
		uint8_t *to = p + n;

		if (type > 4)
			return CARD_ERR_MALFORMED;
		memmove(to, p + r * row + 1, columns);
		for (size_t i = 0; i < columns; i++) {
			const uint8_t a = i > 0 ? to[i - 1] : 0, u = up != NULL ? up[i] : 0;
			const uint8_t c = i > 0 && up != NULL ? up[i - 1] : 0;
			const uint8_t add = type == 1   ? a
					    : type == 2 ? u
					    : type == 3 ? (uint8_t)((a + u) / 2)
					    : type == 4 ? paeth(a, u, c)
							: 0;

			to[i] = (uint8_t)(to[i] + add);
		}
		n += columns;
	}
	*length = n;
	return CARD_OK;
}

static const struct pdf_obj *only(const struct pdf_obj *o)
{
	return o != NULL && o->kind == PDF_ARRAY ? (o->n == 1 ? &o->items[0] : NULL) : o;
}

enum card_error pdf_decode(struct pdf *p, const struct pdf_obj *dict, struct card_bytes raw,
			   struct card_bytes *out)
{
	const struct pdf_obj *filter = pdf_get(dict, "Filter"), *parms, *predictor, *columns;
	uint8_t *plain = NULL;
	size_t n = 0;
	enum card_error err;

	if (filter == NULL || (filter->kind == PDF_ARRAY && filter->n == 0)) {
		*out = raw;
		return CARD_OK;
	}
	if (!pdf_is_name(only(filter), "FlateDecode"))
		return CARD_ERR_UNSUPPORTED;
	err = inflate_all(p, raw, &plain, &n);
	if (err == CARD_OK)
		*out = card_bytes(plain, n);
	parms = only(pdf_get(dict, "DecodeParms"));
	predictor = pdf_get(parms, "Predictor");
	if (err != CARD_OK || predictor == NULL || predictor->number == 1)
		return err;
	columns = pdf_get(parms, "Columns");
	if (predictor->number < 10 || pdf_get(parms, "Colors") != NULL ||
	    (pdf_get(parms, "BitsPerComponent") != NULL &&
	     pdf_get(parms, "BitsPerComponent")->number != 8))
		return CARD_ERR_UNSUPPORTED;
	err = unpredict(plain, &n,
			columns != NULL && columns->number > 0 ? (size_t)columns->number : 1);
	*out = card_bytes(plain, n);
	return err;
}

/* ---- in the file ---- */

static enum card_error stream_at(struct pdf *p, const struct pdf_obj *dict, size_t *pos,
				 struct card_bytes *stream)
{
	struct pdf_obj length;
	enum card_error err;

	if (*pos < p->data.n && p->data.p[*pos] == '\r')
		++*pos;
	if (*pos >= p->data.n || p->data.p[*pos] != '\n')
		return CARD_ERR_MALFORMED;
	++*pos;
	err = pdf_get_resolved(p, dict, "Length", &length);
	if (err != CARD_OK)
		return err;
	if (length.kind != PDF_INT || length.number < 0 ||
	    (uint64_t)length.number > p->data.n - *pos)
		return CARD_ERR_MALFORMED;
	*stream = card_bytes(p->data.p + *pos, (size_t)length.number);
	*pos += (size_t)length.number;
	return pdf_keyword(p->data, pos, "endstream") ? CARD_OK : CARD_ERR_MALFORMED;
}

enum card_error pdf_object_at(struct pdf *p, size_t offset, uint32_t *number, struct pdf_obj *out,
			      struct card_bytes *stream, size_t *end)
{
	struct card_bytes s = {NULL, 0};
	size_t pos = offset;
	uint64_t num, gen;
	enum card_error err;

	if (offset >= p->data.n || !pdf_digits(p->data, &pos, &num) ||
	    !pdf_digits(p->data, &pos, &gen) || !pdf_keyword(p->data, &pos, "obj") ||
	    (*number != 0 && num != *number) || num == 0 || num > PDF_OBJECTS_MAX || gen > 65535)
		return CARD_ERR_MALFORMED;
	*number = (uint32_t)num;
	err = pdf_parse(&p->arena, p->data, &pos, out);
	if (err == CARD_OK && out->kind == PDF_DICT && pdf_keyword(p->data, &pos, "stream"))
		err = stream_at(p, out, &pos, &s);
	if (err != CARD_OK)
		return err;
	if (!pdf_keyword(p->data, &pos, "endobj"))
		return CARD_ERR_MALFORMED;
	out->gen = (unsigned)gen;
	if (stream != NULL)
		*stream = s;
	if (end != NULL)
		*end = pos;
	return CARD_OK;
}

/* ---- in an object stream ---- */

static enum card_error stream_bytes(struct pdf *p, uint32_t number, struct card_bytes *out)
{
	struct pdf_stream_cache *c;
	struct card_bytes raw;
	struct pdf_obj dict;
	enum card_error err;

	for (c = p->cache; c != NULL; c = c->next) {
		if (c->number == number) {
			*out = c->bytes;
			return CARD_OK;
		}
	}
	if (number >= p->n || p->entry[number].type != 1)
		return CARD_ERR_MALFORMED;
	err = pdf_load(p, number, &dict, &raw);
	if (err == CARD_OK && !pdf_is_name(pdf_get(&dict, "Type"), "ObjStm"))
		err = CARD_ERR_MALFORMED;
	if (err == CARD_OK)
		err = pdf_decode(p, &dict, raw, out);
	if (err != CARD_OK)
		return err;
	c = pdf_alloc(&p->arena, sizeof(*c));
	if (c == NULL)
		return CARD_ERR_TOO_LONG;
	*c = (struct pdf_stream_cache){number, *out, p->cache};
	p->cache = c;
	return CARD_OK;
}

static enum card_error load_from_stream(struct pdf *p, uint32_t number, const struct pdf_entry *e,
					struct pdf_obj *out)
{
	struct card_bytes bytes;
	struct pdf_obj dict;
	const struct pdf_obj *first;
	size_t pos = 0;
	uint64_t num = 0, offset = 0;
	enum card_error err = e->where <= PDF_OBJECTS_MAX
				      ? stream_bytes(p, (uint32_t)e->where, &bytes)
				      : CARD_ERR_MALFORMED;

	if (err == CARD_OK)
		err = pdf_load(p, (uint32_t)e->where, &dict, NULL);
	if (err != CARD_OK)
		return err;
	first = pdf_get(&dict, "First");
	for (uint32_t i = 0; i <= e->gen; i++) {
		if (!pdf_digits(bytes, &pos, &num) || !pdf_digits(bytes, &pos, &offset))
			return CARD_ERR_MALFORMED;
	}
	if (num != number || first == NULL || first->kind != PDF_INT || first->number < 0 ||
	    (uint64_t)first->number > bytes.n || offset > bytes.n - (uint64_t)first->number)
		return CARD_ERR_MALFORMED;
	pos = (size_t)first->number + (size_t)offset;
	err = pdf_parse(&p->arena, bytes, &pos, out);
	if (err == CARD_OK && out->kind != PDF_REF)
		out->gen = 0;
	return err;
}

enum card_error pdf_load(struct pdf *p, uint32_t number, struct pdf_obj *out,
			 struct card_bytes *stream)
{
	const struct pdf_entry *e = number < p->n ? &p->entry[number] : NULL;
	enum card_error err;

	memset(out, 0, sizeof(*out));
	if (stream != NULL)
		*stream = card_bytes(NULL, 0);
	if (number == 0 || e == NULL || e->type == 0 || e->type == PDF_UNKNOWN)
		return CARD_OK;
	if (e->type == 2)
		return load_from_stream(p, number, e, out);
	err = pdf_object_at(p, (size_t)e->where, &number, out, stream, NULL);
	/* Of another generation: to some readers it is not there. */
	return err == CARD_OK && out->kind != PDF_REF && out->gen != e->gen ? CARD_ERR_MALFORMED
									    : err;
}

enum card_error pdf_resolve(struct pdf *p, const struct pdf_obj *in, struct pdf_obj *out)
{
	enum card_error err = CARD_OK;

	*out = *in;
	for (unsigned i = 0; err == CARD_OK && out->kind == PDF_REF; i++) {
		if (i == 16)
			return CARD_ERR_TOO_LONG;
		err = pdf_load(p, out->number <= PDF_OBJECTS_MAX ? (uint32_t)out->number : 0, out,
			       NULL);
	}
	return err;
}

enum card_error pdf_get_resolved(struct pdf *p, const struct pdf_obj *dict, const char *key,
				 struct pdf_obj *out)
{
	const struct pdf_obj *v = pdf_get(dict, key);

	memset(out, 0, sizeof(*out));
	return v == NULL ? CARD_OK : pdf_resolve(p, v, out);
}
