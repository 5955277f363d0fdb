/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paper.h — the anti-forgery back side (うら面) of an issued certificate, and its verification.
 *
 * The centre makes one back for every sheet (rules R4-08). On it stand
 *  - a QR code with a JSON Web Signature (RFC 7515, compact, ES256): what the paper is, which copy,
 *    and the SHA-256 of the coded front;
 *  - the front itself, coded: its picture in black and white, compressed, with error correction, as
 *    a field of dots that means nothing to the eye (the scrambled image). Whoever has a scan of the
 *    back gets the front back exactly as it was issued, proves it with the signature, and compares
 *    it with the front in hand. No server is asked, and nothing secret is needed.
 * A photocopy of both sides stays a copy that verifies: the numbers of the copies on the void list
 * and the eye on the seal are what helps there; the report says so.
 */
#ifndef CARDFLOW_PAPER_H
#define CARDFLOW_PAPER_H

#include <stdbool.h>

#include <card/bytes.h>
#include <card/check.h>
#include <card/date.h>
#include <cardflow/grey.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A4 at 300 dpi: the size of a back, and of the front it is made from. */
#define FLOW_PAPER_WIDTH  2480u
#define FLOW_PAPER_HEIGHT 3508u
#define FLOW_PAPER_DPI    300u

/* Characters of the signed facts at most: version 20 with level M (ISO/IEC 18004). */
#define FLOW_PAPER_TOKEN_MAX 666u

/* What the QR code says of one sheet. Texts are ASCII and end with NUL. */
struct flow_paper_facts {
	char transaction[33]; /* 128-bit id of the transaction, lower-case hex */
	char copy[15];        /* number of the copy, XXXX-XXXX-XXXX (PD-18) */
	uint32_t page, pages; /* sheet of the copy, from 1 */
	char kind[24];        /* kind of certificate: [a-z0-9-] */
	char municipality[7]; /* 5- or 6-digit code of the local government */
	char document[65];    /* SHA-256 of the PDF of the front, lower-case hex */
	char binding[65]; /* transaction, session and certificate, as in docs/issuance.md; hex */
	struct card_date made; /* day of issue, Japan */
};

/* A private P-256 key of the centre for papers, and the public keys a verifier trusts. */
typedef struct flow_paper_key flow_paper_key_t;
typedef struct flow_paper_trust flow_paper_trust_t;

/* A PEM file (PKCS#8, not encrypted; its mode must not let others read).
 * CARD_ERR_IO; CARD_ERR_MALFORMED: not a P-256 key; CARD_ERR_DENIED: others may read it. */
CARD_API enum card_error flow_paper_key_open(flow_paper_key_t **out, const char *file);
/* A new key: FILE (0600) and its public key in PUBLIC. Existing files: CARD_ERR_DENIED. */
CARD_API enum card_error flow_paper_key_make(const char *file, const char *public_file);
CARD_API void flow_paper_key_free(flow_paper_key_t **k);

/* All public keys (PEM) in a folder, or of one file; other files in a folder are passed over.
 * CARD_ERR_IO: cannot be read; CARD_ERR_MALFORMED: one file that is no P-256 public key. */
CARD_API enum card_error flow_paper_trust_open(flow_paper_trust_t **out, const char *place);
CARD_API size_t flow_paper_trust_count(const flow_paper_trust_t *t);
CARD_API void flow_paper_trust_free(flow_paper_trust_t **t);

/*
 * Make the back of one sheet: A4 at 300 dpi. front: its picture at the same size (flow_front_draw).
 * CARD_ERR_INVALID_ARGUMENT: facts out of their ranges, front of another size; CARD_ERR_TOO_LONG:
 * the front holds more ink than the field of dots takes even at 100 dpi; CARD_ERR_CRYPTO.
 */
CARD_API enum card_error flow_paper_back(const struct flow_paper_facts *facts,
					 const struct flow_grey *front, const flow_paper_key_t *key,
					 struct flow_grey *out);

/* The void list (無効一覧) of a centre; see flow_void_list_open. */
typedef struct flow_void_list flow_void_list_t;

/* A place where the front in hand differs, in millimetres from the upper left corner of the page. */
struct flow_paper_difference {
	double x, y, width, height;
	bool missing; /* ink of the issued page is not there */
	bool added;   /* ink is there that was not issued */
};

struct flow_paper_report {
	struct flow_paper_facts
		facts;              /* as the code says; to be believed only if signature passes */
	char key_id[17];            /* as the token names it; empty if unreadable */
	enum card_check signature;  /* of the code; FAIL: none there, too; UNDETERMINED: by a key
					* that is not trusted here */
	enum card_check front_code; /* the field of dots is the one that was signed */
	enum card_check front_compare; /* the front given equals it; SKIPPED without one */
	enum card_check void_check;    /* SKIPPED without a list; UNDETERMINED: too old a list */
	size_t repaired;               /* wrong bytes of the field that were put right */
	struct flow_paper_difference differences[32];
	size_t difference_count;
	struct flow_grey front; /* the front as issued, black and white; {0} if unreadable */
	uint32_t front_dpi;
};

/*
 * Verify a scan. front and voids may be NULL: what they are needed for is SKIPPED. Scans of about
 * 200 to 600 dpi, turned by up to 5° for the front and by any angle for the back. front_dpi:
 * resolution of the scan of the front, 0 = a whole page. out is filled whatever is wrong;
 * flow_paper_report_free it. CARD_ERR_INVALID_ARGUMENT; CARD_ERR_NO_MEMORY; CARD_ERR_UNSUPPORTED:
 * libzbar, which finds the code, is not installed.
 */
CARD_API enum card_error flow_paper_verify(const struct flow_grey *back,
					   const struct flow_grey *front, double front_dpi,
					   const flow_paper_trust_t *trust,
					   const flow_void_list_t *voids,
					   struct flow_paper_report *out);
CARD_API void flow_paper_report_free(struct flow_paper_report *r);

/*
 * Void lists: text, one copy a line, no personal data (flows §1).
 *     kazasu void list 1 CREATED VALID-UNTIL   RFC 3339
 *     XXXX-XXXX-XXXX                           copy numbers, in any order
 *     signature KEY-ID BASE64URL               ES256 (r‖s) over all bytes before this line
 */
/* rows: copy numbers, a line feed after each. Appended to out. CARD_ERR_TOO_LONG; CARD_ERR_CRYPTO. */
CARD_API enum card_error flow_void_list_make(struct card_bytes rows, int64_t created,
					     int64_t valid_until, const flow_paper_key_t *key,
					     card_buf_t *out);
/* CARD_ERR_IO; CARD_ERR_MALFORMED; CARD_ERR_SIGNATURE: not by a trusted key, or altered. */
CARD_API enum card_error flow_void_list_open(flow_void_list_t **out, const char *file,
					     const flow_paper_trust_t *trust);
CARD_API bool flow_void_list_has(const flow_void_list_t *l, const char *copy);
/* POSIX seconds until which the list speaks. */
CARD_API int64_t flow_void_list_until(const flow_void_list_t *l);
CARD_API void flow_void_list_free(flow_void_list_t **l);

#ifdef __cplusplus
}
#endif
#endif
