/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/table.h>

#include <card/secret.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_MAX ((size_t)512 * 1024 * 1024) /* a register of the largest city */

struct flow_table {
	char *text;
	size_t size;
	char name[80];
	size_t columns, rows, cap;
	const char **field; /* rows * columns */
	unsigned *line;
};

enum card_error flow_problem_set(struct flow_problem *p, const char *file, unsigned line,
				 const char *format, ...)
{
	va_list args;

	if (p == NULL)
		return CARD_ERR_MALFORMED;
	snprintf(p->file, sizeof p->file, "%s", file != NULL ? file : "");
	p->line = line;
	va_start(args, format);
	vsnprintf(p->text, sizeof p->text, format, args);
	va_end(args);
	return CARD_ERR_MALFORMED;
}

/* Bytes of the character at p, 0 if it is none (RFC 3629 section 4). */
static size_t utf8_step(const uint8_t *p, size_t n)
{
	uint32_t c;
	size_t len;

	if (p[0] < 0x80)
		return p[0] != 0;
	len = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
	if (p[0] < 0xC2 || p[0] > 0xF4 || len > n)
		return 0;
	c = p[0] & (0x7FU >> len);
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3FU);
	}
	if ((len == 3 && c < 0x800) || (len == 4 && c < 0x10000) || c > 0x10FFFF ||
	    (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	return len;
}

bool flow_utf8_valid(struct card_bytes text)
{
	for (size_t i = 0, step; i < text.n; i += step) {
		step = utf8_step(text.p + i, text.n - i);
		if (step == 0)
			return false;
	}
	return true;
}

static enum card_error slurp(const char *path, char **out, size_t *n)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t cap = 0, used = 0, got = 1;
	enum card_error err = CARD_OK;

	if (f == NULL)
		return CARD_ERR_IO;
	while (err == CARD_OK && got > 0) {
		if (cap - used < 4096) {
			char *more = realloc(text, cap = cap * 2 + 16384);

			if (more == NULL) {
				err = CARD_ERR_NO_MEMORY;
				break;
			}
			text = more;
		}
		got = fread(text + used, 1, cap - used - 1, f);
		used += got;
		if (used > TABLE_MAX)
			err = CARD_ERR_TOO_LONG;
	}
	if (err == CARD_OK && ferror(f))
		err = CARD_ERR_IO;
	fclose(f);
	if (err != CARD_OK) {
		free(text);
		return err;
	}
	text[used] = '\0';
	*out = text;
	*n = used;
	return CARD_OK;
}

/* Cut a line at its commas into at most max fields; how many there are. */
static size_t cut(char *line, const char **field, size_t max)
{
	size_t n = 0;

	for (char *p = line;; p++) {
		char *comma = strchr(p, ',');

		if (n < max)
			field[n] = p;
		n++;
		if (comma == NULL)
			return n;
		*comma = '\0';
		p = comma;
	}
}

static enum card_error check_line(const flow_table_t *t, const char *line, unsigned number,
				  struct flow_problem *problem)
{
	const size_t n = strlen(line);

	if (strchr(line, '"') != NULL)
		return flow_problem_set(problem, t->name, number,
					"quotes are not used in this format");
	if (!flow_utf8_valid(card_bytes(line, n)))
		return flow_problem_set(problem, t->name, number, "not UTF-8");
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7F)
			return flow_problem_set(problem, t->name, number, "a control character");
	}
	return CARD_OK;
}

static enum card_error check_header(flow_table_t *t, char *line, const char *const *columns,
				    struct flow_problem *problem)
{
	const char *field[64];
	size_t n;

	while (columns[t->columns] != NULL)
		t->columns++;
	n = cut(line, field, 64);
	for (size_t i = 0; i < t->columns; i++) {
		if (i >= n || i >= 64)
			return flow_problem_set(problem, t->name, 1, "the column \"%s\" is missing",
						columns[i]);
		if (strcmp(field[i], columns[i]) != 0)
			return flow_problem_set(problem, t->name, 1,
						"column %zu is \"%.60s\", it must be \"%s\"", i + 1,
						field[i], columns[i]);
	}
	if (n > t->columns)
		return flow_problem_set(problem, t->name, 1, "%zu columns, there must be %zu", n,
					t->columns);
	return CARD_OK;
}

static enum card_error add_row(flow_table_t *t, char *line, unsigned number,
			       struct flow_problem *problem)
{
	size_t n;

	if (t->rows == t->cap) {
		const size_t cap = t->cap * 2 + 32;
		const char **field = realloc(t->field, cap * t->columns * sizeof *field);
		unsigned *lines;

		if (field == NULL)
			return CARD_ERR_NO_MEMORY;
		t->field = field;
		lines = realloc(t->line, cap * sizeof *lines);
		if (lines == NULL)
			return CARD_ERR_NO_MEMORY;
		t->line = lines;
		t->cap = cap;
	}
	n = cut(line, t->field + t->rows * t->columns, t->columns);
	if (n != t->columns)
		return flow_problem_set(problem, t->name, number, "%zu fields, there must be %zu",
					n, t->columns);
	t->line[t->rows++] = number;
	return CARD_OK;
}

