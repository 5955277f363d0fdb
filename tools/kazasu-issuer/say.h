/* SPDX-License-Identifier: Apache-2.0 */
/* say.h — messages to people (stderr, in their language), and the running log. */
#ifndef ISSUER_SAY_H
#define ISSUER_SAY_H

#include <libintl.h>

#define _(text)  gettext(text)
#define N_(text) (text)

/* LC_MESSAGES from the environment; the catalogue beside the program, else in DATADIR. */
void say_language(void);

/* "kazasu-issuer: …". */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One line of the log: time, event, `key=value` pairs. Never personal data, never a reason. */
void say_log(const char *event, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
