/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "provider.h"

#define PROPERTIES "provider=kazasu"

/* OSSL_ITEM wants memory that could be written to. */
#define TEXT(reason, text)                                                                         \
	{                                                                                          \
		reason, (char[])                                                                   \
		{                                                                                  \
			text                                                                       \
		}                                                                                  \
	}

static const OSSL_ITEM reasons[] = {
	TEXT(REASON_URI, "not a kazasu: URI"),
	TEXT(REASON_NO_CARD, "no card, or more than one"),
	TEXT(REASON_NO_CERTIFICATE, "the card lacks this certificate"),
	TEXT(REASON_PIN_MISSING, "no PIN was given"),
	TEXT(REASON_PIN_FORMAT, "the PIN cannot be right; it was not sent"),
	TEXT(REASON_PIN_WRONG, "wrong PIN"),
	TEXT(REASON_PIN_LOCKED, "the PIN is locked; the municipal office resets it"),
	TEXT(REASON_LAST_TRY,
	     "one try is left; it was not used (kazasu pin verify KIND --last-try)"),
	TEXT(REASON_PIN_SPENT, "the signature password serves one signature; load the key again"),
	TEXT(REASON_RESET, "another program reset the card; load the key again"),
	TEXT(REASON_FORKED, "the key was loaded before a fork; load it in this process"),
	TEXT(REASON_PSS, "RSA-PSS is not confirmed on cards (pkcs11.conf: pss = yes); "
			 "TLS 1.3 needs it, TLS 1.2 with RSA+SHA256 does not"),
	TEXT(REASON_PADDING, "only PKCS#1 v1.5 padding"),
	TEXT(REASON_DIGEST, "only SHA-256, SHA-384 and SHA-512"),
	TEXT(REASON_SHA1, "SHA-1 is off (pkcs11.conf: sha1 = yes)"),
	TEXT(REASON_LENGTH, "data too long"),
	TEXT(REASON_CARD, "the card or the reader failed"),
	{0, NULL},
};

static void set_error(struct prov *p, uint32_t reason, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	p->vset_error(p->core, reason, format, args);
	va_end(args);
}

void prov_raise(struct prov *p, enum reason reason)
{
	p->new_error(p->core);
	set_error(p, (uint32_t)reason, NULL);
}

void prov_raise_card(struct prov *p, enum card_error err)
{
	static const struct {
		enum card_error err;
		enum reason reason;
	} map[] = {{CARD_ERR_NO_CARD, REASON_NO_CARD},
		   {CARD_ERR_NO_READER, REASON_NO_CARD},
		   {CARD_ERR_TIMEOUT, REASON_NO_CARD},
		   {CARD_ERR_AMBIGUOUS, REASON_NO_CARD},
		   {CARD_ERR_REMOVED, REASON_NO_CARD},
		   {CARD_ERR_NO_CERTIFICATE, REASON_NO_CERTIFICATE},
		   {CARD_ERR_PIN_FORMAT, REASON_PIN_FORMAT},
		   {CARD_ERR_PIN_WRONG, REASON_PIN_WRONG},
		   {CARD_ERR_PIN_LOCKED, REASON_PIN_LOCKED},
		   {CARD_ERR_LAST_TRY, REASON_LAST_TRY},
		   {CARD_ERR_TOO_LONG, REASON_LENGTH}};
	enum reason reason = REASON_CARD;

	for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if (map[i].err == err)
			reason = map[i].reason;
	p->new_error(p->core);
	set_error(p, (uint32_t)reason, "%s", card_strerror(err, CARD_LANG_EN));
}

static const OSSL_ITEM *get_reasons(void *provctx)
{
	(void)provctx;
	return reasons;
}

static const OSSL_PARAM *gettable_params(void *provctx)
{
	static const OSSL_PARAM params[] = {
		OSSL_PARAM_DEFN(OSSL_PROV_PARAM_NAME, OSSL_PARAM_UTF8_PTR, NULL, 0),
		OSSL_PARAM_DEFN(OSSL_PROV_PARAM_VERSION, OSSL_PARAM_UTF8_PTR, NULL, 0),
		OSSL_PARAM_DEFN(OSSL_PROV_PARAM_BUILDINFO, OSSL_PARAM_UTF8_PTR, NULL, 0),
		OSSL_PARAM_DEFN(OSSL_PROV_PARAM_STATUS, OSSL_PARAM_INTEGER, NULL, 0),
		OSSL_PARAM_END};

	(void)provctx;
	return params;
}

