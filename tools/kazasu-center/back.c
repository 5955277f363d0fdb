/* SPDX-License-Identifier: Apache-2.0 */
/* back.c — the back side of a paper (うら面, R4-08): the place where anti-forgery data is made. */
#include "center.h"

#include <cardflow/front.h>
#include <cardflow/paper.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum card_error center_back_open(struct center *c, struct flow_problem *problem)
{
	enum card_error err = flow_paper_key_open(&c->back_key, c->config.back_key);

	if (err == CARD_ERR_DENIED)
		return flow_problem_set(problem, c->config.back_key, 0, "may be read by others");
	if (err != CARD_OK)
		flow_problem_set(problem, c->config.back_key, 0, "no P-256 key");
	return err;
}

void center_back_close(struct center *c)
{
	flow_paper_key_free(&c->back_key);
}

static bool copy_text(char *out, size_t cap, const char *text)
{
	int n = snprintf(out, cap, "%s", text);

	return n >= 0 && (size_t)n < cap;
}

static bool facts_of(const struct center_back *b, struct flow_paper_facts *f)
{
	*f = (struct flow_paper_facts){.pages = b->pages};
	return copy_text(f->transaction, sizeof f->transaction, b->transaction) &&
	       copy_text(f->copy, sizeof f->copy, b->copy) &&
	       copy_text(f->kind, sizeof f->kind, b->kind) &&
	       copy_text(f->municipality, sizeof f->municipality, b->municipality) &&
	       copy_text(f->document, sizeof f->document, b->front_sha256) &&
	       copy_text(f->binding, sizeof f->binding, b->binding) && strlen(b->issued) >= 10 &&
	       card_date_parse(card_bytes(b->issued, 10), &f->made) == CARD_OK;
}

enum card_error center_back_make(struct center *c, const struct center_back *b, card_buf_t *pdf)
{
	struct flow_paper_facts facts;
	struct flow_grey *pages, front;
	enum card_error err = CARD_OK;

	if (b->pages < 1 || b->pages > FLOW_FRONT_PAGES_MAX || !facts_of(b, &facts))
		return CARD_ERR_INVALID_ARGUMENT;
	pages = calloc(b->pages, sizeof *pages);
	if (pages == NULL)
		return CARD_ERR_NO_MEMORY;
	for (unsigned i = 0; i < b->pages && err == CARD_OK; i++) {
		facts.page = i + 1;
		err = flow_front_draw(b->front, facts.page, &front);
		if (err == CARD_OK)
			err = flow_paper_back(&facts, &front, c->back_key, &pages[i]);
		flow_grey_free(&front);
	}
	if (err == CARD_OK)
		err = flow_front_pdf(pages, b->pages, pdf);
	for (unsigned i = 0; i < b->pages; i++)
		flow_grey_free(&pages[i]);
	free(pages);
	return err;
}
