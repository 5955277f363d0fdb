/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that a list becomes an index that answers exactly what the list says,
 * and that every list that must not be taken is refused by its own name and
 * leaves the store as it was.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <card/crl.h>

#include "made_crl.h"

static struct made_key ca, ca_old, auth_ca, stranger;
static card_trust_t *trust;
static char dir[64];

static const int64_t day = 86400, now = 1780000000;

static const struct made_revoked three[] = {
	{"0132C4AB", 1770000000, 4},
	{"05", 1770000001, -1},
	{"00FFFFFFFE", 1770000002, 1},
};

static struct made_crl usual(void)
{
	struct made_crl c = {.key = &ca,
			     .this_update = now - day,
			     .next_update = now + day,
			     .number = 100,
			     .entry = three,
			     .entries = 3};
	return c;
}

static int file_of(struct card_bytes content)
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

static struct card_crl_report import_bytes(struct card_bytes der, const char *dp)
{
	struct card_crl_report report;
	card_buf_t canonical = {0};
	if (dp)
		assert_int_equal(card_name_canonical_from_text(dp, &canonical), CARD_OK);
	struct card_crl_import how = {
		.store = dir, .trust = trust, .now = now, .dist_point = card_buf_bytes(&canonical)};
	int fd = file_of(der);
	enum card_error err = card_crl_import(&how, fd, &report);
	assert_int_equal(err == CARD_OK, report.refusal == CARD_CRL_TAKEN);
	close(fd);
	card_buf_free(&canonical);
	return report;
}

static struct card_crl_report import(const struct made_crl *c)
{
	card_buf_t der = {0};
	made_crl(c, &der);
	struct card_crl_report r = import_bytes(card_buf_bytes(&der), NULL);
	card_buf_free(&der);
	return r;
}

static void assert_refused(struct card_crl_report r, enum card_crl_refusal why)
{
	if (r.refusal != why)
		fprintf(stderr, "refusal %s, wanted %s\n", card_crl_refusal_code(r.refusal),
			card_crl_refusal_code(why));
	assert_int_equal(r.refusal, why);
}

/* The index of a key and a city (NULL: whole CA); NULL if there is none. */
static card_crl_index_t *index_of(const struct made_key *key, const char *city)
{
	uint8_t issuer[CARD_HASH_MAX], scope[32] = {0};
	card_crl_store_t *s;
	card_crl_index_t *x = NULL;
	char path[200], a[33], b[33];
	assert_int_equal(card_hash_digest(CARD_HASH_SHA256, card_buf_bytes(&key->spki), issuer),
			 CARD_OK);
	if (city) {
		card_buf_t name = {0}, canonical = {0};
		made_dist_point(&name, key != &auth_ca, false, city);
		assert_int_equal(card_name_canonical(card_buf_bytes(&name), &canonical), CARD_OK);
		assert_int_equal(card_crl_scope_of_name(card_buf_bytes(&canonical), scope),
				 CARD_OK);
		card_buf_free(&name);
		card_buf_free(&canonical);
	}
	assert_int_equal(card_crl_store_open(&s, dir, 0), CARD_OK);
	if (card_crl_store_find(s, issuer, scope)) {
		card_hex_encode(card_bytes(issuer, 16), a, sizeof(a));
		card_hex_encode(card_bytes(scope, 16), b, sizeof(b));
		snprintf(path, sizeof(path), "%s/%s-%s.crlx", dir, a, b);
		assert_int_equal(card_crl_index_open(&x, path), CARD_OK);
	}
	card_crl_store_close(&s);
	return x;
}

static bool find(const card_crl_index_t *x, const char *hex, struct card_crl_entry *e)
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

static int files(void)
{
	int n = 0;
	assert_int_equal(card_crl_store_each(dir, count_file, &n), CARD_OK);
	return n;
}

