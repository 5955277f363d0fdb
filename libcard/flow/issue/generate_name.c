/* SPDX-License-Identifier: Apache-2.0 */
/* generate_name.c — names and addresses of people who do not exist. Variation selectors are those of
 * the Moji_Joho collection, as the registers use them. */
#include "generate.h"

#include <stdio.h>
#include <string.h>

static const struct name surnames[] = {
	{"佐藤", "サトウ"},
	{"鈴木", "スズキ"},
	{"高橋", "タカハシ"},
	{"髙橋", "タカハシ"},
	{"田中", "タナカ"},
	{"伊藤", "イトウ"},
	{"渡辺", "ワタナベ"},
	{"渡邉\U000E010F", "ワタナベ"},
	{"渡邊\U000E0108", "ワタナベ"},
	{"渡邉\U000E0110", "ワタナベ"},
	{"山本", "ヤマモト"},
	{"中村", "ナカムラ"},
	{"小林", "コバヤシ"},
	{"加藤", "カトウ"},
	{"吉田", "ヨシダ"},
	{"𠮷田", "ヨシダ"},
	{"山田", "ヤマダ"},
	{"佐々木", "ササキ"},
	{"山口", "ヤマグチ"},
	{"松本", "マツモト"},
	{"井上", "イノウエ"},
	{"木村", "キムラ"},
	{"林", "ハヤシ"},
	{"斎藤", "サイトウ"},
	{"齋藤", "サイトウ"},
	{"齋\U000E0103藤", "サイトウ"},
	{"齊藤", "サイトウ"},
	{"清水", "シミズ"},
	{"山崎", "ヤマザキ"},
	{"山﨑", "ヤマザキ"},
	{"森", "モリ"},
	{"池田", "イケダ"},
	{"橋本", "ハシモト"},
	{"阿部", "アベ"},
	{"石川", "イシカワ"},
	{"前田", "マエダ"},
	{"藤田", "フジタ"},
	{"後藤", "ゴトウ"},
	{"小川", "オガワ"},
	{"岡田", "オカダ"},
	{"村上", "ムラカミ"},
	{"長谷川", "ハセガワ"},
	{"近\U000E0103藤", "コンドウ"},
	{"近藤", "コンドウ"},
	{"石井", "イシイ"},
	{"遠藤", "エンドウ"},
	{"遠\U000E0103藤", "エンドウ"},
	{"坂本", "サカモト"},
	{"福田", "フクダ"},
	{"太田", "オオタ"},
	{"西村", "ニシムラ"},
	{"藤井", "フジイ"},
	{"金子", "カネコ"},
	{"三浦", "ミウラ"},
	{"中島", "ナカジマ"},
	{"中嶋", "ナカジマ"},
	{"中野", "ナカノ"},
	{"原田", "ハラダ"},
	{"松田", "マツダ"},
	{"竹内", "タケウチ"},
	{"小野", "オノ"},
	{"田村", "タムラ"},
	{"中山", "ナカヤマ"},
	{"和田", "ワダ"},
	{"石田", "イシダ"},
	{"上田", "ウエダ"},
	{"森田", "モリタ"},
	{"柴田", "シバタ"},
	{"宮﨑", "ミヤザキ"},
	{"酒井", "サカイ"},
	{"工藤", "クドウ"},
	{"宮本", "ミヤモト"},
	{"内田", "ウチダ"},
	{"横山", "ヨコヤマ"},
	{"大塚\U000E0103", "オオツカ"},
	{"大塚", "オオツカ"},
	{"平野", "ヒラノ"},
	{"増田", "マスダ"},
	{"久保", "クボ"},
	{"辻\U000E0102", "ツジ"},
	{"辻", "ツジ"},
	{"葛\U000E0102城", "カツラギ"},
	{"葛\U000E0103西", "カサイ"},
	{"榊\U000E0103原", "サカキバラ"},
	{"櫛\U000E0103田", "クシダ"},
	{"濵田", "ハマダ"},
	{"澤田", "サワダ"},
	{"廣瀬", "ヒロセ"},
	{"芦\U000E0103田", "アシダ"},
	{"樋\U000E0103口", "ヒグチ"},
	{"逢\U000E0103坂", "オウサカ"},
	{"蓮\U000E0103見", "ハスミ"},
	{"神﨑", "カンザキ"},
	{"桒原", "クワバラ"},
	{"冨田", "トミタ"},
	{"嶋田", "シマダ"},
	{"栁田", "ヤナギダ"},
	{"菊地", "キクチ"},
	{"五十嵐", "イガラシ"},
	{"勅使河原", "テシガワラ"},
	{"小鳥遊", "タカナシ"},
	{"四月一日", "ワタヌキ"},
};

