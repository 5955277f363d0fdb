/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml_card.h — the card as a signature method of libxmlsec1.
 *
 * The library has a signing key in hand that only says who signs: the canonical SignedInfo is
 * digested here, and the signer is given that digest and nothing else.
 */
#ifndef DOCUMENT_XML_CARD_H
#define DOCUMENT_XML_CARD_H

#include <xmlsec/xmldsig.h>

#include <cardflow/sign.h>

struct xml_card {
	const struct flow_signer *signer;
	enum card_hash hash;
	enum card_error err; /* why signing failed, if it was asked for */
};

/*
 * SignatureMethod of a template that the card is to sign: this, followed by the algorithm's own
 * name. libxmlsec1 has one implementation for each name, and its own ones verify; while the
 * template is read, before anything is digested, the algorithm's name takes the place of it.
 */
#define XML_CARD_METHOD "card:"

/* Make the methods known, once. false: without memory. */
bool xml_card_register(void);

/* Let a context sign with them and with no other. false: without memory. */
bool xml_card_allow(xmlSecDSigCtxPtr c);

/* KeyInfo stays as it is in the template. false: without memory. */
bool xml_card_leave_key_info(xmlSecDSigCtxPtr c);

/* card as the key of a context, which frees it; card must outlive that. NULL without memory. */
xmlSecKeyPtr xml_card_key(struct xml_card *card);

#endif
