/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_register.c — the registers of residents: take one in, ask one (rules ch. 6, flows C22). */
#include "commands.h"
#include "counter_words.h"
#include "desk.h"
#include "options.h"
#include "output.h"
#include "registers.h"
#include "rules.h"
#include "words.h"

#include <string.h>

/* The words of the command line. */
struct asked {
	const char *rows, *number_rows, *sums, *procedure, *purpose, *attributes, *kind, *name,
		*birth, *as;
	bool form_number;
};

static int kind_of(const char *word)
{
	for (int i = 0; word != NULL && i < FLOW_REGISTER_COUNT_; i++) {
		if (strcmp(word, kz_register_names[i]) == 0)
			return i;
	}
	return word == NULL ? FLOW_REGISTER_ATENA : -1;
}

/* ---------------------------------------------------------------- import */

struct problems {
	struct kz *kz;
	json_t *list;
};

#define TOLD_MAX 50

static void tell(void *ctx, const struct flow_problem *p)
{
	struct problems *all = ctx;

	/* All of them in the document; a screen full for people. */
	if (json_array_size(all->list) < TOLD_MAX)
		kz_note(all->kz, p->line > 0 ? "%s:%u: %s" : "%s%.0u: %s", p->file, p->line,
			p->text);
	json_array_append_new(all->list, json_pack("{s:s, s:i, s:s}", "file", p->file, "line",
						   (int)p->line, "text", p->text));
}

static int say_import(struct kz *kz, enum card_error err, const struct flow_register_import *got,
		      struct problems *all)
{
	kz_say_pair(kz, err == CARD_OK ? _("taken in") : _("not taken in"),
		    _("%ld persons, %ld numbers"), got->persons, got->numbers);
	if (got->wrong > 0)
		kz_say_pair(kz, _("wrong"), _("%ld lines or sums"), got->wrong);
	kz_json(kz, json_pack("{s:b, s:I, s:I, s:I, s:I, s:O}", "taken", err == CARD_OK, "persons",
			      (json_int_t)got->persons, "numbers", (json_int_t)got->numbers,
			      "alive", (json_int_t)got->alive, "wrong", (json_int_t)got->wrong,
			      "problems", all->list));
	return err == CARD_OK ? KZ_DONE : KZ_BAD_DATA;
}

static int run_import(struct kz *kz, struct kz_desk *d, flow_store_t *store,
		      const struct flow_register_source *what)
{
	struct problems all = {kz, json_array()};
	struct flow_register_source s = *what;
	struct flow_register_import got = {.wrong = 0};
	struct flow_problem problem = {.text = ""};
	const struct journal_record r = {.event = "config-change",
					 .result = JOURNAL_OK,
					 .operator_id = d->who.id,
					 .organ = d->who.organ,
					 .code = "register_import"};
	enum card_error err = journal_append(d->journal, &r, 1, NULL);
	int rc;

	s.report = tell;
	s.ctx = &all;
	if (err == CARD_OK)
		err = flow_register_setup(store);
	if (err == CARD_OK)
		err = flow_register_import(store, &s, &got, &problem);
	rc = err == CARD_OK || (err == CARD_ERR_MALFORMED && got.wrong > 0)
		     ? say_import(kz, err, &got, &all)
		     : kz_rules_fail(kz, err, &problem);
	json_decref(all.list);
	return rc;
}

