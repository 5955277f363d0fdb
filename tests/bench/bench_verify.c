/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One certificate, one challenge and one look-up, on one thread and on two; against
 * the two RSA verifications that it cannot do without, and against OpenSSL doing the
 * same with d2i_X509, X509_verify_cert and EVP_DigestVerify. All in this run.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <card/verify.h>

#include "bench.h"
#include "least.h"
#include "made_crl.h"

#define HOLDERS 32u
#define ENTRIES 1000000u
#define SEED    11u
#define PAIRS   21
#define SLICES  25

static char dir[64], store[96], list[96];
static struct made_key ca, holder[HOLDERS];
static card_buf_t root, cert[HOLDERS], signature[HOLDERS];
static card_trust_t *trust;
static int64_t now;
static const char challenge[] = "a challenge of thirty-two octets";

static void fail(const char *what)
{
	fprintf(stderr, "bench_verify: %s\n", what);
	made_dir_remove(dir);
	exit(1);
}

static void make_files(void)
{
	uint8_t digest[CARD_HASH_MAX];
	struct card_crl_report report;
	now = time(NULL);
	made_dir(dir);
	snprintf(store, sizeof(store), "%s/store", dir);
	snprintf(list, sizeof(list), "%s/list", dir);
	mkdir(store, 0755);
	made_rsa(&ca, 2048);
	struct made_cert c = {.kind = MADE_SIGN_CA,
			      .serial = 1,
			      .not_before = now - 86400,
			      .not_after = now + 86400 * 365,
			      .key = &ca,
			      .issuer = &ca};
	made_cert(&c, &root);
	c.kind = MADE_SIGN;
	card_hash_digest(CARD_HASH_SHA256, card_bytes(challenge, sizeof(challenge)), digest);
	for (unsigned i = 0; i < HOLDERS; i++) {
		made_rsa(&holder[i], 2048);
		c.key = &holder[i];
		c.serial = made_big_serial(SEED, ENTRIES + i); /* not on the list */
		made_cert(&c, &cert[i]);
		made_sign_digest(&holder[i], CARD_HASH_SHA256, false, card_bytes(digest, 32),
				 &signature[i]);
	}
	if (card_trust_new(&trust, 0) || card_trust_add(trust, card_buf_bytes(&root)))
		fail("anchor");
	made_crl_big(list, &ca, ENTRIES, SEED, 1, now - 3600, now + 86400);
	struct card_crl_import how = {.store = store, .trust = trust, .now = now};
	int fd = open(list, O_RDONLY);
	if (fd < 0 || card_crl_import(&how, fd, &report))
		fail("import");
	close(fd);
}

/* ---- ours ---- */

static void ours(void *ctx)
{
	struct card_verify_result out;
	for (unsigned i = 0; i < HOLDERS; i++) {
		struct card_verify_request r = {.parts = CARD_VERIFY_ALL,
						.certificate = card_buf_bytes(&cert[i]),
						.use = CARD_USE_SIGN,
						.at = now,
						.hash = CARD_HASH_SHA256,
						.message = card_bytes(challenge, sizeof(challenge)),
						.signature = card_buf_bytes(&signature[i])};
		if (card_verify(ctx, &r, &out) || out.verdict != CARD_VERDICT_VALID)
			fail("our verdict");
	}
}

static void *ours_new(void)
{
	struct card_verify_config c = {
		.trust = trust, .store = store, .recheck_ms = CARD_CRL_RECHECK_MS};
	card_verify_t *v;
	if (card_verify_new(&v, &c))
		fail("context");
	return v;
}

/* ---- bare RSA ---- */

/* Verifying with a ready key and context, as `openssl speed` does. */
struct bare {
	EVP_PKEY_CTX *ctx;
	uint8_t digest[CARD_HASH_MAX];
};

