/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pki_crl.h — the index file and the table that becomes one.
 *
 * File: header (4096 bytes), lines of the short table, its overflow, lines of
 * the long table, its overflow, long entries; each part begins at a multiple of
 * 64. Numbers are in the byte order of the machine that wrote them.
 *
 * A table is an array of lines of 64 bytes, eight entries each. An entry is
 * found by a 32-bit hash h: line h * lines >> 32. The short table's h is a
 * bijection of the serial number, so that the low 24 bits of h inside a line
 * identify it exactly (a line spans fewer than 2^24 values, as there are at
 * least 512 lines). The long table's h is a hash of a longer serial number, and
 * `date` is the number of its long entry, which decides.
 *
 * What does not fit into its line lies in the overflow, sorted by h; the line
 * says where its own begins.
 */
#ifndef PKI_CRL_H
#define PKI_CRL_H

#include <string.h>

#include <card/crl.h>

#include "pki_trust.h"

#define PKI_LINE_ENTRIES 8u
#define PKI_LINES_MIN    512u
/* Entries a line is planned for: 5.4 of 8 leaves about 4 % in the overflow and
 * makes 12 bytes an entry. */
#define PKI_LINE_LOAD_X10 54u

struct pki_line {
	uint32_t head; /* bits 0-3: entries here; 4-31: 1 + first of its overflow, or 0 */
	uint32_t date[PKI_LINE_ENTRIES];
	uint16_t low[PKI_LINE_ENTRIES]; /* bits 0-15 of h */
	uint8_t high[PKI_LINE_ENTRIES]; /* bits 16-23 of h */
	uint8_t reason[4];              /* four bits each: 0 none, else reason + 1 */
};
_Static_assert(sizeof(struct pki_line) == 64, "one cache line");

static inline unsigned pki_line_reason(const struct pki_line *l, unsigned i)
{
	return (unsigned)l->reason[i / 2] >> (4 * (i & 1)) & 15u;
}

struct pki_over {
	uint32_t h, date, reason; /* reason as in a line */
};

/* A serial number above 32 bits, right-aligned. */
struct pki_long {
	uint8_t serial[20];
	uint32_t date;
	uint32_t reason;
};
_Static_assert(sizeof(struct pki_long) == 28, "no padding");

/*
 * A table that is larger than a cache is filled in two steps, because an entry at a
 * time would wait for memory at each: entries are first gathered, in the order of the
 * list, into buckets by the top bits of h. A bucket lies where its lines will be and
 * takes no memory of its own; once all are there it is turned into them inside the cache.
 */
#define PKI_BUCKETS 256u

struct pki_table {
	struct pki_line *line;
	size_t lines; /* a multiple of PKI_BUCKETS */
	struct pki_over *over;
	size_t over_n, over_cap;
	uint64_t n;         /* entries in lines and overflow */
	uint32_t *bucket_n; /* entries of each bucket; NULL: there are no buckets any more */
};

/* The list while it is being read. */
struct pki_crl_set {
	struct pki_table shorts, longs;
	struct pki_long *entry;
	size_t entry_n, entry_cap;
};

/* Zero the set and make room for about this many entries of each kind. */
enum card_error pki_set_init(struct pki_crl_set *s, uint64_t shorts, uint64_t longs);
void pki_set_free(struct pki_crl_set *s);

/* Bijection of 32 bits and its inverse. */
static inline uint32_t pki_mix(uint32_t x)
{
	x ^= x >> 16;
	x *= 0x6A09E667u; /* odd */
	x ^= x >> 15;
	x *= 0xBB67AE85u; /* odd */
	x ^= x >> 16;
	return x;
}
uint32_t pki_unmix(uint32_t h);

/* Hash of a long serial number (20 octets, right-aligned). */
uint32_t pki_long_hash(const uint8_t serial[20]);

static inline size_t pki_line_of(uint32_t h, size_t lines)
{
	return (size_t)((uint64_t)h * lines >> 32);
}

/* Octets of an entry in a bucket: date, reason and the bits of h that are not the
 * number of the bucket. */
#define PKI_RAW sizeof(uint64_t)
_Static_assert(PKI_LINE_ENTRIES *PKI_RAW == sizeof(struct pki_line), "a line's entries, raw");

