/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves accounts, sessions and rights: the tests of rules 6.4, PD-30…PD-32, flows C01; each on
 * SQLite and on a PostgreSQL server that this program starts.
 */
#include "desk.h"
#include "pg_server.h"

#include <sys/stat.h>

static struct desk d;

static void begin(void **state, struct pg_server *server)
{
	flow_store_t *s = NULL;
	char where[256];

	(void)state;
	if (server == NULL) {
		desk_start(&d);
		return;
	}
	pg_server_where(server, NULL, where);
	assert_ok(flow_store_open(&s, where, 0, NULL));
	assert_ok(flow_store_script(s, "DROP SCHEMA public CASCADE;CREATE SCHEMA public"));
	flow_store_close(&s);
	desk_start_at(&d, where);
}

static void end(void **state)
{
	(void)state;
	desk_stop(&d);
}

#include "both_stores.h"

static int64_t at(int y, int m, int day)
{
	return card_date_start_in_japan((struct card_date){(int16_t)y, (uint8_t)m, (uint8_t)day});
}

static struct flow_operator get(const char *id)
{
	struct flow_operator o;

	assert_ok(flow_operator_get(d.store, id, &o));
	return o;
}

static enum flow_login check(const char *terminal, const char *token)
{
	struct flow_operator o;
	enum flow_login why;
	bool strong;
	const enum card_error err =
		flow_session_check(d.store, terminal, token, d.now, &o, &strong, &why);

	assert_int_equal(err, why == FLOW_LOGIN_OK ? CARD_OK : CARD_ERR_DENIED);
	return why;
}

static void a_session_proves_its_operator_on_its_terminal(void **state)
{
	char token[FLOW_SESSION_TOKEN + 1], other[FLOW_SESSION_TOKEN + 1];

	(void)state;
	assert_int_equal(desk_login(&d, "T1", "kanri", DESK_PASSWORD, token), FLOW_LOGIN_OK);
	assert_int_equal(check("T1", token), FLOW_LOGIN_OK);
	assert_ok(flow_terminal_allow(d.store, d.journal, "T2", "税務課", "kanri"));
	assert_int_equal(check("T2", token), FLOW_LOGIN_NO_SESSION);
	memcpy(other, token, sizeof other);
	other[0] = other[0] == 'a' ? 'b' : 'a';
	assert_int_equal(check("T1", other), FLOW_LOGIN_NO_SESSION);
	assert_int_equal(check("T1", "kanri"), FLOW_LOGIN_NO_SESSION); /* a name is never a proof */
	assert_int_equal(desk_login(&d, "T2", "kanri", DESK_PASSWORD, other), FLOW_LOGIN_ELSEWHERE);
	assert_ok(flow_logout(d.store, d.journal, token, d.now));
	assert_int_equal(check("T1", token), FLOW_LOGIN_NO_SESSION);
	assert_int_equal(flow_logout(d.store, d.journal, token, d.now), CARD_ERR_NOT_FOUND);
	assert_int_equal(desk_login(&d, "T2", "kanri", DESK_PASSWORD, other), FLOW_LOGIN_OK);
	assert_string_equal(desk_journal(&d, "login-failed").code, "in_use_elsewhere");
	assert_int_equal(desk_journal(&d, "logout").n, 1);
}

static void a_session_ends_by_idleness_and_by_its_age(void **state)
{
	char token[FLOW_SESSION_TOKEN + 1];

	(void)state;
	assert_int_equal(desk_login(&d, "T1", "kanri", DESK_PASSWORD, token), FLOW_LOGIN_OK);
	d.now += FLOW_SESSION_IDLE;
	assert_int_equal(check("T1", token), FLOW_LOGIN_OK);
	d.now += FLOW_SESSION_IDLE + 1;
	assert_int_equal(check("T1", token), FLOW_LOGIN_NO_SESSION);
	assert_int_equal(desk_login(&d, "T1", "kanri", DESK_PASSWORD, token), FLOW_LOGIN_OK);
	for (int64_t spent = 0; spent < FLOW_SESSION_LIFE; spent += 600) {
		assert_int_equal(check("T1", token), FLOW_LOGIN_OK);
		d.now += 600;
	}
	d.now += 1;
	assert_int_equal(check("T1", token), FLOW_LOGIN_NO_SESSION);
}

