/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x509.h — the pieces certificates and revocation lists of the test PKI are built of.
 */
#ifndef SIM_X509_H
#define SIM_X509_H

#include "pki.h"

#define SIM_HEX_SHA256_RSA "300D06092A864886F70D01010B0500"

/* One RDN: oid in hex, ASN.1 string tag (0x0C UTF8, 0x13 Printable). */
void sim_put_rdn(struct sim_buf *b, const char *oid, unsigned tag, const char *text);

/* Name of the CAs of one use: shared by all generations (card-spec 7.1). */
void sim_put_ca_name(struct sim_buf *b, enum sim_use use);
/* Name of a municipality's distribution point (7.2 row 5). */
void sim_put_point_name(struct sim_buf *b, enum sim_use use, const char *prefecture,
			const char *city);
/* The Japanese name in subjectAltName of a CA and issuerAltName of a holder. */
void sim_put_alt_name(struct sim_buf *b, enum sim_use use);

/* INTEGER without leading zeros. */
void sim_put_integer(struct sim_buf *b, uint32_t v);
/* UTCTime at a day and a time "HHMMSS". */
void sim_put_utctime(struct sim_buf *b, struct sim_day d, const char *hhmmss);

/* Turn what was written since start into an Extension. */
void sim_wrap_extension(struct sim_buf *b, size_t start, const char *oid, bool critical);

/* Append algorithm and signature over tbs and wrap all since start. */
bool sim_wrap_signed(struct sim_buf *b, size_t start, EVP_PKEY *key);

void sim_put_spki(struct sim_buf *b, EVP_PKEY *key);
bool sim_ski(EVP_PKEY *key, uint8_t out[20]);

#endif
