/* SPDX-License-Identifier: Apache-2.0 */
/* evidence_tables.h — the tables behind flow_evidence_t, shared by the files of evidence. */
#ifndef EVIDENCE_TABLES_H
#define EVIDENCE_TABLES_H

#include <cardflow/evidence.h>

struct flow_evidence {
	flow_table_t *kinds, *policies, *agents, *papers;
};

enum { KIND_CLASS = 3, KIND_PHOTO, KIND_EXPIRY, KIND_CONDITION, KIND_FROM, KIND_TO };
enum { POLICY_NEEDS = 2 };
enum { AGENT_LAW = 2, AGENT_WHO, AGENT_ACCEPT, AGENT_DOCUMENTS, AGENT_PROCEDURES };
enum { PAPER_NAME = 1, PAPER_NAME_EN, PAPER_PHOTO = 3, PAPER_ORIGINAL };

/* The row whose first column is id; SIZE_MAX if none. */
size_t evidence_find_row(const flow_table_t *t, const char *id);

/* A need of a policy: `photo:1`, `any:2`, `tsuchi-card:1`. */
struct evidence_need {
	struct card_bytes what;
	size_t count; /* 0: could not be read */
};
struct evidence_need evidence_need_parse(const char *p, size_t n);
bool evidence_need_is(const struct evidence_need *need, const char *word);

#endif
