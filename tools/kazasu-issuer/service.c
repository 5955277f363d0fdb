/* SPDX-License-Identifier: Apache-2.0 */
/* service.c — the HTTPS service. A thread a connection: what waits here waits for its own answer. */
#include "service.h"

#include "answer.h"
#include "peer.h"
#include "refusal.h"
#include "say.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <time.h>

#define CONNECTIONS 128
#define IDLE        60                   /* seconds a silent connection is kept */
#define BODY_MAX    ((size_t)128 * 1024) /* message 3 has no parts: JSON of 64 KiB at most */
#define TYPE        "application/vnd.kazasu.message"
/* TLS 1.2 or later (docs/issuance.md). */
#define PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

struct service {
	struct MHD_Daemon *daemon;
	struct tls_slot tls;
	char *key, *certificate, *ca;
	struct office *office;
	pthread_mutex_t lock;
	atomic_int active;
	atomic_llong last; /* our clock at the last request */
	atomic_bool apart; /* the centre's clock was told to differ */
	atomic_bool draining;
};

/* One request while its body arrives, and until its answer has left. */
struct upload {
	card_buf_t body;
	struct timespec begun;
	bool too_long, counted;
};

static gnutls_session_t session_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *tls =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION);

	return tls != NULL ? (gnutls_session_t)tls->tls_session : NULL;
}

static void connection_changed(void *ctx, struct MHD_Connection *c, void **state,
			       enum MHD_ConnectionNotificationCode code)
{
	struct service *s = ctx;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*state = calloc(1, sizeof(struct tls_peer));
		if (*state != NULL)
			tls_peer_begin(*state, &s->tls, session_of(c));
	} else if (*state != NULL) {
		tls_peer_end(*state);
		free(*state);
		*state = NULL;
	}
}

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t n;

	if (f == NULL)
		return NULL;
	text = calloc(1, 65536);
	n = text != NULL ? fread(text, 1, 65535, f) : 0;
	fclose(f);
	if (n > 0)
		return text;
	free(text);
	return NULL;
}

static struct office *take_office(struct service *s)
{
	struct office *o;

	pthread_mutex_lock(&s->lock);
	o = s->office;
	office_hold(o);
	pthread_mutex_unlock(&s->lock);
	return o;
}

static int64_t milliseconds(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000 + t->tv_nsec / 1000000;
}

/* Refusals leave on a grid that begins with the request, whenever they were found. */
static void wait_until_due(const struct timespec *begun, long step)
{
	struct timespec t;
	int64_t due;

	clock_gettime(CLOCK_MONOTONIC, &t);
	due = refusal_due(milliseconds(begun), milliseconds(&t), step);
	t.tv_sec = (time_t)(due / 1000);
	t.tv_nsec = (long)(due % 1000) * 1000000;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) != 0)
		;
}

static enum MHD_Result send_answer(struct MHD_Connection *c, struct answer *a)
{
	struct MHD_Response *r =
		MHD_create_response_from_buffer(a->body.n, a->body.p, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result rc;
	char now[26];

	card_buf_free(&a->body);
	if (r == NULL)
		return MHD_NO;
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, TYPE);
	MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	card_time_format_japan((int64_t)time(NULL), now);
	MHD_add_response_header(r, "Kazasu-Time", now);
	rc = MHD_queue_response(c, a->status, r);
	MHD_destroy_response(r);
	return rc;
}

/* Ours against itself (PD-35) and against the centre's, which stands in the header Kazasu-Time. */
static void look_at_clocks(struct service *s, struct MHD_Connection *c, const struct config *config,
			   const char *name)
{
	const char *text = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Kazasu-Time");
	const int64_t now = (int64_t)time(NULL), before = atomic_exchange(&s->last, now);
	int64_t its;
	bool apart;

	if (before - now > 1)
		say_log("clock-step", "seconds=-%lld", (long long)(before - now));
	if (text == NULL || card_time_parse(text, &its) != CARD_OK)
		return;
	apart = its - now > config->clock_apart || now - its > config->clock_apart;
	if (apart != atomic_exchange(&s->apart, apart))
		say_log(apart ? "clock-differs" : "clock-agrees", "center=%s seconds=%+lld", name,
			(long long)(its - now));
}

/* "/v1/certificates/{32 digits}/status". */
static bool status_path(const char *url, char transaction[33])
{
	static const char before[] = "/v1/certificates/", after[] = "/status";
	const size_t n = sizeof before - 1;

	if (strncmp(url, before, n) != 0 || strlen(url) != n + 32 + sizeof after - 1 ||
	    strcmp(url + n + 32, after) != 0)
		return false;
	memcpy(transaction, url + n, 32);
	transaction[32] = '\0';
	return true;
}

static void route(struct office *o, const char *method, const char *url, const struct upload *u,
		  struct answer *a)
{
	const struct card_bytes body = card_buf_bytes(&u->body);
	char transaction[33];

	if (u->too_long)
		answer_error(a, 413, "TOO_LONG");
	else if (strcmp(method, "POST") != 0)
		answer_error(a, 400, "MALFORMED");
	else if (strcmp(url, "/v1/certificates") == 0)
		answer_certificate(o, body, a);
	else if (status_path(url, transaction))
		answer_status(o, transaction, body, a);
	else
		answer_error(a, 404, "UNKNOWN");
}

