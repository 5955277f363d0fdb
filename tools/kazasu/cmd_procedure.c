/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_procedure.c — what people come for, and what is read from the card for it. */
#include "commands.h"
#include "counter_words.h"
#include "options.h"
#include "output.h"
#include "rules.h"

#include <string.h>

static json_t *as_json(const struct flow_procedure *p)
{
	char attributes[128];
	json_t *checks = json_array();

	flow_attributes_format(p->attributes, attributes);
	for (int c = 0; c < FLOW_CHECK_COUNT_; c++) {
		if ((p->required_checks & 1u << c) != 0)
			json_array_append_new(checks,
					      json_string(flow_check_name((enum flow_check)c)));
	}
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:o, s:b, s:s, s:s, s:s, s:s, s:o, s:s, s:I, s:s, s:b, s:o, "
		"s:o}",
		"id", p->id, "name", p->name, "name_en", p->name_en, "entity_class",
		p->entity == FLOW_ENTITY_NUMBER_USER ? "number-user" : "other", "attributes",
		kz_list_json(attributes), "number", p->number, "number_basis",
		flow_basis_name(p->number_basis), "number_law", p->number_law, "purpose",
		p->purpose, "evidence_policy", p->evidence_policy, "required_checks", checks,
		"double_check", flow_double_check_name(p->double_check), "retention_years",
		(json_int_t)p->retention_years, "retention_from", p->retention_from, "keep_image",
		p->keep_image, "valid_from", kz_date_json(p->from), "valid_to",
		kz_date_json(p->to));
}

static int list(struct kz *kz, const struct flow_rules *r)
{
	json_t *all = json_array();

	for (size_t i = 0; i < flow_procedures_count(r->procedures); i++) {
		const struct flow_procedure *p = flow_procedures_at(r->procedures, i);

		if (!flow_in_period(kz_today(kz), p->from, p->to))
			continue;
		kz_say_pair(kz, p->id, "%s%s%s%s", kz->lang == CARD_LANG_JA ? p->name : p->name_en,
			    p->number ? _(" [number: ") : "", p->number ? p->number_law : "",
			    p->number ? "]" : "");
		json_array_append_new(all, as_json(p));
	}
	kz_json(kz, all);
	return KZ_DONE;
}

static int show(struct kz *kz, const struct flow_rules *r, const char *id)
{
	const struct flow_procedure *p = flow_procedure_find(r->procedures, id, kz_today(kz));
	const bool ja = kz->lang == CARD_LANG_JA;
	char attributes[256], needs[512];

	if (p == NULL)
		return kz_fail_refused(kz, "", _("There is no procedure \"%s\"."), id);
	kz_words_attributes(p->attributes, attributes);
	flow_evidence_needs_text(r->evidence, flow_evidence_needs(r->evidence, p->evidence_policy),
				 kz->lang, needs);
	kz_say_pair(kz, _("procedure"), "%s", ja ? p->name : p->name_en);
	kz_say_pair(kz, _("read"), "%s", attributes);
	kz_say_pair(kz, _("individual number"), "%s", p->number ? p->number_law : _("not read"));
	for (int c = 0, n = 0; c < FLOW_CHECK_COUNT_; c++) {
		if ((p->required_checks & 1u << c) != 0)
			kz_say_pair(kz, n++ == 0 ? _("checks") : "", "%s",
				    kz_word_check_name((enum flow_check)c));
	}
	kz_say_pair(kz, _("without a card"), "%s", needs);
	kz_say_pair(kz, _("double check"), "%s", kz_word_double_check(p->double_check));
	kz_say_pair(kz, _("kept"), _("%ld years from %s"), p->retention_years,
		    kz_word_retention(p->retention_from));
	kz_json(kz, as_json(p));
	return KZ_DONE;
}

