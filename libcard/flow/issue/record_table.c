/* SPDX-License-Identifier: Apache-2.0 */
/* record_table.c — the schema. There is no column for the 住民票コード: what is not there cannot be
 * printed (rules R4-13…R4-16; project decision). The 個人番号 has a table of its own, read only
 * for a document that shows it (design 10). */
#include "record.h"

#define KEY(n, m)                                                                                  \
	{                                                                                          \
		n, RECORD_ID, true, 64, NULL, m                                                    \
	}
#define REF(n, m)                                                                                  \
	{                                                                                          \
		n, RECORD_ID, false, 64, NULL, m                                                   \
	}
#define TEXT(n, max, m)                                                                            \
	{                                                                                          \
		n, RECORD_TEXT, true, max, NULL, m                                                 \
	}
#define OPTIONAL(n, max, m)                                                                        \
	{                                                                                          \
		n, RECORD_TEXT, false, max, NULL, m                                                \
	}
#define DAY(n, m)                                                                                  \
	{                                                                                          \
		n, RECORD_DATE, true, 10, NULL, m                                                  \
	}
#define OPEN_DAY(n, m)                                                                             \
	{                                                                                          \
		n, RECORD_DATE, false, 10, NULL, m                                                 \
	}
#define BIRTH(m)                                                                                   \
	{                                                                                          \
		"birth", RECORD_BIRTH, true, 10, NULL, m                                           \
	}
#define COUNT(n, m)                                                                                \
	{                                                                                          \
		n, RECORD_COUNT, true, 12, NULL, m                                                 \
	}
#define WORD(n, words, m)                                                                          \
	{                                                                                          \
		n, RECORD_WORD, true, 40, words, m                                                 \
	}
#define YES_NO(n, m) WORD(n, "yes;no", m)

