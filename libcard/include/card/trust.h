/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trust.h — the CA certificates an operator has decided to trust.
 *
 * JPKI has two CAs without intermediates (card-spec 7.1); an anchor is a
 * self-signed CA certificate. Generations share one name: anchors are chosen by
 * key identifier, then by signature. A CA certificate read from a card is never
 * trusted by that alone: it counts only if the same certificate is installed.
 *
 * A filled store may be read by many threads at once.
 */
#ifndef CARD_TRUST_H
#define CARD_TRUST_H

#include <card/cert.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct card_trust card_trust_t;

/* Accept anchors of the test hierarchy (O=JPKI-TEST). Every output of such a run
 * says so (design decision 6). */
#define CARD_TRUST_TEST_ROOTS 0x1u

/* An empty store. */
CARD_API enum card_error card_trust_new(card_trust_t **out, unsigned flags);

/* Release and set *t to NULL. NULL is allowed. */
CARD_API void card_trust_free(card_trust_t **t);

/*
 * Add one anchor, DER. Adding the same certificate again changes nothing.
 * CARD_ERR_MALFORMED, CARD_ERR_TRUNCATED, CARD_ERR_TOO_LONG: no certificate;
 * CARD_ERR_UNTRUSTED: not a CA certificate (basicConstraints, keyCertSign, name
 *   equal to its issuer's, a critical extension that is not understood);
 * CARD_ERR_SIGNATURE: not signed by its own key;
 * CARD_ERR_UNSUPPORTED: key or algorithm below what path.h accepts;
 * CARD_ERR_DENIED: of the test hierarchy, and the store does not accept it.
 */
CARD_API enum card_error card_trust_add(card_trust_t *t, struct card_bytes der);

/*
 * Add every anchor of a directory: its regular files with the name of a
 * certificate (.pem, .crt, .cer, .der in any case, no ending, or a number as
 * ending; none that begins with a dot), each DER or PEM with one or more
 * certificates. What cannot be added is left out and reported: fn (may be NULL)
 * is called for each such file with the result, CARD_OK included. Other files
 * are not opened.
 * CARD_ERR_IO: the directory cannot be read. An empty directory is no error.
 */
typedef void card_trust_file_fn(void *ctx, const char *file, enum card_error err);
CARD_API enum card_error card_trust_load(card_trust_t *t, const char *dir, card_trust_file_fn *fn,
					 void *ctx);

/* Add the certificates of one file, DER or PEM. Errors as card_trust_add of the
 * first that fails (those before it are kept), CARD_ERR_IO, and
 * CARD_ERR_NOT_FOUND: no certificate in it. */
CARD_API enum card_error card_trust_add_file(card_trust_t *t, const char *path);

/* Number of anchors, and the nth; NULL beyond. Valid until the store is freed. */
CARD_API size_t card_trust_count(const card_trust_t *t);
CARD_API const card_cert_t *card_trust_anchor(const card_trust_t *t, size_t nth);

/* true if the store accepts the test hierarchy. */
CARD_API bool card_trust_accepts_test(const card_trust_t *t);

/* The installed anchor that is this very certificate, or NULL. */
CARD_API const card_cert_t *card_trust_find(const card_trust_t *t, struct card_bytes der);

/* Name of a published root by its SHA-256 fingerprint (card-spec 7.1), for
 * people; NULL if it is not one of them. Knowing a name is not trusting. */
CARD_API const char *card_trust_known_name(const uint8_t fingerprint[32], enum card_lang lang);

/* First certificate of a file, DER or PEM, appended to out.
 * CARD_ERR_IO, CARD_ERR_NOT_FOUND, CARD_ERR_TOO_LONG. */
CARD_API enum card_error card_cert_read_file(const char *path, card_buf_t *out);

#ifdef __cplusplus
}
#endif
#endif
