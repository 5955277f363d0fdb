/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cms.h — SignedData (RFC 5652 §5) taken apart, and its signers verified.
 *
 * Everything read here is hostile. Only what is understood is accepted: a field that
 * nothing depends on is still held to its definition, so that no changed byte of a
 * signature leaves it valid.
 */
#ifndef DOCUMENT_CMS_H
#define DOCUMENT_CMS_H

#include <cardflow/verify_document.h>

#define CMS_SIGNERS_MAX 64u
#define CMS_CERTS_MAX   64u

struct cms_signer {
	struct card_bytes issuer, serial; /* of sid; empty with a key identifier */
	struct card_bytes key_id;
	struct card_bytes hash_alg, sig_alg; /* AlgorithmIdentifiers, whole */
	struct card_bytes signed_attrs;      /* the [0] element, whole */
	struct card_bytes signature;
	struct card_bytes unsigned_attrs; /* content of [1] */
};

struct cms {
	card_buf_t own;             /* the bytes, if they had to be decoded or brought into DER */
	struct card_bytes original; /* as it was encoded, PEM taken off */
	card_buf_t pem;
	struct card_bytes content_type; /* OID content */
	bool attached;
	struct card_bytes content;
	struct card_bytes cert[CMS_CERTS_MAX];
	size_t certs;
	struct cms_signer signer[CMS_SIGNERS_MAX];
	size_t signers;
	struct card_bytes hashes; /* content of digestAlgorithms */
};

/*
 * Take it apart: DER, BER or PEM. Nothing may follow it, except `padding` zero octets of a
 * PDF. CARD_ERR_MALFORMED, CARD_ERR_TOO_LONG. Release with cms_free in any case.
 */
enum card_error cms_read(struct card_bytes in, bool padding, struct cms *out);
void cms_free(struct cms *c);

/* true if the bytes begin like SignedData. */
bool cms_looks_like(struct card_bytes in);

/*
 * Bring BER into definite lengths and primitive strings, appended to out. *used: octets of the
 * one element that in begins with. CARD_ERR_MALFORMED, CARD_ERR_TOO_LONG.
 */
enum card_error cms_ber_to_der(struct card_bytes in, card_buf_t *out, size_t *used);

/* What a signature is over. */
struct cms_subject {
	const flow_file_t *file; /* NULL: the content is not at hand */
	const struct flow_range *ranges;
	size_t n;
};

/* Verify one signer; fills everything of *out that concerns it. */
enum card_error cms_verify_signer(const struct cms *c, const struct cms_signer *s,
				  const struct cms_subject *subject, const struct flow_verify *how,
				  struct flow_signature *out);

/* The hash an AlgorithmIdentifier names; CARD_HASH_NONE: none that is known. */
enum card_hash cms_hash_of(struct card_bytes algorithm);

/* The signed attributes of a signer, each attribute type at most once. */
struct cms_attributes {
	struct card_bytes content_type, digest, time, signing_cert, protection; /* values, whole */
	bool bad_order, bad_count;
};
enum card_error cms_attributes_read(struct card_bytes set_content, struct cms_attributes *out);

/* The first ESSCertIDv2 of the attribute is this certificate (RFC 5035 §3). */
bool cms_signing_certificate_is(struct card_bytes attribute, const card_cert_t *cert);

/* Check a certificate for signing at `at`, revocation included; adds reasons. */
enum card_error document_check_cert(const struct flow_verify *how, int64_t at,
				    struct flow_signature *sig);

/* The verifiers of each format; they fill out->signatures and out->reasons. */
enum card_error document_verify_cms(const flow_file_t *file, const flow_file_t *content,
				    const struct flow_verify *how, struct flow_report *out);
enum card_error document_verify_pdf(const flow_file_t *file, const struct flow_verify *how,
				    struct flow_report *out);
enum card_error document_verify_xml(const flow_file_t *file, const flow_file_t *content,
				    const struct flow_verify *how, struct flow_report *out);

/* One more signature in the report, zeroed; NULL without memory or beyond the limit. */
struct flow_signature *document_add_signature(struct flow_report *r);

#endif