static void a_list_is_taken_and_answers_with_dates_and_reasons(void **state)
{
	(void)state;
	struct made_crl c = usual();
	struct card_crl_report r = import(&c);
	assert_refused(r, CARD_CRL_TAKEN);
	assert_false(r.unchanged);
	assert_int_equal(r.info.entries, 3);
	assert_true(r.info.whole);
	assert_false(r.info.test);
	char number[CARD_CRL_NUMBER_TEXT];
	card_crl_number_text(&r.info, number);
	assert_string_equal(number, "100");
	assert_non_null(strstr(r.info.issuer, "OU=JPKI for digital signature,O=JPKI,C=JP"));
	card_crl_index_t *x = index_of(&ca, NULL);
	assert_non_null(x);
	const struct card_crl_info *info = card_crl_index_info(x);
	assert_int_equal(info->this_update, now - day);
	assert_int_equal(info->next_update, now + day);
	assert_int_equal(info->imported_at, now);
	struct card_crl_entry e;
	assert_true(find(x, "0132C4AB", &e));
	assert_int_equal(e.revoked_at, 1770000000);
	assert_int_equal(e.reason, CARD_CRL_SUPERSEDED);
	assert_true(find(x, "000132C4AB", &e)); /* leading zeros do not matter */
	assert_true(find(x, "05", &e));
	assert_int_equal(e.reason, CARD_CRL_NO_REASON);
	assert_true(find(x, "FFFFFFFE", &e));
	assert_int_equal(e.reason, CARD_CRL_KEY_COMPROMISE);
	assert_false(find(x, "0132C4AC", &e));
	assert_false(find(x, "0132C4AB00", &e));
	assert_false(find(x, "06", &e));
	assert_int_equal(card_crl_index_verify(x), CARD_OK);
	card_crl_index_close(&x);
}

static void an_empty_list_says_that_nothing_is_revoked(void **state)
{
	(void)state;
	struct made_crl c = usual();
	c.entries = 0;
	assert_refused(import(&c), CARD_CRL_TAKEN);
	card_crl_index_t *x = index_of(&ca, NULL);
	struct card_crl_entry e;
	assert_false(find(x, "05", &e));
	assert_int_equal(card_crl_index_verify(x), CARD_OK);
	card_crl_index_close(&x);
}

static void numbers_only_go_up(void **state)
{
	(void)state;
	struct made_crl c = usual();
	assert_refused(import(&c), CARD_CRL_TAKEN);
	struct card_crl_report r = import(&c);
	assert_refused(r, CARD_CRL_TAKEN);
	assert_true(r.unchanged);
	c.entries = 2;
	assert_refused(import(&c), CARD_CRL_REFUSED_CONFLICT);
	c.number = 99;
	assert_refused(import(&c), CARD_CRL_REFUSED_OLDER);
	card_crl_index_t *x = index_of(&ca, NULL);
	assert_int_equal(card_crl_index_info(x)->entries, 3);
	card_crl_index_close(&x);
	c.number = 256; /* longer as octets */
	assert_refused(import(&c), CARD_CRL_TAKEN);
	c.number = 255;
	assert_refused(import(&c), CARD_CRL_REFUSED_OLDER);
	x = index_of(&ca, NULL);
	assert_int_equal(card_crl_index_info(x)->entries, 2);
	card_crl_index_close(&x);
}

static void partitions_and_generations_are_kept_apart(void **state)
{
	(void)state;
	static const struct made_revoked one[] = {{"11", 1770000000, 3}},
					 two[] = {{"22", 1770000000, 3}},
					 whole[] = {{"33", 1770000000, 3}},
					 old[] = {{"44", 1770000000, 3}};
	struct made_crl c = usual();
	c.entries = 1;
	c.city = "Kiyose-shi";
	c.entry = one;
	assert_refused(import(&c), CARD_CRL_TAKEN);
	c.city = "Tanashi-shi";
	c.entry = two;
	c.number = 7; /* numbers of partitions do not meet */
	assert_refused(import(&c), CARD_CRL_TAKEN);
	c.city = NULL;
	c.entry = whole;
	assert_refused(import(&c), CARD_CRL_TAKEN);
	c.key = &ca_old;
	c.entry = old;
	assert_refused(import(&c), CARD_CRL_TAKEN);
	assert_int_equal(files(), 4);
	static const struct {
		struct made_key *key;
		const char *city;
		const char *serial;
	} rows[] = {{&ca, "Kiyose-shi", "11"},
		    {&ca, "Tanashi-shi", "22"},
		    {&ca, NULL, "33"},
		    {&ca_old, NULL, "44"}};
	for (size_t i = 0; i < 4; i++) {
		card_crl_index_t *x = index_of(rows[i].key, rows[i].city);
		struct card_crl_entry e;
		assert_non_null(x);
		for (size_t k = 0; k < 4; k++)
			assert_int_equal(find(x, rows[k].serial, &e), i == k);
		card_crl_index_close(&x);
	}
	assert_null(index_of(&ca, "Nowhere-shi"));
}

