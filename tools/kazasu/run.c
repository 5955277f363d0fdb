/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define INPUT_FD 3

static void close_pair(int pair[2])
{
	for (int i = 0; i < 2; i++) {
		if (pair[i] >= 0)
			close(pair[i]);
		pair[i] = -1;
	}
}

/* The new process; never returns. */
static void become(const char *const *argv, int in, int out, int show)
{
	union {
		const char *const *borrowed;
		char *const *expected; /* execvp does not write to them */
	} words = {argv};

	if (show < 0)
		show = out;
	signal(SIGPIPE, SIG_DFL);
	if (dup2(show, STDERR_FILENO) < 0 || dup2(out >= 0 ? out : show, STDOUT_FILENO) < 0)
		_exit(126);
	/* dup2 to itself would leave close-on-exec set. */
	if (in >= 0 && (in == INPUT_FD ? fcntl(in, F_SETFD, 0) : dup2(in, INPUT_FD)) < 0)
		_exit(126);
	execvp(argv[0], words.expected);
	_exit(127);
}

static enum card_error collect(int fd, card_buf_t *out)
{
	uint8_t block[4096];
	enum card_error err = CARD_OK;

	for (;;) {
		ssize_t n = read(fd, block, sizeof block);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? CARD_ERR_IO : err;
		if (err == CARD_OK)
			err = card_buf_append(out, card_bytes(block, (size_t)n));
	}
}

enum card_error kz_run(const char *const *argv, const char *input, card_buf_t *out, int show,
		       int *status)
{
	int in_pair[2] = {-1, -1}, out_pair[2] = {-1, -1}, code;
	enum card_error err = CARD_OK;
	pid_t pid;

	if ((input != NULL && pipe2(in_pair, O_CLOEXEC) != 0) ||
	    (out != NULL && pipe2(out_pair, O_CLOEXEC) != 0)) {
		close_pair(in_pair);
		return CARD_ERR_IO;
	}
	fflush(stdout);
	fflush(stderr);
	pid = fork();
	if (pid == 0)
		become(argv, in_pair[0], out_pair[1], show);
	if (pid > 0 && input != NULL) {
		/* A few bytes: they fit into the pipe. */
		if (write(in_pair[1], input, strlen(input)) != (ssize_t)strlen(input))
			err = CARD_ERR_IO;
	}
	close_pair(in_pair);
	if (out_pair[1] >= 0) {
		close(out_pair[1]);
		out_pair[1] = -1;
	}
	if (pid > 0 && out != NULL) {
		enum card_error collected = collect(out_pair[0], out);

		err = err != CARD_OK ? err : collected;
	}
	close_pair(out_pair);
	if (pid < 0)
		return CARD_ERR_IO;
	while (waitpid(pid, &code, 0) < 0) {
		if (errno != EINTR)
			return CARD_ERR_IO;
	}
	*status = WIFEXITED(code) ? WEXITSTATUS(code) : 128 + WTERMSIG(code);
	return err == CARD_OK && *status == 127 ? CARD_ERR_NOT_FOUND : err;
}
