/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation lists on their way into a store, and index files as they may be found damaged: an
 * index that opens is read without looking at its sum first, as lookups do.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <card/crl.h>

#include "fuzz.h"

static char store[] = "/tmp/kazasu-fuzz-XXXXXX";
static card_trust_t *trust;

static void empty_store(void)
{
	DIR *d = opendir(store);
	struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			(void)unlinkat(dirfd(d), e->d_name, 0);
	(void)closedir(d);
}

static void remove_store(void)
{
	empty_store();
	(void)rmdir(store);
	card_trust_free(&trust);
}

static void start(void)
{
	fuzz_require(mkdtemp(store) != NULL);
	fuzz_require(card_trust_new(&trust, CARD_TRUST_TEST_ROOTS) == CARD_OK);
	(void)card_trust_load(trust, "build/fixtures/trust", NULL, NULL);
	fuzz_require(atexit(remove_store) == 0);
}

static int file_of(const uint8_t *data, size_t size)
{
	int fd = memfd_create("list", MFD_CLOEXEC);

	fuzz_require(fd >= 0);
	if (size > 0 && write(fd, data, size) != (ssize_t)size)
		abort();
	fuzz_require(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static void import(const uint8_t *data, size_t size)
{
	struct card_crl_import how = {.store = store, .trust = trust, .now = time(NULL)};
	struct card_crl_report report;
	char number[CARD_CRL_NUMBER_TEXT];
	int fd = file_of(data, size);
	enum card_error err = fuzz_known(card_crl_import(&how, fd, &report));

	fuzz_require((err == CARD_OK) == (report.refusal == CARD_CRL_TAKEN));
	fuzz_require(report.refusal < CARD_CRL_REFUSED_COUNT_);
	fuzz_require(card_crl_refusal_text(report.refusal, CARD_LANG_JA) != NULL);
	card_crl_number_text(&report.info, number);
	if (err == CARD_OK && !report.unchanged)
		empty_store();
	(void)close(fd);
}

static bool seen(void *ctx, struct card_bytes serial, const struct card_crl_entry *entry)
{
	unsigned *left = ctx;

	fuzz_touch(serial);
	(void)card_crl_reason_name(entry->reason);
	return --*left > 0;
}

static void index_file(const uint8_t *data, size_t size)
{
	static const uint8_t serials[][4] = {
		{0x01}, {0x12, 0x34, 0x56, 0x78}, {0xFF, 0xFF, 0xFF, 0xFF}};
	card_crl_index_t *x = NULL;
	struct card_crl_entry e;
	unsigned left = 10000;
	char path[40];
	int fd = file_of(data, size);

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fuzz_known(card_crl_index_open(&x, path)) == CARD_OK) {
		fuzz_require(strlen(card_crl_index_info(x)->issuer) < 512);
		for (size_t i = 0; i < 3; i++)
			(void)card_crl_index_lookup(x, card_bytes(serials[i], i == 0 ? 1 : 4), &e);
		(void)card_crl_index_lookup(x, card_bytes(data, size < 20 ? size : 20), &e);
		(void)fuzz_known(card_crl_index_verify(x));
		card_crl_index_each(x, seen, &left);
	}
	card_crl_index_close(&x);
	(void)close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (trust == NULL)
		start();
	if (size > 0 && (data[0] == 0x30 || data[0] == '-'))
		import(data, size);
	else
		index_file(data, size);
	return 0;
}
