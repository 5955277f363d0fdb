/* SPDX-License-Identifier: Apache-2.0 */
/* words.h — the card's codes and records in words. */
#ifndef KAZASU_WORDS_H
#define KAZASU_WORDS_H

#include "kazasu.h"

#include <card/authenticity.h>
#include <card/date.h>
#include <card/text.h>
#include <card/verdict.h>

/* "male", … of the code on the card (card-spec 3.4), translated. */
const char *kz_word_sex(char code);

/* "pass", "FAIL", "undetermined", "not checked", translated. */
const char *kz_word_check(enum card_check check);

/* "VALID", "INVALID", "UNDETERMINED", translated. */
const char *kz_word_verdict(enum card_verdict verdict);

/* name, address, birth and sex as members of an object; what is no valid text is null. */
void kz_attributes_json(json_t *object, const struct card_text_attributes *a);

/* The same as lines for people; some: only those of a set of enum flow_attribute. */
void kz_attributes_say(const struct kz *kz, const struct card_text_attributes *a);
void kz_attributes_say_some(const struct kz *kz, const struct card_text_attributes *a,
			    unsigned set);

/* true, false or null of "is this data authentic": chain and record signature together. */
enum card_check kz_authentic(const struct card_authenticity *a);
json_t *kz_check_json(enum card_check check);

#endif
