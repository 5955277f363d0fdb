/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The centre alone on one core, with a municipality that answers at once: seconds for one certificate,
 * from the opening to message 5 (three messages over TLS, three commits), with eight terminals on the
 * other cores, so 1 / value is certificates a second and core; and the whole transaction to its end
 * (nine messages). Against what cannot be left out: two RSA verifications, one exchange of TLS records
 * with the document in it, one durable commit with it, measured on the same core. Processor time
 * apart from waiting for the disk the same way. And memory, which must not
 * grow (KAZASU_ISSUES=100000 for the long run; 4000), and how long one resident waits for it all.
 */
#include "../kazasu-center/center_case.h"

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "bench.h"
#include "kazasu-center/server.h"

#define DOCUMENT (48 * 1024) /* bytes of a 住民票 with an embedded subset of its font */
#define CLIENTS  8

static uint8_t document[DOCUMENT];

static enum card_error stub_ask(struct center *c, const struct flow_issue_municipality *m,
				const struct flow_issue_row *row, json_t *message,
				struct center_document *out)
{
	(void)c;
	(void)m;
	(void)row;
	(void)message;
	out->pages = 1;
	return card_buf_append(&out->front, card_bytes(document, sizeof document));
}

/* ---- the least ---- */

struct spent {
	double wall, cpu; /* seconds a certificate */
};

static double cpu_seconds(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (double)r.ru_utime.tv_sec + (double)r.ru_utime.tv_usec / 1e6 +
	       (double)r.ru_stime.tv_sec + (double)r.ru_stime.tv_usec / 1e6;
}

struct least {
	card_buf_t signature;
	uint8_t digest[32];
	SSL *client, *server;
	flow_store_t *store;
	char *text;
	unsigned n;
};

static void two_verifications(void *ctx)
{
	struct least *l = ctx;
	EVP_PKEY_CTX *p;

	for (int i = 0; i < 2; i++) {
		p = EVP_PKEY_CTX_new(case_holder.pkey, NULL);
		if (p == NULL || EVP_PKEY_verify_init(p) != 1 ||
		    EVP_PKEY_CTX_set_rsa_padding(p, RSA_PKCS1_PADDING) != 1 ||
		    EVP_PKEY_CTX_set_signature_md(p, EVP_sha256()) != 1 ||
		    EVP_PKEY_verify(p, l->signature.p, l->signature.n, l->digest, 32) != 1)
			abort();
		EVP_PKEY_CTX_free(p);
	}
}

/* From one end to the other through memory. */
static void carry(SSL *from, SSL *to)
{
	uint8_t buffer[20000];
	int n;

	while ((n = BIO_read(SSL_get_wbio(from), buffer, sizeof buffer)) > 0)
		BIO_write(SSL_get_rbio(to), buffer, n);
}

/* 1 KiB there, the document back: what the server does of it is one half. */
static void records(void *ctx)
{
	struct least *l = ctx;
	static uint8_t in[20000];
	size_t sent = 0;

	if (SSL_write(l->client, document, 1024) != 1024)
		abort();
	carry(l->client, l->server);
	if (SSL_read(l->server, in, sizeof in) != 1024)
		abort();
	while (sent < DOCUMENT) {
		const int n = SSL_write(l->server, document + sent,
					(int)(DOCUMENT - sent < 16384 ? DOCUMENT - sent : 16384));

		if (n <= 0)
			abort();
		sent += (size_t)n;
		carry(l->server, l->client);
		while (SSL_read(l->client, in, sizeof in) > 0)
			;
	}
}

static void commit(void *ctx)
{
	struct least *l = ctx;
	char id[24];
	const char *const params[] = {id, l->text};

	snprintf(id, sizeof id, "%u", l->n++);
	if (flow_store_begin(l->store) != CARD_OK ||
	    flow_store_run(l->store, "INSERT INTO t VALUES ($1,$2)", params, 2, NULL, NULL) !=
		    CARD_OK ||
	    flow_store_commit(l->store) != CARD_OK)
		abort();
}

