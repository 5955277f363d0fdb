/* SPDX-License-Identifier: Apache-2.0 */
#include "apply_case.h"

#include <string.h>

#include "output.h"
#include "procedures.h"

/* What the tables say of the procedure; one that they do not know has no purpose there. */
static int take_procedure(struct kz *kz, const char *id, struct apply_case *c)
{
	const struct flow_procedure *p;
	struct kz_procedures all;
	int rc = kz_procedures_open(kz, &all);

	snprintf(c->procedure, sizeof c->procedure, "%s", id);
	p = rc == KZ_GO ? kz_procedure_find(kz, &all, id) : NULL;
	if (p != NULL) {
		snprintf(c->purpose, sizeof c->purpose, "%s", p->purpose);
		snprintf(c->basis, sizeof c->basis, "%s", p->number_law);
		c->number = p->number;
	}
	kz_procedures_close(&all);
	return rc;
}

static void take_subject(struct apply_case *c, const char *id)
{
	if (id != NULL && strlen(id) == 32)
		snprintf(c->subject, sizeof c->subject, "case:%s", id);
}

static int refuse(struct kz *kz, struct apply_case *c, const char *code)
{
	struct journal_record r = c->record;
	enum card_error err;

	r.result = JOURNAL_REFUSED;
	r.code = code;
	r.phase = *c->txn != '\0' ? JOURNAL_OUTCOME : JOURNAL_EVENT;
	r.txn = c->txn;
	err = journal_append(c->desk.journal, &r, 1, NULL);
	c->txn[0] = '\0';
	return err == CARD_OK ? kz_desk_refuse(kz, code) : kz_fail_error(kz, err);
}

int apply_case_begin(struct kz *kz, const struct apply_work *w, struct apply_case *c)
{
	char what[96];
	enum card_error err;
	int rc;

	memset(c, 0, sizeof *c);
	rc = take_procedure(kz, w->procedure, c);
	if (rc == KZ_GO)
		rc = kz_desk_open(kz, &c->desk);
	if (rc == KZ_GO)
		rc = kz_desk_session(kz, &c->desk, w->as);
	if (rc != KZ_GO)
		return rc;
	take_subject(c, w->id);
	snprintf(c->roles, sizeof c->roles, "%s", c->desk.who.roles);
	c->record = (struct journal_record){.event = w->event,
					    .operator_id = c->desk.who.id,
					    .role = c->roles,
					    .organ = c->desk.who.organ,
					    .procedure = c->procedure,
					    .purpose = c->purpose,
					    .basis = c->basis,
					    .subject = c->subject};
	snprintf(what, sizeof what, "procedure:%.60s", c->procedure);
	if (w->right != NULL && !flow_right_held(c->desk.store, c->desk.who.id, what, w->right))
		return refuse(kz, c, "no_right_to_procedure");
	if (w->content && c->number &&
	    !flow_right_held(c->desk.store, c->desk.who.id, what, "number"))
		return refuse(kz, c, "no_right_to_number");
	err = journal_intent(c->desk.journal, &c->record, c->txn, NULL);
	return err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
}

static bool administers(const char *roles)
{
	static const char *const list[] = {"supervisor", "security", "sysadmin"};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		const char *at = strstr(roles, list[i]);
		const size_t n = strlen(list[i]);

		if (at != NULL && (at == roles || at[-1] == ';') && (at[n] == '\0' || at[n] == ';'))
			return true;
	}
	return false;
}

int apply_case_confirm(struct kz *kz, struct apply_case *c, const char *administrator,
		       const char *examiner)
{
	const struct flow_operator who = c->desk.who;
	bool good;
	int rc = kz_desk_session(kz, &c->desk, administrator);

	if (rc != KZ_GO) {
		c->desk.who = who;
		return rc;
	}
	snprintf(c->approver, sizeof c->approver, "%s", c->desk.who.id);
	c->record.approver = c->approver;
	good = administers(c->desk.who.roles) && strcmp(c->desk.who.id, examiner) != 0;
	c->desk.who = who;
	return good ? KZ_GO : refuse(kz, c, "not_an_administrator");
}

int apply_case_end(struct kz *kz, struct apply_case *c, int rc, const char *code, const char *id,
		   const char *attributes)
{
	struct journal_record r = c->record;
	enum card_error err = CARD_OK;

	if (c->desk.journal != NULL && *c->txn != '\0') {
		take_subject(c, id);
		r.phase = JOURNAL_OUTCOME;
		r.txn = c->txn;
		r.result = rc == KZ_DONE || rc == KZ_INVALID ? JOURNAL_OK
			   : rc == KZ_UNDETERMINED           ? JOURNAL_UNDETERMINED
			   : rc == KZ_REFUSED                ? JOURNAL_REFUSED
							     : JOURNAL_FAILED;
		r.code = code != NULL && *code != '\0' ? code : rc == KZ_DONE ? "done" : "not_done";
		r.attributes = attributes;
		err = journal_append(c->desk.journal, &r, 1, NULL);
	}
	kz_desk_close(&c->desk);
	return err == CARD_OK ? rc : kz_fail_error(kz, err);
}
