/* SPDX-License-Identifier: Apache-2.0 */
/* register.c — asking a register of residents. */
#include <cardflow/register.h>

#include <card/secret.h>
#include <card/text.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct flow_register {
	flow_store_t *store;
	enum flow_register_kind kind;
	char prefecture[3];
};

enum card_error flow_register_setup(flow_store_t *store)
{
	return flow_store_script(
		store,
		"CREATE TABLE IF NOT EXISTS register_person (atena TEXT PRIMARY KEY,"
		" name TEXT NOT NULL, address TEXT NOT NULL, birth_date TEXT NOT NULL,"
		" sex TEXT NOT NULL, alive TEXT NOT NULL, former_name TEXT NOT NULL,"
		" alias TEXT NOT NULL, prefecture TEXT NOT NULL, resident_code TEXT NOT NULL);"
		"CREATE TABLE IF NOT EXISTS register_number (atena TEXT NOT NULL"
		" REFERENCES register_person (atena), number TEXT NOT NULL UNIQUE,"
		" valid_from TEXT NOT NULL, valid_to TEXT NOT NULL,"
		" PRIMARY KEY (atena, valid_from));");
}

enum card_error flow_register_open(flow_register_t **out, flow_store_t *store,
				   enum flow_register_kind kind, const char *prefecture)
{
	if (out == NULL || (unsigned)kind > FLOW_REGISTER_JUKINET || prefecture == NULL ||
	    strlen(prefecture) != 2)
		return CARD_ERR_INVALID_ARGUMENT;
	*out = calloc(1, sizeof **out);
	if (*out == NULL)
		return CARD_ERR_NO_MEMORY;
	(*out)->store = store;
	(*out)->kind = kind;
	memcpy((*out)->prefecture, prefecture, 3);
	return CARD_OK;
}

void flow_register_close(flow_register_t **r)
{
	if (r == NULL)
		return;
	free(*r);
	*r = NULL;
}

/* What may be asked here: NULL, or the code of the refusal. */
static const char *refusal(const flow_register_t *r, const purpose_catalogue_t *purposes,
			   const struct flow_register_query *q)
{
	unsigned asked = q->attributes | (q->number != NULL ? FLOW_ATTR_MY_NUMBER : 0u);
	unsigned allowed;
	enum purpose_answer answer;

	if (r->kind == FLOW_REGISTER_JUKINET || q->purpose != NULL) {
		answer = purpose_check(purposes, q->purpose != NULL ? q->purpose->id : NULL, q->day,
				       asked, NULL);
		if (answer != PURPOSE_OK)
			return purpose_answer_code(answer);
	}
	if (r->kind == FLOW_REGISTER_JUKINET)
		return q->strong ? NULL : "strong_factor_missing"; /* PD-31 */
	if (q->procedure == NULL)
		return purpose_answer_code(PURPOSE_UNKNOWN);
	/* The own register: what the procedure reads, and the marks that names are compared with. */
	allowed = q->procedure->attributes | FLOW_ATTR_FORMER_NAME | FLOW_ATTR_ALIVE;
	if ((asked & FLOW_ATTR_MY_NUMBER) != 0 && !q->procedure->number)
		return purpose_answer_code(PURPOSE_NO_NUMBER);
	if ((asked & ~(allowed | FLOW_ATTR_MY_NUMBER)) != 0)
		return purpose_answer_code(PURPOSE_ATTRIBUTE);
	return NULL;
}

struct person {
	size_t n;
	struct flow_register_answer a;
	char prefecture[3];
};

static void put(char *out, size_t room, const char *text)
{
	snprintf(out, room, "%s", text != NULL ? text : "");
}

static enum card_error take_person(void *ctx, const char *const *c, size_t n)
{
	struct person *p = ctx;

