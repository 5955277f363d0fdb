/* SPDX-License-Identifier: Apache-2.0 */
/*
 * local.h — the 条例利用AP on a virtual card: an assumption of this project (docs/issuance.md).
 */
#ifndef SIM_LOCAL_H
#define SIM_LOCAL_H

#include "command.h"

/* The application, if the persona has one. Needs the persona's municipality and 利用者ID. */
enum card_error sim_content_local(struct sim_contents *x);

/* MUTUAL AUTHENTICATE 00 82 00 96: digest (32) and proof (32) in, the card's response (32) out. */
unsigned sim_do_mutual(struct sim_chip *c, const struct sim_apdu *a, struct sim_buf *out);

#endif