static int import(struct kz *kz, struct kz_desk *d, const char *const *words, size_t n,
		  const struct asked *a)
{
	struct flow_register_source s = {
		.persons = words[1], .numbers = n == 3 ? words[2] : NULL, .sums = a->sums};
	struct kz_registers all = {.reg = {NULL}};
	const int kind = kind_of(a->kind);
	int rc;

	if (a->rows != NULL && !kz_number(a->rows, 999999999, &s.stated_persons))
		return kz_fail_usage(kz, _("--rows takes a number."));
	if (a->number_rows != NULL && !kz_number(a->number_rows, 999999999, &s.stated_numbers))
		return kz_fail_usage(kz, _("--number-rows takes a number."));
	if (kind < 0)
		return kz_fail_usage(kz, _("--register takes atena, juki or jukinet."));
	if (!flow_list_has(d->who.roles, "security"))
		return kz_desk_refuse(kz, "role");
	rc = kz_registers_open(kz, d, &all);
	if (rc == KZ_GO && all.config.reg[kind][0] != '\0' && all.store[kind] == NULL)
		rc = kz_fail_error(kz, CARD_ERR_NO_SERVICE);
	else if (rc == KZ_GO && all.config.reg[kind][0] == '\0' && kind != FLOW_REGISTER_ATENA)
		rc = kz_fail_refused(kz, "", _("The configuration names no register \"%s\"."),
				     kz_register_names[kind]);
	if (rc == KZ_GO)
		rc = run_import(kz, d, all.store[kind] != NULL ? all.store[kind] : d->store, &s);
	kz_registers_close(&all);
	return rc;
}

/* ---------------------------------------------------------------- lookup */

/* Why this operator may not ask this; NULL: he may. */
static const char *no_right(const struct kz_desk *d, const struct flow_register_query *q)
{
	char what[80];

	if (q->procedure != NULL) {
		snprintf(what, sizeof what, "procedure:%.60s", q->procedure->id);
		if (!flow_right_held(d->store, d->who.id, what, "inquiry"))
			return "no_right";
		if (q->number != NULL && !flow_right_held(d->store, d->who.id, what, "number"))
			return "no_right_to_number";
	}
	if (q->purpose != NULL) {
		snprintf(what, sizeof what, "purpose:%.60s", q->purpose->id);
		if (!flow_right_held(d->store, d->who.id, what, "inquiry"))
			return "no_right";
	}
	return NULL;
}

/* Why it is asked: a procedure, a purpose of the catalogue, or both. */
static int reason_of(struct kz *kz, const struct asked *a, const struct flow_rules *rules,
		     struct flow_register_query *q)
{
	if (a->procedure == NULL && a->purpose == NULL)
		return kz_fail_usage(
			kz,
			_("An inquiry names its procedure or purpose (--procedure, --purpose)."));
	if (a->procedure != NULL) {
		q->procedure = flow_procedure_find(rules->procedures, a->procedure, q->day);
		if (q->procedure == NULL)
			return kz_fail_refused(kz, "", _("There is no procedure \"%s\"."),
					       a->procedure);
	}
	if (a->purpose != NULL) {
		const enum purpose_answer p =
			purpose_check(rules->purposes, a->purpose, q->day, 0, &q->purpose);

		if (p != PURPOSE_OK)
			return kz_fail_refused(
				kz, flow_identify_code_text(purpose_answer_code(p), kz->lang),
				_("Purpose \"%s\": %s"), a->purpose, purpose_answer_code(p));
	}
	return KZ_GO;
}

static json_t *answer_json(const struct flow_register_query *q,
			   const struct flow_register_answer *a)
{
	static const char *const numbers[] = {"undetermined", "confirmed", "changed", "mismatch"};
	json_t *o =
		json_pack("{s:b, s:s?}", "found", a->found, "atena", a->found ? a->atena : NULL);
	const char sex[2] = {a->sex, '\0'};

	/* Only what was asked for is there at all. */
	if ((q->attributes & FLOW_ATTR_NAME) != 0)
		json_object_set_new(o, "name", json_string(a->name));
	if ((q->attributes & FLOW_ATTR_ADDRESS) != 0)
		json_object_set_new(o, "address", json_string(a->address));
	if ((q->attributes & FLOW_ATTR_BIRTH_DATE) != 0)
		json_object_set_new(o, "birth", kz_date_json(a->birth));
	if ((q->attributes & FLOW_ATTR_SEX) != 0)
		json_object_set_new(o, "sex", json_string(sex));
	if ((q->attributes & FLOW_ATTR_ALIVE) != 0)
		json_object_set_new(o, "alive",
				    a->alive < 0 ? json_null() : json_boolean(a->alive));
	if ((q->attributes & FLOW_ATTR_FORMER_NAME) != 0) {
		json_object_set_new(o, "former_name", json_string(a->former_name));
		json_object_set_new(o, "alias", json_string(a->alias));
	}
	if ((q->attributes & FLOW_ATTR_RESIDENT_CODE) != 0)
		json_object_set_new(o, "resident_code", json_string(a->resident_code));
	if (q->number != NULL)
		json_object_set_new(o, "number", json_string(numbers[a->number]));
	return o;
}

