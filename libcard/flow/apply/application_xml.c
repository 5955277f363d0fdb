/* SPDX-License-Identifier: Apache-2.0 */
/*
 * application_xml.c — an application as XML, for receivers whose systems read that: the same
 * members as in JSON, member by member, in the namespace below. The signature is an enveloped
 * XAdES signature, the last child of the root element; it is not part of the application.
 */
#include "form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>

#include <card/secret.h>

#include "../document/xml.h"

#define NS "urn:kazasu:application:1"

/* Members that are objects with text members, and what their parts are called in XML. */
static const struct {
	const char *member, *item; /* item NULL: an element of the member's own name each */
} objects[] = {{"form", NULL}, {"attributes", NULL}, {"fields", "field"}};

/* ---- writing ---- */

/* Characters that XML 1.0 has no way to write (§2.2). */
static bool writable(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < 0x20 && strchr("\t\n\r", *text) == NULL)
			return false;
	}
	return true;
}

static xmlNode *element(xmlNode *parent, const char *name, const char *text, enum card_error *err)
{
	xmlNode *n = NULL;

	if (*err == CARD_OK && text != NULL && !writable(text))
		*err = CARD_ERR_MALFORMED;
	if (*err == CARD_OK)
		n = xmlNewTextChild(parent, NULL, (const xmlChar *)name, (const xmlChar *)text);
	if (*err == CARD_OK && n == NULL)
		*err = CARD_ERR_NO_MEMORY;
	return n;
}

static void attribute(xmlNode *n, const char *name, const char *value, enum card_error *err)
{
	if (*err == CARD_OK && !writable(value))
		*err = CARD_ERR_MALFORMED;
	if (*err == CARD_OK && xmlNewProp(n, (const xmlChar *)name, (const xmlChar *)value) == NULL)
		*err = CARD_ERR_NO_MEMORY;
}

static void write_object(xmlNode *root, json_t *json, size_t which, enum card_error *err)
{
	xmlNode *part = element(root, objects[which].member, NULL, err), *n;
	const char *key;
	json_t *value;

	json_object_foreach(json_object_get(json, objects[which].member), key, value)
	{
		const char *item = objects[which].item;

		n = element(part, item != NULL ? item : key, json_string_value(value), err);
		if (item != NULL)
			attribute(n, "name", key, err);
	}
}

static void write_attachments(xmlNode *root, const json_t *json, enum card_error *err)
{
	xmlNode *part = element(root, "attachments", NULL, err), *n;
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(json, "attachments"), i, item)
	{
		n = element(part, "attachment", json_string_value(json_object_get(item, "content")),
			    err);
		attribute(n, "name", json_string_value(json_object_get(item, "name")), err);
	}
}

static void write_all(xmlDocPtr doc, json_t *json, enum card_error *err)
{
	xmlNode *root = xmlNewDocNode(doc, NULL, (const xmlChar *)"application", NULL);
	xmlNs *ns = root != NULL ? xmlNewNs(root, (const xmlChar *)NS, NULL) : NULL;
	char version[16];

	if (ns == NULL) {
		*err = CARD_ERR_NO_MEMORY;
		xmlFreeNode(root);
		return;
	}
	xmlSetNs(root, ns);
	xmlDocSetRootElement(doc, root);
	snprintf(version, sizeof version, "%d",
		 (int)json_integer_value(json_object_get(json, "version")));
	(void)element(root, "id", json_string_value(json_object_get(json, "id")), err);
	(void)element(root, "version", version, err);
	for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
		write_object(root, json, i, err);
	if (json_object_get(json, "number") != NULL)
		(void)element(root, "number", json_string_value(json_object_get(json, "number")),
			      err);
	write_attachments(root, json, err);
}

enum card_error flow_application_write_xml(const flow_application_t *a, card_buf_t *out)
{
	enum card_error err = CARD_OK;
	xmlChar *text = NULL;
	xmlDocPtr doc;
	int n = 0;

