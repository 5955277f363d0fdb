/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves the verifier program: every single record that is changed, swapped, removed, doubled or
 * cut off is found and named, and so is a forged end; `openssl cms` opens a sealed subject.
 */
#include "journal_case.h"

#include <sys/wait.h>

#define RECORDS 12

static struct journal_case *c;
static char *lines[64]; /* of the export; [0] is the header */
static size_t n_lines;

static int status_of(const char *command)
{
	const int status = system(command);

	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void read_lines(const char *path)
{
	FILE *f = fopen(path, "re");
	size_t cap = 0;

	assert_non_null(f);
	for (n_lines = 0; n_lines < 64; n_lines++) {
		lines[n_lines] = NULL;
		if (getline(&lines[n_lines], &cap, f) < 0)
			break;
		cap = 0;
	}
	free(lines[n_lines]);
	fclose(f);
}

static int start(void **state)
{
	char path[128];
	FILE *f;

	(void)state;
	c = case_new(NULL);
	for (int i = 0; i < RECORDS; i++) {
		struct journal_record r = {.event = "card-read",
					   .result = JOURNAL_OK,
					   .operator_id = "suzuki",
					   .reason = "x"};

		if (i == 5)
			r.subject = "case:2026-17";
		c->now += 60;
		if (journal_append(c->journal, &r, 1, NULL) != CARD_OK)
			return -1;
		if (i == 6 && journal_checkpoint(c->journal) != CARD_OK)
			return -1;
	}
	if (journal_checkpoint(c->journal) != CARD_OK)
		return -1;
	snprintf(path, sizeof path, "%s/export", c->folder);
	f = fopen(path, "we");
	if (f == NULL || journal_export(c->store, f) != CARD_OK)
		return -1;
	fclose(f);
	read_lines(path);
	return n_lines == 1 + RECORDS + 2 ? 0 : -1; /* header, records, two checkpoints */
}

static int stop(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_lines; i++)
		free(lines[i]);
	case_free(c);
	return 0;
}

/* Verify these lines; bad: the first bad record, 0 if none. The exit code. */
static int verify(char *const *text, size_t n, bool outside, long *bad)
{
	char path[128], command[1024], out[2048] = "";
	const char *at;
	FILE *f;
	int rc;

	snprintf(path, sizeof path, "%s/tampered", c->folder);
	f = fopen(path, "we");
	assert_non_null(f);
	for (size_t i = 0; i < n; i++)
		assert_true(fputs(text[i], f) >= 0);
	fclose(f);
	snprintf(command, sizeof command, "%s --json --key %s %s %s %s >%s/out 2>%s/err",
		 tree_path("build/bin/kazasu-journal-verify"), c->public_key,
		 outside ? "--checkpoints" : "", outside ? c->copy : "", path, c->folder,
		 c->folder);
	rc = status_of(command);
	snprintf(path, sizeof path, "%s/out", c->folder);
	f = fopen(path, "re");
	assert_non_null(f);
	out[fread(out, 1, sizeof out - 1, f)] = '\0';
	fclose(f);
	at = strstr(out, "\"first_bad\":");
	*bad = at != NULL ? strtol(at + 12, NULL, 10) : -1;
	return rc;
}

static void a_whole_journal_is_whole(void **state)
{
	long bad;

	(void)state;
	assert_int_equal(verify(lines, n_lines, false, &bad), 0);
	assert_int_equal(bad, 0);
	assert_int_equal(verify(lines, n_lines, true, &bad), 0);
}

/* Any one character of any record: the field that holds it does not matter. */
static void every_flip_is_found(void **state)
{
	char *changed[64];

	(void)state;
	memcpy(changed, lines, sizeof lines);
	for (size_t i = 1; i <= RECORDS; i++) {
		const size_t n = strlen(lines[i]);

		for (size_t at = strlen("R\tT1\t12\t"); at + 1 < n; at += 29) {
			char *copy = strdup(lines[i]);
			long bad;
			int rc;

			assert_non_null(copy);
			copy[at] = copy[at] == 'b' ? 'c' : 'b';
			changed[i] = copy;
			rc = verify(changed, n_lines, false, &bad);
			assert_int_equal(rc, 1);
			assert_int_equal(bad, i);
			free(copy);
			changed[i] = lines[i];
			if (n > 600 && at > 400)
				at += 300; /* the sealed subject is long */
		}
	}
}

static void a_swap_a_removal_and_a_double_are_found(void **state)
{
	char *changed[65];
	long bad;

	(void)state;
	for (size_t i = 1; i <= RECORDS; i++) {
		if (i < RECORDS) {
			memcpy(changed, lines, sizeof lines);
			changed[i] = lines[i + 1];
			changed[i + 1] = lines[i];
			assert_int_equal(verify(changed, n_lines, false, &bad), 1);
			assert_int_equal(bad, i);
		}
		memcpy(changed, lines, i * sizeof *lines);
		memcpy(changed + i, lines + i + 1, (n_lines - i - 1) * sizeof *lines);
		assert_int_equal(verify(changed, n_lines - 1, false, &bad), 1);
		assert_int_equal(bad, i);
		memcpy(changed, lines, (i + 1) * sizeof *lines);
		memcpy(changed + i + 1, lines + i, (n_lines - i) * sizeof *lines);
		assert_int_equal(verify(changed, n_lines + 1, false, &bad), 1);
		assert_int_equal(bad, i + 1);
	}
}

