/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pcscd made of variables, with its own clock: every SCard… call of libcard ends here in a test
 * that links with FAKE_PCSC of the Makefile (ld --wrap). One at a time; what the reader's card
 * answers is the test's function, usually the virtual card.
 */
#ifndef FAKE_PCSC_H
#define FAKE_PCSC_H

#include <stdbool.h>
#include <stdint.h>

#include <winscard.h>

#include <card/bytes.h>

#define FAKE_READERS  3
#define FAKE_EVENTS   6
#define FAKE_CONTEXTS 16
#define FAKE_LOG      64

struct fake_pcsc;

/* Execute a command. resp has room for *len bytes; *len receives the count. */
typedef LONG fake_card_fn(void *ctx, struct card_bytes cmd, uint8_t *resp, DWORD *len);

struct fake_reader {
	const char *name; /* NULL: not plugged in */
	bool card, mute;
	uint32_t events; /* insertions and removals, as pcscd counts */
};

/* Something that happens in the world at a time. */
struct fake_event {
	uint64_t at_ms;
	void (*happens)(struct fake_pcsc *f);
};

/* What goes wrong with one SCardTransmit or PIN pad call, counted from 1. at 0: nothing. */
struct fake_fault {
	unsigned at;
	LONG rv;       /* SCARD_S_SUCCESS: success with no bytes at all */
	bool executed; /* the card received the command; its answer is lost */
};

/* A command that SCardTransmit was asked to send. */
struct fake_command {
	uint8_t ins;
	bool data;
};

struct fake_pcsc {
	uint64_t now_ms;
	struct fake_event events[FAKE_EVENTS];

	bool stopped;        /* pcscd does not run */
	LONG establish_rv;   /* what SCardEstablishContext says, if not success */
	LONG connect_rv;     /* what SCardConnect says, if not success */
	unsigned boot;       /* how often pcscd was started: older contexts are invalid */
	unsigned list_races; /* so often a listed reader is gone when its state is asked */

	struct fake_reader readers[FAKE_READERS];
	fake_card_fn *card;
	void *card_ctx;
	void (*power_off)(void *ctx);
	bool reset;             /* another program reset the card: told once per handle */
	uint64_t busy_until_ms; /* another program's transaction */
	bool waiting; /* a call sleeps in SCardGetStatusChange: only then has SCardCancel an effect */
	bool cancelled;

	struct fake_fault fault;
	uint8_t features[64]; /* answer to CM_IOCTL_GET_FEATURE_REQUEST */
	size_t features_len;
	LONG features_rv;
	uint8_t pad_answer[4]; /* of a PIN pad */
	size_t pad_answer_len;
	uint32_t pad_change_code; /* 0: pad_answer to every block; else to this one another */
	uint8_t pad_change_answer[4];
	size_t pad_change_answer_len;

	/* what was seen */
	unsigned transmits, controls, begins, ends, connects, reconnects, disconnects;
	unsigned contexts_open, cards_open, in_transaction;
	DWORD last_end;
	struct fake_command log[FAKE_LOG];
	size_t log_len;
	unsigned pad_calls;
	uint32_t pad_code; /* of the last call */
	uint8_t pad_block[128];
	size_t pad_block_len;
	bool wrong_use; /* a call with a handle that was never given out, or already closed */

	/* inside */
	struct {
		bool used;
		unsigned boot;
	} context[FAKE_CONTEXTS], handle[FAKE_CONTEXTS];
};

/* The one that the wrapped calls use. */
extern struct fake_pcsc fake_pcsc;

/* Everything empty, pcscd runs, one empty reader "Test Reader 00". */
void fake_pcsc_start(void);

void fake_pcsc_at(uint64_t ms, void (*happens)(struct fake_pcsc *f));

/* Let time pass, with what happens in it. */
void fake_pcsc_pass(uint64_t ms);

/* A new card on the first reader, or none. */
void fake_pcsc_insert(fake_card_fn *card, void *ctx);
void fake_pcsc_remove(void);

/* Every context and handle was given back. */
bool fake_pcsc_tidy(void);

#endif
