/* SPDX-License-Identifier: Apache-2.0 */
#include "desk_words.h"

#include <stdio.h>
#include <string.h>

#include <cardflow/identify.h>

#include "admin.h"
#include "kazasu.h"
#include "language.h"

struct word {
	const char *code, *text;
};

static const char *find(const struct word *list, const char *code)
{
	for (; list->code != NULL; list++) {
		if (strcmp(list->code, code) == 0)
			return _(list->text);
	}
	return code;
}

const char *kz_word_state(enum flow_operator_state s)
{
	static const struct word words[] = {
		{"active", N_("active")},   {"leave", N_("on leave")},
		{"retired", N_("retired")}, {"transferred", N_("transferred")},
		{"locked", N_("locked")},   {NULL, NULL}};

	return find(words, flow_operator_state_name(s));
}

const char *kz_word_right(const char *right)
{
	static const struct word words[] = {{"inquiry", N_("inquiry")},
					    {"update", N_("update")},
					    {"number", N_("individual number")},
					    {NULL, NULL}};

	return find(words, right);
}

const char *kz_word_event(const char *event)
{
	static const struct word words[] = {{"login", N_("login")},
					    {"login-failed", N_("login failed")},
					    {"logout", N_("logout")},
					    {"lock", N_("screen locked")},
					    {"card-read", N_("card read")},
					    {"read-refused", N_("reading refused")},
					    {"person-search", N_("search for a person")},
					    {"provision", N_("provision")},
					    {"provision-refused", N_("provision refused")},
					    {"identity-check", N_("identity check")},
					    {"check-reviewed", N_("double check")},
					    {"kiosk-step", N_("kiosk step")},
					    {"payment", N_("payment")},
					    {"print", N_("print")},
					    {"refund", N_("refund")},
					    {"forgotten-item", N_("forgotten item")},
					    {"sign", N_("signature")},
					    {"verify", N_("verification")},
					    {"application-version", N_("application received")},
					    {"export", N_("export")},
					    {"export-refused", N_("export refused")},
					    {"right-granted", N_("right granted")},
					    {"right-revoked", N_("right withdrawn")},
					    {"config-change", N_("setting changed")},
					    {"erase", N_("erasure")},
					    {"backup", N_("backup")},
					    {"inspection", N_("monthly inspection")},
					    {"terminal-refused", N_("terminal refused")},
					    {"journal-read", N_("journal read")},
					    {"disclosure", N_("disclosure")},
					    {"unmask", N_("subject opened")},
					    {"chain-break", N_("break in the chain")},
					    {"clock-step", N_("clock set back")},
					    {"operator-changed", N_("account changed")},
					    {"restore", N_("restored from a backup")},
					    {"late-entry", N_("late entry")},
					    {"unknown-explained", N_("unknown end explained")},
					    {"emergency-stop", N_("emergency stop")},
					    {"legal-hold", N_("legal hold")},
					    {"correction-case", N_("correction case")},
					    {"security-event", N_("message refused")},
					    {"card-state", N_("state of a card changed")},
					    {"center-event", N_("event at the centre")},
					    {"clock-differs", N_("clocks differ")},
					    {NULL, NULL}};

	return find(words, event);
}

const char *kz_word_phase(const char *phase)
{
	static const struct word words[] = {{"event", ""},
					    {"intent", N_("begun")},
					    {"outcome", N_("ended")},
					    {"unknown", N_("end unknown")},
					    {NULL, NULL}};

	return *phase == '\0' || strcmp(phase, "event") == 0 ? "" : find(words, phase);
}

const char *kz_word_result(const char *result)
{
	static const struct word words[] = {{"ok", N_("done")},
					    {"refused", N_("refused")},
					    {"failed", N_("failed")},
					    {"undetermined", N_("undetermined")},
					    {NULL, NULL}};

	return *result == '\0' ? "" : find(words, result);
}

const char *kz_word_finding(const char *kind)
{
	static const struct word words[] = {
		{"ledger_without_log", N_("entered in the register, but not in the journal")},
		{"log_without_ledger", N_("in the journal, but not entered in the register")},
		{"outside_interval", N_("in the journal outside the times entered")},
		{"operator_mismatch", N_("entered for another operator")},
		{"missing_ledger", N_("no page in the register for this day")},
		{"overlap", N_("one operator at two terminals")},
		{"left_out", N_("not in the plan")},
		{"doubled", N_("in the plan twice")},
		{"unknown_organ", N_("not one of the departments")},
		{"outside_term", N_("outside the term")},
		{"external_head", N_("not exactly one head-office section has an external audit")},
		{"external_field", N_("not exactly one field office has an external audit")},
		{"new_not_first_year",
		 N_("a new department needs an internal audit in its first year")},
		{"later_without_reason", N_("postponed without a reason")},
		{"later_with_use", N_("postponed, but the system is in use there")},
		{NULL, NULL}};

	return find(words, kind);
}

