/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The centre alone on one core, with a municipality that answers at once: seconds for one certificate,
 * from the opening to message 5 (three messages over TLS, three commits), with terminals on the other
 * cores, so 1 / value is certificates a second and core; and the whole transaction to its end
 * (nine messages). Against what cannot be left out (center_least.h), measured on the same core
 * by turns. Waiting for a disk is part of both sides, and shared commits hide it; so the
 * processor's time alone is compared too. What a drawn back costs is measured beside it: it is work
 * on pictures, not on messages.
 * And memory, which must not grow (KAZASU_ISSUES=100000 for the long run; 4000), and how long one
 * resident waits for it all.
 */
#include "center_clients.h"

#include "../flow/issue/town.h"
#include "kazasu-center/server.h"

static card_buf_t document; /* a 住民票の写し */

static enum card_error stub_ask(struct center *c, const struct flow_issue_municipality *m,
				const struct flow_issue_row *row, json_t *message,
				struct center_document *out)
{
	(void)c;
	(void)m;
	(void)row;
	(void)message;
	out->pages = 1;
	return card_buf_append(&out->front, card_buf_bytes(&document));
}

static void draw_document(void)
{
	const struct flow_certificate_options options = {.domicile = true, .relation = true};
	struct town town;
	struct flow_certificate c;

	town_open(&town, NULL);
	c = town_ask(&town, &town_office, FLOW_CERTIFICATE_JUMINHYO, "0a01", options);
	if (c.outcome != FLOW_OUTCOME_MADE || c.pages != 1 ||
	    card_buf_append(&document, card_buf_bytes(&c.pdf)) != CARD_OK)
		abort();
	flow_certificate_free(&c);
	town_close(&town);
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

/* This process stays on the first core it may use, the terminals on the others. */
static void divide_cores(cpu_set_t *others)
{
	cpu_set_t all, first;
	bool found = false;

	CPU_ZERO(&first);
	CPU_ZERO(others);
	sched_getaffinity(0, sizeof all, &all);
	for (size_t i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &all))
			continue;
		CPU_SET(i, found ? others : &first);
		found = true;
	}
	if (CPU_COUNT(others) == 0)
		*others = first;
	sched_setaffinity(0, sizeof first, &first);
}

struct result {
	struct spent spent;
	struct clients_report clients;
};

static struct result run(struct clients *clients, unsigned port, unsigned issues, bool whole)
{
	/* So many that work is always waiting; to the end of the path a quarter of them. */
	const struct clients_order o = {port, issues, whole ? CLIENTS / 4 : CLIENTS, whole};
	struct result r;

	r.clients = clients_do(clients, &o, &r.spent.cpu);
	r.spent.wall = r.clients.wall;
	return r;
}

#define ROUNDS 5