const struct record_table record_tables[] = {
	{"record_household",
	 "household",
	 NULL,
	 "世帯",
	 {KEY("household", "世帯番号"), TEXT("address", 1200, "住所"),
	  KEY("head", "世帯主の宛名番号"), OPEN_DAY("since", "世帯の編成の日")}},
	{"record_resident",
	 "atena",
	 "household",
	 "住民 (消除された者は除票として残る)",
	 {KEY("atena", "宛名番号"),
	  KEY("household", "世帯番号"),
	  COUNT("position", "世帯での順"),
	  TEXT("name", 600, "氏名"),
	  OPTIONAL("kana", 600, "氏名の振り仮名"),
	  OPTIONAL("former_name", 600, "旧氏"),
	  OPTIONAL("former_kana", 600, "旧氏の振り仮名"),
	  OPTIONAL("alias", 600, "通称"),
	  BIRTH("生年月日; 不詳の部分は省く"),
	  WORD("sex", "1;2;9", "性別: 1 男, 2 女, 9 空欄"),
	  TEXT("relation", 60, "続柄"),
	  OPTIONAL("honseki", 1200, "本籍"),
	  OPTIONAL("hittousha", 600, "筆頭者の氏名"),
	  OPEN_DAY("resident_since", "住民となった年月日"),
	  OPEN_DAY("moved_in", "住所を定めた年月日"),
	  OPEN_DAY("notified", "届出の年月日"),
	  OPTIONAL("previous_address", 1200, "前住所"),
	  WORD("status", "resident;moved;deceased;erased", "現存, 転出, 死亡, 職権消除"),
	  OPEN_DAY("status_on", "異動日"),
	  YES_NO("changing", "異動処理中"),
	  OPTIONAL("nationality", 200, "国籍・地域 (外国人住民)"),
	  OPTIONAL("residence_status", 200, "在留資格"),
	  OPTIONAL("residence_period", 60, "在留期間"),
	  OPEN_DAY("residence_until", "在留期間の満了の日"),
	  OPTIONAL("residence_class", 200, "第30条の45に規定する区分"),
	  OPTIONAL("residence_card", 20, "在留カード等の番号"),
	  OPTIONAL("remarks", 1200, "備考")}},
	{"record_number",
	 "atena",
	 NULL,
	 "個人番号",
	 {KEY("atena", "宛名番号"), {"number", RECORD_NUMBER, true, 12, NULL, "個人番号"}}},
	{"record_notice",
	 "notice",
	 "atena;member",
	 "発行抑止・支援措置",
	 {KEY("notice", "番号"), REF("atena", "宛名番号"), REF("member", "戸籍の構成員"),
	  WORD("kind", "suppressed;protected", "発行抑止, 支援措置"), DAY("valid_from", "始期"),
	  OPEN_DAY("valid_to", "終期 (その日を含む)"), OPTIONAL("reference", 200, "文書番号")}},
	{"record_seal_image",
	 "image",
	 NULL,
	 "印影",
	 {KEY("image", "印影番号"), {"picture", RECORD_PICTURE, true, 65536, NULL, "PNG, 白地"}}},
	{"record_seal",
	 "registration",
	 "atena",
	 "印鑑登録",
	 {KEY("registration", "登録番号"), KEY("atena", "宛名番号"), KEY("image", "印影番号"),
	  DAY("registered_on", "登録年月日"), OPEN_DAY("ended_on", "抹消年月日")}},
	{"record_income",
	 "atena, year",
	 NULL,
	 "所得・課税 (市民税・県民税)",
	 {KEY("atena", "宛名番号"),
	  COUNT("year", "課税年度 (西暦)"),
	  COUNT("salary", "給与収入"),
	  COUNT("salary_income", "給与所得"),
	  COUNT("pension", "公的年金等収入"),
	  COUNT("pension_income", "公的年金等雑所得"),
	  COUNT("business_income", "営業等所得"),
	  COUNT("total_income", "合計所得金額"),
	  COUNT("social_insurance", "社会保険料控除"),
	  COUNT("life_insurance", "生命保険料控除"),
	  COUNT("spouse", "配偶者控除・配偶者特別控除"),
	  COUNT("dependents_deduction", "扶養控除"),
	  COUNT("basic", "基礎控除"),
	  COUNT("deductions", "所得控除合計"),
	  COUNT("taxable", "課税標準額"),
	  COUNT("dependents", "扶養親族の数"),
	  COUNT("city_income_levy", "市町村民税所得割"),
	  COUNT("city_capita_levy", "市町村民税均等割"),
	  COUNT("prefecture_income_levy", "都道府県民税所得割"),
	  COUNT("prefecture_capita_levy", "都道府県民税均等割"),
	  COUNT("forest_levy", "森林環境税"),
	  COUNT("annual", "年税額")}},
	{"record_payment",
	 "atena, year, tax",
	 NULL,
	 "納税",
	 {KEY("atena", "宛名番号"), COUNT("year", "年度 (西暦)"),
	  WORD("tax", "resident;property;vehicle",
	       "市民税・県民税, 固定資産税・都市計画税, 軽自動車税"),
	  COUNT("assessed", "課税額"), COUNT("paid", "納付済額"), COUNT("not_due", "未到来額"),
	  COUNT("overdue", "未納額"), DAY("as_of", "現在日")}},
	{"record_koseki",
	 "koseki",
	 NULL,
	 "戸籍",
	 {KEY("koseki", "戸籍番号"), TEXT("honseki", 1200, "本籍"),
	  TEXT("hittousha", 600, "筆頭者の氏名"),
	  WORD("status", "current;removed", "現在戸籍, 除籍"), YES_NO("changing", "届出処理中")}},
	{"record_member",
	 "member",
	 "koseki;atena",
	 "戸籍に記録されている者",
	 {KEY("member", "構成員番号"), KEY("koseki", "戸籍番号"), COUNT("position", "順"),
	  REF("atena", "宛名番号 (住所がこの市区町村にある者)"), TEXT("surname", 300, "氏"),
	  TEXT("given", 300, "名"), OPTIONAL("kana", 600, "名の振り仮名"), BIRTH("生年月日"),
	  WORD("sex", "1;2", "性別"), OPTIONAL("father", 600, "父"), OPTIONAL("mother", 600, "母"),
	  TEXT("relation", 60, "父母との続柄"), WORD("spouse", "none;husband;wife", "配偶者区分"),
	  OPEN_DAY("removed_on", "除籍日"), YES_NO("deceased", "死亡")}},
	{"record_entry",
	 "entry",
	 "koseki;member",
	 "戸籍事項, 身分事項",
	 {KEY("entry", "番号"),
	  KEY("koseki", "戸籍番号"),
	  REF("member", "構成員; 空は戸籍事項"),
	  COUNT("position", "順"),
	  TEXT("title", 60, "出生, 婚姻 …"),
	  {"content", RECORD_LINES, true, 6000, NULL, "【項目】内容 を一行ずつ"}}},
	{"record_fuhyo",
	 "member, position",
	 NULL,
	 "戸籍の附票",
	 {KEY("member", "構成員番号"), COUNT("position", "順"), TEXT("address", 1200, "住所"),
	  OPEN_DAY("since", "住所を定めた年月日")}},
	{"record_certificate",
	 "serial_key",
	 "atena",
	 "利用者証明用電子証明書の発行番号との対応 (新方式)",
	 {{"serial_key", RECORD_KEY, true, 64, NULL, "HMAC-SHA-256"},
	  KEY("atena", "宛名番号"),
	  DAY("valid_from", "始期"),
	  OPEN_DAY("valid_to", "終期 (その日を含む)")}},
	{"record_user_id",
	 "user_key",
	 "atena",
	 "利用者ID との対応 (変換方式, 現行方式)",
	 {{"user_key", RECORD_KEY, true, 64, NULL, "HMAC-SHA-256"}, KEY("atena", "宛名番号")}},
	{"record_enrolment",
	 "enrolment",
	 "serial_key",
	 "利用登録 (本籍地≠住所地)",
	 {KEY("enrolment", "番号"),
	  {"serial_key", RECORD_KEY, true, 64, NULL, "HMAC-SHA-256"},
	  KEY("member", "構成員番号"),
	  DAY("registered_on", "登録日"),
	  OPEN_DAY("ended_on", "終了日")}},
	{"record_kind_pin",
	 "atena, kind",
	 NULL,
	 "証明書種別ごとの暗証番号 (変換方式)",
	 {KEY("atena", "宛名番号"),
	  KEY("kind", "証明書の種別"),
	  {"hash", RECORD_HASH, true, 200, NULL, "argon2id"}}},
};
const size_t record_table_count = sizeof record_tables / sizeof record_tables[0];

