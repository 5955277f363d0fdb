/* SPDX-License-Identifier: Apache-2.0 */
/* Names and texts of verdicts and reasons. */
#include <card/verdict.h>

static const struct {
	const char *code;
	bool undetermined;
	const char *text[2];
} reasons[CARD_REASON_COUNT_] = {
	[CARD_REASON_CERT_MALFORMED] = {"cert_malformed",
					false,
					{"The certificate is malformed.",
					 "証明書の形式が正しくありません。"}},
	[CARD_REASON_CERT_NOT_YET_VALID] = {"cert_not_yet_valid",
					    false,
					    {"The certificate is not valid yet.",
					     "証明書の有効期間がまだ始まっていません。"}},
	[CARD_REASON_CERT_EXPIRED] = {"cert_expired",
				      false,
				      {"The certificate has expired.",
				       "証明書の有効期間が過ぎています。"}},
	[CARD_REASON_CERT_SIGNATURE] =
		{"cert_signature",
		 false,
		 {"The certificate was not signed by its issuer, or was changed.",
		  "証明書が発行者によって署名されていないか、改変されています。"}},
	[CARD_REASON_CERT_TEST] = {"cert_test",
				   false,
				   {"This is a test certificate, which is not accepted here.",
				    "テスト用の証明書です。ここでは受け付けません。"}},
	[CARD_REASON_CERT_NOT_JPKI] = {"cert_not_jpki",
				       false,
				       {"This is not a certificate of the Japanese Public Key "
					"Infrastructure for individuals.",
					"公的個人認証サービスの電子証明書ではありません。"}},
	[CARD_REASON_CERT_WRONG_USE] =
		{"cert_wrong_use",
		 false,
		 {"The certificate is for the other use: signature and user "
		  "authentication are not interchangeable.",
		  "用途の違う証明書です（署名用と利用者証明用は代わりになりません）。"}},
	[CARD_REASON_CERT_IS_CA] = {"cert_is_ca",
				    false,
				    {"This is the certificate of an authority, not of a person.",
				     "認証局の証明書であり、利用者の証明書ではありません。"}},
	[CARD_REASON_CERT_KEY_USAGE] =
		{"cert_key_usage",
		 false,
		 {"The key usage of the certificate does not allow this use.",
		  "証明書の鍵用途がこの使い方を認めていません。"}},
	[CARD_REASON_CERT_CRITICAL] = {"cert_critical_extension",
				       false,
				       {"The certificate has a critical extension that is not "
					"understood.",
					"証明書に解釈できない重要な拡張があります。"}},
	[CARD_REASON_CERT_WEAK_HASH] =
		{"cert_weak_hash",
		 false,
		 {"The certificate is signed over SHA-1, which is no longer "
		  "accepted.",
		  "証明書の署名に、受け付けられないSHA-1が使われています。"}},
	[CARD_REASON_CERT_WEAK_KEY] = {"cert_weak_key",
				       false,
				       {"The key of the certificate is too short.",
					"証明書の鍵が短すぎます。"}},
	[CARD_REASON_CERT_ALGORITHM] =
		{"cert_algorithm",
		 false,
		 {"The certificate uses an algorithm or a key that is not accepted.",
		  "証明書の暗号方式または鍵を受け付けられません。"}},
	[CARD_REASON_ISSUER_UNKNOWN] =
		{"issuer_unknown",
		 true,
		 {"No installed trust anchor is the issuer of the certificate.",
		  "証明書の発行者が、登録された信頼できる認証局の中にありません。"}},
	[CARD_REASON_ISSUER_EXPIRED] = {"issuer_expired",
					false,
					{"The certificate of the issuing authority has expired.",
					 "発行した認証局の証明書の有効期間が過ぎています。"}},
	[CARD_REASON_ISSUER_NOT_YET_VALID] =
		{"issuer_not_yet_valid",
		 false,
		 {"The certificate of the issuing authority is not valid "
		  "yet.",
		  "発行した認証局の証明書の有効期間がまだ始まっていません。"}},
	[CARD_REASON_ISSUER_WRONG_USE] =
		{"issuer_wrong_use",
		 false,
		 {"The issuing authority does not issue certificates for this "
		  "use.",
		  "この用途の証明書を発行する認証局ではありません。"}},
	[CARD_REASON_CERT_REVOKED] = {"cert_revoked",
				      false,
				      {"The certificate has been revoked.",
				       "証明書は失効しています。"}},
	[CARD_REASON_CERT_ON_HOLD] = {"cert_on_hold",
				      false,
				      {"The certificate is on hold.",
				       "証明書は一時停止されています。"}},
	[CARD_REASON_REVOCATION_MISSING] =
		{"revocation_missing",
		 true,
		 {"There is no revocation information for the certificate.",
		  "証明書の失効情報がありません。"}},
	[CARD_REASON_REVOCATION_STALE] = {"revocation_stale",
					  true,
					  {"The revocation information is out of date.",
					   "失効情報が古くなっています。"}},
	[CARD_REASON_REVOCATION_FUTURE] = {"revocation_future",
					   true,
					   {"The revocation information is later than the time of "
					    "verification.",
					    "失効情報が検証時刻より後のものです。"}},
	[CARD_REASON_REVOCATION_DAMAGED] =
		{"revocation_damaged",
		 true,
		 {"The revocation information cannot be read or is not "
		  "authentic.",
		  "失効情報が壊れているか、真正なものと確認できません。"}},
	[CARD_REASON_TAMPERED] =
		{"tampered",
		 false,
		 {"The signature does not match the data: it was changed, or signed "
		  "with another key.",
		  "署名がデータと一致しません（改ざん、または別の鍵による署名）。"}},
	[CARD_REASON_SIGNATURE_WEAK_HASH] = {"signature_weak_hash",
					     false,
					     {"The signature is over SHA-1, which is not accepted.",
					      "署名に、受け付けられないSHA-1が使われています。"}},
	[CARD_REASON_SIGNATURE_ALGORITHM] =
		{"signature_algorithm",
		 false,
		 {"The signature does not fit the key of the certificate.",
		  "署名の方式が証明書の鍵に合いません。"}},
};

enum card_verdict card_verdict_of(card_reasons_t set)
{
	enum card_verdict v = CARD_VERDICT_VALID;
	if (set >> CARD_REASON_COUNT_)
		return CARD_VERDICT_INVALID;
	for (unsigned r = 0; r < CARD_REASON_COUNT_; r++) {
		if (!(set >> r & 1))
			continue;
		if (!reasons[r].undetermined)
			return CARD_VERDICT_INVALID;
		v = CARD_VERDICT_UNDETERMINED;
	}
	return v;
}

bool card_reason_is_undetermined(enum card_reason r)
{
	return (unsigned)r < CARD_REASON_COUNT_ && reasons[r].undetermined;
}

const char *card_verdict_name(enum card_verdict v)
{
	static const char *const names[] = {"undetermined", "valid", "invalid"};
	return (unsigned)v < 3 ? names[v] : names[0];
}

const char *card_reason_code(enum card_reason r)
{
	return (unsigned)r < CARD_REASON_COUNT_ ? reasons[r].code : "unknown";
}

const char *card_reason_text(enum card_reason r, enum card_lang lang)
{
	static const char *const unknown[2] = {"Unknown reason.", "不明な理由です。"};
	bool ja = lang == CARD_LANG_JA;
	return (unsigned)r < CARD_REASON_COUNT_ ? reasons[r].text[ja] : unknown[ja];
}
