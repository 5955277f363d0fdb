/* SPDX-License-Identifier: Apache-2.0 */
/* server.c — HTTPS with certificates on both sides; one thread a connection. */
#include "server.h"

#include "../https/credentials.h"

#include <malloc.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* The longest body of a terminal: message 2 is below 16 KiB. */
#define BODY_MAX (FLOW_ISSUE_JSON_MAX + 1024u)

/* The longest that an answer may take: 30 s for the municipality's, and some for the back sides. */
#define DRAIN_SECONDS 60

struct server {
	struct center *center;
	struct MHD_Daemon *daemon;
	struct tls_slot keys;
	char *ca, *certificate, *key; /* that the daemon was started with */
	atomic_bool draining;
	atomic_uint running; /* requests that have begun */
};

/* ---- who is it ---- */

static enum center_role role_of(const char *name)
{
	static const char *const names[] = {"", "terminal", "municipality", "center", "operator"};

	for (unsigned i = 1; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(names[i], name) == 0)
			return (enum center_role)i;
	}
	return ROLE_NONE;
}

static gnutls_session_t session_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *tls =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);

	return tls != NULL ? (gnutls_session_t)tls->tls_session : NULL;
}

static void connection_changed(void *cls, struct MHD_Connection *connection, void **context,
			       enum MHD_ConnectionNotificationCode code)
{
	struct server *s = cls;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*context = calloc(1, sizeof(struct tls_peer));
		if (*context != NULL)
			tls_peer_begin(*context, &s->keys, session_of(connection));
	} else if (*context != NULL) {
		tls_peer_end(*context);
		free(*context);
		*context = NULL;
	}
}

static void peer_of(struct server *s, struct MHD_Connection *connection, struct center_peer *out)
{
	const union MHD_ConnectionInfo *slot =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct tls_peer *peer = slot != NULL ? slot->socket_context : NULL;

	memset(out, 0, sizeof *out);
	if (peer == NULL)
		return;
	tls_peer_look(peer, &s->keys, session_of(connection));
	out->role = role_of(peer->role);
	snprintf(out->id, sizeof out->id, "%s", peer->id);
}

/* ---- requests ---- */

struct request {
	card_buf_t body;
	bool too_long;
	struct server *server;
};

static void body_sent(void *body)
{
	card_buf_free(body);
	free(body);
}

/* The body moves into the response, which wipes it when it is sent. */
static struct MHD_Response *response_of(struct center_reply *reply)
{
	struct MHD_Response *response = NULL;
	card_buf_t *body = malloc(sizeof *body);

	if (body == NULL)
		return NULL;
	*body = reply->body;
	reply->body = (card_buf_t){0};
	response = MHD_create_response_from_buffer_with_free_callback_cls(body->n, body->p,
									  body_sent, body);
	if (response == NULL)
		body_sent(body);
	return response;
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, struct center_reply *reply,
				  bool close)
{
	struct MHD_Response *response = response_of(reply);
	enum MHD_Result result = MHD_NO;

	if (response != NULL) {
		MHD_add_response_header(response, "Content-Type",
					reply->type != NULL ? reply->type : "text/plain");
		MHD_add_response_header(response, "Cache-Control", "no-store");
		if (close)
			MHD_add_response_header(response, "Connection", "close");
		result = MHD_queue_response(connection, reply->status, response);
		MHD_destroy_response(response);
	}
	center_reply_free(reply);
	return result;
}

static enum MHD_Result answer(void *cls, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *data,
			      size_t *size, void **context)
{
	struct server *s = cls;
	struct request *r = *context;
	struct center_reply reply = {0};
	struct center_peer peer;
	const char *query = NULL;
	char joined[200];

	(void)version;
	if (r == NULL) {
		r = calloc(1, sizeof *r);
		if (r == NULL)
			return MHD_NO;
		r->server = s;
		atomic_fetch_add(&s->running, 1);
		*context = r;
		return MHD_YES;
	}
	if (*size > 0) {
		if (r->body.n + *size > BODY_MAX ||
		    card_buf_append(&r->body, card_bytes(data, *size)) != CARD_OK)
			r->too_long = true;
		*size = 0;
		return MHD_YES;
	}
	if (atomic_load(&s->draining)) {
		center_reply_error(&reply, 503, "DRAINING", NULL);
		return send_reply(connection, &reply, true);
	}
	if (r->too_long) {
		center_reply_error(&reply, 413, "TOO_LONG", NULL);
		return send_reply(connection, &reply, true);
	}
	/* The lists of operators have day= or from= and to=. */
	if (strncmp(url, "/v1/admin/", 10) == 0) {
		static const char *const keys[] = {"day", "from", "to"};
		size_t used = 0;

		joined[0] = '\0';
		for (size_t i = 0; i < 3; i++) {
			const char *value = MHD_lookup_connection_value(
				connection, MHD_GET_ARGUMENT_KIND, keys[i]);

			if (value != NULL && strlen(value) < 50)
				used += (size_t)snprintf(joined + used, sizeof joined - used,
							 "%s=%s&", keys[i], value);
		}
		query = joined;
	}
	peer_of(s, connection, &peer);
	center_handle(s->center, &peer, method, url, query, card_buf_bytes(&r->body), &reply);
	return send_reply(connection, &reply, false);
}

