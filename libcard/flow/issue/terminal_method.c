/* SPDX-License-Identifier: Apache-2.0 */
/* terminal_method.c — which of a municipality's methods it is, by the card that lies there (K05–K07). */
#include "terminal.h"

#include <card/cert.h>
#include <card/secret.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The simplest for the resident first: one PIN that everybody has; then what a municipality ran
 * before (R4-26). */
static const struct method {
	const char *name;
	unsigned pins;
} methods[TERMINAL_METHODS] = {{"new", FLOW_TERMINAL_PIN_AUTH},
			       {"conversion", FLOW_TERMINAL_PIN_AUTH | FLOW_TERMINAL_PIN_KIND},
			       {"current", FLOW_TERMINAL_PIN_KIND}};

unsigned method_pins(const struct errand *e)
{
	for (size_t i = 0; i < TERMINAL_METHODS; i++)
		if (strcmp(methods[i].name, e->method) == 0)
			return methods[i].pins;
	return FLOW_TERMINAL_PIN_AUTH;
}

void method_offered(struct errand *e, const json_t *municipality)
{
	const json_t *list = json_object_get(municipality, "methods"), *one;
	size_t k;

	memset(e->offered, 0, sizeof e->offered);
	json_array_foreach(list, k, one)
	{
		for (size_t i = 0; i < TERMINAL_METHODS; i++)
			if (json_is_string(one) &&
			    strcmp(json_string_value(one), methods[i].name) == 0)
				e->offered[i] = true;
	}
	seal_take(e, flow_issue_text(municipality, "seal_certificate", SEAL_PEM_MAX));
}

static bool wanted(const struct errand *e, const struct method *m)
{
	return e->choice->method == NULL || strcmp(e->choice->method, m->name) == 0;
}

static enum card_error show_local(struct errand *e)
{
	enum card_error err;

	if (e->t->w.local == NULL || e->t->w.local_prove == NULL)
		return CARD_ERR_UNSUPPORTED;
	memset(&e->local, 0, sizeof e->local);
	err = e->t->w.local(e->t->w.ctx, &e->local);
	e->local_fresh = err == CARD_OK;
	return err;
}

static enum card_error show_certificate(struct errand *e)
{
	card_buf_t der = {0};
	enum card_error err = e->t->w.certificate(e->t->w.ctx, &der);

	card_buf_free(&der);
	return err;
}

enum card_error method_show(struct errand *e)
{
	const bool auth = (method_pins(e) & FLOW_TERMINAL_PIN_AUTH) != 0;

	/* The card's PIN is enough where it has one; else that of the kind (docs/issuance.md). */
	terminal_say(e, FLOW_SCREEN_HOLD_CARD,
		     auth ? FLOW_TERMINAL_PIN_AUTH : FLOW_TERMINAL_PIN_KIND);
	return auth ? show_certificate(e) : show_local(e);
}

/* A card with the 条例利用AP of this municipality and of no other. */
static enum card_error fits_current(struct errand *e)
{
	enum card_error err = show_local(e);

	if (err == CARD_OK && strcmp(e->local.municipality, e->municipality) != 0)
		err = CARD_ERR_WRONG_TOKEN;
	return err;
}

static enum card_error fits(struct errand *e, const struct method *m)
{
	/* Before a card is touched: a PIN that cannot be protected on its way is not asked for. */
	if ((m->pins & FLOW_TERMINAL_PIN_KIND) != 0 &&
	    (e->seal == NULL || e->t->w.kind_pin == NULL))
		return CARD_ERR_UNTRUSTED;
	return (m->pins & FLOW_TERMINAL_PIN_AUTH) != 0 ? show_certificate(e) : fits_current(e);
}

/* Another method may fit a card that lacks a certificate or an application; it does not help a
 * person who is not there, or a card whose PIN is locked. */
static bool go_on(enum card_error err)
{
	return err != CARD_OK && err != CARD_ERR_PIN_LOCKED && err != CARD_ERR_CANCELLED &&
	       err != CARD_ERR_TIMEOUT && err != CARD_ERR_NO_CARD;
}

