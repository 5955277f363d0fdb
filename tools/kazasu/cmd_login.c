/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_login.c — open and end a session at the counter (flows C01). */
#include "commands.h"
#include "config.h"
#include "desk.h"
#include "desk_words.h"
#include "options.h"
#include "output.h"

#include <string.h>

#include <cardflow/calendar.h>

static bool may_be_id(const char *id)
{
	const size_t n = strlen(id);

	return n >= 1 && n <= 32 && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789._-") == n;
}

static int fail_login(struct kz *kz, enum flow_login why)
{
	static const char *const hints[] = {
		[FLOW_LOGIN_TERMINAL] =
			N_("The security officer adds it with `kazasu operator terminal`."),
		[FLOW_LOGIN_LOCKED] = N_("The security officer can open the account again."),
		[FLOW_LOGIN_PASSWORD_OLD] = N_("Set a new one with `kazasu operator password`."),
		[FLOW_LOGIN_TRAINING] = N_("The training before the first use has to be recorded."),
		[FLOW_LOGIN_ELSEWHERE] = N_("Log out there first."),
		[FLOW_LOGIN_FACTOR] = N_("Try again; the security officer can help."),
		[FLOW_LOGIN_STOPPED] =
			N_("Only the security officer may work until the stop is lifted."),
	};
	char message[256];
	const char *hint = (size_t)why < sizeof hints / sizeof *hints ? hints[why] : NULL;
	const struct kz_failure f = {.error = CARD_ERR_DENIED,
				     .exit = KZ_NO_PERMISSION,
				     .message = message,
				     .hint = hint != NULL ? _(hint) : ""};

	/* An unknown name and a wrong password are told alike. */
	if (why == FLOW_LOGIN_UNKNOWN)
		why = FLOW_LOGIN_PASSWORD;
	snprintf(message, sizeof message, _("No session was opened: %s."),
		 kz_word_refusal(flow_login_code(why)));
	return kz_fail(kz, &f);
}

/* R6-59: the training is yearly; an old one is told and nothing more. */
static void warn_training(struct kz *kz, const struct kz_desk *d, const char *id)
{
	struct flow_operator o;

	if (flow_operator_get(d->store, id, &o) == CARD_OK && card_date_valid(o.training) &&
	    card_date_compare(card_date_in_japan(kz_now(kz)), flow_months_add(o.training, 12)) > 0)
		kz_note(kz, "kazasu: %s", _("your last training was more than a year ago."));
}

/* password NULL: the authenticator alone proves the person. */
static int prove(struct kz *kz, const char *id, const card_secret_t *password,
		 const char *authenticator)
{
	char token[FLOW_SESSION_TOKEN + 1];
	enum flow_login why = FLOW_LOGIN_NO_SESSION;
	struct flow_factor_command factor = {.command = authenticator};
	const bool with_factor = authenticator[0] != '\0';
	struct kz_desk d;
	enum card_error err;
	int rc = kz_desk_open(kz, &d);

	if (rc != KZ_GO)
		return rc;
	factor.terminal = d.terminal;
	err = flow_login(d.store, d.journal, d.terminal, id, password,
			 with_factor ? flow_factor_run : NULL, &factor, kz_now(kz), token, &why);
	if (err == CARD_ERR_DENIED) {
		if (why == FLOW_LOGIN_FACTOR && factor.status < 0)
			kz_note(kz, _("kazasu: the authenticator (%s) did not answer."),
				authenticator);
		rc = fail_login(kz, why);
	} else if (err != CARD_OK) {
		rc = kz_fail_error(kz, err);
	} else if (!kz_desk_keep_token(&d, id, token)) {
		rc = kz_fail_error(kz, CARD_ERR_IO);
	} else {
		warn_training(kz, &d, id);
		kz_say_pair(kz, _("logged in"), "%s @ %s", id, d.terminal);
		kz_json(kz, json_pack("{s:s, s:s}", "operator", id, "terminal", d.terminal));
		rc = KZ_DONE;
	}
	card_wipe(token, sizeof token);
	kz_desk_close(&d);
	return rc;
}

/* By the configuration: the password, the authenticator, or both. */
static int log_in(struct kz *kz, const char *id)
{
	const bool first = !kz_desk_exists();
	card_secret_t *password = NULL;
	struct kz_config config;
	bool joins = false, by_password;
	int rc = kz_config_read(kz, &config);

	if (rc == KZ_GO && first)
		rc = kz_desk_joins(kz, &joins);
	if (rc != KZ_GO)
		return rc;
	if (config.login == KZ_LOGIN_PASSWORD)
		config.authenticator[0] = '\0';
	if (config.login == KZ_LOGIN_AUTHENTICATOR && config.authenticator[0] == '\0')
		return kz_fail_usage(
			kz, _("The configuration asks for an authenticator and names none."));
	by_password = config.login != KZ_LOGIN_AUTHENTICATOR || (first && !joins);
	if (first && !joins)
		kz_note(kz,
			_("kazasu: a private store is made for this counter; %s becomes its first "
			  "administrator."),
			id);
	if (by_password)
		rc = kz_password_ask(kz,
				     first && !joins
					     ? _("A password for the first administrator of this "
						 "counter, 8 characters or more. It also locks the "
						 "audit key.")
					     : _("The password of your operator account."),
				     _("password"), &password);
	if (rc == KZ_GO && first)
		rc = kz_desk_setup(kz, joins ? NULL : id, password);
	if (rc == KZ_GO)
		rc = prove(kz, id, password, first && !joins ? "" : config.authenticator);
	card_secret_free(&password);
	return rc;
}

int cmd_login(struct kz *kz)
{
	const struct kz_usage usage = {
		"[ID]",
		N_("Opens a session of this operator on this terminal; the default is the Unix login. On "
		   "a machine without a counter it sets one up, and ID becomes its first administrator; "
		   "where the configuration names a store that others use, this terminal joins them."),
		NULL, 0, 1};
	char unix_login[33];
	const char *id = unix_login;
	size_t n;
	int rc = kz_options(kz, &usage, &id, &n);

	if (rc != KZ_GO)
		return rc;
	if (n == 0) {
		kz_desk_unix_login(unix_login);
		id = unix_login;
	}
	if (!may_be_id(id))
		return kz_fail_usage(kz, _("An operator's name is of a-z, 0-9, '.', '_' and '-'."));
	return log_in(kz, id);
}

int cmd_logout(struct kz *kz)
{
	const struct kz_usage usage = {"[ID]", N_("Ends a session."), NULL, 0, 1};
	const char *id = NULL;
	struct kz_desk d;
	size_t n;
	int rc = kz_options(kz, &usage, &id, &n);

	if (rc == KZ_GO)
		rc = kz_desk_open(kz, &d);
	if (rc != KZ_GO)
		return rc;
	rc = kz_desk_session(kz, &d, n > 0 ? id : NULL);
	if (rc == KZ_GO) {
		const enum card_error err = flow_logout(d.store, d.journal, d.token, kz_now(kz));

		rc = err == CARD_OK && kz_desk_keep_token(&d, d.who.id, NULL)
			     ? KZ_DONE
			     : kz_fail_error(kz, err);
		if (rc == KZ_DONE) {
			kz_say_pair(kz, _("logged out"), "%s", d.who.id);
			kz_json(kz, json_pack("{s:s}", "operator", d.who.id));
		}
	}
	kz_desk_close(&d);
	return rc;
}
