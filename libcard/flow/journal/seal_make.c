/* SPDX-License-Identifier: Apache-2.0 */
/* seal_make.c — keys of the journal: to seal subjects to, and to sign checkpoints with. */
#include <cardflow/seal.h>

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <unistd.h>

static FILE *create(const char *folder, const char *name, const char *suffix, unsigned mode,
		    enum card_error *err)
{
	char path[4096];
	const int n = snprintf(path, sizeof path, "%s/%s%s", folder, name, suffix);
	FILE *f;
	int fd;

	if (n < 0 || (size_t)n >= sizeof path) {
		*err = CARD_ERR_TOO_LONG;
		return NULL;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
	if (fd < 0) {
		*err = errno == EEXIST ? CARD_ERR_DENIED : CARD_ERR_IO;
		return NULL;
	}
	f = fdopen(fd, "w");
	if (f == NULL)
		close(fd);
	*err = f != NULL ? CARD_OK : CARD_ERR_NO_MEMORY;
	return f;
}

static enum card_error finish(FILE *f, bool good)
{
	good = fflush(f) == 0 && fsync(fileno(f)) == 0 && good;
	return fclose(f) == 0 && good ? CARD_OK : CARD_ERR_IO;
}

static bool fill(X509 *x, EVP_PKEY *key, const char *name)
{
	unsigned char serial[8];
	X509_NAME *subject = X509_get_subject_name(x);
	ASN1_INTEGER *number = X509_get_serialNumber(x);
	X509_EXTENSION *usage;
	bool good;

	if (RAND_bytes(serial, sizeof serial) != 1)
		return false;
	/* Positive and of full length: DER knows no leading zero bytes (X.690 section 8.3.2). */
	serial[0] = (unsigned char)((serial[0] & 0x7F) | 0x40);
	good = ASN1_STRING_set(number, serial, sizeof serial) == 1 && X509_set_version(x, 2) == 1 &&
	       X509_gmtime_adj(X509_getm_notBefore(x), 0) != NULL &&
	       X509_time_adj_ex(X509_getm_notAfter(x), 3660, 0, NULL) != NULL &&
	       X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name,
					  -1, -1, 0) == 1 &&
	       X509_set_issuer_name(x, subject) == 1 && X509_set_pubkey(x, key) == 1;
	usage = X509V3_EXT_conf_nid(NULL, NULL, NID_key_usage, "critical,keyAgreement");
	good = good && usage != NULL && X509_add_ext(x, usage, -1) == 1;
	X509_EXTENSION_free(usage);
	return good && X509_sign(x, key, EVP_sha256()) > 0;
}

enum card_error journal_seal_make(const char *folder, const char *name,
				  const card_secret_t *passphrase)
{
	const struct card_bytes secret = card_secret_bytes(passphrase);
	EVP_PKEY *key;
	X509 *x;
	FILE *f;
	enum card_error err = CARD_ERR_CRYPTO;

	if (folder == NULL || name == NULL || secret.n < 8)
		return CARD_ERR_INVALID_ARGUMENT;
	key = EVP_EC_gen("P-256");
	x = X509_new();
	if (key != NULL && x != NULL && fill(x, key, name)) {
		f = create(folder, name, "-key.pem", 0600, &err);
		if (f != NULL)
			err = finish(f, PEM_write_PKCS8PrivateKey(f, key, EVP_aes_256_cbc(),
								  (const char *)secret.p,
								  (int)secret.n, NULL, NULL) == 1);
		f = err == CARD_OK ? create(folder, name, ".pem", 0644, &err) : NULL;
		if (f != NULL)
			err = finish(f, PEM_write_X509(f, x) == 1);
	}
	X509_free(x);
	EVP_PKEY_free(key);
	return err;
}

enum card_error journal_signing_make(const char *folder, const char *name)
{
	EVP_PKEY *key;
	FILE *f;
	enum card_error err = CARD_ERR_CRYPTO;

	if (folder == NULL || name == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (key != NULL) {
		f = create(folder, name, "-key.pem", 0600, &err);
		if (f != NULL)
			err = finish(f, PEM_write_PKCS8PrivateKey(f, key, NULL, NULL, 0, NULL,
								  NULL) == 1);
		f = err == CARD_OK ? create(folder, name, ".pub.pem", 0644, &err) : NULL;
		if (f != NULL)
			err = finish(f, PEM_write_PUBKEY(f, key) == 1);
	}
	EVP_PKEY_free(key);
	return err;
}
