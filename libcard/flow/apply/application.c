/* SPDX-License-Identifier: Apache-2.0 */
#include "form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <card/secret.h>
#include <card/text.h>

/* What of the form is signed with the application (R5-04). */
static const char *const shown[] = {"id", "title", "procedure", "receiver", "service", "consent"};

static json_t *form_part(const flow_form_t *f)
{
	json_t *part = json_object();

	for (size_t i = 0; i < 6; i++)
		json_object_set_new(part, shown[i], json_string(flow_form_text(f, shown[i])));
	json_object_set_new(part, "sha256", json_string(f->digest));
	return part;
}

static enum card_error random_id(char out[33])
{
	uint8_t r[16];

	if (RAND_bytes(r, (int)sizeof r) != 1)
		return CARD_ERR_CRYPTO;
	for (size_t i = 0; i < sizeof r; i++)
		snprintf(out + 2 * i, 3, "%02x", r[i]);
	return CARD_OK;
}

static enum card_error make(flow_application_t **out, const flow_form_t *form, json_t *json)
{
	flow_application_t *a = json != NULL ? calloc(1, sizeof(*a)) : NULL;

	if (a == NULL) {
		json_decref(json);
		return CARD_ERR_NO_MEMORY;
	}
	a->form = form;
	a->json = json;
	*out = a;
	return CARD_OK;
}

enum card_error flow_application_new(flow_application_t **out, const flow_form_t *form,
				     const flow_application_t *before)
{
	char id[33];
	unsigned version = 1;
	enum card_error err = CARD_OK;

	if (out == NULL || form == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (before != NULL) {
		snprintf(id, sizeof id, "%s", flow_application_id(before));
		version = flow_application_version(before) + 1;
	} else {
		err = random_id(id);
	}
	if (err != CARD_OK)
		return err;
	return make(out, form,
		    json_pack("{s:i, s:s, s:i, s:o, s:{}, s:{}, s:[]}", "application", 1, "id", id,
			      "version", (int)version, "form", form_part(form), "attributes",
			      "fields", "attachments"));
}

void flow_application_free(flow_application_t **a)
{
	if (a == NULL || *a == NULL)
		return;
	json_decref((*a)->json);
	free(*a);
	*a = NULL;
}

const char *flow_application_id(const flow_application_t *a)
{
	const char *id = a != NULL ? json_string_value(json_object_get(a->json, "id")) : NULL;

	return id != NULL ? id : "";
}

unsigned flow_application_version(const flow_application_t *a)
{
	return a != NULL ? (unsigned)json_integer_value(json_object_get(a->json, "version")) : 0;
}

/* ---- filling ---- */

/* Characters, not bytes. */
static size_t characters(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xC0u) != 0x80u;
	return n;
}

static enum card_error put(json_t *object, const char *key, const char *value)
{
	json_t *s = json_string(value);

	if (s == NULL)
		return CARD_ERR_MALFORMED; /* no UTF-8 */
	return json_object_set_new(object, key, s) == 0 ? CARD_OK : CARD_ERR_NO_MEMORY;
}

enum card_error flow_application_set(flow_application_t *a, const char *field, const char *value)
{
	const json_t *f;

