/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pdf.h — enough of PDF (ISO 32000-1 §7) to add a signature and to judge one.
 *
 * Everything read here is hostile: sizes, depths and counts are bounded, and what
 * cannot be read by the rules is an error, never repaired.
 */
#ifndef DOCUMENT_PDF_H
#define DOCUMENT_PDF_H

#include <card/bytes.h>
#include <cardflow/document.h>

#define PDF_DEPTH_MAX    64u
#define PDF_OBJECTS_MAX  2000000u /* 16 bytes each */
#define PDF_SECTIONS_MAX 4096u
#define PDF_MEMORY_MAX   ((size_t)48 * 1024 * 1024)

enum pdf_kind {
	PDF_NULL = 0,
	PDF_BOOL,
	PDF_INT,
	PDF_REAL,
	PDF_NAME,
	PDF_STRING,
	PDF_ARRAY,
	PDF_DICT,
	PDF_REF
};

struct pdf_obj {
	enum pdf_kind kind;
	bool twice;             /* dictionary: a key is there more than once */
	unsigned gen;           /* reference */
	int64_t number;         /* boolean, integer, object number of a reference */
	struct card_bytes raw;  /* as written */
	struct card_bytes text; /* name without '/' and string, decoded; real: as written */
	struct pdf_obj *items;  /* array; dictionary: key, value, key, value … */
	size_t n;               /* of items */
};

/* Memory of one document, given back at once. */
struct pdf_arena {
	struct pdf_chunk *chunks;
	size_t used;
};
void *pdf_alloc(struct pdf_arena *a, size_t n); /* zeroed; NULL: none, or over PDF_MEMORY_MAX */
void pdf_arena_free(struct pdf_arena *a);
/* Give back what was taken since a was `kept`. */
void pdf_arena_trim(struct pdf_arena *a, const struct pdf_arena *kept);

/* Where an object is. */
struct pdf_entry {
	uint64_t where; /* offset, or number of the object stream */
	uint32_t gen;   /* generation, or index in the object stream */
	uint8_t type;   /* 0 free, 1 in the file, 2 in an object stream; PDF_UNKNOWN */
};
#define PDF_UNKNOWN 0xFFu /* no section names it */

struct pdf_stream_cache {
	uint32_t number;
	struct card_bytes bytes;
	struct pdf_stream_cache *next;
};

struct pdf {
	struct card_bytes data;
	struct pdf_arena arena;
	struct pdf_entry *entry;
	size_t n; /* entries */
	struct pdf_obj trailer; /* of the newest section */
	size_t startxref;
	bool xref_stream; /* the newest section is a stream */
	struct pdf_stream_cache *cache;
};

/*
 * Open the document whose last section the end of data names. Released with
 * pdf_close in any case. CARD_ERR_MALFORMED, CARD_ERR_TOO_LONG (limits).
 */
enum card_error pdf_open(struct pdf *p, struct card_bytes data);
void pdf_close(struct pdf *p);

/* Parse one object at *pos of in. CARD_ERR_MALFORMED, CARD_ERR_TOO_LONG. */
enum card_error pdf_parse(struct pdf_arena *a, struct card_bytes in, size_t *pos,
			  struct pdf_obj *out);

/* Skip blanks and comments; take a keyword; take digits. */
void pdf_skip(struct card_bytes in, size_t *pos);
bool pdf_keyword(struct card_bytes in, size_t *pos, const char *word);
bool pdf_digits(struct card_bytes in, size_t *pos, uint64_t *out);
bool pdf_is_blank(uint8_t c);
bool pdf_is_delimiter(uint8_t c);

/* Value of a key; NULL: not a dictionary, or no such key. */
const struct pdf_obj *pdf_get(const struct pdf_obj *dict, const char *key);
bool pdf_is_name(const struct pdf_obj *o, const char *name);

/* A whole object by number. An object that does not exist is null (§7.3.10).
 * stream (may be NULL) receives the raw bytes of its stream; n = 0 if there is none. */
enum card_error pdf_load(struct pdf *p, uint32_t number, struct pdf_obj *out,
			 struct card_bytes *stream);

/* The object at this offset of the file, which must be "number gen obj" (0: any number; the
 * number is returned). *end: behind endobj. */
enum card_error pdf_object_at(struct pdf *p, size_t offset, uint32_t *number, struct pdf_obj *out,
			      struct card_bytes *stream, size_t *end);

/* Follow references until something else. out may be in. */
enum card_error pdf_resolve(struct pdf *p, const struct pdf_obj *in, struct pdf_obj *out);

/* pdf_get and pdf_resolve in one; null if the key is not there. */
enum card_error pdf_get_resolved(struct pdf *p, const struct pdf_obj *dict, const char *key,
				 struct pdf_obj *out);

/* Decode a stream: no filter, or FlateDecode with an optional PNG predictor.
 * CARD_ERR_UNSUPPORTED: another filter. The bytes are the arena's. */
enum card_error pdf_decode(struct pdf *p, const struct pdf_obj *dict, struct card_bytes raw,
			   struct card_bytes *out);

/* The cross-reference sections from p->startxref on (pdf_xref.c). */
enum card_error pdf_read_sections(struct pdf *p);

/* Same structure and values; references are compared by number and generation. */
bool pdf_equal(const struct pdf_obj *a, const struct pdf_obj *b);

/* ---- the document ---- */

enum card_error pdf_catalog(struct pdf *p, struct pdf_obj *out);

/* Number of the first page's object. CARD_ERR_MALFORMED. */
enum card_error pdf_first_page(struct pdf *p, uint32_t *number);

/* DocMDP level (§12.8.2.2) of the certifying signature: 1 to 3, or 0. */
enum card_error pdf_certified(struct pdf *p, unsigned *level);

/* A signature field of the form. */
struct pdf_field {
	uint32_t number;    /* object of the field; 0: written inline */
	struct pdf_obj field, value;
	uint32_t value_number; /* 0: inline */
	char name[128];     /* full name, UTF-8 */
};
#define PDF_FIELDS_MAX 256u

/* The signature fields that have a value. CARD_ERR_TOO_LONG. */
struct pdf_fields {
	struct pdf_field *field;
	size_t n;
	size_t all; /* fields of any kind that were met */
};
enum card_error pdf_signature_fields(struct pdf *p, struct pdf_fields *out);

/* Text string (§7.9.2.2) as UTF-8, cut to fit. */
void pdf_text(struct card_bytes string, char *out, size_t cap);

/* "D:20260102030405+09'00'" to an instant; false if it is none. */
bool pdf_date(struct card_bytes text, int64_t *utc);

/* true if one object number is there twice within a revision, by the order of bytes. What cannot
 * be read ends the search: the cross-reference decides what the document is. */
enum card_error pdf_objects_twice(struct pdf *p, bool *twice);

/* ---- changes ---- */

/*
 * Compare the document as signed with what it is now. Adds FLOW_REASON_CHANGED_AFTER or
 * FLOW_REASON_NOT_PERMITTED; nothing if only signatures were added.
 */
enum card_error pdf_changes(struct pdf *before, struct pdf *after, unsigned certified,
			    struct flow_reasons *reasons);

#endif
