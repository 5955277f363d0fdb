/* SPDX-License-Identifier: Apache-2.0 */
/* identify_counter_say.c — what a check at the counter came to, in words and as JSON. */
#include "identify_counter.h"

#include <string.h>

#include "counter_words.h"
#include "output.h"
#include "rules.h"

static json_t *reasons_json(const struct kz *kz, const struct flow_identify_view *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->codes; i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:s}", "code", v->code[i], "message",
						flow_identify_code_text(v->code[i], kz->lang)));
	return list;
}

static json_t *checks_json(const struct flow_identify_view *v)
{
	json_t *object = json_object();

	for (int i = 0; i < FLOW_CHECK_COUNT_; i++)
		json_object_set_new(object, flow_check_name((enum flow_check)i),
				    json_string(card_check_name(v->check[i])));
	return object;
}

static json_t *marks_json(unsigned marks)
{
	json_t *list = json_array();

	for (unsigned m = 1; m <= FLOW_NAME_KANA; m <<= 1) {
		if ((marks & m) != 0)
			json_array_append_new(
				list, json_string(flow_name_mark_name((enum flow_name_mark)m)));
	}
	return list;
}

static json_t *differences_json(const struct flow_identify_view *v)
{
	static const char *const fields[FLOW_DIFFER_COUNT_][3] = {
		{"birth", "surface", "text"},
		{"birth", "surface", "number_b"},
		{"sex", "surface", "text"},
		{"expiry", "surface", "common"},
		{"expiry", "surface", "number_b"}};
	json_t *list = json_array();

	for (int i = 0; i < FLOW_DIFFER_COUNT_; i++) {
		if (v->differs[i])
			json_array_append_new(list,
					      json_pack("{s:s, s:[s, s]}", "field", fields[i][0],
							"between", fields[i][1], fields[i][2]));
	}
	/* Marked differences are told, not only those that count (R1-17). */
	if (v->name_compared && (v->name_differs || v->name_marks != 0))
		json_array_append_new(list, json_pack("{s:s, s:[s, s], s:b, s:o}", "field", "name",
						      "between", "text", "register", "same",
						      !v->name_differs, "marks",
						      marks_json(v->name_marks)));
	return list;
}

static json_t *ladder_json(const struct flow_identify_view *v)
{
	json_t *list = json_array();

	for (int s = 0; s < FLOW_LADDER_COUNT_; s++) {
		if (v->ladder[s] != FLOW_LADDER_NOT_TRIED)
			json_array_append_new(
				list, json_pack("{s:s, s:s}", "step",
						flow_ladder_step_name((enum flow_ladder_step)s),
						"result", flow_ladder_result_name(v->ladder[s])));
	}
	return list;
}

static json_t *documents_json(const struct kz_counter *c, const struct flow_identify_view *v)
{
	json_t *list = json_array();

	for (size_t i = 0; v->evidence != NULL && i < c->n_papers; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:s}", "kind", c->papers[i].kind, "result",
					flow_document_result_name(v->evidence->document[i])));
	return list;
}

static json_t *history_json(const struct flow_identify_view *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->periods; i++)
		json_array_append_new(list, json_pack("{s:o, s:o}", "from",
						      kz_date_json(v->history[i].from), "to",
						      kz_date_json(v->history[i].to)));
	return list;
}

/* The verdict speaks of the card; one that was not used leaves it open. */
static const char *verdict_name(enum flow_card_result card)
{
	return card == FLOW_CARD_VALID     ? "valid"
	       : card == FLOW_CARD_INVALID ? "invalid"
					   : "undetermined";
}

static void say_documents(struct kz *kz, const struct kz_counter *c,
			  const struct flow_identify_view *v)
{
	for (size_t i = 0; v->evidence != NULL && i < c->n_papers; i++)
		kz_say_pair(kz, i == 0 ? _("evidence") : "", "%s: %s",
			    kz_word_document(kz, c->rules.evidence, c->papers[i].kind),
			    kz_word_document_result(v->evidence->document[i]));
}

static void say_ladder(struct kz *kz, const struct flow_identify_view *v)
{
	bool first = true;

	for (int s = 0; s < FLOW_LADDER_COUNT_; s++) {
		if (v->ladder[s] == FLOW_LADDER_NOT_TRIED || v->number == FLOW_NUMBER_NOT_ASKED)
			continue;
		kz_say_pair(kz, first ? _("steps") : "", "%s: %s",
			    kz_word_ladder_step((enum flow_ladder_step)s),
			    kz_word_ladder_result(v->ladder[s]));
		first = false;
	}
}