static enum MHD_Result finish(struct service *s, struct MHD_Connection *c, const char *url,
			      const char *method, struct upload *u)
{
	const union MHD_ConnectionInfo *slot =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct tls_peer *peer = slot != NULL ? slot->socket_context : NULL;
	struct answer a = {.status = 500};
	struct office *o = take_office(s);
	const char *name = "";

	s->active++;
	u->counted = true;
	if (peer != NULL)
		tls_peer_look(peer, &s->tls, session_of(c));
	if (peer == NULL || !peer_is_center(peer, &o->config, &name)) {
		say_log("peer-refused", "name=%s", name);
		answer_error(&a, 403, "ROLE");
	} else {
		look_at_clocks(s, c, &o->config, name);
		if (s->draining)
			answer_error(&a, 503, "BUSY");
		else
			route(o, method, url, u, &a);
	}
	if (a.slow)
		wait_until_due(&u->begun, o->config.refusal_milliseconds);
	office_release(o);
	return send_answer(c, &a);
}

static enum MHD_Result handle(void *ctx, struct MHD_Connection *c, const char *url,
			      const char *method, const char *version, const char *data,
			      size_t *size, void **state)
{
	struct upload *u = *state;

	(void)version;
	if (u == NULL) {
		u = calloc(1, sizeof *u);
		if (u == NULL)
			return MHD_NO;
		clock_gettime(CLOCK_MONOTONIC, &u->begun);
		*state = u;
		return MHD_YES;
	}
	if (*size == 0)
		return finish(ctx, c, url, method, u);
	if (u->body.n + *size > BODY_MAX ||
	    card_buf_append(&u->body, card_bytes(data, *size)) != CARD_OK)
		u->too_long = true;
	*size = 0;
	return MHD_YES;
}

static void done(void *ctx, struct MHD_Connection *c, void **state,
		 enum MHD_RequestTerminationCode code)
{
	struct service *s = ctx;
	struct upload *u = *state;

	(void)c;
	(void)code;
	if (u == NULL)
		return;
	if (u->counted)
		s->active--;
	card_buf_free(&u->body);
	free(u);
	*state = NULL;
}

static bool resolve(const struct config *c, struct sockaddr_storage *out)
{
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
				       .ai_socktype = SOCK_STREAM};
	struct addrinfo *a = NULL;
	char host[64], port[8];
	const size_t n = strlen(c->host);
	const bool bracket = c->host[0] == '[' && n > 2 && c->host[n - 1] == ']';

	snprintf(host, sizeof host, "%.*s", (int)(bracket ? n - 2 : n), c->host + bracket);
	snprintf(port, sizeof port, "%u", c->port);
	if (getaddrinfo(host, port, &hints, &a) != 0)
		return false;
	memcpy(out, a->ai_addr, a->ai_addrlen);
	freeaddrinfo(a);
	return true;
}

static struct MHD_Daemon *start_daemon(struct service *s, const struct sockaddr_storage *address)
{
	const unsigned flags = MHD_USE_TLS | MHD_USE_THREAD_PER_CONNECTION |
			       MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ITC |
			       (address->ss_family == AF_INET6 ? MHD_USE_IPv6 : 0u);

	return MHD_start_daemon(
		flags, 0, NULL, NULL, handle, s, MHD_OPTION_SOCK_ADDR, address,
		MHD_OPTION_HTTPS_MEM_KEY, s->key, MHD_OPTION_HTTPS_MEM_CERT, s->certificate,
		MHD_OPTION_HTTPS_MEM_TRUST, s->ca, MHD_OPTION_HTTPS_PRIORITIES, PRIORITIES,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)IDLE, MHD_OPTION_NOTIFY_COMPLETED, done, s, MHD_OPTION_NOTIFY_CONNECTION,
		connection_changed, s, MHD_OPTION_END);
}

static void free_service(struct service *s)
{
	if (s->key != NULL)
		card_wipe(s->key, 65536);
	free(s->key);
	free(s->certificate);
	free(s->ca);
	office_release(s->office);
	tls_slot_close(&s->tls);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

struct service *service_start(struct office *o)
{
	struct service *s = calloc(1, sizeof *s);
	struct sockaddr_storage address = {.ss_family = 0};
	const struct config *c = &o->config;

	if (s == NULL)
		return NULL;
	s->office = o;
	pthread_mutex_init(&s->lock, NULL);
	tls_slot_open(&s->tls, o->tls);
	o->tls = NULL;
	s->key = read_file(c->tls_key);
	s->certificate = read_file(c->tls_certificate);
	s->ca = read_file(c->tls_ca);
	if (s->key == NULL || s->certificate == NULL || s->ca == NULL)
		say(_("a TLS file cannot be read: %s"), s->key == NULL ? c->tls_key
							: s->certificate == NULL
								? c->tls_certificate
								: c->tls_ca);
	else if (!resolve(c, &address))
		say(_("%s is no address of this machine"), c->listen);
	else
		s->daemon = start_daemon(s, &address);
	if (s->daemon != NULL)
		return s;
	if (address.ss_family != 0)
		say(_("cannot listen on %s with this TLS key"), c->listen);
	free_service(s);
	return NULL;
}

unsigned service_port(const struct service *s)
{
	const union MHD_DaemonInfo *i = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);

	return i != NULL ? i->port : 0;
}

void service_use(struct service *s, struct office *o)
{
	struct office *before;

	tls_slot_use(&s->tls, o->tls);
	o->tls = NULL;
	pthread_mutex_lock(&s->lock);
	before = s->office;
	s->office = o;
	pthread_mutex_unlock(&s->lock);
	office_release(before);
}

void service_stop(struct service **s, int seconds)
{
	const struct timespec tick = {0, 20000000};
	MHD_socket listening;

	if (s == NULL || *s == NULL)
		return;
	listening = MHD_quiesce_daemon((*s)->daemon);
	(*s)->draining = true;
	for (int i = 0; i < seconds * 50 && (*s)->active > 0; i++)
		nanosleep(&tick, NULL);
	MHD_stop_daemon((*s)->daemon);
	if (listening != MHD_INVALID_SOCKET)
		close(listening);
	free_service(*s);
	*s = NULL;
}