static enum card_error parse(flow_table_t *t, size_t n, const char *const *columns,
			     struct flow_problem *problem)
{
	unsigned number = 1;
	char *at = t->text;

	if (strlen(t->text) != n)
		return flow_problem_set(problem, t->name, 0, "a zero byte in the file");
	if (n == 0)
		return flow_problem_set(problem, t->name, 0, "empty; a header line is needed");
	for (; *at != '\0'; number++) {
		char *end = strchr(at, '\n');
		enum card_error err;

		if (end == NULL)
			return flow_problem_set(problem, t->name, number,
						"cut off: the last line has no line end");
		*end = '\0';
		if (end > at && end[-1] == '\r')
			end[-1] = '\0';
		err = check_line(t, at, number, problem);
		if (err != CARD_OK)
			return err;
		if (number == 1)
			err = check_header(t, at, columns, problem);
		else if (*at != '\0' && *at != '#')
			err = add_row(t, at, number, problem);
		if (err != CARD_OK)
			return err;
		at = end + 1;
	}
	return CARD_OK;
}

enum card_error flow_table_read(flow_table_t **out, const char *path, const char *const *columns,
				struct flow_problem *problem)
{
	flow_table_t *t;
	const char *slash;
	enum card_error err;
	size_t n;

	if (out == NULL || path == NULL || columns == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	t = calloc(1, sizeof *t);
	if (t == NULL)
		return CARD_ERR_NO_MEMORY;
	slash = strrchr(path, '/');
	snprintf(t->name, sizeof t->name, "%s", slash != NULL ? slash + 1 : path);
	err = slurp(path, &t->text, &n);
	t->size = err == CARD_OK ? n : 0;
	if (err != CARD_OK)
		flow_problem_set(problem, t->name, 0, "cannot be read: %s", strerror(errno));
	else
		err = parse(t, n, columns, problem);
	if (err != CARD_OK) {
		flow_table_free(&t);
		return err;
	}
	*out = t;
	return CARD_OK;
}

void flow_table_free(flow_table_t **t)
{
	if (t == NULL || *t == NULL)
		return;
	/* Tables of registers hold personal data. */
	if ((*t)->text != NULL)
		card_wipe((*t)->text, (*t)->size);
	free((*t)->text);
	free((*t)->field);
	free((*t)->line);
	free(*t);
	*t = NULL;
}

size_t flow_table_rows(const flow_table_t *t)
{
	return t != NULL ? t->rows : 0;
}

unsigned flow_table_line(const flow_table_t *t, size_t row)
{
	return t != NULL && row < t->rows ? t->line[row] : 0;
}

const char *flow_table_get(const flow_table_t *t, size_t row, size_t column)
{
	return t != NULL && row < t->rows && column < t->columns
		       ? t->field[row * t->columns + column]
		       : "";
}

const char *flow_table_name(const flow_table_t *t)
{
	return t != NULL ? t->name : "";
}

enum card_error flow_table_date(const flow_table_t *t, size_t row, size_t column,
				struct card_date *out, struct flow_problem *problem)
{
	const char *text = flow_table_get(t, row, column);

	*out = (struct card_date){0};
	if (*text == '\0')
		return CARD_OK;
	if (strlen(text) != 10 || card_date_parse(card_bytes(text, 10), out) != CARD_OK)
		return flow_problem_set(problem, t->name, flow_table_line(t, row),
					"\"%.40s\" is no date (YYYY-MM-DD)", text);
	return CARD_OK;
}

enum card_error flow_table_count(const flow_table_t *t, size_t row, size_t column, long *out,
				 struct flow_problem *problem)
{
	const char *text = flow_table_get(t, row, column);
	const size_t n = strlen(text);

	*out = -1;
	if (n == 0)
		return CARD_OK;
	if (n > 12 || strspn(text, "0123456789") != n)
		return flow_problem_set(problem, t->name, flow_table_line(t, row),
					"\"%.40s\" is no count", text);
	*out = strtol(text, NULL, 10);
	return CARD_OK;
}

enum card_error flow_table_word(const flow_table_t *t, size_t row, size_t column,
				const char *const *words, size_t *out, struct flow_problem *problem)
{
	const char *text = flow_table_get(t, row, column);

	for (size_t i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], text) == 0) {
			*out = i;
			return CARD_OK;
		}
	}
	return flow_problem_set(problem, t->name, flow_table_line(t, row),
				"\"%.60s\" is not known here", text);
}

struct card_bytes flow_list_next(const char **at)
{
	const char *start = *at;
	size_t n = strcspn(start, ";");

	*at = start + n + (start[n] == ';');
	return card_bytes(start, n);
}

bool flow_list_has(const char *list, const char *word)
{
	const size_t n = strlen(word);

	while (*list != '\0') {
		struct card_bytes item = flow_list_next(&list);

		if (item.n == n && memcmp(item.p, word, n) == 0)
			return true;
	}
	return false;
}
