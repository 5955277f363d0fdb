/* SPDX-License-Identifier: Apache-2.0 */
/* office.c — opening what a configuration names. */
#include "office.h"

#include "say.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static flow_store_t *open_store(const char *where)
{
	struct flow_problem problem = {.text = ""};
	flow_store_t *s = NULL;

	if (flow_store_open(&s, where, FLOW_STORE_CREATE, &problem) != CARD_OK)
		say("%s: %s", where, problem.text);
	return s;
}

struct worker *worker_open(const struct config *c)
{
	struct worker *w = calloc(1, sizeof *w);

	if (w == NULL)
		return NULL;
	w->records = open_store(c->records);
	w->ledger = open_store(c->ledger);
	if (w->records != NULL && w->ledger != NULL &&
	    (flow_record_setup(w->records) != CARD_OK || flow_ledger_setup(w->ledger) != CARD_OK)) {
		say(_("the tables could not be made: %s%s"), flow_store_message(w->records),
		    flow_store_message(w->ledger));
	} else if (w->records != NULL && w->ledger != NULL) {
		if (flow_fonts_open(&w->fonts, c->font, c->gaiji) == CARD_OK)
			return w;
		say(_("a font cannot be opened: %s"), c->gaiji != NULL ? c->gaiji : c->font);
	}
	worker_close(w);
	return NULL;
}

void worker_close(struct worker *w)
{
	if (w == NULL)
		return;
	flow_store_close(&w->records);
	flow_store_close(&w->ledger);
	flow_fonts_free(&w->fonts);
	free(w);
}

/* The texts that stand on every document must be in the font as well. */
static bool texts_drawable(const struct office *o, const struct worker *w)
{
	const char *const texts[] = {o->names.place, o->names.title, o->names.mayor, o->names.seal,
				     o->names.resident_tax};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		const uint32_t u = flow_fonts_missing(w->fonts, texts[i]);

		if (u != 0) {
			say(_("the font has no U+%04X of \"%s\""), (unsigned)u, texts[i]);
			return false;
		}
	}
	return true;
}

static bool open_keys(struct office *o)
{
	const struct config *c = &o->config;
	enum card_error err;

	if (!config_secret(c, o->secret, sizeof o->secret, &o->secret_length))
		return false;
	err = flow_issue_signer_open(&o->signer, c->signing_key, c->signing_certificate);
	if (err != CARD_OK) {
		say(_("the signing key or its certificate: %s"), card_strerror(err, CARD_LANG_EN));
		return false;
	}
	if (flow_issue_signer_days_left(o->signer, (int64_t)time(NULL)) < 30)
		say(_("the signing certificate ends in %ld days"),
		    flow_issue_signer_days_left(o->signer, (int64_t)time(NULL)));
	if (journal_seal_open(&o->audit, c->audit_recipients) != CARD_OK) {
		say(_("%s: no certificate to seal places to"), c->audit_recipients);
		return false;
	}
	if (c->pin_key != NULL && journal_unseal_open(&o->pin_key, c->pin_key, NULL) != CARD_OK) {
		say(_("%s: no key that opens sealed PINs"), c->pin_key);
		return false;
	}
	return true;
}

static bool open_tls(struct office *o)
{
	const struct config *c = &o->config;
	const char *wrong;
	const enum card_error err =
		tls_keys_read(&o->tls, c->tls_ca, c->tls_certificate, c->tls_key, &wrong);

	if (err == CARD_ERR_IO)
		say(_("a TLS file cannot be read: %s"), wrong);
	else if (err != CARD_OK)
		say(_("%s: no certificate, or not that of the TLS key"), wrong);
	return err == CARD_OK;
}

static bool open_workers(struct office *o)
{
	for (int i = 0; i < o->config.threads; i++) {
		struct worker *w = worker_open(&o->config);

		if (w == NULL)
			return false;
		w->next = o->idle;
		o->idle = w;
	}
	return texts_drawable(o, o->idle);
}

static void close_office(struct office *o)
{
	while (o->idle != NULL) {
		struct worker *w = o->idle;

		o->idle = w->next;
		worker_close(w);
	}
	flow_issue_signer_free(&o->signer);
	journal_unseal_free(&o->pin_key);
	journal_seal_free(&o->audit);
	tls_keys_release(&o->tls);
	card_wipe(o->secret, sizeof o->secret);
	config_free(&o->config);
	pthread_cond_destroy(&o->came_back);
	pthread_mutex_destroy(&o->lock);
	free(o);
}

struct office *office_open(const char *config_path)
{
	struct office *o = calloc(1, sizeof *o);
	const struct config *c;

	if (o == NULL || !config_read(&o->config, config_path)) {
		free(o);
		return NULL;
	}
	c = &o->config;
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->came_back, NULL);
	o->users = 1;
	o->names = (struct flow_issuing_office){.place = c->place,
						.title = c->title,
						.mayor = c->mayor,
						.seal = c->seal_text,
						.resident_tax = c->resident_tax,
						.number_enabled = c->number_enabled,
						.minimum_age = c->age,
						.marked_test = c->marked_test};
	if (open_keys(o) && open_tls(o) && open_workers(o))
		return o;
	close_office(o);
	return NULL;
}

void office_hold(struct office *o)
{
	pthread_mutex_lock(&o->lock);
	o->users++;
	pthread_mutex_unlock(&o->lock);
}

void office_release(struct office *o)
{
	bool last;

	pthread_mutex_lock(&o->lock);
	last = --o->users == 0;
	pthread_mutex_unlock(&o->lock);
	if (last)
		close_office(o);
}

struct worker *office_worker(struct office *o, int seconds)
{
	struct timespec until;
	struct worker *w;
	int rc = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += seconds;
	pthread_mutex_lock(&o->lock);
	while (o->idle == NULL && rc == 0)
		rc = pthread_cond_timedwait(&o->came_back, &o->lock, &until);
	w = o->idle;
	if (w != NULL)
		o->idle = w->next;
	pthread_mutex_unlock(&o->lock);
	return w;
}

void office_give_back(struct office *o, struct worker *w)
{
	pthread_mutex_lock(&o->lock);
	w->next = o->idle;
	o->idle = w;
	pthread_cond_signal(&o->came_back);
	pthread_mutex_unlock(&o->lock);
}
