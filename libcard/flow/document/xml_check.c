/* SPDX-License-Identifier: Apache-2.0 */
#include "xml_check.h"

#include <string.h>

#include "xml_work.h"

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

static enum card_error check_id(xmlDocPtr doc, const struct flow_xml_options *opt, const char *id)
{
	unsigned count;
	const xmlNode *n = xml_by_id(doc, id, &count);

	if (n == NULL)
		return count == 0 ? CARD_ERR_NOT_FOUND : CARD_ERR_AMBIGUOUS;
	/* An element that holds the signature cannot be signed this way, nor one whose identifier
	 * would read as an XPointer. */
	if ((n == xmlDocGetRootElement(doc) && !opt->enveloping) || *id == '\0' ||
	    strchr(id, '(') != NULL)
		return CARD_ERR_UNSUPPORTED;
	return CARD_OK;
}

/* Two files of one name could not be told from each other. */
static enum card_error check_file(const struct flow_xml_options *opt, size_t i)
{
	const char *uri = opt->attachments[i].uri;

	if (*uri == '\0' || strncmp(uri, "file://", 7) == 0)
		return CARD_ERR_UNSUPPORTED;
	for (size_t k = 0; k < i; k++) {
		if (strcmp(opt->attachments[k].uri, uri) == 0)
			return CARD_ERR_AMBIGUOUS;
	}
	return CARD_OK;
}

enum card_error xml_sign_open(const flow_file_t *in, const struct flow_xml_options *opt,
			      xmlDocPtr *doc)
{
	enum card_error err = CARD_OK;
	bool unique = true;

	*doc = NULL;
	if (opt->n_ids + opt->n_attachments >= XML_REFERENCES_MAX)
		return CARD_ERR_TOO_LONG;
	if (in != NULL)
		err = xml_parse(flow_file_bytes(in), doc);
	else
		*doc = xmlNewDoc((const xmlChar *)"1.0");
	if (err == CARD_OK && *doc == NULL)
		err = CARD_ERR_NO_MEMORY;
	if (err == CARD_OK)
		err = xml_ids_unique(*doc, &unique);
	if (err == CARD_OK && !unique)
		err = CARD_ERR_AMBIGUOUS;
	if (err == CARD_OK && has_whole_signature(*doc))
		err = CARD_ERR_BAD_STATE;
	for (size_t i = 0; err == CARD_OK && i < opt->n_ids; i++)
		err = check_id(*doc, opt, opt->ids[i]);
	for (size_t i = 0; err == CARD_OK && i < opt->n_attachments; i++)
		err = check_file(opt, i);
	return err;
}

bool xml_sign_complete(const flow_file_t *in, const struct flow_xml_options *opt)
{
	return opt != NULL &&
	       (in != NULL || (opt->n_attachments > 0 && opt->n_ids == 0 && !opt->enveloping));
}

/* As the verifier will see it; where the signature is going to be does not matter to it. */
static bool would_cover(xmlDocPtr doc, const struct flow_xml_options *opt)
{
	struct xml_work w = {.doc = doc, .whole = opt->n_ids == 0 && !opt->enveloping};
	bool tags;
	unsigned count;

	if (opt->enveloping)
		w.covered[w.n++] = xmlDocGetRootElement(doc);
	for (size_t i = 0; i < opt->n_ids; i++)
		w.covered[w.n++] = xml_by_id(doc, opt->ids[i], &count);
	return xml_covers_all(&w, &tags);
}

enum card_error flow_xml_check(const flow_file_t *in, const struct flow_xml_options *opt,
			       bool *covers)
{
	xmlDocPtr doc;
	enum card_error err;

	if (!xml_sign_complete(in, opt))
		return CARD_ERR_INVALID_ARGUMENT;
	err = xml_sign_open(in, opt, &doc);
	if (err == CARD_OK && covers != NULL)
		*covers = in == NULL || would_cover(doc, opt);
	xmlFreeDoc(doc);
	return err;
}
