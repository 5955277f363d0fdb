/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_lists.h"

#include <dirent.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define DAY INT64_C(86400)

static bool ends(const char *name, const char *end)
{
	const size_t n = strlen(name), k = strlen(end);

	return n > k && strcmp(name + n - k, end) == 0;
}

static X509 *read_cert(const char *path)
{
	FILE *f = fopen(path, "re");
	X509 *cert = f != NULL ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;

	if (f != NULL)
		fclose(f);
	return cert;
}

static EVP_PKEY *read_key(const char *path)
{
	FILE *f = fopen(path, "re");
	EVP_PKEY *key = f != NULL ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;

	if (f != NULL)
		fclose(f);
	return key;
}

/* ---------------------------------------------------------------- the folder */

/* pki/NAME.pem with its key beside it; others are not CAs. */
static enum card_error take_ca(struct lists *l, const char *folder, const char *file)
{
	struct lists_ca *ca = &l->ca[l->cas];
	const size_t n = strlen(file) - strlen(".pem");
	char path[KZ_PATH_MAX];

	if (ends(file, ".key.pem") || n >= sizeof ca->name || l->cas == LISTS_CAS)
		return CARD_OK;
	memcpy(ca->name, file, n);
	ca->name[n] = '\0';
	snprintf(path, sizeof path, "%s/%s", folder, file);
	ca->cert = read_cert(path);
	snprintf(path, sizeof path, "%s/%s.key.pem", folder, ca->name);
	ca->key = read_key(path);
	l->cas++;
	return ca->cert != NULL && ca->key != NULL && X509_check_private_key(ca->cert, ca->key) == 1
		       ? CARD_OK
		       : CARD_ERR_MALFORMED;
}

static enum card_error look_up(struct lists *l, flow_cards_t *cards, struct lists_cert *c)
{
	char id[FLOW_CARDS_ID + 1];
	uint8_t *der = NULL;
	const int n = i2d_X509(c->cert, &der);
	enum card_error err =
		n > 0 ? flow_cards_name_certificate(cards, card_bytes(der, (size_t)n), id)
		      : CARD_ERR_CRYPTO;

	OPENSSL_free(der);
	if (err == CARD_OK)
		err = flow_cards_by_certificate(cards, id, l->now, &c->entry, &c->use);
	c->known = err == CARD_OK;
	return err == CARD_ERR_NOT_FOUND ? CARD_OK : err;
}

static enum card_error take_cert(struct lists *l, flow_cards_t *cards, const char *folder,
				 const char *file)
{
	struct lists_cert *c = &l->cert[l->certs];
	char path[KZ_PATH_MAX];

	if (l->certs == LISTS_CERTS)
		return CARD_ERR_TOO_LONG;
	snprintf(path, sizeof path, "%s/%s", folder, file);
	c->cert = read_cert(path);
	l->certs++;
	for (size_t i = 0; c->cert != NULL && i < l->cas; i++) {
		if (X509_verify(c->cert, l->ca[i].key) == 1)
			c->ca = &l->ca[i];
	}
	/* Two certificates of one number would be one to every list and responder. */
	for (size_t i = 0; c->ca != NULL && i + 1 < l->certs; i++) {
		if (l->cert[i].ca == c->ca &&
		    ASN1_INTEGER_cmp(X509_get0_serialNumber(l->cert[i].cert),
				     X509_get0_serialNumber(c->cert)) == 0)
			return CARD_ERR_MALFORMED;
	}
	return c->ca != NULL ? look_up(l, cards, c) : CARD_ERR_MALFORMED;
}

/* Every .pem of a folder. cards NULL: they are CAs. */
static enum card_error each(struct lists *l, flow_cards_t *cards, const char *folder,
			    char file[KZ_PATH_MAX])
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	enum card_error err = CARD_OK;

	snprintf(file, KZ_PATH_MAX, "%s", folder);
	if (dir == NULL)
		return CARD_ERR_NOT_FOUND;
	while (err == CARD_OK && (e = readdir(dir)) != NULL) {
		if (!ends(e->d_name, ".pem"))
			continue;
		snprintf(file, KZ_PATH_MAX, "%.3000s/%s", folder, e->d_name);
		/* Issuers of card-verifiable certificates have keys, but no certificate of this kind. */
		err = cards == NULL ? take_ca(l, folder, e->d_name)
				    : take_cert(l, cards, folder, e->d_name);
	}
	closedir(dir);
	return err;
}

