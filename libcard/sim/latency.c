/* SPDX-License-Identifier: Apache-2.0 */
#include "latency.h"

/*
 * Model: exchange + blocks × block + bytes × byte + RSA + writes. No source gives
 * figures for this card; the line rates are the standards', the rest is the order
 * of size of cards of this kind (all D).
 *   byte:  ISO 14443-3 Type B: 10 bits + 1 extra guard time at 106 or 424 kbit/s;
 *          contact T=1 at 38 400 baud with 12 etu a byte.
 *   block: ISO 14443-4 frame delay and CRC, 254 bytes of payload a block;
 *          T=1 prologue, epilogue and turnaround, 251 bytes.
 *   exchange: USB and reader firmware, once a command.
 */
static const struct {
	uint32_t exchange_us, block_us, byte_ns, payload, rsa_ms, write_ms;
} profiles[CARD_SIM_LATENCY_COUNT_] = {
	[CARD_SIM_LATENCY_NONE] = {0, 0, 0, 254, 0, 0},
	[CARD_SIM_LATENCY_NFC106] = {2500, 900, 103800, 254, 320, 4},
	[CARD_SIM_LATENCY_NFC424] = {2500, 500, 26000, 254, 320, 4},
	[CARD_SIM_LATENCY_CONTACT] = {2000, 2200, 312500, 251, 280, 4},
};

uint64_t sim_latency(enum card_sim_latency profile, const struct sim_work *w)
{
	if (profile <= CARD_SIM_LATENCY_NONE || profile >= CARD_SIM_LATENCY_COUNT_)
		return 0;
	uint64_t blocks = (w->sent + profiles[profile].payload - 1) / profiles[profile].payload +
			  (w->received + profiles[profile].payload - 1) / profiles[profile].payload;
	uint64_t us = profiles[profile].exchange_us + blocks * profiles[profile].block_us;
	uint64_t ms = (uint64_t)w->rsa * profiles[profile].rsa_ms +
		      (uint64_t)w->writes * profiles[profile].write_ms;

	return (w->sent + w->received) * (uint64_t)profiles[profile].byte_ns + us * 1000u +
	       ms * 1000000u;
}
