/* SPDX-License-Identifier: Apache-2.0 */
/* fault_run.c — one run of the terminal, which may end at any of its durable steps: what it has renamed
 * into place or forced to the disk stays, the rest is gone. */
#include "fault_town.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS    40
#define PATIENCE 300 /* seconds, on a machine that does other things too */

static void write_config(const struct fault_town *t, const struct fault_run *r, const char *path)
{
	FILE *f = fopen(path, "we");

	if (f == NULL)
		fault_die("%s: %s", path, strerror(errno));
	fprintf(f, "center = https://127.0.0.1:%u\naudience = kazasu-center:test\n",
		t->center_wire);
	fprintf(f, "ca = %s/pki/ca.pem\ncertificate = %s/pki/terminal-%s.pem\n", t->folder,
		t->folder, t->terminal);
	fprintf(f, "key = %s/pki/terminal-%s.key\nstate = %s/state\nmessage-seconds = %d\n",
		t->folder, t->terminal, r->folder, r->message_seconds);
	fclose(f);
}

static pid_t launch(const struct fault_town *t, const struct fault_run *r, int pins)
{
	char config[FAULT_PATH + 96], out[FAULT_PATH + 96], json[FAULT_PATH + 96];
	char said[FAULT_PATH + 96], program[FAULT_PATH + 96];
	char words[512], *rest = NULL;
	char *argv[WORDS] = {program,
			     (char[]){"--reader"},
			     strdup(r->card),
			     (char[]){"--test-roots"},
			     (char[]){"kiosk"},
			     (char[]){"issue"},
			     (char[]){"--config"},
			     config,
			     (char[]){"-o"},
			     out,
			     (char[]){"--municipality"},
			     (char[]){"13221"},
			     (char[]){"--pin-fd"},
			     (char[]){"0"},
			     (char[]){"--json"},
			     (char[]){"--hurry"}};
	int n = 16, to, err;
	pid_t pid;

	fault_path(program, t->bin, "kazasu");
	fault_path(config, r->folder, "kiosk.conf");
	fault_path(out, r->folder, r->out);
	snprintf(json, sizeof json, "%s/%s.json", r->folder, r->out);
	snprintf(said, sizeof said, "%s/%s.said", r->folder, r->out);
	write_config(t, r, config);
	snprintf(words, sizeof words, "%s", r->arguments);
	for (char *w = strtok_r(words, " ", &rest); w != NULL && n < WORDS - 1;
	     w = strtok_r(NULL, " ", &rest))
		argv[n++] = w;
	argv[n] = NULL;
	to = open(json, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	err = open(said, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	pid = fork();
	if (pid < 0)
		fault_die("fork: %s", strerror(errno));
	if (pid == 0) {
		dup2(pins, 0);
		dup2(to, 1);
		dup2(err, 2);
		alarm(PATIENCE);
		if (r->trace)
			ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execv(program, argv);
		_exit(127);
	}
	close(to);
	close(err);
	free(argv[2]);
	return pid;
}

/* Whether the file that is to be renamed is there at all. */
static bool is_there(pid_t pid, uint64_t address)
{
	char path[FAULT_PATH * 2] = "";
	const struct iovec here = {path, sizeof path - 1};
	const struct iovec there = {(void *)(uintptr_t)address, sizeof path - 1};

	return process_vm_readv(pid, &here, 1, &there, 1, 0) > 0 && access(path, F_OK) == 0;
}

/* What is there after a power cut: renamed into place, or forced to the disk. */
static bool is_durable(pid_t pid, const struct __ptrace_syscall_info *info)
{
	if (info->entry.nr == SYS_rename)
		return is_there(pid, info->entry.args[0]);
	return info->entry.nr == SYS_fdatasync;
}

/* From stop to stop until it ends. Its children are not followed. */
static int follow(struct fault_run *r, pid_t pid)
{
	struct __ptrace_syscall_info info;
	bool inside = false;
	int status, number = 0;

	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		return status;
	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, number) != 0 && errno != ESRCH)
			fault_die("ptrace: %s", strerror(errno));
		if (waitpid(pid, &status, 0) != pid)
			fault_die("waitpid: %s", strerror(errno));
		if (WIFEXITED(status) || WIFSIGNALED(status))
			return status;
		number = 0;
		if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
			number = WSTOPSIG(status) != SIGTRAP ? WSTOPSIG(status) : 0;
			continue;
		}
		if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0)
			continue;
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
			inside = is_durable(pid, &info);
			if (inside && ++r->durable == r->cut_at && r->cut_before)
				kill(pid, SIGKILL);
		} else if (inside && r->durable == r->cut_at) {
			kill(pid, SIGKILL);
		}
	}
}

/* The document that it printed last, as far as it came. */
static void read_told(struct fault_run *r)
{
	char path[FAULT_PATH + 96];
	const char *text;
	json_t *json;

	snprintf(path, sizeof path, "%s/%s.json", r->folder, r->out);
	json = json_load_file(path, 0, NULL);
	text = json_string_value(json_object_get(json, "state"));
	snprintf(r->state, sizeof r->state, "%s", text != NULL ? text : "");
	text = json_string_value(json_object_get(json, "transaction"));
	snprintf(r->transaction, sizeof r->transaction, "%s", text != NULL ? text : "");
	json_decref(json);
}

void fault_run(struct fault_town *t, struct fault_run *r)
{
	char path[FAULT_PATH + 96];
	int pins[2], status = 0;
	pid_t pid;

	mkdir(r->folder, 0700);
	fault_path(path, r->folder, r->out);
	mkdir(path, 0700);
	if (pipe2(pins, O_CLOEXEC) != 0 ||
	    write(pins[1], r->pins, strlen(r->pins)) != (ssize_t)strlen(r->pins))
		fault_die("pipe: %s", strerror(errno));
	close(pins[1]);
	r->durable = 0;
	pid = launch(t, r, pins[0]);
	close(pins[0]);
	atomic_store(&t->kiosk, (int)pid);
	if (r->trace)
		status = follow(r, pid);
	else
		waitpid(pid, &status, 0);
	atomic_store(&t->kiosk, 0);
	r->status = WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
	read_told(r);
}
