/* SPDX-License-Identifier: Apache-2.0 */
/* What the back side of one sheet costs the centre in CPU time: the front drawn from its PDF, coded and
 * laid out as the picture of the back, and made a PDF. */
#include <stdlib.h>
#include <time.h>

#include <cardflow/front.h>
#include <cardflow/paper.h>

#include "../flow/issue/town.h"
#include "bench.h"

#define ROUNDS 7

static struct flow_certificate made;
static struct flow_grey front, back;
static flow_paper_key_t *key;
static card_buf_t pdf;

static void draw_front(void)
{
	flow_grey_free(&front);
	assert_ok(flow_front_draw(card_buf_bytes(&made.pdf), 1, &front));
}

static void make_back(void)
{
	struct flow_paper_facts f = {.page = 1, .pages = 1, .made = {2026, 11, 22}};

	strcpy(f.transaction, "00112233445566778899aabbccddeeff");
	strcpy(f.copy, "ABCD-EFGH-JKMN");
	strcpy(f.kind, "juminhyo");
	strcpy(f.municipality, "13221");
	strcpy(f.document, AUTHORITY);
	strcpy(f.binding, AUTHORITY);
	flow_grey_free(&back);
	assert_ok(flow_paper_back(&f, &front, key, &back));
}

static void make_pdf(void)
{
	card_buf_clear(&pdf);
	assert_ok(flow_front_pdf(&back, 1, &pdf));
}

/* CPU seconds of one call, the best of several. */
static double cpu_seconds(void (*work)(void))
{
	double best = 1e9;

	for (int round = 0; round < ROUNDS; round++) {
		struct timespec a, b;
		double spent;

		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
		work();
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
		spent = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
		if (spent < best)
			best = spent;
	}
	return best;
}

int main(void)
{
	const struct flow_certificate_options options = {.domicile = true, .relation = true};
	char folder[64], file[2][96];
	struct town town;
	double parts[3];

	town_open(&town, NULL);
	made = town_ask(&town, &town_office, FLOW_CERTIFICATE_JUMINHYO, "0a01", options);
	assert_int_equal(made.outcome, FLOW_OUTCOME_MADE);
	tree_scratch(folder);
	snprintf(file[0], sizeof file[0], "%s/key", folder);
	snprintf(file[1], sizeof file[1], "%s/public", folder);
	assert_ok(flow_paper_key_make(file[0], file[1]));
	assert_ok(flow_paper_key_open(&key, file[0]));
	parts[0] = cpu_seconds(draw_front);
	parts[1] = cpu_seconds(make_back);
	parts[2] = cpu_seconds(make_pdf);
	bench_report("paper.front", parts[0] * 1e3, "ms", NULL, 0, 0);
	bench_report("paper.picture", parts[1] * 1e3, "ms", NULL, 0, 0);
	bench_report("paper.pdf", parts[2] * 1e3, "ms", NULL, 0, 0);
	bench_report("paper.back", (parts[0] + parts[1] + parts[2]) * 1e3, "ms", NULL, 0, 0);
	bench_report("paper.size", (double)pdf.n / 1024, "KiB", NULL, 0, 0);
	flow_paper_key_free(&key);
	flow_grey_free(&front);
	flow_grey_free(&back);
	card_buf_free(&pdf);
	flow_certificate_free(&made);
	town_close(&town);
	tree_scratch_remove(folder);
	return 0;
}