	if (n != 10 || p->n++ > 0)
		return CARD_OK;
	put(p->a.atena, sizeof p->a.atena, c[0]);
	put(p->a.name, sizeof p->a.name, c[1]);
	put(p->a.address, sizeof p->a.address, c[2]);
	card_date_parse(card_bytes(c[3], strlen(c[3])), &p->a.birth);
	p->a.sex = c[4][0];
	p->a.alive = strcmp(c[5], "yes") == 0;
	put(p->a.former_name, sizeof p->a.former_name, c[6]);
	put(p->a.alias, sizeof p->a.alias, c[7]);
	put(p->prefecture, sizeof p->prefecture, c[8]);
	put(p->a.resident_code, sizeof p->a.resident_code, c[9]);
	return CARD_OK;
}

#define PERSON                                                                                     \
	"SELECT atena, name, address, birth_date, sex, alive, former_name, alias, prefecture,"     \
	" resident_code FROM register_person WHERE "

static enum card_error find(flow_register_t *r, const struct flow_register_query *q,
			    struct person *p)
{
	char birth[11];
	const char *params[2] = {q->atena, birth};

	card_date_format(q->birth, birth);
	if (r->store == NULL)
		return CARD_ERR_NO_SERVICE;
	if (q->atena != NULL)
		return flow_store_run(r->store, PERSON "atena = $1", params, 1, take_person, p);
	params[0] = q->name;
	if (q->name == NULL || *birth == '\0')
		return CARD_OK;
	return flow_store_run(r->store, PERSON "name = $1 AND birth_date = $2", params, 2,
			      take_person, p);
}

struct numbers {
	const char *want;
	char day[11];
	bool any, equal_now, equal_before;
	struct card_date since;
	struct flow_number_period history[FLOW_HISTORY_MAX];
	size_t periods;
};

static enum card_error take_number(void *ctx, const char *const *c, size_t n)
{
	struct numbers *s = ctx;
	/* R7-16: invisible before its first day. */
	const bool begun = n == 3 && strcmp(c[1], s->day) <= 0;
	const bool in_force = begun && (*c[2] == '\0' || strcmp(c[2], s->day) >= 0);

	if (!begun)
		return CARD_OK;
	s->any = true;
	if (s->periods < FLOW_HISTORY_MAX) {
		struct flow_number_period *h = &s->history[s->periods++];

		card_date_parse(card_bytes(c[1], strlen(c[1])), &h->from);
		card_date_parse(card_bytes(c[2], strlen(c[2])), &h->to);
	}
	if (in_force)
		card_date_parse(card_bytes(c[1], strlen(c[1])), &s->since);
	if (strcmp(c[0], s->want) == 0) {
		s->equal_now = s->equal_now || in_force;
		s->equal_before = true;
	}
	return CARD_OK;
}

static enum card_error compare_number(flow_register_t *r, const struct flow_register_query *q,
				      struct flow_register_answer *out)
{
	struct numbers s = {.want = q->number};
	const char *params[] = {out->atena};
	enum card_error err;

	card_date_format(q->day, s.day);
	err = flow_store_run(r->store,
			     "SELECT number, valid_from, valid_to FROM register_number"
			     " WHERE atena = $1 ORDER BY valid_from",
			     params, 1, take_number, &s);
	if (err != CARD_OK)
		return err;
	out->number = s.equal_now      ? FLOW_NUMBER_EQUAL
		      : s.equal_before ? FLOW_NUMBER_EARLIER
		      : s.any          ? FLOW_NUMBER_DIFFERENT
				       : FLOW_NUMBER_SILENT;
	if (out->number == FLOW_NUMBER_EARLIER) {
		out->number_since = s.since;
		memcpy(out->history, s.history, sizeof out->history);
		out->periods = s.periods;
	}
	return CARD_OK;
}

