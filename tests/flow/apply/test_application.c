/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves: a form says what an application may hold and nothing else gets in, at either end
 * (R5-03…R5-06); JSON and XML hold the same.
 */
#include "applications.h"

#include <stdlib.h>

static void form_refused(const char *json, const char *code)
{
	struct flow_apply_problem p = {"", ""};
	flow_form_t *f = NULL;

	assert_int_equal(flow_form_read(&f, bytes(json), &p), CARD_ERR_MALFORMED);
	assert_string_equal(p.code, code);
	assert_null(f);
}

/* FORM with one text in place of another. */
static void form_changed(const char *from, const char *to, const char *code)
{
	char json[2048];
	const char *at = strstr(FORM, from);

	assert_non_null(at);
	snprintf(json, sizeof json, "%.*s%s%s", (int)(at - FORM), FORM, to, at + strlen(from));
	form_refused(json, code);
}

static void a_form_is_held_to_its_definition(void **state)
{
	(void)state;
	form_refused("", "form_malformed");
	form_refused("[]", "form_malformed");
	form_refused("{\"form\": 1}", "form_member_missing");
	form_changed("\"form\": 1", "\"form\": 2", "form_malformed");
	form_changed("\"form\": 1", "\"form\": 1, \"form\": 1", "form_malformed");
	form_changed("\"form\": 1", "\"form\": 1, \"more\": 1", "form_member");
	form_changed("\"consent\": \"同意します\"", "\"consent\": \"\"", "form_member_missing");
	form_changed("\"number\": true", "\"number\": 1", "form_member_missing");
	form_changed("\"birth\"]", "\"blood\"]", "form_attribute");
	form_changed("\"name\": \"note\"", "\"name\": \"child\"", "form_field_twice");
	form_changed("\"name\": \"note\"", "\"name\": \"number\"", "form_field_from_card");
	form_changed("\"name\": \"note\"", "\"name\": \"address\"", "form_field_from_card");
	form_changed("\"max\": 50", "\"max\": 0", "form_field");
	form_changed("\"max\": 50", "\"max\": 50, \"type\": 1", "form_member");
}

static void what_the_card_holds_is_never_typed(void **state)
{
	flow_form_t *form = form_of(FORM);
	flow_application_t *a = NULL;

	(void)state;
	assert_int_equal(flow_application_new(&a, form, NULL), CARD_OK);
	assert_int_equal(flow_application_set(a, "number", NUMBER), CARD_ERR_NOT_FOUND);
	assert_int_equal(flow_application_set(a, "name", "x"), CARD_ERR_NOT_FOUND);
	assert_int_equal(flow_application_set(a, "child", "六文字もある"), CARD_ERR_TOO_LONG);
	assert_int_equal(flow_application_set(a, "child", "五文字まで"), CARD_OK);
	assert_int_equal(flow_application_set(a, "child", "\xFF"), CARD_ERR_MALFORMED);
	assert_int_equal(flow_application_set_attribute(a, "address", "x"), CARD_ERR_DENIED);
	assert_int_equal(flow_application_set_number(a, "537686677189"), CARD_ERR_MALFORMED);
	assert_int_equal(flow_application_attach(a, "../x", bytes("x")), CARD_ERR_MALFORMED);
	assert_int_equal(flow_application_attach(a, "", bytes("x")), CARD_ERR_MALFORMED);
	flow_application_free(&a);
	flow_form_free(&form);
}

static void a_form_without_the_number_takes_none(void **state)
{
	flow_form_t *form;
	flow_application_t *a = NULL;
	char json[2048];
	const char *at = strstr(FORM, "\"number\": true");

	(void)state;
	snprintf(json, sizeof json, "%.*s\"number\": false%s", (int)(at - FORM), FORM,
		 at + strlen("\"number\": true"));
	form = form_of(json);
	assert_int_equal(flow_application_new(&a, form, NULL), CARD_OK);
	assert_int_equal(flow_application_set_number(a, NUMBER), CARD_ERR_DENIED);
	flow_application_free(&a);
	flow_form_free(&form);
}

static void what_is_missing_is_named(void **state)
{
	flow_form_t *form = form_of(FORM);
	flow_application_t *a = NULL;
	struct flow_apply_problem p = {"", ""};

	(void)state;
	assert_int_equal(flow_application_new(&a, form, NULL), CARD_OK);
	assert_int_equal(flow_application_complete(a, &p), CARD_ERR_MALFORMED);
	assert_string_equal(p.code, "field_missing");
	assert_string_equal(p.field, "child");
	assert_int_equal(flow_application_set(a, "child", "x"), CARD_OK);
	assert_int_equal(flow_application_complete(a, &p), CARD_ERR_MALFORMED);
	assert_string_equal(p.code, "attribute_missing");
	flow_application_free(&a);
	a = filled(form, NULL, "x");
	assert_int_equal(flow_application_complete(a, &p), CARD_OK);
	flow_application_free(&a);
	flow_form_free(&form);
}

/* Written, with one text in place of another, and read back. */
static void read_changed(const flow_form_t *form, struct card_bytes text, const char *from,
			 const char *to, const char *code)
{
	struct flow_apply_problem p = {"", ""};
	flow_application_t *a = NULL;
	const char *at = memmem(text.p, text.n, from, strlen(from));
	card_buf_t changed = {0};
	size_t before;

	assert_non_null(at);
	before = (size_t)(at - (const char *)text.p);
	assert_int_equal(card_buf_append(&changed, card_bytes(text.p, before)), CARD_OK);
	assert_int_equal(card_buf_append(&changed, bytes(to)), CARD_OK);
	before += strlen(from);
	assert_int_equal(card_buf_append(&changed, card_bytes(text.p + before, text.n - before)),
			 CARD_OK);
	assert_int_equal(flow_application_read(&a, form, card_buf_bytes(&changed), &p),
			 CARD_ERR_MALFORMED);
	assert_string_equal(p.code, code);
	assert_null(a);
	card_buf_free(&changed);
}

