/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fuzz target without libFuzzer: the corpus, then a fixed number of mutations of it, the same
 * at every run. Usage: replay_<target> [CORPUS [MUTATIONS]]; CORPUS is build/fuzz/corpus/<target>
 * unless given. A broken promise or a sanitizer's
 * finding ends the program; with FUZZ_KEEP_INPUT set the input that did it is in <program>.input.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

#define SEEDS_MAX 512
#define INPUT_MAX (64u * 1024u)

static struct seed {
	char name[256];
	uint8_t *p;
	size_t n;
} seeds[SEEDS_MAX];
static size_t count;

static uint64_t state;

static uint32_t draw(void)
{
	/* xorshift64*: any fixed sequence will do. */
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)(state * UINT64_C(2685821657736338717) >> 32);
}

static void load(const char *folder, const char *name)
{
	char path[4096];
	struct seed *s = &seeds[count];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "rbe");
	if (f == NULL || count == SEEDS_MAX)
		abort();
	s->p = malloc(INPUT_MAX);
	if (s->p == NULL)
		abort();
	s->n = fread(s->p, 1, INPUT_MAX, f);
	(void)snprintf(s->name, sizeof(s->name), "%s", name);
	(void)fclose(f);
	count++;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct seed *)a)->name, ((const struct seed *)b)->name);
}

static void load_all(const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	if (d == NULL)
		abort();
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			load(folder, e->d_name);
	(void)closedir(d);
	qsort(seeds, count, sizeof(seeds[0]), by_name);
}

/* One change. Returns the new length. */
static size_t change(uint8_t *p, size_t n)
{
	static const uint8_t telling[] = {0x00, 0x01, 0x7F, 0x80, 0x81,
					  0x82, 0x84, 0xFF, 0x30, 0x61};
	size_t at = n > 0 ? draw() % n : 0, length = n > 0 ? draw() % (n - at) : 0;

	switch (n == 0 ? 5 : draw() % 8) {
	case 0:
		p[at] ^= (uint8_t)(1u << draw() % 8);
		return n;
	case 1:
		p[at] = (uint8_t)draw();
		return n;
	case 2:
	case 3:
		p[at] = telling[draw() % sizeof(telling)];
		return n;
	case 4: /* cut out */
		memmove(p + at, p + at + length, n - at - length);
		return n - length;
	case 5: /* put in */
		if (n + 1 > INPUT_MAX)
			return n;
		memmove(p + at + 1, p + at, n - at);
		p[at] = (uint8_t)draw();
		return n + 1;
	case 6: /* say twice */
		if (n + length > INPUT_MAX)
			return n;
		memmove(p + at + length, p + at, n - at);
		return n + length;
	default: /* cut off */
		return at;
	}
}

static const char *target;

static void run(const uint8_t *p, size_t n)
{
	/* An exact copy: one byte further belongs to nobody. */
	uint8_t *exact = malloc(n > 0 ? n : 1);
	char name[256];
	FILE *f;

	if (exact == NULL)
		abort();
	memcpy(exact, p, n);
	(void)snprintf(name, sizeof(name), "%s.input", target);
	if (getenv("FUZZ_KEEP_INPUT") != NULL && (f = fopen(name, "wbe")) != NULL) {
		(void)fwrite(exact, 1, n, f);
		(void)fclose(f);
	}
	(void)LLVMFuzzerTestOneInput(exact, n);
	free(exact);
}

/* From build/asan/tests/fuzz/replay_<name> to build/fuzz/corpus/<name>. */
static const char *usual_corpus(void)
{
	static char path[4096];
	const char *slash = strrchr(target, '/'), *name = strrchr(target, '_');

	if (slash == NULL || name == NULL)
		abort();
	(void)snprintf(path, sizeof(path), "%.*s/../../../fuzz/corpus/%s", (int)(slash - target),
		       target, name + 1);
	return path;
}

int main(int argc, char **argv)
{
	static uint8_t work[INPUT_MAX];
	unsigned long mutations = argc > 2 ? strtoul(argv[2], NULL, 10) : 2500;

	target = argv[0];
	load_all(argc > 1 ? argv[1] : usual_corpus());
	for (size_t i = 0; i < count; i++)
		run(seeds[i].p, seeds[i].n);
	for (unsigned long i = 0; i < mutations && count > 0; i++) {
		const struct seed *s;
		size_t n;

		state = UINT64_C(0x9E3779B97F4A7C15) * (i + 1);
		s = &seeds[draw() % count];
		n = s->n;
		memcpy(work, s->p, n);
		for (unsigned k = 1 + draw() % 4; k > 0; k--)
			n = change(work, n);
		run(work, n);
	}
	printf("[       OK ] %zu seeds and %lu mutations\n", count, mutations);
	printf(count > 0 ? "[  PASSED  ] 1 test(s).\n" : "[  FAILED  ] 1 test(s).\n");
	for (size_t i = 0; i < count; i++)
		free(seeds[i].p);
	return count > 0 ? 0 : 1;
}