/* With its checkpoints a cut end is seen; when they are cut as well, the copy outside shows it. */
static void a_cut_end_is_found_from_outside(void **state)
{
	char *changed[64];
	long bad;

	(void)state;
	for (size_t keep = 1; keep < RECORDS; keep++) {
		memcpy(changed, lines, (keep + 1) * sizeof *lines);
		assert_int_equal(verify(changed, keep + 1, false, &bad), 0); /* nothing can tell */
		assert_int_equal(verify(changed, keep + 1, true, &bad), 1);
		assert_int_equal(bad, keep + 1);
	}
	assert_int_equal(verify(lines, 1, true, &bad), 1); /* everything gone */
	assert_int_equal(bad, 1);
}

static void a_forged_checkpoint_is_found(void **state)
{
	char *changed[64], *copy = strdup(lines[n_lines - 1]);
	long bad;

	(void)state;
	assert_non_null(copy);
	memcpy(changed, lines, sizeof lines);
	changed[n_lines - 1] = copy;
	copy[strlen(copy) - 2] = copy[strlen(copy) - 2] == '0' ? '1' : '0'; /* the signature */
	assert_int_equal(verify(changed, n_lines, false, &bad), 1);
	memcpy(copy, lines[n_lines - 1], strlen(copy));
	copy[strlen("C\tT1\t12\t")] = copy[strlen("C\tT1\t12\t")] == '0' ? '1' : '0'; /* the root */
	assert_int_equal(verify(changed, n_lines, false, &bad), 1);
	free(copy);
}

static void an_erased_record_needs_its_erasure(void **state)
{
	char *changed[64], erased[256];
	long bad;

	(void)state; /* retention by an erasure record is shown by the suite of the journal */
	memcpy(changed, lines, sizeof lines);
	snprintf(erased, sizeof erased, "E%.*s\n", (int)strlen("\tT1\t4\t") + 64, lines[4] + 1);
	changed[4] = erased;
	assert_int_equal(verify(changed, n_lines, false, &bad), 1);
	assert_int_equal(bad, 4);
}

static void what_is_no_journal_is_refused(void **state)
{
	char bad_header[] = "KAZASU-JOURNAL-2\n", garbage[] = "R\tT1\tone\n", cut[] = "R\tT1\t1";
	char *text[2] = {bad_header, garbage};
	long bad;

	(void)state;
	assert_int_equal(verify(text, 1, false, &bad), 65);
	text[0] = lines[0];
	assert_int_equal(verify(text, 2, false, &bad), 65);
	text[1] = cut;
	assert_int_equal(verify(text, 2, false, &bad), 65);
	assert_int_equal(verify(text, 0, false, &bad), 65);
}

static enum card_error keep_subject(void *ctx, const struct journal_entry *e)
{
	if (*e->subject != '\0')
		snprintf(ctx, 4096, "%s", e->subject);
	return CARD_OK;
}

static void openssl_opens_a_sealed_subject(void **state)
{
	char command[6144], sealed[4096] = "", out[64] = "", path[128];
	const struct journal_filter all = {.terminal = "T1"};
	FILE *f;

	(void)state;
	assert_ok(journal_read(c->store, &all, keep_subject, sealed));
	snprintf(path, sizeof path, "%s/sealed", c->folder);
	tree_write(path, sealed);
	snprintf(
		command, sizeof command,
		"openssl base64 -d -A -in %s | openssl cms -decrypt -inform DER -inkey %s -passin pass:'%s'"
		" >%s/clear 2>%s/err",
		path, c->audit_key, PASSPHRASE, c->folder, c->folder);
	assert_int_equal(status_of(command), 0);
	snprintf(path, sizeof path, "%s/clear", c->folder);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_non_null(fgets(out, sizeof out, f));
	fclose(f);
	assert_string_equal(out, "case:2026-17");
}

/* A serial number with a zero byte in front made one certificate in 256 unreadable. */
static void every_certificate_that_is_made_can_be_read(void **state)
{
	card_secret_t *p = case_passphrase();

	(void)state;
	for (int i = 0; i < 300; i++) {
		journal_seal_t *seal = NULL;
		char name[16], path[128];

		snprintf(name, sizeof name, "many%d", i);
		snprintf(path, sizeof path, "%s/%s.pem", c->folder, name);
		assert_ok(journal_seal_make(c->folder, name, p));
		assert_ok(journal_seal_open(&seal, path));
		journal_seal_free(&seal);
	}
	assert_int_equal(journal_seal_make(c->folder, "many0", p), CARD_ERR_DENIED);
	card_secret_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_journal_is_whole),
		cmocka_unit_test(every_flip_is_found),
		cmocka_unit_test(a_swap_a_removal_and_a_double_are_found),
		cmocka_unit_test(a_cut_end_is_found_from_outside),
		cmocka_unit_test(a_forged_checkpoint_is_found),
		cmocka_unit_test(an_erased_record_needs_its_erasure),
		cmocka_unit_test(what_is_no_journal_is_refused),
		cmocka_unit_test(openssl_opens_a_sealed_subject),
		cmocka_unit_test(every_certificate_that_is_made_can_be_read),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
