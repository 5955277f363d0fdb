/* SPDX-License-Identifier: Apache-2.0 */
/*
 * procedure.h — the procedures (手続) a person can come for, and what they decide: what is read
 * from the card, which checks, which evidence (flows ch. 2, rules R3-08…R3-13, PD-11).
 */
#ifndef CARDFLOW_PROCEDURE_H
#define CARDFLOW_PROCEDURE_H

#include <card/grant.h>

#include <cardflow/attribute.h>
#include <cardflow/evidence.h>
#include <cardflow/purpose.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What can be checked about a card; the names are the keys of the JSON output. */
enum flow_check {
	FLOW_CHECK_CARD_CHAIN = 0,
	FLOW_CHECK_RECORD_SIGNATURE,
	FLOW_CHECK_CARD_CHALLENGE,
	FLOW_CHECK_CERTIFICATE_PATH,
	FLOW_CHECK_REVOCATION,
	FLOW_CHECK_IN_FORCE,
	FLOW_CHECK_CONSISTENCY,
	FLOW_CHECK_COUNT_
};
CARD_API const char *flow_check_name(enum flow_check c);

/* R3-09…R3-11: 個人番号利用事務等実施者 (and 個人番号関係事務実施者), or anyone else. */
enum flow_entity { FLOW_ENTITY_OTHER = 0, FLOW_ENTITY_NUMBER_USER };

enum flow_number_basis {
	FLOW_BASIS_NONE = 0,     /* the number is not read */
	FLOW_BASIS_SCHEDULE,     /* 別表 */
	FLOW_BASIS_ORDINANCE,    /* 番号利用条例 and 住基ネット利用条例 (R6-14) */
	FLOW_BASIS_RELATED_WORK, /* 個人番号関係事務: banks, employers */
	FLOW_BASIS_OTHER
};

enum flow_double_check { FLOW_DOUBLE_NONE = 0, FLOW_DOUBLE_SAME_DAY, FLOW_DOUBLE_NEXT_DAY };

struct flow_procedure {
	const char *id, *name, *name_en;
	enum flow_entity entity;
	unsigned attributes; /* read from the card: a set of enum flow_attribute */
	bool number;         /* the 個人番号 is read, on number_basis */
	enum flow_number_basis number_basis;
	const char *number_law;
	const char *purpose;         /* of register inquiries; "": none are made */
	const char *evidence_policy; /* of policies.csv */
	unsigned required_checks;    /* bit n: enum flow_check n */
	enum flow_double_check double_check;
	long retention_years;
	const char *retention_from; /* decision, contract-end, fiscal-year-end */
	bool keep_image;            /* the photo may be kept as evidence (R3-07) */
	bool unreadable_is_photo;   /* a card with a broken chip counts as a photo document (C07) */
	struct card_date from, to;
	const char *source;
	unsigned line;
};

typedef struct flow_procedures flow_procedures_t;

/*
 * Read procedures.csv. CARD_ERR_MALFORMED with *problem, among others: a number without a basis or
 * a basis without a number, a number for an entity that may not use it (R1-10), a purpose or
 * policy that is not there, retention under 5 years (PD-33). purposes and evidence may be NULL:
 * then they are not looked up.
 */
CARD_API enum card_error flow_procedures_read(flow_procedures_t **out, const char *path,
					      const purpose_catalogue_t *purposes,
					      const flow_evidence_t *evidence,
					      struct flow_problem *problem);
CARD_API void flow_procedures_free(flow_procedures_t **p);
CARD_API size_t flow_procedures_count(const flow_procedures_t *p);
CARD_API const struct flow_procedure *flow_procedures_at(const flow_procedures_t *p, size_t i);

/* The version of a day; NULL if there is none. */
CARD_API const struct flow_procedure *flow_procedure_find(const flow_procedures_t *p,
							  const char *id, struct card_date day);

/* "", "schedule", "ordinance-pair", … Static. */
CARD_API const char *flow_basis_name(enum flow_number_basis b);
CARD_API const char *flow_double_check_name(enum flow_double_check d);

/*
 * The objects of the card that a procedure opens, as a grant (design decision 10). with_number:
 * the operator holds the right to the number; without it, or where the procedure has none, the
 * grant has no number.
 */
CARD_API enum card_error flow_procedure_grant(const struct flow_procedure *p, bool with_number,
					      card_grant_t **out);

#ifdef __cplusplus
}
#endif
#endif
