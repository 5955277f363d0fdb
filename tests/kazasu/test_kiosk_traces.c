/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for what should be nowhere: what is there is found, what was wiped is not. */
#include "test.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <card/secret.h>

#include "kazasu/kiosk.h"
#include "tree.h"

/* The needle is made here, so that it stands nowhere else. */
static void make(char out[40], const char *head)
{
	snprintf(out, 40, "%s-%08lx-%08lx-%08lx", head, random(), random(), random());
}

static struct kiosk_traces *watch(const char *needle)
{
	struct kiosk_traces *t = kiosk_traces_new();

	assert_non_null(t);
	kiosk_traces_add(t, card_bytes(needle, strlen(needle)));
	return t;
}

static void a_name_in_memory_is_found_until_it_is_wiped(void **state)
{
	char needle[40];
	struct kiosk_traces *t;
	char *copy;

	(void)state;
	make(needle, "heap");
	t = watch(needle);
	copy = strdup(needle);
	assert_non_null(copy);
	assert_int_equal(kiosk_traces_in_memory(t), 2);
	card_wipe(copy, strlen(copy));
	assert_int_equal(kiosk_traces_in_memory(t), 1);
	card_wipe(needle, sizeof needle);
	assert_int_equal(kiosk_traces_in_memory(t), 0);
	free(copy);
	kiosk_traces_destroy(&t);
}

/* One after the other, so that some lie where one look ends and the next begins. */
static void names_across_the_edges_of_windows_are_found(void **state)
{
	const size_t copies = ((size_t)3 << 20) / 39;
	char needle[40];
	struct kiosk_traces *t;
	char *area = malloc(copies * 39);

	(void)state;
	assert_non_null(area);
	make(needle, "edge");
	assert_int_equal(strlen(needle), 31);
	for (size_t i = 0; i < copies; i++)
		memcpy(area + i * 39, needle, 39);
	t = watch(needle);
	assert_int_equal(kiosk_traces_in_memory(t), copies + 1);
	card_wipe(area, copies * 39);
	assert_int_equal(kiosk_traces_in_memory(t), 1);
	free(area);
	kiosk_traces_destroy(&t);
}

static void files_that_changed_are_looked_into(void **state)
{
	char folder[64], path[128], deep[160], needle[40];
	struct kiosk_traces *t;

	(void)state;
	tree_scratch(folder);
	make(needle, "file");
	t = watch(needle);
	assert_int_equal(kiosk_traces_in_folder(t, folder, "", 0), 0);
	snprintf(path, sizeof path, "%s/inner", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(deep, sizeof deep, "%s/file", path);
	tree_write(deep, needle);
	assert_int_equal(kiosk_traces_in_folder(t, folder, "", 0), 1);
	/* Not where the paper comes out, and not what was there before. */
	assert_int_equal(kiosk_traces_in_folder(t, folder, path, 0), 0);
	assert_int_equal(kiosk_traces_in_folder(t, folder, "", INT64_MAX), 0);
	assert_int_equal(kiosk_traces_in_folder(t, "/nowhere", "", 0), -1);
	kiosk_traces_destroy(&t);
	unlink(deep);
	rmdir(path);
	tree_scratch_remove(folder);
}

static void too_little_is_no_trace(void **state)
{
	static const uint8_t blank[64];
	struct kiosk_traces *t = kiosk_traces_new();

	(void)state;
	kiosk_traces_add(t, card_bytes("short", 5));
	kiosk_traces_add(t, card_bytes(blank, sizeof blank));
	assert_int_equal(kiosk_traces_count(t), 0);
	kiosk_traces_destroy(&t);
}

static enum card_error answer(void *ctx, card_buf_t *out)
{
	return card_buf_append(out, card_bytes(ctx, strlen(ctx)));
}

static enum card_error refuse(void *ctx, card_buf_t *out)
{
	(void)ctx;
	(void)out;
	return CARD_ERR_MALFORMED;
}

static enum card_error die(void *ctx, card_buf_t *out)
{
	(void)ctx;
	(void)out;
	abort();
}

static void work_apart_comes_back_with_bytes_or_an_error(void **state)
{
	char text[] = "made apart";
	card_buf_t out = {0};

	(void)state;
	assert_ok(kiosk_apart(answer, text, &out));
	assert_int_equal(out.n, strlen(text));
	assert_memory_equal(out.p, text, out.n);
	assert_int_equal(kiosk_apart(refuse, NULL, &out), CARD_ERR_MALFORMED);
	assert_int_equal(kiosk_apart(die, NULL, &out), CARD_ERR_INTERNAL);
	card_buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_in_memory_is_found_until_it_is_wiped),
		cmocka_unit_test(names_across_the_edges_of_windows_are_found),
		cmocka_unit_test(files_that_changed_are_looked_into),
		cmocka_unit_test(too_little_is_no_trace),
		cmocka_unit_test(work_apart_comes_back_with_bytes_or_an_error)};

	srandom((unsigned)getpid());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
