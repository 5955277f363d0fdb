/* SPDX-License-Identifier: Apache-2.0 */
/* xml_reference.c — what an XML signature refers to (W3C XML-DSig §4.4.3), and what it leaves out. */
#include <stdio.h>
#include <string.h>

#include "xml_work.h"

void xml_add(struct xml_work *w, enum flow_reason r)
{
	flow_reason_add(&w->out->reasons, r);
}

/* ---- names ---- */

xmlNode *xml_first(const xmlNode *parent)
{
	xmlNode *n = parent != NULL ? parent->children : NULL;

	while (n != NULL && n->type != XML_ELEMENT_NODE)
		n = n->next;
	return n;
}

xmlNode *xml_following(const xmlNode *n)
{
	xmlNode *m = n != NULL ? n->next : NULL;

	while (m != NULL && m->type != XML_ELEMENT_NODE)
		m = m->next;
	return m;
}

bool xml_algorithm_is(const xmlNode *n, const char *name)
{
	xmlChar *a = xml_attribute(n, "Algorithm");
	const bool same = a != NULL && strcmp((const char *)a, name) == 0;

	xmlFree(a);
	return same;
}

enum card_hash xml_hash_of(const xmlNode *n)
{
	if (xml_algorithm_is(n, XML_SHA256))
		return CARD_HASH_SHA256;
	if (xml_algorithm_is(n, XML_SHA384))
		return CARD_HASH_SHA384;
	if (xml_algorithm_is(n, XML_SHA512))
		return CARD_HASH_SHA512;
	return xml_algorithm_is(n, XML_SHA1) ? CARD_HASH_SHA1 : CARD_HASH_NONE;
}

bool xml_canonical_of(const xmlNode *n, bool *exclusive)
{
	*exclusive = xml_algorithm_is(n, XML_C14N_EXCLUSIVE);
	return xml_first(n) == NULL && (*exclusive || xml_algorithm_is(n, XML_C14N_INCLUSIVE));
}

bool xml_scheme_of(const xmlNode *n, struct card_sig_alg *out)
{
	static const struct {
		const char *name;
		enum card_sig_scheme scheme;
		enum card_hash hash;
	} known[] = {
		{"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", CARD_SIG_PKCS1,
		 CARD_HASH_SHA256},
		{"http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", CARD_SIG_PKCS1,
		 CARD_HASH_SHA384},
		{"http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", CARD_SIG_PKCS1,
		 CARD_HASH_SHA512},
		{"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", CARD_SIG_ECDSA,
		 CARD_HASH_SHA256},
		{"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", CARD_SIG_ECDSA,
		 CARD_HASH_SHA384},
		{"http://www.w3.org/2000/09/xmldsig#rsa-sha1", CARD_SIG_PKCS1, CARD_HASH_SHA1},
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (xml_algorithm_is(n, known[i].name)) {
			*out = (struct card_sig_alg){known[i].scheme, known[i].hash, 0};
			return xml_first(n) == NULL;
		}
	}
	return false;
}

/* ---- references ---- */

struct reference {
	xmlNode *node, *digest_value;
	xmlChar *uri, *type;
	bool enveloped, canonical, exclusive;
	enum card_hash hash;
};

/* At most the enveloped-signature transform and one canonical form, in this order. */
static bool read_transforms(const xmlNode *list, struct reference *r)
{
	for (const xmlNode *t = xml_first(list); t != NULL; t = xml_following(t)) {
		if (!xml_is(t, XML_NS_DSIG, "Transform") || r->canonical)
			return false;
		if (!r->enveloped && xml_algorithm_is(t, XML_ENVELOPED) && xml_first(t) == NULL)
			r->enveloped = true;
		else if (xml_canonical_of(t, &r->exclusive))
			r->canonical = true;
		else
			return false;
	}
	return true;
}

static bool read_reference(struct xml_work *w, xmlNode *node, struct reference *r)
{
	xmlNode *n = xml_first(node);

	memset(r, 0, sizeof(*r));
	r->node = node;
	r->uri = xml_attribute(node, "URI");
	r->type = xml_attribute(node, "Type");
	if (xml_is(n, XML_NS_DSIG, "Transforms")) {
		if (!read_transforms(n, r))
			return xml_add(w, FLOW_REASON_TRANSFORM), false;
		n = xml_following(n);
	}
	if (!xml_is(n, XML_NS_DSIG, "DigestMethod"))
		return xml_add(w, FLOW_REASON_MALFORMED), false;
	r->hash = xml_hash_of(n);
	r->digest_value = xml_following(n);
	if (r->hash == CARD_HASH_NONE)
		return xml_add(w, FLOW_REASON_ALGORITHMS), false;
	if (r->hash == CARD_HASH_SHA1)
		w->out->reasons.card |= card_reason_bit(CARD_REASON_SIGNATURE_WEAK_HASH);
	if (!xml_is(r->digest_value, XML_NS_DSIG, "DigestValue") ||
	    xml_following(r->digest_value) != NULL)
		return xml_add(w, FLOW_REASON_MALFORMED), false;
	if (r->uri == NULL)
		return xml_add(w, FLOW_REASON_REFERENCE), false;
	return true;
}

static void cover(struct xml_work *w, const xmlNode *n)
{
	if (w->n < XML_REFERENCES_MAX)
		w->covered[w->n++] = n;
}

