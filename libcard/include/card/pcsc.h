/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pcsc.h — readers behind pcscd (PC/SC), and waiting for readers and cards.
 *
 * A context survives a restart of pcscd: calls establish it anew when it was lost.
 * Connections are shared; exclusive use is a transaction (reader.h).
 */
#ifndef CARD_PCSC_H
#define CARD_PCSC_H

#include <card/reader.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct card_pcsc card_pcsc_t;

/* One reader as pcscd reports it. */
struct card_pcsc_reader {
	char name[128]; /* UTF-8, unique */
	bool card;      /* a card is present and answers */
	bool mute;      /* a card is present and does not answer */
	bool in_use;    /* another program is connected */
	bool exclusive; /* another program holds it exclusively */
	uint8_t atr[CARD_ATR_MAX];
	size_t atr_len;
	uint32_t events; /* counts insertions and removals, as pcscd says */
};

#define CARD_PCSC_READERS_MAX 16u /* pcscd's own limit */

/* Called while a call waits, with the milliseconds waited so far; return false to give up
 * (CARD_ERR_CANCELLED). First after 2 s, then every second. */
typedef bool card_pcsc_wait_fn(void *ctx, unsigned waited_ms);

/* Connect to pcscd. CARD_ERR_NO_SERVICE: it does not run; CARD_ERR_NOT_PERMITTED: polkit. */
CARD_API enum card_error card_pcsc_new(card_pcsc_t **out);

/* Release; card_reader_t objects opened from it stay valid. NULL is allowed. */
CARD_API void card_pcsc_free(card_pcsc_t **p);

/* Told while waiting; NULL: none. */
CARD_API void card_pcsc_on_wait(card_pcsc_t *p, card_pcsc_wait_fn *fn, void *ctx);

/* List readers. *n: in, room in list; out, readers found (at most the room).
 * No reader at all is CARD_OK with 0. CARD_ERR_NO_SERVICE, CARD_ERR_NOT_PERMITTED. */
CARD_API enum card_error card_pcsc_list(card_pcsc_t *p, struct card_pcsc_reader *list, size_t *n);

/*
 * Wait until something changes against the state in list[0..n): a reader came or went, a card
 * was inserted or removed. timeout_ms 0: look once; UINT_MAX: for ever.
 * CARD_ERR_TIMEOUT: nothing changed; CARD_ERR_CANCELLED: card_pcsc_cancel was called.
 */
CARD_API enum card_error card_pcsc_wait_change(card_pcsc_t *p, const struct card_pcsc_reader *list,
					       size_t n, unsigned timeout_ms);

/* Wait for a card in the reader whose name contains part (NULL: any reader).
 * *found receives it. CARD_ERR_TIMEOUT with no card; CARD_ERR_NO_READER if none matches by then;
 * CARD_ERR_AMBIGUOUS: part names two readers that hold cards. */
CARD_API enum card_error card_pcsc_wait_card(card_pcsc_t *p, const char *part, unsigned timeout_ms,
					     struct card_pcsc_reader *found);

/* Make the waiting call of another thread return CARD_ERR_CANCELLED, within half a second; if none
 * waits, the next one does so at once. */
CARD_API enum card_error card_pcsc_cancel(card_pcsc_t *p);

/*
 * Connect to the card in a reader (exact name), shared, T=0 or T=1.
 * busy_timeout_ms: how long this call and begin wait for another program's transaction (0: 10 s);
 * this call never gives up before 1 s, which a card needs to be powered up.
 * CARD_ERR_NO_READER, CARD_ERR_NO_CARD, CARD_ERR_READER_BUSY (held exclusively),
 * CARD_ERR_READER (mute card, driver), CARD_ERR_NO_SERVICE, CARD_ERR_NOT_PERMITTED.
 */
CARD_API enum card_error card_pcsc_open(card_pcsc_t *p, const char *name, unsigned busy_timeout_ms,
					card_reader_t **out);

#ifdef __cplusplus
}
#endif
#endif
