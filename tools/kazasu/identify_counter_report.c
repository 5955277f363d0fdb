/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identify_counter_report.c — a check at the counter on one sheet of paper (rules R3-16): the three
 * results, what was checked, which evidence there was, who compared.
 *
 * It is for the file of the procedure: no 個人番号, no secret, no serial; the photo only where the
 * procedure lets it be kept (R3-07).
 */
#include "identify_counter.h"

#include <string.h>
#include <time.h>

#include "counter_words.h"
#include "file.h"
#include "image.h"
#include "output.h"
#include "words.h"

#include <cardflow/report.h>

bool kz_counter_take_picture(struct kz_counter *c, struct card_bytes jp2)
{
	struct kz_image image;
	enum card_error err = kz_image_from_jp2(jp2, &image);

	if (err == CARD_OK)
		err = kz_image_to_png(&image, &c->picture);
	kz_image_free(&image);
	return err == CARD_OK;
}

static enum flow_tone tone_of(bool good, bool bad)
{
	return good ? FLOW_TONE_GOOD : bad ? FLOW_TONE_BAD : FLOW_TONE_OPEN;
}

/* "card: valid", and a sentence on what it means. */
static void one_result(flow_sheet_t *s, enum flow_tone tone, const char *what, const char *word,
		       const char *sentence)
{
	char text[120];

	snprintf(text, sizeof text, "%s: %s", what, word);
	flow_sheet_verdict(s, tone, text, sentence);
}

static void three_results(flow_sheet_t *s, const struct flow_identify_view *v)
{
	static const char *const cards[] = {N_("not used"), N_("valid"), N_("invalid"),
					    N_("not decided")};
	static const char *const card_means[] = {
		N_("Other documents had to decide."), N_("Genuine, and in force."),
		N_("It must not be accepted."),
		N_("Not everything that the procedure requires could be checked.")};
	static const char *const person_means[] = {
		N_("Neither the operator's answer nor documents confirm the person."),
		N_("By the operator's answer, or by documents that the procedure accepts."),
		N_("The operator saw another person, or the documents do not fit.")};
	static const char *const number_means[] = {
		N_("The procedure did not need it."), N_("It belongs to this person."),
		N_("It does not belong to this person."),
		N_("Another number is in force: a correction case is open."),
		N_("Nothing could tell whether it belongs to this person.")};

	one_result(s,
		   v->card == FLOW_CARD_NOT_USED
			   ? FLOW_TONE_PLAIN
			   : tone_of(v->card == FLOW_CARD_VALID, v->card == FLOW_CARD_INVALID),
		   _("card"), _(cards[v->card]), _(card_means[v->card]));
	one_result(s, tone_of(v->person == FLOW_PERSON_CONFIRMED, v->person == FLOW_PERSON_REFUSED),
		   _("identity"), kz_word_person_result(v->person), _(person_means[v->person]));
	one_result(s,
		   v->number == FLOW_NUMBER_NOT_ASKED ? FLOW_TONE_PLAIN
						      : tone_of(v->number == FLOW_NUMBER_CONFIRMED,
								v->number == FLOW_NUMBER_MISMATCH),
		   _("individual number"), kz_word_number_result(v->number),
		   _(number_means[v->number]));
}

/* The local time of Japan, wherever the machine is. */
static void now_text(const struct kz *kz, char out[40])
{
	const time_t t = (time_t)kz_now(kz) + 9 * 3600;
	struct tm tm;

	out[0] = '\0';
	if (gmtime_r(&t, &tm) != NULL)
		strftime(out, 40, "%Y-%m-%d %H:%M (UTC+9)", &tm);
}

static void what_for(const struct kz *kz, flow_sheet_t *s, const struct kz_counter *c,
		     const struct flow_identify_view *v)
{
	static const char *const routes[] = {N_("number B and the photo"), N_("text PIN"),
					     N_("certificate only")};
	char when[40], operator[200];

	now_text(kz, when);
	snprintf(operator, sizeof operator, "%s (%s)", c->desk.who.person, v->operator_id);
	flow_sheet_heading(s, _("The check"));
	flow_sheet_row(s, _("record"), v->record_id);
	flow_sheet_row(s, _("procedure"),
		       kz->lang == CARD_LANG_JA ? v->procedure->name : v->procedure->name_en);
	flow_sheet_row(s, _("date and time"), when);
	flow_sheet_row(s, _("place"), c->desk.who.organ);
	flow_sheet_row(s, _("compared by"), operator);
	if (c->w->second != NULL)
		flow_sheet_row(s, _("second check by"), c->w->second);
	flow_sheet_row(s, _("presenter"),
		       v->agent ? _("an agent, with the agent's own card")
				: _("the holder in person"));
	flow_sheet_row(s, _("route"),
		       c->w->no_card ? _("other documents only") : _(routes[c->w->route]));
	flow_sheet_row(s, _("double check"), kz_word_double_check(v->procedure->double_check));
}

