/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves, with the program as built, HTTPS on both sides and a municipality behind it: many requests
 * for different people at the same moment, on SQLite and on PostgreSQL with two centre processes,
 * one of which is killed in the middle: every paper belongs to its request, once, and is paid once.
 * And one resident whose transaction sees the database killed before each message.
 * KAZASU_REQUESTS (8) and KAZASU_ROUNDS (1) make it longer; the full proof is 1000 and 100.
 * KAZASU_ONLY='*sqlite*' picks one of the two.
 */
#include "center_case.h"

#include <cairo-pdf.h>
#include <curl/curl.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "kazasu-center/server.h"
#include "pg_server.h"

#define MOST 1000

#define PROGRAM "build/bin/kazasu-center"

/* Up to here the program as built draws every back side; above, drawing would take longer than the
 * residents wait, and the same centre runs in a process of this program, with a back side that is a
 * text. Under the sanitizers always: they are to look at the centre. */
#if defined(__SANITIZE_ADDRESS__)
#define DRAWN 0
#else
#define DRAWN 20
#endif

static struct pg_server postgresql;
static unsigned requests = 8, rounds = 1;

/* ---- the municipality ---- */

struct municipality {
	struct MHD_Daemon *daemon;
	char *ca, *certificate, *key;
};

static char *read_text(const char *folder, const char *name)
{
	char path[128], *text = calloc(1, 16384);
	FILE *f;

	snprintf(path, sizeof path, "%s/pki/%s", folder, name);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_true(fread(text, 1, 16383, f) > 0);
	fclose(f);
	return text;
}

static flow_issue_signer_t *signer;
static int64_t signed_at;
static card_buf_t page; /* PDF of one page, the same for all but for what follows it */

static cairo_status_t append(void *ctx, const unsigned char *data, unsigned n)
{
	return card_buf_append(ctx, card_bytes(data, n)) == CARD_OK ? CAIRO_STATUS_SUCCESS
								    : CAIRO_STATUS_WRITE_ERROR;
}

static void draw_page(void)
{
	cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(append, &page, 595, 842);
	cairo_t *cr = cairo_create(surface);

	cairo_rectangle(cr, 100, 100, 200, 60);
	cairo_stroke(cr);
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
	assert_true(page.n > 100);
}

static void make_answer(struct card_bytes body, card_buf_t *out)
{
	struct flow_issue_message m;
	card_buf_t front = {0};
	struct flow_issue_part part = {"front", "application/pdf", {NULL, 0}, NULL};
	char whose[200];
	json_t *json;

	if (flow_issue_message_read(&m, body) != CARD_OK)
		return;
	snprintf(whose, sizeof whose, "%% for %s at %s\n",
		 flow_issue_text(json_object_get(m.json, "resident"), "serial", 130),
		 flow_issue_text(m.json, "transaction", 32));
	(void)card_buf_append(&front, card_buf_bytes(&page));
	(void)card_buf_append(&front, card_bytes(whose, strlen(whose)));
	if (flow_issue_signer_sign(signer, signed_at, &front) != CARD_OK)
		return;
	part.bytes = card_buf_bytes(&front);
	json = json_pack("{s:O,s:O,s:O,s:s,s:O,s:O,s:i}", "transaction",
			 json_object_get(m.json, "transaction"), "attempt",
			 json_object_get(m.json, "attempt"), "binding",
			 json_object_get(m.json, "binding"), "outcome", "made", "kind",
			 json_object_get(m.json, "kind"), "options",
			 json_object_get(m.json, "options"), "pages", 1);
	(void)flow_issue_message_write(json, &part, 1, out);
	json_decref(json);
	card_buf_free(&front);
	flow_issue_message_free(&m);
}

