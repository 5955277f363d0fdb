/* SPDX-License-Identifier: Apache-2.0 */
/* How the layers of libcard write to the log: an event and two numbers, never bytes or text. */
#ifndef CARD_LOG_INTERNAL_H
#define CARD_LOG_INTERNAL_H

#include <card/log.h>

void card_log_emit(enum card_log_event event, unsigned long a, unsigned long b);

#endif
