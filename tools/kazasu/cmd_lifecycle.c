/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_lifecycle.c — until when a card and its certificates are valid (rules ch. 2). */
#include "commands.h"
#include "lifecycle_more.h"
#include "options.h"
#include "output.h"
#include "rules.h"

#include <string.h>

/* The words of the command line. */
struct asked {
	const char *born, *issued, *applied, *renewed_from, *card_expiry, *auth_expiry, *stay_until,
		*rules_at, *juki, *folder, *handlers, *incident, *raise;
	bool ward, sign_anyway;
};

static int read_dates(struct kz *kz, const struct asked *a, struct flow_lifecycle_case *c)
{
	const struct {
		const char *option, *text;
		struct card_date *out;
	} dates[] = {{"born", a->born, &c->birth},
		     {"issued", a->issued, &c->issued},
		     {"applied", a->applied, &c->applied},
		     {"renewed-from", a->renewed_from, &c->renewed_from},
		     {"card-expiry", a->card_expiry, &c->card_expiry},
		     {"auth-expiry", a->auth_expiry, &c->auth_expiry},
		     {"stay-until", a->stay_until, &c->stay_until},
		     {"rules-at", a->rules_at, &c->rules_at}};
	int rc = KZ_GO;

	for (size_t i = 0; i < sizeof dates / sizeof *dates && rc == KZ_GO; i++)
		rc = kz_date_option(kz, dates[i].option, dates[i].text, dates[i].out);
	c->ward = a->ward;
	c->sign_anyway = a->sign_anyway;
	c->object = a->auth_expiry != NULL   ? FLOW_LIFE_SIGN
		    : a->card_expiry != NULL ? FLOW_LIFE_CERT
					     : FLOW_LIFE_CARD;
	if (rc == KZ_GO && a->auth_expiry != NULL && a->card_expiry == NULL)
		rc = kz_fail_usage(kz, _("--auth-expiry needs --card-expiry."));
	return rc;
}

static void say_day(struct kz *kz, const char *label, struct card_date d, const char *otherwise)
{
	char iso[11], era[40] = "";

	card_date_format(d, iso);
	if (*iso == '\0')
		kz_say_pair(kz, label, "%s", otherwise);
	else if (card_date_format_era(d, era, sizeof era) == CARD_OK)
		kz_say_pair(kz, label, "%s (%s)", iso, era);
}

static const char *action_word(enum flow_lifecycle_action a)
{
	return a == FLOW_LIFE_TOO_EARLY ? "too_early" : a == FLOW_LIFE_RENEW ? "renew" : "reissue";
}

static void answer(struct kz *kz, const struct flow_lifecycle *l)
{
	static const char *const actions[] = {N_("too early to renew"), N_("can be renewed"),
					      N_("past its date: to be issued anew")};
	enum flow_lifecycle_action action = FLOW_LIFE_TOO_EARLY;
	const bool window = card_date_valid(l->window_end);

	say_day(kz, _("card"), l->card_expiry, "");
	say_day(kz, _("authentication"), l->auth_expiry, "");
	say_day(kz, _("signature"), l->sign_expiry, _("none is issued"));
	if (window) {
		action = flow_lifecycle_action(l->window_end, kz_today(kz));
		say_day(kz, _("renewal from"), l->window_start, "");
		say_day(kz, _("renewal until"), l->window_end, "");
		kz_say_pair(kz, _("today"), "%s", _(actions[action]));
	}
	kz_say_pair(kz, _("by the rules"), "%s, %s", l->rule->name, l->age_class);
	kz_json(kz,
		json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:i, s:s, s:b, s:o}", "card_expiry",
			  kz_date_json(l->card_expiry), "auth_expiry", kz_date_json(l->auth_expiry),
			  "sign_expiry", kz_date_json(l->sign_expiry), "base",
			  kz_date_json(l->base), "window_start", kz_date_json(l->window_start),
			  "window_end", kz_date_json(l->window_end), "rule_set", l->rule->name,
			  "age", l->age, "age_class", l->age_class, "renewal", l->renewal, "action",
			  window ? json_string(action_word(action)) : json_null()));
}

