/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operator.h — who works at the counter: personal accounts, sessions, rights, terminals
 * (rules 6.4, PD-30…PD-32, flows C01).
 *
 * A name is never a proof: an operator is proven by a live session on this terminal. Shared
 * accounts do not exist. Passwords are kept as argon2id (RFC 9106) hashes only.
 */
#ifndef CARDFLOW_OPERATOR_H
#define CARDFLOW_OPERATOR_H

#include <card/secret.h>

#include <cardflow/calendar.h>
#include <cardflow/journal.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Make the tables of operators in a store. Errors of flow_store_run. */
CARD_API enum card_error flow_operators_setup(flow_store_t *store);

enum flow_operator_state {
	FLOW_OPERATOR_ACTIVE = 0,
	FLOW_OPERATOR_LEAVE,
	FLOW_OPERATOR_RETIRED,
	FLOW_OPERATOR_TRANSFERRED,
	FLOW_OPERATOR_LOCKED
};
CARD_API const char *flow_operator_state_name(enum flow_operator_state s);

/* Roles, joined by `;` in an account: operator 操作者, reception 受付者, checker 照合担当者,
 * internal 内部事務担当者, supervisor 上長, security セキュリティ責任者, network ネットワーク管理者,
 * internal-auditor, external-auditor, backup, sysadmin, attendant 係員 (clears kiosk terminals). */
CARD_API bool flow_role_known(const char *role, size_t n);

struct flow_operator {
	char id[33];      /* 1–32 of a–z 0–9 . _ - */
	char person[128]; /* the name of exactly one person */
	char roles[160], organ[128], granted_by[33];
	struct card_date password_changed, training, from, to, reviewed;
	enum flow_operator_state state;
};

/*
 * Add an account. by: the operator who does it, with role security, another than o->id; NULL only
 * for the very first account of a store.
 * CARD_ERR_DENIED: by may not, the account exists, or the password is refused (under 8 or over 64
 * bytes, or the id is in it); CARD_ERR_INVALID_ARGUMENT: id, role or person.
 */
CARD_API enum card_error flow_operator_add(flow_store_t *store, journal_t *j,
					   const struct flow_operator *o,
					   const card_secret_t *password, const char *by,
					   struct card_date today);

/* CARD_ERR_NOT_FOUND. */
CARD_API enum card_error flow_operator_get(flow_store_t *store, const char *id,
					   struct flow_operator *out);

typedef enum card_error (*flow_operator_fn)(void *ctx, const struct flow_operator *o);
CARD_API enum card_error flow_operator_list(flow_store_t *store, flow_operator_fn fn, void *ctx);

/* Change what may change: state, training, from, to, roles, organ. Role security, not oneself.
 * A state other than active ends the sessions. */
CARD_API enum card_error flow_operator_change(flow_store_t *store, journal_t *j,
					      const struct flow_operator *o, const char *by);

/* A new password, against the old one. CARD_ERR_PIN_WRONG; CARD_ERR_DENIED: refused by form, or
 * one of the last 5 (PD-30). */
CARD_API enum card_error flow_operator_password(flow_store_t *store, journal_t *j, const char *id,
						const card_secret_t *old_password,
						const card_secret_t *new_password,
						struct card_date today);

/* Terminals that may be used (R6-53, PD-32). */
CARD_API enum card_error flow_terminal_allow(flow_store_t *store, journal_t *j,
					     const char *terminal, const char *organ,
					     const char *by);
CARD_API bool flow_terminal_allowed(flow_store_t *store, const char *terminal);
/* CARD_ERR_NOT_FOUND; CARD_ERR_DENIED. */
CARD_API enum card_error flow_terminal_remove(flow_store_t *store, journal_t *j,
					      const char *terminal, const char *by);
typedef enum card_error (*flow_terminal_fn)(void *ctx, const char *terminal, const char *organ,
					    const char *allowed_by);
CARD_API enum card_error flow_terminal_list(flow_store_t *store, flow_terminal_fn fn, void *ctx);

/* Why somebody may not work. The codes are those of the journal. */
enum flow_login {
	FLOW_LOGIN_OK = 0,
	FLOW_LOGIN_TERMINAL,     /* "terminal_unknown" */
	FLOW_LOGIN_UNKNOWN,      /* "operator_unknown" */
	FLOW_LOGIN_PASSWORD,     /* "password_wrong" */
	FLOW_LOGIN_LOCKED,       /* "operator_locked": too many wrong passwords, or by hand */
	FLOW_LOGIN_STATE,        /* "operator_left": on leave, retired, transferred */
	FLOW_LOGIN_PERIOD,       /* "operator_not_in_period" */
	FLOW_LOGIN_PASSWORD_OLD, /* "password_expired": only changing it works (PD-30) */
	FLOW_LOGIN_TRAINING,     /* "training_missing" */
	FLOW_LOGIN_ELSEWHERE,    /* "in_use_elsewhere" */
	FLOW_LOGIN_NO_SESSION,   /* "no_session" */
	FLOW_LOGIN_FACTOR,       /* "factor_refused": the authenticator did not prove this person */
	FLOW_LOGIN_STOPPED       /* "emergency_stop": only role security may work */
};
CARD_API const char *flow_login_code(enum flow_login l);