static void an_unknown_terminal_is_refused_with_a_valid_password(void **state)
{
	char token[FLOW_SESSION_TOKEN + 1];
	struct desk_seen s;

	(void)state; /* PD-32 */
	assert_int_equal(desk_login(&d, "T9", "kanri", DESK_PASSWORD, token), FLOW_LOGIN_TERMINAL);
	s = desk_journal(&d, "terminal-refused");
	assert_int_equal(s.n, 1);
	assert_string_equal(s.operator_id, "kanri");
	assert_string_equal(s.reason, "T9");
}

static void the_password_lasts_three_months(void **state)
{
	char token[FLOW_SESSION_TOKEN + 1];
	card_secret_t *old = desk_secret(DESK_PASSWORD), *new = desk_secret("sakura-2026");

	(void)state; /* rules 6.4: changed 01-31, in 04-30 accepted, 05-01 refused except change */
	d.now = at(2026, 1, 31);
	{
		struct flow_operator o = {.id = "abe",
					  .person = "abe",
					  .roles = "operator",
					  .organ = "x",
					  .training = {2026, 1, 30}};

		assert_ok(flow_operator_add(d.store, d.journal, &o, old, "kanri", desk_today(&d)));
	}
	d.now = at(2026, 4, 30) + 86399;
	assert_int_equal(desk_login(&d, "T1", "abe", DESK_PASSWORD, token), FLOW_LOGIN_OK);
	d.now = at(2026, 5, 1);
	assert_int_equal(check("T1", token), FLOW_LOGIN_PASSWORD_OLD);
	assert_int_equal(desk_login(&d, "T1", "abe", DESK_PASSWORD, token),
			 FLOW_LOGIN_PASSWORD_OLD);
	assert_ok(flow_operator_password(d.store, d.journal, "abe", old, new, desk_today(&d)));
	assert_int_equal(desk_login(&d, "T1", "abe", "sakura-2026", token), FLOW_LOGIN_OK);
	card_secret_free(&old);
	card_secret_free(&new);
}

static void the_last_five_passwords_are_refused(void **state)
{
	static const char *const words[] = {DESK_PASSWORD,    "password-one",  "password-two",
					    "password-three", "password-four", "password-five"};
	card_secret_t *s[6], *bad;

	(void)state; /* PD-30 */
	for (int i = 0; i < 6; i++)
		s[i] = desk_secret(words[i]);
	for (int i = 0; i < 4; i++)
		assert_ok(flow_operator_password(d.store, d.journal, "kanri", s[i], s[i + 1],
						 desk_today(&d)));
	/* The running one and the four before it. */
	for (int i = 0; i < 5; i++)
		assert_int_equal(flow_operator_password(d.store, d.journal, "kanri", s[4], s[i],
							desk_today(&d)),
				 CARD_ERR_DENIED);
	assert_ok(flow_operator_password(d.store, d.journal, "kanri", s[4], s[5], desk_today(&d)));
	assert_ok(flow_operator_password(d.store, d.journal, "kanri", s[5], s[0], desk_today(&d)));
	assert_int_equal(
		flow_operator_password(d.store, d.journal, "kanri", s[1], s[2], desk_today(&d)),
		CARD_ERR_PIN_WRONG);
	bad = desk_secret("short");
	assert_int_equal(
		flow_operator_password(d.store, d.journal, "kanri", s[0], bad, desk_today(&d)),
		CARD_ERR_DENIED);
	card_secret_free(&bad);
	bad = desk_secret("xx-kanri-xx");
	assert_int_equal(
		flow_operator_password(d.store, d.journal, "kanri", s[0], bad, desk_today(&d)),
		CARD_ERR_DENIED);
	card_secret_free(&bad);
	for (int i = 0; i < 6; i++)
		card_secret_free(&s[i]);
}

static void five_wrong_passwords_lock_the_account(void **state)
{
	char token[FLOW_SESSION_TOKEN + 1];

	(void)state;
	assert_ok(desk_add(&d, "abe", "operator", "kanri"));
	for (int i = 0; i < 4; i++)
		assert_int_equal(desk_login(&d, "T1", "abe", "wrong-password", token),
				 FLOW_LOGIN_PASSWORD);
	assert_int_equal(desk_login(&d, "T1", "abe", DESK_PASSWORD, token), FLOW_LOGIN_OK);
	for (int i = 0; i < 5; i++)
		assert_int_equal(desk_login(&d, "T1", "abe", "wrong-password", token),
				 FLOW_LOGIN_PASSWORD);
	assert_int_equal(desk_login(&d, "T1", "abe", DESK_PASSWORD, token), FLOW_LOGIN_LOCKED);
	assert_int_equal(desk_journal(&d, "login-failed").n, 10);
}

