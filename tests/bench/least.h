/* SPDX-License-Identifier: Apache-2.0 */
/* least.h — results of which more is better, in the form of bench_report. */
#ifndef BENCH_LEAST_H
#define BENCH_LEAST_H

#include "bench.h"

/* One result whose ratio to `against` should be at least goal. */
static inline void bench_report_least(const char *name, double value, const char *unit,
				      const char *against, double ratio, double goal)
{
	printf("{\"name\":\"%s\",\"value\":%.6g,\"unit\":\"%s\",\"against\":\"%s\",\"ratio\":%.4g,"
	       "\"goal\":%.6g,\"at_least\":true,\"pass\":%s}\n",
	       name, value, unit, against, ratio, goal, ratio >= goal ? "true" : "false");
	(void)fflush(stdout);
}

#endif
