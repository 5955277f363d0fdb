/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kazasu.h — what every subcommand of `kazasu` shares.
 *
 * A subcommand is one file cmd_<name>.c with one function and one line in the table of main.c.
 * It declares its options, opens the card, does its work and says the result once: as text for
 * people, and as one JSON document with --json. Every function here that returns an int returns
 * KZ_GO to go on, or the exit code with which the command ends after the failure was reported.
 */
#ifndef KAZASU_H
#define KAZASU_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>
#include <libintl.h>

#include <card/error.h>
#include <card/pin.h>

#define _(text)  gettext(text)
#define N_(text) text

#define KZ_GO (-1)

/* Exit codes; 64 and above as in sysexits.h. */
enum kz_exit {
	KZ_DONE = 0,
	KZ_INVALID = 1,
	KZ_UNDETERMINED = 2,
	KZ_WRONG_SECRET = 3,
	KZ_LOCKED = 4,
	KZ_NO_CARD = 5,
	KZ_WRONG_CARD = 6,
	KZ_REFUSED = 7,
	KZ_CANCELLED = 8,
	KZ_USAGE = 64,
	KZ_BAD_DATA = 65,
	KZ_NO_INPUT = 66,
	KZ_UNAVAILABLE = 69,
	KZ_INTERNAL = 70,
	KZ_CANNOT_WRITE = 73,
	KZ_IO = 74,
	KZ_NO_PERMISSION = 77
};

struct kz;

/* One line of the table in main.c. */
struct kz_command {
	const char *name;
	int (*run)(struct kz *kz); /* returns the exit code */
	const char *summary;       /* one line, marked with N_ */
};

/* The options that every command takes; NULL or the default where not given. */
struct kz_common {
	const char *reader; /* NULL: pcsc */
	int wait;           /* seconds, -1: not given */
	bool json;
	int pin_fd; /* -1: not given */
	const char *trace;
	bool trace_personal;
	const char *trust, *store;
	bool test_roots;
	bool at_given;
	int64_t at; /* UTC */
	bool verbose, help;
};

struct kz {
	const struct kz_command *command; /* NULL before it is known */
	const struct kz_command *table;   /* of all commands, ends with name NULL */
	int argc;                         /* words after the command's name */
	char **argv;
	struct kz_common opt;
	enum card_lang lang;
	bool answered; /* the JSON document has been written */
	uint64_t told; /* how far a long file was when it was told last (document.c) */
};

/* The instant at which dates are evaluated: now, or that of --at where it counts. */
int64_t kz_now(const struct kz *kz);

/* --at counts in `verify` and `lifecycle`, in what only reads the tables of rules, and in a test
 * run (--test-roots); everywhere else it is left aside, and kz_options says so. */
bool kz_at_counts(const struct kz *kz);

#endif
