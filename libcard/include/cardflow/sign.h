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
	/* Certificates above cert that go into the signature, the one next to it first; may be NULL.
	 * A municipality's key (hardware module, file) signs with any flow_sign_fn like a card. */
	const card_cert_t *const *chain;
	size_t n_chain;
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
	FLOW_PDF_TOUKI =
		1 /* /adbe.pkcs7.detached as the registry offices' online filing takes it */
};

/*
 * A rectangle on a page in which readers show the signer's name and the time. Millimetres on the
 * page as it is shown (its rotation and crop box respected): x from the left edge to the
 * rectangle's left, y from the top edge to its top.
 */
struct flow_pdf_visible {
	uint64_t page; /* from 1; 0: the last one */
	bool placed;   /* false: the lower right corner of the page, x and y are not read */
	double x, y;
	double width, height; /* 0: 80 and 22 */
};

/* What keeps a document from being signed. */
enum flow_pdf_refusal {
	FLOW_PDF_FINE = 0,
	FLOW_PDF_BROKEN, /* it cannot be read by the rules of PDF */
	FLOW_PDF_ENCRYPTED,
	FLOW_PDF_CERTIFIED,   /* an earlier signature permits no change (DocMDP 1) */
	FLOW_PDF_LARGE,       /* beyond the limits: 10 GB, two million objects */
	FLOW_PDF_NO_FIELD,    /* no signature field of this name */
	FLOW_PDF_FILLED,      /* the field is signed already */
	FLOW_PDF_LOCKED,      /* an earlier signature locks the field, or it is read-only */
	FLOW_PDF_SEED,        /* the field asks for what is not done here; detail names it */
	FLOW_PDF_HIDDEN_ONLY, /* certified: a new visible field would break the certification */
	FLOW_PDF_NO_PAGE,     /* no such page */
	FLOW_PDF_PLACE,       /* the rectangle lies outside the page, or has no area */
	FLOW_PDF_ROOM,        /* the text does not fit into the rectangle */
	FLOW_PDF_GLYPH        /* no font here can draw a character; detail names it */
};

struct flow_pdf_fault {
	enum flow_pdf_refusal why;
	char detail[128]; /* UTF-8; "" */
};

struct flow_pdf_options {
	enum flow_pdf_kind kind;
	const char *reason, *location; /* UTF-8, shown by readers; may be NULL */
	/* Show name and time there; NULL: nothing is shown. Not with field. */
	const struct flow_pdf_visible *visible;
	/* Fill this empty signature field (its full name) instead of adding one; NULL: add. Where
	 * the field has an area, name and time are shown in it unless blank. */
	const char *field;
	bool blank;
	const char *name;             /* UTF-8, of the signer; NULL: the name in the certificate */
	struct flow_pdf_fault *fault; /* receives why it was refused; may be NULL */
};

/* Look at a document before anything is asked of a person. pages and signatures (may be NULL)
 * receive the number of pages by the page tree's count, and of signatures there. */
CARD_API enum card_error flow_pdf_look(const flow_file_t *in, enum flow_pdf_refusal *refusal,
				       uint64_t *pages, unsigned *signatures);

/* Count the pages of the tree one by one. CARD_ERR_MALFORMED: no PDF, or one whose counts say
 * something else; CARD_ERR_TOO_LONG. */
CARD_API enum card_error flow_pdf_pages(struct card_bytes pdf, uint64_t *pages);

/* Would flow_pdf_sign take it with these options? Everything is checked but what depends on the
 * signer: the glyphs of the name, and the room for it. CARD_OK: *fault has the answer. */
CARD_API enum card_error flow_pdf_check(const flow_file_t *in, const struct flow_pdf_options *opt,
					struct flow_pdf_fault *fault);

/* A signature field. */
struct flow_pdf_field {
	char name[128];       /* full name, UTF-8 */
	bool filled;          /* signed already */
	bool locked;          /* an earlier signature locks it, or it is read-only */
	uint64_t page;        /* that it is shown on; 0: none */
	double width, height; /* millimetres; 0: nothing is shown */
};

/* The signature fields in the order of the form; release with free(). CARD_ERR_MALFORMED,
 * CARD_ERR_TOO_LONG. */
CARD_API enum card_error flow_pdf_fields(const flow_file_t *in, struct flow_pdf_field **out,
					 size_t *n);

/*
 * Sign a PDF by an incremental update: the signed document is the bytes of in followed by what
 * is appended to *update; not a byte of in changes. What is shown is drawn with the fonts
 * installed here, Japanese ones first, embedded as a subset that text can be taken from.
 * The /Lock of a field that is filled becomes part of the signature.
 * Errors of flow_cms_sign. Refused before the key is asked, with the reason in opt->fault:
 * CARD_ERR_MALFORMED, CARD_ERR_UNSUPPORTED (encrypted, glyph), CARD_ERR_DENIED (certified, filled,
 * locked, seed), CARD_ERR_NOT_FOUND (field, page), CARD_ERR_TOO_LONG (limits, room),
 * CARD_ERR_INVALID_ARGUMENT (place; also a visible signature without any name).
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
 * CARD_ERR_MALFORMED; CARD_ERR_DENIED: it has a DTD; CARD_ERR_NOT_FOUND: no element has an
 * identifier; CARD_ERR_AMBIGUOUS: two elements have the same one, or two attachments one name;
 * CARD_ERR_BAD_STATE: an earlier signature covers the whole document and would break (sign apart: in
 * NULL); CARD_ERR_TOO_LONG: more than 255 elements and attachments, or a document above 64 MiB;
 * CARD_ERR_UNSUPPORTED: the root by its identifier, which would hold its own signature, a name that
 * is empty or a place (file://), a timestamp, or a key that is not signed with; otherwise as
 * flow_cms_sign.
 */
CARD_API enum card_error flow_xml_sign(const flow_file_t *in, const struct flow_xml_options *opt,
				       const struct flow_signer *signer, card_buf_t *out);

/*
 * What flow_xml_sign would refuse of a document, without a signer: to be told before a password is
 * asked for. *covers (may be NULL): false if parts would stay outside of the signature for which
 * flow_verify reports FLOW_REASON_NOT_COVERED, such as comments and elements beside the signed ones.
 * Errors as there.
 */
CARD_API enum card_error flow_xml_check(const flow_file_t *in, const struct flow_xml_options *opt,
					bool *covers);

#ifdef __cplusplus
}
#endif
#endif
