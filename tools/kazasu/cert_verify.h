/* SPDX-License-Identifier: Apache-2.0 */
/* cert_verify.h — `kazasu cert verify FILE`: a certificate in a file. */
#ifndef KAZASU_CERT_VERIFY_H
#define KAZASU_CERT_VERIFY_H

#include "policy.h"

struct cert_verify {
	const char *file;
	const char *use; /* "sign", "auth"; NULL: what the certificate says it is for */
	bool no_revocation;
	const char *stapled; /* file with an OCSP answer that came with it, or NULL */
	struct kz_policy policy;
};

/* Returns the exit code. Releases the policy. */
int kz_cert_verify(struct kz *kz, struct cert_verify *how);

#endif
