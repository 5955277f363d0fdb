/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation lists at the scale of a country: taking in five million unsorted
 * entries, looking them up, and that no answer of a hundred million is wrong.
 * Against SHA-256 over the same bytes, a pointer chase through memory, OpenSSL and
 * dirmngr, all in this run and with these files.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <card/crl.h>

#include "bench.h"
#include "least.h"
#include "made_crl.h"
#include "pki_crl.h"

#define ENTRIES 5000000u
#define SEED    7u
#define ROUNDS  9

static char dir[64], list[96], store[96], ca_file[96], cert_file[96];
static uint64_t list_size;
static struct made_key ca, holder;

static void fail(const char *what)
{
	fprintf(stderr, "bench_crl: %s\n", what);
	made_dir_remove(dir);
	exit(1);
}

/* ---- files ---- */

static void make_files(void)
{
	int64_t now = time(NULL);
	card_buf_t der = {0};
	made_dir(dir);
	snprintf(list, sizeof(list), "%s/list.crl", dir);
	snprintf(store, sizeof(store), "%s/store", dir);
	snprintf(ca_file, sizeof(ca_file), "%s/ca.pem", dir);
	snprintf(cert_file, sizeof(cert_file), "%s/cert.pem", dir);
	mkdir(store, 0755);
	made_rsa(&ca, 2048);
	made_rsa(&holder, 2048);
	struct made_cert c = {.kind = MADE_SIGN_CA,
			      .serial = 1,
			      .not_before = now - 86400,
			      .not_after = now + 86400 * 365,
			      .key = &ca,
			      .issuer = &ca};
	made_cert(&c, &der);
	made_pem_file(ca_file, card_buf_bytes(&der));
	card_buf_free(&der);
	c.kind = MADE_SIGN;
	c.key = &holder;
	/* A number that is not on the list. */
	c.serial = made_big_serial(SEED, ENTRIES + 1);
	made_cert(&c, &der);
	made_pem_file(cert_file, card_buf_bytes(&der));
	card_buf_free(&der);
	list_size = made_crl_big(list, &ca, ENTRIES, SEED, 1, now - 3600, now + 86400 * 7);
}

/* ---- import ---- */

static void *start(void *ctx, void *(*fn)(void *), void *arg)
{
	pthread_t *t = malloc(sizeof(*t));
	(void)ctx;
	if (t && pthread_create(t, NULL, fn, arg) == 0)
		return t;
	free(t);
	return NULL;
}

static void join(void *ctx, void *handle)
{
	pthread_t *t = handle;
	(void)ctx;
	pthread_join(*t, NULL);
	free(t);
}

/* Processor seconds of this process: what a busy machine does not add to. */
static double processor_now(void)
{
	struct timespec t = {0};
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double import_once(bool two)
{
	struct card_crl_helper helper = {start, join, NULL};
	struct card_crl_report report;
	card_trust_t *trust;
	if (card_trust_new(&trust, 0) || card_trust_add_file(trust, ca_file))
		fail("anchor");
	struct card_crl_import how = {
		.store = store, .trust = trust, .now = time(NULL), .helper = two ? &helper : NULL};
	int fd = open(list, O_RDONLY);
	double from = bench_now();
	if (fd < 0 || card_crl_import(&how, fd, &report))
		fail(card_crl_refusal_code(report.refusal));
	double spent = bench_now() - from;
	close(fd);
	card_trust_free(&trust);
	return spent;
}

static void empty_store(void)
{
	made_dir_remove(store);
	mkdir(store, 0755);
}

/* SHA-256 over the bytes of the list, in memory, on one thread. */
static double hash_once(const uint8_t *bytes)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	double from = bench_now();
	EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
	for (uint64_t i = 0; i < list_size; i += 16384)
		EVP_DigestUpdate(ctx, bytes + i, list_size - i < 16384 ? list_size - i : 16384);
	EVP_DigestFinal_ex(ctx, digest, NULL);
	double spent = bench_now() - from;
	bench_keep(digest);
	EVP_MD_CTX_free(ctx);
	return spent;
}

/* What the machine can do: other programs only ever add to it. */
static double best(const double *v, size_t n)
{
	double least = v[0];
	for (size_t i = 1; i < n; i++)
		if (v[i] < least)
			least = v[i];
	return least;
}

