/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h — the few settings of the command: /etc/kazasu/kazasu.conf, then
 * kazasu/kazasu.conf below $XDG_CONFIG_HOME (~/.config).
 *
 * Lines are `key = value`; `#` starts a comment. Keys: exclude-reader (part of a reader's name)
 * and exclude-atr (hexadecimal), both any number of times: such readers and cards are never
 * touched unless --reader names them; role (own, counter or kiosk): at a counter or kiosk the
 * commands for one's own card, and `apdu`, are off; entity (number-user or other): what the
 * organisation is (rules R3-08);
 * verifier (administrative, private or none): its class as a verifier of signatures (R5-10); prefecture: two digits of the own one (R6-04); register-atena,
 * register-juki, register-jukinet: where a register is (store.h); card-register and card-register-key:
 * the register of card states (cards.h); opening-days: a table of them;
 * read-block: 256 to 32768, bytes a read on a reader that takes extended lengths;
 * revocation-sources, revocation-max-age, ocsp-url and ocsp-nonce (required or optional): see
 * policy.h.
 */
#ifndef KAZASU_CONFIG_H
#define KAZASU_CONFIG_H

#include "kazasu.h"

#include <card/pcsc.h>

#include <cardflow/register.h>

#define KZ_EXCLUDED_MAX 32

struct kz_config {
	char reader[KZ_EXCLUDED_MAX][128];
	size_t readers;
	bool own_card;  /* role = own, the default */
	bool no_number; /* entity = other */
	enum kz_verifier {
		KZ_VERIFIER_UNTOLD = 0,
		KZ_VERIFIER_NONE,
		KZ_VERIFIER_ADMINISTRATIVE,
		KZ_VERIFIER_PRIVATE
	} verifier;
	char prefecture[3];                  /* "": not told */
	char reg[FLOW_REGISTER_COUNT_][512]; /* "": none */
	char days[512];
	char cards[512], cards_key[512]; /* the register of card states (cards.h); "": not told */
	size_t block; /* bytes a read, for readers that take extended lengths; 0: not told */
	char store[512], terminal[41], copy[512], authenticator[512]; /* "": not told */
	enum kz_login_by {
		KZ_LOGIN_UNTOLD = 0,
		KZ_LOGIN_PASSWORD,
		KZ_LOGIN_AUTHENTICATOR,
		KZ_LOGIN_BOTH
	} login;
	char atr[KZ_EXCLUDED_MAX][2 * CARD_ATR_MAX + 1];
	size_t atrs;
	char sources[16];   /* "": not set */
	int64_t max_age;    /* seconds; 0: not set */
	char ocsp_url[512]; /* "": not set */
	bool ocsp_nonce;    /* required */
};

/* "atena", "juki", "jukinet" */
extern const char *const kz_register_names[FLOW_REGISTER_COUNT_];

/* Read both files; one that is missing is empty. KZ_GO, or the exit code for a wrong line. */
int kz_config_read(struct kz *kz, struct kz_config *out);

/* Add the lines of one file. False: wrong at *line. Exposed for tests. */
bool kz_config_parse(FILE *f, struct kz_config *out, unsigned *line);

/* For commands that are for one's own card only: refuse where the role says so. KZ_GO, or the
 * exit code. */
int kz_config_own_card(struct kz *kz);

/* True if this reader, or the card in it, is not to be touched. */
bool kz_config_excludes(const struct kz_config *c, const struct card_pcsc_reader *r);

/* "crl,ocsp" and so on as two flags and their order; false if it is none of the four. */
bool kz_config_sources(const char *text, bool *crl, bool *ocsp, bool *ocsp_first);

/* "90", "30m", "36h", "7d" in seconds, 1 to ten years; false if it is none. */
bool kz_config_age(const char *text, int64_t *seconds);

#endif
