/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml.h — what signing and verifying XML share: parsing, canonical form, identifiers.
 *
 * libxml2 reads; it is never let near the network, a DTD or an entity. Canonical forms, digests
 * and signature values are libxmlsec1's work (xml_sec.h).
 */
#ifndef DOCUMENT_XML_H
#define DOCUMENT_XML_H

#include <libxml/tree.h>
#include <libxml/xmlerror.h>

#include <card/bytes.h>
#include <card/sig.h>
#include <cardflow/document.h>

#define XML_NS_DSIG  "http://www.w3.org/2000/09/xmldsig#"
#define XML_NS_XADES "http://uri.etsi.org/01903/v1.3.2#"

#define XML_C14N_INCLUSIVE  "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define XML_C14N_EXCLUSIVE  "http://www.w3.org/2001/10/xml-exc-c14n#"
#define XML_ENVELOPED       "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
#define XML_SHA256          "http://www.w3.org/2001/04/xmlenc#sha256"
#define XML_SHA384          "http://www.w3.org/2001/04/xmldsig-more#sha384"
#define XML_SHA512          "http://www.w3.org/2001/04/xmlenc#sha512"
#define XML_SHA1            "http://www.w3.org/2000/09/xmldsig#sha1"
#define XML_TYPE_PROPERTIES "http://uri.etsi.org/01903#SignedProperties"

/* Largest document taken, and the most references of one signature. */
#define XML_SIZE_MAX       ((size_t)64 * 1024 * 1024)
#define XML_REFERENCES_MAX 256u

/* Errors of libxml2 in this thread go nowhere (standard error otherwise) until xml_quiet_end. */
struct xml_quiet {
	xmlStructuredErrorFunc was;
	void *was_ctx;
};
struct xml_quiet xml_quiet(void);
void xml_quiet_end(struct xml_quiet q);

/* CARD_ERR_MALFORMED; CARD_ERR_TOO_LONG; CARD_ERR_DENIED: it has a DTD. */
enum card_error xml_parse(struct card_bytes in, xmlDocPtr *out);

/* The element with this identifier (an attribute Id, ID, id or xml:id); *count: how many. */
xmlNode *xml_by_id(xmlDocPtr doc, const char *id, unsigned *count);

/* Tell libxml2 which attributes are identifiers, for those who look one up there. Of two that are
 * the same it knows the first. */
void xml_ids_register(xmlDocPtr doc);

/* true if one identifier is used by two elements. CARD_ERR_NO_MEMORY. */
enum card_error xml_ids_unique(xmlDocPtr doc, bool *unique);

/* n is apex or lies below it. */
bool xml_within(const xmlNode *n, const xmlNode *apex);

bool xml_is(const xmlNode *n, const char *ns, const char *name);

/* Next element in document order below root; NULL after the last. */
xmlNode *xml_next(const xmlNode *root, xmlNode *n);

/* Base64 text of an element, blanks apart in its one usual form. CARD_ERR_MALFORMED. */
enum card_error xml_base64_read(const xmlNode *n, card_buf_t *out);
/* Base64 in lines of 64 characters, NUL-terminated; free(). NULL without memory. */
char *xml_base64_write(struct card_bytes in);

/* An attribute without namespace, as a copy to be freed with xmlFree; NULL: not there. */
xmlChar *xml_attribute(const xmlNode *n, const char *name);

#endif
