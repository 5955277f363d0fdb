/* SPDX-License-Identifier: Apache-2.0 */
/* record_csv.c — CSV as city-hall systems write it: RFC 4180 with LF or CR LF, an optional byte
 * order mark, read record by record whatever the size of the file. */
#include "record.h"

#include <card/secret.h>

#include <stdlib.h>
#include <string.h>

#define RECORD_MAX ((size_t)256 * 1024)

static bool grow(struct record_csv *c, size_t need)
{
	char *more;

	if (need <= c->room)
		return true;
	more = need <= RECORD_MAX ? malloc(need * 2) : NULL;
	if (more == NULL)
		return false;
	if (c->text != NULL) {
		memcpy(more, c->text, c->room);
		card_wipe(c->text, c->room);
		free(c->text);
	}
	c->text = more;
	c->room = need * 2;
	return true;
}

/* Offsets while the text may move; pointers at the end. */
struct cut {
	size_t at[RECORD_COLUMNS], fields, n;
};

static const char *put(struct record_csv *c, struct cut *k, int ch)
{
	if (!grow(c, k->n + 2))
		return "a record that is too long";
	c->text[k->n++] = (char)ch;
	return NULL;
}

static const char *end_field(struct record_csv *c, struct cut *k, size_t start)
{
	if (k->fields == RECORD_COLUMNS)
		return "too many fields";
	k->at[k->fields++] = start;
	return put(c, k, '\0');
}

/* A quoted field, its opening quote read; what follows the closing one is returned in *ch. */
static const char *quoted(struct record_csv *c, struct cut *k, int *ch)
{
	const char *wrong = NULL;

	while (wrong == NULL) {
		*ch = getc(c->file);
		if (*ch == EOF)
			return "a quote that is not closed";
		if (*ch == '\n')
			c->next++;
		if (*ch == '"') {
			*ch = getc(c->file);
			if (*ch != '"')
				return *ch == ',' || *ch == '\n' || *ch == '\r' || *ch == EOF
					       ? NULL
					       : "text after a closing quote";
		}
		if (*ch == '\0')
			return "a NUL";
		if (*ch != '\r')
			wrong = put(c, k, *ch);
	}
	return wrong;
}

static const char *plain(struct record_csv *c, struct cut *k, int *ch)
{
	const char *wrong = NULL;

	while (wrong == NULL && *ch != ',' && *ch != '\n' && *ch != '\r' && *ch != EOF) {
		if (*ch == '"' || *ch == '\0')
			return "a quote inside a field without quotes, or a NUL";
		wrong = put(c, k, *ch);
		*ch = getc(c->file);
	}
	return wrong;
}

/* The first character of the next record; the byte order mark is passed over. */
static int first(struct record_csv *c)
{
	int ch = getc(c->file);

	if (c->next == 0) {
		c->next = 1;
		if (ch == 0xEF && getc(c->file) == 0xBB && getc(c->file) == 0xBF)
			ch = getc(c->file);
	}
	return ch;
}

bool record_csv_next(struct record_csv *c, const char **wrong)
{
	struct cut k = {.fields = 0};
	size_t start = 0;
	int ch = first(c);

	*wrong = NULL;
	c->line = c->next;
	if (ch == EOF)
		return false;
	for (;;) {
		start = k.n;
		*wrong = ch == '"' ? quoted(c, &k, &ch) : plain(c, &k, &ch);
		if (*wrong == NULL)
			*wrong = end_field(c, &k, start);
		if (*wrong != NULL)
			return false;
		if (ch != ',')
			break;
		ch = getc(c->file);
	}
	if (ch == '\r')
		ch = getc(c->file);
	if (ch != '\n') {
		*wrong = ch == EOF ? "the file ends in the middle of a line"
				   : "a loose carriage return";
		return false;
	}
	c->next++;
	for (size_t i = 0; i < k.fields; i++)
		c->field[i] = c->text + k.at[i];
	c->fields = k.fields;
	return true;
}

void record_csv_close(struct record_csv *c)
{
	if (c->file != NULL)
		fclose(c->file);
	if (c->text != NULL)
		card_wipe(c->text, c->room);
	free(c->text);
	*c = (struct record_csv){.file = NULL};
}

void record_csv_write(FILE *f, const char *v)
{
	if (strpbrk(v, ",\"\r\n") == NULL) {
		fputs(v, f);
		return;
	}
	putc('"', f);
	for (; *v != '\0'; v++) {
		if (*v == '"')
			putc('"', f);
		putc(*v, f);
	}
	putc('"', f);
}
