/* SPDX-License-Identifier: Apache-2.0 */
/* registers.h — the registers that the configuration names (宛名システム, 既存住基, 住基ネット). */
#ifndef KAZASU_REGISTERS_H
#define KAZASU_REGISTERS_H

#include "config.h"
#include "desk.h"

struct kz_registers {
	struct kz_config config;
	flow_store_t *store[FLOW_REGISTER_COUNT_];  /* of their own; NULL: the counter's, or none */
	flow_register_t *reg[FLOW_REGISTER_COUNT_]; /* NULL: not connected */
};

/*
 * Open what is configured; the 宛名 register is that of the counter where none is named and one was
 * imported. One that cannot be reached is told and stays silent: it never confirms. KZ_GO, or the
 * exit code; close in any case.
 */
int kz_registers_open(struct kz *kz, struct kz_desk *d, struct kz_registers *out);
void kz_registers_close(struct kz_registers *r);

#endif
