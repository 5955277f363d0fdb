/* SPDX-License-Identifier: Apache-2.0 */
#include "lifecycle_more.h"

#include <stdlib.h>
#include <string.h>

#include "desk.h"
#include "options.h"
#include "output.h"
#include "rules.h"

#include <card/text.h>

#include <cardflow/digits.h>

/* ---------------------------------------------------------------- check digits */

static int say_digits(struct kz *kz, const char *kind, bool right)
{
	kz_say_pair(kz, _("check digit"), "%s", right ? _("right") : _("WRONG"));
	kz_json(kz, json_pack("{s:s, s:b}", "kind", kind, "check_digit", right));
	return right ? KZ_DONE : KZ_INVALID;
}

/* A number of a person comes as a secret does: never as an argument. */
static int typed_digits(struct kz *kz, const char *kind)
{
	const bool number = strcmp(kind, "number") == 0;
	card_secret_t *s = NULL;
	char digits[16] = "";
	int rc = kz_password_ask(kz,
				 number ? _("12 digits; they are checked and kept nowhere.")
					: _("11 digits; they are checked and kept nowhere."),
				 number ? _("individual number") : _("resident code"), &s);

	if (rc != KZ_GO)
		return rc;
	if (card_secret_bytes(s).n < sizeof digits)
		memcpy(digits, card_secret_bytes(s).p, card_secret_bytes(s).n);
	rc = say_digits(kz, kind,
			number ? card_number_valid(digits) : flow_resident_code_valid(digits));
	card_wipe(digits, sizeof digits);
	card_secret_free(&s);
	return rc;
}

int kz_lifecycle_digits(struct kz *kz, const char *const *words, size_t n)
{
	char complete[7];

	if (n == 1 && (strcmp(words[0], "number") == 0 || strcmp(words[0], "resident-code") == 0))
		return typed_digits(kz, words[0]);
	if (n != 2 || strcmp(words[0], "municipality") != 0)
		return kz_fail_usage(
			kz,
			_("digits takes number, resident-code or municipality CODE; a number of a "
			  "person comes through --pin-fd."));
	if (!flow_municipality_code_complete(words[1], complete))
		return say_digits(kz, words[0], flow_municipality_code_valid(words[1]));
	kz_say_pair(kz, _("code"), "%s", complete);
	kz_json(kz, json_pack("{s:s, s:s, s:b}", "kind", words[0], "code", complete, "check_digit",
			      true));
	return KZ_DONE;
}

/* ---------------------------------------------------------------- assessment */

static const char *const level_names[] = {"out-of-scope", "threshold", "focused", "full", NULL};
static const char *const kind_names[] = {"electronic", "paper", "staff-hr", NULL};

static int word_of(const char *word, size_t n, const char *const *words)
{
	for (int i = 0; words[i] != NULL; i++) {
		if (strlen(words[i]) == n && memcmp(words[i], word, n) == 0)
			return i;
	}
	return -1;
}

/* "electronic:120000:hidden" */
static bool read_file(const char *text, struct flow_pia_file *out)
{
	const char *colon = strchr(text, ':'), *rest;
	const int kind = colon != NULL ? word_of(text, (size_t)(colon - text), kind_names) : -1;
	char count[16];
	size_t n;

	if (kind < 0)
		return false;
	n = strcspn(colon + 1, ":");
	rest = colon + 1 + n;
	if (n == 0 || n >= sizeof count || (*rest != '\0' && strcmp(rest, ":hidden") != 0))
		return false;
	memcpy(count, colon + 1, n);
	count[n] = '\0';
	*out = (struct flow_pia_file){.kind = kind_names[kind], .number_hidden = *rest != '\0'};
	return kz_number(count, 999999999, &out->subjects);
}

static int judge(struct kz *kz, const struct flow_pia_case *c, const char *folder)
{
	static const char *const yes_no[][2] = {{"no", N_("not needed")},
						{"optional", N_("optional")},
						{"required", N_("required")}};
	struct flow_rules rules = {0};
	struct flow_pia_answer a = {.rule = ""};
	const char *comment = "";
	enum card_error err;
	int rc = kz_rules_open(kz, folder, &rules);

	if (rc != KZ_GO)
		return rc;
	err = flow_pia_judge(rules.pia, c, &a);
	if (err != CARD_OK) {
		rc = kz_fail_error(kz, err);
	} else {
		for (size_t i = 0; i < 3; i++) {
			if (strcmp(a.public_comment, yes_no[i][0]) == 0)
				comment = _(yes_no[i][1]);
		}
		kz_say_pair(kz, _("assessment"), "%s",
			    kz->lang == CARD_LANG_JA ? a.level_ja : level_names[a.level]);
		kz_say_pair(kz, _("by the rules"), "%s%s",
			    *a.rule != '\0' ? a.rule : _("raised by the body"),
			    a.high_risk ? _(", high risk") : "");
		kz_say_pair(kz, _("public comment"), "%s", comment);
		kz_json(kz, json_pack("{s:s, s:s, s:s, s:b, s:s, s:s}", "level",
				      level_names[a.level], "level_ja", a.level_ja, "rule", a.rule,
				      "high_risk", a.high_risk, "public_comment", a.public_comment,
				      "third_party_review", a.third_party_review));
		rc = KZ_DONE;
	}
	flow_rules_free(&rules);
	return rc;
}

int kz_lifecycle_pia(struct kz *kz, const char *const *files, size_t n,
		     const struct kz_pia_words *w)
{
	struct flow_pia_file list[16];
	struct flow_pia_case c = {.files = list, .n = n, .day = kz_today(kz)};
	int rc = kz_date_option(kz, "incident", w->incident, &c.incident);
	int level = 0;

	if (rc != KZ_GO)
		return rc;
	if (n == 0 || n > sizeof list / sizeof *list)
		return kz_fail_usage(
			kz,
			_("pia takes 1 to 16 files such as electronic:120000 or paper:300:hidden."));
	for (size_t i = 0; i < n; i++) {
		if (!read_file(files[i], &list[i]))
			return kz_fail_usage(
				kz,
				_("\"%s\" is no file: electronic, paper or staff-hr, then the number of "
				  "subjects."),
				files[i]);
	}
	if (w->handlers != NULL && !kz_number(w->handlers, 999999999, &c.handlers))
		return kz_fail_usage(kz, _("--handlers takes a number."));
	if (w->raise != NULL)
		level = word_of(w->raise, strlen(w->raise), level_names);
	if (level < 0)
		return kz_fail_usage(kz, _("--raise takes threshold, focused or full."));
	c.raised = (enum flow_pia_level)level;
	return judge(kz, &c, w->folder);
}
