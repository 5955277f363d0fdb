/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/issue_idle.h>

#include <stddef.h>

void flow_idle_start(struct flow_idle *idle, int64_t now)
{
	*idle = (struct flow_idle){.since = now};
}

static int64_t passed(struct flow_idle *idle, int64_t now)
{
	if (now < idle->since)
		idle->since = now;
	return now - idle->since;
}

void flow_idle_touch(struct flow_idle *idle, int64_t now)
{
	if (flow_idle_look(idle, now, NULL) != FLOW_IDLE_OVER)
		flow_idle_start(idle, now);
}

bool flow_idle_extend(struct flow_idle *idle, int64_t now)
{
	if (flow_idle_look(idle, now, NULL) == FLOW_IDLE_OVER ||
	    idle->extended == FLOW_IDLE_EXTENSIONS)
		return false;
	idle->extended++;
	idle->since = now;
	return true;
}

enum flow_idle_state flow_idle_look(struct flow_idle *idle, int64_t now, int *left)
{
	const int64_t gone = passed(idle, now);

	if (gone >= FLOW_IDLE_END)
		idle->over = true;
	if (left != NULL)
		*left = idle->over ? 0 : (int)(FLOW_IDLE_END - gone);
	if (idle->over)
		return FLOW_IDLE_OVER;
	return gone >= FLOW_IDLE_WARN ? FLOW_IDLE_WARNING : FLOW_IDLE_OK;
}
