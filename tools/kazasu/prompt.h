/* SPDX-License-Identifier: Apache-2.0 */
/* prompt.h — a person types a secret: pinentry, or the terminal. */
#ifndef KAZASU_PROMPT_H
#define KAZASU_PROMPT_H

#include <card/secret.h>

/* What the person is shown. UTF-8. */
struct kz_prompt {
	const char *title;       /* the program */
	const char *description; /* one or two sentences: which secret, tries left */
	const char *label;       /* before the field */
	enum card_lang lang;
	int seconds; /* how long the first key is waited for on the terminal; 0: for ever */
};

/*
 * Ask through pinentry ($PINENTRY or `pinentry`), speaking Assuan over pipes.
 * CARD_ERR_UNSUPPORTED: there is none, or nothing to show it on; CARD_ERR_CANCELLED;
 * CARD_ERR_TIMEOUT; CARD_ERR_TOO_LONG.
 */
enum card_error kz_prompt_pinentry(const struct kz_prompt *p, card_secret_t *out);

/*
 * Ask on the controlling terminal without echo; the terminal is restored also when a signal ends
 * the program. CARD_ERR_UNSUPPORTED: no terminal; CARD_ERR_CANCELLED: end of input;
 * CARD_ERR_TIMEOUT; CARD_ERR_TOO_LONG.
 */
enum card_error kz_prompt_terminal(const struct kz_prompt *p, card_secret_t *out);

/* Write text as an Assuan argument (percent-escaped). False if it does not fit.
 * Exposed for tests. */
bool kz_assuan_escape(const char *text, char *out, size_t cap);

/* Undo it for the n bytes of a data line, into a secret. CARD_ERR_MALFORMED, CARD_ERR_TOO_LONG.
 * Exposed for tests. */
enum card_error kz_assuan_data(const char *data, size_t n, card_secret_t *out);

#endif