static void a_list_for_another_municipality_is_refused(void **state)
{
	(void)state;
	struct made_crl c = usual();
	card_buf_t der = {0};
	c.city = "Tanashi-shi";
	made_crl(&c, &der);
	assert_refused(
		import_bytes(card_buf_bytes(&der),
			     "CN=Kiyose-shi CRLDP,OU=Tokyo-to,OU=CRL Distribution Points,OU=JPKI "
			     "for digital signature,O=JPKI,C=JP"),
		CARD_CRL_REFUSED_PARTITION);
	assert_int_equal(files(), 0);
	assert_refused(
		import_bytes(card_buf_bytes(&der),
			     "cn=tanashi-shi crldp,OU=Tokyo-to,OU=CRL Distribution Points,OU=JPKI "
			     "for digital signature,O=JPKI,C=JP"),
		CARD_CRL_TAKEN);
	assert_int_equal(files(), 1);
	card_buf_free(&der);
	c.city = NULL;
	made_crl(&c, &der);
	assert_refused(import_bytes(card_buf_bytes(&der), "CN=Kiyose-shi CRLDP"),
		       CARD_CRL_REFUSED_PARTITION);
	card_buf_free(&der);
}

static void every_wrong_list_is_refused_by_name(void **state)
{
	(void)state;
	struct made_crl good = usual(), c;
	good.city = "Kiyose-shi";
	assert_refused(import(&good), CARD_CRL_TAKEN);
	card_crl_index_t *before = index_of(&ca, "Kiyose-shi");
	good.number = 101;
#define ROW(change, why)                                                                           \
	c = good;                                                                                  \
	change;                                                                                    \
	assert_refused(import(&c), why);
	ROW(c.key = &stranger, CARD_CRL_REFUSED_ISSUER)
	ROW((c.key = &stranger, c.aki_tlv = ""), CARD_CRL_REFUSED_SIGNATURE)
	ROW(c.issuer_tlv = "300D310B3009060355040613024A50", CARD_CRL_REFUSED_ISSUER)
	ROW(c.next_update = now, CARD_CRL_REFUSED_EXPIRED)
	ROW((c.this_update = now + day, c.next_update = now + 2 * day), CARD_CRL_REFUSED_FUTURE)
	ROW((c.this_update = now, c.next_update = now - day), CARD_CRL_REFUSED_FUTURE)
	ROW(c.next_update = 0, CARD_CRL_REFUSED_NO_NEXT_UPDATE)
	ROW(c.number = 0, CARD_CRL_REFUSED_NO_NUMBER)
	ROW(c.number = 99, CARD_CRL_REFUSED_OLDER)
	ROW(c.version_tlv = "", CARD_CRL_REFUSED_VERSION)
	ROW(c.version_tlv = "020100", CARD_CRL_REFUSED_VERSION)
	ROW(c.inner_alg_tlv = "300D06092A864886F70D01010C0500", CARD_CRL_REFUSED_ALGORITHM)
	ROW(c.inner_alg_tlv = "300906052A03040506", CARD_CRL_REFUSED_ALGORITHM)
	ROW(c.base = 5, CARD_CRL_TAKEN) /* a delta on what is there */
	good.number = 102;
	ROW((c.city = "Nowhere-shi", c.base = 5), CARD_CRL_REFUSED_DELTA_BASE)
	ROW(c.base = 200, CARD_CRL_REFUSED_DELTA_BASE)
	ROW(c.extra_tlv = "300C06032A03040101FF04020500", CARD_CRL_REFUSED_CRITICAL)
	ROW(c.extra_tlv = "300A0603551D140403020105", CARD_CRL_REFUSED_MALFORMED) /* twice */
	/* issuingDistributionPoint: CA certificates, some reasons, indirect, attributes */
	ROW(c.idp_tlv = "300F0603551D1C0101FF04053003 8201FF", CARD_CRL_REFUSED_SCOPE)
	ROW(c.idp_tlv = "30100603551D1C0101FF04063004 83020640", CARD_CRL_REFUSED_SCOPE)
	ROW(c.idp_tlv = "300F0603551D1C0101FF04053003 8401FF", CARD_CRL_REFUSED_SCOPE)
	ROW(c.idp_tlv = "300F0603551D1C0101FF04053003 8501FF", CARD_CRL_REFUSED_SCOPE)
	ROW(c.idp_tlv = "300F0603551D1C0101FF04053003 810100", CARD_CRL_REFUSED_MALFORMED)
#undef ROW
	static const struct {
		const char *entry; /* SEQUENCE of one entry */
		enum card_crl_refusal why;
	} rows[] = {
		{"30120201 80 170D3236303130323033303430355A", CARD_CRL_REFUSED_NEGATIVE_SERIAL},
		{"30260215 010203040506070809101112131415161718192021 170D3236303130323033303430355A",
		 CARD_CRL_REFUSED_LONG_SERIAL},
		{"30130202 0001 170D3236303130323033303430355A", CARD_CRL_REFUSED_ENTRY},
		{"30120201 05 170D3236313330323033303430355A", CARD_CRL_REFUSED_ENTRY},
		{"30120201 05 170D3236303130323035363036305A", CARD_CRL_REFUSED_ENTRY},
		{"30200201 05 170D3236303130323033303430355A 300C300A0603551D1504030A0107",
		 CARD_CRL_REFUSED_ENTRY},
		{"30200201 05 170D3236303130323033303430355A 300C300A0603551D1504030A0108",
		 CARD_CRL_REFUSED_ENTRY}, /* removeFromCRL outside a delta */
		{"30220201 05 170D3236303130323033303430355A 300E300C06032A03040101FF04020500",
		 CARD_CRL_REFUSED_CRITICAL},
		{"30230201 05 170D3236303130323033303430355A 300F300D0603551D1D0101FF04033001 00",
		 CARD_CRL_REFUSED_SCOPE},
		{"30140201 05 170D3236303130323033303430355A 3000", CARD_CRL_REFUSED_ENTRY},
		{"30120201 05 170D3236303130323033303430355A 30120201 05 "
		 "170D3236303130323033303430355A",
		 CARD_CRL_REFUSED_DUPLICATE},
		{"30130201 05 170D3236303130323033303430355A", CARD_CRL_REFUSED_MALFORMED},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		card_buf_t raw = {0};
		made_hex(&raw, rows[i].entry);
		/* alone (the cursor) and before many others (the fast path) */
		for (int many = 0; many < 2; many++) {
			if (many) {
				card_buf_t more = {0};
				assert_int_equal(card_buf_append(&more, card_buf_bytes(&raw)),
						 CARD_OK);
				for (uint8_t k = 0; k < 20; k++)
					made_crl_entry(&more, card_bytes((uint8_t[]){0x40, k}, 2),
						       1770000000, -1);
				card_buf_free(&raw);
				raw = more;
			}
			c = good;
			c.entries = 0;
			c.raw_entries = card_buf_bytes(&raw);
			struct card_crl_report r = import(&c);
			/* A length that is wrong by one breaks something else in a longer list. */
			if (rows[i].why == CARD_CRL_REFUSED_MALFORMED && many)
				assert_int_not_equal(r.refusal, CARD_CRL_TAKEN);
			else
				assert_refused(r, rows[i].why);
		}
		card_buf_free(&raw);
	}
	/* What was there is there. */
	assert_int_equal(files(), 1);
	card_crl_index_close(&before);
	for (unsigned r = 0; r < CARD_CRL_REFUSED_COUNT_; r++) {
		assert_true(strlen(card_crl_refusal_text((enum card_crl_refusal)r, CARD_LANG_JA)) >
			    10);
		assert_true(strlen(card_crl_refusal_text((enum card_crl_refusal)r, CARD_LANG_EN)) >
			    10);
	}
}

