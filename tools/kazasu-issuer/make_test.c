/* SPDX-License-Identifier: Apache-2.0 */
/* make_test.c — an issuer for tests: keys of its own and a configuration that uses them. */
#include "commands.h"

#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

static FILE *create(const char *folder, const char *name, mode_t mode)
{
	char path[4096];
	const int n = snprintf(path, sizeof path, "%s/%s", folder, name);
	const int fd = n > 0 && n < (int)sizeof path
			       ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
			       : -1;

	if (fd < 0)
		say("%s: %s", path, strerror(errno));
	return fd >= 0 ? fdopen(fd, "w") : NULL;
}

static bool add_extension(X509 *x, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;
	bool ok;

	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = e != NULL && X509_add_ext(x, e, -1) == 1;

	X509_EXTENSION_free(e);
	return ok;
}

/* A self-signed certificate for ten years, O=KAZASU-TEST. */
static X509 *certificate(EVP_PKEY *key, const char *name, const char *usage)
{
	X509 *x = X509_new();
	X509_NAME *subject = x != NULL ? X509_get_subject_name(x) : NULL;
	uint64_t serial = 0;

	if (subject == NULL || RAND_bytes((uint8_t *)&serial, 7) != 1)
		return NULL;
	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial | 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -366L * 86400);
	X509_gmtime_adj(X509_getm_notAfter(x), 3650L * 86400);
	X509_NAME_add_entry_by_txt(subject, "C", MBSTRING_UTF8, (const uint8_t *)"JP", -1, -1, 0);
	X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8, (const uint8_t *)"KAZASU-TEST", -1,
				   -1, 0);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const uint8_t *)name, -1, -1, 0);
	X509_set_issuer_name(x, subject);
	X509_set_pubkey(x, key);
	if (add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
	    add_extension(x, NID_key_usage, usage) &&
	    add_extension(x, NID_subject_key_identifier, "hash") &&
	    X509_sign(x, key, EVP_sha256()) > 0)
		return x;
	X509_free(x);
	return NULL;
}

/* NAME-key.pem and NAME.pem. */
static bool make_key(const char *folder, const char *name, EVP_PKEY *key, const char *usage)
{
	char file[64];
	X509 *x = key != NULL ? certificate(key, name, usage) : NULL;
	FILE *f;
	bool ok = x != NULL;

	snprintf(file, sizeof file, "%s-key.pem", name);
	f = ok ? create(folder, file, 0600) : NULL;
	ok = f != NULL && PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1;
	ok = f != NULL && fclose(f) == 0 && ok;
	snprintf(file, sizeof file, "%s.pem", name);
	f = ok ? create(folder, file, 0644) : NULL;
	ok = f != NULL && PEM_write_X509(f, x) == 1;
	ok = f != NULL && fclose(f) == 0 && ok;
	X509_free(x);
	EVP_PKEY_free(key);
	return ok;
}

static bool make_secret(const char *folder)
{
	uint8_t secret[32];
	FILE *f = RAND_bytes(secret, sizeof secret) == 1 ? create(folder, "secret", 0600) : NULL;
	bool ok = f != NULL && fwrite(secret, sizeof secret, 1, f) == 1;

	return f != NULL && fclose(f) == 0 && ok;
}

static bool make_config(const char *folder, const char *municipality)
{
	FILE *f = create(folder, "issuer.conf", 0644);

	if (f == NULL)
		return false;
	fprintf(f,
		"# An issuer for tests; TLS files are those of `kazasu-center --make-test-pki`.\n"
		"municipality = %s\nplace = 東京都清瀬市\ntitle = 清瀬市長\nmayor = 見本　太郎\n"
		"seal-text = 清瀬市長之印\nresident-tax = 市民税・都民税\nnumber = yes\ntest = yes\n\n",
		municipality);
	fprintf(f,
		"records = %s/records.db\nledger = %s/ledger.db\nsecret = %s/secret\n"
		"signing-key = %s/signing-key.pem\nsigning-certificate = %s/signing.pem\n"
		"pin-key = %s/pin-key.pem\naudit-recipients = %s/audit.pem\n\n",
		folder, folder, folder, folder, folder, folder, folder);
	fprintf(f,
		"listen = 127.0.0.1:0\ncenter = center-1\ntls-ca = %s/ca.pem\n"
		"tls-key = %s/municipality-%s.key\n"
		"tls-certificate = %s/municipality-%s.pem\n",
		folder, folder, municipality, folder, municipality);
	return fclose(f) == 0;
}

int command_make_test(const struct options *o)
{
	char *folder;
	bool ok;

	if (mkdir(o->folder, 0700) != 0 && errno != EEXIST) {
		say("%s: %s", o->folder, strerror(errno));
		return EX_CANTCREAT;
	}
	folder = realpath(o->folder, NULL);
	ok = folder != NULL &&
	     make_key(folder, "signing", EVP_RSA_gen(2048),
		      "critical,digitalSignature,nonRepudiation") &&
	     make_key(folder, "pin", EVP_EC_gen("P-256"), "critical,keyAgreement") &&
	     make_key(folder, "audit", EVP_EC_gen("P-256"), "critical,keyAgreement") &&
	     make_secret(folder) && make_config(folder, o->municipality);
	free(folder);
	if (!ok)
		say(_("%s: keys and configuration could not be made"), o->folder);
	return ok ? EX_OK : EX_CANTCREAT;
}
