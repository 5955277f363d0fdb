/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that verdicts on certificates are never laxer than OpenSSL's, and where they
 * are stricter it is by a rule of the table below, each of which is hit. The mutants are
 * those of tests/helpers/mutants.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <card/path.h>

#include "mutants.h"
#include "openssl_cert.h"

/* KAZASU_MUTANTS makes it longer. Under the sanitizers less: they look for other defects than a
 * wrong verdict. */
#ifdef __SANITIZE_ADDRESS__
static unsigned mutants = 5000;
#else
static unsigned mutants = 120000;
#endif

/* ---- where we are stricter ---- */

enum rule {
	RULE_DER,       /* X.690 §10 to the letter; OpenSSL reads BER and odd values */
	RULE_VERSION,   /* version 3 only */
	RULE_SERIAL,    /* RFC 5280 §4.1.2.2: positive, 20 octets */
	RULE_TIME_FORM, /* RFC 5280 §4.1.2.5: UTCTime until 2049 */
	RULE_NAME,      /* values that are not what their type says */
	RULE_EXTENSION, /* content of an extension; an extension twice */
	RULE_KEY,       /* SubjectPublicKeyInfo with parameters or values out of form */
	RULE_LIMIT,     /* more of something than taken here */
	RULE_WEAK,      /* SHA-1, short or unusable keys */
	RULE_POLICY,    /* a JPKI policy must be there */
	RULE_USE,       /* the certificate's and issuer's use must be that asked for */
	RULE_KEY_USAGE, /* exactly the bits of the profile; purposes that fit */
	RULE_CRITICAL,  /* every critical extension understood */
	RULE_TEST,      /* of the test hierarchy */
	RULE_CA,        /* a CA certificate in the place of a person's */
	RULE_COUNT
};

static const char *const rule_names[RULE_COUNT] = {"DER to the letter",
						   "version 3 only",
						   "serial number",
						   "form of dates",
						   "values of names",
						   "extensions",
						   "form of the key",
						   "limits",
						   "weak algorithms",
						   "JPKI policy",
						   "use",
						   "key usage",
						   "critical",
						   "test hierarchy",
						   "CA as end entity"};

/* The rule a refusal falls under; RULE_COUNT: none that may be stricter. */
static enum rule rule_of_fault(enum card_cert_fault fault)
{
	switch (fault) {
	case CARD_CERT_FAULT_VERSION:
		return RULE_VERSION;
	case CARD_CERT_FAULT_SERIAL:
		return RULE_SERIAL;
	case CARD_CERT_FAULT_VALIDITY:
		return RULE_TIME_FORM;
	case CARD_CERT_FAULT_NAME:
		return RULE_NAME;
	case CARD_CERT_FAULT_KEY:
		return RULE_KEY;
	case CARD_CERT_FAULT_LIMIT:
		return RULE_LIMIT;
	case CARD_CERT_FAULT_LENGTH:
	case CARD_CERT_FAULT_STRUCTURE:
	case CARD_CERT_FAULT_ALGORITHM:
	case CARD_CERT_FAULT_SIGNATURE:
		return RULE_DER;
	default:
		return RULE_EXTENSION;
	}
}

