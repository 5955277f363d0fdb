/* SPDX-License-Identifier: Apache-2.0 */
/* xml_sign.c — XML signatures (W3C XML-DSig, EN 319 132-1 XAdES baseline B). */
#include <cardflow/sign.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <openssl/rand.h>

#include <card/date.h>
#include <card/der.h>

#include "xml.h"

struct job {
	const struct flow_xml_options *opt;
	const struct flow_signer *signer;
	enum card_hash hash;
	xmlDocPtr doc;
	xmlNode *root, *signature, *info, *object;
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

static const char *signature_name(const struct job *j)
{
	const struct card_key *k = card_cert_key(j->signer->cert);

	if (k->kind == CARD_KEY_RSA)
		return "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
	return j->hash == CARD_HASH_SHA384 ? "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"
					   : "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
}

/* ---- references ---- */

enum transforms { NO_TRANSFORM, ENVELOPED, CANONICAL };

static void reference(struct job *j, const char *uri, const char *type, enum transforms t,
		      const uint8_t digest[CARD_HASH_MAX])
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
	base64(j, ref, j->ds, "DigestValue", card_bytes(digest, card_hash_size(j->hash)));
}

static void reference_element(struct job *j, const char *id, const char *type, const xmlNode *apex)
{
	uint8_t digest[CARD_HASH_MAX];
	char uri[512];

	if (j->err == CARD_OK)
		j->err = xml_canonical_digest(j->doc, apex, NULL, j->opt->exclusive, j->hash,
					      digest);
	if (j->err == CARD_OK && snprintf(uri, sizeof uri, "#%s", id) >= (int)sizeof uri)
		j->err = CARD_ERR_TOO_LONG;
	if (j->err == CARD_OK)
		reference(j, uri, type, CANONICAL, digest);
}

static void reference_id(struct job *j, const char *id)
{
	unsigned count;
	const xmlNode *n = xml_by_id(j->doc, id, &count);

	if (j->err == CARD_OK && n == NULL)
		j->err = count == 0 ? CARD_ERR_NOT_FOUND : CARD_ERR_AMBIGUOUS;
	/* An element that holds the signature cannot be signed this way. */
	if (j->err == CARD_OK && xml_within(j->signature, n))
		j->err = CARD_ERR_UNSUPPORTED;
	reference_element(j, id, NULL, n);
}

static void references(struct job *j)
{
	const struct flow_xml_options *o = j->opt;
	uint8_t digest[CARD_HASH_MAX];
	char id[48];

	if (o->enveloping) {
		snprintf(id, sizeof id, "%s-object", j->id);
		reference_element(j, id, NULL, j->object);
	} else if (o->n_ids == 0 && j->root != NULL) {
		j->err = j->err != CARD_OK ? j->err
					   : xml_canonical_digest(j->doc, NULL, j->signature,
								  o->exclusive, j->hash, digest);
		reference(j, "", NULL, ENVELOPED, digest);
	}
	for (size_t i = 0; i < o->n_ids; i++)
		reference_id(j, o->ids[i]);
	for (size_t i = 0; j->err == CARD_OK && i < o->n_attachments; i++) {
		const struct flow_range all = {0, flow_file_bytes(o->attachments[i].file).n};

		j->err = flow_file_digest(o->attachments[i].file, j->hash, &all, 1, digest);
		reference(j, o->attachments[i].uri, NULL, NO_TRANSFORM, digest);
	}
}

/* ---- XAdES ---- */