static void those_who_left_are_refused_from_midnight(void **state)
{
	char token[FLOW_SESSION_TOKEN + 1];
	struct flow_operator o;

	(void)state; /* R6-38, R6-51 */
	assert_ok(desk_add(&d, "abe", "operator", "kanri"));
	o = get("abe");
	o.to = (struct card_date){2026, 4, 1};
	assert_ok(flow_operator_change(d.store, d.journal, &o, "kanri"));
	d.now = at(2026, 4, 2) - 1;
	assert_int_equal(desk_login(&d, "T1", "abe", DESK_PASSWORD, token), FLOW_LOGIN_OK);
	d.now = at(2026, 4, 2);
	assert_int_equal(check("T1", token), FLOW_LOGIN_PERIOD);
	assert_int_equal(desk_login(&d, "T1", "abe", DESK_PASSWORD, token), FLOW_LOGIN_PERIOD);
	o.to = (struct card_date){0};
	o.state = FLOW_OPERATOR_LEAVE;
	assert_ok(flow_operator_change(d.store, d.journal, &o, "kanri"));
	assert_int_equal(desk_login(&d, "T1", "abe", DESK_PASSWORD, token), FLOW_LOGIN_STATE);
	o.state = FLOW_OPERATOR_ACTIVE;
	o.training = (struct card_date){0}; /* R6-58 */
	assert_ok(flow_operator_change(d.store, d.journal, &o, "kanri"));
	assert_int_equal(desk_login(&d, "T1", "abe", DESK_PASSWORD, token), FLOW_LOGIN_TRAINING);
}

static void a_state_change_ends_the_session(void **state)
{
	char token[FLOW_SESSION_TOKEN + 1];
	struct flow_operator o;

	(void)state;
	assert_ok(desk_add(&d, "abe", "operator", "kanri"));
	assert_int_equal(desk_login(&d, "T1", "abe", DESK_PASSWORD, token), FLOW_LOGIN_OK);
	o = get("abe");
	o.state = FLOW_OPERATOR_RETIRED;
	assert_ok(flow_operator_change(d.store, d.journal, &o, "kanri"));
	o.state = FLOW_OPERATOR_ACTIVE;
	assert_ok(flow_operator_change(d.store, d.journal, &o, "kanri"));
	assert_int_equal(check("T1", token), FLOW_LOGIN_NO_SESSION);
}

static void accounts_are_personal_and_granted_by_another(void **state)
{
	struct flow_operator o;

	(void)state; /* R6-37, R6-52 */
	assert_int_equal(desk_add(&d, "abe", "operator", NULL),
			 CARD_ERR_DENIED); /* not the first */
	assert_int_equal(desk_add(&d, "abe", "operator", "abe"), CARD_ERR_DENIED);
	assert_int_equal(desk_add(&d, "abe", "shared", "kanri"), CARD_ERR_INVALID_ARGUMENT);
	assert_int_equal(desk_add(&d, "Abe San", "operator", "kanri"), CARD_ERR_INVALID_ARGUMENT);
	assert_ok(desk_add(&d, "abe", "operator", "kanri"));
	assert_int_equal(desk_add(&d, "abe", "operator", "kanri"), CARD_ERR_DENIED);
	o = get("abe");
	snprintf(o.id, sizeof o.id, "abe2"); /* one person, two accounts */
	{
		card_secret_t *p = desk_secret(DESK_PASSWORD);

		assert_int_equal(
			flow_operator_add(d.store, d.journal, &o, p, "kanri", desk_today(&d)),
			CARD_ERR_DENIED);
		card_secret_free(&p);
	}
	assert_int_equal(desk_add(&d, "bando", "operator", "abe"), CARD_ERR_DENIED);
}