static SSL *endpoint(SSL_CTX *ctx, bool server)
{
	SSL *s = SSL_new(ctx);

	SSL_set_bio(s, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	if (server)
		SSL_set_accept_state(s);
	else
		SSL_set_connect_state(s);
	return s;
}

/* The same processor time by getrusage over as many calls. */
static double cpu_of(void (*work)(void *), void *ctx)
{
	const double start = cpu_seconds();

	for (int i = 0; i < 200; i++)
		work(ctx);
	return (cpu_seconds() - start) / 200;
}

static struct spent least_spent(struct center_case *k)
{
	struct least l = {.n = 0};
	char path[160], certificate[160], key[160];
	SSL_CTX *server = SSL_CTX_new(TLS_server_method()),
		*client = SSL_CTX_new(TLS_client_method());
	struct spent least;
	double part;

	made_sign_digest(&case_holder, CARD_HASH_SHA256, false, card_bytes(l.digest, 32),
			 &l.signature);
	least.wall = bench_seconds(two_verifications, &l);
	least.cpu = cpu_of(two_verifications, &l);
	bench_report("center.least.verify", least.wall * 1e6, "us", NULL, 0, 0);
	snprintf(certificate, sizeof certificate, "%s/pki/center-center-1.pem", k->folder);
	snprintf(key, sizeof key, "%s/pki/center-center-1.key", k->folder);
	SSL_CTX_use_certificate_file(server, certificate, SSL_FILETYPE_PEM);
	SSL_CTX_use_PrivateKey_file(server, key, SSL_FILETYPE_PEM);
	l.client = endpoint(client, false);
	l.server = endpoint(server, true);
	for (int i = 0; i < 10; i++) {
		SSL_do_handshake(l.client);
		carry(l.client, l.server);
		SSL_do_handshake(l.server);
		carry(l.server, l.client);
	}
	part = bench_seconds(records, &l) / 2;
	bench_report("center.least.records", part * 1e6, "us", NULL, 0, 0);
	least.wall += part;
	least.cpu += cpu_of(records, &l) / 2;
	snprintf(path, sizeof path, "%s/least.db", k->folder);
	l.text = malloc(DOCUMENT * 4 / 3 + 1);
	memset(l.text, 'x', DOCUMENT * 4 / 3);
	l.text[DOCUMENT * 4 / 3] = '\0';
	if (flow_store_open(&l.store, path, FLOW_STORE_CREATE, NULL) != CARD_OK ||
	    flow_store_script(l.store, "CREATE TABLE t (id TEXT PRIMARY KEY, v TEXT)") != CARD_OK)
		abort();
	part = bench_seconds(commit, &l);
	bench_report("center.least.commit", part * 1e6, "us", NULL, 0, 0);
	least.wall += part;
	least.cpu += cpu_of(commit, &l);
	flow_store_close(&l.store);
	SSL_free(l.client);
	SSL_free(l.server);
	SSL_CTX_free(client);
	SSL_CTX_free(server);
	card_buf_free(&l.signature);
	free(l.text);
	return least;
}

/* ---- terminals, in a process of their own ---- */

struct terminal {
	struct kiosk kiosk;
	CURL *curl;
	unsigned port, issues;
	pthread_t thread;
	double *spent; /* of each issue */
	struct person *people;
	bool whole;
};

static size_t receive(char *data, size_t size, size_t n, void *ctx)
{
	return card_buf_append(ctx, card_bytes(data, size * n)) == CARD_OK ? size * n : 0;
}

static void over_network(struct kiosk *t, struct center_reply *reply)
{
	struct terminal *l = t->link;
	char url[200];
	long status = 0;

	snprintf(url, sizeof url, "https://127.0.0.1:%u%s", l->port, t->sent_path);
	curl_easy_setopt(l->curl, CURLOPT_URL, url);
	curl_easy_setopt(l->curl, CURLOPT_POSTFIELDSIZE, (long)t->sent.n);
	curl_easy_setopt(l->curl, CURLOPT_POSTFIELDS, t->sent.p);
	curl_easy_setopt(l->curl, CURLOPT_WRITEDATA, &reply->body);
	if (curl_easy_perform(l->curl) != CURLE_OK)
		abort();
	curl_easy_getinfo(l->curl, CURLINFO_RESPONSE_CODE, &status);
	reply->status = (unsigned)status;
}

static void *issue(void *ctx)
{
	struct terminal *l = ctx;
	struct kiosk *t = &l->kiosk;

	for (unsigned i = 0; i < l->issues; i++) {
		const double start = bench_now();

		t->person = &l->people[i];
		kiosk_open(t);
		kiosk_apply(t);
		kiosk_document(t);
		if (strcmp(kiosk_text(t, "state"), "delivered") != 0)
			abort();
		if (l->whole) {
			kiosk_confirm(t);
			kiosk_pay(t, "settled");
			kiosk_permit(t);
			kiosk_printed(t, "complete", 1);
			kiosk_say(t, "collected", json_pack("{s:b}", "taken", 1));
			kiosk_say(t, "closed", json_pack("{s:b}", "erased", 1));
			if (strcmp(kiosk_text(t, "state"), "closed") != 0)
				abort();
		}
		l->spent[i] = bench_now() - start;
	}
	return NULL;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Each resident once. Returns the seconds that it took, without the preparation. */
static double terminals(struct center_case *k, unsigned port, unsigned issues, bool whole)
{
	static const char *const names[CLIENTS] = {"T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8"};
	struct terminal *l = calloc(CLIENTS, sizeof *l);
	double *spent = calloc(issues, sizeof *spent), start;
	struct person *people = calloc(issues, sizeof *people);
	char path[3][128];

	curl_global_init(CURL_GLOBAL_DEFAULT);
	for (unsigned i = 0; i < issues; i++)
		person_make(&people[i], 0x100000 + case_sequence + i);
	for (unsigned i = 0; i < CLIENTS; i++) {
		snprintf(path[0], sizeof path[0], "%s/pki/terminal-%s.pem", k->folder, names[i]);
		snprintf(path[1], sizeof path[1], "%s/pki/terminal-%s.key", k->folder, names[i]);
		snprintf(path[2], sizeof path[2], "%s/pki/ca.pem", k->folder);
		l[i].port = port;
		l[i].whole = whole;
		l[i].issues = issues / CLIENTS;
		l[i].spent = spent + (size_t)i * (issues / CLIENTS);
		l[i].people = people + (size_t)i * (issues / CLIENTS);
		l[i].curl = curl_easy_init();
		curl_easy_setopt(l[i].curl, CURLOPT_SSLCERT, path[0]);
		curl_easy_setopt(l[i].curl, CURLOPT_SSLKEY, path[1]);
		curl_easy_setopt(l[i].curl, CURLOPT_CAINFO, path[2]);
		curl_easy_setopt(l[i].curl, CURLOPT_NOSIGNAL, 1L);
		curl_easy_setopt(l[i].curl, CURLOPT_WRITEFUNCTION, receive);
		l[i].kiosk = (struct kiosk){.k = k,
					    .terminal = names[i],
					    .kind = "juminhyo",
					    .method = "new",
					    .copies = 1,
					    .send = over_network,
					    .link = &l[i]};
		kiosk_session_reporting(&l[i].kiosk, json_array());
	}
	start = bench_now();
	for (unsigned i = 0; i < CLIENTS; i++)
		pthread_create(&l[i].thread, NULL, issue, &l[i]);
	for (unsigned i = 0; i < CLIENTS; i++)
		pthread_join(l[i].thread, NULL);
	start = bench_now() - start;
	issues = issues / CLIENTS * CLIENTS;
	qsort(spent, issues, sizeof *spent, compare);
	if (whole) {
		bench_report("center.path.p50", spent[issues / 2] * 1e3, "ms", NULL, 0, 0);
		bench_report("center.path.p99", spent[issues - issues / 100 - 1] * 1e3, "ms", NULL,
			     0, 0);
	}
	return start / issues;
}

static long resident_kib(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long size = 0, resident = 0;

	if (f == NULL || fscanf(f, "%ld %ld", &size, &resident) != 2)
		abort();
	fclose(f);
	return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* This process stays on the first core it may use, its children on the others. */
static cpu_set_t first_core, other_cores;

static void divide_cores(void)
{
	cpu_set_t all;
	bool found = false;

	CPU_ZERO(&first_core);
	CPU_ZERO(&other_cores);
	sched_getaffinity(0, sizeof all, &all);
	for (size_t i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &all))
			continue;
		CPU_SET(i, found ? &other_cores : &first_core);
		found = true;
	}
	if (CPU_COUNT(&other_cores) == 0)
		other_cores = first_core;
	sched_setaffinity(0, sizeof first_core, &first_core);
}

static struct spent run(struct center_case *k, unsigned port, unsigned issues, bool whole)
{
	const double cpu = cpu_seconds();
	struct spent spent = {0, 0};
	int status = 0, said[2];
	pid_t pid;

	if (pipe(said) != 0)
		abort();
	pid = fork();
	if (pid == 0) {
		sched_setaffinity(0, sizeof other_cores, &other_cores);
		spent.wall = terminals(k, port, issues, whole);
		_exit(write(said[1], &spent.wall, sizeof spent.wall) == sizeof spent.wall ? 0 : 1);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0 ||
	    read(said[0], &spent.wall, sizeof spent.wall) != sizeof spent.wall)
		abort();
	close(said[0]);
	close(said[1]);
	case_sequence += issues;
	spent.cpu = (cpu_seconds() - cpu) / issues;
	return spent;
}

int main(void)
{
	char *parties[] = {
		(char[]){"center:center-1"}, (char[]){"terminal:T1"}, (char[]){"terminal:T2"},
		(char[]){"terminal:T3"},     (char[]){"terminal:T4"}, (char[]){"terminal:T5"},
		(char[]){"terminal:T6"},     (char[]){"terminal:T7"}, (char[]){"terminal:T8"}};
	const char *long_run = getenv("KAZASU_ISSUES");
	const unsigned issues = long_run != NULL ? (unsigned)strtoul(long_run, NULL, 10) : 4000;
	struct center_case k;
	struct server *server = NULL;
	struct flow_problem p = {{0}, 0, {0}};
	char pki[128], list[400] = "terminal,store,place,from,to\n";
	struct spent least, spent;
	long before, after;

	divide_cores();
	memcpy(document, "%PDF-1.7\n", 9);
	case_prepare(&k, NULL);
	snprintf(pki, sizeof pki, "%s/pki", k.folder);
	if (center_make_test_pki(pki, sizeof parties / sizeof parties[0], parties) != 0)
		return 1;
	for (int i = 1; i <= CLIENTS; i++)
		snprintf(list + strlen(list), sizeof list - strlen(list),
			 "T%d,Store,東京都,2020-01-01,\n", i);
	case_text(&k, "rules/terminals.csv", list);
	snprintf(k.config.tls_ca, sizeof k.config.tls_ca, "%s/ca.pem", pki);
	snprintf(k.config.tls_certificate, sizeof k.config.tls_certificate,
		 "%s/center-center-1.pem", pki);
	snprintf(k.config.tls_key, sizeof k.config.tls_key, "%s/center-center-1.key", pki);
	snprintf(k.config.address, sizeof k.config.address, "127.0.0.1");
	case_open(&k);
	k.c->ask = stub_ask;
	least = least_spent(&k);
	if (server_start(&server, k.c, &p) != CARD_OK)
		return 1;
	spent = run(&k, server_port(server), 1000, false);
	/* Half of what the least allows. */
	bench_report("center.issue", spent.wall * 1e6, "us", "least", spent.wall / least.wall, 2.0);
	bench_report("center.issue.cpu", spent.cpu * 1e6, "us", "least's cpu",
		     spent.cpu / least.cpu, 0);
	bench_report("center.issue.rate", 1 / spent.wall, "/s/core", NULL, 0, 0);
	run(&k, server_port(server), 500, true);
	before = resident_kib();
	spent = run(&k, server_port(server), issues, true);
	after = resident_kib();
	bench_report("center.whole", spent.wall * 1e6, "us", "least", spent.wall / least.wall, 0);
	bench_report("center.whole.cpu", spent.cpu * 1e6, "us", "least's cpu",
		     spent.cpu / least.cpu, 0);
	/* Pages of the database's cache come and go: less than a byte an issue is flat. */
	bench_report("center.memory.growth",
		     (double)(after > before ? after - before : 0) * 1024 / issues, "B/issue", NULL,
		     0, 64);
	server_stop(&server);
	case_stop(&k);
	return 0;
}
