/* SPDX-License-Identifier: Apache-2.0 */
/* options.h — the words on the command line. */
#ifndef KAZASU_OPTIONS_H
#define KAZASU_OPTIONS_H

#include "kazasu.h"

/* One option of a command: with a value (text) or without (flag). */
struct kz_option {
	const char *name;  /* the long form, without "--" */
	char letter;       /* the short form, or 0 */
	const char *value; /* what the value is called in the help; NULL: a flag */
	const char **text; /* receives the value */
	bool *flag;        /* set to true */
	const char *help;  /* N_(…) */
};

struct kz_usage {
	const char *synopsis;            /* what follows "kazasu NAME" */
	const char *about;               /* N_(…): what it does, in a few lines */
	const struct kz_option *options; /* ends with name NULL; may be NULL */
	size_t min, max;                 /* how many words besides the options */
};

/*
 * Words before the command: common options and the command's name. Sets kz->command, argc and
 * argv. KZ_GO, or the exit code (help, version, usage).
 */
int kz_options_start(struct kz *kz, int argc, char **argv);

/*
 * Words after it: the command's options and the common ones, mixed with at most u->max other
 * words, which go to words[0..*n) (room for u->max). "--" ends the options.
 * With --help the help is printed and KZ_DONE returned.
 */
int kz_options(struct kz *kz, const struct kz_usage *u, const char **words, size_t *n);

/* A number of digits only, 0..max. False if it is none. */
bool kz_number(const char *text, long max, long *out);

#endif
