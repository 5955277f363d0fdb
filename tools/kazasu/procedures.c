/* SPDX-License-Identifier: Apache-2.0 */
#include "procedures.h"

#include <string.h>

#include "rules.h"

int kz_procedures_open(struct kz *kz, struct kz_procedures *out)
{
	int rc;

	memset(out, 0, sizeof *out);
	rc = kz_rules_open(kz, NULL, &out->rules);
	for (size_t i = 0; rc == KZ_GO && i < flow_procedures_count(out->rules.procedures); i++) {
		const struct flow_procedure *p = flow_procedures_at(out->rules.procedures, i);
		const size_t used = strlen(out->with_number);

		if (p->number && flow_in_period(kz_today(kz), p->from, p->to) &&
		    used + strlen(p->id) + 3 < sizeof out->with_number)
			snprintf(out->with_number + used, sizeof out->with_number - used, "%s%s",
				 used > 0 ? ", " : "", p->id);
	}
	return rc;
}

void kz_procedures_close(struct kz_procedures *p)
{
	flow_rules_free(&p->rules);
}

const struct flow_procedure *kz_procedure_find(const struct kz *kz, const struct kz_procedures *p,
					       const char *id)
{
	return flow_procedure_find(p->rules.procedures, id, kz_today(kz));
}
