/* SPDX-License-Identifier: Apache-2.0 */
/* desk_read.c — a single read at a counter, written down before and after (rules R3-13, R6-34). */
#include "desk.h"

#include <string.h>

#include "output.h"

static struct journal_record record(const struct kz_desk *d, const struct flow_procedure *p)
{
	return (struct journal_record){.event = "card-read",
				       .operator_id = d->who.id,
				       .role = d->who.roles,
				       .organ = d->who.organ,
				       .procedure = p->id,
				       .purpose = p->purpose,
				       .basis = p->number_law};
}

int kz_desk_read_begin(struct kz *kz, struct kz_desk *d, const struct flow_procedure *p,
		       const char *as, char txn[JOURNAL_TXN + 1])
{
	struct journal_record r;
	char what[80];
	enum card_error err;
	int rc = kz_desk_open(kz, d);

	if (rc == KZ_GO)
		rc = kz_desk_session(kz, d, as);
	if (rc != KZ_GO)
		return rc;
	r = record(d, p);
	snprintf(what, sizeof what, "procedure:%.60s", p->id);
	if (!flow_right_held(d->store, d->who.id, what, "number")) {
		r.event = "read-refused";
		r.result = JOURNAL_REFUSED;
		r.code = "no_right_to_number";
		err = journal_append(d->journal, &r, 1, NULL);
		return err == CARD_OK ? kz_desk_refuse(kz, r.code) : kz_fail_error(kz, err);
	}
	err = journal_intent(d->journal, &r, txn, NULL);
	return err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
}

int kz_desk_read_end(struct kz *kz, struct kz_desk *d, const struct flow_procedure *p,
		     const char *txn, int rc)
{
	struct journal_record r;
	enum card_error err = CARD_OK;

	if (d->journal != NULL && *txn != '\0') {
		r = record(d, p);
		r.phase = JOURNAL_OUTCOME;
		r.txn = txn;
		r.result = rc == KZ_DONE ? JOURNAL_OK : JOURNAL_FAILED;
		r.attributes = rc == KZ_DONE ? "my_number" : "";
		r.code = rc == KZ_DONE ? "unmasked" : "not_read";
		err = journal_append(d->journal, &r, 1, NULL);
	}
	kz_desk_close(d);
	return err == CARD_OK ? rc : kz_fail_error(kz, err);
}
