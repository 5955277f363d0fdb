/* SPDX-License-Identifier: Apache-2.0 */
/* The indexes of a directory, as one thread sees them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pki_crl.h"

/* One scope that was asked for; index is NULL while there is none. */
struct slot {
	bool used;
	uint8_t key[32], scope[32];
	card_crl_index_t *index;
	int64_t checked_ms;
};

/* Longest name of a directory. */
#define DIR_MAX ((size_t)3800)

struct card_crl_store {
	char *dir; /* by name: whoever ships the files may replace the whole directory */
	unsigned recheck_ms;
	struct slot *slot; /* a hash table of cap slots, a power of two */
	size_t cap, n;
};

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

enum card_error card_crl_store_open(card_crl_store_t **out, const char *dir, unsigned recheck_ms)
{
	struct stat st;
	if (!out || !dir || strlen(dir) >= DIR_MAX)
		return CARD_ERR_INVALID_ARGUMENT;
	card_crl_store_t *s = calloc(1, sizeof(*s));
	if (!s)
		return CARD_ERR_NO_MEMORY;
	s->recheck_ms = recheck_ms;
	s->cap = 64;
	s->slot = calloc(s->cap, sizeof(*s->slot));
	s->dir = strdup(dir);
	enum card_error err = s->slot && s->dir ? CARD_OK : CARD_ERR_NO_MEMORY;
	if (!err && (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode) || access(dir, X_OK) != 0))
		err = CARD_ERR_IO;
	if (err) {
		card_crl_store_close(&s);
		return err;
	}
	*out = s;
	return CARD_OK;
}

void card_crl_store_close(card_crl_store_t **store)
{
	if (!store || !*store)
		return;
	card_crl_store_t *s = *store;
	for (size_t i = 0; s->slot && i < s->cap; i++)
		card_crl_index_close(&s->slot[i].index);
	free(s->slot);
	free(s->dir);
	free(s);
	*store = NULL;
}

/* The slot of this scope, or the free one where it belongs. Keys are digests:
 * eight octets of each are hash enough. */
static struct slot *slot_of(struct slot *table, size_t cap, const uint8_t key[32],
			    const uint8_t scope[32])
{
	uint64_t a, b;
	memcpy(&a, key, 8);
	memcpy(&b, scope, 8);
	for (size_t i = (size_t)(a ^ b);; i++) {
		struct slot *s = &table[i & (cap - 1)];
		if (!s->used || (memcmp(s->key, key, 32) == 0 && memcmp(s->scope, scope, 32) == 0))
			return s;
	}
}

static bool grow(card_crl_store_t *s)
{
	struct slot *more = calloc(s->cap * 2, sizeof(*more));
	if (!more)
		return false;
	for (size_t i = 0; i < s->cap; i++)
		if (s->slot[i].used)
			*slot_of(more, s->cap * 2, s->slot[i].key, s->slot[i].scope) = s->slot[i];
	free(s->slot);
	s->slot = more;
	s->cap *= 2;
	return true;
}

/* Look at the file again and open it if it is another one. A file that is gone
 * or damaged leaves no index: the answer is then "undetermined", not the old one. */
