/* SPDX-License-Identifier: Apache-2.0 */
/* pki_ocsp.h — what requests and answers share. */
#ifndef PKI_OCSP_H
#define PKI_OCSP_H

#include <card/der.h>
#include <card/ocsp.h>

#include "pki_trust.h"

/* AlgorithmIdentifier of a hash with NULL parameters, whole; n = 0 if unknown. */
struct card_bytes pki_hash_algorithm(enum card_hash hash);
/* The hash of an AlgorithmIdentifier, parameters NULL or absent. */
enum card_hash pki_hash_of_algorithm(struct card_bytes algorithm);

/* Key bits of a SubjectPublicKeyInfo (without the count of unused bits). */
enum card_error pki_key_bits(struct card_bytes spki, struct card_bytes *bits);

extern const struct card_bytes pki_oid_ocsp_nonce;

#endif
