/* SPDX-License-Identifier: Apache-2.0 */
/* journal_entries.h — records for the tests of the journal: written, read back, checked. */
#ifndef JOURNAL_ENTRIES_H
#define JOURNAL_ENTRIES_H

#include "journal_on_both.h"

static inline struct journal_record look(const char *reason)
{
	return (struct journal_record){.event = "card-read",
				       .result = JOURNAL_OK,
				       .operator_id = "suzuki",
				       .role = "操作者",
				       .organ = "市民課",
				       .procedure = "jido-teate",
				       .purpose = "L31",
				       .basis = "児童手当法",
				       .attributes = "name;address",
				       .reason = reason};
}

static inline long add(struct journal_case *c, const char *reason)
{
	const struct journal_record r = look(reason);
	long seq = 0;

	assert_ok(journal_append(c->journal, &r, 1, &seq));
	return seq;
}

struct seen {
	size_t n;
	struct journal_entry last;
	char reason[64], event[32], subject[4096], start[32], related[48], code[48], phase[16];
};

static inline enum card_error see(void *ctx, const struct journal_entry *e)
{
	struct seen *s = ctx;

	s->n++;
	s->last = *e;
	snprintf(s->reason, sizeof s->reason, "%s", e->reason);
	snprintf(s->event, sizeof s->event, "%s", e->event);
	snprintf(s->subject, sizeof s->subject, "%s", e->subject);
	snprintf(s->start, sizeof s->start, "%s", e->start);
	snprintf(s->related, sizeof s->related, "%s", e->related);
	snprintf(s->code, sizeof s->code, "%s", e->code);
	snprintf(s->phase, sizeof s->phase, "%s", e->phase);
	return CARD_OK;
}

static inline struct seen read_all(struct journal_case *c, struct journal_filter f)
{
	struct seen s = {.n = 0};

	assert_ok(journal_read(c->store, &f, see, &s));
	return s;
}

static inline long check(struct journal_case *c)
{
	long bad = -1;

	assert_ok(journal_check(c->journal, true, &bad));
	return bad;
}

#endif
