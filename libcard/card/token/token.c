/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <card/token.h>

static const struct {
	enum card_token_kind kind;
	const char *name;
	const char *label; /* file 0006 of the JPKI application: card-spec 3.2; NULL: has none */
	const char *en, *ja;
} kinds[] = {
	{CARD_TOKEN_CARD, "card", "JPKIAPICCTOKEN2", "My Number Card", "マイナンバーカード"},
	{CARD_TOKEN_ANDROID, "android", "JPKIAPGPSETOKEN",
	 "My Number Card function of an Android phone", "スマホ用電子証明書（Android）"},
	{CARD_TOKEN_IPHONE, "iphone", "JPKIAPIOSTOKEN", "My Number Card function of an iPhone",
	 "iPhoneのマイナンバーカード"},
	{CARD_TOKEN_JUKI, "juki", "JPKIAPICCTOKEN", "Basic Resident Register card",
	 "住民基本台帳カード"},
	{CARD_TOKEN_LICENCE, "licence", NULL, "driving licence", "運転免許証"},
	{CARD_TOKEN_RESIDENCE, "residence", NULL, "residence card", "在留カード"},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

const char *card_token_kind_name(enum card_token_kind kind)
{
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i].kind == kind)
			return kinds[i].name;
	return "unknown";
}

const char *card_token_kind_text(enum card_token_kind kind, enum card_lang lang)
{
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i].kind == kind)
			return lang == CARD_LANG_JA ? kinds[i].ja : kinds[i].en;
	return lang == CARD_LANG_JA ? "不明なカード" : "unknown card";
}

/* Applications of other cards in a wallet: card-spec 2.1. Padded with 00 to 16 bytes. */
static const struct {
	enum card_token_kind kind;
	uint8_t aid[16];
} others[] = {
	{CARD_TOKEN_LICENCE, {0xA0, 0x00, 0x00, 0x02, 0x31, 0x06}},   /* マイナ免許証 */
	{CARD_TOKEN_LICENCE, {0xA0, 0x00, 0x00, 0x02, 0x31, 0x01}},   /* classic licence, DF1 */
	{CARD_TOKEN_RESIDENCE, {0xD3, 0x92, 0xF0, 0x00, 0x4F, 0x02}}, /* 在留カード */
};

static enum card_error identify_other(card_channel_t *ch, enum card_token_kind *kind)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		enum card_error err =
			card_channel_select(ch, card_bytes(others[i].aid, sizeof(others[i].aid)));

		if (err == CARD_OK) {
			*kind = others[i].kind;
			return CARD_OK;
		}
		/* A card of another kind may refuse in its own words; only a broken dialogue ends. */
		if (card_channel_sw(ch) == 0)
			return err;
	}
	return CARD_OK;
}

enum card_error card_token_identify(card_channel_t *ch, enum card_token_kind *kind, char label[33])
{
	struct card_jpki_token token;
	enum card_error err;

	if (ch == NULL || kind == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*kind = CARD_TOKEN_UNKNOWN;
	if (label != NULL)
		label[0] = '\0';
	err = card_jpki_select(ch);
	if (err != CARD_OK)
		return card_channel_sw(ch) != 0 ? identify_other(ch, kind) : err;
	err = card_jpki_token(ch, &token);
	if (err != CARD_OK)
		return card_channel_sw(ch) != 0 ? CARD_OK : err;
	if (label != NULL)
		memcpy(label, token.label, sizeof(token.label));
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i].label != NULL && strcmp(kinds[i].label, token.label) == 0)
			*kind = kinds[i].kind;
	return CARD_OK;
}
