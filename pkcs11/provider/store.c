/* SPDX-License-Identifier: Apache-2.0 */
/* OSSL_STORE loader for kazasu: URIs (provider-storemgmt(7)). */
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/params.h>
#include <openssl/store.h>

#include "provider.h"

enum stage { AT_CERTIFICATE, AT_KEY, AT_END };

struct store {
	struct prov *prov;
	struct location where;
	enum stage stage;
	int expect;         /* OSSL_STORE_INFO_…, 0 anything */
	card_secret_t *pin; /* of the signing certificate, for the key that follows */
};

static void *store_open(void *provctx, const char *uri)
{
	struct store *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->prov = provctx;
	if (!location_parse(uri, &s->where)) {
		prov_raise(s->prov, REASON_URI);
		free(s);
		return NULL;
	}
	return s;
}

static const OSSL_PARAM *settable(void *provctx)
{
	static const OSSL_PARAM params[] = {OSSL_PARAM_int(OSSL_STORE_PARAM_EXPECT, NULL),
					    OSSL_PARAM_END};

	(void)provctx;
	return params;
}

static int set_params(void *ctx, const OSSL_PARAM params[])
{
	struct store *s = ctx;
	const OSSL_PARAM *p = OSSL_PARAM_locate_const(params, OSSL_STORE_PARAM_EXPECT);

	return p == NULL || OSSL_PARAM_get_int(p, &s->expect);
}

static bool wanted(const struct store *s, enum stage stage)
{
	if (stage == AT_CERTIFICATE)
		return s->expect == 0 || s->expect == OSSL_STORE_INFO_CERT;
	/* A public key is the public half of the same object. */
	return !s->where.ca && (s->expect == 0 || s->expect == OSSL_STORE_INFO_PKEY ||
				s->expect == OSSL_STORE_INFO_PUBKEY);
}

static int give_certificate(struct store *s, OSSL_CALLBACK *cb, void *arg,
			    OSSL_PASSPHRASE_CALLBACK *pw_cb, void *pw_arg)
{
	int type = OSSL_OBJECT_CERT, ok;
	card_buf_t der = {0};
	OSSL_PARAM params[3];

	if (s->where.key == CARD_KEY_SIGN && !s->where.ca && s->pin == NULL)
		s->pin = pin_ask(&s->where, pw_cb, pw_arg);
	if (!key_certificate(s->prov, &s->where, s->pin, &der)) {
		card_buf_free(&der);
		return 0;
	}
	params[0] = OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type);
	params[1] = OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_DATA, der.p, der.n);
	params[2] = OSSL_PARAM_construct_end();
	ok = cb(params, arg);
	card_buf_free(&der);
	return ok;
}

static int give_key(struct store *s, OSSL_CALLBACK *cb, void *arg, OSSL_PASSPHRASE_CALLBACK *pw_cb,
		    void *pw_arg)
{
	char name[] = "RSA";
	int type = OSSL_OBJECT_PKEY, ok;
	OSSL_PARAM params[4];
	struct key *k;

	if (s->pin == NULL)
		s->pin = pin_ask(&s->where, pw_cb, pw_arg);
	k = key_open(s->prov, &s->where, &s->pin);
	if (k == NULL)
		return 0;
	/* keymgmt's load takes the key out of the reference. */
	params[0] = OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type);
	params[1] = OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, name, 0);
	params[2] = OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_REFERENCE, &k,
						      KEY_REFERENCE_SIZE);
	params[3] = OSSL_PARAM_construct_end();
	ok = cb(params, arg);
	key_free(k);
	return ok;
}

static int store_load(void *ctx, OSSL_CALLBACK *cb, void *arg, OSSL_PASSPHRASE_CALLBACK *pw_cb,
		      void *pw_arg)
{
	struct store *s = ctx;
	enum stage stage;

	while (s->stage < AT_END && !wanted(s, s->stage))
		s->stage++;
	stage = s->stage;
	if (stage == AT_END)
		return 0;
	s->stage++;
	return stage == AT_CERTIFICATE ? give_certificate(s, cb, arg, pw_cb, pw_arg)
				       : give_key(s, cb, arg, pw_cb, pw_arg);
}

static int store_eof(void *ctx)
{
	const struct store *s = ctx;
	enum stage stage = s->stage;

	while (stage < AT_END && !wanted(s, stage))
		stage++;
	return stage == AT_END;
}

static int store_close(void *ctx)
{
	struct store *s = ctx;

	card_secret_free(&s->pin);
	free(s);
	return 1;
}

const OSSL_DISPATCH store_functions[] = {ENTRY(OSSL_FUNC_STORE_OPEN, store_open),
					 ENTRY(OSSL_FUNC_STORE_SETTABLE_CTX_PARAMS, settable),
					 ENTRY(OSSL_FUNC_STORE_SET_CTX_PARAMS, set_params),
					 ENTRY(OSSL_FUNC_STORE_LOAD, store_load),
					 ENTRY(OSSL_FUNC_STORE_EOF, store_eof),
					 ENTRY(OSSL_FUNC_STORE_CLOSE, store_close),
					 {0, NULL}};
