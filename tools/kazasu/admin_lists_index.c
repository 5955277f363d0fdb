/* SPDX-License-Identifier: Apache-2.0 */
/* admin_lists_index.c — the database that `openssl ocsp -index` answers from (openssl-ca(1)). */
#include "admin_lists.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

/* "YYMMDDHHMMSSZ", as the database has it for the years of these certificates. */
static bool put_time(card_buf_t *out, const ASN1_TIME *t)
{
	char text[24];
	struct tm tm;

	return ASN1_TIME_to_tm(t, &tm) == 1 &&
	       strftime(text, sizeof text, "%y%m%d%H%M%SZ", &tm) > 0 &&
	       card_buf_append(out, card_bytes(text, strlen(text))) == CARD_OK;
}

static bool put(card_buf_t *out, const char *text)
{
	return card_buf_append(out, card_bytes(text, strlen(text))) == CARD_OK;
}

/* The names of the database for the reasons of RFC 5280 §5.3.1. */
static const char *reason_name(const X509_REVOKED *r)
{
	static const char *const names[] = {
		"unspecified", "keyCompromise",        "CACompromise",   "affiliationChanged",
		"superseded",  "cessationOfOperation", "certificateHold"};
	ASN1_ENUMERATED *e = X509_REVOKED_get_ext_d2i(r, NID_crl_reason, NULL, NULL);
	const long reason = e != NULL ? ASN1_ENUMERATED_get(e) : 0;

	ASN1_ENUMERATED_free(e);
	return reason >= 0 && reason < (long)(sizeof names / sizeof *names) ? names[reason]
									    : names[0];
}

static bool put_line(card_buf_t *out, X509 *cert, const X509_REVOKED *r, bool over)
{
	BIGNUM *serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
	char *hex = serial != NULL ? BN_bn2hex(serial) : NULL;
	bool good = hex != NULL &&
		    put(out, r != NULL ? "R\t"
			     : over    ? "E\t"
				       : "V\t") &&
		    put_time(out, X509_get0_notAfter(cert)) && put(out, "\t");

	if (good && r != NULL)
		good = put_time(out, X509_REVOKED_get0_revocationDate(r)) && put(out, ",") &&
		       put(out, reason_name(r));
	/* The subject of a certificate for signatures is a person: the number has to do. */
	good = good && put(out, "\t") && put(out, hex) && put(out, "\tunknown\t/CN=") &&
	       put(out, hex) && put(out, "\n");
	OPENSSL_free(hex);
	BN_free(serial);
	return good;
}

enum card_error lists_index(const struct lists *l, const struct lists_made *whole, card_buf_t *out)
{
	const uint8_t *p = whole->der.p;
	X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)whole->der.n);
	time_t now = (time_t)l->now;
	bool good = crl != NULL;

	for (size_t i = 0; i < l->certs && good; i++) {
		X509 *cert = l->cert[i].cert;
		X509_REVOKED *r = NULL;

		if (l->cert[i].ca != whole->ca)
			continue;
		if (X509_CRL_get0_by_serial(crl, &r, X509_get_serialNumber(cert)) == 0)
			r = NULL;
		good = put_line(out, cert, r, X509_cmp_time(X509_get0_notAfter(cert), &now) < 0);
	}
	X509_CRL_free(crl);
	return good ? CARD_OK : CARD_ERR_CRYPTO;
}
