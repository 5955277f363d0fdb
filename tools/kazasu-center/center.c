/* SPDX-License-Identifier: Apache-2.0 */
/* center.c — opening and closing the centre; tables that are replaced while requests run. */
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

static void warn(void *ctx, const char *text)
{
	(void)ctx;
	fprintf(stderr, "kazasu-center: %s\n", text);
}

/* ---- tables ---- */

static enum card_error read_rules(struct center *c, struct center_rules **out,
				  struct flow_problem *problem)
{
	struct center_rules *r = calloc(1, sizeof *r);
	enum card_error err;

	if (r == NULL)
		return CARD_ERR_NO_MEMORY;
	err = flow_issue_catalogue_read(&r->catalogue, c->config.rules, warn, NULL, problem);
	if (err == CARD_OK)
		err = center_methods_check(c, r->catalogue, problem);
	if (err != CARD_OK) {
		flow_issue_catalogue_free(&r->catalogue);
		free(r);
		r = NULL;
	}
	*out = r;
	return err;
}

static void free_rules(struct center_rules *r)
{
	flow_issue_catalogue_free(&r->catalogue);
	free(r);
}

struct center_rules *center_rules_take(struct center *c)
{
	struct center_rules *r;

	pthread_mutex_lock(&c->lock);
	r = c->rules;
	r->users++;
	pthread_mutex_unlock(&c->lock);
	return r;
}

void center_rules_give(struct center *c, struct center_rules *r)
{
	bool last;

	pthread_mutex_lock(&c->lock);
	last = --r->users == 0 && r->old;
	pthread_mutex_unlock(&c->lock);
	if (last)
		free_rules(r);
}

enum card_error center_reload(struct center *c, struct flow_problem *problem)
{
	struct center_rules *fresh = NULL, *old;
	const enum card_error err = read_rules(c, &fresh, problem);
	bool unused;

	if (err != CARD_OK)
		return err;
	pthread_mutex_lock(&c->lock);
	old = c->rules;
	c->rules = fresh;
	old->old = true;
	unused = old->users == 0;
	pthread_mutex_unlock(&c->lock);
	if (unused)
		free_rules(old);
	return CARD_OK;
}

/* ---- verification ---- */

card_verify_t *center_verify_take(struct center *c, size_t *which)
{
	pthread_mutex_lock(&c->lock);
	for (;;) {
		for (size_t i = 0; i < CENTER_VERIFIERS; i++) {
			if (!c->verify_busy[i]) {
				c->verify_busy[i] = true;
				pthread_mutex_unlock(&c->lock);
				*which = i;
				return c->verify[i];
			}
		}
		pthread_cond_wait(&c->change, &c->lock);
	}
}

void center_verify_give(struct center *c, size_t which)
{
	pthread_mutex_lock(&c->lock);
	c->verify_busy[which] = false;
	pthread_cond_signal(&c->change);
	pthread_mutex_unlock(&c->lock);
}

static enum card_error open_verify(struct center *c, struct flow_problem *problem)
{
	struct card_verify_config v = {0};
	enum card_error err =
		card_trust_new(&c->trust, c->config.test_roots ? CARD_TRUST_TEST_ROOTS : 0);

	if (err == CARD_OK)
		err = card_trust_load(c->trust, c->config.trust, NULL, NULL);
	if (err != CARD_OK || card_trust_count(c->trust) == 0) {
		flow_problem_set(problem, c->config.trust, 0, "no usable anchors");
		return err != CARD_OK ? err : CARD_ERR_NOT_FOUND;
	}
	v.trust = c->trust;
	v.store = c->config.crl[0] != '\0' ? c->config.crl : NULL;
	v.recheck_ms = CARD_CRL_RECHECK_MS;
	v.ocsp = c->config.ocsp[0] != '\0';
	v.ocsp_url = v.ocsp ? c->config.ocsp : NULL;
	v.fetch = v.ocsp ? center_fetch : NULL;
	if (v.store == NULL && !v.ocsp)
		return flow_problem_set(problem, "crl", 0,
					"neither \"crl\" nor \"ocsp\": nothing could be valid");
	for (size_t i = 0; i < CENTER_VERIFIERS && err == CARD_OK; i++)
		err = card_verify_new(&c->verify[i], &v);
	if (err != CARD_OK)
		flow_problem_set(problem, c->config.crl, 0,
				 "the revocation store cannot be opened");
	return err;
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
	c->clock = system_clock;
	c->ask = center_ask;
	c->back = center_back_make;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->change, NULL);
	err = open_master(c, problem);
	if (err == CARD_OK)
		err = read_rules(c, &c->rules, problem);
	if (err == CARD_OK)
		err = open_verify(c, problem);
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
	for (size_t i = 0; i < CENTER_VERIFIERS; i++)
		card_verify_free(&c->verify[i]);
	card_trust_free(&c->trust);
	if (c->rules != NULL)
		free_rules(c->rules);
	OPENSSL_cleanse(c->master, sizeof c->master);
	pthread_cond_destroy(&c->change);
	pthread_mutex_destroy(&c->lock);
	free(c);
	*out = NULL;
}
