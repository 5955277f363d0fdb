/* SPDX-License-Identifier: Apache-2.0 */
/* language.h — Japanese or English. */
#ifndef KAZASU_LANGUAGE_H
#define KAZASU_LANGUAGE_H

#include "kazasu.h"

/* The language that LC_ALL, LC_MESSAGES, LANG and LANGUAGE ask for. */
enum card_lang kz_language_wanted(void);

/* Use it from now on. The catalogue is looked for beside the program, then in DATADIR. */
void kz_language_set(struct kz *kz, enum card_lang lang);

#endif