static void every_truncation_and_flip_is_refused(void **state)
{
	(void)state;
	struct made_crl c = usual();
	card_buf_t der = {0};
	size_t by_signature = 0;
	made_crl(&c, &der);
	for (size_t n = 0; n < der.n; n++) {
		struct card_crl_report r = import_bytes(card_bytes(der.p, n), NULL);
		assert_refused(r, CARD_CRL_REFUSED_TRUNCATED);
	}
	for (size_t i = 0; i < der.n; i++) {
		der.p[i] ^= (uint8_t)(1u << i % 8);
		struct card_crl_report r = import_bytes(card_buf_bytes(&der), NULL);
		assert_int_not_equal(r.refusal, CARD_CRL_TAKEN);
		by_signature += r.refusal == CARD_CRL_REFUSED_SIGNATURE;
		der.p[i] ^= (uint8_t)(1u << i % 8);
	}
	assert_true(by_signature > 256); /* the signature itself at least */
	assert_int_equal(card_buf_append_byte(&der, 0), CARD_OK);
	assert_refused(import_bytes(card_buf_bytes(&der), NULL), CARD_CRL_REFUSED_TRAILING);
	assert_int_equal(files(), 0);
	der.n--;
	assert_refused(import_bytes(card_buf_bytes(&der), NULL), CARD_CRL_TAKEN);
	card_buf_free(&der);
}

