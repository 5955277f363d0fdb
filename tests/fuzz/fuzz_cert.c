/* SPDX-License-Identifier: Apache-2.0 */
/* X.509 certificates: reading, every getter, names in both directions. */
#include <string.h>

#include <card/cert.h>

#include "fuzz.h"

static void name(struct card_bytes n)
{
	card_buf_t text = {0}, canonical = {0}, again = {0};

	(void)fuzz_known(card_name_check(n));
	if (fuzz_known(card_name_text(n, &text)) == CARD_OK &&
	    fuzz_known(card_name_canonical(n, &canonical)) == CARD_OK &&
	    card_buf_append_byte(&text, 0) == CARD_OK && memchr(text.p, 0, text.n - 1) == NULL)
		(void)fuzz_known(card_name_canonical_from_text((const char *)text.p, &again));
	fuzz_require(!card_name_equal(n, n) || card_name_check(n) == CARD_OK);
	card_buf_free(&text);
	card_buf_free(&canonical);
	card_buf_free(&again);
}

static void texts(const card_cert_t *c)
{
	char text[600];
	card_buf_t b = {0};

	(void)fuzz_known(card_cert_issuer_text(c, text, sizeof(text)));
	(void)fuzz_known(card_cert_subject_text(c, text, 7));
	(void)fuzz_known(card_cert_policy_text(c, text, sizeof(text)));
	(void)fuzz_known(card_cert_dist_point_text(c, text, sizeof(text)));
	(void)fuzz_known(card_cert_dist_point_canonical(c, &b));
	card_buf_free(&b);
	name(card_cert_issuer(c));
	name(card_cert_subject(c));
}

static void getters(const card_cert_t *c)
{
	struct card_bytes whole = card_cert_der(c);
	const struct card_bytes views[] = {
		card_cert_tbs(c),
		card_cert_serial(c),
		card_cert_issuer(c),
		card_cert_subject(c),
		card_cert_spki(c),
		card_cert_signature(c),
		card_cert_common_name(c),
		card_cert_unknown_critical(c),
		card_cert_subject_key_id(c),
		card_cert_authority_key_id(c),
		card_cert_authority_serial(c),
		card_cert_dist_point(c),
		card_cert_dist_point_uri(c),
		card_cert_prefecture(c),
		card_cert_municipality(c),
		card_cert_municipality_code(c),
		card_cert_ocsp_uri(c),
	};

	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
		fuzz_require(fuzz_inside(views[i], whole));
	for (int a = 0; a <= 7; a++)
		fuzz_require(
			fuzz_inside(card_cert_attribute(c, (enum card_cert_attribute)a), whole));
	for (size_t i = 0; i < card_cert_policies(c) + 1; i++)
		fuzz_require(fuzz_inside(card_cert_policy(c, i), whole));
	for (int e = 0; e < (int)CARD_EXT_COUNT_; e++)
		(void)(card_cert_has(c, (enum card_cert_ext)e) &&
		       card_cert_has_critical(c, (enum card_cert_ext)e));
	(void)card_cert_kind(c);
	(void)card_cert_is_test(c);
	(void)card_cert_is_smartphone(c);
	(void)card_cert_is_ca(c);
	fuzz_require(card_cert_path_length(c) >= -1);
	fuzz_require(card_sig_alg_name(card_cert_sig_alg(c)) != NULL);
	fuzz_require(card_cert_key(c) != NULL);
	(void)card_cert_birth(c);
	(void)card_cert_birth_era(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum card_cert_fault fault = CARD_CERT_FAULT_NONE;
	int64_t from, to;
	card_cert_t *c = NULL;
	uint8_t digest[32];
	size_t length;
	enum card_error err;

	if (size == 0)
		return 0;
	fuzz_fail_allocation(data[0] >= 0xE0 ? data[0] & 3u
					     : 0); /* the first byte is 30 in earnest */
	err = fuzz_known(card_cert_parse(&c, card_bytes(data, size), &fault));
	fuzz_fail_allocation(0);
	fuzz_require((err == CARD_OK) == (c != NULL));
	fuzz_require(err != CARD_OK || fault == CARD_CERT_FAULT_NONE);
	fuzz_require(card_cert_fault_text(fault, CARD_LANG_JA) != NULL);
	(void)fuzz_known(card_cert_der_length(card_bytes(data, size), &length));
	(void)fuzz_known(
		card_cert_dates_from_prefix(card_bytes(data, size < 256 ? size : 256), &from, &to));
	name(card_bytes(data, size));
	if (c == NULL)
		return 0;
	getters(c);
	texts(c);
	(void)fuzz_known(card_cert_fingerprint(c, digest));
	(void)fuzz_known(card_cert_verify_issued(c, c));
	card_cert_free(&c);
	return 0;
}
