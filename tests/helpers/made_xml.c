/* SPDX-License-Identifier: Apache-2.0 */
#include "made_xml.h"

#include <libxml/c14n.h>

#include "test.h"

static int below(void *ctx, xmlNodePtr node, xmlNodePtr parent)
{
	const xmlNode *n = node->type == XML_NAMESPACE_DECL ? parent : node;

	while (n != NULL && n != ctx)
		n = n->parent;
	return n != NULL;
}

void made_canonical(xmlDocPtr doc, xmlNode *apex, card_buf_t *out)
{
	xmlOutputBufferPtr buf = xmlAllocOutputBuffer(NULL);

	assert_non_null(buf);
	assert_true(xmlC14NExecute(doc, apex != NULL ? below : NULL, apex, XML_C14N_1_0, NULL, 0,
				   buf) >= 0);
	assert_ok(card_buf_append(
		out, card_bytes(xmlOutputBufferGetContent(buf), xmlOutputBufferGetSize(buf))));
	xmlOutputBufferClose(buf);
}
