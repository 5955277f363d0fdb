/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credentials.h — certificate, key and anchors of a service, replaced as a whole while it runs, and
 * who is at the other end of a connection by the certificate shown there.
 */
#ifndef HTTPS_CREDENTIALS_H
#define HTTPS_CREDENTIALS_H

#include <gnutls/gnutls.h>
#include <pthread.h>
#include <stdbool.h>

#include <card/error.h>

/* One set; shared by the connections that began under it. */
struct tls_keys;

/* Read three PEM files. CARD_ERR_IO, CARD_ERR_MALFORMED: *wrong (static text or one of the paths) is
 * what cannot be used. */
enum card_error tls_keys_read(struct tls_keys **out, const char *ca, const char *certificate,
			      const char *key, const char **wrong);
void tls_keys_release(struct tls_keys **k);

/* The set that new connections take. */
struct tls_slot {
	pthread_mutex_t lock;
	struct tls_keys *now;
};
void tls_slot_open(struct tls_slot *s, struct tls_keys *first); /* takes it over */
void tls_slot_close(struct tls_slot *s);
void tls_slot_use(struct tls_slot *s, struct tls_keys *next); /* takes it over */

#define TLS_NAME 64u

/* Of one connection. */
struct tls_peer {
	struct tls_keys *keys; /* it was last looked at under these */
	bool known;
	char role[TLS_NAME], id[TLS_NAME]; /* OU and CN, each there once; "" if nobody is there */
};

/* A connection begins, before its handshake; ends. */
void tls_peer_begin(struct tls_peer *p, struct tls_slot *s, gnutls_session_t session);
void tls_peer_end(struct tls_peer *p);

/* Who is there now: a certificate of one of our anchors, in force, for clients. Looked at once a
 * connection, and again when the keys have been replaced since: what the new anchors do not know is
 * nobody, on old connections too. */
void tls_peer_look(struct tls_peer *p, struct tls_slot *s, gnutls_session_t session);

#endif