static void add_attribute(flow_sheet_t *s, const json_t *attributes, const char *key,
			  const char *label)
{
	const json_t *value = json_object_get(attributes, key);

	if (json_is_string(value))
		flow_sheet_row(s, label,
			       strcmp(key, "sex") == 0 ? kz_word_sex(json_string_value(value)[0])
						       : json_string_value(value));
}

static void who(flow_sheet_t *s, const struct kz_counter *c)
{
	if (json_object_size(c->attributes) == 0)
		return;
	flow_sheet_heading(s, _("On the card"));
	if (c->picture.n > 0)
		flow_sheet_picture(s, card_buf_bytes(&c->picture), 28, _("photo"));
	add_attribute(s, c->attributes, "name", _("name"));
	add_attribute(s, c->attributes, "address", _("address"));
	add_attribute(s, c->attributes, "birth", _("date of birth"));
	add_attribute(s, c->attributes, "sex", _("sex"));
}

static void checks(flow_sheet_t *s, const struct flow_identify_view *v)
{
	char text[200];

	if (v->card == FLOW_CARD_NOT_USED)
		return;
	flow_sheet_heading(s, _("What was checked"));
	for (int i = 0; i < FLOW_CHECK_COUNT_; i++) {
		const enum card_check check = v->check[i];

		snprintf(text, sizeof text, "%s: %s", kz_word_check_name((enum flow_check)i),
			 kz_word_check(check));
		flow_sheet_item(s,
				check == CARD_CHECK_PASS   ? FLOW_TONE_GOOD
				: check == CARD_CHECK_FAIL ? FLOW_TONE_BAD
							   : FLOW_TONE_PLAIN,
				text);
	}
}

static void evidence(const struct kz *kz, flow_sheet_t *s, const struct kz_counter *c,
		     const struct flow_identify_view *v)
{
	char text[600];

	if (v->evidence != NULL && c->n_papers > 0) {
		flow_sheet_heading(s, _("Other documents"));
		for (size_t i = 0; i < c->n_papers; i++) {
			const enum flow_document_result r = v->evidence->document[i];

			snprintf(text, sizeof text, "%s: %s",
				 kz_word_document(kz, c->rules.evidence, c->papers[i].kind),
				 kz_word_document_result(r));
			flow_sheet_item(s, r == FLOW_DOC_ACCEPTED ? FLOW_TONE_GOOD : FLOW_TONE_BAD,
					text);
		}
		if (*v->missing != '\0') {
			flow_evidence_needs_text(c->rules.evidence, v->missing, kz->lang, text);
			flow_sheet_row(s, _("missing"), text);
		}
	}
	if (v->number == FLOW_NUMBER_NOT_ASKED)
		return;
	flow_sheet_heading(s, _("How the number was compared"));
	for (int i = 0; i < FLOW_LADDER_COUNT_; i++) {
		const enum flow_ladder_result r = v->ladder[i];

		if (r == FLOW_LADDER_NOT_TRIED)
			continue;
		snprintf(text, sizeof text, "%s: %s", kz_word_ladder_step((enum flow_ladder_step)i),
			 kz_word_ladder_result(r));
		flow_sheet_item(s,
				tone_of(r == FLOW_LADDER_CONFIRMED,
					r == FLOW_LADDER_MISMATCH || r == FLOW_LADDER_REFUSED),
				text);
	}
}

static void notes(const struct kz *kz, flow_sheet_t *s, const struct flow_identify_view *v)
{
	flow_sheet_heading(s, _("Noted"));
	for (size_t i = 0; i < v->codes; i++)
		flow_sheet_text(s, flow_identify_code_text(v->code[i], kz->lang));
	for (unsigned m = 1; m <= FLOW_NAME_KANA; m <<= 1) {
		if ((v->name_marks & m) != 0)
			flow_sheet_text(s, flow_name_mark_text((enum flow_name_mark)m, kz->lang));
	}
	if (v->supervisor)
		flow_sheet_text(s, _("The supervisor is to be called."));
}

int kz_counter_report(struct kz *kz, struct kz_counter *c, bool test)
{
	const struct flow_identify_view v = flow_identify_view(c->id);
	flow_sheet_t *s = NULL;
	card_buf_t pdf = {0};
	char foot[200];
	enum card_error err = flow_sheet_new(&s, _("Record of an identity check"), kz->lang);
	int rc;

	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	if (test)
		flow_sheet_mark(s, _("TEST"));
	snprintf(foot, sizeof foot, "%s · %s · Kazasu %s", v.record_id, c->desk.terminal,
		 KAZASU_VERSION);
	flow_sheet_foot(s, foot);
	three_results(s, &v);
	what_for(kz, s, c, &v);
	who(s, c);
	checks(s, &v);
	evidence(kz, s, c, &v);
	notes(kz, s, &v);
	err = flow_sheet_write(s, FLOW_SHEET_PDF, &pdf);
	flow_sheet_free(&s);
	rc = err == CARD_OK ? kz_file_write(kz, c->w->report, card_buf_bytes(&pdf), 0600)
			    : kz_fail_error(kz, err);
	card_buf_free(&pdf);
	return rc;
}