static double measure_import(void)
{
	double one[ROUNDS], two[ROUNDS], sha[ROUNDS], cpu[ROUNDS], sha_cpu[ROUNDS];
	int fd = open(list, O_RDONLY);
	uint8_t *bytes = malloc(list_size);
	if (fd < 0 || !bytes || read(fd, bytes, list_size) != (ssize_t)list_size)
		fail("read");
	close(fd);
	/* Interleaved, so that a busy machine is busy for all. */
	for (int i = 0; i < ROUNDS; i++) {
		double from = processor_now();
		sha[i] = hash_once(bytes);
		sha_cpu[i] = processor_now() - from;
		empty_store();
		from = processor_now();
		one[i] = import_once(false);
		cpu[i] = processor_now() - from;
		empty_store();
		two[i] = import_once(true);
	}
	free(bytes);
	double h = best(sha, ROUNDS), a = best(one, ROUNDS), b = best(two, ROUNDS);
	bench_report("crl.sha256.5m", h, "s", NULL, 0, 0);
	bench_report("crl.import.5m.1t", a, "s", "sha256", a / h, 3.5);
	bench_report("crl.import.5m.2t", b, "s", "sha256", b / h, 2.5);
	double c = best(cpu, ROUNDS);
	bench_report("crl.import.5m.1t.cpu", c, "s", "sha256, processor", c / best(sha_cpu, ROUNDS),
		     0);
	return a;
}

/* ---- memory, and other programs ---- */

/* Run in a child; its seconds and peak resident memory in bytes. */
static bool run_child(void (*work)(void *), void *ctx, double *seconds, double *peak)
{
	struct rusage use;
	int status;
	double from = bench_now();
	pid_t pid = fork();
	if (pid == 0) {
		work(ctx);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &use) != pid)
		return false;
	*seconds = bench_now() - from;
	*peak = (double)use.ru_maxrss * 1024;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Ourselves again, with one argument: a fresh process that only imports. */
static void exec_self(void *ctx)
{
	char *const *argv = ctx;
	execv("/proc/self/exe", argv);
}

static void exec_path(void *ctx)
{
	char *const *argv = ctx;
	int null = open("/dev/null", O_RDWR);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	execvp(argv[0], argv);
}

static void measure_others(double ours)
{
	double seconds, peak, our_peak, ignored;
	char *self[] = {(char[]){"bench_crl"}, (char[]){"import"}, store, list, ca_file, NULL};
	char *openssl[] = {(char[]){"openssl"},
			   (char[]){"verify"},
			   (char[]){"-crl_check"},
			   (char[]){"-CAfile"},
			   ca_file,
			   (char[]){"-CRLfile"},
			   list,
			   cert_file,
			   NULL};
	empty_store();
	if (!run_child(exec_self, self, &ignored, &our_peak))
		fail("import in a child");
	double limit = 12.0 * ENTRIES + 16 * 1048576.0;
	bench_report("crl.import.5m.memory", our_peak / 1048576, "MiB", "12 B/entry + 16 MiB",
		     our_peak / limit, 1.0);
	if (run_child(exec_path, openssl, &seconds, &peak)) {
		bench_report("crl.openssl_verify.5m", seconds, "s", NULL, 0, 0);
		bench_report_least("crl.import.5m.speedup_openssl", ours, "s", "openssl verify",
				   seconds / ours, 25);
		bench_report_least("crl.import.5m.memory_openssl", peak / 1048576, "MiB",
				   "ours, inverse", peak / our_peak, 20);
	} else {
		fprintf(stderr, "bench_crl: openssl verify did not succeed; not compared\n");
	}
}

/* dirmngr trusts what lies in /etc/gnupg/trusted-certs: it gets an /etc of its own,
 * in a mount namespace. Left out where that or dirmngr is not to be had. */
static const char dirmngr_script[] =
	"set -e; command -v dirmngr >/dev/null; cd \"$1\"; mkdir -p home/crls.d; chmod 700 home; "
	"cp -RL /etc etc 2>/dev/null || true; mkdir -p etc/gnupg/trusted-certs; "
	"openssl x509 -in \"$2\" -outform DER -out etc/gnupg/trusted-certs/ca.crt; "
	"unshare -rm sh -c 'mount --bind etc /etc && exec dirmngr --homedir \"$PWD/home\" "
	"--load-crl \"$0\"' \"$3\"; ls home/crls.d/crl-*.db";