static void rights_are_held_one_by_one(void **state)
{
	(void)state;
	assert_ok(desk_add(&d, "abe", "operator", "kanri"));
	assert_ok(flow_right_grant(d.store, d.journal, "abe", "procedure:jido-teate", "inquiry",
				   "kanri"));
	assert_true(flow_right_held(d.store, "abe", "procedure:jido-teate", "inquiry"));
	assert_false(flow_right_held(d.store, "abe", "procedure:jido-teate", "update"));
	assert_false(flow_right_held(d.store, "abe", "procedure:jido-teate", "number"));
	assert_false(flow_right_held(d.store, "abe", "procedure:koza", "inquiry"));
	/* The applicant grants nothing to himself. */
	assert_int_equal(flow_right_grant(d.store, d.journal, "kanri", "*", "inquiry", "kanri"),
			 CARD_ERR_DENIED);
	assert_int_equal(flow_right_grant(d.store, d.journal, "abe", "*", "inquiry", "abe"),
			 CARD_ERR_DENIED);
	assert_int_equal(flow_right_grant(d.store, d.journal, "abe", "*", "inquiry", "setup"),
			 CARD_ERR_DENIED);
	assert_int_equal(desk_journal(&d, "right-granted").n, 4);
	assert_int_equal(flow_right_grant(d.store, d.journal, "abe", "all", "inquiry", "kanri"),
			 CARD_ERR_INVALID_ARGUMENT);
	assert_ok(flow_right_revoke(d.store, d.journal, "abe", "procedure:jido-teate", "inquiry",
				    "kanri"));
	assert_false(flow_right_held(d.store, "abe", "procedure:jido-teate", "inquiry"));
}

static enum card_error collect(void *ctx, const struct flow_operator *o)
{
	char *out = ctx;

	snprintf(out + strlen(out), 100 - strlen(out), "%s ", o->id);
	return CARD_OK;
}

static void reviews_fall_due_after_one_and_three_months(void **state)
{
	char who[100] = "";

	(void)state; /* R6-39 */
	assert_ok(desk_add(&d, "abe", "operator", "kanri"));
	assert_ok(flow_operator_overdue(d.store, (struct card_date){2026, 5, 1}, collect, who));
	assert_string_equal(who, "");
	assert_ok(flow_operator_overdue(d.store, (struct card_date){2026, 5, 2}, collect, who));
	assert_string_equal(who, "kanri ");
	who[0] = '\0';
	assert_ok(flow_operator_overdue(d.store, (struct card_date){2026, 7, 2}, collect, who));
	assert_string_equal(who, "abe kanri ");
	assert_int_equal(flow_operator_reviewed(d.store, d.journal, "kanri", "kanri",
						(struct card_date){2026, 7, 2}),
			 CARD_ERR_DENIED);
	assert_ok(flow_operator_reviewed(d.store, d.journal, "abe", "kanri",
					 (struct card_date){2026, 7, 2}));
	who[0] = '\0';
	assert_ok(flow_operator_overdue(d.store, (struct card_date){2026, 7, 2}, collect, who));
	assert_string_equal(who, "kanri ");
}

static bool no_vein(void *ctx, const char *id)
{
	(void)id;
	++*(int *)ctx;
	return false;
}

static bool good_vein(void *ctx, const char *id)
{
	(void)id;
	++*(int *)ctx;
	return true;
}

static void a_strong_factor_is_asked_after_the_password(void **state)
{
	char token[FLOW_SESSION_TOKEN + 1];
	card_secret_t *p = desk_secret(DESK_PASSWORD);
	struct flow_operator o;
	enum flow_login why;
	bool strong = false;
	int calls = 0;

	(void)state; /* PD-31 */
	assert_int_equal(flow_login(d.store, d.journal, "T1", "kanri", p, no_vein, &calls, d.now,
				    token, &why),
			 CARD_ERR_DENIED);
	assert_int_equal(calls, 1);
	assert_ok(flow_login(d.store, d.journal, "T1", "kanri", p, good_vein, &calls, d.now, token,
			     &why));
	assert_ok(flow_session_check(d.store, "T1", token, d.now, &o, &strong, &why));
	assert_true(strong);
	assert_int_equal(
		flow_login(d.store, d.journal, "T1", "kanri", NULL, NULL, NULL, d.now, token, &why),
		CARD_ERR_INVALID_ARGUMENT);
	card_secret_free(&p);
}