static int get_params(void *provctx, OSSL_PARAM params[])
{
	OSSL_PARAM *p = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_NAME);

	(void)provctx;
	if (p != NULL && !OSSL_PARAM_set_utf8_ptr(p, "Kazasu: My Number Card"))
		return 0;
	p = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_VERSION);
	if (p != NULL && !OSSL_PARAM_set_utf8_ptr(p, KAZASU_VERSION))
		return 0;
	p = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_BUILDINFO);
	if (p != NULL && !OSSL_PARAM_set_utf8_ptr(p, KAZASU_VERSION))
		return 0;
	p = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_STATUS);
	return p == NULL || OSSL_PARAM_set_int(p, 1);
}

static const OSSL_ALGORITHM *query(void *provctx, int operation, int *no_cache)
{
	static const OSSL_ALGORITHM stores[] = {
		{"kazasu", PROPERTIES, store_functions, "My Number Card"},
		{NULL, NULL, NULL, NULL}};
	static const OSSL_ALGORITHM keymgmts[] = {{"RSA:rsaEncryption:1.2.840.113549.1.1.1",
						   PROPERTIES, keymgmt_functions,
						   "RSA key of a My Number Card"},
						  {NULL, NULL, NULL, NULL}};
	static const OSSL_ALGORITHM signatures[] = {{"RSA:rsaEncryption:1.2.840.113549.1.1.1",
						     PROPERTIES, signature_functions,
						     "RSA signature by a My Number Card"},
						    {NULL, NULL, NULL, NULL}};
	static const OSSL_ALGORITHM decoders[] = {
		{"DER", PROPERTIES ",input=pem", decoder_pem_functions,
		 "PEM file that names a key of a My Number Card"},
		{"RSA:rsaEncryption:1.2.840.113549.1.1.1", PROPERTIES ",input=der",
		 decoder_functions, "content of such a file"},
		{NULL, NULL, NULL, NULL}};

	(void)provctx;
	*no_cache = 0;
	switch (operation) {
	case OSSL_OP_STORE:
		return stores;
	case OSSL_OP_KEYMGMT:
		return keymgmts;
	case OSSL_OP_SIGNATURE:
		return signatures;
	case OSSL_OP_DECODER:
		return decoders;
	default:
		return NULL;
	}
}

static void teardown(void *provctx)
{
	free(provctx);
}

static const OSSL_DISPATCH functions[] = {
	ENTRY(OSSL_FUNC_PROVIDER_TEARDOWN, teardown),
	ENTRY(OSSL_FUNC_PROVIDER_GETTABLE_PARAMS, gettable_params),
	ENTRY(OSSL_FUNC_PROVIDER_GET_PARAMS, get_params),
	ENTRY(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query),
	ENTRY(OSSL_FUNC_PROVIDER_GET_REASON_STRINGS, get_reasons),
	{0, NULL}};

__attribute__((visibility("default"))) OSSL_provider_init_fn OSSL_provider_init;

int OSSL_provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
		       const OSSL_DISPATCH **out, void **provctx)
{
	struct prov *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return 0;
	p->core = handle;
	for (; in->function_id != 0; in++) {
		if (in->function_id == OSSL_FUNC_CORE_NEW_ERROR)
			p->new_error = OSSL_FUNC_core_new_error(in);
		else if (in->function_id == OSSL_FUNC_CORE_VSET_ERROR)
			p->vset_error = OSSL_FUNC_core_vset_error(in);
		else if (in->function_id == OSSL_FUNC_BIO_READ_EX)
			p->bio_read = OSSL_FUNC_BIO_read_ex(in);
	}
	if (p->new_error == NULL || p->vset_error == NULL || p->bio_read == NULL) {
		free(p);
		return 0;
	}
	config_read(&p->config);
	*out = functions;
	*provctx = p;
	return 1;
}