static const struct name men_old[] = {
	{"正一", "ショウイチ"}, {"義雄", "ヨシオ"},   {"清", "キヨシ"},     {"勇", "イサム"},
	{"實", "ミノル"},       {"茂", "シゲル"},     {"昭二", "ショウジ"}, {"隆", "タカシ"},
	{"弘", "ヒロシ"},       {"和夫", "カズオ"},   {"進", "ススム"},     {"勝", "マサル"},
	{"邦彦", "クニヒコ"},   {"謙三", "ケンゾウ"}, {"榮一", "エイイチ"},
};

static const struct name men_middle[] = {
	{"誠", "マコト"},         {"浩一", "コウイチ"},
	{"健太郎", "ケンタロウ"}, {"大輔", "ダイスケ"},
	{"直樹", "ナオキ"},       {"雄介", "ユウスケ"},
	{"徹", "トオル"},         {"達也", "タツヤ"},
	{"祐介", "ユウスケ"},     {"哲也", "テツヤ"},
	{"英樹", "ヒデキ"},       {"剛", "ツヨシ"},
	{"德彦", "ノリヒコ"},     {"隆\U000E0103之", "タカユキ"},
	{"学", "マナブ"},
};

static const struct name men_young[] = {
	{"蓮", "レン"},     {"陽翔", "ハルト"}, {"悠真", "ユウマ"}, {"湊", "ミナト"},
	{"颯太", "ソウタ"}, {"律", "リツ"},     {"大和", "ヤマト"}, {"樹", "イツキ"},
	{"朝陽", "アサヒ"}, {"翔", "ショウ"},   {"結翔", "ユイト"}, {"碧", "アオ"},
};

static const struct name women_old[] = {
	{"文子", "フミコ"}, {"千代", "チヨ"},   {"ハナ", "ハナ"},     {"キヨ", "キヨ"},
	{"節子", "セツコ"}, {"幸子", "サチコ"}, {"美智子", "ミチコ"}, {"惠子", "ケイコ"},
	{"和子", "カズコ"}, {"トメ", "トメ"},   {"洋子", "ヨウコ"},   {"榮子", "エイコ"},
	{"静江", "シズエ"}, {"悦子", "エツコ"}, {"ゐと", "イト"},
};

static const struct name women_middle[] = {
	{"由美", "ユミ"},     {"明美", "アケミ"},
	{"智子", "トモコ"},   {"裕子", "ユウコ"},
	{"香織", "カオリ"},   {"恵美", "エミ"},
	{"直美", "ナオミ"},   {"陽子", "ヨウコ"},
	{"真由美", "マユミ"}, {"美穂", "ミホ"},
	{"彩", "アヤ"},       {"愛", "アイ"},
	{"沙織", "サオリ"},   {"祥\U000E0103子", "サチコ"},
	{"さつき", "サツキ"},
};

static const struct name women_young[] = {
	{"陽葵", "ヒマリ"}, {"凛", "リン"},       {"結菜", "ユイナ"}, {"芽依", "メイ"},
	{"紬", "ツムギ"},   {"咲良", "サクラ"},   {"心春", "コハル"}, {"莉子", "リコ"},
	{"澪", "ミオ"},     {"ひかり", "ヒカリ"}, {"柚葉", "ユズハ"}, {"琴音", "コトネ"},
};

static const struct foreigner foreigners[] = {
	{"NGUYEN VAN AN", "ベトナム", "", "1"},
	{"TRAN THI HOA", "ベトナム", "", "2"},
	{"WANG LI", "中国", "王　麗", "2"},
	{"ZHANG WEI", "中国", "", "1"},
	{"KIM MINSOO", "韓国", "金田　民秀", "1"},
	{"PARK JIWOO", "韓国", "新井　智子", "2"},
	{"SILVA SANTOS MARIA APARECIDA DE OLIVEIRA", "ブラジル", "シルバ　マリア", "2"},
	{"PEREIRA DA COSTA JOAO CARLOS", "ブラジル", "", "1"},
	{"DELA CRUZ MARICEL REYES", "フィリピン", "", "2"},
	{"GURUNG BISHNU", "ネパール", "", "1"},
	{"SMITH JOHN ALEXANDER", "米国", "", "1"},
	{"O'CONNOR SIOBHAN", "アイルランド", "", "2"},
	{"WIBOWO", "インドネシア", "", "1"},
	{"VENKATANARASIMHARAJUVARIPETA SUBRAMANIAN LAKSHMINARAYANA KRISHNAMURTHY", "インド", "",
	 "1"},
};