static void say_answer(struct kz *kz, const struct flow_register_query *q,
		       const struct flow_register_answer *a)
{
	static const enum flow_number_result numbers[] = {
		FLOW_NUMBER_UNDETERMINED, FLOW_NUMBER_CONFIRMED, FLOW_NUMBER_CHANGED,
		FLOW_NUMBER_MISMATCH};
	const struct {
		unsigned bit;
		const char *label, *text;
	} rows[] = {{FLOW_ATTR_NAME, _("name"), a->name},
		    {FLOW_ATTR_ADDRESS, _("address"), a->address},
		    {FLOW_ATTR_FORMER_NAME, _("former name"), a->former_name},
		    {FLOW_ATTR_FORMER_NAME, _("alias"), a->alias},
		    {FLOW_ATTR_RESIDENT_CODE, _("resident code"), a->resident_code}};
	char birth[11];

	kz_say_pair(kz, _("found"), "%s", a->found ? a->atena : "-");
	if (!a->found)
		return;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if ((q->attributes & rows[i].bit) != 0)
			kz_say_pair(kz, rows[i].label, "%s", rows[i].text);
	}
	card_date_format(a->birth, birth);
	if ((q->attributes & FLOW_ATTR_BIRTH_DATE) != 0)
		kz_say_pair(kz, _("date of birth"), "%s", birth);
	if ((q->attributes & FLOW_ATTR_SEX) != 0)
		kz_say_pair(kz, _("sex"), "%s", kz_word_sex(a->sex));
	if ((q->attributes & FLOW_ATTR_ALIVE) != 0)
		kz_say_pair(kz, _("being alive"), "%s", a->alive == 1 ? _("yes") : _("no"));
	if (q->number != NULL)
		kz_say_pair(kz, _("individual number"), "%s",
			    kz_word_number_result(numbers[a->number]));
}

static int inquire(struct kz *kz, struct kz_desk *d, const struct flow_rules *rules, int kind,
		   const struct flow_register_query *q)
{
	struct kz_registers all = {.reg = {NULL}};
	struct flow_register_answer answer = {.found = false};
	enum card_error err;
	int rc = kz_registers_open(kz, d, &all);

	if (rc == KZ_GO && all.reg[kind] == NULL)
		rc = kind == FLOW_REGISTER_ATENA
			     ? KZ_UNDETERMINED
			     : kz_fail_refused(kz, "",
					       _("The configuration names no register "
						 "\"%s\"."),
					       kz_register_names[kind]);
	if (rc == KZ_GO) {
		err = flow_register_ask(all.reg[kind], d->journal, rules->purposes, q, &answer);
		if (err == CARD_ERR_DENIED)
			rc = kz_fail_refused(kz, flow_identify_code_text(answer.refused, kz->lang),
					     _("Not permitted (%s)."), answer.refused);
		else if (err != CARD_OK)
			rc = kz_fail_error(kz, err);
	}
	if (rc == KZ_GO || rc == KZ_UNDETERMINED) {
		say_answer(kz, q, &answer);
		kz_json(kz, answer_json(q, &answer));
		rc = answer.found ? KZ_DONE : KZ_UNDETERMINED;
	}
	card_wipe(&answer, sizeof answer);
	kz_registers_close(&all);
	return rc;
}

/* The number of the form comes as every secret does. */
static int number_of_form(struct kz *kz, char out[13])
{
	card_secret_t *s = NULL;
	int rc = kz_password_ask(
		kz,
		_("The individual number as written on the form, 12 digits. It is compared "
		  "and kept nowhere."),
		_("individual number"), &s);

	if (rc == KZ_GO && card_secret_bytes(s).n == 12)
		memcpy(out, card_secret_bytes(s).p, 12);
	card_secret_free(&s);
	return rc;
}