static int compute(struct kz *kz, const struct asked *a)
{
	struct flow_rules rules = {0};
	struct flow_lifecycle_case c = {0};
	struct flow_lifecycle l;
	enum card_error err;
	int rc = read_dates(kz, a, &c);

	if (rc == KZ_GO)
		rc = kz_rules_open(kz, a->folder, &rules);
	if (rc == KZ_GO) {
		rc = KZ_DONE;
		err = flow_lifecycle_compute(rules.lifecycle, &c, &l);
		if (err == CARD_OK)
			answer(kz, &l);
		else if (err == CARD_ERR_EXPIRED)
			rc = kz_fail_refused(kz, "",
					     _("Nothing can be issued: the card or the period "
					       "of stay ends before the issue day."));
		else if (err == CARD_ERR_INVALID_ARGUMENT)
			rc = kz_fail_usage(kz, _("The issue day is before the day of birth."));
		else
			rc = kz_fail_error(kz, err);
	}
	flow_rules_free(&rules);
	return rc;
}

static int juki(struct kz *kz, const struct asked *a)
{
	struct card_date acquired = {0}, number_card = {0}, last;
	int rc = kz_date_option(kz, "juki-acquired", a->juki, &acquired);

	if (rc == KZ_GO)
		rc = kz_date_option(kz, "issued", a->issued, &number_card);
	if (rc != KZ_GO)
		return rc;
	if (flow_juki_card_expiry(acquired, number_card, &last) != CARD_OK)
		return kz_fail_usage(kz,
				     _("No resident register card was issued after 2015-12-31."));
	say_day(kz, _("last valid day"), last, "");
	kz_json(kz, json_pack("{s:o}", "card_expiry", kz_date_json(last)));
	return KZ_DONE;
}

int cmd_lifecycle(struct kz *kz)
{
	struct asked a = {.born = NULL};
	const struct kz_option options[] = {
		{"born", 0, "DATE", &a.born, NULL, N_("day of birth of the holder")},
		{"issued", 0, "DATE", &a.issued, NULL, N_("issue day (default: today)")},
		{"applied", 0, "DATE", &a.applied, NULL, N_("day of the application")},
		{"renewed-from", 0, "DATE", &a.renewed_from, NULL, N_("expiry of what is renewed")},
		{"card-expiry", 0, "DATE", &a.card_expiry, NULL,
		 N_("certificates only, on a card that stays until this day")},
		{"auth-expiry", 0, "DATE", &a.auth_expiry, NULL,
		 N_("signature certificate only, beside the one that runs until this day")},
		{"stay-until", 0, "DATE", &a.stay_until, NULL, N_("end of the period of stay")},
		{"ward", 0, NULL, NULL, &a.ward, N_("the holder is an adult ward")},
		{"sign-anyway", 0, NULL, NULL, &a.sign_anyway,
		 N_("a signature certificate in spite of age or ward")},
		{"rules-at", 0, "DATE", &a.rules_at, NULL, N_("use the rules of this day")},
		{"juki-acquired", 0, "DATE", &a.juki, NULL,
		 N_("a resident register card instead; --issued: when the number card came")},
		{"handlers", 0, "N", &a.handlers, NULL, N_("pia: persons who handle the files")},
		{"incident", 0, "DATE", &a.incident, NULL,
		 N_("pia: day of the last serious incident")},
		{"raise", 0, N_("LEVEL"), &a.raise, NULL,
		 N_("pia: threshold, focused or full at least")},
		{"rules", 0, "DIR", &a.folder, NULL, N_("folder of the tables of rules")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"--born DATE --issued DATE [--renewed-from DATE] | digits KIND [CODE] | pia FILE…",
		N_("Computes until when a card and its certificates are valid "
		   "and when they can be renewed; checks check digits; tells which assessment of files with the "
		   "individual number is due."),
		options, 0, 17};
	const char *words[17];
	char today[11];
	size_t n;
	int rc = kz_options(kz, &usage, words, &n);

	if (rc != KZ_GO)
		return rc;
	if (n > 0 && strcmp(words[0], "digits") == 0)
		return kz_lifecycle_digits(kz, words + 1, n - 1);
	if (n > 0 && strcmp(words[0], "pia") == 0)
		return kz_lifecycle_pia(
			kz, words + 1, n - 1,
			&(struct kz_pia_words){a.handlers, a.incident, a.raise, a.folder});
	if (n > 0)
		return kz_fail_usage(kz, _("digits KIND or pia FILE…, or no word at all."));
	if (a.juki != NULL)
		return juki(kz, &a);
	if (a.born == NULL)
		return kz_fail_usage(kz, _("--born is needed."));
	card_date_format(kz_today(kz), today);
	if (a.issued == NULL)
		a.issued = today;
	return compute(kz, &a);
}
