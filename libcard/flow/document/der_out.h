/* SPDX-License-Identifier: Apache-2.0 */
/*
 * der_out.h — writing DER into a buffer.
 *
 * The first error stays in err and everything after it does nothing, so a caller
 * looks once at the end.
 */
#ifndef DOCUMENT_DER_OUT_H
#define DOCUMENT_DER_OUT_H

#include <card/der.h>
#include <card/sig.h>

struct der_out {
	card_buf_t *buf;
	enum card_error err;
};

/* Append an element, or bytes that are elements already. */
void der_put(struct der_out *o, unsigned tag, struct card_bytes content);
void der_raw(struct der_out *o, struct card_bytes whole);

/* Non-negative INTEGER from a big-endian magnitude, or from a number. */
void der_unsigned(struct der_out *o, struct card_bytes magnitude);
void der_number(struct der_out *o, uint32_t v);

/* UTCTime until 2049, GeneralizedTime from 2050 (RFC 5652 §11.3). */
void der_time(struct der_out *o, int64_t utc);

/* AlgorithmIdentifier: the hash without parameters (RFC 5754 §2); with OID and NULL or nothing. */
void der_hash_algorithm(struct der_out *o, enum card_hash hash);
void der_algorithm(struct der_out *o, struct card_bytes oid, bool null_parameters);

/* Everything since `from` (the buffer's n then) becomes the content of an element. */
void der_wrap(struct der_out *o, size_t from, unsigned tag);

/* The length of what der_wrap and der_put put before n content octets. */
size_t der_head(unsigned tag, size_t n, uint8_t out[6]);

#endif
