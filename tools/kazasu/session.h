/* SPDX-License-Identifier: Apache-2.0 */
/* session.h — the card that a command works with. */
#ifndef KAZASU_SESSION_H
#define KAZASU_SESSION_H

#include "kazasu.h"

#include <card/channel.h>
#include <card/pcsc.h>
#include <card/reader.h>

struct kz_session {
	card_reader_t *reader;
	card_channel_t *ch;
	bool virtual_card; /* sim: */
	uint16_t sw;       /* status word of the last step that ended */
	bool begun;        /* a transaction was ended, with the card of this generation */
	uint64_t generation;
};

/*
 * Open the card that --reader and --wait name. KZ_GO, or the exit code. No command is sent
 * unless several readers hold cards and none was named: then each is asked for the JPKI
 * application.
 */
int kz_session_open(struct kz *kz, struct kz_session *out);
void kz_session_close(struct kz_session *s);

/* Begin a transaction (flow step). */
enum card_error kz_session_begin(struct kz *kz, struct kz_session *s);

/*
 * End it after work that came to `error`; returns what to report. The status word of the work is
 * kept in s->sw. That the card was taken after everything was done does not spoil the result: its
 * power is gone, and with it the security status.
 */
enum card_error kz_session_end(struct kz_session *s, enum card_error error);

/* Report an error of this card and return the exit code. A missing application is explained by
 * what lies on the reader. */
int kz_session_fail(struct kz *kz, struct kz_session *s, enum card_error error);

/* True if outputs of this session have to be marked as a test. */
bool kz_session_is_test(const struct kz *kz, const struct kz_session *s);

#endif