enum card_error lists_open(struct lists *l, flow_cards_t *cards, const char *folder, int64_t now,
			   int days, char file[KZ_PATH_MAX])
{
	char path[KZ_PATH_MAX];
	enum card_error err;

	memset(l, 0, sizeof *l);
	l->now = now;
	l->next = now + days * DAY;
	l->cert = calloc(LISTS_CERTS, sizeof *l->cert);
	if (l->cert == NULL)
		return CARD_ERR_NO_MEMORY;
	snprintf(path, sizeof path, "%.3000s/pki", folder);
	err = each(l, NULL, path, file);
	if (err == CARD_OK && l->cas == 0)
		err = CARD_ERR_NOT_FOUND;
	snprintf(path, sizeof path, "%.3000s/certs", folder);
	return err == CARD_OK ? each(l, cards, path, file) : err;
}

void lists_close(struct lists *l)
{
	for (size_t i = 0; i < l->cas; i++) {
		X509_free(l->ca[i].cert);
		EVP_PKEY_free(l->ca[i].key);
	}
	for (size_t i = 0; i < l->certs; i++)
		X509_free(l->cert[i].cert);
	free(l->cert);
	memset(l, 0, sizeof *l);
}

/* ---------------------------------------------------------------- a list */

static bool point_matches(const GENERAL_NAMES *a, const GENERAL_NAMES *b)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(a); i++) {
		for (int k = 0; k < sk_GENERAL_NAME_num(b); k++) {
			if (GENERAL_NAME_cmp(sk_GENERAL_NAME_value(a, i),
					     sk_GENERAL_NAME_value(b, k)) == 0)
				return true;
		}
	}
	return false;
}

/* Does this certificate belong on a list of this distribution point (NULL: of the whole CA)? */
static bool belongs(X509 *cert, const ISSUING_DIST_POINT *point)
{
	CRL_DIST_POINTS *all;
	bool found = point == NULL;

	if (point == NULL || point->distpoint == NULL || point->distpoint->type != 0)
		return point == NULL || point->distpoint == NULL;
	all = X509_get_ext_d2i(cert, NID_crl_distribution_points, NULL, NULL);
	for (int i = 0; all != NULL && i < sk_DIST_POINT_num(all) && !found; i++) {
		const DIST_POINT *d = sk_DIST_POINT_value(all, i);

		found = d->distpoint != NULL && d->distpoint->type == 0 &&
			point_matches(d->distpoint->name.fullname, point->distpoint->name.fullname);
	}
	CRL_DIST_POINTS_free(all);
	return found;
}

static const struct lists_cert *of_serial(const struct lists *l, const struct lists_ca *ca,
					  const ASN1_INTEGER *serial)
{
	for (size_t i = 0; i < l->certs; i++) {
		if (l->cert[i].ca == ca &&
		    ASN1_INTEGER_cmp(X509_get0_serialNumber(l->cert[i].cert), serial) == 0)
			return &l->cert[i];
	}
	return NULL;
}

/* Entries of certificates that the register does not have stay as they are. */
static bool keep_others(const struct lists *l, const struct lists_ca *ca, X509_CRL *from,
			X509_CRL *to)
{
	STACK_OF(X509_REVOKED) *all = X509_CRL_get_REVOKED(from);
	bool good = true;

	for (int i = 0; i < sk_X509_REVOKED_num(all) && good; i++) {
		const struct lists_cert *c = of_serial(
			l, ca, X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(all, i)));
		X509_REVOKED *copy;

		if (c != NULL && c->known)
			continue;
		copy = X509_REVOKED_dup(sk_X509_REVOKED_value(all, i));
		good = copy != NULL && X509_CRL_add0_revoked(to, copy) == 1;
		if (!good)
			X509_REVOKED_free(copy);
	}
	return good;
}

static bool add_entry(X509_CRL *to, const struct lists_cert *c)
{
	const struct flow_card_cert *s = &c->entry.cert[c->use];
	X509_REVOKED *r = X509_REVOKED_new();
	ASN1_TIME *when = ASN1_TIME_set(NULL, (time_t)s->since);
	ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();
	ASN1_INTEGER *serial = ASN1_INTEGER_dup(X509_get0_serialNumber(c->cert));
	bool good = r != NULL && when != NULL && reason != NULL && serial != NULL &&
		    X509_REVOKED_set_serialNumber(r, serial) == 1 &&
		    X509_REVOKED_set_revocationDate(r, when) == 1;

	/* RFC 5280 §5.3.1: unspecified is left out. */
	if (good && s->reason != CARD_CRL_UNSPECIFIED && s->reason != CARD_CRL_NO_REASON)
		good = ASN1_ENUMERATED_set(reason, (long)s->reason) == 1 &&
		       X509_REVOKED_add1_ext_i2d(r, NID_crl_reason, reason, 0, 0) == 1;
	good = good && X509_CRL_add0_revoked(to, r) == 1;
	if (!good)
		X509_REVOKED_free(r);
	ASN1_INTEGER_free(serial);
	ASN1_ENUMERATED_free(reason);
	ASN1_TIME_free(when);
	return good;
}

