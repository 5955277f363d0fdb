/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml_verify.c — XML signatures (W3C XML-DSig §3.2, EN 319 132-1).
 *
 * Only what is needed is understood: references to the whole document, to one element by its
 * identifier, or to a file that the caller gave; the enveloped-signature transform and canonical
 * form. Everything of the document that no signature covers is reported, so that signed parts
 * cannot be moved elsewhere and stand for something else (signature wrapping).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <card/date.h>
#include <card/der.h>

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

/* r ‖ s (RFC 6931 §2.3.6) as DER. */
static enum card_error der_ecdsa(struct card_bytes plain, card_buf_t *out)
{
	const size_t half = plain.n / 2;
	uint8_t der[2 * 70 + 8];
	size_t at = 2;

	if (plain.n % 2 != 0 || half == 0 || half > 48) /* up to P-384: short lengths */
		return CARD_ERR_SIGNATURE;
	for (size_t i = 0; i < 2; i++) {
		const uint8_t *p = plain.p + i * half;
		size_t n = half;

		while (n > 1 && *p == 0) {
			p++;
			n--;
		}
		der[at++] = CARD_DER_INTEGER;
		der[at++] = (uint8_t)(n + (*p >> 7));
		if ((*p & 0x80u) != 0)
			der[at++] = 0;
		memcpy(der + at, p, n);
		at += n;
	}
	der[0] = CARD_DER_SEQUENCE;
	der[1] = (uint8_t)(at - 2);
	return at - 2 < 128 ? card_buf_append(out, card_bytes(der, at)) : CARD_ERR_SIGNATURE;
}

static enum card_error check_value(struct xml_work *w, const xmlNode *c14n, const xmlNode *method,
				   const xmlNode *value)
{
	uint8_t digest[CARD_HASH_MAX];
	struct card_sig_alg alg;
	card_buf_t sig = {0}, der = {0};
	bool exclusive;
	enum card_error err;

	if (!xml_canonical_of(c14n, &exclusive))
		return xml_add(w, FLOW_REASON_TRANSFORM), CARD_OK;
	if (!xml_scheme_of(method, &alg))
		return xml_add(w, FLOW_REASON_ALGORITHMS), CARD_OK;
	if (alg.hash == CARD_HASH_SHA1)
		w->out->reasons.card |= card_reason_bit(CARD_REASON_SIGNATURE_WEAK_HASH);
	if (w->out->cert == NULL)
		return CARD_OK;
	err = xml_canonical_digest(w->doc, w->info, NULL, exclusive, alg.hash, digest);
	if (err == CARD_OK)
		err = xml_base64_read(value, &sig);
	if (err == CARD_OK && alg.scheme == CARD_SIG_ECDSA)
		err = der_ecdsa(card_buf_bytes(&sig), &der);
	if (err == CARD_OK)
		err = card_sig_verify(card_cert_key(w->out->cert), alg,
				      card_bytes(digest, card_hash_size(alg.hash)),
				      alg.scheme == CARD_SIG_ECDSA ? card_buf_bytes(&der)
								   : card_buf_bytes(&sig));
	card_buf_free(&sig);
	card_buf_free(&der);
	if (err == CARD_ERR_UNSUPPORTED)
		w->out->reasons.card |= card_reason_bit(CARD_REASON_SIGNATURE_ALGORITHM);
	else if (err == CARD_ERR_TOO_LONG)
		xml_add(w, FLOW_REASON_LIMIT);
	else if (err == CARD_ERR_SIGNATURE || err == CARD_ERR_MALFORMED)
		w->out->reasons.card |= card_reason_bit(CARD_REASON_TAMPERED);
	else
		return err;
	return CARD_OK;
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
	err = read_key(w, xml_is(key, XML_NS_DSIG, "KeyInfo") ? key : NULL);
	if (err == CARD_OK)
		err = xml_check_references(w, xml_following(method));
	if (err == CARD_OK)
		err = check_value(w, c14n, method, value);
	if (err == CARD_OK)
		check_properties(w);
	if (!xml_covers_all(w, &w->out->covers_whole_file))
		xml_add(w, FLOW_REASON_NOT_COVERED);
	if (err == CARD_OK)
		err = document_check_cert(w->how, w->how->at, w->out);
	w->out->verdict = flow_verdict_of(&w->out->reasons);
	return err;
}

static enum card_error each_signature(xmlDocPtr doc, size_t size, const flow_file_t *content,
				      const struct flow_verify *how, struct flow_report *out)
{
	xmlNode *root = xmlDocGetRootElement(doc);
	size_t work_left = XML_WORK_MAX;
	enum card_error err = CARD_OK;

	for (xmlNode *n = root; err == CARD_OK && n != NULL; n = xml_next(root, n)) {
		struct xml_work w = {.doc = doc,
				     .content = content,
				     .how = how,
				     .signature = n,
				     .doc_size = size,
				     .work_left = &work_left};

		if (!xml_is(n, XML_NS_DSIG, "Signature"))
			continue;
		if (out->n == FLOW_SIGNATURES_MAX) {
			flow_reason_add(&out->reasons, FLOW_REASON_LIMIT);
			return CARD_OK;
		}
		w.out = document_add_signature(out);
		err = w.out == NULL ? CARD_ERR_NO_MEMORY : check_signature(&w);
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
	if (err == CARD_OK)
		err = each_signature(doc, flow_file_bytes(file).n, content, how, out);
	xmlFreeDoc(doc);
	return err;
}