static inline uint8_t *pki_bucket(const struct pki_table *t, size_t b)
{
	return (uint8_t *)(t->line + b * (t->lines / PKI_BUCKETS));
}

/* False: the bucket is full. */
static inline bool pki_bucket_add(struct pki_table *t, uint32_t h, uint32_t date, unsigned reason)
{
	size_t b = h >> 24, room = t->lines / PKI_BUCKETS * PKI_LINE_ENTRIES;
	uint64_t raw = (uint64_t)date << 32 | reason << 24 | (h & 0xFFFFFF);
	uint32_t n = t->bucket_n[b];
	if (n == room)
		return false;
	uint8_t *at = pki_bucket(t, b) + n * PKI_RAW;
	/* Stores that miss the cache wait for one another: ask for the next line in time. */
	if (n % (64 / PKI_RAW) == 0)
		__builtin_prefetch(at + 64, 1);
	memcpy(at, &raw, PKI_RAW);
	t->bucket_n[b] = n + 1;
	return true;
}

/* Add one entry. reason as in a line. CARD_ERR_AMBIGUOUS: it is there already, or two
 * of those added before are the same. */
enum card_error pki_set_add_short(struct pki_crl_set *s, uint32_t h, uint32_t date,
				  unsigned reason);
enum card_error pki_set_add_long(struct pki_crl_set *s, const uint8_t serial[20], uint32_t date,
				 unsigned reason);

/* Sort the overflow and link it to its lines; a table without entries has no
 * lines then. Nothing is added afterwards. CARD_ERR_AMBIGUOUS: duplicates. */
enum card_error pki_set_finish(struct pki_crl_set *s);

/* h of an entry of a line. */
uint32_t pki_line_h(size_t line, size_t lines, uint32_t low24);

/* ---- the file ---- */

struct pki_section {
	uint64_t lines_at, lines, over_at, over_n;
};

#define PKI_INDEX_MAGIC  "KZCRLIX1"
#define PKI_INDEX_ORDER  0x01020304u
#define PKI_INDEX_HEADER 4096u
#define PKI_INDEX_TEST   0x1u
#define PKI_INDEX_WHOLE  0x2u
#define PKI_INDEX_DELTA  0x4u

struct pki_index_header {
	char magic[8];
	uint32_t order, flags;
	uint64_t file_size;
	uint8_t issuer_key[32], scope[32];
	int64_t this_update, next_update, imported_at;
	uint64_t entries;
	uint8_t number[20];
	uint32_t number_n;
	uint8_t source[32]; /* SHA-256 over digest and signature of the list: which list this is */
	struct pki_section shorts, longs;
	uint64_t entry_at, entry_n;
	uint64_t body_sum; /* of everything after the header */
	char issuer[512], dist_point[512];
	uint64_t header_sum; /* of everything before it; last */
};
_Static_assert(sizeof(struct pki_index_header) <= PKI_INDEX_HEADER, "fits");

/* A sum against damage (not against forgery), over parts that are multiples of 32
 * octets long. Start with {{0}}. */
struct pki_sum {
	uint64_t lane[4];
};
void pki_sum_add(struct pki_sum *s, const void *p, size_t n);
uint64_t pki_sum_end(const struct pki_sum *s);

/* Where to look entries up: a mapped file or a finished set. */
struct pki_view {
	const struct pki_line *short_line, *long_line;
	size_t short_lines, long_lines;
	const struct pki_over *short_over, *long_over;
	size_t short_over_n, long_over_n;
	const struct pki_long *entry;
	size_t entry_n;
};

struct pki_found {
	uint32_t date;
	unsigned reason; /* as in a line */
};

/* serial is a magnitude of any length. */
bool pki_view_find(const struct pki_view *v, struct card_bytes serial, struct pki_found *out);
struct pki_view pki_view_of(const struct pki_crl_set *s);

/* Call fn with each entry until it returns false. serial is a magnitude. */
typedef bool pki_entry_fn(void *ctx, struct card_bytes serial, const struct pki_found *entry);
bool pki_view_each(const struct pki_view *v, pki_entry_fn *fn, void *ctx);

struct card_crl_index {
	const uint8_t *map;
	size_t size;
	struct card_crl_info info;
	struct pki_view view;
	uint64_t dev, ino; /* of the file, to notice another one */
	int64_t mtime_ns;
};

const struct pki_index_header *pki_index_header(const card_crl_index_t *index);

