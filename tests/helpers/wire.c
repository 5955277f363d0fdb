/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define MESSAGE_MAX  ((size_t)20 * 1024 * 1024)
#define HOLD_SECONDS 60
#define READ_SECONDS 60

struct wire {
	struct wire_config config;
	SSL_CTX *ctx;
	int fd;
};

/* One connection of who asks, and the one that goes on. */
struct wire_connection {
	const struct wire *wire;
	int fd, on_fd;
	SSL *ssl, *on;
};

/* ---- HTTP, as far as it is needed ---- */

/* Length of the body after this head; 0: none told. */
static size_t content_length(const char *head)
{
	const char *at = strcasestr(head, "\r\ncontent-length:");

	return at != NULL ? strtoul(at + 17, NULL, 10) : 0;
}

static bool read_some(SSL *ssl, card_buf_t *out)
{
	uint8_t piece[16384];
	int n = SSL_read(ssl, piece, sizeof piece);

	return n > 0 && out->n + (size_t)n <= MESSAGE_MAX &&
	       card_buf_append(out, card_bytes(piece, (size_t)n)) == CARD_OK;
}

static bool read_http(SSL *ssl, card_buf_t *out, size_t *body)
{
	const uint8_t *end;
	size_t length;
	char *head;

	card_buf_clear(out);
	while ((end = memmem(out->p, out->n, "\r\n\r\n", 4)) == NULL)
		if (!read_some(ssl, out))
			return false;
	*body = (size_t)(end - out->p) + 4;
	head = strndup((const char *)out->p, *body);
	length = head != NULL ? content_length(head) : 0;
	free(head);
	while (out->n < *body + length)
		if (!read_some(ssl, out))
			return false;
	return true;
}

static bool write_all(SSL *ssl, const uint8_t *p, size_t n)
{
	size_t done = 0;

	return n == 0 || (SSL_write_ex(ssl, p, n, &done) == 1 && done == n);
}

/* ---- onward ---- */

static void hang_up(struct wire_connection *c)
{
	SSL_free(c->on);
	c->on = NULL;
	if (c->on_fd >= 0)
		close(c->on_fd);
	c->on_fd = -1;
}

static int dial(unsigned port)
{
	const struct timeval patience = {READ_SECONDS, 0};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool go_on(struct wire_connection *c)
{
	char certificate[WIRE_PATH], key[WIRE_PATH];
	SSL_CTX *ctx;
	unsigned port;

	if (c->on != NULL)
		return true;
	if (!c->wire->config.onward(c->wire->config.ctx, &port, certificate, key))
		return false;
	c->on_fd = dial(port);
	ctx = SSL_CTX_new(TLS_client_method());
	if (c->on_fd >= 0 && ctx != NULL &&
	    SSL_CTX_load_verify_file(ctx, c->wire->config.ca) == 1 &&
	    SSL_CTX_use_certificate_file(ctx, certificate, SSL_FILETYPE_PEM) == 1 &&
	    SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) == 1) {
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
		c->on = SSL_new(ctx);
	}
	SSL_CTX_free(ctx);
	if (c->on != NULL && SSL_set_fd(c->on, c->on_fd) == 1 && SSL_connect(c->on) == 1)
		return true;
	hang_up(c);
	return false;
}

static bool deliver(struct wire_connection *c, struct card_bytes request, card_buf_t *answer,
		    size_t *body, unsigned *status)
{
	*status = 0;
	if (go_on(c) && write_all(c->on, request.p, request.n) && read_http(c->on, answer, body) &&
	    answer->n > 12) {
		*status = (unsigned)strtoul((const char *)answer->p + 9, NULL, 10);
		return true;
	}
	hang_up(c);
	return false;
}

unsigned wire_deliver(struct wire_connection *c, struct card_bytes request)
{
	card_buf_t answer = {0};
	unsigned status;
	size_t body;

	(void)deliver(c, request, &answer, &body, &status);
	card_buf_free(&answer);
	return status;
}

/* ---- one connection ---- */

