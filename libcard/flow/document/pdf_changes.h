/* SPDX-License-Identifier: Apache-2.0 */
/* pdf_changes.h — two states of a document side by side. */
#ifndef DOCUMENT_PDF_CHANGES_H
#define DOCUMENT_PDF_CHANGES_H

#include <cardflow/verify_document.h>

#include "pdf.h"

/* What became of an object. */
enum change_state {
	CHANGE_NONE = 0,
	CHANGE_REWRITTEN,
	CHANGE_NEW,
	CHANGE_EXPLAINED /* rewritten, and compared where it is named */
};

/* What an object of the earlier state is for. */
enum change_role {
	ROLE_NONE = 0,   /* anything */
	ROLE_EMPTY,      /* a signature field without a value */
	ROLE_FILLABLE,   /* a field or widget whose value may change */
	ROLE_APPEARANCE, /* what such a widget shows, and nothing else refers to */
	ROLE_VALIDATION, /* /DSS and what lies below it */
	ROLE_METADATA
};

struct changes {
	struct pdf *before, *after;
	const struct pdf_policy *policy;
	uint8_t *state, *role; /* by object number */
	size_t n;
	unsigned later; /* FLOW_LATER_… */
	bool owned;     /* something was rewritten that only its owner may refer to */
	bool refused;   /* something else was changed */
	bool forbidden; /* a change of a kind that the signature excludes */
};

/* ---- asking (pdf_compare.c) ---- */

bool changes_there(const struct pdf *p, size_t i); /* an object of this number exists */
bool changes_is_new(const struct changes *c, const struct pdf_obj *ref);
bool changes_rewritten(const struct changes *c, const struct pdf_obj *ref);
enum change_role changes_role(const struct changes *c, const struct pdf_obj *ref);
void changes_set_role(struct changes *c, const struct pdf_obj *ref, enum change_role role);

/* A rewritten object was compared by whoever names it. */
void changes_explain(struct changes *c, const struct pdf_obj *ref);

/* Equal dictionaries but for these keys (NULL ends them). */
bool changes_equal_but(const struct pdf_obj *a, const struct pdf_obj *b, const char *const *but);

/* The same key of two dictionaries, resolved; a rewritten object that both name is explained. */
enum card_error changes_pair(struct changes *c, const struct pdf_obj *a, const struct pdf_obj *b,
			     const char *key, struct pdf_obj *was, struct pdf_obj *is);

/* The array has its old items in their order, then only new signature fields. */
enum card_error changes_only_signatures_added(struct changes *c, const struct pdf_obj *was,
					      const struct pdf_obj *is);

/* ---- fields (pdf_change_field.c) ---- */

/* Give their roles to the fields of the earlier state and to what they show. */
enum card_error changes_find_fields(struct changes *c);

/* A new field that holds nothing but a signature. */
enum card_error changes_new_signature(struct changes *c, const struct pdf_obj *ref, bool *yes);

/* A rewritten field or widget: filled as it may be. */
enum card_error changes_field(struct changes *c, uint32_t number, const struct pdf_obj *was,
			      const struct pdf_obj *is, bool *yes);

/* ---- what is not shown (pdf_change_extra.c) ---- */

/* Validation data, metadata and document information. */
enum card_error changes_extras(struct changes *c, const struct pdf_obj *was,
			       const struct pdf_obj *is);

#endif
