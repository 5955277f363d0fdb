/* SPDX-License-Identifier: Apache-2.0 */
/* rules.c — tables, signers and anchors, replaced as a whole while requests run. */
#include "center.h"

#include <cardflow/issue_signer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct center_signers {
	char code[6];
	flow_issue_signers_t *list;
};

static void warn(void *ctx, const char *text)
{
	(void)ctx;
	fprintf(stderr, "kazasu-center: %s\n", text);
}

/* ---- reading ---- */

static enum card_error read_signers(struct center_rules *r, const char *code,
				    struct flow_problem *problem)
{
	struct center_signers *more =
		realloc(r->signers, (r->municipalities + 1) * sizeof *r->signers);
	char path[CENTER_PATH + 32];
	enum card_error err;

	if (more == NULL)
		return CARD_ERR_NO_MEMORY;
	r->signers = more;
	more = &r->signers[r->municipalities];
	memset(more, 0, sizeof *more);
	snprintf(more->code, sizeof more->code, "%s", code);
	snprintf(path, sizeof path, "%s/signers/%s.pem", r->folder, code);
	err = flow_issue_signers_read(&more->list, path);
	if (err == CARD_OK)
		r->municipalities++;
	else
		flow_problem_set(
			problem, path, 0,
			err == CARD_ERR_NOT_FOUND
				? "the certificate that this municipality signs with is missing"
				: "1 to 8 certificates (PEM) must be there");
	return err;
}

/* Of every municipality that takes part now or will. */
static enum card_error read_all_signers(struct center_rules *r, struct flow_problem *problem)
{
	static const struct card_date last = {9999, 12, 31};
	struct flow_issue_municipality m;
	enum card_error err = CARD_OK;

	for (size_t i = 0; err == CARD_OK && flow_issue_catalogue_nth(r->catalogue, i, last, &m);
	     i++)
		err = read_signers(r, m.code, problem);
	return err;
}

static enum card_error open_verify(struct center_rules *r, const struct center_config *config,
				   struct flow_problem *problem)
{
	struct card_verify_config v = {0};
	enum card_error err =
		card_trust_new(&r->trust, config->test_roots ? CARD_TRUST_TEST_ROOTS : 0);

	if (err == CARD_OK)
		err = card_trust_load(r->trust, config->trust, NULL, NULL);
	if (err != CARD_OK || card_trust_count(r->trust) == 0) {
		flow_problem_set(problem, config->trust, 0, "no usable anchors");
		return err != CARD_OK ? err : CARD_ERR_NOT_FOUND;
	}
	v.trust = r->trust;
	v.store = config->crl[0] != '\0' ? config->crl : NULL;
	v.recheck_ms = CARD_CRL_RECHECK_MS;
	v.ocsp = config->ocsp[0] != '\0';
	v.ocsp_url = v.ocsp ? config->ocsp : NULL;
	v.fetch = v.ocsp ? center_fetch : NULL;
	if (v.store == NULL && !v.ocsp)
		return flow_problem_set(problem, "crl", 0,
					"neither \"crl\" nor \"ocsp\": nothing could be valid");
	for (size_t i = 0; i < CENTER_VERIFIERS && err == CARD_OK; i++)
		err = card_verify_new(&r->verify[i], &v);
	if (err != CARD_OK)
		flow_problem_set(problem, config->crl, 0,
				 "the revocation indexes cannot be opened");
	return err;
}

enum card_error center_rules_read(struct center_rules **out, const struct center_config *config,
				  struct flow_problem *problem)
{
	struct center_rules *r = calloc(1, sizeof *r);
	enum card_error err;

	*out = NULL;
	if (r == NULL)
		return CARD_ERR_NO_MEMORY;
	memcpy(r->folder, config->rules, sizeof r->folder);
	err = flow_issue_catalogue_read(&r->catalogue, config->rules, warn, NULL, problem);
	if (err == CARD_OK)
		err = center_methods_check(config, r->catalogue, problem);
	if (err == CARD_OK)
		err = read_all_signers(r, problem);
	if (err == CARD_OK)
		err = open_verify(r, config, problem);
	if (err != CARD_OK)
		center_rules_free(&r);
	*out = r;
	return err;
}

