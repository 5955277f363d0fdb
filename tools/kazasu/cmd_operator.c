/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_operator.c — accounts, rights and terminals of a counter (rules 6.4). */
#include "commands.h"
#include "desk.h"
#include "desk_words.h"
#include "options.h"
#include "output.h"
#include "rules.h"

#include <stdlib.h>
#include <string.h>

#include <cardflow/calendar.h>

struct asked {
	const char *person, *roles, *organ, *training, *until, *state, *as, *reason;
	bool remove;
};

static json_t *as_json(const struct flow_operator *o)
{
	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "id", o->id,
			 "person", o->person, "roles", kz_list_json(o->roles), "organ", o->organ,
			 "state", flow_operator_state_name(o->state), "password_changed",
			 kz_date_json(o->password_changed), "training", kz_date_json(o->training),
			 "valid_from", kz_date_json(o->from), "valid_to", kz_date_json(o->to),
			 "reviewed", kz_date_json(o->reviewed));
}

struct listing {
	struct kz *kz;
	json_t *all;
};

static enum card_error put(void *ctx, const struct flow_operator *o)
{
	struct listing *l = ctx;
	char roles[400];

	kz_say_pair(l->kz, o->id, "%s | %s | %s | %s", o->person, o->organ,
		    kz_word_roles(o->roles, roles, sizeof roles), kz_word_state(o->state));
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

static int no_account(struct kz *kz, const char *id)
{
	char message[200];
	const struct kz_failure f = {.error = CARD_ERR_NOT_FOUND,
				     .exit = KZ_BAD_DATA,
				     .message = message,
				     .hint = _("`kazasu operator list` names them all.")};

	snprintf(message, sizeof message, _("There is no account named %.64s."), id);
	return kz_fail(kz, &f);
}

/* The end of a change: what was refused is exit 77. code: for machines; said: for people. */
static int done(struct kz *kz, enum card_error err, const char *id, const char *code,
		const char *said)
{
	if (err == CARD_ERR_DENIED)
		return kz_desk_refuse(kz, "refused");
	if (err == CARD_ERR_NOT_FOUND)
		return no_account(kz, id);
	if (err == CARD_ERR_INVALID_ARGUMENT)
		return kz_fail_usage(kz, _("There is no such name, role or right."));
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	kz_say_pair(kz, id, "%s", said);
	kz_json(kz, json_pack("{s:s, s:s}", "operator", id, "done", code));
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
		rc = done(kz,
			  flow_operator_add(d->store, d->journal, &o, password, d->who.id,
					    kz_today(kz)),
			  id, "added", _("added"));
	card_secret_free(&password);
	return rc;
}

static int change(struct kz *kz, struct kz_desk *d, const char *id, const struct asked *a)
{
	struct flow_operator o;
	enum card_error err = flow_operator_get(d->store, id, &o);
	int rc = err == CARD_OK              ? KZ_GO
		 : err == CARD_ERR_NOT_FOUND ? no_account(kz, id)
					     : kz_fail_error(kz, err);
	bool known = a->state == NULL;

	for (int s = 0; s <= FLOW_OPERATOR_LOCKED && !known; s++) {
		known = strcmp(flow_operator_state_name((enum flow_operator_state)s), a->state) ==
			0;
		if (known)
			o.state = (enum flow_operator_state)s;
	}
	if (rc == KZ_GO && !known)
		rc = kz_fail_usage(kz,
				   _("--state is active, leave, retired, transferred or locked."));
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
	return done(kz, flow_operator_change(d->store, d->journal, &o, d->who.id), id, "changed",
		    _("changed"));
}

static int new_password(struct kz *kz, struct kz_desk *d, const char *id)
{
	card_secret_t *old_password = NULL, *password = NULL;
	int rc = kz_password_ask(kz, _("Your present password."), _("password"), &old_password);

	if (rc == KZ_GO)
		rc = kz_password_ask(
			kz, _("The new password: 8 characters or more, none of the last five."),
			_("new password"), &password);
	if (rc == KZ_GO)
		rc = done(kz,
			  flow_operator_password(d->store, d->journal, id, old_password, password,
						 kz_today(kz)),
			  id, "password", _("password changed"));
	card_secret_free(&old_password);
	card_secret_free(&password);
	return rc;
}

/* ---------------------------------------------------------------- rights and terminals */

static enum card_error put_right(void *ctx, const char *id, const char *what, const char *right,
				 const char *by)
{
	struct listing *l = ctx;

	kz_say_pair(l->kz, id, "%s %s (%s)", what, kz_word_right(right), by);
	json_array_append_new(l->all, json_pack("{s:s, s:s, s:s, s:s}", "operator", id, "what",
						what, "right", right, "granted_by", by));
	return CARD_OK;
}

static enum card_error put_terminal(void *ctx, const char *terminal, const char *organ,
				    const char *by)
{
	struct listing *l = ctx;

	kz_say_pair(l->kz, terminal, "%s (%s)", organ, by);
	json_array_append_new(l->all, json_pack("{s:s, s:s, s:s}", "terminal", terminal, "organ",
						organ, "allowed_by", by));
	return CARD_OK;
}

static int end_list(struct kz *kz, enum card_error err, struct listing *l)
{
	if (err != CARD_OK) {
		json_decref(l->all);
		return kz_fail_error(kz, err);
	}
	kz_json(kz, l->all);
	return KZ_DONE;
}

static int rights(struct kz *kz, struct kz_desk *d, const char *id)
{
	struct listing l = {kz, json_array()};

	return end_list(kz, flow_right_list(d->store, id, put_right, &l), &l);
}

static int terminal(struct kz *kz, struct kz_desk *d, const char *name, const struct asked *a)
{
	const char *by = d->who.id;
	enum card_error err;

	if (name == NULL) {
		struct listing l = {kz, json_array()};

		return end_list(kz, flow_terminal_list(d->store, put_terminal, &l), &l);
	}
	if (a->remove) {
		err = flow_terminal_remove(d->store, d->journal, name, by);
		if (err == CARD_ERR_NOT_FOUND)
			return kz_fail_usage(kz, _("There is no terminal %s on the list."), name);
		return done(kz, err, name, "terminal_removed",
			    _("taken off the list of terminals"));
	}
	err = flow_terminal_allow(d->store, d->journal, name,
				  a->organ != NULL ? a->organ : d->who.organ, by);
	return done(kz, err, name, "terminal", _("on the list of terminals"));
}

/* ---------------------------------------------------------------- emergency stop */

static int stop(struct kz *kz, struct kz_desk *d, const struct asked *a, bool lift)
{
	enum card_error err;

	if (a->reason == NULL || *a->reason == '\0')
		return kz_fail_usage(kz, _("--reason is needed."));
	err = lift ? flow_stop_lift(d->store, d->journal, d->who.id, a->reason, kz_now(kz))
		   : flow_stop(d->store, d->journal, d->who.id, a->reason, kz_now(kz));
	if (err == CARD_ERR_BAD_STATE)
		return kz_fail_refused(kz, "", "%s",
				       lift ? _("The counter is not stopped.")
					    : _("The counter is stopped already."));
	return done(kz, err, d->who.id, lift ? "lifted" : "stopped",
		    lift ? _("the counter works again")
			 : _("the counter is stopped: only the security officer may work"));
}

/* ---------------------------------------------------------------- leavers (R6-38) */

/* One line of the personnel office's list. */
static int leave(struct kz *kz, struct kz_desk *d, const flow_table_t *t, size_t row,
		 size_t *changed)
{
	static const char *const states[] = {"leave", "retired", "transferred", NULL};
	const char *id = flow_table_get(t, row, 0);
	struct flow_problem problem = {.text = ""};
	struct flow_operator o;
	struct card_date day;
	size_t state;
	enum card_error err = flow_table_word(t, row, 1, states, &state, &problem);

	if (err == CARD_OK)
		err = flow_table_date(t, row, 2, &day, &problem);
	if (err == CARD_OK && !card_date_valid(day))
		err = flow_problem_set(&problem, flow_table_name(t), flow_table_line(t, row),
				       "a date is needed");
	if (err != CARD_OK)
		return kz_rules_fail(kz, err, &problem);
	err = flow_operator_get(d->store, id, &o);
	/* Most who leave never had an account here; who left already is left alone. */
	if (err == CARD_ERR_NOT_FOUND ||
	    (err == CARD_OK && o.state != FLOW_OPERATOR_ACTIVE && o.state != FLOW_OPERATOR_LOCKED))
		return KZ_GO;
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	if (card_date_compare(day, kz_today(kz)) > 0)
		o.to = flow_days_add(day, -1); /* refused from 00:00 of that day */
	else
		o.state = (enum flow_operator_state)(FLOW_OPERATOR_LEAVE + state);
	err = flow_operator_change(d->store, d->journal, &o, d->who.id);
	if (err != CARD_OK)
		return done(kz, err, id, "", "");
	++*changed;
	kz_say_pair(kz, id, "%s, %s",
		    kz_word_state((enum flow_operator_state)(FLOW_OPERATOR_LEAVE + state)),
		    flow_table_get(t, row, 2));
	return KZ_GO;
}

static int leavers(struct kz *kz, struct kz_desk *d, const char *path)
{
	static const char *const columns[] = {"id", "state", "date", NULL};
	struct flow_problem problem = {.text = ""};
	flow_table_t *t = NULL;
	size_t changed = 0;
	const enum card_error err = flow_table_read(&t, path, columns, &problem);
	int rc = err == CARD_OK ? KZ_GO : kz_rules_fail(kz, err, &problem);

	for (size_t i = 0; rc == KZ_GO && i < flow_table_rows(t); i++)
		rc = leave(kz, d, t, i, &changed);
	flow_table_free(&t);
	if (rc != KZ_GO)
		return rc;
	kz_say_pair(kz, _("accounts ended"), "%zu", changed);
	kz_json(kz, json_pack("{s:I}", "changed", (json_int_t)changed));
	return KZ_DONE;
}

static int revoke(struct kz *kz, struct kz_desk *d, const char *const *w)
{
	const enum card_error err =
		flow_right_revoke(d->store, d->journal, w[1], w[2], w[3], d->who.id);

	if (err == CARD_ERR_NOT_FOUND)
		return kz_fail_usage(kz, _("%s does not hold this right."), w[1]);
	return done(kz, err, w[1], "revoked", _("right withdrawn"));
}

static bool is(const char *const *w, size_t n, const char *name, size_t want)
{
	return n == want && strcmp(w[0], name) == 0;
}

static int dispatch(struct kz *kz, struct kz_desk *d, const char *const *w, size_t n,
		    const struct asked *a)
{
	const char *by = d->who.id;

	if (is(w, n, "list", 1) || is(w, n, "overdue", 1))
		return list(kz, d, *w[0] == 'o');
	if (is(w, n, "add", 2))
		return add(kz, d, w[1], a);
	if (is(w, n, "change", 2))
		return change(kz, d, w[1], a);
	if (is(w, n, "leavers", 2))
		return leavers(kz, d, w[1]);
	if (is(w, n, "reviewed", 2))
		return done(kz,
			    flow_operator_reviewed(d->store, d->journal, w[1], by, kz_today(kz)),
			    w[1], "reviewed", _("reviewed"));
	if (is(w, n, "rights", 1) || is(w, n, "rights", 2))
		return rights(kz, d, n == 2 ? w[1] : NULL);
	if (is(w, n, "grant", 4))
		return done(kz, flow_right_grant(d->store, d->journal, w[1], w[2], w[3], by), w[1],
			    "granted", _("right granted"));
	if (is(w, n, "revoke", 4))
		return revoke(kz, d, w);
	if (is(w, n, "terminal", 1) || is(w, n, "terminal", 2))
		return terminal(kz, d, n == 2 ? w[1] : NULL, a);
	if (is(w, n, "stop", 1) || is(w, n, "lift", 1))
		return stop(kz, d, a, *w[0] == 'l');
	return kz_fail_usage(
		kz, _("list, overdue, add, change, leavers, password, reviewed, rights, grant, "
		      "revoke, terminal, stop, lift or store."));
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
		{"state", 0, N_("STATE"), &a.state, NULL,
		 N_("active, leave, retired, transferred, locked")},
		{"reason", 0, N_("TEXT"), &a.reason, NULL, N_("stop, lift: why")},
		{"remove", 0, NULL, NULL, &a.remove, N_("terminal: take it off the list")},
		{"as", 0, N_("ID"), &a.as, NULL, N_("whose session (default: the Unix login)")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"list | overdue | add ID | change ID | leavers FILE.csv | password [ID] | reviewed ID | rights "
		"[ID] | grant ID WHAT RIGHT | revoke ID WHAT RIGHT | terminal [NAME] | stop | lift | store "
		"OWNER ROLE",
		N_("Accounts and rights of a counter. WHAT is procedure:ID, purpose:ID or *; RIGHT is "
		   "inquiry, update or number. Who grants is not who gets. `store` makes the tables in a "
		   "PostgreSQL, by its owner's connection, for terminals that connect as ROLE."),
		options, 1, 4};
	const char *words[4] = {NULL};
	char unix_login[33];
	struct kz_desk d;
	size_t n;
	int rc = kz_options(kz, &usage, words, &n);

	if (rc == KZ_GO && is(words, n, "store", 3))
		return kz_desk_prepare(kz, words[1], words[2]);
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
