/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include <gnutls/x509.h>
#include <string.h>

/* A value of the subject that is there exactly once and is plain. */
static bool subject(gnutls_x509_crt_t crt, const char *oid, char out[PEER_NAME])
{
	size_t n = PEER_NAME, more = 0;
	char again[1];

	out[0] = '\0';
	if (gnutls_x509_crt_get_dn_by_oid(crt, oid, 0, 0, out, &n) < 0 || strlen(out) != n ||
	    strspn(out, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_") != n) {
		out[0] = '\0';
		return false;
	}
	return gnutls_x509_crt_get_dn_by_oid(crt, oid, 1, 0, again, &more) ==
	       GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
}

static bool listed(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->centers; i++) {
		if (strcmp(c->center[i], name) == 0)
			return true;
	}
	return false;
}

bool peer_is_center(gnutls_session_t session, const struct config *c, char name[PEER_NAME])
{
	unsigned char client[] = GNUTLS_KP_TLS_WWW_CLIENT;
	gnutls_typed_vdata_st purpose = {GNUTLS_DT_KEY_PURPOSE_OID, client, 0};
	const gnutls_datum_t *chain;
	gnutls_x509_crt_t crt;
	unsigned n = 0, status = 0;
	char role[PEER_NAME] = "";
	bool ok;

	name[0] = '\0';
	chain = gnutls_certificate_get_peers(session, &n);
	if (chain == NULL || n == 0 ||
	    gnutls_certificate_verify_peers(session, &purpose, 1, &status) != GNUTLS_E_SUCCESS ||
	    status != 0 || gnutls_x509_crt_init(&crt) != GNUTLS_E_SUCCESS)
		return false;
	ok = gnutls_x509_crt_import(crt, &chain[0], GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS &&
	     subject(crt, GNUTLS_OID_X520_ORGANIZATIONAL_UNIT_NAME, role) &&
	     subject(crt, GNUTLS_OID_X520_COMMON_NAME, name);
	gnutls_x509_crt_deinit(crt);
	return ok && strcmp(role, "center") == 0 && listed(c, name);
}