static void a_factor_may_stand_for_the_password(void **state)
{
	char token[FLOW_SESSION_TOKEN + 1];
	struct flow_operator o;
	enum flow_login why;
	bool strong = false;
	int calls = 0;

	(void)state; /* PD-31; the age of a password that was not asked does not matter */
	d.now = at(2026, 8, 1);
	assert_int_equal(desk_login(&d, "T1", "kanri", DESK_PASSWORD, token),
			 FLOW_LOGIN_PASSWORD_OLD);
	assert_ok(flow_login(d.store, d.journal, "T1", "kanri", NULL, good_vein, &calls, d.now,
			     token, &why));
	assert_ok(flow_session_check(d.store, "T1", token, d.now, &o, &strong, &why));
	assert_true(strong);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(flow_login(d.store, d.journal, "T1", "kanri", NULL, no_vein,
					    &calls, d.now, token, &why),
				 CARD_ERR_DENIED);
		assert_int_equal(why, FLOW_LOGIN_FACTOR);
	}
	assert_int_equal(flow_login(d.store, d.journal, "T1", "kanri", NULL, good_vein, &calls,
				    d.now, token, &why),
			 CARD_ERR_DENIED);
	assert_int_equal(why, FLOW_LOGIN_LOCKED);
	assert_string_equal(desk_journal(&d, "login-failed").code, "operator_locked");
}

/* A reader's program that says yes to abe at T1 alone, and leaves what it was given. */
static void an_authenticator_is_a_program_of_its_own(void **state)
{
	char script[128], text[512], seen[128], line[128] = "";
	struct flow_factor_command c = {.command = script, .terminal = "T1", .timeout = 10};
	FILE *f;

	(void)state;
	snprintf(script, sizeof script, "%s/vein", d.folder);
	snprintf(seen, sizeof seen, "%s/seen", d.folder);
	snprintf(
		text, sizeof text,
		"#!/bin/sh\necho \"$# $1 $2 $(cat | wc -c)\" >%s\n[ \"$1\" = abe ] && exit 0\nexit 3\n",
		seen);
	tree_write(script, text);
	assert_int_equal(chmod(script, 0700), 0);
	assert_true(flow_factor_run(&c, "abe"));
	assert_int_equal(c.status, 0);
	f = fopen(seen, "re");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof line, f));
	fclose(f);
	assert_string_equal(line, "2 abe T1 0\n");
	assert_false(flow_factor_run(&c, "bando"));
	assert_int_equal(c.status, 3);
	c.command = "vein"; /* no search along a path */
	assert_false(flow_factor_run(&c, "abe"));
	c.command = "/nonexistent/vein";
	assert_false(flow_factor_run(&c, "abe"));
	/* One that never ends is killed with what it started. */
	snprintf(text, sizeof text, "#!/bin/sh\nsleep 600 &\nwait\n");
	tree_write(script, text);
	c.command = script;
	c.timeout = 1;
	assert_false(flow_factor_run(&c, "abe"));
	assert_int_equal(c.status, -1);
}

static void an_emergency_stop_keeps_all_out_but_security(void **state)
{
	char token[FLOW_SESSION_TOKEN + 1], mine[FLOW_SESSION_TOKEN + 1];

	(void)state;
	assert_ok(desk_add(&d, "abe", "operator", "kanri"));
	assert_int_equal(desk_login(&d, "T1", "abe", DESK_PASSWORD, token), FLOW_LOGIN_OK);
	assert_int_equal(desk_login(&d, "T1", "kanri", DESK_PASSWORD, mine), FLOW_LOGIN_OK);
	assert_int_equal(flow_stop(d.store, d.journal, "abe", "x", d.now), CARD_ERR_DENIED);
	assert_int_equal(flow_stop(d.store, d.journal, "kanri", "", d.now),
			 CARD_ERR_INVALID_ARGUMENT);
	assert_int_equal(flow_stop_lift(d.store, d.journal, "kanri", "x", d.now),
			 CARD_ERR_BAD_STATE);
	assert_ok(flow_stop(d.store, d.journal, "kanri", "不正アクセスの疑い", d.now));
	assert_true(flow_stopped(d.store));
	assert_int_equal(flow_stop(d.store, d.journal, "kanri", "x", d.now), CARD_ERR_BAD_STATE);
	assert_int_equal(check("T1", token), FLOW_LOGIN_STOPPED);
	assert_int_equal(desk_login(&d, "T1", "abe", DESK_PASSWORD, token), FLOW_LOGIN_STOPPED);
	assert_int_equal(check("T1", mine), FLOW_LOGIN_OK);
	assert_int_equal(flow_stop_lift(d.store, d.journal, "abe", "x", d.now), CARD_ERR_DENIED);
	d.now += 60;
	assert_ok(flow_stop_lift(d.store, d.journal, "kanri", "確認済み", d.now));
	assert_int_equal(desk_login(&d, "T1", "abe", DESK_PASSWORD, token), FLOW_LOGIN_OK);
	assert_int_equal(desk_journal(&d, "emergency-stop").n, 2);
	assert_string_equal(desk_journal(&d, "emergency-stop").code, "lift");
	assert_ok(flow_stop(d.store, d.journal, "kanri", "x", d.now)); /* again, later */
}