static void long_serial_numbers_are_exact(void **state)
{
	(void)state;
	static const struct made_revoked e[] = {
		{"0102030405060708090A0B0C0D0E0F1011121314", 1770000000, 1},
		{"0102030405060708090A0B0C0D0E0F1011121315", 1770000001, 3},
		{"0100000000", 1770000002, 4},
		{"00FFFFFFFF", 1770000003, 5},
		{"7F", 1770000004, -1},
	};
	struct made_crl c = usual();
	c.entry = e;
	c.entries = 5;
	assert_refused(import(&c), CARD_CRL_TAKEN);
	card_crl_index_t *x = index_of(&ca, NULL);
	struct card_crl_entry got;
	for (size_t i = 0; i < 5; i++) {
		assert_true(find(x, e[i].serial, &got));
		assert_int_equal(got.revoked_at, e[i].at);
	}
	assert_false(find(x, "0102030405060708090A0B0C0D0E0F1011121316", &got));
	assert_false(find(x, "02030405060708090A0B0C0D0E0F1011121314", &got));
	assert_false(find(x, "000102030405060708090A0B0C0D0E0F101112131400", &got));
	assert_false(find(x, "0100000001", &got));
	assert_int_equal(card_crl_index_verify(x), CARD_OK);
	card_crl_index_close(&x);
	/* duplicates among them */
	static const struct made_revoked twice[] = {
		{"0102030405060708090A0B0C0D0E0F1011121314", 1770000000, 1},
		{"0102030405060708090A0B0C0D0E0F1011121314", 1770000001, 3},
	};
	c.entry = twice;
	c.entries = 2;
	c.number++;
	assert_refused(import(&c), CARD_CRL_REFUSED_DUPLICATE);
}

