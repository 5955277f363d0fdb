/* SPDX-License-Identifier: Apache-2.0 */
#include "manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANIFEST_MAX 65536

static bool path_of(const char *folder, const char *name, char out[KZ_PATH_MAX])
{
	const int n = snprintf(out, KZ_PATH_MAX, "%s/%s", folder, name);

	return n > 0 && n < KZ_PATH_MAX;
}

static enum card_error digest(const char *path, char out[65])
{
	uint8_t block[65536], hash[32];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	FILE *f = fopen(path, "re");
	size_t n;
	bool good = f != NULL && ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;

	while (good && (n = fread(block, 1, sizeof block, f)) > 0)
		good = EVP_DigestUpdate(ctx, block, n) == 1;
	good = good && ferror(f) == 0 && EVP_DigestFinal_ex(ctx, hash, NULL) == 1;
	if (f != NULL)
		fclose(f);
	EVP_MD_CTX_free(ctx);
	for (size_t i = 0; good && i < sizeof hash; i++)
		snprintf(out + 2 * i, 3, "%02x", hash[i]);
	return good ? CARD_OK : CARD_ERR_IO;
}

static enum card_error add_text(card_buf_t *text, const char *words)
{
	return card_buf_append(text, card_bytes(words, strlen(words)));
}

enum card_error kz_manifest_line(card_buf_t *text, const char *key, const char *value)
{
	enum card_error err = add_text(text, key);

	if (err == CARD_OK && *value != '\0')
		err = add_text(text, " ");
	if (err == CARD_OK)
		err = add_text(text, value);
	return err == CARD_OK ? add_text(text, "\n") : err;
}

enum card_error kz_manifest_file(card_buf_t *text, const char *folder, const char *name)
{
	char path[KZ_PATH_MAX], hex[65], value[256];
	enum card_error err = path_of(folder, name, path) ? digest(path, hex) : CARD_ERR_TOO_LONG;

	if (err != CARD_OK)
		return err;
	snprintf(value, sizeof value, "%.128s %s", name, hex);
	return kz_manifest_line(text, "sha256", value);
}

static enum card_error write_text(const char *folder, const char *name, const char *text)
{
	char path[KZ_PATH_MAX];
	const size_t n = strlen(text);
	bool good;
	int fd;

	if (!path_of(folder, name, path))
		return CARD_ERR_TOO_LONG;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
	if (fd < 0)
		return CARD_ERR_IO;
	good = write(fd, text, n) == (ssize_t)n && fsync(fd) == 0;
	return close(fd) == 0 && good ? CARD_OK : CARD_ERR_IO;
}

/* A manifest is text: the bytes with a final zero, which is not one of them. */
static enum card_error end_text(card_buf_t *text)
{
	const enum card_error err = card_buf_append(text, card_bytes("", 1));

	if (err == CARD_OK)
		text->n--;
	return err;
}

enum card_error kz_manifest_write(const card_buf_t *text, const char *folder, const journal_t *j)
{
	card_buf_t copy = {0};
	char signature[JOURNAL_SIGNATURE + 1];
	enum card_error err = card_buf_append(&copy, card_buf_bytes(text));

	if (err == CARD_OK)
		err = end_text(&copy);
	if (err == CARD_OK)
		err = journal_sign(j, (const char *)copy.p, signature);
	if (err == CARD_OK)
		err = write_text(folder, "manifest.txt", (const char *)copy.p);
	if (err == CARD_OK)
		err = write_text(folder, "manifest.sig", signature);
	card_buf_free(&copy);
	return err;
}

static enum card_error slurp(const char *folder, const char *name, card_buf_t *out)
{
	char path[KZ_PATH_MAX], block[4096];
	enum card_error err = CARD_OK;
	size_t n;
	FILE *f;

	if (!path_of(folder, name, path))
		return CARD_ERR_TOO_LONG;
	f = fopen(path, "re");
	if (f == NULL)
		return CARD_ERR_NOT_FOUND;
	while (err == CARD_OK && (n = fread(block, 1, sizeof block, f)) > 0)
		err = out->n < MANIFEST_MAX ? card_buf_append(out, card_bytes(block, n))
					    : CARD_ERR_TOO_LONG;
	fclose(f);
	return err == CARD_OK ? end_text(out) : err;
}

/* "NAME HEX" of a line: a plain name whose file has this digest. */
static enum card_error check_file(const char *folder, const char *words)
{
	char name[129], want[65], path[KZ_PATH_MAX], hex[65];

	if (sscanf(words, "%128s %64s", name, want) != 2 || strchr(name, '/') != NULL ||
	    !path_of(folder, name, path) || digest(path, hex) != CARD_OK || strcmp(hex, want) != 0)
		return CARD_ERR_SIGNATURE;
	return CARD_OK;
}

enum card_error kz_manifest_read(const char *folder, const char *first, const char *public_key,
				 card_buf_t *text)
{
	card_buf_t signature = {0};
	enum card_error err = slurp(folder, "manifest.txt", text);

	if (err == CARD_OK)
		err = slurp(folder, "manifest.sig", &signature);
	if (err == CARD_OK && (strncmp((const char *)text->p, first, strlen(first)) != 0 ||
			       text->p[strlen(first)] != '\n'))
		err = CARD_ERR_SIGNATURE;
	if (err == CARD_OK)
		err = journal_signed(public_key, (const char *)text->p, (const char *)signature.p);
	card_buf_free(&signature);
	for (const char *at = (const char *)text->p; err == CARD_OK && at != NULL;) {
		if (strncmp(at, "sha256 ", 7) == 0)
			err = check_file(folder, at + 7);
		at = strchr(at, '\n');
		at += at != NULL;
	}
	return err;
}

bool kz_manifest_get(const card_buf_t *text, const char *key, char *out, size_t room)
{
	const size_t n = strlen(key);

	for (const char *at = (const char *)text->p; at != NULL && *at != '\0';) {
		if (strncmp(at, key, n) == 0 && at[n] == ' ') {
			snprintf(out, room, "%.*s", (int)strcspn(at + n + 1, "\n"), at + n + 1);
			return true;
		}
		at = strchr(at, '\n');
		at += at != NULL;
	}
	return false;
}

enum card_error kz_copy_file(const char *from, const char *to, unsigned mode)
{
	char block[65536];
	FILE *in = fopen(from, "re"), *out = NULL;
	const int fd =
		in != NULL ? open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode) : -1;
	bool good;
	size_t n;

	if (in == NULL)
		return errno == ENOENT ? CARD_ERR_NOT_FOUND : CARD_ERR_IO;
	out = fd >= 0 ? fdopen(fd, "w") : NULL;
	good = out != NULL;
	while (good && (n = fread(block, 1, sizeof block, in)) > 0)
		good = fwrite(block, 1, n, out) == n;
	good = good && ferror(in) == 0 && fflush(out) == 0 && fsync(fd) == 0;
	fclose(in);
	if (out != NULL)
		good = fclose(out) == 0 && good;
	return good ? CARD_OK : CARD_ERR_IO;
}
