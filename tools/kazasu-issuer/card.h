/* SPDX-License-Identifier: Apache-2.0 */
/* card.h — how a 利用者証明用 certificate is called in the mapping. */
#ifndef ISSUER_CARD_H
#define ISSUER_CARD_H

#include <stdbool.h>

struct card_name {
	char serial[64];    /* hexadecimal, whole bytes, no leading zero bytes */
	char authority[65]; /* SHA-256 of the SubjectPublicKeyInfo of the CA that signed it */
};

/* path: PEM. trust: a folder of CA certificates; the one whose key signed it is found. False with a
 * message. */
bool card_name_of(const char *path, const char *trust, struct card_name *out);

#endif
