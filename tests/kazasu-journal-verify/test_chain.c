/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that nothing of a journal can change unseen: every bit of every record, every swap of two
 * records, every removal, every cut. The journal is made by libcardflow; the chain is read by
 * kazasu-journal-verify, which shares no code with it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cardflow/journal.h>
#include <cardflow/seal.h>

#include "kazasu-journal-verify/chain.h"
#include "test.h"
#include "tree.h"

#define RECORDS 40

static struct {
	char folder[64];
	char *body[RECORDS + 1], *hash[RECORDS + 1]; /* [seq] */
	struct checkpoint copy[4];                   /* what was kept off the machine */
	size_t copies;
	struct hasher h;
} made;

static int64_t clock_of(void *ctx)
{
	return (*(int64_t *)ctx)++;
}

static void fill(journal_t *j)
{
	for (int i = 0; i < RECORDS; i++) {
		struct journal_record r = {.event = i % 5 == 4 ? "login" : "card-read",
					   .result = JOURNAL_OK,
					   .operator_id = "suzuki",
					   .organ = "市民課",
					   .reason = i % 3 == 0 ? "一\n二" : "x"};

		if (i % 7 == 3)
			r.subject = "case:2026-17";
		assert_ok(journal_append(j, &r, 1, NULL));
		if (i == 16 || i == 30)
			assert_ok(journal_checkpoint(j));
	}
	assert_ok(journal_checkpoint(j));
}

/* A line "R TAB T1 TAB seq TAB hash TAB body", or "C TAB …". */
static void keep(char *line)
{
	char *f[5] = {line};

	line[strcspn(line, "\n")] = '\0';
	for (int i = 1; i < 5; i++) {
		f[i] = strchr(f[i - 1], '\t');
		assert_non_null(f[i]);
		*f[i]++ = '\0';
	}
	if (*line == 'R') {
		const long seq = strtol(f[2], NULL, 10);

		assert_in_range(seq, 1, RECORDS);
		made.hash[seq] = strdup(f[3]);
		made.body[seq] = strdup(f[4]);
	} else {
		struct checkpoint *p = &made.copy[made.copies++];
		char *signature = strchr(f[4], '\t');

		assert_non_null(signature);
		*signature++ = '\0';
		p->size = strtoull(f[2], NULL, 10);
		snprintf(p->root, sizeof p->root, "%s", f[3]);
		snprintf(p->time, sizeof p->time, "%s", f[4]);
		snprintf(p->signature, sizeof p->signature, "%s", signature);
	}
}

static int start(void **state)
{
	char recipients[96], key[96], db[96], export[96];
	const struct journal_options opt = {.terminal = "T1",
					    .program = "test 1",
					    .recipients = recipients,
					    .signing_key = key,
					    .clock = clock_of,
					    .clock_ctx = &(int64_t){1775001600}};
	card_secret_t *p = NULL;
	flow_store_t *store = NULL;
	journal_t *j = NULL;
	char *line = NULL;
	size_t cap = 0;
	FILE *f;

	(void)state;
	tree_scratch(made.folder);
	snprintf(recipients, sizeof recipients, "%s/audit.pem", made.folder);
	snprintf(key, sizeof key, "%s/checkpoint-key.pem", made.folder);
	snprintf(db, sizeof db, "%s/j.db", made.folder);
	snprintf(export, sizeof export, "%s/export", made.folder);
	assert_ok(card_secret_new(&p));
	assert_ok(card_secret_set(p, BYTES("correct horse")));
	assert_ok(journal_seal_make(made.folder, "audit", p));
	assert_ok(journal_signing_make(made.folder, "checkpoint"));
	card_secret_free(&p);
	assert_ok(flow_store_open(&store, db, FLOW_STORE_CREATE, NULL));
	assert_ok(journal_setup(store, NULL));
	assert_ok(journal_open(&j, store, &opt, NULL));
	fill(j);
	f = fopen(export, "w+e");
	assert_non_null(f);
	assert_ok(journal_export(store, f));
	rewind(f);
	assert_true(getline(&line, &cap, f) > 0); /* the header */
	while (getline(&line, &cap, f) > 0)
		keep(line);
	free(line);
	fclose(f);
	journal_close(&j);
	flow_store_close(&store);
	made.h.md = EVP_MD_fetch(NULL, "SHA256", NULL);
	made.h.ctx = EVP_MD_CTX_new();
	return made.copies == 3 && made.body[RECORDS] != NULL ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	for (int i = 1; i <= RECORDS; i++) {
		free(made.body[i]);
		free(made.hash[i]);
	}
	EVP_MD_CTX_free(made.h.ctx);
	EVP_MD_free(made.h.md);
	tree_scratch_remove(made.folder);
	return 0;
}

struct line {
	uint64_t seq;
	char *hash, *body;
};

static void lines_made(struct line out[RECORDS])
{
	for (size_t i = 0; i < RECORDS; i++)
		out[i] = (struct line){i + 1, made.hash[i + 1], made.body[i + 1]};
}