static enum rule rule_of_reasons(card_reasons_t r)
{
	static const struct {
		enum card_reason reason;
		enum rule rule;
	} rows[] = {
		{CARD_REASON_CERT_IS_CA, RULE_CA},
		{CARD_REASON_CERT_TEST, RULE_TEST},
		{CARD_REASON_CERT_NOT_JPKI, RULE_POLICY},
		{CARD_REASON_CERT_WRONG_USE, RULE_USE},
		{CARD_REASON_ISSUER_WRONG_USE, RULE_USE},
		{CARD_REASON_CERT_KEY_USAGE, RULE_KEY_USAGE},
		{CARD_REASON_CERT_CRITICAL, RULE_CRITICAL},
		{CARD_REASON_CERT_WEAK_HASH, RULE_WEAK},
		{CARD_REASON_CERT_WEAK_KEY, RULE_WEAK},
		{CARD_REASON_CERT_ALGORITHM, RULE_WEAK},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (card_reasons_have(r, rows[i].reason))
			return rows[i].rule;
	return RULE_COUNT;
}

/* ---- our verdict ---- */

static card_trust_t *trust;

struct ours {
	bool valid;
	enum rule rule; /* if not valid */
	card_reasons_t reasons;
	enum card_cert_fault fault;
};

static struct ours our_verdict(struct card_bytes der, enum card_use use)
{
	struct ours o = {.rule = RULE_COUNT};
	struct card_path_result r;
	card_cert_t *c;
	if (card_cert_parse(&c, der, &o.fault)) {
		o.rule = rule_of_fault(o.fault);
		return o;
	}
	assert_int_equal(card_path_check(trust, c, use, mutants_now, &r), CARD_OK);
	o.valid = r.verdict == CARD_VERDICT_VALID;
	o.reasons = r.reasons;
	o.rule = rule_of_reasons(r.reasons);
	card_cert_free(&c);
	return o;
}

/* ---- the run ---- */

static void print_hex(struct card_bytes b)
{
	for (size_t i = 0; i < b.n; i++)
		fprintf(stderr, "%02X", b.p[i]);
	fputc('\n', stderr);
}

static void seeds_are_valid_in_both_and_read_alike(void **state)
{
	(void)state;
	for (unsigned i = 0; i < MUTANTS_SEEDS; i++) {
		struct card_bytes der = card_buf_bytes(&mutants_seed[i].der);
		struct ours o = our_verdict(der, mutants_seed[i].use);
		if (!o.valid)
			fprintf(stderr, "seed %u: reasons %llx fault %d\n", i,
				(unsigned long long)o.reasons, (int)o.fault);
		assert_true(o.valid);
		assert_true(openssl_cert_valid(der, mutants_now));
		openssl_cert_compare(der);
	}
}

static void mutants_are_never_judged_more_laxly(void **state)
{
	(void)state;
	unsigned both_valid = 0, both_invalid = 0, stricter = 0, laxer = 0, unexplained = 0;
	unsigned by_rule[RULE_COUNT] = {0};
	card_buf_t der = {0};
	for (unsigned i = 0; i < mutants; i++) {
		const struct mutant_seed *s = &mutants_seed[mutants_pick(MUTANTS_SEEDS)];
		enum card_use use = s->use;
		mutants_make(s, &der);
		/* OpenSSL knows nothing of the two uses: mutants_now and then ask for the other. */
		if (mutants_pick(100) == 0)
			use = use == CARD_USE_SIGN ? CARD_USE_AUTH : CARD_USE_SIGN;
		struct ours o = our_verdict(card_buf_bytes(&der), use);
		bool theirs = openssl_cert_valid(card_buf_bytes(&der), mutants_now);
		both_valid += o.valid && theirs;
		both_invalid += !o.valid && !theirs;
		if (o.valid && !theirs) {
			laxer++;
			fprintf(stderr, "laxer (%s): ", openssl_cert_why());
			print_hex(card_buf_bytes(&der));
		}
		if (!o.valid && theirs) {
			stricter++;
			if (o.rule < RULE_COUNT) {
				by_rule[o.rule]++;
			} else {
				unexplained++;
				fprintf(stderr, "unexplained, reasons %llx fault %d: ",
					(unsigned long long)o.reasons, (int)o.fault);
				print_hex(card_buf_bytes(&der));
			}
		}
		if (o.valid && theirs && i % 16 == 0)
			openssl_cert_compare(card_buf_bytes(&der));
		if (laxer + unexplained > 5)
			break;
	}
	printf("%u mutants of %u certificates: valid in both %u (%.1f %%), invalid in both %u, "
	       "stricter than OpenSSL %u, laxer %u\n",
	       both_valid + both_invalid + stricter + laxer, MUTANTS_SEEDS, both_valid,
	       100.0 * both_valid / mutants, both_invalid, stricter, laxer);
	for (unsigned r = 0; r < RULE_COUNT; r++)
		printf("  stricter by %-20s %u\n", rule_names[r], by_rule[r]);
	assert_int_equal(laxer, 0);
	assert_int_equal(unexplained, 0);
	assert_true(both_valid >= mutants / 5);
	for (unsigned r = 0; r < RULE_COUNT; r++) {
		if (by_rule[r] == 0)
			fprintf(stderr, "rule never hit: %s\n", rule_names[r]);
		assert_true(by_rule[r] > 0);
	}
	card_buf_free(&der);
}

/* ---- set up ---- */

static void add_root(enum made_kind kind, const struct made_key *key, uint64_t serial)
{
	struct made_cert c = {.kind = kind,
			      .serial = serial,
			      .not_before = mutants_now - 1000 * mutants_day,
			      .not_after = mutants_now + 1000 * mutants_day,
			      .key = key,
			      .issuer = key};
	card_buf_t der = {0};
	made_cert(&c, &der);
	openssl_cert_anchor(card_buf_bytes(&der));
	assert_int_equal(card_trust_add(trust, card_buf_bytes(&der)), CARD_OK);
	card_buf_free(&der);
}

static int set_up(void **state)
{
	(void)state;
	mutants_start();
	if (card_trust_new(&trust, 0))
		return 1;
	add_root(MADE_SIGN_CA, &mutants_ca.sign_ca[0], 1);
	add_root(MADE_SIGN_CA, &mutants_ca.sign_ca[1], 2);
	add_root(MADE_SIGN_CA, &mutants_ca.sign_p384, 3);
	add_root(MADE_AUTH_CA, &mutants_ca.auth_ca[0], 4);
	add_root(MADE_AUTH_CA, &mutants_ca.auth_ca[1], 5);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	mutants_end();
	openssl_cert_end();
	card_trust_free(&trust);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seeds_are_valid_in_both_and_read_alike),
		cmocka_unit_test(mutants_are_never_judged_more_laxly),
	};
	const char *text = getenv("KAZASU_MUTANTS");

	if (text != NULL && strtoul(text, NULL, 10) > 0)
		mutants = (unsigned)strtoul(text, NULL, 10);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
