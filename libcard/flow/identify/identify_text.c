/* SPDX-License-Identifier: Apache-2.0 */
/* identify_text.c — names of states and results, and what the clerk sees (flows ch. 2). */
#include "identify_internal.h"

#include <stdlib.h>

const char *flow_state_name(enum flow_state s)
{
	static const char *const names[] = {"start",    "authorised", "card_waiting", "secret",
					    "checking", "comparing",  "number",       "evidence",
					    "decided",  "received",   "closed"};

	return (unsigned)s <= FLOW_CLOSED ? names[s] : "";
}

const char *flow_card_result_name(enum flow_card_result r)
{
	static const char *const names[] = {"not_used", "valid", "invalid", "undetermined"};

	return (unsigned)r < 4 ? names[r] : "undetermined";
}

const char *flow_person_result_name(enum flow_person_result r)
{
	static const char *const names[] = {"undetermined", "confirmed", "refused"};

	return (unsigned)r < 3 ? names[r] : "undetermined";
}

const char *flow_number_result_name(enum flow_number_result r)
{
	static const char *const names[] = {"not_asked", "confirmed", "mismatch", "changed",
					    "undetermined"};

	return (unsigned)r < 5 ? names[r] : "undetermined";
}

const char *flow_ladder_step_name(enum flow_ladder_step s)
{
	static const char *const names[] = {"1", "2", "2b", "3", "4-juki", "4-jukinet"};

	return (unsigned)s < FLOW_LADDER_COUNT_ ? names[s] : "";
}

const char *flow_ladder_result_name(enum flow_ladder_result r)
{
	static const char *const names[] = {"not_tried", "confirmed",    "changed",
					    "mismatch",  "undetermined", "refused"};

	return (unsigned)r <= FLOW_LADDER_REFUSED ? names[r] : "not_tried";
}

/* English, Japanese; index: the number of the row. To the person C16 and C18 tell the same. */
static const char *const messages[26][2] = {
	{"", ""},
	{"Log in on this terminal first. Ask your security officer if that does not work.",
	 "この端末でログインしてください。できないときはセキュリティ責任者に連絡してください。"},
	{"Read the purpose out to the person and ask for consent.",
	 "利用目的を読み上げ、同意を確認してください。"},
	{"This is not permitted for this procedure, or you lack the right.",
	 "この手続では許可されていないか、権限がありません。"},
	{"Place the card on the reader.", "カードをリーダーに置いてください。"},
	{"Check the list of the agent. Place the agent's own card.",
	 "代理人の必要書類を確認し、代理人本人のカードを置いてください。"},
	{"Go on with other documents that are accepted today.",
	 "本日有効なほかの確認書類で続けてください。"},
	{"The chip cannot be read. Try once more, then another card in this reader.",
	 "ICチップを読み取れません。もう一度試し、次に別のカードで試してください。"},
	{"This is not a My Number Card. See how this document counts.",
	 "マイナンバーカードではありません。この書類の扱いを確認してください。"},
	{"Ask for the secret of the chosen route.",
	 "選んだ方法の暗証番号または照合番号を入力してもらってください。"},
	{"The card is past its date. Tell the person about renewal and go on with other documents.",
	 "有効期間が過ぎています。更新を案内し、ほかの確認書類で続けてください。"},
	{"Locked. It is reset at the municipality's window, with a procedure of its own.",
	 "ロックされています。市区町村の窓口で再設定の手続が必要です。"},
	{"One try is left. Go on only if the person says yes.",
	 "あと1回でロックされます。本人の了解があるときだけ続けてください。"},
	{"Wrong. Look at the card again.", "番号が違います。もう一度確かめてください。"},
	{"Right.", "確認できました。"},
	{"Checking the card.", "カードを確認しています。"},
	{"This card cannot be accepted. Call your supervisor.",
	 "このカードは受け付けられません。上長を呼んでください。"},
	{"The card was taken away. Place it again.",
	 "カードが離れました。もう一度置いてください。"},
	{"This card does not count today. Go on with other documents.",
	 "このカードは本日の確認に使えません。ほかの確認書類で続けてください。"},
	{"Compare the photo, the printed face and the person.",
	 "写真・券面・来庁者の顔を見比べてください。"},
	{"Confirmed by you.", "本人と確認しました。"},
	{"Call your supervisor and ask the questions of the hearing.",
	 "上長を呼び、聴聞を行ってください。"},
	{"The number (************) was compared.", "個人番号（************）を照合しました。"},
	{"The documents were judged.", "確認書類を判定しました。"},
	{"Done. Give the record number to the person.", "終了しました。受付番号をお伝えください。"},
	{"Ended. Nothing was kept except that the check was begun.",
	 "中止しました。確認を始めた記録のほかは残していません。"},
};

const char *flow_identify_message(const flow_identify_t *id, enum card_lang lang)
{
	const long row = id != NULL && id->v.row[0] == 'C' ? strtol(id->v.row + 1, NULL, 10) : 0;

	return messages[row >= 1 && row <= 25 ? row : 0][lang == CARD_LANG_JA];
}
