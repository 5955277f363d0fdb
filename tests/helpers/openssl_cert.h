/* SPDX-License-Identifier: Apache-2.0 */
/* openssl_cert.h — what OpenSSL says about a certificate, to compare with. */
#ifndef OPENSSL_CERT_H
#define OPENSSL_CERT_H

#include <card/bytes.h>

/* A root certificate to trust; five at most. Released by openssl_cert_end. */
void openssl_cert_anchor(struct card_bytes der);
void openssl_cert_end(void);

/* d2i_X509 to the last octet and X509_verify_cert at this instant, below any anchor. */
bool openssl_cert_valid(struct card_bytes der, int64_t at);
/* Why the last one was not. */
const char *openssl_cert_why(void);

/* Assert that every field that both read is the same. */
void openssl_cert_compare(struct card_bytes der);

#endif
