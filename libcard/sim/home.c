/* SPDX-License-Identifier: Apache-2.0 */
#include "home.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef KAZASU_DATADIR
#define KAZASU_DATADIR "/usr/local/share"
#endif

#define FILE_LIMIT ((size_t)8 * 1024 * 1024)

enum card_error sim_fail(struct card_sim_problem *problem, enum card_error err, const char *fmt,
			 ...)
{
	va_list ap;

	if (problem) {
		va_start(ap, fmt);
		vsnprintf(problem->text, sizeof problem->text, fmt, ap);
		va_end(ap);
	}
	return err;
}

bool sim_path(char out[SIM_PATH_MAX], const char *dir, const char *folder, const char *name,
	      const char *suffix)
{
	int n = snprintf(out, SIM_PATH_MAX, "%s/%s%s%s%s", dir, folder, *folder ? "/" : "", name,
			 suffix);

	return n > 0 && n < SIM_PATH_MAX;
}

static bool is_fixtures(const char *dir)
{
	char path[SIM_PATH_MAX];

	return sim_path(path, dir, "trust", "cv-ca", ".csv") && access(path, R_OK) == 0;
}

static bool take(struct sim_home *home, const char *dir)
{
	if (!dir || strlen(dir) >= sizeof home->dir || !is_fixtures(dir))
		return false;
	snprintf(home->dir, sizeof home->dir, "%s", dir);
	return true;
}

static bool near_executable(struct sim_home *home)
{
	char exe[SIM_PATH_MAX], dir[SIM_PATH_MAX + 16];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);

	if (n <= 0)
		return false;
	exe[n] = 0;
	for (int up = 0; up < 5; up++) {
		char *slash = strrchr(exe, '/');

		if (!slash)
			return false;
		*slash = 0;
		snprintf(dir, sizeof dir, "%s/fixtures", exe);
		if (take(home, dir))
			return true;
	}
	return false;
}

enum card_error sim_home_find(struct sim_home *home, const char *wanted,
			      struct card_sim_problem *problem)
{
	memset(home, 0, sizeof *home);
	if (wanted) {
		if (take(home, wanted))
			return CARD_OK;
		return sim_fail(problem, CARD_ERR_NOT_FOUND,
				"No fixtures in %.200s (trust/cv-ca.csv is missing).", wanted);
	}
	if (near_executable(home) || take(home, getenv("KAZASU_FIXTURES")) ||
	    take(home, KAZASU_DATADIR "/kazasu/fixtures"))
		return CARD_OK;
	return sim_fail(
		problem, CARD_ERR_NOT_FOUND,
		"The virtual card needs its fixtures (test keys and personas): run `make` in the "
		"source tree, or set KAZASU_FIXTURES to a folder made by it.");
}

bool sim_file_read(const char *path, struct sim_buf *out)
{
	FILE *f = fopen(path, "rbe");
	uint8_t block[4096];
	size_t n, total = 0;

	if (!f)
		return false;
	while ((n = fread(block, 1, sizeof block, f)) > 0 && total <= FILE_LIMIT) {
		sim_put(out, block, n);
		total += n;
	}
	bool good = !ferror(f) && total <= FILE_LIMIT && !out->failed;
	fclose(f);
	return good;
}

static bool write_all(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return false;
		p += w;
		n -= (size_t)w;
	}
	return true;
}

static bool sync_folder_of(const char *path)
{
	char copy[SIM_PATH_MAX + 32];

	snprintf(copy, sizeof copy, "%s", path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool good = fsync(fd) == 0;
	close(fd);
	return good;
}

/* A synced temporary file beside path, its name in tmp. */
static bool write_beside(const char *path, char tmp[SIM_PATH_MAX + 32], const void *p, size_t n,
			 unsigned mode)
{
	int len = snprintf(tmp, SIM_PATH_MAX + 32, "%s.XXXXXX", path);

	if (len <= 0 || len >= SIM_PATH_MAX + 32)
		return false;
	int fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return false;
	bool good = write_all(fd, p, n) && fchmod(fd, (mode_t)mode) == 0 && fsync(fd) == 0;
	good = close(fd) == 0 && good;
	if (!good)
		unlink(tmp);
	return good;
}

bool sim_file_replace(const char *path, const void *p, size_t n, unsigned mode)
{
	char tmp[SIM_PATH_MAX + 32];

	if (!write_beside(path, tmp, p, n, mode))
		return false;
	if (rename(tmp, path) != 0) {
		unlink(tmp);
		return false;
	}
	return sync_folder_of(path);
}

bool sim_file_create(const char *path, const void *p, size_t n, unsigned mode)
{
	char tmp[SIM_PATH_MAX + 32];

	if (!write_beside(path, tmp, p, n, mode))
		return false;
	bool good = link(tmp, path) == 0 || errno == EEXIST;
	unlink(tmp);
	return good;
}