static void deltas_add_change_and_remove(void **state)
{
	(void)state;
	static const struct made_revoked base[] = {{"01", 1770000000, 6},
						   {"02", 1770000000, 4},
						   {"03", 1770000000, 4},
						   {"0500000000", 1770000000, 6}},
					 delta[] = {{"01", 1771000000, 8},
						    {"02", 1771000001, 1},
						    {"04", 1771000002, 5},
						    {"0500000000", 1771000000, 8},
						    {"0600000000", 1771000003, 3},
						    {"77", 1771000000, 8}};
	struct made_crl c = usual();
	c.entry = base;
	c.entries = 4;
	assert_refused(import(&c), CARD_CRL_TAKEN);
	c.entry = delta;
	c.entries = 6;
	c.base = 101; /* later than what is there */
	c.number = 103;
	assert_refused(import(&c), CARD_CRL_REFUSED_DELTA_BASE);
	c.base = 100;
	struct card_crl_report r = import(&c);
	assert_refused(r, CARD_CRL_TAKEN);
	assert_true(r.info.delta_applied);
	assert_int_equal(r.info.entries, 4);
	assert_true(import(&c).unchanged);
	c.number = 102;
	assert_refused(import(&c), CARD_CRL_REFUSED_OLDER);
	card_crl_index_t *x = index_of(&ca, NULL);
	struct card_crl_entry e;
	char number[CARD_CRL_NUMBER_TEXT];
	card_crl_number_text(card_crl_index_info(x), number);
	assert_string_equal(number, "103");
	assert_false(find(x, "01", &e));
	assert_true(find(x, "02", &e));
	assert_int_equal(e.revoked_at, 1771000001);
	assert_int_equal(e.reason, CARD_CRL_KEY_COMPROMISE);
	assert_true(find(x, "03", &e));
	assert_int_equal(e.revoked_at, 1770000000);
	assert_true(find(x, "04", &e));
	assert_false(find(x, "0500000000", &e));
	assert_true(find(x, "0600000000", &e));
	assert_int_equal(card_crl_index_verify(x), CARD_OK);
	card_crl_index_close(&x);
}

/* Removals of long serial numbers alone, in a delta list and where they must not be. */
static void long_serial_numbers_are_removed_too(void **state)
{
	(void)state;
	static const struct made_revoked base[] = {{"0500000000", 1770000000, 6},
						   {"0500000001", 1770000000, 6}},
					 delta[] = {{"0500000000", 1771000000, 8}};
	struct made_crl c = usual();
	c.entry = delta;
	c.entries = 1;
	assert_refused(import(&c), CARD_CRL_REFUSED_ENTRY);
	c.entry = base;
	c.entries = 2;
	assert_refused(import(&c), CARD_CRL_TAKEN);
	c.entry = delta;
	c.entries = 1;
	c.base = 100;
	c.number = 101;
	assert_refused(import(&c), CARD_CRL_TAKEN);
	card_crl_index_t *x = index_of(&ca, NULL);
	struct card_crl_entry e;
	assert_false(find(x, "0500000000", &e));
	assert_true(find(x, "0500000001", &e));
	card_crl_index_close(&x);
}

/* Whoever ships the files may put another directory in the place of the old. */
static void a_store_follows_its_name(void **state)
{
	(void)state;
	uint8_t issuer[CARD_HASH_MAX], scope[32] = {0};
	char moved[80];
	card_crl_store_t *s;
	struct made_crl c = usual();
	card_hash_digest(CARD_HASH_SHA256, card_buf_bytes(&ca.spki), issuer);
	assert_refused(import(&c), CARD_CRL_TAKEN);
	assert_int_equal(card_crl_store_open(&s, dir, 0), CARD_OK);
	assert_non_null(card_crl_store_find(s, issuer, scope));
	snprintf(moved, sizeof(moved), "%s.old", dir);
	assert_int_equal(rename(dir, moved), 0);
	assert_null(card_crl_store_find(s, issuer, scope));
	assert_int_equal(mkdir(dir, 0700), 0);
	c.number = 101;
	assert_refused(import(&c), CARD_CRL_TAKEN);
	const card_crl_index_t *x = card_crl_store_find(s, issuer, scope);
	assert_non_null(x);
	assert_int_equal(card_crl_index_info(x)->number[0], 101);
	card_crl_store_close(&s);
	made_dir_remove(moved);
}

