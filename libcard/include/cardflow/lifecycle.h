/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lifecycle.h — until when a card and its certificates are valid, and the states they pass
 * through (rules 2.1–2.4, TV-01…TV-13).
 */
#ifndef CARDFLOW_LIFECYCLE_H
#define CARDFLOW_LIFECYCLE_H

#include <cardflow/calendar.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Age boundaries and years, valid for applications from one day to another (PD-06). */
struct flow_lifecycle_rule {
	const char *name;
	struct card_date from, to;
	int sign_age, adult_age, minor_years, adult_years, certificate_years;
};

typedef struct flow_lifecycle_rules flow_lifecycle_rules_t;

/* Read lifecycle.csv. Exactly one set must hold for every day: gaps and overlaps are
 * CARD_ERR_MALFORMED with *problem. Errors of flow_table_read. */
CARD_API enum card_error flow_lifecycle_rules_read(flow_lifecycle_rules_t **out, const char *path,
						   struct flow_problem *problem);
CARD_API void flow_lifecycle_rules_free(flow_lifecycle_rules_t **r);

/* The set of a day; NULL if none. */
CARD_API const struct flow_lifecycle_rule *flow_lifecycle_rule_at(const flow_lifecycle_rules_t *r,
								  struct card_date day);

enum flow_lifecycle_object {
	FLOW_LIFE_CARD = 0, /* the card and the certificates issued with it */
	FLOW_LIFE_CERT,     /* both certificates anew on a card that stays */
	FLOW_LIFE_SIGN /* 署名用 alone, after a move: it ends with the running 利用者証明用 */
};

/* What happened. Dates that are {0} are not given. */
struct flow_lifecycle_case {
	enum flow_lifecycle_object object;
	struct card_date birth, issued; /* both needed */
	struct card_date applied;       /* of the application; default: issued */
	struct card_date rules_at;      /* chooses the rule set; default: applied (PD-06) */
	struct card_date renewed_from;  /* expiry of what is renewed */
	struct card_date card_expiry;   /* CERT, SIGN: of the card that stays */
	struct card_date auth_expiry;   /* SIGN: of the running 利用者証明用 certificate */
	struct card_date stay_until;    /* end of the period of stay (在留期間) */
	bool ward;                      /* 成年被後見人: no 署名用 in principle (R2-02) */
	bool sign_anyway;               /* the override of R2-02, for under age and ward */
};

struct flow_lifecycle {
	const struct flow_lifecycle_rule *rule;
	int age;               /* on the issue day (R2-12) */
	char age_class[32];    /* "0-14", "15-19", "20+", … */
	struct card_date base; /* the day the birthdays are counted from */
	bool renewal;          /* the application was in the window of renewed_from */
	struct card_date card_expiry, auth_expiry;
	struct card_date sign_expiry;              /* {0}: none is issued */
	struct card_date window_start, window_end; /* of the object; {0} for SIGN */
};

/*
 * The calculation of rules 2.3. CARD_ERR_INVALID_ARGUMENT: a date is missing or issued is before
 * birth; CARD_ERR_NOT_FOUND: no rule set on that day; CARD_ERR_EXPIRED: nothing is left (the
 * card or the stay ends before the issue day).
 */
CARD_API enum card_error flow_lifecycle_compute(const flow_lifecycle_rules_t *rules,
						const struct flow_lifecycle_case *c,
						struct flow_lifecycle *out);

/* On a day: before the window nothing, in it renewal, after it re-issue (TV-01, TV-07). */
enum flow_lifecycle_action { FLOW_LIFE_TOO_EARLY, FLOW_LIFE_RENEW, FLOW_LIFE_REISSUE };
CARD_API enum flow_lifecycle_action flow_lifecycle_action(struct card_date expiry,
							  struct card_date day);

/*
 * 住基カード: its last valid day (R2-40, PD-10): the tenth anniversary, and none after
 * 2025-12-31. number_card: the day the number card was obtained, or {0}: the last day is then
 * the one before. CARD_ERR_INVALID_ARGUMENT: acquired on or after 2016-01-01 (impossible).
 */
