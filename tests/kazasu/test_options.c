/* SPDX-License-Identifier: Apache-2.0 */
/* Proves: the words of the command line are understood as documented, in any order, and a wrong
 * one is a usage error that never shows a word that might be a secret. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kazasu/options.h"

static int ran(struct kz *kz)
{
	(void)kz;
	return 0;
}

static const struct kz_command table[] = {
	{"look", ran, "…"}, {"lifecycle", ran, "…"}, {NULL, NULL, NULL}};

/* What a run understood. */
struct heard {
	struct kz kz;
	const char *file;
	bool flag;
	const char *words[2];
	size_t n;
	int rc;
};

static struct heard hear(const char *const *argv)
{
	struct heard h = {.kz = {.table = table, .opt = {.wait = -1, .pin_fd = -1}}};
	const struct kz_option options[] = {
		{"photo", 'p', "FILE", &h.file, NULL, "…"},
		{"number-b", 0, NULL, NULL, &h.flag, "…"},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {"[WORD]", "…", options, 0, 2};
	union {
		const char *const *in;
		char **out; /* options.c does not write to them */
	} words = {argv};
	int argc = 0;

	while (argv[argc] != NULL)
		argc++;
	h.rc = kz_options_start(&h.kz, argc, words.out);
	if (h.rc == KZ_GO)
		h.rc = kz_options(&h.kz, &usage, h.words, &h.n);
	return h;
}

#define HEAR(...) hear((const char *const[]){"kazasu", __VA_ARGS__, NULL})

static void common_options_stand_before_or_after_the_command(void **state)
{
	struct heard h = HEAR("--reader", "sim:x", "--json", "look", "--photo=a.png");

	(void)state;
	assert_int_equal(h.rc, KZ_GO);
	assert_string_equal(h.kz.opt.reader, "sim:x");
	assert_true(h.kz.opt.json);
	assert_string_equal(h.file, "a.png");
	h = HEAR("look", "word", "--reader=sim:y", "--number-b", "-p", "b.png", "--wait", "7");
	assert_int_equal(h.rc, KZ_GO);
	assert_string_equal(h.kz.opt.reader, "sim:y");
	assert_string_equal(h.file, "b.png");
	assert_true(h.flag);
	assert_int_equal(h.n, 1);
	assert_string_equal(h.words[0], "word");
	assert_int_equal(h.kz.opt.wait, 7);
}

static void two_dashes_end_the_options(void **state)
{
	struct heard h = HEAR("look", "--", "--photo");

	(void)state;
	assert_int_equal(h.rc, KZ_GO);
	assert_null(h.file);
	assert_string_equal(h.words[0], "--photo");
}

static void wrong_words_are_usage_errors(void **state)
{
	static const char *const wrong[][4] = {
		{"look", "--nothing"},
		{"look", "--photo"},
		{"look", "--number-b=1"},
		{"look", "a", "b", "c"},
		{"nothing"},
		{"look", "--wait", "-1"},
		{"look", "--wait", "1s"},
		{"look", "--wait", ""},
		{"look", "--at", "yesterday"},
		{"look", "--lang", "fr"},
		{"look", "--pin-fd", "x"},
		{"look", "--pin-fd", "999"},
		{"look", "--pin-fd", ""},
		{"--reader"},
		{"look", "-z"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct heard h = HEAR(wrong[i][0], wrong[i][1], wrong[i][1] ? wrong[i][2] : NULL,
				      wrong[i][1] && wrong[i][2] ? wrong[i][3] : NULL);

		assert_int_equal(h.rc, KZ_USAGE);
	}
}

static void times_are_rfc_3339(void **state)
{
	struct heard h = HEAR("lifecycle", "--at", "2026-04-01T09:00:00+09:00");

	(void)state;
	assert_int_equal(h.rc, KZ_GO);
	assert_true(h.kz.opt.at == 1775001600);
	assert_true(kz_now(&h.kz) == 1775001600);
}

static void another_day_counts_where_it_decides_nothing_or_in_a_test(void **state)
{
	struct heard plain = HEAR("look", "--at", "2026-04-01T09:00:00+09:00");
	struct heard test = HEAR("look", "--at", "2026-04-01T09:00:00+09:00", "--test-roots");

	(void)state;
	assert_int_equal(plain.rc, KZ_GO);
	assert_true(kz_now(&plain.kz) > 1775001600);
	assert_true(kz_now(&test.kz) == 1775001600);
}

/* Somebody types the PIN where the number of a descriptor or nothing belongs. */
static void a_word_that_may_be_a_secret_is_not_repeated(void **state)
{
	char path[] = "/tmp/kazasu-stderr-XXXXXX", text[4096];
	int fd = mkstemp(path), saved = dup(STDERR_FILENO);
	ssize_t n;

	(void)state;
	assert_true(fd >= 0 && saved >= 0);
	fflush(stderr);
	dup2(fd, STDERR_FILENO);
	HEAR("look", "--pin-fd", "48151");
	HEAR("look", "a", "b", "48151");
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	n = pread(fd, text, sizeof text - 1, 0);
	assert_true(n > 0);
	text[n] = '\0';
	assert_null(strstr(text, "48151"));
	close(saved);
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(common_options_stand_before_or_after_the_command),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(wrong_words_are_usage_errors),
		cmocka_unit_test(times_are_rfc_3339),
		cmocka_unit_test(another_day_counts_where_it_decides_nothing_or_in_a_test),
		cmocka_unit_test(a_word_that_may_be_a_secret_is_not_repeated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
