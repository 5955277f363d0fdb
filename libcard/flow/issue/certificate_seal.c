/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_seal.c — 印鑑登録証明書. */
#include "certificate.h"

#define LABEL 1.2
#define VALUE 6.0

static void one(struct form *f, double least, const char *label, enum form_look look,
		const char *value)
{
	form_row(f, least);
	form_cell(f, LABEL, FORM_LABEL, label);
	form_cell(f, VALUE, look, value);
}

void certificate_seal(struct certificate *c)
{
	const struct record_row *r = &c->s->persons.row[0];
	struct form *f = c->form;
	char birth[CERTIFICATE_DAY];

	certificate_day(record_get(r, "birth"), certificate_is_foreign(r), birth);
	f->title = "印鑑登録証明書";
	f->title_spacing = 8;
	f->picture = record_get(&c->s->image.row[0], "picture");
	form_group(f, NULL, 158); /* below the picture */
	one(f, 38, "氏名", FORM_NAME, record_get(r, "name"));
	if (*record_get(r, "former_name") != '\0')
		one(f, 26, "旧氏", FORM_VALUE, record_get(r, "former_name"));
	if (*record_get(r, "alias") != '\0')
		one(f, 26, "通称", FORM_VALUE, record_get(r, "alias"));
	one(f, 30, "生年月日", FORM_VALUE, birth);
	one(f, 38, "住所", FORM_VALUE, record_get(&c->s->household.row[0], "address"));
	form_text(f, &f->end, "以下余白");
	form_text(f, &f->sentence, "この写しは、登録されている印影と相違ないことを証明する。");
}
