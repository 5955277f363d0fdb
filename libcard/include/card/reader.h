/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader.h — a transport: something that carries command APDUs to one card.
 *
 * card_reader_ops is public so that anyone can bring a transport: PC/SC
 * (pcsc.h), recording and replaying (trace.h), the virtual card, a phone, a
 * test script. A transport moves bytes; it knows nothing of files or PINs.
 */
#ifndef CARD_READER_H
#define CARD_READER_H

#include <card/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Largest command APDU carried: 7 + 65535 + 2 (ISO 7816-4 case 4 extended). */
#define CARD_COMMAND_MAX 65544u
/* Largest response APDU carried: 65536 + 2. */
#define CARD_RESPONSE_MAX 65538u
/* Longest ATR (ISO 7816-3). */
#define CARD_ATR_MAX 33u

/* What the reader is able to do (PC/SC part 10). */
#define CARD_READER_PINPAD_VERIFY 0x01u
#define CARD_READER_PINPAD_CHANGE 0x02u
#define CARD_READER_REAL          0x10u /* a physical card may be there: traces hide protected answers */

/* How a transaction ends. */
enum card_disposition {
	CARD_LEAVE = 0,  /* as it is */
	CARD_UNPOWER = 1 /* power off: the security status is gone (card-spec 2.5) */
};

/*
 * A PIN block for a reader with its own keys. template_apdu is the VERIFY or
 * CHANGE command with the place of the digits filled with `fill`; offsets count
 * from the first byte of its data field. Numeric secrets only.
 */
struct card_pinpad_request {
	bool change;            /* false: VERIFY; true: CHANGE (new PIN, typed twice) */
	struct card_bytes apdu; /* header, Lc and data field */
	uint8_t min_digits, max_digits;
	uint16_t language; /* USB language id, e.g. 0x0411 Japanese, 0x0409 English */
	unsigned timeout_s;
};

/*
 * Operations of a transport. Each receives the ctx given to card_reader_new and
 * returns CARD_OK or the errors named. A NULL optional member means
 * CARD_ERR_UNSUPPORTED (begin/end: nothing to do).
 *
 * Errors every operation may return: CARD_ERR_REMOVED, CARD_ERR_RESET (another
 * program reset the card; the connection works again at the next begin),
 * CARD_ERR_NO_SERVICE, CARD_ERR_READER.
 */
struct card_reader_ops {
	/*
	 * Send one command APDU and receive one response APDU with its status word
	 * (at least 2 bytes). resp has room for cap bytes; *len receives the count.
	 * maybe_executed (never NULL) is set to true if an error is returned although
	 * the card may have received the command, to false if it surely did not.
	 * CARD_ERR_TOO_LONG: the response is longer than cap.
	 */
	enum card_error (*transmit)(void *ctx, struct card_bytes cmd, uint8_t *resp, size_t cap,
				    size_t *len, bool *maybe_executed);

	/* Optional: exclusive use until end. timeout_ms 0: as configured.
	 * CARD_ERR_READER_BUSY after the time-out; CARD_ERR_CANCELLED. */
	enum card_error (*begin)(void *ctx, unsigned timeout_ms);
	enum card_error (*end)(void *ctx, enum card_disposition how);

	/* Optional: a PIN typed on the reader. The response is the card's status word.
	 * CARD_ERR_CANCELLED, CARD_ERR_TIMEOUT, CARD_ERR_PIN_FORMAT (entries too short, or the
	 * two of a CHANGE differ): nothing was sent. maybe_executed as above. */
	enum card_error (*pinpad)(void *ctx, const struct card_pinpad_request *req, uint8_t *resp,
				  size_t cap, size_t *len, bool *maybe_executed);

	/* Optional: the ATR, copied to atr[CARD_ATR_MAX]; *len 0 if unknown. */
	enum card_error (*atr)(void *ctx, uint8_t *atr, size_t *len);

	/* Optional: CARD_READER_… flags. */
	unsigned (*features)(void *ctx);

	/* Optional: a name for people, valid until close. */
	const char *(*name)(void *ctx);

	/* Optional: a number that changes with each insertion, reset or reconnection, so that
	 * a caller can tell whether what it knew of the card may still hold. */
	uint64_t (*generation)(void *ctx);

	/* Optional: release ctx. Called once, by card_reader_free. */
	void (*close)(void *ctx);
};

typedef struct card_reader card_reader_t;

/* A reader over ops (copied) and ctx. On error ctx is not closed. */
CARD_API enum card_error card_reader_new(card_reader_t **out, const struct card_reader_ops *ops,
					 void *ctx);

/* Close the transport, release, set *r to NULL. NULL is allowed. */
CARD_API void card_reader_free(card_reader_t **r);

/* The operations, checked: see struct card_reader_ops. */
CARD_API enum card_error card_reader_transmit(card_reader_t *r, struct card_bytes cmd,
					      uint8_t *resp, size_t cap, size_t *len,
					      bool *maybe_executed);
CARD_API enum card_error card_reader_begin(card_reader_t *r, unsigned timeout_ms);
CARD_API enum card_error card_reader_end(card_reader_t *r, enum card_disposition how);
CARD_API enum card_error card_reader_pinpad(card_reader_t *r, const struct card_pinpad_request *req,
					    uint8_t *resp, size_t cap, size_t *len,
					    bool *maybe_executed);
CARD_API enum card_error card_reader_atr(card_reader_t *r, uint8_t atr[CARD_ATR_MAX], size_t *len);
CARD_API unsigned card_reader_features(const card_reader_t *r);
CARD_API const char *card_reader_name(const card_reader_t *r); /* "" if unknown */
CARD_API uint64_t card_reader_generation(const card_reader_t *r);

#ifdef __cplusplus
}
#endif
#endif
