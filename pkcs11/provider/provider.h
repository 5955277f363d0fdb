/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider.h — the OpenSSL 3 provider: keys and certificates of the card by `kazasu:` URIs.
 *
 *	kazasu:auth  kazasu:sign     key and certificate (OSSL_STORE says which is expected)
 *	kazasu:auth-ca  kazasu:sign-ca
 *	…?reader=PART                the reader whose name contains PART
 *
 * A key of the card holds its PIN from loading to freeing; the signature password for one
 * signature only. Every signature is one transaction that ends with the status cleared.
 */
#ifndef KAZASU_PROVIDER_H
#define KAZASU_PROVIDER_H

#include <pthread.h>
#include <stdatomic.h>

#include <openssl/core.h>
#include <openssl/core_dispatch.h>

#include <card/card.h>

#include "config.h"

struct prov {
	const OSSL_CORE_HANDLE *core;
	OSSL_FUNC_core_new_error_fn *new_error;
	OSSL_FUNC_core_vset_error_fn *vset_error;
	OSSL_FUNC_BIO_read_ex_fn *bio_read;
	struct config config;
};

/* Reasons on libcrypto's error queue. */
enum reason {
	REASON_URI = 1,
	REASON_NO_CARD,
	REASON_NO_CERTIFICATE,
	REASON_PIN_MISSING,
	REASON_PIN_FORMAT,
	REASON_PIN_WRONG,
	REASON_PIN_LOCKED,
	REASON_LAST_TRY,
	REASON_PIN_SPENT,
	REASON_RESET,
	REASON_FORKED,
	REASON_PSS,
	REASON_PADDING,
	REASON_DIGEST,
	REASON_SHA1,
	REASON_LENGTH,
	REASON_CARD
};
void prov_raise(struct prov *p, enum reason reason);
void prov_raise_card(struct prov *p, enum card_error err);

/* ---- key.c ---- */

struct location {
	enum card_jpki_key key;
	bool ca;          /* the CA certificate instead */
	char reader[128]; /* part of its name, "" any */
};

/* False: not one of ours. */
bool location_parse(const char *uri, struct location *out);

struct key {
	atomic_int references;
	struct prov *prov;
	card_buf_t modulus, exponent;
	/* of the card: */
	bool is_private;
	enum card_jpki_key which;
	pthread_mutex_t lock;
	pid_t owner; /* connections and secrets do not cross a fork */
	card_reader_t *reader;
	card_channel_t *channel;
	uint64_t generation; /* when the signature password was proved */
	card_secret_t *pin;  /* NULL: typed on the reader, or spent */
	bool pinpad;
	card_cert_t *cert;
};

/* Read a certificate; pin only for the signing certificate. */
bool key_certificate(struct prov *p, const struct location *where, const card_secret_t *pin,
		     card_buf_t *der);
/* A key of the card. pin is taken over; NULL: pin pad. NULL on error, raised. */
struct key *key_open(struct prov *p, const struct location *where, card_secret_t **pin);
struct key *key_public(struct prov *p, struct card_bytes modulus, struct card_bytes exponent);
struct key *key_ref(struct key *k);
void key_free(struct key *k);

/* hash CARD_HASH_NONE: data as the caller made it. false: raised. */
bool key_sign(struct key *k, enum card_hash hash, bool pss, struct card_bytes data,
	      card_buf_t *out);

/* Ask the application for the PIN. NULL: it gave none. */
card_secret_t *pin_ask(const struct location *where, OSSL_PASSPHRASE_CALLBACK *cb, void *arg);

/* How a loader hands a key to keymgmt: the address of a key that the loader still holds. */
#define KEY_REFERENCE_SIZE sizeof(void *)

/* ---- the algorithms ---- */

/* A dispatch table holds functions of many types under one. */
#pragma GCC diagnostic ignored "-Wcast-function-type"
#define ENTRY(id, f)                                                                               \
	{                                                                                          \
		id, (void (*)(void))(f)                                                            \
	}

extern const OSSL_DISPATCH store_functions[], keymgmt_functions[], signature_functions[],
	decoder_functions[], decoder_pem_functions[];

#endif
