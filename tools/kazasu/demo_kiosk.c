/* SPDX-License-Identifier: Apache-2.0 */
#include "demo_kiosk.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <openssl/rand.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <card/bytes.h>
#include <card/date.h>

#include "file.h"
#include "run.h"

#define START_MS 60000
#define PATH     (KZ_PATH_MAX + 64)

/* ---- files ---- */

static bool place(const struct demo_kiosk *d, const char *name, char out[PATH])
{
	const int n = snprintf(out, PATH, "%s/%s", d->folder, name);

	return n > 0 && n < PATH;
}

static bool put(const struct demo_kiosk *d, const char *name, const void *p, size_t n)
{
	char path[PATH];
	int fd = place(d, name, path) ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)
				      : -1;
	const bool good = fd >= 0 && kz_file_put(fd, card_bytes(p, n));

	return fd >= 0 && close(fd) == 0 && good;
}

static bool put_text(const struct demo_kiosk *d, const char *name, const char *text)
{
	return put(d, name, text, strlen(text));
}

static bool copy(const struct demo_kiosk *d, const char *from, const char *to)
{
	uint8_t content[16384];
	FILE *f = fopen(from, "re");
	const size_t n = f != NULL ? fread(content, 1, sizeof content, f) : 0;

	if (f != NULL)
		fclose(f);
	return n > 0 && n < sizeof content && put(d, to, content, n);
}

static bool copy_own(const struct demo_kiosk *d, const char *from, const char *to)
{
	char path[PATH];

	return place(d, from, path) && copy(d, path, to);
}

static bool copy_fixture(const struct demo_kiosk *d, const char *from, const char *to)
{
	char path[PATH];
	const int n = snprintf(path, sizeof path, "%s/%s", d->fixtures, from);

	return n > 0 && n < PATH && copy(d, path, to);
}

static bool make_folder(const struct demo_kiosk *d, const char *name)
{
	char path[PATH];

	return place(d, name, path) && mkdir(path, 0700) == 0;
}

/* ---- programs ---- */

static bool run(const struct demo_kiosk *d, const char *program, const char *const *words)
{
	char path[PATH];
	const char *argv[16] = {path};
	card_buf_t quiet = {0};
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC), status = 1;
	enum card_error err;

	snprintf(path, sizeof path, "%s/%s", d->programs, program);
	for (size_t i = 0; words[i] != NULL && i < 14; i++)
		argv[i + 1] = words[i];
	err = null < 0 ? CARD_ERR_IO : kz_run(argv, NULL, &quiet, null, &status);
	card_buf_free(&quiet);
	if (null >= 0)
		close(null);
	return err == CARD_OK && status == 0;
}

/* A server; its output comes through *out. */
static pid_t start(const struct demo_kiosk *d, const char *program, const char *const *words,
		   int *out)
{
	char path[PATH];
	union {
		const char *borrowed[8];
		char *expected[8]; /* execv does not write to them */
	} argv = {{path}};
	int both[2];
	pid_t pid;

	snprintf(path, sizeof path, "%s/%s", d->programs, program);
	for (size_t i = 0; words[i] != NULL && i < 6; i++)
		argv.borrowed[i + 1] = words[i];
	if (pipe2(both, O_CLOEXEC) != 0)
		return -1;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (dup2(both[1], STDOUT_FILENO) >= 0 && dup2(both[1], STDERR_FILENO) >= 0)
			execv(path, argv.expected);
		_exit(127);
	}
	close(both[1]);
	*out = both[0];
	return pid;
}

/* "… port=N" or "listening on HOST:N"; 0: it ended or says nothing. */
static unsigned port_of(int out)
{
	char text[2048];
	size_t n = 0;

	while (n + 1 < sizeof text) {
		struct pollfd p = {out, POLLIN, 0};
		ssize_t got =
			poll(&p, 1, START_MS) > 0 ? read(out, text + n, sizeof text - n - 1) : 0;
		const char *at;

		if (got <= 0)
			return 0;
		n += (size_t)got;
		text[n] = '\0';
		at = strstr(text, " port=");
		if (at != NULL && strchr(at, '\n') != NULL)
			return (unsigned)strtoul(at + 6, NULL, 10);
		at = strstr(text, "listening on ");
		if (at != NULL && strchr(at, '\n') != NULL)
			return (unsigned)strtoul(strrchr(at, ':') + 1, NULL, 10);
	}
	return 0;
}

