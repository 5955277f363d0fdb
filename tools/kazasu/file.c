/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"
#include "place.h"

static int fail(struct kz *kz, const char *path, const char *why)
{
	char message[KZ_PATH_MAX + 256];
	const struct kz_failure f = {
		.error = CARD_ERR_IO, .exit = KZ_CANNOT_WRITE, .message = message};

	snprintf(message, sizeof message, _("%s cannot be written: %s"), path, why);
	return kz_fail(kz, &f);
}

/* The folder part of a path, "." if there is none. */
static bool folder_of(const char *path, char *out, size_t cap)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path);

	if (slash == NULL)
		return snprintf(out, cap, ".") > 0;
	if (n == 0)
		n = 1;
	if (n >= cap)
		return false;
	memcpy(out, path, n);
	out[n] = '\0';
	return true;
}

static const char *obstacle(const char *path)
{
	struct stat st;
	const char *name = strrchr(path, '/');

	name = name != NULL ? name + 1 : path;
	if (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return _("that is a folder");
	if (lstat(path, &st) != 0)
		return errno == ENOENT ? NULL : strerror(errno);
	if (S_ISLNK(st.st_mode))
		return _("it is a symbolic link");
	return S_ISREG(st.st_mode) ? NULL : _("it is no regular file");
}

bool kz_file_check(struct kz *kz, const char *path, int *rc)
{
	char folder[KZ_PATH_MAX];
	const char *why = obstacle(path);

	if (why == NULL && !folder_of(path, folder, sizeof folder))
		why = strerror(ENAMETOOLONG);
	if (why == NULL && access(folder, W_OK | X_OK) != 0)
		why = strerror(errno);
	if (why == NULL)
		return true;
	*rc = fail(kz, path, why);
	return false;
}

bool kz_file_put(int fd, struct card_bytes content)
{
	for (size_t done = 0; done < content.n;) {
		ssize_t n = write(fd, content.p + done, content.n - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

int kz_file_write_with(struct kz *kz, const char *path, kz_file_fill *fill, void *ctx,
		       unsigned mode)
{
	char folder[KZ_PATH_MAX], temporary[KZ_PATH_MAX + 16];
	const char *why;
	int fd, rc;

	if (!kz_file_check(kz, path, &rc))
		return rc;
	if (!folder_of(path, folder, sizeof folder))
		return fail(kz, path, strerror(ENAMETOOLONG));
	snprintf(temporary, sizeof temporary, "%s/.kazasu-XXXXXX", folder);
	fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
	if (fd < 0)
		return fail(kz, path, strerror(errno));
	why = NULL;
	if (fchmod(fd, (mode_t)mode) != 0 || !fill(ctx, fd) || fsync(fd) != 0)
		why = strerror(errno);
	if (close(fd) != 0 && why == NULL)
		why = strerror(errno);
	if (why == NULL)
		why = obstacle(path);
	if (why == NULL && rename(temporary, path) != 0)
		why = strerror(errno);
	if (why == NULL)
		return KZ_GO;
	unlink(temporary);
	return fail(kz, path, why);
}

static bool put_all(void *ctx, int fd)
{
	return kz_file_put(fd, *(const struct card_bytes *)ctx);
}

int kz_file_write(struct kz *kz, const char *path, struct card_bytes content, unsigned mode)
{
	return kz_file_write_with(kz, path, put_all, &content, mode);
}
