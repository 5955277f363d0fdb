/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over a list: head, entries, tail, while its signed part is hashed. */
#include <string.h>

#include "pki_crl.h"
#include "pki_stream.h"

/* Extensions and signature of a list. */
#define TAIL_MAX ((size_t)64 * 1024)

struct reading {
	struct pki_stream stream;
	struct pki_engine engine;
	struct pki_crl_head head;
	struct pki_entry_reader entries;
	struct pki_crl_list *l;
	uint64_t at;  /* offset of the first octet of the present block */
	uint64_t pos; /* offset of the first octet not consumed */
};

void pki_crl_list_free(struct pki_crl_list *l)
{
	card_buf_free(&l->issuer);
	card_buf_free(&l->tail);
	pki_set_free(&l->set);
	pki_set_free(&l->removed);
}

static enum card_crl_refusal refusal(enum card_error err)
{
	switch (err) {
	case CARD_OK:
		return CARD_CRL_TAKEN;
	case CARD_ERR_IO:
		return CARD_CRL_REFUSED_IO;
	case CARD_ERR_TRUNCATED:
		return CARD_CRL_REFUSED_TRUNCATED;
	case CARD_ERR_MALFORMED:
		return CARD_CRL_REFUSED_MALFORMED;
	case CARD_ERR_AMBIGUOUS:
		return CARD_CRL_REFUSED_DUPLICATE;
	default:
		return CARD_CRL_REFUSED_LIMIT;
	}
}

/* Plan the tables from the entries of the first block. */
static enum card_crl_refusal plan(struct reading *r, const struct pki_slot *first)
{
	uint64_t all = r->head.entries_to - r->head.entries_from, shorts, longs;
	uint64_t end = r->head.entries_to < first->n ? r->head.entries_to : first->n;
	size_t used;
	const uint8_t *p = first->p + r->head.entries_from;
	pki_entries_count(p, (size_t)(end - r->head.entries_from), &shorts, &longs, &used);
	if (used > 0 && used < all) {
		shorts = shorts * all / used;
		longs = longs * all / used;
	}
	return refusal(pki_set_init(&r->l->set, shorts, longs));
}

/* p is the place of offset r->pos; the block ends at offset end. */
static enum card_crl_refusal consume(struct reading *r, const uint8_t *p, uint64_t end)
{
	uint64_t entries_to = r->head.entries_to;
	if (r->pos < entries_to) {
		bool last = end >= entries_to;
		size_t used, n = (size_t)((last ? entries_to : end) - r->pos);
		enum card_crl_refusal no = pki_entries_read(&r->entries, p, n, last, &used);
		if (no)
			return no;
		r->pos += used;
		p += used;
		if (!last)
			return CARD_CRL_TAKEN;
	}
	size_t n = (size_t)(end - r->pos);
	if (r->l->tail.n + n > TAIL_MAX)
		return end > r->head.file_end ? CARD_CRL_REFUSED_TRAILING : CARD_CRL_REFUSED_LIMIT;
	enum card_error err = card_buf_append(&r->l->tail, card_bytes(p, n));
	r->pos = end;
	return refusal(err);
}

static enum card_crl_refusal begin(struct reading *r, struct pki_slot *first, pki_crl_head_fn *head,
				   void *ctx)
{
	enum card_crl_refusal no =
		pki_crl_head_read(card_bytes(first->p, first->n), &r->head, r->l);
	/* What ends early is not complete, whatever else it looks like. No helper runs yet. */
	if (no && r->stream.ended && first->n < r->head.file_end)
		return CARD_CRL_REFUSED_TRUNCATED;
	if (!no)
		no = head(ctx, r->l);
	if (no)
		return no;
	const EVP_MD *md;
	enum card_error err = pki_md(&r->engine, r->l->alg.hash, &md);
	if (err)
		return CARD_CRL_REFUSED_ALGORITHM;
	err = pki_stream_hash(&r->stream, md, r->head.tbs_from, r->head.tbs_to);
	if (err)
		return refusal(err);
	r->pos = r->head.entries_from;
	r->entries = (struct pki_entry_reader){.l = r->l};
	return plan(r, first);
}

static enum card_crl_refusal read_blocks(struct reading *r, pki_crl_head_fn *head, void *ctx)
{
	uint8_t carry[PKI_CARRY];
	size_t carry_n = 0;
	for (bool first = true;; first = false) {
		struct pki_slot *s;
		enum card_error err = pki_stream_next(&r->stream, &s);
		if (err)
			return refusal(err);
		if (!s)
			return first ? CARD_CRL_REFUSED_TRUNCATED : CARD_CRL_TAKEN;
		if (first) {
			enum card_crl_refusal no = begin(r, s, head, ctx);
			if (no)
				return no;
		}
		uint64_t end = r->at + s->n;
		uint8_t *p = first ? s->p + r->pos : s->p - carry_n;
		if (carry_n > 0)
			memcpy(p, carry, carry_n);
		uint64_t before = r->pos;
		enum card_crl_refusal no = consume(r, p, end);
		if (no)
			return no;
		carry_n = (size_t)(end - r->pos);
		if (carry_n > sizeof(carry))
			return CARD_CRL_REFUSED_LIMIT;
		if (carry_n > 0)
			memcpy(carry, p + (r->pos - before), carry_n);
		r->at = end;
	}
}

static enum card_crl_refusal finish(struct reading *r)
{
	struct pki_crl_list *l = r->l;
	if (r->at < r->head.file_end)
		return CARD_CRL_REFUSED_TRUNCATED;
	if (r->at > r->head.file_end)
		return CARD_CRL_REFUSED_TRAILING;
	enum card_crl_refusal no = pki_entries_flush(&r->entries);
	if (!no)
		no = refusal(pki_set_finish(&l->set));
	if (!no && l->removed.shorts.line)
		no = refusal(pki_set_finish(&l->removed));
	if (!no)
		no = pki_crl_tail_read(l, r->head.algorithm,
				       (size_t)(r->head.tbs_to - r->head.entries_to));
	if (no)
		return no;
	/* RFC 5280 §5.3.1: removeFromCRL occurs in delta lists only. */
	if (!l->delta && l->removed.shorts.n + l->removed.longs.n > 0)
		return CARD_CRL_REFUSED_ENTRY;
	return refusal(pki_stream_digest(&r->stream, l->digest));
}

enum card_crl_refusal pki_crl_read(int fd, const struct card_crl_helper *helper,
				   pki_crl_head_fn *head, void *ctx, struct pki_crl_list *l)
{
	struct reading r = {.l = l};
	*l = (struct pki_crl_list){.has_next = false};
	enum card_crl_refusal no = refusal(pki_stream_open(&r.stream, fd, helper));
	if (!no)
		no = read_blocks(&r, head, ctx);
	if (!no)
		no = finish(&r);
	pki_stream_close(&r.stream);
	pki_engine_free(&r.engine);
	return no;
}
