/* SPDX-License-Identifier: Apache-2.0 */
#include "xml_sec.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/uri.h>
#include <openssl/x509.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/io.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

#include "digest.h"
#include "xml.h"
#include "xml_card.h"

/* ---- files ---- */

/*
 * What the References of the signature at hand name. libxmlsec1 asks for a file by a callback
 * that carries nothing but the name, so this is kept for the thread as long as it is at work.
 */
struct desk {
	const struct xml_sec_file *next, *end;
	bool no_memory;
	struct desk *outer; /* a signer may itself verify something */
};
static _Thread_local struct desk *desk;

struct reading {
	const flow_file_t *file;
	size_t at;
};

static int is_ours(const char *uri)
{
	(void)uri;
	return 1;
}

/* libxmlsec1 asks with the name unescaped. */
static bool named(const char *want, const char *uri)
{
	char *plain = xmlURIUnescapeString(want, 0, NULL);
	const bool same = plain != NULL && strcmp(plain, uri) == 0;

	xmlFree(plain);
	return same;
}

static void *open_file(const char *uri)
{
	struct reading *r;

	if (desk == NULL || desk->next == desk->end || !named(desk->next->uri, uri))
		return NULL;
	r = malloc(sizeof(*r));
	if (r == NULL) {
		desk->no_memory = true;
		return NULL;
	}
	*r = (struct reading){(desk->next++)->file, 0};
	return r;
}

static int read_file(void *ctx, char *to, int room)
{
	struct reading *r = ctx;
	const size_t n = room > 0 ? document_read(r->file, r->at, to, (size_t)room) : 0;

	r->at += n;
	return (int)n;
}

static int close_file(void *ctx)
{
	free(ctx);
	return 0;
}

/* ---- the library ---- */

static void on_error(const char *file, int line, const char *function, const char *object,
		     const char *subject, int reason, const char *message)
{
	(void)file, (void)line, (void)function, (void)object, (void)subject, (void)message;
	if (reason == XMLSEC_ERRORS_R_MALLOC_FAILED && desk != NULL)
		desk->no_memory = true;
}

static bool ready;

/* Once in a process, and left as it is: libxmlsec1 may be in use by others when we are done. */
static void start(void)
{
	xmlInitParser();
	ready = xmlSecInit() == 0 && xmlSecOpenSSLInit() == 0 && xml_card_register();
	xmlSecErrorsSetCallback(on_error);
	/* Nothing is opened by name, neither from a disk nor from the network. */
	xmlSecIOCleanupCallbacks();
	ready = ready && xmlSecIORegisterCallbacks(is_ours, open_file, read_file, close_file) == 0;
}

static bool started(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	return pthread_once(&once, start) == 0 && ready;
}

static bool allow(xmlSecDSigCtxPtr c, bool sign)
{
	const xmlSecTransformId references[] = {
		xmlSecTransformEnvelopedId, xmlSecTransformInclC14NId,
		xmlSecTransformExclC14NId,  xmlSecTransformSha256Id,
		xmlSecTransformSha384Id,    xmlSecTransformSha512Id,
		xmlSecTransformSha1Id,      NULL,
	};
	const xmlSecTransformId methods[] = {
		xmlSecTransformRsaSha256Id,
		xmlSecTransformRsaSha384Id,
		xmlSecTransformRsaSha512Id,
		xmlSecTransformRsaSha1Id,
		xmlSecTransformEcdsaSha256Id,
		xmlSecTransformEcdsaSha384Id,
		NULL,
	};
	bool ok = xmlSecDSigCtxEnableSignatureTransform(c, xmlSecTransformInclC14NId) == 0 &&
		  xmlSecDSigCtxEnableSignatureTransform(c, xmlSecTransformExclC14NId) == 0;

	for (size_t i = 0; ok && references[i] != NULL; i++)
		ok = xmlSecDSigCtxEnableReferenceTransform(c, references[i]) == 0;
	for (size_t i = 0; ok && !sign && methods[i] != NULL; i++)
		ok = xmlSecDSigCtxEnableSignatureTransform(c, methods[i]) == 0;
	return ok && (!sign || xml_card_allow(c));
}

