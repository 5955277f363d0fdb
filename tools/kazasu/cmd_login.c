/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_login.c — open and end a session at the counter (flows C01). */
#include "commands.h"
#include "desk.h"
#include "options.h"
#include "output.h"

#include <string.h>

static bool may_be_id(const char *id)
{
	const size_t n = strlen(id);

	return n >= 1 && n <= 32 && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789._-") == n;
}

static int fail_login(struct kz *kz, enum flow_login why)
{
	static const char *const hints[] = {
		[FLOW_LOGIN_TERMINAL] = N_("This terminal is not on the list; ask the security officer."),
		[FLOW_LOGIN_LOCKED] = N_("The security officer can open the account again."),
		[FLOW_LOGIN_PASSWORD_OLD] = N_("Set a new one with `kazasu operator password`."),
		[FLOW_LOGIN_TRAINING] = N_("The training before the first use is not recorded."),
		[FLOW_LOGIN_ELSEWHERE] = N_("Log out there first."),
		[FLOW_LOGIN_NO_SESSION] = NULL,
	};
	char message[128];
	const struct kz_failure f = {.error = CARD_ERR_DENIED, .exit = KZ_NO_PERMISSION,
				     .message = message,
				     .hint = hints[why] != NULL ? _(hints[why]) : ""};

	/* An unknown name and a wrong password are told alike. */
	snprintf(message, sizeof message, _("No session was opened (%s)."),
		 why == FLOW_LOGIN_UNKNOWN ? flow_login_code(FLOW_LOGIN_PASSWORD) : flow_login_code(why));
	return kz_fail(kz, &f);
}

static int prove(struct kz *kz, const char *id, const card_secret_t *password)
{
	char token[FLOW_SESSION_TOKEN + 1];
	enum flow_login why = FLOW_LOGIN_NO_SESSION;
	struct kz_desk d;
	enum card_error err;
	int rc = kz_desk_open(kz, &d);

	if (rc != KZ_GO)
		return rc;
	err = flow_login(d.store, d.journal, d.terminal, id, password, NULL, NULL, kz_now(kz), token, &why);
	if (err == CARD_ERR_DENIED) {
		rc = fail_login(kz, why);
	} else if (err != CARD_OK) {
		rc = kz_fail_error(kz, err);
	} else if (!kz_desk_keep_token(&d, id, token)) {
		rc = kz_fail_error(kz, CARD_ERR_IO);
	} else {
		kz_say_pair(kz, _("logged in"), "%s @ %s", id, d.terminal);
		kz_json(kz, json_pack("{s:s, s:s}", "operator", id, "terminal", d.terminal));
		rc = KZ_DONE;
	}
	card_wipe(token, sizeof token);
	kz_desk_close(&d);
	return rc;
}

int cmd_login(struct kz *kz)
{
	const struct kz_usage usage = {
		"[ID]",
		N_("Opens a session of this operator on this terminal; the default is the Unix login. On "
		   "a machine without a counter it sets one up, and ID becomes its first administrator."),
		NULL, 0, 1};
	char unix_login[33];
	const char *id = unix_login;
	card_secret_t *password = NULL;
	const bool first = !kz_desk_exists();
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
	if (first)
		kz_note(kz, _("kazasu: a private store is made for this counter; %s becomes its first "
			      "administrator."), id);
	rc = kz_password_ask(kz, first ? _("A password for the first administrator of this counter, 8 "
					   "characters or more. It also locks the audit key.")
				       : _("The password of your operator account."),
			     _("password"), &password);
	if (rc == KZ_GO && first)
		rc = kz_desk_setup(kz, id, password);
	if (rc == KZ_GO)
		rc = prove(kz, id, password);
	card_secret_free(&password);
	return rc;
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

		rc = err == CARD_OK && kz_desk_keep_token(&d, d.who.id, NULL) ? KZ_DONE
									       : kz_fail_error(kz, err);
		if (rc == KZ_DONE) {
			kz_say_pair(kz, _("logged out"), "%s", d.who.id);
			kz_json(kz, json_pack("{s:s}", "operator", d.who.id));
		}
	}
	kz_desk_close(&d);
	return rc;
}
