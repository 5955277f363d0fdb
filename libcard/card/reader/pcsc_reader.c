/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One card behind pcscd as a transport.
 *
 * pcsc-lite's SCardBeginTransaction waits without limit while another program holds the card
 * (for SCardConnect see pcsc_connect.c). So begin first asks, with a control request that touches neither card nor reader, whether the
 * card is free, and only then enters it; a program that slips in between can delay us for the
 * length of its own transaction.
 */
#include <stdlib.h>
#include <string.h>

#include "log_internal.h"
#include "pcsc_internal.h"

struct connection {
	SCARDCONTEXT context;
	SCARDHANDLE card;
	bool connected;
	bool in_transaction;
	DWORD protocol;
	uint64_t generation;
	unsigned busy_ms;
	struct pinpad_features features;
	bool features_known;
	struct wait_hook hook;
	uint8_t atr[CARD_ATR_MAX];
	size_t atr_len;
	char name[MAX_READERNAME + 1];
};

static void drop(struct connection *c, DWORD how)
{
	if (c->connected)
		(void)SCardDisconnect(c->card, how);
	c->connected = false;
	c->in_transaction = false;
	c->features_known = false;
}

/* Not SCardStatus: it waits while another program is in a transaction. */
static void read_atr(struct connection *c)
{
	SCARD_READERSTATE state;

	memset(&state, 0, sizeof(state));
	state.szReader = c->name;
	c->atr_len = 0;
	if (SCardGetStatusChange(c->context, 0, &state, 1) != SCARD_S_SUCCESS)
		return;
	c->atr_len = state.cbAtr <= sizeof(c->atr) ? (size_t)state.cbAtr : 0;
	memcpy(c->atr, state.rgbAtr, c->atr_len);
}

/* Connect, with a new context if pcscd was restarted. */
static enum card_error connect_card(struct connection *c, unsigned timeout_ms)
{
	LONG rv = SCARD_S_SUCCESS;
	enum card_error err = CARD_OK;

	for (int attempt = 0; attempt < 2; attempt++) {
		if (c->context == 0)
			err = pcsc_establish(&c->context);
		if (err == CARD_OK)
			err = pcsc_connect(&c->context, c->name, &c->hook, timeout_ms, &c->card,
					   &c->protocol, &rv);
		if (err != CARD_OK)
			return err;
		if (!pcsc_service_lost(rv))
			break;
		(void)SCardReleaseContext(c->context);
		c->context = 0;
		card_log_emit(CARD_LOG_SERVICE_RESTARTED, 0, 0);
	}
	if (rv == SCARD_W_UNRESPONSIVE_CARD || rv == SCARD_W_UNPOWERED_CARD)
		return CARD_ERR_READER; /* mute: upside down, or no chip */
	if (rv == SCARD_W_REMOVED_CARD)
		return CARD_ERR_NO_CARD;
	if (rv != SCARD_S_SUCCESS)
		return pcsc_error(rv);
	c->connected = true;
	c->in_transaction = false;
	c->generation++;
	read_atr(c);
	return CARD_OK;
}

/* After another program's reset the handle works again once this was said. */
static enum card_error reconnect(struct connection *c)
{
	LONG rv = SCardReconnect(c->card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
				 SCARD_LEAVE_CARD, &c->protocol);

	if (rv != SCARD_S_SUCCESS) {
		drop(c, SCARD_LEAVE_CARD);
		return connect_card(c, c->busy_ms);
	}
	card_log_emit(CARD_LOG_CARD_RESET, 0, 0);
	c->generation++;
	return CARD_OK;
}

/* Wait until no other program is inside a transaction. */
static enum card_error wait_free(struct connection *c, unsigned timeout_ms)
{
	uint64_t start = pcsc_now_ms(), next = 0;
	bool told = false;

	for (;;) {
		struct pinpad_features f;
		LONG rv = pcsc_read_features(c->card, &f);

		if (rv != SCARD_E_SHARING_VIOLATION) {
			if (rv == SCARD_S_SUCCESS)
				c->features = f;
			c->features_known = true;
			return CARD_OK;
		}
		if (pcsc_now_ms() - start >= timeout_ms)
			return CARD_ERR_READER_BUSY;
		if (!told && pcsc_now_ms() - start >= WAIT_REPORT_MS) {
			told = true;
			card_log_emit(CARD_LOG_WAITING_FOR_READER, WAIT_REPORT_MS, 0);
		}
		if (!pcsc_report_wait(&c->hook, start, &next))
			return CARD_ERR_CANCELLED;
		pcsc_sleep_ms(BUSY_POLL_MS);
	}
}

static enum card_error pcsc_begin(void *ctx, unsigned timeout_ms)
{
	struct connection *c = ctx;
	unsigned limit = timeout_ms != 0 ? timeout_ms : c->busy_ms;

	/* A reset or a reinsertion between transactions is mended here; twice is enough unless
	 * the reader is going mad. */
	for (int attempt = 0; attempt < 3; attempt++) {
		enum card_error err = CARD_OK;
		LONG rv;

		if (!c->connected)
			err = connect_card(c, limit);
		if (err == CARD_OK)
			err = wait_free(c, limit);
		if (err != CARD_OK)
			return err;
		rv = SCardBeginTransaction(c->card);
		if (rv == SCARD_S_SUCCESS) {
			c->in_transaction = true;
			return CARD_OK;
		}
		if (rv == SCARD_W_RESET_CARD) {
			err = reconnect(c);
			if (err != CARD_OK)
				return err;
			continue;
		}
		drop(c, SCARD_LEAVE_CARD);
		if (rv == SCARD_E_SHARING_VIOLATION)
			return CARD_ERR_READER_BUSY;
	}
	return CARD_ERR_REMOVED;
}