static const char *const towns[] = {"中央",   "本町",   "栄町",     "旭が丘",   "中里",   "松山",
				    "元町",   "竹丘",   "梅園",     "野塩",     "下宿",   "上清戸",
				    "中清戸", "下清戸", "観布子南", "観布子北", "試験町", "見本台"};
static const char *const houses[] = {"見本ハイツ",        "メゾン試験",     "コーポ桜",
				     "パークサイド中央",  "グリーンヒル旭", "第２見本荘",
				     "シャトー見本壱番館"};
static const char *const elsewhere[] = {"北海道札幌市中央区北一条西二丁目１番地",
					"青森県弘前市大字上白銀町１番地１",
					"岩手県盛岡市内丸１２番２号",
					"埼玉県所沢市並木一丁目１番地の１",
					"千葉県鎌ケ谷市新鎌ケ谷二丁目６番１号",
					"神奈川県横浜市中区本町六丁目５０番地の１０",
					"新潟県長岡市大手通一丁目４番地１０",
					"長野県飯田市大久保町２５３４番地",
					"愛知県名古屋市中区三の丸三丁目１番１号",
					"京都府京都市中京区寺町通御池上る上本能寺前町４８８番地",
					"大阪府大阪市北区中之島一丁目３番２０号",
					"広島県安芸郡海田町南昭和町１４番１７号",
					"高知県高岡郡檮原町梼原１４４４番地１",
					"福岡県糟屋郡篠栗町中央一丁目１番１号",
					"鹿児島県大島郡大和村大和浜１００番地",
					"沖縄県那覇市泉崎一丁目１番１号"};

#define COUNT(a) ((unsigned)(sizeof(a) / sizeof((a)[0])))

uint64_t dice_next(struct dice *d)
{
	uint64_t z = d->state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

unsigned dice_below(struct dice *d, unsigned n)
{
	return (unsigned)(dice_next(d) >> 33) % n;
}

bool dice_chance(struct dice *d, unsigned percent)
{
	return dice_below(d, 100) < percent;
}

const struct name *generate_surname(struct dice *d)
{
	return &surnames[dice_below(d, COUNT(surnames))];
}

const struct name *generate_given(struct dice *d, bool woman, int birth_year)
{
	if (birth_year < 1960)
		return woman ? &women_old[dice_below(d, COUNT(women_old))]
			     : &men_old[dice_below(d, COUNT(men_old))];
	if (birth_year < 2005)
		return woman ? &women_middle[dice_below(d, COUNT(women_middle))]
			     : &men_middle[dice_below(d, COUNT(men_middle))];
	return woman ? &women_young[dice_below(d, COUNT(women_young))]
		     : &men_young[dice_below(d, COUNT(men_young))];
}

const struct foreigner *generate_foreigner(struct dice *d)
{
	return &foreigners[dice_below(d, COUNT(foreigners))];
}

/* Full-width digits, as addresses have them. */
const char *generate_digits(unsigned n, char out[40])
{
	static const char *const digit[] = {"０", "１", "２", "３", "４",
					    "５", "６", "７", "８", "９"};
	char text[12];

	size_t at = 0;

	snprintf(text, sizeof text, "%u", n);
	for (const char *c = text; *c != '\0' && at < 36; c++, at += 3)
		memcpy(out + at, digit[*c - '0'], 3);
	out[at] = '\0';
	return out;
}

void generate_address(struct dice *d, const char *place, char *out, size_t cap)
{
	static const char *const chome[] = {"一丁目", "二丁目", "三丁目", "四丁目", "五丁目", ""};
	const char *town = towns[dice_below(d, COUNT(towns))], *block = chome[dice_below(d, 6)];
	char number[40], part[40], room[40];

	generate_digits(1 + dice_below(d, 2400), number);
	generate_digits(1 + dice_below(d, 30), part);
	generate_digits(101 + dice_below(d, 9) * 100 + dice_below(d, 12), room);
	if (dice_chance(d, 2))
		snprintf(out, cap,
			 "%s%s%s%s番地の%s　都営見本台第二住宅団地・管理棟併設・南ブロック"
			 "１２号棟（旧・試験町公務員宿舎跡地再開発街区）%s号室　見本方",
			 place, town, block, number, part, room);
	else if (dice_chance(d, 35))
		snprintf(out, cap, "%s%s%s%s番%s号　%s%s", place, town, block, number, part,
			 houses[dice_below(d, COUNT(houses))], room);
	else
		snprintf(out, cap, "%s%s%s%s番地の%s", place, town, block, number, part);
}

const char *generate_elsewhere(struct dice *d)
{
	return elsewhere[dice_below(d, COUNT(elsewhere))];
}
