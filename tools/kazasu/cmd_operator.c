/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_operator.c — accounts, rights and terminals of a counter (rules 6.4). */
#include "commands.h"
#include "desk.h"
#include "options.h"
#include "output.h"
#include "rules.h"

#include <stdlib.h>
#include <string.h>

struct asked {
	const char *person, *roles, *organ, *training, *until, *state, *as;
};

static json_t *as_json(const struct flow_operator *o)
{
	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "id", o->id, "person",
			 o->person, "roles", kz_list_json(o->roles), "organ", o->organ, "state",
			 flow_operator_state_name(o->state), "password_changed",
			 kz_date_json(o->password_changed), "training", kz_date_json(o->training),
			 "valid_from", kz_date_json(o->from), "valid_to", kz_date_json(o->to), "reviewed",
			 kz_date_json(o->reviewed));
}

struct listing {
	struct kz *kz;
	json_t *all;
};

static enum card_error put(void *ctx, const struct flow_operator *o)
{
	struct listing *l = ctx;

	kz_say_pair(l->kz, o->id, "%s, %s, %s, %s", o->person, o->organ, o->roles,
		    flow_operator_state_name(o->state));
	json_array_append_new(l->all, as_json(o));
	return CARD_OK;
}

static int list(struct kz *kz, struct kz_desk *d, bool overdue)
{
	struct listing l = {kz, json_array()};
	const enum card_error err = overdue ? flow_operator_overdue(d->store, kz_today(kz), put, &l)
					    : flow_operator_list(d->store, put, &l);

	if (err != CARD_OK) {
		json_decref(l.all);
		return kz_fail_error(kz, err);
	}
	kz_json(kz, l.all);
	return KZ_DONE;
}

/* The end of a change: what was refused is exit 77. */
static int done(struct kz *kz, enum card_error err, const char *id, const char *what)
{
	if (err == CARD_ERR_DENIED)
		return kz_desk_refuse(kz, "refused");
	if (err == CARD_ERR_INVALID_ARGUMENT)
		return kz_fail_usage(kz, _("There is no such name, role or right."));
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	kz_say_pair(kz, id, "%s", what);
	kz_json(kz, json_pack("{s:s, s:s}", "operator", id, "done", what));
	return KZ_DONE;
}

static int add(struct kz *kz, struct kz_desk *d, const char *id, const struct asked *a)
{
	struct flow_operator o = {.state = FLOW_OPERATOR_ACTIVE};
	card_secret_t *password = NULL;
	int rc;

	if (a->person == NULL || a->roles == NULL)
		return kz_fail_usage(kz, _("--person and --roles are needed."));
	if (strlen(id) >= sizeof o.id || strlen(a->person) >= sizeof o.person ||
	    strlen(a->roles) >= sizeof o.roles)
		return kz_fail_usage(kz, _("Too long."));
	snprintf(o.id, sizeof o.id, "%s", id);
	snprintf(o.person, sizeof o.person, "%s", a->person);
	snprintf(o.roles, sizeof o.roles, "%s", a->roles);
	snprintf(o.organ, sizeof o.organ, "%s", a->organ != NULL ? a->organ : d->who.organ);
	rc = kz_date_option(kz, "training", a->training, &o.training);
	if (rc == KZ_GO)
		rc = kz_date_option(kz, "until", a->until, &o.to);
	if (rc == KZ_GO)
		rc = kz_password_ask(kz, _("A first password for the new account."), _("password"),
				     &password);
	if (rc == KZ_GO)
		rc = done(kz, flow_operator_add(d->store, d->journal, &o, password, d->who.id, kz_today(kz)),
			  id, "added");
	card_secret_free(&password);
	return rc;
}

static int change(struct kz *kz, struct kz_desk *d, const char *id, const struct asked *a)
{
	struct flow_operator o;
	enum card_error err = flow_operator_get(d->store, id, &o);
	int rc = err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
	bool known = a->state == NULL;

	for (int s = 0; s <= FLOW_OPERATOR_LOCKED && !known; s++) {
		known = strcmp(flow_operator_state_name((enum flow_operator_state)s), a->state) == 0;
		if (known)
			o.state = (enum flow_operator_state)s;
	}
	if (rc == KZ_GO && !known)
		rc = kz_fail_usage(kz, _("--state is active, leave, retired, transferred or locked."));
	if (rc == KZ_GO)
		rc = kz_date_option(kz, "training", a->training, &o.training);
	if (rc == KZ_GO)
		rc = kz_date_option(kz, "until", a->until, &o.to);
	if (rc != KZ_GO)
		return rc;
	if (a->roles != NULL)
		snprintf(o.roles, sizeof o.roles, "%.159s", a->roles);
	if (a->organ != NULL)
		snprintf(o.organ, sizeof o.organ, "%.127s", a->organ);
	return done(kz, flow_operator_change(d->store, d->journal, &o, d->who.id), id, "changed");
}