/* A file by its name, of those that were given; nothing is ever opened. */
static const flow_file_t *attachment(const struct xml_work *w, const char *uri)
{
	for (size_t i = 0; i < w->how->n_attachments; i++) {
		if (strcmp(w->how->attachments[i].uri, uri) == 0)
			return w->how->attachments[i].file;
	}
	return w->content;
}

/* Looking an identifier up and the canonical form cost as much as the document is long; how often
 * is the file's choice, so it is counted. */
static bool affordable(struct xml_work *w, bool *done)
{
	if (*w->work_left >= w->doc_size) {
		*w->work_left -= w->doc_size;
		return true;
	}
	xml_add(w, FLOW_REASON_LIMIT);
	*done = false;
	return false;
}

static enum card_error digest_of(struct xml_work *w, const struct reference *r,
				 uint8_t out[CARD_HASH_MAX], bool *done)
{
	const char *uri = (const char *)r->uri;
	const xmlNode *n, *leave = r->enveloped ? w->signature : NULL;
	const flow_file_t *file;
	unsigned count;

	*done = true;
	if ((*uri == '\0' || *uri == '#') && !affordable(w, done))
		return CARD_OK;
	if (*uri == '\0') {
		w->whole = true;
		return xml_canonical_digest(w->doc, NULL, leave, r->exclusive, r->hash, out);
	}
	if (*uri == '#') {
		n = xml_by_id(w->doc, uri + 1, &count);
		if (n == NULL || strchr(uri, '(') != NULL) {
			xml_add(w, count > 1 ? FLOW_REASON_DUPLICATE_ID : FLOW_REASON_REFERENCE);
			*done = false;
			return CARD_OK;
		}
		cover(w, n);
		if (xml_is(n, XML_NS_XADES, "SignedProperties") && r->type != NULL &&
		    strcmp((const char *)r->type, XML_TYPE_PROPERTIES) == 0 &&
		    xml_within(n, w->signature))
			w->properties = n;
		return xml_canonical_digest(w->doc, n, leave, r->exclusive, r->hash, out);
	}
	file = attachment(w, uri);
	if (file == NULL || r->enveloped || r->canonical) {
		xml_add(w, file == NULL && strstr(uri, "://") == NULL ? FLOW_REASON_CONTENT_MISSING
								      : FLOW_REASON_REFERENCE);
		*done = false;
		return CARD_OK;
	}
	return flow_file_digest(file, r->hash, &(struct flow_range){0, flow_file_bytes(file).n}, 1,
				out);
}

/* "#構成情報, 添付.pdf": what the signature says it is over, for people; "" = the whole content. */
static void name_what(struct xml_work *w, const struct reference *r)
{
	const char *uri = (const char *)r->uri;
	char *what = w->out->what;
	const size_t used = strlen(what), room = sizeof w->out->what - used;

	if (*uri == '\0' ||
	    (r->type != NULL && strcmp((const char *)r->type, XML_TYPE_PROPERTIES) == 0))
		return;
	/* cut at a whole name: a part of one is none */
	if (strlen(uri) + 8 < room)
		snprintf(what + used, room, "%s%s", used > 0 ? ", " : "", uri);
	else if (used > 4 && strcmp(what + used - 3, "\xE2\x80\xA6") != 0 && room > 8)
		snprintf(what + used, room, ", \xE2\x80\xA6");
}

static enum card_error check_reference(struct xml_work *w, xmlNode *node)
{
	uint8_t digest[CARD_HASH_MAX];
	card_buf_t want = {0};
	struct reference r;
	bool done = false;
	enum card_error err = CARD_OK;

	if (read_reference(w, node, &r)) {
		name_what(w, &r);
		err = digest_of(w, &r, digest, &done);
		if (err == CARD_ERR_MALFORMED || err == CARD_ERR_TOO_LONG) {
			xml_add(w, err == CARD_ERR_TOO_LONG ? FLOW_REASON_LIMIT
							    : FLOW_REASON_MALFORMED);
			err = CARD_OK;
			done = false;
		}
		if (err == CARD_OK && done &&
		    (xml_base64_read(r.digest_value, &want) != CARD_OK ||
		     !card_bytes_equal(card_buf_bytes(&want),
				       card_bytes(digest, card_hash_size(r.hash))))) {
			xml_add(w, FLOW_REASON_DIGEST);
			w->out->reasons.card |= card_reason_bit(CARD_REASON_TAMPERED);
		}
		w->out->hash = r.hash;
	}
	card_buf_free(&want);
	xmlFree(r.uri);
	xmlFree(r.type);
	return err;
}

enum card_error xml_check_references(struct xml_work *w, xmlNode *n)
{
	enum card_error err = CARD_OK;
	unsigned count = 0;

	for (; err == CARD_OK && n != NULL; n = xml_following(n)) {
		if (!xml_is(n, XML_NS_DSIG, "Reference")) {
			xml_add(w, FLOW_REASON_MALFORMED);
			return CARD_OK;
		}
		if (++count > XML_REFERENCES_MAX) {
			xml_add(w, FLOW_REASON_LIMIT);
			return CARD_OK;
		}
		err = check_reference(w, n);
	}
	if (count == 0)
		xml_add(w, FLOW_REASON_REFERENCE);
	return err;
}
