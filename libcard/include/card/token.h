/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.h — which token lies on the reader, and everything it says without a secret.
 */
#ifndef CARD_TOKEN_H
#define CARD_TOKEN_H

#include <card/common.h>
#include <card/jpki.h>

#ifdef __cplusplus
extern "C" {
#endif

enum card_token_kind {
	CARD_TOKEN_UNKNOWN = 0,
	CARD_TOKEN_CARD,     /* マイナンバーカード: JPKIAPICCTOKEN2 */
	CARD_TOKEN_ANDROID,  /* JPKIAPGPSETOKEN */
	CARD_TOKEN_IPHONE,   /* JPKIAPIOSTOKEN */
	CARD_TOKEN_JUKI,     /* 住基カード: JPKIAPICCTOKEN */
	CARD_TOKEN_LICENCE,  /* 運転免許証 without JPKI */
	CARD_TOKEN_RESIDENCE /* 在留カード without JPKI */
};

/* "card", "android", …: the words of the JSON output. Static. */
CARD_API const char *card_token_kind_name(enum card_token_kind kind);

/* "マイナンバーカード", "My Number Card", … Static. */
CARD_API const char *card_token_kind_text(enum card_token_kind kind, enum card_lang lang);

/*
 * Which token. SELECT JPKI + file 0006; only if there is no JPKI application, the AIDs of the
 * driving licence and the residence card are tried. label (may be NULL): the token label, "" if
 * none. CARD_OK with CARD_TOKEN_UNKNOWN if nothing matched. Channel errors.
 */
CARD_API enum card_error card_token_identify(card_channel_t *ch, enum card_token_kind *kind,
					     char label[33]);

/* Everything known without a secret. */
struct card_status {
	enum card_token_kind kind;
	char label[33];
	bool has_record; /* common record was there */
	struct card_common_record record;
	int tries[CARD_PIN_COUNT_];              /* index enum card_pin; CARD_TRIES_… */
	bool sign_present, auth_present;         /* by file 0008 */
	bool auth_dates;                         /* the authentication certificate was readable */
	int64_t auth_not_before, auth_not_after; /* UTC */
};

/* At most 19 commands on a full card, none that uses a try. */
CARD_API enum card_error card_status_read(card_channel_t *ch, struct card_status *out);

/* Tries of all secrets: at most 15 commands. Applications that are absent give CARD_TRIES_ABSENT. */
CARD_API enum card_error card_status_tries(card_channel_t *ch, int tries[CARD_PIN_COUNT_]);

#ifdef __cplusplus
}
#endif
#endif
