/* SPDX-License-Identifier: Apache-2.0 */
/* identify_compare.c — do the records of one card agree? */
#include "identify_internal.h"

#include <stdio.h>
#include <string.h>

/* Of two that are no dates nothing can be said. */
static bool dates_differ(struct card_date a, struct card_date b)
{
	if (!card_date_valid(a) && !card_date_valid(b))
		return false;
	return card_date_compare(a, b) != 0;
}

/* Number B begins with the era's year, month and day of birth and the year of expiry
 * (card-spec 5.1). */
static void compare_number(struct flow_identify *id)
{
	char want[24];
	int era_year = 0;

	if (strlen(id->number_b) != 10 || !card_date_valid(id->face.birth) ||
	    card_date_era(id->face.birth, &era_year) == CARD_ERA_NONE)
		return;
	snprintf(want, sizeof want, "%02d%02d%02d", era_year % 100, id->face.birth.month,
		 id->face.birth.day);
	id->v.differs[FLOW_DIFFER_BIRTH_NUMBER] = memcmp(want, id->number_b, 6) != 0;
	if (!card_date_valid(id->face.expiry))
		return;
	snprintf(want, sizeof want, "%04d", id->face.expiry.year);
	id->v.differs[FLOW_DIFFER_EXPIRY_NUMBER] = memcmp(want, id->number_b + 6, 4) != 0;
}

void idcheck_compare(struct flow_identify *id)
{
	id->v.check[FLOW_CHECK_CONSISTENCY] = CARD_CHECK_SKIPPED;
	memset(id->v.differs, 0, sizeof id->v.differs);
	/* With the text record alone there is nothing to compare it with. */
	if (id->v.face == NULL || id->v.attributes == NULL)
		return;
	id->v.differs[FLOW_DIFFER_BIRTH_TEXT] = dates_differ(id->face.birth, id->text.birth);
	id->v.differs[FLOW_DIFFER_SEX_TEXT] = id->face.sex != id->text.sex;
	if (id->v.record != NULL)
		id->v.differs[FLOW_DIFFER_EXPIRY_RECORD] =
			dates_differ(id->face.expiry, id->record.expiry);
	compare_number(id);
	id->v.check[FLOW_CHECK_CONSISTENCY] = CARD_CHECK_PASS;
	for (size_t i = 0; i < FLOW_DIFFER_COUNT_; i++) {
		if (id->v.differs[i])
			id->v.check[FLOW_CHECK_CONSISTENCY] = CARD_CHECK_FAIL;
	}
}