static void rsa(void *ctx)
{
	const struct bare *b = ctx;
	for (unsigned i = 0; i < HOLDERS; i++)
		if (EVP_PKEY_verify(b->ctx, signature[0].p, signature[0].n, b->digest, 32) != 1)
			fail("RSA");
}

static void *rsa_new(void)
{
	struct bare *b = calloc(1, sizeof(*b));
	if (!b)
		fail("memory");
	b->ctx = EVP_PKEY_CTX_new_from_pkey(NULL, holder[0].pkey, NULL);
	if (!b->ctx || EVP_PKEY_verify_init(b->ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(b->ctx, RSA_PKCS1_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(b->ctx, EVP_sha256()) != 1)
		fail("RSA context");
	card_hash_digest(CARD_HASH_SHA256, card_bytes(challenge, sizeof(challenge)), b->digest);
	return b;
}

/* ---- OpenSSL ---- */

struct theirs {
	X509_STORE *store;
};

static void theirs_one(const struct theirs *t, unsigned i)
{
	const unsigned char *p = cert[i].p;
	X509 *x = d2i_X509(NULL, &p, (long)cert[i].n);
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	if (!x || X509_STORE_CTX_init(ctx, t->store, x, NULL) != 1 || X509_verify_cert(ctx) != 1)
		fail("OpenSSL's verdict");
	if (EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, X509_get0_pubkey(x)) != 1 ||
	    EVP_DigestVerify(md, signature[i].p, signature[i].n, (const unsigned char *)challenge,
			     sizeof(challenge)) != 1)
		fail("OpenSSL's signature");
	EVP_MD_CTX_free(md);
	X509_STORE_CTX_free(ctx);
	X509_free(x);
}

static void theirs(void *ctx)
{
	for (unsigned i = 0; i < HOLDERS; i++)
		theirs_one(ctx, i);
}

static void theirs_new(struct theirs *t, bool with_list)
{
	const unsigned char *p = root.p;
	X509 *x = d2i_X509(NULL, &p, (long)root.n);
	t->store = X509_STORE_new();
	X509_STORE_add_cert(t->store, x);
	X509_free(x);
	if (!with_list)
		return;
	BIO *bio = BIO_new_file(list, "rb");
	X509_CRL *crl = d2i_X509_CRL_bio(bio, NULL);
	if (!crl || X509_STORE_add_crl(t->store, crl) != 1)
		fail("OpenSSL's list");
	X509_STORE_set_flags(t->store, X509_V_FLAG_CRL_CHECK);
	X509_CRL_free(crl);
	BIO_free(bio);
}

/* ---- threads ---- */

struct worker {
	pthread_t thread;
	void (*work)(void *);
	void *ctx;
	unsigned long done;
	double spent; /* seconds, without those in the queue for a processor */
};
static atomic_bool go, stop;

/* Seconds that this thread could have run but other programs did (Linux counts them).
 * Waiting for a lock is not among them. */
static double queued(void)
{
	unsigned long long ran = 0, waited = 0;
	FILE *f = fopen("/proc/thread-self/schedstat", "re");
	if (!f)
		return 0;
	if (fscanf(f, "%llu %llu", &ran, &waited) != 2)
		waited = 0;
	fclose(f);
	return (double)waited / 1e9;
}

static void *run(void *arg)
{
	struct worker *w = arg;
	while (!atomic_load(&go))
		;
	double from = bench_now() - queued();
	while (!atomic_load(&stop)) {
		w->work(w->ctx);
		w->done += HOLDERS;
	}
	w->spent = bench_now() - queued() - from;
	return NULL;
}

/* Verifications a second of this many threads together. */
static double rate(void (*work)(void *), void *const ctx[2], unsigned threads)
{
	struct worker w[2] = {{.work = work, .ctx = ctx[0]}, {.work = work, .ctx = ctx[1]}};
	atomic_store(&go, false);
	atomic_store(&stop, false);
	for (unsigned i = 0; i < threads; i++)
		if (pthread_create(&w[i].thread, NULL, run, &w[i]))
			fail("thread");
	double from = bench_now();
	atomic_store(&go, true);
	while (bench_now() - from < 0.05)
		usleep(1000);
	atomic_store(&stop, true);
	for (unsigned i = 0; i < threads; i++)
		pthread_join(w[i].thread, NULL);
	double sum = 0;
	for (unsigned i = 0; i < threads; i++)
		sum += (double)w[i].done / w[i].spent;
	return sum;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_value);
	return v[n / 2];
}

