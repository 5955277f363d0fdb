/* SPDX-License-Identifier: Apache-2.0 */
/*
 * persona.h — the invented person on a virtual card (docs/personas.md).
 */
#ifndef SIM_PERSONA_H
#define SIM_PERSONA_H

#include "home.h"

enum sim_token {
	SIM_TOKEN_CARD = 0,
	SIM_TOKEN_ANDROID,
	SIM_TOKEN_IPHONE,
	SIM_TOKEN_JUKI,    /* 住基カード */
	SIM_TOKEN_LICENCE, /* 運転免許証, not マイナ免許証: answers to its own AIDs only */
	SIM_TOKEN_RESIDENCE, /* 在留カード */
	SIM_TOKEN_COUNT_
};

struct sim_day {
	int year, month, day;
};

struct sim_wish { /* one certificate */
	bool present;
	char cn[80];
	uint32_t serial;
	int generation; /* of the CA: 1 or 2 */
	struct sim_day from, to;
	bool revoked;
	int reason; /* CRLReason, RFC 5280 5.3.1 */
	struct sim_day revoked_on;
	/* as written in the signing certificate, with one '0' or '1' a character */
	char name[1024], name_flags[256];
	char address[3072], address_flags[512];
};

/* Secrets of a card, in the order of the counters in the persona file. */
enum sim_secret_id {
	SIM_SECRET_AUTH = 0,  /* JPKI 0018 */
	SIM_SECRET_SIGN,      /* JPKI 001B */
	SIM_SECRET_TEXT,      /* text 0011 */
	SIM_SECRET_TEXT_A,    /* text 0014 */
	SIM_SECRET_TEXT_B,    /* text 0015 */
	SIM_SECRET_TEXT_12,   /* text 0012, blocked on every card */
	SIM_SECRET_SURFACE_A, /* surface 0013 */
	SIM_SECRET_SURFACE_B, /* surface 0012 */
	SIM_SECRET_BIRTH,     /* surface 0011 */
	SIM_SECRET_JUKI,      /* juki 001C */
	SIM_SECRET_COMMON,    /* common 001C */
	SIM_SECRET_LICENCE,   /* マイナ免許証 0006 */
	SIM_SECRET_LOCAL,     /* 条例利用AP 001C */
	SIM_SECRET_COUNT_
};

struct sim_persona {
	enum sim_token token;
	char name[1024];    /* UTF-8, U+3000 between family and given name */
	char address[3072]; /* at most 200 characters */
	struct sim_day birth, expires;
	char sex; /* '0' '1' '2' '9' */
	char number[13], number_b[15], birth_key[7];
	char municipality[6], prefecture[64], city[64];
	char serial[16];
	struct sim_wish auth, sign;
	bool has_licence, licence_pin_set;
	struct sim_day licence_expires;
	char user_id[65]; /* 利用者ID of the 条例利用AP; "": the card has none */
	char secret[SIM_SECRET_COUNT_][17];
	int tries[SIM_SECRET_COUNT_]; /* left at the start; -1: the full count */
	char quirks[512];             /* names with a blank after each */
};

/* Names of the tokens and the secrets in persona and state files. */
extern const char *const sim_token_names[SIM_TOKEN_COUNT_];
extern const char *const sim_secret_names[SIM_SECRET_COUNT_];

/* Read a persona by path or name. Errors as card_sim_new. */
enum card_error sim_persona_load(struct sim_persona *p, const struct sim_home *home,
				 const char *which, struct card_sim_problem *problem);

bool sim_day_valid(struct sim_day d);
/* Exactly "YYYY-MM-DD" and a day that exists. */
bool sim_day_parse(const char *text, struct sim_day *out);
int sim_day_compare(struct sim_day a, struct sim_day b);
void sim_day_text(struct sim_day d, char out[9]); /* YYYYMMDD */
/* Era digit of card-spec 7.4 and year in the era (5.1); 0 before 1868-01-25. */
int sim_day_era(struct sim_day d, int *year);

/* Check digits (card-spec 9.1): the 12th digit for 11 digits. */
char sim_number_check_digit(const char *eleven);

#endif