static void what_is_read_back_is_of_the_form(void **state)
{
	flow_form_t *form = form_of(FORM);
	flow_application_t *a = filled(form, NULL, "子");
	card_buf_t json = {0};
	struct card_bytes t;

	(void)state;
	assert_int_equal(flow_application_write(a, &json), CARD_OK);
	t = card_buf_bytes(&json);
	read_changed(form, t, "\"child\": \"子\"", "\"child\": \"子\", \"more\": \"x\"",
		     "extra_field");
	read_changed(form, t, "\"birth\":", "\"sex\": \"1\", \"birth\":", "extra_field");
	read_changed(form, t, "\"application\": 1", "\"application\": 1, \"x\": 1", "extra_member");
	read_changed(form, t, "\"application\": 1", "\"application\": 2", "application_malformed");
	read_changed(form, t, "\"version\": 1", "\"version\": 0", "application_malformed");
	read_changed(form, t, "同意します", "同意しない", "other_form");
	read_changed(form, t, "\"child\": \"子\"", "\"child\": 1", "field_too_long");
	read_changed(form, t, NUMBER, "537686677189", "number_wrong");
	read_changed(form, t, "\"child\": \"子\"", "\"child\": \"子\", \"child\": \"親\"",
		     "application_malformed");
	card_buf_free(&json);
	flow_application_free(&a);
	flow_form_free(&form);
}

static void xml_holds_the_same(void **state)
{
	static const char odd[] = "<&\">]]>";
	flow_form_t *form = form_of(FORM);
	flow_application_t *a = filled(form, NULL, "子"), *back = NULL;
	struct flow_apply_problem p = {"", ""};
	card_buf_t json = {0}, xml = {0}, again = {0};

	(void)state;
	assert_int_equal(flow_application_set(a, "note", odd), CARD_OK);
	assert_int_equal(flow_application_attach(a, "証明.bin", card_bytes("\0\1\2", 3)), CARD_OK);
	assert_int_equal(flow_application_write(a, &json), CARD_OK);
	assert_int_equal(flow_application_write_xml(a, &xml), CARD_OK);
	assert_int_equal(flow_application_read(&back, form, card_buf_bytes(&xml), &p), CARD_OK);
	assert_string_equal(flow_application_id(back), flow_application_id(a));
	flow_application_free(&a);
	/* members may stand in another order; read from either they are the same XML */
	assert_int_equal(flow_application_read(&a, form, card_buf_bytes(&json), &p), CARD_OK);
	card_buf_clear(&xml);
	assert_int_equal(flow_application_write_xml(a, &xml), CARD_OK);
	assert_int_equal(flow_application_write_xml(back, &again), CARD_OK);
	assert_true(card_bytes_equal(card_buf_bytes(&xml), card_buf_bytes(&again)));
	flow_application_free(&a);
	flow_application_free(&back);
	card_buf_free(&json);
	card_buf_free(&xml);
	card_buf_free(&again);
	flow_form_free(&form);
}

static void xml_is_held_to_its_form(void **state)
{
	static const char bad[] = "application_malformed";
	flow_form_t *form = form_of(FORM);
	flow_application_t *a = filled(form, NULL, "子");
	card_buf_t xml = {0};
	struct card_bytes t;

	(void)state;
	assert_int_equal(flow_application_write_xml(a, &xml), CARD_OK);
	t = card_buf_bytes(&xml);
	read_changed(form, t, "<version>1<", "<version>01<", bad);
	read_changed(form, t, "<version>1<", "<version>99999<", bad);
	read_changed(form, t, "<version>1<", "<version a=\"b\">1<", bad);
	read_changed(form, t, "<version>1<", "<version>1</version><version>1<", bad);
	read_changed(form, t, "<version>1<", "<version><x/>1<", bad);
	read_changed(form, t, "<fields>", "<fields>text", bad);
	read_changed(form, t, "<fields>", "<fields><!-- c -->", bad);
	read_changed(form, t, "<fields>", "<fields xmlns=\"urn:other\">", bad);
	read_changed(form, t, "<fields>", "<fields><field name=\"more\">x</field>", "extra_field");
	read_changed(form, t, "<fields>", "<fields><field name=\"child\">x</field>", bad);
	read_changed(form, t, "<fields>", "<fields><field>x</field>", bad);
	read_changed(form, t, "<id>", "<sex>1</sex><id>", bad);
	read_changed(form, t, "</application>", "</application><application/>", bad);
	read_changed(form, t, "同意します", "同意しない", "other_form");
	read_changed(form, t, "<application", "<!DOCTYPE application><application", bad);
	read_changed(form, t, NUMBER, "537686677189", "number_wrong");
	card_buf_clear(&xml);
	assert_int_equal(flow_application_set(a, "note", "\x01"), CARD_OK);
	assert_int_equal(flow_application_write_xml(a, &xml), CARD_ERR_MALFORMED);
	card_buf_free(&xml);
	flow_application_free(&a);
	flow_form_free(&form);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_form_is_held_to_its_definition),
		cmocka_unit_test(what_the_card_holds_is_never_typed),
		cmocka_unit_test(a_form_without_the_number_takes_none),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(what_is_read_back_is_of_the_form),
		cmocka_unit_test(xml_holds_the_same),
		cmocka_unit_test(xml_is_held_to_its_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
