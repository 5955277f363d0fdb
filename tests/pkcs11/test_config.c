/* SPDX-License-Identifier: Apache-2.0 */
/* Proves the settings of the module, and who may set what. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "test.h"

static bool line(struct config *c, const char *text, bool own)
{
	char copy[256];

	snprintf(copy, sizeof(copy), "%s", text);
	return config_line(c, copy, own);
}

static void lines_are_settings_comments_or_errors(void **state)
{
	struct config c = {0};

	(void)state;
	assert_true(line(&c, "", false));
	assert_true(line(&c, "  # comment", false));
	assert_true(line(&c, " last_try = allow \n", false));
	assert_true(c.allow_last_try);
	assert_true(line(&c, "last_try=refuse", false));
	assert_false(c.allow_last_try);
	assert_true(line(&c, "pss = yes", false) && c.pss);
	assert_true(line(&c, "sha1 = yes", false) && c.sha1);
	assert_true(line(&c, "exclude_reader = Virtual PCD", false));
	assert_true(config_excludes(&c, "Virtual PCD 00 00"));
	assert_false(config_excludes(&c, "Another reader"));
	assert_false(line(&c, "last_try = maybe", false));
	assert_false(line(&c, "unknown = 1", false));
	assert_false(line(&c, "no equal sign", false));
	assert_false(line(&c, "exclude_reader =", false));
}

static void the_second_question_is_spared_by_nobody_else(void **state)
{
	struct config c = {0};

	(void)state;
	assert_false(line(&c, "sign_login = session", false));
	assert_false(c.session_login);
	assert_true(line(&c, "sign_login = session", true));
	assert_true(c.session_login);
	assert_true(line(&c, "sign_login = always", false));
	assert_false(c.session_login);
}

static void a_file_that_others_can_write_is_not_taken(void **state)
{
	char home[] = "/tmp/kazasu-config-XXXXXX", path[128];
	struct config c = {0};
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(home));
	assert_int_equal(setenv("XDG_CONFIG_HOME", home, 1), 0);
	snprintf(path, sizeof(path), "%s/kazasu", home);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/kazasu/pkcs11.conf", home);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("pss = yes\nsign_login = session\nnonsense\n", f);
	assert_int_equal(fchmod(fileno(f), 0666), 0);
	fclose(f);
	config_read(&c);
	assert_false(c.pss);
	assert_false(c.session_login);
	assert_int_equal(c.ignored, 1);
	assert_int_equal(chmod(path, 0600), 0);
	memset(&c, 0, sizeof(c));
	config_read(&c);
	assert_true(c.pss);
	assert_true(c.session_login);
	assert_int_equal(c.ignored, 1); /* the nonsense */
	unlink(path);
	snprintf(path, sizeof(path), "%s/kazasu", home);
	rmdir(path);
	rmdir(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_settings_comments_or_errors),
		cmocka_unit_test(the_second_question_is_spared_by_nobody_else),
		cmocka_unit_test(a_file_that_others_can_write_is_not_taken),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