const struct record_rule record_rules[] = {
	{"resident", "its household is not there",
	 "SELECT atena FROM record_resident r WHERE NOT EXISTS (SELECT 1 FROM record_household h"
	 " WHERE h.household = r.household) LIMIT 20"},
	{"household", "its head is not a person of it",
	 "SELECT household FROM record_household h WHERE NOT EXISTS (SELECT 1 FROM record_resident r"
	 " WHERE r.atena = h.head AND r.household = h.household) LIMIT 20"},
	{"number", "its person is not there",
	 "SELECT atena FROM record_number n WHERE NOT EXISTS (SELECT 1 FROM record_resident r"
	 " WHERE r.atena = n.atena) LIMIT 20"},
	{"notice", "it names nobody who is there",
	 "SELECT notice FROM record_notice n WHERE NOT EXISTS (SELECT 1 FROM record_resident r"
	 " WHERE r.atena = n.atena) AND NOT EXISTS (SELECT 1 FROM record_member m"
	 " WHERE m.member = n.member) LIMIT 20"},
	{"seal", "its person or picture is not there",
	 "SELECT registration FROM record_seal s WHERE NOT EXISTS (SELECT 1 FROM record_resident r"
	 " WHERE r.atena = s.atena) OR NOT EXISTS (SELECT 1 FROM record_seal_image i"
	 " WHERE i.image = s.image) LIMIT 20"},
	{"seal", "this person has two registrations in force",
	 "SELECT atena FROM record_seal WHERE ended_on = '' GROUP BY atena HAVING count(*) > 1"
	 " LIMIT 20"},
	{"member", "its register is not there",
	 "SELECT member FROM record_member m WHERE NOT EXISTS (SELECT 1 FROM record_koseki k"
	 " WHERE k.koseki = m.koseki) LIMIT 20"},
	{"entry", "its register or person is not there",
	 "SELECT entry FROM record_entry e WHERE NOT EXISTS (SELECT 1 FROM record_koseki k"
	 " WHERE k.koseki = e.koseki) OR (e.member <> '' AND NOT EXISTS (SELECT 1 FROM record_member m"
	 " WHERE m.member = e.member AND m.koseki = e.koseki)) LIMIT 20"},
	{"fuhyo", "its person is not there",
	 "SELECT member FROM record_fuhyo f WHERE NOT EXISTS (SELECT 1 FROM record_member m"
	 " WHERE m.member = f.member) LIMIT 20"},
	{"certificate", "its person is not there",
	 "SELECT atena FROM record_certificate c WHERE NOT EXISTS (SELECT 1 FROM record_resident r"
	 " WHERE r.atena = c.atena) LIMIT 20"},
	{"user_id", "its person is not there",
	 "SELECT atena FROM record_user_id u WHERE NOT EXISTS (SELECT 1 FROM record_resident r"
	 " WHERE r.atena = u.atena) LIMIT 20"},
	{"enrolment", "its person is not there",
	 "SELECT enrolment FROM record_enrolment e WHERE NOT EXISTS (SELECT 1 FROM record_member m"
	 " WHERE m.member = e.member) LIMIT 20"},
	{"kind_pin", "its person is not there",
	 "SELECT atena FROM record_kind_pin p WHERE NOT EXISTS (SELECT 1 FROM record_resident r"
	 " WHERE r.atena = p.atena) LIMIT 20"},
};
const size_t record_rule_count = sizeof record_rules / sizeof record_rules[0];
