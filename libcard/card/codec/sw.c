/* SPDX-License-Identifier: Apache-2.0 */
#include <card/sw.h>

#include <stddef.h>

/* card-spec 4.6 (JICSAP meaning as measured), plus ISO 7816-4 where marked. */
static const struct {
	uint16_t sw, mask;
	const char *en, *ja;
} meanings[] = {
	{0x9000, 0xFFFF, "done", "正常終了"},
	{0x6100, 0xFF00, "more data waits (GET RESPONSE)", "続きのデータあり"},
	{0x6281, 0xFFFF, "the data may be corrupt", "出力データに異常"},
	{0x6282, 0xFFFF, "the file ends before the length asked for", "ファイルの終端"}, /* ISO */
	{0x6283, 0xFFFF, "the application is locked", "DFが閉塞"},
	{0x6300, 0xFFFF, "no match; no retry limit", "照合不一致（回数制限なし）"},
	{0x6381, 0xFFFF, "the file is full", "ファイルが満杯"},
	{0x63C0, 0xFFF0, "no match; the last digit is the number of tries left",
	 "照合不一致（末尾の桁が残り回数）"},
	{0x6400, 0xFFFF, "the file's control information is damaged", "ファイル制御情報に異常"},
	{0x6581, 0xFFFF, "writing to the card's memory failed", "メモリへの書き込み失敗"},
	{0x66F1, 0xFFFF, "no environment for secure messaging", "セキュアメッセージング環境なし"},
	{0x6700, 0xFFFF, "wrong length (Lc or Le)", "Lc/Leが不正"},
	{0x6881, 0xFFFF, "logical channel not provided", "論理チャネル非対応"},
	{0x6882, 0xFFFF, "secure messaging not provided", "セキュアメッセージング非対応"},
	{0x6981, 0xFFFF, "the command does not fit the file's structure", "ファイル構造と矛盾"},
	{0x6982, 0xFFFF, "a PIN or key must be presented first", "セキュリティ条件が満たされない"},
	{0x6983, 0xFFFF, "locked", "閉塞（ロック）"}, /* ISO */
	{0x6984, 0xFFFF, "locked", "参照IEFが閉塞（ロック）"},
	{0x6985, 0xFFFF, "conditions of use not fulfilled", "使用条件が満たされない"},
	{0x6986, 0xFFFF, "no file is selected", "カレントEFなし"},
	{0x6987, 0xFFFF, "a secure messaging object is missing", "SMデータオブジェクトなし"},
	{0x6988, 0xFFFF, "a secure messaging object is wrong", "SMデータオブジェクトが不正"},
	{0x69FC, 0xFFFF, "secure messaging is not active", "セキュアメッセージングが無効"},
	{0x6A80, 0xFFFF, "wrong data field", "データフィールドが不正"},
	{0x6A81, 0xFFFF, "function not provided", "機能が提供されていない"},
	{0x6A82, 0xFFFF, "file or application not found", "ファイルが見つからない"},
	{0x6A83, 0xFFFF, "record not found", "レコードが見つからない"},
	{0x6A84, 0xFFFF, "not enough memory in the file", "ファイルの容量不足"},
	{0x6A85, 0xFFFF, "Lc contradicts the TLV structure", "LcがTLV構造と矛盾"},
	{0x6A86, 0xFFFF, "wrong P1 or P2", "P1/P2が不正"},
	{0x6A87, 0xFFFF, "Lc contradicts P1 and P2", "LcがP1/P2と矛盾"},
	{0x6A88, 0xFFFF, "referenced key or object not found", "参照キー・オブジェクトなし"},
	{0x6B00, 0xFFFF, "offset outside the file", "オフセットがファイル外"},
	{0x6C00, 0xFF00, "wrong Le; the last byte is the right one",
	 "Leが不正（正しい長さは末尾）"},
	{0x6D00, 0xFFFF, "instruction not provided", "INS非対応"},
	{0x6E00, 0xFFFF, "class not provided", "CLA非対応"},
	{0x6F00, 0xFFFF, "self-diagnosis failed", "自己診断異常"},
};

const char *card_sw_meaning(uint16_t sw, enum card_lang lang)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if ((sw & meanings[i].mask) == meanings[i].sw)
			return lang == CARD_LANG_JA ? meanings[i].ja : meanings[i].en;
	return lang == CARD_LANG_JA ? "不明な状態" : "unknown status";
}

int card_sw_tries(uint16_t sw)
{
	if ((sw & 0xFFF0u) == 0x63C0u)
		return sw & 0x0F;
	if (sw == CARD_SW_LOCKED || sw == CARD_SW_LOCKED_JICSAP)
		return 0;
	return -1;
}

enum card_error card_sw_error(uint16_t sw)
{
	int tries = card_sw_tries(sw);

	if (tries >= 0)
		return tries == 0 ? CARD_ERR_PIN_LOCKED : CARD_ERR_PIN_WRONG;
	switch (sw) {
	case CARD_SW_OK:
		return CARD_OK;
	case CARD_SW_NO_LIMIT:
		return CARD_ERR_PIN_WRONG;
	case CARD_SW_SECURITY_STATUS:
		return CARD_ERR_SECURITY_STATUS;
	case CARD_SW_FILE_NOT_FOUND:
	case CARD_SW_NO_RECORD:
	case CARD_SW_NO_DATA_OBJECT:
		return CARD_ERR_NOT_FOUND;
	case CARD_SW_INS:
	case CARD_SW_CLA:
	case CARD_SW_FUNCTION:
	case 0x6881:
	case 0x6882:
		return CARD_ERR_UNSUPPORTED;
	default:
		return CARD_ERR_STATUS;
	}
}