	if (a == NULL || field == NULL || value == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	f = form_field(a->form, field);
	if (f == NULL)
		return CARD_ERR_NOT_FOUND;
	if (characters(value) > (size_t)json_integer_value(json_object_get(f, "max")))
		return CARD_ERR_TOO_LONG;
	return put(json_object_get(a->json, "fields"), field, value);
}

enum card_error flow_application_set_attribute(flow_application_t *a, const char *attribute,
					       const char *value)
{
	if (a == NULL || attribute == NULL || value == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (!flow_form_attribute(a->form, attribute))
		return CARD_ERR_DENIED;
	return put(json_object_get(a->json, "attributes"), attribute, value);
}

enum card_error flow_application_set_number(flow_application_t *a, const char *number)
{
	if (a == NULL || number == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (!flow_form_number(a->form))
		return CARD_ERR_DENIED;
	if (!card_number_valid(number))
		return CARD_ERR_MALFORMED;
	return put(a->json, "number", number);
}

static bool plain_name(const char *name)
{
	return *name != '\0' && *name != '.' && strlen(name) <= 255 && strpbrk(name, "/\\") == NULL;
}

enum card_error flow_application_attach(flow_application_t *a, const char *name,
					struct card_bytes content)
{
	char *text;
	json_t *item;

	if (a == NULL || name == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (!plain_name(name))
		return CARD_ERR_MALFORMED;
	if (content.n > FLOW_APPLICATION_MAX / 2)
		return CARD_ERR_TOO_LONG;
	text = malloc(content.n / 3 * 4 + 8);
	if (text == NULL)
		return CARD_ERR_NO_MEMORY;
	text[0] = '\0';
	if (content.n > 0)
		EVP_EncodeBlock((uint8_t *)text, content.p, (int)content.n);
	item = json_pack("{s:s, s:s}", "name", name, "content", text);
	free(text);
	if (item == NULL)
		return CARD_ERR_MALFORMED;
	return json_array_append_new(json_object_get(a->json, "attachments"), item) == 0
		       ? CARD_OK
		       : CARD_ERR_NO_MEMORY;
}

/* ---- checking ---- */

static enum card_error check_members(const flow_application_t *a, struct flow_apply_problem *p)
{
	static const char *const known[] = {"application", "id",     "version",     "form",
					    "attributes",  "fields", "attachments", "number"};
	const char *key;
	json_t *value;

	json_object_foreach(a->json, key, value)
	{
		bool found = false;

		for (size_t i = 0; i < 8; i++)
			found = found || strcmp(key, known[i]) == 0;
		if (!found)
			return apply_problem(p, "extra_member", key);
	}
	return CARD_OK;
}

static enum card_error check_values(const flow_application_t *a, struct flow_apply_problem *p)
{
	const json_t *number = json_object_get(a->json, "number"), *item;
	const char *key;
	json_t *value;
	size_t i;

	json_object_foreach(json_object_get(a->json, "fields"), key, value)
	{
		const json_t *f = form_field(a->form, key);

		if (f == NULL)
			return apply_problem(p, "extra_field", key);
		if (!json_is_string(value) ||
		    characters(json_string_value(value)) >
			    (size_t)json_integer_value(json_object_get(f, "max")))
			return apply_problem(p, "field_too_long", key);
	}
	json_object_foreach(json_object_get(a->json, "attributes"), key, value)
	{
		if (!flow_form_attribute(a->form, key) || !json_is_string(value))
			return apply_problem(p, "extra_field", key);
	}
	if (number != NULL && !flow_form_number(a->form))
		return apply_problem(p, "number_not_permitted", NULL);
	if (number != NULL &&
	    (!json_is_string(number) || !card_number_valid(json_string_value(number))))
		return apply_problem(p, "number_wrong", NULL);
	json_array_foreach(json_object_get(a->json, "attachments"), i, item)
	{
		const char *name = json_string_value(json_object_get(item, "name"));

		if (name == NULL || !plain_name(name) || json_object_size(item) != 2 ||
		    json_string_value(json_object_get(item, "content")) == NULL)
			return apply_problem(p, "attachment", name);
	}
	return CARD_OK;
}

static enum card_error check(const flow_application_t *a, struct flow_apply_problem *p)
{
	const json_t *version = json_object_get(a->json, "version");
	json_t *want = form_part(a->form);
	const char *id = flow_application_id(a);
	const bool same = want != NULL && json_equal(want, json_object_get(a->json, "form"));
	enum card_error err;

	json_decref(want);
	if (json_integer_value(json_object_get(a->json, "application")) != 1 || strlen(id) != 32 ||
	    strspn(id, "0123456789abcdef") != 32 || !json_is_integer(version) ||
	    json_integer_value(version) < 1 || json_integer_value(version) > 9999 ||
	    !json_is_object(json_object_get(a->json, "fields")) ||
	    !json_is_object(json_object_get(a->json, "attributes")) ||
	    !json_is_array(json_object_get(a->json, "attachments")))
		return apply_problem(p, "application_malformed", NULL);
	if (!same)
		return apply_problem(p, "other_form", NULL);
	err = check_members(a, p);
	return err == CARD_OK ? check_values(a, p) : err;
}

enum card_error flow_application_read(flow_application_t **out, const flow_form_t *form,
				      struct card_bytes text, struct flow_apply_problem *problem)
{
	enum card_error err = CARD_OK;
	json_t *j = NULL;

	if (out == NULL || form == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (text.n > FLOW_APPLICATION_MAX)
		return CARD_ERR_TOO_LONG;
	if (flow_format_of(text) == FLOW_FORMAT_XML)
		err = application_of_xml(text, &j);
	else
		j = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
	if (err == CARD_ERR_NO_MEMORY)
		return err;
	if (!json_is_object(j)) {
		json_decref(j);
		return apply_problem(problem, "application_malformed", NULL);
	}
	err = make(out, form, j);
	if (err == CARD_OK)
		err = check(*out, problem);
	if (err == CARD_ERR_MALFORMED)
		flow_application_free(out);
	return err;
}

enum card_error flow_application_complete(const flow_application_t *a, struct flow_apply_problem *p)
{
	const json_t *fields = a != NULL ? json_object_get(a->form->json, "fields") : NULL, *f;
	size_t i;

	if (a == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	json_array_foreach(fields, i, f)
	{
		const char *name = json_string_value(json_object_get(f, "name"));
		const char *value = json_string_value(
			json_object_get(json_object_get(a->json, "fields"), name));

		if (json_is_true(json_object_get(f, "required")) &&
		    (value == NULL || *value == '\0'))
			return apply_problem(p, "field_missing", name);
	}
	json_array_foreach(json_object_get(a->form->json, "attributes"), i, f)
	{
		if (json_object_get(json_object_get(a->json, "attributes"), json_string_value(f)) ==
		    NULL)
			return apply_problem(p, "attribute_missing", json_string_value(f));
	}
	if (flow_form_number(a->form) && json_object_get(a->json, "number") == NULL)
		return apply_problem(p, "number_missing", NULL);
	return CARD_OK;
}

enum card_error flow_application_write(const flow_application_t *a, card_buf_t *out)
{
	char *text;
	enum card_error err;

	if (a == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	text = json_dumps(a->json, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	if (text == NULL)
		return CARD_ERR_NO_MEMORY;
	err = strlen(text) > FLOW_APPLICATION_MAX
		      ? CARD_ERR_TOO_LONG
		      : card_buf_append(out, card_bytes(text, strlen(text)));
	card_wipe(text, strlen(text));
	free(text);
	return err;
}
