/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/verify_document.h>

struct row {
	const char *code;
	bool undetermined;
	const char *en, *ja;
};

static const struct row rows[FLOW_REASON_COUNT_] = {
	[FLOW_REASON_NOT_SIGNED] = {"not_signed", false, "The file holds no signature.",
				    "署名がありません。"},
	[FLOW_REASON_MALFORMED] = {"malformed", false,
				   "The file or its signature breaks its format.",
				   "ファイルまたは署名の形式が壊れています。"},
	[FLOW_REASON_NOT_DER] = {"not_der", false, "A signed structure is not encoded as DER.",
				 "署名された構造がDERで符号化されていません。"},
	[FLOW_REASON_LIMIT] = {"limit", true, "The file is larger or deeper than what is examined.",
			       "検査できる大きさまたは深さを超えています。"},
	[FLOW_REASON_FORMAT] = {"format", false, "This kind of signature is not accepted.",
				"この種類の署名は受け付けません。"},
	[FLOW_REASON_CONTENT_MISSING] = {"content_missing", true,
					 "The signature is detached; the signed file is needed.",
					 "署名だけのファイルです。署名対象のファイルが必要です。"},
	[FLOW_REASON_CONTENT_DIFFERS] = {"content_differs", false,
					 "The signed content is not the file that was given.",
					 "署名された内容は、示されたファイルと異なります。"},
	[FLOW_REASON_CONTENT_TYPE] = {"content_type", false,
				      "The signed content type is missing or another one.",
				      "署名された内容の種類がないか、異なります。"},
	[FLOW_REASON_DIGEST] = {"digest", false, "The signature is over other data.",
				"署名は別のデータに対するものです。"},
	[FLOW_REASON_ATTRIBUTES] = {"attributes", false,
				    "Signed attributes are missing or there more than once.",
				    "署名属性がないか、重複しています。"},
	[FLOW_REASON_ALGORITHMS] =
		{"algorithms", false,
		 "The algorithms that the signature names contradict each other.",
		 "署名に書かれたアルゴリズムが互いに矛盾しています。"},
	[FLOW_REASON_SIGNER_MISSING] = {"signer_missing", false,
					"No certificate in the file fits the signer.",
					"署名者に合う証明書がファイルの中にありません。"},
	[FLOW_REASON_SIGNER_AMBIGUOUS] = {"signer_ambiguous", false,
					  "Several different certificates fit the signer.",
					  "署名者に合う証明書が複数あります。"},
	[FLOW_REASON_SIGNING_CERT_MISSING] =
		{"signing_certificate_missing", false,
		 "The signature does not say which certificate it is of.",
		 "署名に署名者証明書の指定がありません。"},
	[FLOW_REASON_SIGNING_CERT_MISMATCH] = {"signing_certificate_mismatch", false,
					       "The signature names another certificate.",
					       "署名は別の証明書を指しています。"},
	[FLOW_REASON_LEVEL] = {"level", false, "The signature is below the required level.",
			       "署名が求められた水準に達していません。"},
	[FLOW_REASON_BYTE_RANGE] = {"byte_range", false,
				    "The signed ranges of the file are not what they must be.",
				    "署名対象の範囲が正しくありません。"},
	[FLOW_REASON_NOT_WHOLE_FILE] = {"not_whole_file", false,
					"The last signature does not reach the end of the file.",
					"最後の署名がファイルの末尾までを含んでいません。"},
	[FLOW_REASON_CONTENTS] = {"contents", false,
				  "The signature is not what lies in the gap of the signed ranges.",
				  "署名値が署名範囲の隙間と一致しません。"},
	[FLOW_REASON_CHANGED_AFTER] = {"changed_after_signing", false,
				       "The document was changed after it was signed.",
				       "署名の後で文書が変更されています。"},
	[FLOW_REASON_NOT_PERMITTED] = {"not_permitted", false,
				       "The certifying signature does not permit a later change.",
				       "証明用署名が許していない変更があります。"},
	[FLOW_REASON_UNREACHABLE] = {"unreachable", false,
				     "The file hides a signature that no form field names.",
				     "フォームから辿れない署名が隠れています。"},
	[FLOW_REASON_ENCRYPTED] = {"encrypted", false, "Encrypted documents are not accepted.",
				   "暗号化された文書は受け付けません。"},
	[FLOW_REASON_XREF] = {"xref", false, "The table of objects does not lead to what it names.",
			      "オブジェクトの一覧が正しい場所を指していません。"},
	[FLOW_REASON_DUPLICATE_OBJECT] = {"duplicate_object", false,
					  "One object is there twice in the same revision.",
					  "同じ版の中に同じオブジェクトが二つあります。"},
	[FLOW_REASON_DUPLICATE_ID] = {"duplicate_id", false, "One identifier is used twice.",
				      "同じ識別子が二度使われています。"},
	[FLOW_REASON_REFERENCE] = {"reference", false,
				   "The signature refers to nothing, or to a place not accepted.",
				   "署名の参照先がないか、受け付けられない場所です。"},
	[FLOW_REASON_TRANSFORM] = {"transform", false,
				   "The signature uses a transform that is not accepted.",
				   "署名が受け付けられない変換を使っています。"},
	[FLOW_REASON_DOCUMENT_TYPE] = {"document_type", false,
				       "The document has a DTD or entities; they are not accepted.",
				       "DTDまたは実体宣言のある文書は受け付けません。"},
	[FLOW_REASON_NOT_COVERED] = {"not_covered", false,
				     "Parts of the document lie outside the signature.",
				     "署名に含まれない部分があります。"},
	[FLOW_REASON_TIMESTAMP] = {"timestamp", false, "The timestamp does not hold.",
				   "タイムスタンプが正しくありません。"},
	[FLOW_REASON_TIMESTAMP_UNTRUSTED] = {"timestamp_untrusted", true,
					     "The issuer of the timestamp is not known here.",
					     "タイムスタンプの発行者が登録されていません。"},
	[FLOW_REASON_UNSIGNED_ADDITION] =
		{"unsigned_addition", true,
		 "The signature holds unsigned additions that are not examined.",
		 "署名に、検査の対象でない付加情報があります。"},
	[FLOW_REASON_SIGNER_OTHER] = {"signer_other", false,
				      "The signature is by somebody else than the one asked for.",
				      "指定した署名者とは別の者による署名です。"},
};

