/* SPDX-License-Identifier: Apache-2.0 */
/* issue_signer.h — the key a municipality signs its certificates with (PAdES; rules R4-07). */
#ifndef CARDFLOW_ISSUE_SIGNER_H
#define CARDFLOW_ISSUE_SIGNER_H

#include <cardflow/sign.h>

#ifdef __cplusplus
extern "C" {
#endif

/* May be used by several threads at once. */
typedef struct flow_issue_signer flow_issue_signer_t;

/*
 * key: what OSSL_STORE opens: a file (PEM without passphrase), or a `pkcs11:` URI where a provider
 * for it is configured: the key then stays in its module. certificate: PEM file.
 * CARD_ERR_NOT_FOUND: a file is not there; CARD_ERR_MALFORMED; CARD_ERR_SIGNATURE: they do not
 * belong together; CARD_ERR_UNSUPPORTED: a kind of key that documents are not signed with.
 */
CARD_API enum card_error flow_issue_signer_open(flow_issue_signer_t **out, const char *key,
						const char *certificate);
CARD_API void flow_issue_signer_free(flow_issue_signer_t **s);

/* Days until the certificate ends, at this time; negative: it has. */
CARD_API long flow_issue_signer_days_left(const flow_issue_signer_t *s, int64_t now);

/* Sign a PDF: the signature is appended to *pdf (PAdES-B-B). Errors of flow_pdf_sign;
 * CARD_ERR_EXPIRED: the certificate is not in force at this time. */
CARD_API enum card_error flow_issue_signer_sign(const flow_issue_signer_t *s, int64_t time,
						card_buf_t *pdf);

#ifdef __cplusplus
}
#endif
#endif