/* Processor seconds of this thread: what one core does, whoever else wants it. */
static double core_now(void)
{
	struct timespec t = {0};
	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Seconds a verification of `work`, over a slice too short for the speed of a busy
 * machine to change in. */
static double slice(void (*work)(void *), void *ctx)
{
	unsigned long n = 0;
	double from = core_now(), spent;
	do {
		work(ctx);
		n += HOLDERS;
		spent = core_now() - from;
	} while (spent < 0.02);
	return spent / (double)n;
}

/* The median of ratios of neighbours; *ours_s and *rsa_s: the best of each. */
static double measure_one(void *mine, void *bare, double *ours_s, double *rsa_s)
{
	double ratio[SLICES];
	*ours_s = *rsa_s = 1e9;
	for (int i = 0; i < SLICES; i++) {
		double b = slice(rsa, bare), a = slice(ours, mine);
		/* The two halves of a pair may lie on either side of a change of speed. */
		b = (b + slice(rsa, bare)) / 2;
		*ours_s = a < *ours_s ? a : *ours_s;
		*rsa_s = b < *rsa_s ? b : *rsa_s;
		ratio[i] = 2 * b / a;
	}
	return median(ratio, SLICES);
}

static void measure_threads(void *const mine[2], void *const bare[2])
{
	double ratio[PAIRS], two[PAIRS];
	for (int i = 0; i < PAIRS; i++) {
		/* Neighbours are what is divided by each other in the end. */
		double a1 = rate(ours, mine, 1), b1 = rate(rsa, bare, 1);
		double b2 = rate(rsa, bare, 2), a2 = rate(ours, mine, 2);
		two[i] = a2;
		ratio[i] = (a2 / a1) / (b2 / b1);
	}
	bench_report_least("verify.2t", median(two, PAIRS), "1/s", "scaling of bare RSA",
			   median(ratio, PAIRS), 0.9);
}

int main(void)
{
	make_files();
	void *const mine[2] = {ours_new(), ours_new()};
	void *const bare[2] = {rsa_new(), rsa_new()};
	double a, b, half = measure_one(mine[0], bare[0], &a, &b);
	bench_report("verify.rsa2048", 1 / b, "1/s", NULL, 0, 0);
	bench_report_least("verify.1t", 1 / a, "1/s", "half of bare RSA", half, 0.6);
	bench_report_least("verify.1t.stretch", 1 / a, "1/s", "half of bare RSA", half, 0.85);
	measure_threads(mine, bare);
	struct theirs plain, listed;
	theirs_new(&plain, false);
	double t = 1e9;
	for (int i = 0; i < 9; i++) {
		double one = slice(theirs, &plain);
		t = one < t ? one : t;
	}
	bench_report("verify.openssl", 1 / t, "1/s", NULL, 0, 0);
	bench_report_least("verify.speedup_openssl", 1 / a, "1/s", "OpenSSL", t / a, 3);
	theirs_new(&listed, true);
	theirs_one(&listed, 0); /* sorts the list, once */
	double from = core_now();
	for (unsigned i = 1; i < 5; i++)
		theirs_one(&listed, i);
	t = (core_now() - from) / 4;
	bench_report("verify.openssl_1m", 1 / t, "1/s", NULL, 0, 0);
	bench_report_least("verify.speedup_openssl_1m", 1 / a, "1/s", "OpenSSL, 1M list", t / a,
			   500);
	made_dir_remove(dir);
	return 0;
}