static void refresh(card_crl_store_t *s, struct slot *slot, int64_t now)
{
	char name[PKI_INDEX_NAME], path[DIR_MAX + 1 + PKI_INDEX_NAME];
	struct stat st;
	slot->checked_ms = now;
	pki_index_name(slot->key, slot->scope, name);
	snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	if (slot->index && stat(path, &st) == 0 && st.st_dev == slot->index->dev &&
	    st.st_ino == slot->index->ino &&
	    (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec == slot->index->mtime_ns)
		return;
	card_crl_index_close(&slot->index);
	if (pki_index_open(&slot->index, AT_FDCWD, path))
		return;
	if (memcmp(slot->index->info.issuer_key, slot->key, 32) != 0 ||
	    memcmp(slot->index->info.scope, slot->scope, 32) != 0)
		card_crl_index_close(&slot->index);
}

const card_crl_index_t *card_crl_store_find(card_crl_store_t *store, const uint8_t issuer_key[32],
					    const uint8_t scope[32])
{
	if (!store || !issuer_key || !scope)
		return NULL;
	int64_t now = now_ms();
	struct slot *slot = slot_of(store->slot, store->cap, issuer_key, scope);
	if (slot->used && now - slot->checked_ms < store->recheck_ms)
		return slot->index;
	if (!slot->used) {
		if (store->n * 2 >= store->cap) {
			if (!grow(store))
				return NULL;
			slot = slot_of(store->slot, store->cap, issuer_key, scope);
		}
		slot->used = true;
		memcpy(slot->key, issuer_key, 32);
		memcpy(slot->scope, scope, 32);
		store->n++;
	}
	refresh(store, slot, now);
	return slot->index;
}

/* ---- scopes ---- */

/* Directory names and URIs must not meet: one octet before them tells them apart. */
static enum card_error scope_of(uint8_t kind, struct card_bytes b, uint8_t scope[32])
{
	card_buf_t all = {0};
	uint8_t digest[CARD_HASH_MAX];
	enum card_error err = card_buf_append_byte(&all, kind);
	if (!err)
		err = card_buf_append(&all, b);
	if (!err)
		err = card_hash_digest(CARD_HASH_SHA256, card_buf_bytes(&all), digest);
	if (!err)
		memcpy(scope, digest, 32);
	card_buf_free(&all);
	return err;
}

enum card_error card_crl_scope_of_name(struct card_bytes canonical, uint8_t scope[32])
{
	if (!scope || (!canonical.p && canonical.n))
		return CARD_ERR_INVALID_ARGUMENT;
	memset(scope, 0, 32);
	return canonical.n ? scope_of('D', canonical, scope) : CARD_OK;
}

enum card_error pki_crl_scope(struct card_bytes directory, struct card_bytes uri, uint8_t scope[32])
{
	memset(scope, 0, 32);
	if (!directory.n)
		return uri.n ? scope_of('U', uri, scope) : CARD_OK;
	card_buf_t canonical = {0};
	enum card_error err = card_name_canonical(directory, &canonical);
	if (!err)
		err = scope_of('D', card_buf_bytes(&canonical), scope);
	card_buf_free(&canonical);
	return err;
}

enum card_error card_crl_scope(const card_cert_t *cert, uint8_t scope[32])
{
	if (!cert || !scope)
		return CARD_ERR_INVALID_ARGUMENT;
	return pki_crl_scope(cert->dist_point, cert->dist_point_uri, scope);
}

enum card_error card_crl_issuer_key(const card_cert_t *issuer, uint8_t key[32])
{
	uint8_t digest[CARD_HASH_MAX];
	if (!issuer || !key)
		return CARD_ERR_INVALID_ARGUMENT;
	enum card_error err = card_hash_digest(CARD_HASH_SHA256, issuer->spki, digest);
	if (!err)
		memcpy(key, digest, 32);
	return err;
}

/* ---- the files ---- */

static int is_index(const struct dirent *e)
{
	size_t n = strlen(e->d_name);
	return n > 5 && e->d_name[0] != '.' && strcmp(e->d_name + n - 5, ".crlx") == 0;
}

enum card_error card_crl_store_each(const char *dir, card_crl_file_fn *fn, void *ctx)
{
	struct dirent **entry;
	if (!dir || !fn)
		return CARD_ERR_INVALID_ARGUMENT;
	int n = scandir(dir, &entry, is_index, alphasort);
	if (n < 0)
		return errno == ENOMEM ? CARD_ERR_NO_MEMORY : CARD_ERR_IO;
	for (int i = 0; i < n; i++) {
		char path[4096];
		int len = snprintf(path, sizeof(path), "%s/%s", dir, entry[i]->d_name);
		if (len > 0 && (size_t)len < sizeof(path))
			fn(ctx, path);
		free(entry[i]);
	}
	free(entry);
	return CARD_OK;
}