const char *kz_word_refusal(const char *code)
{
	static const struct word words[] = {
		{"terminal_unknown", N_("this terminal is not on the list")},
		{"operator_unknown", N_("there is no such account")},
		{"password_wrong", N_("the name or the password is wrong")},
		{"operator_locked", N_("the account is locked")},
		{"operator_left", N_("on leave, retired or transferred")},
		{"operator_not_in_period", N_("the account is not valid today")},
		{"password_expired", N_("the password is older than three months")},
		{"training_missing", N_("the training is not recorded")},
		{"in_use_elsewhere", N_("in use at another terminal")},
		{"no_session", N_("no session is open")},
		{"factor_refused", N_("the authenticator did not recognise the person")},
		{"emergency_stop", N_("the counter is stopped")},
		{"role", N_("the role does not permit it")},
		{"refused", N_("not by this account")},
		{NULL, NULL}};

	return find(words, code);
}

const char *kz_word_code(const char *code, enum card_lang lang)
{
	static const struct word words[] = {
		{"ok", ""},
		{"all", N_("all records")},
		{"organ", N_("the own department")},
		{"own_today", N_("the own entries of today")},
		{"added", N_("added")},
		{"reviewed", N_("reviewed")},
		{"password", N_("password changed")},
		{"terminal_allowed", N_("on the list of terminals")},
		{"terminal_removed", N_("taken off the list of terminals")},
		{"granter_is_applicant_or_no_role", N_("not by this account")},
		{"stop", N_("stopped")},
		{"lift", N_("stop lifted")},
		{"removable", N_("removable media")},
		{"no_identity_check", N_("without an identity check")},
		{"subjects", N_("subjects")},
		{"journal", N_("journal")},
		{"checkpoints", N_("checkpoints")},
		{"ledger", N_("register of terminal use")},
		{"reconcile", N_("register of terminal use compared")},
		{"audit_bundle", N_("for the auditor")},
		{"found_open", N_("found open at the start")},
		{"active", N_("active")},
		{"leave", N_("on leave")},
		{"retired", N_("retired")},
		{"transferred", N_("transferred")},
		{"locked", N_("locked")},
		{"enrol", N_("card taken in")},
		{"suspend", N_("suspension")},
		{"hold", N_("certificates put on hold")},
		{"release", N_("release of the card")},
		{"release-certificate", N_("release of certificates")},
		{"abolish", N_("abolition")},
		{"revoke", N_("revocation of certificates")},
		{"collect", N_("collection")},
		{"destroy", N_("destruction")},
		{"no_change", N_("nothing to do")},
		{"published", N_("published")},
		{"shown", N_("shown")},
		{NULL, NULL}};
	const char *text = kz_word_refusal(code), *card;

	if (*code == '\0' || strcmp(code, "ok") == 0)
		return "";
	if (text == code)
		text = find(words, code);
	if (text == code)
		text = flow_identify_code_text(code, lang);
	card = text == code ? kz_card_word(code) : NULL;
	return card != NULL ? card : text;
}

static const char *role_word(const char *role)
{
	static const struct word words[] = {{"operator", N_("operator")},
					    {"reception", N_("reception")},
					    {"checker", N_("checker")},
					    {"internal", N_("internal staff")},
					    {"supervisor", N_("supervisor")},
					    {"security", N_("security officer")},
					    {"network", N_("network manager")},
					    {"internal-auditor", N_("internal auditor")},
					    {"external-auditor", N_("external auditor")},
					    {"backup", N_("backup operator")},
					    {"sysadmin", N_("system administrator")},
					    {"attendant", N_("attendant of terminals")},
					    {NULL, NULL}};

	return find(words, role);
}

const char *kz_word_roles(const char *roles, char *out, size_t room)
{
	size_t used = 0;

	out[0] = '\0';
	while (*roles != '\0' && used < room) {
		const struct card_bytes one = flow_list_next(&roles);
		char role[40];

		snprintf(role, sizeof role, "%.*s", (int)one.n, (const char *)one.p);
		used += (size_t)snprintf(out + used, room - used, "%s%s", used > 0 ? _(", ") : "",
					 role_word(role));
	}
	return out;
}
