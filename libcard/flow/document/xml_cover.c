/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml_cover.c — is everything of a document signed? What no signature covers is how signed parts
 * are moved elsewhere and made to stand for something else (signature wrapping).
 */
#include <string.h>

#include "xml_work.h"

/* Where a node stands to what was signed. */
struct coverage {
	struct xml_work *w;
	bool all;  /* nothing is left out but tags that hold nothing themselves */
	bool tags; /* nor those */
};

static bool is_apex(const struct xml_work *w, const xmlNode *n)
{
	for (size_t i = 0; i < w->n; i++) {
		if (w->covered[i] == n)
			return true;
	}
	return false;
}

/* true if a signed element lies below n. */
static bool holds_signed(const struct xml_work *w, const xmlNode *n, bool beside_signature)
{
	for (size_t i = 0; i < w->n; i++) {
		if (xml_within(w->covered[i], n) &&
		    !(beside_signature && xml_within(w->covered[i], w->signature)))
			return true;
	}
	return false;
}

/*
 * The only elements that may stay outside are the root, with signed ones directly below it, and
 * what holds the signature and nothing that is signed. Any other is a wrapper that could give
 * what was signed another meaning.
 */
static bool may_stay_outside(const struct xml_work *w, const xmlNode *n)
{
	if (n->parent != NULL && n->parent->type == XML_DOCUMENT_NODE)
		return true;
	return xml_within(w->signature, n) && !holds_signed(w, n, true);
}

static bool has_text(const xmlNode *n)
{
	for (const xmlNode *c = n->children; c != NULL; c = c->next) {
		if (c->type == XML_TEXT_NODE && !xmlIsBlankNode(c))
			return true;
	}
	return false;
}

/* An element of the signature itself that is not signed. */
static void look_in_signature(struct coverage *c, const xmlNode *n)
{
	const bool object = xml_is(n, XML_NS_DSIG, "Object");
	const bool qualifying = xml_is(n, XML_NS_XADES, "QualifyingProperties");

	if (object || qualifying) {
		/* has to lead to something that is signed, and to hold nothing else */
		c->all = c->all && holds_signed(c->w, n, false) && !has_text(n);
		return;
	}
	if (n->ns == NULL || (strcmp((const char *)n->ns->href, XML_NS_DSIG) != 0 &&
			      strcmp((const char *)n->ns->href, XML_NS_XADES) != 0))
		c->all = false; /* foreign elements in a place that nobody looks at */
	else if (strcmp((const char *)n->ns->href, XML_NS_XADES) == 0)
		xml_add(c->w, FLOW_REASON_UNSIGNED_ADDITION);
}

static void look(struct coverage *c, const xmlNode *n, bool covered)
{
	struct xml_work *w = c->w;

	switch (n->type) {
	case XML_COMMENT_NODE: /* canonical form leaves comments out, so they never are covered */
		c->all = false;
		return;
	case XML_PI_NODE: /* an instruction such as another stylesheet */
		c->all = c->all && covered;
		return;
	case XML_ELEMENT_NODE:
		break;
	default:
		return;
	}
	/* The signature is left out of what it signs (enveloped-signature transform). */
	covered = (covered && n != w->signature) || is_apex(w, n);
	if (!covered && n != w->signature) {
		if (xml_within(n, w->signature)) {
			look_in_signature(c, n);
		} else {
			c->tags = false;
			if (!may_stay_outside(w, n) || n->properties != NULL || has_text(n))
				c->all = false;
		}
	}
	/* The tree is at most 256 deep (libxml2's own limit). */
	for (const xmlNode *child = n->children; c->all && child != NULL; child = child->next)
		look(c, child, covered);
}

bool xml_covers_all(struct xml_work *w, bool *tags)
{
	struct coverage c = {w, true, true};

	for (const xmlNode *n = w->doc->children; c.all && n != NULL; n = n->next)
		look(&c, n, w->whole);
	*tags = c.all && c.tags;
	return c.all;
}
