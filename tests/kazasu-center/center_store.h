/* SPDX-License-Identifier: Apache-2.0 */
/* center_store.h — a case for each test, two persons, and what the store says about a transaction. */
#ifndef CENTER_STORE_H
#define CENTER_STORE_H

#include "center_case.h"

static struct center_case k;
static struct person alice, bob;

static inline int start(void **state)
{
	(void)state;
	case_start(&k, NULL);
	person_make(&alice, 0x1234);
	person_make(&bob, 0x1235);
	return 0;
}

static inline int stop(void **state)
{
	(void)state;
	person_free(&alice);
	person_free(&bob);
	case_stop(&k);
	return 0;
}

static inline void nothing_is_left(const struct kiosk *t)
{
	assert_int_equal(case_count(&k, "SELECT COUNT(*) FROM issue_document WHERE id = $1", t->id),
			 0);
	assert_int_equal(case_count(&k,
				    "SELECT COUNT(*) FROM issue_transaction WHERE id = $1 AND"
				    " (doc_key <> '' OR resident <> '' OR card <> '')",
				    t->id),
			 0);
}

static inline long valid(const struct kiosk *t)
{
	return case_count(&k, "SELECT COUNT(*) FROM issue_copy WHERE id = $1 AND state = 2", t->id);
}

static inline long voided(const struct kiosk *t)
{
	return case_count(&k, "SELECT COUNT(*) FROM issue_copy WHERE id = $1 AND state = 3", t->id);
}

static inline long owed(const struct kiosk *t)
{
	return case_count(&k,
			  "SELECT COALESCE(SUM(amount), 0) FROM issue_refund WHERE id = $1 AND"
			  " state = 'effective'",
			  t->id);
}

#endif
