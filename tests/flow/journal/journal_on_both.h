/* SPDX-License-Identifier: Apache-2.0 */
/* journal_on_both.h — each test begins with an empty journal (*state), on a store of either kind. */
#ifndef JOURNAL_ON_BOTH_H
#define JOURNAL_ON_BOTH_H

#include "journal_case.h"

static inline void begin(void **state, struct pg_server *server)
{
	*state = case_new(server);
}

static inline void end(void **state)
{
	case_free(*state);
}

#include "both_stores.h"

#endif
