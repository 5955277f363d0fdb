/* SPDX-License-Identifier: Apache-2.0 */
/* Proves: the settings exclude readers and cards, and a wrong line is named. */
#include "test.h"

#include <stdio.h>

#include "kazasu/config.h"

static bool parse(const char *text, struct kz_config *c, unsigned *line)
{
	char copy[512];
	FILE *f;
	bool ok;

	snprintf(copy, sizeof copy, "%s", text);
	f = fmemopen(copy, strlen(copy), "r");
	assert_non_null(f);
	memset(c, 0, sizeof *c);
	ok = kz_config_parse(f, c, line);
	fclose(f);
	return ok;
}

static void readers_and_atrs_are_excluded(void **state)
{
	struct card_pcsc_reader r = {.name = "Yubico YubiKey OTP+FIDO+CCID 00 00", .card = true};
	struct kz_config c;
	unsigned line;

	(void)state;
	assert_true(parse("# ours\n\n exclude-reader = YubiKey \nexclude-atr=3b 88 80:01\n", &c,
			  &line));
	assert_true(kz_config_excludes(&c, &r));
	snprintf(r.name, sizeof r.name, "Virtual PCD 00 00");
	assert_false(kz_config_excludes(&c, &r));
	memcpy(r.atr, "\x3B\x88\x80\x01", 4);
	r.atr_len = 4;
	assert_true(kz_config_excludes(&c, &r));
	r.atr_len = 3;
	assert_false(kz_config_excludes(&c, &r));
}

static void a_wrong_line_is_named(void **state)
{
	static const char *const wrong[] = {"exclude-reader\n",
					    "exclude-reader =\n",
					    "role = x\n",
					    "exclude-atr = 3B8\n",
					    "exclude-atr = XX\n",
					    "revocation-sources = crl, ocsp\n",
					    "revocation-sources =\n",
					    "revocation-max-age = 0\n",
					    "revocation-max-age = 36 h\n",
					    "revocation-max-age = -1\n",
					    "revocation-max-age = 1w\n",
					    "revocation-max-age = 99999999999\n",
					    "revocation-max-age = 3654d\n",
					    "ocsp-url = ldap://x\n",
					    "ocsp-nonce = yes\n",
					    "prefecture = 1\n",
					    "entity = city\n",
					    "register-other = x\n",
					    "register-juki =\n",
					    "read-block = 10\n",
					    "read-block = 4k\n",
					    "opening-days\n"};
	struct kz_config c;
	unsigned line;
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		snprintf(text, sizeof text, "# first\n%s", wrong[i]);
		assert_false(parse(text, &c, &line));
		assert_int_equal(line, 2);
	}
}

static void a_role_is_only_taken_away(void **state)
{
	char text[] = "role = kiosk\nrole = own\nentity = other\nentity = number-user\n";
	FILE *f = fmemopen(text, strlen(text), "r");
	struct kz_config c = {.own_card = true};
	unsigned line;

	(void)state;
	assert_non_null(f);
	assert_true(kz_config_parse(f, &c, &line));
	assert_false(c.own_card);
	assert_true(c.no_number);
	fclose(f);
}

static void the_first_class_of_verifier_stands_and_none_for_good(void **state)
{
	struct kz_config c;
	unsigned line;

	(void)state;
	assert_true(parse("role = own\n", &c, &line));
	assert_int_equal(c.verifier, KZ_VERIFIER_UNTOLD);
	assert_true(parse("verifier = private\nverifier = administrative\n", &c, &line));
	assert_int_equal(c.verifier, KZ_VERIFIER_PRIVATE);
	assert_true(parse("verifier = private\nverifier = none\nverifier = private\n", &c, &line));
	assert_int_equal(c.verifier, KZ_VERIFIER_NONE);
	assert_false(parse("verifier = city\n", &c, &line));
}

static void registers_and_days_are_named(void **state)
{
	struct kz_config c;
	unsigned line;

	(void)state;
	assert_true(parse("prefecture = 13\nregister-juki = postgresql:host=db dbname=juki\n"
			  "register-atena = /srv/atena.db\nopening-days = /etc/kazasu/days.csv\n",
			  &c, &line));
	assert_string_equal(c.prefecture, "13");
	assert_string_equal(c.reg[FLOW_REGISTER_JUKI], "postgresql:host=db dbname=juki");
	assert_string_equal(c.reg[FLOW_REGISTER_ATENA], "/srv/atena.db");
	assert_string_equal(c.reg[FLOW_REGISTER_JUKINET], "");
	assert_string_equal(c.days, "/etc/kazasu/days.csv");
	assert_false(c.no_number);
}

static void the_first_revocation_policy_stands(void **state)
{
	struct kz_config c;
	unsigned line;
	int64_t age;

	(void)state;
	assert_true(parse("revocation-sources = ocsp,crl\nrevocation-max-age = 36h\n"
			  "ocsp-url = https://ocsp.example/\nocsp-nonce = required\n"
			  /* what a person's own file would say after it */
			  "revocation-sources = crl\nrevocation-max-age = 365d\n"
			  "ocsp-url = http://elsewhere.example/\nocsp-nonce = optional\n",
			  &c, &line));
	assert_string_equal(c.sources, "ocsp,crl");
	assert_int_equal(c.max_age, 36 * 3600);
	assert_string_equal(c.ocsp_url, "https://ocsp.example/");
	assert_true(c.ocsp_nonce);
	assert_true(kz_config_age("90", &age) && age == 90);
	assert_true(kz_config_age("30m", &age) && age == 1800);
	assert_true(kz_config_age("3653d", &age) && age == INT64_C(3653) * 86400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readers_and_atrs_are_excluded),
		cmocka_unit_test(a_wrong_line_is_named),
		cmocka_unit_test(a_role_is_only_taken_away),
		cmocka_unit_test(the_first_class_of_verifier_stands_and_none_for_good),
		cmocka_unit_test(registers_and_days_are_named),
		cmocka_unit_test(the_first_revocation_policy_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
