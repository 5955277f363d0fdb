/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include <card/error.h>

struct error_text {
	const char *name;
	const char *en;
	const char *ja;
};

/* Indexed by enum card_error. What happened, then what it means for the person. */
static const struct error_text texts[CARD_ERR_COUNT_] = {
	[CARD_OK] = {"OK", "Done.", "完了しました。"},
	[CARD_ERR_INVALID_ARGUMENT] = {"INVALID_ARGUMENT",
				       "A program passed a value that cannot be used.",
				       "プログラムから使えない値が渡されました。"},
	[CARD_ERR_NO_MEMORY] = {"NO_MEMORY", "There is not enough (lockable) memory.",
				"メモリ（ロック可能なメモリを含む）が足りません。"},
	[CARD_ERR_BAD_STATE] = {"BAD_STATE", "A program called the functions in the wrong order.",
				"プログラムの呼び出し順序が正しくありません。"},
	[CARD_ERR_BUFFER_TOO_SMALL] = {"BUFFER_TOO_SMALL",
				       "The buffer is too small for the result.",
				       "結果を入れる領域が足りません。"},
	[CARD_ERR_UNSUPPORTED] = {"UNSUPPORTED",
				  "This card, reader or program does not offer that.",
				  "このカード・リーダー・プログラムでは対応していません。"},
	[CARD_ERR_CANCELLED] = {"CANCELLED", "It was cancelled.", "取り消されました。"},
	[CARD_ERR_TIMEOUT] = {"TIMEOUT", "The time ran out.", "時間切れです。"},
	[CARD_ERR_IO] = {"IO", "A file could not be read or written.",
			 "ファイルの読み書きに失敗しました。"},
	[CARD_ERR_NO_SERVICE] = {"NO_SERVICE", "The card service pcscd does not run.",
				 "カードサービス（pcscd）が動いていません。"},
	[CARD_ERR_NOT_PERMITTED] = {"NOT_PERMITTED",
				    "You are not permitted to use card readers (polkit).",
				    "カードリーダーを使う権限がありません（polkit）。"},
	[CARD_ERR_NO_READER] = {"NO_READER", "No such card reader was found.",
				"カードリーダーが見つかりません。"},
	[CARD_ERR_NO_CARD] = {"NO_CARD", "There is no card on the reader.",
			      "リーダーにカードが置かれていません。"},
	[CARD_ERR_READER_BUSY] = {"READER_BUSY", "Another program is using the reader.",
				  "ほかのプログラムがリーダーを使用中です。"},
	[CARD_ERR_READER] = {"READER", "The card reader or its driver failed.",
			     "カードリーダーまたはそのドライバーに障害があります。"},
	[CARD_ERR_AMBIGUOUS] =
		{"AMBIGUOUS", "More than one card or reader matches; name one.",
		 "該当するカードやリーダーが複数あります。どれかを指定してください。"},
	[CARD_ERR_REMOVED] = {"REMOVED", "The card or the reader was removed.",
			      "カードまたはリーダーが外されました。"},
	[CARD_ERR_RESET] = {"RESET", "Another program reset the card.",
			    "ほかのプログラムがカードをリセットしました。"},
	[CARD_ERR_OUTCOME_UNKNOWN] =
		{"OUTCOME_UNKNOWN",
		 "The card's answer was lost: the command may or may not have been carried out. It is "
		 "not repeated.",
		 "カードの応答が失われました。処理されたかどうか分かりません。自動では再送しません。"},
	[CARD_ERR_TRACE_MISMATCH] = {"TRACE_MISMATCH", "The command differs from the recorded one.",
				     "記録された通信と異なるコマンドです。"},
	[CARD_ERR_MALFORMED] = {"MALFORMED", "The data breaks its format.",
				"データの形式が正しくありません。"},
	[CARD_ERR_TRUNCATED] = {"TRUNCATED", "The data ends too early.",
				"データが途中で終わっています。"},
	[CARD_ERR_TOO_LONG] = {"TOO_LONG", "The data is longer than allowed.",
			       "データが長すぎます。"},
	[CARD_ERR_STATUS] = {"STATUS", "The card refused the command.",
			     "カードがコマンドを受け付けませんでした。"},
	[CARD_ERR_NOT_FOUND] = {"NOT_FOUND", "The card has no such application, file or object.",
				"カードに該当するアプリケーションまたはデータがありません。"},
	[CARD_ERR_SECURITY_STATUS] = {"SECURITY_STATUS", "The card wants a PIN first.",
				      "先に暗証番号の照合が必要です。"},
	[CARD_ERR_WRONG_TOKEN] = {"WRONG_TOKEN", "This card cannot be used for that.",
				  "このカードは対象外です。"},
	[CARD_ERR_NO_CERTIFICATE] = {"NO_CERTIFICATE", "The card does not hold this certificate.",
				     "この電子証明書はカードに格納されていません。"},
	[CARD_ERR_PIN_WRONG] = {"PIN_WRONG", "The PIN, password or number is wrong.",
				"暗証番号（照合番号）が違います。"},
	[CARD_ERR_PIN_LOCKED] = {"PIN_LOCKED",
				 "It is locked. Only a municipal office can unlock it.",
				 "ロックされています。市区町村の窓口で再設定が必要です。"},
	[CARD_ERR_PIN_FORMAT] =
		{"PIN_FORMAT", "This cannot be right by its form; nothing was sent to the card.",
		 "桁数または文字種が正しくありません。カードには送信していません。"},
	[CARD_ERR_LAST_TRY] =
		{"LAST_TRY", "Only one try is left; nothing was sent to the card.",
		 "残り1回です。まちがえるとロックされるため、カードには送信していません。"},
	[CARD_ERR_DENIED] = {"DENIED", "This is not allowed here; nothing was sent to the card.",
			     "この操作は許可されていません。カードには送信していません。"},
	[CARD_ERR_SIGNATURE] = {"SIGNATURE", "A signature does not verify.",
				"署名の検証に失敗しました。"},
	[CARD_ERR_UNTRUSTED] = {"UNTRUSTED", "There is no trusted issuer.",
				"信頼できる発行者を確認できません。"},
	[CARD_ERR_EXPIRED] = {"EXPIRED", "It is outside its period of validity.",
			      "有効期間外です。"},
	[CARD_ERR_REVOKED] = {"REVOKED", "It has been revoked.", "失効しています。"},
	[CARD_ERR_UNDETERMINED] = {"UNDETERMINED", "It cannot be determined at the moment.",
				   "現時点では判定できません。"},
	[CARD_ERR_CRYPTO] = {"CRYPTO", "The cryptographic library failed.",
			     "暗号ライブラリーでエラーが発生しました。"},
	[CARD_ERR_INTERNAL] = {"INTERNAL", "An internal error; please report it.",
			       "内部エラーです。開発者へお知らせください。"},
};

static const struct error_text *text_of(enum card_error err)
{
	if ((int)err < 0 || err >= CARD_ERR_COUNT_)
		return NULL;
	return texts[err].name != NULL ? &texts[err] : NULL;
}

const char *card_strerror(enum card_error err, enum card_lang lang)
{
	const struct error_text *t = text_of(err);

	if (t == NULL)
		return lang == CARD_LANG_JA ? "不明なエラーです。" : "An unknown error.";
	return lang == CARD_LANG_JA ? t->ja : t->en;
}

const char *card_error_name(enum card_error err)
{
	const struct error_text *t = text_of(err);

	return t != NULL ? t->name : "UNKNOWN";
}
