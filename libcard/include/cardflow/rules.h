/* SPDX-License-Identifier: Apache-2.0 */
/* rules.h — all tables of rules of one folder, read together. */
#ifndef CARDFLOW_RULES_H
#define CARDFLOW_RULES_H

#include <cardflow/evidence.h>
#include <cardflow/lifecycle.h>
#include <cardflow/pia.h>
#include <cardflow/procedure.h>
#include <cardflow/purpose.h>

#ifdef __cplusplus
extern "C" {
#endif

struct flow_rules {
	purpose_catalogue_t *purposes;
	flow_procedures_t *procedures;
	flow_evidence_t *evidence;
	flow_lifecycle_rules_t *lifecycle;
	flow_pia_t *pia;
};

/* Read purposes.csv, procedures.csv, evidence.csv, policies.csv, agents.csv, agent-documents.csv,
 * lifecycle.csv and pia-thresholds.csv. On error *out is {0} and *problem says where. */
CARD_API enum card_error flow_rules_read(struct flow_rules *out, const char *folder,
					 struct flow_problem *problem);
CARD_API void flow_rules_free(struct flow_rules *r);

#ifdef __cplusplus
}
#endif
#endif