static void measure_dirmngr(double ours)
{
	char home[96];
	double seconds, peak;
	snprintf(home, sizeof(home), "%s/gnupg", dir);
	mkdir(home, 0700);
	char *sh[] = {(char[]){"sh"},
		      (char[]){"-c"},
		      (char *)(uintptr_t)dirmngr_script,
		      (char[]){"sh"},
		      home,
		      ca_file,
		      list,
		      NULL};
	if (!run_child(exec_path, sh, &seconds, &peak)) {
		fprintf(stderr, "bench_crl: dirmngr did not take the list; not compared\n");
		return;
	}
	bench_report("crl.dirmngr_load.5m", seconds, "s", NULL, 0, 0);
	bench_report_least("crl.import.5m.speedup_dirmngr", ours, "s", "dirmngr", seconds / ours,
			   15);
}

/* ---- lookup ---- */

static card_crl_index_t *open_index(void)
{
	uint8_t key[CARD_HASH_MAX];
	char path[256], hex[33];
	card_crl_index_t *x;
	card_hash_digest(CARD_HASH_SHA256, card_buf_bytes(&ca.spki), key);
	card_hex_encode(card_bytes(key, 16), hex, sizeof(hex));
	snprintf(path, sizeof(path), "%s/%s-%032d.crlx", store, hex, 0);
	if (card_crl_index_open(&x, path))
		fail("index");
	return x;
}

