/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue_idle.h — a resident who may have walked away (flows §1.8, K27; rules PD-22): 120 s idle, a
 * warning at 90 s, and more time for who asks for it, at least ten times.
 *
 * Pure: the caller's clock, nothing is waited for. One for each screen that waits for a person.
 */
#ifndef CARDFLOW_ISSUE_IDLE_H
#define CARDFLOW_ISSUE_IDLE_H

#include <stdbool.h>
#include <stdint.h>

#include <card/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FLOW_IDLE_WARN       90
#define FLOW_IDLE_END        120
#define FLOW_IDLE_EXTENSIONS 10

enum flow_idle_state {
	FLOW_IDLE_OK = 0,
	FLOW_IDLE_WARNING, /* say so, and offer more time */
	FLOW_IDLE_OVER     /* the screen ends (K27), for good */
};

/* POSIX seconds; a clock that goes back counts as no time. */
struct flow_idle {
	int64_t since;
	unsigned extended; /* since the last touch */
	bool over;
};

/* The screen is shown now. */
CARD_API void flow_idle_start(struct flow_idle *idle, int64_t now);
/* The resident did something: the time begins anew, with all its extensions. Not once it is over. */
CARD_API void flow_idle_touch(struct flow_idle *idle, int64_t now);
/* More time was asked for. False: it is over, or the extensions are used up. */
CARD_API bool flow_idle_extend(struct flow_idle *idle, int64_t now);
/* *left (may be NULL): seconds until it is over. */
CARD_API enum flow_idle_state flow_idle_look(struct flow_idle *idle, int64_t now, int *left);

#ifdef __cplusplus
}
#endif
#endif
