/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal: what one durable record costs beside the sync that it needs, many writers in one
 * commit, sealing, and reading a million records back through the separate verifier.
 */
#include <cardflow/journal_group.h>
#include <cardflow/seal.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "tree.h"

#define SINGLES 400     /* durable appends, one by one */
#define WRITERS 4       /* threads of the group */
#define BURST   1024    /* records that a writer has in hand */
#define RECORDS 1000000 /* of the journal that is verified */

static char dir[64], db[96], export_path[96], copy[96], recipients[96], key[96], public_key[96],
	audit_key[96];
static flow_store_t *store;
static journal_t *journal;

static void fail(const char *what)
{
	fprintf(stderr, "bench_journal: %s\n", what);
	tree_scratch_remove(dir);
	exit(1);
}

/* Ids as journal_intent makes them, for three records each. */
static const char *next_txn(char out[JOURNAL_TXN + 1])
{
	static _Atomic unsigned long records;
	const unsigned long n = records++ / 3;

	snprintf(out, JOURNAL_TXN + 1, "%010lx%06lx%016lx", (1775001600 + n / 100) & 0xFFFFFFFFFFUL,
		 n * 2654435761UL & 0xFFFFFF, n * 0x9E3779B97F4A7C15UL);
	return out;
}

/* A record as a counter writes it, without a subject: sealing is measured apart. txn: room. */
static struct journal_record record(char txn[JOURNAL_TXN + 1])
{
	return (struct journal_record){.event = "card-read",
				       .result = JOURNAL_OK,
				       .txn = next_txn(txn),
				       .operator_id = "suzuki",
				       .role = "operator;reception",
				       .organ = "市民課",
				       .procedure = "jido-teate",
				       .purpose = "L31",
				       .basis = "番号法別表第一 R8-04-01",
				       .attributes = "name;address;birth_date;sex;photo"};
}

static card_secret_t *passphrase(void)
{
	card_secret_t *p = NULL;

	if (card_secret_new(&p) != CARD_OK ||
	    card_secret_set(p, card_bytes("bench-bench", 11)) != CARD_OK)
		fail("passphrase");
	return p;
}

static void open_all(void)
{
	const struct journal_options opt = {.terminal = "BENCH-01",
					    .program = "bench_journal 1",
					    .recipients = recipients,
					    .signing_key = key,
					    .checkpoint_copy = copy};
	card_secret_t *p = passphrase();

	tree_scratch(dir);
	snprintf(db, sizeof db, "%s/journal.db", dir);
	snprintf(export_path, sizeof export_path, "%s/export", dir);
	snprintf(copy, sizeof copy, "%s/copy", dir);
	snprintf(recipients, sizeof recipients, "%s/audit.pem", dir);
	snprintf(key, sizeof key, "%s/checkpoint-key.pem", dir);
	snprintf(public_key, sizeof public_key, "%s/checkpoint.pub.pem", dir);
	snprintf(audit_key, sizeof audit_key, "%s/audit-key.pem", dir);
	if (journal_seal_make(dir, "audit", p) != CARD_OK ||
	    journal_signing_make(dir, "checkpoint") != CARD_OK)
		fail("keys");
	card_secret_free(&p);
	if (flow_store_open(&store, db, FLOW_STORE_CREATE, NULL) != CARD_OK ||
	    journal_setup(store, NULL) != CARD_OK ||
	    journal_open(&journal, store, &opt, NULL) != CARD_OK)
		fail("journal");
}

