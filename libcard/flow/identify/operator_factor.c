/* SPDX-License-Identifier: Apache-2.0 */
/* operator_factor.c — an authenticator that is a program of its own, such as a vein reader (PD-31). */
#include <cardflow/operator.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT 30 /* seconds: a person lays a hand on a reader, maybe twice */

/* The new process; never returns. */
static void become(const struct flow_factor_command *c, const char *operator_id)
{
	union {
		const char *borrowed[4];
		char *expected[4]; /* execv does not write to them */
	} words = {{c->command, operator_id, c->terminal != NULL ? c->terminal : "", NULL}};
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		_exit(127);
	/* Nothing else that is open here, a store or a secret's descriptor, goes along. */
	if (close_range(3, ~0U, 0) != 0)
		_exit(127);
	setpgid(0, 0); /* killed with what it started */
	signal(SIGPIPE, SIG_DFL);
	execv(c->command, words.expected);
	_exit(127);
}

/* True when the process has ended within the time. */
static bool ends(pid_t pid, int seconds)
{
	const int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int n;

	if (fd < 0)
		return false;
	do
		n = poll(&p, 1, seconds * 1000);
	while (n < 0 && errno == EINTR);
	close(fd);
	return n == 1;
}

bool flow_factor_run(void *ctx, const char *operator_id)
{
	struct flow_factor_command *c = ctx;
	const int timeout = c->timeout > 0 ? c->timeout : TIMEOUT;
	int status = 0;
	bool ended;
	pid_t pid;

	c->status = -1;
	if (c->command == NULL || c->command[0] != '/' || operator_id == NULL)
		return false;
	pid = fork();
	if (pid < 0)
		return false;
	if (pid == 0)
		become(c, operator_id);
	ended = ends(pid, timeout);
	if (!ended) {
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL);
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return false;
	}
	if (!ended)
		return false;
	c->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return c->status == 0;
}