static void pem_is_taken_too(void **state)
{
	(void)state;
	struct made_crl c = usual();
	card_buf_t der = {0}, pem = {0};
	made_crl(&c, &der);
	char *text = malloc(der.n * 2);
	int n = EVP_EncodeBlock((unsigned char *)text, der.p, (int)der.n);
	static const char begin[] = "-----BEGIN X509 CRL-----\n",
			  end[] = "-----END X509 CRL-----\n";
	assert_int_equal(card_buf_append(&pem, card_bytes(begin, sizeof(begin) - 1)), CARD_OK);
	for (int i = 0; i < n; i += 64) {
		int k = n - i < 64 ? n - i : 64;
		assert_int_equal(card_buf_append(&pem, card_bytes(text + i, (size_t)k)), CARD_OK);
		assert_int_equal(card_buf_append_byte(&pem, '\n'), CARD_OK);
	}
	size_t body = pem.n;
	assert_int_equal(card_buf_append(&pem, card_bytes(end, sizeof(end) - 1)), CARD_OK);
	assert_refused(import_bytes(card_bytes(pem.p, body / 2), NULL), CARD_CRL_REFUSED_TRUNCATED);
	assert_refused(import_bytes(card_buf_bytes(&pem), NULL), CARD_CRL_TAKEN);
	free(text);
	card_buf_free(&der);
	card_buf_free(&pem);
}

static void a_test_list_needs_a_test_anchor(void **state)
{
	(void)state;
	struct made_crl c = usual();
	c.test = true;
	assert_refused(import(&c), CARD_CRL_REFUSED_ISSUER);
	struct made_cert root = {.kind = MADE_SIGN_CA,
				 .test = true,
				 .serial = 1,
				 .not_before = now - day,
				 .not_after = now + day,
				 .key = &ca,
				 .issuer = &ca};
	card_buf_t der = {0};
	card_trust_t *usual_trust = trust;
	made_cert(&root, &der);
	assert_int_equal(card_trust_new(&trust, CARD_TRUST_TEST_ROOTS), CARD_OK);
	assert_int_equal(card_trust_add(trust, card_buf_bytes(&der)), CARD_OK);
	struct card_crl_report r = import(&c);
	assert_refused(r, CARD_CRL_TAKEN);
	assert_true(r.info.test);
	card_trust_free(&trust);
	trust = usual_trust;
	card_buf_free(&der);
}

static void a_damaged_index_is_noticed(void **state)
{
	(void)state;
	struct made_crl c = usual();
	assert_refused(import(&c), CARD_CRL_TAKEN);
	char path[200] = "";
	uint8_t issuer[CARD_HASH_MAX], scope[32] = {0};
	char hex[33];
	card_hash_digest(CARD_HASH_SHA256, card_buf_bytes(&ca.spki), issuer);
	card_hex_encode(card_bytes(issuer, 16), hex, sizeof(hex));
	snprintf(path, sizeof(path), "%s/%s-%032d.crlx", dir, hex, 0);
	int fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	off_t size = lseek(fd, 0, SEEK_END);
	/* one octet of the body: found by verify; of the header: not opened at all */
	for (off_t at = 0; at < size; at += at < 2048 ? 97 : 1021) {
		uint8_t b, flipped;
		assert_int_equal(pread(fd, &b, 1, at), 1);
		flipped = b ^ 0x10;
		assert_int_equal(pwrite(fd, &flipped, 1, at), 1);
		card_crl_index_t *x = NULL;
		enum card_error err = card_crl_index_open(&x, path);
		if (!err)
			err = card_crl_index_verify(x);
		card_crl_index_close(&x);
		/* The rest of the header's page is empty and not looked at. */
		if (at < 1290 || at >= 4096)
			assert_int_equal(err, CARD_ERR_MALFORMED);
		assert_int_equal(pwrite(fd, &b, 1, at), 1);
	}
	assert_int_equal(ftruncate(fd, size - 64), 0);
	card_crl_index_t *x = NULL;
	assert_int_equal(card_crl_index_open(&x, path), CARD_ERR_MALFORMED);
	close(fd);
	/* A store without a readable index has no answer; the next list repairs it. */
	card_crl_store_t *s;
	assert_int_equal(card_crl_store_open(&s, dir, 0), CARD_OK);
	assert_null(card_crl_store_find(s, issuer, scope));
	assert_refused(import(&c), CARD_CRL_TAKEN);
	assert_non_null(card_crl_store_find(s, issuer, scope));
	card_crl_store_close(&s);
}

