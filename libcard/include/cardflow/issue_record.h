/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue_record.h — the records a municipality issues certificates from (rules ch. 4, flows K18…K20):
 * residents and households, family registers (戸籍) with their supplements (附票), seals, taxes,
 * notices (発行抑止, 支援措置), and who a card belongs to.
 *
 * They lie in a store of the issuer's own and are a copy: the systems of the city hall deliver CSV
 * files. The tables are described in docs/records.md, which is made from the same source.
 *
 * Cards are found by HMAC-SHA-256 under a secret of the municipality: neither the certificate's
 * serial (発行番号) nor the 利用者ID is kept (rules PD-26, design 10).
 */
#ifndef CARDFLOW_ISSUE_RECORD_H
#define CARDFLOW_ISSUE_RECORD_H

#include <cardflow/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Make the tables that are not there. Errors of flow_store_run. */
CARD_API enum card_error flow_record_setup(flow_store_t *store);

/* The description of the tables, Markdown, as docs/records.md. CARD_ERR_IO. */
CARD_API enum card_error flow_record_describe(int fd);

#define FLOW_RECORD_KEY 65 /* hexadecimal digits and NUL */

/*
 * The keys under which a card is found. secret: 32 bytes or more.
 * Of a 利用者証明用 certificate: HMAC-SHA-256(secret, authority ‖ serial), both in hexadecimal here:
 * SHA-256 of the issuing CA's SubjectPublicKeyInfo (64 digits), and the serial number (発行番号)
 * as an even number of digits. Of a 利用者ID: HMAC-SHA-256(secret, "user-id" ‖ 0 ‖ text).
 * CARD_ERR_INVALID_ARGUMENT: a short secret; CARD_ERR_MALFORMED: not such a value; CARD_ERR_CRYPTO.
 */
CARD_API enum card_error flow_record_certificate_key(struct card_bytes secret,
						     const char *authority, const char *serial,
						     char out[FLOW_RECORD_KEY]);
CARD_API enum card_error flow_record_user_key(struct card_bytes secret, const char *user_id,
					      char out[FLOW_RECORD_KEY]);

#define FLOW_RECORD_ATENA 65 /* the longest 宛名番号 and NUL */

/* Whose card it is on a day: the 宛名番号, "" if nobody's. Exactly one key is given.
 * Errors of the store. */
CARD_API enum card_error flow_record_find(flow_store_t *store, const char *certificate_key,
					  const char *user_key, struct card_date on,
					  char atena[FLOW_RECORD_ATENA]);

#define FLOW_RECORD_TABLES   20
#define FLOW_RECORD_PROBLEMS 100

/* What an import or a generator did. */
struct flow_record_report {
	struct flow_record_count {
		const char *table; /* static */
		long rows;
	} table[FLOW_RECORD_TABLES];
	size_t tables;
	/* The first of them, file and line named; rows that contradict each other have no line. */
	struct flow_problem problem[FLOW_RECORD_PROBLEMS];
	size_t problems; /* in all, may be more than are kept */
};

struct flow_record_import {
	/* The tables of the files that are there are emptied first; else rows replace those of the
	 * same key. */
	bool replace;
	/* serials.csv (serial,authority,atena,valid_from,valid_to), user_ids.csv (user_id,atena)
	 * and enrolments.csv (enrolment,serial,authority,member,registered_on,ended_on) name cards
	 * in clear: they are turned into keys under this secret and need it. */
	struct card_bytes secret;
};

/*
 * Import the files of a folder (TABLE.csv, RFC 4180, UTF-8, header line as in docs/records.md; at
 * least one) in one transaction. Every wrong value and every contradiction between rows is put in
 * the report; if there is one, nothing is kept.
 * CARD_ERR_MALFORMED: the report says why; CARD_ERR_NOT_FOUND: no such folder or no file of ours in
 * it; errors of the store.
 */
CARD_API enum card_error flow_record_import(flow_store_t *store, const char *folder,
					    const struct flow_record_import *how,
					    struct flow_record_report *report);

/* Write every table as TABLE.csv (mode 0600) into a folder: what flow_record_import takes.
 * CARD_ERR_IO; errors of the store. */
CARD_API enum card_error flow_record_export(flow_store_t *store, const char *folder,
					    struct flow_record_report *report);

/* Somebody who is among the invented people; members that are NULL are invented. */
struct flow_record_person {
	const char *name, *kana, *address, *birth, *sex; /* name, birth needed */
	const char *number;                              /* 個人番号 */
	const char *serial,
		*authority; /* of the card's certificate: see flow_record_certificate_key */
};

struct flow_record_generate {
	long residents; /* invented, 1 to 10,000,000 */
	uint64_t seed;
	const char *place;        /* "東京都清瀬市" */
	const char *font;         /* file; for the pictures of seals */
	struct card_date day;     /* ages and states are those of this day */
	struct card_bytes secret; /* of the municipality; empty: nobody gets a card */
	const char *authority;    /* of invented cards, 64 hexadecimal digits; their serials are
				  * 40000000 + position in hexadecimal, the first resident being 1 */
	const struct flow_record_person *person;
	size_t persons;
	/* Called now and then with what is done; may be NULL. */
	void (*progress)(void *ctx, long done);
	void *ctx;
};

/*
 * Fill empty tables with people who do not exist: households of one to six, old characters with
 * variation selectors, long addresses, foreign residents, 旧氏, people who moved or died, notices,
 * family registers, seals, taxes. The same arguments make the same rows.
 * CARD_ERR_DENIED: there are residents already; CARD_ERR_NOT_FOUND: no such font; errors of the store.
 */
CARD_API enum card_error flow_record_generate(flow_store_t *store,
					      const struct flow_record_generate *how,
					      struct flow_record_report *report);

#ifdef __cplusplus
}
#endif
#endif
