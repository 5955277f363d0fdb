/* SPDX-License-Identifier: Apache-2.0 */
#include "card.h"

#include "say.h"

#include <dirent.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void hex(const unsigned char *p, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = "0123456789abcdef"[p[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[p[i] & 15];
	}
	out[2 * n] = '\0';
}

static X509 *read_pem(const char *path)
{
	FILE *f = fopen(path, "re");
	X509 *x = f != NULL ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;

	if (f != NULL)
		fclose(f);
	return x;
}

/* The CA's key signed it: names are shared by several generations (design 6). */
static bool try_authority(X509 *x, const char *path, char out[65])
{
	X509 *ca = read_pem(path);
	unsigned char *spki = NULL, digest[32];
	unsigned n = sizeof digest;
	bool ok = ca != NULL && X509_verify(x, X509_get0_pubkey(ca)) == 1;
	int length = ok ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(ca), &spki) : 0;

	ok = length > 0 && EVP_Digest(spki, (size_t)length, digest, &n, EVP_sha256(), NULL) == 1;
	if (ok)
		hex(digest, sizeof digest, out);
	OPENSSL_free(spki);
	X509_free(ca);
	return ok;
}

static bool find_authority(X509 *x, const char *folder, char out[65])
{
	DIR *d = opendir(folder);
	bool found = false;

	for (struct dirent *e; d != NULL && !found && (e = readdir(d)) != NULL;) {
		char path[4096];

		if (snprintf(path, sizeof path, "%s/%s", folder, e->d_name) < (int)sizeof path &&
		    strstr(e->d_name, ".pem") != NULL)
			found = try_authority(x, path, out);
	}
	if (d != NULL)
		closedir(d);
	return found;
}

static bool take_serial(X509 *x, char out[64])
{
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	unsigned char bytes[20];
	const int length = n != NULL ? BN_num_bytes(n) : 0;
	const bool ok = length > 0 && length <= (int)sizeof bytes;

	if (ok) {
		BN_bn2bin(n, bytes);
		hex(bytes, (size_t)length, out);
	}
	BN_free(n);
	return ok;
}

bool card_name_of(const char *path, const char *trust, struct card_name *out)
{
	X509 *x = read_pem(path);
	bool ok = false;

	if (x == NULL)
		say(_("%s: no certificate"), path);
	else if (!take_serial(x, out->serial) || !find_authority(x, trust, out->authority))
		say(_("%s: no authority in %s has signed it"), path, trust);
	else
		ok = true;
	X509_free(x);
	return ok;
}
