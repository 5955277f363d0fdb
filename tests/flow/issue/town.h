/* SPDX-License-Identifier: Apache-2.0 */
/* town.h — a small municipality whose people are known, one for each thing that can be the matter. */
#ifndef TOWN_H
#define TOWN_H

#include <card/text.h>
#include <cardflow/issue_certificate.h>
#include <cardflow/issue_ledger.h>

#include <stdio.h>
#include <stdlib.h>

#include "test.h"
#include "tree.h"

#define TOWN_FONT "/usr/share/fonts/truetype/ipamj/ipamjm.ttf"
/* Has characters of private use. */
#define TOWN_GAIJI "/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf"
#define TOWN_NOW   INT64_C(1795132800) /* 2026-11-20T00:00:00Z */
#define AUTHORITY  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define LONG_ADDRESS                                                                                                                                          \
	"東京都清瀬市見本台二丁目２４００番地の３０　都営見本台第二住宅団地・管理棟併設・南ブロック１２号棟" \
	"（旧・試験町公務員宿舎跡地再開発街区）１０１２号室　見本方"
#define OLD_NAME "渡邉\U000E010F　祥\U000E0103子"
#define FOREIGN  "VENKATANARASIMHARAJUVARIPETA SUBRAMANIAN LAKSHMINARAYANA KRISHNAMURTHY"

/* Serials of cards are those of the people: A1 has 0a01. */
#define RESIDENT_COLUMNS                                                                                \
	"atena,household,position,name,kana,former_name,former_kana,alias,birth,sex,relation,honseki,"  \
	"hittousha,resident_since,moved_in,notified,previous_address,status,status_on,changing,"        \
	"nationality,residence_status,residence_period,residence_until,residence_class,residence_card," \
	"remarks\n"
#define JAPANESE(atena, household, position, name, birth, sex, relation, status, changing)                         \
	atena "," household "," position "," name ",ミホン,,,," birth "," sex "," relation                         \
	      ",東京都清瀬市見本台１番地,見本　太郎,2001-04-01,2001-04-01,2001-04-02,千葉県千葉市１番１号," status \
	      ",," changing ",,,,,,,\n"

