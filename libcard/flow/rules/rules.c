/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/rules.h>

#include <stdio.h>
#include <string.h>

enum card_error flow_rules_read(struct flow_rules *out, const char *folder,
				struct flow_problem *problem)
{
	char path[4096];
	const size_t room = sizeof path;
	enum card_error err;

	if (out == NULL || folder == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof *out);
	if (strlen(folder) > room - 32)
		return CARD_ERR_TOO_LONG;
	snprintf(path, room, "%s/purposes.csv", folder);
	err = purpose_catalogue_read(&out->purposes, path, problem);
	if (err == CARD_OK)
		err = flow_evidence_read(&out->evidence, folder, problem);
	snprintf(path, room, "%s/procedures.csv", folder);
	if (err == CARD_OK)
		err = flow_procedures_read(&out->procedures, path, out->purposes, out->evidence,
					   problem);
	snprintf(path, room, "%s/lifecycle.csv", folder);
	if (err == CARD_OK)
		err = flow_lifecycle_rules_read(&out->lifecycle, path, problem);
	snprintf(path, room, "%s/pia-thresholds.csv", folder);
	if (err == CARD_OK)
		err = flow_pia_read(&out->pia, path, problem);
	if (err != CARD_OK)
		flow_rules_free(out);
	return err;
}

void flow_rules_free(struct flow_rules *r)
{
	if (r == NULL)
		return;
	purpose_catalogue_free(&r->purposes);
	flow_evidence_free(&r->evidence);
	flow_procedures_free(&r->procedures);
	flow_lifecycle_rules_free(&r->lifecycle);
	flow_pia_free(&r->pia);
}
