/* SPDX-License-Identifier: Apache-2.0 */
#include "fault_town.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <card/date.h>

#define UP_SECONDS 120

void fault_die(const char *format, ...)
{
	va_list a;

	va_start(a, format);
	vfprintf(stderr, format, a);
	va_end(a);
	fputc('\n', stderr);
	exit(1);
}

void fault_path(char out[FAULT_PATH + 96], const char *folder, const char *name)
{
	snprintf(out, FAULT_PATH + 96, "%s/%s", folder, name);
}

/* ---- processes; all of them are the keeper's children ---- */

static pid_t spawn(const char *log, char *const argv[])
{
	const int to = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	const pid_t pid = fork();

	if (pid < 0)
		fault_die("fork: %s", strerror(errno));
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(to, 1);
		dup2(to, 2);
		execv(argv[0], argv);
		_exit(127);
	}
	close(to);
	return pid;
}

/* "… listening on 127.0.0.1:PORT" or "… port=PORT" in a log, behind what it held before; 0: not yet. */
static unsigned read_port(const char *log, long before)
{
	char line[512];
	unsigned port = 0;
	FILE *f = fopen(log, "re");

	if (f != NULL && fseek(f, before, SEEK_SET) == 0)
		while (port == 0 && fgets(line, sizeof line, f) != NULL) {
			const char *at = strstr(line, "listening on ");
			const char *text = at != NULL ? strrchr(at, ':') : strstr(line, " port=");

			if (text != NULL && strchr(line, '\n') != NULL)
				port = (unsigned)strtoul(text + (at != NULL ? 1 : 6), NULL, 10);
		}
	if (f != NULL)
		fclose(f);
	return port;
}

static unsigned start(struct fault_town *t, const char *program, const char *config,
		      const char *clock, pid_t *pid)
{
	char path[FAULT_PATH + 96], file[FAULT_PATH + 96], log[FAULT_PATH + 96], at[32];
	char *argv[] = {path, (char[]){"--config"}, file, (char[]){"--at"}, at, NULL};
	struct stat st;
	unsigned port = 0;

	fault_path(path, t->bin, program);
	fault_path(file, t->folder, config);
	snprintf(log, sizeof log, "%.250s/%.60s.log", t->folder, program);
	snprintf(at, sizeof at, "%s", clock);
	if (*clock == '\0')
		argv[3] = NULL;
	if (stat(log, &st) != 0)
		st.st_size = 0;
	*pid = spawn(log, argv);
	while ((port = read_port(log, (long)st.st_size)) == 0) {
		if (waitpid(*pid, NULL, WNOHANG) != 0)
			fault_die("%s did not start: %s", program, log);
		usleep(10000);
	}
	return port;
}

static void start_center(struct fault_town *t)
{
	char at[26], today[11], noon[32];
	int64_t begin;
	unsigned port;
	pid_t pid;

	card_date_format(card_date_in_japan((int64_t)t->first), today);
	snprintf(noon, sizeof noon, "%sT12:00:00+09:00", today);
	if (card_time_parse(noon, &begin) != CARD_OK)
		fault_die("no noon");
	card_time_format_japan(begin + t->ahead + (int64_t)(time(NULL) - t->first), at);
	port = start(t, "kazasu-center", "center.json", at, &pid);
	pthread_mutex_lock(&t->lock);
	t->center = pid;
	t->center_port = port;
	pthread_mutex_unlock(&t->lock);
}

static void start_issuer(struct fault_town *t)
{
	pid_t pid;
	const unsigned port = start(t, "kazasu-issuer", "issuer/issuer.conf", "", &pid);

	pthread_mutex_lock(&t->lock);
	t->issuer = pid;
	t->issuer_port = port;
	pthread_mutex_unlock(&t->lock);
}

static void *keeper(void *ctx)
{
	struct fault_town *t = ctx;

	pthread_mutex_lock(&t->lock);
	for (;;) {
		const unsigned jobs = t->jobs;

		if (jobs == 0) {
			pthread_cond_wait(&t->change, &t->lock);
			continue;
		}
		pthread_mutex_unlock(&t->lock);
		if ((jobs & FAULT_STORE) != 0)
			pg_server_crash(&t->pg);
		if ((jobs & FAULT_ISSUER) != 0)
			start_issuer(t);
		if ((jobs & FAULT_CENTER) != 0)
			start_center(t);
		pthread_mutex_lock(&t->lock);
		t->jobs &= ~jobs;
		pthread_cond_broadcast(&t->change);
	}
	return NULL;
}

