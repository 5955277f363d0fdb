/* SPDX-License-Identifier: Apache-2.0 */
/* pki_write.h — writing DER: content first, then the header around it. */
#ifndef PKI_WRITE_H
#define PKI_WRITE_H

#include <card/bytes.h>

/* Append an element. */
enum card_error pki_put(card_buf_t *out, unsigned tag, struct card_bytes content);

/* Make what lies in out from `from` to the end the content of an element. */
enum card_error pki_wrap(card_buf_t *out, size_t from, unsigned tag);

#endif
