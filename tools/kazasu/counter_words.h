/* SPDX-License-Identifier: Apache-2.0 */
/* counter_words.h — words of the counter for people: results, steps, documents, states. */
#ifndef KAZASU_COUNTER_WORDS_H
#define KAZASU_COUNTER_WORDS_H

#include "kazasu.h"

#include <cardflow/identify.h>

/* All translated. */
const char *kz_word_card_result(enum flow_card_result r);
const char *kz_word_person_result(enum flow_person_result r);
const char *kz_word_number_result(enum flow_number_result r);
const char *kz_word_ladder_step(enum flow_ladder_step s);
const char *kz_word_ladder_result(enum flow_ladder_result r);
const char *kz_word_document_result(enum flow_document_result r);
const char *kz_word_check_name(enum flow_check c);
const char *kz_word_double_check(enum flow_double_check d);
/* of procedures.csv: "decision", "contract-end", "fiscal-year-end" */
const char *kz_word_retention(const char *from);
/* of a record: "received", "checked_same_day", … ; the word itself if it is none */
const char *kz_word_check_state(const char *state);
const char *kz_word_attribute(enum flow_attribute a);

/* A set of enum flow_attribute, joined. */
void kz_words_attributes(unsigned set, char out[256]);

/* The name of a kind of document; the kind itself if it is none. */
const char *kz_word_document(const struct kz *kz, const flow_evidence_t *e, const char *kind);

#endif