enum card_error method_choose(struct errand *e)
{
	enum card_error err = CARD_OK, first = CARD_OK;
	bool any = false;

	snprintf(e->method, sizeof e->method, "%s",
		 e->choice->method != NULL ? e->choice->method : "new");
	for (size_t i = 0; i < TERMINAL_METHODS; i++) {
		if (!e->offered[i] || !wanted(e, &methods[i]))
			continue;
		snprintf(e->method, sizeof e->method, "%s", methods[i].name);
		if (!any && !e->card_asked_for)
			terminal_say(e, FLOW_SCREEN_HOLD_CARD, methods[i].pins);
		err = fits(e, &methods[i]);
		if (!any)
			first = err;
		any = true;
		if (!go_on(err))
			return err;
	}
	/* None offered: the centre refuses it, with an inquiry number (K06). */
	return any ? first : CARD_OK;
}

/* As the certificate names it. */
static void read_municipality(struct card_bytes der, char out[6])
{
	card_cert_t *certificate = NULL;
	struct card_bytes code;

	if (card_cert_new(&certificate, der) != CARD_OK)
		return;
	code = card_cert_municipality_code(certificate);
	if (code.n == 5)
		snprintf(out, 6, "%.5s", (const char *)code.p);
	card_cert_free(&certificate);
}

enum card_error method_propose(struct errand *e, char code[6])
{
	card_buf_t der = {0};
	enum card_error err;

	code[0] = '\0';
	terminal_say(e, FLOW_SCREEN_HOLD_CARD, FLOW_TERMINAL_PIN_AUTH);
	e->card_asked_for = true;
	err = e->t->w.certificate(e->t->w.ctx, &der);
	if (err == CARD_OK)
		read_municipality(card_buf_bytes(&der), code);
	card_buf_free(&der);
	/* A card without a certificate may have the application of a municipality. */
	if (go_on(err) && show_local(e) == CARD_OK) {
		snprintf(code, 6, "%s", e->local.municipality);
		err = CARD_OK;
	}
	return err;
}

/* ---- the PIN of the kind, and going on ---- */

enum card_error method_kind_pin(struct errand *e, int tries, json_t *body)
{
	card_secret_t *pin = NULL;
	char *sealed = NULL;
	enum card_error err = card_secret_new(&pin);

	if (err == CARD_OK)
		err = e->t->w.kind_pin(e->t->w.ctx, e->kind, tries, pin);
	if (err == CARD_OK)
		err = seal_pin(e, pin, &sealed);
	card_secret_free(&pin);
	if (err == CARD_OK && json_object_set_new(body, "kind_pin", json_string(sealed)) != 0)
		err = CARD_ERR_NO_MEMORY;
	free(sealed);
	return err;
}

static void take_text(const struct errand *e, const char *key, char *out, size_t cap)
{
	const char *text = flow_issue_text(e->answer.json, key, cap - 1);

	if (text != NULL)
		snprintf(out, cap, "%s", text);
}

/* In a later session of the terminal the certificate is not known any more. */
static enum card_error find_seal(struct errand *e)
{
	char path[64];
	json_t *answer;
	int status;
	enum card_error err;

	snprintf(path, sizeof path, "/v1/municipalities/%.5s", e->municipality);
	err = link_plain(e->t, "GET", path, NULL, &answer, &status);
	if (err == CARD_OK)
		method_offered(e, answer);
	json_decref(answer);
	return err == CARD_OK && (e->seal == NULL || e->t->w.kind_pin == NULL) ? CARD_ERR_UNTRUSTED
									       : err;
}

enum card_error method_again(struct errand *e)
{
	enum card_error err = link_post(e, "challenge", json_object());

	if (err != CARD_OK)
		return err;
	take_text(e, "nonce", e->nonce, sizeof e->nonce);
	take_text(e, "method", e->method, sizeof e->method);
	take_text(e, "municipality", e->municipality, sizeof e->municipality);
	take_text(e, "kind", e->kind, sizeof e->kind);
	/* 現行方式: what the card cannot check the municipality does. */
	return method_pins(e) == FLOW_TERMINAL_PIN_KIND && e->seal == NULL ? find_seal(e) : CARD_OK;
}
