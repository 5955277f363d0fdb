/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml_sec.h — libxmlsec1, which makes and verifies every digest and signature value of XML.
 *
 * It is let near a signature only after its structure was checked here (xml_reference.c), and
 * then knows no other transform, algorithm, key or place than those: its lists are closed, KeyInfo
 * is not read, manifests are not followed, and its readers of files and of the network are taken
 * out, so that a Reference can name nothing but a file that the caller gave.
 */
#ifndef DOCUMENT_XML_SEC_H
#define DOCUMENT_XML_SEC_H

#include <libxml/tree.h>

#include <cardflow/sign.h>

/* A file that a Reference names, and the name as it stands there, which is the caller's. */
struct xml_sec_file {
	char *uri;
	const flow_file_t *file;
};

struct xml_sec_job {
	xmlNode *signature; /* its document's identifiers are made known by xml_ids_register */
	const struct xml_sec_file *files; /* in the order of the References that name them */
	size_t n_files;
};

/*
 * Fill the empty DigestValue of each Reference and SignatureValue. The key is asked once, with
 * the digest of the canonical SignedInfo; what it answers is verified with the certificate.
 * CARD_ERR_MALFORMED: the template cannot be worked with; CARD_ERR_NO_MEMORY;
 * CARD_ERR_CRYPTO: the library does not start; CARD_ERR_SIGNATURE: the key does not fit the
 * certificate; errors of signer->sign.
 */
enum card_error xml_sec_sign(const struct xml_sec_job *job, const struct flow_signer *signer,
			     enum card_hash hash);

/*
 * The whole signature with the key of a certificate: *good only if each Reference and
 * SignatureValue is right. *n: how many References were gone through.
 * CARD_ERR_NO_MEMORY; CARD_ERR_CRYPTO; CARD_ERR_UNSUPPORTED: a key that cannot be verified with.
 */
enum card_error xml_sec_verify(const struct xml_sec_job *job, const card_cert_t *cert, bool *good,
			       size_t *n);

/* One Reference; job->files holds what this one names. CARD_ERR_NO_MEMORY;
 * CARD_ERR_CRYPTO. */
enum card_error xml_sec_verify_reference(const struct xml_sec_job *job, xmlNode *reference,
					 bool *good);

/* SignatureValue over SignedInfo, whatever its References say. Errors as xml_sec_verify. */
enum card_error xml_sec_verify_info(const struct xml_sec_job *job, const card_cert_t *cert,
				    bool *good);

#endif
