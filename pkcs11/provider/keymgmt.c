/* SPDX-License-Identifier: Apache-2.0 */
/* RSA keys (provider-keymgmt(7)): those of the card, and public ones to compare with. */
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/params.h>

#include "provider.h"

static void *keymgmt_new(void *provctx)
{
	return key_public(provctx, (struct card_bytes){0}, (struct card_bytes){0});
}

static void keymgmt_free(void *key)
{
	key_free(key);
}

/* The reference is the address of a key that its giver still holds. */
static void *load(const void *reference, size_t size)
{
	struct key *k;

	if (size != KEY_REFERENCE_SIZE)
		return NULL;
	memcpy(&k, reference, KEY_REFERENCE_SIZE);
	return key_ref(k);
}

static int has(const void *keydata, int selection)
{
	const struct key *k = keydata;

	if ((selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) != 0 && k->modulus.n == 0)
		return 0;
	return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0 || k->is_private;
}

static int match(const void *a, const void *b, int selection)
{
	const struct key *x = a, *y = b;

	(void)selection; /* whatever is asked, the public halves decide */
	return x->modulus.n > 0 &&
	       card_bytes_equal(card_buf_bytes(&x->modulus), card_buf_bytes(&y->modulus)) &&
	       card_bytes_equal(card_buf_bytes(&x->exponent), card_buf_bytes(&y->exponent));
}

/* ---- import of public keys ---- */

static bool take_number(const OSSL_PARAM params[], const char *name, card_buf_t *out)
{
	const OSSL_PARAM *p = OSSL_PARAM_locate_const(params, name);
	BIGNUM *n = NULL;
	bool ok = false;

	if (p == NULL || !OSSL_PARAM_get_BN(p, &n))
		return false;
	card_buf_clear(out);
	if (card_buf_reserve(out, (size_t)BN_num_bytes(n)) == CARD_OK) {
		out->n = (size_t)BN_bn2bin(n, out->p);
		ok = out->n > 0;
	}
	BN_free(n);
	return ok;
}

static int import(void *keydata, int selection, const OSSL_PARAM params[])
{
	struct key *k = keydata;

	/* Private keys do not come from outside. */
	if (k->is_private || OSSL_PARAM_locate_const(params, OSSL_PKEY_PARAM_RSA_D) != NULL ||
	    (selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) == 0)
		return 0;
	return take_number(params, OSSL_PKEY_PARAM_RSA_N, &k->modulus) &&
	       take_number(params, OSSL_PKEY_PARAM_RSA_E, &k->exponent);
}

static const OSSL_PARAM *key_types(int selection)
{
	static const OSSL_PARAM types[] = {OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
					   OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
					   OSSL_PARAM_END};

	return (selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) != 0 ? types : NULL;
}

/* ---- export of public halves ---- */

static OSSL_PARAM *public_params(const struct key *k, BIGNUM **n, BIGNUM **e)
{
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;

	*n = BN_bin2bn(k->modulus.p, (int)k->modulus.n, NULL);
	*e = BN_bin2bn(k->exponent.p, (int)k->exponent.n, NULL);
	if (b != NULL && *n != NULL && *e != NULL &&
	    OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_N, *n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_E, *e) == 1)
		params = OSSL_PARAM_BLD_to_param(b);
	OSSL_PARAM_BLD_free(b);
	return params;
}

static int export(void *keydata, int selection, OSSL_CALLBACK *cb, void *arg)
{
	const struct key *k = keydata;
	BIGNUM *n = NULL, *e = NULL;
	OSSL_PARAM *params;
	int ok;

	/* What asks for the private half is about to sign: only this provider can. */
	if (k->modulus.n == 0 ||
	    (k->is_private && (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0))
		return 0;
	params = public_params(k, &n, &e);
	ok = params != NULL && cb(params, arg);
	OSSL_PARAM_free(params);
	BN_free(n);
	BN_free(e);
	return ok;
}

/* ---- parameters ---- */

static const OSSL_PARAM *gettable(void *provctx)
{
	static const OSSL_PARAM params[] = {
		OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
		OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
		OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, NULL, 0),
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
		OSSL_PARAM_END};

	(void)provctx;
	return params;
}

static int put_number(OSSL_PARAM params[], const char *name, const card_buf_t *value)
{
	OSSL_PARAM *p = OSSL_PARAM_locate(params, name);
	BIGNUM *n;
	int ok;

	if (p == NULL)
		return 1;
	n = BN_bin2bn(value->p, (int)value->n, NULL);
	ok = n != NULL && OSSL_PARAM_set_BN(p, n);
	BN_free(n);
	return ok;
}

static int put_int(OSSL_PARAM params[], const char *name, int value)
{
	OSSL_PARAM *p = OSSL_PARAM_locate(params, name);

	return p == NULL || OSSL_PARAM_set_int(p, value);
}

static int get_params(void *keydata, OSSL_PARAM params[])
{
	const struct key *k = keydata;
	OSSL_PARAM *p = OSSL_PARAM_locate(params, OSSL_PKEY_PARAM_DEFAULT_DIGEST);
	int bits = (int)(8 * k->modulus.n);

	if (p != NULL && !OSSL_PARAM_set_utf8_string(p, "SHA256"))
		return 0;
	/* NIST SP 800-57 part 1, table 2 */
	return put_int(params, OSSL_PKEY_PARAM_BITS, bits) &&
	       put_int(params, OSSL_PKEY_PARAM_SECURITY_BITS,
		       bits >= 3072   ? 128
		       : bits >= 2048 ? 112
				      : 80) &&
	       put_int(params, OSSL_PKEY_PARAM_MAX_SIZE, (int)k->modulus.n) &&
	       put_number(params, OSSL_PKEY_PARAM_RSA_N, &k->modulus) &&
	       put_number(params, OSSL_PKEY_PARAM_RSA_E, &k->exponent);
}

static const char *operation_name(int operation)
{
	return operation == OSSL_OP_SIGNATURE ? "RSA" : NULL;
}

const OSSL_DISPATCH keymgmt_functions[] = {
	ENTRY(OSSL_FUNC_KEYMGMT_NEW, keymgmt_new),
	ENTRY(OSSL_FUNC_KEYMGMT_FREE, keymgmt_free),
	ENTRY(OSSL_FUNC_KEYMGMT_LOAD, load),
	ENTRY(OSSL_FUNC_KEYMGMT_HAS, has),
	ENTRY(OSSL_FUNC_KEYMGMT_MATCH, match),
	ENTRY(OSSL_FUNC_KEYMGMT_IMPORT, import),
	ENTRY(OSSL_FUNC_KEYMGMT_IMPORT_TYPES, key_types),
	ENTRY(OSSL_FUNC_KEYMGMT_EXPORT, export),
	ENTRY(OSSL_FUNC_KEYMGMT_EXPORT_TYPES, key_types),
	ENTRY(OSSL_FUNC_KEYMGMT_GET_PARAMS, get_params),
	ENTRY(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, gettable),
	ENTRY(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, operation_name),
	{0, NULL}};