static void put32(uint8_t b[4], uint32_t v)
{
	for (int i = 0; i < 4; i++)
		b[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint64_t rng = 88172645463325252u;

static uint32_t random32(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (uint32_t)(rng >> 32);
}

#define SAMPLE 4096u

/* Half on the list, half not. */
static void sample(uint8_t serial[SAMPLE][4])
{
	for (uint32_t i = 0; i < SAMPLE; i++)
		put32(serial[i],
		      made_big_serial(SEED, random32() % ENTRIES + (i & 1 ? ENTRIES : 0)));
}

static void flush_line(const void *p)
{
#if defined(__x86_64__)
	__builtin_ia32_clflush(p);
#else
	(void)p;
#endif
}

static void fence(void)
{
#if defined(__x86_64__)
	__builtin_ia32_mfence();
#endif
}

/* Nanoseconds a lookup, each waiting for the one before. */
static double lookups(const card_crl_index_t *x, uint8_t serial[SAMPLE][4], bool cold)
{
	uint32_t next = 0;
	struct card_crl_entry e = {.revoked_at = 0};
	for (uint32_t i = 0; cold && i < SAMPLE; i++) {
		const uint8_t *s = serial[i];
		uint32_t v =
			(uint32_t)s[0] << 24 | (uint32_t)s[1] << 16 | (uint32_t)s[2] << 8 | s[3];
		size_t k = pki_line_of(pki_mix(v), x->view.short_lines);
		const struct pki_line *l = &x->view.short_line[k];
		if (l->head >> 4)
			flush_line(&x->view.short_over[(l->head >> 4) - 1]);
		flush_line(l);
	}
	fence();
	double from = bench_now();
	for (uint32_t i = 0; i < SAMPLE; i++) {
		bool there =
			card_crl_index_lookup(x, card_bytes(serial[(i + next) % SAMPLE], 4), &e);
		/* always zero, but the processor has to wait for it */
		next = (uint32_t)there >> 1 | (uint32_t)(e.revoked_at >> 40);
	}
	double spent = bench_now() - from;
	bench_keep(&next);
	return spent / SAMPLE * 1e9;
}

/* Nanoseconds a step of a chase through a region of this size, lines flushed. */
static double chase(size_t size)
{
	size_t n = size / 64;
	uint64_t(*region)[8] = mmap(NULL, n * 64, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	static uint64_t at[SAMPLE + 1];
	if (region == MAP_FAILED)
		fail("mmap");
	madvise(region, n * 64, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < n; i++)
		region[i][0] = 1;
	/* Every line once: a chain that meets itself would stay in the cache. */
	for (uint32_t i = 0; i <= SAMPLE; i++) {
		do {
			at[i] = ((uint64_t)random32() << 16 ^ random32()) % n;
		} while (region[at[i]][1]);
		region[at[i]][1] = 1;
	}
	for (uint32_t i = 0; i < SAMPLE; i++)
		region[at[i]][0] = at[i + 1];
	double least = 1e9;
	for (int round = 0; round < 20; round++) {
		for (uint32_t i = 0; i < SAMPLE; i++)
			flush_line(region[at[i]]);
		fence();
		uint64_t p = at[0];
		double from = bench_now();
		for (uint32_t i = 0; i < SAMPLE; i++)
			p = region[p][0];
		double spent = (bench_now() - from) / SAMPLE * 1e9;
		bench_keep(&p);
		if (spent < least)
			least = spent;
	}
	munmap(region, n * 64);
	return least;
}

static void measure_lookup(const card_crl_index_t *x)
{
	static uint8_t serial[SAMPLE][4];
	double hot = 1e9, cold = 1e9;
	for (int round = 0; round < 20; round++) {
		double one;
		sample(serial);
		if ((one = lookups(x, serial, true)) < cold)
			cold = one;
		for (uint32_t i = 64; i < SAMPLE; i++)
			memcpy(serial[i], serial[i % 64], 4);
		lookups(x, serial, false);
		if ((one = lookups(x, serial, false)) < hot)
			hot = one;
	}
	double step = chase(x->size);
	bench_report("crl.lookup.hot", hot, "ns", NULL, 0, 40);
	bench_report("crl.chase", step, "ns", NULL, 0, 0);
	bench_report("crl.lookup.cold", cold, "ns", "pointer chase", cold / step, 1.5);
	size_t over = 0;
	for (size_t k = 0; k < x->view.short_lines; k++)
		over += x->view.short_line[k].head >> 4 != 0;
	bench_report("crl.index.second_line", 100.0 * (double)over / (double)x->view.short_lines,
		     "%", NULL, 0, 0);
	bench_report("crl.index.size", (double)x->size / ENTRIES, "B/entry", NULL, 0, 0);
}

/* A hundred million questions; the answers are known from how the list was made. */
static void measure_answers(const card_crl_index_t *x)
{
	const uint32_t questions = 100000000;
	uint8_t *member = calloc(1u << 28, 1); /* one bit for each 31-bit number */
	unsigned long wrong = 0;
	if (!member)
		fail("memory");
	for (uint32_t i = 0; i < ENTRIES; i++) {
		uint32_t s = made_big_serial(SEED, i);
		member[s >> 3] |= (uint8_t)(1u << (s & 7));
	}
	for (uint32_t q = 0; q < questions; q++) {
		struct card_crl_entry e;
		uint8_t b[4];
		uint32_t i = random32() % ENTRIES;
		uint32_t s = q & 1 ? made_big_serial(SEED, i) : random32() & 0x7FFFFFFF;
		put32(b, s);
		bool there = card_crl_index_lookup(x, card_bytes(b, 4), &e);
		if (there != (bool)(member[s >> 3] >> (s & 7) & 1))
			wrong++;
		else if (q & 1 &&
			 (e.revoked_at != made_big_date(SEED, i) ||
			  e.reason != (made_big_reason(i) < 0
					       ? CARD_CRL_NO_REASON
					       : (enum card_crl_reason)made_big_reason(i))))
			wrong++;
	}
	free(member);
	printf("{\"name\":\"crl.lookup.wrong_of_100m\",\"value\":%lu,\"unit\":\"answers\",\"goal\":0,"
	       "\"pass\":%s}\n",
	       wrong, wrong == 0 ? "true" : "false");
	(void)fflush(stdout);
}

static int import_only(char **argv)
{
	snprintf(store, sizeof(store), "%s", argv[2]);
	snprintf(list, sizeof(list), "%s", argv[3]);
	snprintf(ca_file, sizeof(ca_file), "%s", argv[4]);
	import_once(false);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "import") == 0)
		return import_only(argv);
	make_files();
	double ours = measure_import();
	measure_others(ours);
	measure_dirmngr(ours);
	empty_store();
	import_once(false);
	card_crl_index_t *x = open_index();
	measure_lookup(x);
	measure_answers(x);
	card_crl_index_close(&x);
	made_key_free(&ca);
	made_key_free(&holder);
	made_dir_remove(dir);
	return 0;
}
