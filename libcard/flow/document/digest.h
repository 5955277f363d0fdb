/* SPDX-License-Identifier: Apache-2.0 */
/* digest.h — the digest of a file and of what will be appended to it, here or by others. */
#ifndef DOCUMENT_DIGEST_H
#define DOCUMENT_DIGEST_H

#include <cardflow/document.h>

/* Digest over the whole file, then over these pieces. Errors as flow_file_digest. */
enum card_error document_digest_with_tail(const flow_file_t *f, enum card_hash hash,
					  const struct card_bytes *tail, size_t n,
					  uint8_t out[CARD_HASH_MAX]);

/*
 * Copy up to n octets from `at` on; fewer only at the end. For those who read a whole file from
 * its start to its end in pieces of any size: as with flow_file_digest progress is reported and
 * pages that were read are given back.
 */
size_t document_read(const flow_file_t *f, size_t at, void *to, size_t n);

#endif
