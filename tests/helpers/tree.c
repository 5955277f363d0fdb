/* SPDX-License-Identifier: Apache-2.0 */
#include "tree.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "test.h"

const char *tree_path(const char *relative)
{
	static char paths[8][4096];
	static unsigned next;
	char *path = paths[next++ % 8];
	char exe[2048];
	char *build;
	const ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);

	assert_true(n > 0);
	exe[n] = '\0';
	/* Tests lie in build/obj/tests/… or build/asan/tests/…. */
	build = strstr(exe, "/build/");
	assert_non_null(build);
	*build = '\0';
	snprintf(path, sizeof paths[0], "%s/%s", exe, relative);
	return path;
}

void tree_scratch(char out[64])
{
	snprintf(out, 64, "/tmp/kazasu-test.XXXXXX");
	assert_non_null(mkdtemp(out));
}

static int remove_one(const char *path, const struct stat *s, int flag, struct FTW *f)
{
	(void)s;
	(void)flag;
	(void)f;
	return remove(path);
}

void tree_scratch_remove(const char *folder)
{
	assert_int_equal(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

void tree_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}
