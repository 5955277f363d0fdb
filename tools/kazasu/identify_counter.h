/* SPDX-License-Identifier: Apache-2.0 */
/* identify_counter.h — the identity check with operator, procedure and journal (flows ch. 2). */
#ifndef KAZASU_IDENTIFY_COUNTER_H
#define KAZASU_IDENTIFY_COUNTER_H

#include "cards.h"
#include "papers.h"
#include "registers.h"
#include "session.h"

#include <cardflow/identify.h>

/* The words of the command line. */
struct kz_counter_words {
	const char *procedure, *operator_id, *second, *subject, *photo, *report;
	const char *evidence, *authority; /* lists of documents */
	const char *agent;                /* CASE:WHO, or NULL: the person is here */
	const char *face, *differs, *second_card;
	enum flow_route route;
	bool last_try, number, form_number, no_card, sign_certificate, ocsp;
};

/* What the run holds. */
struct kz_counter {
	const struct kz_counter_words *w;
	struct kz_desk desk;
	struct flow_rules rules;
	struct kz_registers registers;
	struct kz_cards cards;  /* the states of cards (C18) */
	struct kz_session card; /* ch NULL: no card is used */
	card_cvca_t *cas;
	card_trust_t *trust;
	card_verify_t *verify;
	flow_identify_t *id;
	json_t *attributes;
	const char *photo;  /* written there */
	card_buf_t picture; /* PNG for the report, where the procedure lets it be kept */
	char second_token[FLOW_SESSION_TOKEN + 1];
	struct kz_paper papers[FLOW_DOCUMENTS_MAX]; /* the evidence that was entered */
	size_t n_papers;
};

/* Run it and say the result, in the words and with the exit codes of `identify`. */
int kz_identify_counter(struct kz *kz, const struct kz_counter_words *w);

/* The steps with the card, as far as the comparison (identify_counter_card.c). */
int kz_counter_card(struct kz *kz, struct kz_counter *c);

/* C22 with the card or the number of the form. */
int kz_counter_number(struct kz *kz, struct kz_counter *c);

/* What came out, in words and as JSON, and its exit code (identify_counter_say.c). */
int kz_counter_say(struct kz *kz, struct kz_counter *c);

/* The same on one sheet of paper, in w->report (identify_counter_report.c). KZ_GO, or the exit code. */
int kz_counter_report(struct kz *kz, struct kz_counter *c, bool test);
/* Keep the photo of the card for it. False: it is no picture. */
bool kz_counter_take_picture(struct kz_counter *c, struct card_bytes jp2);

/* What an agent lacks, by name: exit 7. */
int kz_counter_say_authority(struct kz *kz, const struct kz_counter *c);

/* Ask a person at the terminal for one line; false: nobody is there, or nothing was typed. */
bool kz_ask_line(const struct kz *kz, const char *question, char *out, size_t room);

#endif
