/* SPDX-License-Identifier: Apache-2.0 */
/* xml_sign.c — XML signatures (W3C XML-DSig, EN 319 132-1 XAdES baseline B). */
#include <cardflow/sign.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <openssl/rand.h>

#include <card/date.h>

#include "xml.h"
#include "xml_card.h"
#include "xml_check.h"
#include "xml_sec.h"

struct job {
	const struct flow_xml_options *opt;
	const struct flow_signer *signer;
	enum card_hash hash;
	xmlDocPtr doc;
	xmlNode *root, *signature, *info, *object;
	struct xml_sec_file
		*files; /* the attachments, by the names they have in their References */
	xmlNs *ds;
	char id[32]; /* of the signature; its parts have it with an ending */
	enum card_error err;
};

static xmlNode *child(struct job *j, xmlNode *parent, xmlNs *ns, const char *name, const char *text)
{
	xmlNode *n = j->err == CARD_OK ? xmlNewTextChild(parent, ns, (const xmlChar *)name,
							 (const xmlChar *)text)
				       : NULL;

	if (n == NULL && j->err == CARD_OK)
		j->err = CARD_ERR_NO_MEMORY;
	return n;
}

static void set(struct job *j, xmlNode *n, const char *name, const char *value)
{
	if (j->err == CARD_OK &&
	    xmlNewProp(n, (const xmlChar *)name, (const xmlChar *)value) == NULL)
		j->err = CARD_ERR_NO_MEMORY;
}

static xmlNode *method(struct job *j, xmlNode *parent, const char *name, const char *algorithm)
{
	xmlNode *n = child(j, parent, j->ds, name, NULL);

	set(j, n, "Algorithm", algorithm);
	return n;
}

static void base64(struct job *j, xmlNode *parent, xmlNs *ns, const char *name,
		   struct card_bytes value)
{
	char *text = xml_base64_write(value);

	if (text == NULL)
		j->err = j->err != CARD_OK ? j->err : CARD_ERR_NO_MEMORY;
	else
		(void)child(j, parent, ns, name, text);
	free(text);
}

static const char *c14n_name(const struct job *j)
{
	return j->opt->exclusive ? XML_C14N_EXCLUSIVE : XML_C14N_INCLUSIVE;
}

static const char *hash_name(enum card_hash hash)
{
	return hash == CARD_HASH_SHA384 ? XML_SHA384 : XML_SHA256;
}

#define CARD_METHOD(name) XML_CARD_METHOD "http://www.w3.org/2001/04/xmldsig-more#" name

static const char *signature_name(const struct job *j)
{
	const struct card_key *k = card_cert_key(j->signer->cert);

	if (k->kind == CARD_KEY_RSA)
		return CARD_METHOD("rsa-sha256");
	return j->hash == CARD_HASH_SHA384 ? CARD_METHOD("ecdsa-sha384")
					   : CARD_METHOD("ecdsa-sha256");
}

/* ---- references ---- */

enum transforms { NO_TRANSFORM, ENVELOPED, CANONICAL };

/* Its digest is filled in by libxmlsec1. */
static void reference(struct job *j, const char *uri, const char *type, enum transforms t)
{
	xmlNode *ref = child(j, j->info, j->ds, "Reference", NULL), *list;

	if (type != NULL)
		set(j, ref, "Type", type);
	set(j, ref, "URI", uri);
	if (t != NO_TRANSFORM) {
		list = child(j, ref, j->ds, "Transforms", NULL);
		if (t == ENVELOPED)
			(void)method(j, list, "Transform", XML_ENVELOPED);
		(void)method(j, list, "Transform", c14n_name(j));
	}
	(void)method(j, ref, "DigestMethod", hash_name(j->hash));
	(void)child(j, ref, j->ds, "DigestValue", NULL);
}