/* QualifyingProperties with the signed properties of baseline B; returns the signed ones. */
static xmlNode *properties(struct job *j)
{
	xmlNode *object = child(j, j->signature, j->ds, "Object", NULL), *q, *p, *s, *cert, *digest;
	char id[48], target[48], when[21];
	uint8_t fp[CARD_HASH_MAX];
	xmlNs *x;

	if (j->err == CARD_OK)
		j->err = card_hash_digest(j->hash, card_cert_der(j->signer->cert), fp);
	q = child(j, object, NULL, "QualifyingProperties", NULL);
	if (j->err != CARD_OK)
		return NULL;
	x = xmlNewNs(q, (const xmlChar *)XML_NS_XADES, (const xmlChar *)"xades");
	if (x == NULL) {
		j->err = CARD_ERR_NO_MEMORY;
		return NULL;
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
	return p;
}

/* ---- the signature ---- */

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

static void sign_info(struct job *j, xmlNode *value)
{
	const struct card_key *k = card_cert_key(j->signer->cert);
	uint8_t digest[CARD_HASH_MAX];
	const struct card_bytes d = card_bytes(digest, card_hash_size(j->hash));
	card_buf_t sig = {0}, plain = {0};
	char *text;

	if (j->err == CARD_OK)
		j->err = xml_canonical_digest(j->doc, j->info, NULL, j->opt->exclusive, j->hash,
					      digest);
	if (j->err == CARD_OK)
		j->err = j->signer->sign(j->signer->ctx, j->hash, d, &sig);
	if (j->err == CARD_OK)
		j->err = card_cert_verify_signature(j->signer->cert, j->hash, d,
						    card_buf_bytes(&sig), 0);
	if (j->err == CARD_OK && k->kind == CARD_KEY_EC)
		j->err = plain_ecdsa(card_buf_bytes(&sig), (k->bits + 7) / 8, &plain);
	text = xml_base64_write(k->kind == CARD_KEY_EC ? card_buf_bytes(&plain)
						       : card_buf_bytes(&sig));
	if (j->err == CARD_OK && text == NULL)
		j->err = CARD_ERR_NO_MEMORY;
	if (j->err == CARD_OK)
		xmlNodeAddContent(value, (const xmlChar *)text);
	free(text);
	card_buf_free(&sig);
	card_buf_free(&plain);
}

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

static void make(struct job *j)
{
	xmlNode *value, *key, *p;
	char id[48];

	start_signature(j);
	if (j->err != CARD_OK)
		return;
	j->info = child(j, j->signature, j->ds, "SignedInfo", NULL);
	(void)method(j, j->info, "CanonicalizationMethod", c14n_name(j));
	(void)method(j, j->info, "SignatureMethod", signature_name(j));
	value = child(j, j->signature, j->ds, "SignatureValue", NULL);
	key = child(j, child(j, j->signature, j->ds, "KeyInfo", NULL), j->ds, "X509Data", NULL);
	base64(j, key, j->ds, "X509Certificate", card_cert_der(j->signer->cert));
	if (j->opt->enveloping)
		move_content(j);
	p = j->opt->plain ? NULL : properties(j);
	references(j);
	if (p != NULL) {
		snprintf(id, sizeof id, "%s-properties", j->id);
		reference_element(j, id, XML_TYPE_PROPERTIES, p);
	}
	sign_info(j, value);
}

/* A signature over the whole document breaks when anything is added. */
static bool has_whole_signature(xmlDocPtr doc)
{
	xmlNode *root = xmlDocGetRootElement(doc);

	for (xmlNode *n = root; n != NULL; n = xml_next(root, n)) {
		xmlChar *uri = xml_is(n, XML_NS_DSIG, "Reference") ? xml_attribute(n, "URI") : NULL;
		const bool whole = uri != NULL && *uri == '\0';

		xmlFree(uri);
		if (whole)
			return true;
	}
	return false;
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

	if (opt == NULL || signer == NULL || signer->cert == NULL || out == NULL ||
	    (in == NULL && (opt->n_attachments == 0 || opt->n_ids > 0 || opt->enveloping)))
		return CARD_ERR_INVALID_ARGUMENT;
	j.hash = flow_hash_for(signer->cert);
	if (j.hash == CARD_HASH_NONE || signer->tsa != NULL)
		return CARD_ERR_UNSUPPORTED;
	if (opt->n_ids + opt->n_attachments >= XML_REFERENCES_MAX)
		return CARD_ERR_TOO_LONG;
	if (in != NULL)
		j.err = xml_parse(flow_file_bytes(in), &j.doc);
	else
		j.doc = xmlNewDoc((const xmlChar *)"1.0");
	if (j.err == CARD_OK && j.doc == NULL)
		j.err = CARD_ERR_NO_MEMORY;
	if (j.err == CARD_OK && has_whole_signature(j.doc))
		j.err = CARD_ERR_BAD_STATE;
	if (j.err == CARD_OK)
		j.err = name_signature(j.id);
	if (j.err == CARD_OK) {
		j.root = xmlDocGetRootElement(j.doc);
		make(&j);
	}
	if (j.err == CARD_OK) {
		xmlDocDumpMemoryEnc(j.doc, &text, &n, "UTF-8");
		j.err = text == NULL ? CARD_ERR_NO_MEMORY
				     : card_buf_append(out, card_bytes(text, (size_t)n));
	}
	xmlFree(text);
	xmlFreeDoc(j.doc);
	return j.err;
}
