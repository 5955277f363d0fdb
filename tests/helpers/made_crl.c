/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of tests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made_crl.h"

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "made_crl: %s failed\n", what);
	abort();
}

static void ca_name(card_buf_t *out, bool auth, bool test)
{
	char name[256];
	snprintf(name, sizeof(name),
		 "C=JP/O=%s/OU=JPKI for %s/OU=Japan Agency for Local Authority Information Systems",
		 test ? "JPKI-TEST" : "JPKI", auth ? "user authentication" : "digital signature");
	made_name(out, name);
}

void made_crl_entry(card_buf_t *out, struct card_bytes serial_content, int64_t at, int reason)
{
	size_t from = out->n;
	made_tlv(out, 0x02, serial_content);
	made_time(out, at);
	if (reason >= 0) {
		char hex[64];
		snprintf(hex, sizeof(hex), "300C300A0603551D1504030A01%02X", (unsigned)reason);
		made_hex(out, hex);
	}
	made_wrap(out, from, 0x30);
}

static void put_entries(card_buf_t *out, const struct made_crl *c)
{
	if (c->entries == 0 && c->raw_entries.n == 0)
		return;
	size_t from = out->n;
	if (c->raw_entries.n > 0)
		must(!card_buf_append(out, c->raw_entries), "append");
	for (size_t i = 0; i < c->entries; i++) {
		card_buf_t serial = {0};
		made_hex(&serial, c->entry[i].serial);
		made_crl_entry(out, card_buf_bytes(&serial), c->entry[i].at, c->entry[i].reason);
		card_buf_free(&serial);
	}
	made_wrap(out, from, 0x30);
}

static void put_number(card_buf_t *out, const char *oid, bool critical, uint64_t number)
{
	card_buf_t v = {0};
	made_int(&v, number);
	made_ext(out, oid, critical, card_buf_bytes(&v));
	card_buf_free(&v);
}

static void put_idp(card_buf_t *out, const struct made_crl *c)
{
	if (c->idp_tlv) {
		made_hex(out, c->idp_tlv);
		return;
	}
	if (!c->city)
		return;
	card_buf_t v = {0};
	made_dist_point(&v, !c->auth, c->test, c->city);
	made_wrap(&v, 0, 0xA4);
	made_wrap(&v, 0, 0xA0);
	made_wrap(&v, 0, 0xA0);
	made_wrap(&v, 0, 0x30);
	made_ext(out, "2.5.29.28", true, card_buf_bytes(&v));
	card_buf_free(&v);
}

static void put_extensions(card_buf_t *out, const struct made_crl *c)
{
	size_t from = out->n;
	if (c->aki_tlv) {
		made_hex(out, c->aki_tlv);
	} else {
		card_buf_t v = {0};
		made_tlv(&v, 0x80, card_bytes(c->key->id, 20));
		made_wrap(&v, 0, 0x30);
		made_ext(out, "2.5.29.35", false, card_buf_bytes(&v));
		card_buf_free(&v);
	}
	if (c->number)
		put_number(out, "2.5.29.20", false, c->number);
	if (c->base)
		put_number(out, "2.5.29.27", true, c->base);
	put_idp(out, c);
	if (c->extra_tlv)
		made_hex(out, c->extra_tlv);
	if (out->n == from)
		return;
	made_wrap(out, from, 0x30);
	made_wrap(out, from, 0xA0);
}

void made_crl(const struct made_crl *c, card_buf_t *out)
{
	card_buf_t tbs = {0};
	made_hex(&tbs, c->version_tlv ? c->version_tlv : "020101");
	made_hex(&tbs, c->inner_alg_tlv ? c->inner_alg_tlv : c->key->sig_oid_tlv);
	if (c->issuer_tlv)
		made_hex(&tbs, c->issuer_tlv);
	else
		ca_name(&tbs, c->auth, c->test);
	made_time(&tbs, c->this_update);
	if (c->next_update)
		made_time(&tbs, c->next_update);
	put_entries(&tbs, c);
	put_extensions(&tbs, c);
	made_wrap(&tbs, 0, 0x30);
	made_signed(c->key, card_buf_bytes(&tbs), out);
	card_buf_free(&tbs);
}

/* ---- big lists ---- */

uint32_t made_big_serial(uint64_t seed, uint32_t i)
{
	/* Steps that can be undone modulo 2^31: no two i meet. */
	const uint32_t mask = 0x7FFFFFFF;
	uint32_t x = (i + (uint32_t)seed) & mask;
	for (int round = 0; round < 3; round++) {
		x = (x * 0x2C9277B5u) & mask;
		x ^= x >> 15;
	}
	return x;
}

int64_t made_big_date(uint64_t seed, uint32_t i)
{
	/* Three years before the middle of 2026, a second of its own each. */
	return 1690000000 + (int64_t)((i * 2654435761u ^ (uint32_t)seed) % 94608000u);
}

int made_big_reason(uint32_t i)
{
	static const int reasons[4] = {1, 3, 4, 5};
	return i & 1 ? -1 : reasons[i / 2 & 3];
}

/* 30 octets on average: INTEGER of five octets always, reason in every second.
 * A serial number below 2^24 is shorter in DER: such are not made. */