static enum card_error pcsc_end(void *ctx, enum card_disposition how)
{
	struct connection *c = ctx;
	LONG rv;

	if (!c->connected || !c->in_transaction)
		return CARD_OK;
	c->in_transaction = false;
	rv = SCardEndTransaction(c->card,
				 how == CARD_UNPOWER ? SCARD_UNPOWER_CARD : SCARD_LEAVE_CARD);
	if (rv == SCARD_S_SUCCESS || rv == SCARD_E_NOT_TRANSACTED)
		return CARD_OK;
	if (rv == SCARD_W_RESET_CARD)
		return CARD_ERR_RESET; /* the next begin reconnects */
	drop(c, how == CARD_UNPOWER ? SCARD_UNPOWER_CARD : SCARD_LEAVE_CARD);
	return pcsc_error(rv);
}

/* The command surely did not reach the card with these; with any other error it may have. */
static bool surely_not_sent(LONG rv)
{
	return rv == SCARD_E_SHARING_VIOLATION || rv == SCARD_E_INVALID_HANDLE ||
	       rv == SCARD_E_INVALID_PARAMETER;
}

/*
 * A failed exchange: the connection is given up, and with it the power of the card. A secret may
 * have been accepted although its answer was lost, and no SELECT can clear its status any more;
 * a mere reset would not (card-spec 2.5).
 */
static enum card_error lost(struct connection *c, LONG rv, bool *maybe_executed)
{
	enum card_error err = pcsc_error(rv);

	*maybe_executed = !surely_not_sent(rv);
	if (rv == SCARD_E_NO_SMARTCARD || rv == SCARD_E_READER_UNAVAILABLE ||
	    rv == SCARD_E_UNKNOWN_READER)
		err = CARD_ERR_REMOVED;
	if (rv != SCARD_E_SHARING_VIOLATION)
		drop(c, SCARD_UNPOWER_CARD);
	return err;
}

static enum card_error pcsc_transmit(void *ctx, struct card_bytes cmd, uint8_t *resp, size_t cap,
				     size_t *len, bool *maybe_executed)
{
	struct connection *c = ctx;
	const SCARD_IO_REQUEST *pci;
	DWORD got = (DWORD)cap;
	LONG rv;

	if (!c->connected)
		return CARD_ERR_REMOVED;
	pci = c->protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
	rv = SCardTransmit(c->card, pci, cmd.p, (DWORD)cmd.n, NULL, resp, &got);
	if (rv != SCARD_S_SUCCESS)
		return lost(c, rv, maybe_executed);
	if (got > cap)
		return CARD_ERR_TOO_LONG;
	*len = got;
	return CARD_OK;
}

static enum card_error pcsc_run_pinpad(void *ctx, const struct card_pinpad_request *req,
				       uint8_t *resp, size_t cap, size_t *len, bool *maybe_executed)
{
	struct connection *c = ctx;
	LONG rv = SCARD_S_SUCCESS;
	enum card_error err;

	if (!c->connected)
		return CARD_ERR_REMOVED;
	err = pcsc_pinpad(c->card, &c->features, req, resp, cap, len, &rv);
	if (err == CARD_ERR_READER)
		return lost(c, rv, maybe_executed);
	return err;
}

static enum card_error pcsc_atr(void *ctx, uint8_t *atr, size_t *len)
{
	const struct connection *c = ctx;

	memcpy(atr, c->atr, c->atr_len);
	*len = c->atr_len;
	return CARD_OK;
}

static unsigned pcsc_features(void *ctx)
{
	struct connection *c = ctx;
	unsigned flags = CARD_READER_REAL;

	if (c->connected && !c->features_known) {
		(void)pcsc_read_features(c->card, &c->features);
		c->features_known = true;
	}
	if (c->features.verify_direct != 0)
		flags |= CARD_READER_PINPAD_VERIFY;
	if (c->features.modify_direct != 0)
		flags |= CARD_READER_PINPAD_CHANGE;
	return flags;
}

static const char *pcsc_name(void *ctx)
{
	return ((const struct connection *)ctx)->name;
}

static uint64_t pcsc_generation(void *ctx)
{
	return ((const struct connection *)ctx)->generation;
}

static void pcsc_close(void *ctx)
{
	struct connection *c = ctx;

	drop(c, SCARD_LEAVE_CARD);
	if (c->context != 0)
		(void)SCardReleaseContext(c->context);
	free(c);
}

static const struct card_reader_ops pcsc_ops = {
	.transmit = pcsc_transmit,
	.begin = pcsc_begin,
	.end = pcsc_end,
	.pinpad = pcsc_run_pinpad,
	.atr = pcsc_atr,
	.features = pcsc_features,
	.name = pcsc_name,
	.generation = pcsc_generation,
	.close = pcsc_close,
};

enum card_error card_pcsc_open(card_pcsc_t *p, const char *name, unsigned busy_timeout_ms,
			       card_reader_t **out)
{
	struct connection *c;
	enum card_error err;

	if (p == NULL || name == NULL || out == NULL || strlen(name) > MAX_READERNAME)
		return CARD_ERR_INVALID_ARGUMENT;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return CARD_ERR_NO_MEMORY;
	memcpy(c->name, name, strlen(name) + 1);
	c->busy_ms = busy_timeout_ms != 0 ? busy_timeout_ms : BUSY_DEFAULT_MS;
	c->hook = p->hook;
	/* A context of its own: calls of one context wait for each other inside libpcsclite. */
	err = connect_card(c, c->busy_ms);
	if (err == CARD_OK)
		err = card_reader_new(out, &pcsc_ops, c);
	if (err != CARD_OK)
		pcsc_close(c);
	return err;
}
