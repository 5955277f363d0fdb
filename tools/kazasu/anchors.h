/* SPDX-License-Identifier: Apache-2.0 */
/* anchors.h — the CA keys that a run trusts. */
#ifndef KAZASU_ANCHORS_H
#define KAZASU_ANCHORS_H

#include "kazasu.h"

#include <card/cvc.h>

/* The published CA keys of the card-verifiable certificates; with --test-roots also the
 * published test keys and those made for this tree. KZ_GO, or the exit code. */
int kz_anchors_cvca(struct kz *kz, card_cvca_t **out);

#endif