/* The first bad record that the verifier sees; 0: whole. */
static uint64_t read_chain(const struct line *line, size_t n, bool with_copy)
{
	struct chain c = {.terminal = "T1"};

	for (size_t i = 0; with_copy && i < made.copies; i++)
		assert_true(chain_checkpoint(&c, &made.copy[i]));
	for (size_t i = 0; i < n; i++)
		chain_record(&made.h, &c, line[i].seq, line[i].hash, line[i].body);
	chain_finish(&made.h, &c);
	return c.bad;
}

static void what_was_made_is_whole(void **state)
{
	struct line l[RECORDS];

	(void)state;
	lines_made(l);
	assert_int_equal(read_chain(l, RECORDS, false), 0);
	assert_int_equal(read_chain(l, RECORDS, true), 0);
}

/* A hash is text: another text for the same bytes (upper case) does not pass either. */
static void every_bit_of_every_record_is_covered(void **state)
{
	struct line l[RECORDS];
	size_t flips = 0;

	(void)state;
	lines_made(l);
	for (size_t i = 0; i < RECORDS; i++) {
		char *text[] = {l[i].hash, l[i].body};

		for (int k = 0; k < 2; k++) {
			for (size_t at = 0; at < strlen(text[k]); at++) {
				for (int bit = 0; bit < 8; bit++) {
					const char was = text[k][at];

					text[k][at] = (char)(was ^ (1 << bit));
					if (text[k][at] != '\0') { /* a line cannot hold that */
						assert_int_equal(read_chain(l, RECORDS, false),
								 i + 1);
						flips++;
					}
					text[k][at] = was;
				}
			}
		}
	}
	print_message("%zu flips\n", flips);
	assert_true(flips > 8 * RECORDS * 150);
}

static void every_swap_of_two_records_is_found(void **state)
{
	struct line l[RECORDS];

	(void)state;
	for (size_t i = 0; i < RECORDS; i++) {
		for (size_t k = i + 1; k < RECORDS; k++) {
			lines_made(l);
			l[i] = (struct line){k + 1, made.hash[k + 1], made.body[k + 1]};
			l[k] = (struct line){i + 1, made.hash[i + 1], made.body[i + 1]};
			assert_int_equal(read_chain(l, RECORDS, false), i + 1);
			/* Renumbered as well: the body names its place. */
			l[i].seq = i + 1;
			l[k].seq = k + 1;
			assert_int_equal(read_chain(l, RECORDS, false), i + 1);
		}
	}
}

static void every_removal_is_found(void **state)
{
	struct line l[RECORDS];

	(void)state;
	for (size_t i = 0; i + 1 < RECORDS; i++) {
		lines_made(l);
		memmove(l + i, l + i + 1, (RECORDS - i - 1) * sizeof *l);
		assert_int_equal(read_chain(l, RECORDS - 1, false), i + 1);
		for (size_t k = i; k + 1 < RECORDS; k++)
			l[k].seq = k + 1;
		assert_int_equal(read_chain(l, RECORDS - 1, false), i + 1);
	}
}

static void every_cut_is_found_with_the_copy(void **state)
{
	struct line l[RECORDS];

	(void)state;
	lines_made(l);
	for (size_t keep_n = 0; keep_n < RECORDS; keep_n++) {
		assert_int_equal(read_chain(l, keep_n, false), 0); /* nothing inside can tell */
		assert_int_equal(read_chain(l, keep_n, true), keep_n + 1);
	}
}

/* A forger who has the program makes a new chain: the copy does not fit it. */
static void a_chain_made_anew_does_not_fit_the_copy(void **state)
{
	struct line l[RECORDS];
	char hash[RECORDS][65], head[128];
	const char *before = "0000000000000000000000000000000000000000000000000000000000000000";

	(void)state;
	lines_made(l);
	for (size_t i = 0; i < RECORDS; i++) {
		uint8_t raw[32];
		char *body = i == 20 ? strdup("1\tT1\t21\tnobody was here") : strdup(l[i].body);

		assert_non_null(body);
		snprintf(head, sizeof head, "KAZASU-JOURNAL-1\n%.64s\n", before);
		assert_int_equal(EVP_DigestInit_ex2(made.h.ctx, made.h.md, NULL), 1);
		assert_int_equal(EVP_DigestUpdate(made.h.ctx, head, strlen(head)), 1);
		assert_int_equal(EVP_DigestUpdate(made.h.ctx, body, strlen(body)), 1);
		assert_int_equal(EVP_DigestFinal_ex(made.h.ctx, raw, NULL), 1);
		for (int k = 0; k < 32; k++)
			snprintf(hash[i] + 2 * k, 3, "%02x", raw[k]);
		l[i].hash = hash[i];
		l[i].body = body;
		before = hash[i];
	}
	assert_int_equal(read_chain(l, RECORDS, false), 0);
	assert_int_equal(read_chain(l, RECORDS, true), 18); /* behind the checkpoint at 17 */
	for (size_t i = 0; i < RECORDS; i++)
		free(l[i].body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_made_is_whole),
		cmocka_unit_test(every_bit_of_every_record_is_covered),
		cmocka_unit_test(every_swap_of_two_records_is_found),
		cmocka_unit_test(every_removal_is_found),
		cmocka_unit_test(every_cut_is_found_with_the_copy),
		cmocka_unit_test(a_chain_made_anew_does_not_fit_the_copy),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
