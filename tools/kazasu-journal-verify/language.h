/* SPDX-License-Identifier: Apache-2.0 */
/* language.h — messages in Japanese or English, as the environment asks (gettext). */
#ifndef LANGUAGE_H
#define LANGUAGE_H

#include <libintl.h>

#define _(text)  gettext(text)
#define N_(text) text

/* LANGUAGE, else LC_ALL, LC_MESSAGES, LANG; the catalogues lie beside the program, or where it was
 * installed. */
void language_start(void);

#endif