static const char *const town_files[][2] = {
	{"household.csv",
	 "household,address,head,since\n"
	 "H1,東京都清瀬市見本台一丁目１番１号,A1,2001-04-01\nH2," LONG_ADDRESS ",A4,\n"
	 "H3,東京都清瀬市本町１番１号,A5,\nH4,東京都清瀬市本町２番１号,A6,\n"
	 "H5,東京都清瀬市本町３番１号,A7,\nH6,東京都清瀬市本町４番１号,A8,\n"
	 "H7,東京都清瀬市本町５番１号,A10,\nH8,東京都清瀬市本町６番１号,A11,\n"
	 "H9,東京都清瀬市本町７番１号,A12,\nH10,東京都清瀬市本町８番１号,A13,\n"},
	{"resident.csv",
	 RESIDENT_COLUMNS JAPANESE(
		 "A1", "H1", "1", "見本　太郎", "1960-02-29", "1", "世帯主", "resident",
		 "no") "A2,H1,2," OLD_NAME
		       ",ワタナベ　サチコ,葛\U000E0102西,カサイ,,1962-07-30,2,妻,東京都清瀬市見本台１番地,"
		       "見本　太郎,2001-04-01,2001-04-01,2001-04-02,,resident,,no,,,,,,,\"備考に、\"\"引用\"\",あり\"\n" JAPANESE(
			       "A3", "H1", "3", "見本　一郎", "2015-05-05", "1", "子", "resident",
			       "no") JAPANESE("A3B", "H1", "4", "見本　去子", "1990-01-01", "2",
					      "子", "moved",
					      "no") JAPANESE("A4", "H2", "1", "支援　花子",
							     "1970-01-01", "2", "世帯主",
							     "resident",
							     "no") JAPANESE("A5", "H3", "1",
									    "転出　済太",
									    "1970-01-02", "1",
									    "世帯主", "moved", "no")
			       JAPANESE("A6", "H4", "1", "死亡　済子", "1930-01-03", "2", "世帯主",
					"deceased",
					"no") JAPANESE("A7", "H5", "1", "異動　中子", "1970-01-04",
						       "2", "世帯主", "resident",
						       "yes") JAPANESE("A8", "H6", "1", "同居　主",
								       "1970-01-05", "1", "世帯主",
								       "resident",
								       "no") JAPANESE("A9", "H6",
										      "2",
										      "抑止　子",
										      "2011-11-21",
										      "2", "子",
										      "resident",
										      "no")
				       JAPANESE(
					       "A10", "H7", "1", "外字　\U0001F600", "1970-01-06",
					       "1", "世帯主", "resident",
					       "no") "A11,H8,1," FOREIGN
						     ",,,,,1985-12,1,世帯主,,,2020-01-01,2020-01-01,2020-01-05,,resident,,no,インド,"
						     "技術・人文知識・国際業務,５年,2028-03-31,中長期在留者,AB12345678CD,\n" JAPANESE(
							     "A12", "H9", "1", "外字　\uF860",
							     "1970-01-07", "1", "世帯主",
							     "resident", "no")
							     JAPANESE("A13", "H10", "1",
								      "別形　葛\U000E0101",
								      "1970-01-08", "1", "世帯主",
								      "resident", "no")},
	{"number.csv", "atena,number\nA1,537686677188\nA2,000000000000\n"},
	{"notice.csv",
	 "notice,atena,member,kind,valid_from,valid_to,reference\n"
	 "N1,A4,,protected,2026-01-01,,第１号\nN2,A9,,suppressed,2026-01-01,2026-11-20,\n"
	 "N3,A1,,suppressed,2025-01-01,2026-11-19,\nN4,,M9,protected,2026-01-01,,\n"},
	{"seal_image.csv",
	 "image,picture\nP1,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAA"
	 "AgABSK+kcQAAAABJRU5ErkJggg==\n"},
	{"seal.csv", "registration,atena,image,registered_on,ended_on\nS1,A1,P1,2010-01-01,\n"
		     "S2,A2,P1,2010-01-01,2020-01-01\n"},
	{"income.csv",
	 "atena,year,salary,salary_income,pension,pension_income,business_income,total_income,"
	 "social_insurance,life_insurance,spouse,dependents_deduction,basic,deductions,taxable,dependents,"
	 "city_income_levy,city_capita_levy,prefecture_income_levy,prefecture_capita_levy,forest_levy,"
	 "annual\n"
	 "A1,2025,1000000,350000,0,0,0,350000,0,0,0,0,430000,430000,0,1,0,0,0,0,0,0\n"
	 "A1,2026,5000000,3560000,0,0,0,3560000,700000,28000,380000,0,430000,1538000,2022000,1,121300,3000,"
	 "80800,1000,1000,207100\n"},
	{"payment.csv", "atena,year,tax,assessed,paid,not_due,overdue,as_of\n"
			"A1,2026,resident,207100,103600,103500,0,2026-11-20\n"
			"A1,2026,property,123400,123400,0,0,2026-11-20\n"},
	{"koseki.csv",
	 "koseki,honseki,hittousha,status,changing\nK1,東京都清瀬市見本台１番地,見本　太郎,current,no\n"
	 "K2,東京都清瀬市見本台２番地,在籍　者,current,no\n"},
	{"member.csv",
	 "member,koseki,position,atena,surname,given,kana,birth,sex,father,mother,relation,spouse,"
	 "removed_on,deceased\n"
	 "M1,K1,1,A1,見本,太郎,タロウ,1960-02-29,1,見本　古,見本　千代,長男,husband,,no\n"
	 "M2,K1,2,A2,渡邉\U000E010F,祥\U000E0103子,サチコ,1962-07-30,2,渡邉　父,渡邉　母,二女,wife,,no\n"
	 "M8,K2,1,,在籍,者,モノ,1980-01-01,1,在籍　父,在籍　母,長男,none,,no\n"
	 "M9,K2,2,,在籍,支援,シエン,1982-01-01,2,在籍　父,在籍　母,長女,none,2020-01-01,no\n"},
	{"entry.csv",
	 "entry,koseki,member,position,title,content\nE1,K1,,1,戸籍改製,【改製日】平成19年3月3日\n"
	 "E2,K1,M1,1,出生,\"【出生日】昭和35年2月29日\n【出生地】東京都清瀬市\"\n"
	 "E3,K1,M2,1,婚姻,【婚姻日】平成13年4月1日\n"},
	{"fuhyo.csv", "member,position,address,since\nM1,1,千葉県千葉市１番１号,1990-01-01\n"
		      "M1,2,東京都清瀬市見本台一丁目１番１号,2001-04-01\n"},
	{"serials.csv",
	 "serial,authority,atena,valid_from,valid_to\n0a01," AUTHORITY ",A1,2025-01-01,\n"
	 "0a02," AUTHORITY ",A2,2025-01-01,\n0a03," AUTHORITY ",A3,2025-01-01,\n0a04," AUTHORITY
	 ",A4,2025-01-01,\n0a05," AUTHORITY ",A5,2025-01-01,\n0a06," AUTHORITY
	 ",A6,2025-01-01,\n0a07," AUTHORITY ",A7,2025-01-01,\n0a08," AUTHORITY
	 ",A8,2025-01-01,\n0a09," AUTHORITY ",A9,2025-01-01,\n0a10," AUTHORITY
	 ",A10,2025-01-01,\n0a11," AUTHORITY ",A11,2025-01-01,\n0a12," AUTHORITY
	 ",A12,2025-01-01,\n0a13," AUTHORITY ",A13,2025-01-01,\n0aee," AUTHORITY
	 ",A1,2025-01-01,2026-11-19\n"},
	{"user_ids.csv", "user_id,atena\nUSER-0001,A1\nUSER-0008,A8\n"},
	{"enrolments.csv",
	 "enrolment,serial,authority,member,registered_on,ended_on\n"
	 "R1,0b08," AUTHORITY ",M8,2026-01-01,\nR2,0b09," AUTHORITY ",M8,2020-01-01,2021-01-01\n"},
};
#define TOWN_FILES (sizeof town_files / sizeof town_files[0])

