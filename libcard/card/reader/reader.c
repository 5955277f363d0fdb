/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <card/reader.h>

#include "reader_internal.h"

struct card_reader {
	struct card_reader_ops ops;
	void *ctx;
};

enum card_error card_reader_new(card_reader_t **out, const struct card_reader_ops *ops, void *ctx)
{
	struct card_reader *r;

	if (out == NULL || ops == NULL || ops->transmit == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return CARD_ERR_NO_MEMORY;
	r->ops = *ops;
	r->ctx = ctx;
	*out = r;
	return CARD_OK;
}

void card_reader_free(card_reader_t **r)
{
	if (r == NULL || *r == NULL)
		return;
	if ((*r)->ops.close != NULL)
		(*r)->ops.close((*r)->ctx);
	free(*r);
	*r = NULL;
}

enum card_error card_reader_transmit(card_reader_t *r, struct card_bytes cmd, uint8_t *resp,
				     size_t cap, size_t *len, bool *maybe_executed)
{
	bool ignored = false;

	if (r == NULL || cmd.p == NULL || cmd.n < 4 || cmd.n > CARD_COMMAND_MAX || resp == NULL ||
	    len == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (maybe_executed == NULL)
		maybe_executed = &ignored;
	*len = 0;
	*maybe_executed = false;
	return r->ops.transmit(r->ctx, cmd, resp, cap, len, maybe_executed);
}

enum card_error card_reader_begin(card_reader_t *r, unsigned timeout_ms)
{
	if (r == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	return r->ops.begin != NULL ? r->ops.begin(r->ctx, timeout_ms) : CARD_OK;
}

enum card_error card_reader_end(card_reader_t *r, enum card_disposition how)
{
	if (r == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	return r->ops.end != NULL ? r->ops.end(r->ctx, how) : CARD_OK;
}

enum card_error card_reader_pinpad(card_reader_t *r, const struct card_pinpad_request *req,
				   uint8_t *resp, size_t cap, size_t *len, bool *maybe_executed)
{
	bool ignored = false;

	if (r == NULL || req == NULL || req->apdu.p == NULL || req->apdu.n < 5 || resp == NULL ||
	    len == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (maybe_executed == NULL)
		maybe_executed = &ignored;
	*len = 0;
	*maybe_executed = false;
	if (r->ops.pinpad == NULL)
		return CARD_ERR_UNSUPPORTED;
	return r->ops.pinpad(r->ctx, req, resp, cap, len, maybe_executed);
}

enum card_error card_reader_atr(card_reader_t *r, uint8_t atr[CARD_ATR_MAX], size_t *len)
{
	if (r == NULL || atr == NULL || len == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*len = 0;
	return r->ops.atr != NULL ? r->ops.atr(r->ctx, atr, len) : CARD_OK;
}

unsigned card_reader_features(const card_reader_t *r)
{
	return r != NULL && r->ops.features != NULL ? r->ops.features(r->ctx) : 0;
}

const char *card_reader_name(const card_reader_t *r)
{
	const char *name = r != NULL && r->ops.name != NULL ? r->ops.name(r->ctx) : NULL;

	return name != NULL ? name : "";
}

uint64_t card_reader_generation(const card_reader_t *r)
{
	return r != NULL && r->ops.generation != NULL ? r->ops.generation(r->ctx) : 0;
}

void *card_reader_ctx(const card_reader_t *r, const struct card_reader_ops *ops)
{
	return r != NULL && r->ops.transmit == ops->transmit ? r->ctx : NULL;
}
