/* SPDX-License-Identifier: Apache-2.0 */
/* kiosk_wait.c — questions to a resident who may have walked away (flows §1.8, K16, K27). */
#include "kiosk.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cardflow/issue_idle.h>

#include "output.h"

static bool put(int tty, const char *text)
{
	const size_t n = strlen(text);

	return write(tty, text, n) == (ssize_t)n;
}

/* A line, or 0 bytes when somebody pressed Enter. -1: none. */
static ssize_t read_line(int tty, char *line, size_t cap)
{
	ssize_t n = read(tty, line, cap - 1);

	if (n <= 0)
		return -1;
	line[strcspn(line, "\r\n")] = '\0';
	line[n] = '\0';
	return (ssize_t)strlen(line);
}

static bool is_yes(const char *line)
{
	return strcmp(line, "y") == 0 || strcmp(line, "yes") == 0 || strcmp(line, "はい") == 0;
}

/* Enter alone, once the warning is there, asks for more time. */
static enum card_error wait_for_answer(int tty, const char *question)
{
	struct flow_idle idle;
	bool warned = false;
	char line[64];
	int left;

	flow_idle_start(&idle, (int64_t)time(NULL));
	for (;;) {
		struct pollfd fd = {.fd = tty, .events = POLLIN};
		enum flow_idle_state state;

		if (poll(&fd, 1, 1000) > 0) {
			if (read_line(tty, line, sizeof line) < 0)
				return CARD_ERR_CANCELLED;
			if (line[0] != '\0' || !warned ||
			    !flow_idle_extend(&idle, (int64_t)time(NULL)))
				return is_yes(line) ? CARD_OK : CARD_ERR_CANCELLED;
			warned = false;
			put(tty, question);
			put(tty, " ");
		}
		state = flow_idle_look(&idle, (int64_t)time(NULL), &left);
		if (state == FLOW_IDLE_OVER)
			return CARD_ERR_TIMEOUT;
		if (state == FLOW_IDLE_WARNING && !warned) {
			put(tty, "\n");
			put(tty, _("Are you still there? Press Enter for more time."));
			put(tty, " ");
			warned = true;
		}
	}
}

enum card_error kiosk_ask(struct kiosk *k, const char *question)
{
	const int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	enum card_error err = CARD_ERR_CANCELLED;

	(void)k;
	if (tty < 0)
		return err;
	if (put(tty, question) && put(tty, " "))
		err = wait_for_answer(tty, question);
	put(tty, err == CARD_ERR_TIMEOUT ? "\n" : "");
	close(tty);
	return err;
}
