/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_case.h — a holder's certificate, its authority and a store of lists, for the tests of
 * verification: list() and import_list() fill the store, request() asks, verify() answers.
 */
#ifndef VERIFY_CASE_H
#define VERIFY_CASE_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include <card/verify.h>

#include "made_crl.h"

static struct made_key ca, stranger, holder;
static card_trust_t *trust;
static card_buf_t ca_der, stranger_der, cert_der, auth_der, signature;
static char dir[64];

static const int64_t day = 86400, now = 1780000000;
static const char challenge[] = "KAZASU-TEST challenge";

static inline void import_list(const struct made_crl *c)
{
	char path[128];
	card_buf_t der = {0};
	struct card_crl_report report;
	struct card_crl_import how = {.store = dir, .trust = trust, .now = c->this_update + 1};
	made_crl(c, &der);
	snprintf(path, sizeof(path), "%s/list", dir);
	made_file(path, card_buf_bytes(&der));
	int fd = open(path, O_RDONLY);
	assert_int_equal(card_crl_import(&how, fd, &report), CARD_OK);
	close(fd);
	unlink(path);
	card_buf_free(&der);
}

static inline struct made_crl list(const char *city, const char *revoked_serial, int reason)
{
	static struct made_revoked entry;
	entry = (struct made_revoked){revoked_serial, now - 2 * day, reason};
	struct made_crl c = {.key = &ca,
			     .this_update = now - day,
			     .next_update = now + day,
			     .number = 5,
			     .city = city,
			     .entry = &entry,
			     .entries = 1};
	return c;
}

static inline struct card_verify_request request(void)
{
	struct card_verify_request r = {.parts = CARD_VERIFY_ALL,
					.certificate = card_buf_bytes(&cert_der),
					.use = CARD_USE_SIGN,
					.at = now,
					.hash = CARD_HASH_SHA256,
					.message = card_bytes(challenge, sizeof(challenge)),
					.signature = card_buf_bytes(&signature)};
	return r;
}

static inline struct card_verify_result verify_with(const struct card_verify_config *config,
						    const struct card_verify_request *r)
{
	card_verify_t *v;
	struct card_verify_result out;
	assert_int_equal(card_verify_new(&v, config), CARD_OK);
	assert_int_equal(card_verify(v, r, &out), CARD_OK);
	assert_int_equal(out.verdict, card_verdict_of(out.reasons));
	card_verify_free(&v);
	return out;
}

static inline struct card_verify_result verify(const struct card_verify_request *r)
{
	struct card_verify_config c = {.trust = trust, .store = dir};
	return verify_with(&c, r);
}

static inline void assert_only(struct card_verify_result r, enum card_reason reason)
{
	if (r.reasons != card_reason_bit(reason))
		fprintf(stderr, "reasons %llx, wanted only %s\n", (unsigned long long)r.reasons,
			card_reason_code(reason));
	assert_true(r.reasons == card_reason_bit(reason));
	assert_int_not_equal(r.verdict, CARD_VERDICT_VALID);
}

static inline int each_set_up(void **state)
{
	(void)state;
	made_dir(dir);
	return 0;
}

static inline int each_tear_down(void **state)
{
	(void)state;
	made_dir_remove(dir);
	return 0;
}

static inline int set_up(void **state)
{
	(void)state;
	uint8_t digest[CARD_HASH_MAX];
	made_rsa(&ca, 2048);
	made_rsa(&stranger, 2048);
	made_rsa(&holder, 2048);
	struct made_cert root = {.kind = MADE_SIGN_CA,
				 .serial = 1,
				 .not_before = now - 1000 * day,
				 .not_after = now + 1000 * day,
				 .key = &ca,
				 .issuer = &ca};
	made_cert(&root, &ca_der);
	root.key = root.issuer = &stranger;
	made_cert(&root, &stranger_der);
	struct made_cert m = {.kind = MADE_SIGN,
			      .serial = 0x4D,
			      .not_before = now - 1000 * day,
			      .not_after = now + 1000 * day,
			      .key = &holder,
			      .issuer = &ca};
	made_cert(&m, &cert_der);
	m.kind = MADE_AUTH;
	made_cert(&m, &auth_der);
	card_hash_digest(CARD_HASH_SHA256, card_bytes(challenge, sizeof(challenge)), digest);
	made_sign_digest(&holder, CARD_HASH_SHA256, false, card_bytes(digest, 32), &signature);
	return card_trust_new(&trust, 0) || card_trust_add(trust, card_buf_bytes(&ca_der));
}

static inline int tear_down(void **state)
{
	(void)state;
	made_key_free(&ca);
	made_key_free(&stranger);
	made_key_free(&holder);
	card_buf_free(&ca_der);
	card_buf_free(&stranger_der);
	card_buf_free(&cert_der);
	card_buf_free(&auth_der);
	card_buf_free(&signature);
	card_trust_free(&trust);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, each_set_up, each_tear_down)

#endif
