/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence.h — documents (確認書類), what they are worth on a day, and the policies of procedures
 * (rules 3.2–3.4, PD-11, PD-12, TV-09).
 */
#ifndef CARDFLOW_EVIDENCE_H
#define CARDFLOW_EVIDENCE_H

#include <cardflow/calendar.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct flow_evidence flow_evidence_t;

/* Read evidence.csv, policies.csv, agents.csv and agent-documents.csv of a folder. */
CARD_API enum card_error flow_evidence_read(flow_evidence_t **out, const char *folder,
					    struct flow_problem *problem);
CARD_API void flow_evidence_free(flow_evidence_t **e);

enum flow_evidence_class {
	FLOW_EVIDENCE_OFFICIAL = 0, /* issued by an authority */
	FLOW_EVIDENCE_OTHER,
	FLOW_EVIDENCE_NUMBER, /* proves the number, never the person (R3-26) */
	FLOW_EVIDENCE_NEVER   /* proves nothing (PD-12) */
};

struct flow_evidence_kind {
	const char *kind, *name, *name_en;
	enum flow_evidence_class rank;
	bool photo, expiry_required;
	bool needs_register; /* counts only if name and address equal the register (PD-12) */
	bool needs_chip;     /* the card itself: counts by its checks, not by being shown */
	struct card_date from, to;
};
CARD_API size_t flow_evidence_count(const flow_evidence_t *e);
CARD_API struct flow_evidence_kind flow_evidence_at(const flow_evidence_t *e, size_t i);

/* A document as the operator entered it. */
struct flow_document {
	const char *kind;
	struct card_date expiry; /* {0}: none */
	bool copy;               /* not the original */
	bool register_equal;     /* name and address equal the register */
	const char
		*reference; /* its number, for the record, which keeps only the end; may be NULL */
};

enum flow_document_result {
	FLOW_DOC_ACCEPTED = 0,
	FLOW_DOC_UNKNOWN_KIND,
	FLOW_DOC_NOT_VALID_TODAY, /* the kind is no longer, or not yet, accepted */
	FLOW_DOC_EXPIRED,
	FLOW_DOC_NO_EXPIRY, /* this kind bears a date, and none was entered */
	FLOW_DOC_COPY,
	FLOW_DOC_TWICE,
	FLOW_DOC_NEVER,
	FLOW_DOC_REGISTER, /* the condition of PD-12 is not met */
	FLOW_DOC_CHIP      /* the card counts only after its own checks */
};
/* "accepted", "expired", "copy", … Static, stable. */
CARD_API const char *flow_document_result_name(enum flow_document_result r);

#define FLOW_DOCUMENTS_MAX 16

struct flow_evidence_answer {
	enum flow_document_result document[FLOW_DOCUMENTS_MAX];
	size_t photo, any; /* accepted documents about the person: with photo, and in all */
	bool fulfilled;
	bool number_proven; /* by a document of class number beside a photo (ladder 2, 2b) */
	char missing[200];  /* what would fulfil it, kinds and counts; "" if fulfilled */
};

/*
 * What these documents are worth under a policy on a day. chip_ok: the card's own checks passed
 * and the face was compared, so kojin-bango-card counts if it is among the documents.
 * CARD_ERR_NOT_FOUND: no such policy; CARD_ERR_TOO_LONG: more than FLOW_DOCUMENTS_MAX documents.
 */
CARD_API enum card_error flow_evidence_judge(const flow_evidence_t *e, const char *policy,
					     struct card_date day,
					     const struct flow_document *documents, size_t n,
					     bool chip_ok, struct flow_evidence_answer *out);
/* The needs of a policy as they stand in its table; "" if there is none. */
CARD_API const char *flow_evidence_needs(const flow_evidence_t *e, const char *policy);
CARD_API bool flow_evidence_has_policy(const flow_evidence_t *e, const char *policy);

/* An agent (代理人) and what was brought (TV-09). */
struct flow_agent_document {
	const char *kind;      /* of agent-documents.csv */
	bool copy, no_photo;   /* not the original; an identity document without photo */
	struct card_date day;  /* of the document; inkan-shomei: the day it was obtained */
	const char *reference; /* as above; may be NULL */
};
struct flow_agent {
	const char *agent_case; /* A, B1, B2, C1, C2, D, L, V */
	const char *who;        /* household, relative, care-worker, … */
	bool sign_certificate;  /* the card to be delivered holds a 署名用 certificate (+S) */
	struct card_date visit;
	const char *procedure; /* NULL: whether the case belongs to it is not asked */
	const struct flow_agent_document *documents;
	size_t n;
};
#define FLOW_AGENT_PROBLEMS_MAX 12
struct flow_agent_answer {
	bool accepted, legal; /* legal: 法定代理人, else 任意代理人 */
	const char *code;     /* "ok", "agent_case_refused", "agent_other_procedure",
				 "agent_kind_refused", "document_missing", "document_copy",
				 "document_without_photo", "document_too_old", "document_from_the_future":
				 of the first problem */
	char missing[40];     /* kind of the first document that is missing or refused */
	const char *name;     /* its name, Japanese; "" */
	/* Every document that is missing or refused, with its name and the code. */
	struct flow_agent_problem {
		const char *kind, *name, *name_en, *code;
	} problem[FLOW_AGENT_PROBLEMS_MAX];
	size_t problems;
};
/* A case of TV-09; texts are borrowed. documents: kinds joined by `;`. */
struct flow_agent_case {
	const char *id, *name, *agents, *documents, *procedures;
	bool legal, accept;
};
CARD_API size_t flow_agent_cases(const flow_evidence_t *e);
CARD_API struct flow_agent_case flow_agent_case_at(const flow_evidence_t *e, size_t i);
/* The name of a kind of an agent's document; "" if there is none. */
CARD_API const char *flow_agent_document_name(const flow_evidence_t *e, const char *kind,
					      enum card_lang lang);

/* What a policy needs (view.missing of a check), in words. */
CARD_API void flow_evidence_needs_text(const flow_evidence_t *e, const char *needs,
				       enum card_lang lang, char out[512]);

/* A reference of a document as records keep it: all but its last three characters hidden. */
#define FLOW_REFERENCE_TEXT 20
CARD_API void flow_reference_mask(const char *reference, char out[FLOW_REFERENCE_TEXT]);

/* CARD_ERR_NOT_FOUND: no such case. */
CARD_API enum card_error flow_agent_check(const flow_evidence_t *e, const struct flow_agent *a,
					  struct flow_agent_answer *out);

#ifdef __cplusplus
}
#endif
#endif
