/* SPDX-License-Identifier: Apache-2.0 */
#include "xml_card.h"

#include <string.h>

#include <xmlsec/keys.h>
#include <xmlsec/transforms.h>

#include <card/der.h>

/* ---- the key ---- */

struct key_data {
	xmlSecKeyData base;
	struct xml_card *card;
};

static int key_begin(xmlSecKeyDataPtr data)
{
	((struct key_data *)(void *)data)->card = NULL;
	return 0;
}

static int key_copy(xmlSecKeyDataPtr to, xmlSecKeyDataPtr from)
{
	((struct key_data *)(void *)to)->card = ((struct key_data *)(void *)from)->card;
	return 0;
}

static void key_end(xmlSecKeyDataPtr data)
{
	((struct key_data *)(void *)data)->card = NULL;
}

/* "Private" is the library's word for a key that can be asked to sign. */
static xmlSecKeyDataType key_type(xmlSecKeyDataPtr data)
{
	(void)data;
	return xmlSecKeyDataTypePrivate;
}

/* Not constant, because a list of the library takes it without that. */
static struct _xmlSecKeyDataKlass key_klass = {
	.klassSize = sizeof(xmlSecKeyDataKlass),
	.objSize = sizeof(struct key_data),
	.name = (const xmlChar *)"card",
	.usage = xmlSecKeyDataUsageUnknown,
	.initialize = key_begin,
	.duplicate = key_copy,
	.finalize = key_end,
	.getType = key_type,
};

xmlSecKeyPtr xml_card_key(struct xml_card *card)
{
	xmlSecKeyDataPtr data = xmlSecKeyDataCreate(&key_klass);
	xmlSecKeyPtr key = data != NULL ? xmlSecKeyCreate() : NULL;

	if (key != NULL && xmlSecKeySetValue(key, data) == 0) {
		((struct key_data *)(void *)data)->card = card;
		return key;
	}
	if (key != NULL)
		xmlSecKeyDestroy(key);
	if (data != NULL)
		xmlSecKeyDataDestroy(data);
	return NULL;
}

bool xml_card_leave_key_info(xmlSecDSigCtxPtr c)
{
	/* The library writes the kinds of this list only, and this one has no element. */
	return xmlSecPtrListAdd(&c->keyInfoWriteCtx.enabledKeyData, &key_klass) == 0;
}

/* ---- the method ---- */

struct method {
	xmlSecTransform base;
	struct xml_card *card;
};

static int method_begin(xmlSecTransformPtr t)
{
	((struct method *)(void *)t)->card = NULL;
	return 0;
}

static void method_end(xmlSecTransformPtr t)
{
	((struct method *)(void *)t)->card = NULL;
}

static int method_read(xmlSecTransformPtr t, xmlNodePtr node, xmlSecTransformCtxPtr ctx)
{
	const xmlChar *name = t->id->href + strlen(XML_CARD_METHOD);

	(void)ctx;
	return xmlSetProp(node, (const xmlChar *)"Algorithm", name) != NULL ? 0 : -1;
}

static int method_needs(xmlSecTransformPtr t, xmlSecKeyReqPtr req)
{
	(void)t;
	req->keyId = &key_klass;
	req->keyType = xmlSecKeyDataTypePrivate;
	req->keyUsage = xmlSecKeyUsageSign;
	return 0;
}

static int method_takes(xmlSecTransformPtr t, xmlSecKeyPtr key)
{
	xmlSecKeyDataPtr data = xmlSecKeyGetValue(key);

	if (!xmlSecKeyDataCheckId(data, &key_klass))
		return -1;
	((struct method *)(void *)t)->card = ((struct key_data *)(void *)data)->card;
	return 0;
}

/* ECDSA in XML is r ‖ s (RFC 6931 §2.3.6), not DER. */
static enum card_error plain_ecdsa(struct card_bytes der, size_t half, card_buf_t *out)
{
	struct card_der top = card_der_over(der), c;
	struct card_bytes v[2], m;
	uint8_t both[2 * 66] = {0};