static int lookup(struct kz *kz, struct kz_desk *d, const char *atena, const struct asked *a)
{
	struct flow_rules rules = {0};
	struct flow_register_query q = {.atena = atena,
					.name = a->name,
					.day = kz_today(kz),
					.operator_id = d->who.id,
					.strong = d->strong};
	char wrong[40] = "", number[13] = "";
	const char *why;
	int rc = kz_rules_open(kz, NULL, &rules);

	if (rc == KZ_GO && kind_of(a->kind) < 0)
		rc = kz_fail_usage(kz, _("--register takes atena, juki or jukinet."));
	if (rc == KZ_GO && (atena == NULL) != (a->name != NULL && a->birth != NULL))
		rc = kz_fail_usage(kz, _("ATENA, or --name and --birth."));
	if (rc == KZ_GO)
		rc = kz_date_option(kz, "birth", a->birth, &q.birth);
	if (rc == KZ_GO &&
	    flow_attributes_parse(a->attributes != NULL ? a->attributes
				  : a->form_number      ? ""
							: "name",
				  FLOW_ATTR_REGISTER, &q.attributes, wrong) != CARD_OK)
		rc = kz_fail_usage(kz, _("\"%s\" is no attribute."), wrong);
	if (rc == KZ_GO)
		rc = reason_of(kz, a, &rules, &q);
	if (rc == KZ_GO && a->form_number) {
		rc = number_of_form(kz, number);
		q.number = number;
	}
	if (rc == KZ_GO) {
		why = no_right(d, &q);
		rc = why != NULL ? kz_desk_refuse(kz, why)
				 : inquire(kz, d, &rules, kind_of(a->kind), &q);
	}
	card_wipe(number, sizeof number);
	flow_rules_free(&rules);
	return rc;
}

int cmd_register(struct kz *kz)
{
	struct asked a = {.rows = NULL};
	const char *words[3];
	const struct kz_option options[] = {
		{"register", 0, "atena|juki|jukinet", &a.kind, NULL, N_("which register (atena)")},
		{"rows", 0, "N", &a.rows, NULL, N_("how many persons there should be")},
		{"number-rows", 0, "N", &a.number_rows, NULL,
		 N_("how many numbers there should be")},
		{"sums", 0, "F.csv", &a.sums, NULL, N_("sums that there should be: what,count")},
		{"procedure", 0, N_("ID"), &a.procedure, NULL, N_("what the person came for")},
		{"purpose", 0, N_("ID"), &a.purpose, NULL,
		 N_("the purpose of the catalogue (jukinet: needed)")},
		{"attributes", 0, N_("LIST"), &a.attributes, NULL,
		 N_("what is asked, joined by ;")},
		{"name", 0, N_("NAME"), &a.name, NULL,
		 N_("find the person by name and birth date")},
		{"birth", 0, "DATE", &a.birth, NULL, N_("day of birth")},
		{"form-number", 0, NULL, NULL, &a.form_number,
		 N_("compare the number as written on the form")},
		{"as", 0, N_("ID"), &a.as, NULL, N_("whose session (default: the Unix login)")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"import PERSONS.csv [NUMBERS.csv] | lookup [ATENA] --procedure ID | --purpose ID",
		N_("The registers of residents. An import is taken whole or not at all, and names every line and "
		   "sum that is wrong; an inquiry names why it is made, is in the journal, and gives only what "
		   "that may have."),
		options, 1, 3};
	struct kz_desk d;
	size_t n;
	int rc = kz_options(kz, &usage, words, &n);

	if (rc == KZ_GO)
		rc = kz_desk_enter(kz, &d, a.as);
	if (rc != KZ_GO)
		return rc;
	if (strcmp(words[0], "import") == 0 && n >= 2)
		rc = import(kz, &d, words, n, &a);
	else if (strcmp(words[0], "lookup") == 0 && n <= 2)
		rc = lookup(kz, &d, n == 2 ? words[1] : NULL, &a);
	else
		rc = kz_fail_usage(kz, _("import or lookup."));
	kz_desk_close(&d);
	return rc;
}