void center_rules_free(struct center_rules **out)
{
	struct center_rules *r = *out;

	if (r == NULL)
		return;
	flow_issue_catalogue_free(&r->catalogue);
	for (size_t i = 0; i < r->municipalities; i++)
		flow_issue_signers_free(&r->signers[i].list);
	free(r->signers);
	for (size_t i = 0; i < CENTER_VERIFIERS; i++)
		card_verify_free(&r->verify[i]);
	card_trust_free(&r->trust);
	free(r);
	*out = NULL;
}

/* ---- using ---- */

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
		center_rules_free(&r);
}

card_verify_t *center_verify_take(struct center *c, struct center_rules *r, size_t *which)
{
	pthread_mutex_lock(&c->lock);
	for (;;) {
		for (size_t i = 0; i < CENTER_VERIFIERS; i++) {
			if (!r->verify_busy[i]) {
				r->verify_busy[i] = true;
				pthread_mutex_unlock(&c->lock);
				*which = i;
				return r->verify[i];
			}
		}
		pthread_cond_wait(&c->change, &c->lock);
	}
}

void center_verify_give(struct center *c, struct center_rules *r, size_t which)
{
	pthread_mutex_lock(&c->lock);
	r->verify_busy[which] = false;
	/* Those who wait may wait for verifiers of different rules. */
	pthread_cond_broadcast(&c->change);
	pthread_mutex_unlock(&c->lock);
}

enum card_error center_front_check(struct center *c, struct center_rules *r,
				   const char *municipality, struct card_bytes pdf, uint32_t pages,
				   const char **why)
{
	for (size_t i = 0; i < r->municipalities; i++) {
		if (strcmp(r->signers[i].code, municipality) == 0)
			return flow_issue_front_check(r->signers[i].list, pdf, pages, center_now(c),
						      why);
	}
	*why = "signer_unknown";
	return CARD_ERR_SIGNATURE;
}

/* ---- replacing ---- */

/* What the processes and the store were made for: it takes a restart. */
static const char *fixed_changed(const struct center_config *a, const struct center_config *b)
{
	if (strcmp(a->name, b->name) != 0)
		return "name";
	if (strcmp(a->audience, b->audience) != 0)
		return "audience";
	if (strcmp(a->address, b->address) != 0)
		return "address";
	if (a->port != b->port)
		return "port";
	if (strcmp(a->store, b->store) != 0)
		return "store";
	if (a->connections != b->connections)
		return "connections";
	if (strcmp(a->master_key, b->master_key) != 0)
		return "master_key";
	if (strcmp(a->secrets, b->secrets) != 0)
		return "secrets";
	if (strcmp(a->back_key, b->back_key) != 0)
		return "back_key";
	if (strcmp(a->checkpoint_key, b->checkpoint_key) != 0)
		return "checkpoint_key";
	if (strcmp(a->checkpoint_copy, b->checkpoint_copy) != 0)
		return "checkpoint_copy";
	if (a->checkpoint_seconds != b->checkpoint_seconds)
		return "checkpoint_seconds";
	return NULL;
}

enum card_error center_reload(struct center *c, const struct center_config *fresh,
			      struct flow_problem *problem)
{
	struct center_rules *next = NULL, *old;
	const char *fixed = fixed_changed(&c->config, fresh);
	enum card_error err;
	bool unused;

	if (fixed != NULL)
		return flow_problem_set(problem, fixed, 0, "cannot change without a restart");
	err = center_rules_read(&next, fresh, problem);
	if (err != CARD_OK)
		return err;
	atomic_store(&c->message_seconds, fresh->message_seconds);
	atomic_store(&c->idle_seconds, fresh->idle_seconds);
	atomic_store(&c->clock_seconds, fresh->clock_seconds);
	center_issuers_use(c, fresh);
	pthread_mutex_lock(&c->lock);
	old = c->rules;
	c->rules = next;
	old->old = true;
	unused = old->users == 0;
	pthread_mutex_unlock(&c->lock);
	if (unused)
		center_rules_free(&old);
	return CARD_OK;
}
