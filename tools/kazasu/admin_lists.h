/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_lists.h — what the authority of the test PKI makes from the register of cards: its next lists of
 * revoked certificates (RFC 5280 §5) and databases for `openssl ocsp` (index.txt of openssl-ca(1)).
 *
 * The authority has its certificates, the register only their HMACs: who holds both can join them. A
 * folder of the test PKI has pki/NAME.pem and pki/NAME.key.pem of each CA, certs/ (PEM, what was issued)
 * and crl/ (its first lists).
 */
#ifndef KAZASU_ADMIN_LISTS_H
#define KAZASU_ADMIN_LISTS_H

#include "cards.h"

#include <openssl/x509.h>

#define LISTS_CAS   8
#define LISTS_CERTS 4096

struct lists_ca {
	char name[40];
	X509 *cert;
	EVP_PKEY *key;
};

/* A certificate that was issued, and how it stands in the register. */
struct lists_cert {
	X509 *cert;
	const struct lists_ca *ca;
	bool known; /* the register has it */
	enum flow_cert_use use;
	struct flow_card_entry entry; /* if known */
};

struct lists {
	struct lists_ca ca[LISTS_CAS];
	size_t cas;
	struct lists_cert *cert;
	size_t certs;
	int64_t now, next; /* thisUpdate, nextUpdate */
};

/* Read a folder and look every certificate up. CARD_ERR_NOT_FOUND: there is no such folder, or no CA in
 * it; CARD_ERR_MALFORMED: a file that is no key or certificate, or one of none of its CAs: *file says
 * which (of two certificates with one number, the second); CARD_ERR_TOO_LONG: more than LISTS_CERTS;
 * errors of the register. lists_close in any case. */
enum card_error lists_open(struct lists *l, flow_cards_t *cards, const char *folder, int64_t now,
			   int days, char file[KZ_PATH_MAX]);
void lists_close(struct lists *l);

/* The next list after this one (DER): its entries but those of certificates in the register, and what the
 * register says of these; its number and one. *entries: how many it has. *ca: whose it is; *whole: not
 * of one distribution point. CARD_ERR_MALFORMED: it is no list; CARD_ERR_UNTRUSTED: none of the CAs
 * signed it; CARD_ERR_CRYPTO. */
struct lists_made {
	card_buf_t der;
	size_t entries;
	const struct lists_ca *ca;
	bool whole;
};
enum card_error lists_next(const struct lists *l, struct card_bytes before, struct lists_made *out);
void lists_made_free(struct lists_made *m);

/* The database for a responder of this CA, from its whole list (DER). */
enum card_error lists_index(const struct lists *l, const struct lists_made *whole, card_buf_t *out);

#endif
