/* SPDX-License-Identifier: Apache-2.0 */
/* inflight.h — requests that are being worked on: a repeat waits for the first to be done. */
#ifndef ISSUER_INFLIGHT_H
#define ISSUER_INFLIGHT_H

#include <stdbool.h>

/* Wait until nobody works on this transaction, then hold it. False after some seconds. */
bool inflight_enter(const char *transaction, int seconds);
void inflight_leave(const char *transaction);

#endif