#define FLOW_SESSION_TOKEN 64 /* hexadecimal digits */
#define FLOW_SESSION_IDLE  (15 * 60)
#define FLOW_SESSION_LIFE  (12 * 3600)

/* A factor besides the password or in its place (a vein reader …): true if this person is proven
 * (PD-31). */
typedef bool (*flow_factor_fn)(void *ctx, const char *operator_id);

/*
 * Prove an operator and open a session on a terminal: by the password, by the factor, or by both;
 * password NULL and a factor: by that alone (the age of the password does not matter then); neither:
 * CARD_ERR_INVALID_ARGUMENT. *why says why not (CARD_ERR_DENIED); both are journaled (login,
 * login-failed, terminal-refused) with the identifier given. Five failures in a row lock the
 * account. token: for flow_session_check; hand it to nobody.
 */
CARD_API enum card_error flow_login(flow_store_t *store, journal_t *j, const char *terminal,
				    const char *id, const card_secret_t *password,
				    flow_factor_fn factor, void *factor_ctx, int64_t now,
				    char token[FLOW_SESSION_TOKEN + 1], enum flow_login *why);

/*
 * A factor that is a program of its own. It is run as
 *     COMMAND OPERATOR TERMINAL
 * and ends with exit 0 if the person before it is this operator, with anything else if not, or if
 * that could not be found out. No secret is in its arguments; standard input is empty, standard
 * output goes nowhere, standard error to the person. After the time-out it is killed: not proven.
 */
struct flow_factor_command {
	const char *command; /* absolute path, no shell */
	const char *terminal;
	int timeout; /* seconds; 0: 30 */
	int status;  /* out: exit code; 128 + signal; -1: not started or timed out */
};
/* A flow_factor_fn; ctx is a struct flow_factor_command. */
CARD_API bool flow_factor_run(void *ctx, const char *operator_id);

/* Is this session alive on this terminal, and its owner still allowed to work? Renews it.
 * CARD_ERR_DENIED with *why. *strong: a factor besides the password was used. */
CARD_API enum card_error flow_session_check(flow_store_t *store, const char *terminal,
					    const char *token, int64_t now,
					    struct flow_operator *out, bool *strong,
					    enum flow_login *why);
CARD_API enum card_error flow_logout(flow_store_t *store, journal_t *j, const char *token,
				     int64_t now);

/* Rights: what = "procedure:ID", "purpose:ID" or "*"; right = inquiry, update or number. */
CARD_API enum card_error flow_right_grant(flow_store_t *store, journal_t *j,
					  const char *operator_id, const char *what,
					  const char *right, const char *by);
CARD_API enum card_error flow_right_revoke(flow_store_t *store, journal_t *j,
					   const char *operator_id, const char *what,
					   const char *right, const char *by);
typedef enum card_error (*flow_right_fn)(void *ctx, const char *operator_id, const char *what,
					 const char *right, const char *granted_by);
/* Which right belongs to whom (R6-37). operator_id NULL: of all. */
CARD_API enum card_error flow_right_list(flow_store_t *store, const char *operator_id,
					 flow_right_fn fn, void *ctx);
CARD_API bool flow_right_held(flow_store_t *store, const char *operator_id, const char *what,
			      const char *right);

/*
 * Emergency stop (緊急停止): until it is lifted only role security may log in or work. Roles
 * security, supervisor and network may stop, security may lift; a reason is needed. Journaled as
 * emergency-stop with code "stop" or "lift". CARD_ERR_DENIED; CARD_ERR_BAD_STATE: it is so already.
 */
CARD_API enum card_error flow_stop(flow_store_t *store, journal_t *j, const char *by,
				   const char *reason, int64_t now);
CARD_API enum card_error flow_stop_lift(flow_store_t *store, journal_t *j, const char *by,
					const char *reason, int64_t now);
CARD_API bool flow_stopped(flow_store_t *store);

/* Record that an account was reviewed; list those whose review is overdue: privileged ones after
 * one month, others after three (R6-39). */
CARD_API enum card_error flow_operator_reviewed(flow_store_t *store, journal_t *j, const char *id,
						const char *by, struct card_date today);
CARD_API enum card_error flow_operator_overdue(flow_store_t *store, struct card_date today,
					       flow_operator_fn fn, void *ctx);

#ifdef __cplusplus
}
#endif
#endif
