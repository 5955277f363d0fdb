/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "script.h"
#include "test.h"

static void fail_script(struct script *s, const char *what, struct card_bytes cmd)
{
	char hex[160];

	if (s->wrong[0] != '\0')
		return;
	if (cmd.n > 64)
		cmd.n = 64;
	(void)card_hex_encode(cmd, hex, sizeof(hex));
	(void)snprintf(s->wrong, sizeof(s->wrong), "line %zu: %s; got %s", s->next + 1, what, hex);
}

static enum card_error put(const char *hex, uint8_t *out, size_t cap, size_t *len)
{
	card_buf_t b = card_buf_fixed(out, cap);
	enum card_error err = card_hex_decode(hex, &b);

	*len = b.n;
	return err;
}

static enum card_error script_transmit(void *ctx, struct card_bytes cmd, uint8_t *resp, size_t cap,
				       size_t *len, bool *maybe_executed)
{
	struct script *s = ctx;
	const struct script_line *line;
	card_buf_t want = {0};
	bool same;

	if (s->next == s->count) {
		fail_script(s, "no more commands expected", cmd);
		return CARD_ERR_INTERNAL;
	}
	line = &s->lines[s->next];
	same = card_hex_decode(line->command, &want) == CARD_OK &&
	       card_bytes_equal(card_buf_bytes(&want), cmd);
	card_buf_free(&want);
	if (!same) {
		fail_script(s, line->command, cmd);
		return CARD_ERR_INTERNAL;
	}
	s->next++;
	if (line->answer == NULL) {
		*maybe_executed = line->executed;
		return line->err;
	}
	return put(line->answer, resp, cap, len);
}

static enum card_error script_begin(void *ctx, unsigned timeout_ms)
{
	(void)timeout_ms;
	((struct script *)ctx)->begins++;
	return CARD_OK;
}

static enum card_error script_end(void *ctx, enum card_disposition how)
{
	struct script *s = ctx;

	s->ends++;
	s->last_end = how;
	return CARD_OK;
}

static enum card_error script_pinpad(void *ctx, const struct card_pinpad_request *req,
				     uint8_t *resp, size_t cap, size_t *len, bool *maybe_executed)
{
	struct script *s = ctx;

	s->pinpad.calls++;
	(void)card_hex_encode(req->apdu, s->pinpad.apdu, sizeof(s->pinpad.apdu));
	*maybe_executed = false;
	if (s->pinpad.answer == NULL)
		return s->pinpad.err;
	return put(s->pinpad.answer, resp, cap, len);
}

static unsigned script_features(void *ctx)
{
	return ((const struct script *)ctx)->features;
}

static uint64_t script_generation(void *ctx)
{
	return ((const struct script *)ctx)->generation;
}

card_reader_t *script_reader(struct script *script, const struct script_line *lines, size_t count)
{
	static const struct card_reader_ops ops = {
		.transmit = script_transmit,
		.begin = script_begin,
		.end = script_end,
		.pinpad = script_pinpad,
		.features = script_features,
		.generation = script_generation,
	};
	card_reader_t *r = NULL;

	memset(script, 0, sizeof(*script));
	script->lines = lines;
	script->count = count;
	assert_int_equal(card_reader_new(&r, &ops, script), CARD_OK);
	return r;
}

void script_assert_done(const struct script *script)
{
	if (script->wrong[0] != '\0')
		fail_msg("%s", script->wrong);
	if (script->next != script->count)
		fail_msg("line %zu was never sent: %s", script->next + 1,
			 script->lines[script->next].command);
}

void dialogue_start(struct dialogue *d, const struct script_line *lines, size_t count)
{
	memset(d, 0, sizeof(*d));
	d->reader = script_reader(&d->script, lines, count);
	assert_int_equal(card_channel_new(&d->channel, d->reader), CARD_OK);
	assert_int_equal(card_channel_begin(d->channel, 0), CARD_OK);
}

void dialogue_finish(struct dialogue *d)
{
	(void)card_channel_end(d->channel);
	card_channel_free(&d->channel);
	card_reader_free(&d->reader);
	script_assert_done(&d->script);
	assert_int_equal(d->script.begins, d->script.ends);
}
