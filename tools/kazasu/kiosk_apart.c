/* SPDX-License-Identifier: Apache-2.0 */
#include "kiosk.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <card/secret.h>

#include "file.h"

/* The other process: the result's error is its exit code, its bytes go into the pipe. */
static void become(kiosk_work *work, void *ctx, int fd)
{
	const struct rlimit none = {0, 0};
	card_buf_t made = {0};
	enum card_error err;

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	err = work(ctx, &made);
	if (err == CARD_OK && !kz_file_put(fd, card_buf_bytes(&made)))
		err = CARD_ERR_IO;
	_exit(err == CARD_OK ? 0 : (int)err < 200 ? (int)err + 1 : 255);
}

static enum card_error collect(int fd, card_buf_t *out)
{
	uint8_t block[65536];
	enum card_error err = CARD_OK;
	ssize_t n;

	for (;;) {
		n = read(fd, block, sizeof block);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		if (err == CARD_OK)
			err = card_buf_append(out, card_bytes(block, (size_t)n));
	}
	card_wipe(block, sizeof block);
	return n < 0 ? CARD_ERR_IO : err;
}

enum card_error kiosk_apart(kiosk_work *work, void *ctx, card_buf_t *out)
{
	enum card_error err;
	int pipe_fd[2], code = 0;
	pid_t pid;

	if (pipe2(pipe_fd, O_CLOEXEC) != 0)
		return CARD_ERR_IO;
	fflush(stdout);
	fflush(stderr);
	pid = fork();
	if (pid == 0) {
		close(pipe_fd[0]);
		become(work, ctx, pipe_fd[1]);
	}
	close(pipe_fd[1]);
	err = pid > 0 ? collect(pipe_fd[0], out) : CARD_ERR_IO;
	close(pipe_fd[0]);
	while (pid > 0 && waitpid(pid, &code, 0) < 0) {
		if (errno != EINTR)
			return CARD_ERR_IO;
	}
	if (err != CARD_OK || pid <= 0)
		return err;
	if (!WIFEXITED(code) || WEXITSTATUS(code) == 255)
		return CARD_ERR_INTERNAL;
	return WEXITSTATUS(code) == 0 ? CARD_OK : (enum card_error)(WEXITSTATUS(code) - 1);
}
