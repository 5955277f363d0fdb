/* SPDX-License-Identifier: Apache-2.0 */
/* journal.c — the centre's journal: opened with its store, signed now and then, fail closed (PD-34). */
#include "center.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static int64_t clock_of(void *ctx)
{
	return center_now(ctx);
}

static const char *set(const char *path)
{
	return path[0] != '\0' ? path : NULL;
}

enum card_error center_journal_open(struct center *c, struct flow_problem *problem)
{
	const struct journal_options opt = {.terminal = c->config.name,
					    .program = "kazasu-center " KAZASU_VERSION,
					    .signing_key = set(c->config.checkpoint_key),
					    .checkpoint_copy = set(c->config.checkpoint_copy),
					    .clock = clock_of,
					    .clock_ctx = c};
	char chain[41];
	long bad = 0;
	enum card_error err = flow_issue_store_journal(c->store, &opt, problem);

	if (err != CARD_OK)
		return err;
	if (opt.signing_key == NULL)
		fprintf(stderr,
			"kazasu-center: no \"checkpoint_key\": a cut end of the journal could not "
			"be seen\n");
	err = flow_issue_store_journal_check(c->store, false, chain, &bad);
	/* A finding, not a crash. */
	if (err == CARD_OK && bad != 0)
		fprintf(stderr, "kazasu-center: the journal is broken: chain %s, record %ld\n",
			chain, bad);
	return err;
}

void center_checkpoint(struct center *c, bool now)
{
	const int64_t at = center_now(c);

	if (!now && at >= c->checkpoint && at - c->checkpoint < c->config.checkpoint_seconds)
		return;
	c->checkpoint = at;
	if (flow_issue_store_checkpoint(c->store) != CARD_OK)
		fprintf(stderr, "kazasu-center: a checkpoint of the journal could not be signed or "
				"copied; it is tried again\n");
}

static enum card_error note(void *ctx, flow_store_t *db)
{
	struct center *c = ctx;

	return flow_issue_event_add(db, "", center_now(c), c->config.name, "journal-restored", NULL,
				    c->config.name);
}

void center_watch_journal(struct center *c)
{
	if (flow_issue_store_journal_good(c->store))
		return;
	if (flow_issue_store_work(c->store, note, c) == CARD_OK)
		fprintf(stderr, "kazasu-center: the journal is written again\n");
}

int center_journal_export(struct center *c, const char *path)
{
	FILE *f = strcmp(path, "-") == 0 ? stdout : fopen(path, "wxe");
	bool good;

	if (f == NULL) {
		fprintf(stderr, "kazasu-center: %s: cannot be made\n", path);
		return EX_CANTCREAT;
	}
	good = flow_issue_store_journal_export(c->store, f) == CARD_OK && fflush(f) == 0;
	if (f != stdout)
		good = fclose(f) == 0 && good;
	if (!good)
		fprintf(stderr, "kazasu-center: %s: not written\n", path);
	return good ? EX_OK : EX_IOERR;
}
