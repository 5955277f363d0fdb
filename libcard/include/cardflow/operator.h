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
 * internal-auditor, external-auditor, backup, sysadmin. */
CARD_API bool flow_role_known(const char *role, size_t n);

struct flow_operator {
	char id[33];     /* 1–32 of a–z 0–9 . _ - */
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
CARD_API enum card_error flow_terminal_allow(flow_store_t *store, journal_t *j, const char *terminal,
					     const char *organ, const char *by);
CARD_API bool flow_terminal_allowed(flow_store_t *store, const char *terminal);

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
	FLOW_LOGIN_NO_SESSION    /* "no_session" */
};
CARD_API const char *flow_login_code(enum flow_login l);

#define FLOW_SESSION_TOKEN 64 /* hexadecimal digits */
#define FLOW_SESSION_IDLE  (15 * 60)
#define FLOW_SESSION_LIFE  (12 * 3600)

/* A factor besides the password (a vein reader …): true if this person is proven (PD-31). */
typedef bool (*flow_factor_fn)(void *ctx, const char *operator_id);

/*
 * Prove an operator and open a session on a terminal. *why says why not (CARD_ERR_DENIED); both are
 * journaled (login, login-failed, terminal-refused) with the identifier given. Five wrong passwords
 * in a row lock the account. token: for flow_session_check; hand it to nobody.
 */
CARD_API enum card_error flow_login(flow_store_t *store, journal_t *j, const char *terminal,
				    const char *id, const card_secret_t *password,
				    flow_factor_fn factor, void *factor_ctx, int64_t now,
				    char token[FLOW_SESSION_TOKEN + 1], enum flow_login *why);

/* Is this session alive on this terminal, and its owner still allowed to work? Renews it.
 * CARD_ERR_DENIED with *why. *strong: a factor besides the password was used. */
CARD_API enum card_error flow_session_check(flow_store_t *store, const char *terminal,
					    const char *token, int64_t now, struct flow_operator *out,
					    bool *strong, enum flow_login *why);
CARD_API enum card_error flow_logout(flow_store_t *store, journal_t *j, const char *token,
				     int64_t now);

/* Rights: what = "procedure:ID", "purpose:ID" or "*"; right = inquiry, update or number. */
CARD_API enum card_error flow_right_grant(flow_store_t *store, journal_t *j, const char *operator_id,
					  const char *what, const char *right, const char *by);
CARD_API enum card_error flow_right_revoke(flow_store_t *store, journal_t *j,
					   const char *operator_id, const char *what,
					   const char *right, const char *by);
CARD_API bool flow_right_held(flow_store_t *store, const char *operator_id, const char *what,
			      const char *right);

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
