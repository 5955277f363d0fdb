/* SPDX-License-Identifier: Apache-2.0 */
/* identify_counter.h — the identity check with operator, procedure and journal (flows ch. 2). */
#ifndef KAZASU_IDENTIFY_COUNTER_H
#define KAZASU_IDENTIFY_COUNTER_H

#include "kazasu.h"

#include <cardflow/identify.h>

struct kz_counter_words {
	const char *procedure, *operator_id, *second, *subject, *evidence, *face, *photo;
	enum flow_route route;
	bool last_try, number;
};

/* Run it and say the result, in the words and with the exit codes of `identify`. */
int kz_identify_counter(struct kz *kz, const struct kz_counter_words *w);

#endif
