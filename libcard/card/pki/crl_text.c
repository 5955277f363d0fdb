/* SPDX-License-Identifier: Apache-2.0 */
/* Names and texts of revocation lists. */
#include <string.h>

#include <card/crl.h>

/* RFC 5280 §5.3.1; what J-LIS's practice statement 4.9.9 makes of each. */
static const struct {
	const char *name;
	const char *text[2];
} reasons[] = {
	[CARD_CRL_UNSPECIFIED] = {"unspecified",
				  {"Revoked before it was handed over, or for a reason not stated.",
				   "発行前に廃棄されたか、理由の記載がありません。"}},
	[CARD_CRL_KEY_COMPROMISE] =
		{"keyCompromise",
		 {"The private key may be known to somebody else: the card was "
		  "lost or its secrets were disclosed.",
		  "秘密鍵が危たい化した（カードの紛失など）ため失効しています。"}},
	[CARD_CRL_CA_COMPROMISE] = {"cACompromise",
				    {"The key of the authority is compromised.",
				     "認証局の鍵が危たい化したため失効しています。"}},
	[CARD_CRL_AFFILIATION_CHANGED] = {"affiliationChanged",
					  {"Name, address or another attribute has changed.",
					   "氏名・住所などの記載事項が変わった可能性があります。"}},
	[CARD_CRL_SUPERSEDED] =
		{"superseded",
		 {"A newer certificate has replaced it: use the renewed card.",
		  "更新済みです。新しい証明書（更新したカード）で手続してください。"}},
	[CARD_CRL_CESSATION] = {"cessationOfOperation",
				{"The holder no longer needs it.",
				 "利用者からの届出などにより、不要になったため失効しています。"}},
	[CARD_CRL_HOLD] =
		{"certificateHold",
		 {"On hold, because the key may be compromised. JPKI does not lift a hold.",
		  "秘密鍵に疑いがあるため保留されています（保留は解除されません）。"}},
	[7] = {NULL, {NULL, NULL}},
	[CARD_CRL_REMOVE] = {"removeFromCRL",
			     {"Removed from the list.", "失効リストから外されました。"}},
	[CARD_CRL_PRIVILEGE_WITHDRAWN] = {"privilegeWithdrawn",
					  {"A right it stated was withdrawn.",
					   "証明書に記載の権限が取り消されています。"}},
	[CARD_CRL_AA_COMPROMISE] = {"aACompromise",
				    {"The attribute authority is compromised.",
				     "属性認証局が危たい化したため失効しています。"}},
};

static bool known(enum card_crl_reason reason)
{
	return (unsigned)reason < sizeof(reasons) / sizeof(reasons[0]) && reasons[reason].name;
}

const char *card_crl_reason_name(enum card_crl_reason reason)
{
	return known(reason) ? reasons[reason].name : NULL;
}

const char *card_crl_reason_text(enum card_crl_reason reason, enum card_lang lang)
{
	bool ja = lang == CARD_LANG_JA;
	if (!known(reason))
		return ja ? "失効の理由は示されていません。"
			  : "No reason for the revocation is given.";
	return reasons[reason].text[ja];
}

