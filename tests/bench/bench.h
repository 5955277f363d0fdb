/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For measurements. A file tests/bench/bench_<name>.c is one program that prints one JSON object
 * a line (bench_report); tests/bench/run collects them into build/bench.json and a table.
 *
 * A throughput is compared with something that does the least possible with the same bytes
 * ("against"), so that a ratio means the same on any machine; a goal is a goal for that ratio, or
 * for the value if there is nothing to compare with.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

/* Seconds on a clock that only goes forward. */
static inline double bench_now(void)
{
	struct timespec t = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Keeps the compiler from dropping a result. */
static inline void bench_keep(const void *p)
{
	__asm__ volatile("" : : "g"(p) : "memory");
}

/* Best seconds for one call out of several rounds of at least 50 ms each. */
static inline double bench_seconds(void (*work)(void *), void *ctx)
{
	double best = 1e9;

	for (int round = 0; round < 5; round++) {
		unsigned long calls = 0;
		double start = bench_now(), spent;

		do {
			work(ctx);
			calls++;
			spent = bench_now() - start;
		} while (spent < 0.05);
		if (spent / (double)calls < best)
			best = spent / (double)calls;
	}
	return best;
}

/* One result. against NULL: ratio is left out. goal 0: none. The smaller the better. */
static inline void bench_report(const char *name, double value, const char *unit,
				const char *against, double ratio, double goal)
{
	double judged = against != NULL ? ratio : value;

	printf("{\"name\":\"%s\",\"value\":%.6g,\"unit\":\"%s\"", name, value, unit);
	if (against != NULL)
		printf(",\"against\":\"%s\",\"ratio\":%.4g", against, ratio);
	if (goal > 0)
		printf(",\"goal\":%.6g,\"pass\":%s", goal, judged <= goal ? "true" : "false");
	printf("}\n");
	(void)fflush(stdout);
}

#endif