static size_t big_entry(uint8_t *p, uint64_t seed, uint32_t i)
{
	card_buf_t e = {0};
	uint8_t serial[4];
	uint32_t s = made_big_serial(seed, i);
	for (unsigned k = 0; k < 4; k++)
		serial[k] = (uint8_t)(s >> (24 - 8 * k));
	size_t skip = 0;
	while (skip < 3 && serial[skip] == 0 && serial[skip + 1] < 0x80)
		skip++;
	made_crl_entry(&e, card_bytes(serial + skip, 4 - skip), made_big_date(seed, i),
		       made_big_reason(i));
	size_t n = e.n;
	memcpy(p, e.p, n);
	card_buf_free(&e);
	return n;
}

static size_t tlv_head(uint8_t out[6], unsigned tag, uint64_t n)
{
	size_t octets = n < 0x80 ? 0 : n < 0x100 ? 1 : n < 0x10000 ? 2 : n < 0x1000000 ? 3 : 4;
	out[0] = (uint8_t)tag;
	out[1] = (uint8_t)(octets ? 0x80 | octets : n);
	for (size_t i = 0; i < octets; i++)
		out[2 + i] = (uint8_t)(n >> (8 * (octets - 1 - i)));
	return 2 + octets;
}

struct file_out {
	FILE *f;
	EVP_MD_CTX *md;
	uint64_t n;
};

static void emit(struct file_out *o, const void *p, size_t n, bool hashed)
{
	must(fwrite(p, 1, n, o->f) == n, "fwrite");
	if (hashed)
		must(EVP_DigestUpdate(o->md, p, n) == 1, "EVP_DigestUpdate");
	o->n += n;
}

uint64_t made_crl_big(const char *path, const struct made_key *key, uint32_t n, uint64_t seed,
		      uint64_t number, int64_t this_update, int64_t next_update)
{
	card_buf_t head = {0}, tail = {0}, sig = {0};
	struct made_crl c = {.key = key, .number = number};
	made_hex(&head, "020101");
	made_hex(&head, key->sig_oid_tlv);
	ca_name(&head, false, false);
	made_time(&head, this_update);
	made_time(&head, next_update);
	put_extensions(&tail, &c);
	uint64_t entries = 0;
	uint8_t e[64];
	uint8_t *block = malloc(1 << 20);
	must(block != NULL, "malloc");
	/* Lengths depend on leading zeros only: count them without making the entries. */
	for (uint32_t i = 0; i < n; i++) {
		uint32_t s = made_big_serial(seed, i);
		unsigned octets = s < 0x80 ? 1 : s < 0x8000 ? 2 : s < 0x800000 ? 3 : 4;
		entries += 2 + 2 + octets + 15 + (made_big_reason(i) < 0 ? 0u : 14u);
	}
	uint8_t seq[6], tbs[6], all[6];
	size_t seq_n = tlv_head(seq, 0x30, entries);
	size_t tbs_n = tlv_head(tbs, 0x30, head.n + seq_n + entries + tail.n);
	card_buf_t alg = {0};
	made_hex(&alg, key->sig_oid_tlv);
	size_t sig_bytes = (size_t)EVP_PKEY_get_size(key->pkey);
	must(EVP_PKEY_is_a(key->pkey, "RSA"), "RSA key");
	uint8_t sig_head[6];
	size_t sig_head_n = tlv_head(sig_head, 0x03, sig_bytes + 1);
	size_t all_n = tlv_head(all, 0x30,
				tbs_n + head.n + seq_n + entries + tail.n + alg.n + sig_head_n + 1 +
					sig_bytes);
	struct file_out o = {fopen(path, "wb"), EVP_MD_CTX_new(), 0};
	must(o.f && o.md && EVP_DigestInit_ex(o.md, EVP_sha256(), NULL) == 1, "open");
	emit(&o, all, all_n, false);
	emit(&o, tbs, tbs_n, true);
	emit(&o, head.p, head.n, true);
	emit(&o, seq, seq_n, true);
	size_t at = 0;
	for (uint32_t i = 0; i < n; i++) {
		size_t k = big_entry(e, seed, i);
		if (at + k > 1 << 20) {
			emit(&o, block, at, true);
			at = 0;
		}
		memcpy(block + at, e, k);
		at += k;
	}
	emit(&o, block, at, true);
	emit(&o, tail.p, tail.n, true);
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned digest_n;
	must(EVP_DigestFinal_ex(o.md, digest, &digest_n) == 1, "EVP_DigestFinal");
	made_sign_digest(key, CARD_HASH_SHA256, false, card_bytes(digest, digest_n), &sig);
	emit(&o, alg.p, alg.n, false);
	emit(&o, sig_head, sig_head_n, false);
	emit(&o, "", 1, false);
	emit(&o, sig.p, sig.n, false);
	must(fclose(o.f) == 0, "fclose");
	EVP_MD_CTX_free(o.md);
	free(block);
	card_buf_free(&head);
	card_buf_free(&tail);
	card_buf_free(&sig);
	card_buf_free(&alg);
	return o.n;
}
