/* SPDX-License-Identifier: Apache-2.0 */
/* certificate.h — what stands on each kind of certificate. */
#ifndef CERTIFICATE_H
#define CERTIFICATE_H

#include "form.h"
#include "snapshot.h"

#define CERTIFICATE_OMITTED "省略"

struct certificate {
	const struct snapshot *s;
	const struct flow_certificate_options *options;
	const struct flow_issuing_office *office;
	struct form *form;
};

void certificate_resident(struct certificate *c, bool copy); /* 住民票の写し, 記載事項証明書 */
void certificate_seal(struct certificate *c);
void certificate_income(struct certificate *c);
void certificate_payment(struct certificate *c);
void certificate_register(struct certificate *c);
void certificate_fuhyo(struct certificate *c);

/* ---- values as they are written ---- */

#define CERTIFICATE_DAY 96

/* "昭和55年2月17日（1980年）"; western: "1980年2月17日"; "" for "". A part that is not known reads
 * 月日不詳 or 日不詳. */
void certificate_day(const char *value, bool western, char out[CERTIFICATE_DAY]);

/* "令和8年度（2026年度）". */
void certificate_year(const char *value, char out[CERTIFICATE_DAY]);

/* 1234567 as "1,234,567 円". */
void certificate_yen(const char *value, char out[40]);

/* 男, 女, 空欄. */
const char *certificate_sex(const char *value);

bool certificate_is_foreign(const struct record_row *person);

#endif
