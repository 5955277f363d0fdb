/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch.h — bytes carried over a network by the caller: libcard opens none.
 */
#ifndef CARD_FETCH_H
#define CARD_FETCH_H

#include <card/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Send body to url by HTTP POST with this content type and append the body of
 * the answer to *answer. The caller sets limits of time and size, and counts the
 * requests. CARD_OK only for a complete answer with status 200; CARD_ERR_TIMEOUT,
 * CARD_ERR_IO, CARD_ERR_TOO_LONG, CARD_ERR_DENIED (an address it does not allow).
 */
typedef enum card_error card_fetch_fn(void *ctx, const char *url, const char *content_type,
				      struct card_bytes body, card_buf_t *answer);

#ifdef __cplusplus
}
#endif
#endif
