/* SPDX-License-Identifier: Apache-2.0 */
#include "pg_server.h"

#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "tree.h"

#define OWNER "kazasu_owner"

/* The newest server installed (Debian keeps one folder a version). */
static void program(const char *name, char out[256])
{
	char pattern[256];
	glob_t found;

	snprintf(pattern, sizeof pattern, "/usr/lib/postgresql/*/bin/%s", name);
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	snprintf(out, 256, "%s", found.gl_pathv[found.gl_pathc - 1]);
	globfree(&found);
}

/* PostgreSQL refuses to run as root: its own user, or nobody. */
static void step_down(void)
{
	const struct passwd *p;

	if (geteuid() != 0)
		return;
	p = getpwnam("postgres");
	if (p == NULL)
		p = getpwnam("nobody");
	if (p == NULL || setgroups(0, NULL) != 0 || setgid(p->pw_gid) != 0 ||
	    setuid(p->pw_uid) != 0)
		_exit(126);
}

static pid_t run(const struct pg_server *s, char *const argv[])
{
	const pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		const int null = open("/dev/null", O_RDWR);
		char log[96];
		int out;

		step_down();
		prctl(PR_SET_PDEATHSIG, SIGQUIT);
		snprintf(log, sizeof log, "%s/log", s->folder);
		out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
		dup2(null, 0);
		dup2(out, 1);
		dup2(out, 2);
		if (chdir(s->folder) == 0)
			execv(argv[0], argv);
		_exit(127);
	}
	return pid;
}

static void wait_ready(const struct pg_server *s)
{
	char where[256];

	pg_server_where(s, NULL, where);
	for (int i = 0; i < 600; i++) {
		PGconn *c = PQconnectdb(strchr(where, ':') + 1);
		const ConnStatusType status = PQstatus(c);

		PQfinish(c);
		if (status == CONNECTION_OK)
			return;
		usleep(50000);
	}
	fail_msg("the PostgreSQL server did not start (%s/log)", s->folder);
}

static void launch(struct pg_server *s)
{
	char postgres[256], data[96];
	char *argv[] = {postgres,
			(char[]){"-D"},
			data,
			(char[]){"-k"},
			s->folder,
			(char[]){"-c"},
			(char[]){"listen_addresses="},
			(char[]){"-c"},
			(char[]){"shared_buffers=8MB"},
			NULL};

	program("postgres", postgres);
	snprintf(data, sizeof data, "%s/data", s->folder);
	s->pid = run(s, argv);
	wait_ready(s);
}

void pg_server_start(struct pg_server *s)
{
	char initdb[256], data[96];
	char *argv[] = {initdb,
			(char[]){"-D"},
			data,
			(char[]){"-U"},
			(char[]){OWNER},
			(char[]){"--auth=trust"},
			(char[]){"--no-sync"},
			(char[]){"-E"},
			(char[]){"UTF8"},
			(char[]){"--locale=C"},
			NULL};
	int status;

	tree_scratch(s->folder);
	if (geteuid() == 0) {
		const struct passwd *p = getpwnam("postgres");

		if (p == NULL)
			p = getpwnam("nobody");
		assert_non_null(p);
		assert_int_equal(chown(s->folder, p->pw_uid, p->pw_gid), 0);
	}
	program("initdb", initdb);
	snprintf(data, sizeof data, "%s/data", s->folder);
	assert_int_equal(waitpid(run(s, argv), &status, 0) > 0 && WIFEXITED(status), 1);
	assert_int_equal(WEXITSTATUS(status), 0);
	launch(s);
}

void pg_server_stop(struct pg_server *s)
{
	if (s->pid > 0) {
		kill(s->pid, SIGINT); /* fast shutdown */
		waitpid(s->pid, NULL, 0);
	}
	s->pid = 0;
	tree_scratch_remove(s->folder);
}

void pg_server_crash(struct pg_server *s)
{
	kill(s->pid, SIGQUIT); /* immediate: no checkpoint, recovery at the next start */
	waitpid(s->pid, NULL, 0);
	launch(s);
}

void pg_server_where(const struct pg_server *s, const char *user, char out[256])
{
	snprintf(out, 256, "postgresql:host=%s user=%s dbname=postgres", s->folder,
		 user != NULL ? user : OWNER);
}
