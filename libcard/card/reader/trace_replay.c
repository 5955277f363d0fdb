/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <card/trace.h>

#include "reader_internal.h"
#include "trace_internal.h"

#define LINE_MAX_BYTES (2u * CARD_COMMAND_MAX + 16u)

enum step_kind { STEP_COMMAND, STEP_ANSWER, STEP_ERROR };

struct step {
	enum step_kind kind;
	bool hidden; /* command: data unknown, bytes is the header */
	card_buf_t bytes;
	enum card_error err;
	unsigned line;
};

struct replay {
	struct step *steps;
	size_t count, next;
	unsigned mismatch_line;
	uint8_t atr[CARD_ATR_MAX];
	size_t atr_len;
};

static bool error_by_name(const char *name, enum card_error *err)
{
	for (int e = 1; e < (int)CARD_ERR_COUNT_; e++) {
		if (strcmp(card_error_name((enum card_error)e), name) == 0) {
			*err = (enum card_error)e;
			return true;
		}
	}
	return false;
}

static struct step *add_step(struct replay *r, enum step_kind kind, unsigned line)
{
	struct step *s = realloc(r->steps, (r->count + 1) * sizeof(*s));

	if (s == NULL)
		return NULL;
	r->steps = s;
	s = &r->steps[r->count++];
	*s = (struct step){.kind = kind, .line = line};
	return s;
}

static enum card_error parse_command(struct step *s, char *text)
{
	size_t n = strlen(text), mark = strlen(TRACE_HIDDEN);

	if (n > mark && strcmp(text + n - mark, TRACE_HIDDEN) == 0) {
		s->hidden = true;
		text[n - mark] = '\0';
	}
	if (card_hex_decode(text, &s->bytes) != CARD_OK || s->bytes.n < 4)
		return CARD_ERR_MALFORMED;
	return CARD_OK;
}

static enum card_error parse_line(struct replay *r, char *line, unsigned number)
{
	struct step *s;
	card_buf_t atr = card_buf_fixed(r->atr, sizeof(r->atr));
	enum card_error err;

	if (line[0] == '\0' || line[0] == '#' || strncmp(line, "begin", 5) == 0 ||
	    strncmp(line, "end", 3) == 0 || strcmp(line, "reset") == 0)
		return CARD_OK;
	if (strncmp(line, "atr ", 4) == 0) {
		err = card_hex_decode(line + 4, &atr);
		r->atr_len = atr.n;
		return err == CARD_OK ? CARD_OK : CARD_ERR_MALFORMED;
	}
	if (line[0] == '\0' || line[1] != ' ')
		return CARD_ERR_MALFORMED;
	s = add_step(r,
		     line[0] == '>'   ? STEP_COMMAND
		     : line[0] == '<' ? STEP_ANSWER
				      : STEP_ERROR,
		     number);
	if (s == NULL)
		return CARD_ERR_NO_MEMORY;
	switch (line[0]) {
	case '>':
		return parse_command(s, line + 2);
	case '<': /* "=" marks an answer that was not kept: not hexadecimal */
		return card_hex_decode(line + 2, &s->bytes) == CARD_OK ? CARD_OK
								       : CARD_ERR_MALFORMED;
	case '!':
		return error_by_name(line + 2, &s->err) ? CARD_OK : CARD_ERR_MALFORMED;
	default:
		return CARD_ERR_MALFORMED;
	}
}

static enum card_error parse_file(struct replay *r, FILE *f)
{
	char *line = malloc(LINE_MAX_BYTES);
	unsigned number = 0;
	enum card_error err = CARD_OK;

	if (line == NULL)
		return CARD_ERR_NO_MEMORY;
	while (err == CARD_OK && fgets(line, (int)LINE_MAX_BYTES, f) != NULL) {
		size_t n = strlen(line);

		number++;
		if (n + 1 == LINE_MAX_BYTES) {
			err = CARD_ERR_MALFORMED;
			break;
		}
		while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r' || line[n - 1] == ' '))
			line[--n] = '\0';
		err = parse_line(r, line, number);
	}
	if (err == CARD_OK && ferror(f))
		err = CARD_ERR_IO;
	if (err != CARD_OK)
		r->mismatch_line = number;
	free(line);
	return err;
}

static enum card_error mismatch(struct replay *r)
{
	if (r->mismatch_line == 0)
		r->mismatch_line = r->next < r->count ? r->steps[r->next].line
				   : r->count > 0     ? r->steps[r->count - 1].line + 1
						      : 1;
	return CARD_ERR_TRACE_MISMATCH;
}

static bool matches(const struct step *s, struct card_bytes cmd)
{
	if (s->kind != STEP_COMMAND)
		return false;
	if (s->hidden)
		return cmd.n > 5 && memcmp(cmd.p, s->bytes.p, 4) == 0;
	return card_bytes_equal(card_buf_bytes(&s->bytes), cmd);
}

static enum card_error replay_transmit(void *ctx, struct card_bytes cmd, uint8_t *resp, size_t cap,
				       size_t *len, bool *maybe_executed)
{
	struct replay *r = ctx;
	const struct step *s;

	*maybe_executed = false;
	if (r->mismatch_line != 0 || r->next >= r->count || !matches(&r->steps[r->next], cmd))
		return mismatch(r);
	r->next++;
	if (r->next >= r->count || r->steps[r->next].kind == STEP_COMMAND)
		return mismatch(r);
	s = &r->steps[r->next++];
	if (s->kind == STEP_ERROR) {
		*maybe_executed = true;
		return s->err;
	}
	if (s->bytes.n > cap)
		return CARD_ERR_TOO_LONG;
	if (s->bytes.n > 0)
		memcpy(resp, s->bytes.p, s->bytes.n);
	*len = s->bytes.n;
	return CARD_OK;
}

static enum card_error replay_atr(void *ctx, uint8_t *atr, size_t *len)
{
	const struct replay *r = ctx;

	memcpy(atr, r->atr, r->atr_len);
	*len = r->atr_len;
	return CARD_OK;
}

static const char *replay_name(void *ctx)
{
	(void)ctx;
	return "trace";
}

static void replay_close(void *ctx)
{
	struct replay *r = ctx;

	for (size_t i = 0; i < r->count; i++)
		card_buf_free(&r->steps[i].bytes);
	free(r->steps);
	free(r);
}

static const struct card_reader_ops replay_ops = {
	.transmit = replay_transmit,
	.atr = replay_atr,
	.name = replay_name,
	.close = replay_close,
};

enum card_error card_trace_replay(const char *path, card_reader_t **out)
{
	struct replay *r;
	FILE *f;
	enum card_error err;

	if (path == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	f = fopen(path, "re");
	if (f == NULL)
		return CARD_ERR_IO;
	r = calloc(1, sizeof(*r));
	err = r == NULL ? CARD_ERR_NO_MEMORY : parse_file(r, f);
	(void)fclose(f);
	if (err == CARD_OK)
		err = card_reader_new(out, &replay_ops, r);
	if (err != CARD_OK && r != NULL)
		replay_close(r);
	return err;
}

unsigned card_trace_mismatch_line(const card_reader_t *r)
{
	const struct replay *replay = card_reader_ctx(r, &replay_ops);

	return replay != NULL ? replay->mismatch_line : 0;
}