static void a_store_notices_new_and_vanished_indexes(void **state)
{
	(void)state;
	uint8_t issuer[CARD_HASH_MAX], scope[32] = {0};
	card_crl_store_t *s;
	struct made_crl c = usual();
	card_hash_digest(CARD_HASH_SHA256, card_buf_bytes(&ca.spki), issuer);
	assert_int_equal(card_crl_store_open(&s, dir, 0), CARD_OK);
	assert_null(card_crl_store_find(s, issuer, scope));
	assert_refused(import(&c), CARD_CRL_TAKEN);
	const card_crl_index_t *x = card_crl_store_find(s, issuer, scope);
	assert_non_null(x);
	assert_int_equal(card_crl_index_info(x)->number[0], 100);
	c.number = 101;
	assert_refused(import(&c), CARD_CRL_TAKEN);
	x = card_crl_store_find(s, issuer, scope);
	assert_int_equal(card_crl_index_info(x)->number[0], 101);
	made_dir_remove(dir);
	assert_null(card_crl_store_find(s, issuer, scope));
	card_crl_store_close(&s);
	assert_int_equal(card_crl_store_open(&s, "/nowhere/at/all", 0), CARD_ERR_IO);
}

static int each_set_up(void **state)
{
	(void)state;
	made_dir(dir);
	return 0;
}

static int each_tear_down(void **state)
{
	(void)state;
	made_dir_remove(dir);
	return 0;
}

static void add_ca(enum made_kind kind, const struct made_key *key)
{
	struct made_cert c = {.kind = kind,
			      .serial = 1,
			      .not_before = now - 1000 * day,
			      .not_after = now + 1000 * day,
			      .key = key,
			      .issuer = key};
	card_buf_t der = {0};
	made_cert(&c, &der);
	assert_int_equal(card_trust_add(trust, card_buf_bytes(&der)), CARD_OK);
	card_buf_free(&der);
}

static int set_up(void **state)
{
	(void)state;
	made_rsa(&ca, 2048);
	made_rsa(&ca_old, 2048);
	made_rsa(&auth_ca, 2048);
	made_rsa(&stranger, 2048);
	if (card_trust_new(&trust, 0))
		return 1;
	add_ca(MADE_SIGN_CA, &ca_old);
	add_ca(MADE_SIGN_CA, &ca);
	add_ca(MADE_AUTH_CA, &auth_ca);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	made_key_free(&ca);
	made_key_free(&ca_old);
	made_key_free(&auth_ca);
	made_key_free(&stranger);
	card_trust_free(&trust);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, each_set_up, each_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_list_is_taken_and_answers_with_dates_and_reasons),
		TEST(an_empty_list_says_that_nothing_is_revoked),
		TEST(numbers_only_go_up),
		TEST(partitions_and_generations_are_kept_apart),
		TEST(a_list_for_another_municipality_is_refused),
		TEST(every_wrong_list_is_refused_by_name),
		TEST(every_truncation_and_flip_is_refused),
		TEST(long_serial_numbers_are_exact),
		TEST(deltas_add_change_and_remove),
		TEST(long_serial_numbers_are_removed_too),
		TEST(a_store_follows_its_name),
		TEST(pem_is_taken_too),
		TEST(a_test_list_needs_a_test_anchor),
		TEST(a_damaged_index_is_noticed),
		TEST(a_store_notices_new_and_vanished_indexes),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
