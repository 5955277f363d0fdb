/* SPDX-License-Identifier: Apache-2.0 */
/* pki.c — certificates for TLS between the parties, for tests: one command makes a CA and one key
 * with certificate for each party. The CA's key is thrown away. */
#include "center.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define DAYS 3650L

static bool add_name(X509 *c, const char *role, const char *id)
{
	X509_NAME *name = X509_get_subject_name(c);
	const struct {
		const char *field, *value;
	} entry[] = {{"O", "Kazasu TEST"}, {"OU", role}, {"CN", id}};

	for (size_t i = 0; i < 3; i++) {
		if (X509_NAME_add_entry_by_txt(name, entry[i].field, MBSTRING_UTF8,
					       (const uint8_t *)entry[i].value, -1, -1, 0) != 1)
			return false;
	}
	return true;
}

static bool extend(X509 *c, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;
	bool good;

	X509V3_set_ctx(&ctx, issuer, c, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	good = e != NULL && X509_add_ext(c, e, -1) == 1;
	X509_EXTENSION_free(e);
	return good;
}

static X509 *make(const char *role, const char *id, EVP_PKEY *key, X509 *issuer,
		  EVP_PKEY *issuer_key)
{
	X509 *c = X509_new();
	uint8_t random[8] = {0};
	BIGNUM *serial = NULL;
	bool good = c != NULL && RAND_bytes(random, sizeof random) == 1;

	random[0] &= 0x7F;
	if (good)
		serial = BN_bin2bn(random, sizeof random, NULL);
	good = good && serial != NULL && X509_set_version(c, 2) == 1 &&
	       BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(c)) != NULL &&
	       X509_gmtime_adj(X509_getm_notBefore(c), -3600) != NULL &&
	       X509_time_adj_ex(X509_getm_notAfter(c), DAYS, 0, NULL) != NULL &&
	       X509_set_pubkey(c, key) == 1 && add_name(c, role, id) &&
	       X509_set_issuer_name(c, X509_get_subject_name(issuer != NULL ? issuer : c)) == 1;
	if (good && issuer == NULL)
		good = extend(c, c, NID_basic_constraints, "critical,CA:TRUE") &&
		       extend(c, c, NID_key_usage, "critical,keyCertSign,cRLSign") &&
		       extend(c, c, NID_subject_key_identifier, "hash");
	else if (good)
		good = extend(c, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
		       extend(c, issuer, NID_key_usage, "critical,digitalSignature") &&
		       extend(c, issuer, NID_ext_key_usage, "serverAuth,clientAuth") &&
		       extend(c, issuer, NID_subject_alt_name,
			      "DNS:localhost,IP:127.0.0.1,IP:::1") &&
		       extend(c, issuer, NID_authority_key_identifier, "keyid");
	good = good && X509_sign(c, issuer_key != NULL ? issuer_key : key, EVP_sha256()) > 0;
	BN_free(serial);
	if (!good) {
		X509_free(c);
		c = NULL;
	}
	return c;
}

/* A new file only: nothing that is there is replaced. */
static FILE *create(const char *folder, const char *name, const char *end, mode_t mode)
{
	char path[600];
	int fd;

	snprintf(path, sizeof path, "%s/%s.%s", folder, name, end);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		fprintf(stderr, "kazasu-center: %s: %s\n", path, strerror(errno));
	return fd >= 0 ? fdopen(fd, "w") : NULL;
}

static bool write_party(const char *folder, const char *name, X509 *c, EVP_PKEY *key)
{
	FILE *f = create(folder, name, "pem", 0644);
	bool good = f != NULL && PEM_write_X509(f, c) == 1;

	if (f != NULL)
		good = fclose(f) == 0 && good;
	if (!good || key == NULL)
		return good;
	f = create(folder, name, "key", 0600);
	good = f != NULL && PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1;
	if (f != NULL)
		good = fclose(f) == 0 && good;
	return good;
}

/* "terminal:T1" → terminal-T1.pem, terminal-T1.key */
static bool make_party(const char *folder, const char *party, X509 *ca, EVP_PKEY *ca_key)
{
	const char *colon = strchr(party, ':');
	char role[20], name[90];
	EVP_PKEY *key;
	X509 *c;
	bool good;

	if (colon == NULL || colon == party || (size_t)(colon - party) >= sizeof role ||
	    colon[1] == '\0' || strlen(colon) > 60 || strchr(party, '/') != NULL) {
		fprintf(stderr, "kazasu-center: %s: not ROLE:ID\n", party);
		return false;
	}
	snprintf(role, sizeof role, "%.*s", (int)(colon - party), party);
	snprintf(name, sizeof name, "%s-%s", role, colon + 1);
	key = EVP_EC_gen("P-256");
	c = key != NULL ? make(role, colon + 1, key, ca, ca_key) : NULL;
	good = c != NULL && write_party(folder, name, c, key);
	X509_free(c);
	EVP_PKEY_free(key);
	return good;
}

int center_make_test_pki(const char *folder, int parties, char *const *party)
{
	static char usual[][20] = {"center:center-1",    "terminal:T1",        "terminal:T2",
				   "municipality:13221", "municipality:01101", "operator:sato",
				   "operator:ito"};
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *ca;
	bool good;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		fprintf(stderr, "kazasu-center: %s: %s\n", folder, strerror(errno));
		EVP_PKEY_free(key);
		return EX_CANTCREAT;
	}
	ca = key != NULL ? make("ca", "Kazasu TEST CA", key, NULL, NULL) : NULL;
	good = ca != NULL && write_party(folder, "ca", ca, NULL);
	for (int i = 0; i < parties && good; i++)
		good = make_party(folder, party[i], ca, key);
	for (size_t i = 0; parties == 0 && i < sizeof usual / sizeof usual[0] && good; i++)
		good = make_party(folder, usual[i], ca, key);
	X509_free(ca);
	EVP_PKEY_free(key);
	return good ? EX_OK : EX_CANTCREAT;
}