static void stop(pid_t *pid, int *out)
{
	if (*pid > 0) {
		kill(*pid, SIGTERM);
		while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (*out >= 0)
		close(*out);
	*pid = 0;
	*out = -1;
}

/* ---- the municipality ---- */

static bool begin_issuer(struct demo_kiosk *d, unsigned *port)
{
	char folder[PATH], config[PATH], pki[PATH];
	const char *const make_pki[] = {"--make-test-pki", pki, NULL};
	const char *const make_test[] = {"--make-test", folder, NULL};
	const char *const generate[] = {"--config",   config,      "--generate", "30",
					"--personas", d->fixtures, NULL};
	const char *const serve[] = {"--config", config, NULL};

	if (!place(d, "issuer", folder) || !place(d, "issuer/issuer.conf", config) ||
	    !place(d, "pki", pki) || !run(d, "kazasu-center", make_pki) ||
	    !run(d, "kazasu-issuer", make_test) || !copy_own(d, "pki/ca.pem", "issuer/ca.pem") ||
	    !copy_own(d, "pki/municipality-13221.pem", "issuer/municipality-13221.pem") ||
	    !copy_own(d, "pki/municipality-13221.key", "issuer/municipality-13221.key"))
		return false;
	if (!run(d, "kazasu-issuer", generate))
		return false;
	d->issuer = start(d, "kazasu-issuer", serve, &d->issuer_out);
	*port = d->issuer > 0 ? port_of(d->issuer_out) : 0;
	return *port > 0;
}

/* ---- the centre ---- */

static bool tables(const struct demo_kiosk *d, unsigned port)
{
	char text[512];

	snprintf(
		text, sizeof text,
		"code,name,prefecture,from,methods,issuer,number,window,place,hours,phone,seal\n"
		"13221,清瀬市,東京都,2020-01-01,new,https://127.0.0.1:%u,yes,市民課,清瀬市役所,8:30-17:00,,\n",
		port);
	return make_folder(d, "rules") && make_folder(d, "rules/signers") &&
	       copy_own(d, "issuer/signing.pem", "rules/signers/13221.pem") &&
	       put_text(d, "rules/municipalities.csv", text) &&
	       put_text(
		       d, "rules/kinds.csv",
		       "municipality,kind,from,open,close,calendar\n13221,juminhyo,2020-01-01,,,always\n") &&
	       put_text(
		       d, "rules/fees.csv",
		       "municipality,kind,channel,from,amount\n13221,juminhyo,kiosk,2020-01-01,200\n") &&
	       put_text(d, "rules/closures.csv", "municipality,kind,from,to,reason\n") &&
	       put_text(d, "rules/terminals.csv",
			"terminal,store,place,from,to\nT1,Store 1,東京都千代田区,2020-01-01,\n");
}

static bool center_files(const struct demo_kiosk *d)
{
	static const char config[] =
		"{\"name\": \"center-1\", \"audience\": \"kazasu-center:demo\", \"port\": 0, \"tls_ca\": \"pki/ca.pem\",\n"
		" \"tls_certificate\": \"pki/center-center-1.pem\", \"tls_key\": \"pki/center-center-1.key\",\n"
		" \"store\": \"center.db\", \"rules\": \"rules\", \"master_key\": \"master.key\",\n"
		" \"back_key\": \"back.key\", \"trust\": \"trust\", \"crl\": \"../store\", \"test_roots\": true}\n";
	uint8_t key[32];

	return RAND_bytes(key, sizeof key) == 1 && put(d, "master.key", key, sizeof key) &&
	       copy_fixture(d, "paper/paper-key.pem", "back.key") && make_folder(d, "trust") &&
	       copy_fixture(d, "trust/auth-1.pem", "trust/auth-1.pem") &&
	       copy_fixture(d, "trust/auth-2.pem", "trust/auth-2.pem") &&
	       put_text(d, "center.json", config);
}

static bool begin_center(struct demo_kiosk *d, unsigned *port)
{
	const struct card_date today = card_date_in_japan((int64_t)time(NULL));
	char config[PATH], day[11], noon[32];
	const char *const serve[] = {"--config", config, "--at", noon, NULL};

	card_date_format(today, day);
	snprintf(noon, sizeof noon, "%sT12:00:00+09:00", day);
	if (!center_files(d) || !place(d, "center.json", config))
		return false;
	d->center = start(d, "kazasu-center", serve, &d->center_out);
	*port = d->center > 0 ? port_of(d->center_out) : 0;
	return *port > 0;
}

static bool terminal_file(struct demo_kiosk *d, unsigned port)
{
	char text[8 * KZ_PATH_MAX];
	const int n = snprintf(d->config, sizeof d->config, "%.*s/terminal.conf", KZ_PATH_MAX - 32,
			       d->folder);

	snprintf(
		text, sizeof text,
		"center = https://127.0.0.1:%u\naudience = kazasu-center:demo\nca = %s/pki/ca.pem\n"
		"certificate = %s/pki/terminal-T1.pem\nkey = %s/pki/terminal-T1.key\nstate = %s/terminal\n",
		port, d->folder, d->folder, d->folder, d->folder);
	return n > 0 && put_text(d, "terminal.conf", text) && make_folder(d, "tmp");
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

bool demo_kiosk_begin(struct demo_kiosk *d, const char *folder)
{
	char whole[KZ_PATH_MAX];
	unsigned port;

	memset(d, 0, sizeof *d);
	d->issuer_out = d->center_out = -1;
	if (realpath(folder, whole) == NULL || strlen(whole) + 96 > sizeof whole ||
	    !kz_place_program(d->programs, sizeof d->programs) ||
	    !kz_place_fixtures(d->fixtures, sizeof d->fixtures))
		return false;
	snprintf(d->folder, sizeof d->folder, "%.*s/kiosk", KZ_PATH_MAX - 16, whole);
	/* That of an earlier run. */
	(void)nftw(d->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	if (mkdir(d->folder, 0700) != 0)
		return false;
	return begin_issuer(d, &port) && tables(d, port) && begin_center(d, &port) &&
	       terminal_file(d, port);
}

void demo_kiosk_end(struct demo_kiosk *d)
{
	stop(&d->center, &d->center_out);
	stop(&d->issuer, &d->issuer_out);
}
