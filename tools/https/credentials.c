/* SPDX-License-Identifier: Apache-2.0 */
#include "credentials.h"

#include <gnutls/x509.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct tls_keys {
	gnutls_certificate_credentials_t credentials;
	atomic_uint users;
};

enum card_error tls_keys_read(struct tls_keys **out, const char *ca, const char *certificate,
			      const char *key, const char **wrong)
{
	struct tls_keys *k = calloc(1, sizeof *k);
	enum card_error err = CARD_OK;
	int n;

	*out = NULL;
	*wrong = "";
	if (k == NULL)
		return CARD_ERR_NO_MEMORY;
	atomic_store(&k->users, 1);
	if (gnutls_certificate_allocate_credentials(&k->credentials) != GNUTLS_E_SUCCESS) {
		free(k);
		return CARD_ERR_NO_MEMORY;
	}
	n = gnutls_certificate_set_x509_trust_file(k->credentials, ca, GNUTLS_X509_FMT_PEM);
	if (n <= 0) {
		err = n == GNUTLS_E_FILE_ERROR ? CARD_ERR_IO : CARD_ERR_MALFORMED;
		*wrong = ca;
	}
	/* The two must belong together. */
	if (err == CARD_OK) {
		n = gnutls_certificate_set_x509_key_file(k->credentials, certificate, key,
							 GNUTLS_X509_FMT_PEM);
		*wrong = n < 0 ? certificate : "";
		if (n < 0)
			err = n == GNUTLS_E_FILE_ERROR ? CARD_ERR_IO : CARD_ERR_MALFORMED;
	}
	if (err != CARD_OK)
		tls_keys_release(&k);
	*out = k;
	return err;
}

void tls_keys_release(struct tls_keys **k)
{
	if (*k != NULL && atomic_fetch_sub(&(*k)->users, 1) == 1) {
		gnutls_certificate_free_credentials((*k)->credentials);
		free(*k);
	}
	*k = NULL;
}

void tls_slot_open(struct tls_slot *s, struct tls_keys *first)
{
	pthread_mutex_init(&s->lock, NULL);
	s->now = first;
}

void tls_slot_close(struct tls_slot *s)
{
	tls_keys_release(&s->now);
	pthread_mutex_destroy(&s->lock);
}

void tls_slot_use(struct tls_slot *s, struct tls_keys *next)
{
	struct tls_keys *old;

	pthread_mutex_lock(&s->lock);
	old = s->now;
	s->now = next;
	pthread_mutex_unlock(&s->lock);
	tls_keys_release(&old);
}

/* The set of now for this connection; true if it is another one than before. */
static bool take(struct tls_peer *p, struct tls_slot *s, gnutls_session_t session)
{
	struct tls_keys *old = p->keys;

	pthread_mutex_lock(&s->lock);
	p->keys = s->now;
	atomic_fetch_add(&p->keys->users, 1);
	pthread_mutex_unlock(&s->lock);
	if (p->keys == old) {
		tls_keys_release(&old);
		return false;
	}
	gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, p->keys->credentials);
	tls_keys_release(&old);
	return true;
}

void tls_peer_begin(struct tls_peer *p, struct tls_slot *s, gnutls_session_t session)
{
	memset(p, 0, sizeof *p);
	(void)take(p, s, session);
}

void tls_peer_end(struct tls_peer *p)
{
	tls_keys_release(&p->keys);
}

/* A value of the subject that is there exactly once and is plain. */
static bool subject(gnutls_x509_crt_t crt, const char *oid, char out[TLS_NAME])
{
	size_t n = TLS_NAME, more = 0;
	char again[1];

	if (gnutls_x509_crt_get_dn_by_oid(crt, oid, 0, 0, out, &n) < 0 || strlen(out) != n ||
	    gnutls_x509_crt_get_dn_by_oid(crt, oid, 1, 0, again, &more) !=
		    GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
		out[0] = '\0';
		return false;
	}
	return true;
}

static bool certificate_good(gnutls_session_t session)
{
	char client[] = GNUTLS_KP_TLS_WWW_CLIENT;
	gnutls_typed_vdata_st purpose = {GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)client, 0};
	unsigned status = 0;

	return gnutls_certificate_verify_peers(session, &purpose, 1, &status) == GNUTLS_E_SUCCESS &&
	       status == 0;
}

static void identify(struct tls_peer *p, gnutls_session_t session)
{
	unsigned n = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &n);
	gnutls_x509_crt_t crt;

	p->role[0] = p->id[0] = '\0';
	if (chain == NULL || n == 0 || !certificate_good(session) ||
	    gnutls_x509_crt_init(&crt) != GNUTLS_E_SUCCESS)
		return;
	if (gnutls_x509_crt_import(crt, &chain[0], GNUTLS_X509_FMT_DER) != GNUTLS_E_SUCCESS ||
	    !subject(crt, GNUTLS_OID_X520_ORGANIZATIONAL_UNIT_NAME, p->role) ||
	    !subject(crt, GNUTLS_OID_X520_COMMON_NAME, p->id))
		p->role[0] = '\0';
	gnutls_x509_crt_deinit(crt);
}

void tls_peer_look(struct tls_peer *p, struct tls_slot *s, gnutls_session_t session)
{
	const bool replaced = take(p, s, session);

	if (!p->known || replaced)
		identify(p, session);
	p->known = true;
}