/* Ready for one signature. On success the caller has to call put_away. */
static enum card_error prepare(const struct xml_sec_job *job, bool sign, struct desk *d,
			       xmlSecDSigCtxPtr c)
{
	if (!started())
		return CARD_ERR_CRYPTO;
	if (xmlSecDSigCtxInitialize(c, NULL) != 0)
		return CARD_ERR_NO_MEMORY;
	/* The second flag: an identifier is looked up as it is, not by an XPointer made of it. */
	c->flags = XMLSEC_DSIG_FLAGS_IGNORE_MANIFESTS | XMLSEC_DSIG_FLAGS_USE_VISA3D_HACK;
	/* What libxmlsec1 calls remote is every name that is neither file:// nor an identifier. */
	c->enabledReferenceUris = xmlSecTransformUriTypeEmpty | xmlSecTransformUriTypeSameDocument;
	if (job->n_files > 0)
		c->enabledReferenceUris |= xmlSecTransformUriTypeRemote;
	if (!allow(c, sign)) {
		xmlSecDSigCtxFinalize(c);
		return CARD_ERR_NO_MEMORY;
	}
	*d = (struct desk){.outer = desk};
	if (job->n_files > 0) {
		d->next = job->files;
		d->end = job->files + job->n_files;
	}
	desk = d;
	return CARD_OK;
}

static void put_away(xmlSecDSigCtxPtr c)
{
	desk = desk->outer;
	xmlSecDSigCtxFinalize(c); /* the key with it */
}

/* ---- signing ---- */

enum card_error xml_sec_sign(const struct xml_sec_job *job, const struct flow_signer *signer,
			     enum card_hash hash)
{
	struct xml_card card = {.signer = signer, .hash = hash, .err = CARD_OK};
	struct xml_quiet quiet;
	xmlSecDSigCtx c;
	struct desk d;
	enum card_error err = prepare(job, true, &d, &c);

	if (err != CARD_OK)
		return err;
	quiet = xml_quiet();
	c.signKey = xml_card_key(&card);
	if (c.signKey == NULL || !xml_card_leave_key_info(&c))
		err = CARD_ERR_NO_MEMORY;
	else if (xmlSecDSigCtxSign(&c, job->signature) != 0 ||
		 c.status != xmlSecDSigStatusSucceeded)
		err = d.no_memory ? CARD_ERR_NO_MEMORY : CARD_ERR_MALFORMED;
	if (card.err != CARD_OK)
		err = card.err;
	put_away(&c);
	xml_quiet_end(quiet);
	return err;
}

/* ---- verifying ---- */

/* The public key of a certificate, and nothing else of it. */
static xmlSecKeyPtr key_of(const card_cert_t *cert)
{
	const struct card_bytes spki = card_cert_spki(cert);
	const uint8_t *p = spki.p;
	EVP_PKEY *pkey = d2i_PUBKEY(NULL, &p, (long)spki.n);
	xmlSecKeyDataPtr data = pkey != NULL ? xmlSecOpenSSLEvpKeyAdopt(pkey) : NULL;
	xmlSecKeyPtr key = data != NULL ? xmlSecKeyCreate() : NULL;

	if (key != NULL && xmlSecKeySetValue(key, data) == 0)
		return key;
	if (key != NULL)
		xmlSecKeyDestroy(key);
	if (data != NULL)
		xmlSecKeyDataDestroy(data);
	else
		EVP_PKEY_free(pkey);
	return NULL;
}