	if (card_der_enter(&top, CARD_DER_SEQUENCE, &c) != CARD_OK ||
	    card_der_take(&c, CARD_DER_INTEGER, &v[0]) != CARD_OK ||
	    card_der_take(&c, CARD_DER_INTEGER, &v[1]) != CARD_OK)
		return CARD_ERR_MALFORMED;
	for (size_t i = 0; i < 2; i++) {
		if (card_der_unsigned(v[i], &m) != CARD_OK || m.n > half)
			return CARD_ERR_MALFORMED;
		memcpy(both + (i + 1) * half - m.n, m.p, m.n);
	}
	return card_buf_append(out, card_bytes(both, 2 * half));
}

/* The signature value over the canonical SignedInfo. */
static enum card_error sign(const struct xml_card *card, struct card_bytes info, card_buf_t *out)
{
	const struct card_key *k = card_cert_key(card->signer->cert);
	uint8_t digest[CARD_HASH_MAX];
	const struct card_bytes d = card_bytes(digest, card_hash_size(card->hash));
	card_buf_t made = {0};
	enum card_error err = card_hash_digest(card->hash, info, digest);

	if (err == CARD_OK)
		err = card->signer->sign(card->signer->ctx, card->hash, d, &made);
	if (err == CARD_OK)
		err = card_cert_verify_signature(card->signer->cert, card->hash, d,
						 card_buf_bytes(&made), 0);
	if (err == CARD_OK)
		err = k->kind == CARD_KEY_EC
			      ? plain_ecdsa(card_buf_bytes(&made), (k->bits + 7) / 8, out)
			      : card_buf_append(out, card_buf_bytes(&made));
	card_buf_free(&made);
	return err;
}

/*
 * SignedInfo comes in pieces; it is signed with the last one. A refusal of the key is kept and the
 * value left empty: libxmlsec1 loses memory when the end of a canonical form is answered by an error.
 */
static int method_run(xmlSecTransformPtr t, int last, xmlSecTransformCtxPtr ctx)
{
	struct xml_card *card = ((struct method *)(void *)t)->card;
	const xmlSecSize n = xmlSecBufferGetSize(&t->inBuf);
	card_buf_t value = {0};

	(void)ctx;
	if (t->status == xmlSecTransformStatusFinished || last == 0)
		return 0;
	if (card == NULL || t->operation != xmlSecTransformOperationSign)
		return -1;
	card->err = sign(card, card_bytes(xmlSecBufferGetData(&t->inBuf), n), &value);
	if (card->err == CARD_OK &&
	    xmlSecBufferSetData(&t->outBuf, value.p, (xmlSecSize)value.n) != 0)
		card->err = CARD_ERR_NO_MEMORY;
	card_buf_free(&value);
	t->status = xmlSecTransformStatusFinished;
	return xmlSecBufferRemoveHead(&t->inBuf, n);
}

#define METHOD(algorithm)                                                                          \
	{                                                                                          \
		.klassSize = sizeof(xmlSecTransformKlass), .objSize = sizeof(struct method),       \
		.name = (const xmlChar *)"card",                                                   \
		.href = (const xmlChar *)XML_CARD_METHOD                                           \
			"http://www.w3.org/2001/04/xmldsig-more#" algorithm,                       \
		.usage = xmlSecTransformUsageSignatureMethod, .initialize = method_begin,          \
		.finalize = method_end, .readNode = method_read, .setKeyReq = method_needs,        \
		.setKey = method_takes, .getDataType = xmlSecTransformDefaultGetDataType,          \
		.pushBin = xmlSecTransformDefaultPushBin, .popBin = xmlSecTransformDefaultPopBin,  \
		.execute = method_run,                                                             \
	}

static const xmlSecTransformKlass methods[] = {
	METHOD("rsa-sha256"),
	METHOD("ecdsa-sha256"),
	METHOD("ecdsa-sha384"),
};

bool xml_card_register(void)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		if (xmlSecTransformIdsRegister(&methods[i]) != 0)
			return false;
	}
	return true;
}

bool xml_card_allow(xmlSecDSigCtxPtr c)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		if (xmlSecDSigCtxEnableSignatureTransform(c, &methods[i]) != 0)
			return false;
	}
	return true;
}