static const struct {
	const char *code;
	const char *text[2];
} refusals[CARD_CRL_REFUSED_COUNT_] = {
	[CARD_CRL_TAKEN] = {"TAKEN", {"The list was taken.", "失効リストを取り込みました。"}},
	[CARD_CRL_REFUSED_IO] = {"IO",
				 {"The list could not be read.", "失効リストを読み込めません。"}},
	[CARD_CRL_REFUSED_STORE] =
		{"STORE",
		 {"The store of revocation indexes could not be read or written.",
		  "失効情報の保存先を読み書きできません。"}},
	[CARD_CRL_REFUSED_TRUNCATED] = {"TRUNCATED",
					{"The list is not complete.",
					 "失効リストが途中で切れています。"}},
	[CARD_CRL_REFUSED_TRAILING] = {"TRAILING",
				       {"There is other data after the list.",
					"失効リストの後に余分なデータがあります。"}},
	[CARD_CRL_REFUSED_MALFORMED] = {"MALFORMED",
					{"This is not a well-formed revocation list.",
					 "失効リストの形式が正しくありません。"}},
	[CARD_CRL_REFUSED_VERSION] = {"VERSION",
				      {"The list is not version 2.",
				       "失効リストのバージョンが2ではありません。"}},
	[CARD_CRL_REFUSED_ALGORITHM] =
		{"ALGORITHM",
		 {"The signature algorithm of the list is unknown or too weak.",
		  "失効リストの署名方式が不明か、弱すぎます。"}},
	[CARD_CRL_REFUSED_ISSUER] = {"ISSUER",
				     {"No installed trust anchor is the issuer of the list.",
				      "失効リストの発行者が、登録された認証局の中にありません。"}},
	[CARD_CRL_REFUSED_SIGNATURE] = {"SIGNATURE",
					{"The signature of the list does not verify.",
					 "失効リストの署名を確認できません。"}},
	[CARD_CRL_REFUSED_FUTURE] =
		{"FUTURE",
		 {"The list is dated later than now, or its dates are reversed.",
		  "失効リストの日付が現在より後か、前後しています。"}},
	[CARD_CRL_REFUSED_EXPIRED] = {"EXPIRED",
				      {"The list is past its next update.",
				       "失効リストの次回更新日時が過ぎています。"}},
	[CARD_CRL_REFUSED_NO_NEXT_UPDATE] = {"NO_NEXT_UPDATE",
					     {"The list does not say when the next one comes.",
					      "失効リストに次回更新日時がありません。"}},
	[CARD_CRL_REFUSED_NO_NUMBER] = {"NO_NUMBER",
					{"The list has no number.",
					 "失効リストに番号（cRLNumber）がありません。"}},
	[CARD_CRL_REFUSED_OLDER] = {"OLDER",
				    {"The list is older than the one in the store.",
				     "保存済みの失効リストより古いものです。"}},
	[CARD_CRL_REFUSED_CONFLICT] = {"CONFLICT",
				       {"The list has the number of the one in the store and other "
					"content.",
					"保存済みの失効リストと番号が同じで内容が違います。"}},
	[CARD_CRL_REFUSED_PARTITION] =
		{"PARTITION",
		 {"The list is not of this distribution point.",
		  "指定された配布点（市区町村）の失効リストではありません。"}},
	[CARD_CRL_REFUSED_SCOPE] =
		{"SCOPE",
		 {"The list is indirect, or covers some certificates or reasons only.",
		  "一部の証明書や理由だけの失効リスト、または間接失効リストです。"}},
	[CARD_CRL_REFUSED_CRITICAL] = {"CRITICAL",
				       {"The list has a critical extension that is not understood.",
					"失効リストに解釈できない重要な拡張があります。"}},
	[CARD_CRL_REFUSED_NEGATIVE_SERIAL] = {"NEGATIVE_SERIAL",
					      {"A serial number in the list is negative.",
					       "失効リストに負の発行番号があります。"}},
	[CARD_CRL_REFUSED_LONG_SERIAL] = {"LONG_SERIAL",
					  {"A serial number in the list is longer than 20 octets.",
					   "失効リストに20オクテットを超える発行番号があります。"}},
	[CARD_CRL_REFUSED_DUPLICATE] = {"DUPLICATE",
					{"A serial number occurs twice in the list.",
					 "失効リストに同じ発行番号が2回あります。"}},
	[CARD_CRL_REFUSED_ENTRY] = {"ENTRY",
				    {"An entry of the list is malformed.",
				     "失効リストの項目の形式が正しくありません。"}},
	[CARD_CRL_REFUSED_DELTA_BASE] = {"DELTA_BASE",
					 {"The delta list does not continue the list in the store.",
					  "差分失効リストの元になる失効リストがありません。"}},
	[CARD_CRL_REFUSED_LIMIT] = {"LIMIT",
				    {"The list is larger than can be taken.",
				     "失効リストが受け付けられる大きさを超えています。"}},
};

const char *card_crl_refusal_code(enum card_crl_refusal r)
{
	return (unsigned)r < CARD_CRL_REFUSED_COUNT_ ? refusals[r].code : "UNKNOWN";
}

const char *card_crl_refusal_text(enum card_crl_refusal r, enum card_lang lang)
{
	if ((unsigned)r >= CARD_CRL_REFUSED_COUNT_)
		r = CARD_CRL_REFUSED_MALFORMED;
	return refusals[r].text[lang == CARD_LANG_JA];
}

void card_crl_number_text(const struct card_crl_info *info, char out[CARD_CRL_NUMBER_TEXT])
{
	uint8_t n[20], digits[CARD_CRL_NUMBER_TEXT];
	size_t len = info->number_n <= 20 ? info->number_n : 20, count = 0;
	memcpy(n, info->number, len);
	/* Divide by ten until nothing is left. */
	for (bool more = true; more && count < sizeof(digits) - 1;) {
		unsigned rest = 0;
		more = false;
		for (size_t i = 0; i < len; i++) {
			unsigned v = rest << 8 | n[i];
			n[i] = (uint8_t)(v / 10);
			rest = v % 10;
			more |= n[i] != 0;
		}
		digits[count++] = (uint8_t)('0' + rest);
	}
	for (size_t i = 0; i < count; i++)
		out[i] = (char)digits[count - 1 - i];
	out[count] = '\0';
}
