/* SPDX-License-Identifier: Apache-2.0 */
/* prompt_terminal.c — a line typed on the controlling terminal without echo. */
#include "prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

/* Signals whose default ends the program while the echo is off. */
static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
#define ENDING (sizeof ending / sizeof *ending)

/* A handler can reach only these. */
static struct termios saved;
static int saved_fd = -1;

static void restore_and_end(int sig)
{
	tcsetattr(saved_fd, TCSANOW, &saved);
	signal(sig, SIG_DFL);
	raise(sig);
}

static bool say(int fd, const char *text)
{
	size_t n = 0;

	while (text[n] != '\0')
		n++;
	return write(fd, text, n) == (ssize_t)n;
}

/* A line is there within these seconds; a signal begins the wait anew. */
static bool typed(int fd, int seconds)
{
	struct pollfd one = {.fd = fd, .events = POLLIN};
	int n;

	if (seconds == 0)
		return true;
	do
		n = poll(&one, 1, seconds * 1000);
	while (n < 0 && errno == EINTR);
	return n != 0;
}

/* A line; bytes beyond the limit are read and dropped so that they do not reach the shell. */
static enum card_error read_line(int fd, card_secret_t *out)
{
	enum card_error err = CARD_OK;
	bool any = false;

	for (;;) {
		uint8_t byte;
		ssize_t n = read(fd, &byte, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return any ? err : CARD_ERR_CANCELLED;
		if (byte == '\n' || byte == '\r')
			return err;
		any = true;
		if (err == CARD_OK)
			err = card_secret_push(out, byte);
		card_wipe(&byte, 1);
	}
}

enum card_error kz_prompt_terminal(const struct kz_prompt *p, card_secret_t *out)
{
	struct sigaction act = {.sa_handler = restore_and_end}, old[ENDING];
	struct termios quiet;
	enum card_error err;
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return CARD_ERR_UNSUPPORTED;
	if (tcgetattr(fd, &saved) != 0) {
		close(fd);
		return CARD_ERR_UNSUPPORTED;
	}
	saved_fd = fd;
	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < ENDING; i++) {
		sigaction(ending[i], &act, &old[i]);
		/* One that is ignored stays ignored. */
		if (old[i].sa_handler == SIG_IGN)
			sigaction(ending[i], &old[i], NULL);
	}
	quiet = saved;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	quiet.c_lflag |= ICANON | ISIG;
	/* No stopping in the middle: the shell would inherit a terminal without echo. */
	quiet.c_cc[VSUSP] = _POSIX_VDISABLE;
	if (tcsetattr(fd, TCSAFLUSH, &quiet) != 0) {
		err = CARD_ERR_UNSUPPORTED;
	} else {
		err = say(fd, p->description) && say(fd, "\n") && say(fd, p->label) && say(fd, ": ")
			      ? typed(fd, p->seconds) ? read_line(fd, out) : CARD_ERR_TIMEOUT
			      : CARD_ERR_UNSUPPORTED;
		say(fd, "\n");
	}
	tcsetattr(fd, TCSAFLUSH, &saved);
	for (size_t i = 0; i < ENDING; i++)
		sigaction(ending[i], &old[i], NULL);
	saved_fd = -1;
	close(fd);
	return err;
}
