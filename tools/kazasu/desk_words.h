/* SPDX-License-Identifier: Apache-2.0 */
/* desk_words.h — codes of the counter and its journal in words. JSON keeps the codes. */
#ifndef KAZASU_DESK_WORDS_H
#define KAZASU_DESK_WORDS_H

#include <cardflow/operator.h>

/* Translated; a code that is not known stays as it is. Static. */
const char *kz_word_state(enum flow_operator_state s);
const char *kz_word_right(const char *right);
const char *kz_word_event(const char *event);
const char *kz_word_phase(const char *phase);
const char *kz_word_result(const char *result);
const char *kz_word_finding(const char *kind);
/* Why nobody may work: a code of flow_login_code, "role" or "refused". */
const char *kz_word_refusal(const char *code);
/* The code of any record: one of those above, of operators, of an identity check. */
const char *kz_word_code(const char *code, enum card_lang lang);

/* Roles joined by `;` as words joined by the mark that lists have in this language. */
const char *kz_word_roles(const char *roles, char *out, size_t room);

#endif