enum card_error xml_sec_verify(const struct xml_sec_job *job, const card_cert_t *cert, bool *good,
			       size_t *n)
{
	struct xml_quiet quiet;
	xmlSecDSigCtx c;
	struct desk d;
	enum card_error err = prepare(job, false, &d, &c);

	*good = false;
	*n = 0;
	if (err != CARD_OK)
		return err;
	quiet = xml_quiet();
	c.signKey = key_of(cert);
	if (c.signKey == NULL) {
		err = CARD_ERR_UNSUPPORTED;
	} else {
		*good = xmlSecDSigCtxVerify(&c, job->signature) == 0 &&
			c.status == xmlSecDSigStatusSucceeded && d.next == d.end;
		*n = xmlSecPtrListGetSize(&c.signedInfoReferences);
		err = d.no_memory ? CARD_ERR_NO_MEMORY : CARD_OK;
	}
	put_away(&c);
	xml_quiet_end(quiet);
	return err;
}

enum card_error xml_sec_verify_reference(const struct xml_sec_job *job, xmlNode *reference,
					 bool *good)
{
	xmlSecDSigReferenceCtxPtr r;
	struct xml_quiet quiet;
	xmlSecDSigCtx c;
	struct desk d;
	enum card_error err = prepare(job, false, &d, &c);

	*good = false;
	if (err != CARD_OK)
		return err;
	quiet = xml_quiet();
	c.operation = xmlSecTransformOperationVerify;
	r = xmlSecDSigReferenceCtxCreate(&c, xmlSecDSigReferenceOriginSignedInfo);
	if (r != NULL)
		*good = xmlSecDSigReferenceCtxProcessNode(r, reference) == 0 &&
			r->status == xmlSecDSigStatusSucceeded;
	err = r == NULL || d.no_memory ? CARD_ERR_NO_MEMORY : CARD_OK;
	if (r != NULL)
		xmlSecDSigReferenceCtxDestroy(r);
	put_away(&c);
	xml_quiet_end(quiet);
	return err;
}

/* SignedInfo through its CanonicalizationMethod into its SignatureMethod. */
static bool info_verifies(xmlSecDSigCtxPtr c, xmlNode *signature)
{
	xmlSecTransformCtxPtr t = &c->transformCtx;
	xmlNode *info = xmlSecGetNextElementNode(signature->children);
	xmlNode *value = xmlSecGetNextElementNode(info->next);
	xmlNode *c14n = xmlSecGetNextElementNode(info->children);
	xmlSecTransformPtr method;
	xmlSecNodeSetPtr nodes;
	bool done;

	if (xmlSecTransformCtxNodeRead(t, c14n, xmlSecTransformUsageC14NMethod) == NULL)
		return false;
	method = xmlSecTransformCtxNodeRead(t, xmlSecGetNextElementNode(c14n->next),
					    xmlSecTransformUsageSignatureMethod);
	if (method == NULL)
		return false;
	method->operation = xmlSecTransformOperationVerify;
	if (xmlSecTransformSetKeyReq(method, &c->keyInfoReadCtx.keyReq) != 0 ||
	    xmlSecKeyMatch(c->signKey, NULL, &c->keyInfoReadCtx.keyReq) != 1 ||
	    xmlSecTransformSetKey(method, c->signKey) != 0)
		return false;
	nodes = xmlSecNodeSetGetChildren(info->doc, info, 1, 0);
	if (nodes == NULL)
		return false;
	done = xmlSecTransformCtxXmlExecute(t, nodes) == 0;
	xmlSecNodeSetDestroy(nodes);
	return done && xmlSecTransformVerifyNodeContent(method, value, t) == 0 &&
	       method->status == xmlSecTransformStatusOk;
}

enum card_error xml_sec_verify_info(const struct xml_sec_job *job, const card_cert_t *cert,
				    bool *good)
{
	struct xml_quiet quiet;
	xmlSecDSigCtx c;
	struct desk d;
	enum card_error err = prepare(job, false, &d, &c);

	*good = false;
	if (err != CARD_OK)
		return err;
	quiet = xml_quiet();
	c.signKey = key_of(cert);
	if (c.signKey == NULL) {
		err = CARD_ERR_UNSUPPORTED;
	} else {
		*good = info_verifies(&c, job->signature);
		err = d.no_memory ? CARD_ERR_NO_MEMORY : CARD_OK;
	}
	put_away(&c);
	xml_quiet_end(quiet);
	return err;
}
