/* SPDX-License-Identifier: Apache-2.0 */
/*
 * document.h — a file that is signed or verified, and every reason against a signature.
 */
#ifndef CARDFLOW_DOCUMENT_H
#define CARDFLOW_DOCUMENT_H

#include <card/bytes.h>
#include <card/sig.h>
#include <card/verdict.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct flow_file flow_file_t;

/*
 * Map a regular file for reading. It must not be cut short by others while it is
 * open: as with every mapped file the process would receive SIGBUS.
 * CARD_ERR_NOT_FOUND: no such file; CARD_ERR_UNSUPPORTED: not a regular file;
 * CARD_ERR_IO.
 */
CARD_API enum card_error flow_file_open(flow_file_t **out, const char *path);

/* The same over memory of the caller, which must outlive it. */
CARD_API enum card_error flow_file_of_memory(flow_file_t **out, struct card_bytes content);

CARD_API void flow_file_free(flow_file_t **f);

/* The whole content; valid until the file is freed. */
CARD_API struct card_bytes flow_file_bytes(const flow_file_t *f);

/* A part of a file. */
struct flow_range {
	size_t start, length;
};

/* Reported while a long file is hashed: bytes done and in all. */
typedef void flow_progress_fn(void *ctx, uint64_t done, uint64_t all);

/* Call fn from now on while this file is hashed; NULL: no more. */
CARD_API void flow_file_progress(flow_file_t *f, flow_progress_fn *fn, void *ctx);

/*
 * Digest over some ranges in this order. Pages that were read for it are given
 * back, so a file of any size takes a few MiB.
 * CARD_ERR_INVALID_ARGUMENT: a range outside the file; CARD_ERR_CRYPTO.
 */
CARD_API enum card_error flow_file_digest(const flow_file_t *f, enum card_hash hash,
					  const struct flow_range *ranges, size_t n,
					  uint8_t out[CARD_HASH_MAX]);

/* Write the whole content to a descriptor. CARD_ERR_IO: errno says why. */
CARD_API enum card_error flow_file_copy(const flow_file_t *f, int fd);

/* What a file is by its first bytes (and, for CMS, its outermost structure). */
enum flow_format {
	FLOW_FORMAT_UNKNOWN = 0,
	FLOW_FORMAT_CMS = 1, /* ContentInfo with SignedData, DER, BER or PEM */
	FLOW_FORMAT_PDF = 2,
	FLOW_FORMAT_XML = 3
};
CARD_API enum flow_format flow_format_of(struct card_bytes content);

/* "cms", "pades", "xml", "unknown": the names of --as. Static. */
CARD_API const char *flow_format_name(enum flow_format format);

/* Reasons beyond those of card/verdict.h. */
enum flow_reason {
	FLOW_REASON_NOT_SIGNED = 0,   /* the file holds no signature */
	FLOW_REASON_MALFORMED,        /* file or signature structure cannot be read */
	FLOW_REASON_NOT_DER,          /* BER where DER is required */
	FLOW_REASON_LIMIT,            /* larger or deeper than taken here: undetermined */
	FLOW_REASON_FORMAT,           /* a kind of signature that is not accepted */
	FLOW_REASON_CONTENT_MISSING,  /* detached, and its content was not given: undetermined */
	FLOW_REASON_CONTENT_DIFFERS,  /* content inside is not the file that was given */
	FLOW_REASON_CONTENT_TYPE,     /* contentType is missing or another one */
	FLOW_REASON_DIGEST,           /* the signed digest is of other data */
	FLOW_REASON_ATTRIBUTES,       /* signed attributes missing, twice, or with several values */
	FLOW_REASON_ALGORITHMS,       /* algorithm fields contradict each other */
	FLOW_REASON_SIGNER_MISSING,   /* no certificate inside fits the signer */
	FLOW_REASON_SIGNER_AMBIGUOUS, /* several different ones fit */
	FLOW_REASON_SIGNING_CERT_MISSING,  /* no signing-certificate-v2 where it is required */
	FLOW_REASON_SIGNING_CERT_MISMATCH, /* it names another certificate */
	FLOW_REASON_LEVEL,                 /* below the level that was required */
	FLOW_REASON_BYTE_RANGE,            /* overlaps, has another gap, or does not start at 0 */
	FLOW_REASON_NOT_WHOLE_FILE,        /* the last signature does not reach the end */
	FLOW_REASON_CONTENTS,              /* /Contents is not the hole in the ByteRange */
	FLOW_REASON_CHANGED_AFTER,         /* something else than a signature was added later */
	FLOW_REASON_NOT_PERMITTED,         /* a change that the certifying signature forbids */
	FLOW_REASON_UNREACHABLE,           /* a signature that no field of the form names */
	FLOW_REASON_ENCRYPTED,             /* encrypted documents are not verified */
	FLOW_REASON_XREF,                  /* cross-reference does not lead to what it says */
	FLOW_REASON_DUPLICATE_OBJECT,      /* one object twice in a revision */
	FLOW_REASON_DUPLICATE_ID,          /* one identifier twice in an XML document */
	FLOW_REASON_REFERENCE,             /* a reference to nothing or to a place not accepted */
	FLOW_REASON_TRANSFORM,             /* a transform that is not accepted */
	FLOW_REASON_DOCUMENT_TYPE,         /* a DTD or entities in an XML document */
	FLOW_REASON_NOT_COVERED,           /* parts of the XML document are outside the signature */
	FLOW_REASON_TIMESTAMP,             /* a timestamp that does not hold */
	FLOW_REASON_TIMESTAMP_UNTRUSTED,   /* its issuer is not installed: undetermined */
	FLOW_REASON_UNSIGNED_ADDITION,     /* unsigned attributes not examined here: undetermined */
	FLOW_REASON_SIGNER_OTHER,          /* not by one of the certificates that were asked for */
	FLOW_REASON_COUNT_
};

struct flow_reasons {
	card_reasons_t card; /* bits of enum card_reason */
	uint64_t document;   /* bits of enum flow_reason */
};

static inline void flow_reason_add(struct flow_reasons *r, enum flow_reason which)
{
	r->document |= (uint64_t)1 << (unsigned)which;
}

static inline bool flow_reasons_have(const struct flow_reasons *r, enum flow_reason which)
{
	return (r->document >> (unsigned)which & 1u) != 0;
}

/* The verdict they make together. */
CARD_API enum card_verdict flow_verdict_of(const struct flow_reasons *r);

/* true if the reason by itself only leaves the verdict undetermined. */
CARD_API bool flow_reason_is_undetermined(enum flow_reason which);

/* "changed_after_signing" and so on. Static, stable. */
CARD_API const char *flow_reason_code(enum flow_reason which);

/* One sentence for a person, UTF-8, static. */
CARD_API const char *flow_reason_text(enum flow_reason which, enum card_lang lang);

#ifdef __cplusplus
}
#endif
#endif
