/* SPDX-License-Identifier: Apache-2.0 */
#include "procedures.h"

#include <string.h>

/*
 * rules R1-10 (any other business: attributes only), R3-13 (every read names its basis), R7-03 and
 * R7-04 (social security, tax, disaster), 8.2 (when the number may be handled).
 */
static const struct kz_procedure procedures[] = {
	{"jido-teate", "児童手当の認定請求", N_("child allowance"), "番号法別表第一", "R7-03"},
	{"kokuho", "国民健康保険の資格取得届", N_("national health insurance"), "番号法別表第一",
	 "R7-03"},
	{"kaigo", "介護保険の要介護認定申請", N_("long-term care insurance"), "番号法別表第一",
	 "R7-03"},
	{"zei", "税の申告", N_("tax return"), "番号法別表第一", "R7-04"},
	{"tennyu", "転入届", N_("moving in"), "住民基本台帳法第22条", "R7-03"},
	{"koyo", "給与所得者の扶養控除等申告（個人番号関係事務）", N_("employer's tax duties"),
	 "個人番号関係事務", "R3-13"},
	{"kofu", "個人番号カードの交付", N_("delivery of the card"), NULL, "R1-10"},
	{"inkan", "印鑑登録", N_("seal registration"), NULL, "R1-10"},
	{"koza", "口座開設の本人確認", N_("opening an account"), NULL, "R1-10"},
	{"keitai", "携帯電話契約の本人確認", N_("mobile phone contract"), NULL, "R1-10"},
	{"honnin", "来庁者の本人確認", N_("identity check only"), NULL, "R1-10"},
	{NULL, NULL, NULL, NULL, NULL},
};

const struct kz_procedure *kz_procedures(void)
{
	return procedures;
}

const struct kz_procedure *kz_procedure_find(const char *id)
{
	for (const struct kz_procedure *p = procedures; p->id != NULL; p++) {
		if (strcmp(p->id, id) == 0)
			return p;
	}
	return NULL;
}