void fault_keep(struct fault_town *t, unsigned jobs, bool wait)
{
	pthread_mutex_lock(&t->lock);
	t->jobs |= jobs;
	pthread_cond_broadcast(&t->change);
	while (wait && t->jobs != 0)
		pthread_cond_wait(&t->change, &t->lock);
	pthread_mutex_unlock(&t->lock);
}

static void end(struct fault_town *t, pid_t *pid, unsigned *port, int number)
{
	pid_t it;

	pthread_mutex_lock(&t->lock);
	while (t->jobs != 0)
		pthread_cond_wait(&t->change, &t->lock);
	it = *pid;
	*pid = 0;
	*port = 0;
	pthread_mutex_unlock(&t->lock);
	if (it > 0) {
		kill(it, number);
		waitpid(it, NULL, 0);
	}
}

void fault_kill_center(struct fault_town *t)
{
	end(t, &t->center, &t->center_port, SIGKILL);
}

void fault_kill_issuer(struct fault_town *t)
{
	end(t, &t->issuer, &t->issuer_port, SIGKILL);
}

void fault_kill_kiosk(struct fault_town *t)
{
	const int pid = atomic_exchange(&t->kiosk, 0);

	if (pid > 0)
		kill(pid, SIGKILL);
}

void fault_center_later(struct fault_town *t, int64_t ahead)
{
	end(t, &t->center, &t->center_port, SIGTERM);
	t->ahead = ahead;
	fault_keep(t, FAULT_CENTER, true);
}

/* ---- wires ---- */

static unsigned up(struct fault_town *t, const unsigned *port)
{
	struct timespec until;
	unsigned is;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += UP_SECONDS;
	pthread_mutex_lock(&t->lock);
	while (*port == 0 && pthread_cond_timedwait(&t->change, &t->lock, &until) == 0)
		;
	is = *port;
	pthread_mutex_unlock(&t->lock);
	return is;
}

static bool to_center(void *ctx, unsigned *port, char certificate[WIRE_PATH], char key[WIRE_PATH])
{
	struct fault_town *t = ctx;

	snprintf(certificate, WIRE_PATH, "%.180s/pki/terminal-%s.pem", t->folder, t->terminal);
	snprintf(key, WIRE_PATH, "%.180s/pki/terminal-%s.key", t->folder, t->terminal);
	*port = up(t, &t->center_port);
	return *port != 0;
}

static bool to_issuer(void *ctx, unsigned *port, char certificate[WIRE_PATH], char key[WIRE_PATH])
{
	struct fault_town *t = ctx;

	snprintf(certificate, WIRE_PATH, "%.180s/pki/center-center-1.pem", t->folder);
	snprintf(key, WIRE_PATH, "%.180s/pki/center-center-1.key", t->folder);
	*port = up(t, &t->issuer_port);
	return *port != 0;
}

static enum wire_act at_center(void *ctx, enum wire_point point, struct wire_message *m)
{
	struct fault_town *t = ctx;

	return t->at(t, false, point, m);
}

static enum wire_act at_issuer(void *ctx, enum wire_point point, struct wire_message *m)
{
	struct fault_town *t = ctx;

	return t->at(t, true, point, m);
}

static void open_wires(struct fault_town *t)
{
	char path[5][FAULT_PATH + 96];
	struct wire_config center = {path[0], path[1], path[4], to_center, at_center, t};
	struct wire_config issuer = {path[2], path[3], path[4], to_issuer, at_issuer, t};

	fault_path(path[0], t->folder, "pki/center-center-1.pem");
	fault_path(path[1], t->folder, "pki/center-center-1.key");
	fault_path(path[2], t->folder, "pki/municipality-13221.pem");
	fault_path(path[3], t->folder, "pki/municipality-13221.key");
	fault_path(path[4], t->folder, "pki/ca.pem");
	/* They keep the names. */
	for (size_t i = 0; i < 5; i++) {
		const char *kept = strdup(path[i]);

		*(i == 0   ? &center.certificate
		  : i == 1 ? &center.key
		  : i == 2 ? &issuer.certificate
		  : i == 3 ? &issuer.key
			   : &center.ca) = kept;
	}
	issuer.ca = center.ca;
	if (wire_open(&center, &t->center_wire) == NULL ||
	    wire_open(&issuer, &t->issuer_wire) == NULL)
		fault_die("no wires");
}

/* ---- opening ---- */

