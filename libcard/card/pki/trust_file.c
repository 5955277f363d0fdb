/* SPDX-License-Identifier: Apache-2.0 */
/* Anchors and certificates out of files, DER or PEM. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/pem.h>

#include "pki_trust.h"

/* A file of anchors: hundreds of certificates. */
#define FILE_MAX_BYTES ((size_t)1024 * 1024)

enum card_error pki_read_file(const char *path, size_t max, card_buf_t *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return CARD_ERR_IO;
	uint8_t block[8192];
	enum card_error err = CARD_OK;
	while (!err) {
		ssize_t n = read(fd, block, sizeof(block));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err = CARD_ERR_IO;
		else if (n > 0 && out->n + (size_t)n > max)
			err = CARD_ERR_TOO_LONG;
		else if (n > 0)
			err = card_buf_append(out, card_bytes(block, (size_t)n));
		if (n == 0)
			break;
	}
	close(fd);
	return err;
}

/* Called with each certificate of a file. */
typedef enum card_error each_fn(void *ctx, struct card_bytes der);

static enum card_error each_pem(struct card_bytes text, each_fn *fn, void *ctx)
{
	BIO *bio = BIO_new_mem_buf(text.p, (int)text.n);
	if (!bio)
		return CARD_ERR_NO_MEMORY;
	enum card_error err = CARD_ERR_NOT_FOUND;
	char *name, *header;
	unsigned char *der;
	long n;
	bool first = true;
	while (PEM_read_bio(bio, &name, &header, &der, &n) == 1) {
		bool cert = strcmp(name, PEM_STRING_X509) == 0 ||
			    strcmp(name, PEM_STRING_X509_OLD) == 0;
		if (cert) {
			enum card_error one = fn(ctx, card_bytes(der, (size_t)n));
			if (first || one)
				err = one;
			first = false;
		}
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_free(der);
		if (cert && err)
			break;
	}
	BIO_free(bio);
	return err;
}

static enum card_error each_certificate(const char *path, each_fn *fn, void *ctx)
{
	card_buf_t file = {0};
	enum card_error err = pki_read_file(path, FILE_MAX_BYTES, &file);
	if (!err) {
		size_t length;
		struct card_bytes all = card_buf_bytes(&file);
		bool der = !card_cert_der_length(all, &length) && length <= all.n;
		err = der ? fn(ctx, all) : each_pem(all, fn, ctx);
	}
	card_buf_free(&file);
	return err;
}

static enum card_error add_one(void *ctx, struct card_bytes der)
{
	return card_trust_add(ctx, der);
}

enum card_error card_trust_add_file(card_trust_t *t, const char *path)
{
	if (!t || !path)
		return CARD_ERR_INVALID_ARGUMENT;
	return each_certificate(path, add_one, t);
}

/* Keeps the first and ends the walk. */
struct keep {
	card_buf_t *out;
	enum card_error err;
};

static enum card_error keep_one(void *ctx, struct card_bytes der)
{
	struct keep *k = ctx;
	k->err = card_buf_append(k->out, der);
	return CARD_ERR_CANCELLED;
}

enum card_error card_cert_read_file(const char *path, card_buf_t *out)
{
	if (!path || !out)
		return CARD_ERR_INVALID_ARGUMENT;
	struct keep k = {out, CARD_OK};
	enum card_error err = each_certificate(path, keep_one, &k);
	return err == CARD_ERR_CANCELLED ? k.err : err;
}

/* Certificates by their name: the usual endings, none at all, or the number of a hashed
 * directory. Other files may lie beside them (keys of cards, a README). */
static int wanted(const struct dirent *e)
{
	static const char *const endings[] = {".pem", ".crt", ".cer", ".der"};
	const char *dot = strrchr(e->d_name, '.');
	if (e->d_name[0] == '.')
		return false;
	if (!dot)
		return true;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (strcasecmp(dot, endings[i]) == 0)
			return true;
	return dot[1] && dot[1 + strspn(dot + 1, "0123456789")] == '\0';
}

enum card_error card_trust_load(card_trust_t *t, const char *dir, card_trust_file_fn *fn, void *ctx)
{
	if (!t || !dir)
		return CARD_ERR_INVALID_ARGUMENT;
	struct dirent **entry;
	/* In the order of names, so that two runs see the same store. */
	int n = scandir(dir, &entry, wanted, alphasort);
	if (n < 0)
		return errno == ENOMEM ? CARD_ERR_NO_MEMORY : CARD_ERR_IO;
	for (int i = 0; i < n; i++) {
		char path[4096];
		struct stat st;
		int len = snprintf(path, sizeof(path), "%s/%s", dir, entry[i]->d_name);
		if (len > 0 && (size_t)len < sizeof(path) && stat(path, &st) == 0 &&
		    S_ISREG(st.st_mode)) {
			enum card_error err = card_trust_add_file(t, path);
			if (fn)
				fn(ctx, path, err);
		}
		free(entry[i]);
	}
	free(entry);
	return CARD_OK;
}
