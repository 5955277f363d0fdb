/* SPDX-License-Identifier: Apache-2.0 */
#include "paper_token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "kazasu void list 1 "
/* A country's void copies of years: far below this. */
#define FILE_MAX ((long)256 * 1024 * 1024)

struct flow_void_list {
	char *text;        /* the signed part, lines ended by NUL */
	const char **rows; /* sorted */
	size_t n;
	int64_t until;
};

static int by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

enum card_error flow_void_list_make(struct card_bytes rows, int64_t created, int64_t valid_until,
				    const flow_paper_key_t *key, card_buf_t *out)
{
	char from[26], until[26], text[128];
	uint8_t signature[PAPER_SIGNATURE];
	size_t start;
	enum card_error e;
	int n;

	if (key == NULL || out == NULL || (rows.p == NULL && rows.n > 0))
		return CARD_ERR_INVALID_ARGUMENT;
	start = out->n;
	card_time_format_japan(created, from);
	card_time_format_japan(valid_until, until);
	n = snprintf(text, sizeof text, MAGIC "%s %s\n", from, until);
	e = card_buf_append(out, card_bytes(text, (size_t)n));
	if (e == CARD_OK)
		e = card_buf_append(out, rows);
	if (e == CARD_OK)
		e = paper_sign(key, card_bytes(out->p + start, out->n - start), signature);
	n = snprintf(text, sizeof text, "signature %s ", paper_key_id(key));
	if (e == CARD_OK)
		e = card_buf_append(out, card_bytes(text, (size_t)n));
	if (e == CARD_OK)
		e = paper_base64url(card_bytes(signature, sizeof signature), out);
	return e == CARD_OK ? card_buf_append_byte(out, '\n') : e;
}

/* The line of the signature, at the end; cut off from the text. */
static enum card_error check_signature(char *text, size_t *n, const flow_paper_trust_t *trust)
{
	uint8_t flat[PAPER_SIGNATURE];
	card_buf_t sig = card_buf_fixed(flat, sizeof flat);
	char id[17], *line = NULL;

	if (*n < 2 || text[*n - 1] != '\n')
		return CARD_ERR_MALFORMED;
	text[--*n] = '\0';
	line = strrchr(text, '\n');
	if (line == NULL || strncmp(++line, "signature ", 10) != 0 || strlen(line) < 28 ||
	    line[26] != ' ')
		return CARD_ERR_MALFORMED;
	memcpy(id, line + 10, 16);
	id[16] = '\0';
	if (paper_unbase64url(card_bytes(line + 27, strlen(line + 27)), &sig) != CARD_OK ||
	    sig.n != PAPER_SIGNATURE)
		return CARD_ERR_MALFORMED;
	*n = (size_t)(line - text);
	return paper_check(trust, id, card_bytes(text, *n), flat) == CARD_CHECK_PASS
		       ? CARD_OK
		       : CARD_ERR_SIGNATURE;
}

static enum card_error read_head(char *line, int64_t *until)
{
	char *space;
	int64_t created;

	if (strncmp(line, MAGIC, strlen(MAGIC)) != 0)
		return CARD_ERR_MALFORMED;
	line += strlen(MAGIC);
	space = strchr(line, ' ');
	if (space == NULL)
		return CARD_ERR_MALFORMED;
	*space = '\0';
	if (card_time_parse(line, &created) != CARD_OK ||
	    card_time_parse(space + 1, until) != CARD_OK)
		return CARD_ERR_MALFORMED;
	return CARD_OK;
}

/* Cut the signed part, n bytes, into rows. */
static enum card_error cut(flow_void_list_t *l, size_t n)
{
	char *at = l->text, *end = l->text + n;
	size_t lines = 0;

	for (char *p = at; p < end; p++)
		lines += *p == '\n';
	l->rows = calloc(lines + 1, sizeof *l->rows);
	if (l->rows == NULL)
		return CARD_ERR_NO_MEMORY;
	for (size_t i = 0; i < lines; i++) {
		char *stop = memchr(at, '\n', (size_t)(end - at));

		*stop = '\0';
		if (i == 0 ? read_head(at, &l->until) != CARD_OK : !paper_is_copy(at))
			return CARD_ERR_MALFORMED;
		if (i > 0)
			l->rows[l->n++] = at;
		at = stop + 1;
	}
	if (lines == 0)
		return CARD_ERR_MALFORMED;
	qsort(l->rows, l->n, sizeof *l->rows, by_text);
	return CARD_OK;
}

static enum card_error slurp(const char *file, char **text, size_t *n)
{
	FILE *f = fopen(file, "re");
	long size = -1;
	enum card_error e = CARD_ERR_IO;

	if (f == NULL)
		return CARD_ERR_IO;
	if (fseek(f, 0, SEEK_END) == 0)
		size = ftell(f);
	rewind(f);
	if (size > FILE_MAX) {
		e = CARD_ERR_TOO_LONG;
	} else if (size >= 0 && (*text = malloc((size_t)size + 1)) != NULL) {
		*n = fread(*text, 1, (size_t)size, f);
		(*text)[*n] = '\0';
		e = ferror(f) || strlen(*text) != *n ? CARD_ERR_MALFORMED : CARD_OK;
	}
	fclose(f);
	return e;
}

enum card_error flow_void_list_open(flow_void_list_t **out, const char *file,
				    const flow_paper_trust_t *trust)
{
	flow_void_list_t *l;
	enum card_error e;
	size_t n = 0;

	if (out == NULL || file == NULL || trust == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*out = NULL;
	l = calloc(1, sizeof *l);
	if (l == NULL)
		return CARD_ERR_NO_MEMORY;
	e = slurp(file, &l->text, &n);
	if (e == CARD_OK)
		e = check_signature(l->text, &n, trust);
	if (e == CARD_OK)
		e = cut(l, n);
	if (e != CARD_OK)
		flow_void_list_free(&l);
	*out = l;
	return e;
}

bool flow_void_list_has(const flow_void_list_t *l, const char *copy)
{
	return l != NULL && copy != NULL && l->n > 0 &&
	       bsearch(&copy, l->rows, l->n, sizeof *l->rows, by_text) != NULL;
}

int64_t flow_void_list_until(const flow_void_list_t *l)
{
	return l == NULL ? 0 : l->until;
}

void flow_void_list_free(flow_void_list_t **l)
{
	if (l == NULL || *l == NULL)
		return;
	free((*l)->text);
	free((*l)->rows);
	free(*l);
	*l = NULL;
}
