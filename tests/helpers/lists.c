/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "lists.h"

struct lists lists;

static const struct made_revoked three[] = {
	{"0132C4AB", 1770000000, 4},
	{"05", 1770000001, -1},
	{"00FFFFFFFE", 1770000002, 1},
};

struct made_crl lists_usual(void)
{
	struct made_crl c = {.key = &lists.ca,
			     .this_update = lists_now - lists_day,
			     .next_update = lists_now + lists_day,
			     .number = 100,
			     .entry = three,
			     .entries = 3};
	return c;
}

int lists_memory_file(struct card_bytes content)
{
	int fd = memfd_create("list", MFD_CLOEXEC);
	assert_true(fd >= 0);
	for (size_t at = 0; at < content.n;) {
		ssize_t n = write(fd, content.p + at, content.n - at);
		assert_true(n > 0);
		at += (size_t)n;
	}
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

struct card_crl_report lists_import_bytes(struct card_bytes der, const char *dp)
{
	struct card_crl_report report;
	card_buf_t canonical = {0};
	if (dp)
		assert_int_equal(card_name_canonical_from_text(dp, &canonical), CARD_OK);
	struct card_crl_import how = {.store = lists.dir,
				      .trust = lists.trust,
				      .now = lists_now,
				      .dist_point = card_buf_bytes(&canonical)};
	int fd = lists_memory_file(der);
	enum card_error err = card_crl_import(&how, fd, &report);
	assert_int_equal(err == CARD_OK, report.refusal == CARD_CRL_TAKEN);
	close(fd);
	card_buf_free(&canonical);
	return report;
}

struct card_crl_report lists_import(const struct made_crl *c)
{
	card_buf_t der = {0};
	made_crl(c, &der);
	struct card_crl_report r = lists_import_bytes(card_buf_bytes(&der), NULL);
	card_buf_free(&der);
	return r;
}

void lists_assert_refused(struct card_crl_report r, enum card_crl_refusal why)
{
	if (r.refusal != why)
		fprintf(stderr, "refusal %s, wanted %s\n", card_crl_refusal_code(r.refusal),
			card_crl_refusal_code(why));
	assert_int_equal(r.refusal, why);
}

/* The index of a key and a city (NULL: whole CA); NULL if there is none. */
card_crl_index_t *lists_index(const struct made_key *key, const char *city)
{
	uint8_t issuer[CARD_HASH_MAX], scope[32] = {0};
	card_crl_store_t *s;
	card_crl_index_t *x = NULL;
	char path[200], a[33], b[33];
	assert_int_equal(card_hash_digest(CARD_HASH_SHA256, card_buf_bytes(&key->spki), issuer),
			 CARD_OK);
	if (city) {
		card_buf_t name = {0}, canonical = {0};
		made_dist_point(&name, key != &lists.auth_ca, false, city);
		assert_int_equal(card_name_canonical(card_buf_bytes(&name), &canonical), CARD_OK);
		assert_int_equal(card_crl_scope_of_name(card_buf_bytes(&canonical), scope),
				 CARD_OK);
		card_buf_free(&name);
		card_buf_free(&canonical);
	}
	assert_int_equal(card_crl_store_open(&s, lists.dir, 0), CARD_OK);
	if (card_crl_store_find(s, issuer, scope)) {
		card_hex_encode(card_bytes(issuer, 16), a, sizeof(a));
		card_hex_encode(card_bytes(scope, 16), b, sizeof(b));
		snprintf(path, sizeof(path), "%s/%s-%s.crlx", lists.dir, a, b);
		assert_int_equal(card_crl_index_open(&x, path), CARD_OK);
	}
	card_crl_store_close(&s);
	return x;
}

bool lists_find(const card_crl_index_t *x, const char *hex, struct card_crl_entry *e)
{
	card_buf_t b = {0};
	made_hex(&b, hex);
	bool there = card_crl_index_lookup(x, card_buf_bytes(&b), e);
	card_buf_free(&b);
	return there;
}

static void count_file(void *ctx, const char *path)
{
	assert_non_null(strstr(path, ".crlx"));
	++*(int *)ctx;
}

int lists_files(void)
{
	int n = 0;
	assert_int_equal(card_crl_store_each(lists.dir, count_file, &n), CARD_OK);
	return n;
}

/* ---- from a file, with a helper ---- */

static void *start_thread(void *ctx, void *(*fn)(void *), void *arg)
{
	pthread_t *t = malloc(sizeof(*t));
	assert_non_null(t);
	assert_int_equal(pthread_create(t, NULL, fn, arg), 0);
	++*(int *)ctx;
	return t;
}

static void join_thread(void *ctx, void *handle)
{
	(void)ctx;
	pthread_t *t = handle;
	assert_int_equal(pthread_join(*t, NULL), 0);
	free(t);
}

enum card_crl_refusal lists_import_file(const char *path, bool with_helper)
{
	struct card_crl_report report;
	int helpers = 0;
	struct card_crl_helper helper = {start_thread, join_thread, &helpers};
	struct card_crl_import how = {.store = lists.dir,
				      .trust = lists.trust,
				      .now = lists_now,
				      .helper = with_helper ? &helper : NULL};
	int fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	card_crl_import(&how, fd, &report);
	close(fd);
	assert_int_equal(helpers, with_helper);
	return report.refusal;
}

card_crl_index_t *lists_whole(void)
{
	uint8_t key[CARD_HASH_MAX];
	char path[200], hex[33];
	card_crl_index_t *x;
	assert_int_equal(card_hash_digest(CARD_HASH_SHA256, card_buf_bytes(&lists.ca.spki), key),
			 CARD_OK);
	card_hex_encode(card_bytes(key, 16), hex, sizeof(hex));
	snprintf(path, sizeof(path), "%s/%s-%032d.crlx", lists.dir, hex, 0);
	assert_int_equal(card_crl_index_open(&x, path), CARD_OK);
	return x;
}

/* ---- for cmocka ---- */

int lists_each_set_up(void **state)
{
	(void)state;
	made_dir(lists.dir);
	return 0;
}

int lists_each_tear_down(void **state)
{
	(void)state;
	made_dir_remove(lists.dir);
	return 0;
}

static void add_ca(enum made_kind kind, const struct made_key *key)
{
	struct made_cert c = {.kind = kind,
			      .serial = 1,
			      .not_before = lists_now - 1000 * lists_day,
			      .not_after = lists_now + 1000 * lists_day,
			      .key = key,
			      .issuer = key};
	card_buf_t der = {0};
	made_cert(&c, &der);
	assert_int_equal(card_trust_add(lists.trust, card_buf_bytes(&der)), CARD_OK);
	card_buf_free(&der);
}

int lists_set_up(void **state)
{
	(void)state;
	made_rsa(&lists.ca, 2048);
	made_rsa(&lists.ca_old, 2048);
	made_rsa(&lists.auth_ca, 2048);
	made_rsa(&lists.stranger, 2048);
	if (card_trust_new(&lists.trust, 0))
		return 1;
	add_ca(MADE_SIGN_CA, &lists.ca_old);
	add_ca(MADE_SIGN_CA, &lists.ca);
	add_ca(MADE_AUTH_CA, &lists.auth_ca);
	return 0;
}

int lists_tear_down(void **state)
{
	(void)state;
	made_key_free(&lists.ca);
	made_key_free(&lists.ca_old);
	made_key_free(&lists.auth_ca);
	made_key_free(&lists.stranger);
	card_trust_free(&lists.trust);
	return 0;
}
