/* SPDX-License-Identifier: Apache-2.0 */
/* lists.h — authorities, a store, and lists on their way into it. */
#ifndef LISTS_H
#define LISTS_H

#include <card/crl.h>

#include "made_crl.h"

/* The instant of the tests. */
static const int64_t lists_day = 86400, lists_now = 1780000000;

/* Two generations of the CA for signatures, one of the other; all are anchors. */
extern struct lists {
	struct made_key ca, ca_old, auth_ca, stranger;
	card_trust_t *trust;
	char dir[64]; /* the store */
} lists;

/* Number 100 of the CA, in force, with three entries. */
struct made_crl lists_usual(void);

/* A file that is in no directory, at its beginning. */
int lists_memory_file(struct card_bytes content);

/* Import; the result agrees with the refusal. dp: RFC 4514 text or NULL. */
struct card_crl_report lists_import_bytes(struct card_bytes der, const char *dp);
struct card_crl_report lists_import(const struct made_crl *c);
void lists_assert_refused(struct card_crl_report r, enum card_crl_refusal why);

/* The index of a key and a city (NULL: whole CA); NULL if there is none. */
card_crl_index_t *lists_index(const struct made_key *key, const char *city);
/* A serial number in hexadecimal. */
bool lists_find(const card_crl_index_t *x, const char *hex, struct card_crl_entry *e);
/* How many indexes there are. */
int lists_files(void);

/* Import a file, with a second thread if so; it runs exactly then. */
enum card_crl_refusal lists_import_file(const char *path, bool with_helper);
/* The index of the whole CA. */
card_crl_index_t *lists_whole(void);

/* The group makes keys and anchors, each test an empty store. */
int lists_set_up(void **state);
int lists_tear_down(void **state);
int lists_each_set_up(void **state);
int lists_each_tear_down(void **state);
#define LISTS_TEST(name)                                                                           \
	cmocka_unit_test_setup_teardown(name, lists_each_set_up, lists_each_tear_down)

#endif
