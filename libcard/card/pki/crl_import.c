/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a list into the store: what is checked before anything is replaced. */
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "pki_crl.h"

#define LOCK ".lock"

/* Clocks differ a little between a CA and its readers, in seconds. */
#define CLOCK_SKEW 300

struct importing {
	const struct card_crl_import *how;
	struct card_crl_report *report;
	struct pki_crl_list list;
	const struct pki_anchor *issuer;
	struct pki_engine engine;
	struct pki_index_header header;
};

/* Text of a name or URI into a field, cut if need be at a character. */
static void put_text(char *out, size_t cap, struct card_bytes text)
{
	size_t n = text.n < cap ? text.n : cap - 1;
	while (n > 0 && n < text.n && (text.p[n] & 0xC0) == 0x80)
		n--;
	memset(out, 0, cap);
	if (n > 0)
		memcpy(out, text.p, n);
}

static void put_name(char *out, size_t cap, struct card_bytes name)
{
	card_buf_t text = {0};
	if (!card_name_text(name, &text))
		put_text(out, cap, card_buf_bytes(&text));
	card_buf_free(&text);
}

static bool signs_lists(const struct pki_anchor *a)
{
	return a->cert->key_usage & CARD_KU_CRL_SIGN;
}

/* What the head alone decides, so that a hopeless list is not read further. */
static enum card_crl_refusal check_head(void *ctx, const struct pki_crl_list *l)
{
	struct importing *m = ctx;
	struct card_crl_info *info = &m->report->info;
	put_name(info->issuer, sizeof(info->issuer), card_buf_bytes(&l->issuer));
	info->this_update = l->this_update;
	info->next_update = l->has_next ? l->next_update : 0;
	if (l->alg.scheme == CARD_SIG_OTHER || l->alg.hash == CARD_HASH_SHA1)
		return CARD_CRL_REFUSED_ALGORITHM;
	size_t next = 0;
	const struct pki_anchor *a;
	do {
		a = pki_trust_next(m->how->trust, card_buf_bytes(&l->issuer), &next);
	} while (a && !signs_lists(a));
	if (!a)
		return CARD_CRL_REFUSED_ISSUER;
	if (!l->has_next)
		return CARD_CRL_REFUSED_NO_NEXT_UPDATE;
	if (l->this_update > m->how->now + CLOCK_SKEW || l->next_update <= l->this_update)
		return CARD_CRL_REFUSED_FUTURE;
	return l->next_update > m->how->now ? CARD_CRL_TAKEN : CARD_CRL_REFUSED_EXPIRED;
}

/* Which of the anchors of this name signed it. */
static enum card_crl_refusal check_signature(struct importing *m)
{
	const struct pki_crl_list *l = &m->list;
	struct card_bytes digest = card_bytes(l->digest, card_hash_size(l->alg.hash));
	bool tried = false;
	size_t next = 0;
	const struct pki_anchor *a;
	while ((a = pki_trust_next(m->how->trust, card_buf_bytes(&l->issuer), &next))) {
		if (!signs_lists(a) || !pki_anchor_matches(a, &l->authority))
			continue;
		tried = true;
		if (!pki_key_verify(&m->engine, &a->key, l->alg, digest, l->signature)) {
			m->issuer = a;
			return CARD_CRL_TAKEN;
		}
	}
	return tried ? CARD_CRL_REFUSED_SIGNATURE : CARD_CRL_REFUSED_ISSUER;
}

static enum card_crl_refusal fill_header(struct importing *m)
{
	const struct pki_crl_list *l = &m->list;
	struct pki_index_header *h = &m->header;
	struct card_crl_info *info = &m->report->info;
	uint8_t both[CARD_HASH_MAX + CARD_RSA_BITS_MAX / 8], digest[CARD_HASH_MAX];
	size_t n = card_hash_size(l->alg.hash);
	if (l->signature.n > sizeof(both) - n)
		return CARD_CRL_REFUSED_LIMIT;
	memcpy(both, l->digest, n);
	memcpy(both + n, l->signature.p, l->signature.n);
	if (pki_digest(&m->engine, CARD_HASH_SHA256, card_bytes(both, n + l->signature.n), digest))
		return CARD_CRL_REFUSED_LIMIT;
	memcpy(h->source, digest, 32);
	memcpy(h->issuer_key, m->issuer->spki_hash, 32);
	if (l->has_point && pki_crl_scope(l->point.directory, l->point.uri, h->scope))
		return CARD_CRL_REFUSED_LIMIT;
	h->flags = (l->has_point ? 0 : PKI_INDEX_WHOLE) |
		   (m->issuer->cert->test ? PKI_INDEX_TEST : 0) | (l->delta ? PKI_INDEX_DELTA : 0);
	h->this_update = l->this_update;
	h->next_update = l->next_update;
	h->imported_at = m->how->now;
	h->number_n = (uint32_t)l->number.n;
	memcpy(h->number, l->number.p, l->number.n);
	memcpy(h->issuer, info->issuer, sizeof(h->issuer));
	if (l->point.directory.p)
		put_name(h->dist_point, sizeof(h->dist_point), l->point.directory);
	else
		put_text(h->dist_point, sizeof(h->dist_point), l->point.uri);

	memcpy(info->issuer_key, h->issuer_key, 32);
	memcpy(info->scope, h->scope, 32);
	memcpy(info->number, h->number, 20);
	memcpy(info->dist_point, h->dist_point, sizeof(info->dist_point));
	info->number_n = h->number_n;
	info->whole = !l->has_point;
	info->test = m->issuer->cert->test;
	info->delta_applied = l->delta;
	info->imported_at = h->imported_at;
	info->entries = l->set.shorts.n + l->set.longs.n;
	return CARD_CRL_TAKEN;
}

