/* SPDX-License-Identifier: Apache-2.0 */
/* refusal.h — when a refusal without a stated reason leaves (flows K20: one answer time for all). */
#ifndef ISSUER_REFUSAL_H
#define ISSUER_REFUSAL_H

#include <stdint.h>

/*
 * The instant at which the answer leaves, on the clock of the other two and in its unit: so many steps
 * after the request came, the first of them that is not before now. Whatever was looked up within one
 * step leaves at the same instant; what took longer leaves at the next, and tells no more than that.
 */
int64_t refusal_due(int64_t begun, int64_t now, int64_t step);

#endif
