/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue_signer.h — the key a municipality signs its certificates with (PAdES; rules R4-07), and the
 * look of whoever takes them (flows K18, K21).
 */
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

/* ---- whoever takes them ---- */

/* Certificates that one municipality signs with. Read once, then used by any thread. */
typedef struct flow_issue_signers flow_issue_signers_t;

/* One to eight certificates of a PEM file. CARD_ERR_NOT_FOUND: no such file; CARD_ERR_MALFORMED: none
 * in it; CARD_ERR_TOO_LONG: more. */
CARD_API enum card_error flow_issue_signers_read(flow_issue_signers_t **out, const char *path);
CARD_API void flow_issue_signers_free(flow_issue_signers_t **s);

/*
 * Is this PDF signed once (PAdES) by one of them, in force at this time, over the whole file, and has
 * it this many pages, counted one by one? CARD_ERR_SIGNATURE: no; *why is a word for it, static:
 * "pages", "signatures" (not exactly one), or the code of a reason of document.h or verdict.h. NULL if
 * nothing is wrong. CARD_ERR_NO_MEMORY, CARD_ERR_CRYPTO.
 */
CARD_API enum card_error flow_issue_front_check(const flow_issue_signers_t *s,
						struct card_bytes pdf, uint32_t pages, int64_t at,
						const char **why);

#ifdef __cplusplus
}
#endif
#endif
