/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/document.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "digest.h"

/* Pages are hashed and given back in pieces of this size. */
#define PIECE ((size_t)4 * 1024 * 1024)

struct flow_file {
	struct card_bytes content;
	uint8_t *map; /* the same bytes, if they were mapped */
	flow_progress_fn *progress;
	void *progress_ctx;
};

static enum card_error map(int fd, uint8_t **out, size_t *n)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) != 0)
		return CARD_ERR_IO;
	if (!S_ISREG(st.st_mode))
		return CARD_ERR_UNSUPPORTED;
	*out = NULL;
	*n = 0;
	if (st.st_size == 0)
		return CARD_OK;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return CARD_ERR_IO;
	*out = p;
	*n = (size_t)st.st_size;
	return CARD_OK;
}

enum card_error flow_file_open(flow_file_t **out, const char *path)
{
	uint8_t *content;
	enum card_error err;
	size_t n;
	int fd;

	if (out == NULL || path == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? CARD_ERR_NOT_FOUND : CARD_ERR_IO;
	err = map(fd, &content, &n);
	close(fd);
	if (err != CARD_OK)
		return err;
	err = flow_file_of_memory(out, card_bytes(content, n));
	if (err == CARD_OK)
		(*out)->map = content;
	else if (content != NULL)
		munmap(content, n);
	return err;
}

enum card_error flow_file_of_memory(flow_file_t **out, struct card_bytes content)
{
	flow_file_t *f;

	if (out == NULL || (content.p == NULL && content.n > 0))
		return CARD_ERR_INVALID_ARGUMENT;
	f = calloc(1, sizeof(*f));
	if (f == NULL)
		return CARD_ERR_NO_MEMORY;
	f->content = content;
	*out = f;
	return CARD_OK;
}

void flow_file_free(flow_file_t **f)
{
	if (f == NULL || *f == NULL)
		return;
	if ((*f)->map != NULL)
		munmap((*f)->map, (*f)->content.n);
	free(*f);
	*f = NULL;
}

struct card_bytes flow_file_bytes(const flow_file_t *f)
{
	return f != NULL ? f->content : card_bytes(NULL, 0);
}

void flow_file_progress(flow_file_t *f, flow_progress_fn *fn, void *ctx)
{
	if (f == NULL)
		return;
	f->progress = fn;
	f->progress_ctx = ctx;
}

/* Let the kernel map the pages of a piece at once instead of one fault after another; where it
 * cannot, they come by faults. */
static void fetch(const flow_file_t *f, size_t start, size_t n)
{
#ifdef MADV_POPULATE_READ
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const size_t from = start / page * page;

	if (f->map != NULL)
		(void)madvise(f->map + from, start + n - from, MADV_POPULATE_READ);
#else
	(void)f, (void)start, (void)n;
#endif
}

/* Give the pages of one hashed piece back; they come again from the file when they are needed. */
static void give_back(const flow_file_t *f, size_t start, size_t n)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const size_t from = (start + page - 1) / page * page, to = (start + n) / page * page;

	if (f->map != NULL && to > from)
		(void)madvise(f->map + from, to - from, MADV_DONTNEED);
}

static bool hash_range(const flow_file_t *f, EVP_MD_CTX *md, struct flow_range r, uint64_t *done,
		       uint64_t all)
{
	for (size_t at = 0; at < r.length;) {
		const size_t n = r.length - at < PIECE ? r.length - at : PIECE;

		fetch(f, r.start + at, n);
		if (EVP_DigestUpdate(md, f->content.p + r.start + at, n) != 1)
			return false;
		give_back(f, r.start + at, n);
		at += n;
		*done += n;
		if (f->progress != NULL)
			f->progress(f->progress_ctx, *done, all);
	}
	return true;
}

static const EVP_MD *md_of(enum card_hash hash)
{
	switch (hash) {
	case CARD_HASH_SHA1:
		return EVP_sha1();
	case CARD_HASH_SHA256:
		return EVP_sha256();
	case CARD_HASH_SHA384:
		return EVP_sha384();
	case CARD_HASH_SHA512:
		return EVP_sha512();
	default:
		return NULL;
	}
}

static enum card_error digest(const flow_file_t *f, enum card_hash hash,
			      const struct flow_range *ranges, size_t n,
			      const struct card_bytes *tail, size_t tails,
			      uint8_t out[CARD_HASH_MAX])
{
	const EVP_MD *md = md_of(hash);
	uint64_t done = 0, all = 0;
	EVP_MD_CTX *ctx;
	bool ok;

	if (md == NULL)
		return CARD_ERR_UNSUPPORTED;
	for (size_t i = 0; i < n; i++) {
		if (ranges[i].start > f->content.n ||
		    ranges[i].length > f->content.n - ranges[i].start)
			return CARD_ERR_INVALID_ARGUMENT;
		all += ranges[i].length;
	}
	ctx = EVP_MD_CTX_new();
	ok = ctx != NULL && EVP_DigestInit_ex(ctx, md, NULL) == 1;
	for (size_t i = 0; ok && i < n; i++)
		ok = hash_range(f, ctx, ranges[i], &done, all);
	for (size_t i = 0; ok && i < tails; i++)
		ok = EVP_DigestUpdate(ctx, tail[i].p, tail[i].n) == 1;
	ok = ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return ok ? CARD_OK : CARD_ERR_CRYPTO;
}

enum card_error flow_file_digest(const flow_file_t *f, enum card_hash hash,
				 const struct flow_range *ranges, size_t n,
				 uint8_t out[CARD_HASH_MAX])
{
	if (f == NULL || (ranges == NULL && n > 0) || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	return digest(f, hash, ranges, n, NULL, 0, out);
}

enum card_error document_digest_with_tail(const flow_file_t *f, enum card_hash hash,
					  const struct card_bytes *tail, size_t n,
					  uint8_t out[CARD_HASH_MAX])
{
	const struct flow_range all = {0, f->content.n};

	return digest(f, hash, &all, 1, tail, n, out);
}

size_t document_read(const flow_file_t *f, size_t at, void *to, size_t n)
{
	const size_t left = at < f->content.n ? f->content.n - at : 0;
	const size_t take = n < left ? n : left, end = at + take, start = at / PIECE * PIECE;

	if (take == 0)
		return 0;
	if (at == start)
		fetch(f, start, left < PIECE ? left : PIECE);
	memcpy(to, f->content.p + at, take);
	if (end / PIECE == at / PIECE && end != f->content.n)
		return take;
	give_back(f, start, end - start);
	if (f->progress != NULL)
		f->progress(f->progress_ctx, end, f->content.n);
	return take;
}

enum card_error flow_file_copy(const flow_file_t *f, int fd)
{
	if (f == NULL || fd < 0)
		return CARD_ERR_INVALID_ARGUMENT;
	for (size_t at = 0; at < f->content.n;) {
		const size_t n = f->content.n - at < PIECE ? f->content.n - at : PIECE;

		for (size_t done = 0; done < n;) {
			const ssize_t w = write(fd, f->content.p + at + done, n - done);

			if (w < 0 && errno == EINTR)
				continue;
			if (w <= 0)
				return CARD_ERR_IO;
			done += (size_t)w;
		}
		give_back(f, at, n);
		at += n;
	}
	return CARD_OK;
}
