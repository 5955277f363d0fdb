/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every fuzz target includes. A target is one file fuzz_<name>.c with LLVMFuzzerTestOneInput;
 * `make fuzz` links it with libFuzzer, `make check` with driver.c, which replays the corpus and a
 * fixed number of seeded mutations of it.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <card/bytes.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input as a source of decisions: zero when it is used up. */
struct fuzz_input {
	const uint8_t *p;
	size_t n;
};

static inline uint8_t fuzz_byte(struct fuzz_input *in)
{
	if (in->n == 0)
		return 0;
	in->n--;
	return *in->p++;
}

static inline struct card_bytes fuzz_take(struct fuzz_input *in, size_t n)
{
	struct card_bytes b;

	if (n > in->n)
		n = in->n;
	b = card_bytes(in->p, n);
	in->p += n;
	in->n -= n;
	return b;
}

/* What must always hold. */
static inline void fuzz_require(bool holds)
{
	if (!holds)
		abort();
}

/* An answer of libcard is one of its named errors. */
static inline enum card_error fuzz_known(enum card_error err)
{
	fuzz_require((int)err >= 0 && err < CARD_ERR_COUNT_);
	return err;
}

/* True if b lies inside whole, or is empty. */
static inline bool fuzz_inside(struct card_bytes b, struct card_bytes whole)
{
	return b.n == 0 || (b.p >= whole.p && b.p + b.n <= whole.p + whole.n);
}

/* Touch every byte: a view that reaches outside shows itself to the sanitizer. */
static inline void fuzz_touch(struct card_bytes b)
{
	volatile uint8_t sum = 0;

	for (size_t i = 0; i < b.n; i++)
		sum = (uint8_t)(sum + b.p[i]);
}

/* The nth allocation, mapping or lock from now on fails (allocation.c); 0: none does. */
void fuzz_fail_allocation(unsigned nth);

#endif
