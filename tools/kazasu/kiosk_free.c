/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kiosk_free.c — memory that any library of this process gives back is overwritten first.
 *
 * Documents and certificates pass through libraries that copy as they like (TLS, HTTP, JSON, PDF).
 * From kiosk_free_wipes on every free and realloc of the process wipes; before, they cost one look.
 * The sanitizers bring an allocator of their own; it is left alone.
 */
#include "kiosk.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <card/secret.h>

static atomic_bool wiping;

void kiosk_free_wipes(void)
{
	atomic_store(&wiping, true);
}

#ifndef __SANITIZE_ADDRESS__

/* glibc's own, under the names that replacements of malloc forward to. */
extern void __libc_free(void *p);
extern void *__libc_malloc(size_t n);
extern void *__libc_realloc(void *p, size_t n);

__attribute__((visibility("default"))) void free(void *p)
{
	if (p != NULL && atomic_load_explicit(&wiping, memory_order_relaxed))
		card_wipe(p, malloc_usable_size(p));
	__libc_free(p);
}

__attribute__((visibility("default"))) void *realloc(void *p, size_t n)
{
	size_t had;
	void *more;

	if (p == NULL || n == 0 || !atomic_load_explicit(&wiping, memory_order_relaxed))
		return __libc_realloc(p, n);
	had = malloc_usable_size(p);
	if (had >= n && had - n < 64)
		return p;
	more = __libc_malloc(n);
	if (more == NULL)
		return NULL;
	memcpy(more, p, had < n ? had : n);
	free(p);
	return more;
}

#endif
