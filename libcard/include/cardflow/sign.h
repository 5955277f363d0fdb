/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign.h — sign a document with a key that stays where it is.
 *
 * The key is a function that signs a digest: the card in programs, which receives
 * a DigestInfo and nothing else. No private key object exists here.
 */
#ifndef CARDFLOW_SIGN_H
#define CARDFLOW_SIGN_H

#include <card/cert.h>
#include <card/fetch.h>
#include <cardflow/document.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Sign a digest: PKCS#1 v1.5 for RSA, DER for ECDSA; appended to *signature.
 * Called exactly once by each function below that makes a signature.
 */
typedef enum card_error flow_sign_fn(void *ctx, enum card_hash hash, struct card_bytes digest,
				     card_buf_t *signature);

/* Roots of time-stamping authorities; see timestamp.h. */
typedef struct flow_tsa_trust flow_tsa_trust_t;

struct flow_tsa {
	const char *url;
	card_fetch_fn *fetch; /* carries application/timestamp-query (RFC 3161 §3.4) */
	void *ctx;
	const flow_tsa_trust_t *trust; /* the token is verified with these before it is embedded */
};

struct flow_signer {
	const card_cert_t *cert;
	flow_sign_fn *sign;
	void *ctx;
	int64_t time;               /* claimed signing time, seconds since 1970 UTC */
	const struct flow_tsa *tsa; /* NULL: no timestamp (level B-B); else B-T */
};

/* The hash that goes with a key: SHA-256, for P-384 SHA-384.
 * CARD_HASH_NONE: a key that is not signed with. */
CARD_API enum card_hash flow_hash_for(const card_cert_t *cert);

#define FLOW_CMS_NO_SIGNING_TIME 0x1u /* PAdES: the time is in the PDF (EN 319 142-1 §6.3) */
#define FLOW_CMS_PLAIN           0x2u /* neither signing-certificate-v2 nor algorithm protection */

/*
 * SignedData with one signer, DER, appended to out: CAdES-B-B (EN 319 122-1 §6),
 * or B-T with a timestamp. digest is that of the content by flow_hash_for;
 * content NULL makes it detached, else the bytes are put inside.
 * CARD_ERR_UNSUPPORTED: a key that is not signed with; CARD_ERR_SIGNATURE: what
 * the function signed does not verify with the certificate; errors of the
 * functions; CARD_ERR_UNTRUSTED and CARD_ERR_SIGNATURE of the timestamp.
 */
CARD_API enum card_error flow_cms_sign(const struct flow_signer *signer, struct card_bytes digest,
				       const struct card_bytes *content, unsigned flags,
				       card_buf_t *out);

/* ---- PDF ---- */

enum flow_pdf_kind {
	FLOW_PDF_PADES = 0, /* /ETSI.CAdES.detached, PAdES-B-B or B-T (EN 319 142-1) */
	FLOW_PDF_TOUKI = 1  /* /adbe.pkcs7.detached as the registry offices' online filing takes it */
};

struct flow_pdf_options {
	enum flow_pdf_kind kind;
	const char *reason, *location; /* UTF-8, shown by readers; may be NULL */
};

/* What keeps a document from being signed. */
enum flow_pdf_refusal {
	FLOW_PDF_FINE = 0,
	FLOW_PDF_BROKEN,    /* it cannot be read by the rules of PDF */
	FLOW_PDF_ENCRYPTED,
	FLOW_PDF_CERTIFIED, /* an earlier certifying signature permits no change (DocMDP 1) */
	FLOW_PDF_LARGE      /* beyond the limits: 10 GB, two million objects */
};

/* Look at a document before anything is asked of a person. pages and signatures (may be NULL)
 * receive the number of pages by the page tree's count, and of signatures there. */
CARD_API enum card_error flow_pdf_look(const flow_file_t *in, enum flow_pdf_refusal *refusal,
				       uint64_t *pages, unsigned *signatures);

/*
 * Sign a PDF by an incremental update: the signed document is the bytes of in followed by what
 * is appended to *update; not a byte of in changes. The field is invisible.
 * Errors of flow_cms_sign; CARD_ERR_MALFORMED, CARD_ERR_UNSUPPORTED (encrypted), CARD_ERR_DENIED
 * (certified), CARD_ERR_TOO_LONG as flow_pdf_look tells.
 */
CARD_API enum card_error flow_pdf_sign(const flow_file_t *in, const struct flow_pdf_options *opt,
				       const struct flow_signer *signer, card_buf_t *update);

/* ---- XML ---- */

/* A file that a signature refers to by name, beside the document. */
struct flow_attachment {
	const char *uri; /* as it stands in the signature: a plain file name */
	const flow_file_t *file;
};

struct flow_xml_options {
	/* Identifiers of the elements to be signed (attribute Id, ID, id or xml:id); n_ids 0: the
	 * whole document, the signature inside it (enveloped). */
	const char *const *ids;
	size_t n_ids;
	const struct flow_attachment *attachments; /* signed as they are (detached) */
	size_t n_attachments;
	bool enveloping; /* the root element moves into the signature, which becomes the document */
	bool exclusive;  /* exclusive instead of inclusive canonical form */
	bool plain;      /* XML-DSig without the XAdES properties */
};

/*
 * Sign an XML document: XAdES-B-B (EN 319 132-1 §6), or plain XML-DSig; the signature is the last
 * child of the root element. *out receives the whole new document. in NULL: the signature is a
 * document of its own over the attachments, of which there is at least one.
 * CARD_ERR_MALFORMED; CARD_ERR_DENIED: it has a DTD; CARD_ERR_NOT_FOUND, CARD_ERR_AMBIGUOUS: an
 * identifier that no element or more than one has; CARD_ERR_UNSUPPORTED: a timestamp is asked
 * for, or a key that is not signed with; otherwise as flow_cms_sign.
 */
CARD_API enum card_error flow_xml_sign(const flow_file_t *in, const struct flow_xml_options *opt,
				       const struct flow_signer *signer, card_buf_t *out);

#ifdef __cplusplus
}
#endif
#endif
