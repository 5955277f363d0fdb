/* SPDX-License-Identifier: Apache-2.0 */
/* output.h — what the command says: to people, and as JSON. */
#ifndef KAZASU_OUTPUT_H
#define KAZASU_OUTPUT_H

#include "kazasu.h"

#define KZ_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* The result for people: standard output, or standard error with --json. */
void kz_say(const struct kz *kz, const char *format, ...) KZ_PRINTF(2, 3);

/* One line "label: value", the values in one column also behind Japanese labels. */
void kz_say_pair(const struct kz *kz, const char *label, const char *format, ...) KZ_PRINTF(3, 4);

/* Besides the result (progress, warnings): always standard error. */
void kz_note(const struct kz *kz, const char *format, ...) KZ_PRINTF(2, 3);

/* Pass on what libcard tells about its work: warnings, or everything with -v. */
void kz_log_start(const struct kz *kz);

/* The one JSON document; owned from here on. Written only with --json, and only once. */
void kz_json(struct kz *kz, json_t *document);

/* Text from a card: control characters and stray bytes are shown as U+FFFD, so that no card
 * can move the cursor of a terminal. Result on the heap, NULL without memory. */
char *kz_printable(const char *text, size_t n);

/* Columns that UTF-8 text takes on a terminal. */
size_t kz_columns(const char *text);

/* A failure. What is {0} is left out of the report. */
struct kz_failure {
	enum card_error error;
	int exit;            /* 0: by the table of failure.c */
	const char *message; /* NULL: by the table */
	const char *hint;    /* NULL: by the table */
	const char *reason;  /* the code of a rule, "card_abolished" and so on; NULL: none */
	bool has_tries;
	int tries; /* left, or CARD_TRIES_… */
	enum card_pin pin;
	uint16_t sw;
};

/* Report a failure in both forms and return its exit code. */
int kz_fail(struct kz *kz, const struct kz_failure *f);

/* The same for an error that needs no more words. */
int kz_fail_error(struct kz *kz, enum card_error error);

/* Words that cannot be: exit 64. */
int kz_fail_usage(struct kz *kz, const char *format, ...) KZ_PRINTF(2, 3);

/* A rule forbids it: exit 7. */
int kz_fail_refused(struct kz *kz, const char *hint, const char *format, ...) KZ_PRINTF(3, 4);

/* The exit code that an error means where no better context is known. */
int kz_exit_of(enum card_error error);

/* What to do about an error, translated; "" if there is nothing to say. */
const char *kz_hint_of(enum card_error error);

#endif