/* Until who asked has closed the connection. */
static void wait_for_end(const struct wire_connection *c)
{
	struct pollfd p = {.fd = c->fd, .events = POLLRDHUP};

	(void)poll(&p, 1, HOLD_SECONDS * 1000);
}

static bool take_line(struct wire_message *m)
{
	char *line = strndup((const char *)m->request.p, strcspn((const char *)m->request.p, "\r"));
	bool good = line != NULL && sscanf(line, "%7s %255s", m->method, m->path) == 2;

	free(line);
	return good;
}

static bool answer_it(struct wire_connection *c, struct wire_message *m)
{
	const struct wire_config *w = &c->wire->config;
	size_t n;

	switch (w->at(w->ctx, WIRE_ANSWER, m)) {
	case WIRE_CUT:
		return false;
	case WIRE_HOLD:
		wait_for_end(c);
		return false;
	case WIRE_HALF:
		n = m->answer_body + (m->answer.n - m->answer_body) / 2;
		(void)write_all(c->ssl, m->answer.p, n);
		return false;
	case WIRE_PASS:
	case WIRE_TWICE:
		break;
	}
	return write_all(c->ssl, m->answer.p, m->answer.n);
}

/* One request; false: the connection is to end. */
static bool exchange(struct wire_connection *c, struct wire_message *m)
{
	const struct wire_config *w = &c->wire->config;

	if (!read_http(c->ssl, &m->request, &m->request_body) || !take_line(m))
		return false;
	m->connection = c;
	switch (w->at(w->ctx, WIRE_REQUEST, m)) {
	case WIRE_CUT:
	case WIRE_HALF:
		return false;
	case WIRE_HOLD:
		wait_for_end(c);
		(void)wire_deliver(c, card_buf_bytes(&m->request));
		return false;
	case WIRE_TWICE:
		(void)wire_deliver(c, card_buf_bytes(&m->request));
		break;
	case WIRE_PASS:
		break;
	}
	return deliver(c, card_buf_bytes(&m->request), &m->answer, &m->answer_body, &m->status) &&
	       answer_it(c, m);
}

static void *serve(void *ctx)
{
	struct wire_connection *c = ctx;
	struct wire_message m = {0};

	c->ssl = SSL_new(c->wire->ctx);
	if (c->ssl != NULL && SSL_set_fd(c->ssl, c->fd) == 1 && SSL_accept(c->ssl) == 1)
		while (exchange(c, &m))
			;
	hang_up(c);
	SSL_free(c->ssl);
	close(c->fd);
	card_buf_free(&m.request);
	card_buf_free(&m.answer);
	free(c);
	return NULL;
}

static void *listen_on(void *ctx)
{
	struct wire *w = ctx;
	pthread_t thread;

	for (;;) {
		const int fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC);
		struct wire_connection *c = fd >= 0 ? calloc(1, sizeof *c) : NULL;

		if (c == NULL)
			continue;
		*c = (struct wire_connection){w, fd, -1, NULL, NULL};
		if (pthread_create(&thread, NULL, serve, c) == 0)
			pthread_detach(thread);
	}
	return NULL;
}

struct wire *wire_open(const struct wire_config *config, unsigned *port)
{
	struct wire *w = calloc(1, sizeof *w);
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t n = sizeof at;
	pthread_t thread;

	if (w == NULL)
		return NULL;
	w->config = *config;
	w->ctx = SSL_CTX_new(TLS_server_method());
	w->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (w->ctx != NULL && w->fd >= 0 &&
	    SSL_CTX_use_certificate_file(w->ctx, config->certificate, SSL_FILETYPE_PEM) == 1 &&
	    SSL_CTX_use_PrivateKey_file(w->ctx, config->key, SSL_FILETYPE_PEM) == 1 &&
	    bind(w->fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(w->fd, 64) == 0 &&
	    getsockname(w->fd, (struct sockaddr *)&at, &n) == 0 &&
	    pthread_create(&thread, NULL, listen_on, w) == 0) {
		pthread_detach(thread);
		*port = ntohs(at.sin_port);
		return w;
	}
	SSL_CTX_free(w->ctx);
	if (w->fd >= 0)
		close(w->fd);
	free(w);
	return NULL;
}
