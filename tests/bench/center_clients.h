/* SPDX-License-Identifier: Apache-2.0 */
/*
 * center_clients.h — terminals in a process of their own, which begins before the centre has threads
 * (a process made by fork from one with threads may find locks of libraries held for ever) and then
 * does what it is told.
 */
#ifndef CENTER_CLIENTS_H
#define CENTER_CLIENTS_H

#include <curl/curl.h>
#include <sched.h>
#include <sys/wait.h>

#include "../kazasu-center/center_case.h"
#include "center_least.h"

#define CLIENTS 32

struct clients_order {
	unsigned port, issues;
	unsigned terminals; /* at the same time, at most CLIENTS */
	bool whole;         /* to the end, not only to the document */
};

struct clients_report {
	double wall, cpu; /* seconds a certificate, of all; the terminals' processor time */
	double p50, p99;  /* of one resident */
};

struct clients {
	pid_t pid;
	int order, report;
};

/* The child's ends of the same. */
struct clients_line {
	int order, report;
};

struct client {
	struct kiosk kiosk;
	char name[16];
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
	struct client *l = t->link;
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
	struct client *l = ctx;
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

static void client_open(struct client *l, struct center_case *k, const struct clients_order *o)
{
	const char *name = l->name;
	char path[3][128];

	snprintf(path[0], sizeof path[0], "%s/pki/terminal-%s.pem", k->folder, name);
	snprintf(path[1], sizeof path[1], "%s/pki/terminal-%s.key", k->folder, name);
	snprintf(path[2], sizeof path[2], "%s/pki/ca.pem", k->folder);
	l->port = o->port;
	l->whole = o->whole;
	l->issues = o->issues / o->terminals;
	l->curl = curl_easy_init();
	curl_easy_setopt(l->curl, CURLOPT_SSLCERT, path[0]);
	curl_easy_setopt(l->curl, CURLOPT_SSLKEY, path[1]);
	curl_easy_setopt(l->curl, CURLOPT_CAINFO, path[2]);
	curl_easy_setopt(l->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(l->curl, CURLOPT_TIMEOUT, 60L);
	curl_easy_setopt(l->curl, CURLOPT_WRITEFUNCTION, receive);
	l->kiosk = (struct kiosk){.k = k,
				  .terminal = name,
				  .kind = "juminhyo",
				  .method = "new",
				  .copies = 1,
				  .send = over_network,
				  .link = l};
	kiosk_session_reporting(&l->kiosk, json_array());
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void tell(int fd, const void *p, size_t n)
{
	if (write(fd, p, n) != (ssize_t)n)
		_exit(1);
}

static void hear(int fd, void *p, size_t n)
{
	if (read(fd, p, n) != (ssize_t)n)
		_exit(1);
}

/* Each resident once, all terminals at the same time. Connections are open before it begins and stay so
 * until it has ended; both moments are told. */
static void carry_out(struct center_case *k, const struct clients_order *o,
		      const struct clients_line *line)
{
	const unsigned each = o->issues / o->terminals, issues = each * o->terminals;
	struct client *l = calloc(o->terminals, sizeof *l);
	double *spent = calloc(issues, sizeof *spent), start, cpu;
	struct person *people = calloc(issues, sizeof *people);
	struct clients_report r;
	char go = 'r';

	for (unsigned i = 0; i < issues; i++)
		person_make(&people[i], 0x100000 + case_sequence + i);
	for (unsigned i = 0; i < o->terminals; i++) {
		l[i].spent = spent + (size_t)i * each;
		l[i].people = people + (size_t)i * each;
		snprintf(l[i].name, sizeof l[i].name, "T%u", i + 1);
		client_open(&l[i], k, o);
	}
	tell(line->report, &go, 1);
	hear(line->order, &go, 1);
	start = bench_now();
	cpu = cpu_seconds();
	for (unsigned i = 0; i < o->terminals; i++)
		pthread_create(&l[i].thread, NULL, issue, &l[i]);
	for (unsigned i = 0; i < o->terminals; i++)
		pthread_join(l[i].thread, NULL);
	r.wall = (bench_now() - start) / issues;
	r.cpu = (cpu_seconds() - cpu) / issues;
	qsort(spent, issues, sizeof *spent, compare);
	r.p50 = spent[issues / 2];
	r.p99 = spent[issues - issues / 100 - 1];
	tell(line->report, &r, sizeof r);
	for (unsigned i = 0; i < o->terminals; i++) {
		curl_easy_cleanup(l[i].curl);
		kiosk_free(&l[i].kiosk);
	}
	for (unsigned i = 0; i < issues; i++)
		person_free(&people[i]);
	free(people);
	free(spent);
	free(l);
}

/* Begin the process on these cores; k is prepared, and nothing has threads yet. */
static void clients_start(struct clients *c, struct center_case *k, const cpu_set_t *cores)
{
	struct clients_order o;
	int order[2], report[2];

	if (pipe(order) != 0 || pipe(report) != 0)
		abort();
	c->pid = fork();
	if (c->pid == 0) {
		close(order[1]);
		sched_setaffinity(0, sizeof *cores, cores);
		curl_global_init(CURL_GLOBAL_DEFAULT);
		while (read(order[0], &o, sizeof o) == sizeof o)
			carry_out(k, &o, &(struct clients_line){order[0], report[1]});
		_exit(0);
	}
	close(order[0]);
	close(report[1]);
	c->order = order[1];
	c->report = report[0];
}

/* *centre: what this process spends meanwhile, of the processor. */
static struct clients_report clients_do(struct clients *c, const struct clients_order *o,
					double *centre)
{
	struct clients_report r;
	char go;

	tell(c->order, o, sizeof *o);
	hear(c->report, &go, 1);
	*centre = cpu_seconds();
	tell(c->order, &go, 1);
	hear(c->report, &r, sizeof r);
	*centre = (cpu_seconds() - *centre) / (o->issues / o->terminals * o->terminals);
	return r;
}

static void clients_stop(struct clients *c)
{
	close(c->order);
	waitpid(c->pid, NULL, 0);
	close(c->report);
}

#endif