static int by_size(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* One record durable, beside the same bytes appended to a file and synced; in turns, so that a
 * busy disk is busy for both. The lower quartile of each: what others do here is not ours. */
static void singles(void)
{
	static double journaled[SINGLES], synced[SINGLES];
	char path[96], line[512], txn[JOURNAL_TXN + 1];
	int fd;

	memset(line, 'x', sizeof line);
	snprintf(path, sizeof path, "%s/flat", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		fail("flat file");
	for (int i = 0; i < SINGLES; i++) {
		const struct journal_record r = record(txn);
		double from = bench_now();

		if (write(fd, line, sizeof line) != (ssize_t)sizeof line || fdatasync(fd) != 0)
			fail("fdatasync");
		synced[i] = bench_now() - from;
		from = bench_now();
		if (journal_append(journal, &r, 1, NULL) != CARD_OK)
			fail("append");
		journaled[i] = bench_now() - from;
	}
	close(fd);
	qsort(journaled, SINGLES, sizeof *journaled, by_size);
	qsort(synced, SINGLES, sizeof *synced, by_size);
	bench_report("journal.append", journaled[SINGLES / 4] * 1e6, "us", "fdatasync",
		     journaled[SINGLES / 4] / synced[SINGLES / 4], 2.5);
}

static void seal_one(void *ctx)
{
	char *out = NULL;

	if (journal_seal_text(ctx, "atena:0000000000001", &out) != CARD_OK)
		fail("seal");
	bench_keep(out);
	free(out);
}

struct opening {
	journal_unseal_t *key;
	char *sealed;
};

static void unseal_one(void *ctx)
{
	const struct opening *o = ctx;
	char *clear = NULL;

	if (journal_unseal_text(o->key, o->sealed, &clear) != CARD_OK)
		fail("unseal");
	bench_keep(clear);
	free(clear);
}

/* What a search by subject costs for each record. */
static void unsealing(const journal_seal_t *seal)
{
	struct opening o = {NULL, NULL};
	card_secret_t *p = passphrase();

	if (journal_seal_text(seal, "atena:0000000000001", &o.sealed) != CARD_OK ||
	    journal_unseal_open(&o.key, audit_key, p) != CARD_OK)
		fail("unseal");
	bench_report("journal.unseal", bench_seconds(unseal_one, &o) * 1e6, "us", NULL, 0, 0);
	journal_unseal_free(&o.key);
	free(o.sealed);
	card_secret_free(&p);
}

static void sealing(void)
{
	journal_seal_t *seal = NULL;

	if (journal_seal_open(&seal, recipients) != CARD_OK)
		fail("certificates");
	bench_report("journal.seal", bench_seconds(seal_one, seal) * 1e6, "us", NULL, 0, 0);
	unsealing(seal);
	journal_seal_free(&seal);
}

struct writer {
	journal_group_t *group;
	size_t records;
	pthread_t thread;
};

/* A program with several requests in hand: each record is put by itself, and waited for. */
static void *write_records(void *ctx)
{
	const struct writer *w = ctx;
	journal_pending_t *p[BURST];

	for (size_t done = 0; done < w->records; done += BURST) {
		for (size_t i = 0; i < BURST; i++) {
			char txn[JOURNAL_TXN + 1];
			const struct journal_record r = record(txn);

			if (journal_group_put(w->group, &r, 1, &p[i]) != CARD_OK)
				fail("put");
		}
		for (size_t i = 0; i < BURST; i++) {
			if (journal_group_wait(w->group, &p[i], NULL) != CARD_OK)
				fail("wait");
		}
	}
	return NULL;
}

static double write_group(size_t records)
{
	struct writer w[WRITERS];
	journal_group_t *group = NULL;
	const double from = bench_now();

	if (journal_group_new(&group, journal) != CARD_OK)
		fail("group");
	for (size_t i = 0; i < WRITERS; i++) {
		w[i].group = group;
		w[i].records = records / WRITERS;
		if (pthread_create(&w[i].thread, NULL, write_records, &w[i]) != 0)
			fail("thread");
	}
	for (size_t i = 0; i < WRITERS; i++)
		pthread_join(w[i].thread, NULL);
	journal_group_free(&group);
	return bench_now() - from;
}

/* Each record durable before its writer goes on. The goal of 100,000 a second is one of 10 us. */
static void group_commit(void)
{
	double best = 1e9;
	size_t left = RECORDS - SINGLES;

	for (int round = 0; round < 7; round++) {
		const size_t n = WRITERS * BURST * 20;
		const double spent = write_group(n) / (double)n;

		best = spent < best ? spent : best;
		left -= n;
	}
	bench_report("journal.group_commit", best * 1e6, "us/record", NULL, 0, 10);
	printf("{\"name\":\"journal.group_commit.rate\",\"value\":%.6g,\"unit\":\"records/s\"}\n",
	       1 / best);
	/* The rest of the million. */
	while (left > 0) {
		static struct journal_record r[5000];
		static char txn[5000][JOURNAL_TXN + 1];
		const size_t n = left < 5000 ? left : 5000;

		for (size_t i = 0; i < n; i++)
			r[i] = record(txn[i]);
		if (journal_append(journal, r, n, NULL) != CARD_OK)
			fail("append");
		left -= n;
	}
}

/* What every start of a program asks, at a journal of a million records. */
static enum card_error no_row(void *ctx, const char *const *column, size_t n)
{
	(void)ctx;
	(void)column;
	(void)n;
	return CARD_OK;
}

static void starting(void)
{
	size_t found = 0;
	long bad = 0;
	double from;

	if (journal_checkpoint(journal) != CARD_OK ||
	    journal_recover(journal, false, &found) != CARD_OK)
		fail("checkpoint");
	from = bench_now();
	if (journal_recover(journal, false, &found) != CARD_OK ||
	    journal_check(journal, false, &bad) != CARD_OK ||
	    journal_unexplained(store, "BENCH-01", no_row, NULL) != CARD_OK || bad != 0)
		fail("start");
	bench_report("journal.start.1m", (bench_now() - from) * 1e3, "ms", NULL, 0, 10);
	from = bench_now();
	if (journal_check(journal, true, &bad) != CARD_OK || bad != 0)
		fail("check");
	bench_report("journal.check.1m", bench_now() - from, "s", NULL, 0, 0);
}

/* The program as built, on what was exported. */
static void verify(void)
{
	const char *program = tree_path("build/bin/kazasu-journal-verify");
	struct rusage used;
	double from = bench_now(), cpu;
	FILE *f = fopen(export_path, "we");
	int status;
	pid_t pid;

	if (journal_checkpoint(journal) != CARD_OK || f == NULL ||
	    journal_export(store, f) != CARD_OK || fclose(f) != 0)
		fail("export");
	bench_report("journal.export.1m", bench_now() - from, "s", NULL, 0, 0);
	from = bench_now();
	pid = fork();
	if (pid == 0) {
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execl(program, program, "--key", public_key, "--checkpoints", copy, export_path,
		      (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &used) != pid || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != 0)
		fail("kazasu-journal-verify");
	from = bench_now() - from;
	cpu = (double)used.ru_utime.tv_sec + (double)used.ru_utime.tv_usec / 1e6 +
	      (double)used.ru_stime.tv_sec + (double)used.ru_stime.tv_usec / 1e6;
	bench_report("journal.verify.1m", cpu, "core-s", NULL, 0, 1);
	bench_report("journal.verify.1m.wall", from, "s", NULL, 0, 0);
}

int main(void)
{
	open_all();
	singles();
	sealing();
	group_commit();
	starting();
	verify();
	journal_close(&journal);
	flow_store_close(&store);
	tree_scratch_remove(dir);
	return 0;
}
