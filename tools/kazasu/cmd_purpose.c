/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_purpose.c — the catalogue of purposes (rules ch. 6). */
#include "commands.h"
#include "counter_words.h"
#include "options.h"
#include "output.h"
#include "rules.h"

#include <stdlib.h>
#include <string.h>

static json_t *as_json(const struct purpose *p)
{
	static const char *const use[] = {"no", "yes", "unstated"};
	char attributes[128];

	flow_attributes_format(p->attributes, attributes);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:o, s:o, s:i}", "id",
			 p->id, "class", p->rank == PURPOSE_LEGAL ? "legal" : "ordinance",
			 "basis_table", p->basis_table, "law", p->law, "text", p->text, "organ",
			 p->organ, "department", p->department, "attributes",
			 kz_list_json(attributes), "number_use", use[p->number], "right",
			 p->update ? "update" : "inquiry", "valid_from", kz_date_json(p->from),
			 "valid_to", kz_date_json(p->to), "line", (int)p->line);
}

static int list(struct kz *kz, const struct flow_rules *r)
{
	json_t *all = json_array();

	for (size_t i = 0; i < purpose_count(r->purposes); i++) {
		const struct purpose *p = purpose_at(r->purposes, i);

		if (purpose_check(r->purposes, p->id, kz_today(kz), 0, NULL) == PURPOSE_OK)
			kz_say_pair(kz, p->id, "%s: %s", p->law, p->text);
		json_array_append_new(all, as_json(p));
	}
	kz_json(kz, all);
	return KZ_DONE;
}

static int refuse(struct kz *kz, const char *id, enum purpose_answer a)
{
	return kz_fail_refused(kz, flow_identify_code_text(purpose_answer_code(a), kz->lang),
			       _("Purpose \"%s\": %s"), id, purpose_answer_code(a));
}

static int show(struct kz *kz, const struct flow_rules *r, const char *id)
{
	const struct purpose *p = NULL;
	char attributes[256];
	enum purpose_answer a = purpose_check(r->purposes, id, kz_today(kz), 0, &p);

	if (p == NULL)
		return refuse(kz, id, a);
	kz_words_attributes(p->attributes, attributes);
	kz_say_pair(kz, _("purpose"), "%s (%s)", p->id, p->rank == PURPOSE_LEGAL ? "法定" : "条例");
	kz_say_pair(kz, _("law"), "%s", p->law);
	kz_say_pair(kz, _("work"), "%s", p->text);
	kz_say_pair(kz, _("organ"), "%s %s", p->organ, p->department);
	kz_say_pair(kz, _("attributes"), "%s", attributes);
	kz_json(kz, as_json(p));
	return KZ_DONE;
}

/* `purpose check ID ATTRIBUTES`: may it be asked? Without ID: the tables are good. */
static int check(struct kz *kz, const struct flow_rules *r, const char *id, const char *wanted)
{
	enum purpose_answer a;
	unsigned attributes;
	char wrong[40];

	if (flow_attributes_parse(wanted, FLOW_ATTR_REGISTER, &attributes, wrong) != CARD_OK)
		return kz_fail_usage(kz, _("\"%s\" is no attribute."), wrong);
	a = purpose_check(r->purposes, id, kz_today(kz), attributes, NULL);
	if (a != PURPOSE_OK)
		return refuse(kz, id, a);
	kz_say(kz, "%s\n", _("This may be asked."));
	kz_json(kz, json_pack("{s:s, s:s}", "purpose", id, "answer", purpose_answer_code(a)));
	return KZ_DONE;
}

static int sums(struct kz *kz, const struct flow_rules *r, const char *stated)
{
	const long legal = purpose_sum(r->purposes, PURPOSE_LEGAL);
	const long ordinance = purpose_sum(r->purposes, PURPOSE_ORDINANCE);
	long want = legal + ordinance;

	if (stated != NULL && !kz_number(stated, 999999999, &want))
		return kz_fail_usage(kz, _("--stated takes a number."));
	kz_say_pair(kz, _("purposes"), "%zu", purpose_count(r->purposes));
	kz_say_pair(kz, _("a year"), "%ld + %ld = %ld", legal, ordinance, legal + ordinance);
	/* rules 6.3: both figures, and the rows are used. */
	if (want != legal + ordinance)
		kz_note(kz, _("kazasu: the rows add up to %ld, stated are %ld; the rows are used."),
			legal + ordinance, want);
	kz_json(kz,
		json_pack("{s:i, s:I, s:I, s:I, s:I, s:b}", "purposes",
			  (int)purpose_count(r->purposes), "legal", (json_int_t)legal, "ordinance",
			  (json_int_t)ordinance, "sum", (json_int_t)(legal + ordinance), "stated",
			  (json_int_t)want, "agrees", want == legal + ordinance));
	return KZ_DONE;
}

int cmd_purpose(struct kz *kz)
{
	const char *folder = NULL, *stated = NULL, *words[3];
	const struct kz_option options[] = {
		{"rules", 0, "DIR", &folder, NULL, N_("folder of the tables of rules")},
		{"stated", 0, "N", &stated, NULL, N_("a total to compare the rows with")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"list | show ID | check [ID ATTRIBUTES]",
		N_("The purposes for which a register may be asked, and the attributes that each may "
		   "have. `check` without more reads the tables and adds them up."),
		options, 1, 3};
	struct flow_rules rules = {0};
	size_t n;
	int rc = kz_options(kz, &usage, words, &n);

	if (rc == KZ_GO)
		rc = kz_rules_open(kz, folder, &rules);
	if (rc == KZ_GO) {
		if (strcmp(words[0], "list") == 0 && n == 1)
			rc = list(kz, &rules);
		else if (strcmp(words[0], "show") == 0 && n == 2)
			rc = show(kz, &rules, words[1]);
		else if (strcmp(words[0], "check") == 0 && n == 1)
			rc = sums(kz, &rules, stated);
		else if (strcmp(words[0], "check") == 0 && n == 3)
			rc = check(kz, &rules, words[1], words[2]);
		else
			rc = kz_fail_usage(kz, _("list, show ID or check [ID ATTRIBUTES]."));
	}
	flow_rules_free(&rules);
	return rc;
}
