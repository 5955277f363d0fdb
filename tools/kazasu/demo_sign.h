/* SPDX-License-Identifier: Apache-2.0 */
/* demo_sign.h — what the demo signs. */
#ifndef KAZASU_DEMO_SIGN_H
#define KAZASU_DEMO_SIGN_H

#include "kazasu.h"

/* Write a PDF and a text to be signed. KZ_GO, or the exit code. */
int demo_write(struct kz *kz, const char *pdf, const char *text);

#endif
