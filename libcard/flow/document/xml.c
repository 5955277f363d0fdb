/* SPDX-License-Identifier: Apache-2.0 */
#include "xml.h"

#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/valid.h>
#include <openssl/evp.h>

static void silent(void *ctx, xmlErrorPtr error)
{
	(void)ctx, (void)error;
}

struct xml_quiet xml_quiet(void)
{
	const struct xml_quiet q = {xmlStructuredError, xmlStructuredErrorContext};

	xmlSetStructuredErrorFunc(NULL, silent);
	return q;
}

void xml_quiet_end(struct xml_quiet q)
{
	xmlResetLastError();
	xmlSetStructuredErrorFunc(q.was_ctx, q.was);
}

enum card_error xml_parse(struct card_bytes in, xmlDocPtr *out)
{
	struct xml_quiet quiet;
	xmlParserCtxtPtr ctx;

	*out = NULL;
	if (in.n > XML_SIZE_MAX)
		return CARD_ERR_TOO_LONG;
	ctx = xmlNewParserCtxt();
	if (ctx == NULL)
		return CARD_ERR_NO_MEMORY;
	quiet = xml_quiet();
	*out = xmlCtxtReadMemory(ctx, (const char *)in.p, (int)in.n, NULL, NULL,
				 XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
					 XML_PARSE_NOCDATA);
	xml_quiet_end(quiet);
	/* A DTD may also break the document by the entities it declares. */
	if (ctx->intSubName != NULL || ctx->hasExternalSubset != 0 ||
	    (*out != NULL && ((*out)->intSubset != NULL || (*out)->extSubset != NULL))) {
		xmlFreeDoc(*out);
		*out = NULL;
		xmlFreeParserCtxt(ctx);
		return CARD_ERR_DENIED;
	}
	xmlFreeParserCtxt(ctx);
	return *out != NULL && xmlDocGetRootElement(*out) != NULL ? CARD_OK : CARD_ERR_MALFORMED;
}

/* ---- the tree ---- */

bool xml_within(const xmlNode *n, const xmlNode *apex)
{
	for (; n != NULL; n = n->parent) {
		if (n == apex)
			return true;
	}
	return false;
}

xmlNode *xml_next(const xmlNode *root, xmlNode *n)
{
	for (;;) {
		if (n->children != NULL && n->type == XML_ELEMENT_NODE) {
			n = n->children;
		} else {
			while (n != root && n->next == NULL)
				n = n->parent;
			if (n == root)
				return NULL;
			n = n->next;
		}
		if (n->type == XML_ELEMENT_NODE)
			return n;
	}
}

bool xml_is(const xmlNode *n, const char *ns, const char *name)
{
	return n != NULL && n->type == XML_ELEMENT_NODE && n->ns != NULL &&
	       strcmp((const char *)n->ns->href, ns) == 0 &&
	       strcmp((const char *)n->name, name) == 0;
}

static bool is_id(const xmlAttr *a)
{
	const char *name = (const char *)a->name;

	if (a->ns != NULL)
		return strcmp((const char *)a->ns->href, (const char *)XML_XML_NAMESPACE) == 0 &&
		       strcmp(name, "id") == 0;
	return strcmp(name, "Id") == 0 || strcmp(name, "ID") == 0 || strcmp(name, "id") == 0;
}

static const char *value_of(const xmlAttr *a)
{
	return a->children != NULL && a->children->content != NULL
		       ? (const char *)a->children->content
		       : "";
}

xmlNode *xml_by_id(xmlDocPtr doc, const char *id, unsigned *count)
{
	xmlNode *root = xmlDocGetRootElement(doc), *found = NULL;

	*count = 0;
	for (xmlNode *n = root; n != NULL; n = xml_next(root, n)) {
		for (const xmlAttr *a = n->properties; a != NULL; a = a->next) {
			if (!is_id(a) || strcmp(value_of(a), id) != 0)
				continue;
			++*count;
			found = n;
		}
	}
	return *count == 1 ? found : NULL;
}

void xml_ids_register(xmlDocPtr doc)
{
	xmlNode *root = xmlDocGetRootElement(doc);

	for (xmlNode *n = root; n != NULL; n = xml_next(root, n)) {
		for (xmlAttr *a = n->properties; a != NULL; a = a->next) {
			if (is_id(a) && a->atype != XML_ATTRIBUTE_ID)
				(void)xmlAddID(NULL, doc, (const xmlChar *)value_of(a), a);
		}
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum card_error xml_ids_unique(xmlDocPtr doc, bool *unique)
{
	xmlNode *root = xmlDocGetRootElement(doc);
	const char **ids = NULL;
	size_t n = 0, room = 0;

	*unique = true;
	for (xmlNode *e = root; e != NULL; e = xml_next(root, e)) {
		for (const xmlAttr *a = e->properties; a != NULL; a = a->next) {
			if (!is_id(a))
				continue;
			if (n == room) {
				const char **more;

				room = room == 0 ? 64 : room * 2;
				more = realloc(ids, room * sizeof(*ids));
				if (more == NULL) {
					free(ids);
					return CARD_ERR_NO_MEMORY;
				}
				ids = more;
			}
			ids[n++] = value_of(a);
		}
	}
	if (n > 1)
		qsort(ids, n, sizeof(*ids), by_text);
	for (size_t i = 1; i < n; i++)
		*unique = *unique && strcmp(ids[i - 1], ids[i]) != 0;
	free(ids);
	return CARD_OK;
}

xmlChar *xml_attribute(const xmlNode *n, const char *name)
{
	return xmlGetNoNsProp(n, (const xmlChar *)name);
}

/* ---- base64 ---- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

enum card_error xml_base64_read(const xmlNode *n, card_buf_t *out)
{
	char *text = (char *)xmlNodeGetContent(n), *again;
	size_t len = 0;
	int got;
	enum card_error err = CARD_ERR_MALFORMED;

	if (text == NULL)
		return CARD_ERR_NO_MEMORY;
	for (size_t i = 0; text[i] != '\0'; i++) {
		if (!is_space(text[i]))
			text[len++] = text[i];
	}
	text[len] = '\0';
	if (len > 0 && len % 4 == 0 && len < CARD_BUF_MAX)
		err = card_buf_reserve(out, len);
	if (err == CARD_OK) {
		const size_t pad = text[len - 1] != '=' ? 0 : text[len - 2] != '=' ? 1 : 2;

		got = EVP_DecodeBlock(out->p + out->n, (const uint8_t *)text, (int)len);
		again = got > 0 ? malloc(len + 1) : NULL;
		if (again == NULL) {
			err = CARD_ERR_MALFORMED;
		} else {
			const size_t bytes = (size_t)got - pad;

			EVP_EncodeBlock((uint8_t *)again, out->p + out->n, (int)bytes);
			err = strcmp(again, text) == 0 ? CARD_OK : CARD_ERR_MALFORMED;
			if (err == CARD_OK)
				out->n += bytes;
		}
		free(again);
	}
	xmlFree(text);
	return err;
}

char *xml_base64_write(struct card_bytes in)
{
	char *text = malloc(in.n / 3 * 4 + in.n / 48 + 16);
	size_t at = 0;

	if (text == NULL)
		return NULL;
	for (size_t i = 0; i < in.n; i += 48) {
		const size_t n = in.n - i < 48 ? in.n - i : 48;

		if (i > 0)
			text[at++] = '\n';
		at += (size_t)EVP_EncodeBlock((uint8_t *)text + at, in.p + i, (int)n);
	}
	text[at] = '\0';
	return text;
}