/* C06: the documents that are accepted today. */
static int documents(struct kz *kz, const struct flow_rules *r)
{
	static const char *const ranks[] = {"official", "other", "number", "never"};
	json_t *all = json_array();

	for (size_t i = 0; i < flow_evidence_count(r->evidence); i++) {
		const struct flow_evidence_kind k = flow_evidence_at(r->evidence, i);

		if (k.rank == FLOW_EVIDENCE_NEVER || !flow_in_period(kz_today(kz), k.from, k.to))
			continue;
		kz_say_pair(kz, k.kind, "%s%s%s", kz->lang == CARD_LANG_JA ? k.name : k.name_en,
			    k.photo ? _(" [photo]") : "",
			    k.expiry_required ? _(" [date of expiry]") : "");
		json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:s, s:b, s:b}", "kind",
						     k.kind, "name", k.name, "name_en", k.name_en,
						     "class", ranks[k.rank], "photo", k.photo,
						     "expiry_required", k.expiry_required));
	}
	kz_json(kz, all);
	return KZ_DONE;
}

static void say_case(struct kz *kz, const struct flow_rules *r, const struct flow_agent_case *c)
{
	const char *list = c->documents;

	kz_say_pair(kz, c->id, "%s (%s)%s", c->name, c->agents,
		    c->accept ? "" : _(" – no agent is accepted"));
	while (*list != '\0') {
		const struct card_bytes item = flow_list_next(&list);
		char kind[40];

		snprintf(kind, sizeof kind, "%.*s", (int)item.n, (const char *)item.p);
		kz_say_pair(kz, "", "%s: %s", kind,
			    flow_agent_document_name(r->evidence, kind, kz->lang));
	}
}

/* TV-09: who may come, and with what. */
static int agents(struct kz *kz, const struct flow_rules *r, const char *only)
{
	json_t *all = json_array();

	for (size_t i = 0; i < flow_agent_cases(r->evidence); i++) {
		const struct flow_agent_case c = flow_agent_case_at(r->evidence, i);

		if (only != NULL && strcmp(only, c.id) != 0 && !flow_list_has(c.procedures, only))
			continue;
		say_case(kz, r, &c);
		json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:b, s:o, s:o, s:o}", "case",
						     c.id, "name", c.name, "kind",
						     c.legal ? "legal" : "voluntary", "accepted",
						     c.accept, "agents", kz_list_json(c.agents),
						     "documents", kz_list_json(c.documents),
						     "procedures", kz_list_json(c.procedures)));
	}
	kz_json(kz, all);
	return KZ_DONE;
}

int cmd_procedure(struct kz *kz)
{
	const char *folder = NULL, *words[2];
	const struct kz_option options[] = {
		{"rules", 0, "DIR", &folder, NULL, N_("folder of the tables of rules")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"list | show ID | documents | agents [ID|CASE] | check",
		N_("The procedures people come for: what is read from the card, on which basis, with "
		   "which evidence; the documents accepted today; who may come for somebody else, with what. "
		   "`check` reads all tables and names what is wrong with its line."),
		options, 1, 2};
	struct flow_rules rules = {0};
	size_t n;
	int rc = kz_options(kz, &usage, words, &n);

	if (rc == KZ_GO)
		rc = kz_rules_open(kz, folder, &rules);
	if (rc == KZ_GO) {
		if (strcmp(words[0], "list") == 0 && n == 1) {
			rc = list(kz, &rules);
		} else if (strcmp(words[0], "show") == 0 && n == 2) {
			rc = show(kz, &rules, words[1]);
		} else if (strcmp(words[0], "documents") == 0 && n == 1) {
			rc = documents(kz, &rules);
		} else if (strcmp(words[0], "agents") == 0) {
			rc = agents(kz, &rules, n == 2 ? words[1] : NULL);
		} else if (strcmp(words[0], "check") == 0 && n == 1) {
			kz_say(kz, "%s\n", _("The tables are in order."));
			kz_json(kz, json_pack("{s:i, s:i}", "procedures",
					      (int)flow_procedures_count(rules.procedures),
					      "purposes", (int)purpose_count(rules.purposes)));
			rc = KZ_DONE;
		} else {
			rc = kz_fail_usage(kz, _("list, show ID, documents, agents or check."));
		}
	}
	flow_rules_free(&rules);
	return rc;
}