static void reference_element(struct job *j, const char *id, const char *type)
{
	char uri[512];

	if (j->err == CARD_OK && snprintf(uri, sizeof uri, "#%s", id) >= (int)sizeof uri)
		j->err = CARD_ERR_TOO_LONG;
	if (j->err == CARD_OK)
		reference(j, uri, type, CANONICAL);
}

/* The name of a file as a URI: the two characters that mean something else there are escaped. */
static char *uri_of(const char *name)
{
	char *uri = malloc(3 * strlen(name) + 1), *to = uri;

	for (; uri != NULL && *name != '\0'; name++) {
		if (*name == '%' || *name == '#')
			to += sprintf(to, "%%%02X", (unsigned)(unsigned char)*name);
		else
			*to++ = *name;
	}
	if (uri != NULL)
		*to = '\0';
	return uri;
}

static void reference_file(struct job *j, size_t i)
{
	const struct flow_attachment *a = &j->opt->attachments[i];
	char *uri = uri_of(a->uri);

	if (uri == NULL)
		j->err = CARD_ERR_NO_MEMORY;
	j->files[i] = (struct xml_sec_file){uri, a->file};
	if (j->err == CARD_OK)
		reference(j, uri, NULL, NO_TRANSFORM);
}

static void references(struct job *j)
{
	const struct flow_xml_options *o = j->opt;
	char id[48];

	if (o->enveloping) {
		snprintf(id, sizeof id, "%s-object", j->id);
		reference_element(j, id, NULL);
	} else if (o->n_ids == 0 && j->root != NULL) {
		reference(j, "", NULL, ENVELOPED);
	}
	for (size_t i = 0; i < o->n_ids; i++)
		reference_element(j, o->ids[i], NULL);
	for (size_t i = 0; j->err == CARD_OK && i < o->n_attachments; i++)
		reference_file(j, i);
}

/* ---- XAdES ---- */

/* QualifyingProperties with the signed properties of baseline B. */
static void properties(struct job *j)
{
	xmlNode *object = child(j, j->signature, j->ds, "Object", NULL), *q, *p, *s, *cert, *digest;
	char id[48], target[48], when[21];
	uint8_t fp[CARD_HASH_MAX];
	xmlNs *x;

	if (j->err == CARD_OK)
		j->err = card_hash_digest(j->hash, card_cert_der(j->signer->cert), fp);
	q = child(j, object, NULL, "QualifyingProperties", NULL);
	if (j->err != CARD_OK)
		return;
	x = xmlNewNs(q, (const xmlChar *)XML_NS_XADES, (const xmlChar *)"xades");
	if (x == NULL) {
		j->err = CARD_ERR_NO_MEMORY;
		return;
	}
	xmlSetNs(q, x);
	snprintf(target, sizeof target, "#%s", j->id);
	set(j, q, "Target", target);
	p = child(j, q, x, "SignedProperties", NULL);
	snprintf(id, sizeof id, "%s-properties", j->id);
	set(j, p, "Id", id);
	s = child(j, p, x, "SignedSignatureProperties", NULL);
	card_time_format_utc(j->signer->time, when);
	(void)child(j, s, x, "SigningTime", when);
	cert = child(j, child(j, s, x, "SigningCertificateV2", NULL), x, "Cert", NULL);
	digest = child(j, cert, x, "CertDigest", NULL);
	(void)method(j, digest, "DigestMethod", hash_name(j->hash));
	base64(j, digest, j->ds, "DigestValue", card_bytes(fp, card_hash_size(j->hash)));
}

/* ---- the signature ---- */

static void start_signature(struct job *j)
{
	j->signature = xmlNewNode(NULL, (const xmlChar *)"Signature");
	j->ds = j->signature != NULL ? xmlNewNs(j->signature, (const xmlChar *)XML_NS_DSIG,
						(const xmlChar *)"ds")
				     : NULL;
	if (j->ds == NULL) {
		xmlFreeNode(j->signature);
		j->err = CARD_ERR_NO_MEMORY;
		return;
	}
	xmlSetNs(j->signature, j->ds);
	set(j, j->signature, "Id", j->id);
	if (j->opt->enveloping || j->root == NULL)
		xmlDocSetRootElement(j->doc, j->signature); /* returns the old root, kept in j */
	else
		xmlAddChild(j->root, j->signature);
}

