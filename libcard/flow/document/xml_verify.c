/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml_verify.c — XML signatures (W3C XML-DSig §3.2, EN 319 132-1).
 *
 * Only what is needed is understood: references to the whole document, to one element by its
 * identifier, or to a file that the caller gave; the enveloped-signature transform and canonical
 * form. Everything of the document that no signature covers is reported, so that signed parts
 * cannot be moved elsewhere and stand for something else (signature wrapping). What passes is
 * computed by libxmlsec1 with the key of the certificate that was chosen here (xml_sec.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <card/date.h>

#include "xml_work.h"

/* ---- the key ---- */

static enum card_error take_certificate(struct xml_work *w, const xmlNode *n)
{
	card_buf_t der = {0};
	card_cert_t *cert = NULL;
	enum card_error err = xml_base64_read(n, &der);

	if (err == CARD_OK && card_cert_new(&cert, card_buf_bytes(&der)) != CARD_OK)
		cert = NULL;
	card_buf_free(&der);
	if (err == CARD_ERR_MALFORMED) {
		xml_add(w, FLOW_REASON_MALFORMED);
		err = CARD_OK;
	}
	/* The authority's certificate may lie beside the signer's. */
	if (cert == NULL || (card_cert_is_ca(cert) && w->out->cert != NULL)) {
		card_cert_free(&cert);
		return err;
	}
	if (w->out->cert != NULL && !card_cert_is_ca(w->out->cert))
		xml_add(w, FLOW_REASON_SIGNER_AMBIGUOUS);
	card_cert_free(&w->out->cert);
	w->out->cert = cert;
	return err;
}

/* Only certificates count; a key or a place to fetch one from is not looked at. */
static enum card_error read_key(struct xml_work *w, const xmlNode *info)
{
	enum card_error err = CARD_OK;

	for (const xmlNode *d = xml_first(info); err == CARD_OK && d != NULL;
	     d = xml_following(d)) {
		if (xml_is(d, XML_NS_DSIG, "RetrievalMethod"))
			xml_add(w, FLOW_REASON_REFERENCE);
		if (!xml_is(d, XML_NS_DSIG, "X509Data"))
			continue;
		for (const xmlNode *c = xml_first(d); err == CARD_OK && c != NULL;
		     c = xml_following(c)) {
			if (xml_is(c, XML_NS_DSIG, "X509Certificate"))
				err = take_certificate(w, c);
		}
	}
	if (w->out->cert == NULL)
		xml_add(w, FLOW_REASON_SIGNER_MISSING);
	return err;
}

/* ---- the signature value ---- */

/* The key is one that this method and this library go with. */
static bool key_fits(const struct card_key *k, struct card_sig_alg alg)
{
	if (k->kind == CARD_KEY_RSA)
		return alg.scheme == CARD_SIG_PKCS1 && k->bits >= CARD_RSA_BITS_MIN &&
		       k->bits <= CARD_RSA_BITS_MAX && k->exponent.n <= 4;
	return k->kind == CARD_KEY_EC && alg.scheme == CARD_SIG_ECDSA &&
	       k->curve != CARD_CURVE_OTHER;
}

/* true if a signature value can be computed; what hinders it is told, or has been. */
static bool read_value(struct xml_work *w, const xmlNode *c14n, const xmlNode *method,
		       const xmlNode *value)
{
	struct card_sig_alg alg;
	card_buf_t sig = {0};
	bool exclusive;
	enum card_error err;

	if (!xml_canonical_of(c14n, &exclusive))
		return xml_add(w, FLOW_REASON_TRANSFORM), false;
	if (!xml_scheme_of(method, &alg))
		return xml_add(w, FLOW_REASON_ALGORITHMS), false;
	if (alg.hash == CARD_HASH_SHA1)
		w->out->reasons.card |= card_reason_bit(CARD_REASON_SIGNATURE_WEAK_HASH);
	if (w->out->cert == NULL)
		return false;
	if (!key_fits(card_cert_key(w->out->cert), alg)) {
		w->out->reasons.card |= card_reason_bit(CARD_REASON_SIGNATURE_ALGORITHM);
		return false;
	}
	/* libxmlsec1 would also take Base64 in other forms. */
	err = xml_base64_read(value, &sig);
	card_buf_free(&sig);
	if (err != CARD_OK)
		w->out->reasons.card |= card_reason_bit(CARD_REASON_TAMPERED);
	return err == CARD_OK;
}

/* libxmlsec1 reads attributes by their local name alone: one of a name space could say something
 * else than the one that is read here. */
static bool attributes_are_plain(xmlNode *info)
{
	for (xmlNode *n = info; n != NULL; n = xml_next(info, n)) {
		for (const xmlAttr *a = n->properties; a != NULL; a = a->next) {
			if (a->ns != NULL)
				return false;
		}
	}
	return true;
}

/* ---- XAdES ---- */

static const xmlNode *find(const xmlNode *root, const char *ns, const char *name)
{
	for (xmlNode *n = xml_first(root); n != NULL; n = xml_next(root, n)) {
		if (xml_is(n, ns, name))
			return n;
	}
	return NULL;
}

static void check_properties(struct xml_work *w)
{
	const xmlNode *p = w->properties, *time, *cert, *method;
	uint8_t digest[CARD_HASH_MAX];
	card_buf_t want = {0};
	enum card_hash hash;
	xmlChar *text;

	if (p == NULL) {
		if ((w->how->flags & FLOW_REQUIRE_CADES) != 0) {
			xml_add(w, FLOW_REASON_SIGNING_CERT_MISSING);
			xml_add(w, FLOW_REASON_LEVEL);
		}
		return;
	}
	time = find(p, XML_NS_XADES, "SigningTime");
	text = time != NULL ? xmlNodeGetContent(time) : NULL;
	if (text != NULL && card_time_parse((const char *)text, &w->out->claimed_time) != CARD_OK)
		w->out->claimed_time = 0;
	xmlFree(text);
	cert = find(p, XML_NS_XADES, "SigningCertificateV2");
	if (cert == NULL)
		cert = find(p, XML_NS_XADES, "SigningCertificate");
	method = cert != NULL ? find(cert, XML_NS_DSIG, "DigestMethod") : NULL;
	hash = method != NULL ? xml_hash_of(method) : CARD_HASH_NONE;
	if (cert == NULL) {
		xml_add(w, FLOW_REASON_SIGNING_CERT_MISSING);
	} else if (w->out->cert != NULL &&
		   (hash == CARD_HASH_NONE || hash == CARD_HASH_SHA1 ||
		    xml_following(method) == NULL ||
		    xml_base64_read(xml_following(method), &want) != CARD_OK ||
		    card_hash_digest(hash, card_cert_der(w->out->cert), digest) != CARD_OK ||
		    !card_bytes_equal(card_buf_bytes(&want),
				      card_bytes(digest, card_hash_size(hash))))) {
		xml_add(w, FLOW_REASON_SIGNING_CERT_MISMATCH);
	} else {
		w->out->level = FLOW_LEVEL_B_B;
	}
	card_buf_free(&want);
}

/* ---- one signature, and all of them ---- */

static enum card_error check_signature(struct xml_work *w)
{
	xmlNode *value, *key, *c14n, *method;
	enum card_error err;
	xmlChar *id = xml_attribute(w->signature, "Id");

	if (id != NULL)
		snprintf(w->out->field, sizeof w->out->field, "%.120s", (const char *)id);
	xmlFree(id);
	w->info = xml_first(w->signature);
	value = xml_following(w->info);
	key = xml_following(value);
	c14n = xml_first(w->info);
	method = xml_following(c14n);
	if (!xml_is(w->info, XML_NS_DSIG, "SignedInfo") ||
	    !xml_is(value, XML_NS_DSIG, "SignatureValue") ||
	    !xml_is(c14n, XML_NS_DSIG, "CanonicalizationMethod") ||
	    !xml_is(method, XML_NS_DSIG, "SignatureMethod")) {
		xml_add(w, FLOW_REASON_MALFORMED);
		return CARD_OK;
	}
	/* Behind them only Objects (XML-DSig §4.1): no second SignedInfo for another reader. */
	for (const xmlNode *n = xml_is(key, XML_NS_DSIG, "KeyInfo") ? xml_following(key) : key;
	     n != NULL; n = xml_following(n)) {
		if (!xml_is(n, XML_NS_DSIG, "Object"))
			xml_add(w, FLOW_REASON_MALFORMED);
	}
	if (!attributes_are_plain(w->info)) {
		xml_add(w, FLOW_REASON_MALFORMED);
		return CARD_OK;
	}
	err = read_key(w, xml_is(key, XML_NS_DSIG, "KeyInfo") ? key : NULL);
	if (err != CARD_OK)
		return err;
	xml_read_references(w, xml_following(method));
	err = xml_compute(w, read_value(w, c14n, method, value));
	xml_free_references(w);
	if (err == CARD_OK)
		check_properties(w);
	if (!xml_covers_all(w, &w->out->covers_whole_file))
		xml_add(w, FLOW_REASON_NOT_COVERED);
	if (err == CARD_OK)
		err = document_check_cert(w->how, w->how->at, w->out);
	return err;
}

static enum card_error each_signature(xmlDocPtr doc, size_t size, const flow_file_t *content,
				      const struct flow_verify *how, struct flow_report *out)
{
	xmlNode *root = xmlDocGetRootElement(doc);
	size_t work_left = XML_WORK_MAX;
	enum card_error err = CARD_OK;

	for (xmlNode *n = root; err == CARD_OK && n != NULL; n = xml_next(root, n)) {
		if (!xml_is(n, XML_NS_DSIG, "Signature"))
			continue;
		if (out->n == FLOW_SIGNATURES_MAX) {
			flow_reason_add(&out->reasons, FLOW_REASON_LIMIT);
			return CARD_OK;
		}
		struct xml_work w = {.doc = doc,
				     .content = content,
				     .how = how,
				     .signature = n,
				     .out = document_add_signature(out),
				     .doc_size = size,
				     .work_left = &work_left};

		if (w.out == NULL)
			return CARD_ERR_NO_MEMORY;
		err = check_signature(&w);
		w.out->verdict = flow_verdict_of(&w.out->reasons);
	}
	return err;
}

enum card_error document_verify_xml(const flow_file_t *file, const flow_file_t *content,
				    const struct flow_verify *how, struct flow_report *out)
{
	xmlDocPtr doc = NULL;
	bool unique = true;
	enum card_error err = xml_parse(flow_file_bytes(file), &doc);

	if (err == CARD_ERR_NO_MEMORY)
		return err;
	if (err != CARD_OK) {
		flow_reason_add(&out->reasons, err == CARD_ERR_DENIED ? FLOW_REASON_DOCUMENT_TYPE
					       : err == CARD_ERR_TOO_LONG ? FLOW_REASON_LIMIT
									  : FLOW_REASON_MALFORMED);
		return CARD_OK;
	}
	err = xml_ids_unique(doc, &unique);
	if (!unique)
		flow_reason_add(&out->reasons, FLOW_REASON_DUPLICATE_ID);
	xml_ids_register(doc);
	if (err == CARD_OK)
		err = each_signature(doc, flow_file_bytes(file).n, content, how, out);
	xmlFreeDoc(doc);
	return err;
}
