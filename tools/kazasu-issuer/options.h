/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ISSUER_OPTIONS_H
#define ISSUER_OPTIONS_H

#include <stdbool.h>

enum action {
	ACTION_SERVE,
	ACTION_CHECK,
	ACTION_GENERATE,
	ACTION_IMPORT,
	ACTION_EXPORT,
	ACTION_REFUSALS,
	ACTION_ISSUES,
	ACTION_MAP,
	ACTION_ENROL,
	ACTION_KIND_PIN,
	ACTION_KIND_PINS,
	ACTION_DESCRIBE,
	ACTION_MAKE_TEST
};

struct options {
	enum action action;
	const char *config;
	long residents;
	unsigned long long seed;
	const char *fixtures;            /* --personas */
	const char *folder;              /* import, export, make-test */
	const char *day;                 /* refusals, issues; NULL: yesterday, today */
	const char *certificate, *trust; /* map, enrol */
	const char *atena, *member, *kind, *operator_id;
	const char *municipality, *name; /* make-test */
	bool replace, json;
	int pin_fd;
};

/* -1: go on; else the exit code. */
int options_read(struct options *o, int argc, char **argv);

#endif