static enum card_error put_terminal(void *ctx, const char *terminal, const char *organ,
				    const char *by)
{
	char *out = ctx;

	snprintf(out + strlen(out), 200 - strlen(out), "%s %s %s;", terminal, organ, by);
	return CARD_OK;
}

static enum card_error put_right(void *ctx, const char *id, const char *what, const char *right,
				 const char *by)
{
	char *out = ctx;

	snprintf(out + strlen(out), 300 - strlen(out), "%s %s %s %s;", id, what, right, by);
	return CARD_OK;
}

static void terminals_and_rights_are_listed_and_taken_away(void **state)
{
	char token[FLOW_SESSION_TOKEN + 1], out[300] = "";

	(void)state;
	assert_ok(desk_add(&d, "abe", "operator", "kanri"));
	assert_ok(flow_terminal_allow(d.store, d.journal, "T2", "税務課", "kanri"));
	assert_ok(
		flow_terminal_allow(d.store, d.journal, "T2", "税務課", "kanri")); /* it is there */
	assert_ok(flow_terminal_list(d.store, put_terminal, out));
	assert_string_equal(out, "T1 市民課 kanri;T2 税務課 kanri;");
	assert_int_equal(flow_terminal_remove(d.store, d.journal, "T2", "abe"), CARD_ERR_DENIED);
	assert_int_equal(flow_terminal_remove(d.store, d.journal, "T3", "kanri"),
			 CARD_ERR_NOT_FOUND);
	assert_int_equal(desk_login(&d, "T1", "abe", DESK_PASSWORD, token), FLOW_LOGIN_OK);
	assert_ok(flow_terminal_remove(d.store, d.journal, "T1", "kanri"));
	assert_int_equal(check("T1", token), FLOW_LOGIN_TERMINAL);
	out[0] = '\0';
	assert_ok(flow_right_grant(d.store, d.journal, "abe", "purpose:L31", "inquiry", "kanri"));
	assert_ok(flow_right_grant(d.store, d.journal, "abe", "purpose:L31", "inquiry", "kanri"));
	assert_ok(flow_right_list(d.store, "abe", put_right, out));
	assert_string_equal(out, "abe purpose:L31 inquiry kanri;");
	assert_int_equal(flow_right_grant(d.store, d.journal, "nobody", "*", "inquiry", "kanri"),
			 CARD_ERR_NOT_FOUND);
	assert_int_equal(
		flow_operator_reviewed(d.store, d.journal, "nobody", "kanri", desk_today(&d)),
		CARD_ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(a_session_proves_its_operator_on_its_terminal),
		BOTH(a_session_ends_by_idleness_and_by_its_age),
		BOTH(an_unknown_terminal_is_refused_with_a_valid_password),
		BOTH(the_password_lasts_three_months),
		BOTH(the_last_five_passwords_are_refused),
		BOTH(five_wrong_passwords_lock_the_account),
		BOTH(those_who_left_are_refused_from_midnight),
		BOTH(a_state_change_ends_the_session),
		BOTH(accounts_are_personal_and_granted_by_another),
		BOTH(rights_are_held_one_by_one),
		BOTH(reviews_fall_due_after_one_and_three_months),
		BOTH(a_strong_factor_is_asked_after_the_password),
		BOTH(a_factor_may_stand_for_the_password),
		BOTH(an_authenticator_is_a_program_of_its_own),
		BOTH(an_emergency_stop_keeps_all_out_but_security),
		BOTH(terminals_and_rights_are_listed_and_taken_away),
	};

	return run_on_both(tests);
}