static int by_size(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double middle(double *values)
{
	qsort(values, ROUNDS, sizeof *values, by_size);
	return values[ROUNDS / 2];
}

/* By turns, so that what else the machine does falls on both; the middle of each. */
static struct spent issues_against_least(struct clients *clients, struct least *l, unsigned port)
{
	double wall[ROUNDS], cpu[ROUNDS], wall_ratio[ROUNDS], cpu_ratio[ROUNDS], busy[ROUNDS];
	double verify[ROUNDS], records[ROUNDS], commit[ROUNDS], least_wall[ROUNDS],
		least_cpu[ROUNDS];

	(void)run(clients, port, 10 * CLIENTS, false);
	for (int i = 0; i < ROUNDS; i++) {
		const struct spent least = least_measure(l);
		const struct result r = run(clients, port, 20 * CLIENTS, false);

		wall[i] = r.spent.wall;
		cpu[i] = r.spent.cpu;
		wall_ratio[i] = r.spent.wall / least.wall;
		cpu_ratio[i] = r.spent.cpu / least.cpu;
		busy[i] = r.clients.cpu / r.spent.wall;
		verify[i] = l->verify.cpu;
		records[i] = l->records.cpu;
		commit[i] = l->commit.cpu;
		least_wall[i] = least.wall;
		least_cpu[i] = least.cpu;
	}
	bench_report("center.least.verify", middle(verify) * 1e6, "us cpu", NULL, 0, 0);
	bench_report("center.least.records", middle(records) * 1e6, "us cpu", NULL, 0, 0);
	bench_report("center.least.commit", middle(commit) * 1e6, "us cpu", NULL, 0, 0);
	bench_report("center.least", middle(least_wall) * 1e6, "us", NULL, 0, 0);
	/* Half of what the least allows. */
	bench_report("center.issue", middle(wall) * 1e6, "us", "least", middle(wall_ratio), 2.0);
	bench_report("center.issue.rate", 1 / middle(wall), "/s/core", NULL, 0, 0);
	bench_report("center.issue.cpu", middle(cpu) * 1e6, "us", "least's cpu", middle(cpu_ratio),
		     2.0);
	/* What the terminals use of their cores: if it is all, they are what is measured. */
	bench_report("center.issue.terminals", middle(busy) * 100, "%", NULL, 0, 0);
	return (struct spent){middle(least_wall), middle(least_cpu)};
}

static void whole_path(struct clients *clients, const struct spent *least, unsigned port,
		       unsigned issues)
{
	/* Not more at once than the terminals can have residents ready for. */
	const unsigned steps = issues > 40000 ? issues / 4000 : 10, each = issues / steps;
	struct result r = run(clients, port, 500, true), sum = {{0, 0}, {0, 0, 0, 0}};
	const long before = resident_kib();
	long after = before;

	for (unsigned i = 0; i < steps; i++) {
		r = run(clients, port, each, true);
		sum.spent.wall += r.spent.wall / steps;
		sum.spent.cpu += r.spent.cpu / steps;
		sum.clients.p50 += r.clients.p50 / steps;
		sum.clients.p99 += r.clients.p99 / steps;
		after = resident_kib();
		if (issues > 4000)
			fprintf(stderr, "%u issues: %ld KiB resident\n", (i + 1) * each, after);
	}
	bench_report("center.path.p50", sum.clients.p50 * 1e3, "ms", NULL, 0, 0);
	bench_report("center.path.p99", sum.clients.p99 * 1e3, "ms", NULL, 0, 0);
	bench_report("center.whole", sum.spent.wall * 1e6, "us", "least",
		     sum.spent.wall / least->wall, 0);
	bench_report("center.whole.cpu", sum.spent.cpu * 1e6, "us", "least's cpu",
		     sum.spent.cpu / least->cpu, 0);
	/* Pages of the database's cache come and go: some bytes an issue are flat. */
	bench_report("center.memory.growth",
		     (double)(after > before ? after - before : 0) * 1024 / issues, "B/issue", NULL,
		     0, 64);
}

/* The same issues with backs as they are printed. */
static void with_backs(struct clients *clients, unsigned port, struct center *c)
{
	enum card_error (*const text)(struct center *, const struct center_back *, card_buf_t *) =
		c->back;
	const struct result plain = run(clients, port, 80, false);
	struct result drawn;

	c->back = center_back_make;
	(void)run(clients, port, CLIENTS, false);
	drawn = run(clients, port, 80, false);
	c->back = text;
	bench_report("center.back", (drawn.spent.cpu - plain.spent.cpu) * 1e3, "ms", NULL, 0, 0);
	bench_report("center.issue.drawn", drawn.spent.wall * 1e3, "ms", NULL, 0, 0);
	bench_report("center.issue.drawn.rate", 1 / drawn.spent.wall, "/s/core", NULL, 0, 0);
}

int main(void)
{
	char terminal[CLIENTS][16], *parties[1 + CLIENTS] = {(char[]){"center:center-1"}};
	const char *long_run = getenv("KAZASU_ISSUES");
	const unsigned issues = long_run != NULL ? (unsigned)strtoul(long_run, NULL, 10) : 4000;
	struct center_case k;
	struct server *server = NULL;
	struct flow_problem p = {{0}, 0, {0}};
	char pki[128], list[1600] = "terminal,store,place,from,to\n";
	struct clients clients;
	struct spent least;
	struct least l;
	cpu_set_t others;

	divide_cores(&others);
	draw_document();
	case_prepare(&k, NULL);
	snprintf(pki, sizeof pki, "%s/pki", k.folder);
	for (int i = 0; i < CLIENTS; i++) {
		snprintf(terminal[i], sizeof terminal[i], "terminal:T%d", i + 1);
		parties[1 + i] = terminal[i];
	}
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
	signal(SIGPIPE, SIG_IGN);
	clients_start(&clients, &k, &others);
	case_open(&k);
	k.c->ask = stub_ask;
	least_open(&l, &case_holder, card_buf_bytes(&document), k.folder);
	if (server_start(&server, k.c, &p) != CARD_OK) {
		fprintf(stderr, "%s: %s\n", p.file, p.text);
		return 1;
	}
	least = issues_against_least(&clients, &l, server_port(server));
	least_close(&l);
	with_backs(&clients, server_port(server), k.c);
	whole_path(&clients, &least, server_port(server), issues);
	clients_stop(&clients);
	server_stop(&server);
	case_stop(&k);
	card_buf_free(&document);
	return 0;
}
