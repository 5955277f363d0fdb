/* SPDX-License-Identifier: Apache-2.0 */
/* identify_code.c — the codes of a check in words. */
#include <cardflow/identify.h>

#include <string.h>

static const struct {
	const char *code, *text[2]; /* English, Japanese */
} words[] = {
	{"no_session", {"No session is open on this terminal.", "この端末でログインしていません。"}},
	{"terminal_unknown", {"This terminal is not on the list.", "この端末は登録されていません。"}},
	{"password_expired", {"The password is older than three months.", "パスワードの有効期間（3か月）が過ぎています。"}},
	{"training_missing", {"The training before the first use is not recorded.", "利用開始前の研修が記録されていません。"}},
	{"operator_left", {"This operator is on leave or has left.", "この操作者は休職・退職・異動しています。"}},
	{"operator_not_in_period", {"This account is not valid today.", "この操作者IDは本日有効ではありません。"}},
	{"operator_locked", {"This account is locked.", "この操作者IDはロックされています。"}},
	{"procedure_unknown", {"There is no such procedure today.", "その手続は本日ありません。"}},
	{"entity_class", {"Only those who may use the number do this procedure.", "個人番号利用事務等実施者でなければ行えない手続です。"}},
	{"attribute_outside_procedure", {"The procedure does not need this attribute.", "その項目はこの手続に必要ありません。"}},
	{"number_outside_procedure", {"This procedure must not have the individual number.", "この手続では個人番号を扱えません。"}},
	{"no_right", {"You do not hold the right to this procedure.", "この手続の権限がありません。"}},
	{"no_right_to_number", {"You do not hold the right to the individual number.", "個人番号を扱う権限がありません。"}},
	{"purpose_unknown", {"The purpose is not in the catalogue.", "利用事務が一覧にありません。"}},
	{"purpose_not_yet", {"The purpose is not valid yet.", "利用事務がまだ有効ではありません。"}},
	{"purpose_ended", {"The purpose has ended.", "利用事務が終了しています。"}},
	{"journal_not_writable", {"The journal cannot be written: use the paper form.", "記録を書き込めません。紙の様式で受け付けてください。"}},
	{"agent_accepted", {"The agent's documents are complete.", "代理人の書類がそろっています。"}},
	{"agent_case_refused", {"In this case no agent is accepted.", "この理由では代理人は認められません。"}},
	{"agent_kind_refused", {"This person cannot be the agent in this case.", "この方はこの場合の代理人になれません。"}},
	{"agent_other_procedure", {"This case of agency does not belong to this procedure.", "この代理の区分はこの手続では使えません。"}},
	{"document_missing", {"A document is missing.", "書類が不足しています。"}},
	{"document_copy", {"A copy was brought where the original is needed.", "原本が必要な書類が写しです。"}},
	{"document_without_photo", {"A document with photo is needed.", "顔写真付きの書類が必要です。"}},
	{"document_too_old", {"The seal certificate is older than three months.", "印鑑登録証明書が3か月を過ぎています。"}},
	{"document_from_the_future", {"The seal certificate bears a later date.", "印鑑登録証明書の日付が来庁日より後です。"}},
	{"card_not_used", {"The card was not used.", "カードは使用していません。"}},
	{"chip_unreadable", {"The chip of the card cannot be read.", "カードのICチップを読み取れません。"}},
	{"reader_fault", {"The reader does not work (kazasu doctor).", "カードリーダーの故障です（kazasu doctor）。"}},
	{"record_unreadable", {"A record on the card cannot be read.", "カードの記録を読み取れません。"}},
	{"other_token", {"This is another kind of card.", "別の種類のカードです。"}},
	{"abolished", {"Resident register cards ended on 2025-12-31.", "住民基本台帳カードは2025年12月31日で使用できなくなりました。"}},
	{"expired", {"The card is past its date.", "カードの有効期間が過ぎています。"}},
	{"route_certificate", {"A certificate alone proves neither card nor person.", "電子証明書だけではカードも本人も確認できません。"}},
	{"status_not_good", {"The certificate is revoked or on hold.", "電子証明書が失効または一時保留中です。"}},
	{"card_removed", {"The card was taken away.", "カードが離れました。"}},
	{"outcome_unknown", {"The answer of the card was lost: read the tries anew.", "カードの応答が失われました。残り回数を確認し直します。"}},
	{"locked", {"The secret is locked.", "暗証番号等がロックされています。"}},
	{"last_try", {"One try is left.", "残り1回です。"}},
	{"secret_wrong", {"The secret was wrong.", "暗証番号等が違います。"}},
	{"suspected_forgery", {"Suspected forgery: follow the procedure for it.", "偽造の疑いがあります。所定の手順に従ってください。"}},
	{"card_chain_broken", {"The card's certificate was not signed by the issuer.", "カードの証明書が発行者の署名ではありません。"}},
	{"record_signature_wrong", {"The data on the card is not what the issuer signed.", "カードの記録が発行者の署名と一致しません。"}},
	{"card_challenge_wrong", {"This chip does not hold the key of the card.", "ICチップが本来の鍵を持っていません。"}},
	{"issuer_unknown", {"The key that issued the card is not known here.", "カードの発行者の鍵がここでは分かりません。"}},
	{"check_not_made", {"A check that is required could not be made.", "必要な確認ができませんでした。"}},
	{"revoked", {"The card or its certificate was revoked.", "カードまたは電子証明書が失効しています。"}},
	{"on_hold", {"The certificate is on hold.", "電子証明書が一時保留中です。"}},
	{"suspended", {"The card is suspended.", "カードが一時停止中です。"}},
	{"card_abolished", {"The card was abolished.", "カードは廃止されています。"}},
	{"card_state_unknown", {"The register of cards does not answer, or does not know this card.", "カード管理システムから、このカードの状態を確認できませんでした。"}},
	{"certificate_absent", {"The card gives no certificate without a PIN.", "暗証番号なしで読める電子証明書がありません。"}},
	{"certificate_expired", {"The certificate on the card is past its date.", "電子証明書の有効期間が過ぎています。"}},
	{"certificate_path_broken", {"The certificate does not come from the issuer.", "電子証明書が発行者のものではありません。"}},
	{"certificate_issuer_unknown", {"The issuer of the certificate is not known here.", "電子証明書の発行者がここでは分かりません。"}},
	{"status_unknown", {"The status could not be obtained.", "有効性を確認できませんでした。"}},
	{"face_same", {"The operator saw the same person and the same print.", "操作者が同一人・同一券面と確認しました。"}},
	{"face_different", {"The operator saw another person.", "操作者が別人と判断しました。"}},
	{"face_unsure", {"The operator was not sure.", "操作者は判断できませんでした。"}},
	{"no_answer", {"No answer was given in time.", "時間内に回答がありませんでした。"}},
	{"attribute_differs", {"Printed face, chip or register differ.", "券面・チップ・台帳の内容が異なります。"}},
	{"face_tampered", {"The printed face is not the image of the chip.", "券面の印刷がICチップの画像と異なります。"}},
	{"address_not_endorsed", {"The address has changed and is not on the card yet: endorse the card first.", "住所が変わっています。先に券面記載の手続をしてください。"}},
	{"name_marked", {"The names agree, with differences that are marked.", "氏名は一致しますが、表記の違いがあります。"}},
	{"name_differs", {"The register bears another name.", "台帳の氏名と異なります。"}},
	{"birth_differs", {"The register bears another date of birth.", "台帳の生年月日と異なります。"}},
	{"number_of_the_agent", {"An agent's card does not tell the number of the other person.", "代理人のカードでは対象者の個人番号を確認できません。"}},
	{"strong_factor_missing", {"The resident register network needs a session with a second factor.", "住基ネットの照会には生体認証等を用いたログインが必要です。"}},
	{"resident_of_own_prefecture", {"This purpose is for residents of other prefectures.", "他の都道府県の住民に限る事務です。"}},
	{"attribute_outside_purpose", {"The purpose does not permit this attribute.", "利用事務で認められていない項目です。"}},
	{"number_outside_purpose", {"The purpose does not permit the individual number.", "利用事務で個人番号は認められていません。"}},
	{"number_by_card", {"The number was proven by the card.", "個人番号をカードで確認しました。"}},
	{"number_equal", {"The register holds the same number.", "台帳の個人番号と一致しました。"}},
	{"number_changed", {"The register holds a newer number: correction case.", "個人番号が変更されています。訂正の手続が必要です。"}},
	{"number_mismatch", {"The register holds another number.", "台帳の個人番号と一致しません。"}},
	{"number_undetermined", {"No register could tell about the number.", "個人番号を台帳で確認できませんでした。"}},
	{"number_not_authentic", {"The number on the card is not what the issuer signed.", "カードの個人番号が発行者の署名と一致しません。"}},
	{"number_check_digit", {"The check digit of the number is wrong.", "個人番号の検査用数字が違います。"}},
	{"evidence_fulfilled", {"The documents are enough.", "確認書類がそろいました。"}},
	{"evidence_not_fulfilled", {"The documents are not enough.", "確認書類が足りません。"}},
	{"cancelled", {"The check was ended before its result.", "確認を中止しました。"}},
};

const char *flow_identify_code_text(const char *code, enum card_lang lang)
{
	if (code == NULL)
		return "";
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(words[i].code, code) == 0)
			return words[i].text[lang == CARD_LANG_JA];
	}
	return code;
}