static int new_password(struct kz *kz, struct kz_desk *d, const char *id)
{
	card_secret_t *old_password = NULL, *password = NULL;
	int rc = kz_password_ask(kz, _("Your present password."), _("password"), &old_password);

	if (rc == KZ_GO)
		rc = kz_password_ask(kz, _("The new password: 8 characters or more, none of the last five."),
				     _("new password"), &password);
	if (rc == KZ_GO)
		rc = done(kz, flow_operator_password(d->store, d->journal, id, old_password, password,
						     kz_today(kz)), id, "password");
	card_secret_free(&old_password);
	card_secret_free(&password);
	return rc;
}

static int dispatch(struct kz *kz, struct kz_desk *d, const char *const *w, size_t n,
		    const struct asked *a)
{
	const char *by = d->who.id;

	if (strcmp(w[0], "list") == 0 && n == 1)
		return list(kz, d, false);
	if (strcmp(w[0], "overdue") == 0 && n == 1)
		return list(kz, d, true);
	if (strcmp(w[0], "add") == 0 && n == 2)
		return add(kz, d, w[1], a);
	if (strcmp(w[0], "change") == 0 && n == 2)
		return change(kz, d, w[1], a);
	if (strcmp(w[0], "reviewed") == 0 && n == 2)
		return done(kz, flow_operator_reviewed(d->store, d->journal, w[1], by, kz_today(kz)), w[1],
			    "reviewed");
	if (strcmp(w[0], "grant") == 0 && n == 4)
		return done(kz, flow_right_grant(d->store, d->journal, w[1], w[2], w[3], by), w[1],
			    "granted");
	if (strcmp(w[0], "revoke") == 0 && n == 4)
		return done(kz, flow_right_revoke(d->store, d->journal, w[1], w[2], w[3], by), w[1],
			    "revoked");
	if (strcmp(w[0], "terminal") == 0 && n == 2)
		return done(kz, flow_terminal_allow(d->store, d->journal, w[1], d->who.organ, by), w[1],
			    "terminal");
	return kz_fail_usage(kz, _("list, overdue, add, change, password, reviewed, grant, revoke or "
				   "terminal."));
}

int cmd_operator(struct kz *kz)
{
	struct asked a = {.person = NULL};
	const struct kz_option options[] = {
		{"person", 0, N_("NAME"), &a.person, NULL, N_("the one person behind the account")},
		{"roles", 0, N_("LIST"), &a.roles, NULL, N_("roles joined by ;")},
		{"organ", 0, N_("NAME"), &a.organ, NULL, N_("department")},
		{"training", 0, "DATE", &a.training, NULL, N_("day of the training")},
		{"until", 0, "DATE", &a.until, NULL, N_("last day of the account")},
		{"state", 0, N_("STATE"), &a.state, NULL, N_("active, leave, retired, transferred, locked")},
		{"as", 0, N_("ID"), &a.as, NULL, N_("whose session (default: the Unix login)")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"list | overdue | add ID | change ID | password [ID] | reviewed ID | grant ID WHAT RIGHT | "
		"revoke ID WHAT RIGHT | terminal NAME",
		N_("Accounts and rights of a counter. WHAT is procedure:ID, purpose:ID or *; RIGHT is "
		   "inquiry, update or number. Who grants is not who gets."),
		options, 1, 4};
	const char *words[4] = {NULL};
	char unix_login[33];
	struct kz_desk d;
	size_t n;
	int rc = kz_options(kz, &usage, words, &n);

	if (rc == KZ_GO)
		rc = kz_desk_open(kz, &d);
	if (rc != KZ_GO)
		return rc;
	if (strcmp(words[0], "password") == 0 && n <= 2) {
		/* Works without a session: an old password opens none (PD-30). */
		kz_desk_unix_login(unix_login);
		rc = new_password(kz, &d, n == 2 ? words[1] : unix_login);
	} else {
		rc = kz_desk_session(kz, &d, a.as);
		if (rc == KZ_GO)
			rc = dispatch(kz, &d, words, n, &a);
	}
	kz_desk_close(&d);
	return rc;
}
