/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PEM file in place of a key file, for programs that know files only: the label KAZASU KEY,
 * and as content a SEQUENCE of one UTF8String, the URI. The file holds no secret.
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

/* SEQUENCE { UTF8String } of a short URI: DER, so that OSSL_STORE carries it like any key. */
static bool read_der(const unsigned char *p, size_t n, char *uri, size_t cap)
{
	size_t len;

	if (n < 4 || p[0] != 0x30 || p[2] != 0x0C || p[1] != p[3] + 2u || p[1] > 0x7F ||
	    n < 2u + p[1])
		return false;
	len = p[3];
	if (len == 0 || len >= cap || memchr(p + 4, 0, len) != NULL)
		return false;
	memcpy(uri, p + 4, len);
	uri[len] = '\0';
	return strncmp(uri, "kazasu:", 7) == 0;
}

static size_t read_all(struct prov *p, OSSL_CORE_BIO *in, char text[FILE_MAX])
{
	size_t n = 0, got = 0;

	while (n < FILE_MAX && p->bio_read(in, text + n, FILE_MAX - n, &got) == 1 && got > 0)
		n += got;
	return n;
}

/* ---- from PEM to DER: libcrypto's own decoder leaves labels it does not know alone ---- */

static int decode_pem(void *ctx, OSSL_CORE_BIO *in, int selection, OSSL_CALLBACK *cb, void *arg,
		      OSSL_PASSPHRASE_CALLBACK *pw_cb, void *pw_arg)
{
	static const char begin[] = "-----BEGIN " LABEL "-----";
	char text[FILE_MAX], *name = NULL, *header = NULL;
	unsigned char *data = NULL;
	OSSL_PARAM params[2];
	size_t n = read_all(ctx, in, text);
	long len = 0;
	BIO *mem;
	int ok = 1;

	(void)selection;
	(void)pw_cb;
	(void)pw_arg;
	if (n == 0 || memmem(text, n, begin, sizeof(begin) - 1) == NULL)
		return 1;
	mem = BIO_new_mem_buf(text, (int)n);
	if (mem != NULL && PEM_read_bio(mem, &name, &header, &data, &len) == 1 &&
	    strcmp(name, LABEL) == 0 && len > 0) {
		params[0] = OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_DATA, data,
							      (size_t)len);
		params[1] = OSSL_PARAM_construct_end();
		ok = cb(params, arg);
	}
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(data);
	BIO_free(mem);
	return ok;
}

/* ---- from DER to a key ---- */

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
	char text[FILE_MAX] = "", uri[256], name[] = "RSA";
	int type = OSSL_OBJECT_PKEY, ok;
	struct location where;
	card_secret_t *pin;
	OSSL_PARAM params[4];
	struct key *k;
	size_t n;

	(void)selection;
	n = read_all(p, in, text);
	if (!read_der((const unsigned char *)text, n, uri, sizeof(uri)))
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
	params[2] = OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_REFERENCE, &k,
						      KEY_REFERENCE_SIZE);
	params[3] = OSSL_PARAM_construct_end();
	ok = cb(params, arg);
	key_free(k);
	return ok;
}

const OSSL_DISPATCH decoder_functions[] = {ENTRY(OSSL_FUNC_DECODER_NEWCTX, decoder_new),
					   ENTRY(OSSL_FUNC_DECODER_FREECTX, decoder_free),
					   ENTRY(OSSL_FUNC_DECODER_DOES_SELECTION, does_selection),
					   ENTRY(OSSL_FUNC_DECODER_DECODE, decode),
					   {0, NULL}};

const OSSL_DISPATCH decoder_pem_functions[] = {ENTRY(OSSL_FUNC_DECODER_NEWCTX, decoder_new),
					       ENTRY(OSSL_FUNC_DECODER_FREECTX, decoder_free),
					       ENTRY(OSSL_FUNC_DECODER_DECODE, decode_pem),
					       {0, NULL}};
