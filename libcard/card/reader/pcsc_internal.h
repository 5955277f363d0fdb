/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of the PC/SC transport. */
#ifndef CARD_PCSC_INTERNAL_H
#define CARD_PCSC_INTERNAL_H

#include <stdatomic.h>

#include <winscard.h>

#include <card/pcsc.h>

#define BUSY_DEFAULT_MS  10000u
#define BUSY_POLL_MS     50u
#define WAIT_REPORT_MS   2000u /* first word to the caller after this */
#define WAIT_REPEAT_MS   1000u /* then as often */
#define PNP_NOTIFICATION "\\\\?PnP?\\Notification"

struct wait_hook {
	card_pcsc_wait_fn *fn;
	void *ctx;
};

struct card_pcsc {
	SCARDCONTEXT context;
	bool established;
	struct wait_hook hook;
	/* What another thread may touch: SCardCancel ends only a call that sleeps in pcscd. */
	atomic_bool cancelled;
	_Atomic SCARDCONTEXT sleeping; /* the context that sleeps there, 0: none */
};

/* Features of a reader, PC/SC part 10 §2.3; 0 where it has none. */
struct pinpad_features {
	uint32_t verify_direct, modify_direct;
};

/* The error that a PC/SC result means, outside of a transmission. */
enum card_error pcsc_error(LONG rv);

/* True if the context or handle is of a pcscd that is gone. */
bool pcsc_service_lost(LONG rv);

/* A context; *context is set only on CARD_OK. */
enum card_error pcsc_establish(SCARDCONTEXT *context);

/*
 * Connect to a reader, shared, within a time. CARD_OK: the call ended, *rv is its result and with
 * success *card and *protocol are set. CARD_ERR_READER_BUSY, CARD_ERR_CANCELLED: it did not; the
 * context went with it and *context is 0. CARD_ERR_NO_MEMORY.
 */
enum card_error pcsc_connect(SCARDCONTEXT *context, const char *name, const struct wait_hook *hook,
			     unsigned timeout_ms, SCARDHANDLE *card, DWORD *protocol, LONG *rv);

uint64_t pcsc_now_ms(void);
void pcsc_sleep_ms(unsigned ms);

/* Tell the hook when it is time. *next_ms: when next, 0 at first. False: give up. */
bool pcsc_report_wait(const struct wait_hook *hook, uint64_t start_ms, uint64_t *next_ms);

/* Ask the reader for its features; none on any error. Returns the PC/SC result. */
LONG pcsc_read_features(SCARDHANDLE card, struct pinpad_features *out);

/* Run a PIN block on the reader. CARD_ERR_CANCELLED, CARD_ERR_TIMEOUT, CARD_ERR_PIN_FORMAT;
 * *rv receives the PC/SC result where that failed (CARD_ERR_READER). */
enum card_error pcsc_pinpad(SCARDHANDLE card, const struct pinpad_features *features,
			    const struct card_pinpad_request *req, uint8_t *resp, size_t cap,
			    size_t *len, LONG *rv);

#endif
