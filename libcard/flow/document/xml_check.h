/* SPDX-License-Identifier: Apache-2.0 */
/* xml_check.h — what of an XML document cannot be signed. */
#ifndef DOCUMENT_XML_CHECK_H
#define DOCUMENT_XML_CHECK_H

#include <libxml/tree.h>

#include <cardflow/sign.h>

/* The arguments say what is to be signed. */
bool xml_sign_complete(const flow_file_t *in, const struct flow_xml_options *opt);

/* Read the document (in NULL: a new one) and see that all that is named can be signed. *doc is to be
 * freed with xmlFreeDoc in any case. Errors as flow_xml_sign. */
enum card_error xml_sign_open(const flow_file_t *in, const struct flow_xml_options *opt,
			      xmlDocPtr *doc);

#endif
