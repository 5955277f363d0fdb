/* SPDX-License-Identifier: Apache-2.0 */
/* made_xml.h — what tests of XML signatures compute for themselves. */
#ifndef MADE_XML_H
#define MADE_XML_H

#include <libxml/tree.h>

#include <card/bytes.h>

/* Inclusive canonical form without comments (W3C C14N 1.0) of the element apex, or of the whole
 * document (NULL), appended to out. */
void made_canonical(xmlDocPtr doc, xmlNode *apex, card_buf_t *out);

#endif
