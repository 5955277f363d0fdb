/* SPDX-License-Identifier: Apache-2.0 */
#include "chain.h"
#include "language.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void wrong(struct chain *c, uint64_t seq, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void wrong(struct chain *c, uint64_t seq, const char *format, ...)
{
	va_list args;

	if (c->bad != 0 && c->bad <= seq)
		return;
	c->bad = seq;
	va_start(args, format);
	vsnprintf(c->why, sizeof c->why, format, args);
	va_end(args);
}

/* What a lower-case digit stands for, plus one; 0: it is none. */
static const uint8_t digit_of[256] = {
	['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
	['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
	['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16};

static bool unhex(const char *text, uint8_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const unsigned high = digit_of[(uint8_t)text[2 * i]];
		const unsigned low = high != 0 ? digit_of[(uint8_t)text[2 * i + 1]] : 0;

		if (low == 0)
			return false;
		out[i] = (uint8_t)((high - 1) << 4 | (low - 1));
	}
	return text[2 * n] == '\0';
}

static void hex(const uint8_t in[32], char out[65])
{
	for (int i = 0; i < 32; i++) {
		out[2 * i] = "0123456789abcdef"[in[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[in[i] & 15];
	}
	out[64] = '\0';
}

/* SHA-256 over up to four parts. */
struct part {
	const void *p;
	size_t n;
};

static bool digest(struct hasher *h, const struct part *parts, size_t n, uint8_t out[32])
{
	bool good = EVP_DigestInit_ex2(h->ctx, h->md, NULL) == 1;

	for (size_t i = 0; i < n && good; i++)
		good = EVP_DigestUpdate(h->ctx, parts[i].p, parts[i].n) == 1;
	return good && EVP_DigestFinal_ex(h->ctx, out, NULL) == 1;
}

static bool pair(struct hasher *h, const uint8_t *left, uint8_t *inout)
{
	const struct part parts[] = {{"\x01", 1}, {left, 32}, {inout, 32}};

	return digest(h, parts, 3, inout);
}

static bool grow_tree(struct hasher *h, struct chain *c)
{
	const struct part parts[] = {{"\0", 1}, {c->hash, 32}};
	uint8_t top[32];
	uint64_t left = c->records; /* leaves before this one */
	int level = 0;

	if (!digest(h, parts, 2, top))
		return false;
	for (; (left & 1) != 0; left >>= 1)
		if (!pair(h, c->peak[level++], top))
			return false;
	memcpy(c->peak[level], top, 32);
	return true;
}

static bool tree_root(struct hasher *h, const struct chain *c, char out[65])
{
	uint8_t root[32] = {0};
	bool first = true;

	for (int level = 0; level < 64; level++) {
		if ((c->records >> level & 1) == 0)
			continue;
		if (first)
			memcpy(root, c->peak[level], 32);
		else if (!pair(h, c->peak[level], root))
			return false;
		first = false;
	}
	hex(root, out);
	return true;
}

static EVP_PKEY *key_of(const struct hasher *h, const char *terminal)
{
	EVP_PKEY *any = NULL;

	for (size_t i = 0; i < h->keys; i++) {
		if (strcmp(h->key[i].terminal, terminal) == 0)
			return h->key[i].key;
		if (h->key[i].terminal[0] == '\0')
			any = h->key[i].key;
	}
	return any;
}

static bool signature_good(const struct hasher *h, const struct chain *c,
			   const struct checkpoint *p)
{
	EVP_PKEY *key = key_of(h, c->terminal);
	char text[256];
	uint8_t signature[64];
	EVP_MD_CTX *ctx;
	bool good;

	snprintf(text, sizeof text, "KAZASU-CHECKPOINT-1\n%s\n%llu\n%s\n%s\n", c->terminal,
		 (unsigned long long)p->size, p->root, p->time);
	if (!unhex(p->signature, signature, sizeof signature))
		return false;
	ctx = EVP_MD_CTX_new();
	good = ctx != NULL && key != NULL &&
	       EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
	       EVP_DigestVerify(ctx, signature, sizeof signature, (const uint8_t *)text,
				strlen(text)) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

static void check_checkpoints(struct hasher *h, struct chain *c)
{
	for (; c->next < c->checkpoints && c->checkpoint[c->next].size == c->records; c->next++) {
		const struct checkpoint *p = &c->checkpoint[c->next];
		char root[65];

		if (!tree_root(h, c, root) || strcmp(root, p->root) != 0)
			wrong(c, c->signed_to + 1,
			      _("the records up to %llu are not those of a "
				"checkpoint"),
			      (unsigned long long)p->size);
		else if (h->keys > 0 && !signature_good(h, c, p))
			wrong(c, p->size, _("the signature of the checkpoint at %llu is wrong"),
			      (unsigned long long)p->size);
		else
			c->signed_to = p->size;
	}
}

static bool add_span(struct span **list, size_t *n, uint64_t first, uint64_t last)
{
	struct span *more;

	if (*n > 0 && (*list)[*n - 1].last + 1 == first) {
		(*list)[*n - 1].last = last;
		return true;
	}
	if ((*n & (*n - 1)) == 0) {
		more = realloc(*list, (*n == 0 ? 16 : 2 * *n + 16) * sizeof *more);
		if (more == NULL)
			return false;
		*list = more;
	}
	(*list)[(*n)++] = (struct span){first, last};
	return true;
}

/* The n-th field of a body; *len its length. NULL if there are fewer. */
static const char *field(const char *body, int n, size_t *len)
{
	for (; n > 0; n--) {
		body = strchr(body, '\t');
		if (body == NULL)
			return NULL;
		body++;
	}
	*len = strcspn(body, "\t");
	return body;
}

/* Passes over one field that must be this. NULL if it is not. */
static const char *pass(const char *body, const char *want)
{
	const size_t n = strlen(want);

	return body != NULL && strncmp(body, want, n) == 0 && body[n] == '\t' ? body + n + 1 : NULL;
}

/* Fields 2 and 3 name the chain and the place in it; field 6 is the event, 22 the related range. */
static void check_body(struct chain *c, uint64_t seq, const char *body)
{
	const char *place = pass(pass(body, "1"), c->terminal);
	char *behind = NULL;
	const char *event, *range;
	size_t len;

	if (place == NULL || *place < '1' || *place > '9' || strtoull(place, &behind, 10) != seq ||
	    *behind != '\t') {
		wrong(c, seq, _("the record belongs to another place"));
		return;
	}
	event = field(body, 5, &len);
	if (event == NULL || len != 5 || memcmp(event, "erase", 5) != 0)
		return;
	range = field(body, 21, &len);
	if (range != NULL) {
		char *end;
		const uint64_t first = strtoull(range, &end, 10);
		const uint64_t last = *end == '-' ? strtoull(end + 1, NULL, 10) : 0;

		/* An erasure can only name what came before it. */
		if (first >= 1 && last >= first && last < seq)
			add_span(&c->named, &c->n_named, first, last);
	}
}

void chain_record(struct hasher *h, struct chain *c, uint64_t seq, const char *hash, char *body)
{
	uint8_t stated[32], computed[32];

	if (c->bad != 0)
		return;
	if (seq != c->records + 1) {
		wrong(c, c->records + 1,
		      seq > c->records ? _("a record is missing")
				       : _("a record is there twice or out of order"));
		return;
	}
	if (!unhex(hash, stated, 32)) {
		wrong(c, seq, _("the hash is not readable"));
		return;
	}
	if (body == NULL) {
		if (!add_span(&c->erased, &c->n_erased, seq, seq))
			wrong(c, seq, _("out of memory"));
	} else {
		char before[65];
		const struct part parts[] = {
			{"KAZASU-JOURNAL-1\n", 17}, {before, 64}, {"\n", 1}, {body, strlen(body)}};

		hex(c->hash, before);
		if (!digest(h, parts, 4, computed) || memcmp(computed, stated, 32) != 0) {
			wrong(c, seq, _("the record does not have its hash"));
			return;
		}
		check_body(c, seq, body);
	}
	memcpy(c->hash, stated, 32);
	if (!grow_tree(h, c)) {
		wrong(c, seq, _("hashing failed"));
		return;
	}
	c->records = seq;
	check_checkpoints(h, c);
}

bool chain_checkpoint(struct chain *c, const struct checkpoint *p)
{
	struct checkpoint *more = realloc(c->checkpoint, (c->checkpoints + 1) * sizeof *more);
	size_t at;

	if (more == NULL)
		return false;
	c->checkpoint = more;
	for (at = c->checkpoints; at > 0 && more[at - 1].size > p->size; at--)
		more[at] = more[at - 1];
	more[at] = *p;
	c->checkpoints++;
	return true;
}

static bool named(const struct chain *c, uint64_t seq)
{
	for (size_t i = 0; i < c->n_named; i++) {
		if (seq >= c->named[i].first && seq <= c->named[i].last)
			return true;
	}
	return false;
}

void chain_finish(struct hasher *h, struct chain *c)
{
	(void)h;
	for (size_t i = 0; i < c->n_erased; i++) {
		for (uint64_t seq = c->erased[i].first; seq <= c->erased[i].last; seq++) {
			if (!named(c, seq)) {
				wrong(c, seq, _("the record is gone and no erasure names it"));
				break;
			}
		}
	}
	if (c->next < c->checkpoints)
		wrong(c, c->records + 1, _("cut off: a checkpoint covers %llu records"),
		      (unsigned long long)c->checkpoint[c->checkpoints - 1].size);
	free(c->checkpoint);
	free(c->erased);
	free(c->named);
	c->checkpoint = NULL;
	c->erased = c->named = NULL;
}