/* As card_crl_index_open, of a file in an open directory. */
enum card_error pki_index_open(card_crl_index_t **out, int dir, const char *name);

/* File name of an index inside a store, at most 80 octets with NUL. */
#define PKI_INDEX_NAME 80u
void pki_index_name(const uint8_t issuer_key[32], const uint8_t scope[32],
		    char out[PKI_INDEX_NAME]);

/* Write set and header as a new file of the directory and put it in its place.
 * Everything is on disk when this returns. CARD_ERR_IO: nothing was replaced. */
enum card_error pki_index_publish(int dir, struct pki_index_header *header,
				  const struct pki_crl_set *set);

/* ---- the list ---- */

/* What the head and tail of a list say. Views into buffers of the parser. */
struct pki_crl_list {
	struct card_sig_alg alg;
	card_buf_t issuer; /* Name, DER */
	int64_t this_update, next_update;
	bool has_next;
	struct pki_authority authority;
	struct card_bytes number;      /* magnitude; n = 0 if absent */
	struct card_bytes base_number; /* delta: BaseCRLNumber */
	bool delta;
	struct pki_dist_point point;
	bool has_point;
	card_buf_t tail; /* extensions, algorithm, signature: the views above */
	struct card_bytes signature;
	uint8_t digest[CARD_HASH_MAX]; /* of the TBS */
	struct pki_crl_set set;        /* deltas: everything but removals */
	struct pki_crl_set removed;    /* deltas: removeFromCRL */
};

void pki_crl_list_free(struct pki_crl_list *l);

/* What the import decides after the head of the list has been read, before its
 * entries are: CARD_CRL_TAKEN to go on. */
typedef enum card_crl_refusal pki_crl_head_fn(void *ctx, const struct pki_crl_list *l);

/* Read a list to its end. CARD_CRL_TAKEN: *l is filled and is well-formed; the
 * signature has not been checked. */
enum card_crl_refusal pki_crl_read(int fd, const struct card_crl_helper *helper,
				   pki_crl_head_fn *head, void *ctx, struct pki_crl_list *l);

/* Reading entries out of blocks: what must be kept from block to block. */
#define PKI_PENDING 32u
struct pki_entry_reader {
	struct pki_crl_list *l;
	struct pki_pending {
		uint32_t h, date;
		unsigned reason;
	} pending[PKI_PENDING]; /* lines on their way from memory */
	unsigned first, waiting;
};

/* Longest entry taken, in octets; those of JPKI have 30. */
#define PKI_ENTRY_MAX ((size_t)16 * 1024)

/*
 * Read the entries of p[0..n). last: the section ends with p[n - 1]; otherwise an
 * incomplete entry is left over. *used says how much was consumed.
 */
enum card_crl_refusal pki_entries_read(struct pki_entry_reader *r, const uint8_t *p, size_t n,
				       bool last, size_t *used);
/* Put in what is still on its way. */
enum card_crl_refusal pki_entries_flush(struct pki_entry_reader *r);
/* Count the complete entries of a block without keeping them. */
void pki_entries_count(const uint8_t *p, size_t n, uint64_t *shorts, uint64_t *longs, size_t *used);

/* The head of a list: what stands before its entries. */
struct pki_crl_head {
	uint64_t file_end, tbs_from, tbs_to, entries_from, entries_to; /* offsets */
	struct card_bytes algorithm; /* AlgorithmIdentifier inside the TBS; a copy */
	uint8_t algorithm_copy[512];
};
enum card_crl_refusal pki_crl_head_read(struct card_bytes block, struct pki_crl_head *h,
					struct pki_crl_list *l);

/* Extensions, outer algorithm and signature, in l->tail. tbs_n: octets of the
 * tail that belong to the TBS. */
enum card_crl_refusal pki_crl_tail_read(struct pki_crl_list *l, struct card_bytes algorithm,
					size_t tbs_n);

/* Apply a delta list to the index of its base: the result is in l->set.
 * CARD_ERR_NO_MEMORY, CARD_ERR_TOO_LONG. */
enum card_error pki_crl_apply_delta(struct pki_crl_list *l, const card_crl_index_t *base);

/* Scope of a directory name (DER) or URI. */
enum card_error pki_crl_scope(struct card_bytes directory, struct card_bytes uri,
			      uint8_t scope[32]);

#endif
