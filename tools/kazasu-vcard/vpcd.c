/* SPDX-License-Identifier: Apache-2.0 */
#include "vpcd.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RETRY_MS 50u

static int connect_once(const char *host, const char *port)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
	int fd = -1;

	if (getaddrinfo(host, port, &hints, &list) != 0) {
		errno = EHOSTUNREACH;
		return -1;
	}
	for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
			int saved = errno;

			close(fd);
			fd = -1;
			errno = saved;
		}
	}
	freeaddrinfo(list);
	return fd;
}

int vpcd_connect(const char *host, unsigned port, unsigned wait_ms, int stop_fd)
{
	struct pollfd stop = {stop_fd, POLLIN, 0};
	char text[8];
	int one = 1;

	snprintf(text, sizeof text, "%u", port % 65536u);
	int fd = connect_once(host, text);
	for (unsigned waited = 0; fd < 0 && waited < wait_ms; waited += RETRY_MS) {
		int saved = errno;

		if (poll(&stop, 1, (int)RETRY_MS) > 0) {
			errno = saved;
			return -1;
		}
		fd = connect_once(host, text);
	}
	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

/* Without this the kernel holds its acknowledgement back for 40 ms and vpcd,
 * which sends length and body apart, waits for it. It lasts for one receive. */
static void acknowledge_at_once(int fd)
{
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);
}

/* n bytes; VPCD_CLOSED here means all is well. */
static int receive(int fd, int stop_fd, uint8_t *p, size_t n, enum vpcd_end *end)
{
	struct pollfd fds[2] = {{fd, POLLIN, 0}, {stop_fd, POLLIN, 0}};

	while (n > 0) {
		if (poll(fds, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			*end = VPCD_FAILED;
			return -1;
		}
		if (fds[1].revents) {
			*end = VPCD_STOPPED;
			return -1;
		}
		ssize_t got = recv(fd, p, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			*end = VPCD_CLOSED;
			return -1;
		}
		acknowledge_at_once(fd);
		p += got;
		n -= (size_t)got;
	}
	return 0;
}

static bool answer(int fd, const uint8_t *p, size_t n)
{
	uint8_t frame[2 + 65535];

	if (n > 65535)
		return false;
	frame[0] = (uint8_t)(n >> 8);
	frame[1] = (uint8_t)n;
	memcpy(frame + 2, p, n);
	n += 2;
	for (size_t sent = 0; sent < n;) {
		ssize_t w = send(fd, frame + sent, n - sent, MSG_NOSIGNAL);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return false;
		sent += (size_t)w;
	}
	return true;
}

static bool control(int fd, uint8_t what, card_sim_t *card)
{
	struct card_bytes atr;

	switch (what) {
	case 0x00:
		card_sim_power_off(card);
		return true;
	case 0x01:
		card_sim_power_on(card);
		return true;
	case 0x02:
		card_sim_reset(card);
		return true;
	case 0x04:
		atr = card_sim_atr(card);
		return answer(fd, atr.p, atr.n);
	default:
		return true; /* nothing known: vpcd expects no answer */
	}
}

enum vpcd_end vpcd_serve(int fd, int stop_fd, card_sim_t *card)
{
	static uint8_t message[65535], resp[CARD_RESPONSE_MAX];
	enum vpcd_end end = VPCD_CLOSED;
	uint8_t head[2];
	size_t len;

	for (;;) {
		if (receive(fd, stop_fd, head, sizeof head, &end) != 0)
			return end;
		size_t n = (size_t)head[0] << 8 | head[1];
		if (n == 0)
			continue;
		if (receive(fd, stop_fd, message, n, &end) != 0)
			return end;
		if (n == 1) {
			if (!control(fd, message[0], card))
				return VPCD_CLOSED;
			continue;
		}
		enum card_error err =
			card_sim_transmit(card, card_bytes(message, n), resp, sizeof resp, &len);
		if (err == CARD_ERR_REMOVED)
			return VPCD_TORN;
		if (err != CARD_OK)
			return VPCD_FAILED;
		if (!answer(fd, resp, len))
			return VPCD_CLOSED;
	}
}
