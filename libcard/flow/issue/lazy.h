/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lazy.h — a library that is loaded when it is first needed.
 *
 * Drawing a PDF and finding a code on a scan bring some fifty libraries with them and double the
 * start of every program that links them; most programs never do either.
 */
#ifndef CARDFLOW_LAZY_H
#define CARDFLOW_LAZY_H

#include <stdbool.h>
#include <stddef.h>

struct lazy_symbol {
	const char *name;
	void *where; /* pointer to a function pointer */
};

/* Load a library by its soname and find all symbols; it stays loaded. False: it is not installed
 * or lacks a symbol. The caller sees to it that this runs once (pthread_once). */
bool lazy_load(const char *soname, const struct lazy_symbol *symbols, size_t n);

#endif
