/* SPDX-License-Identifier: Apache-2.0 */
/* center.c — opening and closing the centre. */
#include "center.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static int64_t system_clock(void *ctx)
{
	(void)ctx;
	return (int64_t)time(NULL);
}

int64_t center_now(const struct center *c)
{
	return c->clock(c->clock_ctx);
}

/* ---- keys ---- */

static enum card_error open_master(struct center *c, struct flow_problem *problem)
{
	FILE *f = fopen(c->config.master_key, "re");
	struct stat st;
	uint8_t extra;
	bool good;

	if (f == NULL) {
		flow_problem_set(problem, c->config.master_key, 0, "cannot be read");
		return CARD_ERR_IO;
	}
	good = fstat(fileno(f), &st) == 0 && (st.st_mode & 077) == 0;
	if (!good)
		flow_problem_set(problem, c->config.master_key, 0,
				 "must be readable by its owner only");
	else if (fread(c->master, 1, 32, f) != 32 || fread(&extra, 1, 1, f) != 0) {
		good = false;
		flow_problem_set(problem, c->config.master_key, 0, "must be 32 bytes");
	}
	fclose(f);
	return good ? CARD_OK : CARD_ERR_MALFORMED;
}

enum card_error center_open(struct center **out, const struct center_config *config,
			    struct flow_problem *problem)
{
	struct center *c = calloc(1, sizeof *c);
	enum card_error err;

	*out = NULL;
	if (c == NULL)
		return CARD_ERR_NO_MEMORY;
	c->config = *config;
	atomic_store(&c->message_seconds, config->message_seconds);
	atomic_store(&c->idle_seconds, config->idle_seconds);
	atomic_store(&c->clock_seconds, config->clock_seconds);
	c->clock = system_clock;
	c->ask = center_ask;
	c->front = center_front_check;
	c->back = center_back_make;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->change, NULL);
	err = open_master(c, problem);
	if (err == CARD_OK)
		err = center_rules_read(&c->rules, config, problem);
	if (err == CARD_OK)
		err = center_back_open(c, problem);
	if (err == CARD_OK)
		err = center_issuers_open(c, problem);
	if (err == CARD_OK) {
		err = flow_issue_store_open(&c->store, config->store, FLOW_STORE_CREATE,
					    config->connections, problem);
		if (err == CARD_OK)
			err = flow_issue_store_setup(c->store);
		if (err != CARD_OK)
			flow_problem_set(problem, "store", 0, "cannot be opened");
	}
	if (err == CARD_OK)
		err = center_journal_open(c, problem);
	if (err != CARD_OK)
		center_close(&c);
	*out = c;
	return err;
}

void center_close(struct center **out)
{
	struct center *c = *out;

	if (c == NULL)
		return;
	flow_issue_store_close(&c->store);
	center_issuers_close(c);
	center_back_close(c);
	center_rules_free(&c->rules);
	OPENSSL_cleanse(c->master, sizeof c->master);
	pthread_cond_destroy(&c->change);
	pthread_mutex_destroy(&c->lock);
	free(c);
	*out = NULL;
}
