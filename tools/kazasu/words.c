/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include <stdlib.h>
#include <string.h>

#include "output.h"

#include <cardflow/attribute.h>

const char *kz_word_sex(char code)
{
	switch (code) {
	case '1':
		return _("male");
	case '2':
		return _("female");
	case '9':
		return _("not applicable");
	default:
		return _("not known");
	}
}

const char *kz_word_check(enum card_check check)
{
	switch (check) {
	case CARD_CHECK_PASS:
		return _("pass");
	case CARD_CHECK_FAIL:
		return _("FAIL");
	case CARD_CHECK_UNDETERMINED:
		return _("undetermined");
	default:
		return _("not checked");
	}
}

const char *kz_word_verdict(enum card_verdict verdict)
{
	switch (verdict) {
	case CARD_VERDICT_VALID:
		return _("VALID");
	case CARD_VERDICT_INVALID:
		return _("INVALID");
	default:
		return _("UNDETERMINED");
	}
}

void kz_attributes_json(json_t *object, const struct card_text_attributes *a)
{
	char birth[11], sex[2] = {a->sex, '\0'};

	card_date_format(a->birth, birth);
	json_object_set_new(object, "name", json_stringn((const char *)a->name.p, a->name.n));
	json_object_set_new(object, "address",
			    json_stringn((const char *)a->address.p, a->address.n));
	json_object_set_new(object, "birth", *birth != '\0' ? json_string(birth) : json_null());
	json_object_set_new(object, "sex",
			    a->sex > ' ' && a->sex < 0x7F ? json_string(sex) : json_null());
}

static void say_bytes(const struct kz *kz, const char *label, struct card_bytes text)
{
	char *clean = kz_printable((const char *)text.p, text.n);

	kz_say_pair(kz, label, "%s", clean != NULL ? clean : "");
	if (clean != NULL)
		card_wipe(clean, strlen(clean));
	free(clean);
}

void kz_attributes_say_some(const struct kz *kz, const struct card_text_attributes *a, unsigned set)
{
	char birth[11], era[64] = "";

	card_date_format(a->birth, birth);
	(void)card_date_format_era(a->birth, era, sizeof era);
	if ((set & FLOW_ATTR_NAME) != 0)
		say_bytes(kz, _("name"), a->name);
	if ((set & FLOW_ATTR_ADDRESS) != 0)
		say_bytes(kz, _("address"), a->address);
	if ((set & FLOW_ATTR_BIRTH_DATE) != 0)
		kz_say_pair(kz, _("date of birth"), "%s%s%s%s", birth, *era != '\0' ? " (" : "",
			    era, *era != '\0' ? ")" : "");
	if ((set & FLOW_ATTR_SEX) != 0)
		kz_say_pair(kz, _("sex"), "%s", kz_word_sex(a->sex));
}

void kz_attributes_say(const struct kz *kz, const struct card_text_attributes *a)
{
	kz_attributes_say_some(kz, a, FLOW_ATTR_CARD);
}

enum card_check kz_authentic(const struct card_authenticity *a)
{
	return card_check_and(a->chain, a->record);
}

json_t *kz_check_json(enum card_check check)
{
	switch (check) {
	case CARD_CHECK_PASS:
		return json_true();
	case CARD_CHECK_FAIL:
		return json_false();
	default:
		return json_null();
	}
}
