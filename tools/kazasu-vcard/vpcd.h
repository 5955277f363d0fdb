/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vpcd.h — the card's end of a vpcd connection.
 *
 * vpcd listens, the card connects; a message is a 2-byte big-endian length and
 * that many bytes. A message of one byte is a control: 00 power off, 01 power on,
 * 02 reset, 04 send the ATR. Only APDUs and 04 are answered. Closing the
 * connection removes the card.
 */
#ifndef VCARD_VPCD_H
#define VCARD_VPCD_H

#include <card/sim.h>

enum vpcd_end {
	VPCD_CLOSED = 0, /* by the other side */
	VPCD_TORN,       /* the card was pulled out */
	VPCD_STOPPED,    /* by a signal */
	VPCD_FAILED
};

/* A connected socket, retried for wait_ms; -1 and errno. stop_fd readable ends the wait. */
int vpcd_connect(const char *host, unsigned port, unsigned wait_ms, int stop_fd);

/* Serve until one of the ends; stop_fd becomes readable when it is time to stop. */
enum vpcd_end vpcd_serve(int fd, int stop_fd, card_sim_t *card);

#endif
