/* SPDX-License-Identifier: Apache-2.0 */
/* applications.h — forms and applications that the tests here share. */
#ifndef TEST_APPLICATIONS_H
#define TEST_APPLICATIONS_H

#include <string.h>

#include <cardflow/apply.h>

#include "made_document.h"
#include "test.h"

#define FORM                                                                                            \
	"{\"form\": 1, \"id\": \"jido-1\", \"title\": \"児童手当\", \"procedure\": \"jido-teate\"," \
	" \"receiver\": \"市長\", \"service\": \"児童手当\", \"consent\": \"同意します\","   \
	" \"number\": true, \"attributes\": [\"name\", \"birth\"],"                                     \
	" \"fields\": [{\"name\": \"child\", \"label\": \"児童\", \"required\": true, \"max\": 5},"   \
	" {\"name\": \"note\", \"label\": \"備考\", \"required\": false, \"max\": 50}]}"

/* card-spec 9.1: the published example's check digit is right. */
#define NUMBER "537686677188"

static inline struct card_bytes bytes(const char *text)
{
	return card_bytes(text, strlen(text));
}

static inline flow_form_t *form_of(const char *json)
{
	struct flow_apply_problem p = {"", ""};
	flow_form_t *f = NULL;

	assert_int_equal(flow_form_read(&f, bytes(json), &p), CARD_OK);
	return f;
}

/* A complete application; child is what was typed. */
static inline flow_application_t *filled(const flow_form_t *form, const flow_application_t *before,
					 const char *child)
{
	flow_application_t *a = NULL;

	assert_int_equal(flow_application_new(&a, form, before), CARD_OK);
	assert_int_equal(flow_application_set(a, "child", child), CARD_OK);
	assert_int_equal(flow_application_set_attribute(a, "name", "番号 花子"), CARD_OK);
	assert_int_equal(flow_application_set_attribute(a, "birth", "1980-02-17"), CARD_OK);
	assert_int_equal(flow_application_set_number(a, NUMBER), CARD_OK);
	return a;
}

#endif
