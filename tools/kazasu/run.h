/* SPDX-License-Identifier: Apache-2.0 */
/* run.h — another program, with its output kept or shown. */
#ifndef KAZASU_RUN_H
#define KAZASU_RUN_H

#include "kazasu.h"

#include <card/bytes.h>

/*
 * Run argv (argv[0] looked for in PATH) and wait for it. input: what it reads from descriptor 3,
 * or NULL. out: receives its standard output; NULL: shown. What is shown, its standard error too,
 * goes to the descriptor `show`; show -1: its standard error is kept in out too. CARD_ERR_NOT_FOUND: no such program; otherwise CARD_OK with its
 * exit code in *status (128 + number after a signal).
 */
enum card_error kz_run(const char *const *argv, const char *input, card_buf_t *out, int show,
		       int *status);

#endif
