/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialogue.h — the log of a virtual card: `> HEX` and `< HEX`, secrets as `**`.
 *
 * Answers may show personal data: of people who do not exist.
 */
#ifndef SIM_DIALOGUE_H
#define SIM_DIALOGUE_H

#include <stdio.h>

#include "simbuf.h"

void sim_log_command(FILE *log, const uint8_t *cmd, size_t n);
/* The answer to cmd; NULL for one that never came. */
void sim_log_answer(FILE *log, const uint8_t *cmd, size_t n, const uint8_t *resp, size_t len);

#endif