static enum card_crl_refusal check_partition(struct importing *m)
{
	uint8_t want[32];
	if (m->how->dist_point.n == 0)
		return CARD_CRL_TAKEN;
	if (card_crl_scope_of_name(m->how->dist_point, want))
		return CARD_CRL_REFUSED_LIMIT;
	return memcmp(want, m->header.scope, 32) == 0 ? CARD_CRL_TAKEN : CARD_CRL_REFUSED_PARTITION;
}

static int compare_numbers(struct card_bytes a, struct card_bytes b)
{
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return memcmp(a.p, b.p, a.n);
}

/* The list against the index that is there: newer, the same, or refused. */
static enum card_crl_refusal check_succession(struct importing *m, const card_crl_index_t *old)
{
	const struct pki_crl_list *l = &m->list;
	if (!old)
		return l->delta ? CARD_CRL_REFUSED_DELTA_BASE : CARD_CRL_TAKEN;
	struct card_bytes number = card_bytes(old->info.number, old->info.number_n);
	int newer = compare_numbers(l->number, number);
	if (newer == 0 && memcmp(pki_index_header(old)->source, m->header.source, 32) == 0) {
		m->report->unchanged = true;
		return CARD_CRL_TAKEN;
	}
	if (newer < 0)
		return CARD_CRL_REFUSED_OLDER;
	if (l->delta) {
		/* RFC 5280 §5.2.4: the base is at least as new as the delta wants. A delta of
		 * the same number says nothing that the index does not hold. */
		if (compare_numbers(number, l->base_number) < 0)
			return CARD_CRL_REFUSED_DELTA_BASE;
		m->report->unchanged = newer == 0;
		return CARD_CRL_TAKEN;
	}
	return newer == 0 ? CARD_CRL_REFUSED_CONFLICT : CARD_CRL_TAKEN;
}

static enum card_crl_refusal publish_locked(struct importing *m, int dir)
{
	char name[PKI_INDEX_NAME];
	card_crl_index_t *old = NULL;
	pki_index_name(m->header.issuer_key, m->header.scope, name);
	/* A damaged index cannot vouch for its number: it is replaced. */
	enum card_error err = pki_index_open(&old, dir, name);
	if (err == CARD_ERR_IO || err == CARD_ERR_NO_MEMORY)
		return CARD_CRL_REFUSED_STORE;
	enum card_crl_refusal no = check_succession(m, old);
	if (!no && !m->report->unchanged && m->list.delta && pki_crl_apply_delta(&m->list, old))
		no = CARD_CRL_REFUSED_LIMIT;
	card_crl_index_close(&old);
	if (no || m->report->unchanged)
		return no;
	err = pki_index_publish(dir, &m->header, &m->list.set);
	m->report->info.entries = m->header.entries;
	return err ? CARD_CRL_REFUSED_STORE : CARD_CRL_TAKEN;
}

static enum card_crl_refusal publish(struct importing *m)
{
	int dir = open(m->how->store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return CARD_CRL_REFUSED_STORE;
	int lock = openat(dir, LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	enum card_crl_refusal no = CARD_CRL_REFUSED_STORE;
	if (lock >= 0 && flock(lock, LOCK_EX) == 0)
		no = publish_locked(m, dir);
	if (lock >= 0)
		close(lock);
	close(dir);
	return no;
}

static enum card_error error_of(enum card_crl_refusal r)
{
	switch (r) {
	case CARD_CRL_TAKEN:
		return CARD_OK;
	case CARD_CRL_REFUSED_IO:
	case CARD_CRL_REFUSED_STORE:
		return CARD_ERR_IO;
	case CARD_CRL_REFUSED_TRUNCATED:
		return CARD_ERR_TRUNCATED;
	case CARD_CRL_REFUSED_VERSION:
	case CARD_CRL_REFUSED_ALGORITHM:
	case CARD_CRL_REFUSED_SCOPE:
	case CARD_CRL_REFUSED_CRITICAL:
		return CARD_ERR_UNSUPPORTED;
	case CARD_CRL_REFUSED_ISSUER:
		return CARD_ERR_UNTRUSTED;
	case CARD_CRL_REFUSED_SIGNATURE:
		return CARD_ERR_SIGNATURE;
	case CARD_CRL_REFUSED_FUTURE:
	case CARD_CRL_REFUSED_EXPIRED:
		return CARD_ERR_EXPIRED;
	case CARD_CRL_REFUSED_OLDER:
	case CARD_CRL_REFUSED_CONFLICT:
	case CARD_CRL_REFUSED_PARTITION:
	case CARD_CRL_REFUSED_DELTA_BASE:
		return CARD_ERR_DENIED;
	case CARD_CRL_REFUSED_LIMIT:
		return CARD_ERR_TOO_LONG;
	default:
		return CARD_ERR_MALFORMED;
	}
}

enum card_error card_crl_import(const struct card_crl_import *how, int fd,
				struct card_crl_report *report)
{
	if (!how || !how->store || !how->trust || fd < 0 || !report)
		return CARD_ERR_INVALID_ARGUMENT;
	*report = (struct card_crl_report){.refusal = CARD_CRL_TAKEN};
	struct importing m = {.how = how, .report = report};
	enum card_crl_refusal no = pki_crl_read(fd, how->helper, check_head, &m, &m.list);
	if (!no)
		no = check_signature(&m);
	if (!no && m.list.number.n == 0)
		no = CARD_CRL_REFUSED_NO_NUMBER;
	if (!no)
		no = fill_header(&m);
	if (!no)
		no = check_partition(&m);
	if (!no)
		no = publish(&m);
	report->refusal = no;
	pki_crl_list_free(&m.list);
	pki_engine_free(&m.engine);
	return error_of(no);
}