static bool known(enum flow_reason r)
{
	return (unsigned)r < FLOW_REASON_COUNT_;
}

bool flow_reason_is_undetermined(enum flow_reason r)
{
	return known(r) && rows[r].undetermined;
}

const char *flow_reason_code(enum flow_reason r)
{
	return known(r) ? rows[r].code : "unknown";
}

const char *flow_reason_text(enum flow_reason r, enum card_lang lang)
{
	if (!known(r))
		return "";
	return lang == CARD_LANG_JA ? rows[r].ja : rows[r].en;
}

enum card_verdict flow_verdict_of(const struct flow_reasons *r)
{
	enum card_verdict v = card_verdict_of(r->card);

	for (unsigned i = 0; i < FLOW_REASON_COUNT_; i++) {
		if (!flow_reasons_have(r, (enum flow_reason)i))
			continue;
		if (!rows[i].undetermined)
			return CARD_VERDICT_INVALID;
		if (v == CARD_VERDICT_VALID)
			v = CARD_VERDICT_UNDETERMINED;
	}
	return v;
}

const char *flow_level_name(enum flow_level level)
{
	return level == FLOW_LEVEL_B_T ? "B-T" : level == FLOW_LEVEL_B_B ? "B-B" : "plain";
}

/* ---- what came after a signature ---- */

static const struct {
	const char *code, *en, *ja;
} laters[FLOW_LATER_COUNT] = {
	{"signature", "Another signature was added later.", "後から別の署名が加えられています。"},
	{"visible_signature", "A signature that is shown on a page was added later.",
	 "後から、ページ上に表示される署名が加えられています。"},
	{"signature_field", "An empty signature field was added later.",
	 "後から空の署名欄が加えられています。"},
	{"timestamp", "A timestamp of the document was added later.",
	 "後から文書タイムスタンプが加えられています。"},
	{"validation_data", "Certificates or revocation data were added later.",
	 "後から証明書や失効情報が加えられています。"},
	{"form", "Fields were filled later, as the signature permits.",
	 "署名が許す範囲で、後からフォームに記入されています。"},
	{"metadata", "Metadata of the file was changed later.",
	 "後からファイルの付帯情報が変更されています。"},
};

const char *flow_later_code(unsigned bit)
{
	return bit < FLOW_LATER_COUNT ? laters[bit].code : "unknown";
}

const char *flow_later_text(unsigned bit, enum card_lang lang)
{
	if (bit >= FLOW_LATER_COUNT)
		return "";
	return lang == CARD_LANG_JA ? laters[bit].ja : laters[bit].en;
}
