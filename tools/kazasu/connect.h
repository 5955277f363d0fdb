/* SPDX-License-Identifier: Apache-2.0 */
/* connect.h — a connection to a card that another program may be holding. */
#ifndef KAZASU_CONNECT_H
#define KAZASU_CONNECT_H

#include "kazasu.h"

#include <card/pcsc.h>

/*
 * As card_pcsc_open, but never longer than wait_ms: pcscd keeps a new client waiting in its connect
 * call, without limit, while another program is inside a transaction. Says so after 2 s.
 * CARD_ERR_READER_BUSY; otherwise the errors of card_pcsc_open.
 */
enum card_error kz_connect(const struct kz *kz, card_pcsc_t *pcsc,
			   const struct card_pcsc_reader *reader, unsigned wait_ms,
			   card_reader_t **out);

#endif
