/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret.h — a PIN, password or 照合番号.
 *
 * The only type that holds a secret (design decision 4): its page is locked in
 * memory, excluded from core dumps and from child processes' copies, and wiped
 * before it is released. No function of libcard logs, traces or prints one.
 */
#ifndef CARD_SECRET_H
#define CARD_SECRET_H

#include <card/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Longest secret in bytes: the card takes at most 16 (card-spec 4.4); a line
 * read from a person may be longer before it is refused. */
#define CARD_SECRET_MAX 64

typedef struct card_secret card_secret_t;

/* A new, empty secret. *out is set only on CARD_OK; free with card_secret_free. */
CARD_API enum card_error card_secret_new(card_secret_t **out);

/* Replace the content by a copy; the caller wipes its own.
 * CARD_ERR_TOO_LONG above CARD_SECRET_MAX: the secret is then empty. */
CARD_API enum card_error card_secret_set(card_secret_t *s, struct card_bytes value);

/* Append one byte (typed input). CARD_ERR_TOO_LONG: unchanged. */
CARD_API enum card_error card_secret_push(card_secret_t *s, uint8_t byte);

/* Remove and wipe the last byte; nothing if empty. */
CARD_API void card_secret_pop(card_secret_t *s);

/* Read one line (without its LF or CR LF) from a descriptor, byte by byte, so
 * that nothing of the next line is consumed or copied elsewhere.
 * CARD_ERR_IO: read failed, or end of file before any byte;
 * CARD_ERR_TOO_LONG: the whole line was consumed, the secret is empty. */
CARD_API enum card_error card_secret_read_line(card_secret_t *s, int fd);

/* The content; borrowed, valid until the next call on s. Empty if s is NULL. */
CARD_API struct card_bytes card_secret_bytes(const card_secret_t *s);

/* Make it empty, wiping the content. NULL is allowed. */
CARD_API void card_secret_wipe(card_secret_t *s);

/* Wipe, unlock, release and set *s to NULL. NULL is allowed. */
CARD_API void card_secret_free(card_secret_t **s);

/* Overwrite memory in a way the compiler keeps. */
CARD_API void card_wipe(void *p, size_t n);

#ifdef __cplusplus
}
#endif
#endif
