/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <card/bytes.h>
#include <card/secret.h>

#define FIRST_CAP 256u

bool card_bytes_equal(struct card_bytes a, struct card_bytes b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

card_buf_t card_buf_fixed(void *memory, size_t cap)
{
	card_buf_t b = {.p = memory, .n = 0, .cap = cap, .fixed = true};
	return b;
}

enum card_error card_buf_reserve(card_buf_t *b, size_t more)
{
	size_t cap;
	uint8_t *p;

	if (b == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (more <= b->cap - b->n)
		return CARD_OK;
	if (b->fixed)
		return CARD_ERR_BUFFER_TOO_SMALL;
	if (more > CARD_BUF_MAX - b->n)
		return CARD_ERR_TOO_LONG;
	cap = b->cap < FIRST_CAP ? FIRST_CAP : b->cap;
	while (cap < b->n + more)
		cap *= 2;
	/* Not realloc: it could leave an unwiped copy behind. */
	p = malloc(cap);
	if (p == NULL)
		return CARD_ERR_NO_MEMORY;
	if (b->p != NULL) {
		memcpy(p, b->p, b->n);
		card_wipe(b->p, b->cap);
		free(b->p);
	}
	b->p = p;
	b->cap = cap;
	return CARD_OK;
}

enum card_error card_buf_append(card_buf_t *b, struct card_bytes add)
{
	enum card_error err;

	if (b == NULL || (add.p == NULL && add.n > 0))
		return CARD_ERR_INVALID_ARGUMENT;
	if (add.n == 0)
		return CARD_OK;
	err = card_buf_reserve(b, add.n);
	if (err != CARD_OK)
		return err;
	memcpy(b->p + b->n, add.p, add.n);
	b->n += add.n;
	return CARD_OK;
}

enum card_error card_buf_append_byte(card_buf_t *b, uint8_t byte)
{
	return card_buf_append(b, card_bytes(&byte, 1));
}

void card_buf_clear(card_buf_t *b)
{
	if (b == NULL)
		return;
	if (b->n > 0)
		card_wipe(b->p, b->n);
	b->n = 0;
}

void card_buf_free(card_buf_t *b)
{
	if (b == NULL)
		return;
	if (b->fixed) {
		card_buf_clear(b);
		return;
	}
	if (b->p != NULL)
		card_wipe(b->p, b->cap);
	free(b->p);
	*b = (card_buf_t){0};
}

struct card_bytes card_buf_bytes(const card_buf_t *b)
{
	return b == NULL ? card_bytes(NULL, 0) : card_bytes(b->p, b->n);
}
