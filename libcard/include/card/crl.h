/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crl.h — certificate revocation lists as an index on disk (design decision 7).
 *
 * A list is verified and converted in one streaming pass into an immutable file
 * that readers map. The index of a list is keyed by the key of its issuer (not
 * its name: generations share one) and by its distribution point, because JPKI
 * partitions by municipality (card-spec 7.6); a list without one covers the
 * whole CA. A lookup touches one cache line of 64 bytes, a second one in about
 * a tenth of the cases or if the serial number is longer than 32 bits.
 *
 * A new index replaces the old one by rename after fsync: a reader sees the old
 * or the new one, never a part, and picks up the new one by itself. Nothing is
 * replaced before the signature, the dates, the number, the issuer and the
 * distribution point of the list have been checked.
 *
 * Index files are written for machines of one byte order; others refuse them. They
 * are replaced, never changed: a program that cuts one short in place makes its
 * readers fail (SIGBUS), as with any mapped file.
 */
#ifndef CARD_CRL_H
#define CARD_CRL_H

#include <card/trust.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what a list or an index is ---- */

struct card_crl_info {
	uint8_t issuer_key[32];           /* SHA-256 of the issuer's SubjectPublicKeyInfo */
	uint8_t scope[32];                /* of the distribution point; zeros: the whole CA */
	bool whole;                       /* covers the whole CA */
	bool test;                        /* of the test hierarchy */
	char issuer[512];                 /* RFC 4514 text, cut if longer */
	char dist_point[512];             /* RFC 4514 text or URI, cut if longer; "" if whole */
	uint8_t number[20];               /* cRLNumber, big-endian */
	size_t number_n;                  /* its octets, without leading zeros */
	int64_t this_update, next_update; /* seconds since 1970 UTC */
	int64_t imported_at;
	uint64_t entries;
	bool delta_applied; /* the last change came from a delta list */
};

/* Decimal text of a cRLNumber with NUL; 49 digits at most. */
#define CARD_CRL_NUMBER_TEXT 50u
CARD_API void card_crl_number_text(const struct card_crl_info *info,
				   char out[CARD_CRL_NUMBER_TEXT]);

/* RFC 5280 §5.3.1. */
enum card_crl_reason {
	CARD_CRL_UNSPECIFIED = 0,
	CARD_CRL_KEY_COMPROMISE = 1,
	CARD_CRL_CA_COMPROMISE = 2,
	CARD_CRL_AFFILIATION_CHANGED = 3,
	CARD_CRL_SUPERSEDED = 4,
	CARD_CRL_CESSATION = 5,
	CARD_CRL_HOLD = 6,
	CARD_CRL_REMOVE = 8,
	CARD_CRL_PRIVILEGE_WITHDRAWN = 9,
	CARD_CRL_AA_COMPROMISE = 10,
	CARD_CRL_NO_REASON = 255 /* the entry has none */
};

/* RFC 5280's name ("superseded"), NULL for CARD_CRL_NO_REASON and unknown
 * values. Static, stable. */
CARD_API const char *card_crl_reason_name(enum card_crl_reason reason);

/* What the reason means for a JPKI certificate and its holder, one sentence. */
CARD_API const char *card_crl_reason_text(enum card_crl_reason reason, enum card_lang lang);

/* ---- import ---- */

/* Why a list was not taken. */
enum card_crl_refusal {
	CARD_CRL_TAKEN = 0,
	CARD_CRL_REFUSED_IO,        /* the list could not be read */
	CARD_CRL_REFUSED_STORE,     /* the store could not be written */
	CARD_CRL_REFUSED_TRUNCATED, /* the list ends early */
	CARD_CRL_REFUSED_TRAILING,  /* something follows the list */
	CARD_CRL_REFUSED_MALFORMED, /* no CertificateList, or broken DER */
	CARD_CRL_REFUSED_VERSION,   /* not version 2 */
	CARD_CRL_REFUSED_ALGORITHM, /* unknown or weak signature, or named in two ways */
	CARD_CRL_REFUSED_ISSUER,    /* no installed anchor is its issuer */
	CARD_CRL_REFUSED_SIGNATURE, /* the issuer's key did not sign it */
	CARD_CRL_REFUSED_FUTURE,    /* thisUpdate has not come yet */
	CARD_CRL_REFUSED_EXPIRED,   /* nextUpdate has passed */
	CARD_CRL_REFUSED_NO_NEXT_UPDATE,
	CARD_CRL_REFUSED_NO_NUMBER,
	CARD_CRL_REFUSED_OLDER,     /* cRLNumber below that of the index */
	CARD_CRL_REFUSED_CONFLICT,  /* the same cRLNumber with other content */
	CARD_CRL_REFUSED_PARTITION, /* not of the distribution point asked for */
	CARD_CRL_REFUSED_SCOPE,     /* indirect, some reasons only, CA or attribute certificates */
	CARD_CRL_REFUSED_CRITICAL,  /* a critical extension that is not understood */
	CARD_CRL_REFUSED_NEGATIVE_SERIAL,
	CARD_CRL_REFUSED_LONG_SERIAL, /* above 20 octets */
	CARD_CRL_REFUSED_DUPLICATE,   /* a serial number occurs twice */
	CARD_CRL_REFUSED_ENTRY,       /* an entry with a wrong date, reason or extension */
	CARD_CRL_REFUSED_DELTA_BASE,  /* a delta list without the base it needs */
	CARD_CRL_REFUSED_LIMIT,       /* larger than taken here */
	CARD_CRL_REFUSED_COUNT_
};

