/* SPDX-License-Identifier: Apache-2.0 */
/*
 * name.h — X.501 distinguished names: text, comparison, single attributes.
 *
 * A name is handled as the view of its DER SEQUENCE, header included.
 */
#ifndef CARD_NAME_H
#define CARD_NAME_H

#include <card/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Longest name handled, DER bytes. */
#define CARD_NAME_MAX 4096u

/* CARD_OK if name is one well-formed Name. CARD_ERR_MALFORMED, CARD_ERR_TRUNCATED,
 * CARD_ERR_TOO_LONG. */
CARD_API enum card_error card_name_check(struct card_bytes name);

/*
 * RFC 4514 text, UTF-8, last RDN first ("CN=…,OU=…,O=JPKI,C=JP"), appended to
 * out without NUL. Attribute types without a short name appear as
 * 1.2.3=#HEX. Errors as card_name_check, card_buf_append.
 */
CARD_API enum card_error card_name_text(struct card_bytes name, card_buf_t *out);

/*
 * Canonical bytes, appended to out: two names are the same name for RFC 5280
 * §7.1 (string types put aside, case of ASCII letters ignored, outer blanks
 * dropped, inner runs of blanks as one) exactly if their canonical bytes are
 * equal. A format of this library, stable: revocation indexes are keyed by its
 * SHA-256. Errors as card_name_check, card_buf_append.
 */
CARD_API enum card_error card_name_canonical(struct card_bytes name, card_buf_t *out);

/* Canonical bytes of a name given as RFC 4514 text (short type names of any
 * case, dotted object identifiers, \ escapes, #HEX values), appended to out.
 * CARD_ERR_MALFORMED: not such a text; out is then unchanged. */
CARD_API enum card_error card_name_canonical_from_text(const char *text, card_buf_t *out);

/* true if both are well-formed and the same name. */
CARD_API bool card_name_equal(struct card_bytes a, struct card_bytes b);

/* Value octets (as encoded, a view) of the nth attribute of this type, counted
 * from 0 in encoded order; oid is the content of its OBJECT IDENTIFIER.
 * CARD_ERR_NOT_FOUND, or as card_name_check. */
CARD_API enum card_error card_name_attribute(struct card_bytes name, struct card_bytes oid,
					     unsigned nth, struct card_bytes *value);

#ifdef __cplusplus
}
#endif
#endif
