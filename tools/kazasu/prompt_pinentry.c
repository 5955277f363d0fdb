/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prompt_pinentry.c — a secret typed into pinentry.
 *
 * The dialogue is Assuan (the IPC protocol of GnuPG): lines of text; the server greets with OK,
 * each request is answered with OK or ERR, and the secret comes as a percent-escaped "D" line.
 */
#include "prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_MAX_ASSUAN 1000 /* the longest line the protocol allows */

/* Codes of libgpg-error, in the low 16 bits of an ERR line. */
#define GPG_TIMEOUT        62
#define GPG_CANCELED       99
#define GPG_FULLY_CANCELED 198

struct pinentry {
	pid_t pid;
	int fd;
	char line[LINE_MAX_ASSUAN + 2]; /* the last line received; wiped at the end */
	size_t n;
};

bool kz_assuan_escape(const char *text, char *out, size_t cap)
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		const bool plain = *text != '%' && *text != '\n' && *text != '\r';

		/* One byte stays for the final NUL. */
		if (n + (plain ? 1 : 3) >= cap)
			return false;
		if (plain)
			out[n++] = *text;
		else
			n += (size_t)snprintf(out + n, 4, "%%%02X", (unsigned)(unsigned char)*text);
	}
	if (n >= cap)
		return false;
	out[n] = '\0';
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum card_error kz_assuan_data(const char *data, size_t n, card_secret_t *out)
{
	for (size_t i = 0; i < n; i++) {
		enum card_error err;
		int byte = (unsigned char)data[i];

		if (data[i] == '%') {
			int high = i + 2 < n ? hex_digit(data[i + 1]) : -1;
			int low = i + 2 < n ? hex_digit(data[i + 2]) : -1;

			if (high < 0 || low < 0)
				return CARD_ERR_MALFORMED;
			byte = high * 16 + low;
			i += 2;
		}
		err = card_secret_push(out, (uint8_t)byte);
		if (err != CARD_OK)
			return err;
	}
	return CARD_OK;
}

/* The terminal that pinentry may draw on; "" if there is none. */
static void find_terminal(char *out, size_t cap)
{
	static const int fds[] = {STDERR_FILENO, STDIN_FILENO, STDOUT_FILENO};
	int fd;

	out[0] = '\0';
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
		if (ttyname_r(fds[i], out, cap) == 0)
			return;
	}
	out[0] = '\0';
	fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0) {
		snprintf(out, cap, "/dev/tty");
		close(fd);
	}
}

static bool has_screen(void)
{
	const char *x = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");

	return (x != NULL && *x != '\0') || (wayland != NULL && *wayland != '\0');
}

