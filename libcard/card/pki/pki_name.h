/* SPDX-License-Identifier: Apache-2.0 */
/* pki_name.h — walking a Name, shared by name.c, name_text.c and name_parse.c. */
#ifndef PKI_NAME_H
#define PKI_NAME_H

#include <card/der.h>
#include <card/name.h>

/* One AttributeTypeAndValue. */
struct pki_ava {
	struct card_bytes oid;
	struct card_der_item value;
	bool first_of_rdn;
};

struct pki_name_walk {
	struct card_der rdns, avas;
};

enum card_error pki_name_begin(struct pki_name_walk *w, struct card_bytes name);

/* The next attribute; CARD_ERR_NOT_FOUND after the last. */
enum card_error pki_name_next(struct pki_name_walk *w, struct pki_ava *out);

/* Check the attributes of one RDN (content of its SET). */
enum card_error pki_rdn_check(struct card_bytes attributes);

/* Append the value as UTF-8. CARD_ERR_MALFORMED: no character string, or not what
 * its type allows. */
enum card_error pki_name_utf8(const struct card_der_item *value, card_buf_t *out);

/* Attribute types with a short name. */
struct pki_attribute {
	const char *name;
	struct card_bytes oid;
};
extern const struct pki_attribute pki_attributes[];
extern const size_t pki_attributes_n;

/* Most attributes of one RDN that the canonical form sorts. */
#define PKI_RDN_MAX 8u

/* Canonical form of one value: folds UTF-8 text and appends it. */
enum card_error pki_name_fold(struct card_bytes utf8, card_buf_t *out);

/* Append one canonical attribute: type, then folded text. */
enum card_error pki_canonical_ava(struct card_bytes oid, struct card_bytes utf8, card_buf_t *out);

/* Append one canonical RDN made of n attributes already in canonical form. */
enum card_error pki_canonical_rdn(struct card_bytes *avas, size_t n, card_buf_t *out);

#endif
