/* SPDX-License-Identifier: Apache-2.0 */
/* Allocations that fail when a target says so; linked with ld --wrap. */
#include <sys/mman.h>

#include "fuzz.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_mmap(void *at, size_t n, int prot, int flags, int fd, off_t offset);
int __real_mlock(const void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_mmap(void *at, size_t n, int prot, int flags, int fd, off_t offset);
int __wrap_mlock(const void *p, size_t n);

static unsigned fail_at;

void fuzz_fail_allocation(unsigned nth)
{
	fail_at = nth;
}

static bool fails(void)
{
	return fail_at != 0 && --fail_at == 0;
}

void *__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
	return fails() ? NULL : __real_realloc(p, n);
}

void *__wrap_mmap(void *at, size_t n, int prot, int flags, int fd, off_t offset)
{
	return fails() ? MAP_FAILED : __real_mmap(at, n, prot, flags, fd, offset);
}

int __wrap_mlock(const void *p, size_t n)
{
	return fails() ? -1 : __real_mlock(p, n);
}
