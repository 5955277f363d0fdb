/* SPDX-License-Identifier: Apache-2.0 */
/* desk_first.c — the first use: one question, and a single clerk on a single machine can begin. */
#include "desk.h"

#include <string.h>
#include <unistd.h>

#include "config.h"
#include "output.h"

static int open_session(struct kz *kz, const char *id, const card_secret_t *password)
{
	char token[FLOW_SESSION_TOKEN + 1];
	enum flow_login why = FLOW_LOGIN_NO_SESSION;
	struct kz_desk d;
	enum card_error err;
	int rc = kz_desk_open(kz, &d);

	if (rc != KZ_GO)
		return rc;
	err = flow_login(d.store, d.journal, d.terminal, id, password, NULL, NULL, kz_now(kz),
			 token, &why);
	if (err == CARD_OK && !kz_desk_keep_token(&d, id, token))
		err = CARD_ERR_IO;
	if (err != CARD_OK)
		rc = err == CARD_ERR_DENIED ? kz_desk_refuse(kz, flow_login_code(why))
					    : kz_fail_error(kz, err);
	card_wipe(token, sizeof token);
	kz_desk_close(&d);
	return rc;
}

static int ask(struct kz *kz)
{
	card_secret_t *password = NULL;
	char id[33];
	int rc;

	kz_desk_unix_login(id);
	kz_note(kz,
		_("kazasu: a private store is made for this counter; %s becomes its first "
		  "administrator."),
		id);
	rc = kz_password_ask(kz,
			     _("A password for the first administrator of this counter, 8 "
			       "characters or more. It also locks the audit key."),
			     _("password"), &password);
	if (rc == KZ_GO)
		rc = kz_desk_setup(kz, id, password);
	if (rc == KZ_GO)
		rc = open_session(kz, id, password);
	card_secret_free(&password);
	return rc;
}

int kz_desk_needed(struct kz *kz, bool *counter)
{
	struct kz_config config;
	struct kz_desk none;
	bool joins = false;
	int rc;

	*counter = kz_desk_exists();
	if (*counter)
		return KZ_GO;
	rc = kz_config_read(kz, &config);
	if (rc != KZ_GO)
		return rc;
	rc = kz_desk_joins(kz, &joins);
	if (rc != KZ_GO)
		return rc;
	/* A store that others use has its administrators: `kazasu login` joins it. */
	if (!joins && kz->opt.pin_fd < 0 && isatty(STDIN_FILENO)) {
		rc = ask(kz);
		*counter = rc == KZ_GO;
		return rc;
	}
	/* Opening what is not there tells what to do. */
	return config.own_card && !joins ? KZ_GO : kz_desk_open(kz, &none);
}
