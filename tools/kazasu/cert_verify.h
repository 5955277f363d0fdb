/* SPDX-License-Identifier: Apache-2.0 */
/* cert_verify.h — `kazasu cert verify FILE`: a certificate in a file. */
#ifndef KAZASU_CERT_VERIFY_H
#define KAZASU_CERT_VERIFY_H

#include "kazasu.h"

struct cert_verify {
	const char *file;
	const char *use; /* "sign", "auth"; NULL: what the certificate says it is for */
	bool no_revocation;
	bool ocsp;
	const char *ocsp_url; /* NULL: the certificate's */
};

/* Returns the exit code. */
int kz_cert_verify(struct kz *kz, const struct cert_verify *how);

#endif