/* "EXPIRED" and so on; static, stable. */
CARD_API const char *card_crl_refusal_code(enum card_crl_refusal r);
CARD_API const char *card_crl_refusal_text(enum card_crl_refusal r, enum card_lang lang);

/*
 * A helper thread of the caller, optional: libcard starts none. start runs
 * fn(arg) on another thread and returns a handle for join, or NULL if it cannot
 * (the import then does everything on the caller's thread); join waits for its
 * end. It then reads and hashes the list while the caller's thread parses it.
 */
struct card_crl_helper {
	void *(*start)(void *ctx, void *(*fn)(void *), void *arg);
	void (*join)(void *ctx, void *handle);
	void *ctx;
};

struct card_crl_import {
	const char *store; /* directory, which must exist */
	const card_trust_t
		*trust; /* anchors; test lists need a store of anchors that accepts tests */
	int64_t now;    /* seconds since 1970 UTC */
	struct card_bytes dist_point; /* canonical name (name.h) the list must be of; n = 0: any */
	const struct card_crl_helper *helper; /* or NULL */
};

struct card_crl_report {
	enum card_crl_refusal refusal;
	bool unchanged;            /* the very list is in the store already */
	struct card_crl_info info; /* as far as it was read */
};

/*
 * Read one list, DER or PEM, from fd to its end, and publish its index. On any
 * error the store is as before. Lists may be of any size; memory use is about 12
 * bytes an entry with serial numbers up to 32 bits, 40 with longer ones. A delta
 * list is applied to the index of its scope, whose cRLNumber must not be below
 * its BaseCRLNumber. One import at a time: others wait for the lock of the store.
 *
 * report->refusal says why in detail; the result in general:
 * CARD_ERR_IO (reading or store), CARD_ERR_TRUNCATED, CARD_ERR_MALFORMED (also
 * entries), CARD_ERR_UNSUPPORTED (version, algorithm, scope, critical),
 * CARD_ERR_UNTRUSTED (issuer), CARD_ERR_SIGNATURE, CARD_ERR_EXPIRED (expired or
 * future), CARD_ERR_DENIED (older, conflict, partition, delta base),
 * CARD_ERR_TOO_LONG (limit).
 */
CARD_API enum card_error card_crl_import(const struct card_crl_import *how, int fd,
					 struct card_crl_report *report);

/* ---- one index ---- */

typedef struct card_crl_index card_crl_index_t;

struct card_crl_entry {
	int64_t revoked_at; /* seconds since 1970 UTC */
	enum card_crl_reason reason;
};

/* Map an index file. CARD_ERR_IO: cannot be opened (CARD_ERR_NOT_FOUND: is not
 * there); CARD_ERR_MALFORMED: not an index, of another byte order, or its header
 * is damaged. An open index may be read by many threads. */
CARD_API enum card_error card_crl_index_open(card_crl_index_t **out, const char *path);
CARD_API void card_crl_index_close(card_crl_index_t **index);

CARD_API const struct card_crl_info *card_crl_index_info(const card_crl_index_t *index);

/* Is this serial number (big-endian magnitude) on the list? *out is set if so. */
CARD_API bool card_crl_index_lookup(const card_crl_index_t *index, struct card_bytes serial,
				    struct card_crl_entry *out);

/* Read the whole file and check its sum, its structure and that every entry is
 * found where it belongs. CARD_ERR_MALFORMED: it is damaged. */
CARD_API enum card_error card_crl_index_verify(const card_crl_index_t *index);

/* Call fn with every entry, in no particular order, until it returns false. */
typedef bool card_crl_each_fn(void *ctx, struct card_bytes serial,
			      const struct card_crl_entry *entry);
CARD_API void card_crl_index_each(const card_crl_index_t *index, card_crl_each_fn *fn, void *ctx);

/* ---- the store ---- */

/*
 * The indexes of one directory, opened as they are needed. For one thread at a
 * time; threads open one store each (the mapped pages are shared). New indexes
 * are noticed within recheck_ms milliseconds (0: at every lookup).
 */
typedef struct card_crl_store card_crl_store_t;

#define CARD_CRL_RECHECK_MS 500u

CARD_API enum card_error card_crl_store_open(card_crl_store_t **out, const char *dir,
					     unsigned recheck_ms);
CARD_API void card_crl_store_close(card_crl_store_t **store);

/*
 * The index for certificates of this issuer key and distribution point; NULL if
 * there is none. Valid until the next call on the store. scope as in
 * card_crl_info; see card_crl_scope.
 */
CARD_API const card_crl_index_t *card_crl_store_find(card_crl_store_t *store,
						     const uint8_t issuer_key[32],
						     const uint8_t scope[32]);

/* Scope of a certificate's distribution point: of its directory name, else its
 * URI; zeros if it has none. CARD_ERR_CRYPTO and those of name.h. */
CARD_API enum card_error card_crl_scope(const card_cert_t *cert, uint8_t scope[32]);
/* Scope of a canonical name; zeros if it is empty. */
CARD_API enum card_error card_crl_scope_of_name(struct card_bytes canonical, uint8_t scope[32]);
/* Key of an issuer for card_crl_store_find. */
CARD_API enum card_error card_crl_issuer_key(const card_cert_t *issuer, uint8_t key[32]);

/* Call fn with the path of each index file of a directory, in order of names.
 * CARD_ERR_IO: the directory cannot be read. */
typedef void card_crl_file_fn(void *ctx, const char *path);
CARD_API enum card_error card_crl_store_each(const char *dir, card_crl_file_fn *fn, void *ctx);

#ifdef __cplusplus
}
#endif
#endif