	if (a == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	doc = xmlNewDoc((const xmlChar *)"1.0");
	if (doc == NULL)
		return CARD_ERR_NO_MEMORY;
	write_all(doc, a->json, &err);
	if (err == CARD_OK) {
		xmlDocDumpMemoryEnc(doc, &text, &n, "UTF-8");
		err = text == NULL ? CARD_ERR_NO_MEMORY : CARD_OK;
	}
	if (err == CARD_OK)
		err = (size_t)n > FLOW_APPLICATION_MAX
			      ? CARD_ERR_TOO_LONG
			      : card_buf_append(out, card_bytes(text, (size_t)n));
	if (text != NULL)
		card_wipe(text, (size_t)n);
	xmlFree(text);
	xmlFreeDoc(doc);
	return err;
}

/* ---- reading ---- */

/* The one attribute is `name`. */
static bool only_name(const xmlNode *n)
{
	return n->properties != NULL && n->properties->next == NULL && n->properties->ns == NULL &&
	       strcmp((const char *)n->properties->name, "name") == 0;
}

/* Elements and blanks, no attributes. */
static bool only_elements(const xmlNode *n)
{
	if (n->properties != NULL)
		return false;
	for (const xmlNode *c = n->children; c != NULL; c = c->next) {
		if (c->type != XML_ELEMENT_NODE && (c->type != XML_TEXT_NODE || !xmlIsBlankNode(c)))
			return false;
	}
	return true;
}

/* The text of an element that holds nothing else; as JSON. NULL: it holds something else. */
static json_t *text_of(const xmlNode *n)
{
	xmlChar *text;
	json_t *s;

	for (const xmlNode *c = n->children; c != NULL; c = c->next) {
		if (c->type != XML_TEXT_NODE)
			return NULL;
	}
	text = xmlNodeGetContent(n);
	s = text != NULL ? json_string((const char *)text) : NULL;
	if (text != NULL)
		card_wipe(text, strlen((const char *)text));
	xmlFree(text);
	return s;
}

/* Add a member that is not there yet. */
static bool put_new(json_t *object, const char *key, json_t *value)
{
	if (value == NULL || json_object_get(object, key) != NULL) {
		json_decref(value);
		return false;
	}
	return json_object_set_new(object, key, value) == 0;
}

static bool read_object(const xmlNode *part, const char *item, json_t *out)
{
	if (!only_elements(part))
		return false;
	for (xmlNode *n = part->children; n != NULL; n = n->next) {
		xmlChar *name = NULL;
		bool good;

		if (n->type != XML_ELEMENT_NODE)
			continue;
		if (!xml_is(n, NS, item != NULL ? item : (const char *)n->name))
			return false;
		if (item != NULL)
			name = xml_attribute(n, "name");
		good = (item == NULL ? n->properties == NULL : name != NULL && only_name(n)) &&
		       put_new(out, item != NULL ? (const char *)name : (const char *)n->name,
			       text_of(n));
		xmlFree(name);
		if (!good)
			return false;
	}
	return true;
}

static bool read_attachments(const xmlNode *part, json_t *out)
{
	if (!only_elements(part))
		return false;
	for (const xmlNode *n = part->children; n != NULL; n = n->next) {
		xmlChar *name;
		json_t *content;
		bool good;

		if (n->type != XML_ELEMENT_NODE)
			continue;
		if (!xml_is(n, NS, "attachment") || !only_name(n))
			return false;
		name = xml_attribute(n, "name");
		content = text_of(n);
		good = name != NULL && content != NULL &&
		       json_array_append_new(out, json_pack("{s:s, s:O}", "name", (char *)name,
							    "content", content)) == 0;
		json_decref(content);
		xmlFree(name);
		if (!good)
			return false;
	}
	return true;
}

static bool read_version(const xmlNode *n, json_t *out)
{
	json_t *text = text_of(n);
	const char *digits = text != NULL ? json_string_value(text) : "";
	const size_t length = strlen(digits);
	const bool good = length >= 1 && length <= 4 && *digits != '0' &&
			  strspn(digits, "0123456789") == length &&
			  put_new(out, "version", json_integer(strtol(digits, NULL, 10)));

	json_decref(text);
	return good;
}

/* One member of the application. */
static bool read_member(const xmlNode *n, json_t *out)
{
	const char *name = (const char *)n->name;

	if (!xml_is(n, NS, name))
		return false;
	for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
		if (strcmp(name, objects[i].member) == 0)
			return put_new(out, name, json_object()) &&
			       read_object(n, objects[i].item, json_object_get(out, name));
	}
	if (strcmp(name, "attachments") == 0)
		return put_new(out, name, json_array()) &&
		       read_attachments(n, json_object_get(out, name));
	if (n->properties != NULL)
		return false;
	if (strcmp(name, "version") == 0)
		return read_version(n, out);
	return (strcmp(name, "id") == 0 || strcmp(name, "number") == 0) &&
	       put_new(out, name, text_of(n));
}

static bool read_root(const xmlNode *root, json_t *out)
{
	const xmlNode *signature = NULL;

	if (!xml_is(root, NS, "application") || !only_elements(root))
		return false;
	for (const xmlNode *n = root->children; n != NULL; n = n->next) {
		if (n->type != XML_ELEMENT_NODE)
			continue;
		if (signature != NULL) /* nothing after the signature, so at most one */
			return false;
		if (xml_is(n, XML_NS_DSIG, "Signature"))
			signature = n;
		else if (!read_member(n, out))
			return false;
	}
	return put_new(out, "application", json_integer(1));
}

enum card_error application_of_xml(struct card_bytes in, json_t **out)
{
	xmlDocPtr doc = NULL;
	enum card_error err = xml_parse(in, &doc);

	*out = NULL;
	if (err != CARD_OK)
		return err == CARD_ERR_NO_MEMORY ? err : CARD_ERR_MALFORMED;
	*out = json_object();
	if (*out == NULL)
		err = CARD_ERR_NO_MEMORY;
	else if (!read_root(xmlDocGetRootElement(doc), *out))
		err = CARD_ERR_MALFORMED;
	if (err != CARD_OK) {
		json_decref(*out);
		*out = NULL;
	}
	xmlFreeDoc(doc);
	return err;
}