static void say_history(struct kz *kz, const struct flow_identify_view *v)
{
	for (size_t i = 0; i < v->periods; i++) {
		char from[11], to[11];

		card_date_format(v->history[i].from, from);
		card_date_format(v->history[i].to, to);
		kz_say_pair(kz, i == 0 ? _("its history") : "", "%s – %s", from, to);
	}
}

static void say_marks(struct kz *kz, const struct flow_identify_view *v)
{
	for (unsigned m = 1; m <= FLOW_NAME_KANA; m <<= 1) {
		if ((v->name_marks & m) != 0)
			kz_say_pair(kz, _("name"), "%s",
				    flow_name_mark_text((enum flow_name_mark)m, kz->lang));
	}
}

static void say(struct kz *kz, const struct kz_counter *c, const struct flow_identify_view *v,
		bool test)
{
	char missing[512];

	kz_say_pair(kz, _("card"), "%s%s", kz_word_card_result(v->card), test ? _("  [TEST]") : "");
	kz_say_pair(kz, _("the person"), "%s", kz_word_person_result(v->person));
	kz_say_pair(kz, _("individual number"), "%s", kz_word_number_result(v->number));
	for (size_t i = 0; i < v->codes; i++)
		kz_say_pair(kz, i == 0 ? _("noted") : "", "%s",
			    flow_identify_code_text(v->code[i], kz->lang));
	say_marks(kz, v);
	say_history(kz, v);
	say_documents(kz, c, v);
	say_ladder(kz, v);
	if (*v->missing != '\0') {
		flow_evidence_needs_text(c->rules.evidence, v->missing, kz->lang, missing);
		kz_say_pair(kz, _("missing"), "%s", missing);
	}
	kz_say_pair(kz, _("record"), "%s", v->record_id);
	if (c->w->report != NULL)
		kz_say_pair(kz, _("report"), "%s", c->w->report);
	kz_note(kz, "%s", flow_identify_message(c->id, kz->lang));
}

int kz_counter_say(struct kz *kz, struct kz_counter *c)
{
	const struct flow_identify_view v = flow_identify_view(c->id);
	const bool test = v.test || kz_session_is_test(kz, &c->card);

	if (c->w->report != NULL) {
		const int rc = kz_counter_report(kz, c, test);

		if (rc != KZ_GO)
			return rc;
	}
	say(kz, c, &v, test);
	kz_json(kz,
		json_pack(
			"{s:s, s:s, s:s, s:o, s:o, s:O, s:s?, s:o, s:i, s:s, s:s, s:s, s:s, s:o, s:o, s:o, "
			"s:s, s:b, s:s?, s:b}",
			"verdict", verdict_name(v.card), "person",
			flow_person_result_name(v.person), "number",
			flow_number_result_name(v.number), "reasons", reasons_json(kz, &v),
			"checks", checks_json(&v), "attributes", c->attributes, "photo", c->photo,
			"differences", differences_json(&v), "apdus",
			c->card.ch != NULL ? (int)card_channel_commands(c->card.ch) : 0, "journal",
			v.record_id, "procedure", v.procedure->id, "state",
			flow_state_name(v.state), "presenter", v.agent ? "agent" : "self",
			"evidence", documents_json(c, &v), "ladder", ladder_json(&v), "history",
			history_json(&v), "missing", v.missing, "supervisor", v.supervisor,
			"report", c->w->report, "test", test));
	return v.card == FLOW_CARD_VALID     ? KZ_DONE
	       : v.card == FLOW_CARD_INVALID ? KZ_INVALID
					     : KZ_UNDETERMINED;
}

int kz_counter_say_authority(struct kz *kz, const struct kz_counter *c)
{
	const struct flow_agent_answer *a = flow_identify_view(c->id).authority;
	const struct kz_failure none = {.error = CARD_ERR_DENIED, .exit = KZ_REFUSED, .hint = ""};
	struct kz_failure f = none;
	char hint[1200] = "";
	size_t used = 0;

	for (size_t i = 0; i < a->problems && used + 1 < sizeof hint; i++)
		used += (size_t)snprintf(
			hint + used, sizeof hint - used, "%s%s: %s", i > 0 ? "\n" : "",
			kz->lang == CARD_LANG_JA ? a->problem[i].name : a->problem[i].name_en,
			flow_identify_code_text(a->problem[i].code, kz->lang));
	f.message = a->problems > 0 ? _("The agent's documents are not complete. To be brought:")
				    : flow_identify_code_text(a->code, kz->lang);
	f.hint = hint;
	return kz_fail(kz, &f);
}
