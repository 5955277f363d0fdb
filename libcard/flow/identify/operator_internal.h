/* SPDX-License-Identifier: Apache-2.0 */
/* operator_internal.h — passwords and small helpers of the files of operators. */
#ifndef OPERATOR_INTERNAL_H
#define OPERATOR_INTERNAL_H

#include <cardflow/operator.h>

/* argon2id, encoded; out on the heap. CARD_ERR_CRYPTO. */
enum card_error password_hash(const card_secret_t *password, char out[160]);
bool password_matches(const char *encoded, const card_secret_t *password);
/* CARD_ERR_DENIED unless the form is good. */
enum card_error password_form(const char *id, const card_secret_t *password);

/* The encoded hash of an account and its count of failures; CARD_ERR_NOT_FOUND. */
struct account_secret {
	char hash[160];
	char history[5 * 160]; /* hashes joined by line ends, newest first */
	long failures;
};
enum card_error account_secret(flow_store_t *store, const char *id, struct account_secret *out);

bool operator_id_valid(const char *id);
bool operator_has_role(flow_store_t *store, const char *id, const char *role);

/* One journal record about an account; the journal may be NULL only at the first set-up. */
enum card_error operator_note(flow_store_t *store, journal_t *j, const char *event,
			      enum journal_result result, const char *by, const char *about,
			      const char *code);

#endif
