/* SPDX-License-Identifier: Apache-2.0 */
/* generate.c — a municipality of people who do not exist. */
#include "generate_people.h"

#include <stdlib.h>
#include <string.h>

#define RESIDENTS_MAX 10000000L
#define BATCH         20000L /* residents a transaction */

static const char *const tables[SINKS] = {[SINK_HOUSEHOLD] = "record_household",
					  [SINK_RESIDENT] = "record_resident",
					  [SINK_NUMBER] = "record_number",
					  [SINK_NOTICE] = "record_notice",
					  [SINK_IMAGE] = "record_seal_image",
					  [SINK_SEAL] = "record_seal",
					  [SINK_INCOME] = "record_income",
					  [SINK_PAYMENT] = "record_payment",
					  [SINK_KOSEKI] = "record_koseki",
					  [SINK_MEMBER] = "record_member",
					  [SINK_ENTRY] = "record_entry",
					  [SINK_FUHYO] = "record_fuhyo",
					  [SINK_CERTIFICATE] = "record_certificate"};

static enum card_error any(void *ctx, const char *const *column, size_t n)
{
	(void)column;
	(void)n;
	*(bool *)ctx = true;
	return CARD_OK;
}

static enum card_error must_be_empty(flow_store_t *store)
{
	bool there = false;
	enum card_error err = flow_store_run(store, "SELECT 1 FROM record_resident LIMIT 1", NULL,
					     0, any, &there);

	return err == CARD_OK && there ? CARD_ERR_DENIED : err;
}

/* Households until there are enough residents; a commit now and then. */
static enum card_error fill(struct generator *g, flow_store_t *store)
{
	const long until = g->how->residents;
	struct household *h = calloc(1, sizeof *h);
	long next = BATCH;
	enum card_error err = h != NULL ? CARD_OK : CARD_ERR_NO_MEMORY;

	for (size_t i = 0; err == CARD_OK && i < g->how->persons; i++) {
		people_invent(g, h, &g->how->person[i]);
		err = people_put(g, h);
	}
	while (err == CARD_OK && g->residents < until) {
		people_invent(g, h, NULL);
		err = people_put(g, h);
		if (err != CARD_OK || g->residents < next)
			continue;
		next += BATCH;
		err = flow_store_commit(store);
		if (err == CARD_OK)
			err = flow_store_begin(store);
		if (g->how->progress != NULL)
			g->how->progress(g->how->ctx, g->residents);
	}
	free(h);
	return err;
}

static void report_rows(const struct generator *g, struct flow_record_report *report)
{
	memset(report, 0, sizeof *report);
	for (size_t i = 0; i < SINKS; i++)
		report->table[report->tables++] =
			(struct flow_record_count){tables[i] + strlen("record_"), g->sink[i].rows};
}

enum card_error flow_record_generate(flow_store_t *store, const struct flow_record_generate *how,
				     struct flow_record_report *report)
{
	struct generator g = {.how = how};
	enum card_error err;

	if (store == NULL || how == NULL || report == NULL || how->place == NULL ||
	    how->font == NULL || how->residents < 1 || how->residents > RESIDENTS_MAX ||
	    !card_date_valid(how->day))
		return CARD_ERR_INVALID_ARGUMENT;
	g.dice.state = how->seed;
	g.year = how->day.year;
	err = flow_fonts_open(&g.fonts, how->font, NULL);
	if (err == CARD_OK)
		err = must_be_empty(store);
	for (size_t i = 0; err == CARD_OK && i < SINKS; i++)
		err = sink_open(&g.sink[i], store, tables[i]);
	if (err == CARD_OK)
		err = flow_store_begin(store);
	if (err != CARD_OK) {
		flow_fonts_free(&g.fonts);
		return err;
	}
	err = fill(&g, store);
	if (err == CARD_OK)
		err = flow_store_commit(store);
	if (err != CARD_OK)
		flow_store_rollback(store);
	report_rows(&g, report);
	for (size_t i = 0; i < g.images; i++)
		free(g.image[i]);
	free(g.image);
	flow_fonts_free(&g.fonts);
	return err;
}
