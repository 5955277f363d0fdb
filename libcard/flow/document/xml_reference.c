/* SPDX-License-Identifier: Apache-2.0 */
/* xml_reference.c — what an XML signature refers to (W3C XML-DSig §4.4.3), and what it leaves out. */
#include <stdio.h>
#include <string.h>

#include <libxml/uri.h>
#include <libxml/valid.h>

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

/* A file by its name, of those that were given; nothing is ever opened. Names in a URI may be
 * escaped (RFC 3986 §2.1). */
static const flow_file_t *attachment(const struct xml_work *w, const char *uri)
{
	char *plain = xmlURIUnescapeString(uri, 0, NULL);
	const flow_file_t *found = w->content;

	for (size_t i = w->how->n_attachments; i-- > 0;) {
		const struct flow_attachment *a = &w->how->attachments[i];

		if (strcmp(a->uri, uri) == 0 || (plain != NULL && strcmp(a->uri, plain) == 0))
			found = a->file;
	}
	xmlFree(plain);
	return found;
}

/* Looking an identifier up and the canonical form cost as much as the document is long; how often
 * is the file's choice, so it is counted. */
static bool affordable(struct xml_work *w)
{
	if (*w->work_left >= w->doc_size) {
		*w->work_left -= w->doc_size;
		return true;
	}
	xml_add(w, FLOW_REASON_LIMIT);
	return false;
}

/* An element of this document. */
static bool admit_element(struct xml_work *w, const struct reference *r, const char *id)
{
	const xmlNode *n;
	const xmlAttr *known;
	unsigned count;

	if (*id == '\0' || strchr(id, '(') != NULL) /* an XPointer of another kind */
		return xml_add(w, FLOW_REASON_REFERENCE), false;
	n = xml_by_id(w->doc, id, &count);
	known = xmlGetID(w->doc, (const xmlChar *)id);
	if (n == NULL || known == NULL || known->parent != n) {
		xml_add(w, count > 1 ? FLOW_REASON_DUPLICATE_ID : FLOW_REASON_REFERENCE);
		return false;
	}
	cover(w, n);
	if (xml_is(n, XML_NS_XADES, "SignedProperties") && r->type != NULL &&
	    strcmp((const char *)r->type, XML_TYPE_PROPERTIES) == 0 && xml_within(n, w->signature))
		w->properties = n;
	return true;
}

/* A name with # is a part of a file, and file:// a place on a disk: neither is accepted, nor is a
 * file that is to be changed before it is digested. */
static bool admit_file(struct xml_work *w, const struct reference *r, char *uri)
{
	const flow_file_t *file = attachment(w, uri);

	if (strchr(uri, '#') != NULL || strncmp(uri, "file://", 7) == 0 ||
	    (file == NULL && strstr(uri, "://") != NULL) ||
	    (file != NULL && (r->enveloped || r->canonical)))
		return xml_add(w, FLOW_REASON_REFERENCE), false;
	if (file == NULL)
		return xml_add(w, FLOW_REASON_CONTENT_MISSING), false;
	w->files[w->n_files] = (struct xml_sec_file){uri, file};
	return true;
}

/* true if what it refers to can be digested; else the reason is told. */
static bool admit(struct xml_work *w, const struct reference *r)
{
	char *uri = (char *)r->uri;

	if (*uri != '\0' && *uri != '#')
		return admit_file(w, r, uri);
	if (!affordable(w))
		return false;
	if (*uri == '#')
		return admit_element(w, r, uri + 1);
	w->whole = true;
	return true;
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

/* The digest is one that could be right: libxmlsec1 would also take Base64 in other forms. */
static bool well_written(const struct reference *r)
{
	card_buf_t value = {0};
	const bool ok = xml_base64_read(r->digest_value, &value) == CARD_OK &&
			value.n == card_hash_size(r->hash);

	card_buf_free(&value);
	return ok;
}

static void tampered(struct xml_work *w)
{
	w->out->reasons.card |= card_reason_bit(CARD_REASON_TAMPERED);
}

static void check_reference(struct xml_work *w, xmlNode *node)
{
	struct reference r;

	if (read_reference(w, node, &r)) {
		name_what(w, &r);
		w->out->hash = r.hash;
		if (admit(w, &r)) {
			const bool file = *r.uri != '\0' && *r.uri != '#';

			if (!well_written(&r)) {
				xml_add(w, FLOW_REASON_DIGEST);
				tampered(w);
			} else {
				w->wanted[w->n_wanted++] = (struct xml_wanted){
					node, r.uri, file ? w->n_files++ : XML_NO_FILE};
				r.uri = NULL;
			}
		}
	}
	xmlFree(r.uri);
	xmlFree(r.type);
}

void xml_read_references(struct xml_work *w, xmlNode *n)
{
	for (; n != NULL; n = xml_following(n)) {
		if (!xml_is(n, XML_NS_DSIG, "Reference")) {
			xml_add(w, FLOW_REASON_MALFORMED);
			return;
		}
		if (++w->references > XML_REFERENCES_MAX) {
			xml_add(w, FLOW_REASON_LIMIT);
			return;
		}
		check_reference(w, n);
	}
	if (w->references == 0)
		xml_add(w, FLOW_REASON_REFERENCE);
}

void xml_free_references(struct xml_work *w)
{
	while (w->n_wanted > 0)
		xmlFree(w->wanted[--w->n_wanted].uri);
}

/* ---- computing ---- */

static enum card_error compute_one(struct xml_work *w, const struct xml_wanted *r)
{
	const struct xml_sec_job job = {w->signature,
					r->file != XML_NO_FILE ? &w->files[r->file] : NULL,
					r->file != XML_NO_FILE};
	bool good;
	const enum card_error err = xml_sec_verify_reference(&job, r->node, &good);

	if (err == CARD_OK && !good) {
		xml_add(w, FLOW_REASON_DIGEST);
		tampered(w);
	}
	return err;
}

enum card_error xml_compute(struct xml_work *w, bool usable)
{
	const struct xml_sec_job job = {w->signature, w->files, w->n_files};
	const bool complete = usable && w->n_wanted > 0 && w->n_wanted == w->references;
	enum card_error err = CARD_OK;
	bool good = false;
	size_t n = 0;

	if (complete)
		err = xml_sec_verify(&job, w->out->cert, &good, &n);
	if (err != CARD_OK || (good && n == w->n_wanted))
		return err;
	if (complete)
		tampered(w);
	/* The library stops at the first thing that is wrong or not there; a report names all. */
	for (size_t i = 0; err == CARD_OK && i < w->n_wanted; i++)
		err = compute_one(w, &w->wanted[i]);
	if (err == CARD_OK && usable)
		err = xml_sec_verify_info(&job, w->out->cert, &good);
	if (err == CARD_OK && usable && !good)
		tampered(w);
	return err;
}
