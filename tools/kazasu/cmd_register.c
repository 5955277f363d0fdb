/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_register.c — the register of residents that belongs to this counter. */
#include "commands.h"
#include "desk.h"
#include "options.h"
#include "output.h"
#include "rules.h"

#include <string.h>

static int import(struct kz *kz, struct kz_desk *d, const char *const *words, size_t n, const char *rows)
{
	struct flow_register_import got, stated = {-1, -1};
	struct flow_problem problem = {.text = ""};
	const struct journal_record r = {.event = "config-change", .result = JOURNAL_OK,
					 .operator_id = d->who.id, .organ = d->who.organ,
					 .code = "register_import"};
	enum card_error err;

	if (rows != NULL && !kz_number(rows, 999999999, &stated.persons))
		return kz_fail_usage(kz, _("--rows takes a number."));
	if (!flow_list_has(d->who.roles, "security"))
		return kz_desk_refuse(kz, "role");
	err = journal_append(d->journal, &r, 1, NULL);
	if (err == CARD_OK)
		err = flow_register_import(d->store, words[1], n == 3 ? words[2] : NULL, &stated, &got,
					   &problem);
	if (err != CARD_OK)
		return kz_rules_fail(kz, err, &problem);
	kz_say_pair(kz, _("taken in"), _("%ld persons, %ld numbers"), got.persons, got.numbers);
	kz_json(kz, json_pack("{s:I, s:I}", "persons", (json_int_t)got.persons, "numbers",
			      (json_int_t)got.numbers));
	return KZ_DONE;
}

static int ask(struct kz *kz, struct kz_desk *d, const char *atena, const char *procedure,
	       const char *wanted)
{
	struct flow_rules rules = {0};
	flow_register_t *reg = NULL;
	struct flow_register_query q = {.atena = atena, .day = kz_today(kz), .operator_id = d->who.id,
					.strong = d->strong};
	struct flow_register_answer a;
	char wrong[40] = "", what[80];
	enum card_error err;
	int rc = kz_rules_open(kz, NULL, &rules);

	if (rc == KZ_GO &&
	    flow_attributes_parse(wanted != NULL ? wanted : "name", FLOW_ATTR_REGISTER, &q.attributes,
				  wrong) != CARD_OK)
		rc = kz_fail_usage(kz, _("\"%s\" is no attribute."), wrong);
	if (rc == KZ_GO) {
		q.procedure = flow_procedure_find(rules.procedures, procedure, q.day);
		snprintf(what, sizeof what, "procedure:%s", procedure != NULL ? procedure : "");
		if (q.procedure == NULL)
			rc = kz_fail_refused(kz, "", _("There is no procedure \"%s\"."),
					     procedure != NULL ? procedure : "");
		else if (!flow_right_held(d->store, d->who.id, what, "inquiry"))
			rc = kz_desk_refuse(kz, "no_right");
	}
	if (rc == KZ_GO) {
		err = flow_register_open(&reg, d->store, FLOW_REGISTER_ATENA, "00");
		if (err == CARD_OK)
			err = flow_register_ask(reg, d->journal, rules.purposes, &q, &a);
		if (err == CARD_ERR_DENIED) {
			rc = kz_fail_refused(kz, "", _("Not permitted (%s)."), a.refused);
		} else if (err != CARD_OK) {
			rc = kz_fail_error(kz, err);
		} else {
			kz_say_pair(kz, _("found"), "%s %s %s", a.found ? a.atena : "-", a.name, a.address);
			kz_json(kz, json_pack("{s:b, s:s, s:s, s:s, s:o}", "found", a.found, "atena",
					      a.atena, "name", a.name, "address", a.address, "birth",
					      kz_date_json(a.birth)));
			rc = a.found ? KZ_DONE : KZ_UNDETERMINED;
		}
		card_wipe(&a, sizeof a);
	}
	flow_register_close(&reg);
	flow_rules_free(&rules);
	return rc;
}

int cmd_register(struct kz *kz)
{
	const char *rows = NULL, *procedure = NULL, *attributes = NULL, *as = NULL, *words[3];
	const struct kz_option options[] = {
		{"rows", 0, "N", &rows, NULL, N_("how many persons there should be")},
		{"procedure", 0, N_("ID"), &procedure, NULL, N_("what the person came for")},
		{"attributes", 0, N_("LIST"), &attributes, NULL, N_("what is asked, joined by ;")},
		{"as", 0, N_("ID"), &as, NULL, N_("whose session (default: the Unix login)")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"import PERSONS.csv [NUMBERS.csv] | lookup ATENA --procedure ID",
		N_("The register of residents of this counter. An import is taken whole or not at all; an "
		   "inquiry names its procedure, is in the journal, and gives only what that may have."),
		options, 2, 3};
	struct kz_desk d;
	size_t n;
	int rc = kz_options(kz, &usage, words, &n);

	if (rc == KZ_GO)
		rc = kz_desk_open(kz, &d);
	if (rc != KZ_GO)
		return rc;
	rc = kz_desk_session(kz, &d, as);
	if (rc == KZ_GO) {
		if (strcmp(words[0], "import") == 0)
			rc = import(kz, &d, words, n, rows);
		else if (strcmp(words[0], "lookup") == 0 && n == 2)
			rc = ask(kz, &d, words[1], procedure, attributes);
		else
			rc = kz_fail_usage(kz, _("import or lookup."));
	}
	kz_desk_close(&d);
	return rc;
}
