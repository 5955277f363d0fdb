/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_document.h — one report for every signed format.
 */
#ifndef CARDFLOW_VERIFY_DOCUMENT_H
#define CARDFLOW_VERIFY_DOCUMENT_H

#include <card/verify.h>
#include <cardflow/document.h>
#include <cardflow/sign.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Is the certificate revoked? Fills *out; anything but CARD_REVOCATION_GOOD leaves its reasons
 * there (CARD_REASON_CERT_REVOKED, …, CARD_REASON_REVOCATION_MISSING). card_verify_revocation is
 * what answers in programs. Asked only about signatures that hold otherwise (rules 5.1).
 */
typedef enum card_error flow_revocation_fn(void *ctx, const card_cert_t *cert,
					   const card_cert_t *issuer, int64_t at,
					   struct card_revocation_answer *out);

#define FLOW_REQUIRE_CADES 0x1u /* refuse signatures without signing-certificate-v2 */
#define FLOW_REQUIRE_PADES 0x2u /* the same, and PDF only with /ETSI.CAdES.detached */

struct flow_verify {
	const card_trust_t *trust;
	int64_t at;                     /* time of receipt (rules PD-27), seconds since 1970 UTC */
	int64_t status_at;              /* revocation as of this instant; 0: as of at */
	flow_revocation_fn *revocation; /* NULL: every verdict stays undetermined */
	void *revocation_ctx;
	const flow_tsa_trust_t *tsa_trust; /* NULL: timestamps are reported as untrusted */
	unsigned flags;
	const struct flow_attachment *attachments; /* files that an XML signature may refer to */
	size_t n_attachments;
	/* Certificates that are known themselves, and only they may sign: in force by their dates;
	 * no anchor and nobody's revocation list is asked, who lists them takes them off. trust may
	 * then be NULL. known NULL: trust decides. Borrowed. */
	const card_cert_t *const *known;
	size_t n_known;
};

enum flow_level {
	FLOW_LEVEL_PLAIN = 0, /* CMS or PDF without CAdES attributes, XML-DSig */
	FLOW_LEVEL_B_B,
	FLOW_LEVEL_B_T
};

/* "plain", "B-B", "B-T". Static. */
CARD_API const char *flow_level_name(enum flow_level level);

/* What came into a PDF after a signature, all of it permitted: bits. */
#define FLOW_LATER_SIGNATURE  0x01u /* another signature */
#define FLOW_LATER_VISIBLE    0x02u /* one that is shown on a page */
#define FLOW_LATER_FIELD      0x04u /* an empty signature field */
#define FLOW_LATER_TIMESTAMP  0x08u /* a timestamp of the document */
#define FLOW_LATER_VALIDATION 0x10u /* certificates and revocation data (/DSS) */
#define FLOW_LATER_FORM       0x20u /* values of fields */
#define FLOW_LATER_METADATA   0x40u /* metadata, dates of the file */
#define FLOW_LATER_COUNT      7u

/* "signature" and so on for bit 0 to FLOW_LATER_COUNT - 1, stable; a sentence for a person. Static. */
CARD_API const char *flow_later_code(unsigned bit);
CARD_API const char *flow_later_text(unsigned bit, enum card_lang lang);

/* One signature of a document. */
struct flow_signature {
	enum card_verdict verdict;
	struct flow_reasons reasons;
	card_cert_t *cert;         /* of the signer; NULL if none was found */
	const card_cert_t *issuer; /* the anchor it leads to, of how->trust; NULL if none */
	int64_t checked_at;        /* instant at which certificate and status were looked at */
	bool test;                 /* below a test root */
	enum flow_level level;
	struct card_revocation_answer revocation; /* the evidence (rules PD-27) */
	enum card_hash hash;                      /* over the content */
	int64_t claimed_time;                     /* by the signer, not proven; 0: none */
	int64_t timestamp;                        /* proven by a trusted timestamp; 0: none */
	bool document_timestamp;                  /* PDF: a timestamp as a signature of its own */
	bool covers_whole_file;                   /* nothing of the file lies outside it */
	unsigned revision, revisions; /* PDF: it ends the nth of so many revisions; else 1 of 1 */
	unsigned certifies;           /* PDF: DocMDP level 1 to 3; 0: an ordinary signature */
	unsigned later;               /* PDF: FLOW_LATER_… */
	char field[128];              /* PDF: name of its form field, UTF-8; XML: Id; else "" */
	char what[256];               /* what was signed, for people; "" = the whole content */
};

#define FLOW_SIGNATURES_MAX 128u

struct flow_report {
	enum flow_format format;
	enum card_verdict verdict;   /* over the file and all signatures */
	struct flow_reasons reasons; /* of the file itself */
	bool covers_whole_file;
	struct flow_signature *signatures;
	size_t n;
};

/*
 * Verify. content: what a detached signature is over; NULL if it is not detached
 * or not at hand. CARD_OK means that *out holds a verdict, whatever it is.
 * Release with flow_report_free. CARD_ERR_CRYPTO.
 */
CARD_API enum card_error flow_verify(const flow_file_t *file, const flow_file_t *content,
				     const struct flow_verify *how, struct flow_report *out);

/* Release what is in it and leave {0}. NULL is allowed. */
CARD_API void flow_report_free(struct flow_report *r);

#ifdef __cplusplus
}
#endif
#endif
