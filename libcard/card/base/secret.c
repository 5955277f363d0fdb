/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secret has a page of its own, so that locking, MADV_DONTDUMP and
 * MADV_WIPEONFORK touch nothing else and releasing it cannot unlock a neighbour.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <card/secret.h>

struct card_secret {
	size_t mapped; /* bytes of the mapping that holds this struct */
	size_t n;
	uint8_t value[CARD_SECRET_MAX];
};

void card_wipe(void *p, size_t n)
{
	if (p != NULL && n > 0)
		explicit_bzero(p, n);
}

enum card_error card_secret_new(card_secret_t **out)
{
	long page = sysconf(_SC_PAGESIZE);
	size_t size;
	struct card_secret *s;

	if (out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	size = page > 0 ? (size_t)page : 4096;
	while (size < sizeof(*s))
		size *= 2;
	s = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED)
		return CARD_ERR_NO_MEMORY;
	if (mlock(s, size) != 0 || madvise(s, size, MADV_DONTDUMP) != 0) {
		(void)munmap(s, size);
		return CARD_ERR_NO_MEMORY;
	}
	/* A child process sees an empty secret. Kernels before 4.14 do not know this advice. */
	(void)madvise(s, size, MADV_WIPEONFORK);
	s->mapped = size;
	s->n = 0;
	*out = s;
	return CARD_OK;
}

enum card_error card_secret_set(card_secret_t *s, struct card_bytes value)
{
	if (s == NULL || (value.p == NULL && value.n > 0))
		return CARD_ERR_INVALID_ARGUMENT;
	if (value.n > CARD_SECRET_MAX) {
		card_secret_wipe(s);
		return CARD_ERR_TOO_LONG;
	}
	if (value.p != s->value) {
		card_secret_wipe(s);
		if (value.n > 0)
			memcpy(s->value, value.p, value.n);
	}
	s->n = value.n;
	return CARD_OK;
}

enum card_error card_secret_push(card_secret_t *s, uint8_t byte)
{
	if (s == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (s->n == CARD_SECRET_MAX)
		return CARD_ERR_TOO_LONG;
	s->value[s->n++] = byte;
	return CARD_OK;
}

void card_secret_pop(card_secret_t *s)
{
	if (s != NULL && s->n > 0)
		card_wipe(&s->value[--s->n], 1);
}

enum card_error card_secret_read_line(card_secret_t *s, int fd)
{
	bool any = false, too_long = false;
	uint8_t c = 0;

	if (s == NULL || fd < 0)
		return CARD_ERR_INVALID_ARGUMENT;
	card_secret_wipe(s);
	for (;;) {
		ssize_t got = read(fd, &c, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 || (got == 0 && !any)) {
			card_secret_wipe(s);
			return CARD_ERR_IO;
		}
		if (got == 0 || c == '\n')
			break;
		any = true;
		if (card_secret_push(s, c) != CARD_OK)
			too_long = true;
	}
	card_wipe(&c, 1);
	if (too_long) {
		card_secret_wipe(s);
		return CARD_ERR_TOO_LONG;
	}
	if (s->n > 0 && s->value[s->n - 1] == '\r')
		card_secret_pop(s);
	return CARD_OK;
}

struct card_bytes card_secret_bytes(const card_secret_t *s)
{
	return s == NULL ? card_bytes(NULL, 0) : card_bytes(s->value, s->n);
}

void card_secret_wipe(card_secret_t *s)
{
	if (s == NULL)
		return;
	card_wipe(s->value, sizeof(s->value));
	s->n = 0;
}

void card_secret_free(card_secret_t **s)
{
	size_t mapped;

	if (s == NULL || *s == NULL)
		return;
	mapped = (*s)->mapped;
	card_wipe(*s, sizeof(**s));
	(void)munlock(*s, mapped);
	(void)munmap(*s, mapped);
	*s = NULL;
}