/* Only what was asked for leaves. */
static void limit(struct flow_register_answer *a, unsigned asked)
{
	if ((asked & FLOW_ATTR_NAME) == 0)
		card_wipe(a->name, sizeof a->name);
	if ((asked & FLOW_ATTR_ADDRESS) == 0)
		card_wipe(a->address, sizeof a->address);
	if ((asked & FLOW_ATTR_FORMER_NAME) == 0) {
		card_wipe(a->former_name, sizeof a->former_name);
		card_wipe(a->alias, sizeof a->alias);
	}
	if ((asked & FLOW_ATTR_RESIDENT_CODE) == 0)
		card_wipe(a->resident_code, sizeof a->resident_code);
	if ((asked & FLOW_ATTR_BIRTH_DATE) == 0)
		a->birth = (struct card_date){0};
	if ((asked & FLOW_ATTR_SEX) == 0)
		a->sex = '\0';
	if ((asked & FLOW_ATTR_ALIVE) == 0)
		a->alive = -1;
}

static enum card_error note(journal_t *j, const flow_register_t *r,
			    const struct flow_register_query *q, const char *atena,
			    const char *code)
{
	static const char *const kinds[] = {"atena", "juki", "jukinet"};
	char attributes[128], subject[64];
	const struct journal_record rec = {
		.event = strcmp(code, "found") == 0 || strcmp(code, "not_found") == 0
				 ? "provision"
				 : "provision-refused",
		.result = strcmp(code, "found") == 0       ? JOURNAL_OK
			  : strcmp(code, "not_found") == 0 ? JOURNAL_UNDETERMINED
							   : JOURNAL_REFUSED,
		.txn = q->txn,
		.operator_id = q->operator_id,
		.procedure = q->procedure != NULL ? q->procedure->id : "",
		.purpose = q->purpose != NULL ? q->purpose->id : "",
		.basis = q->purpose != NULL     ? q->purpose->law
			 : q->procedure != NULL ? q->procedure->number_law
						: "",
		.attributes = attributes,
		.recipient = kinds[r->kind],
		.code = code,
		.subject = *atena != '\0' ? subject : NULL};

	flow_attributes_format(q->attributes | (q->number != NULL ? FLOW_ATTR_MY_NUMBER : 0u),
			       attributes);
	snprintf(subject, sizeof subject, "atena:%s", atena);
	return journal_append(j, &rec, 1, NULL);
}

enum card_error flow_register_ask(flow_register_t *r, journal_t *j,
				  const purpose_catalogue_t *purposes,
				  const struct flow_register_query *q,
				  struct flow_register_answer *out)
{
	struct person p = {.n = 0};
	enum card_error err;

	if (r == NULL || j == NULL || q == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof *out);
	out->alive = -1;
	out->refused = refusal(r, purposes, q);
	if (out->refused != NULL) {
		err = note(j, r, q, "", out->refused);
		return err == CARD_OK ? CARD_ERR_DENIED : err;
	}
	err = find(r, q, &p);
	/* R6-04: 別表3 and 4 are for residents of other prefectures. */
	if (err == CARD_OK && p.n == 1 && q->purpose != NULL &&
	    (strcmp(q->purpose->basis_table, "別表3") == 0 ||
	     strcmp(q->purpose->basis_table, "別表4") == 0) &&
	    strcmp(p.prefecture, r->prefecture) == 0) {
		out->refused = "resident_of_own_prefecture";
		card_wipe(&p.a, sizeof p.a);
		err = note(j, r, q, "", out->refused);
		return err == CARD_OK ? CARD_ERR_DENIED : err;
	}
	if (err == CARD_OK && p.n == 1 && q->number != NULL)
		err = compare_number(r, q, &p.a);
	/* Nobody, two of them, or no answer at all: the same "silent" to the caller. */
	p.a.found = err == CARD_OK && p.n == 1;
	err = note(j, r, q, p.a.found ? p.a.atena : "", p.a.found ? "found" : "not_found");
	if (err == CARD_OK && p.a.found) {
		limit(&p.a, q->attributes);
		*out = p.a;
	}
	card_wipe(&p, sizeof p);
	return err;
}
