/* SPDX-License-Identifier: Apache-2.0 */
/* fetch.h — HTTP for libcard's questions (card_fetch_fn), by libcurl. */
#ifndef KAZASU_FETCH_H
#define KAZASU_FETCH_H

#include <card/fetch.h>

/* http and https only, no redirects, ten seconds, 64 KiB. ctx is not used. */
enum card_error kz_fetch(void *ctx, const char *url, const char *content_type,
			 struct card_bytes body, card_buf_t *answer);

#endif
