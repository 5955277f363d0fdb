/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command.h — one command of the virtual card, and the functions that execute it.
 */
#ifndef SIM_COMMAND_H
#define SIM_COMMAND_H

#include "chip.h"

/* A command APDU taken apart (ISO 7816-4 5.1). */
struct sim_apdu {
	uint8_t cla, ins, p1, p2;
	const uint8_t *data; /* lc bytes */
	size_t lc, le;
	bool has_le, extended;
	bool malformed; /* lengths that contradict each other */
};

/* n is at least 4. */
void sim_apdu_parse(struct sim_apdu *a, const uint8_t *cmd, size_t n);

/* Each appends response data to out and returns the status word. */
unsigned sim_do_select(struct sim_chip *c, const struct sim_apdu *a, struct sim_buf *out);
unsigned sim_do_verify(struct sim_chip *c, const struct sim_apdu *a);
unsigned sim_do_change(struct sim_chip *c, const struct sim_apdu *a);
unsigned sim_do_read_binary(struct sim_chip *c, const struct sim_apdu *a, struct sim_buf *out);
unsigned sim_do_read_record(struct sim_chip *c, const struct sim_apdu *a, struct sim_buf *out);
unsigned sim_do_get_data(struct sim_chip *c, const struct sim_apdu *a, struct sim_buf *out);
unsigned sim_do_challenge(struct sim_chip *c, const struct sim_apdu *a, struct sim_buf *out);
unsigned sim_do_sign(struct sim_chip *c, const struct sim_apdu *a, struct sim_buf *out);
unsigned sim_do_authenticate(struct sim_chip *c, const struct sim_apdu *a, struct sim_buf *out);
unsigned sim_do_session(struct sim_chip *c, const struct sim_apdu *a);
/* Class 08: takes the protection off, executes, puts it on again. */
unsigned sim_do_protected(struct sim_chip *c, const struct sim_apdu *a, struct sim_buf *out);

/* The EF of a short identifier or NULL; makes it current. */
struct sim_ef *sim_ef_by_sfi(struct sim_chip *c, unsigned sfi);
struct sim_ef *sim_ef_by_id(struct sim_chip *c, unsigned id);

/* The EF that P2 = 80 (current) or 80|SFI names. *sw is set if NULL is returned. */
struct sim_ef *sim_ef_of_p2(struct sim_chip *c, unsigned p2, unsigned *sw);

static inline bool sim_may(const struct sim_chip *c, const struct sim_ef *ef)
{
	return ef->need == SIM_FREE || (ef->need & c->verified) != 0;
}

#endif