CARD_API enum card_error flow_juki_card_expiry(struct card_date acquired,
					       struct card_date number_card,
					       struct card_date *last_day);

/* TV-10. */
enum flow_card_state {
	FLOW_CARD_ACTIVE = 0,
	FLOW_CARD_SUSPENDED, /* 一時停止 */
	FLOW_CARD_ABOLISHED, /* 廃止; expired counts as this (R2-26) */
	FLOW_CARD_COLLECTED, /* 回収 */
	FLOW_CARD_DESTROYED  /* 廃棄; final */
};
enum flow_cert_state {
	FLOW_CERT_VALID = 0,
	FLOW_CERT_ON_HOLD, /* 一時保留 */
	FLOW_CERT_REVOKED,
	FLOW_CERT_EXPIRED,
	FLOW_CERT_NONE /* the card has no such certificate */
};
enum flow_card_event {
	FLOW_EVENT_SUSPEND = 0,  /* card and certificates, also by telephone (R2-21) */
	FLOW_EVENT_RELEASE,      /* card only, visit with 一時停止解除申請書 (R2-23) */
	FLOW_EVENT_CERT_RELEASE, /* a separate step, after the card's (R2-24) */
	FLOW_EVENT_ABOLISH,      /* certificates are revoked */
	FLOW_EVENT_COLLECT,
	FLOW_EVENT_DESTROY,
	FLOW_EVENT_CARD_EXPIRE,
	FLOW_EVENT_CERT_HOLD,   /* a certificate alone, also by telephone (R2-20) */
	FLOW_EVENT_CERT_REVOKE, /* a certificate alone, as after a move (R2-18) */
	FLOW_EVENT_CERT_EXPIRE
};
enum flow_channel { FLOW_BY_VISIT = 0, FLOW_BY_TELEPHONE };

/* A card and one certificate on it. */
struct flow_card_states {
	enum flow_card_state card;
	enum flow_cert_state certificates;
};

/* "suspend", "release", "release-certificate", "abolish", "collect", "destroy", "card-expired", "hold",
 * "revoke", "certificate-expired"; "active" … "destroyed"; "valid", "on_hold", "revoked", "expired",
 * "none". Static, stable; "" for what is none. */
CARD_API const char *flow_card_event_name(enum flow_card_event e);
CARD_API const char *flow_card_state_name(enum flow_card_state s);
CARD_API const char *flow_cert_state_name(enum flow_cert_state s);
/* The other way round; false if there is no such word. */
CARD_API bool flow_card_state_find(const char *name, enum flow_card_state *out);
CARD_API bool flow_cert_state_find(const char *name, enum flow_cert_state *out);

/* One step. CARD_ERR_BAD_STATE: not possible from here; CARD_ERR_DENIED: not by this channel;
 * CARD_ERR_INVALID_ARGUMENT: no such state or event; s is then unchanged. Abolishing a card that is
 * abolished already is CARD_OK and changes nothing. */
CARD_API enum card_error flow_card_step(struct flow_card_states *s, enum flow_card_event event,
					enum flow_channel channel);

/*
 * Why a step is refused; NULL: it is not. Static, stable: "telephone", "card_already_suspended",
 * "card_still_suspended", "card_not_suspended", "card_abolished", "card_not_abolished",
 * "card_collected", "card_already_collected", "card_not_collected", "card_destroyed",
 * "certificate_not_on_hold", "certificate_already_on_hold", "certificate_revoked",
 * "certificate_expired", "certificate_absent"; "unknown": no such state or event.
 */
CARD_API const char *flow_card_refusal(const struct flow_card_states *s, enum flow_card_event event,
				       enum flow_channel channel);

/* True if a card in this state may be used at a counter or kiosk (PD-15). */
CARD_API bool flow_card_usable(const struct flow_card_states *s);

#ifdef __cplusplus
}
#endif
#endif
