/* SPDX-License-Identifier: Apache-2.0 */
#include "refusal.h"

int64_t refusal_due(int64_t begun, int64_t now, int64_t step)
{
	const int64_t spent = now > begun ? now - begun : 0;
	const int64_t steps = (spent + step - 1) / step;

	return begun + (steps > 0 ? steps : 1) * step;
}