static void move_content(struct job *j)
{
	char id[48];

	j->object = child(j, j->signature, j->ds, "Object", NULL);
	snprintf(id, sizeof id, "%s-object", j->id);
	set(j, j->object, "Id", id);
	if (j->err == CARD_OK)
		xmlAddChild(j->object, j->root);
	else
		xmlFreeNode(j->root);
}

/* The template, and then the signature. */
static void make(struct job *j)
{
	struct xml_sec_job work = {.files = j->files, .n_files = j->opt->n_attachments};
	xmlNode *key;
	char id[48];

	start_signature(j);
	if (j->err != CARD_OK)
		return;
	j->info = child(j, j->signature, j->ds, "SignedInfo", NULL);
	(void)method(j, j->info, "CanonicalizationMethod", c14n_name(j));
	(void)method(j, j->info, "SignatureMethod", signature_name(j));
	(void)child(j, j->signature, j->ds, "SignatureValue", NULL);
	key = child(j, child(j, j->signature, j->ds, "KeyInfo", NULL), j->ds, "X509Data", NULL);
	base64(j, key, j->ds, "X509Certificate", card_cert_der(j->signer->cert));
	if (j->opt->enveloping)
		move_content(j);
	if (!j->opt->plain)
		properties(j);
	references(j);
	if (!j->opt->plain) {
		snprintf(id, sizeof id, "%s-properties", j->id);
		reference_element(j, id, XML_TYPE_PROPERTIES);
	}
	if (j->err != CARD_OK)
		return;
	xml_ids_register(j->doc);
	work.signature = j->signature;
	j->err = xml_sec_sign(&work, j->signer, j->hash);
}

static enum card_error name_signature(char id[32])
{
	uint8_t r[8];

	if (RAND_bytes(r, (int)sizeof r) != 1)
		return CARD_ERR_CRYPTO;
	snprintf(id, 32, "sig-%02x%02x%02x%02x%02x%02x%02x%02x", r[0], r[1], r[2], r[3], r[4], r[5],
		 r[6], r[7]);
	return CARD_OK;
}

enum card_error flow_xml_sign(const flow_file_t *in, const struct flow_xml_options *opt,
			      const struct flow_signer *signer, card_buf_t *out)
{
	struct job j = {.opt = opt, .signer = signer};
	xmlChar *text = NULL;
	int n = 0;

	if (!xml_sign_complete(in, opt) || signer == NULL || signer->cert == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	j.hash = flow_hash_for(signer->cert);
	if (j.hash == CARD_HASH_NONE || signer->tsa != NULL)
		return CARD_ERR_UNSUPPORTED;
	j.err = xml_sign_open(in, opt, &j.doc);
	if (j.err == CARD_OK)
		j.err = name_signature(j.id);
	if (j.err == CARD_OK && opt->n_attachments > 0) {
		j.files = calloc(opt->n_attachments, sizeof(*j.files));
		j.err = j.files != NULL ? CARD_OK : CARD_ERR_NO_MEMORY;
	}
	if (j.err == CARD_OK) {
		j.root = xmlDocGetRootElement(j.doc);
		make(&j);
	}
	if (j.err == CARD_OK) {
		xmlDocDumpMemoryEnc(j.doc, &text, &n, "UTF-8");
		j.err = text == NULL ? CARD_ERR_NO_MEMORY
				     : card_buf_append(out, card_bytes(text, (size_t)n));
	}
	for (size_t i = 0; j.files != NULL && i < opt->n_attachments; i++)
		free(j.files[i].uri);
	free(j.files);
	xmlFree(text);
	xmlFreeDoc(j.doc);
	return j.err;
}