/* The centre's configuration with its store; the table of municipalities with the wire's port. */
static void configure(struct fault_town *t, const char *store)
{
	char path[FAULT_PATH + 96], command[FAULT_PATH * 2];
	json_t *json;

	fault_path(path, t->folder, "center.json");
	json = json_load_file(path, 0, NULL);
	if (json == NULL || json_object_set_new(json, "store", json_string(store)) != 0 ||
	    json_dump_file(json, path, JSON_INDENT(1)) != 0)
		fault_die("%s cannot be changed", path);
	json_decref(json);
	snprintf(
		command, sizeof command,
		"sed -i 's|https://127.0.0.1:[0-9]*|https://127.0.0.1:%u|' '%s/rules/municipalities.csv'",
		t->issuer_wire, t->folder);
	if (system(command) != 0)
		fault_die("%s", command);
}

void fault_town_open(struct fault_town *t, bool postgresql)
{
	char wire[FAULT_PATH + 96], store[FAULT_PATH + 256];
	pthread_t thread;

	signal(SIGPIPE, SIG_IGN);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	t->first = time(NULL);
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->change, NULL);
	open_wires(t);
	fault_path(t->store, t->folder, "center.db");
	snprintf(store, sizeof store, "%s", t->store);
	if (postgresql) {
		pg_server_start(&t->pg);
		pg_server_where(&t->pg, NULL, t->store);
		fault_path(wire, t->folder, "pg");
		if (mkdir(wire, 0700) != 0)
			fault_die("%s: %s", wire, strerror(errno));
		t->pg_wire = pg_wire_open(wire, t->pg.folder);
		if (t->pg_wire == NULL)
			fault_die("no wire to the store");
		snprintf(store, sizeof store,
			 "postgresql:host=%s user=kazasu_owner dbname=postgres", wire);
	}
	configure(t, store);
	if (pthread_create(&thread, NULL, keeper, t) != 0)
		fault_die("no keeper");
	fault_keep(t, FAULT_ISSUER | FAULT_CENTER, true);
}

void fault_town_close(struct fault_town *t)
{
	end(t, &t->center, &t->center_port, SIGTERM);
	end(t, &t->issuer, &t->issuer_port, SIGTERM);
	if (t->pg_wire != NULL)
		pg_server_stop(&t->pg);
}

/* ---- asking ---- */

static size_t receive(char *data, size_t size, size_t n, void *ctx)
{
	return card_buf_append(ctx, card_bytes(data, size * n)) == CARD_OK ? size * n : 0;
}

static long ask_once(struct fault_town *t, const char *who, const char *path, const char *post,
		     card_buf_t *out)
{
	char url[512], ca[FAULT_PATH + 96], certificate[FAULT_PATH + 96], key[FAULT_PATH + 96];
	CURL *c = curl_easy_init();
	long status = 0;

	snprintf(url, sizeof url, "https://127.0.0.1:%u%s", up(t, &t->center_port), path);
	snprintf(certificate, sizeof certificate, "%s/pki/%s.pem", t->folder, who);
	snprintf(key, sizeof key, "%s/pki/%s.key", t->folder, who);
	fault_path(ca, t->folder, "pki/ca.pem");
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_CAINFO, ca);
	curl_easy_setopt(c, CURLOPT_SSLCERT, certificate);
	curl_easy_setopt(c, CURLOPT_SSLKEY, key);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, 60L);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, out);
	if (post != NULL)
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, post);
	if (curl_easy_perform(c) == CURLE_OK)
		curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(c);
	return status;
}

long fault_ask(struct fault_town *t, const char *who, const char *path, const char *post,
	       card_buf_t *out)
{
	long status = 0;

	/* 503 is "try again", and nothing at all is it too. */
	for (int i = 0; i < 50 && (status == 0 || status == 503); i++) {
		if (i > 0)
			usleep(100000);
		card_buf_clear(out);
		status = ask_once(t, who, path, post, out);
	}
	return status;
}

static enum card_error take_number(void *ctx, const char *const *column, size_t n)
{
	int64_t *out = ctx;

	if (n > 0 && column[0] != NULL)
		*out = strtoll(column[0], NULL, 10);
	return CARD_OK;
}

int64_t fault_number(flow_store_t *db, const char *sql, const char *param)
{
	int64_t out = 0;

	if (flow_store_run(db, sql, &param, param != NULL ? 1 : 0, take_number, &out) != CARD_OK)
		fault_die("%s: %s", sql, flow_store_message(db));
	return out;
}
