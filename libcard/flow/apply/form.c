/* SPDX-License-Identifier: Apache-2.0 */
#include "form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const texts[] = {"id", "title", "procedure", "receiver", "service", "consent"};
static const char *const attributes[] = {"name", "address", "birth", "sex"};

enum card_error apply_problem(struct flow_apply_problem *p, const char *code, const char *field)
{
	if (p != NULL) {
		p->code = code;
		snprintf(p->field, sizeof p->field, "%.63s", field != NULL ? field : "");
	}
	return CARD_ERR_MALFORMED;
}

enum card_error apply_digest(struct card_bytes b, char out[65])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t d[CARD_HASH_MAX];
	const enum card_error err = card_hash_digest(CARD_HASH_SHA256, b, d);

	for (size_t i = 0; err == CARD_OK && i < 32; i++) {
		out[2 * i] = digits[d[i] >> 4];
		out[2 * i + 1] = digits[d[i] & 15];
	}
	out[64] = '\0';
	return err;
}

static bool in_list(const char *word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(word, list[i]) == 0)
			return true;
	}
	return false;
}

const json_t *form_field(const flow_form_t *f, const char *name)
{
	const json_t *fields = json_object_get(f->json, "fields"), *field;
	size_t i;

	json_array_foreach(fields, i, field)
	{
		if (strcmp(json_string_value(json_object_get(field, "name")), name) == 0)
			return field;
	}
	return NULL;
}

/* A field that is typed has a name of its own: never that of something read from the card. */
static enum card_error check_field(const json_t *fields, size_t at, struct flow_apply_problem *p)
{
	json_t *f = json_array_get(fields, at);
	const char *name = json_string_value(json_object_get(f, "name"));
	const json_t *max = json_object_get(f, "max");
	const char *key;
	json_t *value;

	if (name == NULL || *name == '\0' || strlen(name) > 63 ||
	    json_string_value(json_object_get(f, "label")) == NULL)
		return apply_problem(p, "form_field", name);
	if (in_list(name, attributes, 4) || strcmp(name, "number") == 0)
		return apply_problem(p, "form_field_from_card", name);
	if (max == NULL || !json_is_integer(max) || json_integer_value(max) < 1 ||
	    json_integer_value(max) > 10000 || !json_is_boolean(json_object_get(f, "required")))
		return apply_problem(p, "form_field", name);
	json_object_foreach(f, key, value)
	{
		static const char *const known[] = {"name", "label", "max", "required"};

		if (!in_list(key, known, 4))
			return apply_problem(p, "form_member", key);
	}
	for (size_t i = 0; i < at; i++) {
		const json_t *other = json_array_get(fields, i);

		if (strcmp(json_string_value(json_object_get(other, "name")), name) == 0)
			return apply_problem(p, "form_field_twice", name);
	}
	return CARD_OK;
}

static enum card_error check_form(json_t *form, struct flow_apply_problem *p)
{
	static const char *const others[] = {"form", "number", "attributes", "fields"};
	const json_t *list = json_object_get(form, "attributes"), *item;
	const json_t *fields = json_object_get(form, "fields");
	enum card_error err = CARD_OK;
	const char *key;
	json_t *value;
	size_t i;

	if (!json_is_object(form) || json_integer_value(json_object_get(form, "form")) != 1)
		return apply_problem(p, "form_malformed", NULL);
	json_object_foreach(form, key, value)
	{
		if (!in_list(key, texts, 6) && !in_list(key, others, 4))
			return apply_problem(p, "form_member", key);
	}
	for (i = 0; i < 6; i++) {
		const char *t = json_string_value(json_object_get(form, texts[i]));

		if (t == NULL || *t == '\0' || (i < 3 && i != 1 && strlen(t) > 63))
			return apply_problem(p, "form_member_missing", texts[i]);
	}
	if (!json_is_boolean(json_object_get(form, "number")))
		return apply_problem(p, "form_member_missing", "number");
	if (!json_is_array(list) || !json_is_array(fields) || json_array_size(fields) > 200)
		return apply_problem(p, "form_member_missing", "attributes, fields");
	json_array_foreach(list, i, item)
	{
		if (!json_is_string(item) || !in_list(json_string_value(item), attributes, 4))
			return apply_problem(p, "form_attribute", json_string_value(item));
	}
	for (i = 0; err == CARD_OK && i < json_array_size(fields); i++)
		err = check_field(fields, i, p);
	return err;
}

enum card_error flow_form_read(flow_form_t **out, struct card_bytes json,
			       struct flow_apply_problem *problem)
{
	flow_form_t *f;
	json_t *j;
	enum card_error err;

	if (out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (json.n > 1024 * 1024)
		return CARD_ERR_TOO_LONG;
	j = json_loadb((const char *)json.p, json.n, JSON_REJECT_DUPLICATES, NULL);
	if (j == NULL)
		return apply_problem(problem, "form_malformed", NULL);
	err = check_form(j, problem);
	f = err == CARD_OK ? calloc(1, sizeof(*f)) : NULL;
	if (err == CARD_OK && f == NULL)
		err = CARD_ERR_NO_MEMORY;
	if (err == CARD_OK)
		err = apply_digest(json, f->digest);
	if (err != CARD_OK) {
		free(f);
		json_decref(j);
		return err;
	}
	f->json = j;
	*out = f;
	return CARD_OK;
}

void flow_form_free(flow_form_t **f)
{
	if (f == NULL || *f == NULL)
		return;
	json_decref((*f)->json);
	free(*f);
	*f = NULL;
}

const char *flow_form_text(const flow_form_t *f, const char *member)
{
	const char *t = f != NULL ? json_string_value(json_object_get(f->json, member)) : NULL;

	return t != NULL ? t : "";
}

bool flow_form_number(const flow_form_t *f)
{
	return f != NULL && json_is_true(json_object_get(f->json, "number"));
}

bool flow_form_attribute(const flow_form_t *f, const char *attribute)
{
	const json_t *list = f != NULL ? json_object_get(f->json, "attributes") : NULL, *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		if (strcmp(json_string_value(item), attribute) == 0)
			return true;
	}
	return false;
}
