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
	uint64_t where;   /* offset, or number of the object stream */
	uint32_t gen;     /* generation, or index in the object stream */
	uint16_t section; /* that named it, counted from the newest */
	uint8_t type;     /* 0 free, 1 in the file, 2 in an object stream; PDF_UNKNOWN */
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
	size_t n;               /* entries */
	uint16_t section;       /* that is being read */
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

/* A page with what it inherits. */
struct pdf_page {
	uint32_t number; /* of its object */
	uint64_t index;  /* from 1 */
	struct pdf_obj dict;
	double box[4], crop[4]; /* lower left and upper right corner; crop is what is shown */
	bool boxed, cropped;    /* there is such an entry */
	unsigned rotate;        /* clockwise: 0, 90, 180, 270 */
	double unit;            /* of its coordinates, in points */
};

/* The page at this place from 1 on, 0: the last; the page that is this object.
 * CARD_ERR_NOT_FOUND, CARD_ERR_MALFORMED, CARD_ERR_TOO_LONG. */
enum card_error pdf_page_at(struct pdf *p, uint64_t index, struct pdf_page *out);
enum card_error pdf_page_of(struct pdf *p, uint32_t number, struct pdf_page *out);

/* A number as it is, 0 if it is none; an array of four as corners in order. */
double pdf_number(const struct pdf_obj *o);
bool pdf_rectangle(struct pdf *p, const struct pdf_obj *dict, const char *key, double out[4]);

/* DocMDP level (§12.8.2.2) of the certifying signature: 1 to 3, or 0; number (may be NULL): its
 * object. */
enum card_error pdf_certified(struct pdf *p, unsigned *level, uint32_t *number);

/* A field of the form. */
#define PDF_NAME_MAX 128u
struct pdf_field {
	uint32_t number; /* object of the field; 0: written inline */
	struct pdf_obj field, value;
	uint32_t value_number;   /* 0: inline */
	struct card_bytes type;  /* FT, its own or from above */
	unsigned flags;          /* Ff, its own or from above */
	bool named, leaf;        /* it has a name of its own; no field lies below it */
	char name[PDF_NAME_MAX]; /* full name, UTF-8 */
};
bool pdf_field_is(const struct pdf_field *f, const char *type);

/* Call fn for each field and widget of the form, from above to below, until it answers an error. */
typedef enum card_error pdf_field_fn(void *ctx, const struct pdf_field *f);
enum card_error pdf_each_field(struct pdf *p, pdf_field_fn *fn, void *ctx);

#define PDF_FIELDS_MAX 256u

/* The signature fields that have a value, or those without one too. CARD_ERR_TOO_LONG. */
struct pdf_fields {
	struct pdf_field *field;
	size_t n;
};
enum card_error pdf_signature_fields(struct pdf *p, bool empty_too, struct pdf_fields *out);

/* ---- what a signature locks (§12.7.4.5 Lock, §12.8.2.4 FieldMDP) ---- */

enum pdf_lock_action { PDF_LOCK_NONE = 0, PDF_LOCK_ALL, PDF_LOCK_INCLUDE, PDF_LOCK_EXCLUDE };

struct pdf_lock {
	enum pdf_lock_action action;
	struct pdf_obj fields; /* array of full names */
	unsigned p;            /* DocMDP level (ISO 32000-2 §12.7.5.5); 0: none */
};

/* A /Lock dictionary or the transform parameters of FieldMDP. CARD_ERR_MALFORMED. */
enum card_error pdf_lock_read(struct pdf *p, const struct pdf_obj *dict, struct pdf_lock *out);

/* What the /Reference of a signature dictionary says; one of each kind of transform at most. */
enum card_error pdf_lock_of_signature(struct pdf *p, const struct pdf_obj *value,
				      struct pdf_lock *out);

/* true: the field of this full name, or one above it, is locked. */
bool pdf_lock_has(const struct pdf_lock *lock, const char *name);

/* Text string (§7.9.2.2) as UTF-8, cut to fit. */
void pdf_text(struct card_bytes string, char *out, size_t cap);

/* "D:20260102030405+09'00'" to an instant; false if it is none. */
bool pdf_date(struct card_bytes text, int64_t *utc);

/* true if one object number is there twice within a revision, by the order of bytes. What cannot
 * be read ends the search: the cross-reference decides what the document is. */
enum card_error pdf_objects_twice(struct pdf *p, bool *twice);

/* true if from this offset on there is nothing but objects and sections, and the last object of each
 * number is the one that the cross-reference leads to. */
enum card_error pdf_rest_is_named(struct pdf *p, size_t from, bool *named);

/* ---- changes ---- */

/* What a signature permits to come after it. */
struct pdf_policy {
	unsigned certified;   /* DocMDP level of the document; 0: none */
	bool fill;            /* fields that are not locked may be filled */
	struct pdf_lock lock; /* of the signature itself */
};

/*
 * Compare the document as signed with what it is now. Adds FLOW_REASON_CHANGED_AFTER or
 * FLOW_REASON_NOT_PERMITTED; nothing if only what may come came, which *later then names
 * (FLOW_LATER_…; 0: no object was touched).
 */
enum card_error pdf_changes(struct pdf *before, struct pdf *after, const struct pdf_policy *policy,
			    struct flow_reasons *reasons, unsigned *later);

#endif