static void completed(void *cls, struct MHD_Connection *connection, void **context,
		      enum MHD_RequestTerminationCode code)
{
	struct request *r = *context;

	(void)cls;
	(void)connection;
	(void)code;
	if (r == NULL)
		return;
	atomic_fetch_sub(&r->server->running, 1);
	card_buf_free(&r->body);
	free(r);
	*context = NULL;
}

/* ---- start and stop ---- */

static char *file_text(const char *path, struct flow_problem *problem)
{
	FILE *f = fopen(path, "re");
	char *text = f != NULL ? calloc(1, 65536) : NULL;

	if (text != NULL && fread(text, 1, 65535, f) == 0) {
		free(text);
		text = NULL;
	}
	if (f != NULL)
		fclose(f);
	if (text == NULL)
		flow_problem_set(problem, path, 0, "cannot be read");
	return text;
}

static bool address(const struct center_config *config, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof *out);
	if (inet_pton(AF_INET, config->address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)config->port);
		return true;
	}
	if (inet_pton(AF_INET6, config->address, &v6->sin6_addr) != 1)
		return false;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((uint16_t)config->port);
	return true;
}

enum card_error server_keys_read(struct tls_keys **out, const struct center_config *config,
				 struct flow_problem *problem)
{
	const char *wrong;
	const enum card_error err = tls_keys_read(out, config->tls_ca, config->tls_certificate,
						  config->tls_key, &wrong);

	if (err == CARD_ERR_IO)
		flow_problem_set(problem, wrong, 0, "cannot be read");
	else if (err != CARD_OK)
		flow_problem_set(problem, wrong, 0,
				 wrong == config->tls_ca
					 ? "no certificate of an authority"
					 : "no certificate, or not that of the key");
	return err;
}

void server_use(struct server *s, struct tls_keys *keys)
{
	tls_slot_use(&s->keys, keys);
}

/* Documents of tens of KiB come and go on every connection: a thread keeps the memory of one for the
 * next, instead of giving it back and asking for it again. Pictures of pages are given back. */
static void keep_memory(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, 4 << 20);
	(void)mallopt(M_TRIM_THRESHOLD, 2 << 20);
	(void)mallopt(M_TOP_PAD, 256 << 10);
}

enum card_error server_start(struct server **out, struct center *center,
			     struct flow_problem *problem)
{
	struct server *s;
	struct tls_keys *keys = NULL;
	struct sockaddr_storage where;
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
			 MHD_USE_TLS | MHD_USE_POLL | MHD_USE_ITC;

	enum card_error err = server_keys_read(&keys, &center->config, problem);

	*out = NULL;
	if (err != CARD_OK)
		return err;
	keep_memory();
	s = calloc(1, sizeof *s);
	if (s == NULL) {
		tls_keys_release(&keys);
		return CARD_ERR_NO_MEMORY;
	}
	s->center = center;
	tls_slot_open(&s->keys, keys);
	s->ca = file_text(center->config.tls_ca, problem);
	s->certificate = s->ca != NULL ? file_text(center->config.tls_certificate, problem) : NULL;
	s->key = s->certificate != NULL ? file_text(center->config.tls_key, problem) : NULL;
	if (s->key != NULL && address(&center->config, &where)) {
		if (where.ss_family == AF_INET6)
			flags |= MHD_USE_IPv6;
		s->daemon = MHD_start_daemon(
			flags, (uint16_t)center->config.port, NULL, NULL, answer, s,
			MHD_OPTION_SOCK_ADDR, &where, MHD_OPTION_HTTPS_MEM_TRUST, s->ca,
			MHD_OPTION_HTTPS_MEM_CERT, s->certificate, MHD_OPTION_HTTPS_MEM_KEY, s->key,
			MHD_OPTION_HTTPS_PRIORITIES, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2",
			MHD_OPTION_CONNECTION_LIMIT, 4096u, MHD_OPTION_CONNECTION_TIMEOUT, 150u,
			MHD_OPTION_THREAD_STACK_SIZE, (size_t)512 * 1024,
			MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024u, MHD_OPTION_NOTIFY_COMPLETED,
			completed, NULL, MHD_OPTION_NOTIFY_CONNECTION, connection_changed, s,
			MHD_OPTION_END);
	}
	if (s->daemon == NULL) {
		if (s->key != NULL)
			flow_problem_set(problem, "address", 0, "cannot listen there");
		server_stop(&s);
		return CARD_ERR_NO_SERVICE;
	}
	*out = s;
	return CARD_OK;
}

unsigned server_port(const struct server *s)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);

	return info != NULL ? info->port : 0;
}

void server_drain(struct server *s)
{
	const MHD_socket socket = MHD_quiesce_daemon(s->daemon);

	if (socket != MHD_INVALID_SOCKET)
		close(socket);
	atomic_store(&s->draining, true);
	for (int i = 0; atomic_load(&s->running) > 0 && i < DRAIN_SECONDS * 100; i++)
		usleep(10000);
}

void server_stop(struct server **out)
{
	struct server *s = *out;

	if (s == NULL)
		return;
	if (s->daemon != NULL)
		MHD_stop_daemon(s->daemon);
	if (s->key != NULL)
		memset(s->key, 0, strlen(s->key));
	free(s->key);
	free(s->certificate);
	free(s->ca);
	tls_slot_close(&s->keys);
	free(s);
	*out = NULL;
}
