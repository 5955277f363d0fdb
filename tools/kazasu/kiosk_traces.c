/* SPDX-License-Identifier: Apache-2.0 */
#include "kiosk.h"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <card/secret.h>

#define TRACES_MAX 1024u
#define WINDOW     ((size_t)1 << 20)
#define PAGE       4096u
#define RESERVED   ((uint64_t)1 << 40) /* more is address space that a sanitizer keeps, not memory */
#define DEPTH_MAX  6u
#define FILE_BYTES ((off_t)256 << 20)

struct trace {
	uint8_t masked[KIOSK_TRACE_LENGTH];
	size_t n;
};

struct kiosk_traces {
	uint8_t mask[KIOSK_TRACE_LENGTH];
	uint8_t pair[65536 / 8]; /* which first two bytes occur, by their masked value */
	struct trace trace[TRACES_MAX];
	size_t n;
	uint8_t *window; /* what is looked at; a mapping of its own, passed over itself */
};

struct kiosk_traces *kiosk_traces_new(void)
{
	struct kiosk_traces *t = calloc(1, sizeof *t);

	if (t == NULL || RAND_bytes(t->mask, sizeof t->mask) != 1) {
		free(t);
		return NULL;
	}
	t->window = mmap(NULL, WINDOW + KIOSK_TRACE_LENGTH, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (t->window == MAP_FAILED) {
		free(t);
		return NULL;
	}
	return t;
}

void kiosk_traces_destroy(struct kiosk_traces **t)
{
	if (*t == NULL)
		return;
	munmap((*t)->window, WINDOW + KIOSK_TRACE_LENGTH);
	card_wipe(*t, sizeof **t);
	free(*t);
	*t = NULL;
}

static size_t pair_of(const struct kiosk_traces *t, const uint8_t *p)
{
	return (size_t)(p[0] ^ t->mask[0]) << 8 | (size_t)(p[1] ^ t->mask[1]);
}

void kiosk_traces_add(struct kiosk_traces *t, struct card_bytes bytes)
{
	struct trace *one;
	bool same = true;
	size_t n = bytes.n < KIOSK_TRACE_LENGTH ? bytes.n : KIOSK_TRACE_LENGTH, pair;

	for (size_t i = 1; i < n; i++)
		same &= bytes.p[i] == bytes.p[0];
	if (n < KIOSK_TRACE_MIN || same || t->n == TRACES_MAX)
		return;
	one = &t->trace[t->n++];
	*one = (struct trace){.n = n};
	for (size_t i = 0; i < n; i++)
		one->masked[i] = bytes.p[i] ^ t->mask[i];
	pair = pair_of(t, bytes.p);
	t->pair[pair / 8] |= (uint8_t)(1u << pair % 8);
}

size_t kiosk_traces_count(const struct kiosk_traces *t)
{
	return t->n;
}

static void index_again(struct kiosk_traces *t)
{
	memset(t->pair, 0, sizeof t->pair);
	for (size_t i = 0; i < t->n; i++) {
		const size_t pair = (size_t)t->trace[i].masked[0] << 8 | t->trace[i].masked[1];

		t->pair[pair / 8] |= (uint8_t)(1u << pair % 8);
	}
}

void kiosk_traces_clear(struct kiosk_traces *t)
{
	memset(t->trace, 0, sizeof t->trace);
	t->n = 0;
	index_again(t);
}

static bool is_here(const struct kiosk_traces *t, const struct trace *one, const uint8_t *p)
{
	for (size_t i = 0; i < one->n; i++)
		if ((p[i] ^ t->mask[i]) != one->masked[i])
			return false;
	return true;
}

/* Matches that begin in p[0..n); KIOSK_TRACE_LENGTH bytes behind may be read. */
static long count(struct kiosk_traces *t, const uint8_t *p, size_t n)
{
	long found = 0;

	for (size_t i = 0; i < n; i++) {
		const size_t pair = pair_of(t, p + i);

		if ((t->pair[pair / 8] & 1u << pair % 8) == 0)
			continue;
		for (size_t k = 0; k < t->n; k++)
			found += is_here(t, &t->trace[k], p + i);
	}
	return found;
}

/* ---- memory ---- */

/* A process that cannot be dumped may open its own memory only as root: for a moment it can. */
static int open_memory(void)
{
	int dumpable = prctl(PR_GET_DUMPABLE), fd;

	prctl(PR_SET_DUMPABLE, 1);
	fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	prctl(PR_SET_DUMPABLE, dumpable > 0 ? dumpable : 0);
	return fd;
}

/* One mapping; what cannot be read is a guard page or kept from everybody. */
static long in_range(struct kiosk_traces *t, int fd, uint64_t from, uint64_t to)
{
	const uint64_t own = (uint64_t)(uintptr_t)t->window;
	long found = 0;

	if (from < own + WINDOW + KIOSK_TRACE_LENGTH && own < to) {
		const uint64_t end = own + WINDOW + KIOSK_TRACE_LENGTH;

		found += own > from ? in_range(t, fd, from, own) : 0;
		found += to > end ? in_range(t, fd, end, to) : 0;
		return found;
	}
	while (from < to) {
		const uint64_t left = to - from;
		const size_t want = left < WINDOW + KIOSK_TRACE_LENGTH
					    ? (size_t)left
					    : WINDOW + KIOSK_TRACE_LENGTH;
		ssize_t got;

		memset(t->window, 0, WINDOW + KIOSK_TRACE_LENGTH);
		got = pread(fd, t->window, want, (off_t)from);
		if (got > 0)
			found += count(t, t->window, (size_t)got < WINDOW ? (size_t)got : WINDOW);
		/* A page that nobody may read is passed over. */
		if (got <= 0)
			from += PAGE;
		else
			from += (size_t)got < WINDOW ? ((uint64_t)got + PAGE - 1) / PAGE * PAGE
						     : WINDOW;
	}
	return found;
}

long kiosk_traces_in_memory(struct kiosk_traces *t)
{
	/* No stdio and no heap while looking: a list of mappings would move them. */
	FILE *maps = fopen("/proc/self/maps", "re");
	int fd = maps != NULL ? open_memory() : -1;
	char line[KZ_PATH_MAX + 128];
	long found = 0;

	if (fd < 0) {
		if (maps != NULL)
			fclose(maps);
		return -1;
	}
	while (fgets(line, sizeof line, maps) != NULL) {
		/* "from-to rwxp …" */
		char *end;
		const uint64_t from = strtoull(line, &end, 16);
		const uint64_t to = *end == '-' ? strtoull(end + 1, &end, 16) : 0;

		if (to > from && strncmp(end, " rw", 3) == 0 && to - from < RESERVED)
			found += in_range(t, fd, from, to);
	}
	fclose(maps);
	close(fd);
	card_wipe(t->window, WINDOW + KIOSK_TRACE_LENGTH);
	return found;
}

/* ---- folders ---- */

static long in_file(struct kiosk_traces *t, int fd)
{
	long found = 0;
	off_t at = 0;

	while (at < FILE_BYTES) {
		ssize_t got;

		memset(t->window, 0, WINDOW + KIOSK_TRACE_LENGTH);
		got = pread(fd, t->window, WINDOW + KIOSK_TRACE_LENGTH, at);
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		found += count(t, t->window, (size_t)got < WINDOW ? (size_t)got : WINDOW);
		at += (off_t)WINDOW;
	}
	return found;
}

/* Where the paper comes out: it is the person's. */
struct besides {
	dev_t device;
	ino_t node;
};

static long in_folder(struct kiosk_traces *t, int folder, const struct besides *besides,
		      int64_t since, unsigned depth)
{
	DIR *dir = fdopendir(folder);
	const struct dirent *entry;
	long found = 0;

	if (dir == NULL) {
		close(folder);
		return -1;
	}
	while ((entry = readdir(dir)) != NULL) {
		struct stat st;
		long n = 0;
		int fd;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (!S_ISDIR(st.st_mode) && (!S_ISREG(st.st_mode) || st.st_mtime < since))
			continue;
		if (S_ISDIR(st.st_mode) &&
		    (depth == DEPTH_MAX || st.st_uid != geteuid() ||
		     (st.st_dev == besides->device && st.st_ino == besides->node)))
			continue;
		/* What another user keeps to himself was not written by this one. */
		fd = openat(dirfd(dir), entry->d_name,
			    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		if (fd < 0)
			continue;
		if (S_ISDIR(st.st_mode)) {
			n = in_folder(t, fd, besides, since, depth + 1);
		} else {
			n = in_file(t, fd);
			close(fd);
		}
		found += n > 0 ? n : 0;
	}
	closedir(dir);
	return found;
}

long kiosk_traces_in_folder(struct kiosk_traces *t, const char *folder, const char *besides,
			    int64_t since)
{
	const int fd = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	struct besides not_here = {0, 0};
	struct stat st;
	long found;

	if (stat(besides, &st) == 0)
		not_here = (struct besides){st.st_dev, st.st_ino};
	found = fd >= 0 ? in_folder(t, fd, &not_here, since, 0) : -1;
	card_wipe(t->window, WINDOW + KIOSK_TRACE_LENGTH);
	return found;
}