static enum MHD_Result respond(void *cls, struct MHD_Connection *connection, const char *url,
			       const char *method, const char *version, const char *data,
			       size_t *size, void **context)
{
	card_buf_t *body = *context, out = {0};
	struct MHD_Response *response;
	enum MHD_Result result;

	(void)cls;
	(void)method;
	(void)version;
	if (body == NULL) {
		*context = calloc(1, sizeof *body);
		return MHD_YES;
	}
	if (*size > 0) {
		(void)card_buf_append(body, card_bytes(data, *size));
		*size = 0;
		return MHD_YES;
	}
	/* Answers overtake each other. */
	usleep((useconds_t)(rand() % 5000));
	if (strcmp(url, "/v1/certificates") == 0)
		make_answer(card_buf_bytes(body), &out);
	else
		(void)card_buf_append(&out, BYTES("{}"));
	response = MHD_create_response_from_buffer(out.n, out.p, MHD_RESPMEM_MUST_COPY);
	result = MHD_queue_response(connection, 200, response);
	MHD_destroy_response(response);
	card_buf_free(&out);
	card_buf_free(body);
	free(body);
	*context = NULL;
	return result;
}

static unsigned municipality_start(struct municipality *m, const char *folder)
{
	m->ca = read_text(folder, "ca.pem");
	m->certificate = read_text(folder, "municipality-13221.pem");
	m->key = read_text(folder, "municipality-13221.key");
	m->daemon =
		MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
					 MHD_USE_TLS | MHD_USE_POLL,
				 0, NULL, NULL, respond, NULL, MHD_OPTION_HTTPS_MEM_TRUST, m->ca,
				 MHD_OPTION_HTTPS_MEM_CERT, m->certificate,
				 MHD_OPTION_HTTPS_MEM_KEY, m->key, MHD_OPTION_END);
	assert_non_null(m->daemon);
	return MHD_get_daemon_info(m->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

static void municipality_stop(struct municipality *m)
{
	MHD_stop_daemon(m->daemon);
	free(m->ca);
	free(m->certificate);
	free(m->key);
}

/* ---- the centre as a program ---- */

struct process {
	pid_t pid;
	unsigned port;
};

static void write_config(const struct center_case *k, const char *name)
{
	char text[2048], file[40];

	snprintf(
		text, sizeof text,
		"{\"name\":\"%s\",\"audience\":\"kazasu-center:test\",\"port\":0,\"tls_ca\":\"pki/ca.pem\","
		"\"tls_certificate\":\"pki/center-center-1.pem\",\"tls_key\":\"pki/center-center-1.key\","
		"\"store\":\"%s\",\"connections\":8,\"rules\":\"rules\",\"master_key\":\"master.key\","
		"\"secrets\":\"secrets\",\"back_key\":\"back.key\",\"trust\":\"trust\",\"crl\":\"crl\","
		"\"test_roots\":true}",
		name, k->config.store);
	snprintf(file, sizeof file, "%s.json", name);
	case_text(k, file, text);
}

static struct process process_start(const struct center_case *k, const char *name)
{
	char config[128], program[256], leaks[160];
	static time_t first;
	struct process p = {0, 0};
	char at[26];
	int64_t noon;
	int out[2];
	FILE *f;

	write_config(k, name);
	/* fontconfig keeps what it read of its own configuration. */
	case_text(k, "leaks", "leak:libfontconfig\n");
	snprintf(leaks, sizeof leaks, "suppressions=%s/leaks", k->folder);
	snprintf(config, sizeof config, "%s/%s.json", k->folder, name);
	snprintf(program, sizeof program, "%s", tree_path(PROGRAM));
	/* One clock for all, also for one that begins later. */
	if (first == 0)
		first = time(NULL);
	assert_ok(card_time_parse(CASE_NOON, &noon));
	card_time_format_japan(noon + (time(NULL) - first), at);
	assert_int_equal(pipe(out), 0);
	p.pid = fork();
	assert_true(p.pid >= 0);
	if (p.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (requests > DRAWN)
			snprintf(program, sizeof program, "/proc/self/exe");
		dup2(out[1], 1);
		close(out[0]);
		close(out[1]);
		setenv("LSAN_OPTIONS", leaks, 1);
		execl(program, "kazasu-center", "--config", config, "--at", at, (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	f = fdopen(out[0], "r");
	assert_int_equal(fscanf(f, "listening on 127.0.0.1:%u", &p.port), 1);
	fclose(f);
	return p;
}

/* SIGTERM drains: exit 0. */
static void process_stop(const struct process *p)
{
	int status;

	kill(p->pid, SIGTERM);
	assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- a terminal on the network ---- */

struct link {
	CURL *curl;
	unsigned port[2];
	size_t now;
	unsigned moved;
};

static size_t receive(char *data, size_t size, size_t n, void *ctx)
{
	return card_buf_append(ctx, card_bytes(data, size * n)) == CARD_OK ? size * n : 0;
}

/* The same bytes until they are answered, at the other process if this one is gone. */
static void over_network(struct kiosk *t, struct center_reply *reply)
{
	struct link *l = t->link;
	char url[200];
	long status = 0;

	for (int i = 0; i < 100 && (status == 0 || status == 503); i++) {
		card_buf_clear(&reply->body);
		snprintf(url, sizeof url, "https://127.0.0.1:%u%s", l->port[l->now], t->sent_path);
		curl_easy_setopt(l->curl, CURLOPT_URL, url);
		curl_easy_setopt(l->curl, CURLOPT_POSTFIELDSIZE, (long)t->sent.n);
		curl_easy_setopt(l->curl, CURLOPT_POSTFIELDS, t->sent.p);
		curl_easy_setopt(l->curl, CURLOPT_WRITEDATA, &reply->body);
		if (curl_easy_perform(l->curl) == CURLE_OK) {
			curl_easy_getinfo(l->curl, CURLINFO_RESPONSE_CODE, &status);
		} else {
			status = 0;
			l->now = 1 - l->now;
			l->moved++;
			usleep(20000);
		}
	}
	reply->status = (unsigned)status;
}

static void link_open(struct link *l, const struct center_case *k, const char *terminal,
		      const struct process *p)
{
	static const char *const ends[] = {"pem", "key"};
	char path[2][128], ca[128];

	memset(l, 0, sizeof *l);
	l->curl = curl_easy_init();
	assert_non_null(l->curl);
	l->port[0] = p[0].port;
	l->port[1] = p[1].port;
	for (size_t i = 0; i < 2; i++)
		snprintf(path[i], sizeof path[i], "%s/pki/terminal-%s.%s", k->folder, terminal,
			 ends[i]);
	snprintf(ca, sizeof ca, "%s/pki/ca.pem", k->folder);
	curl_easy_setopt(l->curl, CURLOPT_CAINFO, ca);
	curl_easy_setopt(l->curl, CURLOPT_SSLCERT, path[0]);
	curl_easy_setopt(l->curl, CURLOPT_SSLKEY, path[1]);
	curl_easy_setopt(l->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(l->curl, CURLOPT_TIMEOUT, 60L);
	curl_easy_setopt(l->curl, CURLOPT_WRITEFUNCTION, receive);
}

/* ---- one resident each ---- */

struct visit {
	struct kiosk kiosk;
	struct person person;
	pthread_t thread;
	pthread_barrier_t *together;
	char wrong[200];
};

static bool is(struct visit *v, const char *state)
{
	if (v->kiosk.status == 200 && strcmp(kiosk_text(&v->kiosk, "state"), state) == 0)
		return true;
	if (v->wrong[0] == '\0')
		snprintf(v->wrong, sizeof v->wrong, "%u %s %s, wanted %s", v->kiosk.status,
			 kiosk_text(&v->kiosk, "state"), kiosk_error(&v->kiosk), state);
	return false;
}

/* Whose paper is it? Everything that can be seen of it must be ours. */
static void own_paper(struct visit *v)
{
	struct kiosk *t = &v->kiosk;
	uint8_t id[16], session[16], binding[32];
	char text[100];

	kiosk_raw(t->id, id, 16);
	kiosk_raw(t->session, session, 16);
	(void)flow_issue_binding(id, session, card_buf_bytes(&v->person.certificate), binding);
	flow_issue_hex_text(binding, 32, text);
	if (strcmp(text, kiosk_text(t, "binding")) != 0)
		snprintf(v->wrong, sizeof v->wrong, "binding of another");
	snprintf(text, sizeof text, "for %06x at %s", v->person.serial, t->id);
	if (memmem(t->front.p, t->front.n, text, strlen(text)) == NULL)
		snprintf(v->wrong, sizeof v->wrong, "paper of another");
}

static void *visit(void *ctx)
{
	struct visit *v = ctx;
	struct kiosk *t = &v->kiosk;
	json_t *proof;

	kiosk_open(t);
	proof = is(v, "card_read") ? kiosk_proof(t) : json_object();
	pthread_barrier_wait(v->together);
	kiosk_say(t, "apply", proof);
	is(v, "verified");
	kiosk_document(t);
	if (is(v, "delivered"))
		own_paper(v);
	kiosk_confirm(t);
	is(v, "paying");
	kiosk_pay(t, "settled");
	is(v, "paid");
	kiosk_permit(t);
	is(v, "printing");
	kiosk_printed(t, "complete", 1);
	is(v, "printed");
	kiosk_say(t, "collected", json_pack("{s:b}", "taken", 1));
	kiosk_say(t, "closed", json_pack("{s:b}", "erased", 1));
	is(v, "closed");
	return NULL;
}

#define TERMINALS 10

static const char *const names[TERMINALS] = {"T1", "T2", "T3", "T4", "T5",
					     "T6", "T7", "T8", "T9", "T10"};

/* One round: everybody applies at once. victim: killed right after, and started anew. */
static void one_round(struct center_case *k, unsigned round, struct process *p, struct link *links,
		      bool kill_one)
{
	struct visit *v = calloc(requests, sizeof *v);
	char sessions[TERMINALS][33];
	pthread_barrier_t together;
	unsigned moved = 0;

	assert_non_null(v);
	pthread_barrier_init(&together, NULL, requests + 1);
	for (unsigned i = 0; i < requests; i++) {
		struct kiosk *t = &v[i].kiosk;

		person_make(&v[i].person, 0x100000 + round * MOST + i);
		v[i].together = &together;
		t->k = k;
		t->terminal = names[i % TERMINALS];
		t->person = &v[i].person;
		t->kind = "juminhyo";
		t->method = "new";
		t->copies = 1;
		t->send = over_network;
		t->link = &links[i];
		if (i < TERMINALS) {
			kiosk_session_reporting(t, json_array());
			memcpy(sessions[i], t->session, sizeof t->session);
		}
		memcpy(t->session, sessions[i % TERMINALS], sizeof t->session);
	}
	for (unsigned i = 0; i < requests; i++)
		assert_int_equal(pthread_create(&v[i].thread, NULL, visit, &v[i]), 0);
	pthread_barrier_wait(&together);
	if (kill_one) {
		usleep(30000);
		kill(p[0].pid, SIGKILL);
		waitpid(p[0].pid, NULL, 0);
	}
	for (unsigned i = 0; i < requests; i++)
		pthread_join(v[i].thread, NULL);
	for (unsigned i = 0; i < requests; i++) {
		if (v[i].wrong[0] != '\0')
			fail_msg("round %u, request %u: %s", round, i, v[i].wrong);
		moved += links[i].moved;
		links[i].moved = 0;
		person_free(&v[i].person);
		kiosk_free(&v[i].kiosk);
	}
	if (kill_one) {
		assert_true(moved > 0);
		p[0] = process_start(k, "center-1");
		for (unsigned i = 0; i < requests; i++) {
			links[i].port[0] = p[0].port;
			links[i].now = i / TERMINALS % 2;
		}
	}
	pthread_barrier_destroy(&together);
	free(v);
}

static void nothing_is_odd(struct center_case *k, unsigned papers)
{
	/* Each copy once, each paid once, nothing left, nothing owed. */
	assert_int_equal(case_count(k,
				    "SELECT COUNT(*) FROM issue_transaction WHERE state = 'closed'",
				    NULL),
			 papers);
	assert_int_equal(case_count(k, "SELECT COUNT(*) FROM issue_copy WHERE state = 2", NULL),
			 papers);
	assert_int_equal(case_count(k, "SELECT COUNT(*) FROM issue_copy WHERE state <> 2", NULL),
			 0);
	assert_int_equal(case_count(k, "SELECT SUM(paid) FROM issue_transaction", NULL),
			 300L * papers);
	assert_int_equal(
		case_count(k, "SELECT COUNT(*) FROM issue_refund WHERE state <> 'cancelled'", NULL),
		0);
	assert_int_equal(case_count(k, "SELECT COUNT(*) FROM issue_document", NULL), 0);
	assert_int_equal(
		case_count(k, "SELECT COUNT(*) FROM issue_transaction WHERE doc_key <> ''", NULL),
		0);
	assert_int_equal(
		case_count(k, "SELECT COUNT(DISTINCT binding) FROM issue_transaction", NULL),
		papers);
}

static void many(const char *store, size_t processes)
{
	char *const parties[] = {(char[]){"center:center-1"}, (char[]){"municipality:13221"},
				 (char[]){"terminal:T1"},     (char[]){"terminal:T2"},
				 (char[]){"terminal:T3"},     (char[]){"terminal:T4"},
				 (char[]){"terminal:T5"},     (char[]){"terminal:T6"},
				 (char[]){"terminal:T7"},     (char[]){"terminal:T8"},
				 (char[]){"terminal:T9"},     (char[]){"terminal:T10"}};
	struct center_case k;
	struct municipality m;
	struct process p[2];
	struct link *links = calloc(requests, sizeof *links);
	char url[60], pki[128], list[600] = "terminal,store,place,from,to\n";

	case_prepare(&k, store);
	case_signer_open(&k, 0, &signer);
	signed_at = k.now;
	snprintf(pki, sizeof pki, "%s/pki", k.folder);
	assert_int_equal(center_make_test_pki(pki, sizeof parties / sizeof parties[0], parties), 0);
	snprintf(url, sizeof url, "https://127.0.0.1:%u", municipality_start(&m, k.folder));
	case_tables(&k, url);
	for (int i = 1; i <= TERMINALS; i++)
		snprintf(list + strlen(list), sizeof list - strlen(list),
			 "T%d,Store,東京都,2020-01-01,\n", i);
	case_text(&k, "rules/terminals.csv", list);
	p[0] = process_start(&k, "center-1");
	p[1] = processes > 1 ? process_start(&k, "center-2") : p[0];
	/* A connection for each, over both processes; it stays open from round to round. */
	for (unsigned i = 0; i < requests; i++) {
		link_open(&links[i], &k, names[i % TERMINALS], p);
		links[i].now = i / TERMINALS % processes;
	}
	for (unsigned round = 0; round < rounds; round++) {
		one_round(&k, round, p, links, processes > 1 && round % 10 == 0);
		if (rounds > 1)
			fprintf(stderr, "round %u of %u\n", round + 1, rounds);
	}
	for (unsigned i = 0; i < requests; i++)
		curl_easy_cleanup(links[i].curl);
	free(links);
	process_stop(&p[0]);
	if (processes > 1)
		process_stop(&p[1]);
	case_open(&k);
	nothing_is_odd(&k, requests * rounds);
	municipality_stop(&m);
	flow_issue_signer_free(&signer);
	case_stop(&k);
}

static void many_at_once_on_sqlite(void **state)
{
	(void)state;
	many(NULL, 1);
}

static void many_at_once_on_postgresql_with_two_processes_one_killed(void **state)
{
	char where[256];

	(void)state;
	pg_server_where(&postgresql, NULL, where);
	many(where, 2);
}

/* K27, K30, K33, K36: the database is killed where it stands, before each message. */
static void a_store_that_is_killed_loses_nothing(void **state)
{
	struct center_case k;
	struct person alice;
	struct kiosk t;
	char where[512], owner[256];
	flow_store_t *db = NULL;

	(void)state;
	pg_server_where(&postgresql, NULL, owner);
	assert_ok(flow_store_open(&db, owner, 0, NULL));
	assert_ok(flow_store_script(db, "CREATE SCHEMA killed"));
	flow_store_close(&db);
	snprintf(where, sizeof where, "%s options='-c search_path=killed'", owner);
	case_start(&k, where);
	person_make(&alice, 0x1234);
	kiosk_start(&t, &k, "T1", &alice);
#define KILLED(call, want)                                                                         \
	do {                                                                                       \
		pg_server_crash(&postgresql);                                                      \
		call;                                                                              \
		for (int i = 0; i < 20 && t.status == 503; i++) {                                  \
			kiosk_repeat(&t);                                                          \
			t.seq += t.status == 200;                                                  \
		}                                                                                  \
		assert_int_equal(t.status, 200);                                                   \
		assert_string_equal(kiosk_text(&t, "state"), want);                                \
	} while (0)
	kiosk_to(&t, FLOW_ISSUE_VERIFIED);
	KILLED(kiosk_document(&t), "delivered");
	KILLED(kiosk_confirm(&t), "paying");
	snprintf(t.payment, sizeof t.payment, "%s",
		 flow_issue_text(json_object_get(t.answer, "payment"), "id", 32));
	KILLED(kiosk_pay(&t, "settled"), "paid");
	KILLED(kiosk_permit(&t), "printing");
	snprintf(t.permit, sizeof t.permit, "%s", kiosk_text(&t, "permit"));
	KILLED(kiosk_printed(&t, "complete", 1), "printed");
#undef KILLED
	assert_int_equal(case_count(&k, "SELECT COUNT(*) FROM issue_copy WHERE state = 2", NULL),
			 1);
	assert_int_equal(case_count(&k, "SELECT COUNT(*) FROM issue_copy", NULL), 1);
	assert_int_equal(case_count(&k, "SELECT paid FROM issue_transaction", NULL), 300);
	kiosk_free(&t);
	person_free(&alice);
	case_stop(&k);
}

static unsigned number_of(const char *name, unsigned usual, unsigned most)
{
	const char *text = getenv(name);
	const unsigned long n = text != NULL ? strtoul(text, NULL, 10) : usual;

	return n >= 1 && n <= most ? (unsigned)n : usual;
}

static int start(void **state)
{
	(void)state;
	requests = number_of("KAZASU_REQUESTS", requests, MOST);
	rounds = number_of("KAZASU_ROUNDS", rounds, 1000);
	signal(SIGPIPE, SIG_IGN);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	draw_page();
	pg_server_start(&postgresql);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	card_buf_free(&page);
	pg_server_stop(&postgresql);
	return 0;
}

/* ---- the centre in this program, without drawing ---- */

static int64_t offset;

static int64_t shifted(void *ctx)
{
	(void)ctx;
	return (int64_t)time(NULL) + offset;
}

static enum card_error text_back(struct center *c, const struct center_back *b, card_buf_t *pdf)
{
	char text[200];

	(void)c;
	snprintf(text, sizeof text, "%%PDF-1.4 %s %s", b->copy, b->transaction);
	return card_buf_append(pdf, card_bytes(text, strlen(text)));
}

static int serve(const char *file, const char *at)
{
	const struct timespec second = {1, 0};
	struct center_config config;
	struct center *c = NULL;
	struct server *s = NULL;
	sigset_t signals;
	int64_t noon;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (card_time_parse(at, &noon) != CARD_OK ||
	    center_config_read(&config, file, NULL) != CARD_OK ||
	    center_open(&c, &config, NULL) != CARD_OK)
		return 1;
	offset = noon - (int64_t)time(NULL);
	c->clock = shifted;
	c->back = text_back;
	if (server_start(&s, c, NULL) != CARD_OK)
		return 1;
	printf("listening on 127.0.0.1:%u\n", server_port(s));
	fflush(stdout);
	while (sigtimedwait(&signals, NULL, &second) != SIGTERM)
		(void)center_sweep(c);
	server_drain(s);
	server_stop(&s);
	center_close(&c);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_at_once_on_sqlite),
		cmocka_unit_test(many_at_once_on_postgresql_with_two_processes_one_killed),
		cmocka_unit_test(a_store_that_is_killed_loses_nothing),
	};

	if (argc == 5 && strcmp(argv[0], "kazasu-center") == 0)
		return serve(argv[2], argv[4]);
	if (getenv("KAZASU_ONLY") != NULL)
		cmocka_set_test_filter(getenv("KAZASU_ONLY"));
	return cmocka_run_group_tests(tests, start, stop);
}