struct town {
	char folder[64], where[256];
	flow_store_t *store;
	flow_fonts_t *fonts;
	struct flow_record_report report;
};

static const struct flow_issuing_office town_office = {
	"東京都清瀬市", "清瀬市長", "見本　太郎", "清瀬市長之印", "市民税・都民税", true, 15, true};

/* Fontconfig loses what it reads of <rejectfont> in the configuration of a system (2.14); nothing of
 * ours is in it. Asked for by the leak sanitizer. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig.so";
}

static inline struct card_bytes town_secret(void)
{
	return BYTES("a secret of the municipality, 32+ bytes");
}

static inline void town_write(const struct town *t, const char *name, const char *content)
{
	char path[160];

	snprintf(path, sizeof path, "%s/csv/%s", t->folder, name);
	tree_write(path, content);
}

static inline enum card_error town_import(struct town *t, bool replace)
{
	const struct flow_record_import how = {replace, town_secret()};
	char path[128];

	snprintf(path, sizeof path, "%s/csv", t->folder);
	return flow_record_import(t->store, path, &how, &t->report);
}

/* where NULL: SQLite in the scratch folder. */
static inline void town_open(struct town *t, const char *where)
{
	char command[160];

	tree_scratch(t->folder);
	snprintf(t->where, sizeof t->where, "%s/records.db", t->folder);
	if (where != NULL)
		snprintf(t->where, sizeof t->where, "%s", where);
	snprintf(command, sizeof command, "mkdir %s/csv", t->folder);
	assert_int_equal(system(command), 0);
	assert_ok(flow_store_open(&t->store, t->where, FLOW_STORE_CREATE, NULL));
	assert_ok(flow_record_setup(t->store));
	for (size_t i = 0; i < TOWN_FILES; i++)
		town_write(t, town_files[i][0], town_files[i][1]);
	if (town_import(t, true) != CARD_OK)
		fail_msg("%s:%u %s", t->report.problem[0].file, t->report.problem[0].line,
			 t->report.problem[0].text);
	assert_ok(flow_fonts_open(&t->fonts, TOWN_FONT, NULL));
}

static inline void town_close(struct town *t)
{
	flow_store_close(&t->store);
	flow_fonts_free(&t->fonts);
	tree_scratch_remove(t->folder);
}

/* Ask for a certificate with the card of this serial. */
static inline struct flow_certificate town_ask(struct town *t,
					       const struct flow_issuing_office *office,
					       enum flow_certificate_kind kind, const char *serial,
					       struct flow_certificate_options options)
{
	struct flow_certificate_request q = {.kind = kind, .options = options, .time = TOWN_NOW};
	struct flow_certificate out;
	char key[FLOW_RECORD_KEY];

	assert_ok(flow_record_certificate_key(town_secret(), AUTHORITY, serial, key));
	q.certificate_key = key;
	assert_ok(flow_certificate_make(t->store, t->fonts, office, &q, &out));
	return out;
}

#endif
