/* SPDX-License-Identifier: Apache-2.0 */
/* ask.h — a question to the person at the terminal. */
#ifndef KAZASU_ASK_H
#define KAZASU_ASK_H

#include <stdbool.h>

/* On the terminal, so that it works beside redirected input. Only a clear yes counts. */
bool kz_asked_yes(const char *question);

#endif
