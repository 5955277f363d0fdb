/* SPDX-License-Identifier: Apache-2.0 */
/* digest.h — the digest of a file and of what will be appended to it. */
#ifndef DOCUMENT_DIGEST_H
#define DOCUMENT_DIGEST_H

#include <cardflow/document.h>

/* Digest over the whole file, then over these pieces. Errors as flow_file_digest. */
enum card_error document_digest_with_tail(const flow_file_t *f, enum card_hash hash,
					  const struct card_bytes *tail, size_t n,
					  uint8_t out[CARD_HASH_MAX]);

#endif
