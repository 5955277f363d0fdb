/* SPDX-License-Identifier: Apache-2.0 */
/* demo_sign.h — a signature by the test card, for the demo. */
#ifndef KAZASU_DEMO_SIGN_H
#define KAZASU_DEMO_SIGN_H

#include "kazasu.h"

/* Files that are written. */
struct demo_signature {
	const char *message, *signature, *certificate;
};

/* Let the test persona behind `reader` (sim:…) sign a message with its published password.
 * KZ_GO, or the exit code. */
int demo_sign(struct kz *kz, const char *reader, const struct demo_signature *to);

#endif
