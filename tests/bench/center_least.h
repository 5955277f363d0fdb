/* SPDX-License-Identifier: Apache-2.0 */
/*
 * center_least.h — what no issue of a certificate can do without, measured alone: two RSA
 * verifications (the card's signature and its certificate), one exchange of TLS records (a request
 * of 1 KiB there, the document back), one durable commit with the document in it.
 */
#ifndef CENTER_LEAST_H
#define CENTER_LEAST_H

#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cardflow/store.h>

#include "bench.h"
#include "made_pki.h"

#define LEAST_CALLS 256

struct spent {
	double wall, cpu; /* seconds a certificate */
};

struct least {
	const struct made_key *key;
	card_buf_t signature;
	uint8_t digest[32];
	struct card_bytes document;
	SSL *client, *server;
	flow_store_t *store;
	char *text;
	unsigned n;
	struct spent verify, records, commit;
};

static inline double cpu_seconds(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (double)r.ru_utime.tv_sec + (double)r.ru_utime.tv_usec / 1e6 +
	       (double)r.ru_stime.tv_sec + (double)r.ru_stime.tv_usec / 1e6;
}

static void two_verifications(void *ctx)
{
	struct least *l = ctx;

	for (int i = 0; i < 2; i++) {
		EVP_PKEY_CTX *p = EVP_PKEY_CTX_new(l->key->pkey, NULL);

		if (p == NULL || EVP_PKEY_verify_init(p) != 1 ||
		    EVP_PKEY_CTX_set_rsa_padding(p, RSA_PKCS1_PADDING) != 1 ||
		    EVP_PKEY_CTX_set_signature_md(p, EVP_sha256()) != 1 ||
		    EVP_PKEY_verify(p, l->signature.p, l->signature.n, l->digest, 32) != 1)
			abort();
		EVP_PKEY_CTX_free(p);
	}
}

/* From one end to the other through memory. */
static void carry(SSL *from, SSL *to)
{
	uint8_t buffer[20000];
	int n;

	while ((n = BIO_read(SSL_get_wbio(from), buffer, sizeof buffer)) > 0)
		BIO_write(SSL_get_rbio(to), buffer, n);
}

/* What the server does of it is one half. */
static void exchange_records(void *ctx)
{
	struct least *l = ctx;
	static uint8_t in[20000];
	size_t sent = 0;

	if (SSL_write(l->client, l->document.p, 1024) != 1024)
		abort();
	carry(l->client, l->server);
	if (SSL_read(l->server, in, sizeof in) != 1024)
		abort();
	while (sent < l->document.n) {
		const size_t left = l->document.n - sent;
		const int n = SSL_write(l->server, l->document.p + sent,
					(int)(left < 16384 ? left : 16384));

		if (n <= 0)
			abort();
		sent += (size_t)n;
		carry(l->server, l->client);
		while (SSL_read(l->client, in, sizeof in) > 0)
			;
	}
}

static void commit_document(void *ctx)
{
	struct least *l = ctx;
	char id[24];
	const char *const params[] = {id, l->text};

	snprintf(id, sizeof id, "%u", l->n++);
	if (flow_store_begin(l->store) != CARD_OK ||
	    flow_store_run(l->store, "INSERT INTO t VALUES ($1,$2)", params, 2, NULL, NULL) !=
		    CARD_OK ||
	    flow_store_commit(l->store) != CARD_OK)
		abort();
}

static SSL *endpoint(SSL_CTX *ctx, bool server)
{
	SSL *s = SSL_new(ctx);

	SSL_set_bio(s, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	if (server)
		SSL_set_accept_state(s);
	else
		SSL_set_connect_state(s);
	return s;
}

/* folder: where pki/center-center-1.pem lies and least.db may lie. */
static void least_open(struct least *l, const struct made_key *key, struct card_bytes document,
		       const char *folder)
{
	char path[160], certificate[160], private_key[160];
	SSL_CTX *server = SSL_CTX_new(TLS_server_method()),
		*client = SSL_CTX_new(TLS_client_method());

	memset(l, 0, sizeof *l);
	l->key = key;
	l->document = document;
	made_sign_digest(key, CARD_HASH_SHA256, false, card_bytes(l->digest, 32), &l->signature);
	snprintf(certificate, sizeof certificate, "%s/pki/center-center-1.pem", folder);
	snprintf(private_key, sizeof private_key, "%s/pki/center-center-1.key", folder);
	SSL_CTX_use_certificate_file(server, certificate, SSL_FILETYPE_PEM);
	SSL_CTX_use_PrivateKey_file(server, private_key, SSL_FILETYPE_PEM);
	l->client = endpoint(client, false);
	l->server = endpoint(server, true);
	for (int i = 0; i < 10; i++) {
		SSL_do_handshake(l->client);
		carry(l->client, l->server);
		SSL_do_handshake(l->server);
		carry(l->server, l->client);
	}
	SSL_CTX_free(client);
	SSL_CTX_free(server);
	/* The text that a sealed document becomes in the store. */
	l->text = malloc(document.n * 4 / 3 + 1);
	memset(l->text, 'x', document.n * 4 / 3);
	l->text[document.n * 4 / 3] = '\0';
	snprintf(path, sizeof path, "%s/least.db", folder);
	if (flow_store_open(&l->store, path, FLOW_STORE_CREATE, NULL) != CARD_OK ||
	    flow_store_script(l->store, "CREATE TABLE t (id TEXT PRIMARY KEY, v TEXT)") != CARD_OK)
		abort();
}

static void least_close(struct least *l)
{
	flow_store_close(&l->store);
	SSL_free(l->client);
	SSL_free(l->server);
	card_buf_free(&l->signature);
	free(l->text);
}

/* The mean of so many that a database moves its log into its file in between. */
static struct spent spent_by(void (*work)(void *), void *ctx)
{
	const double wall = bench_now(), cpu = cpu_seconds();

	for (int i = 0; i < LEAST_CALLS; i++)
		work(ctx);
	return (struct spent){(bench_now() - wall) / LEAST_CALLS,
			      (cpu_seconds() - cpu) / LEAST_CALLS};
}

/* All of it once; the parts stay in *l. */
static struct spent least_measure(struct least *l)
{
	l->verify = spent_by(two_verifications, l);
	l->records = spent_by(exchange_records, l);
	l->records.wall /= 2;
	l->records.cpu /= 2;
	l->commit = spent_by(commit_document, l);
	return (struct spent){l->verify.wall + l->records.wall + l->commit.wall,
			      l->verify.cpu + l->records.cpu + l->commit.cpu};
}

#endif
