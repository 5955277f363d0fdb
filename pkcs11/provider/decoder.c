/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PEM file in place of a key file, for programs that know files only: the label KAZASU KEY,
 * and the URI as content (`kazasu:auth` is a2F6YXN1OmF1dGg=). The file holds no secret.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/params.h>
#include <openssl/pem.h>

#include "provider.h"

#define LABEL    "KAZASU KEY"
#define FILE_MAX 8192u

static void *decoder_new(void *provctx)
{
	return provctx;
}

static void decoder_free(void *ctx)
{
	(void)ctx;
}

/* The URI that the PEM text names; false: another kind of file. */
static bool read_uri(struct prov *p, OSSL_CORE_BIO *in, char *uri, size_t cap)
{
	static const char begin[] = "-----BEGIN " LABEL "-----";
	char text[FILE_MAX];
	size_t n = 0, got = 0;
	char *name = NULL, *header = NULL;
	unsigned char *data = NULL;
	long len = 0;
	BIO *mem;
	bool ok = false;

	while (n < sizeof(text) && p->bio_read(in, text + n, sizeof(text) - n, &got) == 1 && got > 0)
		n += got;
	if (n == 0 || memmem(text, n, begin, sizeof(begin) - 1) == NULL)
		return false;
	mem = BIO_new_mem_buf(text, (int)n);
	if (mem != NULL && PEM_read_bio(mem, &name, &header, &data, &len) == 1 &&
	    strcmp(name, LABEL) == 0 && len > 0 && (size_t)len < cap &&
	    memchr(data, 0, (size_t)len) == NULL) {
		memcpy(uri, data, (size_t)len);
		uri[len] = '\0';
		uri[strcspn(uri, "\r\n")] = '\0';
		ok = true;
	}
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(data);
	BIO_free(mem);
	return ok;
}

static int does_selection(void *provctx, int selection)
{
	(void)provctx;
	return selection == 0 || (selection & OSSL_KEYMGMT_SELECT_KEYPAIR) != 0;
}

/* 1 without a call of cb: not ours, others may try (provider-decoder(7)). */
static int decode(void *ctx, OSSL_CORE_BIO *in, int selection, OSSL_CALLBACK *cb, void *arg,
		  OSSL_PASSPHRASE_CALLBACK *pw_cb, void *pw_arg)
{
	struct prov *p = ctx;
	char uri[256], name[] = "RSA";
	int type = OSSL_OBJECT_PKEY, ok;
	struct location where;
	card_secret_t *pin;
	OSSL_PARAM params[4];
	struct key *k;

	(void)selection;
	if (!read_uri(p, in, uri, sizeof(uri)))
		return 1;
	if (!location_parse(uri, &where) || where.ca) {
		prov_raise(p, REASON_URI);
		return 0;
	}
	pin = pin_ask(&where, pw_cb, pw_arg);
	k = key_open(p, &where, &pin);
	if (k == NULL)
		return 0;
	params[0] = OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type);
	params[1] = OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, name, 0);
	params[2] = OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_REFERENCE, &k, sizeof(k));
	params[3] = OSSL_PARAM_construct_end();
	ok = cb(params, arg);
	key_free(k);
	return ok;
}

#define ENTRY(id, f) {id, (void (*)(void))f}
#pragma GCC diagnostic ignored "-Wcast-function-type"

const OSSL_DISPATCH decoder_functions[] = {
	ENTRY(OSSL_FUNC_DECODER_NEWCTX, decoder_new),
	ENTRY(OSSL_FUNC_DECODER_FREECTX, decoder_free),
	ENTRY(OSSL_FUNC_DECODER_DOES_SELECTION, does_selection),
	ENTRY(OSSL_FUNC_DECODER_DECODE, decode),
	{0, NULL}};
