/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timestamp.h — the roots of time-stamping authorities (RFC 3161).
 *
 * They are apart from the roots of the JPKI: a timestamp proves when, never who.
 */
#ifndef CARDFLOW_TIMESTAMP_H
#define CARDFLOW_TIMESTAMP_H

#include <cardflow/sign.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An empty set of roots. */
CARD_API enum card_error flow_tsa_trust_new(flow_tsa_trust_t **out);
CARD_API void flow_tsa_trust_free(flow_tsa_trust_t **t);

/* Add every certificate of a PEM file as a root. CARD_ERR_IO; CARD_ERR_MALFORMED: none in it. */
CARD_API enum card_error flow_tsa_trust_add_file(flow_tsa_trust_t *t, const char *path);

/* Number of roots. */
CARD_API size_t flow_tsa_trust_count(const flow_tsa_trust_t *t);

#ifdef __cplusplus
}
#endif
#endif
