/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bytes.h — a view of bytes, a buffer that grows or does not, and hexadecimal.
 */
#ifndef CARD_BYTES_H
#define CARD_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <card/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A borrowed view: valid as long as what it points into. p may be NULL if n is 0. */
struct card_bytes {
	const uint8_t *p;
	size_t n;
};

static inline struct card_bytes card_bytes(const void *p, size_t n)
{
	struct card_bytes b = {(const uint8_t *)p, n};
	return b;
}

/* Same length and content. Not constant-time: never for secrets. */
CARD_API bool card_bytes_equal(struct card_bytes a, struct card_bytes b);

/*
 * A buffer. Growable: starts as {0}, memory belongs to the buffer and is wiped
 * whenever it is moved or freed. Fixed: made by card_buf_fixed over memory of
 * the caller; never grows, card_buf_free leaves that memory alone (but wiped).
 */
typedef struct card_buf {
	uint8_t *p;
	size_t n;   /* bytes in use */
	size_t cap; /* bytes there */
	bool fixed;
} card_buf_t;

/* Limit of a growable buffer, in bytes: nothing a card sends is larger. */
#define CARD_BUF_MAX ((size_t)16 * 1024 * 1024)

CARD_API card_buf_t card_buf_fixed(void *memory, size_t cap);

/* Append. On error the buffer is unchanged.
 * CARD_ERR_BUFFER_TOO_SMALL: fixed and full; CARD_ERR_TOO_LONG: beyond CARD_BUF_MAX. */
CARD_API enum card_error card_buf_append(card_buf_t *b, struct card_bytes add);
CARD_API enum card_error card_buf_append_byte(card_buf_t *b, uint8_t byte);

/* Make room for `more` bytes after n without changing n. Errors as card_buf_append. */
CARD_API enum card_error card_buf_reserve(card_buf_t *b, size_t more);

/* Empty it, wiping the content; the memory stays. */
CARD_API void card_buf_clear(card_buf_t *b);

/* Wipe, release, and leave {0} (fixed: n = 0). NULL is allowed. */
CARD_API void card_buf_free(card_buf_t *b);

CARD_API struct card_bytes card_buf_bytes(const card_buf_t *b);

/* Upper-case hexadecimal with a final NUL. cap must be at least 2 n + 1,
 * else CARD_ERR_BUFFER_TOO_SMALL and an empty string (if cap > 0). */
CARD_API enum card_error card_hex_encode(struct card_bytes in, char *out, size_t cap);

/* Hexadecimal text to bytes, appended to out. Either case; blanks and ':'
 * between bytes are allowed. CARD_ERR_MALFORMED: any other character or half a
 * byte; out is then unchanged. */
CARD_API enum card_error card_hex_decode(const char *text, card_buf_t *out);

#ifdef __cplusplus
}
#endif
#endif