/* On hold or revoked: on the list. Valid again, or past its end: not on it any more. */
static bool add_ours(const struct lists *l, const struct lists_ca *ca,
		     const ISSUING_DIST_POINT *point, X509_CRL *to)
{
	for (size_t i = 0; i < l->certs; i++) {
		const struct lists_cert *c = &l->cert[i];
		const enum flow_cert_state s =
			c->known ? c->entry.cert[c->use].state : FLOW_CERT_VALID;

		if (c->ca == ca && (s == FLOW_CERT_ON_HOLD || s == FLOW_CERT_REVOKED) &&
		    belongs(c->cert, point) && !add_entry(to, c))
			return false;
	}
	return true;
}

/* Authority and distribution point as before; the number one higher (RFC 5280 §5.2.3). */
static bool add_extensions(X509_CRL *from, X509_CRL *to)
{
	ASN1_INTEGER *number = X509_CRL_get_ext_d2i(from, NID_crl_number, NULL, NULL);
	BIGNUM *n = number != NULL ? ASN1_INTEGER_to_BN(number, NULL) : NULL;
	bool good = n != NULL && BN_add_word(n, 1) == 1 && BN_to_ASN1_INTEGER(n, number) != NULL &&
		    X509_CRL_add1_ext_i2d(to, NID_crl_number, number, 0, 0) == 1;

	for (int i = 0; i < X509_CRL_get_ext_count(from) && good; i++) {
		X509_EXTENSION *e = X509_CRL_get_ext(from, i);

		if (OBJ_obj2nid(X509_EXTENSION_get_object(e)) != NID_crl_number)
			good = X509_CRL_add_ext(to, e, -1) == 1;
	}
	BN_free(n);
	ASN1_INTEGER_free(number);
	return good;
}

static bool set_times(const struct lists *l, X509_CRL *to)
{
	ASN1_TIME *at = ASN1_TIME_set(NULL, (time_t)l->now),
		  *next = ASN1_TIME_set(NULL, (time_t)l->next);
	const bool good = at != NULL && next != NULL && X509_CRL_set1_lastUpdate(to, at) == 1 &&
			  X509_CRL_set1_nextUpdate(to, next) == 1;

	ASN1_TIME_free(at);
	ASN1_TIME_free(next);
	return good;
}

static bool make(const struct lists *l, X509_CRL *from, struct lists_made *out)
{
	ISSUING_DIST_POINT *point =
		X509_CRL_get_ext_d2i(from, NID_issuing_distribution_point, NULL, NULL);
	X509_CRL *to = X509_CRL_new();
	uint8_t *der = NULL;
	int n = -1;
	bool good = to != NULL && X509_CRL_set_version(to, 1) == 1 &&
		    X509_CRL_set_issuer_name(to, X509_CRL_get_issuer(from)) == 1 &&
		    set_times(l, to) && add_extensions(from, to) &&
		    keep_others(l, out->ca, from, to) && add_ours(l, out->ca, point, to);

	out->whole = point == NULL;
	ISSUING_DIST_POINT_free(point);
	good = good && X509_CRL_sort(to) == 1 && X509_CRL_sign(to, out->ca->key, EVP_sha256()) > 0;
	if (good) {
		const int entries = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(to));

		out->entries = entries > 0 ? (size_t)entries : 0;
		n = i2d_X509_CRL(to, &der);
	}
	good = n > 0 && card_buf_append(&out->der, card_bytes(der, (size_t)n)) == CARD_OK;
	OPENSSL_free(der);
	X509_CRL_free(to);
	return good;
}

enum card_error lists_next(const struct lists *l, struct card_bytes before, struct lists_made *out)
{
	const uint8_t *p = before.p;
	X509_CRL *from = d2i_X509_CRL(NULL, &p, (long)before.n);
	enum card_error err = CARD_ERR_UNTRUSTED;

	memset(out, 0, sizeof *out);
	if (from == NULL || p != before.p + before.n) {
		X509_CRL_free(from);
		return CARD_ERR_MALFORMED;
	}
	for (size_t i = 0; i < l->cas; i++) {
		if (X509_CRL_verify(from, l->ca[i].key) == 1)
			out->ca = &l->ca[i];
	}
	if (out->ca != NULL)
		err = make(l, from, out) ? CARD_OK : CARD_ERR_CRYPTO;
	X509_CRL_free(from);
	return err;
}

void lists_made_free(struct lists_made *m)
{
	card_buf_free(&m->der);
}
