/* SPDX-License-Identifier: Apache-2.0 */
/* xml_work.h — one XML signature while it is verified. */
#ifndef DOCUMENT_XML_WORK_H
#define DOCUMENT_XML_WORK_H

#include "cms.h"
#include "xml.h"
#include "xml_sec.h"

/* A Reference that may be computed: nothing of it is refused, and what it names is there. */
struct xml_wanted {
	xmlNode *node;
	xmlChar *uri;
	size_t file; /* of xml_work.files; XML_NO_FILE: it names no file */
};
#define XML_NO_FILE SIZE_MAX

struct xml_work {
	xmlDocPtr doc;
	const flow_file_t *content;
	const struct flow_verify *how;
	struct flow_signature *out;
	xmlNode *signature, *info;
	const xmlNode *covered[XML_REFERENCES_MAX];
	size_t n;
	struct xml_wanted wanted[XML_REFERENCES_MAX];
	size_t n_wanted;
	struct xml_sec_file files[XML_REFERENCES_MAX]; /* of wanted, in their order */
	size_t n_files;
	unsigned references;       /* all, also those that are not wanted */
	bool whole;                /* a reference to the whole document */
	const xmlNode *properties; /* SignedProperties that are covered */
	size_t doc_size;           /* octets of the document */
	size_t *work_left;         /* octets that may still be gone through for it */
};

/* So much is gone through for one document, whatever it refers to how often. */
#define XML_WORK_MAX ((size_t)1 << 30)

void xml_add(struct xml_work *w, enum flow_reason r);

/* Elements among children. */
xmlNode *xml_first(const xmlNode *parent);
xmlNode *xml_following(const xmlNode *n);

/* What the attribute Algorithm names. */
enum card_hash xml_hash_of(const xmlNode *n);
bool xml_scheme_of(const xmlNode *n, struct card_sig_alg *out);
bool xml_algorithm_is(const xmlNode *n, const char *name);
/* Canonical form without comments, and without parameters of its own. */
bool xml_canonical_of(const xmlNode *n, bool *exclusive);

/* Read every Reference from n on, without computing anything; fills covered, wanted, files, whole,
 * properties. wanted[].uri is freed by xml_free_references. */
void xml_read_references(struct xml_work *w, xmlNode *n);
void xml_free_references(struct xml_work *w);

/* Compute what is wanted and the signature value, each with its reason if it is wrong. usable: the
 * signature value can be checked. CARD_ERR_NO_MEMORY. */
enum card_error xml_compute(struct xml_work *w, bool usable);

/* true if nothing of the document lies outside the signature but the root and what holds the
 * signature, without text and attributes. *tags: not even those. */
bool xml_covers_all(struct xml_work *w, bool *tags);

#endif