/* One socket in both directions: a write to a dead peer then fails instead of raising SIGPIPE. */
static bool start(struct pinentry *pe)
{
	const char *program = getenv("PINENTRY");
	int pair[2];

	if (program == NULL || *program == '\0')
		program = "pinentry";
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return false;
	pe->pid = fork();
	if (pe->pid == 0) {
		signal(SIGPIPE, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
		if (dup2(pair[1], STDIN_FILENO) >= 0 && dup2(pair[1], STDOUT_FILENO) >= 0)
			execlp(program, program, (char *)NULL);
		_exit(127);
	}
	close(pair[1]);
	pe->fd = pair[0];
	if (pe->pid > 0)
		return true;
	close(pe->fd);
	return false;
}

static void stop(struct pinentry *pe)
{
	card_wipe(pe->line, sizeof pe->line);
	close(pe->fd);
	while (waitpid(pe->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* One line without its end. */
static bool receive(struct pinentry *pe)
{
	pe->n = 0;
	for (;;) {
		ssize_t got;
		char c;

		do
			got = recv(pe->fd, &c, 1, 0);
		while (got < 0 && errno == EINTR);
		if (got <= 0 || pe->n > LINE_MAX_ASSUAN)
			return false;
		if (c == '\n') {
			pe->line[pe->n] = '\0';
			return true;
		}
		pe->line[pe->n++] = c;
	}
}

/* OK, or what an ERR line means. A data line on the way goes to out. */
static enum card_error answer(struct pinentry *pe, card_secret_t *out)
{
	enum card_error err = CARD_OK;

	for (;;) {
		if (!receive(pe))
			return CARD_ERR_UNSUPPORTED;
		if (strncmp(pe->line, "OK", 2) == 0 && (pe->n == 2 || pe->line[2] == ' '))
			return err;
		if (strncmp(pe->line, "D ", 2) == 0 && out != NULL && err == CARD_OK) {
			err = kz_assuan_data(pe->line + 2, pe->n - 2, out);
			card_wipe(pe->line, sizeof pe->line);
		} else if (strncmp(pe->line, "ERR ", 4) == 0) {
			unsigned long code = strtoul(pe->line + 4, NULL, 10) & 0xFFFFu;

			if (code == GPG_CANCELED || code == GPG_FULLY_CANCELED)
				return CARD_ERR_CANCELLED;
			return code == GPG_TIMEOUT ? CARD_ERR_TIMEOUT : CARD_ERR_UNSUPPORTED;
		}
	}
}

static enum card_error request(struct pinentry *pe, const char *command, const char *argument,
			       card_secret_t *out)
{
	char escaped[LINE_MAX_ASSUAN - 64], line[LINE_MAX_ASSUAN];
	int n;

	if (!kz_assuan_escape(argument, escaped, sizeof escaped))
		return CARD_ERR_TOO_LONG;
	n = snprintf(line, sizeof line, "%s%s%s\n", command, *escaped != '\0' ? " " : "", escaped);
	if (n < 0 || (size_t)n >= sizeof line)
		return CARD_ERR_TOO_LONG;
	if (send(pe->fd, line, (size_t)n, MSG_NOSIGNAL) != n)
		return CARD_ERR_UNSUPPORTED;
	return answer(pe, out);
}

/* Settings that a pinentry may not know: its refusal does not matter. */
static void option(struct pinentry *pe, const char *name, const char *value)
{
	char text[512];
	int n = snprintf(text, sizeof text, "%s=%s", name, value);

	if (n > 0 && (size_t)n < sizeof text && *value != '\0')
		(void)request(pe, "OPTION", text, NULL);
}

static enum card_error talk(struct pinentry *pe, const struct kz_prompt *p, const char *terminal,
			    card_secret_t *out)
{
	const char *type = getenv("TERM");
	enum card_error err = answer(pe, NULL);

	if (err != CARD_OK)
		return CARD_ERR_UNSUPPORTED;
	option(pe, "ttyname", terminal);
	option(pe, "ttytype", type != NULL ? type : "");
	option(pe, "lc-ctype", "C.UTF-8");
	option(pe, "lc-messages", p->lang == CARD_LANG_JA ? "ja_JP.UTF-8" : "C.UTF-8");
	(void)request(pe, "SETTIMEOUT", "120", NULL);
	err = request(pe, "SETTITLE", p->title, NULL);
	if (err == CARD_OK)
		err = request(pe, "SETDESC", p->description, NULL);
	if (err == CARD_OK)
		err = request(pe, "SETPROMPT", p->label, NULL);
	if (err == CARD_OK)
		err = request(pe, "GETPIN", "", out);
	if (err == CARD_OK || err == CARD_ERR_CANCELLED)
		(void)send(pe->fd, "BYE\n", 4, MSG_NOSIGNAL);
	return err;
}

enum card_error kz_prompt_pinentry(const struct kz_prompt *p, card_secret_t *out)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction interrupt, quit;
	struct pinentry pe = {.pid = -1};
	char terminal[256];
	enum card_error err;

	find_terminal(terminal, sizeof terminal);
	if (*terminal == '\0' && !has_screen())
		return CARD_ERR_UNSUPPORTED;
	/* Ctrl-C is for pinentry, which puts the terminal in order and says "cancelled". */
	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGQUIT, &ignore, &quit);
	err = CARD_ERR_UNSUPPORTED;
	if (start(&pe)) {
		err = talk(&pe, p, terminal, out);
		stop(&pe);
	}
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	if (err != CARD_OK)
		card_secret_wipe(out);
	return err;
}
